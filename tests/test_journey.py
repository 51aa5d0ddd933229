"""The main job, end to end, as its people do it: poster, phone, dossiers, verdict, notebook."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page
from sqlalchemy import select, update

from survey.store import open_engine, tables
from tests.chromium import NewContext
from tests.waiting import PATIENCE, SEEING, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True)
class Office:
    """An installation that is only ever touched through its command and its pages."""

    folder: Path
    port: int
    environment: Mapping[str, str]

    def run(self, *words: str, given: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "survey", *words],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        server = subprocess.Popen([sys.executable, "-m", "survey", "serve"], env=self.environment)
        try:
            self._wait(server)
            yield
        finally:
            server.terminate()
            server.wait(PATIENCE)

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        def answers() -> bool:
            assert server.poll() is None
            try:
                urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=PATIENCE).close()
            except OSError:
                return False
            return True

        wait_until(answers, "the server's answer")

    def rows(self) -> list[dict[str, object]]:
        url = self.environment.get("HAILONG_DATABASE_URL")
        engine = open_engine(url or f"sqlite:///{self.folder / 'hailong.sqlite3'}")
        with engine.connect() as connection:
            found = [dict(row) for row in connection.execute(select(tables.response)).mappings()]
        engine.dispose()
        return found

    def a_month_passes(self, today: date) -> date:
        """All answers are a month older; gives the first day of the month that is over."""
        day = today.replace(day=1) - timedelta(days=1)
        url = self.environment.get("HAILONG_DATABASE_URL")
        engine = open_engine(url or f"sqlite:///{self.folder / 'hailong.sqlite3'}")
        with engine.begin() as connection:
            connection.execute(update(tables.response).values(answered_on=day))
        engine.dispose()
        return day.replace(day=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "office"
    environment = {name: os.environ[name] for name in os.environ if name[:8] != "HAILONG_"} | {
        "HAILONG_DATA": str(folder),
        "HAILONG_PORT": str(port),
        "PYTHONUTF8": "1",
    }
    if request.param == "postgresql":
        environment["HAILONG_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    office = Office(folder, port, environment)
    office.run("init", "--base-url", f"http://127.0.0.1:{port}")
    return office


def scanned(pdf: Path) -> str:
    """What a phone reads from the printed page."""
    page = pypdfium2.PdfDocument(pdf)[0]
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    return found.text


def answer(page: Page, url: str, score: int, touch: bool = True) -> None:
    page.goto(url)
    act = "tap" if touch else "click"
    getattr(page.locator(f"input[name=overall][value='{score}']"), act)(force=True)
    if touch and score < 3:  # reasons open below it
        page.locator("#overall > .fold").wait_for()
    getattr(page.locator("input[name=results][value='4']"), act)(force=True)
    if touch:
        page.locator("#results > .fold").wait_for()
    time.sleep(SEEING)
    getattr(page.get_by_role("button", name="Gửi ý kiến"), act)()
    page.get_by_role("heading", name="Cảm ơn Ông/Bà").wait_for()


def export_of(office: Office, month: date, completed: int) -> Path:
    """A one-stop export of this month: one row a dossier."""
    file = office.folder / "ho-so.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(
            ["Mã hồ sơ", "Lĩnh vực", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả"]
        )
        day = month.strftime("%d/%m/%Y")
        for number in range(completed):
            sheet.writerow([f"H26.{number:04}", "Đất đai", day, day, day])
    return file


def test_from_the_printed_poster_to_the_notebook(
    office: Office, new_context: NewContext, tmp_path: Path
):
    posters = tmp_path / "posters"
    office.run("poster", "--counter", "quay-1", "--out", str(posters))
    (sheet,) = posters.glob("*a4*.pdf")
    url = scanned(sheet)
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()

    with office.serving():
        for score in (5, 4, 4, 5, 2):
            answer(new_context(**PHONE).new_page(), url, score)
    rows = office.rows()
    assert len(rows) == 5
    assert {(row["sector"], row["channel"], row["answered_on"]) for row in rows} == {
        ("land", "poster", today)
    }

    running = json.loads(office.run("analyze", "--period", f"{today:%Y-%m}", "--format", "json"))
    (now,) = [row for row in running["estimates"] if estimate_of_land(row)]
    assert (now["received"], now["n"], now["share"]) == (5, 0, None)  # not ten people yet

    month = office.a_month_passes(today)
    office.run("dossiers", "import", str(export_of(office, month, 12)))
    period = month.strftime("%Y-%m")
    document = json.loads(office.run("analyze", "--period", period, "--format", "json"))
    (land,) = [row for row in document["estimates"] if estimate_of_land(row)]
    assert (land["n"], land["satisfied"], land["population"]) == (5, 4, 12)
    assert land["response_rate"] == pytest.approx(5 / 12)
    # Exact hypergeometric, enumerated: 4 of 5 satisfied out of 12 leaves 5 to 11 possible.
    assert (land["low"], land["high"]) == (pytest.approx(5 / 12), pytest.approx(11 / 12))
    evidence = {
        row["target"]: row["evidence"]
        for row in document["verdicts"]
        if (row["office"], row["sector"]) == ("trieu-son", "land")
    }
    assert set(evidence.values()) == {"not_proven"}

    page = tmp_path / "thang.html"
    office.run("notebook", "--period", period, "--out", str(page))
    html = page.read_text(encoding="utf-8")
    assert "Chưa đủ căn cứ" in html
    assert 'src="http' not in html


def estimate_of_land(row: Mapping[str, object]) -> bool:
    key = (row["office"], row["sector"], row["measure"], row["channel"])
    return key == ("trieu-son", "land", "overall", "all")


def test_without_javascript_the_same_answers_arrive(office: Office, new_context: NewContext):
    with office.serving():
        url = f"http://127.0.0.1:{office.port}/r/{poster_code(office)}"
        phone = new_context(**PHONE, java_script_enabled=False)
        answer(phone.new_page(), url, 1, touch=False)
    (row,) = office.rows()
    assert row["scores"][0] == "1"


def test_a_signed_in_officer_reads_the_verdict(office: Office, new_context: NewContext):
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    office.run("user", "add", "lan", "--password-stdin", given="bốn từ không dính nhau\n")
    with office.serving():
        url = f"http://127.0.0.1:{office.port}/r/{poster_code(office)}"
        answer(new_context().new_page(), url, 5, touch=False)
        month = office.a_month_passes(today)
        page = new_context().new_page()
        page.goto(f"http://127.0.0.1:{office.port}/results/{month:%Y-%m}")
        page.get_by_label("Tên đăng nhập").fill("lan")
        page.get_by_label("Mật khẩu").fill("bốn từ không dính nhau")
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_text("Chưa đủ căn cứ").first.wait_for()
        assert page.url.endswith(f"/results/{month:%Y-%m}")


def poster_code(office: Office) -> str:
    url = office.environment.get("HAILONG_DATABASE_URL")
    engine = open_engine(url or f"sqlite:///{office.folder / 'hailong.sqlite3'}")
    with engine.connect() as connection:
        code = connection.execute(
            select(tables.link.c.code).join(tables.counter).where(tables.counter.c.id == "quay-1")
        ).scalar_one()
    engine.dispose()
    return code
