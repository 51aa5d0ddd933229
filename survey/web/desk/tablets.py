"""Staff pages of the tablets: how each is, pairing, PIN, taking out of use, and the file of one.

What is done here is done by `survey.tablets` and `survey.store.kiosks`, as by the command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

from flask import Blueprint, abort, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from kiosk.batch import Result
from kiosk.devices import Heartbeat, Trouble
from kiosk.station import load_assets
from survey.config import Config
from survey.errors import HailongError, StoreError
from survey.places import Counter as Place
from survey.store.kiosks import Enrolled, allow_handover, find_enrolled, revoke_kiosk
from survey.store.places import load_places
from survey.tablets import Watched, invite_tablet, look_at, look_over, renew_pin, take_file
from survey.web.desk.frame import page_number, say, see_other, staff_frame, staff_sentences
from survey.web.desk.guard import DeskContext, Scope, counter_names, needs, office_names, scope
from survey.web.desk.sent import sent_file
from survey.web.limits import Turn
from survey.web.security import chosen_language

HOUR, DAY = 3600, 86_400  # seconds

LARGEST: Final = 4 << 20  # bytes of a tablet's file: some eight thousand answers
ROWS: Final = 30  # tablets on a page
CHOICES: Final = 200  # counters in one list; of more, the office is chosen first
NAMED: Final = 8  # tablets that one paragraph of a page names
REASONS: Final = 20  # answers that were not taken, each with the reason
RECEIPTS: Final = ("stored", "repeated", "conflict", "refused")

Act = Literal["pin", "revoke", "handover"]
_ACTS: Final[tuple[Act, ...]] = get_args(Act)
_ASKED: Final = frozenset({"revoke", "handover"})  # what is confirmed first


@dataclass(frozen=True, slots=True)
class ShownTablet:
    """A tablet as the pages show it: `state` is a key, `heard` a moment for people."""

    watched: Watched
    counter: str
    office: str
    heard: str
    state: str

    @property
    def id(self) -> str:
        """Its public id."""
        return self.watched.enrolled.device.id

    @property
    def told(self) -> Heartbeat | None:
        """The last that it told about itself."""
        return self.watched.enrolled.contact.heartbeat


def make_blueprint(office: DeskContext) -> Blueprint:
    """Return the pages of tablets, each for who keeps those of the tablet's office."""
    pages = Blueprint("tablets", __name__, url_prefix="/tablets")
    turn = Turn(1, 1, 10.0)  # a file keeps a processor for a while: one at a time in a process

    @pages.get("")
    @needs("see_tablets")
    def show() -> str:
        return _list(office)

    @pages.get("/pair")
    @needs("keep_tablets")
    def choose() -> str:
        return _choose(office)

    @pages.post("/pair")
    @needs("keep_tablets")
    def pair() -> str:
        return _pair(office)

    @pages.post("/file")
    @needs("keep_tablets", lambda: LARGEST)
    def send() -> Response:
        with turn.taken():
            return _take(office)

    @pages.get("/<id_>")
    @needs("see_tablets")
    def tablet(id_: str) -> str:
        return _tablet(office, _asked(office, id_))

    @pages.post("/<id_>")
    @needs("keep_tablets")
    def act(id_: str) -> Response | str | tuple[str, int]:
        return _act(office, id_)

    return pages


def _list(office: DeskContext, problem: str = "") -> str:
    reach, page, now = scope(office.engine), page_number(), office.now()
    found = look_over(office.engine, office.config.opening_hours, now, reach.offices)
    used = tuple(one for one in found if not one.enrolled.device.revoked)
    names = office_names(office.engine)
    shown = found[ROWS * (page - 1) : ROWS * page]
    return render_template(
        "staff/tablets.html",
        **staff_frame(),
        tablets=[_shown(one, names, now) for one in shown],
        any_used=bool(used),
        told=tell(used, chosen_language(), now, NAMED),
        offices=len({one.enrolled.office for one in found}) > 1,
        page=page,
        pages=max(1, -(-len(found) // ROWS)),
        may_keep=reach.may("keep_tablets", reach.grant.office),
        most=LARGEST >> 20,
        problem=problem,
    )


def _shown(watched: Watched, names: Mapping[str | None, str], now: datetime) -> ShownTablet:
    enrolled = watched.enrolled
    return ShownTablet(
        watched,
        counter=enrolled.counter.get(chosen_language()),
        office=names.get(enrolled.office, enrolled.office),
        heard=_moment(enrolled.contact.seen_at.astimezone(now.tzinfo), now),
        state=_state(watched, now),
    )


def _state(watched: Watched, now: datetime) -> str:
    """The key of what is to be known of a tablet."""
    device = watched.enrolled.device
    if device.revoked:
        out = "closed" if device.revoked_on is None else "revoked"
        return "may_hand_over" if device.may_hand_in(now) else out
    return "troubled" if watched.troubles else "well"


def _asked(office: DeskContext, id_: str) -> Enrolled:
    """The tablet that a request is about; another office's is not there."""
    found = find_enrolled(office.engine, id_)
    if found is None:
        abort(404)
    scope(office.engine).require("see_tablets", found.office)
    return found


def _tablet(office: DeskContext, enrolled: Enrolled, **more: object) -> str:
    now, reach = office.now(), scope(office.engine)
    watched = look_at(office.engine, enrolled, office.config.opening_hours, now)
    until = enrolled.device.handover_until
    return render_template(
        "staff/tablet.html",
        **staff_frame(),
        one=_shown(watched, office_names(office.engine), now),
        told=tell((watched,), chosen_language(), now) if watched.troubles else (),
        until=None if until is None else _moment(until.astimezone(now.tzinfo), now),
        newest=load_assets().build,
        may_keep=reach.may("keep_tablets", enrolled.office),
        **more,
    )


def _choose(office: DeskContext) -> str:
    """The counters to choose from; of very many those of one office, which is chosen before."""
    reach, names = scope(office.engine), office_names(office.engine)
    counters = _counters(office, reach)
    offices = list(dict.fromkeys(one.office for one in counters.values()))
    wanted = request.args.get("office") or None
    if wanted is not None:
        reach.require("keep_tablets", wanted)
    elif len(counters) > CHOICES:
        wanted = offices[0]
    placed = counter_names(office.engine, tuple(counters.values()))
    return render_template(
        "staff/tablet_pair.html",
        **staff_frame(),
        counters=[
            (full_id, placed[full_id])
            for full_id, one in counters.items()
            if wanted in (None, one.office)
        ],
        offices=[(one, names[one]) for one in offices] if len(counters) > CHOICES else (),
        office=wanted,
        chosen=request.args.get("counter", ""),
        **_address(office.config),
    )


def _counters(office: DeskContext, reach: Scope) -> dict[str, Place]:
    """The counters where whoever asks may put a tablet."""
    found = load_places(office.engine).counter
    return {one.full_id: one for one in found if reach.may("keep_tablets", one.office)}


def _address(config: Config) -> dict[str, object]:
    """What is to be known of the address that tablets open."""
    address = config.address
    return {
        "base": f"{address.shown}/kiosk/",
        "here": address.reach == "here",
        "plain": not address.secure_context,
    }


def _pair(office: DeskContext) -> str:
    from survey.qr import qr_svg  # no citizen's request needs it

    counter = _counters(office, scope(office.engine)).get(request.form.get("counter", ""))
    if counter is None:
        abort(404)
    url = office.config.address.url
    made = invite_tablet(office.engine, counter.full_id, url, office.now(), by=office.by)
    return render_template(
        "staff/tablet_invitation.html",
        **staff_frame(),
        made=made,
        counter=counter.name.get(chosen_language()),
        qr=Markup(qr_svg(made.url)),  # noqa: S704  drawn here
        **_address(office.config),
    )


def _act(office: DeskContext, id_: str) -> Response | str | tuple[str, int]:
    enrolled = _asked(office, id_)
    scope(office.engine).require("keep_tablets", enrolled.office)
    act = next((one for one in _ACTS if one == request.form.get("act")), None)
    if act is None:
        abort(404)
    if act in _ASKED and "sure" not in request.form:
        now = office.now()
        watched = look_at(office.engine, enrolled, office.config.opening_hours, now)
        one = _shown(watched, office_names(office.engine), now)
        return render_template("staff/tablet_sure.html", **staff_frame(), one=one, act=act)
    try:
        if act == "pin":
            pin = renew_pin(office.engine, id_, by=office.by)
            return _tablet(office, enrolled, pin=pin)
        _do(office, act, id_)
    except StoreError as error:  # somebody else was faster
        found = _asked(office, id_)
        return _tablet(office, found, problem=error.said(chosen_language())), 409
    return see_other("tablets.tablet", id_=id_)


def _do(office: DeskContext, act: Act, id_: str) -> None:
    now = office.now()
    if act == "revoke":
        revoke_kiosk(office.engine, id_, now.date(), by=office.by)
    else:
        allow_handover(office.engine, id_, now, by=office.by)


def _take(office: DeskContext) -> Response:
    file = sent_file()
    if file is None:
        return _refused(office, say("tablets.no_file"))
    try:
        results = take_file(
            office.engine,
            file.content.read(),
            file.name,
            office.now(),
            by=office.by,
            offices=scope(office.engine).offices,
        )
    except HailongError as error:
        return _refused(office, error.said(chosen_language()))
    counts = Counter[str](one.receipt for one in results)
    faulty = [one for one in results if one.receipt in ("conflict", "refused")]
    page = render_template(
        "staff/tablet_file.html",
        **staff_frame(),
        file=file.name,
        counts=[(receipt, counts[receipt]) for receipt in RECEIPTS],
        later=counts["later"],
        faulty=[(one.response_id, _why(one)) for one in faulty[:REASONS]],
        more=max(0, len(faulty) - REASONS),
    )
    reply = make_response(page)
    reply.status_code = 503 if counts["later"] else 200
    return reply


def _refused(office: DeskContext, problem: str) -> Response:
    reply = make_response(_list(office, problem))
    reply.status_code = 422
    return reply


def _why(result: Result) -> str:
    """Why an answer was not taken."""
    if result.receipt == "conflict":
        return say("tablets.why.conflict")
    told = staff_sentences()
    lines = []
    for problem in result.problems:
        key = f"tablets.field.{problem.place}"
        field = say(key) if key in told else say("tablets.question", id=problem.place or "–")
        lines.append(f"{field}: {say(f'tablets.why.{problem.code}')}")
    return "; ".join(lines)


def tell(
    watched: tuple[Watched, ...], lang: str, now: datetime, most: int | None = None
) -> tuple[str, ...]:
    """One paragraph a trouble, with every tablet that has it, or one that all is well.

    None where the office has no tablet. `now` is the moment in the office's zone. `most`: so many
    tablets are named, and the rest is counted.
    """
    told = staff_sentences()
    if watched and not any(one.troubles for one in watched):
        return (told.get("kiosks.well", lang, count=len(watched)),)
    return tuple(paragraph for _, paragraph in tell_troubles(watched, lang, now, most))


def tell_troubles(
    watched: tuple[Watched, ...], lang: str, now: datetime, most: int | None = None
) -> Iterator[tuple[Trouble, str]]:
    """Each trouble with its paragraph, as of `tell`; none where all is well."""
    found: dict[tuple[Trouble, str], list[str]] = {}
    for one in watched:
        for trouble, key, sentence in _troubles(one, lang, now):
            found.setdefault((trouble, key), []).append(sentence)
    told = staff_sentences()
    for (trouble, key), tablets in found.items():
        named = tablets[:most]
        if len(named) < len(tablets):
            named.append(told.get("kiosks.more", lang, count=len(tablets) - len(named)))
        yield trouble, f"{'; '.join(named)}. {told.get(f'{key}_do', lang)}"


def _troubles(watched: Watched, lang: str, now: datetime) -> Iterator[tuple[Trouble, str, str]]:
    """Each trouble of a tablet, its key, and what is so of it."""
    device, contact = watched.enrolled.device, watched.enrolled.contact
    words = {
        "id": device.id,
        "counter": watched.enrolled.counter.get(lang),
        "since": _moment(contact.seen_at.astimezone(now.tzinfo), now),
        **(_figures(contact.heartbeat) if contact.heartbeat else {}),
    }
    for trouble in watched.troubles:
        key = _key(trouble, contact.heartbeat)
        yield trouble, key, staff_sentences().get(key, lang, **words)


def _moment(seen: datetime, now: datetime) -> str:
    """As people write it here; the year where it is another one."""
    return f"{seen:%H:%M %d/%m}" if seen.year == now.year else f"{seen:%H:%M %d/%m/%Y}"


def _key(trouble: Trouble, told: Heartbeat | None) -> str:
    kept = f"_{told.storage}" if trouble == "storage" and told else ""
    return f"kiosks.{trouble}{kept}"


def _figures(told: Heartbeat) -> dict[str, int]:
    return {
        "unsent": told.unsent,
        "quarantined": told.quarantined,
        "hours": told.oldest_s // HOUR,
        "days": abs(told.clock_offset_s) // DAY,
    }
