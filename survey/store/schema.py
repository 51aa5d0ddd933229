"""Holds what a database does by itself against what the program makes: views, triggers, rules.

Figures and exports read answers through views: whoever writes another view changes them and no
sealed row. A trigger or rule changes what is stored as it comes, a policy what is read. Views of
other names are nobody's business: nothing here reads them. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, Engine

from survey.seals import Fault
from survey.store.transactions import one_moment
from survey.store.views import VIEWS, view_queries

_REFUSED: Final = "the log of staff actions only grows"
_SQLITE: Final = {
    f"staff_action_{event}": (
        f"CREATE TRIGGER staff_action_{event} BEFORE {event.upper()} ON staff_action "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
    for event in ("update", "delete")
}
_ONLY_GROWS: Final = "staff_action_only_grows"
_BEFORE_EACH_CHANGE: Final = 1 | 2 | 8 | 16  # pg_trigger.tgtype: ROW, BEFORE, DELETE, UPDATE
_POSTGRESQL: Final = {
    _ONLY_GROWS: (
        f"staff_action {_BEFORE_EACH_CHANGE} O True BEGIN RAISE EXCEPTION '{_REFUSED}'; END"
    )
}
_TRIGGERS: Final = """
    SELECT tgname, concat_ws(' ', relname, tgtype, tgenabled,
        CASE WHEN tgqual IS NULL THEN 'True' END, btrim(prosrc))
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"""
_RULES: Final = "SELECT rulename, definition FROM pg_rules WHERE schemaname = current_schema()"
_POLICIES: Final = (
    "SELECT policyname, tablename FROM pg_policies WHERE schemaname = current_schema()"
)
_PROBE: Final = "hailong_probe"


def schema_faults(engine: Engine) -> Iterator[Fault]:
    """Every view, trigger, rule or policy that is not as the program makes it, or is missing."""
    with one_moment(engine) as connection:
        if engine.dialect.name == "sqlite":
            made, found = _of_sqlite(connection)
        else:
            made, found = _of_postgresql(connection)
    for name in sorted({*made, *found}):
        if made.get(name) != found.get(name):
            yield Fault("schema", "", {"name": name})


_Both = tuple[Mapping[str, str | None], Mapping[str, str | None]]
"""By their names: what the program makes, and what is there."""


def _of_sqlite(connection: Connection) -> _Both:
    views = {
        name: f"CREATE VIEW {name} AS {query}" for name, query in view_queries(connection).items()
    }
    rows = connection.exec_driver_sql(
        "SELECT name, sql, type FROM sqlite_master WHERE type IN ('view', 'trigger')"
    )
    found = {name: sql for name, sql, kind in rows if kind == "trigger" or name in VIEWS}
    return {**views, **_SQLITE}, found


def _of_postgresql(connection: Connection) -> _Both:
    """PostgreSQL keeps a view as it understood it: each is made once more, as one of this
    connection's own, and both are read back. Nothing of it stays: the transaction is not kept."""
    made, found = dict[str, str | None](), dict[str, str | None]()
    for name, query in view_queries(connection).items():
        connection.exec_driver_sql(f"CREATE TEMPORARY VIEW {_PROBE} AS {query}")
        made[name] = _definition(connection, _PROBE)
        found[name] = _definition(connection, name)
        connection.exec_driver_sql(f"DROP VIEW pg_temp.{_PROBE}")
    connection.rollback()
    for query in (_TRIGGERS, _RULES, _POLICIES):
        found |= {row[0]: row[1] for row in connection.exec_driver_sql(query)}
    return {**made, **_POSTGRESQL}, found


def _definition(connection: Connection, name: str) -> str | None:
    query = "SELECT pg_get_viewdef(to_regclass(%s))"
    definition: str | None = connection.exec_driver_sql(query, (name,)).scalar_one()
    return definition
