"""Backup files that somebody put into the data folder, as they are too large for a browser.

Owns the folder and which of its files are offered. Knows nothing of what is in them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Final

from survey.encryption import SUFFIX

FOLDER: Final = "restore"
_ENDS: Final = (".zip", SUFFIX)
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that lies in the folder; it is somebody's own and stays there. `size`: in bytes."""

    path: Path
    size: int
    day: date

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name

    def remove(self) -> None:
        """Nothing: who put it there keeps it."""


def placed_files(data: Path, zone: tzinfo) -> list[Placed]:
    """The backup files in the folder, the newest first."""
    found = []
    with suppress(FileNotFoundError):
        for path in (data / FOLDER).iterdir():
            with suppress(OSError):  # gone meanwhile, or on a disk that is
                facts = path.stat()
                if path.is_file() and path.name.endswith(_ENDS):
                    changed = datetime.fromtimestamp(facts.st_mtime, zone)
                    found.append((facts.st_mtime, Placed(path, facts.st_size, changed.date())))
    return [one for _, one in sorted(found, key=lambda each: each[0], reverse=True)][:MOST]
