"""A running period: every day is a look, and the limits hold at all of them together."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analysis.input.aggregates import Cell
from analysis.input.columns import Named
from analysis.input.responses import read_responses
from analysis.insights.daily import looks, read_days_of_overall
from analysis.period import parse_period
from analysis.statistics.moments import Moments
from analysis.statistics.sequential import confidence_sequence
from analysis.strata.survey import Setting
from questionnaires import shipped

NOVEMBER = parse_period("2026-11")
SETTING = Setting(shipped(), {}, today=date(2026, 12, 1))


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
    land = by_hand(rows, lambda row: row["sector"] == "land", level)
    total = by_hand(rows, lambda row: row["sector"] != "general", level)
    assert found == {ROWS[0]: land, ROWS[1]: land, ROWS[2]: total, ROWS[3]: total}


def test_only_days_that_may_be_told_are_looked_at(write_csv, rows):
    """On 10 November only the 2nd and the 3rd are over; each brought both sectors ten or more."""
    setting = replace(SETTING, today=date(2026, 11, 10))
    with read_responses(write_csv(rows)) as responses:
        assert set(read_days_of_overall(responses, NOVEMBER, SETTING)) == {
            *("2026-11-02", "2026-11-03", "2026-11-10")
        }
        days = read_days_of_overall(responses, NOVEMBER, setting)
    told = {day for day, parts in days.items() if any(parts)}
    assert told == {"2026-11-02", "2026-11-03"}


def test_where_it_is_not_known_which_day_it_is_there_is_no_look(write_csv, rows):
    with read_responses(write_csv(rows)) as responses:
        assert read_days_of_overall(responses, NOVEMBER, replace(SETTING, today=None)) == {}


def test_looks_are_at_the_questionnaire_that_most_people_answered(write_csv, rows):
    for row in rows[::3]:
        row["questionnaire"] = "another@1"
    mine = [row for row in rows if row["questionnaire"] != "another@1"]
    with read_responses(write_csv(rows)) as responses:
        days = read_days_of_overall(responses, NOVEMBER, SETTING)
    found = looks(days, [("all", "all")], GROUPS)
    assert found == {("all", "all"): by_hand(mine, lambda row: row["sector"] != "general")}


def test_without_the_question_there_is_no_look(write_csv, response):
    row = response(1, answered_on="2026-11-02", c01="4")
    del row["overall"]
    with read_responses(write_csv([row]), named=Named(("c01",))) as responses:
        assert read_days_of_overall(responses, NOVEMBER, SETTING) == {}


def test_looking_every_day_misleads_in_at_most_five_percent_of_months():
    """22 days of 3 answers, 90% satisfied: does any day's interval leave out the truth?"""
    rng = np.random.default_rng(20261122)
    place = Cell("xã A", "land", "poster", False, "2026-11")
    wrong = 0
    for _ in range(300):
        days, misled = {}, False
        for day, x in enumerate(rng.binomial(3, 0.9, 22).tolist()):
            days[f"2026-11-{day + 1:02d}"] = [{place: {"overall": Moments(3, 3, x, 3, x, x, 3)}}]
            look = looks(days, [("xã A", "land")], {})["xã A", "land"]
            misled = misled or not look.low <= 0.9 <= look.high
        wrong += misled
    assert wrong / 300 <= 0.05
