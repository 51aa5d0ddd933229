"""The emergency sheet: the key of the backups on paper, with where they are and what to do.

A4 as PDF. What it says stands in `data/emergency/`; page and command print the same. Nothing of it
is kept: whoever loses it makes another one.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from questionnaires.toml import read_toml
from survey.encryption import Key
from survey.errors import BackupError
from survey.qr import qr_svg
from survey.told import sentence
from survey.typeset import NotTypeset, typeset

LAYOUT: Final = Path(__file__).parent / "data" / "emergency"


def render_emergency_sheet(key: Key, office: str, folder: Path, day: date) -> bytes:
    """Return the sheet as PDF. `folder`: where the server puts its backups.

    Raises BackupError where a name holds letters that the printed font does not have.
    """
    data = {
        "office": office,
        "number": key.number,
        "day": f"{day:%d/%m/%Y}",
        "groups": key.groups,
        "qr": qr_svg(key.identity),
        "folder": str(folder),
        "words": {name: texts for name, texts in _words().items() if name != "step"},
        "steps": _words()["step"],
    }
    try:
        return typeset(LAYOUT / "sheet.typ", "sheet", data, day)
    except NotTypeset as error:
        raise BackupError(sentence("key.not_printed", why=str(error))) from error


@cache
def _words() -> dict[str, Any]:
    return read_toml((LAYOUT / "words.toml").read_bytes())
