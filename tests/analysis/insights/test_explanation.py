"""Beside the document: every part is what its own analysis gives on the period's answers."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from analysis.document import analyse
from analysis.input.counts import PairCounts
from analysis.input.responses import read_responses
from analysis.insights.drivers import drivers
from analysis.insights.insights import explain
from analysis.period import parse_period
from analysis.strata.survey import Setting
from analysis.targets import shipped_targets
from questionnaires import shipped

OCTOBER = parse_period("2026-10")
ELEMENTS = ("access", "procedures", "civil_servants", "results", "feedback")
PLANTED = {"overall": "5", "access": "5", "procedures": "1", "civil_servants": "5"} | {
    "results": "1",
    "feedback": "5",
}


@pytest.fixture
def rows(response):
    """A year of 8 answers a workday of one office, the last item of them often left out."""
    draw = random.Random(12)
    days = [date(2025, 11, 1) + timedelta(days=n) for n in range(365)]
    made = []
    for day in (day for day in days if day.weekday() < 5):
        for _ in range(8):
            mood = draw.random() < 0.85
            scores = {item: one_score(draw, mood) for item in ("overall", *ELEMENTS)}
            sector = draw.choice(["land", "construction", "investment"])
            made.append(response(len(made), answered_on=str(day), sector=sector, **scores))
    for row in made:
        row["questionnaire"] = "desk@1"
        row["feedback"] = "" if draw.random() < 0.3 else row["feedback"]
    return made


def one_score(draw, mood):
    happy = draw.random() < (0.95 if mood else 0.4)
    return draw.choice("45") if happy else draw.choice("123")


def planted(rows, response, day="2026-10-14", number=20):
    """The same odd sheet, many times on one day of land."""
    more = [
        response(9000 + n, answered_on=day, **PLANTED, questionnaire="desk@1")
        for n in range(number)
    ]
    return [*rows, *more]


def explained(path, period=OCTOBER, today=None):
    targets, known = shipped_targets(), shipped()
    with read_responses(path) as responses:
        document = analyse(responses, period=period, questionnaires=known, today=today)
        setting = Setting(known, targets.groups, today=today)
        return explain(responses, None, document, setting=setting)


def october(rows):
    return [row for row in rows if row["answered_on"].startswith("2026-10")]


def test_drivers_are_the_elements_within_sectors_in_the_period(write_csv, rows):
    pairs = {}
    for element in ELEMENTS:
        for row in october(rows):
            if row[element]:
                liked, happy = (int(row[item]) >= 4 for item in (element, "overall"))
                places = pairs.setdefault(f"element:{element}", {})
                place = ("trieu-son", row["sector"])
                places[place] = places.get(place, PairCounts()) + PairCounts(
                    1, liked, happy, liked and happy
                )
    found = explained(write_csv(rows)).drivers
    assert set(found) == set(drivers(pairs))
    assert [driver.importance is None for driver in found] == sorted(
        driver.importance is None for driver in found
    )


def test_reliability_is_that_of_complete_sheets(write_csv, rows):
    (index,) = explained(write_csv(rows)).reliability
    assert (index.questionnaire, index.measure, index.items) == ("desk@1", "index", 5)
    assert index.n == sum(all(row[item] for item in ELEMENTS) for row in october(rows))


def test_the_trend_ends_with_the_period(write_csv, rows):
    found = explained(write_csv(rows))
    total = {trend.sector: trend for trend in found.trends}["all"]
    assert total.months[-1].month == "2026-10"
    assert total.months[-1].estimate.n == len(october(rows))


def test_a_trend_is_that_of_the_questionnaire_most_answered(write_csv, rows):
    """Before 2026 another one was asked: those months have no answers to this one."""
    for row in rows:
        if row["answered_on"] < "2026-01":
            row["questionnaire"] = "unknown@1"
    found = explained(write_csv(rows))
    months = {trend.sector: trend for trend in found.trends}["all"].months
    assert [month.estimate.n == 0 for month in months] == [m.month < "2026-01" for m in months]
    assert found.drivers


def test_planted_sheets_are_flagged_and_their_weight_is_told(write_csv, rows, response):
    every = planted(rows, response)
    found = explained(write_csv(every))
    reasons = {(flag.reason, flag.sector, flag.day) for flag in found.flags}
    assert reasons == {
        ("same_sheet", "land", date(2026, 10, 14)),
        ("burst", "land", date(2026, 10, 14)),
    }
    (total,) = found.without
    whole = [row for row in october(every) if row["sector"] != "general"]
    flagged = [  # a burst marks the day
        row for row in whole if (row["sector"], row["answered_on"]) == ("land", "2026-10-14")
    ]
    assert (total.sector, total.n) == ("all", len(whole))
    assert total.n - total.n_without == len(flagged)
    kept = [row for row in whole if row not in flagged]
    share = sum(int(row["overall"]) >= 4 for row in kept) / len(kept)
    assert total.share_without == pytest.approx(share)


def test_where_nothing_is_flagged_nothing_is_left_out(write_csv, rows):
    found = explained(write_csv(rows))
    assert (found.flags, found.without) == ((), ())


def test_answers_flagged_in_the_data_count_without_any_rule(write_csv, rows):
    marked = october(rows)[:7]
    for row in marked:
        row["flag"] = "by_hand"
    marked[0]["flag"] = "haste"
    before = next(row for row in rows if row["answered_on"] < "2026-10")
    before["flag"] = "haste"
    found = explained(write_csv(rows))
    total = {row.sector: row for row in found.without}["all"]
    assert (total.n, total.n_without) == (len(october(rows)), len(october(rows)) - 7)
    assert found.marked == {"by_hand": 6, "haste": 1}


@pytest.mark.parametrize(
    ("today", "running"),
    [
        (None, False),
        (date(2026, 10, 20), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_looks_are_counted_only_while_the_period_runs(write_csv, rows, today, running):
    found = explained(write_csv(rows), today=today)
    assert bool(found.looks) == running
    assert all((row.changes == ()) == running for row in found.trends)
    last = {row.months[-1].departure.signal for row in found.trends}
    assert (last == {"unknown"}) == running


def test_months_of_a_running_quarter_that_are_over_keep_their_signal(write_csv, rows):
    kept = [row for row in rows if row["answered_on"] <= "2026-10-15"]
    quarter = parse_period("2026-Q4")
    found = explained(write_csv(kept), quarter, today=date(2026, 11, 3))
    for row in found.trends:
        signals = {month.month: month.departure.signal for month in row.months}
        assert signals["2026-10"] != "unknown"
        assert signals["2026-11"] == signals["2026-12"] == "unknown"


def test_a_period_without_answers_explains_nothing(write_csv, rows):
    found = explained(write_csv(rows), parse_period("2030-01"), today=date(2030, 1, 5))
    assert (found.trends, found.drivers, found.reliability) == ((), (), ())
    assert (found.flags, found.without, found.looks) == ((), (), {})


def test_where_only_the_agency_was_asked_about_its_items_are_the_drivers(write_csv, response):
    draw = random.Random(1)
    items = shipped()["agency-service@1"].item_ids
    rows = [
        response(n, sector="general", **{item: draw.choice("12345") for item in items})
        for n in range(200)
    ]
    for row in rows:
        row["questionnaire"] = "agency-service@1"
    found = explained(write_csv(rows)).drivers
    assert found
    assert all(driver.satisfied + driver.dissatisfied == 200 for driver in found)
