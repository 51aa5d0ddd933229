"""Folders that last a day, each found by a random id: of a file that was sent, or one that is made.

Owns where such a folder lies and when its day is over. Knows nothing of what is in it.
"""

from __future__ import annotations

import re
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from survey.files import make_folder

LIFETIME: Final = 24 * 3600  # seconds
_ID: Final = re.compile(r"[0-9a-f]{32}")


def new_folder(place: Path) -> Path:
    """Make a private folder under a new id; `place` holds those of its kind."""
    make_folder(place)
    folder = place / secrets.token_hex(16)
    make_folder(folder)
    return folder


def folder_of(place: Path, id_: str) -> Path | None:
    """Where the folder of an id lies; None for what is no id, which could lead elsewhere."""
    return place / id_ if _ID.fullmatch(id_) else None


def every_folder(place: Path) -> list[Path]:
    """The folders of a kind, none where there never was one."""
    with suppress(FileNotFoundError):
        return list(place.iterdir())
    return []


def is_over(began: float) -> bool:
    """Whether the day is over since a moment (Unix time), or the clock was set back a day."""
    return not -LIFETIME < time.time() - began < LIFETIME
