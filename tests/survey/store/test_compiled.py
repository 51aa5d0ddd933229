"""Statements that are compiled once: rows, transactions and errors as of any other statement."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, bindparam, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from survey.config import Config
from survey.store import open_engine, tables
from survey.store.compiled import CompiledInsert, CompiledSelect
from survey.store.places import open_desks

_row = tables.link.c
QUERY = select(tables.link).where(
    _row.code == bindparam("code"), _row.created_on > date(2020, 1, 1)
)
LINKS = CompiledSelect(QUERY)
NEW_LINK = CompiledInsert(
    {
        "sqlite": sqlite.insert(tables.link).on_conflict_do_nothing(index_elements=["code"]),
        "postgresql": postgresql.insert(tables.link).on_conflict_do_nothing(),
    },
    [column.name for column in _row],
)


@pytest.fixture
def code(engine: Engine) -> str:
    """An address that is in use."""
    return open_desks(engine, "poster")[0].link.code


def new_link(engine: Engine, **changed: object) -> dict[str, object]:
    (old,) = LINKS.rows(engine, {"code": open_desks(engine, "poster")[0].link.code})
    given = {"code": "zzzzzzzz", "created_on": date(2026, 10, 15), "revoked_on": date(2026, 10, 16)}
    return old._asdict() | given | changed


def test_rows_have_the_names_and_values_that_they_have_elsewhere(engine, code):
    with engine.connect() as connection:
        elsewhere = connection.execute(QUERY, {"code": code}).one()
    (found,) = LINKS.rows(engine, {"code": code})
    assert found._asdict() == elsewhere._asdict()
    assert isinstance(found.created_on, date)
    assert LINKS.rows(engine, {"code": "unknown"}) == ()


def test_a_value_that_was_forgotten_is_no_empty_one(engine):
    with pytest.raises((KeyError, DBAPIError)):
        LINKS.rows(engine)


def test_a_row_is_inserted_in_the_transaction_of_its_caller(engine):
    new = new_link(engine)
    with engine.connect() as connection:
        assert NEW_LINK.run(connection, new) == 1
        connection.rollback()
    assert LINKS.rows(engine, {"code": "zzzzzzzz"}) == ()
    with engine.begin() as connection:
        assert [NEW_LINK.run(connection, new) for _ in range(2)] == [1, 0]
    (found,) = LINKS.rows(engine, {"code": "zzzzzzzz"})
    assert found._asdict() == new


def test_what_the_driver_refuses_is_an_error_of_sqlalchemy_without_what_was_sent(engine):
    new = new_link(engine, counter="no-such-counter")
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        NEW_LINK.run(connection, new)
        connection.execute(text("SELECT 1"))
    assert "zzzzzzzz" not in str(refused.value)
    assert LINKS.rows(engine, {"code": "zzzzzzzz"}) == ()


def test_a_database_that_is_away_is_an_error_of_sqlalchemy(config: Config, tmp_path):
    url = f"sqlite:///{tmp_path}/none.sqlite3"
    if not config.database_url.startswith("sqlite"):
        url = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    with pytest.raises(OperationalError):
        LINKS.rows(open_engine(url), {"code": "k7m49qxp"})


@pytest.mark.postgres
@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_a_connection_that_was_lost_is_told_and_not_used_again(engine, config):
    new, other = new_link(engine), open_engine(config.database_url)
    with pytest.raises(OperationalError) as lost, engine.begin() as connection:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.connect() as end:
            end.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        NEW_LINK.run(connection, new)
    assert lost.value.connection_invalidated
    other.dispose()
    with engine.begin() as connection:
        assert NEW_LINK.run(connection, new) == 1
