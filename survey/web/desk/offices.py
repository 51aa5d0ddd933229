"""Staff pages of an office: its name and the one above it, what it has of its own, a merger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import SelectField

from survey.edits import EditRefused, merge_office, new_id, put_office
from survey.errors import ConfigError, StoreError
from survey.logos import LARGEST, LogoRefused
from survey.places import Office, Places
from survey.store.places import Change, Merger, load_places
from survey.web.desk.frame import attachment, say, staff_frame
from survey.web.desk.guard import DeskContext, Scope, needs, scope
from survey.web.desk.meanwhile import mark
from survey.web.desk.office_settings import shown_hours, shown_logo, store_hours, store_logo
from survey.web.desk.place_forms import (
    LONGEST_NAME,
    PlaceForm,
    as_read,
    back_to_list,
    filled_names,
    find_place,
    refusal_text,
    require_offered,
    store_edit,
    taken_ids,
    told_meanwhile,
)
from survey.web.desk.place_list import show_list
from survey.web.security import chosen_language

MOST_BYTES: Final = LARGEST + 64 * 1024
"""Of a request with a logo: a little more, so that one that is too large is told."""


class OfficeForm(PlaceForm):
    """An office with the one above it."""

    parent = SelectField()


def add_office_pages(pages: Blueprint, context: DeskContext) -> None:
    """Add the pages, for administrators of the office."""

    @pages.route("/office", methods=["GET", "POST"])
    @needs("change_places")
    def office() -> Response | str | tuple[str, int]:
        return _office(context)

    @pages.post("/office/hours")
    @needs("change_places")
    def hours() -> Response | str | tuple[str, int]:
        return _hours(context)

    @pages.post("/office/logo")
    @needs("change_places", largest=lambda: MOST_BYTES)
    def logo() -> Response | str | tuple[str, int]:
        return _logo(context)

    @pages.get("/office/logo.png")
    @needs("change_places")
    def logo_shown() -> Response:
        return _logo_shown(context)

    @pages.post("/office/merge")
    @needs("change_places")
    def merge() -> Response | str | tuple[str, int]:
        return _merge(context)


def _office(context: DeskContext) -> Response | str | tuple[str, int]:
    places, reach = load_places(context.engine), scope(context.engine)
    stored = find_place(places.office, request.values.get("id"))
    if stored is not None:
        reach.require("change_places", stored.id)
    form = OfficeForm()
    if request.method == "GET":
        first = {"parent": request.args.get("parent", "")}
        filled = first if stored is None else _of_office(stored)
        form = OfficeForm(data=filled)
    _offer_parents(form, places, reach, stored)
    if request.method == "GET":
        return _office_page(context, form, stored)
    parent = form.parent.data or None
    chosen = form.parent.data in {"", *(one.id for one in places.office)}
    if chosen and (stored is None or parent != stored.parent):
        reach.require("change_places", parent)
    if stored and (told := told_meanwhile(form, _of_office(stored))):
        return _office_page(context, form, stored, told), 409
    try:
        require_offered(form)
        taken = (one.id for one in load_places(context.engine, gone_too=True).office)
        id_ = stored.id if stored else new_id(form.text.vi, taken)
        office = Office(id=id_, name=form.text, parent=parent)
        action: Final = "office_changed" if stored else "office_made"
        details = {"name": office.name.vi}
        store_edit(
            context,
            Change(lambda now: put_office(as_read(now, stored), office), action, id_, details),
        )
    except (EditRefused, StoreError) as refused:
        return _office_page(context, form, stored, refusal_text(refused)), 422
    return back_to_list(office.name.get(chosen_language()))


def _offer_parents(form: OfficeForm, places: Places, reach: Scope, stored: Office | None) -> None:
    """Offices that it may belong to: what may be changed, and the one that is above it now."""
    lang = chosen_language()
    nothing = [("", say("places.no_parent"))]
    now = stored.parent if stored else None
    form.parent.choices = [
        *(nothing if reach.may("change_places", None) or (stored and now is None) else []),
        *(
            (one.id, one.name.get(lang))
            for one in places.office
            if (reach.may("change_places", one.id) or one.id == now)
            and (stored is None or one.id != stored.id)
        ),
    ]


def _own_office(places: Places, reach: Scope, id_: str | None) -> Office:
    """The office that a request is about: 404 where there is none, 403 where it is another's."""
    office = find_place(places.office, id_)
    if office is None:
        abort(404)
    reach.require("change_places", office.id)
    return office


def _unchanged(places: Places, reach: Scope, office: Office) -> OfficeForm:
    """The form of an office as it is stored, beside what was refused elsewhere on its page."""
    form = OfficeForm(formdata=None, data=_of_office(office))
    _offer_parents(form, places, reach, office)
    return form


def _hours(context: DeskContext) -> Response | str | tuple[str, int]:
    """Give an office opening hours of its own, or (`as_above`) take them back."""
    places, reach = load_places(context.engine), scope(context.engine)
    office = _own_office(places, reach, request.form.get("id"))
    given = request.form.get("opening_hours", "")
    try:
        store_hours(context, office, None if "as_above" in request.form else given)
    except (ConfigError, EditRefused, StoreError) as refused:
        form, wrong = _unchanged(places, reach, office), refusal_text(refused)
        return _office_page(context, form, office, hours=given, wrong=wrong), 422
    return back_to_list(office.name.get(chosen_language()))


def _logo(context: DeskContext) -> Response | str | tuple[str, int]:
    """Give an office a logo of its own, or (`as_above`) take it back."""
    places, reach = load_places(context.engine), scope(context.engine)
    office = _own_office(places, reach, request.form.get("id"))
    sent = request.files.get("logo")
    try:
        store_logo(context, office, None if "as_above" in request.form else _read(sent))
    except LogoRefused as refused:
        form = _unchanged(places, reach, office)
        return _office_page(context, form, office, no_logo=refusal_text(refused)), 422
    return back_to_list(office.name.get(chosen_language()))


def _read(sent: FileStorage | None) -> bytes:
    return b"" if sent is None else sent.stream.read(MOST_BYTES)


def _logo_shown(context: DeskContext) -> Response:
    """The logo that an office has, as a picture; 404 where there is none that is a PNG."""
    reach = scope(context.engine)
    office = _own_office(load_places(context.engine), reach, request.args.get("id"))
    picture = shown_logo(context, office, reach.parents).picture
    if picture is None:
        abort(404)
    reply = attachment(picture, "image/png", "logo.png", "inline")
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _of_office(stored: Office) -> dict[str, object]:
    return filled_names(stored.name) | {"parent": stored.parent or ""}


def _office_page(
    context: DeskContext,
    form: OfficeForm,
    stored: Office | None,
    problem: str = "",
    *,
    hours: str | None = None,
    wrong: str = "",
    no_logo: str = "",
) -> str:
    """`hours`: as they were filled in, with what is `wrong` about them; `no_logo`: what is wrong
    with a picture."""
    reach, lang = scope(context.engine), chosen_language()
    return render_template(
        "staff/office.html",
        **staff_frame(),
        form=form,
        office=stored,
        seen=mark(_of_office(stored)) if stored else "",
        opening=shown_hours(context, stored) if stored else None,
        hours=hours,
        wrong=wrong,
        logo=shown_logo(context, stored, reach.parents) if stored else None,
        no_logo=no_logo,
        others=[
            (one.id, one.name.get(lang))
            for one in load_places(context.engine).office
            if stored is not None and one.id != stored.id and reach.may("change_places", one.id)
        ],
        today=context.now().date().isoformat(),
        longest=LONGEST_NAME,
        problem=problem,
    )


def _merge(context: DeskContext) -> Response | str | tuple[str, int]:
    """Make an office a part of another one: said first, done when confirmed."""
    places, reach = load_places(context.engine), scope(context.engine)
    into = find_place(places.office, request.form.get("into"))
    office = _own_office(places, reach, request.form.get("id"))
    if into is not None:
        reach.require("change_places", into.id)
    try:
        if into is None:
            raise EditRefused("merge_nowhere")
        day = _day(request.form.get("day", ""))
        if day > context.now().date():
            raise EditRefused("merge_later")
        taken = taken_ids(context, places, into.id)
        edited = merge_office(places, office.id, into.id, taken)
    except EditRefused as refused:
        return show_list(context, refusal_text(refused)), 422
    if "sure" not in request.form:
        return _merge_page(places, edited, office, into, day)
    until = day - timedelta(days=1)
    details = {"name": office.name.vi, "into": into.name.vi, "until": f"{until:%d/%m/%Y}"}
    merger = Merger(office.id, into.id, until)

    def merged(now: Places) -> Places:
        return merge_office(now, merger.office, merger.into, taken)

    try:
        store_edit(context, Change(merged, "office_merged", into.id, details, merger))
    except (EditRefused, StoreError) as refused:
        return show_list(context, refusal_text(refused)), 422
    return back_to_list(into.name.get(chosen_language()))


def _merge_page(places: Places, edited: Places, office: Office, into: Office, day: date) -> str:
    """What a merger on a day does, to be confirmed."""
    lang = chosen_language()
    return render_template(
        "staff/merge_sure.html",
        **staff_frame(),
        office=office,
        into=into,
        day=day,
        names={"name": office.name.get(lang), "into": into.name.get(lang)},
        counters=[one for one in edited.counter if one.office == into.id],
        **_called_anew(places, edited),
    )


def _called_anew(places: Places, edited: Places) -> dict[str, str]:
    """Which counters get another name, or another id, as they come to the other office."""
    before = {one.full_id: one for one in places.counter}
    moved = [(before[one.was], one) for one in edited.counter if one.was in before]
    lang = chosen_language()
    renamed = (was.name.get(lang) for was, one in moved if was.name != one.name)
    new_ids = (f"{was.id} → {one.id}" for was, one in moved if was.id != one.id)
    return {"renamed": ", ".join(renamed), "new_ids": ", ".join(new_ids)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise EditRefused("merge_day") from error
