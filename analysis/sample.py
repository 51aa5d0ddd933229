"""Single answers with their strata and weights, for survey software such as R's `survey`.

Owns which answers are in the sample, their strata and weights. Estimates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analysis.arguments import refused
from analysis.data import id_of
from analysis.errors import said
from analysis.input.aggregates import DATED, FLAGGED, STARTS, chosen, date_text, dated, scored
from analysis.input.aggregates import SATISFIED_FROM as FROM
from analysis.input.sources import run
from analysis.listing import marked
from analysis.strata.survey import Place, Survey
from questionnaires import OVERALL
from questionnaires.layout import OPEN_CHANNELS

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.results import Estimates

COLUMNS: Final = (
    *("response_id", "questionnaire", "office", "sector", "channel", "month"),
    *("stratum", "N", "n", "weight", "satisfied"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """What an answer stands for: `size` answers of `dossiers` are its stratum.

    `dossiers`: None where they are not known; then every answer weighs 1.
    """

    stratum: str
    dossiers: float | None
    size: int
    weight: float


Shares = Mapping[tuple[str, str, str, str], Share]
"""Office, sector, month and channel -> what each of its answers stands for."""


def sample_of(found: Estimates, measure: str) -> DataFrame:
    """The answers to an item under the strata of the verdicts, as a pandas data frame.

    An item is called by its id or its name. Refusal of an index or element, whose respondents have
    several answers, and of published figures.
    """
    items = [one for one in found.document.measures if one == OVERALL or one.startswith("item:")]
    measure = id_of(found.data, "measure", measure, items)
    survey = _asked(found, measure)
    shares = {
        (*place, month, channel): share
        for place in survey.places
        for months, share in _strata(survey, place, measure)
        for month in months
        for channel in OPEN_CHANNELS
    }
    return sampled(found, survey, shares, measure, answered=True)


def _asked(found: Estimates, measure: str) -> Survey:
    """The first survey in which people answered."""
    if found.document.view != "full":
        what, remedy = said("asked.office_only"), said("asked.ask_full")
        raise refused("published", True, what, remedy)
    for survey in found.document.surveys:
        if any(survey.by_month(place, measure) for place in survey.places):
            return survey
    return found.document.surveys[0]


def _strata(survey: Survey, place: Place, measure: str) -> Iterator[tuple[tuple[str, ...], Share]]:
    """The months of each stratum of a place; none of answers that no dossier count covers."""
    answers = survey.by_month(place, measure)
    weighted = any(survey.dossiers.counts.values())
    for months, dossiers in survey.runs(place, answers, item=True):
        size = sum(answers[month].answered for month in months if month in answers)
        name = "/".join((*place, "+".join(months)))
        if size and dossiers:
            yield months, Share(name, dossiers, size, dossiers / size)
        elif size and not weighted:
            yield months, Share(name, None, size, 1.0)


def sampled(
    found: Estimates, survey: Survey, shares: Shares, measure: str, *, answered: bool
) -> DataFrame:
    """Every answer that has a share, with it. `answered`: only those to the item."""
    from pandas import DataFrame

    item = OVERALL if measure == OVERALL else measure.removeprefix("item:")
    lines = list(_lines(found, survey, shares, item, answered=answered))
    frame = DataFrame(lines, columns=list(COLUMNS)).sort_values("response_id", ignore_index=True)
    return marked(frame.astype({"n": "Int64", "satisfied": "Int64"}), found)


def _lines(
    found: Estimates, survey: Survey, shares: Shares, item: str, *, answered: bool
) -> Iterator[Sequence[Any]]:
    told = found.document.told
    for row in _rows(found, item):
        if row["questionnaire"] not in survey.pooled.questionnaires:
            continue
        if told is not None and not told.holds(row):
            continue
        month, score = date_text(row[DATED])[:7], int(row[item])
        share = shares.get((row["office"], row["sector"], month, row["channel"]))
        if share is None or (answered and not score):
            continue
        satisfied = int(score >= int(row.get(STARTS, FROM))) if score else None
        yield (
            *(row[name] for name in COLUMNS[:5]),
            month,
            share.stratum,
            share.dossiers,
            share.size,
            share.weight,
            satisfied,
        )


def _rows(found: Estimates, item: str) -> Iterator[Mapping[str, Any]]:
    """The answers of the period with one score, 0 for none."""
    data, asked = found.data, found.asked
    responses = data.opened()
    rows = dated(chosen(responses, found.period, asked.only), "day")
    rows = scored(rows, (*COLUMNS[:5], DATED), (item,), (), responses.scales)
    for row in run(responses.source, rows):
        if asked.flagged == "include" or not row[FLAGGED]:
            yield row
