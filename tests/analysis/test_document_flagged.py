"""Every estimate with and without the answers that screening flagged."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from analysis.document import analyse
from analysis.input.aggregates import FlaggedAnswers
from analysis.input.responses import read_responses
from survey.commands.analyze import command


@pytest.fixture
def answers(write_csv, response):
    """20 answers, 15 satisfied; of the satisfied, 4 flagged and 5 more given on one day."""
    rows = [response(n, overall="5" if n < 15 else "2") for n in range(20)]
    for n in range(4):
        rows[n]["flag"] = "same_sheet"
    for n in range(4, 9):
        rows[n]["answered_on"] = "2026-10-20"
    return write_csv(rows)


def counts(found):
    row = found.pick()
    return row.n, row.satisfied, row.share


def test_flagged_answers_count_unless_they_are_excluded(answers):
    with read_responses(answers) as responses:
        both = [analyse(responses, period="2026-10", flagged=f) for f in ("include", "exclude")]
    assert counts(both[0]) == (20, 15, 15 / 20)
    assert counts(both[1]) == (16, 11, 11 / 16)
    assert counts(analyse(answers, period="2026-10")) == (20, 15, 15 / 20)


def test_marked_answers_are_left_out_with_them(answers):
    marks = [FlaggedAnswers("trieu-son", "land", date(2026, 10, 20))]
    found = analyse(answers, period="2026-10", flagged="exclude", marks=marks)
    assert counts(found) == (11, 6, 6 / 11)


def test_a_verdict_follows_the_answers_that_are_left(answers):
    one, other = (
        analyse(answers, period="2026-10", flagged=f).verdicts[0] for f in ("include", "exclude")
    )
    assert (one.share, other.share) == (15 / 20, 11 / 16)


def test_where_all_are_flagged_no_figure_is_left(write_csv, response):
    rows = [response(n, flag="burst") for n in range(6)]
    found = analyse(write_csv(rows), period="2026-10", flagged="exclude")
    assert all(row.share is None for row in found.estimates)
    assert {verdict.evidence for verdict in found.verdicts} == {"none"}


def test_another_word_than_the_two_is_refused(answers):
    with pytest.raises(ValueError, match='give one of "include", "exclude"'):
        analyse(answers, period="2026-10", flagged="drop")


@pytest.mark.parametrize(("flagged", "n"), [("include", 20), ("exclude", 16)])
def test_the_command_counts_them_or_not(answers, flagged, n):
    arguments = ["--responses", str(answers), "--period", "2026-10", "--flagged", flagged]
    found = CliRunner().invoke(command, [*arguments, "--format", "json", "--full"])
    assert found.exit_code == 0, found.output
    total = ("all", "all", "overall", "all")
    (row,) = (
        row for row in json.loads(found.output)["estimates"] if tuple(row.values())[:4] == total
    )
    assert row["n"] == n
