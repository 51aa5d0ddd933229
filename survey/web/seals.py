"""`/open/seals.json`: every seal, for anyone to keep. What was kept proves the chain of later."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request
from sqlalchemy import Engine

from survey.seals import as_document
from survey.store.seals import list_seals, newest_seal
from survey.web.openapi import Operation, described

_KEPT: Final = "public, max-age=600"


def make_blueprint(engine: Engine, *, simulated: bool) -> Blueprint:
    """Return the page: public on purpose. It holds digests, days and months, and no count."""
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
            reply.set_data(as_document(list_seals(engine), simulated=simulated))
        return reply

    return pages
