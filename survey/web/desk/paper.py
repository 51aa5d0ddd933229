"""Staff pages of paper questionnaires: blank ones to print, and filled in ones to type.

A sheet is typed by the keyboard alone and stored like any other answer, with the channel `paper`
and no moment; where it is asked for, it is typed twice, and read again where the two differ.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from questionnaires import InvalidAnswers, Questionnaire, check, explain
from survey.intake import (
    RefusedResponse,
    When,
    check_response_id,
    choose_sector,
)
from survey.intake import Response as PaperResponse
from survey.intake import (
    make_response as to_store,
)
from survey.paper import Typed, differences, fields_of
from survey.places import UNKNOWN, file_name
from survey.sheets import SheetError, render_sheet
from survey.store.places import Standing, load_places
from survey.store.questionnaires import Published
from survey.store.responses import add_paper
from survey.told import in_language
from survey.web.desk.frame import attachment, say, staff_frame
from survey.web.desk.guard import DeskContext, counter_names, needs, scope
from survey.web.desk.typed import LONGEST, typed_fields, typed_questions
from survey.web.security import chosen_language

OLDEST: Final = timedelta(days=366)
"""A sheet that is older is not of this year's figures any more."""


@dataclass(frozen=True, slots=True)
class PaperContext(DeskContext):
    """What the pages need besides."""

    questionnaires: Published


@dataclass(frozen=True, slots=True)
class Stack:
    """The sheets that are typed one after the other: of one counter and one day."""

    standing: Standing
    questionnaire: Questionnaire
    day: date
    twice: bool
    done: int

    def address(self, more: int = 0) -> str:
        """Where the next sheet of it is typed."""
        return url_for(
            "paper.sheet",
            counter=self.standing[0].full_id,
            day=self.day.isoformat(),
            twice="1" if self.twice else None,
            done=self.done + more,
            lang=chosen_language(),
        )


def make_blueprint(context: PaperContext) -> Blueprint:
    """Return the pages."""
    pages = Blueprint("paper", __name__, url_prefix="/paper")

    @pages.get("")
    @needs("enter_paper")
    def show() -> str:
        return _start(context)

    @pages.get("/blank.pdf")
    @needs("enter_paper")
    def blank() -> Response | tuple[str, int]:
        return _blank(context)

    @pages.get("/sheet")
    @needs("enter_paper")
    def sheet() -> str | tuple[str, int]:
        stack = _stack(context)
        return _start(context, stack) if isinstance(stack, str) else _sheet(stack)

    @pages.post("/sheet")
    @needs("enter_paper")
    def take() -> Response | str | tuple[str, int]:
        stack = _stack(context)
        return (_start(context, stack), 422) if isinstance(stack, str) else _take(context, stack)

    return pages


def _start(context: PaperContext, problem: str = "") -> str:
    """Choose a counter and a day."""
    offices = scope(context.engine).offices
    counters = [one for one in load_places(context.engine).counter if one.office in offices]
    today = context.now().date()
    return render_template(
        "staff/paper.html",
        **staff_frame(),
        counters=list(counter_names(context.engine, counters).items()),
        chosen=request.args.get("counter", ""),
        day=request.args.get("day", today.isoformat()),
        first=(today - OLDEST).isoformat(),
        today=today.isoformat(),
        problem=problem,
    )


def _standing(context: PaperContext) -> Standing:
    """The counter that a request names; one of another office, closed or none is 404."""
    wanted, places = request.args.get("counter", ""), load_places(context.engine)
    counter = next((one for one in places.counter if one.full_id == wanted), None)
    if counter is None:
        abort(404)
    scope(context.engine).require("enter_paper", counter.office)
    office = next(one for one in places.office if one.id == counter.office)
    sectors = {one.id: one for one in places.sector}
    return counter, office, tuple(sectors[id_] for id_ in counter.sectors)


def _blank(context: PaperContext) -> Response | tuple[str, int]:
    counter, office, sectors = _standing(context)
    lang = chosen_language()
    try:
        made = render_sheet(
            office,
            counter,
            sectors,
            context.questionnaires[counter.questionnaire],
            context.now().date(),
            lang=lang,
            simulated=context.config.simulated,
        )
    except SheetError as error:
        return _start(context, in_language(error.args[0], lang)), 422
    name = file_name(counter, load_places(context.engine).counter)
    return attachment(made, "application/pdf", f"hailong-phieu-{name}.pdf")


def _stack(context: PaperContext) -> Stack | str:
    """What is typed; a sentence where the day cannot be right."""
    standing, today = _standing(context), context.now().date()
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return say("paper.no_day")
    if not today - OLDEST <= day <= today:
        return say("paper.wrong_day", first=f"{today - OLDEST:%d/%m/%Y}", last=f"{today:%d/%m/%Y}")
    done = request.args.get("done", "0")
    return Stack(
        standing,
        context.questionnaires[standing[0].questionnaire],
        day,
        twice=request.args.get("twice") == "1",
        done=int(done) if done.isascii() and done.isdecimal() and len(done) < 6 else 0,
    )


# --- A sheet ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """How often a sheet was read so far, and what was typed then.

    `first`: what the first reading said, while the second is asked for.
    """

    number: int
    first: Typed | None = None


def _sheet(
    stack: Stack,
    reading: Reading = Reading(1),
    response_id: str | None = None,
    typed: Typed | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    counter, office, _ = stack.standing
    lang = chosen_language()
    return render_template(
        "staff/paper_sheet.html",
        **staff_frame(),
        stack=stack,
        counter=counter,
        office=office,
        sectors=_sectors(stack),
        questions=typed_questions(stack.questionnaire, lang),
        response_id=response_id or str(uuid.uuid4()),
        reading=reading,
        first=json.dumps(dict(reading.first), ensure_ascii=False) if reading.first else "",
        typed=typed or {},
        problems=problems or {},
        longest=LONGEST,
    )


def _sectors(stack: Stack) -> list[tuple[str, str]]:
    """The sectors to choose from; none where there is no choice."""
    sectors = stack.standing[2]
    if not stack.questionnaire.about_sector or len(sectors) < 2:
        return []
    lang = chosen_language()
    named = [(one.id, f"{n}. {one.name.get(lang)}") for n, one in enumerate(sectors, start=1)]
    return [("", say("paper.choose")), *named, (UNKNOWN, f"0. {say('paper.unknown')}")]


def _take(context: PaperContext, stack: Stack) -> Response | str | tuple[str, int]:
    """Check a reading; ask for the next one, or store the sheet."""
    typed = typed_fields(stack.questionnaire)
    try:
        response_id = check_response_id(request.form.get("response_id", ""))
    except RefusedResponse:
        abort(400)
    reading = _reading()
    read = _read(context, stack, response_id, typed)
    if not isinstance(read, PaperResponse):
        return _sheet(stack, reading, response_id, typed, read), 422
    if stack.twice and reading.number == 1:
        return _sheet(stack, Reading(2, typed), response_id)
    if stack.twice and reading.number == 2 and reading.first is not None:
        different = differences(reading.first, typed)
        if different:
            told = {
                one.question: say("paper.differ", first=one.first or "–", second=one.second or "–")
                for one in different
            }
            same = {key: text for key, text in typed.items() if key not in told}
            return _sheet(stack, Reading(3), response_id, same, told), 422
    add_paper(context.engine, read, stack.standing[0].name.vi, context.by)
    return redirect(stack.address(more=1), code=303)


def _reading() -> Reading:
    """How often it was read, as the form says; what it says of the first reading is only text."""
    number = {"2": 2, "3": 3}.get(request.form.get("reading", ""), 1)
    try:
        first = json.loads(request.form.get("first", ""))
    except (ValueError, RecursionError):
        return Reading(number)
    if not isinstance(first, dict):
        return Reading(number)
    return Reading(number, {str(key): str(text) for key, text in first.items()})


def _read(
    context: PaperContext, stack: Stack, response_id: str, typed: Typed
) -> PaperResponse | dict[str, str]:
    """The answers of a sheet, or a sentence beside each question at fault."""
    counter, _, sectors = stack.standing
    lang, problems = chosen_language(), dict[str, str]()
    given = sectors[0].id if len(sectors) == 1 else typed["sector"] or None
    sector = ""
    try:
        sector = choose_sector(stack.questionnaire, counter.sectors, given)
    except RefusedResponse:
        problems["sector"] = say("paper.no_sector")
    try:
        answers = check(stack.questionnaire, fields_of(stack.questionnaire, typed), partial=True)
    except InvalidAnswers as error:
        for one in error.problems:
            problems[one.question_id or "form"] = explain(stack.questionnaire, one, lang)
    if problems:
        return problems
    return to_store(
        counter.office,
        stack.questionnaire,
        answers,
        response_id=response_id,
        sector=sector,
        channel="paper",
        when=When(stack.day, context.now().date()),
    )
