"""`found.weighted()`: post-stratification and raking, against R, and refused where they cannot be.

Expected figures: the shared oracle calibration.json (R survey: postStratify, rake).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import analysis
from analysis.targets import Targets
from tests.analysis.verbs.office import sheets

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


def weighted(read_rows, rows, dossiers, period="2026-10", **options):
    """`weighted()` with sectors in the order of the document: land, tax, civil-status."""
    names = {"land": "Đất đai", "tax": "Thuế", "civil-status": "Hộ tịch"}
    data = read_rows(rows, dossiers, names=names)
    return analysis.estimate(data, period).weighted(**options)


def test_a_sector_without_answers_counts_with_the_next_one_that_has_some(read_rows):
    """20 dossiers of tax are weighed by civil status, which follows it: 30 * 0.8 + 90 * 0.5."""
    rows = [*sheets("land", 8, 10), *sheets("civil-status", 10, 20)]
    found = weighted(read_rows, rows, {"land": 30, "tax": 20, "civil-status": 70})
    (joined,) = found.joined
    assert (joined.office, joined.sector, joined.dossiers, joined.into) == (
        *("xa-a", "tax", 20),
        "civil-status",
    )
    assert found.rows[0].share == pytest.approx((30 * 0.8 + 90 * 0.5) / 120)
    assert found.rows[0].plain == pytest.approx((30 * 0.8 + 70 * 0.5) / 100)
    assert {row.sector: row.weight for row in found.weights} == {"land": 3, "civil-status": 4.5}
    assert "Thuế (20 hồ sơ) vào Hộ tịch" in found._repr_html_()
    assert "Thuế (20 dossiers) with Hộ tịch" in found.table("en").notes[-1]


def test_the_last_sectors_without_answers_count_with_the_one_before(read_rows):
    dossiers = {"land": 30, "tax": 20, "civil-status": 50}
    found = weighted(read_rows, sheets("land", 8, 10), dossiers)
    assert [(row.sector, row.into) for row in found.joined] == [
        ("tax", "land"),
        ("civil-status", "land"),
    ]
    assert [row.weight for row in found.weights] == [10]


def test_sectors_are_joined_within_their_office_and_an_office_without_answers_is_named(read_rows):
    rows = [*sheets("land", 9, 10), *sheets("tax", 2, 10, office="xa-b")]
    dossiers = {"xa-a/land": 20, "xa-a/tax": 10, "xa-b/tax": 30, "xa-c/land": 90}
    found = weighted(read_rows, rows, dossiers)
    assert [(row.office, row.sector, row.into) for row in found.joined] == [("xa-a", "tax", "land")]
    assert found.left_out == ("xa-c",)
    assert found.rows[0].share == pytest.approx((30 * 0.9 + 30 * 0.2) / 60)
    assert "không có phiếu nào: xa-c." in found._repr_html_()


def test_answers_without_a_dossier_count_stay_outside_as_in_the_verdicts(read_rows):
    rows = [*sheets("land", 7, 10), *sheets("civil-status", 27, 30), *sheets("tax", 0, 6)]
    found = weighted(read_rows, rows, {"land": 60, "civil-status": 40, "tax": 0})
    assert found.rows[0].share == found.rows[0].plain == pytest.approx(0.78)
    assert (found.uncovered, found.joined) == (6, ())
    assert "6 phiếu chưa có số hồ sơ" in found._repr_html_()


def test_no_month_s_campaign_stands_for_the_year(read_rows):
    """1,000 dossiers a month, 20 answers a month with 12 satisfied, in December 760 of 780."""
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    rows = [
        row | {"response_id": f"{month}-{row['response_id']}"}
        for month in months
        for row in sheets(
            "land", *((760, 780) if month[-2:] == "12" else (12, 20)), answered_on=f"{month}-10"
        )
    ]
    dossiers = {f"land/{month}": 1000 for month in months}
    found = weighted(read_rows, rows, dossiers, "2025")
    assert found.rows[0].share == pytest.approx((11 * 0.6 + 760 / 780) / 12)  # 63.1%, not 89.2%
    assert found.rows[0].share == pytest.approx(found.rows[0].plain)
    assert [row.months for row in found.weights] == months


def test_a_month_without_answers_counts_with_the_next_one(read_rows):
    """February's 100 dossiers with March's answers; April's, the last, with March's too."""
    days = {"2026-01": 20, "2026-03": 10}
    rows = [
        row | {"response_id": f"{month}-{row['response_id']}"}
        for month, yes in days.items()
        for row in sheets("land", yes, 20, answered_on=f"{month}-10")
    ]
    dossiers = {f"land/2026-0{n}": 100 for n in (1, 2, 3, 4)}
    found = weighted(read_rows, rows, dossiers, "2026-H1")
    assert found.rows[0].share == pytest.approx((100 * 1.0 + 300 * 0.5) / 400)
    assert [row.months for row in found.weights] == ["2026-01", "2026-02+2026-03+2026-04"]


def test_where_nobody_answered_for_any_counted_dossier_it_says_so(read_rows):
    rows = sheets("land", 8, 10, answered_on="2026-09-10")
    with pytest.raises(analysis.Refusal, match="has an answer; choose another period"):
        weighted(read_rows, rows, {"land": 30})


def test_weights_meet_the_dossiers_filed_online_and_the_others(office):
    """150 of 200 filed online; 18 of 20 with a slip satisfied, 12 of 20 at the kiosk."""
    with analysis.read(office["SLIPS"], office["FILED"]) as data:
        found = analysis.estimate(data, "2026-10")
        online = found.weighted(online=("slip",))
        assert online.rows[0].share == pytest.approx(0.75 * 0.9 + 0.25 * 0.6)
        assert online.rows == found.weighted({"slip": 150, "poster+kiosk+paper": 50}).rows
        assert [(row.channel, row.weight) for row in online.weights] == [
            ("slip", pytest.approx(7.5)),
            ("poster+kiosk+paper", pytest.approx(2.5)),
        ]
        with pytest.raises(analysis.Refusal, match="leave one of them out"):
            found.weighted({"slip": 200}, online=("slip",))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"online": ("poster",)}, "column 'poster': 150 dossiers but no answers; join it with"),
        ({"online": ("web",)}, "'web' is no channel; use poster, slip, kiosk, paper"),
    ],
)
def test_a_way_of_filing_that_nobody_answered_by_is_refused(office, options, told):
    with (
        analysis.read(office["SLIPS"], office["FILED"]) as data,
        pytest.raises(analysis.Refusal) as caught,
    ):
        analysis.estimate(data, "2026-10").weighted(**options)
    assert told in str(caught.value)


def test_the_way_of_filing_must_be_known_of_every_dossier(found):
    with pytest.raises(analysis.Refusal) as caught:
        found.weighted(online=("poster",))
    assert len(caught.value.problems) == 2
    assert "xa-a/land/2026-10 were filed online is not known; import them" in str(caught.value)


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
