"""Reports that are kept: numbered, whole, with the hash of every file, for as long as the office.

Each is a folder of the data folder, `reports/OFFICE/PERIOD/LANG-NUMBER`, written whole or not at
all and never changed: the files as they were sent, and `revision.json`. A backup has them all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from survey.errors import HailongError
from survey.files import make_folder, write_whole
from survey.told import sentence
from survey.turns import turn

FOLDER: Final = "reports"
_NAME: Final = "revision.json"
SHOWN: Final = 12
"""Digits of a hash that people compare."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A kept report. `content`: hash of its figures and words; `files`: suffix -> hash of the file.

    `made_on`: the day it was kept, ISO. `why`: the reason of one that takes another's place;
    `changes` what differs from it, in the report's language. `seal`: short code of the day's seal.
    """

    office: str
    period: str
    lang: str
    number: int
    content: str
    made_on: str
    why: str
    changes: tuple[str, ...]
    seal: str | None
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The content's hash as it is printed."""
        return self.content[:SHOWN]


def file_of(data: Path, revision: Revision, suffix: str) -> bytes:
    """The file of a kept report as it was sent. Raises HailongError where it is no longer that."""
    path = _folder(data, revision.office, revision.period) / _inside(revision) / f"report.{suffix}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _damaged(path, error.strerror or error) from error
    if sha256(content).hexdigest() != revision.files[suffix]:
        raise _damaged(path, "sha256")
    return content


def list_revisions(data: Path) -> list[Revision]:
    """Every kept report, the newest period first, its newest revision first."""
    # What is half written has a name that begins with a dot.
    found = [_read(file) for file in (data / FOLDER).glob(f"*/*/[!.]*/{_NAME}")]
    return sorted(
        found, key=lambda one: (one.period, one.office, one.lang, one.number), reverse=True
    )


def find_revision(
    data: Path, office: str, period: str, lang: str, number: int | None = None
) -> Revision | None:
    """A kept report of this office, period and language: of a number, or the newest."""
    found = [_read(file) for file in _folder(data, office, period).glob(f"{lang}-*/{_NAME}")]
    return max(
        (one for one in found if number in (None, one.number)),
        key=lambda one: one.number,
        default=None,
    )


@contextmanager
def keeping(data: Path) -> Iterator[None]:
    """Number and keep one report at a time. Raises HailongError where another one is being kept."""
    make_folder(data / FOLDER)
    with turn(data / FOLDER / "turn") as mine:
        if not mine:
            raise HailongError(sentence("report.busy"))
        yield


def keep(data: Path, revision: Revision, files: Mapping[str, bytes]) -> Revision:
    """Keep the files of a report, by their suffixes, and return it with hashes; in `keeping`."""
    hashes = {suffix: sha256(content).hexdigest() for suffix, content in files.items()}
    revision = replace(revision, files=hashes)
    place = _folder(data, revision.office, revision.period)
    make_folder(place)
    part = place / f".{_inside(revision)}.part"
    shutil.rmtree(part, ignore_errors=True)  # what a process that was killed left behind
    make_folder(part)
    for suffix, content in files.items():
        write_whole(part / f"report.{suffix}", content)
    write_whole(part / _NAME, json.dumps(asdict(revision), ensure_ascii=False, indent=1) + "\n")
    os.rename(part, place / _inside(revision))  # noqa: PTH104  fails where it is there already
    return revision


def _folder(data: Path, office: str, period: str) -> Path:
    return data / FOLDER / office / period


def _inside(revision: Revision) -> str:
    return f"{revision.lang}-{revision.number:03d}"


def _read(file: Path) -> Revision:
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return Revision(**{**found, "changes": tuple(found["changes"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(file, error) from error


def _damaged(path: Path, why: object) -> HailongError:
    return HailongError(sentence("report.damaged", file=path, why=why))
