"""The verdict document, version 1: what page, notebook, reports and API all print from.

Owns its rows and keys. Must not round, phrase or draw; figures are those of `estimates`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from analysis.counting.moments import EVERYTHING, Only, read_moments, unflagged
from analysis.counting.scoring import Mark
from analysis.design.headcounts import headcounts_of, read_headcounts
from analysis.design.pooling import Blocks, Known, Pooled, blocks_of, pool
from analysis.design.scopes import ALL, ANY_ORDER, Order, Survey, sectors_named
from analysis.document_rows import (
    asked_verdicts,
    estimate_rows,
    named,
    row_keys,
    together,
    verdict_rows,
)
from analysis.formulas.intervals import check_level
from analysis.period import Period, parse_period
from analysis.problems import Problem, Refusal
from analysis.reading.layout import Responses, read_responses
from analysis.reading.population import Population, read_population
from analysis.reading.sources import run
from analysis.suppression.overlap import MINIMUM_CELL
from analysis.suppression.pieces import Pieces
from analysis.suppression.publishable import Publishable, publishable
from analysis.targets import Targets, shipped_targets
from questionnaires import shipped

__all__ = [
    "FORMAT",
    "MINIMUM_CELL",
    "Document",
    "analyse",
    "measures_of",
    "period_of",
    "pick",
    "row_of",
]

FORMAT: Final = "hailong.verdicts/1"

Document = dict[str, Any]
Row = Mapping[str, Any]
Flagged = Literal["include", "exclude"]


def analyse(  # noqa: PLR0913  one argument for each choice
    responses: Responses | str | Path,
    population: Population | str | Path | None = None,
    *,
    period: Period | str,
    targets: Targets | None = None,
    level: float = 0.95,
    questionnaires: Known | None = None,
    only: Only = EVERYTHING,
    order: Order = ANY_ORDER,
    flagged: Flagged = "include",
    marks: Sequence[Mark] = (),
) -> Document:
    """The verdict document of a period: the analyst's own, with every figure.

    `publishable` says which rows may leave; `published` makes the document that does.

    Parameters
    ----------
    responses, population
        Read already, or a file, folder or database URL in the published layouts; population may
        be left out.
    period
        For example "2026-10", "2026-Q4", "2026-H2", "2026", "12m:2026-10".
    targets
        The plan's own where left out.
    questionnaires
        Key -> questionnaire; the shipped ones where left out.
    only
        One questionnaire's or one office's answers.
    order
        Of offices and sectors; sectors as in the targets where left out. The rest is by name.
    flagged
        "exclude" leaves out answers that a screening rule flagged, as if never given.
    marks
        Answers to count as flagged, beside those whose `flag` is set (`screening.marks_of`).

    Raises
    ------
    Refusal
        Listing every problem of files, period or pooled wordings, each with its remedy.
    """
    check_level(level)
    if flagged not in ("include", "exclude"):
        raise ValueError(f'flagged is {flagged!r}; give "include" or "exclude"')
    period = parse_period(period) if isinstance(period, str) else period
    targets = shipped_targets() if targets is None else targets
    known = shipped() if questionnaires is None else questionnaires
    counts = read_population(population) if isinstance(population, str | Path) else population
    counts = counts or Population("", ())
    wanted = _Wanted(period, only, flagged, tuple(marks))
    if isinstance(responses, str | Path):
        with read_responses(responses) as opened:
            pooled, allowed = _read(opened, counts, known, wanted, targets)
    else:
        pooled, allowed = _read(responses, counts, known, wanted, targets)
    dossiers = counts.of(period, only.office)
    order = order if order.sectors else replace(order, sectors=sectors_named(targets))
    survey = Survey(pooled, dossiers, targets.groups, order)
    return document(survey, period, targets, level, allowed)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which answers a document is about."""

    period: Period
    only: Only
    flagged: Flagged
    marks: tuple[Mark, ...]


def _read(
    responses: Responses, counts: Population, known: Known, wanted: _Wanted, targets: Targets
) -> tuple[Pooled, Publishable]:
    _check_only(responses, counts, known, wanted.only)
    blocks = blocks_of(responses, known)
    found = read_moments(responses, wanted.period, blocks, wanted.only, wanted.marks)
    pooled = pool(found if wanted.flagged == "include" else unflagged(found), blocks, known)
    return pooled, _allowed(responses, blocks, pooled, wanted, targets)


def _allowed(
    responses: Responses, blocks: Blocks, pooled: Pooled, wanted: _Wanted, targets: Targets
) -> Publishable:
    """By people of every month and office: a row may tell about others by what it lacks."""
    office, period = wanted.only.office, wanted.period
    if office is None and len(period.months) == 1:
        people = headcounts_of(pooled.cells, period)
    else:
        only = Only(wanted.only.questionnaire)
        marks = wanted.marks if wanted.flagged == "exclude" else None
        people = read_headcounts(responses, period, blocks, only, without=marks)
    return publishable(people, pooled, blocks, targets.groups, office)


def _check_only(responses: Responses, counts: Population, known: Known, only: Only) -> None:
    """Refuse a name that occurs nowhere: a slip of the pen must not look like "no answers"."""
    for what, chosen, found in (
        ("questionnaire", only.questionnaire, responses.answers.keys() | known.keys()),
        ("office", only.office, _offices(responses, counts) if only.office else set()),
    ):
        if chosen is not None and chosen not in found:
            remedy = f"use one of {', '.join(sorted(found)[:20]) or 'those in the files'}"
            raise Refusal([Problem(what, f"'{chosen}'", "it occurs nowhere", remedy)])


def _offices(responses: Responses, counts: Population) -> set[str]:
    rows = run(responses.source, responses.table.select("office").distinct())
    return {str(row["office"]) for row in rows} | {count.office for count in counts.counts}


def document(
    survey: Survey, period: Period, targets: Targets, level: float, allowed: Publishable
) -> Document:
    """Rows and verdicts of a survey, ready for JSON.

    Where parts of a row are withheld, `instead` holds the row and its verdicts as they may leave:
    with these parts weighed as one.
    """
    with _no_cycles():
        return _document(survey, period, targets, level, allowed)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Rows come by the hundred thousand and hold no cycles: to look for some takes as long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _document(
    survey: Survey, period: Period, targets: Targets, level: float, allowed: Publishable
) -> Document:
    keys, asked = row_keys(survey), asked_verdicts(survey, targets)
    found = {
        "format": FORMAT,
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat()},
        "level": level,
        "estimates": estimate_rows(survey, keys, level, allowed),
        "verdicts": verdict_rows(survey, asked, level),
    }
    pieces = Pieces(survey, allowed)
    merged = [key for key in keys if len(key[0].places) > 1 and pieces.merges(*key)]
    if not merged:
        return found
    judged = [(target, scope, name) for target, scope, name in asked if pieces.merges(scope, name)]
    rows = estimate_rows(pieces, merged, level, allowed)
    instead = {"estimates": together(rows), "verdicts": verdict_rows(pieces, judged, level)}
    return {**found, "instead": instead}


def period_of(found: Document) -> Period:
    """The period of a document, from its dates."""
    first, last = (date.fromisoformat(found["period"][key]) for key in ("from", "to"))
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    written = {
        1: f"{first:%Y-%m}",
        3: f"{first.year}-Q{last.month // 3}",
        6: f"{first.year}-H{last.month // 6}",
        12: f"{first.year}" if last.month == 12 else f"12m:{last:%Y-%m}",
    }
    return parse_period(written.get(months, f"{first} – {last}"))


def measures_of(found: Document) -> list[str]:
    """The measures that a document speaks of, in its order."""
    return list(dict.fromkeys(row["measure"] for row in found["estimates"]))


def row_of(found: Document, verdict: Row, targets: Targets) -> Row | None:
    """The estimate that a verdict speaks of; None where its measure was not asked."""
    measure = next(t.measure for t in targets.target if t.id == verdict["target"])
    for name in named(measure):
        row = pick(found, office=verdict["office"], sector=verdict["sector"], measure=name)
        if row is not None:
            return row
    return None


def pick(
    found: Document, *, office: str = ALL, sector: str = ALL, measure: str = "overall"
) -> Row | None:
    """The row of these keys over all channels; None where there is none."""
    wanted = (office, sector, measure, ALL)
    for row in found["estimates"]:
        if (row["office"], row["sector"], row["measure"], row["channel"]) == wanted:
            chosen: Row = row
            return chosen
    return None
