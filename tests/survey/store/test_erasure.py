"""A comment that is purged, deleted or blacked out is gone from the files after the next night."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text

from survey.config import Config
from survey.errors import StoreError
from survey.intake import Response
from survey.serving.upkeep import delete_comments_if_due, rewrite_if_due
from survey.store import sealing, upkeep, verification
from survey.store.comments import black_out, delete_comment, list_comments
from survey.store.responses import add_many
from survey.store.sqlite import database_file
from survey.store.staff_actions import By
from survey.store.upkeep import rewrite

SECRET = "Bà Lê Thị Kim Oanh ở thôn 5 biết chuyện này"  # a text that stands nowhere else
OCTOBER, NIGHT = date(2026, 10, 5), date(2026, 11, 20)
LAN = By("lan", datetime(2026, 11, 21, 9, tzinfo=UTC))

Erase = Callable[[Config, Engine], object]


def purge(config: Config, engine: Engine) -> object:
    return delete_comments_if_due(replace(config, comment_months=1), engine, date(2026, 12, 1))


def delete(_config: Config, engine: Engine) -> object:
    return delete_comment(engine, list_comments(engine)[0], LAN)


def cover(_config: Config, engine: Engine) -> object:
    return black_out(engine, list_comments(engine)[0], "Lê Thị Kim Oanh", LAN)


def files(engine: Engine) -> bytes:
    """What stands in the files of the tables that hold comments, or of everything."""
    if engine.dialect.name == "sqlite":
        file = database_file(engine)
        log = file.with_name(file.name + "-wal")
        return file.read_bytes() + (log.read_bytes() if log.exists() else b"")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        names = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 't', 'i')"
        found = connection.execute(text(f"{names} AND relfilenode <> 0")).scalars().all()
        read = text("SELECT pg_read_binary_file(pg_relation_filepath(CAST(:name AS regclass)))")
        return b"".join(connection.execute(read, {"name": name}).scalar_one() for name in found)


@pytest.mark.parametrize("erase", [purge, delete, cover])
@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_erased_stands_in_no_file_after_the_night(
    config: Config, engine: Engine, erase: Erase, sealed: bool
) -> None:
    id_ = str(uuid.uuid4())
    given = Response(id_, "desk@1", "trieu-son", "land", "kiosk", OCTOBER, "44----", comment=SECRET)
    add_many(engine, [given])
    if sealed:
        sealing.seal_days(engine, OCTOBER)
    rewrite(engine, NIGHT)
    assert b"Kim Oanh" in files(engine)  # the search finds what there is to find
    assert erase(config, engine)
    assert rewrite_if_due(config, engine, date(2026, 12, 1)), "the night has something to do"
    assert b"Kim Oanh" not in files(engine)
    assert verification.verify(engine).faults == ()


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_what_somebody_could_still_see_is_not_taken_for_erased(
    config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = str(uuid.uuid4())
    given = Response(id_, "desk@1", "trieu-son", "land", "kiosk", OCTOBER, "44----", comment=SECRET)
    add_many(engine, [given])
    rewrite(engine, NIGHT)
    monkeypatch.setattr(upkeep, "_PATIENCE", 0.2)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(text("SELECT count(*) FROM office"))  # sees the database as it was
        delete(config, engine)
        with pytest.raises(StoreError, match="hailong upkeep"):
            rewrite(engine, NIGHT)
        assert upkeep.done_on(engine, "erase") is not None, "it stays to be done"
    rewrite(engine, NIGHT)
    assert b"Kim Oanh" not in files(engine)
    assert upkeep.done_on(engine, "erase") is None
