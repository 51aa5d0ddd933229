"""Real parts for every test: a SQLite file, a PostgreSQL server, an office, a server, a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from sqlalchemy import Engine

from survey.commands.init import prepare_folder
from survey.config import Config, load_config
from survey.installed import installed_questionnaires
from survey.places import shipped_places
from survey.store import open_engine
from survey.store.migrate import upgrade
from survey.store.places import save_places
from survey.store.views import publish
from tests.chromium import NoChromium, chromium
from tests.postgres import NoPostgres, empty_database, postgres
from tests.served import ServedOffice, set_up_office
from tests.spark import Cluster, NoSpark, cluster, session

TODAY = date(2026, 10, 15)

# A busy machine fails no test: Hypothesis may take its time.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file run in one process, and all of Spark in one: a run has one cluster."""
    for item in items:
        group = "spark" if item.get_closest_marker("spark") else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this run's own, on loopback; its URL without a database name."""
    try:
        with postgres() as server:
            yield server
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    with empty_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def spark() -> Iterator[Cluster]:
    """A Spark cluster of this run's own and the run's one session on it."""
    try:
        with cluster() as running, session(running):
            yield running
    except NoSpark as missing:
        pytest.skip(str(missing))


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A data folder as `hailong init` makes it, without its database."""
    folder = tmp_path / "office"
    prepare_folder(folder)
    return folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def config(request: pytest.FixtureRequest, data_folder: Path) -> Config:
    """The settings of a set-up office, on SQLite and on PostgreSQL."""
    config = load_config(data_folder, environ={})
    if request.param == "postgresql":
        config = replace(config, database_url=request.getfixturevalue("postgres_url"))
    return config


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """A database with the shipped commune and questionnaires."""
    engine = open_engine(config.database_url)
    upgrade(engine)
    publish(engine, installed_questionnaires(config).values())
    save_places(engine, shipped_places(), TODAY)
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
