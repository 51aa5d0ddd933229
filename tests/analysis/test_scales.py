"""Scales of 2 to 11 steps, each with its own first satisfied step, counted beside each other."""

from __future__ import annotations

from datetime import date

import pytest

import analysis
from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.document_rows import as_json
from analysis.errors import LayoutError
from analysis.input.aggregates import FlaggedAnswers
from analysis.input.population import Population
from analysis.input.responses import read_responses
from analysis.reporting import wording
from questionnaires import Questionnaire, shipped
from tests.scales import SCALES, on_scale, text_on_scale

DESK = {"questionnaire": "desk@1", "access": "4"}


def answers(response, questionnaire: Questionnaire, scores):
    return [
        response(number, questionnaire=questionnaire.key, overall=str(score))
        for number, score in enumerate(scores, start=100)
    ]


@pytest.mark.parametrize(("size", "start"), SCALES)
def test_a_share_counts_from_the_scales_own_first_satisfied_step(response, write_csv, size, start):
    mine = on_scale(size, start)
    scores = [*range(1, size + 1)] * 2
    desk = [response(number, overall=str(score), **DESK) for number, score in enumerate((5, 4, 3))]
    file = write_csv([*desk, *answers(response, mine, scores)], columns=list(desk[0]))
    known = shipped() | {mine.key: mine}
    found = analyse(file, period="2026-10", questionnaires=known)
    rows = {row.questionnaires: row for row in found.estimates if row[:4] == TOTAL}
    own, usual = rows[mine.key], rows["desk@1"]
    assert (own.answered, own.satisfied) == (2 * size, 2 * (size - start + 1))
    assert own.mean == pytest.approx(sum(scores) / len(scores))
    assert 1 <= own.mean_low < own.mean < own.mean_high <= size
    assert own.scale == size
    assert (usual.answered, usual.satisfied, usual.scale) == (3, 2, 5)
    assert usual.mean == pytest.approx(4)


TOTAL = ("all", "all", "overall", "all")


def test_nobody_on_another_scale_changes_the_others_figures(response, write_csv):
    """Figures of a questionnaire are the same with another one beside it and alone."""
    mine = on_scale(10, 8)
    desk = [response(number, overall=str(score), **DESK) for number, score in enumerate((5, 4, 3))]
    known = shipped() | {mine.key: mine}
    alone = analyse(write_csv(desk), period="2026-10", questionnaires=known)
    rows = [*desk, *answers(response, mine, (10, 1))]
    both = analyse(
        write_csv(rows, name="both.csv", columns=list(desk[0])),
        period="2026-10",
        questionnaires=known,
    )
    assert alone.sections[0].estimates == next(
        section.estimates for section in both.sections if section.questionnaires == ("desk@1",)
    )


def test_a_score_is_held_to_its_own_scale(response, write_csv):
    mine = on_scale(4, 3)
    rows = [
        response(1, overall="5", **DESK),
        response(2, overall="6", **DESK),
        *answers(response, mine, (4, 5)),
    ]
    file = write_csv(rows, columns=list(rows[0]))
    with pytest.raises(LayoutError) as refused:
        read_responses(file, questionnaires=shipped() | {mine.key: mine})
    assert [problem.place for problem in refused.value.problems] == [
        "row 3, column 'overall'",
        "row 5, column 'overall'",
    ]


def test_a_questionnaire_that_is_not_known_goes_from_one_to_five(response, write_csv):
    file = write_csv([response(1, questionnaire="unknown@1", overall="6")])
    with pytest.raises(LayoutError, match="score is '6'"):
        read_responses(file)


def test_an_analyst_reads_an_own_scale_with_its_folder(response, write_csv, tmp_path):
    mine = on_scale(10, 8)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / f"{mine.id}.v1.toml").write_text(text_on_scale(10, 8), encoding="utf-8")
    file = write_csv(answers(response, mine, (10, 9, 8, 7)))
    with analysis.read(file, questionnaires=folder, lang="en", today="2026-12-01") as data:
        found = analysis.estimate(data, "2026-10").document
    (row,) = [row for row in found.estimates if row[:4] == TOTAL]
    assert (row.satisfied, row.answered, row.scale) == (3, 4, 10)
    assert row.mean == pytest.approx(8.5)


def test_a_mean_of_another_scale_tells_its_top(response, write_csv):
    mine = on_scale(10, 8)
    file = write_csv(answers(response, mine, [9] * 12))
    found = analyse(file, period="2026-10", questionnaires={mine.key: mine})
    (row,) = [row for row in found.estimates if row[:4] == TOTAL]
    assert wording.mean_phrase(row, "vi") == "9,00/10"
    assert as_json(row)["scale"] == 10


def test_a_mean_of_the_usual_scale_reads_as_before(response, write_csv):
    file = write_csv([response(number, overall="4", **DESK) for number in range(12)])
    (row,) = [row for row in analyse(file, period="2026-10").estimates if row[:4] == TOTAL]
    assert wording.mean_phrase(row, "vi") == "4,00"
    assert as_json(row)["scale"] == 5


def test_sheets_of_two_digit_scores_are_not_taken_for_each_other(response, write_csv):
    """1 and 10 is no 11 and 0: marks are compared score by score."""
    mine = on_scale(11, 9, items=("first", "second"))
    pairs = [("1", "10"), ("11", ""), ("1", "10")]
    rows = [
        response(number, questionnaire=mine.key, overall="9", first=first, second=second)
        for number, (first, second) in enumerate(pairs)
    ]
    sheet = (("overall", 9), ("first", 1), ("second", 10))
    mark = FlaggedAnswers("trieu-son", "land", date(2026, 10, 5), sheet)
    found = analyse(
        write_csv(rows),
        period="2026-10",
        questionnaires={mine.key: mine},
        flagged="exclude",
        marks=[mark],
    )
    (row,) = [row for row in found.estimates if row[:4] == TOTAL]
    assert row.answered == 1


def test_published_means_stay_on_their_scale(response, write_csv):
    mine = on_scale(10, 8)
    known = {mine.key: mine}
    file = write_csv(answers(response, mine, [9, 10] * 300))
    with read_responses(file, questionnaires=known) as responses:
        full = analyse(responses, period="2026-10", questionnaires=known)
        shown = published(full, responses, Population("", ()), known)
    rows = [row for row in shown.estimates if row.mean is not None]
    assert rows
    assert all(row.mean_low <= row.mean <= row.mean_high <= 10 for row in rows)
    assert all(row.mean >= 9 for row in rows)
