"""Files that are there whole or not at all, and for one account of the machine alone.

Owns the hidden file beside that takes the place of the real one, and the modes: folders 0700, files
0600. Windows has no such modes: there the data folder belongs into the user's own folder.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PAUSES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.6)  # seconds, two in all


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the name of a hidden file to write; when that is done, it becomes ``path`` at once.

    A reader sees the old file or the new one, and so it is after a power cut. What a command that
    was killed left behind is removed. The folder must be there: a mistyped one is not made.
    """
    for left in path.parent.glob(f".{path.name}.*.part"):
        with suppress(PermissionError):  # Windows removes no file that another process has open
            left.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))  # for this account alone
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        put_in_place(part, path)
        _keep_name(path.parent)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Let a file take the place of another at once.

    Windows refuses that while somebody reads the old one (another thread, a virus scanner, a backup
    of the disk): it is tried again for two seconds. Raises OSError.
    """
    for pause in _PAUSES if sys.platform == "win32" else ():
        try:
            part.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    part.replace(path)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file at once or not at all; text in UTF-8, its line ends as they are."""
    with whole(path) as part:
        part.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def _keep_name(folder: Path) -> None:
    """Make the new name durable; Windows has no way to, and needs none."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def age_of(file: Path) -> float:
    """Seconds since a file was written. Raises FileNotFoundError.

    Dated ahead by a clock that was set back since, it is as old as it is far ahead: it is neither
    taken to be new for ever nor thrown away for a second.
    """
    return abs(time.time() - file.stat().st_mtime)


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
