"""The columns of the responses layout, version 1: names, what each must hold, and its typed form.

Owns the rules of single columns as engine expressions. Must not run queries or know questionnaires.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.errors import said
from analysis.input.sources import OpenSource
from questionnaires import OVERALL, Questionnaire
from questionnaires.bilingual import Told
from questionnaires.layout import CHANNELS, COLUMNS, NAMES, OPTIONAL, ORIGINS

FIXED: Final = COLUMNS + OPTIONAL
"""Every column that the layout names itself; all others are items or covariates."""

ITEM_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
SCORES: Final = (1, 2, 3, 4, 5)
"""Those of a questionnaire that says nothing else, or that is not known."""

_REQUIRED_TEXT: Final = ("response_id", "questionnaire", "office", "sector")
_SPACED: Final = ("questionnaire", "office", "sector", "channel")
_TRUTHS: Final = ("true", "false", "1", "0")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be wrong with a column. `broken` is true on the rows that break it.

    `what` is the key of its sentence, which may show the `value`.
    """

    column: str
    broken: Any
    what: str
    remedy: Told
    kind: str

    @property
    def name(self) -> str:
        """The rule's own column in the query that counts broken rows."""
        return f"{self.kind}__{self.column}"


@dataclass(frozen=True, slots=True)
class Named:
    """What a caller says of columns: which are items, and which are covariates."""

    items: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()


NOTHING_NAMED: Final = Named()


def further_columns(source: OpenSource) -> tuple[str, ...]:
    """Every column that is not a fixed one, nor of names beside codes, in the order of the file."""
    return tuple(name for name in source.columns if name not in FIXED + NAMES)


def items_among(
    columns: Iterable[str],
    named: Named,
    present: Collection[str],
    known: Mapping[str, Questionnaire],
) -> tuple[str, ...]:
    """The columns that are items; no other one ever counts.

    Those that a questionnaire of the file asks, those that are named, and `overall`. Where every
    questionnaire of the file is known, also what only others ask: there it is told to be wrong.
    """
    asking = [known[key] for key in present if key in known]
    every = known.values() if len(asking) == len(present) else asking
    asked = {OVERALL, *named.items}.union(*(one.item_ids for one in every))
    return tuple(name for name in columns if name in asked - {*named.covariates})


def as_truth(column: Any) -> Any:
    """The column as a truth, however its engine keeps one."""
    if column.type().is_boolean():
        return column
    return column.cast("string").lower().isin(("true", "1")).fill_null(False)


def as_text(column: Any) -> Any:
    """The column as text, an empty text as missing."""
    if not column.type().is_string():
        return column.cast("string")
    return column.nullif("")


def as_score(column: Any) -> Any:
    """The item as a small integer, missing where there is no score. Rules must hold."""
    if column.type().is_string():
        column = column.nullif("")
    return column.cast("int16")


def type_fault(column: str, dtype: Any) -> tuple[Told, Told] | None:
    """What is wrong with the column's type as a whole, and the remedy; None where it can serve."""
    if column == "answered_on":
        if dtype.is_timestamp() or "TIMESTAMP" in str(
            dtype
        ):  # with a zone: of no type that Ibis has
            return said("layout.times"), said("layout.dates_only")
        legal = dtype.is_date() or dtype.is_string()
        return None if legal else _holds(dtype, "dates")
    if column == "late":
        legal = dtype.is_boolean() or dtype.is_string()
        return None if legal else _holds(dtype, "truths")
    if column in FIXED:
        legal = dtype.is_string() or dtype.is_integer() or dtype.is_null()
        return None if legal else _holds(dtype, "texts")
    legal = dtype.is_numeric() or dtype.is_string() or dtype.is_null()
    return None if legal else _holds(dtype, "scores")


def _holds(dtype: Any, remedy: str) -> tuple[Told, Told]:
    return said("layout.type", type=dtype), said(f"layout.{remedy}")


def rules_of(
    table: Any, items: tuple[str, ...], sizes: Mapping[str, int] | None = None
) -> Iterator[Rule]:
    """Every rule of rows that can be said as one expression per row.

    `sizes`: the steps of each questionnaire's scale, where they are not five.
    """
    for name in _REQUIRED_TEXT:
        broken = as_text(table[name]).isnull()
        yield Rule(name, broken, "row.empty", said("row.fill_in"), "empty")
    for name in _SPACED:
        yield _spaces(table, name)
    yield _questionnaire(table)
    yield from _reserved(table)
    yield _channel(table)
    yield _late(table)
    if "origin" in table.columns:
        yield _origin(table)
    if table.answered_on.type().is_date():
        broken = table.answered_on.isnull()
        yield Rule("answered_on", broken, "row.empty", said("row.fill_in"), "empty")
    for name in items:
        yield _score(table, name, sizes or {})


def _spaces(table: Any, name: str) -> Rule:
    text = as_text(table[name])
    broken = (text != text.strip()).fill_null(False)
    return Rule(name, broken, "row.spaces", said("row.remove_spaces"), "spaces")


def _questionnaire(table: Any) -> Rule:
    broken = (~as_text(table.questionnaire).like("_%@_%")).fill_null(False)
    remedy = said("row.write_version")
    return Rule("questionnaire", broken, "row.no_version", remedy, "version")


def _reserved(table: Any) -> Iterator[Rule]:
    """`all` and `group:` name totals in the verdict document."""
    what, remedy = "row.total", said("row.other_id")
    office, sector = as_text(table.office), as_text(table.sector)
    yield Rule("office", (office == "all").fill_null(False), what, remedy, "reserved")
    taken = (sector == "all") | sector.startswith("group:")
    yield Rule("sector", taken.fill_null(False), what, remedy, "reserved")


def _channel(table: Any) -> Rule:
    broken = ~as_text(table.channel).isin(CHANNELS).fill_null(False)
    remedy = said("row.use_channel", known=", ".join(CHANNELS))
    return Rule("channel", broken, "row.channel", remedy, "channel")


def _origin(table: Any) -> Rule:
    broken = ~as_text(table.origin).isin(ORIGINS).fill_null(True)
    remedy = said("row.use_origin", known=", ".join(ORIGINS))
    return Rule("origin", broken, "row.origin", remedy, "origin")


def _late(table: Any) -> Rule:
    late = table.late
    legal = late.notnull() if late.type().is_boolean() else late.lower().isin(_TRUTHS)
    what, remedy = "row.no_truth", said("layout.truths")
    return Rule("late", ~legal.fill_null(False), what, remedy, "late")


def _score(table: Any, name: str, sizes: Mapping[str, int]) -> Rule:
    broken = _off_scale(table[name], SCORES[-1])
    for key, size in sizes.items():
        mine = (table.questionnaire == key).fill_null(False)
        broken = (mine & _off_scale(table[name], size)) | (~mine & broken)
    remedy = said("row.score_top" if sizes else "row.score_five")
    return Rule(name, broken, "row.score", remedy, "score")


def _off_scale(column: Any, size: int) -> Any:
    """Whether there is something that is no score of a scale of this many steps."""
    scores = range(1, size + 1)
    if column.type().is_string():
        on = column.nullif("").isin([str(score) for score in scores])
    elif column.type().is_integer():
        on = column.between(1, size)
    else:
        on = column.cast("float64").isin([float(score) for score in scores])
    return (~on).fill_null(False)
