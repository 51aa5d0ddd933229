"""The citizen's pages behind a one-time slip: the form of its sector, once, and what else it says.

Opening it changes nothing, whoever opens it: a person, a robot that makes previews, a HEAD request.
Its token is written nowhere: pages hand it to nobody (Referrer-Policy), and no log has addresses.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, redirect, request, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from survey.intake import Response as CitizenResponse
from survey.links import typed_code
from survey.slips import GRACE, SlipState, token_hash
from survey.store.places import open_desks
from survey.store.responses import is_repeated
from survey.store.slips import Slip, find_slip, use_slip
from survey.web.form_page import AlreadyCounted, FormAgain, NoSlip
from survey.web.respond import (
    OTHER_LANGUAGE,
    Door,
    open_form,
    screened,
    sent_response,
    show_thanks,
    to_thanks,
    translate_form,
)


def make_blueprint(door: Door) -> Blueprint:
    """Return the routes. Public on purpose: whoever holds a slip may answer with it, once."""
    pages = Blueprint("slip", __name__, url_prefix="/s")

    @pages.before_request
    def keep_address() -> None:
        g.private_address = True

    @pages.get("/<token>")
    def form(token: str) -> Response:
        if token != typed_code(token):
            lang = request.args.get("lang")
            return redirect(url_for("slip.form", token=typed_code(token), lang=lang))
        slip = _known(door, token)
        _require_usable(door, slip, slip.validity.state(door.today()))
        return open_form(door, slip.desk)

    @pages.post("/<token>")
    def send(token: str) -> Response:
        slip = _known(door, token)
        # An answer that was begun in time may have waited for the network.
        state = slip.validity.state(door.today() - GRACE)
        if OTHER_LANGUAGE in request.args:
            _require_usable(door, slip, state)
            return translate_form(door, slip.desk)
        return _take(door, slip, token, state)

    @pages.get("/<token>/thanks")
    def thanks(token: str) -> Response:
        return show_thanks(door, _known(door, token).desk)

    return pages


def _known(door: Door, token: str) -> Slip:
    slip = find_slip(door.engine, token_hash(typed_code(token)))
    if slip is None:
        raise NoSlip("unknown")
    return slip


def _require_usable(door: Door, slip: Slip, state: SlipState) -> None:
    """Raise NoSlip, with what to do instead, where nobody can answer with the slip any more."""
    if state == "unused" and not slip.open:
        state = "withdrawn"
    if state == "unused":
        return
    poster = None
    if state != "used":  # who has answered already is not led to answer again
        desks = open_desks(door.engine, "poster")
        here = (one.link.code for one in desks if one.key == slip.desk.key)
        poster = next(here, None)
    raise NoSlip(state, slip.desk, poster)


def _take(door: Door, slip: Slip, token: str, state: SlipState) -> Response:
    """Take a sent form. The same answer again gets its thanks, also when the slip is used up.

    Who comes too late waits for no turn to write: that a slip is used is only read.
    """
    if state != "used":
        _require_usable(door, slip, state)
    try:
        sent = replace(sent_response(door, slip.desk), procedure=slip.procedure)
    except FormAgain:
        _require_usable(door, slip, state)
        raise
    if state == "used":
        return _again(door, slip, sent)
    try:
        with door.limits.writers.taken():
            response = screened(door, slip.desk, sent)
            kept = use_slip(door.engine, response, slip.hash, door.today())
    except (ServiceUnavailable, OperationalError, NoConnection):
        now = _known(door, token)
        if now.validity.used_in is None:
            raise
        return _again(door, now, sent)
    if kept == "conflict":
        now = _known(door, token)
        _require_usable(door, now, now.validity.state(door.today() - GRACE))
        raise AlreadyCounted(slip.desk)
    return to_thanks(door, slip.desk)


def _again(door: Door, slip: Slip, sent: CitizenResponse) -> Response:
    """Thank for the answer that a used slip brought, when it is sent again; nothing is stored."""
    if is_repeated(door.engine, sent):
        return to_thanks(door, slip.desk)
    raise NoSlip("used", slip.desk, None)
