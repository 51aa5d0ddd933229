"""The shelf of computed figures: files of the data folder, for every process of the server.

Owns what is there, what is wanted, what failed, and whose turn it is to compute. Computes nothing.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, astuple, dataclass
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import Final, Literal

from survey.files import age_of, put_in_place
from survey.told import in_language, sentence
from survey.turns import is_taken, private, turn

FigureKind = Literal["chart.svg", "page.json", "verdicts.json"]
Form = Literal["page", "document"]
KINDS: Final[Mapping[Form, tuple[FigureKind, ...]]] = {
    "page": ("chart.svg", "page.json"),
    "document": ("verdicts.json",),
}

_KEPT: Final = 900  # files: some hundred pages with their charts, 30 MB at most
_TOLD_SECONDS: Final = 30  # how long a failure stands before it is tried again
_TRIES: Final = 2  # what ends the process that computes it twice is not begun a third time


@dataclass(frozen=True, slots=True)
class Wanted:
    """A results page or document of a period and an office, in a language, from one state of data.

    `code`: which version of the program is to compute it. `within`: the office whose own answers
    and those below it are all that it is made of; empty for every office. `published`: only what
    may be published is on it. `sector` and `channel`: the part of it that is shown; "all" for all.
    `form`: the page, or the verdict document of the office for a program.
    """

    period: str
    office: str
    lang: str
    state: str
    code: str
    within: str = ""
    published: bool = False
    sector: str = "all"
    channel: str = "all"
    form: Form = "page"

    @property
    def key(self) -> str:
        """The name of its files."""
        return sha256("\n".join(map(str, astuple(self))).encode()).hexdigest()[:32]


class Shelf:
    """What has been computed, in a folder that only this account may look into.

    A file is there whole or not at all. `KEY.page.json`, `KEY.verdicts.json` and the charts are
    results, `KEY.failed` is why there are none, `wanted/KEY` is asked for and not there yet.
    """

    def __init__(self, data: Path) -> None:
        """Take the data folder of the installation."""
        self._folder = data / "figures"
        self._wanted = self._folder / "wanted"

    def result(self, wanted: Wanted, kind: FigureKind) -> bytes | None:
        """What was computed, or None."""
        try:
            return self._file(wanted, kind).read_bytes()
        except FileNotFoundError:
            return None

    def failure(self, wanted: Wanted) -> str | None:
        """Why it could not be computed a moment ago; None where nobody tried or it is long ago."""
        file = self._file(wanted, "failed")
        try:
            if age_of(file) < _TOLD_SECONDS:
                return file.read_text(encoding="utf-8")
        except FileNotFoundError:
            pass
        return None

    def want(self, wanted: Wanted) -> None:
        """Have it computed, unless that is asked for already."""
        if not (self._wanted / wanted.key).exists():
            for folder in (self._folder, self._wanted):
                folder.mkdir(mode=0o700, exist_ok=True)
            self._note(wanted, begun=0)

    def next(self) -> Wanted | None:
        """What has been wanted longest and is not there; None where there is nothing to do."""
        for file in _longest_ago(self._wanted.glob("[0-9a-f]*")):
            note = json.loads(file.read_text(encoding="utf-8"))
            wanted = Wanted(**note["wanted"])
            if all(self._file(wanted, kind).exists() for kind in KINDS[wanted.form]):
                self.done(wanted)
            elif note["begun"] >= _TRIES:
                self.fail(wanted, in_language(sentence("figures.killed"), wanted.lang))
            else:
                self._note(wanted, begun=note["begun"] + 1)
                return wanted
        return None

    def put(self, wanted: Wanted, kind: FigureKind, content: bytes) -> None:
        """Keep a result."""
        self._write(self._file(wanted, kind), content)

    def fail(self, wanted: Wanted, reason: str) -> None:
        """Keep for a while why there is none."""
        self._write(self._file(wanted, "failed"), reason.encode())
        self.done(wanted)

    def done(self, wanted: Wanted) -> None:
        """Nothing more is to be done for it; what was kept longest goes where there is too much."""
        (self._wanted / wanted.key).unlink(missing_ok=True)
        kept = _longest_ago(self._folder.glob("*.*"))
        for file in kept[: max(0, len(kept) - _KEPT)]:
            with suppress(OSError):  # Windows removes no file that is being read
                file.unlink()

    def clear(self) -> None:
        """Take everything off: what it was computed from may not be kept any longer."""
        for file in self._folder.glob("*.*"):
            with suppress(OSError):  # Windows removes no file that is being read
                file.unlink()

    def turn(self) -> AbstractContextManager[bool]:
        """Take the turn to compute, which one process has at a time; False where another has it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return turn(self._folder / "turn")

    def is_served(self) -> bool:
        """Whether a process has the turn."""
        return is_taken(self._folder / "turn")

    def _file(self, wanted: Wanted, kind: str) -> Path:
        return self._folder / f"{wanted.key}.{kind}"

    def _note(self, wanted: Wanted, begun: int) -> None:
        note = {"wanted": asdict(wanted), "begun": begun}
        self._write(self._wanted / wanted.key, json.dumps(note).encode())

    def _write(self, path: Path, content: bytes) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.part")
        with open(part, "wb", opener=private) as file:
            file.write(content)
        put_in_place(part, path)


def _longest_ago(files: Iterable[Path]) -> list[Path]:
    """Files in the order in which they were written, those that are gone first."""

    def newness(file: Path) -> float:
        with suppress(FileNotFoundError):
            return -age_of(file)
        return -math.inf

    return sorted(files, key=newness)
