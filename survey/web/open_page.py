"""`/open`: the published figures of sealed periods and what the office did, for anybody.

Off until the settings turn it on: then no address of it is there. A request computes nothing: what
is shown was made once (`survey.public`); what staff wrote, and what they changed since, is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Engine

from survey.config import Config
from survey.figures.office import office_tree
from survey.overview import Tree, plainly
from survey.public.amended import amendments_since, told_amendments
from survey.public.kept import (
    PictureForm,
    PublicPage,
    months_of,
    published_offices,
    published_periods,
    read_page,
    read_picture,
)
from survey.public.words import public_word
from survey.seals import Seal
from survey.store.amendments import Amendment, list_amendments
from survey.store.improvements import list_improvements
from survey.store.places import list_plain_offices
from survey.store.seals import list_seals, newest_seal
from survey.told import spoken_month
from survey.web.security import allow_elsewhere, allow_inline, chosen_language, inline_hash

KEPT: Final = "public, max-age=600"
LATEST: Final = "latest"
PART: Final = 50  # offices on a page of the list
_LONGEST: Final = 60  # letters of a name that is looked for
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

    @pages.get("/<office>", defaults={"period": LATEST})
    @pages.get("/<office>/<period>")
    def show(office: str, period: str) -> Response:
        return _answer(open_page(context, office, _period(context, office, period)))

    @pages.get("/<office>/<period>.<any(svg, png):form>")
    def picture(office: str, period: str, form: str) -> Response:
        return _picture(context, office, period, cast("PictureForm", form))

    return pages


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8").strip()


def _period(context: OpenContext, office: str, period: str) -> str:
    """A period of an address; `latest` is the newest month that is published, or what there is."""
    if period != LATEST:
        return period
    found = published_periods(context.config.data, office)
    return found[0] if found else abort(404)


def open_page(
    context: OpenContext,
    office: str,
    period: str,
    *,
    drafts: bool = False,
    preview: str = "",
    to: tuple[str, str] = ("open.show", "open.picture"),
) -> str:
    """The page of an office and period; 404 where none is published.

    `drafts`: with what staff have not published yet. `preview`: the key of the sentence that says
    that this is one. `to`: the endpoints of other periods and of the picture.
    """
    lang = chosen_language()
    page = read_page(context.config.data, office, period, lang)
    if page is None:
        abort(404)
    others = [one for one in published_periods(context.config.data, office) if one != period]
    below, part = _below(context, page)
    entries = [
        entry
        for month in months_of(period)
        for entry in list_improvements(context.engine, office, month, published=not drafts)
    ]
    return _drawn(
        "page",
        name=page.name,
        page=page,
        months=[(one, spoken_month(one)) for one in others if len(months_of(one)) == 1],
        longer=[(one, _called(one, lang)) for one in others if len(months_of(one)) > 1],
        amended=_amended(context, page),
        below=below,
        part=part,
        entries=[(*one.texts.in_language(lang), one.published_on is None) for one in entries],
        offices=len(published_offices(context.config.data)) > 1,
        preview=preview,
        to=to,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is shown, of how many."""

    page: int
    pages: int

    @property
    def places(self) -> slice:
        """The places in the list of what is in it."""
        return slice((self.page - 1) * PART, self.page * PART)


def _part(count: int) -> Part:
    """The part that is asked for of a list; 404 where there is no such part."""
    page, pages = request.args.get("page", 1, type=int), max(1, -(-count // PART))
    return Part(page, pages) if 0 < page <= pages else abort(404)


def _below(context: OpenContext, page: PublicPage) -> tuple[list[PublicPage], Part]:
    """Of a total, the pages of the same period of the offices directly below, a part where there
    are many."""
    if not page.total:
        return [], _part(0)
    data, tree = context.config.data, office_tree(context.engine)
    listed = [
        one for one in tree.children(page.office) if page.period in published_periods(data, one)
    ]
    part = _part(len(listed))
    pages = (read_page(data, one, page.period, page.lang) for one in listed[part.places])
    return [one for one in pages if one is not None], part


def _amended(context: OpenContext, page: PublicPage) -> tuple[str, ...]:
    """What staff changed after the period was sealed: a sentence each."""
    chain, every = _amendments(context.engine, context.config.zone, newest_seal(context.engine))
    since = amendments_since(chain, page.period, every)
    if not since:
        return ()
    parents = {one.id: one.parent for one in list_plain_offices(context.engine)}
    return told_amendments(since, page.office, parents, page.lang, total=page.total)


@lru_cache(maxsize=2)
def _amendments(
    engine: Engine,
    zone: ZoneInfo,
    newest: str,  # noqa: ARG001  the key
) -> tuple[Sequence[Seal], Sequence[Amendment]]:
    """The chain and what of it staff made, read anew once it has another end: nothing changes
    without a seal."""
    return list_seals(engine), list_amendments(engine, zone)


def _called(period: str, lang: str) -> str:
    from analysis.period import parse_period

    return parse_period(period).called(lang)


# --- the list of offices --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """An office that has a page: its name, and those of the groups that it is in, from the top, its
    own the last where it is above others."""

    office: str
    name: str
    groups: tuple[str, ...]

    def is_called(self, words: str) -> bool:
        """Whether its name, or that of a group of it, has these words, with or without marks."""
        return any(plainly(words) in plainly(one) for one in (self.name, *self.groups))


def _offices(context: OpenContext) -> list[Named]:
    """The offices that have a page, group by group in the order of the places.

    Those of former times, which are in no group any more, stand last.
    """
    lang, known = chosen_language(), list_plain_offices(context.engine)
    names = {one.id: one.called(lang) for one in known}
    tree = Tree({one.id: one.parent for one in known})
    published = dict.fromkeys(published_offices(context.config.data))
    found: list[Named] = []

    def walk(office: str, above: tuple[str, ...]) -> None:
        groups = (*above, names[office]) if tree.is_group(office) else above
        if office in published:
            found.append(Named(office, names[office], groups))
        for one in tree.children(office):
            walk(one, groups)

    for root in tree.roots:
        walk(root, ())
    there = {one.office for one in found}
    gone = (office for office in published if office not in there)
    return [*found, *(Named(office, office, ()) for office in gone)]


def _index(context: OpenContext) -> Response:
    """Of several offices a list, a part of it where there are many; of one its page at once."""
    offices, lang = _offices(context), chosen_language()
    if len(offices) == 1:
        office = offices[0].office
        return _answer(open_page(context, office, _period(context, office, LATEST)))
    words = request.args.get("q", "").strip()[:_LONGEST]
    kept = [one for one in offices if not words or one.is_called(words)]
    part = _part(len(kept))
    rows = [(one.groups, _newest(context, one.office, lang)) for one in kept[part.places]]
    groups = [
        (" › ".join(above), [row for _, row in found if row is not None])
        for above, found in groupby(rows, lambda one: one[0])
    ]
    shown = [(title, found) for title, found in groups if found]
    where = {"part": part, "words": words, "many": len(kept)}
    return _answer(_drawn("index", groups=shown, offices=len(offices), name="", **where))


def _newest(context: OpenContext, office: str, lang: str) -> PublicPage | None:
    return read_page(context.config.data, office, _period(context, office, LATEST), lang)


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


def _picture(context: OpenContext, office: str, period: str, form: PictureForm) -> Response:
    """The picture, which other sites may show."""
    lang = chosen_language()
    period = _period(context, office, period)
    found = read_picture(context.config.data, office, period, lang, form)
    if found is None:
        abort(404)
    allow_inline("'unsafe-inline'", "'none'")  # a picture: its own style, no script
    allow_elsewhere()
    return _kept(found, PICTURE_TYPES[form])


def picture_address(base_url: str, office: str, period: str, form: PictureForm, lang: str) -> str:
    """The whole address of a picture, for other sites."""
    path = url_for("open.picture", office=office, period=period, form=form, lang=lang)
    return f"{base_url.rstrip('/')}{path}"
