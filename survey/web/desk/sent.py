"""A file that staff sent for a task of several pages: whose it is, and what was seen of it.

Owns what dossiers, past answers and re-checks do alike with a file that waits in `survey.uploads`.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask import request
from flask_login import current_user

from survey.uploads import Upload, add_upload, find_upload, sent_name, waiting_upload


def owner() -> str:
    """Whoever asks, as the owner of files."""
    return str(current_user.owner)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, under the name that people read."""

    name: str
    content: IO[bytes]


def sent_file() -> SentFile | None:
    """Return the file that was chosen in the field `file`; None where there is none."""
    file = request.files.get("file")
    name = sent_name(file.filename if file else None)
    return SentFile(name, file.stream) if file and name else None


def keep_sent(data: Path, file: SentFile) -> Upload:
    """Keep a file of whoever asks; what they sent before goes."""
    return add_upload(data, owner(), file.name, file.content)


def find_sent(data: Path, id_: str) -> Upload | None:
    """Return a file of whoever asks; None where it is gone, old, or somebody else's."""
    return find_upload(data, owner(), id_)


def waiting(data: Path, what: str) -> Upload | None:
    """Return the file of whoever asks that waits for a task; None where there is none."""
    return waiting_upload(data, owner(), what)


def noted_step(data: Path, id_: str) -> tuple[Upload, Any] | None:
    """Return a file of whoever asks with what was noted of it.

    None where it is gone, or another account's, or still being looked at.
    """
    upload = find_sent(data, id_)
    if upload is not None:
        with suppress(FileNotFoundError):
            return upload, upload.noted("step")
    return None


def drop_sent(data: Path, id_: str) -> None:
    """Delete a file of whoever asks; nothing where there is none."""
    upload = find_sent(data, id_)
    if upload is not None:
        upload.remove()


def seen_digest(shown: Any) -> str:
    """What a form of the page brings back: that it speaks of what was shown and no other."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]
