"""The floor: the least that a Flask application can do for a form. Nothing to use in service.

A GET answers a fixed page; a POST does one INSERT and COMMIT. Server, workers, threads and SQLite
settings are the product's own, so that only the product's work differs.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from dataclasses import replace
from pathlib import Path

from flask import Flask, Response, redirect, request

from survey.commands.serve import serve
from survey.config import load_config
from survey.store import BUSY_MILLISECONDS

PAGE, DATABASE = "page.gz", "floor.sqlite3"


def prepare(folder: Path, page: bytes) -> None:
    """Keep the page to serve (compressed, as it goes over the network) and an empty table."""
    (folder / PAGE).write_bytes(page)
    connection = connect(folder)
    connection.execute("CREATE TABLE response (response_id TEXT PRIMARY KEY, overall TEXT)")
    connection.close()


def connect(folder: Path) -> sqlite3.Connection:
    """Open the floor's database with the product's settings."""
    connection = sqlite3.connect(folder / DATABASE, timeout=BUSY_MILLISECONDS / 1000)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def count(folder: Path) -> int:
    """Return how many rows the floor stored."""
    connection = connect(folder)
    (rows,) = connection.execute("SELECT count(*) FROM response").fetchone()
    connection.close()
    return int(rows)


def create_floor(folder: Path) -> Flask:
    """Return the bare application."""
    app = Flask("floor")
    page = (folder / PAGE).read_bytes()
    own = threading.local()

    @app.get("/r/<code>")
    def form(code: str) -> Response:  # noqa: ARG001  the route has it
        return Response(page, mimetype="text/html", headers={"Content-Encoding": "gzip"})

    @app.post("/r/<code>")
    def send(code: str) -> Response:
        if not hasattr(own, "connection"):
            own.connection = connect(folder)
        values = request.form["response_id"], request.form["overall"]
        with own.connection:  # commits
            own.connection.execute("INSERT INTO response VALUES (?, ?)", values)
        return redirect(f"/r/{code}/thanks", code=303)  # type: ignore[return-value]

    return app


def main(folder: Path, port: int) -> None:
    """Serve the floor exactly as `hailong serve` serves the product."""
    config = replace(load_config(folder, environ={}), port=port)
    serve(lambda: create_floor(folder), config)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
