"""A PostgreSQL server of a run's own, for tests and benchmarks. Knows no table of the product."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

MEMORY = Path("/dev/shm")  # of Linux
ROOM = 4 << 30  # bytes; a container often has no more than 64 MB of it


class NoPostgres(Exception):
    """This machine has no PostgreSQL server program."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(*, durable: bool = True) -> Iterator[str]:
    """Run a server on loopback; give its URL without a database name.

    ``durable`` like a server in service, or quicker, in memory where there is room for it: then
    only a machine that loses its power would tell the difference. Raises NoPostgres.
    """
    programs = _programs()
    # The server refuses to run as root, and its folder must be its own.
    user = {"user": "postgres"} if sys.platform != "win32" and os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="hailong-postgres-", dir=None if durable else _memory()))
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

    made = ("-A", "trust", "-U", "hailong", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    run("initdb", "-D", str(data), *made)
    flag = "on" if durable else "off"
    waits = f"-c fsync={flag} -c synchronous_commit={flag} -c full_page_writes={flag}"
    options = f"-p {port} -h 127.0.0.1 -k {folder} {waits}"
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://hailong@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Make an empty database on this server, give its URL, and drop it afterwards."""
    with copied_database(f"{server}/template1") as url:
        yield url


@contextmanager
def copied_database(original: str) -> Iterator[str]:
    """Copy a database that nobody is connected to, give the URL, and drop the copy afterwards."""
    server, _, template = original.rpartition("/")
    name = f"t{uuid.uuid4().hex}"
    driven = f"postgresql+psycopg{server.removeprefix('postgresql')}/postgres"
    admin = create_engine(driven, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def _memory() -> Path | None:
    """A folder in memory; None where there is none, or little room.

    Every test copies a database of 9 MB, which costs a tenth there of what it does on a disk.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        return MEMORY
    return None


def _programs() -> Path:
    """Return the folder of the server programs; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise NoPostgres("no PostgreSQL server program here; install it with: make test, as root")
    return Path(on_path).parent
