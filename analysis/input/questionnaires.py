"""The questionnaires that answers are to: the shipped ones, and an office's own.

Owns where these are read: in a folder of files, or where the office published them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from analysis.errors import LayoutError
from analysis.input.opening import open_source
from analysis.input.sources import run
from questionnaires import Questionnaire, load_folder, shipped

_DATABASES: Final = ("sqlite", "postgresql", "postgres")
_ASKED: Final = ("questionnaire", "content")


def read_questionnaires(source: str | Path | None = None) -> dict[str, Questionnaire]:
    """Key -> questionnaire: the shipped ones, and an office's own of a folder or database URL.

    Of a database, what was published there; one that cannot be read is as good as unknown.
    """
    if source is None:
        return shipped()
    if isinstance(source, str) and "://" in source:
        return shipped() | _published(source)
    return shipped() | load_folder(Path(source))


def database_of(source: object) -> str | None:
    """The database among sources, as where its questionnaires are; None where it has none."""
    if not isinstance(source, str) or source.split(":")[0].split("+")[0] not in _DATABASES:
        return None
    try:
        open_source(source, "questionnaires", _ASKED).close()
    except LayoutError:
        return None
    return source


def _published(url: str) -> dict[str, Questionnaire]:
    opened = open_source(url, "questionnaires", _ASKED)
    found = {}
    try:
        for row in run(opened, opened.table.select("questionnaire", "content")):
            with suppress(ValidationError):
                found[row["questionnaire"]] = Questionnaire.model_validate_json(row["content"])
    finally:
        opened.close()
    return found
