"""Files that staff sent, kept for the steps of one task: private, one for an account, a day long.

Owns where they lie and when they go, and what they are called. Knows nothing of what is in them.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from survey.files import make_folder, whole, write_whole

FOLDER: Final = "uploads"
LIFETIME: Final = 24 * 3600  # seconds
LONGEST_NAME: Final = 120
_ID: Final = re.compile(r"[0-9a-f]{32}")


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


def add_upload(data: Path, owner: str, name: str, content: bytes | IO[bytes]) -> Upload:
    """Keep a file; what the same account sent before, and what is old, goes."""
    sweep(data)
    for other in _all(data):
        if other.owner == owner:
            other.remove()
    make_folder(data / FOLDER)
    folder = data / FOLDER / secrets.token_hex(16)
    make_folder(folder)
    with whole(folder / "file") as part, part.open("wb") as file:
        shutil.copyfileobj(BytesIO(content) if isinstance(content, bytes) else content, file)
    upload = Upload(folder, owner, name)
    upload.note("about", {"owner": owner, "name": name})
    return upload


def find_upload(data: Path, owner: str, id_: str) -> Upload | None:
    """Return a file of this account; None where it is gone, old, or somebody else's."""
    if not _ID.fullmatch(id_):
        return None
    found = _read(data / FOLDER / id_)
    if found is None or found.owner != owner or _is_old(found.folder):
        return None
    return found


def sweep(data: Path) -> None:
    """Delete what is older than a day, or was never finished."""
    with suppress(FileNotFoundError):
        for folder in list((data / FOLDER).iterdir()):
            if _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    """By the clock of the disk's own times; a clock that was set back keeps nothing for ever."""
    try:
        made = (folder / "file").stat().st_mtime
    except FileNotFoundError:
        made = folder.stat().st_mtime if folder.exists() else 0.0
    return not -LIFETIME < time.time() - made < LIFETIME


def _all(data: Path) -> Iterator[Upload]:
    with suppress(FileNotFoundError):
        for folder in list((data / FOLDER).iterdir()):
            found = _read(folder)
            if found is not None:
                yield found


def _read(folder: Path) -> Upload | None:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except OSError:
        return None
    return Upload(folder, about["owner"], about["name"])
