"""`/open/seals.json`: every seal, for anyone to keep. What was kept proves the chain of later."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from survey.seals import as_document
from survey.store.amendments import Amendment, list_amendments
from survey.store.seals import list_seals, newest_seal
from survey.web.openapi import Operation, described

_KEPT: Final = "public, max-age=600"


def make_blueprint(engine: Engine, zone: ZoneInfo, *, simulated: bool) -> Blueprint:
    """Return the page: public on purpose. It holds digests, days and months, and no count; of what
    staff changed after it was sealed when, what kind and why, and no value."""
    pages = Blueprint("seals", __name__, url_prefix="/open")

    @pages.get("/seals.json")
    @described(Operation("seals", "Seals", public=True))
    def every() -> Response:
        reply, newest = Response(mimetype="application/json"), newest_seal(engine) or "none"
        reply.headers["Cache-Control"] = _KEPT
        reply.set_etag(newest, weak=True)  # the same, compressed or not
        if request.if_none_match.contains_weak(newest):
            reply.status_code = 304
        else:
            chain, amended = list_seals(engine), [_told(o) for o in list_amendments(engine, zone)]
            reply.set_data(as_document(chain, amended=amended, simulated=simulated))
        return reply

    return pages


def _told(one: Amendment) -> dict[str, object]:
    told = {"kind": one.seal.kind, "about": one.seal.about, "reason": one.seal.reason}
    found = {"number": one.seal.number, "day": one.day.isoformat(), **told}
    return found | {"changed": one.kinds, "why": one.why}
