"""Real parts for every test: a SQLite file, a PostgreSQL server, a set-up office."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from survey.commands.init import prepare_folder
from survey.config import Config, load_config
from survey.installed import installed_questionnaires
from survey.places import shipped_places
from survey.store import open_engine
from survey.store.migrate import upgrade
from survey.store.places import save_places
from survey.store.views import publish

TODAY = date(2026, 10, 15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this run's own, on loopback; its URL without a database name."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server program here; install it with: make test, as root")
    # The server refuses to run as root, and its folder must be its own.
    user = {"user": "postgres"} if sys.platform != "win32" and os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="hailong-postgres-"))
    if user:
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"

    def run(*command: str) -> None:
        subprocess.run(
            [str(programs / command[0]), *command[1:]],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            **user,
        )

    run("initdb", "-D", str(data), "-A", "trust", "-U", "hailong", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=on -c synchronous_commit=on"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://hailong@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    name = f"t{uuid.uuid4().hex}"
    server = f"postgresql+psycopg{postgres_server.removeprefix('postgresql')}/postgres"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{postgres_server}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


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
