"""The one aggregate expression gives the same integers on every engine as a loop over the rows."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from analysis.input.aggregates import EVERYTHING, Cell, Only, read_moments
from analysis.period import parse_period
from analysis.statistics.moments import ZERO, Moments
from tests.analysis.given import read_all

ITEMS = ("overall", "c01", "c02", "c03", "c04")
BLOCKS = {
    "overall": ("overall",),
    "index": ("c01", "c02", "c03", "c04"),
    "element:access": ("c01", "c02"),
    "element:results": ("c04",),
    "item:c01": ("c01",),
    "item:c03": ("c03",),
}
OCTOBER = parse_period("2026-10")


def one_person(scores: list[str]) -> Moments:
    """The definition: y satisfied answers, m answers, s points above 1, and their products."""
    given = [int(score) for score in scores if score != ""]
    m, y, s = len(given), sum(score >= 4 for score in given), sum(score - 1 for score in given)
    return Moments(1, int(m > 0), y, m, y * y, y * m, m * m, s, s * s, s * m)


def by_hand(rows: list[dict], only: Only = EVERYTHING) -> dict:
    found: dict = defaultdict(lambda: defaultdict(lambda: dict.fromkeys(BLOCKS, ZERO)))
    for row in rows:
        wanted = (only.questionnaire in (None, row["questionnaire"])) and (
            only.office in (None, row["office"])
        )
        if not wanted or not row["answered_on"].startswith("2026-10"):
            continue
        place = (row["office"], row["sector"], row["channel"])
        cell = Cell(*place, row["flag"] != "", row["answered_on"][:7])
        measures = found[row["questionnaire"]][cell]
        for measure, block in BLOCKS.items():
            measures[measure] = measures[measure] + one_person([row[item] for item in block])
    return {key: {cell: dict(m) for cell, m in cells.items()} for key, cells in found.items()}


@pytest.fixture
def rows(response):
    """400 answers of two offices, with gaps, flags, other months, and people with no score."""
    draw = random.Random(20261122)
    scores = ["", "1", "2", "3", "4", "5", "5", "4", "5"]
    made = [
        response(
            n,
            questionnaire=draw.choice(["survey@1", "survey@2"]),
            office=draw.choice(["xã A", "xã B"]),
            sector=draw.choice(["land", "civil-status", "general"]),
            channel=draw.choice(["poster", "slip", "kiosk", "paper"]),
            answered_on=draw.choice(
                ["2026-09-30", "2026-10-01", "2026-10-15", "2026-10-31", "2026-11-01"]
            ),
            flag=draw.choice(["", "", "", "burst"]),
            **{item: draw.choice(scores) for item in ITEMS},
        )
        for n in range(400)
    ]
    nothing = dict.fromkeys(ITEMS, "")
    return made + [response(1000 + n, **nothing) for n in range(3)]


ENGINES = [
    "csv",
    "parquet",
    "folder",
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("spark", marks=pytest.mark.spark),
]


@pytest.fixture(params=ENGINES)
def source(request, rows):
    if request.param == "csv":
        return request.getfixturevalue("write_csv")(rows)
    if request.param == "folder":
        return request.getfixturevalue("write_parquet")(rows, "answers", by_month=True)
    return request.getfixturevalue(f"write_{request.param}")(rows)


def test_every_engine_gives_what_a_loop_over_the_rows_gives(source, rows):
    with read_all(source) as responses:
        found = read_moments(responses, OCTOBER, BLOCKS)
    assert found == by_hand(rows)


@pytest.mark.parametrize("only", [Only(questionnaire="survey@2"), Only(office="xã B")])
def test_every_engine_restricts_alike(source, rows, only):
    with read_all(source) as responses:
        assert read_moments(responses, OCTOBER, BLOCKS, only) == by_hand(rows, only)


def test_all_moments_are_integers(source):
    with read_all(source) as responses:
        found = read_moments(responses, OCTOBER, BLOCKS)
    values = [
        value
        for cells in found.values()
        for measures in cells.values()
        for moments in measures.values()
        for value in (moments.n, moments.yy, moments.ss, moments.sm)
    ]
    assert {type(value) for value in values} == {int}


def test_a_person_to_whom_nothing_applied_stays_in_n(write_csv, response):
    rows = [response(1, c01="5"), response(2, overall="", c01="")]
    with read_all(write_csv(rows)) as responses:
        found = read_moments(responses, OCTOBER, {"item:c01": ("c01",)})
    (moments,) = (measures["item:c01"] for measures in found["survey@1"].values())
    assert (moments.n, moments.answered, moments.m) == (2, 1, 1)


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite"])
def test_a_period_includes_its_first_and_its_last_day(request, response, kind):
    days = ["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"]
    rows = [response(n, answered_on=day) for n, day in enumerate(days)]
    source = request.getfixturevalue(f"write_{kind}")(rows)
    with read_all(source) as responses:
        found = read_moments(responses, OCTOBER, {"overall": ("overall",)})
    assert [measures["overall"].n for measures in found["survey@1"].values()] == [2]


def test_many_points_do_not_overflow(write_csv, response):
    """Products of a hundred items need more room than the scores themselves."""
    items = [f"i{n:03d}" for n in range(100)]
    rows = [response(n, **dict.fromkeys(items, "5")) for n in range(20)]
    with read_all(write_csv(rows)) as responses:
        found = read_moments(responses, OCTOBER, {"index": tuple(items)})
    (moments,) = (measures["index"] for measures in found["survey@1"].values())
    assert moments == Moments(
        20, 20, 2000, 2000, 200_000, 200_000, 200_000, 8000, 3_200_000, 800_000
    )


def test_moments_add_up():
    one, two = one_person(["5", "", "2"]), one_person(["4", "1", "3"])
    assert one + two == Moments(2, 2, 2, 5, 2, 5, 13, 10, 50, 25)
    assert one + ZERO == one


def test_no_responses_give_no_cells(write_csv, response):
    rows = [response(1, answered_on="2026-09-01")]
    with read_all(write_csv(rows)) as responses:
        assert read_moments(responses, OCTOBER, {"overall": ("overall",)}) == {}


@pytest.mark.parametrize("kind", ["parquet", "sqlite"])
def test_an_item_may_have_any_name(request, response, kind):
    """No name of an item is taken by a column that the expression makes for itself."""
    names = ("n", "block0_y", "block0__yy", "flagged", "dated", "n__m", "questionnaire_")
    rows = [response(n, **dict.fromkeys(names, "5")) for n in range(3)]
    source = request.getfixturevalue(f"write_{kind}")(rows)
    blocks = {"index": names} | {f"item:{name}": (name,) for name in names}
    with read_all(source) as responses:
        found = read_moments(responses, OCTOBER, blocks)
    (measures,) = found["survey@1"].values()
    assert measures["item:flagged"] == Moments(3, 3, 3, 3, 3, 3, 3, 12, 48, 12)
    assert measures["index"] == Moments(3, 3, 21, 21, 147, 147, 147, 84, 2352, 588)
