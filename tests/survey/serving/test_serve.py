"""`hailong serve` as a process: it starts, leaves nothing lying about, and stops politely."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from benchmarks.load import ANSWERS, SENDING, token
from benchmarks.office import ROOT, answers, poster_path
from benchmarks.offices import NAME, PASSWORD, signed_in
from survey.commands.init import prepare_database
from survey.config import Config, load_config
from survey.intake import Response
from survey.store import open_engine
from survey.store.responses import add_many
from survey.store.staff import add_staff
from tests.postgres import free_port
from tests.told_server import BEGUN
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals of Linux")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def office(data_folder: Path) -> Config:
    """An office on SQLite that is set up, with a free port."""
    config = load_config(data_folder, environ={}, port=free_port())
    prepare_database(config)
    return config


@pytest.fixture
def start(office: Config, tmp_path: Path) -> Iterator[Start]:
    """Start a program that serves the office, in an empty folder, with an empty home."""
    started: list[subprocess.Popen[str]] = []
    for name in ("here", "home", "tmp"):
        (tmp_path / name).mkdir()
    outside = {name: text for name, text in os.environ.items() if not name.startswith("HAILONG_")}
    own = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}

    def begin(
        *arguments: str, port: int = office.port, page: str = "/sign-in", **more: str
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tmp_path / "here",
            env=outside | own | more,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        wait_until(lambda: _ended(process) or answers(port, page))
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


def _ended(process: subprocess.Popen[str]) -> bool:
    return process.poll() is not None


def kept(office: Config) -> set[Path]:
    """What lies in the data folder, but for what says whose turn it is at the upkeep."""
    found = {file.relative_to(office.data) for file in office.data.rglob("*")}
    return {file for file in found if file.suffix != ".turn"}


def serve_command(office: Config) -> list[str]:
    return ["-m", "survey", "serve", "--data", str(office.data), "--port", str(office.port)]


def told_server(kind: str, office: Config) -> list[str]:
    return ["-m", "tests.told_server", kind, str(office.data), str(office.port)]


def terminate(process: subprocess.Popen[str]) -> None:
    """What a service manager does."""
    process.terminate()


def press_ctrl_c(process: subprocess.Popen[str]) -> None:
    """What a terminal does: every process of the group gets the signal."""
    os.killpg(process.pid, signal.SIGINT)


STOPS = pytest.mark.parametrize("stop", [terminate, press_ctrl_c])
KINDS = pytest.mark.parametrize("kind", ["several", "one"])


def send_form(office: Config) -> HTTPConnection:
    """Open the form and send it; the reply is not waited for."""
    connection = HTTPConnection("127.0.0.1", office.port, timeout=PATIENCE)
    path = poster_path(office, "quay-1")
    fields = {"response_id": str(uuid.uuid4()), "token": token(connection, path)} | ANSWERS
    connection.close()  # one that is kept may end at any time; browsers then open another
    connection.request("POST", path, urlencode(fields), SENDING)
    return connection


def thanked(sending: HTTPConnection) -> None:
    """Wait for the reply to the form."""
    assert sending.getresponse().status == 303
    sending.close()


def database(office: Config) -> sqlite3.Connection:
    return sqlite3.connect(office.data / "hailong.sqlite3", isolation_level=None)


def stored(office: Config) -> int:
    connection = database(office)
    (count,) = connection.execute("SELECT count(*) FROM response").fetchone()
    connection.close()
    return int(count)


@KINDS
@STOPS
def test_a_form_under_way_is_stored_and_thanked_before_the_server_stops(kind, stop, start, office):
    process = start(*told_server(kind, office))
    writer = database(office)
    writer.execute("BEGIN IMMEDIATE")  # another program writes: the form has to wait
    sending = send_form(office)
    assert process.stdout.readline().strip() == BEGUN
    stop(process)
    time.sleep(0.5)  # it stops now, as far as it may
    assert process.poll() is None
    writer.execute("COMMIT")
    writer.close()
    thanked(sending)
    assert process.wait(PATIENCE) in (0, 128 + signal.SIGINT)
    assert stored(office) == 1


@STOPS
def test_nothing_is_left_lying_about(stop, start, office, tmp_path):
    before = kept(office)
    process = start(*serve_command(office), HAILONG_BACKUP_DAYS="0")
    thanked(send_form(office))
    stop(process)
    process.wait(PATIENCE)
    for name in ("here", "home", "tmp"):
        assert list((tmp_path / name).iterdir()) == []
    # Also the write-ahead log is folded in: the one file is the whole database.
    assert kept(office) == before
    assert stored(office) == 1


@KINDS
def test_the_process_that_computes_results_ends_with_the_server(kind, start, office):
    engine = open_engine(office.database_url)
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2020, 1, 5), "555555")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(20)])
    add_staff(engine, NAME, PASSWORD, date(2020, 1, 5))
    engine.dispose()
    server = start(*told_server(kind, office))
    browser = signed_in(office.port)
    wait_until(lambda: browser.get("/results/2020-01")[0] == 200)
    process = int((office.data / "figures" / "turn").read_text(encoding="ascii"))
    assert Path(f"/proc/{process}").exists()
    server.terminate()
    server.wait(PATIENCE)
    wait_until(lambda: not Path(f"/proc/{process}").exists())


def test_while_serving_only_the_database_has_files(start, office, tmp_path):
    before = kept(office)
    start(*serve_command(office), HAILONG_BACKUP_DAYS="0")
    thanked(send_form(office))
    new = {file.name for file in kept(office) - before}
    assert new <= {"hailong.sqlite3-wal", "hailong.sqlite3-shm"}
    for name in ("here", "home", "tmp"):
        assert list((tmp_path / name).iterdir()) == []


def test_settings_of_the_page_hold_at_once_and_nobody_is_refused_meanwhile(start, office):
    engine = open_engine(office.database_url)
    add_staff(engine, NAME, PASSWORD, date(2026, 11, 27))
    engine.dispose()
    start(*serve_command(office))
    browser = signed_in(office.port)
    page = browser.get("/server")[1].decode()
    given = dict(re.findall(r'<input id="(\w+)" name="\w+"[^>]* value="([^"]*)"', page))
    given |= {"csrf_token": re.search(r'csrf_token" value="([^"]+)"', page)[1], "language": "en"}
    given |= {"responses_per_counter_a_day": "0"}
    with pytest.raises(HTTPError, match="422"):  # refused, and nothing begins anew
        browser.opener.open(f"{browser.home}/server/settings", urlencode(given).encode())
    given |= {"responses_per_counter_a_day": "4", "opening_hours": "Mon-Sat 08:00-17:00"}
    browser.opener.open(f"{browser.home}/server/settings", urlencode(given).encode()).close()
    asked = 0

    def taken_over() -> bool:
        nonlocal asked
        asked += 1
        thanked(send_form(office)) if asked == 1 else None
        found = [browser.get("/server")[1] for _ in range(4)]  # of each process, by and by
        return all(b"<h1>Server</h1>" in one and b"Press Save" not in one for one in found)

    wait_until(taken_over)
    thanked(send_form(office))
    third = send_form(office)  # what was counted before counts, by the limit of now
    assert third.getresponse().status == 429
    third.close()


def test_it_says_where_it_serves_and_how_to_stop(start, office):
    process = start(*serve_command(office))
    press_ctrl_c(process)
    said, _ = process.communicate(timeout=PATIENCE)
    assert f"http://127.0.0.1:{office.port}" in said
    assert "Ctrl-C" in said


def test_a_port_in_use_is_refused_with_a_remedy(office):
    with socket.create_server(("127.0.0.1", office.port)):
        refused = subprocess.run(
            [sys.executable, *serve_command(office)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert refused.returncode == 1
    assert f"127.0.0.1:{office.port}" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


@STOPS
def test_where_there_is_no_office_the_set_up_is_served_and_writes_nothing_until_its_end(
    tmp_path, start, stop
):
    port, folder, notify = free_port(), tmp_path / "none", str(tmp_path / "notify")
    asked = ["-m", "survey", "serve", "--data", str(folder), "--port", str(port)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(notify)  # as systemd waits for a service to have started
        process = start(*asked, port=port, page="/setup", NOTIFY_SOCKET=notify)
        manager.settimeout(PATIENCE)
        assert b"READY=1" in manager.recv(1000)
    stop(process)
    assert process.wait(PATIENCE) == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    "line", ["workers = 0", "workers = 65", "port = 0", "responses_per_minute = 0"]
)
def test_a_setting_out_of_its_range_is_refused_before_anything_is_said(office, line):
    settings = office.data / "hailong.toml"
    name = line.partition(" ")[0]
    kept = [one for one in settings.read_text("utf-8").splitlines() if not one.startswith(name)]
    settings.write_text("\n".join([*kept, line, ""]), encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "-m", "survey", "serve", "--data", str(office.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{line.replace('=', 'is')}; write a number from" in refused.stderr
