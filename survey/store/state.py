"""What the figures of a time rest on, in one short line that differs whenever they could.

Cheap enough for every view of a page: counts and the newest line of a log, never the rows.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, func, select

from questionnaires.layout import POPULATION
from survey.store import tables

_answered = tables.response.c.answered_on
_import, _count = tables.population_import.c, tables.population_count.c
_call = tables.recheck_call.c
_sums = [func.sum(_count[name]) for name in POPULATION[3:]]
_LAST_IMPORT = (
    select(
        _import.id,
        _import.file_digest,
        func.count().over(),
        func.count(_import.undone_on).over(),
    )
    .order_by(_import.id.desc())
    .limit(1)
)
_called = (_call.month, _call.office, _call.sector, _call.outcome)
_CALLS = select(*_called, func.count()).group_by(*_called).order_by(*_called)
_READ_WHOLE = (
    _LAST_IMPORT,
    select(func.count(), *_sums),
    select(tables.questionnaire.c.key, tables.questionnaire.c.content).order_by("key"),
    select(tables.office).order_by("id"),
    select(tables.sector).order_by("id"),
    select(tables.recheck_sector).order_by("month", "office", "sector"),
    select(tables.desk_indicator).order_by("month", "office", "indicator"),
    select(tables.purge.c.month).order_by("month"),
    _CALLS,
    select(func.count(), func.count(tables.past_import.c.undone_on)),
)


def state_of(engine: Engine, until: date) -> str:
    """A digest of all that figures rest on: answers up to a day (included) and what is beside them.

    Stored answers never change, so that their number tells whether others came; they go by a purge
    or by the undoing of an import, and counts change by an import or its undoing, all of which is
    noted.
    """
    answers = select(func.count()).where(_answered <= until)
    with engine.connect() as connection:
        found = [connection.execute(query).all() for query in (answers, *_READ_WHOLE)]
    return sha256(repr(found).encode()).hexdigest()
