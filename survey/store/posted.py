"""How many answers came by each counter's poster on a day, told from what is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import Engine, bindparam, func, select

from survey.places import GENERAL
from survey.store import tables

_row, _counter, _serves = tables.response.c, tables.counter.c, tables.counter_sector.c
_ANSWERS = (
    select(_row.office, _row.sector, func.count())
    .where(_row.answered_on == bindparam("day"), _row.channel == "poster")
    .group_by(_row.office, _row.sector)
)
_SERVING = (
    select(_counter.id, _counter.office, _serves.sector)
    .outerjoin(tables.counter_sector, _serves.counter == _counter.id)
    .where(_counter.closed.is_(False))
    .order_by(_counter.position)
)


def posted_on(engine: Engine, day: date) -> dict[str, int]:
    """Return the answers of a day by counter, of counters that are open.

    An answer says its sector and not its counter: counters that share a sector are taken to have
    had equal parts of it, so that their sum is right.
    """
    found: Counter[str] = Counter()
    with engine.connect() as connection:
        rows = connection.execute(_ANSWERS, {"day": day}).all()
        serving = defaultdict(list)
        for counter, office, sector in connection.execute(_SERVING):
            serving[office, sector or GENERAL].append(counter)
    for office, sector, number in rows:
        counters = serving[office, sector]
        for place, counter in enumerate(counters):
            found[counter] += (number + place) // len(counters)
    return dict(found)
