"""Staff pages of the public page: how it will look, its picture for other sites, and what was done.

What the office did about what people said is written here, a month at a time, and published by hand
alone. Whether the page is open to anybody is a setting (page Máy chủ).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, timedelta
from hashlib import sha256
from typing import Final, cast

from flask import Blueprint, abort, make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from survey.errors import HailongError
from survey.improvements import LONGEST, MOST, Improvement, Texts, checked
from survey.public.kept import PictureForm, published_months, read_page, read_picture
from survey.store.comments import Filter, list_comments
from survey.store.improvements import (
    add_improvement,
    change_improvement,
    drop_improvement,
    find_improvement,
    list_improvements,
    publish_improvement,
    withdraw_improvement,
)
from survey.store.places import list_offices
from survey.told import in_language, spoken_month
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, scope
from survey.web.open_page import (
    LATEST,
    PICTURE_TYPES,
    OpenContext,
    open_page,
    picture_address,
)
from survey.web.security import allow_inline, chosen_language

BACK: Final = 12  # months that may be written about, beside those that are published
NOTES: Final = 20  # of comments, offered as a beginning
_TEXTS: Final = tuple(field.name for field in fields(Texts))


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages, for officers and administrators of an office."""
    pages = Blueprint("public_page", __name__, url_prefix="/public-page")

    @pages.get("")
    @needs("keep_public_page")
    def show() -> str:
        office, month = _asked(context)
        return _page(context, office, month)

    @pages.route("/entry", methods=["GET", "POST"])
    @needs("keep_public_page")
    def entry() -> Response | str | tuple[str, int]:
        return _write(context)

    @pages.post("/publish")
    @needs("keep_public_page")
    def publish() -> Response | tuple[str, int]:
        today, by = context.now().date(), context.by
        return _done(context, lambda found: publish_improvement(context.engine, found, today, by))

    @pages.post("/withdraw")
    @needs("keep_public_page")
    def withdraw() -> Response | tuple[str, int]:
        by = context.by
        return _done(context, lambda found: withdraw_improvement(context.engine, found, by))

    @pages.post("/drop")
    @needs("keep_public_page")
    def drop() -> Response | tuple[str, int] | str:
        if "sure" not in request.form:
            return render_template(
                "staff/public_page_sure.html", **staff_frame(), entry=_found(context)
            )
        by = context.by
        return _done(context, lambda found: drop_improvement(context.engine, found, by))

    @pages.get("/preview/<office>/<period>")
    @needs("keep_public_page")
    def preview(office: str, period: str) -> str:
        scope(context.engine).require("keep_public_page", office)
        return open_page(
            OpenContext(context.engine, context.config),
            office,
            period,
            drafts=True,
            preview="preview_on" if context.config.public_page else "preview",
            to=("public_page.preview", "public_page.picture"),
        )

    @pages.get("/preview/<office>/<period>.<any(svg, png):form>")
    @needs("keep_public_page")
    def picture(office: str, period: str, form: str) -> Response:
        scope(context.engine).require("keep_public_page", office)
        kind = cast("PictureForm", form)
        found = read_picture(context.config.data, office, period, chosen_language(), kind)
        if found is None:
            abort(404)
        allow_inline("'unsafe-inline'", "'none'")  # a picture: its own style, no script
        reply = make_response(found)
        reply.mimetype = PICTURE_TYPES[kind]
        return reply

    return pages


def _said(key: str, **words: object) -> str:
    return say(f"public_page.{key}", **words)


# --- Which office and month ---------------------------------------------------------------------


def _offices(context: DeskContext) -> list[tuple[str, str]]:
    """The offices that whoever is signed in may write about, by id and name."""
    reach, lang = scope(context.engine), chosen_language()
    return [
        (one.id, one.name.get(lang))
        for one in list_offices(context.engine)
        if reach.may("keep_public_page", one.id)
    ]


def _asked(context: DeskContext) -> tuple[str, str]:
    """The office and month of a request; without any, the first office and its newest page."""
    offices = [id_ for id_, _ in _offices(context)]
    if not offices:
        abort(404)
    office = request.values.get("office") or offices[0]
    if office not in offices:
        abort(404)
    months = _months(context, office)
    published = published_months(context.config.data, office)
    month = request.values.get("month") or (published[0] if published else months[0])
    if month not in months:
        abort(404)
    return office, month


def _months(context: DeskContext, office: str) -> list[str]:
    """The months that may be written about, the newest first; the running one is none of them."""
    found, last = set(published_months(context.config.data, office)), context.now().date()
    for _ in range(BACK):
        last = last.replace(day=1) - timedelta(days=1)
        found.add(f"{last:%Y-%m}")
    return sorted(found, reverse=True)


# --- The page -----------------------------------------------------------------------------------


def _page(context: DeskContext, office: str, month: str, problem: str = "") -> str:
    config, lang = context.config, chosen_language()
    offices = _offices(context)
    shown = read_page(config.data, office, month, lang)
    reach = scope(context.engine)
    return render_template(
        "staff/public_page.html",
        **staff_frame(),
        on=config.public_page,
        address=f"{config.base_url}/open",
        administrator=reach.may("keep_server"),
        offices=offices,
        office=office,
        month=month,
        months=[(one, spoken_month(one)) for one in _months(context, office)],
        shown=shown,
        ready=_ready(month),
        lines=_lines(context, office, month) if shown else (),
        entries=list_improvements(context.engine, office, month),
        most=MOST,
        notes=_notes(context, office, month) if reach.may("read_comments", office) else (),
        problem=problem,
    )


def _ready(month: str) -> str:
    """The day on which a month is published at the earliest."""
    first = date.fromisoformat(f"{month}-01")
    return f"{(first + timedelta(days=31)).replace(day=11):%d/%m/%Y}"


def _lines(context: DeskContext, office: str, month: str) -> Sequence[tuple[str, str]]:
    """What to paste into another site's page: this month's picture, and the newest one's."""
    lang, base = chosen_language(), context.config.base_url
    page = read_page(context.config.data, office, month, lang)
    alt = "" if page is None else page.alt
    latest = _said("latest_alt", office=_name(context, office))
    return [
        (_said("line_month", month=spoken_month(month)), _line(base, office, month, alt)),
        (_said("line_latest"), _line(base, office, LATEST, latest)),
    ]


def _line(base: str, office: str, month: str, alt: str) -> str:
    """HTML that shows the picture and leads to the page, where its words are."""
    lang = chosen_language()
    path = url_for("open.show", office=office, period=month, lang=lang)
    picture = picture_address(base, office, month, "svg", lang)
    return str(
        Markup('<a href="{}"><img src="{}" width="640" height="360" alt="{}"></a>').format(
            f"{base.rstrip('/')}{path}", picture, alt
        )
    )


def _name(context: DeskContext, office: str) -> str:
    return dict(_offices(context)).get(office, office)


def _notes(context: DeskContext, office: str, month: str) -> list[tuple[str, str]]:
    """What staff noted of comments that were dealt with: a beginning, never what people wrote.

    By a digest of the note: no address names a comment.
    """
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    wanted = Filter(first, last, frozenset([office]), state="done")
    found = list_comments(context.engine, wanted)
    notes = dict.fromkeys(one.note for one in found if one.note)
    return [(sha256(note.encode()).hexdigest()[:16], note) for note in notes][:NOTES]


# --- One entry ----------------------------------------------------------------------------------


def _found(context: DeskContext) -> Improvement:
    """The entry that a request names; another office's is not there."""
    given = request.values.get("id", "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1
    entry = find_improvement(context.engine, number)
    if entry is None:
        abort(404)
    scope(context.engine).require("keep_public_page", entry.office)
    return entry


def _write(context: DeskContext) -> Response | str | tuple[str, int]:
    """Write a draft, or word one otherwise. What is public is withdrawn first."""
    entry = _found(context) if request.values.get("id") else None
    office, month = (entry.office, entry.month) if entry else _asked(context)
    if entry is not None and entry.published_on is not None:
        return _page(context, office, month, _said("withdraw_first")), 409
    if request.method == "GET":
        given = asdict(entry.texts) if entry else _begun(context, office, month)
        return _form(context, office, month, entry, given)
    given = {name: request.form.get(name, "")[: 4 * LONGEST] for name in _TEXTS}
    try:
        texts = checked(Texts(**given))
        if entry is None:
            add_improvement(context.engine, office, month, texts, context.by)
        elif not change_improvement(context.engine, entry, texts, context.by):
            return _form(context, office, month, entry, given, _said("changed")), 409
    except HailongError as error:
        told = in_language(error.args[0], chosen_language())
        return _form(context, office, month, entry, given, told), 422
    return _back(office, month)


def _begun(context: DeskContext, office: str, month: str) -> dict[str, str]:
    """A new entry: empty, or with the note of a comment that was dealt with."""
    chosen = request.args.get("note")
    if not chosen or not scope(context.engine).may("read_comments", office):
        return {}
    return {"did_vi": dict(_notes(context, office, month)).get(chosen, "")}


def _form(
    context: DeskContext,
    office: str,
    month: str,
    entry: Improvement | None,
    given: Mapping[str, str],
    problem: str = "",
) -> str:
    return render_template(
        "staff/public_page_entry.html",
        **staff_frame(),
        entry=entry,
        office=office,
        office_name=_name(context, office),
        month=month,
        spoken=spoken_month(month),
        given=given,
        longest=LONGEST,
        problem=problem,
    )


def _done(context: DeskContext, act: Callable[[Improvement], bool]) -> Response | tuple[str, int]:
    """Do something with an entry; where somebody else was faster, the page says so."""
    entry = _found(context)
    if not act(entry):
        return _page(context, entry.office, entry.month, _said("changed")), 409
    return _back(entry.office, entry.month)


def _back(office: str, month: str) -> Response:
    return see_other("public_page.show", office=office, month=month)
