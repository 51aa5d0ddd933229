"""What people chose beside their scores, counted: why they were not satisfied.

Owns the two queries over the view `choices` of an office's own database; files hold no choices.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from analysis.input.aggregates import DATED, FLAGGED, LATE, Only, chosen, date_text, dated
from analysis.input.choices import choices_of
from analysis.input.sources import run

if TYPE_CHECKING:
    from analysis.input.responses import Responses
    from analysis.period import Period

ReasonKey: TypeAlias = tuple[str, str, str, str]
"""Questionnaire, office, sector and question."""

_QUESTION: Final = ("questionnaire", "office", "sector", "question")


@dataclass(frozen=True, slots=True)
class Tellable:
    """Which answers of a period may be told, so that no figure moves by a single person.

    `until`: of a running month's offices and sectors, the last day; others have none yet. `month`:
    that month (202610). `waiting`: office, sector and month of late answers that are still few.
    """

    until: Mapping[tuple[str, str], str]
    month: int | None
    waiting: frozenset[tuple[str, str, str]]

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether what a row counts is among them."""
        place, day = (row["office"], row["sector"]), date_text(row[DATED])
        if row[LATE] and (*place, day[:7]) in self.waiting:
            return False
        if self.month is None or row[DATED] // 100 < self.month:
            return True
        return day <= self.until.get(place, "")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of one question in one office's sector: people who chose something, and each option."""

    people: int
    options: Mapping[str, int]


def read_reasons(
    responses: Responses, period: Period, only: Only, told: Tellable, *, flagged: bool
) -> dict[ReasonKey, Chosen]:
    """What was chosen in a period, by two queries; nothing where the source holds no choices.

    `flagged`: also of answers that a screening rule flagged.
    """
    table = choices_of(responses)
    if table is None:
        return {}
    rows = dated(chosen(replace(responses, table=table), period, only), "day")
    rows = rows.mutate(**{FLAGGED: (rows.flag != "").fill_null(False), LATE: rows.late})
    if not flagged:
        rows = rows.filter(~rows[FLAGGED])
    people: Counter[ReasonKey] = Counter()
    options: defaultdict[ReasonKey, Counter[str]] = defaultdict(Counter)
    keys = (*_QUESTION, DATED, LATE)
    heard = rows.group_by(*keys).aggregate(n=rows.response_id.nunique())
    for row in run(responses.source, heard):
        if told.holds(row):
            people[_question(row)] += int(row["n"])
    counted = rows.group_by(*keys, "option").aggregate(n=rows.count())
    for row in run(responses.source, counted):
        if told.holds(row):
            options[_question(row)][row["option"]] += int(row["n"])
    return {question: Chosen(people[question], dict(found)) for question, found in options.items()}


def _question(row: Mapping[str, Any]) -> ReasonKey:
    questionnaire, office, sector, question = (str(row[name]) for name in _QUESTION)
    return questionnaire, office, sector, question
