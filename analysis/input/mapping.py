"""The mapping file: which columns of another tool's export hold what, and what its words mean.

Owns the model of the file and what is wrong with one. Must not read answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic import field_validator as validates

from analysis.errors import LayoutError, Problem, no_file, said
from analysis.input.columns import FIXED, ITEM_NAME
from questionnaires.layout import CHANNELS
from questionnaires.toml import NotTOML, read_toml

Order = Literal["year-first", "day-first", "month-first"]
"""How the numbers of a day follow each other: 2026-10-05, 5/10/2026, 10/5/2026."""

OFFICE_ZONE: Final = "Asia/Ho_Chi_Minh"

Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Fixed(_Part):
    """A fixed column of the layout, from a column of the file.

    `values`: what is written there -> what is meant; without any, what is written is taken.
    `default`: for an empty cell, and for all where there is no `column`.
    """

    column: Heading | None = None
    values: dict[str, str] = {}
    default: str | None = None


class Day(_Part):
    """When somebody answered. `zone`: of moments that name none; `office_zone`: where the day
    counts.

    `format`: the order of the numbers, or a pattern such as "%d.%m.%y" (Python's strptime).
    """

    column: Heading
    format: str = "year-first"
    zone: str = OFFICE_ZONE
    office_zone: str = OFFICE_ZONE

    @validates("format")
    @classmethod
    def _known(cls, text: str) -> str:
        if text not in get_args(Order) and "%" not in text:
            raise ValueError("format")
        return text

    @validates("zone", "office_zone")
    @classmethod
    def _zoned(cls, text: str) -> str:
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("zone") from None
        return text


class Words(_Part):
    """What scores are called, beside the built-in words; `none`: what stands for no answer."""

    words: dict[str, Annotated[int, Field(ge=1, le=11)]] = {}
    none: tuple[str, ...] = ()


class Skip(_Part):
    """Rows that are no answers: the `first` ones, with an `empty` cell, with a value in `where`."""

    first: Annotated[int, Field(ge=0, le=1000)] = 0
    empty: tuple[Heading, ...] = ()
    where: dict[Heading, tuple[str, ...]] = {}


Place = Fixed | str
"""A string is the same for every answer."""


class FormMapping(_Part):
    """One form of another tool. `form` keeps its ids apart from those of other forms.

    `sheet`: of a workbook; `heading`: the row with the names; `id`: the column of the answers'
    ids; without one the whole row makes it. `items`: id -> heading; `covariates`: name -> heading.
    """

    form: Name
    sheet: str | None = None
    heading: Annotated[int, Field(ge=1, le=100)] = 1
    id: Heading | None = None
    questionnaire: Place
    office: Place
    sector: Place = "general"
    procedure: Place = ""
    channel: Place = "poster"
    date: Day
    items: Annotated[dict[str, Heading], Field(min_length=1)]
    scale: Words = Words()
    covariates: dict[str, Heading] = {}
    skip: Skip = Skip()

    def fixed(self) -> dict[str, Fixed]:
        """The fixed columns that a form may tell, each as one."""
        names = ("questionnaire", "office", "sector", "procedure", "channel")
        given = {name: getattr(self, name) for name in names}
        return {n: Fixed(default=one) if isinstance(one, str) else one for n, one in given.items()}

    def headings(self) -> dict[str, str]:
        """Where in the file a column is asked for -> its heading."""
        found = {f"{name}.column": one.column for name, one in self.fixed().items()}
        found |= {"id": self.id, "date.column": self.date.column}
        found |= {f"items.{name}": heading for name, heading in self.items.items()}
        found |= {f"covariates.{name}": heading for name, heading in self.covariates.items()}
        found |= {f"skip.empty.{n}": heading for n, heading in enumerate(self.skip.empty, start=1)}
        found |= {f"skip.where.{heading}": heading for heading in self.skip.where}
        return {key: heading for key, heading in found.items() if heading is not None}


def load_mapping(path: str | Path) -> FormMapping:
    """Read a mapping file (TOML); LayoutError holds every problem, each with its place."""
    path = Path(path)
    try:
        return parse_mapping(path.read_bytes(), path.name)
    except (FileNotFoundError, IsADirectoryError):
        raise LayoutError([no_file(path)]) from None


def parse_mapping(content: bytes | str, name: str) -> FormMapping:
    """Check the content of a mapping file called `name`; LayoutError holds every problem."""
    try:
        data = read_toml(content)
    except NotTOML as error:
        raise LayoutError([error.problem(name)]) from error
    return check_mapping(data, name)


def check_mapping(data: Mapping[str, Any], name: str) -> FormMapping:
    """A mapping of the entries of a mapping file; LayoutError holds every problem."""
    try:
        found = FormMapping.model_validate_json(_json(data))
    except ValidationError as error:
        raise LayoutError(_of_values(name, error)) from error
    problems = list(_of_rules(name, found))
    if problems:
        raise LayoutError(problems)
    return found


def _json(data: Any) -> str:
    """The same as JSON, whose lists may stand for tuples; a day of TOML as its text."""
    import json

    return json.dumps(data, ensure_ascii=False, default=str)


_REMEDIES: Final = {  # the last step of a place -> its sentence
    "form": "form",
    "heading": "count",
    "first": "count",
    "format": "format",
    "zone": "zone",
    "office_zone": "zone",
    "words": "words",
    "items": "items",
}


def _of_values(name: str, error: ValidationError) -> Iterator[Problem]:
    seen = set()
    for found in error.errors(include_url=False):
        steps = [str(step) for step in found["loc"] if step not in ("Fixed", "str")]
        key = ".".join(steps)
        if key in seen:
            continue  # a place is a text or a table: one line for both
        seen.add(key)
        kind = found["type"]
        what = {"missing": "missing", "extra_forbidden": "unknown"}.get(kind, "wrong")
        value = found["input"]
        shown = said("name.table") if isinstance(value, dict | list) else f"'{value}'"
        told = said(f"mapping.{what}", key=key, value=shown)
        yield Problem(name, said("place.key", key=key), told, _remedy(kind, steps))


def _remedy(kind: str, steps: list[str]) -> Any:
    if kind == "missing":
        return said("mapping.do_missing")
    if kind == "extra_forbidden":
        fields = FormMapping.model_fields
        if len(steps) > 1 and steps[0] in fields:
            return said("mapping.do_unknown", known=_quoted(_known_in(steps[0])))
        return said("mapping.do_unknown", known=_quoted(fields))
    named = next((step for step in reversed(steps) if step in _REMEDIES), None)
    return said(f"mapping.do_{_REMEDIES[named]}" if named else "mapping.do_text")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _known_in(part: str) -> Iterable[str]:
    parts: dict[str, type[_Part]] = {"date": Day, "scale": Words, "skip": Skip}
    return parts.get(part, Fixed).model_fields


def _of_rules(name: str, found: FormMapping) -> Iterator[Problem]:
    for item in found.items:
        if not ITEM_NAME.fullmatch(item) or item in FIXED:
            yield _rule(name, f"items.{item}", "item_name", "do_item_name")
    for covariate in found.covariates:
        if covariate in FIXED or covariate in found.items or not ITEM_NAME.fullmatch(covariate):
            yield _rule(name, f"covariates.{covariate}", "item_name", "do_item_name")
    headings = Counter([*found.items.values(), *found.covariates.values()])
    for heading, times in headings.items():
        if times > 1:
            yield _rule(name, f"'{heading}'", "twice", "do_once", times=times)
    for key, one in found.fixed().items():
        if one.column is None and one.default is None:
            yield _rule(name, key, "no_value", "do_value")
        if one.column is None and one.values:
            yield _rule(name, key, "no_column", "do_column")
        meant = {*one.values.values(), *([one.default] if one.default is not None else [])}
        if key == "channel":
            for value in sorted(meant - {*CHANNELS}):
                known = ", ".join(CHANNELS)
                yield _rule(name, key, "channel", "do_channel", value=value, known=known)


def _rule(name: str, key: str, what: str, remedy: str, **values: object) -> Problem:
    told, do = said(f"mapping.{what}", **values), said(f"mapping.{remedy}", **values)
    return Problem(name, said("place.key", key=key), told, do)
