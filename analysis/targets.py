"""Targets as data: measure, scope, threshold, deadline. Reading and checking a targets file.

Owns the model and its JSON Schema. Decides nothing about answers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
)

from analysis.errors import Problem, TargetsError, no_file, said
from questionnaires import Text, keys
from questionnaires.toml import NotTOML, read_toml

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
TargetName = Annotated[str, AfterValidator(keys.normal), Field(min_length=1, max_length=64)]
Measure = Annotated[str, Field(pattern=r"^((element|item):)?[a-z][a-z0-9_]{0,39}$")]
Threshold = Annotated[Decimal, Field(ge=0, le=1, max_digits=9)]
Year = Annotated[int, Field(strict=True, ge=1900, le=2199)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Group(_Strict):
    """A pooled list of sectors with a name of its own."""

    id: Id
    title: Text
    sectors: tuple[TargetName, ...] = Field(min_length=1)


class Target(_Strict):
    """One target of a plan: the share of `measure` in `sectors` is to reach `threshold`."""

    id: Id
    title: Text
    measure: Measure
    sectors: Literal["all"] | tuple[TargetName, ...]
    pool: Annotated[bool, Field(strict=True)]
    threshold: Threshold
    deadline: Year
    source: Annotated[str, Field(min_length=1)]


class OwnThreshold(_Strict):
    """What an office has to reach instead of a target's threshold, and who says so.

    `target`: of the survey or of the census. It holds for the offices below it too, unless they
    have one of their own.
    """

    target: Id
    office: TargetName
    threshold: Threshold
    source: Annotated[str, Field(min_length=1)]


class Aim(NamedTuple):
    """What is to be reached, and whose threshold it is: an office's, or (None) the target's."""

    threshold: Decimal
    office: str | None


@dataclass(frozen=True, slots=True)
class Aims:
    """What each office has to reach.

    `own`: by target and office; `parents`: of each office the one above it; `total`: the office
    whose total the figures of all offices are, if any.
    """

    own: Mapping[tuple[str, str], OwnThreshold]
    parents: Mapping[str, str | None]
    total: str | None

    def of(self, target: Target | CensusTarget, office: str) -> Aim:
        """The threshold of the office ("all": of all together) or the nearest above it, else the
        target's."""
        here, seen = self.total if office == "all" else office, set[str]()
        while self.own and here is not None and here not in seen:
            if (target.id, here) in self.own:
                return Aim(self.own[target.id, here].threshold, here)
            seen.add(here)
            here = self.parents.get(here)
        return Aim(target.threshold, None)


CensusMeasure = Literal["on_time", "online"]
CENSUS_MEASURES: Final[tuple[CensusMeasure, ...]] = get_args(CensusMeasure)


class CensusTarget(_Strict):
    """One target on all completed dossiers: the part on time, or filed online, is to reach
    `threshold`. None of a survey."""

    id: Id
    title: Text
    measure: CensusMeasure
    threshold: Threshold
    deadline: Year
    source: Annotated[str, Field(min_length=1)]


AnyTarget: TypeAlias = Target | CensusTarget
"""A target of the survey, or on all dossiers."""


class Targets(_Strict):
    """A whole targets file. `census`: None where the file does not speak of it.

    It names no tree of offices: `under` tells it.
    """

    group: tuple[Group, ...] = ()
    target: tuple[Target, ...] = ()
    own: tuple[OwnThreshold, ...] = ()
    census: tuple[CensusTarget, ...] | None = None
    _parents: Mapping[str, str | None] = PrivateAttr(default_factory=dict)
    _total: str | None = PrivateAttr(default=None)

    def under(self, parents: Mapping[str, str | None], total: str | None = None) -> Targets:
        """The same targets, with what offices have from those above them.

        `parents`: of each office the one above it; `total`: the office that the total of all is.
        """
        found = self.model_copy()
        found._parents, found._total = parents, total
        return found

    def totalled(self, office: str) -> Targets:
        """The same where the total of all is this office's."""
        return self.under(self._parents, office)

    @property
    def aims(self) -> Aims:
        """What each office has to reach."""
        own = {(one.target, one.office): one for one in self.own}
        return Aims(own, self._parents, self._total)

    @property
    def of_census(self) -> tuple[CensusTarget, ...]:
        """Targets on all dossiers: the plan's own where the file does not speak of them."""
        return shipped_targets().census or () if self.census is None else self.census

    @property
    def every(self) -> tuple[AnyTarget, ...]:
        """Those of the survey, then those on all dossiers."""
        return (*self.target, *self.of_census)

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """`group:<id>` -> its sectors: the named groups, then pooled lists without a name."""
        found = {f"group:{group.id}": group.sectors for group in self.group}
        for target in self.target:
            if target.pool and target.sectors != "all" and len(target.sectors) > 1:
                found.setdefault(self._pooled(target), target.sectors)
        return found

    def scopes(self, target: Target) -> tuple[str, ...] | None:
        """The `sector` keys of the target's verdicts; None: every sector there is."""
        if target.sectors == "all":
            return ("all",) if target.pool else None
        return (self._pooled(target),) if target.pool else target.sectors

    def _pooled(self, target: Target) -> str:
        """A group is its sectors: a target speaks of the named group that holds the same ones."""
        if len(target.sectors) == 1:
            return target.sectors[0]
        for group in self.group:
            if set(group.sectors) == set(target.sectors):
                return f"group:{group.id}"
        return f"group:{target.id}"


def shipped_text() -> str:
    """The shipped file itself, comments included, for an office to edit."""
    return (files("analysis") / "data" / "targets.toml").read_text(encoding="utf-8")


@cache
def shipped_targets() -> Targets:
    """The plan's own targets."""
    return parse_targets(shipped_text(), "targets.toml")


def load_targets(path: str | Path) -> Targets:
    """Read a targets file; TargetsError lists every problem with its place and remedy."""
    path = Path(path)
    try:
        return parse_targets(path.read_bytes(), path.name)
    except (FileNotFoundError, IsADirectoryError):
        raise TargetsError([no_file(path)]) from None


def parse_targets(content: bytes | str, name: str) -> Targets:
    """Check the content of a targets file called `name`. Numbers stay decimal: 0.9 is nine tenths.

    TargetsError lists every problem with its place and remedy.
    """
    try:
        data = read_toml(content, parse_float=Decimal)
    except NotTOML as error:
        raise TargetsError([error.problem(name)]) from error
    try:
        targets = Targets.model_validate(data)
    except ValidationError as error:
        raise TargetsError(list(_of_values(name, data, error))) from error
    problems = list(_of_rules(name, targets))
    if problems:
        raise TargetsError(problems)
    return targets


HEAD = """\
# Mục tiêu của cơ quan, như đã sửa ở trang Mục tiêu. Sửa được bằng tay: docs/methods.md.
# The targets of the office, as edited on the page of targets.
"""


def targets_text(targets: Targets) -> str:
    """A targets file that says exactly this."""
    return HEAD + "".join(f"{line}\n" for line in _lines(targets))


def _lines(targets: Targets) -> Iterator[str]:
    if targets.census == ():
        yield from ("", "census = []")  # before any table; without it the plan's own would hold
    for group in targets.group:
        yield from ("", "[[group]]", *_named(group), f"sectors = {_quoted(group.sectors)}")
    for one in targets.target:
        yield from ("", "[[target]]", *_named(one), f"measure = {_quoted(one.measure)}")
        yield f"sectors = {_quoted(one.sectors)}"
        yield f"pool = {'true' if one.pool else 'false'}"
        yield f"threshold = {_decimal(one.threshold)}"
        yield from (f"deadline = {one.deadline}", f"source = {_quoted(one.source)}")
    for held in targets.own:
        yield from ("", "[[own]]", f"target = {_quoted(held.target)}")
        yield f"office = {_quoted(held.office)}"
        yield f"threshold = {_decimal(held.threshold)}"
        yield f"source = {_quoted(held.source)}"
    for each in targets.census or ():
        yield from ("", "[[census]]", *_named(each), f"measure = {_quoted(each.measure)}")
        yield f"threshold = {_decimal(each.threshold)}"
        yield from (f"deadline = {each.deadline}", f"source = {_quoted(each.source)}")


def _decimal(value: Decimal) -> str:
    # With a point, however it was written: a whole number is no decimal in TOML.
    return str(value) if "." in str(value) else f"{value}.0"


def _named(entry: Group | Target | CensusTarget) -> tuple[str, str, str]:
    title = entry.title
    return (
        f"id = {_quoted(entry.id)}",
        f"title.vi = {_quoted(title.vi)}",
        f"title.en = {_quoted(title.en)}",
    )


def _quoted(value: str | tuple[str, ...]) -> str:
    # A text is the same in JSON and in TOML, but for DEL, which JSON leaves as it is.
    listed = list(value) if isinstance(value, tuple) else value
    return json.dumps(listed, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse_share(text: str) -> Decimal | None:
    """A share as people write it; None where the text is none, or not from 0 to 1.

    >>> [parse_share(text) for text in ("90", "0,90", "90 %", "0.9", "95,5%")]
    [Decimal('0.9'), Decimal('0.90'), Decimal('0.9'), Decimal('0.9'), Decimal('0.955')]
    """
    found = re.fullmatch(r"\s*([0-9]{1,3}(?:[.,][0-9]{1,6})?)\s*(%?)\s*", text)
    if found is None:
        return None
    number = Decimal(found[1].replace(",", "."))
    percent = bool(found[2]) or number > 1
    share = number / 100 if percent else number
    return share if 0 <= share <= 1 else None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a targets file, for editors that complete and check TOML."""
    schema = Targets.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_ALTERNATIVES = ("literal", "tuple")  # pydantic's names for the two ways to write sectors

_REMEDIES = (  # kinds of fault and names of values, each with a sentence `targets.do_…`
    *("missing", "extra_forbidden", "threshold", "deadline", "pool", "measure", "sectors", "id"),
)


def _of_values(name: str, data: Mapping[str, Any], error: ValidationError) -> Iterator[Problem]:
    seen = set()
    for found in error.errors(include_url=False):
        steps = [str(step) for step in found["loc"] if not str(step).startswith(_ALTERNATIVES)]
        place, key = _place(found["loc"], data), steps[min(2, len(steps) - 1)]
        if (place, key) in seen:
            continue  # one line for both alternatives of sectors
        seen.add((place, key))
        kind = found["type"]
        what = said(
            {"missing": "targets.missing", "extra_forbidden": "targets.unknown"}.get(
                kind, "targets.wrong"
            ),
            key=".".join(steps[2:]) or key,
            value=_shown(found["input"]),
            what=found["msg"].lower(),
        )
        remedy = next((one for one in (kind, key) if one in _REMEDIES), "other")
        yield Problem(name, place, what, said(f"targets.do_{remedy}"))


def _place(loc: tuple[int | str, ...], data: Mapping[str, Any]) -> str:
    if len(loc) < 2 or not isinstance(loc[1], int):
        return said("place.top")
    kind, number = str(loc[0]), loc[1]
    entry = data[kind][number]
    named = entry.get("id") if isinstance(entry, Mapping) else None
    return f"{kind} '{named}'" if isinstance(named, str) else f"{kind} {number + 1}"


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str | int | Decimal) else said("name.table")


def _of_rules(name: str, targets: Targets) -> Iterator[Problem]:
    yield from _doubled(name, "target", (target.id for target in targets.target))
    yield from _doubled(name, "group", (group.id for group in targets.group))
    yield from _doubled(name, "census", (target.id for target in targets.census or ()))
    yield from _told_apart(name, targets)
    yield from _of_own(name, targets)
    for kind, entry in _entries(targets):
        place = f"{kind} '{entry.id}'"
        sectors = entry.sectors
        if sectors == "all":
            continue
        if not sectors:
            yield Problem(name, place, said("targets.no_sectors"), said("targets.do_sectors"))
        for sector, times in Counter(sectors).items():
            if times > 1:
                what = said("targets.doubled_sector", sector=sector, times=times)
                yield Problem(name, place, what, said("layout.keep_one"))
            if sector == "all" or sector.startswith("group:"):
                what = said("targets.no_sector", sector=sector)
                yield Problem(name, place, what, said("targets.list_sectors"))
        if "general" in sectors and len(sectors) > 1 and (kind == "group" or _pools(entry)):
            yield Problem(name, place, said("targets.general"), said("targets.own_target"))


def _told_apart(name: str, targets: Targets) -> Iterator[Problem]:
    """An office's own threshold names a target of the survey or of the census by its id alone."""
    survey = {target.id for target in targets.target}
    for one in targets.of_census:
        if one.id in survey:
            what = said("targets.doubled", times=2)
            yield Problem(name, f"census '{one.id}'", what, said("layout.keep_one"))


def _of_own(name: str, targets: Targets) -> Iterator[Problem]:
    known = [target.id for target in targets.every]
    keys = (f"{one.target}', office '{one.office}" for one in targets.own)
    yield from _doubled(name, "own", keys)
    for one in targets.own:
        if one.target not in known:
            what = said("targets.no_target", target=one.target)
            remedy = said("targets.list_targets", known=", ".join(known))
            yield Problem(name, f"own '{one.office}'", what, remedy)
        if one.office == "all":
            yield Problem(name, "own 'all'", said("targets.own_all"), said("targets.own_whole"))


def _pools(entry: Group | Target) -> bool:
    return isinstance(entry, Target) and entry.pool


def _entries(targets: Targets) -> Iterator[tuple[str, Group | Target]]:
    for group in targets.group:
        yield "group", group
    for target in targets.target:
        yield "target", target


def _doubled(name: str, kind: str, ids: Iterable[str]) -> Iterator[Problem]:
    for id_, times in Counter(ids).items():
        if times > 1:
            what = said("targets.doubled", times=times)
            yield Problem(name, f"{kind} '{id_}'", what, said("layout.keep_one"))
