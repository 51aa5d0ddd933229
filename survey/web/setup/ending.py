"""The end of every set-up: the office lands, and its last page says what was made."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, request
from werkzeug.wrappers import Response

from survey.config import Config
from survey.errors import HailongError
from survey.setup.machine import is_alone
from survey.web.desk.frame import see_other
from survey.web.setup.context import Landed, SetUp
from survey.web.setup.frame import message, page, told

Reply = str | Response | tuple[str, int]
"""What a view of the set-up returns."""


def landed(land: Callable[[], None]) -> Reply:
    """Let an office land, and lead to the last page; say why where it is refused."""
    try:
        land()
    except (HailongError, OSError) as error:
        why = told(error) if isinstance(error, HailongError) else str(error.strerror or error)
        return message("setup.refused", 409, why=why)
    return see_other("ending.done")


def make_blueprint(setup: SetUp) -> Blueprint:
    """Return the last page."""
    pages = Blueprint("ending", __name__, url_prefix="/setup/done")

    @pages.get("")
    def done() -> Reply:
        if setup.landed is None:
            return see_other("setup.start")
        return _done_page(setup, setup.landed)

    return pages


def _done_page(setup: SetUp, office: Landed) -> str:
    """What was made, for whoever made it; to anybody else, that somebody did."""
    setup.was_shown()
    before = _office_at(setup, office.config.port)
    if not setup.drafts.is_own(office.draft):
        return page("message", said="setup.by_other", words={}, sign_in=f"{before}/sign-in")
    return page(
        "done",
        restored=office.restored,
        counts=office.counts,
        base=office.config.address,
        alone=_still_alone(office.config),
        before=before,
    )


def _still_alone(config: Config) -> str:
    """Where the server listens, if that keeps phones out which its address is meant for."""
    meant = config.address.scheme == "http" and config.address.reach != "here"
    return config.host if meant and is_alone(config.host) else ""


def _office_at(setup: SetUp, port: int) -> str:
    """What stands before the paths of the office, where its settings have another port."""
    if port == setup.config.port:
        return ""
    host = request.host.rpartition(":")[0] if request.host[-1] != "]" else request.host
    return f"{request.scheme}://{host}:{port}"
