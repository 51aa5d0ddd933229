"""`found.weighted()`: post-stratification and raking, against R, and refused where they cannot be.

Expected figures: the shared oracle calibration.json (R survey: postStratify, rake).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import analysis
from analysis.targets import Targets
from tests.analysis.road.office import sheets

FILE = Path(__file__).parents[1] / "oracles" / "calibration.json"
CASES = [
    case
    for case in json.loads(FILE.read_text(encoding="utf-8"))["cases"]
    if "sector" in case["input"]
]


@pytest.fixture(params=CASES, ids=lambda case: case["id"])
def oracle(request, read_rows):
    """A case of R, its answers written as a file and read; its channels are called as ours."""
    asked = request.param["input"]
    called = dict(zip(asked["channel_totals"], ("poster", "kiosk", "slip", "paper"), strict=False))
    rows = [
        sheets(sector, yes, 1, response_id=f"r{number}", channel=called[channel])[0]
        for number, (sector, channel, yes) in enumerate(
            zip(asked["sector"], asked["channel"], asked["top2"], strict=True)
        )
    ]
    data = read_rows(rows, asked["sector_totals"], targets=Targets())
    totals = {called[name]: total for name, total in asked["channel_totals"].items()}
    return analysis.estimate(data, "2026-10"), totals, request.param["expected"], called


def test_dossiers_of_each_sector_give_rs_poststratified_figures(oracle):
    found, _, expected, _ = oracle
    (overall,) = found.weighted().rows
    assert overall.share == pytest.approx(expected["poststratified"]["estimate"], abs=1e-10)
    assert overall.se == pytest.approx(expected["poststratified"]["se"], abs=1e-10)
    assert overall.share == pytest.approx(overall.plain, abs=1e-12)


def test_dossiers_of_sectors_and_channels_give_rs_raked_figures(oracle):
    found, totals, expected, called = oracle
    raked = found.weighted(totals)
    (overall,) = raked.rows
    assert overall.share == pytest.approx(expected["raked"]["estimate"], abs=1e-8)
    assert overall.se == pytest.approx(expected["raked"]["se"], abs=1e-8)
    assert raked.rounds >= 1 and raked.gap < 1e-6
    weights = {(row.sector, row.channel): row.weight for row in raked.weights}
    for cell in expected["raked"]["cell_weights"]:
        weight = weights[cell["sector"], called[cell["channel"]]]
        assert weight == pytest.approx(cell["weight"], rel=1e-7)


def test_the_design_effect_is_answers_over_effective_answers(found):
    (overall,) = found.weighted().rows
    # R: postStratify() of svydesign(ids=~1, fpc=~N), N = 180
    assert overall.n_eff == pytest.approx(236.745146634, rel=1e-9)
    assert overall.kish_n_eff == pytest.approx(85.714285714, rel=1e-9)
    assert overall.design_effect == pytest.approx(90 / 236.745146634, rel=1e-9)


def test_channels_joined_by_a_plus_count_as_one(read_rows):
    rows = [
        *sheets("land", 8, 10, channel="slip"),
        *sheets("land", 15, 20, channel="poster", late="false"),
        *sheets("land", 5, 10, channel="kiosk", late="false", flag=""),
    ]
    found = analysis.estimate(read_rows(rows, {"land": 100}), "2026-10")
    (overall,) = found.weighted({"slip": 40, "poster+kiosk": 60}).rows
    assert overall.share == pytest.approx(0.4 * 8 / 10 + 0.6 * 20 / 30)


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        ({"poster": 60}, "channel 'kiosk' has answers but no dossiers; give its dossiers or join"),
        ({"poster": 60, "kiosk": 100}, "rows add up to 180 dossiers, columns to 160; both must"),
        ({"poster": 60, "kiosk": 100, "paper": 20}, "column 'paper': 20 dossiers but no answers;"),
        ({"poster": 60, "ki-ot": 120}, "'ki-ot' is no channel; use poster, slip, kiosk, paper"),
        ({"poster": 60, "poster+kiosk": 120}, "channel 'poster' is named 2 times; keep one"),
    ],
)
def test_totals_that_cannot_be_met_are_refused_with_the_reason(found, channels, told):
    with pytest.raises(analysis.Refusal) as caught:
        found.weighted(channels)
    assert told in str(caught.value)


def test_a_sector_with_dossiers_and_no_answers_is_refused(read_rows):
    data = read_rows(sheets("land", 8, 10), {"land": 30, "tax": 5})
    with pytest.raises(analysis.Refusal, match="'xa-a/tax': 5 dossiers but no answers; join it"):
        analysis.estimate(data, "2026-10").weighted()


def test_without_dossiers_there_are_no_weights(read_rows):
    found = analysis.estimate(read_rows(sheets("land", 8, 10)), "2026-10")
    with pytest.raises(analysis.Refusal, match="dossiers of xa-a/land are not known; give them"):
        found.weighted()


def test_empty_cells_that_leave_no_way_are_refused(read_rows):
    rows = [*sheets("land", 8, 10, channel="poster"), *sheets("tax", 8, 10, channel="kiosk")]
    found = analysis.estimate(read_rows(rows, {"land": 30, "tax": 30}), "2026-10")
    with pytest.raises(analysis.Refusal, match="no way to be met: join rows or columns"):
        found.weighted({"poster": 20, "kiosk": 40})


def test_html_says_how_the_weights_came_about(found):
    shown = found.weighted({"poster": 60, "kiosk": 120})._repr_html_()
    assert "sau 3 vòng" in shown
    assert "76,1%" in shown and "76,7%" in shown  # under weights, as in the verdicts
    assert "0,58" in shown  # 90 / 154.1, R: rake()
