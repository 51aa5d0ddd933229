"""The questionnaire versions of an installation."""

from __future__ import annotations

from importlib.resources import files

import pytest

from questionnaires import shipped
from survey.config import load_config
from survey.errors import ConfigError
from survey.places import installed_questionnaires


def shipped_text() -> str:
    return (files("questionnaires") / "data" / "desk.v1.toml").read_text(encoding="utf-8")


def test_the_shipped_versions_are_there(data_folder):
    assert installed_questionnaires(load_config(data_folder, environ={})) == dict(shipped())


def test_an_office_adds_a_version_of_its_own(data_folder):
    own = shipped_text().replace("version = 1", "version = 9", 1)
    (data_folder / "questionnaires" / "desk.v9.toml").write_text(own, encoding="utf-8")
    assert "desk@9" in installed_questionnaires(load_config(data_folder, environ={}))


def test_a_shipped_version_cannot_be_replaced_by_another_wording(data_folder):
    changed = shipped_text().replace("Gửi", "Gởi").replace("Phải chờ lâu", "Chờ rất lâu")
    (data_folder / "questionnaires" / "desk.v1.toml").write_text(changed, encoding="utf-8")
    with pytest.raises(ConfigError, match="desk@1 is a shipped questionnaire"):
        installed_questionnaires(load_config(data_folder, environ={}))
