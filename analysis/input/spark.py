"""Parquet on an Apache Spark cluster as a source: spark://host:port/path.

Owns the session on the master of a standalone cluster and opening the path as one table. Driver
and workers alike read the path, so all of them must see it. Must not know what the columns mean.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from analysis.errors import install, said
from analysis.input.sources import (
    FILE_COLUMN,
    ROW_COLUMN,
    OpenSource,
    first_line,
    load_ibis,
    partitions_among,
    refuse,
)

_LOOPBACK: Final = "127.0.0.1"
_CONNECT: Final = 10  # seconds; Spark itself would try for a minute, and then say little
_EXECUTOR: Final = 90  # seconds for a worker to start the first executor; Spark would wait for ever
_SETTINGS: Final = {
    "spark.app.name": "hailong",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # 2026-10 is the name of a month, no number
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}


def open_spark(url: str, known: Collection[str]) -> OpenSource:
    """Open a Parquet file or folder through the master of a Spark standalone cluster."""
    parts = urlsplit(url)
    path = PurePosixPath(unquote(parts.path))
    if not parts.hostname or not parts.port or len(path.parts) < 2:
        raise refuse(
            url, said("place.source"), said("source.half_address"), said("source.spark_url")
        )
    session, let_go = session_on(parts.hostname, parts.port)
    try:
        backend = load_ibis().pyspark.connect(session)
        view, partitions = _view(session, path, known)
        table = backend.table(view).drop(*partitions)
    except BaseException:
        let_go()
        raise
    return OpenSource(path.name, "spark", backend, table, path, let_go=let_go)


def session_on(host: str, port: int) -> tuple[Any, Callable[[], None]]:
    """A session on this master, and how to give it back: one that was there already stays."""
    name = f"spark://{host}:{port}"
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        remedy = said("source.install", command=install("spark"))
        raise refuse(name, said("place.source"), said("source.no_spark"), remedy) from error
    running = SparkSession.getActiveSession()
    if running is not None and running.sparkContext.master == name:
        return running, lambda: None
    _knock(name, host, port)
    builder = SparkSession.builder.master(name)
    for key, value in (_SETTINGS | _near(host)).items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except PySparkException as error:
        what, remedy = said("source.no_start", why=first_line(error)), said("source.java")
        raise refuse(name, said("place.source"), what, remedy) from error
    try:
        _await_executor(name, session)
    except BaseException:
        session.stop()
        raise
    return session, session.stop


def _near(host: str) -> dict[str, str]:
    """A master on this machine is spoken to over loopback, whatever this machine is called."""
    if host not in (_LOOPBACK, "localhost"):
        return {}
    return {"spark.driver.host": _LOOPBACK, "spark.driver.bindAddress": _LOOPBACK}


def _knock(name: str, host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=_CONNECT).close()
    except OSError as error:
        what = said("source.no_master", why=error.strerror or error)
        remedy = said("source.start_cluster")
        raise refuse(name, said("place.source"), what, remedy) from error


def _await_executor(name: str, session: Any) -> None:
    """Until a worker has given this application an executor; the driver itself counts as one."""
    context = session.sparkContext._jsc.sc()
    end = time.monotonic() + _EXECUTOR
    while context.getExecutorMemoryStatus().size() < 2:
        if time.monotonic() > end:
            what = said("source.no_executor", seconds=_EXECUTOR)
            raise refuse(name, said("place.source"), what, said("source.start_worker"))
        time.sleep(0.1)


def _view(session: Any, path: PurePosixPath, known: Collection[str]) -> tuple[str, set[str]]:
    """A temporary view of the files, each row with its file and number; its name, and the names
    of partitions that are no columns."""
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    try:
        rows = session.read.option("mergeSchema", "true").parquet(str(path))
        files = [PurePosixPath(unquote(urlsplit(file).path)) for file in rows.inputFiles()]
    except PySparkException as error:
        what = said("source.no_parquet", why=first_line(error))
        raise refuse(str(path), said("place.folder"), what, said("source.name_parquet")) from error
    name = f"hailong_{uuid.uuid4().hex}"
    place = {FILE_COLUMN: "_metadata.file_path", ROW_COLUMN: "_metadata.row_index"}
    columns = [functions.col(column).alias(own) for own, column in place.items()]
    rows.select("*", *columns).createOrReplaceTempView(name)
    inside = [file.relative_to(path) for file in files if file.is_relative_to(path)]
    return name, partitions_among(inside, known)
