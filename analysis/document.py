"""The verdict document, version 1: what page, notebook, reports and API all print from.

Owns its rows and keys. Must not round, phrase or draw; figures are those of `estimates`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from analysis.estimates import Estimate, estimate_many
from analysis.intervals import check_level
from analysis.layout import Responses, read_responses
from analysis.moments import EVERYTHING, Only, read_moments, unflagged
from analysis.period import Period, month_name, parse_period
from analysis.pooling import Known, Pooled, blocks_of, pool
from analysis.population import Population, read_population
from analysis.problems import Problem, Refusal
from analysis.scopes import ALL, ANY_ORDER, Order, Scope, Survey, sectors_named
from analysis.scoring import Mark
from analysis.sources import run
from analysis.strata import Kind, Stratum
from analysis.targets import Target, Targets, shipped_targets
from analysis.verdicts import Verdict, judge_many
from questionnaires import shipped

FORMAT: Final = "hailong.verdicts/1"
MINIMUM_CELL: Final = 5
"""Fewer responses than this are not published."""

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
    """The verdict document of a period.

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
            pooled = _pooled(opened, counts, known, wanted)
    else:
        pooled = _pooled(responses, counts, known, wanted)
    dossiers = counts.of(period, only.office)
    order = order if order.sectors else replace(order, sectors=sectors_named(targets))
    survey = Survey(pooled, dossiers, targets.groups, order)
    return document(survey, period, targets, level)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which answers a document is about."""

    period: Period
    only: Only
    flagged: Flagged
    marks: tuple[Mark, ...]


def _pooled(responses: Responses, counts: Population, known: Known, wanted: _Wanted) -> Pooled:
    _check_only(responses, counts, known, wanted.only)
    blocks = blocks_of(responses, known)
    found = read_moments(responses, wanted.period, blocks, wanted.only, wanted.marks)
    return pool(found if wanted.flagged == "include" else unflagged(found), blocks, known)


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


def document(survey: Survey, period: Period, targets: Targets, level: float) -> Document:
    """Rows and verdicts of a survey, ready for JSON."""
    return {
        "format": FORMAT,
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat()},
        "level": level,
        "estimates": _estimates(survey, level),
        "verdicts": _verdicts(survey, targets, level),
    }


_Key = tuple[Scope, str, str]


def _estimates(survey: Survey, level: float) -> list[dict[str, Any]]:
    keys: list[_Key] = []
    cells: list[list[Stratum]] = []
    kinds: list[Kind] = []
    for scope in survey.scopes():
        channels = survey.channels(scope)
        for measure, kind in survey.measures(scope).items():
            whole = survey.strata(scope, measure)
            parts = [survey.domain(scope, measure, channel) for channel in channels]
            keys += [(scope, measure, channel) for channel in (ALL, *channels)]
            cells += [whole, *parts]
            kinds += [kind] * (1 + len(channels))
    found = estimate_many(cells, kinds, level=level)
    return [_row(survey, key, row) for key, row in zip(keys, found, strict=True)]


def _row(survey: Survey, key: _Key, found: Estimate) -> dict[str, Any]:
    scope, measure, channel = key
    whole = channel == ALL
    return {
        "office": scope.office,
        "sector": scope.sector,
        "measure": measure,
        "channel": channel,
        "n": found.n,
        "answered": found.answered,
        "satisfied": found.satisfied,
        "population": found.population if whole else None,
        "response_rate": found.response_rate if whole else None,
        "share": found.share,
        "low": found.low,
        "high": found.high,
        "method": found.method,
        "mean": found.mean,
        "mean_low": found.mean_low,
        "mean_high": found.mean_high,
        "silent_low": found.silent_low if whole else None,
        "silent_high": found.silent_high if whole else None,
        "publishable": found.n >= MINIMUM_CELL,
        "note": _note(found.note, survey.missing_months(scope)),
    }


_Asked = tuple[Target, Scope, str]


def _verdicts(survey: Survey, targets: Targets, level: float) -> list[dict[str, Any]]:
    asked = [
        (target, survey.scope(office, sector), _measure(survey, target, sector))
        for target in targets.target
        for office in [*survey.offices, ALL]
        for sector in targets.scopes(target) or survey.about_sectors
    ]
    found = judge_many(
        [survey.strata(scope, measure) for _, scope, measure in asked],
        [Decimal(target.threshold) for target, _, _ in asked],
        [survey.measures(scope).get(measure, "item") for _, scope, measure in asked],
        level=level,
    )
    return [_verdict(survey, key, verdict) for key, verdict in zip(asked, found, strict=True)]


def _measure(survey: Survey, target: Target, sector: str) -> str:
    """The document's key of a target's measure."""
    kinds = survey.measures(survey.scope(ALL, sector))
    return next((name for name in named(target.measure) if name in kinds), target.measure)


def named(measure: str) -> tuple[str, str, str]:
    """The document's keys that a target's measure may mean; an element goes before an item."""
    return (measure, f"element:{measure}", f"item:{measure}")


def _verdict(survey: Survey, key: _Asked, found: Verdict) -> dict[str, Any]:
    target, scope, measure = key
    note = _note(found.note, survey.missing_months(scope))
    if measure in survey.pooled.withheld[scope.family]:
        note = _WITHHELD
    elif survey.pooled.kinds[scope.family] and measure not in survey.measures(scope):
        note = _NOT_ASKED
    return {
        "target": target.id,
        "office": scope.office,
        "sector": scope.sector,
        "threshold": float(target.threshold),
        "deadline": target.deadline,
        "share": found.share,
        "lower": found.lower,
        "upper": found.upper,
        "point": found.point,
        "evidence": found.evidence,
        "responses_needed": found.responses_needed,
        "note": note,
    }


_WITHHELD: Final = (
    "Các bộ câu hỏi trong kỳ dùng những tiêu chí khác nhau: hãy xem từng bộ câu hỏi một."
    " / The questionnaires of the period ask different items: analyse one at a time."
)

_NOT_ASKED: Final = (
    "Câu hỏi của mục tiêu này không có trong các bộ câu hỏi của kỳ."
    " / The questionnaires of the period do not ask what this target is about."
)


def _note(note: str | None, months: Sequence[str]) -> str | None:
    """The estimate's own note, then the months whose dossiers are not known; vi / en."""
    if not months:
        return note
    names = ", ".join(month_name(month) for month in months)
    vi = f"Chưa có số hồ sơ của tháng {names} nên không tính theo số hồ sơ của kỳ."
    en = f"No dossier counts for {names}, so the period's dossiers are not used."
    first, last = note.split(" / ", 1) if note else ("", "")
    return f"{first} {vi} / {last} {en}".replace("  ", " ").strip().replace("/  ", "/ ")


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
