"""Marks answers that arrive as stuffed ones do. The reason is kept with the answer, nothing else.

What is counted lies in memory alone, under digests whose key nobody keeps, until the day's window
is over (`survey.web.limits`), and is never joined to an answer. A mark changes nothing that the
citizen sees, and drops nothing: figures are told with and without.

One thing cannot be helped: of a crowd the first are not marked, as it was none yet. Who reads the
answers of such a day knows that those marked came after the others of the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from survey.intake import ALIKE_FLAG, CLOSED_FLAG, CROWD_FLAG, HASTE_FLAG, ROW_FLAG, Response
from survey.opening_hours import OpeningHours
from survey.web.limits import Pace


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many are usual: one more is marked. Chosen by `python -m benchmarks.stuffing --choose`:
    each the lowest that marks at most 0.1% of simulated honest answers, which leaves room below 2%
    for offices that are unlike those simulated (docs/MEASUREMENTS.md).

    kiosk_crowd, poster_crowd
        Answers at one tablet, or from one poster, in `window`: people who came in one bus stand in
        a queue at the tablet; a waiting room that is asked to answers from one poster at once.
    kiosk_alike, poster_alike
        The same for answers that are the very same sheet; most honest ones are all fives.
    night_crowd
        Answers from one poster in an hour while the office is closed: people do answer at home.
    hasty
        Forms of a counter in an hour that were sent within `haste` seconds of being opened: one
        that was mended, or opened again with its draft, may be as quick.
    row
        Slips that one browser at one address uses in a day: somebody helps the neighbours.
    margin
        How long before and after its hours an office serves who has come.
    """

    kiosk_crowd: int = 10
    poster_crowd: int = 7
    kiosk_alike: int = 4
    poster_alike: int = 3
    night_crowd: int = 5
    hasty: int = 1
    row: int = 3
    haste: float = 3.0
    window: timedelta = timedelta(minutes=10)
    margin: timedelta = timedelta(hours=1)


HoursOf: TypeAlias = Callable[[str], OpeningHours]
"""The opening hours of an office, by its id."""

USUAL: Final = Thresholds()
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is looked at while an answer comes, and forgotten.

    `place`: the tablet or counter; `moment`: when it was answered, in the office's zone; `browser`:
    address and kind of browser, of slips; `seconds`: since the form was opened, of forms.
    """

    response: Response
    place: str
    moment: datetime
    browser: str = ""
    seconds: float | None = None


class Arrivals:
    """The rules, over counts that all processes of the server share."""

    def __init__(self, counts: Pace, hours: HoursOf, usual: Thresholds = USUAL) -> None:
        self._counts, self._hours, self._usual = counts, hours, usual

    def marked(self, arrival: Arrival) -> Response:
        """The answer, with the reason for a second look where there is one and it has none yet."""
        found = self.flag(arrival)
        response = arrival.response
        return replace(response, flag=found) if found and not response.flag else response

    def flag(self, arrival: Arrival) -> str:
        """The reason for a second look, or nothing. An answer that is sent again counts once."""
        first = self._counts.count(f"id {arrival.response.response_id}") == 1
        look = _Look(self._counts, self._hours, self._usual, arrival, int(first))
        return next((reason for reason, holds in look.reasons().items() if holds), "")


@dataclass(frozen=True, slots=True)
class _Look:
    """One answer before the rules; `step`: what it adds to each count."""

    counts: Pace
    hours: HoursOf
    usual: Thresholds
    arrival: Arrival
    step: int

    def reasons(self) -> dict[str, bool]:
        """Every reason and whether it holds, the plainest first; each is counted."""
        usual = self.usual
        match self.arrival.response.channel:
            case "kiosk":
                crowd, alike = usual.kiosk_crowd, usual.kiosk_alike
                return {CLOSED_FLAG: self._closed(), **self._crowded(crowd, alike)}
            case "slip":
                row = self._count("row", self.arrival.browser) > usual.row
                return {HASTE_FLAG: self._hasty(), ROW_FLAG: row}
            case _:
                crowd, alike = usual.poster_crowd, usual.poster_alike
                night = self._closed() and self._within("night", _HOUR) > usual.night_crowd
                return {
                    HASTE_FLAG: self._hasty(),
                    CLOSED_FLAG: night,
                    **self._crowded(crowd, alike),
                }

    def _crowded(self, crowd: int, alike: int) -> dict[str, bool]:
        window, sheet = self.usual.window, f"alike {self.arrival.response.scores}"
        return {
            CROWD_FLAG: self._within("crowd", window) > crowd,
            ALIKE_FLAG: self._within(sheet, window) > alike,
        }

    def _hasty(self) -> bool:
        seconds = self.arrival.seconds
        quick = seconds is not None and seconds < self.usual.haste
        return quick and self._within("hasty", _HOUR) > self.usual.hasty

    def _closed(self) -> bool:
        moment, margin = self.arrival.moment, self.usual.margin
        hours = self.hours(self.arrival.response.office)
        return hours.open_between(moment - margin, moment + margin) <= timedelta(0)

    def _within(self, what: str, window: timedelta) -> int:
        """How many there are of a place in the stretch of time that the moment falls into."""
        stretch = int(self.arrival.moment.timestamp() // window.total_seconds())
        return self._count(what, f"{self.arrival.place} {stretch}")

    def _count(self, what: str, which: str) -> int:
        return self.counts.count(f"{what} {which}", self.step)
