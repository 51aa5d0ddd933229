"""Files that are written whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from analysis.errors import Problem, Refusal, said


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file at once; Refusal where it cannot be written, the old one is then kept."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        what, remedy = said("asked.unwritable", why=error.strerror), said("asked.another_folder")
        raise Refusal([Problem(str(file), said("place.file"), what, remedy)]) from error
