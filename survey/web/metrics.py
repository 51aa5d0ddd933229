"""`/healthz` and `/metrics`: can answers be stored, how each tablet is, and what is kept.

Counts no answers: read every few seconds, a count would tell when somebody answered.
"""

from __future__ import annotations

import hmac
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kiosk.devices import Heartbeat, Trouble
from survey.config import Config
from survey.figures.overviews import FAILED
from survey.store import answers
from survey.tablets import Watched, watch

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

LEAST_ROOM: Final = 100 << 20  # bytes of disk: below it a day's answers may not fit

_log = logging.getLogger("hailong")


def make_health(engine: Engine, data: Path) -> Blueprint:
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


LABELS = ("kiosk", "office", "counter")
TOLD: tuple[tuple[str, str, Callable[[Heartbeat], int]], ...] = (
    ("unsent_responses", "Responses that wait on the tablet.", lambda told: told.unsent),
    (
        "quarantined_responses",
        "Responses that were not taken and stay on the tablet.",
        lambda told: told.quarantined,
    ),
    ("oldest_unsent_seconds", "Age of the oldest waiting response.", lambda told: told.oldest_s),
    (
        "clock_offset_seconds",
        "The tablet's clock minus the server's.",
        lambda told: told.clock_offset_s,
    ),
)


def make_blueprint(engine: Engine, config: Config, now: Callable[[], datetime]) -> Blueprint:
    """Return the page; shut (404) until the setting `metrics_token` is made."""
    pages = Blueprint("metrics", __name__)

    @pages.get("/metrics")
    def metrics() -> Response:
        if not config.metrics_token:
            abort(404)
        if not _knows(config.metrics_token):
            return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        return _page([*_gauges(watch(engine, config.opening_hours, now())), *_kept(config)])

    return pages


def _knows(token: str) -> bool:
    bearer = request.authorization
    given = bearer.token if bearer is not None and bearer.type == "bearer" else None
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), token.encode())


def _page(gauges: list[GaugeMetricFamily]) -> Response:
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Read(Collector):
        """What was read for this request, and nothing of this process."""

        def collect(self) -> Iterator[GaugeMetricFamily]:
            yield from gauges

    registry = CollectorRegistry()
    registry.register(Read())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _gauges(watched: tuple[Watched, ...]) -> Iterator[GaugeMetricFamily]:
    from prometheus_client.core import GaugeMetricFamily

    seen = GaugeMetricFamily(
        "hailong_kiosk_seen_timestamp_seconds", "When it was last heard of.", labels=LABELS
    )
    trouble = GaugeMetricFamily(
        "hailong_kiosk_trouble", "1 where this is wrong, else 0.", labels=(*LABELS, "trouble")
    )
    for one in watched:
        seen.add_metric(_labels(one), one.enrolled.contact.seen_at.timestamp())
        for name in get_args(Trouble):
            trouble.add_metric((*_labels(one), name), name in one.troubles)
    yield from (seen, trouble)
    for name, what, value in TOLD:
        gauge = GaugeMetricFamily(f"hailong_kiosk_{name}", what, labels=LABELS)
        for one in watched:
            if one.enrolled.contact.heartbeat is not None:
                gauge.add_metric(_labels(one), value(one.enrolled.contact.heartbeat))
        yield gauge


def _kept(config: Config) -> Iterator[GaugeMetricFamily]:
    """The newest of the daily backups, and the figures of all offices.

    Nothing that grows with each answer, such as the disk: `/healthz` says when that is full.
    """
    from prometheus_client.core import GaugeMetricFamily

    from survey.daily import daily_backups  # with what upgrades databases

    kept = GaugeMetricFamily(
        "hailong_backup_timestamp_seconds", "Midnight of the day of the newest daily backup."
    )
    for backup in daily_backups(config)[:1]:
        day = datetime.combine(backup.day, time(), config.zone)
        kept.add_metric((), day.timestamp())
    yield kept
    failed = "hailong_overview_failed", "1 where the figures of all offices could not be computed."
    yield GaugeMetricFamily(*failed, value=(config.data / FAILED).exists())


def _labels(watched: Watched) -> tuple[str, str, str]:
    enrolled = watched.enrolled
    return enrolled.device.id, enrolled.office, enrolled.counter_id
