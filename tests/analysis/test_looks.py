"""A running period: every day is a look, and the limits hold at all of them together."""

from __future__ import annotations

import random

import numpy as np
import pytest

from analysis.history import Setting
from analysis.layout import read_responses
from analysis.looks import looks_of, read_looks
from analysis.moments import Cell, Moments
from analysis.period import parse_period
from analysis.problems import WordingError
from analysis.sequence import confidence_sequence
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


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_every_day_so_far_is_a_look(request, rows, kind, level):
    with read_responses(request.getfixturevalue(f"write_{kind}")(rows)) as responses:
        found = read_looks(responses, NOVEMBER, SETTING, level=level)
    assert set(found) == {("trieu-son", "land"), ("trieu-son", "construction")}
    for (_, sector), look in found.items():
        so_far = []
        for day in ("2026-11-02", "2026-11-03", "2026-11-10"):
            given = [
                int(row["overall"])
                for row in rows
                if row["sector"] == sector
                and "2026-11" <= row["answered_on"] <= day
                and row["overall"]
            ]
            so_far.append((sum(score >= 4 for score in given), len(given)))
        assert look == confidence_sequence(so_far, level=level)[-1]


def test_unlike_wordings_are_refused(write_csv, rows):
    for row in rows[::2]:
        row["questionnaire"] = "another@1"
    with read_responses(write_csv(rows)) as responses, pytest.raises(WordingError):
        read_looks(responses, NOVEMBER, SETTING)


def test_without_the_question_there_is_no_look(write_csv, response):
    row = response(1, answered_on="2026-11-02", c01="4")
    del row["overall"]
    with read_responses(write_csv([row])) as responses:
        assert read_looks(responses, NOVEMBER, SETTING) == {}


def test_looking_every_day_misleads_in_at_most_five_percent_of_months():
    """22 days of 3 answers, 90% satisfied: does any day's interval leave out the truth?"""
    rng = np.random.default_rng(20261122)
    place = Cell("xã A", "land", "poster", False)
    wrong = 0
    for _ in range(300):
        satisfied = rng.binomial(3, 0.9, 22)
        days = {
            f"2026-11-{day + 1:02d}": [
                {place: {"overall": Moments(3, 3, int(x), 3, int(x), int(x), 3)}}
            ]
            for day, x in enumerate(satisfied)
        }
        seen = list(days)
        looks = [
            looks_of({day: days[day] for day in seen[: n + 1]})["xã A", "land"] for n in range(22)
        ]
        wrong += any(not look.low <= 0.9 <= look.high for look in looks)
    assert wrong / 300 <= 0.05
