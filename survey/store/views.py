"""Publishes questionnaire versions and shows the store in the published layouts, as views.

`responses` and `population` are all that analysis ever reads of this database.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select, text

from questionnaires import Questionnaire
from survey.errors import StoreError
from survey.store import tables

_POPULATION = "period, office, sector, completed, on_time, online"
FIXED = (
    *("response_id", "questionnaire", "office", "sector", "procedure"),
    *("channel", "answered_on", "late", "flag"),
)


def publish(engine: Engine, questionnaires: Iterable[Questionnaire]) -> None:
    """Make these versions known and build the views over all known versions.

    Raises StoreError where a version that was published before has changed: answers given to one
    wording must not turn into answers to another.
    """
    with engine.begin() as connection:
        for questionnaire in questionnaires:
            _publish(connection, questionnaire)
        _build_views(connection, published_items(connection))


def _publish(connection: Connection, questionnaire: Questionnaire) -> None:
    table = tables.questionnaire
    digest = questionnaire.fingerprint
    known = connection.execute(
        select(table.c.digest).where(table.c.key == questionnaire.key)
    ).scalar_one_or_none()
    if known is None:
        item_ids = " ".join(questionnaire.item_ids)
        connection.execute(
            table.insert().values(key=questionnaire.key, digest=digest, item_ids=item_ids)
        )
    elif known != digest:
        raise StoreError(
            f"questionnaire {questionnaire.key} was published with another content; "
            f"give the changed file version {questionnaire.version + 1}"
        )


def published_items(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return the item ids of every published version, in the order of its packed scores."""
    table = tables.questionnaire.c
    rows = connection.execute(select(table.key, table.item_ids).order_by(table.key))
    return {key: tuple(item_ids.split()) for key, item_ids in rows}


def _build_views(connection: Connection, published: dict[str, tuple[str, ...]]) -> None:
    for name, query in (
        ("responses", _responses_query(connection, published)),
        (
            "population",
            f"SELECT {_POPULATION} FROM population_count",  # noqa: S608  a constant
        ),
    ):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def _responses_query(connection: Connection, published: dict[str, tuple[str, ...]]) -> str:
    quote = connection.dialect.identifier_preparer.quote_identifier
    places: dict[str, dict[int, list[str]]] = {}
    for key, items in published.items():
        for position, item in enumerate(items, start=1):
            places.setdefault(item, {}).setdefault(position, []).append(key)
    columns = [f"{_score(by_position)} AS {quote(item)}" for item, by_position in places.items()]
    return f"SELECT {', '.join([*FIXED, *columns])} FROM response"  # noqa: S608  ids are checked


def _score(by_position: dict[int, list[str]]) -> str:
    """The score of one item: its character in the packed scores of each version that asks it.

    Keys and item ids hold only letters, digits, '-', '_' and '@' (questionnaires.model).
    """
    cases = " ".join(
        f"WHEN questionnaire IN ({_quoted(keys)}) THEN substr(scores, {position}, 1)"
        for position, keys in by_position.items()
    )
    return f"CAST(NULLIF(CASE {cases} END, '-') AS INTEGER)"


def _quoted(keys: list[str]) -> str:
    return ", ".join(f"'{key}'" for key in keys)
