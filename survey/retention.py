"""When the answers of a year go, what goes, and what is kept of it. Joins store and figures.

Answers of a year are kept for so many whole years after it (`answer_years`), and go on the first of
January: before that the published documents of its quarters, halves and itself are sealed, beside
those of its months, which are sealed already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Engine

from questionnaires.bilingual import Told
from survey.apart import run_apart
from survey.config import Config
from survey.figures.shelf import Shelf
from survey.sealing import about_shown, published_of
from survey.store.purges import (
    Holding,
    Purged,
    holdings,
    purge_year,
    purged_months,
    unsound_months,
)
from survey.store.staff_actions import By
from survey.told import sentence

PURGE_TURN: Final = "purge.turn"

AHEAD: Final = timedelta(days=31)
"""For so long before its answers go an office is told of it."""


@dataclass(frozen=True, slots=True)
class Going:
    """What goes, and on which day."""

    held: Holding
    day: date


def going(engine: Engine, keep: int) -> list[Going]:
    """What is stored, and when each year of it goes, the first first; nothing where `keep` is 0."""
    if not keep:
        return []
    return [Going(held, goes_on(held.year, keep)) for held in holdings(engine)]


def goes_on(year: int, keep: int) -> date:
    """The day on which the answers of a year go that are kept for so many whole years."""
    return date(year + keep + 1, 1, 1)


def due(engine: Engine, keep: int, today: date) -> list[Going]:
    """What goes today, or should have gone."""
    return [one for one in going(engine, keep) if one.day <= today]


def soon(engine: Engine, keep: int, today: date) -> list[Going]:
    """What goes within a month, or should have gone."""
    return [one for one in going(engine, keep) if one.day - AHEAD <= today]


def purge_due(config: Config, engine: Engine, by: By, today: date) -> Iterator[Purged]:
    """Purge every year whose time is over, the oldest first.

    The files hold what was deleted until they are rewritten, which is the caller's to do. Raises
    HailongError where a document cannot be made: nothing of that year is deleted then.
    """
    for one in due(engine, config.answer_years, today):
        wrong = unsound_months(engine, one.held.year)
        if wrong:
            yield Purged(one.held, wrong)
            continue
        documents = _documents(config, engine, one.held.year, today)
        found = purge_year(engine, one.held, documents, by, today)
        Shelf(config.data).clear()  # pages made of these answers
        yield found


def _documents(config: Config, engine: Engine, year: int, today: date) -> dict[str, str]:
    """The published documents of the longer periods of a year; none where they are sealed."""
    if any(month.startswith(f"{year}-") for month in purged_months(engine)):
        return {}
    parts = (*(f"Q{number}" for number in range(1, 5)), "H1", "H2")
    found = {}
    for period in (*(f"{year}-{part}" for part in parts), f"{year}"):
        document = published_of(config, engine, period, today)
        if document is not None:
            found[period] = document
    return found


def refused(wrong: tuple[str, ...]) -> Told:
    """Why a year is not purged."""
    return sentence("purge.wrong", months=", ".join(map(about_shown, wrong)))


def purge_apart(config: Config) -> None:
    """Purge in a process of its own: figures are not computed in one that serves."""
    run_apart(config.data, "purge.apart", "purge", "--yes")
