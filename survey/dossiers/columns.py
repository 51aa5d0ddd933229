"""Which heading of a one-stop export means what: the rules of a columns file (TOML)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from survey.dossiers.cells import plain
from survey.errors import DossiersError
from survey.places import Places

Role = Literal["code", "procedure", "sector", "office", "received", "due", "returned", "filing"]

_STRICT = ConfigDict(extra="forbid", frozen=True)


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Heading = Annotated[str, Field(min_length=1)]
Headings = Annotated[tuple[Heading, ...], BeforeValidator(_listed)]


class Filing(BaseModel):
    """The words of the filing column that mean: filed online."""

    model_config = _STRICT

    online: Headings = ()


class Columns(BaseModel):
    """One columns file. Headings and words are compared without capitals and spacing."""

    model_config = _STRICT

    columns: dict[Role, Headings]
    sectors: dict[str, str] = {}
    filing: Filing = Filing()
    offices: dict[str, str] = {}
    office: str | None = None

    @cached_property
    def roles(self) -> Mapping[str, tuple[Role, int]]:
        """Each heading in its compared form -> what it means, and its rank among its equals."""
        return {
            plain(heading): (role, rank)
            for role, headings in self.columns.items()
            for rank, heading in enumerate(headings)
        }

    @cached_property
    def online(self) -> frozenset[str]:
        """The words for online filing in their compared form."""
        return frozenset(map(plain, self.filing.online))


@dataclass(frozen=True, slots=True)
class Known:
    """Words in their compared form -> ids of places."""

    offices: Mapping[str, str]
    sectors: Mapping[str, str]
    procedures: Mapping[str, str]
    office_ids: tuple[str, ...]
    sector_ids: tuple[str, ...]


def known_words(places: Places, columns: Columns | None = None) -> Known:
    """Return every word that names an office, a sector or a procedure.

    Ids and names of the places are known; the words of a columns file win over them.
    """
    office_ids = tuple(office.id for office in places.office)
    sector_ids = tuple(sector.id for sector in places.sector)
    offices = {plain(word): office.id for office in places.office for word in _words(office)}
    sectors = {plain(word): sector.id for sector in places.sector for word in _words(sector)}
    procedures = {
        plain(word): procedure.sector
        for procedure in places.procedure
        for word in (procedure.name.vi, procedure.name.en, procedure.code)
    }
    if columns is not None:
        offices |= {plain(word): id_ for word, id_ in columns.offices.items()}
        sectors |= {plain(word): id_ for word, id_ in columns.sectors.items()}
    return Known(offices, sectors, procedures, office_ids, sector_ids)


def _words(place: Any) -> tuple[str, str, str]:
    return place.name.vi, place.name.en, place.id


def shipped_text() -> str:
    """Return the shipped columns file itself, comments included, to be adapted."""
    return (files("survey") / "data" / "dossiers.toml").read_text(encoding="utf-8")


def shipped_columns() -> Columns:
    """Return the shipped columns: headings that are common in Vietnamese exports."""
    return parse_columns(shipped_text(), "dossiers.toml")


def load_columns(file: Path) -> Columns:
    """Read a columns file. Raises DossiersError listing every problem with its remedy."""
    try:
        return parse_columns(file.read_text(encoding="utf-8-sig"), file.name)
    except OSError as error:
        raise DossiersError(f"{file}: {error.strerror}; check the name of the file") from error
    except UnicodeDecodeError as error:
        raise DossiersError(f"{file}: not UTF-8 text; save the file as UTF-8") from error


def parse_columns(text: str, name: str) -> Columns:
    """Check the text of a columns file called ``name``."""
    try:
        columns = Columns.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DossiersError(f"{name}: not a TOML file: {error}; correct that line") from error
    except ValidationError as error:
        raise DossiersError(_lines(name, map(_sentence, error.errors()))) from error
    if problems := list(_contradictions(columns)):
        raise DossiersError(_lines(name, problems))
    return columns


def _contradictions(columns: Columns) -> Iterator[str]:
    if not columns.columns.get("returned"):
        yield "[columns] returned: missing; write the heading of the day of returning"
    if not columns.columns.get("code"):
        yield "[columns] code: missing; write the heading of the dossier code"
    if not columns.columns.get("sector") and not columns.columns.get("procedure"):
        yield "[columns]: neither sector nor procedure; write the heading of one of them"
    seen: dict[str, str] = {}
    for role, headings in columns.columns.items():
        for heading in headings:
            other = seen.setdefault(plain(heading), role)
            if other != role:
                yield f"[columns] '{heading}': given for {other} and for {role}; keep one"


def _sentence(error: Any) -> str:
    place = " ".join(str(step) for step in error["loc"] if step != "[key]")
    roles = ", ".join(Role.__args__)  # type: ignore[attr-defined]
    remedy = {
        "extra_forbidden": "remove it or correct its spelling",
        "literal_error": f"use one of: {roles}",
        "missing": "add it",
    }.get(error["type"], "write a text, or a list of texts")
    return f"{place}: {error['msg'].lower()}; {remedy}"


def _lines(name: str, problems: Iterable[str]) -> str:
    return "\n".join(f"{name}, {problem}" for problem in problems)
