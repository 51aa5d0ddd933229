"""Light on the office's computer: what is imported when. How soon is for benchmarks.start.

What is imported is asked of a process of its own: this one has imported everything long ago.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.office import ROOT
from survey.commands.init import prepare_database
from survey.config import Config, load_config

ANALYSIS = {"ibis", "duckdb", "pandas", "numpy", "scipy", "matplotlib", "pyarrow", "sqlglot"}
PRINTING = {"typst", "qrcode", "openpyxl", "PIL", "fontTools"}
NOTEBOOK = {"papermill", "nbconvert", "ipykernel", "IPython"}
SETTING_UP = {"alembic", "mako"}
MONITORING = {"prometheus_client"}

RESPONDENTS = """
import json, re, sys, time, uuid
from datetime import datetime
from pathlib import Path
from kiosk.devices import pin_verifier
from survey.app import create_app
from survey.config import load_config
from survey.store import open_engine
from survey.store.kiosks import add_pairing
from survey.store.places import open_desks

folder, with_sign_in = Path(sys.argv[1]), sys.argv[2] == "staff"
config = load_config(folder, environ={})
engine = open_engine(config.database_url)
client = create_app(config, engine).test_client()
for desk in open_desks(engine, "poster"):
    path = f"/r/{desk.link.code}"
    for lang in ("vi", "en"):
        page = client.get(f"{path}?lang={lang}", headers={"Accept-Encoding": "gzip"})
        assert page.status_code == 200
    token = re.search('name="token" value="([^"]+)"', client.get(path).text)[1]
    form = {"response_id": str(uuid.uuid4()), "token": token, "comment": "Cảm ơn"}
    assert client.post(path, data=form).status_code == 422  # nothing chosen: shown again
    form |= {"overall": "5"} | ({"sector": desk.sectors[0].id} if len(desk.sectors) > 1 else {})
    for status in (303, 303):
        assert client.post(path, data=form).status_code == status
    assert client.post(path, data=form | {"overall": "1"}).status_code == 409
    assert client.get(f"{path}/thanks").status_code == 200
assert client.get("/r/nosuchcode").status_code == 404
secret = "s" * 43
bearer = {"Authorization": f"Bearer {secret}"}
now = datetime.now(config.zone)
code = add_pairing(engine, "quay-1", pin_verifier("246810"), now, lasting=False)
paired = client.post("/kiosk/enrol", json={"code": code, "secret": secret})
assert paired.status_code == 200
for path in ("/kiosk/", "/kiosk/sw.js", "/kiosk/station.json"):
    assert client.get(path, headers=bearer).status_code == 200
answer = {"response_id": str(uuid.uuid4()), "questionnaire": "desk@1", "scores": {"overall": 4}}
sent = {"clock": time.time(), "responses": [answer]}
taken = client.post("/kiosk/responses", json=sent, headers=bearer)
assert taken.status_code == 200
if with_sign_in:
    assert client.get("/sign-in").status_code == 200
engine.dispose()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def imported(code: str, *arguments: str) -> set[str]:
    """Run this code in a new interpreter; return the packages that it says it imported."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture
def office(data_folder: Path) -> Config:
    """A set-up office on SQLite with a poster at every counter."""
    config = load_config(data_folder, environ={})
    prepare_database(config)
    return config


def test_a_worker_that_serves_respondents_has_not_imported_the_analysis_stack(office):
    found = imported(RESPONDENTS, str(office.data), "citizens")
    assert "flask" in found  # it is the real application that was asked
    assert not found & (ANALYSIS | PRINTING | NOTEBOOK | SETTING_UP | MONITORING)
    assert "analysis" not in found


def test_the_sign_in_page_costs_no_analysis_either(office):
    assert not imported(RESPONDENTS, str(office.data), "staff") & ANALYSIS


RESULTS = """
import json, re, sys, uuid
from datetime import date
from pathlib import Path
from survey.app import create_app
from survey.figures.asking import Asking
from survey.config import load_config
from survey.intake import Response
from survey.store import open_engine
from survey.store.responses import add_many
from survey.store.staff import add_staff

config = load_config(Path(sys.argv[1]), environ={})
engine, figures = open_engine(config.database_url), Asking(config, patience=120)
sheet = ("desk@1", "trieu-son", "land", "poster", date(2020, 1, 5), "555555")
add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(20)])
add_staff(engine, "lan", "bốn từ không dính nhau", date(2020, 1, 5))
client = create_app(config, engine, figures).test_client()
token = re.search('name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
form = {"csrf_token": token, "name": "lan", "password": "bốn từ không dính nhau"}
assert client.post("/sign-in", data=form).status_code == 303
page = client.get("/results/2020-01")
assert page.status_code == 200 and "<figure" in page.text
assert client.get("/results/2020-01/chart.svg").status_code == 200
figures.close()
engine.dispose()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.slow
def test_a_worker_that_serves_results_has_not_imported_the_analysis_stack(office):
    found = imported(RESULTS, str(office.data))
    assert "analysis" in found  # its calendar
    assert not found & ANALYSIS


def test_a_worker_on_sqlite_does_without_the_driver_of_the_other_database(office):
    assert "psycopg" not in imported(RESPONDENTS, str(office.data), "citizens")


MEMORY = """
status = Path("/proc/self/status").read_text()  # a new program's peak; getrusage counts from fork
print(json.dumps([re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the memory in kilobytes")
def test_a_worker_that_serves_respondents_stays_under_120_megabytes(office):
    (kilobytes,) = imported(RESPONDENTS + MEMORY, str(office.data), "citizens")
    assert int(kilobytes) * 1024 < 120e6


ASKED_FOR_HELP = """
import json, sys
from click.testing import CliRunner
from survey.cli import cli
result = CliRunner().invoke(cli, sys.argv[1:])
assert result.exit_code == 0, result.output
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_help_imports_neither_the_web_nor_the_database_nor_the_analysis():
    found = imported(ASKED_FOR_HELP, "--help")
    assert "click" in found
    assert not found & ({"flask", "werkzeug", "sqlalchemy", "pydantic", "jinja2"} | ANALYSIS)


@pytest.mark.parametrize("command", ["init", "serve", "poster", "user"])
def test_the_help_of_a_command_is_light_too(command):
    found = imported(ASKED_FOR_HELP, command, "--help")
    assert not found & ({"flask", "werkzeug", "typst", "gunicorn", "waitress"} | ANALYSIS)
