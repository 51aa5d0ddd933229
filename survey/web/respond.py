"""The citizen's pages: the form behind a poster's QR, and thanks. No account, no session.

Opening a form stores nothing. A form that cannot be taken is shown again with its answers kept.
What the pages of a slip (respond_slip) and for a comment alone (phone_comment) share is here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import Engine
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Gone, NotFound, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from questionnaires import InvalidAnswers, Questionnaire, check, explain, sentences
from survey.intake import (
    CLOCK_FLAG,
    Asked,
    RefusedResponse,
    StoreReceipt,
    When,
    check_response_id,
    choose_sector,
    clock_is_doubtful,
    make_response,
)
from survey.intake import Response as CitizenResponse
from survey.links import typed_code, typed_path
from survey.store.places import AnyDesk, Desk, desk_as_asked, find_desk
from survey.store.questionnaires import Published
from survey.store.responses import add_response, is_stored, newest_sure
from survey.web.arrivals import Arrival, Arrivals
from survey.web.form_page import FORM, AlreadyCounted, Asks, FormAgain, FormPage, address_of
from survey.web.limits import Limits, Pace, keep_pace, network_of
from survey.web.security import FormTokens, Opened, chosen_language

_Answers = TypeVar("_Answers")

# A browser without JavaScript that opens the same form again soon (back, reload, a second tab)
# gets the same response id by this cookie; with JavaScript the page itself knows (respond.js).
RECENT_COOKIE = "form"
RECENT_SECONDS = 600
# In the address that a browser without JavaScript sends its form to for the other language.
OTHER_LANGUAGE = "again"
# In the address that asks for a form of another visit; with the above, answers are taken over.
ANOTHER = "new"


@dataclass(frozen=True, slots=True)
class Door:
    """What the citizen's pages need of the installation."""

    engine: Engine
    questionnaires: Published
    tokens: FormTokens
    limits: Limits
    page: FormPage
    now: Callable[[], datetime]
    arrivals: Arrivals

    def today(self) -> date:
        """The office's day."""
        return self.now().date()


def make_blueprint(door: Door) -> Blueprint:
    """Return the citizen's routes. Public on purpose: anyone may answer at a poster."""
    pages = Blueprint("respond", __name__)

    @pages.get("/")
    def start() -> AnyResponse:
        return ask_for_code(door, request.args.get("code"))

    @pages.get("/r/<code>")
    def form(code: str) -> AnyResponse:
        desk = find_open_desk(door, code)
        if code != desk.link.code:  # one address a counter: drafts and cookies hang on it
            return _to_form(desk.link.code)
        return open_form(door, desk)

    @pages.post("/r/<code>")
    def send(code: str) -> AnyResponse:
        desk = find_open_desk(door, code)
        keep_counters_pace(door, desk)
        if OTHER_LANGUAGE in request.args:
            return translate_form(door, desk)
        return take_form(door, desk)

    @pages.get("/r/<code>/thanks")
    def thanks(code: str) -> AnyResponse:
        return show_thanks(door, find_open_desk(door, code))

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


def keep_counters_pace(door: Door, desk: Desk) -> None:
    """Limit one network address at one counter; a shared address never blocks other counters."""
    keep_pace((door.limits.answers, _sender(desk)))


def _day_of(door: Door, desk: Desk) -> tuple[tuple[Pace, str], ...]:
    """What a counter can serve in a day, of which one address has no more than half."""
    limits = door.limits
    return (limits.address_day, _sender(desk)), (limits.counter_day, desk.key)


def _sender(desk: Desk) -> str:
    return f"{network_of(request.remote_addr)} {desk.key}"


def find_open_desk(door: Door, code: str) -> Desk:
    """Return the desk of a typed code. Raises NotFound, or Gone where it is not in use."""
    desk = find_desk(door.engine, typed_code(code))
    if desk is None or desk.link.channel != "poster":
        raise NotFound
    if not desk.open:
        raise Gone
    return desk


def open_form(door: Door, desk: AnyDesk) -> Response:
    """Show an empty form with an id of its own.

    To a browser that just sent its form and came back it says so, before anything is typed: with
    JavaScript the page itself knows, and shows this to nobody else (respond.js).
    """
    recent = recent_id(RECENT_COOKIE)
    sent = recent is not None and is_stored(door.engine, recent)
    response_id = recent or str(uuid.uuid4())
    token = make_token(door, desk)
    page = door.page.blank(desk, chosen_language(), response_id, token, sent=sent)
    remember(page, RECENT_COOKIE, response_id)
    return page


def remember(page: Response, cookie: str, id_: str) -> None:
    """Let this browser have the same id when it opens the same page again soon."""
    page.set_cookie(
        cookie,
        id_,
        max_age=RECENT_SECONDS,
        path=request.path,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )


def recent_id(cookie: str) -> str | None:
    """The id of this browser's form of a moment ago, unless a new form was asked for."""
    if ANOTHER in request.args or not _is_page_load():
        return None
    try:
        return check_response_id(request.cookies.get(cookie, ""))
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
    response = screened(door, desk, sent_response(door, desk))
    kept = add_within_day(
        door,
        desk,
        lambda: add_response(door.engine, response),
        lambda: is_stored(door.engine, response.response_id),
    )
    if kept == "conflict":
        raise AlreadyCounted(desk)
    return to_thanks(door, desk)


def sent_response(door: Door, desk: AnyDesk) -> CitizenResponse:
    """Return the response of a sent form. Raises FormAgain where it cannot be taken."""
    asked = as_asked(door, desk)
    if asked is None:
        expired = sentences().get("form.expired", chosen_language())
        raise FormAgain(_drawn(door, desk, {FORM: expired}))
    read = read_form(door, asked)
    if not isinstance(read, CitizenResponse):
        raise FormAgain(_drawn(door, asked, read))
    return read


def screened(door: Door, desk: AnyDesk, response: CitizenResponse) -> CitizenResponse:
    """Mark a response that arrives as stuffed ones do; who sent it sees nothing of that."""
    agent, languages = (request.headers.get(name, "") for name in ("User-Agent", "Accept-Language"))
    opened = read_token(door, desk)
    arrival = Arrival(
        response,
        desk.key,
        door.now(),
        f"{network_of(request.remote_addr)} {agent} {languages}",
        opened.seconds if opened else None,
    )
    return door.arrivals.marked(arrival)


def to_thanks(door: Door, desk: AnyDesk, what: Asks = "answers") -> Response:
    """Send the browser on to the page of thanks, beneath the address of the form."""
    receipt = door.tokens.receipt(desk.subject)
    home = address_of(desk, what) or request.path
    thanks = f"{home}/thanks?lang={chosen_language()}&sent={receipt}"
    return Response(status=303, headers={"Location": thanks})


def show_thanks(door: Door, desk: AnyDesk, what: Asks = "answers") -> Response:
    """Show the page of thanks."""
    answered = door.tokens.is_receipt(desk.subject, request.args.get("sent", ""))
    return Response(door.page.thanks(desk, chosen_language(), answered=answered, what=what))


def add_within_day(
    door: Door, desk: Desk, add: Callable[[], StoreReceipt], is_there: Callable[[], bool]
) -> StoreReceipt:
    """Store something within the counter's day; what is stored already needs no room there."""
    day = _day_of(door, desk)
    try:
        keep_pace(*day)
    except TooManyRequests:
        if is_there():
            return add()
        raise
    kept: StoreReceipt | None = None
    try:
        kept = add()
    finally:
        if kept != "stored":  # it takes no room: not stored, or stored at the same time
            for pace, sender in day:
                pace.forgive(sender)
    return kept


def translate_form(door: Door, desk: AnyDesk) -> Response:
    """Show a form in the language now asked for, with what was answered so far; store nothing.

    The answers of a form that was sent already are taken over into a new one that way.
    """
    return Response(_drawn(door, as_asked(door, desk) or desk, {}))


def as_asked(door: Door, desk: AnyDesk) -> AnyDesk | None:
    """Return the desk as it was when this form was opened; None where the form is not to be taken.

    Its token is of another address or too old, or what it asked is not known here any more.
    """
    asked = read_asked(door, desk)
    if asked is None or asked == Asked.at(desk.counter):
        return desk if asked else None
    if door.questionnaires.get(asked.questionnaire) is None:
        return None
    return desk_as_asked(door.engine, desk, asked)


def read_token(door: Door, desk: AnyDesk) -> Opened | None:
    """The opening of the form that was sent; None where it is not of this address, or too old."""
    return door.tokens.read(desk.subject, request.form.get("token", ""))


def read_asked(door: Door, desk: AnyDesk) -> Asked | None:
    """What that form asked; None as of `read_token`."""
    opened = read_token(door, desk)
    return None if opened is None else Asked.read(opened.asked)


@dataclass(frozen=True, slots=True)
class Sent(Generic[_Answers]):
    """What a form held: its id, the sector, and what was answered."""

    id: str
    sector: str
    answers: _Answers


def read_form(door: Door, desk: AnyDesk) -> CitizenResponse | dict[str, str]:
    """Return the response that the form holds, or a sentence beside each question at fault."""
    sent = read_sent(door, desk, check_response_id, check)
    if isinstance(sent, dict):
        return sent
    today = door.today()
    doubtful = clock_is_doubtful(today, newest_sure(door.engine))
    return make_response(
        desk.counter.office,
        door.questionnaires[desk.counter.questionnaire],
        sent.answers,
        response_id=sent.id,
        sector=sent.sector,
        channel=desk.channel,
        when=When(today, today),
        flag=CLOCK_FLAG if doubtful else "",
    )


def read_sent(
    door: Door,
    desk: AnyDesk,
    read_id: Callable[[str], str],
    read_answers: Callable[[Questionnaire, Mapping[str, Sequence[str]]], _Answers],
) -> Sent[_Answers] | dict[str, str]:
    """Return what the form holds, or a sentence beside everything at fault, all of it at once."""
    questionnaire, lang = door.questionnaires[desk.counter.questionnaire], chosen_language()
    problems: dict[str, str] = {}
    id_ = sector = ""
    try:
        id_ = read_id(request.form.get("response_id", ""))
    except RefusedResponse:
        problems[FORM] = sentences().get("form.expired", lang)
    try:
        sector = _read_sector(questionnaire, desk)
    except RefusedResponse:
        problems["sector"] = sentences().get("error.sector", lang)
    try:
        answers = read_answers(questionnaire, dict(request.form.lists()))
    except InvalidAnswers as error:
        for problem in error.problems:
            problems[problem.question_id or FORM] = explain(questionnaire, problem, lang)
        return problems
    return problems or Sent(id_, sector, answers)


def _read_sector(questionnaire: Questionnaire, desk: AnyDesk) -> str:
    """The sector that was chosen, or need not be asked for. Raises RefusedResponse."""
    only = desk.counter.sectors[0] if len(desk.counter.sectors) == 1 else None
    return choose_sector(questionnaire, desk.counter.sectors, only or request.form.get("sector"))


def make_token(door: Door, desk: AnyDesk) -> str:
    """What a form of this desk is sent back with: what it asked, signed."""
    return door.tokens.issue(desk.subject, str(Asked.at(desk.counter)))


def _drawn(door: Door, desk: AnyDesk, problems: dict[str, str]) -> str:
    """Return the form with the answers that were sent, a fresh token and the problems.

    Answers to another form than this one are no answers to it; a comment is one to any.
    """
    values: MultiDict[str, str] = request.form
    if read_asked(door, desk) not in (None, Asked.at(desk.counter)):
        values = MultiDict({"comment": values.get("comment", "")})
    token = make_token(door, desk)
    return door.page.filled(desk, chosen_language(), sent_id(), token, values, problems)


def sent_id() -> str:
    """The id of the form that was sent; a new one where it has none, or another was asked for."""
    try:
        found = check_response_id(request.form.get("response_id", ""))
    except RefusedResponse:
        found = str(uuid.uuid4())
    return str(uuid.uuid4()) if ANOTHER in request.args else found
