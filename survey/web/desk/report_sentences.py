"""Staff page of the sentences of reports: downloaded, edited, tried, put to use and taken back.

Part of the pages of files (`survey.web.desk.files`). They hold for all offices of the installation,
so they are for who may see its report of all offices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from questionnaires import Sentences
from questionnaires.sentences import filled
from survey.errors import HailongError
from survey.reports.phrases import (
    FILE,
    drop_phrases,
    keep_phrases,
    own_phrases,
    read_phrases,
    shipped_phrases,
    template,
)
from survey.store.places import list_offices, list_plain_offices
from survey.store.staff_actions import noted
from survey.turns import turn
from survey.uploads import Upload
from survey.web.desk.frame import attachment, say, see_other, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, Scope, needs, scope
from survey.web.desk.results import period_choices
from survey.web.desk.sent import drop_sent, find_sent, keep_sent, sent_file, waiting
from survey.web.security import chosen_language

_TRIAL: Final = "report-sentences"
"""What is noted beside a file that waits to be tried."""
_SHOWN: Final = 40
"""Sentences of a file that the page shows: all of them would be beyond its size."""


def add_pages(pages: Blueprint, context: DeskContext) -> None:
    """Add the pages to those of files."""

    @pages.get("/sentences")
    @needs("make_files")
    def sentences() -> str:
        _require_whole(context)
        return _page(context)

    @pages.get("/sentences/report.toml")
    @needs("make_files")
    def sentences_file() -> Response:
        _require_whole(context)
        return _download(context)

    @pages.post("/sentences")
    @needs("make_files")
    def send_sentences() -> Response | tuple[str, int]:
        _require_whole(context)
        return _send(context)

    @pages.post("/sentences/use")
    @needs("make_files")
    def use_sentences() -> Response | tuple[str, int]:
        _require_whole(context)
        return _use(context)

    @pages.post("/sentences/back")
    @needs("make_files")
    def drop_sentences() -> Response | str | tuple[str, int]:
        _require_whole(context)
        return _back(context)


def whole(context: DeskContext, reach: Scope) -> bool:
    """Whether an account may see the report of all offices together: it reaches each that there is,
    or that has answers."""
    there = (one.id in reach.offices for one in list_plain_offices(context.engine))
    return reach.whole or all(there) or len(list_offices(context.engine)) == 1


def _require_whole(context: DeskContext) -> None:
    if not whole(context, scope(context.engine)):
        abort(404)


def _page(context: DeskContext, problem: str = "") -> str:
    lang, reach = chosen_language(), scope(context.engine)
    own, broken = _own(context)
    upload = waiting(context.config.data, _TRIAL)
    tried = None
    if upload is not None:
        try:
            tried = read_phrases(upload.content(), upload.name)
        except HailongError as error:
            problem = problem or error.said(lang)
    offices = [one for one in list_offices(context.engine) if one.id in reach.offices]
    choices = period_choices(context.now().date(), lang)
    return render_template(
        "staff/report_sentences.html",
        **staff_frame(),
        own=_compared(own, lang),
        upload=upload if tried is not None else None,
        tried=_compared(tried, lang),
        number=0 if tried is None else len(tried.texts),
        choices=choices,
        period=choices["m1"][1][0],
        offices=offices if len(offices) > 1 else (),
        broken=broken,
        problem=problem or broken,
    )


def _own(context: DeskContext) -> tuple[Sentences | None, str]:
    """The office's sentences; None where it has none, or a broken file, with what is wrong."""
    try:
        own = own_phrases(context.config.data)
    except HailongError as error:
        return None, error.said(chosen_language())
    return own if own.texts else None, ""


def _compared(found: Sentences | None, lang: str) -> list[Mapping[str, str]]:
    """Sentences beside the shipped ones, in the language of the page."""
    shipped = shipped_phrases()
    return [
        {"key": key, "shipped": shipped.texts[key].get(lang), "own": text.get(lang)}
        for key, text in list(found.texts.items() if found is not None else ())[:_SHOWN]
    ]


def _download(context: DeskContext) -> Response:
    """The sentences as they are; a file that was broken by hand as it lies there."""
    try:
        content = template(context.config.data).encode("utf-8")
    except HailongError:
        content = (context.config.data / FILE).read_bytes()
    return attachment(content, "application/toml", FILE)


def _send(context: DeskContext) -> Response | tuple[str, int]:
    """Take a file to be tried; one that is broken is told of and not kept."""
    file = sent_file()
    if file is None:
        return _page(context, say("report_sentences.no_file")), 422
    upload = keep_sent(context.config.data, file)
    try:
        with upload.removed_on_failure():
            found = read_phrases(upload.content(), upload.name)
    except HailongError as error:
        return _page(context, error.said(chosen_language())), 422
    if not found.texts:
        upload.remove()
        return _page(context, say("report_sentences.nothing")), 422
    upload.note(_TRIAL, len(found.texts))
    return see_other("files.sentences", said="sent")


def _use(context: DeskContext) -> Response | tuple[str, int]:
    """Put the tried sentences to use."""
    upload = _sent(context)
    if upload is None:
        return _page(context, say("report_sentences.gone")), 409
    try:
        found = read_phrases(upload.content(), upload.name)
        with _alone(context):
            number = str(len(found.texts))
            with noted(context.engine, context.by, "report_worded", number=number):
                keep_phrases(context.config.data, found)
    except (HailongError, OSError) as error:
        return _page(context, _told(error)), 422
    drop_sent(context.config.data, upload.id)
    return see_other("files.sentences", said="used")


def _back(context: DeskContext) -> Response | str | tuple[str, int]:
    """Go back to the shipped sentences, once that is confirmed."""
    if "sure" not in request.form:
        return render_template("staff/report_sentences_sure.html", **staff_frame())
    try:
        with _alone(context), noted(context.engine, context.by, "report_unworded"):
            drop_phrases(context.config.data)
    except (HailongError, OSError) as error:
        return _page(context, _told(error)), 422
    return see_other("files.sentences", said="back")


def _sent(context: DeskContext) -> Upload | None:
    return find_sent(context.config.data, request.form.get("sent", ""))


@contextmanager
def _alone(context: DeskContext) -> Iterator[None]:
    """Write the file one at a time. Raises HailongError where somebody else is at it."""
    with turn(context.config.data / "report.turn") as mine:
        if not mine:
            raise HailongError(filled(staff_sentences(), "reports.busy"))
        yield


def _told(error: HailongError | OSError) -> str:
    if isinstance(error, HailongError):
        return error.said(chosen_language())
    why = error.strerror or error
    return say("reports.cannot", why=why)
