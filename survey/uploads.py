"""Files that staff sent, kept for the steps of one task: private, one for an account, a day long.

Owns where they lie and when they go, and what they are called. Knows nothing of what is in them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from survey.day_folders import every_folder, folder_of, is_over, new_folder
from survey.files import whole, write_whole

FOLDER: Final = "uploads"
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of one account. ``id`` is random, and all that an address tells of it."""

    folder: Path
    owner: str
    name: str

    @property
    def id(self) -> str:
        """What finds it again."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.folder / "file"

    def content(self) -> bytes:
        """The file as it was sent."""
        return self.path.read_bytes()

    def note(self, what: str, value: Any) -> None:
        """Keep a JSON value beside the file, whole or not at all."""
        write_whole(self.folder / f"{what}.json", json.dumps(value))

    def noted(self, what: str) -> Any:
        """Return what was kept under this name."""
        return json.loads((self.folder / f"{what}.json").read_text(encoding="utf-8"))

    def remove(self) -> None:
        """Delete the file and everything beside it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def removed_on_failure(self) -> Iterator[None]:
        """Delete the file where the block ends with an error: what cannot be read is not kept."""
        try:
            yield
        except BaseException:
            self.remove()
            raise


def sent_name(given: str | None) -> str:
    """The name of a sent file alone, as people read it: no folder, nothing that cannot be seen."""
    name = re.split(r"[/\\]", given or "")[-1]
    return "".join(filter(str.isprintable, name)).strip()[-LONGEST_NAME:]


def add_upload(data: Path, owner: str, name: str, content: IO[bytes]) -> Upload:
    """Keep a file; what the same account sent before, and what is old, goes."""
    sweep(data)
    for other in _all(data):
        if other.owner == owner:
            other.remove()
    folder = new_folder(data / FOLDER)
    with whole(folder / "file") as part, part.open("wb") as file:
        shutil.copyfileobj(content, file)
    upload = Upload(folder, owner, name)
    upload.note("about", {"owner": owner, "name": name})
    return upload


def find_upload(data: Path, owner: str, id_: str) -> Upload | None:
    """Return a file of this account; None where it is gone, old, or somebody else's."""
    folder = folder_of(data / FOLDER, id_)
    found = None if folder is None else _read(folder)
    if found is None or found.owner != owner or _is_old(found.folder):
        return None
    return found


def waiting_upload(data: Path, owner: str, what: str) -> Upload | None:
    """Return the file of this account that waits for a task: of which something was noted."""
    for found in _all(data):
        if found.owner == owner and not _is_old(found.folder):
            return found if (found.folder / f"{what}.json").exists() else None
    return None


def sweep(data: Path) -> None:
    """Delete what is older than a day, or was never finished."""
    for folder in every_folder(data / FOLDER):
        if _is_old(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    """By the disk's own times, of the file or, where there is none yet, of its folder."""
    try:
        made = (folder / "file").stat().st_mtime
    except FileNotFoundError:
        made = folder.stat().st_mtime if folder.exists() else 0.0
    return is_over(made)


def _all(data: Path) -> Iterator[Upload]:
    for folder in every_folder(data / FOLDER):
        found = _read(folder)
        if found is not None:
            yield found


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except OSError:
        return None
    return Upload(folder, about["owner"], about["name"])
