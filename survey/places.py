"""Offices, counters, sectors and procedures as data: the rules of a places file. Stores nothing."""

from __future__ import annotations

import tomllib
from collections import Counter as Tally
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from questionnaires import Text
from survey.errors import PlacesError

GENERAL = "general"  # the sector of a questionnaire that is not about one sector

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]{1,32}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Office(_Strict):
    """An administration that serves citizens; offices form a tree of any depth."""

    id: Id
    name: Text
    parent: Id | None = None


class Sector(_Strict):
    """A field of procedures."""

    id: Id
    name: Text


class Procedure(_Strict):
    """One procedure with its national code."""

    code: Code
    sector: Id
    name: Text


class Counter(_Strict):
    """A place in an office where service is given, with the questionnaire that it asks.

    A counter without sectors asks about the agency in general.
    """

    id: Id
    office: Id
    name: Text
    questionnaire: Annotated[str, Field(pattern=r"^[a-z0-9-]+@[0-9]+$")]
    sectors: tuple[Id, ...] = ()


class Places(_Strict):
    """A whole places file, in the order in which the office wants to see things."""

    office: tuple[Office, ...] = Field(min_length=1)
    sector: tuple[Sector, ...] = ()
    procedure: tuple[Procedure, ...] = ()
    counter: tuple[Counter, ...] = ()


def shipped_places() -> Places:
    """Return the commune of the plan, ready to be edited."""
    text = (files("survey") / "data" / "places.toml").read_text(encoding="utf-8")
    return parse_places(text, "places.toml")


def load_places(file: Path) -> Places:
    """Read a places file. Raises PlacesError listing every problem with its place and remedy."""
    try:
        return parse_places(file.read_text(encoding="utf-8-sig"), file.name)
    except FileNotFoundError as error:
        raise PlacesError(f"{file}: there is no such file; check the name") from error
    except UnicodeDecodeError as error:
        raise PlacesError(f"{file}: not UTF-8 text; save the file as UTF-8") from error


def parse_places(text: str, name: str) -> Places:
    """Check the text of a places file called ``name``."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlacesError(f"{name}: not a TOML file: {error}; correct that line") from error
    try:
        places = Places.model_validate(data)
    except ValidationError as error:
        raise PlacesError(_listed(name, map(_sentence, error.errors()))) from error
    problems = list(_contradictions(places))
    if problems:
        raise PlacesError(_listed(name, problems))
    return places


def _listed(name: str, problems: Iterable[str]) -> str:
    return "\n".join(f"{name}, {problem}" for problem in problems)


def _sentence(error: object) -> str:
    """Turn one pydantic error into place, problem and remedy."""
    assert isinstance(error, dict)  # noqa: S101  pydantic's own type is not exported
    steps = [str(step + 1) if isinstance(step, int) else str(step) for step in error["loc"]]
    remedy = {
        "extra_forbidden": "remove it or correct its spelling",
        "missing": "add it",
        "string_pattern_mismatch": "use lower-case letters, digits and '-'",
    }.get(error["type"], "correct it")
    return f"{' '.join(steps)}: {error['msg'].lower()}; {remedy}"


def _contradictions(places: Places) -> Iterable[str]:
    yield from _doubled("office", (office.id for office in places.office))
    yield from _doubled("sector", (sector.id for sector in places.sector))
    yield from _doubled("procedure", (procedure.code for procedure in places.procedure))
    yield from _doubled("counter", (counter.id for counter in places.counter))
    offices = {office.id: office.parent for office in places.office}
    sectors = {sector.id for sector in places.sector}
    for office in places.office:
        if office.parent is not None and office.parent not in offices:
            yield f"office '{office.id}': parent '{office.parent}' is not an office; add it"
        elif _in_a_circle(office.id, offices):
            yield f"office '{office.id}': it is its own ancestor; correct a parent"
    for procedure in places.procedure:
        if procedure.sector not in sectors:
            yield (
                f"procedure '{procedure.code}': sector '{procedure.sector}' is not a sector; "
                "add it or use one of: " + ", ".join(sorted(sectors))
            )
    for counter in places.counter:
        yield from _counter_problems(counter, set(offices), sectors)


def _counter_problems(counter: Counter, offices: set[str], sectors: set[str]) -> Iterable[str]:
    if counter.office not in offices:
        yield f"counter '{counter.id}': office '{counter.office}' is not an office; add it"
    for sector in counter.sectors:
        if sector not in sectors:
            yield (
                f"counter '{counter.id}': sector '{sector}' is not a sector; add it or use one of: "
                + ", ".join(sorted(sectors))
            )
    yield from _doubled(f"counter '{counter.id}', sector", counter.sectors)


def _doubled(what: str, ids: Iterable[str]) -> Iterable[str]:
    for id_, times in Tally(ids).items():
        if times > 1:
            yield f"{what} '{id_}': given {times} times; keep one"


def _in_a_circle(start: str, parents: dict[str, str | None]) -> bool:
    seen, here = {start}, parents.get(start)
    while here is not None:
        if here in seen:
            return here == start
        seen.add(here)
        here = parents.get(here)
    return False
