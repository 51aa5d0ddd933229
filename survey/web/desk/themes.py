"""Staff pages of what comments speak of: computed as a job, with examples for who may read them.

The job's file names no comment: the page looks the examples up again, so that one that was deleted
or blacked out meanwhile is not shown as it was.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from survey.jobs import Job, add_job, find_job
from survey.store.comments import Filter, handle_of, list_comments
from survey.store.places import list_offices
from survey.store.staff_actions import noted
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, scope
from survey.web.desk.sent import owner
from survey.web.security import chosen_language

AGAIN_SECONDS: Final = 2
EXAMPLES: Final = 3
COMMAND: Final = "themes"


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages; a result is for the account that asked for it."""
    pages = Blueprint("themes", __name__, url_prefix="/comments/themes")

    @pages.post("")
    @needs("read_comments")
    def ask() -> Response:
        return _ask(context)

    @pages.get("/<id_>")
    @needs("read_comments")
    def show(id_: str) -> Response:
        job = find_job(context.config.data, owner(), id_)
        if job is None or job.words[0] != COMMAND:
            abort(404)
        reach = scope(context.engine)
        offices: list[str | None] = [*_offices(job)]
        for office in offices or [None]:
            reach.require("read_comments", office)
        return _page(context, job)

    return pages


def _ask(context: DeskContext) -> Response:
    """Begin the job: of a month, or of the twelve months up to now."""
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    lang, reach = chosen_language(), scope(context.engine)
    office, sector = (request.form.get(name, "") for name in ("office", "sector"))
    if office:
        reach.require("read_comments", office)
    month = request.form.get("month") or f"12m:{context.now():%Y-%m}"
    try:
        period = parse_period(month)
    except PeriodError:
        abort(404)
    top = office or reach.grant.office
    offices = [] if top is None else [top, *sorted(reach.below(top) - {top})]
    words = [COMMAND, "--period", period.text, *(f"--office={one}" for one in offices)]
    words += [f"--sector={sector}"] if sector else []
    called = say("comments.themes")
    with noted(
        context.engine, context.by, "file_asked", office or None, file=called, period=period.text
    ):
        job = add_job(context.config.data, owner(), words, ".json", lang, {})
    return see_other("themes.show", id_=job.id)


def _offices(job: Job) -> list[str]:
    """The offices that it was asked of, first the one above the others; none of the whole
    installation."""
    option = "--office="
    return [word.removeprefix(option) for word in job.words if word.startswith(option)]


def _page(context: DeskContext, job: Job) -> Response:
    from analysis.period import parse_period

    state, lang = job.state, chosen_language()
    found: dict[str, Any] = {"themes": [], "minimum": 0, "read": 0}
    if state == "done":
        found = json.loads(job.file.read_text(encoding="utf-8"))
    period = parse_period(job.words[job.words.index("--period") + 1])
    names = {one.id: one.name.get(lang) for one in list_offices(context.engine)}
    offices = _offices(job)
    reply = make_response(
        render_template(
            "staff/themes.html",
            **staff_frame(),
            state=state,
            reason=job.reason(lang),
            period=period.called(lang),
            office=names.get(offices[0], "") if offices else "",
            found=found,
            themes=_with_examples(context, found["themes"]),
        )
    )
    if state in ("waiting", "running"):
        reply.headers["Refresh"] = str(AGAIN_SECONDS)
    return reply


def _with_examples(
    context: DeskContext, themes: list[dict[str, Any]]
) -> list[tuple[str, int | None, list[tuple[str, str]]]]:
    """Each theme with its number and examples: handle and text of comments that are still there."""
    if not themes:
        return []
    wanted = Filter(date.min, date.max, scope(context.engine).offices)
    texts = {
        handle_of(context.config.secret_key, one): one.text
        for one in list_comments(context.engine, wanted)
    }
    told = []
    for theme in themes:
        here = [(handle, texts[handle]) for handle in theme["comments"] if handle in texts]
        distinct = {text: (handle, text) for handle, text in reversed(here)}
        told.append((theme["name"], theme["count"], list(reversed(distinct.values()))[:EXAMPLES]))
    return told
