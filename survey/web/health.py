"""`/healthz` for a service manager or monitoring: whether answers can be stored at this moment.

Tells nothing else: no version, no count, no name.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from survey.store import answers

LEAST_ROOM: Final = 100 << 20  # bytes of disk: below it a day's answers may not fit

_log = logging.getLogger("hailong")


def make_blueprint(engine: Engine, data: Path) -> Blueprint:
    """Return the page: public on purpose, 200 where all is well, else 503."""
    pages = Blueprint("health", __name__)
    checks: dict[str, Callable[[], bool]] = {
        "database": lambda: _answers(engine),
        "disk": lambda: has_room(data),
    }

    @pages.get("/healthz")
    def healthz() -> Response:
        found = {name: check() for name, check in checks.items()}
        reply = jsonify({name: "ok" if well else "failing" for name, well in found.items()})
        if not all(found.values()):
            reply.status_code = 503
            reply.headers["Retry-After"] = "5"
        return reply

    return pages


def _answers(engine: Engine) -> bool:
    try:
        answers(engine)
    except SQLAlchemyError as error:
        _log.error("the database does not answer: %s", getattr(error, "orig", error))
        return False
    return True


def has_room(data: Path) -> bool:
    """Whether the data folder may be written to and its disk has room."""
    try:
        return os.access(data, os.W_OK) and shutil.disk_usage(data).free >= LEAST_ROOM
    except OSError:
        return False
