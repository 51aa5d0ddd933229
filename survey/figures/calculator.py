"""The process that computes figures, one after the other, for every process of the server.

python -m survey.figures.calculator < pickled settings. Started by `asking`; ends with who started
it, and by itself when nothing was asked for a while or it has grown large.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from threading import Thread, Timer
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from questionnaires import Questionnaire
from survey.access import Grant, offices_of
from survey.config import Config
from survey.errors import HailongError
from survey.figures.asking import state_now
from survey.figures.shelf import FigureKind, Shelf, Wanted
from survey.places import Places, place_names
from survey.store import open_engine
from survey.store.places import load_places

if TYPE_CHECKING:
    from analysis.period import Period
    from survey.figures.office import Figures

IDLE_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 0.02
_COLLECTED_AFTER: Final = (50_000, 20, 100)
"""How often memory is searched for what no longer leads anywhere: as often as Python does it by
itself, a seventh of the time goes into it."""
_LONGEST_SECONDS: Final = 300  # for one page: what takes longer is ended and told as a failure
_LARGE: Final = 1 << 30  # bytes: above it the process makes room by ending; another one follows
_LARGEST: Final = 3 << 30  # bytes: what needs more fails, and is told as a failure
_LATE: Final = 5.0  # seconds for a process that ends to give its turn back

_log = logging.getLogger("hailong.figures")


def main() -> None:
    """Compute for the server whose settings come through the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches this too; the server decides
    gc.set_threshold(*_COLLECTED_AFTER)
    if sys.platform != "win32":  # there the server started it with a low priority
        import resource

        with suppress(OSError):  # a strict service manager forbids it
            os.nice(5)  # citizens first, and yet not starved by whatever else runs here
        with suppress(OSError, ValueError):  # likewise, or there is a lower limit already
            resource.setrlimit(resource.RLIMIT_DATA, (_LARGEST, _LARGEST))
    config: Config = pickle.load(sys.stdin.buffer)  # noqa: S301  from our own parent
    Thread(target=_end_with_the_server, daemon=True).start()
    compute_for(config, IDLE_SECONDS)


def _end_with_the_server() -> None:
    while os.read(sys.stdin.fileno(), 1):  # nothing comes any more but the end
        pass
    os._exit(0)


def compute_for(config: Config, idle: float) -> None:
    """Compute what is wanted until nothing was for so many seconds, if no other process does."""
    shelf, over = Shelf(config.data), time.monotonic() + _LATE
    while time.monotonic() < over:
        with shelf.turn() as mine:
            if mine:
                Calculator(config, shelf).run(idle)
                return
        time.sleep(_LOOK_SECONDS)


class Calculator:
    """Computes pages, charts and documents.

    Keeps the last figures: offices and languages share them.
    """

    def __init__(self, config: Config, shelf: Shelf) -> None:
        """Take the settings, and the shelf whose turn this process has."""
        self._config, self._shelf = config, shelf
        self._engine: Engine = open_engine(config.database_url)
        self._kept: tuple[tuple[str, str, str, bool], Figures] | None = None

    def run(self, idle: float) -> None:
        """Compute until nothing was wanted for so many seconds, or memory has grown."""
        over = time.monotonic() + idle
        while time.monotonic() < over:
            wanted = self._shelf.next()
            if wanted is None:
                time.sleep(_LOOK_SECONDS)
                continue
            deadline = Timer(_LONGEST_SECONDS, os._exit, (1,))
            deadline.daemon = True
            deadline.start()
            self._compute(wanted)
            deadline.cancel()
            over = time.monotonic() + (idle if _held() < _LARGE else 0)
        self._engine.dispose()

    def _compute(self, wanted: Wanted) -> None:
        """Put on the shelf what is wanted, or why not."""
        try:
            for kind, content in self._results(wanted):
                self._shelf.put(wanted, kind, content)
            self._shelf.done(wanted)
        except _Moved:
            self._shelf.done(wanted)  # whoever still wants it asks for the new state
        except HailongError as error:
            self._shelf.fail(wanted, error.said(wanted.lang))
        except Exception as error:
            # The log tells where; what a statement carries stands in no message (`store`).
            _log.exception("figures of %s", wanted.period)
            first_line = str(error).partition("\n")[0]
            self._shelf.fail(wanted, f"{type(error).__name__}: {first_line}")

    def _results(self, wanted: Wanted) -> Iterator[tuple[FigureKind, bytes]]:
        """The chart as a file, then the page, which holds all charts; or the document.

        Raises _Moved where the data are not those that were asked for, before or afterwards.
        """
        from analysis.period import parse_period
        from analysis.reporting.wording import TOTAL, measure_names
        from survey.figures.office import office_tree
        from survey.figures.page import make_view
        from survey.figures.pictured import pictured
        from survey.store.questionnaires import published_questionnaires

        config, period = self._config, parse_period(wanted.period)
        today = config.today()
        self._check(wanted, period, today)
        every = load_places(self._engine, gone_too=True)
        places, questionnaires = (
            _within(every, wanted.within),
            published_questionnaires(self._engine),
        )
        figures = self._figures(wanted, period, places, questionnaires, today)
        self._check(wanted, period, today)
        if wanted.form == "document":
            yield "verdicts.json", _as_json(figures, wanted.office)
            return
        names = place_names(every, wanted.lang) | measure_names(questionnaires, wanted.lang)
        top = wanted.within or office_tree(self._engine).top
        if top in names:
            names[TOTAL] = names[top]
        view = make_view(
            figures,
            names,
            wanted.lang,
            wanted.office,
            sector=wanted.sector,
            channel=wanted.channel,
        )
        if view.responses and view.answered:
            drawn = pictured(figures, names, wanted, simulated=config.simulated)
            yield "chart.svg", drawn.file
            view = replace(view, charts=drawn.inline)
        yield "page.json", json.dumps(asdict(view), default=sorted).encode()

    def _figures(
        self,
        wanted: Wanted,
        period: Period,
        places: Places,
        questionnaires: Mapping[str, Questionnaire],
        today: date,
    ) -> Figures:
        from survey.figures.office import office_figures, stored_figures

        key = (wanted.period, wanted.state, wanted.within, wanted.published)
        if self._kept is None or self._kept[0] != key:
            self._kept = None  # room for the new one
            kept = stored_figures(self._config, self._engine, period, wanted.within)
            found = kept or office_figures(
                self._config,
                places,
                questionnaires,
                period,
                today,
                within=wanted.within,
                leaves=wanted.published,
            )
            self._kept = (key, found)
        return self._kept[1]

    def _check(self, wanted: Wanted, period: Period, today: date) -> None:
        if state_now(self._engine, self._config, period, today) != wanted.state:
            raise _Moved


def _within(places: Places, office: str) -> Places:
    """The places of an office and all below it; of every office where it is empty."""
    if not office:
        return places
    parents = {one.id: one.parent for one in places.office}
    ids = offices_of(Grant("viewer", office), parents)
    kept = tuple(one for one in places.office if one.id in ids)
    return places.model_copy(update={"office": kept})


def _as_json(figures: Figures, office: str) -> bytes:
    from analysis.reporting.narrowing import of_office

    found = of_office(figures.document, office).as_json()
    text = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode()


class _Moved(Exception):
    """The data are no longer those that were asked for."""


def _held() -> int:
    """The memory that this process holds, in bytes; 0 where that is not told."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
