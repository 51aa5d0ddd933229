"""What staff changed after it was sealed, for everybody: the chain says that, the log when and why.

Owns what of it may be told: kinds of records and their offices, never a value.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from questionnaires.comments import scrub
from survey.records import Place
from survey.seals import Seal, SealReason
from survey.store import tables

REASONS: Final[tuple[SealReason, ...]] = ("changed", "renamed", "accepted")
LONGEST: Final = 300
"""Letters of a reason that are told; the log has the whole."""

_action, _seal = tables.staff_action.c, tables.seal.c


@dataclass(frozen=True, slots=True)
class Amendment:
    """A seal that staff are the reason of.

    `day`: when, at the office. `places`: what was otherwise; none where it was answers, or where an
    earlier version kept nothing of it. `why`: what staff wrote, or the sources of targets. `act`:
    the same for seals that were made at once.
    """

    seal: Seal
    day: date
    places: tuple[Place, ...]
    why: str
    act: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of records or targets, each once, in order."""
        return tuple(dict.fromkeys(kind for kind, _ in self.places))


def list_amendments(engine: Engine, zone: ZoneInfo) -> tuple[Amendment, ...]:
    """Return every one, the oldest first; `verify` tells of one that has no line in the log."""
    with engine.connect() as connection:
        lines = _lines(connection, zone)
        query = select(*(_seal[name] for name in Seal.__dataclass_fields__))
        chain = connection.execute(query.where(_seal.reason.in_(REASONS)).order_by(_seal.number))
        seals = [Seal(*row) for row in chain]
    return tuple(
        Amendment(seal, line.day, tuple(line.places[seal.number]), line.why, line.first)
        for seal in seals
        for line in lines
        if line.first <= seal.number <= line.last
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the log about seals."""

    first: int
    last: int
    day: date
    places: defaultdict[int, list[Place]]
    why: str


def _lines(connection: Connection, zone: ZoneInfo) -> list[_Line]:
    query = select(_action.done_at, _action.details).where(_action.action == "seals_made")
    found = []
    for done_at, details in connection.execute(query.order_by(_action.id)):
        places: defaultdict[int, list[Place]] = defaultdict(list)
        for part in filter(None, details.get("changed", "").split("; ")):
            number, kind, *office = part.split(" ", 2)
            places[int(number)].append((kind, "".join(office)))
        # Before there was `changed`, why was written for the log of staff alone.
        why = scrub(details.get("why", "")) if "changed" in details else ""
        why = why if len(why) <= LONGEST else f"{why[:LONGEST]}…"
        day = datetime.fromtimestamp(done_at, zone).date()
        found.append(_Line(int(details["first"]), int(details["last"]), day, places, why))
    return found
