"""Issues one-time slips: makes their tokens, the file that carries them out, and keeps the digests.

Joins places, settings and store; command and page do the same. The file is made before anything is
kept, so that a name that cannot be printed leaves nothing behind; it is not kept, so that a lost
one is withdrawn and issued anew.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, Literal, get_args

from sqlalchemy import Engine

from questionnaires.toml import read_toml
from survey.config import Config
from survey.export_files import guarded
from survey.links import Logo, drawn_logo, slip_url
from survey.logos import nearest_logo
from survey.places import Places, find_counter
from survey.slips import Order, SlipsError, check_order, new_token, token_hash
from survey.store.places import load_places
from survey.store.slips import keep_batch, new_batch_id
from survey.store.staff_actions import By
from survey.told import sentence
from survey.typeset import NotTypeset, typeset

LAYOUT: Final = Path(__file__).parent / "data" / "slip"

Paper = Literal["a4", "58mm", "80mm"]
PAPERS: Final[tuple[Paper, ...]] = get_args(Paper)
Format = Literal["pdf", "csv", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
MIMETYPES: Final[Mapping[Format, str]] = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
}
COLUMNS: Final = ("address", "sector", "sector_name", "last_day")


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch as it leaves: its id, and the file that alone holds the tokens."""

    batch: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewSlip:
    """A slip that is being issued; ``about``: what it is about, in words."""

    token: str
    sector: str
    about: str


@dataclass(frozen=True, slots=True)
class Making:
    """How slips leave the office; ``batch``: the id that the batch gets."""

    format: Format
    paper: Paper = "a4"
    batch: str | None = None


def issue_slips(
    engine: Engine, config: Config, order: Order, making: Making, today: date, by: By
) -> Issued:
    """Issue slips and return their file. Raises SlipsError where that cannot be done as asked."""
    places = load_places(engine)
    counter = check_order(order, places, today)
    order = replace(order, counter=counter.full_id)
    if making.format == "json" and len(order.sectors) > 1:
        raise SlipsError(sentence("slips.json_one_sector"))
    slips = _new_slips(order, places)
    content = _content(slips, order, making, config, places)
    id_ = making.batch or new_batch_id()
    hashes = {token_hash(slip.token): slip.sector for slip in slips}
    keep_batch(engine, id_, order, hashes, today, by)
    return Issued(id_, content)


def _new_slips(order: Order, places: Places) -> list[NewSlip]:
    """Slips of all sectors in a random order: a stack tells of none which one comes next."""
    names = {sector.id: sector.name.vi for sector in places.sector}
    procedures = {one.code: one.name.vi for one in places.procedure}
    words = _words()
    found = []
    for sector, count in order.sectors.items():
        name = procedures.get(order.procedure) or names.get(sector, "")
        about = f"{words['sector']['vi']}: {name}" if name else ""
        found += [NewSlip(new_token(), sector, about) for _ in range(count)]
    SystemRandom().shuffle(found)
    return found


def _content(
    slips: Sequence[NewSlip], order: Order, making: Making, config: Config, places: Places
) -> bytes:
    addresses = [slip_url(config.base_url, slip.token) for slip in slips]
    if making.format == "json":
        return (json.dumps(addresses, indent=1) + "\n").encode()
    if making.format == "csv":
        names = {sector.id: sector.name.vi for sector in places.sector}
        rows = [
            (address, slip.sector, guarded(names.get(slip.sector, "")), order.last_day.isoformat())
            for address, slip in zip(addresses, slips, strict=True)
        ]
        text = io.StringIO()
        csv.writer(text).writerows([COLUMNS, *rows])
        return text.getvalue().encode("utf-8-sig")  # as Excel knows Vietnamese letters
    counter = find_counter(order.counter, places.counter)
    office = next(one for one in places.office if one.id == counter.office)
    words, reach = _words(), config.address.reach
    drawn = {
        "size": making.paper,
        "office": office.name.vi,
        "logo": drawn_logo(_logo(config, places, office.id), words["logo"]["vi"]),
        "warning": words[reach]["vi"] if reach in words else "",
        "simulated": words["simulated"]["vi"] if config.simulated else "",
        "slips": _drawn(slips, addresses),
        "words": _said(order.last_day),
    }
    return render_slips(drawn, order.last_day)


def _logo(config: Config, places: Places, office: str) -> Logo | None:
    parents = {one.id: one.parent for one in places.office}
    return nearest_logo(config.data, office, parents)[1]


def _drawn(slips: Sequence[NewSlip], addresses: Sequence[str]) -> list[dict[str, str]]:
    from survey.qr import small_qr_svg  # no citizen's request needs it

    alt = _words()["alt"]["vi"]
    return [
        {"qr": small_qr_svg(address), "about": slip.about, "alt": alt}
        for slip, address in zip(slips, addresses, strict=True)
    ]


def _said(last_day: date) -> dict[str, str]:
    """The words of the layout: Vietnamese under their key, English under the key with `_en`."""
    fill = {"day": f"{last_day:%d/%m/%Y}"}
    found = {}
    for key, texts in _words().items():
        found[key] = texts["vi"].format(**fill)
        found[f"{key}_en"] = texts["en"].format(**fill)
    return found


def render_slips(drawn: Mapping[str, Any], made: date) -> bytes:
    """Return slips as PDF; the same slips give the same bytes.

    Raises SlipsError where a name holds letters that the printed font does not have, or the logo
    cannot be drawn.
    """
    try:
        return typeset(LAYOUT / "slip.typ", "paper", drawn, made)
    except NotTypeset as error:
        if drawn.get("logo"):  # where a name is at fault too, that is said instead
            render_slips({**drawn, "logo": None}, made)
            raise SlipsError(sentence("poster.bad_logo", why=str(error))) from error
        raise SlipsError(sentence("slips.not_printed", why=str(error))) from error


@cache
def _words() -> dict[str, dict[str, str]]:
    return read_toml((LAYOUT / "words.toml").read_bytes())
