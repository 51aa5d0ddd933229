"""Staff pages of the re-check: seal a month's list, roll dice, draw, and enter what was answered.

The steps are those of the command. The file of dossiers waits in `survey.uploads` for a day at most
and goes with the draw; the call sheet is made, sent and kept nowhere.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from questionnaires import InvalidAnswers, Questionnaire, check, explain
from questionnaires.layout import ANSWERED_BEFORE
from survey.dossiers.reading import CountRequest
from survey.errors import HailongError, StoreError
from survey.imports import columns_in_use
from survey.intake import RefusedResponse, check_response_id
from survey.paper import fields_of
from survey.places import sector_names
from survey.recheck.calls import SKIP_REASONS, spelt
from survey.recheck.sheet import call_sheet
from survey.recheck.tickets import ROLLS
from survey.rechecking import (
    LARGEST,
    QUESTIONNAIRE,
    DossierList,
    draw,
    enter,
    place_of,
    read_list,
    roll,
    seal,
    seal_for,
    take_seal,
)
from survey.store.places import load_places
from survey.store.questionnaires import Published
from survey.store.rechecks import Recheck, find_recheck, list_rechecks, record_skip
from survey.told import spoken_month
from survey.uploads import Upload
from survey.web.desk.dossiers import LARGEST as LARGEST_FILE
from survey.web.desk.frame import attachment, say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, own_places, scope
from survey.web.desk.sent import find_sent, keep_sent, sent_file
from survey.web.desk.typed import LONGEST, typed_fields, typed_questions
from survey.web.limits import Turn
from survey.web.security import chosen_language

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIZE: Final = 30
"""Dossiers that a month's draw is asked for, where nobody says otherwise."""
MONTHS: Final = 12  # that a list can be of
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class RecheckContext(DeskContext):
    """What the pages need besides."""

    questionnaires: Published


def make_blueprint(context: RecheckContext) -> Blueprint:
    """Return the pages."""
    pages = Blueprint("recheck", __name__, url_prefix="/recheck")
    turn = Turn(1, 1, 10.0)  # a file keeps a processor for a while: one at a time in a process

    @pages.get("")
    @needs("keep_rechecks")
    def show() -> str:
        return _home(context)

    @pages.post("")
    @needs("keep_rechecks", lambda: LARGEST_FILE)
    def send() -> Response | tuple[str, int]:
        return _send(context, turn)

    @pages.get("/month/<period>/<place>")
    @needs("keep_rechecks")
    def month(period: str, place: str) -> str:
        return _month(context, _known(context, period, place))

    @pages.post("/month/<period>/<place>/seed")
    @needs("keep_rechecks")
    def seed(period: str, place: str) -> Response | tuple[str, int]:
        return _seed(context, _known(context, period, place))

    @pages.post("/month/<period>/<place>/draw")
    @needs("keep_rechecks", lambda: LARGEST_FILE)
    def draw_some(period: str, place: str) -> Response | tuple[str, int]:
        return _draw(context, _known(context, period, place), turn)

    @pages.get("/answer")
    @needs("keep_rechecks")
    def answer() -> str | tuple[str, int]:
        return _answer(context)

    @pages.post("/answer")
    @needs("keep_rechecks")
    def take() -> Response | tuple[str, int]:
        return _take(context)

    return pages


# --- The month: list, seed, draw ----------------------------------------------------------------


def _home(context: RecheckContext, problem: str = "") -> str:
    lang, offices = chosen_language(), _offices(context)
    return render_template(
        "staff/recheck.html",
        **staff_frame(),
        rechecks=list_rechecks(context.engine, scope(context.engine).offices),
        offices=offices,
        months=[(one, spoken_month(one)) for one in _months(context.now().date())],
        chosen=request.form.get("month", ""),
        names={one.id: one.name.get(lang) for one in load_places(context.engine).office},
        spoken=spoken_month,
        most=LARGEST_FILE >> 20,
        problem=problem,
    )


def _months(today: date) -> Sequence[str]:
    """Months that are over, the newest first."""
    found, day = [], today.replace(day=1)
    for _ in range(MONTHS):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(f"{day:%Y-%m}")
    return found


def _offices(context: RecheckContext) -> list[tuple[str, str]]:
    """The offices of the account, by name."""
    lang = chosen_language()
    return [(one.id, one.name.get(lang)) for one in own_places(context.engine).office]


def _send(context: RecheckContext, turn: Turn) -> Response | tuple[str, int]:
    """Take a list, and seal it."""
    month = request.form.get("month", "")
    if month not in _months(context.now().date()):
        return _home(context, say("recheck.no_month")), 422
    upload = _sent(context)
    if upload is None:
        return _home(context, say("dossiers.no_file")), 422
    try:
        with upload.removed_on_failure():
            with turn.taken():
                found = _read(context, upload, month, request.form.get("office"))
            sealed = seal(context.engine, found, context.now().date(), context.by)
    except HailongError as error:
        return _home(context, error.said(chosen_language())), 422
    return _to(sealed, file=upload.id)


def _sent(context: RecheckContext) -> Upload | None:
    """The file that was sent, or the one that waits; None where there is neither."""
    file = sent_file()
    if file is None:
        return find_sent(context.config.data, request.form.get("waiting", ""))
    return keep_sent(context.config.data, file)


def _read(context: RecheckContext, upload: Upload, month: str, office: str | None) -> DossierList:
    """The dossiers of a month; of another office's there is nothing to see."""
    places = own_places(context.engine)
    own = {one.id for one in places.office}
    request_ = CountRequest(
        places=places,
        columns=columns_in_use(context.config.data),
        today=context.now().date(),
        office=office if office in own else None,
        periods=frozenset({month}),
        zone=context.config.zone,
    )
    return read_list(upload.content(), upload.name, request_)


def _known(context: RecheckContext, month: str, office: str) -> Recheck:
    """The re-check that an address names; another office's is not there."""
    scope(context.engine).require("keep_rechecks", office)
    found = find_recheck(context.engine, month, office) if _MONTH.fullmatch(month) else None
    if found is None:
        abort(404)
    return found


def _month(context: RecheckContext, known: Recheck, problem: str = "", size: str = "") -> str:
    lang = chosen_language()
    places = load_places(context.engine, gone_too=True)
    waiting = request.args.get("file", "") or request.form.get("waiting", "")
    upload = find_sent(context.config.data, waiting)
    return render_template(
        "staff/recheck_month.html",
        **staff_frame(),
        one=known,
        month=spoken_month(known.month),
        office=next(one.name.get(lang) for one in places.office if one.id == known.office),
        names={"general": say("comments.general")} | sector_names(places, lang),
        digest=[known.list_digest[at : at + 8] for at in range(0, 64, 8)],
        rolls=ROLLS,
        later=None if known.seed else seal_for(context.engine, known),
        size=size or known.size or SIZE,
        largest=LARGEST,
        upload=upload,
        problem=problem,
    )


def _seed(context: RecheckContext, known: Recheck) -> Response | tuple[str, int]:
    try:
        if "seal" in request.form:
            take_seal(context.engine, known.month, known.office, context.by)
        else:
            typed = request.form.get("dice", "")
            roll(context.engine, known.month, known.office, typed, context.by)
    except StoreError as error:
        return _month(context, known, error.said(chosen_language())), 422
    return _to(known, file=request.form.get("waiting", ""))


def _draw(context: RecheckContext, known: Recheck, turn: Turn) -> Response | tuple[str, int]:
    """Draw, and send the call sheet."""
    lang, typed = chosen_language(), request.form.get("size", "").strip()
    size = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    upload = _sent(context)
    if upload is None:
        return _month(context, known, say("recheck.file_again"), typed), 422
    try:
        with turn.taken():
            found = _read(context, upload, known.month, known.office)
            sheet = draw(context.engine, found, size, context.by)
    except HailongError as error:
        return _month(context, known, error.said(lang), typed), 422
    places = load_places(context.engine, gone_too=True)
    made = call_sheet(sheet, sector_names(places, lang), lang)
    return attachment(made, XLSX, f"hailong-phuc-tra-{known.month}.xlsx")


# --- Answers ------------------------------------------------------------------------------------


def _answer(context: RecheckContext, problem: str = "") -> str | tuple[str, int]:
    """Ask for a code; with one, for what was answered."""
    typed = request.args.get("code", "")
    if not typed:
        return _code(problem=problem)
    try:
        code, place = place_of(context.engine, typed)
    except StoreError as error:
        return _code(typed, error.said(chosen_language())), 422
    if not scope(context.engine).may("keep_rechecks", place.office):
        return _code(typed, say("recheck.no_such_code")), 422
    if place.outcome == "answered":
        return _code(typed, say("recheck.was_answered")), 422
    return _form(context, code, place)


def _code(typed: str = "", problem: str = "") -> str:
    return render_template(
        "staff/recheck_code.html",
        **staff_frame(),
        typed=typed,
        problem=problem,
        said=request.args.get("said", ""),
    )


def _form(
    context: RecheckContext,
    code: str,
    place: Any,
    typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    response_id: str = "",
) -> str:
    lang, questionnaire = chosen_language(), context.questionnaires[QUESTIONNAIRE]
    places = load_places(context.engine, gone_too=True)
    return render_template(
        "staff/recheck_answer.html",
        **staff_frame(),
        code=spelt(code),
        place=place,
        month=spoken_month(place.month),
        sector=sector_names(places, lang).get(place.sector, say("comments.general")),
        questionnaire=questionnaire,
        questions=_questions(questionnaire, lang),
        response_id=response_id or str(uuid.uuid4()),
        reasons=SKIP_REASONS,
        typed=typed or {},
        problems=problems or {},
        longest=LONGEST,
    )


def _questions(questionnaire: Questionnaire, lang: str) -> list[dict[str, Any]]:
    """The questions in the order in which a caller asks them: first whether it was answered."""
    asked = typed_questions(questionnaire, lang)
    return sorted(asked, key=lambda one: one["id"] != ANSWERED_BEFORE)


def _take(context: RecheckContext) -> Response | tuple[str, int]:
    """Store an answer, or why there is none."""
    lang = chosen_language()
    try:
        code, place = place_of(context.engine, request.form.get("code", ""))
        scope(context.engine).require("keep_rechecks", place.office)
        skip = next((one for one in SKIP_REASONS if one == request.form.get("skip")), None)
        if skip is not None:
            record_skip(context.engine, code, skip, context.by)
            return _next("skipped")
        questionnaire, typed = context.questionnaires[QUESTIONNAIRE], None
        typed = typed_fields(questionnaire)
        response_id = check_response_id(request.form.get("response_id", ""))
        answers = check(questionnaire, fields_of(questionnaire, typed), partial=True)
        enter(context.engine, code, place, questionnaire, answers, response_id, context.by)
    except RefusedResponse:
        abort(400)
    except InvalidAnswers as error:
        problems = {
            one.question_id or "form": explain(questionnaire, one, lang) for one in error.problems
        }
        return _form(context, code, place, typed, problems, response_id), 422
    except StoreError as error:
        return _code(request.form.get("code", ""), error.said(lang)), 409
    return _next("stored")


def _next(said: str) -> Response:
    return see_other("recheck.answer", said=said)


def _to(known: Recheck, **more: str) -> Response:
    kept = {name: value for name, value in more.items() if value}
    return see_other("recheck.month", period=known.month, place=known.office, **kept)
