"""`hailong questionnaire`: what is installed, what is to be checked, what is wrong with a file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from questionnaires import shipped
from survey.commands.init import prepare_database
from survey.commands.questionnaire import command
from survey.config import load_config
from survey.errors import ConfigError, HailongError, StoreError


def run(*arguments: object) -> Result:
    listed = list(map(str, arguments))
    return CliRunner().invoke(command, listed, catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def desk() -> str:
    return (files("questionnaires") / "data" / "desk.v1.toml").read_text(encoding="utf-8")


def test_every_version_is_listed_with_how_much_is_to_be_checked(data_folder: Path) -> None:
    shown = run("list", "--data", data_folder).stdout
    for key, questionnaire in shipped().items():
        assert f"{key}\t{questionnaire.title.vi}\n" in shown
        if questionnaire.unverified:
            to_check, all_ = len(questionnaire.unverified), len(questionnaire.wordings)
            assert f"  {to_check} of {all_} wordings to be checked against the decision" in shown
    assert "to be checked: " not in shown


def test_the_wordings_to_be_checked_are_shown_with_their_sources(data_folder: Path) -> None:
    shown = run("list", "--wordings", "--data", data_folder).stdout
    for questionnaire in shipped().values():
        for wording in questionnaire.unverified:
            assert f"{wording.place} ({wording.source.trust}): {wording.text.vi}" in shown
            assert wording.source.text in shown


def test_what_was_checked_is_kept_by_the_command_and_listed_no_more(data_folder: Path) -> None:
    prepare_database(load_config(data_folder), None)
    place = "element 'access'"
    shown = run("checked", "desk@2", "--place", place, "--data", data_folder).stdout
    assert shown == "desk@2: 1 wordings are kept as checked; 9 left\n"
    listed = run("list", "--wordings", "--data", data_folder).stdout
    assert "9 of 27 wordings to be checked" in listed
    again = run("checked", "desk@2", "--again", "--data", data_folder).stdout
    assert again == "desk@2: 1 wordings are to be checked again; 10 left\n"
    with pytest.raises(StoreError, match=r"no questionnaire 'none@9'; use one of: .*desk@2"):
        run("checked", "none@9", "--data", data_folder)


def test_the_offices_own_questionnaires_are_listed_too(data_folder: Path, desk: str) -> None:
    own = desk.replace("version = 1", "version = 9", 1)
    (data_folder / "questionnaires" / "desk.v9.toml").write_text(own, encoding="utf-8")
    assert "desk@9\t" in run("list", "--data", data_folder).stdout


def test_a_broken_one_of_the_office_is_refused_with_its_problems(data_folder: Path) -> None:
    (data_folder / "questionnaires" / "desk.v9.toml").write_text("id = 5", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"desk\.v9\.toml, top of the file: "):
        run("list", "--data", data_folder)


def test_a_right_file_is_told_so(tmp_path: Path, desk: str) -> None:
    file = tmp_path / "desk.v1.toml"
    file.write_text(desk, encoding="utf-8")
    assert run("check", file).stdout.endswith("desk.v1.toml: nothing is wrong with it\n")


def test_everything_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "desk.v1.toml"
    file.write_text('id = "x"', encoding="utf-8")
    with pytest.raises(HailongError, match="version is missing") as caught:
        run("check", file)
    assert len(str(caught.value).splitlines()) > 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HailongError, match=r"none\.toml: no such file or directory"):
        run("check", tmp_path / "none.toml")
