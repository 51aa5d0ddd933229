"""The rows and verdicts of a verdict document, key by key.

Owns their fields and notes. Figures are those of `estimates` and `verdicts`; which rows there are
is `scopes`', which may leave `publishable`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from analysis.design.scopes import ALL, Scope, Survey
from analysis.formulas.estimates import estimate_columns
from analysis.formulas.notes import Note, joined
from analysis.formulas.verdicts import Verdict, judge_many
from analysis.period import month_name
from analysis.suppression.publishable import Publishable
from analysis.targets import Target, Targets

Row = Mapping[str, Any]
Key = tuple[Scope, str, str]
"""A scope, a measure and a channel."""

Notes = tuple[Note, ...]

Asked = tuple[Target, Scope, str]
"""A target, the scope that it is judged in, and the document's key of its measure."""


def row_keys(survey: Survey) -> list[Key]:
    """Every row of a document, in its order."""
    return [
        (scope, measure, channel)
        for scope in survey.scopes()
        for channels in [survey.channels(scope)]
        for measure in survey.measures(scope)
        for channel in (ALL, *channels)
    ]


_KEYS: Final = ("office", "sector", "measure", "channel")
_FIGURES: Final = (
    *("n", "answered", "satisfied", "population", "response_rate", "share", "low", "high"),
    *("method", "mean", "mean_low", "mean_high", "silent_low", "silent_high"),
)
_COLUMNS: Final = _KEYS + _FIGURES
_UNKNOWN: Final = dict.fromkeys(("population", "response_rate", "silent_low", "silent_high"))
"""Of one channel: nobody knows whose dossiers would have come by it."""


def estimate_rows(
    survey: Survey, keys: Sequence[Key], level: float, allowed: Publishable
) -> list[dict[str, Any]]:
    """The figures of these rows."""
    cells = [
        survey.strata(scope, measure) if channel == ALL else survey.domain(scope, measure, channel)
        for scope, measure, channel in keys
    ]
    kinds = [survey.measures(scope)[measure] for scope, measure, _ in keys]
    found = estimate_columns(cells, kinds, level=level, names=(*_FIGURES, "notes"))
    notes = found.pop("notes")
    figures = zip(*found.values(), strict=True)
    return [
        _row(survey, key, values, told, allowed)
        for key, values, told in zip(keys, figures, notes, strict=True)
    ]


def _row(
    survey: Survey, key: Key, figures: tuple[Any, ...], notes: Notes, allowed: Publishable
) -> dict[str, Any]:
    scope, measure, channel = key
    names = (scope.office, scope.sector, measure, channel)
    row = dict(zip(_COLUMNS, names + figures, strict=True))
    if channel != ALL:
        row |= _UNKNOWN
    row["publishable"] = figures[0] > 0 and allowed.allows(*names)
    row["note"] = _note(joined(notes), survey.missing_months(scope))
    return row


def together(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the remark that withheld parts count as one in them."""
    return [row | {"note": _joined(row["note"], *_TOGETHER)} for row in rows]


def asked_verdicts(survey: Survey, targets: Targets) -> list[Asked]:
    """Every verdict of a document, in its order."""
    return [
        (target, survey.scope(office, sector), _measure(survey, target, sector))
        for target in targets.target
        for office in [*survey.offices, ALL]
        for sector in targets.scopes(target) or survey.about_sectors
    ]


def verdict_rows(survey: Survey, asked: Sequence[Asked], level: float) -> list[dict[str, Any]]:
    """These verdicts."""
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


def _verdict(survey: Survey, key: Asked, found: Verdict) -> dict[str, Any]:
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


_TOGETHER: Final = (
    "Những phần không công bố được gộp làm một khi tính.",
    "Parts that are not published count as one here.",
)


def _note(note: str | None, months: Sequence[str]) -> str | None:
    """The estimate's own note, then the months whose dossiers are not known; vi / en."""
    if not months:
        return note
    names = ", ".join(month_name(month) for month in months)
    vi = f"Chưa có số hồ sơ của tháng {names} nên không tính theo số hồ sơ của kỳ."
    en = f"No dossier counts for {names}, so the period's dossiers are not used."
    return _joined(note, vi, en)


def _joined(note: str | None, vi: str, en: str) -> str:
    first, last = note.split(" / ", 1) if note else ("", "")
    return f"{first} {vi} / {last} {en}".replace("  ", " ").strip().replace("/  ", "/ ")
