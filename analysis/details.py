"""What a full frame of estimates has beside the document's own columns.

Owns `se`, `n_eff` and the counts of each score, row by row. Figures are those of
`statistics.estimates`; of a published document there are none, as it holds no strata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from analysis.document import Document, EstimateRow, Flagged
from analysis.document_rows import row_keys
from analysis.input.aggregates import Only
from analysis.input.responses import Responses
from analysis.input.scores import ScoreCounts, read_scores
from analysis.statistics.estimates import columns_of
from analysis.statistics.strata import FIVE
from analysis.strata.survey import ALL, Place, Scope, Survey
from questionnaires import OVERALL
from questionnaires.layout import SIDES

_SURENESS: Final = ("se", "n_eff")

Counts = tuple[int, ...]
_OfPlace = Mapping[tuple[str, ...], Mapping[tuple[str, str], Counts]]
"""Questionnaire, office, sector and item -> month and channel -> counts."""


SHORT: Final = (
    *("office", "sector", "measure", "channel"),
    *("n", "population", "share", "low", "high", "mean"),
)
"""Columns of figures that are mostly wanted."""


def count_scores(
    responses: Responses, document: Document, only: Only, flagged: Flagged
) -> ScoreCounts:
    """How many people gave each score, of the answers that the document rests on."""
    if document.told is None:
        return {}
    steps = max((scale.size for scale in responses.scales.values()), default=FIVE)
    return read_scores(
        responses,
        document.period,
        responses.items,
        max(steps, FIVE),
        only,
        document.told,
        flagged=flagged == "include",
    )


def detail_columns(
    document: Document, rows: Sequence[EstimateRow], scores: ScoreCounts | None = None
) -> dict[str, list[Any]]:
    """`se`, `n_eff` and, where `scores` are given, `score_1` and so on, for each of the rows."""
    sureness: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for survey, keys in _asked(document, rows):
        found = columns_of(survey.design(keys), level=document.level, names=_SURENESS)
        names = (_named(survey, key) for key in keys)
        sureness |= zip(names, zip(*found.values(), strict=True), strict=True)
    none = (None,) * len(_SURENESS)
    known = [sureness.get(row[:5], none) for row in rows]
    columns: dict[str, list[Any]] = {
        name: [values[place] for values in known] for place, name in enumerate(_SURENESS)
    }
    if scores is not None and document.told is not None:
        counted = score_counts(document, rows, scores)
        for step in range(max(FIVE, *map(len, counted), 0)):
            columns[f"score_{step + 1}"] = [_step(counts, step) for counts in counted]
    return columns


def score_counts(
    document: Document, rows: Sequence[EstimateRow], scores: ScoreCounts
) -> list[Counts]:
    """How many people gave 1, 2 and so on, for each of the rows; none of an index."""
    by_place = _by_place(scores)
    counted = {
        _named(survey, key): _counts(survey, by_place, *key)
        for survey, keys in _asked(document, rows)
        for key in keys
    }
    return [counted.get(row[:5], ()) for row in rows]


def _asked(
    document: Document, rows: Sequence[EstimateRow]
) -> Iterator[tuple[Survey, list[tuple[Scope, str, str]]]]:
    """The surveys of the rows, and by which keys each has them."""
    wanted = {row[:5] for row in rows}
    for survey in document.surveys:
        keys = [key for key in row_keys(survey) if _named(survey, key) in wanted]
        if keys:
            yield survey, keys


def limits_of(
    survey: Survey, level: float
) -> Iterator[tuple[tuple[str, ...], float | None, float | None]]:
    """The limits of every row of a survey at a level, by the keys of the row."""
    keys = row_keys(survey)
    found = columns_of(survey.design(keys), level=level, names=("low", "high"))
    names = (_named(survey, key) for key in keys)
    return zip(names, *found.values(), strict=True)


def _step(counts: Counts, step: int) -> int | None:
    return counts[step] if step < len(counts) else None


def _named(survey: Survey, key: tuple[Scope, str, str]) -> tuple[str, ...]:
    """The keys of a row, as the document has them."""
    scope, measure, channel = key
    return scope.office, scope.sector, measure, channel, survey.pooled.whose(scope.family)


def _by_place(scores: ScoreCounts) -> _OfPlace:
    found: dict[tuple[str, ...], dict[tuple[str, str], Counts]] = {}
    for (questionnaire, office, sector, month, channel, item), counts in scores.items():
        place = found.setdefault((questionnaire, office, sector, item), {})
        place[month, channel] = counts
    return found


def _counts(survey: Survey, by_place: _OfPlace, scope: Scope, measure: str, channel: str) -> Counts:
    """Of an item in a row; none of an index. Answers that no dossier count covers stay outside."""
    item = OVERALL if measure == OVERALL else measure.partition("item:")[2]
    if not item:
        return ()
    channels = None if channel == ALL else SIDES.get(channel, (channel,))
    weighted = any(_dossiers(survey, place) for place in scope.places)
    total: list[int] = []
    for place in scope.places:
        dossiers = _dossiers(survey, place)
        for questionnaire in survey.pooled.asked.get(scope.family, ()):
            cells = by_place.get((questionnaire, *place, item), {})
            for (month, came_by), counts in cells.items():
                if (channels is None or came_by in channels) and (
                    not weighted or month in dossiers
                ):
                    total = [a + b for a, b in zip(total or [0] * len(counts), counts, strict=True)]
    return tuple(total[: survey.size(scope)])


def _dossiers(survey: Survey, place: Place) -> set[str]:
    """The months in which a place has dossiers."""
    months = survey.period.months
    return {month for month in months if survey.dossiers.counts.get((*place, month))}
