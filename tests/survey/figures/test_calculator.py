"""Results are computed once, by a process of their own, and nobody else waits for it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import current_thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from analysis.period import Period, parse_period
from benchmarks.office import ROOT
from survey.app import create_app
from survey.commands.init import prepare_database, prepare_folder
from survey.config import Config, load_config
from survey.dossiers import PopulationCount
from survey.figures.asking import ALL, Asking, NotComputed, closed_last, state_now, wanted_page
from survey.figures.calculator import compute_for
from survey.figures.shelf import Shelf, Wanted
from survey.intake import Response
from survey.store import open_engine
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.staff import add_staff
from tests.clock import NOW
from tests.survey.conftest import poster_code
from tests.waiting import PATIENCE, wait_until

PASSWORD = "bốn từ không dính nhau"
TODAY = date(2026, 11, 20)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="sends signals of Linux"),
]


def answers(engine: Engine, day: date, scores: str) -> None:
    add_many(
        engine,
        [
            Response(
                str(uuid.uuid4()), "desk@1", "trieu-son", "land", "poster", day, f"{score}-----"
            )
            for score in scores
        ],
    )


def dossiers(engine: Engine, month: str, completed: int) -> None:
    counts = [PopulationCount(month, "trieu-son", "land", completed)]
    save_counts(engine, counts, log=CountSource(date(2026, 11, 1), "x.csv", f"{completed:064}"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An office on SQLite with 20 answers in each month of 2020; each test takes its own month."""
    folder = tmp_path_factory.mktemp("calculator") / "office"
    prepare_folder(folder)
    config = load_config(folder, environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    add_staff(engine, "lan", PASSWORD, TODAY)
    for month in range(1, 13):
        answers(engine, date(2020, month, 5), "5" * 17 + "111")
    engine.dispose()
    return config


@pytest.fixture
def engine(office: Config) -> Iterator[Engine]:
    engine = open_engine(office.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def asking(office: Config) -> Iterator[Asking]:
    """One server process."""
    asking = Asking(office, patience=PATIENCE)
    yield asking
    asking.close()


@pytest.fixture
def other(office: Config) -> Iterator[Asking]:
    """Another server process of the same installation."""
    other = Asking(office, patience=PATIENCE)
    yield other
    other.close()


def signed_in(config: Config, engine: Engine, asking: Asking) -> FlaskClient:
    client = create_app(config, engine, asking).test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    form = {"csrf_token": token, "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


@pytest.fixture
def officer(office: Config, engine: Engine, asking: Asking) -> FlaskClient:
    return signed_in(office, engine, asking)


@pytest.fixture
def wanted(office: Config, engine: Engine) -> Callable[..., Wanted]:
    def make(period: str) -> Wanted:
        today = office.today()
        return wanted_page(engine, office, parse_period(period), today, office=ALL, lang="vi")

    return make


def written(config: Config, wanted: Wanted) -> tuple[int, int]:
    """Which file a result is: another one each time it is computed."""
    status = (config.data / "figures" / f"{wanted.key}.page.json").stat()
    return status.st_ino, status.st_mtime_ns


def computing(config: Config) -> int:
    """The process that has the turn."""
    return int((config.data / "figures" / "turn").read_text(encoding="ascii"))


@contextmanager
def held(process: int) -> Iterator[None]:
    """The process that computes stands still."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").split()[2] == "Z"
    except FileNotFoundError:
        return True


def test_a_page_is_computed_once_for_every_view_and_every_process(
    office, engine, asking, other, officer, wanted
):
    assert officer.get("/results/2020-01").status_code == 200
    first = written(office, wanted("2020-01"))
    assert officer.get("/results/2020-01").status_code == 200
    assert signed_in(office, engine, other).get("/results/2020-01").status_code == 200
    assert written(office, wanted("2020-01")) == first


def test_readers_in_two_processes_share_one_computation_and_one_process(
    office, asking, other, wanted
):
    asking.look(wanted("2020-01"), "page.json")
    process = computing(office)
    with ThreadPoolExecutor(4) as threads:
        looks = [
            threads.submit(one.look, wanted("2020-02"), "page.json")
            for one in (asking, asking, other, other)
        ]
    assert len({look.result() for look in looks}) == 1
    assert computing(office) == process
    assert other._process is None


def test_what_is_computed_can_be_read_by_this_account_only(office, asking, wanted):
    asking.look(wanted("2020-01"), "page.json")
    folder = office.data / "figures"
    found = [folder, *folder.rglob("*")]
    assert len(found) >= 4
    for path in found:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_while_figures_are_computed_citizens_are_served_and_no_thread_is_taken_up(
    office, engine, asking, officer, wanted
):
    asking.look(wanted("2020-01"), "page.json")
    client = create_app(office, engine, asking).test_client()
    with ThreadPoolExecutor(2) as threads:
        with held(computing(office)):
            waiting = [threads.submit(asking.look, wanted("2020-03"), "page.json") for _ in "ab"]
            wait_until(lambda: asking._seats._value == 0)
            # Nothing is computed before the last line of this block: an order, not a time.
            assert client.get(f"/r/{poster_code(engine, 'quay-1')}").status_code == 200
            third = officer.get("/results/2020-03")
            assert third.status_code == 202
            assert third.headers["Refresh"] == third.headers["Retry-After"] == "3"
            assert "Đang tính kết quả" in third.text
            assert "chưa có phiếu nào" not in third.text
            assert officer.get("/results/2020-03/chart.svg").status_code == 503
            assert officer.get("/results/2020-01").status_code == 200
            assert not any(look.done() for look in waiting)
        assert all(b'"sections"' in _found(look) for look in waiting)
    assert officer.get("/results/2020-03").status_code == 200


def _found(look: Future[bytes | None]) -> bytes:
    return look.result(PATIENCE) or b""


def test_a_reader_waits_a_bounded_time_and_what_was_asked_for_is_computed_all_the_same(
    office, asking, wanted
):
    asking.look(wanted("2020-01"), "page.json")
    hasty = Asking(office, patience=0.1)
    with held(computing(office)):
        assert hasty.look(wanted("2020-04"), "page.json") is None
    shelf = Shelf(office.data)
    wait_until(lambda: shelf.result(wanted("2020-04"), "page.json") is not None)
    first = written(office, wanted("2020-04"))
    assert hasty.look(wanted("2020-04"), "page.json")
    assert written(office, wanted("2020-04")) == first


def test_a_killed_process_is_started_again(office, asking, wanted):
    asking.look(wanted("2020-01"), "page.json")
    killed = computing(office)
    os.kill(killed, signal.SIGKILL)
    assert asking.look(wanted("2020-05"), "page.json")
    assert computing(office) != killed


def test_the_process_ends_with_the_server_however_that_ends(office, wanted, asking):
    asking.close()
    program = (
        "import sys; from pathlib import Path; from survey.config import load_config;"
        "from survey.figures.asking import Asking; from survey.figures.shelf import Wanted;"
        "asking = Asking(load_config(Path(sys.argv[1]), environ={}), patience=120);"
        "print(bool(asking.look(Wanted(*sys.argv[2:]), 'page.json')), flush=True);"
        "sys.stdin.read()"
    )
    page = wanted("2020-06")
    facts = [page.period, page.office, page.lang, page.state, page.code]
    server = subprocess.Popen(
        [sys.executable, "-c", program, str(office.data), *facts],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout.readline().strip() == "True"
    process = computing(office)
    assert not gone(process)
    server.kill()
    server.communicate()
    wait_until(lambda: gone(process))


def test_the_process_ends_when_nothing_is_asked_for(office, asking):
    asking.close()
    compute_for(office, idle=0.05)
    assert not Shelf(office.data).is_served()


def test_an_import_changes_the_page(officer, engine):
    before = officer.get("/results/2020-07").text
    assert "Chưa có số hồ sơ" in before
    dossiers(engine, "2020-07", 80)
    after = officer.get("/results/2020-07").text
    assert "20/80" in after
    dossiers(engine, "2020-07", 90)
    assert "20/90" in officer.get("/results/2020-07").text


def test_how_many_came_is_told_at_once_and_the_figures_stay_those_of_the_day(
    office, engine, officer
):
    today = office.today()
    answers(engine, today, "55")
    text = officer.get(f"/results/{today:%Y-%m}").text
    assert re.search("(Số phiếu của kỳ này đến lúc này:|Kỳ này đã có) 2", text)
    wanted = wanted_page(
        engine, office, parse_period(f"{today:%Y-%m}"), today, office=ALL, lang="vi"
    )
    first = written(office, wanted)
    answers(engine, today, "1")
    text = officer.get(f"/results/{today:%Y-%m}").text
    assert re.search("(Số phiếu của kỳ này đến lúc này:|Kỳ này đã có) 3", text)
    assert written(office, wanted) == first


def test_a_failure_is_told_and_gone_as_soon_as_its_reason_is(office, officer):
    good = office.targets_file.read_bytes()
    try:
        office.targets_file.write_text("[[target]]\nid = 1\n", encoding="utf-8")
        for _ in range(2):
            text = officer.get("/results/2020-08").text
            assert "Không tính được kết quả" in text
            assert "chưa có phiếu nào" not in text
        assert officer.get("/results/2020-08/chart.svg").status_code == 503
    finally:
        office.targets_file.write_bytes(good)
    assert "Đã đạt mục tiêu chưa?" in officer.get("/results/2020-08").text


def test_a_failure_is_not_kept_for_ever(office, asking, wanted):
    shelf = Shelf(office.data)
    shelf.want(wanted("2020-09"))
    shelf.fail(wanted("2020-09"), "the disk is full")
    with pytest.raises(NotComputed, match="the disk is full"):
        asking.look(wanted("2020-09"), "page.json")
    failed = office.data / "figures" / f"{wanted('2020-09').key}.failed"
    for hours in (-1, 1):  # ahead of a clock that was set back
        then = time.time() - hours * 3600
        os.utime(failed, (then, then))
        assert shelf.failure(wanted("2020-09")) is None
    assert asking.look(wanted("2020-09"), "page.json")


def test_what_ends_the_process_twice_is_told_and_not_begun_again(tmp_path):
    shelf = Shelf(tmp_path)
    page = Wanted("2020-01", ALL, "vi", "state", "code")
    shelf.want(page)
    assert [shelf.next(), shelf.next(), shelf.next()] == [page, page, None]
    assert "giữa chừng hai lần" in shelf.failure(page)


def test_what_was_wanted_first_is_computed_first(tmp_path):
    shelf = Shelf(tmp_path)
    pages = [Wanted(f"2020-{month:02}", ALL, "vi", "state", "code") for month in (3, 1, 2)]
    for age, page in enumerate(pages):
        shelf.want(page)
        os.utime(tmp_path / "figures" / "wanted" / page.key, (age, age))
    found = []
    while (page := shelf.next()) is not None:
        found.append(page)
        shelf.done(page)
    assert found == pages


def test_what_was_kept_longest_goes(tmp_path):
    shelf = Shelf(tmp_path)
    pages = [Wanted(str(number), ALL, "vi", "state", "code") for number in range(901)]
    shelf.want(pages[0])
    for age, page in enumerate(pages):
        shelf.put(page, "page.json", b"{}")
        os.utime(tmp_path / "figures" / f"{page.key}.page.json", (age, age))
    shelf.done(pages[0])
    assert shelf.result(pages[0], "page.json") is None
    assert all(shelf.result(page, "page.json") for page in pages[1:])


def test_what_a_clock_that_was_ahead_has_dated_goes_before_what_is_new(tmp_path):
    """Else a full shelf of such files would throw away each page as soon as it is computed."""
    shelf, later = Shelf(tmp_path), time.time() + 365 * 86_400
    pages = [Wanted(str(number), ALL, "vi", "state", "code") for number in range(901)]
    shelf.want(pages[0])
    for page in pages:
        shelf.put(page, "page.json", b"{}")
        os.utime(tmp_path / "figures" / f"{page.key}.page.json", (later, later))
    new = Wanted("new", ALL, "vi", "state", "code")
    shelf.put(new, "page.json", b"{}")
    shelf.done(new)
    assert shelf.result(new, "page.json")


def test_the_turn_is_one_process_s_at_a_time(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.want(Wanted("2020-01", ALL, "vi", "state", "code"))
    assert not shelf.is_served()
    with shelf.turn() as mine, shelf.turn() as another:
        assert (mine, another) == (True, False)
        assert shelf.is_served()
    assert not shelf.is_served()


def test_data_that_change_while_they_are_computed_are_not_passed_off_as_what_was_asked_for(
    office, engine, asking, wanted
):
    asking.look(wanted("2020-01"), "page.json")
    asked = wanted("2020-10")
    hasty = Asking(office, patience=0.1)
    with held(computing(office)):
        assert hasty.look(asked, "page.json") is None
        dossiers(engine, "2020-10", 70)
    shelf = Shelf(office.data)
    wait_until(lambda: not any((office.data / "figures" / "wanted").iterdir()))
    assert shelf.result(asked, "page.json") is None
    assert b"20/70" in asking.look(wanted("2020-10"), "page.json")


def test_a_computation_goes_by_one_day_also_where_midnight_comes_meanwhile(
    office, wanted, monkeypatch, tmp_path
):
    # A copy, as another process may compute for the office itself.
    alone = load_config(shutil.copytree(office.data, tmp_path / "office"), environ={})
    page, asked, here = wanted("2020-11"), list[Config](), current_thread()

    def now(config: Config) -> datetime:
        if current_thread() is here:  # others keep up the apps of other tests
            asked.append(config)
        return NOW

    monkeypatch.setattr(Config, "now", now)
    Shelf(alone.data).want(page)
    compute_for(alone, 0.1)
    assert Shelf(alone.data).result(page, "page.json")
    assert len(asked) == 1


def test_the_last_closed_month_is_computed_before_anybody_asks(office, engine, asking, wanted):
    today = office.today()
    last = today.replace(day=1) - timedelta(days=1)
    answers(engine, last, "55551")
    asking.ahead(engine, today)
    for period in closed_last(today):
        assert Shelf(office.data).result(wanted(period.text), "page.json") is not None


@pytest.mark.parametrize(
    ("today", "periods"),
    [
        (date(2026, 11, 28), ["2026-10"]),
        (date(2026, 10, 1), ["2026-09", "2026-Q3"]),
        (date(2026, 7, 31), ["2026-06", "2026-Q2", "2026-H1"]),
        (date(2027, 1, 1), ["2026-12", "2026-Q4", "2026-H2", "2026"]),
    ],
)
def test_the_last_closed_month_and_what_it_closes(today, periods):
    assert [period.text for period in closed_last(today)] == periods


def test_a_chart_is_a_picture_that_the_browser_keeps_and_asks_after(officer):
    page = officer.get("/results/2020-12/all/print?lang=en").text
    address = re.search(r'<img src="([^"]+)" alt="([^"]+)">', page)
    assert address[2].startswith("Chart of satisfaction by sector")
    chart = officer.get(address[1].replace("&amp;", "&"))
    assert chart.status_code == 200
    assert chart.mimetype == "image/svg+xml"
    assert ">Share satisfied</text>" in chart.text
    assert chart.headers["Cache-Control"] == "private, no-cache"
    assert "script-src 'none'" in chart.headers["Content-Security-Policy"]
    again = officer.get(address[1], headers={"If-None-Match": chart.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_office_that_is_none_and_a_chart_of_no_period_are_not_found(officer):
    assert officer.get("/results/2020-01/nowhere").status_code == 404
    assert officer.get("/results/2020-13/chart.svg").status_code == 404


def test_a_page_may_be_of_one_office(officer):
    assert "UBND xã Triệu Sơn" in officer.get("/results/2020-12/trieu-son").text
    latest = officer.get("/results?period=2020-12&office=trieu-son")
    assert latest.headers["Location"] == "/results/2020-12/trieu-son?lang=vi"
    assert officer.get("/results/2020-12/trieu-son/chart.svg").status_code == 200


class TestState:
    """What the figures rest on, on both databases."""

    @pytest.fixture
    def state(self, config: Config, stored: Engine) -> Callable[..., str]:
        def now(period: str = "2026-11", today: date = TODAY) -> str:
            return state_now(stored, config, _period(period), today)

        return now

    @pytest.fixture
    def stored(self, config: Config) -> Iterator[Engine]:
        prepare_database(config)
        engine = open_engine(config.database_url)
        answers(engine, date(2026, 10, 5), "55")
        yield engine
        engine.dispose()

    def test_answers_of_today_wait_and_those_of_earlier_days_count(self, state, stored):
        before = state()
        answers(stored, TODAY, "5")
        assert state() == before
        answers(stored, TODAY - timedelta(days=1), "5")
        assert state() != before

    def test_a_running_period_s_page_is_a_day_s_and_a_closed_one_s_is_not(self, state):
        tomorrow = TODAY + timedelta(days=1)
        assert state("2026-11") != state("2026-11", tomorrow)
        assert state("2026-10") == state("2026-10", tomorrow)

    def test_answers_of_a_later_year_change_nothing(self, state, stored):
        day, before = date(2027, 3, 1), state("2026-10", date(2027, 3, 1))
        answers(stored, date(2027, 2, 1), "5")
        assert state("2026-10", day) == before

    def test_an_import_that_leaves_every_sum_changes_it(self, state, stored):
        dossiers(stored, "2026-10", 70)
        before = state()
        dossiers(stored, "2026-10", 70)
        assert state() != before

    def test_targets_change_it(self, state, config):
        before = state()
        config.targets_file.write_bytes(config.targets_file.read_bytes() + b"\n")
        assert state() != before


def _period(text: str) -> Period:
    return parse_period(text)
