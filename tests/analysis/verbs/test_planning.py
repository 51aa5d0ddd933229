"""`verdicts.plan`: how many answers a target takes.

Expected: R's phyper by enumeration (the smallest n whose exact one-sided test has the power), and
n = N / (1 + N * 0.05^2) by hand.
"""

from __future__ import annotations

import pytest

import analysis
from analysis.targets import parse_targets
from tests.analysis.verbs.office import TARGETS, sheets


def test_a_sector_is_planned_with_rs_numbers(found):
    plan = analysis.judge(found).plan(0.90)
    rows = {row.sector: row for row in plan}
    assert (rows["land"].for_power, rows["civil-status"].for_power) == (49, 33)
    assert (rows["land"].guidance, rows["civil-status"].guidance) == (93, 53)
    assert rows["land"].responses_needed == 0


def test_the_oracles_fewest_answers_with_everyone_satisfied(read_rows):
    """Oracle S-PLANNING-001: target 85%, N = 20, 60, 200, 1000 take 10, 15, 17, 19."""
    dossiers = {"s20": 20, "s60": 60, "s200": 200, "s1000": 1000}
    rows = [row for sector in dossiers for row in sheets(sector, 5, 5)]
    targets = TARGETS.replace('["land", "civil-status"]', '"all"').replace("0.80", "0.85")
    data = read_rows(rows, dossiers, targets=parse_targets(targets, "targets.toml"))
    plan = analysis.judge(analysis.estimate(data, "2026-10")).plan("0.95")
    found = {row.sector: row.all_satisfied for row in plan}
    assert found == {"s20": 10, "s60": 15, "s200": 17, "s1000": 19}


def test_a_true_share_below_the_target_proves_nothing(found):
    plan = analysis.judge(found).plan("0.70")
    assert {row.for_power for row in plan} == {None}
    shown = analysis.judge(found).plan("0.70")._repr_html_()
    assert "không chứng tỏ được" in shown


def test_the_supposed_share_is_said_to_be_a_supposition(found):
    shown = analysis.judge(found).plan("0.9")._repr_html_()
    assert "giả sử tỷ lệ hài lòng thật là 90%; đó là giả định, không phải kết quả" in shown
    assert "Để 80% khả năng kết luận đạt" in shown
    assert "1159/BNV-CCHC" in shown


def test_without_dossiers_the_guidance_has_no_number(read_rows):
    found = analysis.estimate(read_rows(sheets("land", 8, 10)), "2026-10")
    land = next(iter(analysis.judge(found).plan("0.95")))
    assert (land.sector, land.guidance, land.population) == ("land", None, None)
    assert "chưa rõ số hồ sơ" in analysis.judge(found).plan("0.95")._repr_html_()


@pytest.mark.parametrize("share", ["95", -0.1, "many"])
def test_a_share_that_is_no_fraction_is_refused(found, share):
    with pytest.raises(
        analysis.Refusal, match=r"argument true_share, .*no fraction between 0 and 1"
    ):
        analysis.judge(found).plan(share)
