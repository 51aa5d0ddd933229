"""`/open`: the published figures of sealed months and what the office did, for anybody.

Off until the settings turn it on: then no address of it is there. A request computes nothing: what
is shown was made once (`survey.public`), and what staff wrote is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, cast

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Engine

from survey.config import Config
from survey.public.kept import (
    PictureForm,
    published_months,
    published_offices,
    read_page,
    read_picture,
)
from survey.public.words import public_word
from survey.store.improvements import list_improvements
from survey.store.places import list_offices
from survey.told import spoken_month
from survey.web.security import allow_elsewhere, allow_inline, chosen_language, inline_hash

KEPT: Final = "public, max-age=600"
LATEST: Final = "latest"
_STYLE: Final = Path(__file__).parent / "static" / "open.css"
PICTURE_TYPES: Final[Mapping[PictureForm, str]] = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class OpenContext:
    """What the pages need of the installation."""

    engine: Engine
    config: Config


def make_blueprint(context: OpenContext) -> Blueprint:
    """Return the pages: public on purpose, where the settings say so."""
    pages = Blueprint("open", __name__, url_prefix="/open")

    @pages.before_request
    def is_on() -> None:
        if not context.config.public_page:
            abort(404)

    @pages.get("")
    def index() -> Response:
        return _index(context)

    @pages.get("/<office>", defaults={"month": LATEST})
    @pages.get("/<office>/<month>")
    def show(office: str, month: str) -> Response:
        return _answer(open_page(context, office, _month(context, office, month)))

    @pages.get("/<office>/<month>.<any(svg, png):form>")
    def picture(office: str, month: str, form: str) -> Response:
        return _picture(context, office, month, cast("PictureForm", form))

    return pages


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8").strip()


def _month(context: OpenContext, office: str, month: str) -> str:
    """A month of an address; `latest` is the newest that is published."""
    if month != LATEST:
        return month
    found = published_months(context.config.data, office)
    return found[0] if found else abort(404)


def open_page(
    context: OpenContext,
    office: str,
    month: str,
    *,
    drafts: bool = False,
    preview: str = "",
    to: tuple[str, str] = ("open.show", "open.picture"),
) -> str:
    """The page of an office and month; 404 where none is published.

    `drafts`: with what staff have not published yet. `preview`: the key of the sentence that says
    that this is one. `to`: the endpoints of other months and of the picture.
    """
    lang = chosen_language()
    page = read_page(context.config.data, office, month, lang)
    if page is None:
        abort(404)
    months = [one for one in published_months(context.config.data, office) if one != month]
    entries = list_improvements(context.engine, office, month, published=not drafts)
    return _drawn(
        "page",
        name=page.name,
        page=page,
        months=[(one, spoken_month(one)) for one in months],
        entries=[(*one.texts.in_language(lang), one.published_on is None) for one in entries],
        offices=len(published_offices(context.config.data)) > 1,
        preview=preview,
        to=to,
    )


def _offices(context: OpenContext) -> list[str]:
    """The offices that have a page, in the order of the places; those of former times last."""
    order = {one.id: place for place, one in enumerate(list_offices(context.engine))}
    found = published_offices(context.config.data)
    return sorted(found, key=lambda office: order.get(office, len(order)))


def _index(context: OpenContext) -> Response:
    """Of several offices a list; of one its newest month at once."""
    offices, lang = _offices(context), chosen_language()
    if len(offices) == 1:
        return _answer(open_page(context, offices[0], _month(context, offices[0], LATEST)))
    newest = ((one, published_months(context.config.data, one)) for one in offices)
    pages = (read_page(context.config.data, one, months[0], lang) for one, months in newest)
    return _answer(_drawn("index", pages=list(filter(None, pages)), name="", preview=""))


def _drawn(template: str, **content: object) -> str:
    lang = chosen_language()

    def say(key: str, **words: object) -> str:
        return public_word(f"page.{key}", lang, **words)

    allow_inline(inline_hash(_style()), "'none'")
    html = render_template(f"open/{template}.html", lang=lang, say=say, style=_style(), **content)
    return "\n".join(filter(None, map(str.strip, html.splitlines())))


def _answer(html: str) -> Response:
    """A page that anybody may keep for a while, and then asks for again cheaply."""
    return _kept(html.encode(), "text/html")


def _kept(content: bytes, mimetype: str) -> Response:
    reply = Response(content, mimetype=mimetype)
    reply.headers["Cache-Control"] = KEPT
    reply.set_etag(sha256(content).hexdigest()[:32], weak=True)  # the same, compressed or not
    return cast("Response", reply.make_conditional(request))


def _picture(context: OpenContext, office: str, month: str, form: PictureForm) -> Response:
    """The picture, which other sites may show."""
    lang = chosen_language()
    found = read_picture(context.config.data, office, _month(context, office, month), lang, form)
    if found is None:
        abort(404)
    allow_inline("'unsafe-inline'", "'none'")  # a picture: its own style, no script
    allow_elsewhere()
    return _kept(found, PICTURE_TYPES[form])


def picture_address(base_url: str, office: str, month: str, form: PictureForm, lang: str) -> str:
    """The whole address of a picture, for other sites."""
    path = url_for("open.picture", office=office, month=month, form=form, lang=lang)
    return f"{base_url.rstrip('/')}{path}"
