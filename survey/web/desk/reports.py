"""Staff pages of the report that is signed: made as a job, kept with its number, its letterhead.

Part of the pages of files (`survey.web.desk.files`). The report itself is `hailong report`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from questionnaires import keys
from survey.errors import HailongError
from survey.jobs import add_job
from survey.places import Office
from survey.reports.kept import Revision, file_of, list_revisions
from survey.reports.letterhead import (
    FORMS,
    LISTS,
    LONGEST,
    MOST_LINES,
    TEXTS,
    Letterhead,
    called_on,
    load_letterhead,
    save_letterhead,
)
from survey.store.places import list_offices
from survey.store.staff_actions import noted
from survey.turns import turn
from survey.web.desk.frame import (
    attachment,
    page_number,
    say,
    see_other,
    staff_frame,
    whole_number,
)
from survey.web.desk.guard import DeskContext, Scope, needs, scope
from survey.web.desk.meanwhile import changed_meanwhile, mark
from survey.web.desk.report_sentences import whole
from survey.web.desk.results import period_choices
from survey.web.desk.sent import find_sent, owner
from survey.web.security import chosen_language

FORMATS: Final = ("docx", "pdf", "xlsx", "html", "json")
LONGEST_WHY: Final = 300
ALL: Final = "all"
"""What all offices together are called, also where there is but one."""
_A_PAGE: Final = 20


def add_pages(pages: Blueprint, context: DeskContext) -> None:
    """Add the pages to those of files."""

    @pages.get("/report")
    @needs("make_files")
    def report() -> str:
        return _page(context, scope(context.engine))

    @pages.post("/report")
    @needs("make_files")
    def make_report() -> Response | tuple[str, int]:
        return _ask(context, scope(context.engine))

    @pages.get("/report/<place>/<period>/<id_>")
    @needs("make_files")
    def kept_report(place: str, period: str, id_: str) -> Response:
        return _kept(context, scope(context.engine), place, period, id_)

    @pages.route("/letterhead", methods=["GET", "POST"])
    @needs("make_files")
    def letterhead() -> Response | str | tuple[str, int]:
        return _letterhead(context, scope(context.engine))


def _offices(context: DeskContext, reach: Scope) -> Sequence[Office]:
    return [one for one in list_offices(context.engine) if one.id in reach.offices]


# --- Making one -------------------------------------------------------------------------------


def _page(context: DeskContext, reach: Scope, problem: str = "") -> str:
    lang, today = chosen_language(), context.now().date()
    offices, choices = _offices(context, reach), period_choices(today, lang)
    number, trouble = page_number(), ""
    try:
        found = [one for one in list_revisions(context.config.data) if _seen(context, reach, one)]
    except HailongError as error:
        found, trouble = [], error.said(lang)
    pages = max(1, -(-len(found) // _A_PAGE))
    names = {one.id: one.name.get(lang) for one in offices}
    # The last month that is over is what is reported on.
    closed = choices["m1"][1][0]
    return render_template(
        "staff/reports.html",
        **staff_frame(),
        formats=[(form, say(f"reports.format_{form}")) for form in FORMATS],
        choices=choices,
        period=request.values.get("period", closed),
        offices=offices if len(offices) > 1 else (),
        office=request.values.get("office", "" if reach.whole else offices[0].id),
        given=request.form,
        sentences=whole(context, reach),
        kept=found[(number - 1) * _A_PAGE : number * _A_PAGE],
        page=number,
        pages=pages,
        called=_called,
        whose=lambda office: names.get(office, "") if len(offices) > 1 else "",
        longest=LONGEST_WHY,
        problem=problem or trouble,
    )


def _seen(context: DeskContext, reach: Scope, revision: Revision) -> bool:
    if revision.office == ALL:
        return whole(context, reach)
    return revision.office in reach.offices


def _called(revision: Revision) -> str:
    from analysis.period import parse_period

    return parse_period(revision.period).called(chosen_language())


def _ask(context: DeskContext, reach: Scope) -> Response | tuple[str, int]:
    from analysis.errors import PeriodError
    from analysis.period import written_period

    lang, form = chosen_language(), request.form.get("format", "")
    if form not in FORMATS or request.form.get("language", lang) not in ("vi", "en"):
        abort(404)
    try:
        period = written_period(request.form.get("period", ""))
    except PeriodError:
        abort(404)
    office = request.form.get("office") or (None if reach.whole else reach.grant.office)
    if office is not None:
        reach.require("make_files", office)
    try:
        day = _day(request.form.get("day", ""))
    except ValueError:
        return _page(context, reach, say("reports.no_day")), 422
    why = " ".join(request.form.get("why", "").split())
    if len(why) > LONGEST_WHY:
        long = say("reports.long", most=LONGEST_WHY)
        return _page(context, reach, long), 422
    words = ["report", "--period", period.text, "--format", form]
    words += ["--lang", request.form.get("language", lang)]
    words += [] if office is None else ["--office", office]
    words += [] if day is None else ["--date", day.isoformat()]
    words += ["--keep", f"--why={why}"] if "keep" in request.form else []
    if "sentences" in request.form:
        tried = find_sent(context.config.data, request.form["sentences"])
        if tried is None or not whole(context, reach):
            abort(404)
        words += ["--sentences", str(tried.path.absolute())]
    called = say(f"reports.format_{form}")
    names = {one.id: one.name.get(lang) for one in _offices(context, reach)}
    about = {"kind": called, "period": period.called(lang), "office": names.get(office or "", "")}
    with noted(context.engine, context.by, "file_asked", office, file=called, period=period.text):
        job = add_job(context.config.data, owner(), words, f".{form}", lang, about)
    return see_other("files.job", id_=job.id)


def _day(text: str) -> date | None:
    """The day of a signature; None where none is filled in. Raises ValueError."""
    return date.fromisoformat(text) if text else None


# --- Kept ones --------------------------------------------------------------------------------


def _kept(context: DeskContext, reach: Scope, place: str, period: str, id_: str) -> Response:
    """A file of a kept report, as it was sent: "vi-002.docx"."""
    lang, _, rest = id_.partition("-")
    number, _, form = rest.partition(".")
    counted = whole_number(number)
    known = lang in ("vi", "en") and form in FORMATS and counted is not None
    if not known or (place != ALL and place not in reach.offices):
        abort(404)
    if place == ALL and not whole(context, reach):
        abort(404)
    revision = next(
        (
            one
            for one in list_revisions(context.config.data)
            if (one.office, one.period, one.lang, one.number) == (place, period, lang, counted)
        ),
        None,
    )
    if revision is None:
        abort(404)
    name = f"bao-cao-{revision.period}-{revision.number}.{form}".replace(":", "-")
    content = file_of(context.config.data, revision, form)
    return attachment(content, "application/octet-stream", name)


# --- The letterhead ---------------------------------------------------------------------------


def _letterhead(context: DeskContext, reach: Scope) -> Response | str | tuple[str, int]:
    lang, offices = chosen_language(), _offices(context, reach)
    office = request.values.get("office") or (ALL if whole(context, reach) else offices[0].id)
    known = {one.id: one for one in offices}
    if office not in known and not (office == ALL and whole(context, reach)):
        abort(404)
    alone = list_offices(context.engine)
    if office in known and len(alone) == 1:
        office = ALL
    folder = context.config.data
    try:
        stored = load_letterhead(folder, office, called_on(alone, office))
    except HailongError as error:
        # A file that was edited by hand: what is wrong is told, and nothing is written over it.
        return _form(context, reach, office, Letterhead(), error.said(lang)), 422
    if request.method == "GET":
        return _form(context, reach, office, stored)
    given = _given()
    problem = _problem(given)
    status = 422
    if not problem:
        problem = changed_meanwhile(asdict(stored), asdict(given), LABELS, _shown)
        status = 409 if problem else 422
    problem = problem or _save(context, office, given)
    if problem:
        return _form(context, reach, office, given, problem, asdict(stored)), status
    return see_other("files.report")


def _save(context: DeskContext, office: str, given: Letterhead) -> str:
    """Keep a letterhead, or say why it is not kept."""
    folder = context.config.data
    named = None if office == ALL else office
    with turn(folder / "letterheads.turn") as mine:
        if not mine:
            return say("reports.busy")
        try:
            with noted(
                context.engine,
                context.by,
                "letterhead_changed",
                named,
                agency=given.agency,
                signer=given.signer or "–",
            ):
                save_letterhead(folder, office, given)
        except OSError as error:
            return say("reports.cannot", why=error.strerror or error)
    return ""


LABELS: Final = {name: f"reports.{name}" for name in (*TEXTS, *LISTS, "form")}


def _shown(name: str, value: object) -> str:
    if name == "form":
        return say(f"reports.form_{value}")
    return "; ".join(value) if isinstance(value, (list, tuple)) else str(value)


def _given() -> Letterhead:
    """What was filled in; a signature form that was not offered is 404."""
    form = request.form.get("form", "")
    if form not in FORMS:
        abort(404)
    lines: Mapping[str, tuple[str, ...]] = {
        name: tuple(filter(None, map(_line, request.form.get(name, "").splitlines())))
        for name in LISTS
    }
    texts = {name: _line(request.form.get(name, "")) for name in TEXTS}
    return Letterhead(**texts, **lines, form=form)  # type: ignore[arg-type]  # by their names


def _line(text: str) -> str:
    return keys.normal(text).rstrip(";")


def _problem(given: Letterhead) -> str:
    listed = [line for name in LISTS for line in getattr(given, name)]
    if any(len(getattr(given, name)) > MOST_LINES for name in LISTS):
        return say("reports.many", most=MOST_LINES)
    if any(len(text) > LONGEST for text in (*listed, *(getattr(given, name) for name in TEXTS))):
        return say("reports.long", most=LONGEST)
    return "" if given.agency else say("reports.no_agency")


def _form(
    context: DeskContext,
    reach: Scope,
    office: str,
    given: Letterhead,
    problem: str = "",
    stored: Mapping[str, object] | None = None,
) -> str:
    """`given`: what its fields show; `stored`: what is kept, where that is something else."""
    lang, offices = chosen_language(), _offices(context, reach)
    choices = [(one.id, one.name.get(lang)) for one in offices]
    if reach.whole:
        choices = [(ALL, say("results.all_offices")), *choices]
    return render_template(
        "staff/letterhead.html",
        **staff_frame(),
        office=office,
        offices=choices if len(offices) > 1 else (),
        given=given,
        seen=mark(stored or asdict(given)),
        forms=[(form, say(f"reports.form_{form}")) for form in FORMS],
        longest=LONGEST,
        problem=problem,
    )
