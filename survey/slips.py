"""One-time slips: what each is, when it may be used, and what their counts say.

Pure: no web, no database, no clock. A slip is a random token; nothing here knows a dossier, and of
a used slip only the month is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, Literal

from survey.errors import HailongError, PlacesError
from survey.links import random_code
from survey.places import GENERAL, Counter, Places, find_counter
from survey.told import sentence

TOKEN_LENGTH: Final = 26
"""Letters of a token: 31**26 is more than 2**128. No capitals and no signs, so that a messenger
does not cut an address and a person can read it aloud."""

DAYS: Final = 30
"""How long a slip is good where nothing else is said."""

MOST_DAYS: Final = 366

MOST: Final = 1000
"""Slips of one batch: 125 sheets."""

LEAST_WITH_PROCEDURE: Final = 10
"""With fewer slips of one procedure, who answered could be told from the answer's procedure."""

GRACE: Final = timedelta(days=1)
"""How long after its last day an answer is taken that was begun in time."""

KEPT: Final = timedelta(days=31)
"""How long after its last day a slip is known; then its batch is counts."""

SOON: Final = timedelta(days=7)
"""An officer is told of a batch that ends within these days with many slips left."""

SHEET: Final = 8
"""Slips of one A4 sheet: fewer than that are nothing to tell of."""

USUAL: Final = 24
"""Slips a month: an office that hands out fewer on average has no usual number to fall below."""

SlipState = Literal["unused", "used", "expired", "withdrawn"]


class SlipsError(HailongError):
    """Slips cannot be issued or withdrawn as asked."""


def new_token() -> str:
    """Return a token: at least 128 random bits in letters that survive being typed."""
    return random_code(TOKEN_LENGTH)


def token_hash(token: str) -> str:
    """Return the digest (SHA-256, hex) by which a slip is stored."""
    return sha256(token.encode()).hexdigest()


def month_of(day: date) -> str:
    """Return the month as it is stored: 'YYYY-MM'."""
    return f"{day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Validity:
    """What decides whether a slip may be used: the months of what happened to it, its last day."""

    last_day: date
    used_in: str | None = None
    withdrawn_in: str | None = None

    def state(self, today: date) -> SlipState:
        """Return what the slip is on this day; a used one stays used whatever comes later."""
        if self.used_in is not None:
            return "used"
        if self.withdrawn_in is not None:
            return "withdrawn"
        return "expired" if today > self.last_day else "unused"


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to issue: so many slips of each sector, for use at one counter.

    ``counter``: its full id, or its id where one office alone has that.
    """

    counter: str
    sectors: Mapping[str, int]
    last_day: date
    procedure: str = ""

    @property
    def count(self) -> int:
        """How many slips it is about."""
        return sum(self.sectors.values())


def check_order(order: Order, places: Places, today: date) -> Counter:
    """Return the counter of an order. Raises SlipsError where it cannot be issued."""
    try:
        counter = find_counter(order.counter, places.counter)
    except PlacesError as error:
        raise SlipsError(error.args[0]) from error
    _check_sectors(order, counter)
    if not 0 < order.count <= MOST:
        raise SlipsError(sentence("slips.count", count=order.count, most=MOST))
    last = today + timedelta(days=MOST_DAYS)
    if not today <= order.last_day <= last:
        days = {"given": f"{order.last_day:%d/%m/%Y}", "first": f"{today:%d/%m/%Y}"}
        raise SlipsError(sentence("slips.last_day", **days, last=f"{last:%d/%m/%Y}"))
    if order.procedure:
        _check_procedure(order, places)
    return counter


def served_sectors(counter: Counter) -> tuple[str, ...]:
    """Return the sectors that a counter's slips can be of: `general` where it asks for none."""
    return counter.sectors or (GENERAL,)


def _check_sectors(order: Order, counter: Counter) -> None:
    served = served_sectors(counter)
    missing = [sector for sector in order.sectors if sector not in served]
    if missing:
        named = {
            "counter": counter.full_id,
            "missing": ", ".join(missing),
            "known": ", ".join(served),
        }
        raise SlipsError(sentence("slips.no_sector", **named))


def _check_procedure(order: Order, places: Places) -> None:
    belongs = {one.code: one.sector for one in places.procedure}
    sector = belongs.get(order.procedure)
    if sector is None or set(order.sectors) != {sector}:
        fitting = sorted(code for code, its in belongs.items() if its in order.sectors)
        named = {"code": order.procedure, "known": ", ".join(fitting) or "–"}
        raise SlipsError(sentence("slips.no_procedure", **named))
    if order.count < LEAST_WITH_PROCEDURE:
        number = {"count": order.count, "least": LEAST_WITH_PROCEDURE}
        raise SlipsError(sentence("slips.few_of_procedure", **number))


def choose_counter(sectors: Iterable[str], places: Places) -> str:
    """Return the full id of the counter whose slips these are where none is named.

    The first one of the office that serves all these sectors. Raises SlipsError where there is
    none, or where several offices have one.
    """
    wanted = list(sectors)
    fitting = [one for one in places.counter if set(wanted) <= set(served_sectors(one))]
    if not fitting:
        known = "; ".join(
            f"{one.full_id}: {', '.join(served_sectors(one))}" for one in places.counter
        )
        named = {"sectors": ", ".join(wanted), "known": known}
        raise SlipsError(sentence("slips.nobody_serves", **named))
    if len({one.office for one in fitting}) > 1:
        known = ", ".join(one.full_id for one in fitting)
        raise SlipsError(sentence("slips.which_counter", known=known))
    return fitting[0].full_id


@dataclass(frozen=True, slots=True)
class SlipCounts:
    """How many slips were issued, used, became too old and were withdrawn."""

    issued: int = 0
    used: int = 0
    expired: int = 0
    withdrawn: int = 0

    def __add__(self, other: SlipCounts) -> SlipCounts:
        return SlipCounts(
            self.issued + other.issued,
            self.used + other.used,
            self.expired + other.expired,
            self.withdrawn + other.withdrawn,
        )


@dataclass(frozen=True, slots=True, order=True)
class SlipPlace:
    """Where slips are counted: in a month ('YYYY-MM'), of a counter and a sector.

    ``office``: that the counter belonged to then; ``counter``: its full id of today.
    """

    month: str
    office: str
    counter: str
    sector: str


SlipTable = Mapping[SlipPlace, SlipCounts]
"""Counts of slips by month, counter and sector: each event in the month in which it happened.

A slip that was issued in October and used in November is one issued in the row of October and one
used in the row of November; an unused one expires in the month of its last day.
"""


@dataclass(frozen=True, slots=True, order=True)
class BeyondDossiers:
    """More slips of a month, office and sector were used than dossiers were completed there."""

    month: str
    office: str
    sector: str
    used: int
    completed: int


def beyond_dossiers(
    counts: SlipTable, completed: Mapping[tuple[str, str, str], int]
) -> tuple[BeyondDossiers, ...]:
    """Return where more slips were used than dossiers were completed, in order.

    ``completed``: dossiers by month, office and sector; where they are not known nothing is said.
    """
    used: dict[tuple[str, str, str], int] = defaultdict(int)
    for place, number in counts.items():
        used[place.month, place.office, place.sector] += number.used
    return tuple(
        sorted(
            BeyondDossiers(*key, used=number, completed=completed[key])
            for key, number in used.items()
            if key in completed and number > completed[key]
        )
    )


def ends_unused(last_day: date, issued: int, left: int, today: date) -> bool:
    """Whether a batch ends within a week with half of its slips unused, and a sheet of them."""
    return today <= last_day <= today + SOON and left >= max(SHEET, issued / 2)


def fell(issued: Sequence[int], left: int) -> bool:
    """Whether an office hands out far fewer slips than it used to: in the last of these months less
    than half of the average of those before, also with those that are `left` of other months.

    A falling hand-out is the first alarm: whoever wants better figures asks fewer people.
    """
    *before, last = issued
    usual = sum(before) / len(before)
    return min(before) > 0 and usual >= USUAL and last + left < usual / 2
