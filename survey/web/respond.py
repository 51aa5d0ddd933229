"""The citizen's pages: the form behind a poster's QR, and thanks. No account, no session.

Opening a form stores nothing. A form that cannot be taken is shown again with its answers kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import Engine
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response as AnyResponse

from questionnaires import InvalidAnswers, Questionnaire, check, explain, sentences
from survey.intake import (
    RefusedResponse,
    check_response_id,
    choose_sector,
    make_response,
)
from survey.intake import Response as CitizenResponse
from survey.links import typed_code, typed_path
from survey.store.places import Desk, find_desk
from survey.store.responses import add_response
from survey.web.form_page import FORM, AlreadyCounted, FormAgain, FormPage
from survey.web.language import chosen_language
from survey.web.pace import Pace, keep_pace
from survey.web.security import FormTokens

# A browser without JavaScript that opens the same form again soon (back, reload, a second tab)
# gets the same response id by this cookie; with JavaScript the page itself knows (respond.js).
RECENT_COOKIE = "form"
RECENT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Door:
    """What the citizen's pages need of the installation."""

    engine: Engine
    questionnaires: Mapping[str, Questionnaire]
    tokens: FormTokens
    pace: Pace
    page: FormPage
    today: Callable[[], date]


def make_blueprint(door: Door) -> Blueprint:
    """Return the citizen's routes. Public on purpose: anyone may answer at a poster."""
    pages = Blueprint("respond", __name__)

    @pages.get("/")
    def start() -> AnyResponse:
        return ask_for_code(door, request.args.get("code"))

    @pages.get("/r/<code>")
    def form(code: str) -> AnyResponse:
        desk = _desk(door, code)
        if code != desk.link.code:  # one address a counter: drafts and cookies hang on it
            return _to_form(desk.link.code)
        return open_form(door, desk)

    @pages.post("/r/<code>")
    def send(code: str) -> AnyResponse:
        desk = _desk(door, code)
        _keep_pace(door, desk)
        return take_form(door, desk)

    @pages.get("/r/<code>/thanks")
    def thanks(code: str) -> str:
        return door.page.thanks(_desk(door, code), chosen_language())

    return pages


def ask_for_code(door: Door, given: str | None) -> AnyResponse:
    """The bare address of the server: ask for the code on the poster, and open its form.

    A whole address in the place of the code is read as its code.
    """
    if given is None or not given.strip():
        return Response(door.page.start(chosen_language(), ""), mimetype="text/html")
    code = typed_code(typed_path(given).rpartition("/")[2])
    if find_desk(door.engine, code) is not None:  # a code out of use has a page that says so
        return _to_form(code)
    html = door.page.start(chosen_language(), given, unknown=True)
    return Response(html, status=404, mimetype="text/html")


def _to_form(code: str) -> AnyResponse:
    # Without a language asked for, the address has none.
    return redirect(url_for("respond.form", code=code, lang=request.args.get("lang")))


def _keep_pace(door: Door, desk: Desk) -> None:
    """Limit one network address at one counter; a shared address never blocks other counters."""
    keep_pace((door.pace, f"{request.remote_addr} {desk.link.code}"))


def _desk(door: Door, code: str) -> Desk:
    desk = find_desk(door.engine, typed_code(code))
    if desk is None or desk.link.channel != "poster":
        raise NotFound
    if not desk.open:
        raise Gone
    return desk


def open_form(door: Door, desk: Desk) -> Response:
    """Show an empty form with an id of its own."""
    response_id = _recent_id() or str(uuid.uuid4())
    page = door.page.blank(desk, chosen_language(), response_id, door.tokens.issue(desk.link.code))
    page.set_cookie(
        RECENT_COOKIE,
        response_id,
        max_age=RECENT_SECONDS,
        path=request.path,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return page


def _recent_id() -> str | None:
    """The id of this browser's form of a moment ago, unless a new form was asked for."""
    if "new" in request.args or not _is_page_load():
        return None
    try:
        return check_response_id(request.cookies.get(RECENT_COOKIE, ""))
    except RefusedResponse:
        return None


def _is_page_load() -> bool:
    """Whether a person's browser asks for a page to show, not a script or a program.

    Old browsers, and all on plain http, send no Sec-Fetch-Dest; they do ask for text/html by name.
    """
    destination = request.headers.get("Sec-Fetch-Dest")
    if destination is not None:
        return destination == "document"
    return "text/html" in request.headers.get("Accept", "")


def take_form(door: Door, desk: Desk) -> AnyResponse:
    """Take a sent form: store it and say thanks, or show it again with what is wrong."""
    if not door.tokens.holds(desk.link.code, request.form.get("token", "")):
        expired = sentences().get("form.expired", chosen_language())
        raise _again(door, desk, {FORM: expired})
    read = read_form(door, desk)
    if not isinstance(read, CitizenResponse):
        raise _again(door, desk, read)
    if add_response(door.engine, read) == "conflict":
        raise AlreadyCounted(desk)
    thanks = f"/r/{desk.link.code}/thanks?lang={chosen_language()}"
    return Response(status=303, headers={"Location": thanks})


def read_form(door: Door, desk: Desk) -> CitizenResponse | dict[str, str]:
    """Return the response that the form holds, or a sentence beside each question at fault."""
    questionnaire, lang = door.questionnaires[desk.counter.questionnaire], chosen_language()
    problems: dict[str, str] = {}
    sector = response_id = ""
    try:
        response_id = check_response_id(request.form.get("response_id", ""))
    except RefusedResponse:
        problems[FORM] = sentences().get("form.expired", lang)
    try:
        sector = choose_sector(desk.counter, questionnaire, request.form.get("sector"))
    except RefusedResponse:
        problems["sector"] = sentences().get("error.sector", lang)
    try:
        answers = check(questionnaire, dict(request.form.lists()))
    except InvalidAnswers as error:
        for problem in error.problems:
            problems[problem.question_id or FORM] = explain(questionnaire, problem, lang)
    if problems:
        return problems
    return make_response(
        desk.counter,
        questionnaire,
        answers,
        response_id=response_id,
        sector=sector,
        channel="poster",
        answered_on=door.today(),
    )


def _again(door: Door, desk: Desk, problems: dict[str, str]) -> FormAgain:
    """Show the form with the answers that were sent, a fresh token and the problems."""
    try:
        response_id = check_response_id(request.form.get("response_id", ""))
    except RefusedResponse:
        response_id = str(uuid.uuid4())
    token = door.tokens.issue(desk.link.code)
    html = door.page.filled(desk, chosen_language(), response_id, token, request.form, problems)
    return FormAgain(html)
