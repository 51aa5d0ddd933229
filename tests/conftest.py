"""Real parts for every test: a SQLite file, a PostgreSQL server, an office, a server, a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import Engine

from survey.commands.init import prepare_folder
from survey.config import Config, load_config
from survey.places import installed_questionnaires, shipped_places
from survey.store import open_engine, staff
from survey.store.migrate import upgrade
from survey.store.places import save_places
from survey.store.views import publish
from tests.chromium import NewContext, NoChromium, chromium
from tests.clock import NOW, TODAY, stand_at
from tests.first_start import Start, Started
from tests.postgres import NoPostgres, copied_database, empty_database, free_port, postgres
from tests.routes import Rule
from tests.served import ServedOffice, set_up_office
from tests.spark import Cluster, NoSpark, cluster, session
from tests.templates import Environment
from tests.waiting import PATIENCE, wait_until

# A busy machine fails no test: Hypothesis may take its time.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What stands on an office is tried on both databases, unless no SQL of its own is at stake."""
    chosen = {mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")}
    alone = metafunc.definition.get_closest_marker("sqlite_is_enough")
    for name in {"config", "database"} & set(metafunc.fixturenames) - chosen:
        metafunc.parametrize(name, DATABASES[:1] if alone else DATABASES, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: a run that ended with one would leave a processor idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


APART = ("test_desk_journey.py", "test_journey.py", "test_setup_page.py", "test_offline.py")
"""Files of long tests that share nothing: each may run in another process."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file run in one process, and all of Spark in one: a run has one cluster.

    pytest-xdist 3.8 does not see its own groups under pytest 9.2, whose node ids are no more text.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            if "[spark" in nodeid or file.endswith("test_spark.py"):
                return "spark"
            return str(nodeid) if file.endswith(APART) else file

    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def dear_hasher() -> Iterator[PasswordHasher]:
    """Passwords cost next to nothing in this process; gives what the product hashes them with."""
    dear = staff._hasher
    staff._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield dear
    staff._hasher = dear


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Every app of this process shows pages from the same compiled templates."""
    former = Flask.jinja_environment
    Flask.jinja_environment = Environment
    yield
    Flask.jinja_environment = former


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once() -> Iterator[None]:
    """The apps of this process share what builds their addresses: most of what an app costs."""
    former = Flask.url_rule_class
    Flask.url_rule_class = Rule
    yield
    Flask.url_rule_class = former


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this run's own, on loopback; its URL without a database name."""
    try:
        with postgres(durable=False) as server:
            yield server
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    with empty_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def ready_postgres(postgres_server: str, ready_folder: Path) -> Iterator[str]:
    """A set-up database, whose copies cost a tenth of setting one up; its URL."""
    with empty_database(postgres_server) as url:
        set_up(load_config(ready_folder, environ={}, database_url=url))
        yield url


@pytest.fixture
def ready_postgres_url(ready_postgres: str) -> Iterator[str]:
    """The URL of a set-up database of this test's own."""
    with copied_database(ready_postgres) as url:
        yield url


@pytest.fixture(scope="session")
def spark() -> Iterator[Cluster]:
    """A Spark cluster of this run's own and the run's one session on it."""
    try:
        with cluster() as running, session(running):
            yield running
    except NoSpark as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def ready_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `hailong init` makes it, without its database: to be copied."""
    folder = tmp_path_factory.mktemp("ready") / "office"
    prepare_folder(folder)
    return folder


@pytest.fixture(scope="session")
def ready_sqlite(ready_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a set-up database: copied in milliseconds, where setting one up takes 0.1 s."""
    file = tmp_path_factory.mktemp("sqlite") / "hailong.sqlite3"
    set_up(load_config(ready_folder, environ={}, database_url=f"sqlite:///{file.as_posix()}"))
    return file


ALWAYS = "Mon-Sun 00:00-23:59"


def set_up(config: Config) -> None:
    """Make a database with the shipped commune and questionnaires."""
    engine = open_engine(config.database_url)
    upgrade(engine)
    publish(engine, installed_questionnaires(config).values())
    save_places(engine, shipped_places(), TODAY)
    engine.dispose()


@pytest.fixture
def on_a_thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is `tests.clock.NOW` at the office of this process."""
    stand_at(monkeypatch, NOW)


@pytest.fixture
def data_folder(ready_folder: Path, tmp_path: Path) -> Path:
    """A data folder as `hailong init` makes it, without its database."""
    return shutil.copytree(ready_folder, tmp_path / "office")


@pytest.fixture
def config(request: pytest.FixtureRequest, data_folder: Path) -> Config:
    """The settings of a set-up office; `pytest_generate_tests` says on which databases."""
    # Tests run at any hour; what comes outside opening hours is marked.
    config = load_config(data_folder, environ={}, opening_hours=ALWAYS)
    if request.param == "postgresql":
        return replace(config, database_url=request.getfixturevalue("ready_postgres_url"))
    shutil.copy(request.getfixturevalue("ready_sqlite"), data_folder)
    return config


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """The database of the set-up office: the shipped commune and questionnaires."""
    engine = open_engine(config.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOffice]:
    """The shipped commune behind a real server on loopback, with a database of its own."""
    office = set_up_office(tmp_path_factory.mktemp("served"))
    try:
        office.start()
        yield office
    finally:
        office.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; every test opens a context of its own."""
    try:
        with chromium() as browser:
            yield browser
    except NoChromium as missing:
        pytest.skip(str(missing))


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Open browsers that know nothing of each other, with Playwright's options, for one test."""
    contexts: list[BrowserContext] = []

    def new_context(**options: Any) -> BrowserContext:
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(PATIENCE * 1000)
        return contexts[-1]

    yield new_context
    for context in contexts:
        context.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the server in a folder of this test; nothing of it is there yet."""
    started: list[Started] = []
    outside = {name: text for name, text in os.environ.items() if name[:8] != "HAILONG_"}

    def begin(*words: str, database: str | None = None, folder: str = "office") -> Started:
        port, log = free_port(), tmp_path / f"log{len(started)}"
        own = {"HAILONG_DATA": str(tmp_path / folder), "HAILONG_PORT": str(port)}
        own |= {"HAILONG_DATABASE_URL": database} if database else {}
        environment = outside | own | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "survey", "--lang", "vi", "serve", "--workers", "1", *words],
                env=environment, stdout=file, stderr=file,
            )  # fmt: skip
        one = Started(tmp_path / folder, port, environment, process, log)
        started.append(one)
        wait_until(lambda: "nhập:" in one.said() or process.poll() is not None, "the set-up")
        return one

    yield begin
    for one in started:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str | None:
    """None for a file of the folder, or an empty database of PostgreSQL."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
