"""Publishes questionnaire versions and shows the store in the published layouts.

`responses`, `population`, `rechecks`, `indicators`, `questionnaires`, `choices` and `purged` are
all that analysis ever reads of this database. Owns reading them back part by part, for files that
leave it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Engine, String, column, select, table, text
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.types import TypeEngine

from questionnaires import Questionnaire
from questionnaires.answers import SIGNS
from questionnaires.layout import INDICATORS, POPULATION, RECHECKS
from survey.errors import StoreError
from survey.store import tables
from survey.store.staff_actions import By, note
from survey.store.transactions import whole_transaction
from survey.told import sentence

VIEWS = (
    *("responses", "population", "rechecks", "indicators"),
    *("questionnaires", "choices", "purged"),
)
_POPULATION = f"SELECT {', '.join(POPULATION)} FROM population_count"  # noqa: S608  ours
_CALLS = (
    "(SELECT count(*) FROM recheck_call WHERE recheck_call.month = recheck_sector.month "
    "AND recheck_call.office = recheck_sector.office "
    "AND recheck_call.sector = recheck_sector.sector AND ({which}))"
)
_DRAWN = _CALLS.format(which="position <= size OR outcome IS NOT NULL")
_SKIPPED = ", ".join(
    _CALLS.format(which=f"outcome = '{one}'") + f" AS {one}" for one in RECHECKS[5:]
)
_RECHECKS = (
    f"SELECT month, office, sector, dossiers, {_DRAWN} AS drawn, {_SKIPPED} "  # noqa: S608  ours
    "FROM recheck_sector WHERE size > 0"
)
_INDICATORS = f"SELECT {', '.join(INDICATORS)} FROM desk_indicator"  # noqa: S608  ours
_QUESTIONNAIRES = (
    "SELECT key AS questionnaire, content FROM questionnaire WHERE content IS NOT NULL"
)
_CHOICES = (
    "SELECT response.response_id, questionnaire, office, sector, channel, answered_on, late, flag, "
    "question, option FROM choice JOIN response ON choice.response_id = response.response_id"
)
_PURGED = "SELECT month, purged_on FROM purge"
FIXED = (
    *("response_id", "questionnaire", "office", "sector", "procedure"),
    *("channel", "answered_on", "late", "flag"),
)


ORIGIN = "origin"


def publish(engine: Engine, questionnaires: Iterable[Questionnaire], by: By | None = None) -> None:
    """Make these versions known and build the views over all known versions.

    ``by``: who does it, for the log of staff; each new version has a line.

    Raises StoreError where a version that was published before has changed: answers given to one
    wording must not turn into answers to another.
    """
    with whole_transaction(engine) as connection:
        for questionnaire in questionnaires:
            if _publish(connection, questionnaire):
                about = {"questionnaire": questionnaire.key, "title": questionnaire.title.vi}
                note(connection, by, "questionnaire_published", **about)
        build_views(connection)


def _publish(connection: Connection, questionnaire: Questionnaire) -> bool:
    """Make a version known; whether it is a new one."""
    table = tables.questionnaire
    digest, this = questionnaire.fingerprint, table.c.key == questionnaire.key
    content = questionnaire.model_dump_json(by_alias=True, exclude_none=True)
    known = connection.execute(select(table.c.digest).where(this)).scalar_one_or_none()
    if known is None:
        item_ids = " ".join(questionnaire.item_ids)
        values = {"key": questionnaire.key, "digest": digest, "item_ids": item_ids}
        connection.execute(table.insert().values(**values, content=content))
        return True
    if known != digest:
        told = {"questionnaire": questionnaire.key, "version": questionnaire.version + 1}
        raise StoreError(sentence("published.changed", **told))
    # What it says of other versions (`same_as`) may have been added since.
    connection.execute(table.update().where(this).values(content=content))
    return False


@dataclass(frozen=True, slots=True)
class _Version:
    """What the view must know of a version: its items in the order of their packed scores."""

    key: str
    items: tuple[str, ...]
    size: int


def _versions(connection: Connection) -> list[_Version]:
    table = tables.questionnaire.c
    rows = connection.execute(select(table.key, table.item_ids, table.content).order_by(table.key))
    return [_Version(key, tuple(items.split()), _size(content)) for key, items, content in rows]


def _size(content: str | None) -> int:
    """The steps of the scale; five where the version does not say, or cannot be read."""
    try:
        return int(json.loads(content or "{}")["scale"]["size"])
    except (KeyError, TypeError, ValueError):
        return 5


def published_items(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the item ids of every published version, in the order of its packed scores."""
    table = tables.questionnaire.c
    rows = connection.execute(select(table.key, table.item_ids).order_by(table.key))
    return {key: tuple(item_ids.split()) for key, item_ids in rows}


def drop_views(connection: Connection) -> None:
    """Drop the views, which would keep their tables from being dropped or made anew."""
    for name in VIEWS:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))


def view_queries(connection: Connection) -> dict[str, str]:
    """What each view shows, by its name: over every version that is known."""
    responses = _responses_query(connection, _versions(connection))
    beside = (_POPULATION, _RECHECKS, _INDICATORS)
    queries = (responses, *beside, _QUESTIONNAIRES, _CHOICES, _PURGED)
    return dict(zip(VIEWS, queries, strict=True))


def build_views(connection: Connection) -> None:
    """Build the views anew, over every version that is known."""
    queries = view_queries(connection)
    drop_views(connection)
    for name, query in queries.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def _responses_query(connection: Connection, versions: Iterable[_Version]) -> str:
    quote = connection.dialect.identifier_preparer.quote_identifier
    find = "instr" if connection.dialect.name == "sqlite" else "strpos"
    places: dict[str, dict[tuple[int, int], list[str]]] = {}
    for version in versions:
        for position, item in enumerate(version.items, start=1):
            asked = places.setdefault(item, {}).setdefault((position, version.size), [])
            asked.append(version.key)
    columns = [f"{_score(found, find)} AS {quote(item)}" for item, found in places.items()]
    return f"SELECT {', '.join([*FIXED, ORIGIN, *columns])} FROM response"  # noqa: S608  ids are checked


def _score(asked: dict[tuple[int, int], list[str]], find: str) -> str:
    """The score of one item: its sign in the packed scores of each version that asks it.

    A sign that is none of the version's scale is no score; it takes nothing else with it. Keys
    and item ids hold only letters, digits, '-', '_' and '@' (questionnaires.model).
    """
    cases = " ".join(
        f"WHEN questionnaire IN ({_quoted(keys)}) "
        f"THEN {find}('{SIGNS[1 : size + 1]}', NULLIF(substr(scores, {position}, 1), ''))"
        for (position, size), keys in asked.items()
    )
    return f"NULLIF(CASE {cases} END, 0)"


def _quoted(keys: list[str]) -> str:
    return ", ".join(f"'{key}'" for key in keys)


_PART = 20_000  # rows held at a time
_TYPES: dict[str, TypeEngine[Any]] = {"answered_on": Date(), "late": Boolean()}


@dataclass(frozen=True, slots=True)
class ResponseRows:
    """Responses of some days: `items` are those of the questionnaires answered in these days.

    `parts` yields lists of rows, the fixed columns first; in no order that means anything.
    `marked`: some come from elsewhere, and each row says where from.
    """

    items: tuple[str, ...]
    questionnaires: tuple[str, ...]
    parts: Iterator[Sequence[Sequence[Any]]]
    marked: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row."""
        return _fixed_columns(self.marked) + self.items


def _fixed_columns(marked: bool) -> tuple[str, ...]:
    return (*FIXED, ORIGIN) if marked else FIXED


def read_rows(engine: Engine, first: date, last: date) -> ResponseRows:
    """Return the responses answered from one day to another, both included."""
    days = tables.response.c.answered_on.between(first, last)
    with engine.connect() as connection:
        published = published_items(connection)
        questionnaire = tables.response.c.questionnaire
        answered = connection.execute(select(questionnaire).where(days).distinct()).scalars()
        present = tuple(sorted(answered))
        origin = tables.response.c.origin
        some = select(origin).where(days, origin.is_not(None)).limit(1)
        marked = connection.execute(some).first() is not None
    items = tuple(dict.fromkeys(i for key in present or published for i in published.get(key, ())))
    parts = _parts(engine, (*_fixed_columns(marked), *items), first, last)
    return ResponseRows(items, present, parts, marked)


def _parts(
    engine: Engine, columns: Sequence[str], first: date, last: date
) -> Iterator[Sequence[Sequence[Any]]]:
    known = (*FIXED, ORIGIN)
    wanted: list[ColumnClause[Any]] = [
        column(name, _TYPES.get(name, String())) if name in known else column(name)
        for name in columns
    ]
    view = table("responses", *wanted)
    query = select(view).where(view.c.answered_on.between(first, last))
    with engine.connect() as connection:
        found = connection.execution_options(yield_per=_PART).execute(query)
        for part in found.partitions():
            yield [tuple(row) for row in part]


def months_answered(engine: Engine) -> tuple[str, ...]:
    """Return every month ("2026-10") that has a response, in order."""
    with engine.connect() as connection:
        days = connection.execute(select(tables.response.c.answered_on).distinct()).scalars()
        return tuple(sorted({f"{day:%Y-%m}" for day in days}))
