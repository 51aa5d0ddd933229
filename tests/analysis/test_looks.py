"""A running period: every day is a look, and the limits hold at all of them together."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from analysis.counting.moments import Cell, Moments
from analysis.design.history import Setting
from analysis.document import analyse
from analysis.formulas.sequence import confidence_sequence
from analysis.insights.looks import live, looks, read_days_of_overall
from analysis.period import parse_period
from analysis.problems import WordingError
from analysis.reading.layout import read_responses
from analysis.targets import shipped_targets
from questionnaires import shipped

NOVEMBER = parse_period("2026-11")
SETTING = Setting(shipped(), {})


@pytest.fixture
def rows(response):
    draw = random.Random(9)
    return [
        response(
            n,
            sector=draw.choice(["land", "construction"]),
            channel=draw.choice(["poster", "kiosk"]),
            answered_on=f"2026-{draw.choice(['10-31', '11-02', '11-03', '11-10'])}",
            overall=draw.choice(["", "5", "5", "4", "2"]),
        )
        for n in range(200)
    ]


def by_hand(rows, wanted, level=0.95):
    """The newest look at the answers that are wanted, a day each."""
    so_far = []
    for day in ("2026-11-02", "2026-11-03", "2026-11-10"):
        given = [
            int(row["overall"])
            for row in rows
            if wanted(row) and "2026-11" <= row["answered_on"] <= day and row["overall"]
        ]
        so_far.append((sum(score >= 4 for score in given), len(given)))
    return confidence_sequence(so_far, level=level)[-1]


ROWS = [("trieu-son", "land"), ("all", "land"), ("all", "all"), ("all", "group:both")]
GROUPS = {"group:both": ("land", "construction"), "group:none": ("business",)}


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_every_day_so_far_is_a_look_at_every_row(request, rows, kind, level):
    with read_responses(request.getfixturevalue(f"write_{kind}")(rows)) as responses:
        days = read_days_of_overall(responses, NOVEMBER, SETTING)
    found = looks(days, [*ROWS, ("all", "group:none")], GROUPS, level=level)
    land = by_hand(rows, lambda row: row.sector == "land", level)
    total = by_hand(rows, lambda row: row.sector != "general", level)
    assert found == {ROWS[0]: land, ROWS[1]: land, ROWS[2]: total, ROWS[3]: total}


def test_unlike_wordings_are_refused(write_csv, rows):
    for row in rows[::2]:
        row["questionnaire"] = "another@1"
    with read_responses(write_csv(rows)) as responses, pytest.raises(WordingError):
        read_days_of_overall(responses, NOVEMBER, SETTING)


def test_without_the_question_there_is_no_look(write_csv, response):
    row = response(1, answered_on="2026-11-02", c01="4")
    del row["overall"]
    with read_responses(write_csv([row])) as responses:
        assert read_days_of_overall(responses, NOVEMBER, SETTING) == {}


def test_looking_every_day_misleads_in_at_most_five_percent_of_months():
    """22 days of 3 answers, 90% satisfied: does any day's interval leave out the truth?"""
    rng = np.random.default_rng(20261122)
    place = Cell("xã A", "land", "poster", False)
    wrong = 0
    for _ in range(300):
        days, misled = {}, False
        for day, x in enumerate(rng.binomial(3, 0.9, 22).tolist()):
            days[f"2026-11-{day + 1:02d}"] = [{place: {"overall": Moments(3, 3, x, 3, x, x, 3)}}]
            look = looks(days, [("xã A", "land")], {})["xã A", "land"]
            misled = misled or not look.low <= 0.9 <= look.high
        wrong += misled
    assert wrong / 300 <= 0.05


@pytest.fixture
def document(write_csv, rows):
    with read_responses(write_csv(rows)) as responses:
        found = analyse(responses, period=NOVEMBER)
        days = read_days_of_overall(responses, NOVEMBER, SETTING)
    places = {(row.office, row.sector) for row in found.estimates}
    return found, looks(days, places, shipped_targets().groups)


def test_a_running_document_goes_by_its_looks(document):
    plain, newest = document
    found = live(plain, newest, shipped_targets())
    for before, row in zip(plain.estimates, found.estimates, strict=True):
        look = newest.get((row.office, row.sector))
        if row.measure == "overall" and row.channel == "all" and row.share is not None:
            assert (row.low, row.high) == (look.running_low, look.running_high)
            assert row.high - row.low > before.high - before.low
            assert row.method == "confidence-sequence"
        else:
            assert row == before
        assert row.share == before.share


def test_a_running_verdict_is_given_only_where_every_look_agrees(document):
    plain, newest = document
    place = ("all", "land")
    sure = replace(newest[place], running_low=0.86, running_high=0.89)
    found = live(plain, newest | {place: sure}, shipped_targets())
    said = {
        verdict.target: verdict
        for verdict in found.verdicts
        if (verdict.office, verdict.sector) == place
    }
    assert (said["each-2025"]["evidence"], said["each-2030"]["evidence"]) == ("met", "missed")
    assert {verdict.responses_needed for verdict in said.values()} == {None}
    assert all("chưa kết thúc" in verdict.note for verdict in said.values())


def test_a_weighted_total_is_not_judged_before_the_period_is_over(document):
    plain, newest = document
    rows = [row | {"method": "kg-s"} if row.method else row for row in plain.estimates]
    found = live(plain | {"estimates": rows}, newest, shipped_targets())
    evidence = {verdict.evidence for verdict in found.verdicts}
    assert evidence == {"not_proven", "none"}
    assert found.estimates == rows


def test_who_did_not_answer_stays_so(document):
    plain, newest = document
    found = live(plain, newest, shipped_targets())
    for before, verdict in zip(plain.verdicts, found.verdicts, strict=True):
        assert (before.evidence == "none") == (verdict.evidence == "none")
