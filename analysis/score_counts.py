"""How many people gave each of the five scores, of the same answers that the figures rest on.

Owns one query and which questionnaires have five steps.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analysis.input.aggregates import DATED, FLAGGED, LATE, chosen, dated
from analysis.input.sources import run
from analysis.reporting.score_bars import STEPS
from analysis.reporting.wording import section_of
from analysis.strata.pooling import blocks_of
from analysis.strata.running import read_told, told
from analysis.strata.survey import ALL
from questionnaires import OVERALL, Questionnaire

if TYPE_CHECKING:
    from analysis.results import Estimates


def score_counts(found: Estimates, office: str = ALL) -> dict[str, list[int]]:
    """Sector -> people who gave the overall question 1 to 5, sectors in the order of the document.

    Of questionnaires with five steps; the data must be open.
    """
    data, asked, period = found.data, found.asked, found.period
    responses = data.opened().knowing(data.questionnaires)
    if OVERALL not in responses.items:
        return {}
    blocks = blocks_of(responses, data.questionnaires)
    _, came = read_told(responses, period, blocks, asked.only, (), data.today)
    tellable = told(responses, period, asked.only, data.today, came)
    rows = dated(chosen(responses, period, asked.only), "day")
    rows = rows.mutate(**{FLAGGED: (rows.flag != "").fill_null(False), LATE: rows.late})
    if asked.flagged == "exclude":
        rows = rows.filter(~rows[FLAGGED])
    keys = ("questionnaire", "office", "sector", DATED, LATE, OVERALL)
    counts: dict[str, Counter[int]] = {}
    for row in run(responses.source, rows.group_by(*keys).aggregate(n=rows.count())):
        counted = row["questionnaire"] not in responses.scales and office in (ALL, row["office"])
        if counted and row[OVERALL] and tellable.holds(row):
            counts.setdefault(row["sector"], Counter())[int(row[OVERALL])] += int(row["n"])
    sectors = dict.fromkeys(row.sector for row in found if section_of(row.sector) == "sector")
    return {
        sector: [counts[sector][score] for score in range(1, STEPS + 1)]
        for sector in sectors
        if sector in counts
    }


def step_labels(found: Estimates, lang: str) -> list[str]:
    """What the five steps are called: by a questionnaire that was answered, else by any."""
    answered = found.data.responses.answers
    known = sorted(found.data.questionnaires.values(), key=lambda q: q.key not in answered)
    return next(_labels(q, lang) for q in known if q.scale.size == STEPS)


def _labels(questionnaire: Questionnaire, lang: str) -> list[str]:
    return [label.get(lang) for label in questionnaire.scale.labels]
