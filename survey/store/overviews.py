"""Keeps the figures of offices side by side, and tells by office what such figures rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Engine, bindparam, case, func, or_, select

from questionnaires.layout import RECHECK
from survey.store import tables

View = Literal["full", "published"]


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One row as it is kept. `content`: plain values; the rest as in the table."""

    office: str
    whole: bool
    within: str
    mark: str
    made_on: date
    n: int
    width: float | None
    needs: str
    content: Mapping[str, Any]
    newer: bool = False


class RowKey(NamedTuple):
    """What the row of an office is sorted and counted by. `needs`: names, by commas."""

    office: str
    n: int
    width: float | None
    needs: str


_row = tables.overview_row.c
_COLUMNS: Final = tuple(_row[one.name] for one in fields(KeptRow))


def load_rows(engine: Engine, period: str, view: View) -> list[KeptRow]:
    """Return every row of a period."""
    return _load(engine, _row.period == period, _row.view == view)


def load_totals(engine: Engine, period: str, view: View) -> list[KeptRow]:
    """Return the rows of groups of offices."""
    return _load(engine, _row.period == period, _row.view == view, _row.whole)


def load_offices(
    engine: Engine, period: str, view: View, offices: Collection[str]
) -> list[KeptRow]:
    """Return the rows of these offices."""
    own = (~_row.whole, _row.office.in_(offices))
    return _load(engine, _row.period == period, _row.view == view, *own)


def _load(engine: Engine, *where: ColumnElement[bool]) -> list[KeptRow]:
    with engine.connect() as connection:
        return [KeptRow(*found) for found in connection.execute(select(*_COLUMNS).where(*where))]


def load_keys(engine: Engine, period: str, view: View) -> list[RowKey]:
    """Return what every office of a period is sorted and counted by."""
    columns = (_row[name] for name in RowKey._fields)
    query = select(*columns).where(_row.period == period, _row.view == view, ~_row.whole)
    with engine.connect() as connection:
        return [RowKey._make(found) for found in connection.execute(query)]


def load_marks(engine: Engine, period: str, view: View) -> dict[str, str]:
    """Return what is kept of a period: the mark of each group of offices."""
    query = select(_row.within, _row.mark).where(_row.period == period, _row.view == view)
    with engine.connect() as connection:
        return {row.within: row.mark for row in connection.execute(query.where(_row.whole))}


def replace_rows(
    engine: Engine, period: str, view: View, within: str, rows: Iterable[KeptRow]
) -> None:
    """Put these rows in the place of those that a group of offices had, in one transaction."""
    values = [{"period": period, "view": view, **asdict(row)} for row in rows]
    same = (_row.period == period, _row.view == view)
    elsewhere = tables.overview_row.delete().where(  # in another group until now
        *same, _row.office == bindparam("its_office"), _row.whole == bindparam("its_whole")
    )
    keys = [{"its_office": row["office"], "its_whole": row["whole"]} for row in values]
    with engine.begin() as connection:
        connection.execute(tables.overview_row.delete().where(*same, _row.within == within))
        if values:
            connection.execute(elsewhere, keys)
            connection.execute(tables.overview_row.insert(), values)


def mark_shown(
    engine: Engine, period: str, rows: Iterable[KeptRow], shown: Collection[str]
) -> None:
    """Keep of the published totals which may be shown beside the others."""
    with engine.begin() as connection:
        for row in rows:
            flag = row.office in shown
            if row.whole and row.content.get("shown") != flag:
                connection.execute(
                    tables.overview_row.update()
                    .where(_row.period == period, _row.view == "published")
                    .where(_row.office == row.office, _row.whole)
                    .values(content={**row.content, "shown": flag})
                )


def mark_newer(engine: Engine, stale: Collection[tuple[str, str, str]]) -> None:
    """Keep of every total whether its data are newer: (period, view, group) of those where so."""
    of = (_row.period, _row.view, _row.office)
    with engine.begin() as connection:
        kept = connection.execute(select(*of, _row.newer).where(_row.whole)).all()
        for *key, newer in kept:
            if newer != (tuple(key) in stale):
                same = (column == value for column, value in zip(of, key, strict=True))
                row = tables.overview_row.update().where(*same, _row.whole)
                connection.execute(row.values(newer=not newer))


def drop_rows(engine: Engine, periods: Collection[str], groups: Collection[str]) -> None:
    """Delete what belongs to no period and no group of offices that is still wanted."""
    gone = or_(_row.period.not_in(periods), _row.within.not_in(groups))
    with engine.begin() as connection:
        connection.execute(tables.overview_row.delete().where(gone))


_answer, _count, _import = (
    tables.response.c,
    tables.population_count.c,
    tables.population_import.c,
)
_past = tables.past_import.c
_call, _drawn = tables.recheck_call.c, tables.recheck_sector.c


def facts_of_all(engine: Engine) -> str:
    """Return what the figures of every office rest on: sectors and questionnaires."""
    questionnaire, sector = tables.questionnaire.c, tables.sector.c
    with engine.connect() as connection:
        asked = select(questionnaire.key, questionnaire.digest).order_by(questionnaire.key)
        sectors = select(sector.id, sector.position).order_by(sector.id)
        return repr([connection.execute(query).all() for query in (asked, sectors)])


def facts_by_office(engine: Engine, first: date, last: date) -> dict[str, str]:
    """Return for each office what its figures rest on, in a text that differs when that does.

    Answers of some days by how many there are (stored ones never change) and by what was brought in
    and taken back, dossier counts of their months by the log of imports, re-checks by the calls.
    """
    begin, end = f"{first:%Y-%m}", f"{last:%Y-%m}"
    queries = (
        select(_answer.office, func.count(), func.sum(case((_answer.late, 1), else_=0)))
        .where(_answer.answered_on.between(first, last))
        .group_by(_answer.office),
        select(_import.office, func.count(), func.count(_import.undone_on), func.max(_import.id))
        .where(_import.period.between(begin, end))
        .group_by(_import.office),
        select(_count.office, func.count(), func.sum(_count.completed))
        .where(_count.period.between(begin, end))
        .group_by(_count.office),
        select(_drawn.office, func.count())
        .where(_drawn.month.between(begin, end))
        .group_by(_drawn.office),
        select(_call.office, _call.outcome, func.count())
        .where(_call.month.between(begin, end))
        .group_by(_call.office, _call.outcome)
        .order_by(_call.office, _call.outcome),
        select(_past.office, func.count(), func.count(_past.undone_on))
        .where(_past.period.between(begin, end))
        .group_by(_past.office),
    )
    found: dict[str, list[str]] = defaultdict(list)
    with engine.connect() as connection:
        for number, query in enumerate(queries):
            for office, *facts in connection.execute(query):
                found[office].append(f"{number}:{','.join(map(str, facts))}")
    return {office: ";".join(facts) for office, facts in found.items()}


def last_answers(engine: Engine) -> dict[str, date]:
    """Return the newest day (of a sealed month: the month's first) with an answer, by office.

    Reads every answer: not for a request, which has `newest_answers`.
    """
    query = select(_answer.office, func.max(_answer.answered_on)).where(_answer.channel != RECHECK)
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(_answer.office))}


def keep_newest(engine: Engine, offices: Iterable[str]) -> None:
    """Keep the newest day with an answer of these offices, for `newest_answers`."""
    found = last_answers(engine)
    now = {office: found.get(office) for office in offices}
    if now == newest_answers(engine):
        return
    rows = [{"office": office, "answered_on": day} for office, day in now.items()]
    with engine.begin() as connection:
        connection.execute(tables.newest_answer.delete())
        if rows:
            connection.execute(tables.newest_answer.insert(), rows)


def newest_answers(engine: Engine) -> dict[str, date | None]:
    """Return the newest day with an answer, by office, as it was kept; None: it had none."""
    newest = tables.newest_answer.c
    with engine.connect() as connection:
        rows = connection.execute(select(newest.office, newest.answered_on))
        return {row[0]: row[1] for row in rows}
