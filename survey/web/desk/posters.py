"""Staff page of the counters' posters: each as a PDF to print, and all of them in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, make_response, render_template, request
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from survey.config import Config
from survey.links import Poster, PosterError, Size, render_posters
from survey.posters import ALL, posters_of
from survey.store.places import list_offices, open_desks
from survey.store.questionnaires import Published
from survey.told import in_language
from survey.web.desk.frame import attachment, page_number, staff_frame
from survey.web.desk.guard import needs, scope
from survey.web.security import chosen_language

SIZES: tuple[Size, ...] = ("a4", "a5")
PART: Final = 50  # posters on a page
MOST: Final = 100  # posters in one file: each takes some hundredths of a second


@dataclass(frozen=True, slots=True)
class PostersContext:
    """What the page needs of the installation."""

    engine: Engine
    config: Config
    questionnaires: Published

    @property
    def posters(self) -> dict[str, Poster]:
        """The posters of the offices of whoever asks, by the names of their files; of the office
        that the address names, with those below it, where it names one."""
        reach, every = scope(self.engine), open_desks(self.engine, "poster")
        office = request.args.get("office")
        if office:
            reach.require("print_posters", office)
        offices = reach.below(office) if office else reach.offices
        mine = [desk for desk in every if desk.office.id in offices]
        return posters_of(self.config, mine, self.questionnaires, every, reach.parents)


def make_blueprint(office: PostersContext) -> Blueprint:
    """Return the page and its files."""
    pages = Blueprint("posters", __name__, url_prefix="/posters")

    @pages.get("")
    @needs("print_posters")
    def show() -> str:
        return _page(office)

    @pages.get("/<name>-<size>.pdf")
    @needs("print_posters")
    def pdf(name: str, size: str) -> Response:
        return _pdf(office, name, size)

    return pages


def _page(office: PostersContext, problem: str = "") -> str:
    posters, reach = office.posters, scope(office.engine)
    offices = [one for one in list_offices(office.engine) if one.id in reach.offices]
    page, pages = page_number(), max(1, -(-len(posters) // PART))
    if page > pages:
        abort(404)
    shown = list(posters.items())[(page - 1) * PART : page * PART]
    return render_template(
        "staff/posters.html",
        **staff_frame(),
        posters=shown,
        many=len(posters),
        offices=offices if len(offices) > 1 else (),
        place=request.args.get("office") or ALL,
        page=page,
        pages=pages,
        every=ALL,
        most=MOST,
        sizes=SIZES,
        reach=office.config.address.reach,
        base=office.config.address.shown,
        problem=problem,
    )


def _pdf(office: PostersContext, name: str, size: str) -> Response:
    """One poster, or all of them; a counter of another office, or none, is not there."""
    posters = office.posters
    together = list(posters.values()) if len(posters) <= MOST else []
    wanted = together if name == ALL else [posters[name]] if name in posters else []
    paper = next((one for one in SIZES if one == size), None)
    if not wanted or paper is None:
        abort(404)
    try:
        made = render_posters(wanted, paper)
    except PosterError as error:
        reply = make_response(_page(office, in_language(error.args[0], chosen_language())))
        reply.status_code = 422
        return reply
    return attachment(made, "application/pdf", f"hailong-{name}-{size}.pdf")
