"""Staff pages of one-time slips: issuing them, the batches that are out, their counts, withdrawal.

The file that a batch is downloaded as is the only place that ever holds its tokens. What is done
here is done by `survey.slip_files` and `survey.store.slips`, as by the command.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from survey.errors import HailongError
from survey.places import GENERAL, Counter, place_names
from survey.slip_files import MIMETYPES, PAPERS, Format, Making, Paper, issue_slips
from survey.slips import DAYS, MOST_DAYS, Order, beyond_dossiers, month_of, served_sectors
from survey.store.places import load_closed, load_places
from survey.store.population import completed_dossiers
from survey.store.slips import Batch, count_slips, list_batches, withdraw_batch
from survey.web.desk.frame import (
    attachment,
    page_number,
    say,
    see_other,
    staff_frame,
)
from survey.web.desk.guard import DeskContext, counter_names, needs, scope
from survey.web.limits import Turn
from survey.web.security import chosen_language

MOST_HERE: Final = 240
"""Slips of a batch: 30 sheets. More would keep this server from answering; the command has time."""
A_SHEET: Final = 8
ROWS: Final = 30  # of one page of a list
MONTHS: Final = 12  # that can be looked at
KINDS: Final[tuple[str, ...]] = (*PAPERS, "csv")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is filled in, as it was typed."""

    counts: Mapping[str, str] = field(default_factory=dict)
    last_day: str = ""
    kind: str = KINDS[0]


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages, each for the counters of whoever asks."""
    pages = Blueprint("slips", __name__, url_prefix="/slips")
    turn = Turn(1, 1, 20.0)  # drawing codes keeps a processor for a while

    @pages.get("")
    @needs("issue_slips")
    def show() -> str:
        return _page(context)

    @pages.post("")
    @needs("issue_slips")
    def issue() -> Response | tuple[str, int]:
        with turn.taken():
            return _issue(context)

    @pages.get("/<id_>")
    @needs("issue_slips")
    def batch(id_: str) -> str:
        return _sure(context, id_)

    @pages.post("/<id_>")
    @needs("issue_slips")
    def withdraw(id_: str) -> Response | tuple[str, int]:
        return _withdraw(context, id_)

    return pages


def _page(context: DeskContext, problem: str = "", wanted: Wanted | None = None) -> str:
    today, offices = context.now().date(), scope(context.engine).offices
    places = load_places(context.engine)
    names = _names(context)
    counters = [one for one in places.counter if one.office in offices]
    counter = _chosen(counters)
    batches, page = list_batches(context.engine, today, offices), page_number()
    months = _months(today)
    month = request.args.get("month", months[0])
    if month not in months:
        abort(404)
    counts = count_slips(context.engine, months, today, offices)
    beyond = beyond_dossiers(counts, completed_dossiers(context.engine, months))
    return render_template(
        "staff/slips.html",
        **staff_frame(),
        problem=problem,
        reach=context.config.address.reach,
        base=context.config.address.shown,
        counters=[(one.full_id, names[one.full_id]) for one in counters],
        counter=counter,
        called=names[counter.full_id] if counter else "",
        sectors=[(id_, names[id_]) for id_ in served_sectors(counter)] if counter else (),
        wanted=wanted or _offered(counter, today),
        first=today.isoformat(),
        last=(today + timedelta(days=MOST_DAYS)).isoformat(),
        kinds=KINDS,
        most=MOST_HERE,
        form_key=secrets.token_hex(8),
        batches=[(one, _row(one, names)) for one in batches[ROWS * (page - 1) : ROWS * page]],
        page=page,
        pages=max(1, -(-len(batches) // ROWS)),
        month=month,
        months=[(one, f"{one[5:]}/{one[:4]}") for one in months],
        counted=[
            (names[place.counter], names[place.sector], number)
            for place, number in counts.items()
            if place.month == month
        ],
        beyond=[
            (f"{one.month[5:]}/{one.month[:4]}", names[one.office], names[one.sector], one)
            for one in beyond
        ],
    )


class _Names(dict[str, str]):
    """Names by id; what is gone is called by its id."""

    def __missing__(self, key: str) -> str:
        return key


def _names(context: DeskContext) -> _Names:
    """What offices, sectors and the counters of whoever asks are called, former ones too."""
    places = load_places(context.engine, gone_too=True)
    lang, offices = chosen_language(), scope(context.engine).offices
    general = say("comments.general")
    every = (*places.counter, *load_closed(context.engine).counter)
    counters = counter_names(context.engine, [one for one in every if one.office in offices])
    return _Names(place_names(places, lang) | counters | {GENERAL: general})


def _chosen(counters: Sequence[Counter]) -> Counter | None:
    """The counter that is asked for, or the first; one of another office or none is 404."""
    if not counters:
        return None
    wanted = request.values.get("counter") or counters[0].full_id
    found = next((one for one in counters if one.full_id == wanted), None)
    if found is None:
        abort(404)
    return found


def _offered(counter: Counter | None, today: date) -> Wanted:
    """What stands in the form at first: a sheet of each sector, good for a month."""
    sectors = served_sectors(counter) if counter else ()
    day = today + timedelta(days=DAYS)
    return Wanted(dict.fromkeys(sectors, str(A_SHEET)), day.isoformat())


def _months(today: date) -> tuple[str, ...]:
    """This month and those before it, the newest first."""
    number = today.year * 12 + today.month - 1
    found = (divmod(number - back, 12) for back in range(MONTHS))
    return tuple(month_of(date(year, month + 1, 1)) for year, month in found)


def _row(batch: Batch, names: Mapping[str, str]) -> tuple[str, ...]:
    """What a row of the list says of a batch, but for its last cell."""
    counts = batch.counts
    return (
        batch.id,
        names[batch.counter],
        ", ".join(names[sector] for sector in batch.sectors),
        _day(batch.last_day),
        *(str(n) for n in (counts.issued, counts.used, counts.expired, counts.withdrawn)),
        str(batch.left),
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _issue(context: DeskContext) -> Response | tuple[str, int]:
    offices = scope(context.engine).offices
    places = load_places(context.engine)
    counter = _chosen([one for one in places.counter if one.office in offices])
    if counter is None:
        abort(404)
    form = request.form
    counts = {id_: form.get(f"count-{id_}", "").strip() for id_ in served_sectors(counter)}
    wanted = Wanted(counts, form.get("last_day", ""), form.get("kind", ""))
    try:
        order = _order(counter, wanted)
        making = _making(order, wanted.kind, form.get("form_key", ""))
    except ValueError as error:
        return _page(context, str(error), wanted), 422
    if order.count > MOST_HERE:
        told = say("slips.too_many", count=order.count, most=MOST_HERE)
        return _page(context, told, wanted), 422
    today = context.now().date()
    try:
        made = issue_slips(context.engine, context.config, order, making, today, by=context.by)
    except HailongError as error:
        return _page(context, error.said(chosen_language()), wanted), 422
    ending = "csv" if making.format == "csv" else f"{making.paper}.pdf"
    name = f"hailong-phieu-moi-{counter.id}-{made.batch}.{ending}"
    return attachment(made.content, MIMETYPES[making.format], name)


def _order(counter: Counter, wanted: Wanted) -> Order:
    """Read what was filled in. Raises ValueError with a sentence."""
    counts = {}
    for sector, typed in wanted.counts.items():
        if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 6):
            raise ValueError(say("slips.no_number", typed=typed))
        if int(typed or 0):
            counts[sector] = int(typed)
    if not counts:
        raise ValueError(say("slips.no_count"))
    try:
        last_day = date.fromisoformat(wanted.last_day)
    except ValueError:
        raise ValueError(say("slips.no_day")) from None
    return Order(counter.full_id, counts, last_day)


def _making(order: Order, kind: str, key: str) -> Making:
    """How the file is made; its batch is that of this form as it was filled in, and of no other."""
    if kind not in KINDS:
        abort(404)
    sent = (key, kind, order.counter, order.last_day, *sorted(order.sectors.items()))
    batch = sha256(repr(sent).encode()).hexdigest()[:12] if key else None
    paper: Paper = next((one for one in PAPERS if one == kind), "a4")
    format_: Format = "csv" if kind == "csv" else "pdf"
    return Making(format_, paper, batch)


# --- A batch ----------------------------------------------------------------------------------


def _asked(context: DeskContext, id_: str) -> Batch:
    """The batch that a request is about; another office's is not there."""
    offices = scope(context.engine).offices
    found = list_batches(context.engine, context.now().date(), offices)
    batch = next((one for one in found if one.id == id_), None)
    if batch is None:
        abort(404)
    return batch


def _sure(context: DeskContext, id_: str) -> str:
    """What will happen when a batch is withdrawn."""
    batch = _asked(context, id_)
    names = _names(context)
    return render_template(
        "staff/slips_sure.html",
        **staff_frame(),
        batch=batch,
        counter=names[batch.counter],
        day=_day(batch.last_day),
    )


def _withdraw(context: DeskContext, id_: str) -> Response | tuple[str, int]:
    batch = _asked(context, id_)
    if "sure" not in request.form:
        return see_other("slips.batch", id_=id_)
    offices = scope(context.engine).offices
    try:
        withdraw_batch(context.engine, batch.id, context.now().date(), context.by, offices)
    except HailongError as error:
        return _page(context, error.said(chosen_language())), 409
    return see_other("slips.show")
