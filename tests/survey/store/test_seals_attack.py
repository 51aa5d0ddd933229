"""Once a month is sealed nothing tells of which of its days an answer is: not the files, not the
seals that everybody has.

The attacker has the whole database, every published seal and every answer by heart.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from survey.config import Config, load_config
from survey.intake import Response
from survey.seals import SealedAnswer, as_document, leaf, rows_digest
from survey.store import open_engine, sealing, seals, tables, verification
from survey.store.responses import add_many
from survey.store.sqlite import database_file
from survey.store.upkeep import rewrite

DAYS = [date(2026, 10, 1) + timedelta(days=ahead) for ahead in range(4)]
HEX = re.compile(rb"[0-9a-f]{64}")


def answers(seed: int, order: int) -> list[Response]:
    """The same answers for a seed, on days that depend on the order."""
    chance = random.Random(seed)
    days = DAYS * 7
    random.Random(order).shuffle(days)
    found = []
    for number, day in enumerate(days):
        id_ = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        sheet = ("desk@1", "trieu-son", "land", "kiosk", day, f"{chance.randint(1, 5)}4----")
        comment = f"góp ý {number}" if number % 2 else None
        choices = (("went_wrong", "waiting"),) if number % 3 else ()
        found.append(Response(id_, *sheet, comment=comment, choices=choices))
    return found


def one_a_day() -> list[Response]:
    given = answers(1, 1)
    return [next(one for one in given if one.answered_on == day) for day in DAYS]


def live(engine: Engine, given: list[Response]) -> None:
    """A month as the server lives it: each night sealed and rewritten, then the month."""
    for day in DAYS:
        add_many(engine, [one for one in given if one.answered_on == day])
        sealing.seal_days(engine, day)
        rewrite(engine, day + timedelta(days=1))
    assert sealing.seal_month(engine, "2026-10", "{}") == ()
    rewrite(engine, date(2026, 11, 11))
    assert verification.verify(engine).faults == ()


def alone(engine: Engine) -> list[str]:
    """The days with one answer that the attacker finds, by every 64 digits in the file as key."""
    chain = seals.list_seals(engine)
    with engine.connect() as connection:
        texts = [
            str(row)
            for table in (tables.seal, tables.comment_seal)
            for row in connection.execute(select(table))
        ]
        kept = connection.execute(select(tables.sealed_document.c.content)).scalars()
        texts += filter(None, map(seals.unpacked, kept))
        rows = seals.answers_of(connection, "2026-10", sealed=False)
    keys = sorted({key.decode() for key in HEX.findall(" ".join(texts).encode())})
    if engine.dialect.name == "sqlite":
        keys = sorted({*keys, *map(bytes.decode, HEX.findall(database_file(engine).read_bytes()))})
    days = {one.rows: one.about for one in chain if one.kind == "day"}
    found = set()
    for day in dict.fromkeys(days.values()):
        on = [replace_day(row, day) for row in rows]
        for key in ["", *keys]:
            for row in on:
                found.add(days.get(rows_digest(key, [row])))
    return sorted(filter(None, found))


def replace_day(row: SealedAnswer, day: str) -> SealedAnswer:
    return row._replace(answered_on=day)


def test_before_a_month_is_sealed_a_day_s_key_gives_its_answers_away(engine: Engine) -> None:
    """The attack finds what there is to find."""
    add_many(engine, one_a_day())
    sealing.seal_days(engine, DAYS[-1])
    assert alone(engine)


def test_no_seal_tells_the_day_of_an_answer_once_its_month_is_sealed(engine: Engine) -> None:
    live(engine, one_a_day())
    assert alone(engine) == []
    document = as_document(seals.list_seals(engine))
    with engine.connect() as connection:
        rows = seals.answers_of(connection, "2026-10", sealed=False)
    assert not [row for row in rows if row.response_id in document]
    assert not [row for row in rows if leaf(row).hex() in document]
    assert "answers" not in document


def test_the_same_answers_on_other_days_give_the_same_file(data_folder: Path, ready_sqlite) -> None:
    shutil.copy(ready_sqlite, data_folder)
    files = []
    for order in (1, 2):
        folder = data_folder.with_name(f"office-{order}")
        shutil.copytree(data_folder, folder)
        engine = open_engine(load_config(folder, environ={}).database_url)
        live(engine, answers(1, order))
        engine.dispose()
        file = folder / "hailong.sqlite3"
        assert not re.search(rb"kiosk2026-10-(?!01)", file.read_bytes())
        opened = sqlite3.connect(file, isolation_level=None)
        # Random by themselves: the salt of records, keys and salts.
        salted = "SELECT document FROM seal WHERE kind = 'records'"
        opened.execute(f"DELETE FROM sealed_document WHERE digest IN ({salted})")
        for table in ("seal", "comment_seal"):
            opened.execute(f"DROP TABLE {table}")
        opened.execute("VACUUM")
        opened.close()
        files.append(file.read_bytes()[100:])  # without the counters of the header
    assert files[0] == files[1]


@pytest.mark.postgres
def test_the_answers_of_a_sealed_month_have_one_transaction_and_the_order_of_ids(
    ready_postgres_url: str, data_folder: Path
) -> None:
    config: Config = replace(load_config(data_folder, environ={}), database_url=ready_postgres_url)
    engine = open_engine(config.database_url)
    live(engine, answers(1, 1))
    with engine.connect() as connection:
        for table in ("response", "choice", "comment", "comment_seal"):
            key = "id" if table == "comment" else "response_id"
            query = f"SELECT {key}, xmin::text FROM {table} ORDER BY ctid"
            rows = connection.execute(text(query)).all()
            assert len({xmin for _, xmin in rows}) == 1, table
            ids = [id_ for id_, _ in rows]
            assert ids == sorted(ids)
            assert len(ids) > 10
        connection.execute(text("CHECKPOINT"))
        stored = "SELECT pg_read_binary_file(pg_relation_filepath('seal'))"
        content = connection.execute(text(stored)).scalar_one()
        # Nothing is left of the keys that were erased.
        there = {
            value
            for row in connection.execute(select(tables.seal))
            for value in row
            if isinstance(value, str)
        }
        assert {found.decode() for found in HEX.findall(content)} <= there
        assert len(HEX.findall(content)) >= 3 * len(DAYS)
    engine.dispose()
