"""Staff pages of places: the list, and sectors, which belong to the whole installation.

An administrator of an office edits its counters (`counters`) and the offices below it (`offices`).
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField

from questionnaires import Text
from survey.edits import EditRefused, drop_sector, new_id, put_sector
from survey.errors import StoreError
from survey.places import Sector
from survey.store.places import Change, load_closed, load_places
from survey.web.desk.counters import add_counter_pages
from survey.web.desk.frame import staff_frame
from survey.web.desk.guard import DeskContext, needs, scope
from survey.web.desk.meanwhile import mark
from survey.web.desk.offices import add_office_pages
from survey.web.desk.place_forms import (
    LONGEST_NAME,
    PlaceForm,
    as_read,
    back_to_list,
    filled_names,
    find_place,
    one_line,
    refusal_text,
    store_edit,
    told_meanwhile,
)
from survey.web.desk.place_list import show_list
from survey.web.security import chosen_language


class SectorForm(PlaceForm):
    """A sector: examples for who does not know it by its name."""

    hint_vi = StringField()
    hint_en = StringField()

    @property
    def hint(self) -> Text | None:
        """The examples, if any."""
        vi, en = one_line(self.hint_vi.data), one_line(self.hint_en.data)
        return Text(vi=vi or en, en=en or vi) if vi or en else None


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages, each for administrators of what it edits."""
    pages = Blueprint("places", __name__, url_prefix="/places")

    @pages.get("")
    @needs("change_places")
    def show() -> str:
        return show_list(context)

    @pages.route("/sector", methods=["GET", "POST"])
    @needs("change_places")
    def sector() -> Response | str | tuple[str, int]:
        return _sector(context)

    @pages.post("/sector/drop")
    @needs("change_places")
    def drop() -> Response | str | tuple[str, int]:
        return _drop(context)

    add_counter_pages(pages, context)
    add_office_pages(pages, context)
    return pages


def _sector(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_places", None)
    places = load_places(context.engine)
    stored = find_place(places.sector, request.values.get("id"))
    form = SectorForm()
    if request.method == "GET":
        if stored is not None:
            form = SectorForm(data=_filled(stored))
        return _sector_page(form, stored)
    if stored and (told := told_meanwhile(form, _filled(stored))):
        return _sector_page(form, stored, told), 409
    try:
        former = load_closed(context.engine).sector
        taken = (one.id for one in (*places.sector, *former))
        id_ = stored.id if stored else new_id(form.text.vi, taken)
        sector = Sector(id=id_, name=form.text, hint=form.hint)
        action: Final = "sector_changed" if stored else "sector_made"
        details = {"sector": sector.name.vi}
        store_edit(
            context,
            Change(lambda now: put_sector(as_read(now, stored), sector), action, None, details),
        )
    except (EditRefused, StoreError) as refused:
        return _sector_page(form, stored, refusal_text(refused)), 422
    return back_to_list(sector.name.get(chosen_language()))


def _filled(stored: Sector) -> dict[str, object]:
    hint = stored.hint
    more = {"hint_vi": hint.vi if hint else "", "hint_en": hint.en if hint else ""}
    return filled_names(stored.name) | more


def _sector_page(form: SectorForm, stored: Sector | None, problem: str = "") -> str:
    return render_template(
        "staff/sector.html",
        **staff_frame(),
        form=form,
        sector=stored,
        seen=mark(_filled(stored)) if stored else "",
        longest=LONGEST_NAME,
        problem=problem,
    )


def _drop(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_places", None)
    places = load_places(context.engine)
    sector = find_place(places.sector, request.form.get("id"))
    if sector is None:
        abort(404)
    if "sure" not in request.form:
        return render_template("staff/sector_sure.html", **staff_frame(), sector=sector)
    details = {"sector": sector.name.vi}
    try:
        change = Change(lambda now: drop_sector(now, sector.id), "sector_dropped", None, details)
        store_edit(context, change)
    except (EditRefused, StoreError) as refused:
        return show_list(context, refusal_text(refused)), 422
    return back_to_list(sector.name.get(chosen_language()))
