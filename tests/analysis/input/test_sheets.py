"""Days and repeated sheets are counted alike on every engine."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from analysis.input.aggregates import Only
from analysis.input.counts import Repeat, read_days, read_repeats
from analysis.period import last_months, parse_period
from tests.analysis.given import read_all

OCTOBER = parse_period("2026-10")
STRETCH = last_months(OCTOBER, 6)
ITEMS = ("overall", "n", "count", "dated", "flagged", "whole")
ENGINES = ["csv", "parquet", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def rows(response):
    """400 answers of few different sheets; items are called like the words of a query."""
    draw = random.Random(5)
    sheets = [dict(zip(ITEMS, sheet, strict=True)) for sheet in ("555555", "444444", "54 3 1")]
    days = ["2026-04-30", "2026-05-01", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"]
    return [
        response(
            n,
            questionnaire=draw.choice(["survey@1", "survey@2"]),
            sector=draw.choice(["land", "civil-status"]),
            answered_on=draw.choice(days),
            **{item: score.strip() for item, score in draw.choice(sheets).items()},
        )
        for n in range(400)
    ]


@pytest.fixture(params=ENGINES)
def source(request, rows):
    return request.getfixturevalue(f"write_{request.param}")(rows)


def place(row):
    return row["questionnaire"], row["office"], row["sector"]


def sheet(row):
    return tuple((item, int(row[item]) if row[item] else None) for item in ITEMS)


def in_stretch(rows):
    return [row for row in rows if "2026-05-01" <= row["answered_on"] <= "2026-10-31"]


def test_answers_are_counted_by_day(source, rows):
    expected = {}
    for row in in_stretch(rows):
        days = expected.setdefault(place(row), Counter())
        days[date.fromisoformat(row["answered_on"])] += 1
    with read_all(source) as responses:
        assert read_days(responses, STRETCH) == expected


@pytest.mark.parametrize("least", [3, 8])
def test_repeated_sheets_are_counted_by_day_and_over_the_stretch(source, rows, least):
    daily = Counter((place(row), row["answered_on"], sheet(row)) for row in in_stretch(rows))
    whole = Counter((place(row), sheet(row)) for row in in_stretch(rows))
    expected = {
        Repeat(where, date.fromisoformat(day), found, n, whole[where, found])
        for (where, day, found), n in daily.items()
        if n >= least and day >= "2026-10"
    }
    kinds = Counter(where for (where, _), n in whole.items() if n >= least)
    with read_all(source) as responses:
        found = read_repeats(responses, STRETCH, OCTOBER, least=least)
    assert (set(found.repeats), found.kinds, found.least) == (expected, dict(kinds), least)
    assert expected


def test_one_questionnaire_can_be_asked_for(source, rows):
    with read_all(source) as responses:
        days = read_days(responses, STRETCH, Only("survey@2"))
        found = read_repeats(responses, STRETCH, OCTOBER, Only("survey@2"), least=2)
    assert {key for key, _, _ in (*days, *found.kinds)} == {"survey@2"}


def test_nothing_is_repeated_where_nobody_answered(write_csv, response):
    with read_all(write_csv([response(1, answered_on="2020-01-01")])) as responses:
        found = read_repeats(responses, STRETCH, OCTOBER, least=1)
        assert (found.repeats, found.kinds, read_days(responses, STRETCH)) == ((), {}, {})
