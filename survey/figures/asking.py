"""Asks for computed figures: takes them from the shelf, or has them computed and waits for a while.

Owns the process that computes (`calculator`) and how many readers may wait. A thread that waits
holds neither the interpreter nor the database, and citizens' requests find other threads.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from survey.config import Config
from survey.figures.shelf import FigureKind, Shelf, Wanted
from survey.store.responses import count_answered
from survey.store.state import state_of
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.period import Period

ALL: Final = "all"
PATIENCE: Final = 5.0  # seconds that a reader waits before the page says that it is being computed
_SEATS: Final = 2  # readers that wait, of the threads of a process
_LOOK_SECONDS: Final = 0.02
_END_SECONDS: Final = 2
_AHEAD_FIRST: Final = 20  # seconds: the server has started and answered whoever was waiting
_AHEAD_EVERY: Final = 60
_AHEAD_PATIENCE: Final = 900.0

_log = logging.getLogger("hailong.figures")


class NotComputed(Exception):
    """The figures could not be computed; the text is the reason."""


def wanted_page(  # noqa: PLR0913  one argument for each choice
    engine: Engine,
    config: Config,
    period: Period,
    today: date,
    *,
    office: str,
    lang: str,
    within: str = "",
    published: bool = False,
    sector: str = ALL,
    channel: str = ALL,
) -> Wanted:
    """Return what a page of this moment is asked for."""
    state = state_now(engine, config, period, today)
    code = program_digest()
    return Wanted(period.text, office, lang, state, code, within, published, sector, channel)


def wanted_document(
    engine: Engine,
    config: Config,
    period: Period,
    today: date,
    *,
    office: str,
    lang: str,
    within: str,
    published: bool,
) -> Wanted:
    """Return what a program of this moment is given. `lang`: of a failure; a document has both."""
    page = wanted_page(
        engine,
        config,
        period,
        today,
        office=office,
        lang=lang,
        within=within,
        published=published,
    )
    return replace(page, form="document")


def state_now(engine: Engine, config: Config, period: Period, today: date) -> str:
    """A digest of all that the figures of a period rest on, as of a day.

    Answers of the day itself are left out: figures of a running period are those of an earlier
    day's end. So are those of later years. Once the period is over, its figures know no day. What
    may be published of them goes by a setting.
    """
    until = min(today - timedelta(days=1), date(period.last.year, 12, 31))
    as_of = min(today, period.last + timedelta(days=1))
    targets = config.targets_file.read_bytes() if config.targets_file.exists() else b""
    facts = as_of, state_of(engine, until), targets, config.publication_minimum
    return sha256(repr(facts).encode()).hexdigest()


@cache
def program_digest() -> str:
    """A digest of which program this is: names, sizes and dates of its files."""
    roots = [Path(str(files(name))) for name in ("survey", "analysis", "questionnaires")]
    found = sorted(file for root in roots for file in root.rglob("*.*") if file.suffix != ".pyc")
    facts = [(file.name, status.st_size, status.st_mtime_ns) for file, status in _stats(found)]
    return sha256(repr(facts).encode()).hexdigest()


def _stats(found: list[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    return ((file, file.stat()) for file in found)


class Asking:
    """Everything that readers of one server process ask for."""

    def __init__(self, config: Config, patience: float = PATIENCE) -> None:
        """Start nothing yet. `patience`: how many seconds a reader may wait."""
        self._config, self._patience = config, patience
        self._shelf = Shelf(config.data)
        self._seats = BoundedSemaphore(_SEATS)
        self._starting = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, wanted: Wanted, kind: FigureKind) -> bytes | None:
        """Return what was computed, at once or within some seconds; None: it is being computed.

        Everybody who asks for the same waits for one computation, and who finds no seat does not
        wait. Raises NotComputed.
        """
        found = self._look(wanted, kind)
        if found is not None or not self._seats.acquire(blocking=False):
            return found
        try:
            return self._wait(wanted, kind, self._patience)
        finally:
            self._seats.release()

    def glance(self, wanted: Wanted, kind: FigureKind) -> bytes | None:
        """Return what was computed, without waiting; None: it is being computed. As `look`."""
        return self._look(wanted, kind)

    def _wait(self, wanted: Wanted, kind: FigureKind, patience: float) -> bytes | None:
        over = time.monotonic() + patience
        while (found := self._look(wanted, kind)) is None and time.monotonic() < over:
            time.sleep(_LOOK_SECONDS)
        return found

    def _look(self, wanted: Wanted, kind: FigureKind) -> bytes | None:
        """What is there. What is not is asked for, of a process that runs."""
        found = self._shelf.result(wanted, kind)
        if found is not None:
            return found
        reason = self._shelf.failure(wanted)
        if reason is not None:
            raise NotComputed(reason)
        try:
            self._shelf.want(wanted)
            served = self._shelf.is_served()
        except OSError as error:  # a full disk, a folder of another account
            raise NotComputed(str(error)) from error
        if not served:
            with self._starting:
                self.start()
        return None

    def start(self) -> None:
        """Start the process that computes, unless one of ours is just beginning.

        It gets the settings by a pipe, where no other account can read them, and ends when the
        pipe does: with this process, whatever ends it.
        """
        code = None if self._process is None else self._process.poll()
        if self._process is not None and code is None:
            return
        self.close()
        if code is not None and code > 0:  # told once; whoever looks next starts another
            raise NotComputed(sentence("figures.ended", code=code))
        command = [sys.executable, "-m", "survey.figures.calculator"]
        process = subprocess.Popen(  # noqa: S603  our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        self._process = process
        assert process.stdin is not None  # noqa: S101  it was asked for
        with suppress(BrokenPipeError):  # it ended at once; the next look starts another
            pickle.dump(self._config, process.stdin)
            process.stdin.flush()

    def close(self) -> None:
        """End the process that computes, if this one started it."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101  it was asked for
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def keep_ahead(self, engine: Engine) -> None:
        """Have what was closed last computed before anybody asks; for a thread of its own.

        Looked at again and again: an import, a month that ends, an answer that comes late.
        """
        time.sleep(_AHEAD_FIRST)
        while True:
            with suppress(SQLAlchemyError, OSError):  # told where somebody looks
                self.ahead(engine, self._config.today())
            time.sleep(_AHEAD_EVERY)

    def ahead(self, engine: Engine, today: date) -> None:
        """Have the last closed month computed, and the longer periods that it closes."""
        for period in closed_last(today):
            if count_answered(engine, period.first, period.last):
                wanted = wanted_page(engine, self._config, period, today, office=ALL, lang="vi")
                try:
                    self._wait(wanted, "page.json", _AHEAD_PATIENCE)
                except NotComputed as failure:
                    _log.warning("figures of %s: %s", period.text, failure)


def closed_last(today: date) -> tuple[Period, ...]:
    """The month before this one, and the quarter, half-year and year that end with it."""
    from analysis.period import parse_period

    last = today.replace(day=1) - timedelta(days=1)
    texts = [f"{last:%Y-%m}"]
    if last.month % 3 == 0:
        texts.append(f"{last.year}-Q{last.month // 3}")
    if last.month % 6 == 0:
        texts.append(f"{last.year}-H{last.month // 6}")
    if last.month == 12:
        texts.append(f"{last.year}")
    return tuple(parse_period(text) for text in texts)
