"""Offices, counters, sectors and procedures as data: the rules of a places file, both ways.

Owns reading and writing places as TOML, and whether counters fit the questionnaires installed.
Stores nothing.
"""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from questionnaires import Questionnaire, QuestionnaireError, Text, keys, load_folder, shipped
from questionnaires.bilingual import Told, joined
from questionnaires.toml import NotTOML, read_toml
from survey.config import Config
from survey.errors import ConfigError, PlacesError
from survey.opening_hours import parse_opening_hours
from survey.told import Finding, command_sentences, finding, sentence

GENERAL = "general"  # the sector of a questionnaire that is not about one sector
UNKNOWN = "unknown"  # of who was asked for the sector and could not tell: counted in none

_ID = "[a-z0-9][a-z0-9-]{0,63}"
Id = Annotated[str, Field(pattern=f"^{_ID}$")]
CounterId = Annotated[str, Field(pattern=f"^({_ID}/)?{_ID}$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-]{1,32}$")]


def full_id(office: str, counter: str) -> str:
    """Return what names a counter among those of all offices: ids are unique within an office.

    >>> full_id("trieu-son", "quay-1")
    'trieu-son/quay-1'
    """
    return f"{office}/{counter}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Place(_Strict):
    """``was``: the id that it had before."""

    id: Id
    name: Text
    was: Id | None = None

    @property
    def full_id(self) -> str:
        """What no other place of its kind has."""
        return self.id


class Office(_Place):
    """An administration that serves citizens; offices form a tree of any depth.

    ``was`` is the id that it had before: its answers, dossier counts and counters move along.
    ``opening_hours`` as of `survey.opening_hours`; without them it has those of the office above.
    """

    parent: Id | None = None
    opening_hours: str | None = None


class Sector(_Place):
    """A field of procedures.

    ``hint``: examples for who does not know the field by its name (birth, marriage, death).
    """

    hint: Text | None = None


class Procedure(_Strict):
    """One procedure with its national code."""

    code: Code
    sector: Id
    name: Text


class Counter(_Place):
    """A place in an office where service is given, with the questionnaire that it asks.

    A counter without sectors asks about the agency in general. ``kiosk_mode``: whether one tap at
    its tablet is a whole answer; ``kiosk_comment``: whether a comment is typed there, written on
    the citizen's phone, or not asked for. ``was`` is the id that it had before, with the office
    where that was another one (``office/id``): its printed codes and its tablets move along.
    """

    office: Id
    questionnaire: Annotated[str, Field(pattern=r"^[a-z0-9-]+@[0-9]+$")]
    sectors: tuple[Id, ...] = ()
    kiosk_mode: Literal["one-tap", "full"] = "one-tap"
    kiosk_comment: Literal["keyboard", "phone", "none"] = "keyboard"
    was: CounterId | None = None

    @property
    def full_id(self) -> str:
        """What no other counter has: its office's id and its own."""
        return full_id(self.office, self.id)


class Places(_Strict):
    """A whole places file, in the order in which the office wants to see things."""

    office: tuple[Office, ...] = Field(min_length=1)
    sector: tuple[Sector, ...] = ()
    procedure: tuple[Procedure, ...] = ()
    counter: tuple[Counter, ...] = ()


PlaceKind = Literal["office", "sector", "counter"]
KINDS: tuple[PlaceKind, ...] = ("office", "sector", "counter")


@dataclass(frozen=True, slots=True)
class PlacesChange:
    """What loading a file does to the places of one kind, by their full ids."""

    kind: PlaceKind
    new: tuple[str, ...]
    gone: tuple[str, ...]
    back: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]


def compare(before: Places, closed: Places, after: Places) -> tuple[PlacesChange, ...]:
    """Tell what becomes of places when ``after`` is loaded, a change for each kind.

    ``before`` is in use now, ``closed`` was in use earlier.
    """
    return tuple(_change(kind, before, closed, after) for kind in KINDS)


def _change(kind: PlaceKind, before: Places, closed: Places, after: Places) -> PlacesChange:
    used, old = ({one.full_id for one in getattr(places, kind)} for places in (before, closed))
    entries = getattr(after, kind)
    ids = {one.full_id for one in entries}
    moves = place_moves(kind, after, used | old)
    told = {one.full_id for one in entries if one.was}
    renamed = tuple((was, id_) for was, id_ in moves.items() if id_ in told)
    now, earlier = ({moves.get(id_, id_) for id_ in stored} for stored in (used, old))
    found = ids - now - {id_ for _, id_ in renamed}
    return PlacesChange(
        kind,
        new=tuple(sorted(found - earlier)),
        gone=tuple(sorted(id_ for id_ in used if moves.get(id_, id_) not in ids)),
        back=tuple(sorted(found & earlier)),
        renamed=renamed,
    )


def place_moves(kind: PlaceKind, after: Places, stored: Collection[str]) -> dict[str, str]:
    """Return which of the stored full ids become another one when ``after`` is loaded.

    First those that a ``was`` names; then, of counters, those that go along with their office.
    """
    if kind != "counter":
        entries = getattr(after, kind)
        return {one.was: one.id for one in entries if one.was and one.was in stored}
    offices = {office.was: office.id for office in after.office if office.was}
    found: dict[str, str] = {}
    for counter in after.counter:
        former = next((id_ for id_ in _former_ids(counter, offices) if id_ in stored), None)
        if former is not None:
            found[former] = counter.full_id
    for id_ in sorted(set(stored) - set(found)):
        office, _, own = id_.partition("/")
        if office in offices:
            found[id_] = full_id(offices[office], own)
    return found


def _former_ids(counter: Counter, offices: Mapping[str, str]) -> Iterator[str]:
    """What a counter's ``was`` may mean: of its own office, or of what that was before."""
    if counter.was and "/" in counter.was:
        yield counter.was
    elif counter.was:
        yield full_id(counter.office, counter.was)
        for was, id_ in offices.items():
            if id_ == counter.office:
                yield full_id(was, counter.was)


def counters_named(text: str, counters: Iterable[Counter]) -> tuple[Counter, ...]:
    """Return the counters that ``text`` may mean: a full id, or an id, which several may have."""
    return tuple(one for one in counters if text in (one.full_id, one.id))


def find_counter(text: str, counters: Iterable[Counter]) -> Counter:
    """Return the counter that ``text`` means: a full id, or an id that one office alone has.

    Raises PlacesError with the full ids to choose from.
    """
    counters = tuple(counters)
    found = counters_named(text, counters)
    if len(found) == 1:
        return found[0]
    key = "places.which_counter" if found else "places.unknown"
    known = ", ".join(one.full_id for one in found or counters)
    raise PlacesError(sentence(key, counter=text, known=known))


def file_name(counter: Counter, counters: Iterable[Counter]) -> str:
    """Return the counter's id as a part of a file's name, with its office's where others share it.

    No id has a '_': no two counters of ``counters`` get one name.
    """
    shared = any(one.id == counter.id and one.office != counter.office for one in counters)
    return f"{counter.office}_{counter.id}" if shared else counter.id


def sector_names(places: Places, lang: str) -> dict[str, str]:
    """Return what answers may be about, by id, in the order of the places; not ``general``."""
    named = {sector.id: sector.name.get(lang) for sector in places.sector}
    return named | {
        UNKNOWN: named.get(UNKNOWN, command_sentences().get("places.sector_not_known", lang))
    }


def place_names(places: Places, lang: str) -> dict[str, str]:
    """Return what offices and sectors are called, by id, in the order of the places."""
    return {office.id: office.name.get(lang) for office in places.office} | sector_names(
        places, lang
    )


def shipped_places() -> Places:
    """Return the commune of the plan, ready to be edited."""
    text = (files("survey") / "data" / "places.toml").read_text(encoding="utf-8")
    return parse_places(text, "places.toml")


def load_places(file: Path) -> Places:
    """Read a places file. Raises PlacesError listing every problem with its place and remedy."""
    try:
        return parse_places(file.read_bytes(), file.name)
    except FileNotFoundError as error:
        raise PlacesError(sentence("places.no_file", file=file)) from error


def parse_places(content: bytes | str, name: str) -> Places:
    """Check the content of a places file called ``name``. Raises PlacesError."""
    try:
        data = read_toml(content)
    except NotTOML as error:
        raise PlacesError(error.problem(name).told) from error
    try:
        places = Places.model_validate(data)
    except ValidationError as error:
        raise PlacesError(_listed(name, map(_sentence, error.errors()))) from error
    check_places(places, name)
    return places


def check_places(places: Places, name: str = "places") -> None:
    """Raise PlacesError, listing everything, where places contradict each other.

    `name`: of the file that they come from.
    """
    problems = list(_contradictions(places))
    if problems:
        raise PlacesError(_listed(name, problems))


def _listed(name: str, problems: Iterable[str]) -> Told:
    return joined(joined((name, problem), ", ") for problem in problems)


def _sentence(error: object) -> str:
    """Turn one pydantic error into place, problem and remedy."""
    assert isinstance(error, dict)  # noqa: S101  pydantic's own type is not exported
    steps = [str(step + 1) if isinstance(step, int) else str(step) for step in error["loc"]]
    kind = error["type"]
    key = kind if f"places.remedy_{kind}" in command_sentences() else "other"
    remedy, what = sentence(f"places.remedy_{key}"), error["msg"].lower()
    return sentence("places.wrong", place=" ".join(steps), what=what, remedy=remedy)


def _contradictions(places: Places) -> Iterable[str]:
    yield from _doubled("office", (office.id for office in places.office))
    yield from _doubled("sector", (sector.id for sector in places.sector))
    yield from _doubled("procedure", (procedure.code for procedure in places.procedure))
    yield from _doubled("counter", (counter.full_id for counter in places.counter))
    for kind in KINDS:
        for one in getattr(places, kind):
            if one.id in keys.KEPT_BY_WINDOWS:
                yield sentence("places.kept_by_windows", kind=kind, id=one.id)
        yield from _wrong_renames(kind, getattr(places, kind))
    # Offices are not compared: two districts may each have a commune of that name.
    yield from _same_names("sector", places.sector)
    for office in places.office:
        served = [counter for counter in places.counter if counter.office == office.id]
        yield from _same_names("counter", served)
    offices = {office.id: office.parent for office in places.office}
    sectors = {sector.id for sector in places.sector}
    for office in places.office:
        if office.parent is not None and office.parent not in offices:
            yield sentence("places.parent", office=office.id, parent=office.parent)
        elif _in_a_circle(office.id, offices):
            yield sentence("places.circle", office=office.id)
        yield from _unread_hours(office)
    for procedure in places.procedure:
        if procedure.sector not in sectors:
            given = {"procedure": procedure.code, "sector": procedure.sector}
            yield sentence("places.procedure_sector", **given, known=", ".join(sorted(sectors)))
    for counter in places.counter:
        yield from _counter_problems(counter, set(offices), sectors)


def _unread_hours(office: Office) -> Iterator[str]:
    if office.opening_hours is not None:
        try:
            parse_opening_hours(office.opening_hours)
        except ConfigError as error:
            yield sentence("places.hours", office=office.id, why=error.args[0])


def _counter_problems(counter: Counter, offices: set[str], sectors: set[str]) -> Iterable[str]:
    if counter.office not in offices:
        yield sentence("places.counter_office", counter=counter.full_id, office=counter.office)
    for sector in counter.sectors:
        if sector not in sectors:
            given = {"counter": counter.full_id, "sector": sector}
            yield sentence("places.counter_sector", **given, known=", ".join(sorted(sectors)))
    yield from _doubled(f"counter '{counter.full_id}', sector", counter.sectors)


def _wrong_renames(
    kind: PlaceKind, entries: tuple[Office | Sector | Counter, ...]
) -> Iterable[str]:
    ids = {one.full_id for one in entries}
    former = [(one, _former_id(one)) for one in entries if one.was]
    for one, was in former:
        if was in ids:
            yield sentence("places.was_in_use", kind=kind, id=one.full_id, was=was)
    yield from _doubled(f"{kind}, was", (was for _, was in former))


def _former_id(place: Office | Sector | Counter) -> str:
    """The full id that ``was`` means as it is written."""
    was = place.was or ""
    return full_id(place.office, was) if isinstance(place, Counter) and "/" not in was else was


def _doubled(what: str, ids: Iterable[str]) -> Iterable[str]:
    for id_, times in Tally(ids).items():
        if times > 1:
            yield sentence("places.doubled", what=what, id=id_, times=times)


def _same_names(kind: str, places: Iterable[Sector | Counter]) -> Iterable[str]:
    """Names that people take for the same: an import, a page or a poster cannot tell them apart."""
    ids: dict[str, dict[str, str]] = {}
    for place in places:
        ids.setdefault(keys.appearance(place.name.vi), {})[place.id] = place.name.vi
    for named in ids.values():
        if len(named) > 1:
            quoted = (f"{keys.quoted(name)} ({id_})" for id_, name in named.items())
            names = joined(quoted, sentence("says.and"))
            first, second = list(named.values())[:2]
            differ = sentence("places.same_why", difference=keys.difference(first, second))
            why = "" if first == second else differ
            yield sentence("places.same_names", kind=kind, names=names, why=why)


def _in_a_circle(start: str, parents: dict[str, str | None]) -> bool:
    seen, here = {start}, parents.get(start)
    while here is not None:
        if here in seen:
            return here == start
        seen.add(here)
        here = parents.get(here)
    return False


HEAD = (
    "# Nơi phục vụ đang lưu: sửa rồi chạy  hailong place load TỆP\n"
    "# The places as they are stored: edit, then  hailong place load FILE\n"
)


def write_places(places: Places) -> str:
    """Return the text of a places file that reads back as ``places``."""
    return "\n".join([HEAD, *_blocks(places)])


def _blocks(places: Places) -> Iterator[str]:
    for office in places.office:
        parent = [("parent", office.parent)] if office.parent else []
        hours = [("opening_hours", office.opening_hours)] if office.opening_hours else []
        yield _block("office", [("id", office.id), *_names(office.name), *parent, *hours])
    for sector in places.sector:
        hint = sector.hint
        told = [("hint.vi", hint.vi), ("hint.en", hint.en)] if hint else []
        yield _block("sector", [("id", sector.id), *_names(sector.name), *told])
    for counter in places.counter:
        yield _block(
            "counter",
            [
                ("id", counter.id),
                ("office", counter.office),
                *_names(counter.name),
                ("questionnaire", counter.questionnaire),
                ("sectors", list(counter.sectors)),
                ("kiosk_mode", counter.kiosk_mode),
                ("kiosk_comment", counter.kiosk_comment),
            ],
        )
    for procedure in places.procedure:
        yield _block(
            "procedure",
            [("code", procedure.code), ("sector", procedure.sector), *_names(procedure.name)],
        )


def _names(name: Text) -> list[tuple[str, str]]:
    return [("name.vi", name.vi), ("name.en", name.en)]


def _block(kind: str, values: Iterable[tuple[str, str | list[str]]]) -> str:
    # A text without control characters (which names cannot hold) is the same in JSON and in TOML.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def installed_questionnaires(config: Config) -> Mapping[str, Questionnaire]:
    """Return every questionnaire version by its key: the shipped ones and the office's own.

    Raises ConfigError listing every problem of the office's own files.
    """
    folder = config.questionnaires_folder
    try:
        own = load_folder(folder) if folder.is_dir() else {}
    except QuestionnaireError as error:
        raise ConfigError(error.args[0]) from error
    changed = [key for key in own if key in shipped() and own[key] != shipped()[key]]
    if changed:
        # Answers to the shipped wording must not turn into answers to another one.
        names = ", ".join(changed)
        raise ConfigError(sentence("worries.shipped_questionnaire", folder=folder, names=names))
    return {**shipped(), **own}


def for_counters(questionnaires: Mapping[str, Questionnaire]) -> dict[str, Questionnaire]:
    """Those that a counter may ask: the re-check's asks only people who were drawn by lot."""
    return {key: one for key, one in questionnaires.items() if one.for_counters}


def check_counters(places: Places, questionnaires: Mapping[str, Questionnaire]) -> None:
    """Raise PlacesError, naming every counter, where a counter cannot ask its questionnaire."""
    problems = list(_misfits(places, questionnaires))
    if problems:
        raise PlacesError(joined(problems))


def _misfits(places: Places, questionnaires: Mapping[str, Questionnaire]) -> Iterable[str]:
    askable = for_counters(questionnaires)
    for counter in places.counter:
        questionnaire = askable.get(counter.questionnaire)
        if questionnaire is None:
            known = ", ".join(sorted(askable))
            given = {"counter": counter.full_id, "questionnaire": counter.questionnaire}
            yield sentence("places.not_installed", **given, known=known)
        elif questionnaire.about_sector and not counter.sectors:
            given = {"counter": counter.full_id, "questionnaire": questionnaire.key}
            yield sentence("places.needs_sector", **given)


def find_worries(
    config: Config, places: Places, questionnaires: Mapping[str, Questionnaire]
) -> Iterator[Finding]:
    """What does not fit together, though each part alone may be right.

    Said by `init`, `place load` and the doctor alike.
    """
    from analysis.errors import TargetsError
    from analysis.targets import load_targets

    if not config.simulated:
        yield from _shipped_names(places)
    if not config.targets_file.exists():
        return
    try:
        targets = load_targets(config.targets_file)
    except TargetsError as error:
        yield finding("error", "worries.targets", why=error.args[0])
        return
    known = {sector.id for sector in places.sector} | {GENERAL}
    asked = {counter.questionnaire for counter in places.counter} & set(questionnaires)
    measures = _measures(questionnaires[key] for key in asked)
    names = {one.id: one.name for one in (*shipped_places().sector, *places.sector)}
    without: dict[tuple[str, ...], list[str]] = {}
    about = [(one.id, one.sectors) for one in targets.group]
    about += [(one.id, one.sectors) for one in targets.target if one.sectors != "all"]
    for id_, sectors in about:
        missing = tuple(sector for sector in sectors if sector not in known)
        without.setdefault(missing, []).append(id_)
    for missing, ids in without.items():
        if missing:
            yield finding(
                "warning",
                "worries.target_sector",
                count=len(ids),
                ids=", ".join(ids),
                missing=joined(
                    (_told(names[id_]) if id_ in names else id_ for id_ in missing), ", "
                ),
                known=", ".join(sorted(known)),
            )
    offices = [office.id for office in places.office]
    for own in targets.own:
        if own.office not in offices:
            words = {"id": own.target, "office": own.office, "known": ", ".join(offices)}
            yield finding("warning", "worries.own_office", **words)
    for target in targets.target:
        if target.measure not in measures:
            words = {"id": target.id, "measure": target.measure}
            yield finding("warning", "worries.target_measure", **words)


def _told(name: Text) -> Told:
    return Told(name.en, name.vi)


def _shipped_names(places: Places) -> Iterator[Finding]:
    for office in places.office:
        if office.name.vi in _names_of_shipped_offices():
            yield finding("warning", "worries.shipped_name", office=office.id, name=office.name.vi)


@cache
def _names_of_shipped_offices() -> frozenset[str]:
    return frozenset(office.name.vi for office in shipped_places().office)


def _measures(questionnaires: Iterable[Questionnaire]) -> set[str]:
    found = {"overall", "index"}
    for questionnaire in questionnaires:
        for kind, entries in (("element", questionnaire.elements), ("item", questionnaire.items)):
            found |= {name for one in entries for name in (one.id, f"{kind}:{one.id}")}
    return found
