"""Keeps what is stored from other accounts of the machine: folders 0700, files 0600.

Windows has no such modes: there the data folder belongs into the user's own folder.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Final

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LISTED: Final = 5


def make_folder(folder: Path) -> None:
    """Make a folder that only this account may look into; one that is there is closed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def make_private(folder: Path) -> None:
    """Close a folder and everything in it to other accounts; links to elsewhere are left alone."""
    if sys.platform == "win32":
        return
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~_OTHERS)


def open_to_others(folder: Path) -> list[Path]:
    """Return what other accounts may read or change: the folder, or the first few things in it."""
    if sys.platform == "win32":
        return []
    paths = (path for path in (folder, *folder.rglob("*")) if not path.is_symlink())
    return [path for path in paths if path.stat().st_mode & _OTHERS][:_LISTED]
