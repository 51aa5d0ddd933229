"""Answers given on site stand beside those given elsewhere, and are never pooled in silence."""

from __future__ import annotations

import pytest

from analysis.reporting.sections import render_text
from analysis.reporting.tables import channel_table
from analysis.reporting.verdicts import verdict_list
from tests.analysis.given import verdict_of

HIGHER = "Người trả lời tại chỗ (máy tính bảng, phiếu giấy) hài lòng hơn người trả lời nơi khác"
LOWER = "Người trả lời tại chỗ (máy tính bảng, phiếu giấy) ít hài lòng hơn người trả lời nơi khác"
TRIALS = "Anastario 2010; Joint Commission J. 2005"


def by_channel(found, sector="all", measure="overall"):
    wanted = ("all", sector, measure)
    return {row.channel: row for row in found.estimates if row[:3] == wanted}


@pytest.fixture
def four_channels(given):
    """Land of 400 dossiers; satisfied 18 and 9 on site of 20 and 10, 12 and 15 of 20 elsewhere."""
    given.dossiers("land", 400)
    for channel, n, satisfied in (
        *(("kiosk", 20, 18), ("paper", 10, 9)),
        *(("poster", 20, 12), ("slip", 20, 15)),
    ):
        given.answers("land", n, satisfied, channel=channel)
    return given


def test_totals_have_a_row_of_each_side(four_channels):
    found = by_channel(four_channels.analyse())
    assert list(found) == ["all", "poster", "slip", "kiosk", "paper", "on_site", "elsewhere"]
    assert (found["on_site"].n, found["on_site"].satisfied) == (30, 27)
    assert (found["elsewhere"].n, found["elsewhere"].satisfied) == (40, 27)
    assert (found["on_site"].share, found["elsewhere"].share) == (27 / 30, 27 / 40)
    assert found["on_site"].received == 30
    assert found["on_site"].population is found["on_site"].silent_low is None


def test_sectors_have_channels_and_no_sides(four_channels):
    found = by_channel(four_channels.analyse(), "land")
    assert list(found) == ["all", "poster", "slip", "kiosk", "paper"]


def test_a_side_is_weighted_as_its_total_is(given):
    """Kiosk: 9 of 10 and 10 of 20. Land weighs 300/20 and social 100/40 an answer of theirs."""
    for sector, counts, dossiers in (
        ("land", ((10, 9), (10, 4)), 300),
        ("social", ((20, 10), (20, 20)), 100),
    ):
        given.dossiers(sector, dossiers)
        for channel, (n, satisfied) in zip(("kiosk", "poster"), counts, strict=True):
            given.answers(sector, n, satisfied, channel=channel)
    found = by_channel(given.analyse())
    satisfied, answered = 15 * 9 + 2.5 * 10, 15 * 10 + 2.5 * 20
    assert found["on_site"].share == pytest.approx(satisfied / answered)
    assert found["on_site"].share == found["kiosk"].share


def test_answers_that_no_dossier_count_covers_are_in_no_side_either(four_channels):
    before = by_channel(four_channels.analyse())
    four_channels.answers("social", 10, 0, channel="kiosk")
    found = by_channel(four_channels.analyse())
    for side in ("on_site", "kiosk"):
        assert (found[side].n, found[side].share) == (before[side].n, before[side].share)
        assert found[side].received == before[side].received + 10


@pytest.mark.parametrize("channels", [("kiosk", "paper"), ("poster", "slip")])
def test_where_all_answered_on_one_side_there_are_no_sides(given, channels):
    for channel in channels:
        given.answers("land", 10, 9, channel=channel)
    assert list(by_channel(given.analyse())) == ["all", *channels]


@pytest.mark.parametrize(("on_site", "words"), [(40, HIGHER), (12, LOWER)])
def test_a_difference_beyond_chance_is_told_at_the_total(given, on_site, words):
    """Elsewhere 28 of 40, on site 40 or 12 of 40: far beyond chance, whichever way."""
    given.answers("land", 40, on_site, channel="kiosk").answers("land", 40, 28).dossiers(
        "land", 100
    )
    found = given.analyse()
    for target in ("procedures-2025", "procedures-2030"):
        assert words in verdict_of(found, target).note
    assert verdict_of(found, "each-2025", "land").note is None
    assert words in render_text(found)
    assert words in str(verdict_list(found))


def test_a_difference_within_chance_is_not_told(given):
    given.answers("land", 40, 36, channel="kiosk").answers("land", 40, 34).dossiers("land", 100)
    assert verdict_of(given.analyse(), "procedures-2025").note is None


def test_sides_are_compared_within_sectors(given):
    """On site mostly social, where all are satisfied; elsewhere mostly land: nobody differs."""
    for sector, site, elsewhere, satisfied in (("land", 10, 90, 0.5), ("social", 90, 10, 1.0)):
        given.answers(sector, site, int(site * satisfied), channel="kiosk")
        given.answers(sector, elsewhere, int(elsewhere * satisfied)).dossiers(sector, 200)
    found = given.analyse()
    sides = by_channel(found)
    assert sides["on_site"].share == 95 / 100
    assert sides["elsewhere"].share == 55 / 100
    assert verdict_of(found, "procedures-2025").note is None


def test_the_table_shows_both_sides_and_says_that_on_site_answers_run_higher(four_channels):
    table = channel_table(four_channels.analyse())
    assert [row[0] for row in table.rows] == [
        *("Áp phích QR", "Phiếu mời", "Máy tính bảng", "Phiếu giấy"),
        *("Tại chỗ (máy tính bảng, phiếu giấy)", "Nơi khác (áp phích, phiếu mời)"),
    ]
    assert [row[1] for row in table.rows[4:]] == ["90,0% (30 phiếu)", "67,5% (40 phiếu)"]
    assert any(TRIALS in note and "thái độ của công chức" in note for note in table.notes)
    english = channel_table(four_channels.analyse(), lang="en").notes
    assert any("On-site answers run higher" in note for note in english)
