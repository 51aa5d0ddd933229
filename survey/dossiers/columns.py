"""What a heading of a one-stop export means (columns file, TOML), and which rows are no dossiers.

Owns the rules of a columns file, and titles of sections, totals, numbers of columns, signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from questionnaires import keys
from questionnaires.bilingual import Told, joined
from questionnaires.toml import NotTOML, read_toml
from survey.dossiers.cells import plain, shown, text_of, unmarked
from survey.errors import DossiersError, unreadable
from survey.places import Office, Places, Sector
from survey.told import sentence

Role = Literal["code", "procedure", "sector", "office", "received", "due", "returned", "filing"]

_STRICT = ConfigDict(extra="forbid", frozen=True)


def role_name(role: str) -> Told:
    """Return what a column is called, for people."""
    return sentence(f"columns.role.{role}")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Heading = Annotated[str, Field(min_length=1)]
HeadingNames = Annotated[tuple[Heading, ...], BeforeValidator(_listed)]


class Filing(BaseModel):
    """The words of the filing column that mean: filed online."""

    model_config = _STRICT

    online: HeadingNames = ()


class Columns(BaseModel):
    """One columns file. Headings and words are compared without capitals and spacing."""

    model_config = _STRICT

    columns: dict[Role, HeadingNames]
    sectors: dict[str, str] = {}
    filing: Filing = Filing()
    offices: dict[str, str] = {}
    procedures: dict[str, str] = {}
    office: str | None = None

    @cached_property
    def roles(self) -> Mapping[str, tuple[Role, int]]:
        """Each heading in its compared form -> what it means, and its rank among its equals.

        One of Vietnamese words is known without its marks too ("ngay tra kq").
        """
        named = [
            (plain(heading), (role, rank))
            for role, headings in self.columns.items()
            for rank, heading in enumerate(headings)
        ]
        bare = {unmarked(heading): meaning for heading, meaning in reversed(named)}
        return bare | dict(named)

    @cached_property
    def online(self) -> frozenset[str]:
        """The words for online filing in their compared form."""
        return frozenset(map(plain, self.filing.online))


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Words in their compared form -> ids of places.

    ``unclear``: words that name several places, with their ids; they name none.
    """

    offices: Mapping[str, str]
    sectors: Mapping[str, str]
    procedures: Mapping[str, str]
    office_ids: tuple[str, ...]
    sector_ids: tuple[str, ...]
    unclear: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def hint(self, cell: object, words: Mapping[str, str]) -> Told:
        """What a person should know about an unknown word, as the end of a sentence.

        Empty, or that it names several places, or which known word it looks like and where the
        two differ.
        """
        word = plain(cell)
        if word in self.unclear:
            names = joined(map(repr, self.unclear[word]), sentence("says.and"))
            return joined(("", sentence("columns.unclear", names=names)), " ")
        look = keys.appearance(word)
        for known in words:
            if keys.appearance(known) == look:
                why = keys.difference(word, known)
                return sentence("columns.looks_like", known=shown(known), why=why)
        return Told("", "")


def known_words(places: Places, columns: Columns | None = None) -> KnownWords:
    """Return every word that names an office, a sector or a procedure.

    Ids and names of the places are known. The words of a columns file win over them, but for those
    that are shipped: a guess of ours never goes before a name of the office's own.
    """
    offices, unclear_offices = _named(places.office)
    sectors, unclear_sectors = _named(places.sector)
    procedures = {
        plain(word): procedure.sector
        for procedure in places.procedure
        for word in (procedure.name.vi, procedure.name.en, procedure.code)
    }
    if columns is not None:
        guesses = {plain(word): id_ for word, id_ in _shipped().sectors.items()}
        own = {plain(word): id_ for word, id_ in columns.sectors.items()}
        procedures |= {plain(word): id_ for word, id_ in columns.procedures.items()}
        offices |= {plain(word): id_ for word, id_ in columns.offices.items()}
        sectors |= {
            word: id_
            for word, id_ in own.items()
            if word not in sectors or guesses.get(word) != id_
        }
    unclear = unclear_offices | unclear_sectors
    return KnownWords(
        offices=offices,
        sectors=sectors,
        procedures=procedures,
        office_ids=tuple(office.id for office in places.office),
        sector_ids=tuple(sector.id for sector in places.sector),
        unclear={word: ids for word, ids in unclear.items() if word not in {**offices, **sectors}},
    )


def _named(places: Iterable[Office | Sector]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Words that name one place -> its id; those that name several -> all their ids.

    An id goes before a name: it is the place's own alone.
    """
    found: dict[str, dict[str, None]] = {}
    for place in places:
        for word in {place.name.vi, place.name.en}:
            found.setdefault(plain(word), {})[place.id] = None
    clear = {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}
    unclear = {word: tuple(ids) for word, ids in found.items() if len(ids) > 1}
    return clear | {plain(place.id): place.id for place in places}, unclear


def shipped_text() -> str:
    """Return the shipped columns file itself, comments included, to be adapted."""
    return (files("survey") / "data" / "dossiers.toml").read_text(encoding="utf-8")


def shipped_columns() -> Columns:
    """Return the shipped columns: headings that are common in Vietnamese exports."""
    return _shipped()


@cache
def _shipped() -> Columns:
    return parse_columns(shipped_text(), "dossiers.toml")


def load_columns(file: Path) -> Columns:
    """Read a columns file. Raises DossiersError listing every problem with its remedy."""
    try:
        return parse_columns(file.read_bytes(), file.name)
    except OSError as error:
        raise DossiersError(unreadable(file, error)) from error


def parse_columns(content: bytes | str, name: str) -> Columns:
    """Check the content of a columns file called ``name``. Raises DossiersError."""
    try:
        columns = Columns.model_validate(read_toml(content))
    except NotTOML as error:
        raise DossiersError(error.problem(name).told) from error
    except ValidationError as error:
        raise DossiersError(_lines(name, map(_sentence, error.errors()))) from error
    if problems := list(_contradictions(columns)):
        raise DossiersError(_lines(name, problems))
    return columns


def _contradictions(columns: Columns) -> Iterator[Told]:
    if not columns.columns.get("returned"):
        yield sentence("columns.no_returned")
    if not columns.columns.get("code"):
        yield sentence("columns.no_code")
    if not columns.columns.get("sector") and not columns.columns.get("procedure"):
        yield sentence("columns.neither")
    seen: dict[str, str] = {}
    for role, headings in columns.columns.items():
        for heading in headings:
            other = seen.setdefault(plain(heading), role)
            if other != role:
                yield sentence("columns.two_roles", heading=heading, other=other, role=role)
    yield from _doubled("sectors", columns.sectors)
    yield from _doubled("offices", columns.offices)
    yield from _doubled("procedures", columns.procedures)


def _doubled(table: str, words: Mapping[str, str]) -> Iterator[Told]:
    """Words that are one and the same in their compared form, and mean two places."""
    seen: dict[str, tuple[str, str]] = {}
    for word, id_ in words.items():
        other, same = seen.setdefault(plain(word), (word, id_))
        if same != id_:
            given = {"table": table, "word": shown(word), "other": shown(other)}
            yield sentence("columns.same_word", **given)


def _sentence(error: Any) -> Told:
    place = " ".join(str(step) for step in error["loc"] if step != "[key]")
    roles = ", ".join(get_args(Role))
    kind = error["type"]
    key = kind if kind in ("extra_forbidden", "literal_error", "missing") else "no_text"
    return sentence(f"columns.{key}", place=place, roles=roles)


def _lines(name: str, problems: Iterable[Told]) -> Told:
    return joined(joined((name, problem), ", ") for problem in problems)


# "I. Lĩnh vực: Đất đai (12 hồ sơ)" is the sector Đất đai.
_NUMBERING = re.compile(r"^(?:[ivxlc]+|\d{1,3}|[a-zđ])\s*[.)/:-]+\s*")
_WORD = re.compile(r"^(?:(?:các\s+)?(?:thủ tục\s+)?(?:thuộc\s+)?lĩnh vực|sector)\s*:?\s*")
_COUNT = re.compile(r"\s*[(:\[–-]?\s*(?:tổng\s*(?:số)?\s*:?\s*)?\d+\s*(?:hồ sơ|hs)?\s*[)\]]?$")
_COLUMN_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}|[a-z])[)\]]?(?:\s*=.*)?", re.IGNORECASE)
_CODE = re.compile(r"\S*\d\S*")


def sector_of_title(cells: Sequence[object], known: KnownWords) -> str | None:
    """Return the sector that a row names, if it is a title: a sector's name and at most numbers."""
    words = [word for word in map(plain, cells) if word and not _bare_number(word)]
    if len(set(words)) != 1:
        return None
    word = words[0]
    for form in (word, _stripped(word)):
        if form in known.sectors and known.sectors[form] in known.sector_ids:
            return known.sectors[form]
    return None


def _stripped(word: str) -> str:
    return _COUNT.sub("", _WORD.sub("", _NUMBERING.sub("", word))).strip(" .:;*")


def _bare_number(word: str) -> bool:
    return re.fullmatch(r"[ivxlc]+|[\d.,]+", word) is not None


def looks_like_code(cell: object) -> bool:
    """Tell whether a cell of the code column may be a dossier's code: one word with a digit."""
    return _CODE.fullmatch(text_of(cell)) is not None


def numbers_columns(cells: Sequence[object]) -> bool:
    """Tell whether a row only numbers the columns: (1) (2) (3), or 1 2 3=1+2."""
    words = [text_of(cell) for cell in cells if text_of(cell)]
    if len(words) < 2 or not all(map(_COLUMN_NUMBER.fullmatch, words)):
        return False
    firsts = [re.sub(r"[^\dA-Za-z].*", "", word.strip("([")) for word in words]
    numbers = [int(first) for first in firsts if first.isdigit()]
    return len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
