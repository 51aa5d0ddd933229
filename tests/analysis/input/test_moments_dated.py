"""Moments by month and day, and answers marked as flagged: the same on every engine."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import date, timedelta

import pytest

from analysis.input.aggregates import FlaggedAnswers, Only, read_daily_moments, read_moments
from analysis.period import parse_period
from tests.analysis.given import read_all

BLOCKS = {"overall": ("overall",), "index": ("c01", "c02")}
YEAR = parse_period("12m:2026-10")
ENGINES = ["csv", "parquet", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture
def rows(response):
    """300 answers from September 2025 to November 2026, of two questionnaires."""
    draw = random.Random(7)
    days = ["2025-10-31", "2025-11-01", "2025-12-09", "2026-10-05", "2026-10-31", "2026-11-01"]
    return [
        response(
            n,
            questionnaire=draw.choice(["survey@1", "survey@2"]),
            sector=draw.choice(["land", "civil-status"]),
            answered_on=draw.choice(days),
            flag=draw.choice(["", "", "", "burst"]),
            **{item: draw.choice(["", "2", "4", "5"]) for item in ("overall", "c01", "c02")},
        )
        for n in range(300)
    ]


@pytest.fixture(params=ENGINES)
def source(request, rows):
    return request.getfixturevalue(f"write_{request.param}")(rows)


def counted(found):
    """n, answers and satisfied answers per date, questionnaire, sector and flag."""
    return {
        (when, key, cell.sector, cell.flagged): (
            *(measures["overall"].n, measures["overall"].m, measures["overall"].y),
            *(measures["index"].m, measures["index"].y, measures["index"].mm),
        )
        for when, keys in found.items()
        for key, cells in keys.items()
        for cell, measures in cells.items()
    }


def by_hand(rows, letters):
    found = {}
    for row in rows:
        when = row["answered_on"][:letters]
        if not "2025-11" <= when < "2026-11":
            continue
        overall = [int(row["overall"])] if row["overall"] else []
        index = [int(row[item]) for item in ("c01", "c02") if row[item]]
        key = (when, row["questionnaire"], row["sector"], row["flag"] != "")
        one = (
            *(1, len(overall), sum(score >= 4 for score in overall)),
            *(len(index), sum(score >= 4 for score in index), len(index) ** 2),
        )
        found[key] = tuple(map(sum, zip(found.get(key, (0,) * 6), one, strict=True)))
    return found


def by_month(found):
    """Month -> questionnaire -> cells, as the days are given."""
    months = {}
    for key, cells in found.items():
        for cell, measures in cells.items():
            months.setdefault(cell.month, {}).setdefault(key, {})[cell] = measures
    return months


def test_a_month_holds_what_a_loop_over_the_rows_gives(source, rows):
    with read_all(source) as responses:
        found = read_moments(responses, YEAR, BLOCKS)
    assert counted(by_month(found)) == by_hand(rows, 7)


def test_a_day_holds_what_a_loop_over_the_rows_gives(source, rows):
    with read_all(source) as responses:
        found = read_daily_moments(responses, YEAR, BLOCKS)
    assert counted(found) == by_hand(rows, 10)


def test_days_add_up_to_their_month(source):
    with read_all(source) as responses:
        days = read_daily_moments(responses, YEAR, BLOCKS)
        whole = read_moments(responses, YEAR, BLOCKS)
    total = Counter()
    for keys in days.values():
        for key, cells in keys.items():
            for cell, measures in cells.items():
                total[key, cell] += measures["index"].mm
    assert total == {(k, c): m["index"].mm for k, cells in whole.items() for c, m in cells.items()}


def test_a_single_month_is_read_as_it_is_within_a_year(source):
    with read_all(source) as responses:
        alone = read_moments(responses, parse_period("2026-10"), BLOCKS)
        year = read_moments(responses, YEAR, BLOCKS)
    for key, cells in alone.items():
        assert cells == {c: found for c, found in year[key].items() if c.month == "2026-10"}


def test_one_questionnaire_can_be_asked_for(source, rows):
    with read_all(source) as responses:
        found = by_month(read_moments(responses, YEAR, BLOCKS, Only("survey@2")))
    wanted = [row for row in rows if row["questionnaire"] == "survey@2"]
    assert counted(found) == by_hand(wanted, 7)


@pytest.mark.parametrize(
    "sheet", [(), (("overall", 5), ("c01", None), ("c02", 4)), (("overall", None),)]
)
def test_marked_answers_count_as_flagged(source, rows, sheet):
    mark = FlaggedAnswers("trieu-son", "land", date(2026, 10, 5), sheet)
    with read_all(source) as responses:
        found = read_moments(responses, YEAR, BLOCKS, marks=[mark])
    wanted = [
        row | {"flag": "marked"}
        if (row["sector"], row["answered_on"]) == ("land", "2026-10-05")
        and all(row[item] == ("" if score is None else str(score)) for item, score in sheet)
        else row
        for row in rows
    ]
    expected = Counter()
    for (_, key, sector, flagged), (n, *_) in by_hand(wanted, 7).items():
        expected[key, sector, flagged] += n
    counts = Counter()
    for key, cells in found.items():
        for cell, measures in cells.items():
            counts[key, cell.sector, cell.flagged] += measures["overall"].n
    assert counts == expected


def test_many_marks_are_one_list(source, rows):
    """Each day of a year, and each of 125 sheets: no engine's limit on nesting is met."""
    first = date(2025, 11, 1)
    marks = [FlaggedAnswers("trieu-son", "land", first + timedelta(days=n)) for n in range(365)]
    marks += [
        FlaggedAnswers("elsewhere", "land", first, (("overall", a), ("c01", b), ("c02", c)))
        for a, b, c in itertools.product(range(1, 6), repeat=3)
    ]
    with read_all(source) as responses:
        found = read_moments(responses, YEAR, BLOCKS, marks=marks)
    flags = {
        sector: {
            cell.flagged for cells in found.values() for cell in cells if cell.sector == sector
        }
        for sector in ("land", "civil-status")
    }
    assert flags == {"land": {True}, "civil-status": {True, False}}


def test_no_responses_give_no_month_and_no_day(write_csv, response):
    block = {"overall": ("overall",)}
    with read_all(write_csv([response(1, answered_on="2020-01-01")])) as responses:
        assert read_moments(responses, YEAR, block) == {}
        assert read_daily_moments(responses, YEAR, block) == {}
