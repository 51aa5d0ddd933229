"""Nothing joins an answer to the slip, the call, the day or the order that it came by, once a day
(of the day: once a month is sealed) is over: not the tables as they lie, and not a backup.

Two copies of an office get the same answers, which come by other slips, calls and days in another
order. The attacker has the whole database, and looks for any difference. That there is none means
that nothing is better than chance; and a leak that is planted is found.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from questionnaires import check, shipped
from survey.backups import DATABASE, write_backup
from survey.config import Config, load_config
from survey.intake import Response
from survey.paper import fields_of
from survey.rechecking import QUESTIONNAIRE, draw, enter, place_of, roll, seal
from survey.records import read_text
from survey.slips import token_hash
from survey.store import open_engine, sealing, tables, verification
from survey.store.seals import unpacked
from survey.store.slips import use_slip
from survey.store.upkeep import rewrite
from tests.postgres import copied_database
from tests.survey.recheck.drawn import BY, DICE, TODAY, listed
from tests.survey.slips import issue

DAYS = [date(2026, 10, 5) + timedelta(days=ahead) for ahead in range(2)]
CALLED = [date(2026, 11, day) for day in (14, 15)]
AFTER = datetime(2026, 11, 20, 9, tzinfo=UTC)
SLIPS = [f"{number:026}" for number in range(12)]
RANDOM = frozenset({"seal", "comment_seal", "staff", "alembic_version", "contact"})
"""Tables of random numbers of their own: of these only where their rows lie is looked at."""


@dataclass
class World:
    """One of the two copies: what happened in it is known to its number alone."""

    config: Config
    engine: Engine
    codes: list[str]
    chance: random.Random
    leak: str = ""

    def live(self) -> None:
        """October with slips, sealed; then calls on three evenings; each night is rewritten."""
        tokens = self.chance.sample(SLIPS, len(SLIPS))
        days = self.chance.sample(DAYS * 6, len(SLIPS))
        given = list(zip(self.chance.sample(answers(), len(SLIPS)), tokens, days, strict=True))
        for today in DAYS:
            for answer, token, day in given:
                if day == today:
                    self.use(answer, token, day)
            self.night(today)
        assert sealing.seal_month(self.engine, "2026-10", "{}") == ()
        self.night(date(2026, 11, 11))
        codes = self.chance.sample(self.codes, len(self.codes))
        sheets = self.chance.sample(range(len(codes)), len(codes))
        for number, (code, sheet) in enumerate(zip(codes, sheets, strict=True)):
            self.call(code, sheet)
            if number < len(CALLED):  # one on each of the first evenings: the easiest to guess
                self.night(CALLED[number])
        self.night(CALLED[-1])
        assert sealing.seal_month(self.engine, "2026-10", '{"edition": 2}') == ()
        self.night(AFTER.date())
        assert verification.verify(self.engine).faults == ()

    def use(self, answer: Response, token: str, day: date) -> None:
        if self.leak in ("slip", "day"):
            told = {"slip": token_hash(token)[:8], "day": f"{day}"}[self.leak]
            answer = replace(answer, procedure=told)
        dated = replace(answer, answered_on=day)
        assert use_slip(self.engine, dated, token_hash(token), day) == "stored"

    def call(self, code: str, sheet: int) -> None:
        questionnaire = shipped()[QUESTIONNAIRE]
        typed = {"overall": str(1 + sheet % 5), "answered_before": "2"}
        found, place = place_of(self.engine, code)
        answers = check(questionnaire, fields_of(questionnaire, typed), partial=True)
        id_ = str(uuid.UUID(int=1000 + sheet, version=4))
        assert enter(self.engine, found, place, questionnaire, answers, id_, BY) == "stored"
        if self.leak == "call":
            mine = tables.response.update().where(tables.response.c.response_id == id_)
            with self.engine.begin() as connection:
                connection.execute(mine.values(flag=f"{place.position}"))

    def night(self, day: date) -> None:
        assert sealing.seal_days(self.engine, day) == ()
        if not self.leak:  # what is planted is found by what is written, not by where it lies
            rewrite(self.engine, day + timedelta(days=1))

    def backup(self) -> Path:
        file = self.config.data.with_suffix(".zip")
        write_backup(self.config, self.engine, file, AFTER)
        with zipfile.ZipFile(file) as archive:
            database = Path(archive.extract(DATABASE, self.config.data))
        if self.leak == "backup":  # as if rows were copied as they came
            with closing(sqlite3.connect(database)) as opened, opened:
                mine = f"{self.chance.random()}"[:16]
                opened.execute("UPDATE response SET procedure = ?", (mine,))
        return database


def answers() -> list[Response]:
    chance = random.Random(1)
    found = []
    for _ in SLIPS:
        id_ = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        sheet = ("desk@1", "trieu-son", "land", "slip", DAYS[0], f"{chance.randint(1, 5)}4----")
        found.append(Response(id_, *sheet, choices=(("went_wrong", "waiting"),)))
    return found


Worlds = Callable[[str], list[World]]


@pytest.fixture
def worlds(config: Config, data_folder: Path) -> Iterator[Worlds]:
    """Two copies of an office that has issued slips and drawn calls."""
    url, engine = config.database_url, open_engine(config.database_url)
    issue(engine, tokens=SLIPS, on=DAYS[0], good_for=timedelta(days=30))
    office = seal(engine, listed(), TODAY, BY).office
    roll(engine, "2026-10", office, DICE, BY)
    sheet = draw(engine, listed(), 10, BY)
    codes = [row.code for row in sheet.rows if row.code and row.ticket.dossier.sector == "land"][:6]
    engine.dispose()

    with ExitStack() as copies:

        def made(leak: str) -> list[World]:
            found = []
            for number in (1, 2):
                folder = data_folder.with_name(f"{leak or 'none'}-{number}")
                shutil.copytree(data_folder, folder)
                if url.startswith("postgresql"):
                    to = copies.enter_context(copied_database(url))
                    copy = replace(config, data=folder, database_url=to)
                else:
                    copy = load_config(folder, environ={})
                own = open_engine(copy.database_url)
                copies.callback(own.dispose)
                world = World(copy, own, codes, random.Random(number), leak)
                world.live()
                found.append(world)
            return found

        yield made


def traces(world: World) -> dict[str, Any]:
    """Every table as its rows lie, and on PostgreSQL with the order of their transactions."""
    engine = world.engine
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            if engine.dialect.name == "sqlite":
                rows = [(*row, 0) for row in connection.execute(select(table))]
            else:
                query = text(f"SELECT *, xmin::text::bigint FROM {table.name} ORDER BY ctid")
                rows = [tuple(row) for row in connection.execute(query)]
            if table is tables.sealed_document:
                rows = read_documents(rows)
            order = {xmin: rank for rank, xmin in enumerate(sorted({row[-1] for row in rows}))}
            hidden = table.name in RANDOM
            found[table.name] = [
                (None if hidden else repr(row[:-1]), order[row[-1]]) for row in rows
            ]
    with closing(sqlite3.connect(world.backup())) as opened:
        for table in tables.metadata.sorted_tables:
            if table.name not in RANDOM:
                rows = opened.execute(f"SELECT * FROM {table.name}").fetchall()
                is_documents = table is tables.sealed_document
                found[f"backup {table.name}"] = read_documents(rows) if is_documents else rows
    return found


def read_documents(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Documents by what they say: those of records have a random salt, and with it a digest."""
    found = []
    for _, month, content, *rest in rows:
        said = unpacked(content) or ""
        if "hailong.records" in said:
            said = f"{read_text(said).records}"
        found.append((month, said, *rest))
    return sorted(found)


def different(worlds: list[World]) -> set[str]:
    one, other = (traces(world) for world in worlds)
    return {name for name, rows in one.items() if rows != other[name]}


def test_nothing_joins_an_answer_to_its_slip_its_call_its_day_or_its_order(worlds: Worlds) -> None:
    assert different(worlds("")) == set()


@pytest.mark.parametrize("leak", ["slip", "day", "call", "backup"])
@pytest.mark.sqlite_is_enough
def test_a_leak_that_is_planted_is_found(worlds: Worlds, leak: str) -> None:
    own = set() if leak == "backup" else {"response"}
    assert different(worlds(leak)) == {*own, "backup response"}
