"""A verdict says on whom it rests: those who chose to answer, everyone, or nobody's good will."""

from __future__ import annotations

from math import comb

import pytest

from analysis.reporting.sections import render_text
from analysis.reporting.verdicts import verdict_list
from analysis.targets import parse_targets
from tests.analysis.given import verdict_of

TARGET = """
[[target]]
id = "land"
title = {{vi = "Đất đai", en = "Land"}}
measure = "overall"
sectors = ["land"]
pool = false
threshold = {threshold}
deadline = 2030
source = "a plan"
"""


def target(threshold):
    return parse_targets(TARGET.format(threshold=threshold), "targets.toml")


def land(found):
    return verdict_of(found, "land", "land")


def said(found):
    """The verdicts in the text of the terminal, and in the list of page, notebook and report."""
    return [
        render_text(found),
        str(verdict_list(found, targets=found.targets)),
    ]


def test_met_by_those_who_answered_says_what_the_others_must_think(given):
    """34 of 60 dossiers answered, all satisfied; 94.5% of 60 is 57 people.

    With 56, all 34 satisfied come in comb(26, 4)/comb(60, 4) = 3.1 of 100 samples: met. But of
    the 26 others 0.945 x 60 - 34 = 22.7 must be satisfied: 87.3%.
    """
    assert comb(26, 4) / comb(60, 4) == pytest.approx(0.0307, abs=1e-4)
    found = given.answers("land", 34, 34).dossiers("land", 60).analyse(targets=target(0.945))
    one = land(found)
    assert (one.evidence, one.basis, one.reason) == ("met", "open", None)
    assert (one.n, one.population, one.response_rate) == (34, 60, 34 / 60)
    assert one.q == pytest.approx((0.945 * 60 - 34) / 26)
    assert one.p_met == pytest.approx(comb(26, 4) / comb(60, 4))
    words = (
        "Đạt theo những người đã trả lời (34 trên 60; chỉ đúng nếu ít nhất 88% người chưa trả lời"
        " cũng hài lòng)"
    )
    assert all(words in text for text in said(found))
    assert "Met by those who answered (34 of 60; true only if at least 88%" in str(
        verdict_list(found, targets=found.targets, lang="en")
    )


def test_missed_by_those_who_answered_says_what_would_still_meet_it(given):
    """20 of 40 satisfied, 200 dossiers: 85% would take 150 of the other 160."""
    found = given.answers("land", 40, 20).dossiers("land", 200).analyse(targets=target(0.85))
    one = land(found)
    assert (one.evidence, one.basis, one.q) == ("missed", "open", pytest.approx(150 / 160))
    words = "Chưa đạt theo những người đã trả lời (40 trên 200; vẫn đạt nếu ít nhất 94% người"
    assert all(words in text for text in said(found))


@pytest.mark.parametrize(
    ("satisfied", "n", "evidence", "q"),
    [(51, 52, "met", 0), (40, 51, "missed", 11 / 9), (55, 56, "met", -1)],
)
def test_certain_is_what_holds_whatever_the_silent_think(given, satisfied, n, evidence, q):
    """85% of 60 dossiers are 51 people."""
    given.answers("land", n, satisfied).dossiers("land", 60)
    found = given.analyse(targets=target(0.85))
    one = land(found)
    assert (one.evidence, one.basis, one.q) == (evidence, "certain", pytest.approx(q))
    assert one.responses_needed == 0
    assert (one.p_met if evidence == "met" else one.p_missed) == 0
    word = {"met": "Đạt", "missed": "Chưa đạt"}[evidence]
    words = f"{word}, dù những người chưa trả lời nghĩ thế nào ({n} trên 60)"
    assert all(words in text for text in said(found))


def test_no_limit_lies_beyond_what_the_silent_could_make_of_it(given):
    """All 60 of one sector, 1 of 2 heard of 60 others: 61 of 120 at least, whatever the 58 think.

    Two answers for half of the dossiers would leave the total open far below.
    """
    given.answers("land", 60, 60).dossiers("land", 60).answers("social", 2, 1)
    text = TARGET.format(threshold=0.5).replace('["land"]', '"all"').replace("false", "true")
    found = given.dossiers("social", 60).analyse(targets=parse_targets(text, "targets.toml"))
    total = verdict_of(found, "land")
    assert total.lower == pytest.approx(61 / 120)
    assert (total.evidence, total.basis) == ("met", "certain")
    assert total.q == pytest.approx((60 - 61) / 58)


@pytest.mark.parametrize(("satisfied", "evidence"), [(51, "met"), (50, "missed")])
def test_a_census_is_by_everybody(given, satisfied, evidence):
    given.answers("land", 60, satisfied).dossiers("land", 60)
    found = given.analyse(targets=target(0.85))
    one = land(found)
    assert (one.evidence, one.basis, one.q) == (evidence, "census", None)
    assert (one.response_rate, one.lower, one.upper) == (1, satisfied / 60, satisfied / 60)
    assert all("theo tất cả mọi người (60 trên 60)" in text for text in said(found))


def test_without_dossiers_nobody_knows_how_many_are_silent(given):
    found = given.answers("land", 60, 60).analyse(targets=target(0.85))
    one = land(found)
    assert (one.evidence, one.basis, one.q, one.population) == ("met", "open", None, None)
    words = "Đạt theo những người đã trả lời (60 phiếu; chưa có số hồ sơ nên không biết"
    assert all(words in text for text in said(found))


def test_more_answers_than_dossiers_prove_nothing_beyond_chance(given):
    """9 of 10 answers of 5 dossiers: a wrong count, no census; 9 of 10 alone prove no 85%."""
    found = given.answers("land", 10, 9).dossiers("land", 5).analyse(targets=target(0.85))
    one = land(found)
    assert (one.evidence, one.basis) == ("not_proven", "open")
    assert "Số phiếu nhiều hơn số hồ sơ" in (one.note or "")


@pytest.mark.parametrize("fault", ["more answers than dossiers", "no row", "0 dossiers"])
def test_a_fault_in_one_sector_does_not_remove_the_caution(given, fault):
    """Land alone is certain: 58 of 58 of 60. With the fault the total says on whom it rests."""
    given.answers("land", 58, 58).dossiers("land", 60)
    assert verdict_of(given.analyse(), "procedures-2025").basis == "certain"
    given.answers("social", 10, 10)
    if fault != "no row":
        given.dossiers("social", 5 if fault == "more answers than dossiers" else 0)
    found = given.analyse()
    total = verdict_of(found, "procedures-2025")
    assert (total.evidence, total.basis) == ("met", "open")
    text = render_text(found)
    assert "Đạt theo những người đã trả lời" in text


def test_the_limit_that_decided_is_printed_beside_its_target(given):
    """40 of 41 of 120 dossiers: the exact one-sided limit is a whole number of dossiers of 120."""
    found = given.answers("land", 41, 40).dossiers("land", 120).analyse(targets=target(0.90))
    one = land(found)
    assert (one.evidence, one.lower * 120) == ("met", pytest.approx(round(one.lower * 120)))
    shown = f"{int(1000 * one.lower + 1e-9) / 10:.1f}".replace(".", ",")
    assert all(f"Giới hạn dưới {shown}% ≥ 90%" in text for text in said(found))
