"""Whose turn it is: a lock on a file, which the system takes back from a process that has ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_LOCKED_BYTE: Final = 1 << 30  # far behind the text: Windows lets nobody read a byte that is locked


@contextmanager
def turn(path: Path) -> Iterator[bool]:
    """Take the turn, which one holder has at a time; False where another one has it.

    The file says which process it is.
    """
    with open(path, "a+b", opener=private) as file:
        mine = locked(file)
        if mine:
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        yield mine


def is_taken(path: Path) -> bool:
    """Whether somebody has the turn."""
    with open(path, "a+b", opener=private) as file:
        return not locked(file)


def private(path: str, flags: int) -> int:
    """Open a file so that, where it is made, only this account may read it."""
    return os.open(path, flags, 0o600)


def locked(file: IO[bytes]) -> bool:
    """Lock an open file until it is closed; False where somebody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
