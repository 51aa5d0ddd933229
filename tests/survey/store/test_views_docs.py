"""docs/data-layouts.md explains every view of an office's database, column by column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from survey.store.views import VIEWS

TEXT = (Path(__file__).parents[3] / "docs" / "data-layouts.md").read_text(encoding="utf-8")
COLUMNS = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.M)


@pytest.mark.sqlite_is_enough
def test_every_view_and_its_columns_are_explained(engine):
    names = {view: [c["name"] for c in inspect(engine).get_columns(view)] for view in VIEWS}
    assert set(inspect(engine).get_view_names()) == set(VIEWS)
    for view in ("questionnaires", "choices", "purged"):
        part = TEXT.partition(f"### `{view}`")[2].partition("\n#")[0]
        explained = re.findall(r"`(\w+)`", " ".join(COLUMNS.findall(part)))
        assert explained == names[view]
