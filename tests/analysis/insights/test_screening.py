"""What is flagged, what is not, and how often a flag is false."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import hypergeom, nbinom, poisson

from analysis.document import analyse
from analysis.input.aggregates import FlaggedAnswers
from analysis.input.counts import Repeat, Repeats, read_days, read_repeats
from analysis.insights.screening import (
    LEAST,
    OPEN_DAYS,
    SERVED,
    STRETCH,
    Flag,
    apart,
    bursts,
    marks_of,
    same_sheets,
)
from analysis.period import last_months, parse_period
from tests.analysis.given import read_all

OCTOBER = parse_period("2026-10")
HALF_YEAR = last_months(OCTOBER, STRETCH)
FIVES = (("overall", 5), ("c01", 5))
LAND = ("survey@1", "xã A", "land")
# Monday to Friday from May to October 2026
WORKDAYS = [
    day
    for n in range((HALF_YEAR.last - HALF_YEAR.first).days + 1)
    if (day := HALF_YEAR.first + timedelta(days=n)).weekday() < 5
]
THIS_MONTH = [day for day in WORKDAYS if day >= OCTOBER.first]


# --- the same sheet ---------------------------------------------------------------------------


def repeats_of(table):
    """`Repeats` of {day: [sheet, ...]} in one place, and its days."""
    daily = {day: Counter(sheets) for day, sheets in table.items()}
    whole = sum(daily.values(), Counter())
    found = tuple(
        Repeat(LAND, day, sheet, n, whole[sheet])
        for day, sheets in daily.items()
        for sheet, n in sheets.items()
        if n >= LEAST and day >= OCTOBER.first
    )
    kinds = {LAND: sum(n >= LEAST for n in whole.values())}
    return {LAND: {day: len(s) for day, s in table.items()}}, Repeats(LEAST, found, kinds)


def days_of_sheets(rng, mean=12):
    """Half a year of answers whose sheets fall on days by chance: three common ones, many rare."""
    chances = np.array([0.3, 0.2, 0.1, *[0.02] * 20])
    return {
        day: [(("overall", int(k)),) for k in rng.choice(chances.size, n, p=chances)]
        for day in WORKDAYS
        if (n := int(rng.poisson(mean)))
    }


def test_a_sheet_that_fills_a_day_is_flagged_with_what_would_be_usual():
    table = days_of_sheets(np.random.default_rng(1))
    day = date(2026, 10, 14)
    table[day] = table[day] + [FIVES] * 9
    days, repeats = repeats_of(table)
    (flag,) = same_sheets(days, repeats, OCTOBER)
    n, whole = len(table[day]), sum(map(len, table.values()))
    assert (flag.reason, flag.office, flag.sector, flag.day) == ("same_sheet", "xã A", "land", day)
    assert (flag.count, flag.of, flag.sheet) == (9, n, FIVES)
    assert flag.expected == pytest.approx(9 * n / whole)
    assert flag.p_value == pytest.approx(hypergeom(whole, 9, n).sf(8))


def test_a_sheet_that_is_common_every_day_is_not_flagged():
    rng = random.Random(2)
    table = {
        day: [FIVES if rng.random() < 0.6 else (("overall", n),) for n in range(15)]
        for day in WORKDAYS
    }
    days, repeats = repeats_of(table)
    assert repeats.repeats
    assert same_sheets(days, repeats, OCTOBER) == []


def test_sheets_that_fall_on_days_by_chance_are_flagged_in_at_most_five_percent_of_months():
    rng = np.random.default_rng(20261122)
    false = sum(bool(same_sheets(*repeats_of(days_of_sheets(rng)), OCTOBER)) for _ in range(200))
    assert false / 200 <= 0.05


def test_the_engine_finds_the_planted_sheets(write_csv, response):
    rng = random.Random(3)
    rows = [
        response(n, answered_on=str(rng.choice(WORKDAYS)), overall=rng.choice("12345"), c01=c)
        for n in range(1500)
        for c in [rng.choice("12345")]
    ]
    rows += [response(2000 + n, answered_on="2026-10-14", overall="5", c01="5") for n in range(25)]
    with read_all(write_csv(rows)) as responses:
        days = read_days(responses, HALF_YEAR)
        repeats = read_repeats(responses, HALF_YEAR, OCTOBER, least=LEAST)
    (flag,) = same_sheets(days, repeats, OCTOBER)
    assert (flag.day, flag.sheet) == (date(2026, 10, 14), FIVES)
    assert flag.count >= 25


# --- bursts -----------------------------------------------------------------------------------


def sectors_of(counts):
    """Days of an office from an array of sectors x WORKDAYS."""
    return {
        ("survey@1", "xã A", f"sector-{s}"): {
            day: int(n) for day, n in zip(WORKDAYS, row, strict=True) if n
        }
        for s, row in enumerate(counts)
    }


def test_a_day_with_far_more_answers_than_usual_is_flagged():
    counts = np.random.default_rng(1).poisson(4, (3, len(WORKDAYS)))
    where = WORKDAYS.index(date(2026, 10, 14))
    counts[1, where] = 30
    (flag,) = bursts(sectors_of(counts), OCTOBER)
    assert (flag.reason, flag.sector, flag.day) == ("burst", "sector-1", date(2026, 10, 14))
    others = len(WORKDAYS) - 1
    assert (flag.count, flag.of) == (30, others)
    assert flag.expected == pytest.approx((counts[1].sum() - 30 + 0.5) / others)


def test_the_tail_is_that_of_a_negative_binomial():
    """Its variance is at least the observed one, so the tail is no smaller than scipy's of that."""
    counts = np.random.default_rng(1).poisson(4, (1, len(WORKDAYS)))
    counts[0, -1] = 30
    (flag,) = bursts(sectors_of(counts), OCTOBER)
    rest = np.delete(counts[0], -1)
    mean, variance = rest.mean(), max(rest.var(ddof=1), rest.mean() * 1.001)
    plain = nbinom(mean**2 / (variance - mean), mean / variance).sf(29)
    assert plain < flag.p_value < 1e-6


def test_an_old_burst_is_not_told_again():
    counts = np.random.default_rng(1).poisson(4, (2, len(WORKDAYS)))
    counts[0, WORKDAYS.index(date(2026, 9, 14))] = 60
    assert bursts(sectors_of(counts), OCTOBER) == []


def first_days(*counts):
    """The days of an office that has just begun, of sectors x days."""
    return {
        ("survey@1", "xã A", f"sector-{s}"): dict(zip(THIS_MONTH, row, strict=False))
        for s, row in enumerate(counts)
    }


def test_too_few_open_days_do_not_tell_what_is_usual():
    others = [1] * (OPEN_DAYS - 1)
    assert bursts(first_days([*others, 60]), OCTOBER) == []
    (flag,) = bursts(first_days([*others, 1, 60]), OCTOBER)
    assert (flag.reason, flag.count, flag.of) == ("burst", 60, OPEN_DAYS)


@pytest.mark.parametrize("open_days", [1, 2, 3, 4, 5, 6, 12, 20])
@pytest.mark.parametrize("mean", [3, 6, 10])
def test_a_day_of_240_answers_in_the_first_month_is_flagged(open_days, mean):
    """Ten sectors, of which one had 240 answers on the last of the days."""
    counts = np.random.default_rng(open_days).poisson(mean, (10, open_days))
    counts[4, -1] = 240
    (flag,) = bursts(first_days(*counts.tolist()), OCTOBER)
    assert (flag.sector, flag.day, flag.count) == ("sector-4", THIS_MONTH[open_days - 1], 240)
    assert (flag.reason == "burst") == (flag.of >= OPEN_DAYS)


def test_without_other_days_only_more_than_a_counter_can_serve_is_flagged():
    least = next(n for n in range(SERVED, 999) if poisson(SERVED).sf(n - 1) <= 0.05)
    assert bursts(first_days([least - 1]), OCTOBER) == []
    (flag,) = bursts(first_days([least]), OCTOBER)
    assert (flag.reason, flag.of, flag.expected) == ("unserved", 0, SERVED)
    assert flag.p_value == pytest.approx(poisson(SERVED).sf(least - 1))
    assert bursts(first_days([least], [3]), OCTOBER) == []  # two share the risk


def test_a_counter_that_serves_all_it_can_is_flagged_in_at_most_five_percent_of_first_weeks():
    rng = np.random.default_rng(20261122)
    weeks = rng.poisson(SERVED, (400, 3, OPEN_DAYS)).tolist()
    assert sum(bool(bursts(first_days(*week), OCTOBER)) for week in weeks) / 400 <= 0.05


def test_four_answers_are_never_a_burst():
    counts = np.zeros((2, len(WORKDAYS)), dtype=int)
    counts[0] = 3
    counts[1, -1] = LEAST - 1
    assert bursts(sectors_of(counts), OCTOBER) == []


@pytest.mark.parametrize("mean", [0.3, 10, 30])
@pytest.mark.parametrize("shape", [None, 5, 1])
@pytest.mark.parametrize("open_days", [OPEN_DAYS + 1, 9, 20])
def test_first_months_without_a_burst_are_flagged_in_at_most_five_percent(mean, shape, open_days):
    rng = np.random.default_rng(20261122)
    false = 0
    for _ in range(200):
        size = (10, open_days)
        rates = rng.gamma(shape, mean / shape, size) if shape else np.full(size, mean)
        false += bool(bursts(first_days(*rng.poisson(rates).tolist()), OCTOBER))
    assert false / 200 <= 0.05


@pytest.mark.parametrize("mean", [0.3, 2, 10])
@pytest.mark.parametrize("shape", [None, 5, 1])
def test_months_without_a_burst_are_flagged_in_at_most_five_percent(mean, shape):
    """Ten sectors; shape None: Poisson, else a gamma's: 1 is a spread as large as the mean."""
    rng = np.random.default_rng(20261122)
    false = 0
    for _ in range(150):
        size = (10, len(WORKDAYS))
        rates = rng.gamma(shape, mean / shape, size) if shape else np.full(size, mean)
        false += bool(bursts(sectors_of(rng.poisson(rates)), OCTOBER))
    assert false / 150 <= 0.05


# --- far from its peers -----------------------------------------------------------------------


def test_an_office_unlike_the_others_stands_apart():
    counts = {(f"xã {n}", "land"): (45, 50) for n in range(6)} | {("xã X", "land"): (20, 50)}
    (flag,) = apart(counts)
    assert (flag.reason, flag.office, flag.sector, flag.day) == ("apart", "xã X", "land", None)
    assert (flag.count, flag.of) == (20, 50)
    assert flag.expected == pytest.approx(50 * 290 / 350)
    assert flag.p_value == pytest.approx(2 * hypergeom(350, 290, 50).cdf(20))


def test_an_office_that_is_too_good_stands_apart_too():
    counts = {(f"xã {n}", "land"): (35, 50) for n in range(6)} | {("xã X", "land"): (50, 50)}
    (flag,) = apart(counts)
    assert (flag.office, flag.count) == ("xã X", 50)
    assert flag.expected < 50


def test_of_one_office_the_sectors_are_compared():
    counts = {("xã A", f"sector-{n}"): (45, 50) for n in range(5)} | {("xã A", "land"): (20, 50)}
    assert [flag.sector for flag in apart(counts)] == ["land"]


def test_offices_are_compared_within_a_sector_only():
    """Land is low everywhere: no office stands apart for that."""
    counts = {(f"xã {n}", "land"): (20, 50) for n in range(4)}
    counts |= {(f"xã {n}", "certification"): (49, 50) for n in range(4)}
    assert apart(counts) == []


def test_small_cells_and_the_agency_itself_are_no_peers():
    counts = {("xã A", name): (45, 50) for name in ("land", "construction")}
    assert apart(counts | {("xã A", "general"): (5, 50), ("xã A", "business"): (0, 4)}) == []


def test_peers_that_are_alike_are_flagged_in_at_most_five_percent():
    rng = np.random.default_rng(20261122)
    sizes = np.array([[5, 12, 40, 80, 200]] * 3)
    false = 0
    for _ in range(400):
        x = rng.binomial(sizes, [[0.95], [0.8], [0.5]])
        counts = {
            (f"xã {o}", f"sector-{s}"): (int(x[s, o]), int(sizes[s, o]))
            for s in range(3)
            for o in range(5)
        }
        false += bool(apart(counts))
    assert false / 400 <= 0.05


def test_nothing_to_compare_gives_no_flag():
    assert apart({}) == []
    assert bursts({}, OCTOBER) == []
    assert same_sheets({}, Repeats(LEAST, (), {}), OCTOBER) == []


# --- with and without -------------------------------------------------------------------------


def test_marks_are_those_of_days_only():
    day = date(2026, 10, 14)
    flags = [
        Flag("same_sheet", "xã A", "land", day, 9, 20, 0.5, 1e-9, FIVES),
        Flag("burst", "xã A", "land", day, 40, 120, 4.0, 1e-9),
        Flag("apart", "xã A", "land", None, 20, 50, 45.0, 1e-9),
    ]
    assert marks_of(flags) == (
        FlaggedAnswers("xã A", "land", day, FIVES),
        FlaggedAnswers("xã A", "land", day),
    )


def test_leaving_out_what_was_flagged_gives_the_share_without_it(write_csv, response):
    rng = random.Random(3)
    rows = [
        response(n, office="xã A", answered_on=str(rng.choice(WORKDAYS)), overall=o, c01=c)
        for n in range(900)
        for o, c in [(rng.choice("12345"), rng.choice("12345"))]
    ]
    path = write_csv(
        rows
        + [
            response(2000 + n, office="xã A", answered_on="2026-10-14", overall="5", c01="5")
            for n in range(25)
        ]
    )
    with read_all(path) as responses:
        days = read_days(responses, HALF_YEAR)
        repeats = read_repeats(responses, HALF_YEAR, OCTOBER, least=LEAST)
        flags = same_sheets(days, repeats, OCTOBER)
        found = analyse(responses, period=OCTOBER, flagged="exclude", marks=marks_of(flags))
    kept = [
        row
        for row in rows
        if row["answered_on"] >= "2026-10"
        and (row["answered_on"], row["overall"], row["c01"]) != ("2026-10-14", "5", "5")
    ]
    row = found.pick()
    assert row.n == len(kept)
    assert row.satisfied == sum(int(one["overall"]) >= 4 for one in kept)
