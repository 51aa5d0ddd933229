"""Staff page for administrators: who did what and when, to be filtered and taken along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from flask import Blueprint, render_template, request
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from survey.export_files import guarded
from survey.places import GENERAL, sector_names
from survey.store.places import load_closed, load_places
from survey.store.staff_actions import (
    STAFF_ACTIONS,
    Done,
    DoneFilter,
    count_actions,
    done_choices,
    list_actions,
)
from survey.web.desk.frame import attachment, page_number, say, staff_frame
from survey.web.desk.guard import Scope, needs, office_names, scope
from survey.web.desk.machine import SETTINGS
from survey.web.security import chosen_language

PAGE: Final = 50  # lines on a page
_OF_PROVIDER: Final = {
    "oidc_issuer": "provider_settings.issuer",
    "oidc_client_id": "provider_settings.client_id",
    "oidc_client_secret": "provider_settings.secret",
    "oidc_name": "provider_settings.name",
}
_DATED: Final = frozenset({"month", "months", "until"})
_ISO: Final = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b")
COMMANDS: Final = ":commands"  # chosen as a name, which no account can have


def make_blueprint(engine: Engine, now: Callable[[], datetime]) -> Blueprint:
    """Return the log, of the offices of whoever asks; what is of no office to who has them all."""
    pages = Blueprint("log", __name__, url_prefix="/log")

    @pages.get("")
    @needs("read_log")
    def show() -> str:
        return _page(engine, now)

    @pages.get("/log.csv")
    @needs("read_log")
    def table() -> Response:
        return _table(engine, now)

    return pages


def _wanted(reach: Scope) -> DoneFilter:
    """What the address asks for, of what may be seen."""
    chosen = {key: request.args.get(key) or None for key in ("name", "action", "month")}
    offices = None if reach.grant.office is None else reach.offices
    if chosen["name"] == COMMANDS:
        return DoneFilter(offices, None, chosen["action"], chosen["month"], commands=True)
    return DoneFilter(offices, chosen["name"], chosen["action"], chosen["month"])


def _page(engine: Engine, now: Callable[[], datetime]) -> str:
    reach, page = scope(engine), page_number()
    wanted = _wanted(reach)
    total = count_actions(engine, wanted)
    done = list_actions(engine, wanted, PAGE, PAGE * (page - 1))
    kept = {key: request.args[key] for key in ("name", "action", "month") if key in request.args}
    return render_template(
        "staff/log.html",
        **staff_frame(),
        rows=_rows(engine, done, now),
        choices=done_choices(engine, wanted.offices),
        actions=STAFF_ACTIONS,
        commands=COMMANDS,
        kept=kept,
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


def _table(engine: Engine, now: Callable[[], datetime]) -> Response:
    """The same lines, all of them, as a file that spreadsheets open and take no formula from."""
    done = list_actions(engine, _wanted(scope(engine)))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(say(f"log.{head}") for head in ("when", "who", "what", "office"))
    writer.writerows([guarded(cell) for cell in row] for row in _rows(engine, done, now))
    content = text.getvalue().encode("utf-8-sig")  # as Excel knows Vietnamese letters
    return attachment(content, "text/csv", "hailong-log.csv")


def _setting(name: str) -> str:
    """What a setting is called on the page where it is set; its own name where it is on none."""
    if name in SETTINGS:
        return say(f"machine.{name}")
    return say(_OF_PROVIDER[name]) if name in _OF_PROVIDER else name


def _rows(
    engine: Engine, done: Sequence[Done], now: Callable[[], datetime]
) -> list[tuple[str, str, str, str]]:
    lang, zone = chosen_language(), now().tzinfo
    offices = office_names(engine)
    sectors = {GENERAL: say("comments.general")}
    places = load_places(engine, gone_too=True)
    sectors |= sector_names(places, lang)
    every = (*load_closed(engine).counter, *places.counter)
    counters = {one.full_id: one.name.get(lang) for one in every}
    return [
        (
            f"{one.at.astimezone(zone):%d/%m/%Y %H:%M}",
            one.name or say("log.commands"),
            say(f"did.{one.action}", **_told(one.details, sectors, counters)),
            "" if one.office is None else offices.get(one.office, one.office),
        )
        for one in done
    ]


def _spoken(found: re.Match[str]) -> str:
    """A day or month as people write it: 05/10/2026, 10/2026."""
    return "/".join(reversed(found[0].split("-")))


def _period(text: str) -> str:
    """A period by its name within a sentence; what is none as it stands."""
    from analysis.errors import PeriodError
    from analysis.period import parse_period

    try:
        return parse_period(text).inside(chosen_language())
    except PeriodError:
        return text


def _told(
    details: Mapping[str, str], sectors: Mapping[str, str], counters: Mapping[str, str]
) -> dict[str, str]:
    """The words of a line, with names for ids."""
    told = dict(details)
    for name in _DATED & set(told):
        told[name] = _ISO.sub(_spoken, told[name])
    if "period" in told:
        told["period"] = _period(told["period"])
    if "role" in told:
        told["role"] = say(f"role.{told['role']}")
    if "scope" in told:
        told["scope"] = say(f"tokens.{told['scope']}")
    if "state" in told:
        told["state"] = say(f"comments.state_{told['state']}")
    if "reason" in told:
        told["reason"] = say(f"seal.reason_{told['reason']}")
        told["reason"] += f": {told['why']}" if "why" in told else ""
    if "sector" in told:
        told["sector"] = sectors.get(told["sector"], told["sector"])
    if "names" in told:
        told["names"] = ", ".join(map(_setting, told["names"].split(", ")))
    if "counter" in told:
        told["counter"] = counters.get(told["counter"], told["counter"])
    return told
