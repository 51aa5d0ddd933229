"""Staff pages of counters: made, changed, closed, opened again, and a new code for a lost one."""

from __future__ import annotations

from collections import Counter as Tally
from typing import Final, Literal, get_args

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField

from questionnaires import Questionnaire
from questionnaires.bilingual import in_language
from survey.edits import EditRefused, close_counter, new_id, put_counter
from survey.errors import StoreError
from survey.places import Counter, Places, for_counters
from survey.store.places import Change, load_closed, load_places, renew_link
from survey.store.questionnaires import published_questionnaires
from survey.web.desk.frame import say, staff_frame
from survey.web.desk.guard import DeskContext, Scope, counter_names, needs, scope
from survey.web.desk.meanwhile import mark
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
from survey.web.desk.place_list import desks_by_counter, show_list
from survey.web.security import chosen_language

CounterAct = Literal["close", "reopen", "renew"]
COUNTER_ACTS: Final[tuple[CounterAct, ...]] = get_args(CounterAct)


class CounterForm(PlaceForm):
    """A counter: where it is, and what it asks."""

    office = SelectField()
    questionnaire = SelectField()
    sectors = SelectMultipleField()
    kiosk_mode = SelectField()
    kiosk_comment = SelectField()


def add_counter_pages(pages: Blueprint, context: DeskContext) -> None:
    """Add the pages, for administrators of the counter's office."""

    @pages.route("/counter", methods=["GET", "POST"])
    @needs("change_places")
    def counter() -> Response | str | tuple[str, int]:
        return _counter(context)

    @pages.post("/counter/act")
    @needs("change_places")
    def act() -> Response | str | tuple[str, int]:
        return _act(context)


def _counter(context: DeskContext) -> Response | str | tuple[str, int]:
    """Show a counter's form, or store what was filled in. Without an id it is a new one."""
    places, reach = load_places(context.engine), scope(context.engine)
    stored = find_place(places.counter, request.values.get("id"))
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
        require_offered(form)
        counter = _made(form, stored, places, context)
        if stored and (told := told_meanwhile(form, _filled(stored, places))):
            return _counter_page(context, form, stored, told), 409
        store_edit(
            context,
            Change(
                lambda now: put_counter(
                    as_read(now, stored), counter, known, stored.full_id if stored else None
                ),
                "counter_changed" if stored else "counter_made",
                counter.office,
                {"counter": counter.name.vi},
            ),
        )
    except (EditRefused, StoreError) as refused:
        return _counter_page(context, form, stored, refusal_text(refused)), 422
    return back_to_list(counter.name.get(chosen_language()))


def _filled(stored: Counter | None, places: Places) -> dict[str, object]:
    """What its form shows first; a new one asks what most counters do."""
    if stored is None:
        modes = {"kiosk_mode": "one-tap", "kiosk_comment": "keyboard"}
        asked = Tally(one.questionnaire for one in places.counter).most_common(1)
        usual = {"questionnaire": asked[0][0]} if asked else {}
        return {"office": request.args.get("office", ""), **usual, **modes}
    return {
        **filled_names(stored.name),
        "office": stored.office,
        "questionnaire": stored.questionnaire,
        "sectors": list(stored.sectors),
        "kiosk_mode": stored.kiosk_mode,
        "kiosk_comment": stored.kiosk_comment,
    }


def _offer(
    form: CounterForm, places: Places, known: dict[str, Questionnaire], reach: Scope
) -> None:
    lang = chosen_language()
    form.office.choices = [
        (one.id, one.name.get(lang)) for one in places.office if reach.may("change_places", one.id)
    ]
    newest_first = sorted(for_counters(known).values(), key=lambda one: (one.id, -one.version))
    form.questionnaire.choices = [(one.key, in_language(one.called, lang)) for one in newest_first]
    form.sectors.choices = [(one.id, one.name.get(lang)) for one in places.sector]
    form.kiosk_mode.choices = [(mode, say(f"places.mode_{mode}")) for mode in ("one-tap", "full")]
    form.kiosk_comment.choices = [
        (way, say(f"places.comment_{way}")) for way in ("keyboard", "phone", "none")
    ]


def _made(
    form: CounterForm, stored: Counter | None, places: Places, context: DeskContext
) -> Counter:
    name, office = form.text, form.office.data
    taken = taken_ids(context, places, office)
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


def _counter_page(
    context: DeskContext, form: CounterForm, stored: Counter | None, problem: str = ""
) -> str:
    return render_template(
        "staff/counter.html",
        **staff_frame(),
        form=form,
        counter=stored,
        seen=mark(_filled(stored, load_places(context.engine))) if stored else "",
        name=_placed(context, stored) if stored else "",
        desks=desks_by_counter(context).get(stored.full_id, []) if stored else [],
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
    counter = find_place(entries, request.form.get("id"))
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
            store_edit(context, _closing(context, counter, reopen=act == "reopen"))
    except (EditRefused, StoreError) as refused:
        return show_list(context, refusal_text(refused)), 422
    return back_to_list(counter.name.get(chosen_language()))


def _codes(context: DeskContext, counter: Counter) -> list[str]:
    return [desk.link.code for desk in desks_by_counter(context).get(counter.full_id, [])]


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
