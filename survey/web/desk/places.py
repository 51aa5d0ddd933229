"""Staff pages of offices, counters and sectors: what there is, and each edit of it.

An administrator of an office edits its counters and the offices below it; sectors belong to the
whole installation.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal, TypeVar, get_args

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField

from questionnaires import Questionnaire, Text
from survey.edits import (
    EditRefused,
    close_counter,
    drop_sector,
    merge_office,
    new_id,
    put_counter,
    put_office,
    put_sector,
)
from survey.errors import ConfigError, HailongError, StoreError
from survey.logos import LARGEST, LogoRefused
from survey.places import Counter, Office, Places, Sector, for_counters
from survey.store.places import (
    Change,
    Desk,
    Merger,
    change_places,
    load_closed,
    load_places,
    merged_offices,
    open_desks,
    renew_link,
)
from survey.store.questionnaires import published_questionnaires
from survey.told import in_language
from survey.web.desk.frame import attachment, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, Scope, counter_names, needs, scope
from survey.web.desk.office_settings import shown_hours, shown_logo, store_hours, store_logo
from survey.web.security import chosen_language

CounterAct = Literal["close", "reopen", "renew"]
COUNTER_ACTS: Final[tuple[CounterAct, ...]] = get_args(CounterAct)
LONGEST_NAME: Final = 120
MOST_BYTES: Final = LARGEST + 64 * 1024
"""Of a request with a logo: a little more, so that one that is too large is told."""

_Place = TypeVar("_Place", Office, Sector, Counter)


class PlaceForm(FlaskForm):  # type: ignore[misc]  # flask-wtf is not typed
    """A name in both languages; the Vietnamese one stands for a missing English one."""

    vi = StringField()
    en = StringField()

    @property
    def text(self) -> Text:
        """The name. Raises EditRefused where there is none, or it is too long."""
        vi, en = _line(self.vi.data), _line(self.en.data)
        if not vi:
            raise EditRefused("no_name")
        return Text(vi=vi, en=en or vi)


class SectorForm(PlaceForm):
    """A sector: examples for who does not know it by its name."""

    hint_vi = StringField()
    hint_en = StringField()

    @property
    def hint(self) -> Text | None:
        """The examples, if any."""
        vi, en = _line(self.hint_vi.data), _line(self.hint_en.data)
        return Text(vi=vi or en, en=en or vi) if vi or en else None


class OfficeForm(PlaceForm):
    """An office with the one above it."""

    parent = SelectField()


class CounterForm(PlaceForm):
    """A counter: where it is, and what it asks."""

    office = SelectField()
    questionnaire = SelectField()
    sectors = SelectMultipleField()
    kiosk_mode = SelectField()
    kiosk_comment = SelectField()


LABELS: Final[Mapping[str, str]] = {
    "office": "places.office",
    "parent": "places.parent",
    "questionnaire": "places.questionnaire",
    "sectors": "places.sectors",
    "kiosk_mode": "places.mode",
    "kiosk_comment": "places.comment",
}
"""What a field of choices is called on its page."""


def _require_offered(form: PlaceForm) -> None:
    """Raise EditRefused, naming the fields, where nothing is chosen or what was not offered."""
    if form.validate():
        return
    say, lang = staff_sentences().get, chosen_language()
    named = [say(label, lang) for name, label in LABELS.items() if name in form.errors]
    raise EditRefused("not_offered", fields=", ".join(named))


def _line(text: str | None) -> str:
    """A text as one line. Raises EditRefused where it is longer than a poster can show."""
    line = " ".join((text or "").split())
    if len(line) > LONGEST_NAME:
        raise EditRefused("long_name", most=str(LONGEST_NAME))
    return line


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages, each for administrators of what it edits."""
    pages = Blueprint("places", __name__, url_prefix="/places")

    @pages.get("")
    @needs("change_places")
    def show() -> str:
        return _list(context)

    @pages.route("/counter", methods=["GET", "POST"])
    @needs("change_places")
    def counter() -> Response | str | tuple[str, int]:
        return _counter(context)

    @pages.post("/counter/act")
    @needs("change_places")
    def act() -> Response | str | tuple[str, int]:
        return _act(context)

    @pages.route("/sector", methods=["GET", "POST"])
    @needs("change_places")
    def sector() -> Response | str | tuple[str, int]:
        return _sector(context)

    @pages.post("/sector/drop")
    @needs("change_places")
    def drop() -> Response | str | tuple[str, int]:
        return _drop(context)

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

    return pages


# --- The list ---------------------------------------------------------------------------------


def _list(context: DeskContext, problem: str = "") -> str:
    lang, reach = chosen_language(), scope(context.engine)
    places, closed = load_places(context.engine), load_closed(context.engine)
    known = published_questionnaires(context.engine)
    desks = _desks(context)
    gone = [one for one in closed.counter if reach.may("change_places", one.office)]
    placed = counter_names(context.engine, (*places.counter, *gone))
    return render_template(
        "staff/places.html",
        **staff_frame(),
        offices=[one for one in _tree(places.office) if one[0].id in reach.offices],
        counters=places.counter,
        merged=_merged(context),
        closed=[(one, placed[one.full_id]) for one in gone],
        sectors=places.sector,
        sector_names={one.id: one.name.get(lang) for one in (*places.sector, *closed.sector)},
        questions={key: _titled(one, lang) for key, one in known.items()},
        codes={full: [desk.link.code for desk in found] for full, found in desks.items()},
        everything=reach.may("change_places", None),
        saved=request.args.get("saved", ""),
        problem=problem,
    )


def _merged(context: DeskContext) -> dict[str, list[tuple[Office, date]]]:
    """What became part of an office, with the first day on which it was."""
    return {
        into: [(office, until + timedelta(days=1)) for office, until in found]
        for into, found in merged_offices(context.engine).items()
    }


def _tree(offices: tuple[Office, ...]) -> list[tuple[Office, int]]:
    """The offices with their depth, each followed by those below it."""
    ids = {one.id for one in offices}

    def below(parent: str | None, depth: int) -> list[tuple[Office, int]]:
        found: list[tuple[Office, int]] = []
        for one in offices:
            above = one.parent if one.parent in ids else None
            if above == parent:
                found += [(one, depth), *below(one.id, depth + 1)]
        return found

    return below(None, 0)


def _desks(context: DeskContext) -> dict[str, list[Desk]]:
    found: dict[str, list[Desk]] = {}
    for desk in open_desks(context.engine, "poster"):
        found.setdefault(desk.counter.full_id, []).append(desk)
    return found


def _titled(questionnaire: Questionnaire, lang: str) -> str:
    return f"{questionnaire.key} · {questionnaire.title.get(lang)}"


def _done(saved: str) -> Response:
    return redirect(url_for("places.show", lang=chosen_language(), saved=saved), code=303)


def _refusal(refused: EditRefused | HailongError) -> str:
    """What to tell: a sentence of ours, or one of the places."""
    lang = chosen_language()
    if isinstance(refused, EditRefused):
        return staff_sentences().get(f"places.{refused.key}", lang, **refused.words)
    told = in_language(refused.args[0], lang)
    return told[:1].upper() + told[1:]


# --- A counter --------------------------------------------------------------------------------


def _counter(context: DeskContext) -> Response | str | tuple[str, int]:
    """Show a counter's form, or store what was filled in. Without an id it is a new one."""
    places, reach = load_places(context.engine), scope(context.engine)
    stored = _find(places.counter, request.values.get("id"))
    if stored is not None:
        reach.require("change_places", stored.office)
    form = CounterForm(data=_filled(stored, places)) if request.method == "GET" else CounterForm()
    known = published_questionnaires(context.engine)
    _offer(form, places, known, reach)
    if request.method == "GET":
        return _counter_page(context, form, stored)
    if form.office.data in {one.id for one in places.office}:
        reach.require("change_places", form.office.data)
    try:
        _require_offered(form)
        counter = _made(form, stored, places, context)
        _store(
            context,
            Change(
                lambda now: put_counter(now, counter, known, stored.full_id if stored else None),
                "counter_changed" if stored else "counter_made",
                counter.office,
                {"counter": counter.name.vi},
            ),
        )
    except (EditRefused, StoreError) as refused:
        return _counter_page(context, form, stored, _refusal(refused)), 422
    return _done(counter.name.get(chosen_language()))


def _store(context: DeskContext, change: Change) -> None:
    """Store an edit."""
    change_places(context.engine, change, context.now().date(), context.by)


def _find(entries: tuple[_Place, ...], full_id: str | None) -> _Place | None:
    """The place that a request names, None where it names none; one that is not there is 404."""
    if not full_id:
        return None
    found = next((one for one in entries if one.full_id == full_id), None)
    if found is None:
        abort(404)
    return found


def _filled(stored: Counter | None, places: Places) -> dict[str, object]:
    """What its form shows first; a new one asks what most counters do."""
    if stored is None:
        modes = {"kiosk_mode": "one-tap", "kiosk_comment": "keyboard"}
        asked = Tally(one.questionnaire for one in places.counter).most_common(1)
        usual = {"questionnaire": asked[0][0]} if asked else {}
        return {"office": request.args.get("office", ""), **usual, **modes}
    return {
        **_names(stored.name),
        "office": stored.office,
        "questionnaire": stored.questionnaire,
        "sectors": list(stored.sectors),
        "kiosk_mode": stored.kiosk_mode,
        "kiosk_comment": stored.kiosk_comment,
    }


def _names(name: Text) -> dict[str, object]:
    return {"vi": name.vi, "en": "" if name.en == name.vi else name.en}


def _offer(
    form: CounterForm, places: Places, known: dict[str, Questionnaire], reach: Scope
) -> None:
    lang, say = chosen_language(), staff_sentences().get
    form.office.choices = [
        (one.id, one.name.get(lang)) for one in places.office if reach.may("change_places", one.id)
    ]
    newest_first = sorted(for_counters(known).values(), key=lambda one: (one.id, -one.version))
    form.questionnaire.choices = [(one.key, _titled(one, lang)) for one in newest_first]
    form.sectors.choices = [(one.id, one.name.get(lang)) for one in places.sector]
    form.kiosk_mode.choices = [
        (mode, say(f"places.mode_{mode}", lang)) for mode in ("one-tap", "full")
    ]
    form.kiosk_comment.choices = [
        (way, say(f"places.comment_{way}", lang)) for way in ("keyboard", "phone", "none")
    ]


def _made(
    form: CounterForm, stored: Counter | None, places: Places, context: DeskContext
) -> Counter:
    name, office = form.text, form.office.data
    taken = _taken(context, places, office)
    stays = stored is not None and (stored.office == office or stored.id not in taken)
    return Counter(
        id=stored.id if stored and stays else new_id(name.vi, taken),
        office=office,
        name=name,
        questionnaire=form.questionnaire.data,
        sectors=tuple(form.sectors.data or ()),
        kiosk_mode=form.kiosk_mode.data,
        kiosk_comment=form.kiosk_comment.data,
    )


def _taken(context: DeskContext, places: Places, office: str) -> set[str]:
    """The ids of the counters that an office has, or had: those may come back."""
    found = (*places.counter, *load_closed(context.engine).counter)
    return {one.id for one in found if one.office == office}


def _counter_page(
    context: DeskContext, form: CounterForm, stored: Counter | None, problem: str = ""
) -> str:
    return render_template(
        "staff/counter.html",
        **staff_frame(),
        form=form,
        counter=stored,
        name=_placed(context, stored) if stored else "",
        desks=_desks(context).get(stored.full_id, []) if stored else [],
        longest=LONGEST_NAME,
        problem=problem,
    )


def _placed(context: DeskContext, counter: Counter) -> str:
    """The counter's name, with its office's where there are several with counters."""
    every = (*load_places(context.engine).counter, counter)
    return counter_names(context.engine, every)[counter.full_id]


def _act(context: DeskContext) -> Response | str | tuple[str, int]:
    """Close a counter, open it again, or renew a code: said first, done when confirmed."""
    act, reach = request.form.get("act", ""), scope(context.engine)
    closed = load_closed(context.engine).counter
    entries = closed if act == "reopen" else load_places(context.engine).counter
    counter = _find(entries, request.form.get("id"))
    if counter is None or act not in COUNTER_ACTS:
        abort(404)
    reach.require("change_places", counter.office)
    code = request.form.get("code", "")
    if act == "renew" and code not in _codes(context, counter):
        abort(404)
    if act != "reopen" and "sure" not in request.form:
        return render_template(
            "staff/counter_sure.html",
            **staff_frame(),
            counter=counter,
            name=_placed(context, counter),
            act=act,
            code=code,
        )
    try:
        if act == "renew":
            renew_link(context.engine, code, context.now().date(), context.by)
        else:
            _store(context, _closing(context, counter, reopen=act == "reopen"))
    except (EditRefused, StoreError) as refused:
        return _list(context, _refusal(refused)), 422
    return _done(counter.name.get(chosen_language()))


def _codes(context: DeskContext, counter: Counter) -> list[str]:
    return [desk.link.code for desk in _desks(context).get(counter.full_id, [])]


def _closing(context: DeskContext, counter: Counter, *, reopen: bool) -> Change:
    details = {"counter": counter.name.vi}
    if not reopen:
        return Change(
            lambda now: close_counter(now, counter.full_id),
            "counter_closed",
            counter.office,
            details,
        )
    known = published_questionnaires(context.engine)

    def opened(now: Places) -> Places:
        used = {one.id for one in now.sector}
        left = tuple(id_ for id_ in counter.sectors if id_ in used)
        back = counter.model_copy(update={"sectors": left})
        return put_counter(now, back, known)

    return Change(opened, "counter_reopened", counter.office, details)


# --- A sector ---------------------------------------------------------------------------------


def _sector(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_places", None)
    places = load_places(context.engine)
    stored = _find(places.sector, request.values.get("id"))
    form = SectorForm()
    if request.method == "GET":
        if stored is not None:
            hint = stored.hint
            more = {"hint_vi": hint.vi if hint else "", "hint_en": hint.en if hint else ""}
            form = SectorForm(data=_names(stored.name) | more)
        return _sector_page(form, stored)
    try:
        former = load_closed(context.engine).sector
        taken = (one.id for one in (*places.sector, *former))
        id_ = stored.id if stored else new_id(form.text.vi, taken)
        sector = Sector(id=id_, name=form.text, hint=form.hint)
        action: Final = "sector_changed" if stored else "sector_made"
        details = {"sector": sector.name.vi}
        _store(context, Change(lambda now: put_sector(now, sector), action, None, details))
    except (EditRefused, StoreError) as refused:
        return _sector_page(form, stored, _refusal(refused)), 422
    return _done(sector.name.get(chosen_language()))


def _sector_page(form: SectorForm, stored: Sector | None, problem: str = "") -> str:
    return render_template(
        "staff/sector.html",
        **staff_frame(),
        form=form,
        sector=stored,
        longest=LONGEST_NAME,
        problem=problem,
    )


def _drop(context: DeskContext) -> Response | str | tuple[str, int]:
    scope(context.engine).require("change_places", None)
    places = load_places(context.engine)
    sector = _find(places.sector, request.form.get("id"))
    if sector is None:
        abort(404)
    if "sure" not in request.form:
        return render_template("staff/sector_sure.html", **staff_frame(), sector=sector)
    details = {"sector": sector.name.vi}
    try:
        change = Change(lambda now: drop_sector(now, sector.id), "sector_dropped", None, details)
        _store(context, change)
    except (EditRefused, StoreError) as refused:
        return _list(context, _refusal(refused)), 422
    return _done(sector.name.get(chosen_language()))


# --- An office --------------------------------------------------------------------------------


def _office(context: DeskContext) -> Response | str | tuple[str, int]:
    places, reach = load_places(context.engine), scope(context.engine)
    stored = _find(places.office, request.values.get("id"))
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
    try:
        _require_offered(form)
        taken = (one.id for one in load_places(context.engine, gone_too=True).office)
        id_ = stored.id if stored else new_id(form.text.vi, taken)
        office = Office(id=id_, name=form.text, parent=parent)
        action: Final = "office_changed" if stored else "office_made"
        details = {"name": office.name.vi}
        _store(context, Change(lambda now: put_office(now, office), action, id_, details))
    except (EditRefused, StoreError) as refused:
        return _office_page(context, form, stored, _refusal(refused)), 422
    return _done(office.name.get(chosen_language()))


def _offer_parents(form: OfficeForm, places: Places, reach: Scope, stored: Office | None) -> None:
    """Offices that it may belong to: what may be changed, and the one that is above it now."""
    lang = chosen_language()
    nothing = [("", staff_sentences().get("places.no_parent", lang))]
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


def _hours(context: DeskContext) -> Response | str | tuple[str, int]:
    """Give an office opening hours of its own, or (`as_above`) take them back."""
    places, reach = load_places(context.engine), scope(context.engine)
    office = _find(places.office, request.form.get("id"))
    if office is None:
        abort(404)
    reach.require("change_places", office.id)
    given = request.form.get("opening_hours", "")
    try:
        store_hours(context, office, None if "as_above" in request.form else given)
    except (ConfigError, EditRefused, StoreError) as refused:
        form = OfficeForm(formdata=None, data=_of_office(office))
        _offer_parents(form, places, reach, office)
        return _office_page(context, form, office, hours=given, wrong=_refusal(refused)), 422
    return _done(office.name.get(chosen_language()))


def _logo(context: DeskContext) -> Response | str | tuple[str, int]:
    """Give an office a logo of its own, or (`as_above`) take it back."""
    places, reach = load_places(context.engine), scope(context.engine)
    office = _find(places.office, request.form.get("id"))
    if office is None:
        abort(404)
    reach.require("change_places", office.id)
    sent = request.files.get("logo")
    try:
        store_logo(context, office, None if "as_above" in request.form else _read(sent))
    except LogoRefused as refused:
        form = OfficeForm(formdata=None, data=_of_office(office))
        _offer_parents(form, places, reach, office)
        return _office_page(context, form, office, no_logo=_refusal(refused)), 422
    return _done(office.name.get(chosen_language()))


def _read(sent: FileStorage | None) -> bytes:
    return b"" if sent is None else sent.stream.read(MOST_BYTES)


def _logo_shown(context: DeskContext) -> Response:
    """The logo that an office has, as a picture; 404 where there is none that is a PNG."""
    reach = scope(context.engine)
    office = _find(load_places(context.engine).office, request.args.get("id"))
    if office is None:
        abort(404)
    reach.require("change_places", office.id)
    picture = shown_logo(context, office, reach.parents).picture
    if picture is None:
        abort(404)
    reply = attachment(picture, "image/png", "logo.png", "inline")
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _of_office(stored: Office) -> dict[str, object]:
    return _names(stored.name) | {"parent": stored.parent or ""}


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
    places, reach, lang = load_places(context.engine), scope(context.engine), chosen_language()
    office, into = (_find(places.office, request.form.get(name)) for name in ("id", "into"))
    if office is None:
        abort(404)
    for one in (office, into):
        if one is not None:
            reach.require("change_places", one.id)
    try:
        if into is None:
            raise EditRefused("merge_nowhere")
        day = _day(request.form.get("day", ""))
        if day > context.now().date():
            raise EditRefused("merge_later")
        taken = _taken(context, places, into.id)
        edited = merge_office(places, office.id, into.id, taken)
    except EditRefused as refused:
        return _list(context, _refusal(refused)), 422
    names = {"name": office.name.get(lang), "into": into.name.get(lang)}
    if "sure" not in request.form:
        return render_template(
            "staff/merge_sure.html",
            **staff_frame(),
            office=office,
            into=into,
            day=day,
            names=names,
            counters=[one for one in edited.counter if one.office == into.id],
            **_called_anew(places, edited),
        )
    until = day - timedelta(days=1)
    details = {"name": office.name.vi, "into": into.name.vi, "until": f"{until:%d/%m/%Y}"}
    merger = Merger(office.id, into.id, until)

    def merged(now: Places) -> Places:
        return merge_office(now, merger.office, merger.into, taken)

    try:
        _store(context, Change(merged, "office_merged", into.id, details, merger))
    except (EditRefused, StoreError) as refused:
        return _list(context, _refusal(refused)), 422
    return _done(names["into"])


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
