"""Order and time of arrival: what an insider can take once a day is over tells neither.

Citizens at posters, citizens with slips and a tablet send known answers in a known order, over
HTTP, with heartbeats between. Then the databases are taken apart. What can be told during the day
stands in SECURITY.md.

By which slip an answer came changes with the order: what is the same for two orders tells neither.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import OperationalError

from kiosk.devices import pin_verifier
from survey.app import create_app
from survey.backups import DATABASE, HEAD
from survey.cli import cli
from survey.commands.init import prepare_database
from survey.config import Config, load_config
from survey.intake import Response
from survey.serving.upkeep import fold, rewrite_if_due, rewrite_now
from survey.slips import token_hash
from survey.store import integrity, open_engine, tables
from survey.store.kiosks import add_pairing, contacts_file, list_contacts
from survey.store.responses import add_many, add_response, count_responses
from survey.store.sqlite import database_file
from survey.store.staff import add_staff
from survey.store.upkeep import done_on, has_fresh, note_done, rewrite
from survey.turns import turn
from survey.web.limits import Limits, Pace
from tests.clock import stand_at
from tests.kiosk.wire import Tablet, receipts, record
from tests.postgres import copied_database
from tests.served import set_up_office
from tests.survey.conftest import Citizen, hidden_fields, poster_code
from tests.survey.slips import Holder, issue
from tests.waiting import PATIENCE

TODAY = date(2026, 11, 28)
YESTERDAY = TODAY - timedelta(days=1)
IDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASHES = re.compile(rb"[0-9a-f]{64}")
COUNT = 60
PASSWORD = "bốn từ không dính nhau"
SECRET = "sixteen letters!"


def sheets(count: int = COUNT, seed: int = 1) -> list[dict[str, Any]]:
    """Known answers of different lengths; every second one with a comment and a reason."""
    chance = random.Random(seed)
    return [
        {
            "response_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "overall": chance.randint(1, 2),
            "comment": "rất lâu " * chance.randint(1, 9) if number % 2 else "",
            "by": ("kiosk", "slip", "poster")[number % 3],
            "left": number < COUNT // 2,  # enough for tests of what leaves the office
        }
        for number in range(count)
    ]


SLIPS = [f"{number:026}" for number in range(COUNT)]


def send(
    client: Any, engine: Engine, tablet: Tablet, one: dict[str, Any], number: int, slips: list[str]
) -> None:
    """Send one sheet as a phone or the tablet does; the tablet tells now and then how it is.

    Of the slips the next one is used, whosever answer it is.
    """
    answers = {"overall": one["overall"]}
    if one["by"] == "kiosk":
        tablet.beat(sent=number, unsent=number % 4)
        chosen = {"went_wrong": ["waiting"]} if one["comment"] else {}
        made = record(response_id=one["response_id"], scores=answers, choices=chosen)
        assert receipts(tablet.hand_in({**made, "comment": one["comment"] or None})) == ["stored"]
        return
    citizen: Citizen | Holder = Citizen(client, poster_code(engine, "quay-1"))
    if one["by"] == "slip":
        citizen = Holder(client, slips.pop(0))
    citizen.open()
    wrong = {"went_wrong": "waiting"} if one["comment"] else {}
    form = answers | wrong | {"comment": one["comment"], "response_id": one["response_id"]}
    assert citizen.send(form).status_code == 303


def receive(config: Config, engine: Engine, secret: str, order: list[dict[str, Any]]) -> None:
    """Take these answers over HTTP in this order.

    In a second: the last of a crowd are marked, which says so of them and is meant to
    (SECURITY.md). Here screening has no room to count.
    """
    limits = replace(
        Limits.of(replace(config, responses_per_minute=10**6)), arrivals=Pace(1, senders=1)
    )
    client = create_app(config, engine, limits=limits).test_client()
    tablet = Tablet(client, lambda: datetime.now(UTC), secret)
    slips = list(SLIPS)
    for number, one in enumerate(order):
        send(client, engine, tablet, one, number, slips)
        if number % 25 == 24:
            fold(engine)


def fill(config: Config, secret: str, order: list[dict[str, Any]]) -> None:
    engine = open_engine(config.database_url)
    receive(config, engine, secret, order)
    rewrite(engine, TODAY)
    engine.dispose()


def shuffled(seed: int) -> list[dict[str, Any]]:
    found = sheets()
    random.Random(seed).shuffle(found)
    return found


def paired(config: Config) -> str:
    """Set the office up with a tablet; return the tablet's secret."""
    prepare_database(config)
    engine = open_engine(config.database_url)
    code = add_pairing(engine, "quay-1", pin_verifier("246810"), datetime.now(UTC), lasting=False)
    tablet = Tablet(create_app(config, engine).test_client(), lambda: datetime.now(UTC))
    assert tablet.pair(code).status_code == 200
    issue(engine, tokens=SLIPS)
    engine.dispose()
    return tablet.secret


def test_the_same_answers_in_another_order_and_at_other_times_give_the_same_file(data_folder):
    config = load_config(data_folder, environ={})
    secret = paired(config)
    files = []
    for seed in (1, 2):
        folder = data_folder.with_name(f"office-{seed}")
        shutil.copytree(data_folder, folder)
        fill(load_config(folder, environ={}), secret, shuffled(seed))
        files.append((folder / "hailong.sqlite3").read_bytes())
        assert not (folder / "hailong.sqlite3-wal").exists()
    assert files[0] == files[1]
    assert len(set(IDS.findall(files[0]))) == COUNT
    assert {one for one in SLIPS if token_hash(one).encode() in files[0]} == set(SLIPS)


@pytest.fixture
def two_offices(config, data_folder):
    """Two copies of an office with a tablet, which get the same answers in two orders.

    Nothing is rewritten yet: what leaves the office tells nothing at any time of the day.
    """
    secret, url = paired(config), config.database_url
    with ExitStack() as copies:
        offices = []
        for seed in (1, 2):
            folder = data_folder.with_name(f"office-{seed}")
            shutil.copytree(data_folder, folder)
            if url.startswith("postgresql"):
                copy = replace(
                    config, data=folder, database_url=copies.enter_context(copied_database(url))
                )
            else:
                copy = load_config(folder, environ={})
            engine = open_engine(copy.database_url)
            copies.callback(engine.dispose)
            receive(copy, engine, secret, [one for one in shuffled(seed) if one["left"]])
            offices.append((copy, engine))
        yield offices


@pytest.mark.slow
def test_what_leaves_the_office_is_the_same_whatever_came_first(two_offices, monkeypatch):
    stand_at(monkeypatch, datetime.now(UTC) + timedelta(days=32))  # the month is over
    found = [leaving(config, engine, monkeypatch) for config, engine in two_offices]
    for what, content in found[0].items():
        assert content == found[1][what], what
    assert {what for what, content in found[0].items() if not content} == set()


def leaving(config: Config, engine: Engine, monkeypatch: Any) -> dict[str, Any]:
    """Everything that an officer, an analyst or whoever finds a file gets to see."""
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    folder = config.data.with_name(f"left-{config.data.name}")
    folder.mkdir()
    with engine.connect() as connection:
        (month,) = connection.execute(text("SELECT max(answered_on) FROM response")).one()
    month = str(month)[:7]
    found: dict[str, Any] = {}
    for ending in ("csv", "parquet", "xlsx"):
        run(config, "export", "responses", "--period", month, "--out", folder / f"a.{ending}")
    run(config, "export", "--parquet", folder / "months")
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = content_of(path)
    run(config, "backup", folder / "office.zip")
    found["backup"] = backup_of(folder)
    found["comments"] = run(config, "comments", "--period", month)
    found["figures"] = run(config, "analyze", "--period", month, "--format", "json")
    found |= pages(config, engine)
    return found


def run(config: Config, *words: Any) -> str:
    command = [str(word) for word in (*words, "--data", config.data)]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout.replace(config.data.name, "")


def content_of(path: Path) -> Any:
    """A file's bytes; of a zip archive its members but for what says when they were written."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return {
            name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"
        }


def backup_of(folder: Path) -> dict[str, bytes]:
    """What a backup holds. Of its database's bytes without the order of constraints in the schema,
    which differs from one making to the next; nor the digest of these bytes."""
    found: dict[str, bytes] = content_of(folder / "office.zip")
    file = folder / DATABASE
    file.write_bytes(found[DATABASE])
    opened = sqlite3.connect(f"file:{file.as_posix()}?immutable=1", uri=True)
    for (made,) in opened.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'").fetchall():
        ordered = "\n".join(sorted(line.strip(", \t") for line in made.split("\n")))
        found[DATABASE] = found[DATABASE].replace(made.encode(), ordered.encode())
    opened.close()
    head = json.loads(found.pop(HEAD))
    del head["digests"][DATABASE]
    return found | {HEAD: json.dumps(head).encode()}


TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def pages(config: Config, engine: Engine) -> dict[str, Any]:
    """The pages of comments, without what keeps other sites from posting; the metrics' names.

    The metrics' numbers are the tablet's last word of itself, and its moment.
    """
    client = create_app(replace(config, metrics_token=SECRET), engine).test_client()
    add_staff(engine, "lan", PASSWORD, TODAY)
    token = TOKEN.search(client.get("/sign-in").text)
    assert token is not None
    given = {"csrf_token": token[1], "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=given).status_code == 303
    shown = client.get("/comments").text
    told = client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
    assert told.status_code == 200
    assert not IDS.search(told.data)
    names = [line.rpartition(" ")[0] for line in told.text.splitlines() if line[0] != "#"]
    kept = {"hailong_overview_failed", "hailong_backup_timestamp_seconds"}
    assert all(name.startswith("hailong_kiosk_") or name in kept for name in names)
    return {"page": shown.replace(TOKEN.search(shown)[1], ""), "metrics": names}


@pytest.mark.sqlite_is_enough
def test_metrics_stay_what_they_are_while_phones_answer(config, engine):
    paired(config)
    client = create_app(replace(config, metrics_token=SECRET), engine).test_client()

    def told() -> str:
        return client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"}).text

    before, citizen = told(), Citizen(client, poster_code(engine, "quay-1"))
    assert citizen.send({"overall": 1, "comment": "lâu"}).status_code == 303
    assert told() == before


def test_the_server_says_nothing_while_answers_come(tmp_path):
    """What it logs by default, as a service manager keeps it."""
    office, log = set_up_office(tmp_path), tmp_path / "log"
    engine = open_engine(load_config(office.folder, environ={}).database_url)
    slips = issue(engine, 2)
    engine.dispose()
    with log.open("wb") as file:
        office.start(file)
        try:
            before = log.read_bytes()
            for _ in range(5):
                address = office.address("quay-1")
                with urlopen(address, timeout=PATIENCE) as page:
                    form = hidden_fields(page.read().decode())
                sent = urlencode(form | {"overall": 1, "comment": "lâu"}).encode()
                urlopen(address, sent, timeout=PATIENCE).close()
            assert len(office.responses()) == 5
            for address in (f"http://127.0.0.1:{office.port}/s/{one}" for one in (*slips, "none")):
                with suppress(HTTPError):  # unknown
                    with urlopen(address, timeout=PATIENCE) as page:
                        sent = urlencode(hidden_fields(page.read().decode()) | {"overall": 1})
                    for _ in range(2):  # and the same again
                        urlopen(address, sent.encode(), timeout=PATIENCE).close()
            assert len(office.responses()) == 7
        finally:
            office.stop()
    said = log.read_bytes().removeprefix(before)
    assert said.decode().split() in ([], ["stopping"])


def test_before_the_rewrite_the_orders_can_be_told_apart(data_folder):
    """The attack finds what there is to find: without the rewrite it succeeds."""
    config = load_config(data_folder, environ={})
    prepare_database(config)
    found = []
    for seed in (1, 2):
        folder = data_folder.with_name(f"office-{seed}")
        shutil.copytree(data_folder, folder)
        engine = open_engine(load_config(folder, environ={}).database_url)
        for one in shuffled(seed)[:40]:
            add_response(engine, response(one["response_id"]))
        engine.dispose()
        found.append((folder / "hailong.sqlite3").read_bytes())
    assert found[0] != found[1]


def response(response_id: str | None = None, day: date = TODAY) -> Response:
    given = response_id or str(uuid.uuid4())
    sheet = ("desk@1", "trieu-son", "land", "poster", day, "54----")
    return Response(given, *sheet, choices=(("went_wrong", "waiting"),), comment=given[:8])


def test_no_moment_stands_between_answers_in_the_log(data_folder):
    config = load_config(data_folder, environ={})
    secret = paired(config)
    engine = open_engine(config.database_url)
    client = create_app(config, engine).test_client()
    tablet = Tablet(client, lambda: datetime.now(UTC), secret)
    fold(engine)
    add_response(engine, response())
    log = Path(f"{database_file(engine)}-wal")
    before = log.read_bytes()
    tablet.beat()
    assert log.read_bytes() == before  # a heartbeat writes nothing here
    (contact,) = list_contacts(engine).values()
    assert contact.heartbeat is not None
    assert not IDS.search(contacts_file(engine).read_bytes())
    engine.dispose()


def test_a_day_that_is_over_has_one_transaction_and_the_order_of_ids(postgres_url, data_folder):
    config = replace(load_config(data_folder, environ={}), database_url=postgres_url)
    fill(config, paired(config), shuffled(1))
    engine = open_engine(postgres_url)
    keys = {"response": "response_id", "choice": "response_id", "comment": "id"}
    for table, key in keys.items():
        with engine.connect() as connection:
            rows = connection.execute(
                text(f"SELECT {key}, xmin::text, xmax::text FROM {table} ORDER BY ctid")
            ).all()
            found = connection.execute(
                text(f"SELECT pg_read_binary_file(pg_relation_filepath('{table}'))")
            )
            connection.execute(text("CHECKPOINT"))
            content = found.scalar_one()
        ids = [row[0] for row in rows]
        assert len(ids) >= COUNT // 3
        assert ids == sorted(ids)
        assert len({row[1] for row in rows}) == 1
        assert ids == on_pages(content)  # and nothing else lies in the file
    assert_slips_are_not_joined_to_answers(engine)
    engine.dispose()


def assert_slips_are_not_joined_to_answers(engine: Engine) -> None:
    """A slip is used in the transaction that stores its answer; afterwards no number says so."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT hash, used_in, xmin::text, xmax::text FROM slip ORDER BY ctid")
        ).all()
        answers = connection.execute(text("SELECT DISTINCT xmin::text FROM response")).all()
        place = "SELECT pg_read_binary_file(pg_relation_filepath('slip'))"
        content = connection.execute(text(place)).scalar_one()
    hashes = [row.hash for row in rows]
    assert hashes == sorted(hashes)
    assert hashes == on_pages(content, HASHES)
    used = [row for row in rows if row.used_in]
    assert len(used) == COUNT // 3
    assert {row.xmin for row in used} == {answers[0][0]}


def on_pages(content: bytes, keys: re.Pattern[bytes] = IDS) -> list[str]:
    """The ids in a table's file, page by page; a page is filled from its end."""
    pages = [content[at : at + 8192] for at in range(0, len(content), 8192)]
    return [one.decode() for page in pages for one in reversed(keys.findall(page))]


def test_indexes_of_another_order_of_arrival_are_the_same(postgres_server, data_folder):
    from tests.postgres import empty_database

    found = []
    for seed in (1, 2):
        with empty_database(postgres_server) as url:
            config = replace(load_config(data_folder, environ={}), database_url=url)
            prepare_database(config)
            engine = open_engine(url)
            for one in shuffled(seed):
                add_response(engine, response(one["response_id"]))
            rewrite(engine, TODAY)
            with engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
                found.append([_pages_of(connection, name) for name in INDEXES])
            engine.dispose()
    assert found[0] == found[1]


INDEXES = ("pk_response", "ix_response_answered_on", "pk_choice", "pk_comment")


def _pages_of(connection: Any, name: str) -> list[bytes]:
    """The pages of a relation without the place in the log (LSN) that each begins with."""
    query = text("SELECT pg_read_binary_file(pg_relation_filepath(:name))")
    content = connection.execute(query, {"name": name}).scalar_one()
    return [content[at + 8 : at + 8192] for at in range(8192, len(content), 8192)]


def test_answers_stay_whole_through_rewrites_with_others_coming_in(engine):
    first = [response() for _ in range(200)]
    add_many(engine, first)
    later = [response() for _ in range(60)]
    with ThreadPoolExecutor(4) as threads:
        sending = [threads.submit(add_response, engine, one) for one in later]
        for _ in range(3):
            rewrite(engine, TODAY)
        assert {one.result() for one in sending} == {"stored"}
    rewrite(engine, TODAY)
    with engine.connect() as connection:
        ids = set(connection.execute(select(tables.response.c.response_id)).scalars())
        said = select(tables.comment.c.id, tables.comment.c.text)
        comments = dict(connection.execute(said).all())
        choices = connection.execute(select(tables.choice)).all()
    assert ids == {one.response_id for one in (*first, *later)}
    assert comments == {one: one[:8] for one in ids}
    assert len(choices) == len(ids)
    assert integrity(engine) == "ok"
    assert add_response(engine, first[0]) == "repeated"


def test_a_rewrite_again_changes_nothing(engine):
    add_many(engine, [response() for _ in range(50)])
    rewrite(engine, TODAY)
    assert not has_fresh(engine)
    rewrite(engine, TODAY)
    assert count_responses(engine) == 50
    assert done_on(engine, "rewrite") == TODAY


KILLED = """
import os, signal, sys
from datetime import date
from sqlalchemy import event
from survey.store import open_engine
from survey.store.upkeep import rewrite

url, step = sys.argv[1:]
engine = open_engine(url)

def end(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def begun(_connection, cursor, statement, *_):
    if statement == step == "VACUUM":
        cursor.connection.set_progress_handler(end, 20_000)  # in the middle of it

def done(_connection, _cursor, statement, *_):
    if statement.startswith(step):
        end()

event.listen(engine, "before_cursor_execute", begun)
event.listen(engine, "after_cursor_execute", done)
rewrite(engine, date(2026, 11, 28))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux does")
def test_a_rewrite_that_is_killed_loses_nothing_and_is_done_the_next_time(config, engine):
    steps = ["UPDATE response", "VACUUM", "PRAGMA wal_checkpoint", "UPDATE upkeep"]
    if engine.dialect.name == "postgresql":
        steps = ["WITH moved AS (DELETE FROM response", "CLUSTER VERBOSE comment"]
        steps += ["UPDATE upkeep", "RESET lock_timeout"]
    sent = [response() for _ in range(1000)]
    add_many(engine, sent)
    engine.dispose()
    for step in steps:
        command = [sys.executable, "-c", KILLED, config.database_url, step]
        process = subprocess.run(command, env=environ(), check=False)
        assert process.returncode == -signal.SIGKILL
        assert count_responses(engine) == len(sent)
        assert done_on(engine, "rewrite") is None
        engine.dispose()
    command = [sys.executable, "-m", "survey", "upkeep", "--data", str(config.data)]
    settings = {"HAILONG_DATABASE_URL": config.database_url}
    done = subprocess.run(command, env=environ() | settings, check=True, capture_output=True)
    assert b"no order" in done.stdout
    assert count_responses(engine) == len(sent)
    assert integrity(engine) == "ok"
    assert not has_fresh(engine)


def environ() -> dict[str, str]:
    root = str(Path(__file__).parents[3])
    outside = {name: value for name, value in os.environ.items() if "HAILONG" not in name}
    return outside | {"PYTHONPATH": root, "PYTHONUTF8": "1"}


@pytest.mark.parametrize(
    "step", ["UPDATE response", "VACUUM", "UPDATE upkeep", "CLUSTER VERBOSE response"]
)
def test_a_rewrite_that_fails_at_any_step_is_due_again(config, engine, step):
    add_many(engine, [response() for _ in range(30)])
    note_done(engine, "rewrite", YESTERDAY)

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(step):
            raise OSError("disk full")

    event.listen(engine, "before_cursor_execute", fail)
    reached = step.startswith("UPDATE upkeep") or (
        (engine.dialect.name == "sqlite") == (not step.startswith("CLUSTER"))
    )
    if reached:
        with pytest.raises(OSError, match="disk full"):
            rewrite_now(config, engine, TODAY)
        assert done_on(engine, "rewrite") == YESTERDAY
    event.remove(engine, "before_cursor_execute", fail)
    assert rewrite_now(config, engine, TODAY)
    assert count_responses(engine) == 30
    assert done_on(engine, "rewrite") == TODAY


def test_a_day_is_rewritten_once_when_it_is_over(config, engine):
    assert not rewrite_if_due(config, engine, YESTERDAY)  # nothing there
    add_response(engine, response())
    assert not rewrite_if_due(config, engine, YESTERDAY)  # the first day is not over
    assert rewrite_if_due(config, engine, TODAY)
    add_response(engine, response())
    assert not rewrite_if_due(config, engine, TODAY)  # one by one they would stay apart
    assert rewrite_if_due(config, engine, TODAY + timedelta(days=5))  # missed nights are made up
    assert not rewrite_if_due(config, engine, TODAY + timedelta(days=6))  # nothing new


def test_of_two_processes_one_rewrites(config, engine):
    with turn(config.data / "upkeep.turn") as mine:
        assert mine
        assert not rewrite_now(config, engine, TODAY)
    assert rewrite_now(config, engine, TODAY)


def test_a_plain_copy_of_the_file_holds_what_was_folded_in(data_folder):
    config = load_config(data_folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    for _ in range(5):
        add_response(engine, response())
    fold(engine)
    copy = shutil.copy(database_file(engine), data_folder / "copy.sqlite3")
    plain = sqlite3.connect(f"file:{copy}?immutable=1", uri=True)
    assert plain.execute("SELECT count(*) FROM response").fetchone() == (5,)
    plain.close()
    engine.dispose()


def test_folding_waits_for_nobody(data_folder):
    config = load_config(data_folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    add_response(engine, response())
    reader = sqlite3.connect(database_file(engine), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM response").fetchall()
    add_response(engine, response())
    fold(engine)
    add_response(engine, response())
    assert count_responses(engine) == 3
    reader.close()
    engine.dispose()


@pytest.fixture
def file_engine(data_folder: Path) -> Iterator[Engine]:
    config = load_config(data_folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    yield engine
    engine.dispose()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody take an open file away")
@pytest.mark.parametrize("accident", ["deleted", "replaced", "log deleted"])
def test_a_file_that_was_taken_away_is_noticed_and_nothing_is_acknowledged(file_engine, accident):
    file = database_file(file_engine)
    assert add_response(file_engine, response()) == "stored"
    if accident == "log deleted":
        Path(f"{file}-wal").unlink()
    elif accident == "deleted":
        file.rename(file.with_suffix(".away"))
    else:
        other = Path(shutil.copy(file, file.with_suffix(".other")))
        other.replace(file)
    with pytest.raises(OperationalError, match=r"replaced or deleted|not there"):
        add_response(file_engine, response())
    if accident == "log deleted":  # closing it wrote what was acknowledged into the file
        assert add_response(file_engine, response()) == "stored"
        assert count_responses(file_engine) == 2
        return
    with pytest.raises(OperationalError):
        count_responses(file_engine)
    if accident == "deleted":
        assert not file.exists()  # nor is an empty one made
        file.with_suffix(".away").rename(file)
        assert add_response(file_engine, response()) == "stored"  # it is back


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody take an open file away")
def test_a_file_taken_away_within_a_transaction_is_not_acknowledged(file_engine):
    file = database_file(file_engine)

    def take_away(_connection: object) -> None:
        file.rename(file.with_suffix(".away"))

    add_response(file_engine, response())
    event.listen(file_engine, "commit", take_away)  # after the look before the commit
    with pytest.raises(OperationalError, match="replaced or deleted"):
        add_response(file_engine, response())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody take an open file away")
def test_a_citizen_is_told_503_when_the_file_is_gone(data_folder):
    config = load_config(data_folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    client = create_app(config, engine).test_client()
    citizen = Citizen(client, poster_code(engine, "quay-1"))
    citizen.open()
    database_file(engine).unlink()
    reply = citizen.send({"overall": 5}, response_id=str(uuid.uuid4()))
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert client.get(f"/r/{citizen.code}").status_code == 503
    engine.dispose()
