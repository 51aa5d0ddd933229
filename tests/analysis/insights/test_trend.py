"""Twelve months of every row, and a period against those before it."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.stats import hypergeom

from analysis.document import analyse
from analysis.input.aggregates import Cell
from analysis.input.population import Dossiers, read_population
from analysis.input.responses import read_responses
from analysis.insights.trend import earlier, told_signal, trends
from analysis.period import last_months, parse_period
from analysis.statistics.comparisons import departure, difference, newcombe
from analysis.statistics.estimates import estimate_many
from analysis.statistics.exact import Interval
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from analysis.strata.pooling import Pooled
from analysis.strata.survey import History, Setting, Survey, read_history
from analysis.targets import shipped_targets
from questionnaires import shipped
from tests.analysis.given import read_all

OCTOBER = parse_period("2026-10")
YEARS = last_months(OCTOBER, 24).months
SETTING = Setting(shipped(), shipped_targets().groups)


@pytest.fixture
def rows(response):
    """Two years of two offices; land falls in October 2026."""
    draw = random.Random(3)
    made = []
    for month in YEARS:
        for sector, share, people in (("land", 0.9, 25), ("construction", 0.8, 9)):
            for _ in range(people):
                happy = draw.random() < (0.4 if (sector, month) == ("land", "2026-10") else share)
                made.append(
                    response(
                        len(made),
                        office=draw.choice(["xã A", "xã B"]),
                        sector=sector,
                        answered_on=f"{month}-15",
                        overall=draw.choice("45") if happy else draw.choice("123"),
                    )
                )
    return made


@pytest.fixture
def population(tmp_path):
    path = tmp_path / "dossiers.csv"
    lines = ["period,office,sector,completed"]
    lines += [
        f"{month},{office},{sector},{completed}"
        for month in YEARS
        for office in ("xã A", "xã B")
        for sector, completed in (("land", 40), ("construction", 20))
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_population(path)


def found_in(path, population, period=OCTOBER, setting=SETTING, **options):
    with read_responses(path) as responses:
        history = read_history(responses, population, period, setting)
    return {row.sector: row for row in trends(history, period, **options)}


def test_every_month_has_the_figures_of_its_own_document(write_csv, rows, population):
    path = write_csv(rows)
    found = found_in(path, population)
    for number, month in enumerate(YEARS[12:]):
        document = analyse(path, population, period=month)
        for sector in ("land", "construction", "group:land-construction-investment", "all"):
            row, one = document.pick(sector=sector), found[sector].months[number]
            assert one.month == month
            assert (one.estimate.n, one.estimate.satisfied) == (row.n, row.satisfied)
            figures = (one.estimate.share, one.estimate.low, one.estimate.high)
            assert figures == pytest.approx((row.share, row.low, row.high))


def test_a_month_is_held_against_the_twelve_before_it_place_by_place(write_csv, rows, population):
    land = found_in(write_csv(rows), population)["land"]

    def counts(months, office):
        scores = [
            int(row["overall"]) >= 4
            for row in rows
            if (row["sector"], row["office"]) == ("land", office)
            and row["answered_on"][:7] in months
        ]
        return sum(scores), len(scores)

    for number, month in enumerate(land.months):
        sides = (YEARS[12 + number : 13 + number], YEARS[number : 12 + number])
        this, before = ([counts(side, office) for office in ("xã A", "xã B")] for side in sides)
        assert month.departure == departure(this, before)
    assert land.months[-1].departure.signal == "lower"


def test_a_period_is_told_against_the_one_before_and_a_year_before(write_csv, rows, population):
    path = write_csv(rows)
    land = found_in(path, population)["land"]
    assert [change.earlier.text for change in land.changes] == ["2026-09", "2025-10"]
    now = analyse(path, population, period="2026-10").pick(sector="land")
    for change in land.changes:
        then = analyse(path, population, period=change.earlier).pick(sector="land")
        sides = [(row.share, Interval(row.low, row.high)) for row in (now, then)]
        assert change.difference == newcombe(*sides[0], *sides[1])
        assert change.signal == "lower"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10", ["2026-09", "2025-10"]),
        ("2026-Q3", ["2026-Q2", "2025-Q3"]),
        ("2026-H2", ["2026-H1", "2025-H2"]),
        ("2026", ["2025"]),
        ("12m:2026-10", ["12m:2025-10"]),
    ],
)
def test_each_length_has_its_earlier_periods(text, expected):
    assert [period.text for period in earlier(parse_period(text))] == expected


def false_changes(share, sizes, told=2):
    """Chance of a told change between two periods of one share, every count of both counted.

    `sizes`: dossiers and answers of each period. Told as by `changes`, at 1 - 5% / told.
    """
    limits, chances = [], []
    for dossiers, n in sizes:
        cells = [[Stratum(Moments(n, n, x, n, x, x, n), dossiers)] for x in range(n + 1)]
        limits.append(estimate_many(cells, "item", level=1 - 0.05 / told))
        chances.append(hypergeom(dossiers, round(share * dossiers), n).pmf(range(n + 1)))
    total = 0.0
    for one, chance in zip(limits[0], chances[0], strict=True):
        for other, weight in zip(limits[1], chances[1], strict=True):
            apart = difference(one, other) if chance * weight > 1e-12 else None
            if apart is not None and apart.beyond_chance:
                sides = [[(side.satisfied, side.answered)] for side in (one, other)]
                answers = departure(*sides, looks=told).signal
                total += chance * weight * (told_signal(apart, answers) != "none")
    return total


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.95])
@pytest.mark.parametrize(
    "sizes",
    [((20, 5), (40, 30)), ((60, 15), (60, 40)), ((200, 40), (100, 10)), ((1000, 60), (400, 60))],
)
def test_two_told_changes_are_false_in_at_most_five_percent_together(share, sizes):
    assert false_changes(share, sizes) <= 0.05 / 2


def test_a_change_is_told_only_where_interval_and_answers_agree(write_csv, rows, population):
    apart = newcombe(0.6, Interval(0.5, 0.7), 0.9, Interval(0.85, 0.95))
    same = newcombe(0.6, Interval(0.4, 0.8), 0.6, Interval(0.4, 0.8))
    assert told_signal(apart, "lower") == told_signal(apart, None) == "lower"
    assert told_signal(apart, "none") == told_signal(apart, "higher") == "none"
    assert told_signal(same, "lower") == "none"
    assert told_signal(None, "unknown") == "unknown"


def signal_among(sectors, satisfied):
    """Signal of land with so many of 100 satisfied after 90 of 100, told among other sectors."""
    names = ["land", *(f"sector-{n}" for n in range(1, sectors))]
    cells = {
        Cell("xã A", name, "poster", False, month): {"overall": item(90)}
        for name in names
        for month in ("2026-09", "2026-10")
    }
    cells[Cell("xã A", "land", "poster", False, "2026-10")] = {"overall": item(satisfied)}
    pooled = Pooled(cells, {"sectors": {"overall": "item"}, "general": {}}, {})
    stretch = last_months(OCTOBER, 24)
    history = History("overall", stretch, Survey(pooled, Dossiers(), stretch, {}))
    (land,) = (row for row in trends(history, OCTOBER) if row.sector == "land")
    return land.changes[0].signal


def item(x):
    return Moments(100, 100, x, 100, x, x, 100)


def test_the_more_is_compared_the_more_a_change_must_show():
    alone = [x for x in range(66, 91) if signal_among(1, x) == "lower"]
    among = [x for x in range(66, 91) if signal_among(12, x) == "lower"]
    assert max(among) < max(alone) < 90
    assert among == list(range(66, max(among) + 1))


def test_without_dossiers_the_counts_alone_speak(write_csv, rows):
    land = found_in(write_csv(rows), None)["land"]
    assert {month.estimate.population for month in land.months} == {None}
    assert land.months[-1].departure.signal == "lower"


def test_a_month_without_answers_is_empty_and_gives_no_signal(write_csv, rows, population):
    kept = [row for row in rows if not row["answered_on"].startswith("2026-10")]
    land = found_in(write_csv(kept), population)["land"]
    assert (land.months[-1].estimate.n, land.months[-1].estimate.share) == (0, None)
    assert land.months[-1].departure.signal == "unknown"
    assert [change.signal for change in land.changes] == ["unknown", "unknown"]


def test_one_office_is_told_alone(write_csv, rows, population):
    path = write_csv(rows)
    found = found_in(path, population, office="xã A")
    number = sum(
        (row["office"], row["sector"], row["answered_on"][:7]) == ("xã A", "land", "2026-10")
        for row in rows
    )
    assert found["land"].office == "xã A"
    assert found["land"].months[-1].estimate.n == number


def test_a_measure_that_nobody_was_asked_has_no_history(write_csv, rows):
    with read_responses(write_csv(rows)) as responses:
        assert read_history(responses, None, OCTOBER, SETTING, "element:access") is None


def test_an_index_has_changes_but_no_signals_of_months(write_csv, response):
    draw = random.Random(4)
    rows = [
        response(n, answered_on=f"{month}-03", c01=draw.choice("245"), c02=draw.choice("345"))
        for n, month in enumerate(YEARS * 6)
    ]
    with read_all(write_csv(rows)) as responses:
        history = read_history(responses, None, OCTOBER, SETTING, "index")
    land = {row.sector: row for row in trends(history, OCTOBER)}["land"]
    assert {month.departure.signal for month in land.months} == {"unknown"}
    assert {change.signal for change in land.changes} <= {"higher", "lower", "none"}


def test_a_trend_is_of_the_questionnaire_that_most_people_answered(write_csv, rows):
    """Every third answer is to another one: months of both are never compared."""
    for row in rows[::3]:
        row["questionnaire"] = "another@1"
    mine = [row for row in rows if row["questionnaire"] != "another@1"]
    total = found_in(write_csv(rows), None)["all"]
    counts = [sum(row["answered_on"][:7] == month.month for row in mine) for month in total.months]
    assert [month.estimate.n for month in total.months] == counts


def test_it_is_the_share_of_all_dossiers_that_a_total_tells(write_csv, rows, population):
    """Weighted like the document's total: 40 dossiers of land to 20 of construction an office."""
    total = found_in(write_csv(rows), population)["all"].months[0]
    cells = {}
    for row in rows:
        if row["answered_on"].startswith(total.month):
            place = (row["office"], row["sector"])
            y, m = cells.get(place, (0, 0))
            cells[place] = (y + (int(row["overall"]) >= 4), m + 1)
    weights = {key: 40 if key[1] == "land" else 20 for key in cells}
    share = sum(weights[key] * y / m for key, (y, m) in cells.items()) / sum(weights.values())
    assert total.estimate.share == pytest.approx(share)
    assert np.isclose(total.estimate.population, 120)
