"""The way from the first target to the last: told as a reading of our own, with no number of it."""

from __future__ import annotations

import re

import pytest

from analysis.period import parse_period
from analysis.reporting.glide import glide_chart, glide_section, glides, on_line, year_of
from analysis.reporting.teller import Teller
from tests.analysis.verdict_documents import YEARS, a_document, a_row, a_verdict, an_office

TOTAL = a_row("all", 140, 150, 300)


def teller(period="2026-10", limits=(0.80, 0.99), lang="vi", row=TOTAL, **more):
    """Of a document in which the total was judged by both deadlines, with these limits."""
    lower, upper = limits
    judged = [
        a_verdict(name, row, aim, year, lower=lower, upper=upper, **more)
        for year, (name, aim) in YEARS.items()
    ]
    return Teller.of(a_document([row], judged, period), None, None, lang)


@pytest.mark.parametrize(
    ("at", "share"),
    [(2025.5, 0.90), (2026.0, 0.90), (2028.5, 0.925), (2031.0, 0.95), (2032.0, 0.95)],
)
def test_a_deadline_is_the_end_of_its_year_and_the_line_stays_level_beyond(at, share):
    assert on_line((2025, 0.90), (2030, 0.95), at) == pytest.approx(share)


def test_a_period_stands_where_it_ends():
    assert year_of(parse_period("2025")) == 2026.0
    assert year_of(parse_period("2026-H1")) == pytest.approx(2026.5, abs=0.01)
    assert year_of(parse_period("2026-12")) == 2027.0


@pytest.mark.parametrize(
    ("limits", "place"),
    [((0.92, 0.99), "above"), ((0.80, 0.90), "below"), ((0.80, 0.99), "open")],
)
def test_the_limits_of_the_verdicts_say_on_which_side_of_the_line_it_is(limits, place):
    """At the end of October 2026 the line from 90% to 95% is at 90.8%."""
    (found,) = glides(teller(limits=limits))
    assert found.line == pytest.approx(0.9083, abs=0.0002)
    assert found.place == place


def test_what_keeps_a_verdict_from_being_said_keeps_this_too():
    (found,) = glides(teller(limits=(0.92, 0.99), reason="coverage"))
    assert found.place == "open"


def test_few_answers_and_a_single_deadline_have_no_way():
    assert glides(teller(row=a_row("all", 2, 3, 7))) == []
    row = [a_verdict("procedures-2025", TOTAL, 0.9, 2025)]
    assert glide_section(Teller.of(a_document([TOTAL], row), None, None, "vi")) is None


def test_it_says_that_it_is_no_target_and_prints_no_value_of_the_line():
    section = glide_section(teller())
    assert "không phải mục tiêu của kế hoạch" in " ".join(section.basis)
    numbers = set(re.findall(r"\d+(?:,\d+)?%", str(section)))
    assert numbers == {"93,3%", "90%", "95%"}
    english = str(glide_section(teller(lang="en")))
    assert "not a target of the plan" in english and "{" not in english


def test_the_picture_has_a_panel_a_scope_with_both_targets():
    tell = Teller.of(an_office(), {"land": "Đất đai"}, None, "vi")
    found = glides(tell)
    svg = glide_chart(found, "vi").decode()
    for word in ("Tất cả lĩnh vực", "Đất đai", "85%", "90%", "95%", "2025", "2030"):
        assert f">{word}</text>" in svg
    assert glide_chart(found, "vi").decode() == svg
