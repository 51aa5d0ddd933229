"""A verdict on a whole rests on answers that stand for most of it; what is missing is named."""

from __future__ import annotations

import pytest

from analysis.reporting.sections import render_text
from analysis.reporting.tables import sector_table
from analysis.strata.coverage import Coverage, cover_of
from tests.analysis.given import months_of, verdict_of

OCTOBER, NOVEMBER, DECEMBER = QUARTER = ("2026-10", "2026-11", "2026-12")
REASON = (
    "Không kết luận: các lĩnh vực và tháng có phiếu chỉ ứng với {part} số hồ sơ, cần ít nhất 80%"
)


def text_of(found):
    return render_text(found)


def test_two_of_ten_sectors_with_a_tenth_of_the_dossiers_prove_nothing(given):
    """45 of 45 in each of two sectors of 50 dossiers; eight others hold 900 and say nothing."""
    for sector in ("s1", "s2"):
        given.answers(sector, 45, 45).dossiers(sector, 50)
    for number in range(3, 11):
        given.dossiers(f"s{number}", 112 if number < 10 else 116)
    found = given.analyse()
    total = verdict_of(found, "procedures-2030")
    assert total.lower > 0.95
    assert (total.evidence, total.reason, total.basis) == ("not_proven", "coverage", "open")
    assert total.coverage == pytest.approx(0.1)
    assert (total.p_met, total.p_missed) == (None, None)
    assert REASON.format(part="10%") in text_of(found)
    assert (
        "The figure covers 100 of 1,000 dossiers: dossier groups without any answer yet: 8"
        in total.note
    )


def covered(given, answered, silent):
    """The verdict where one sector of so many dossiers answered in full, another not at all."""
    given.answers("s1", answered, answered).dossiers("s1", answered).dossiers("s2", silent)
    return verdict_of(given.analyse(), "procedures-2025")


def test_four_fifths_of_the_dossiers_are_enough(given):
    found = covered(given, 80, 20)
    assert (found.evidence, found.reason, found.coverage) == ("met", None, 0.8)


def test_a_dossier_less_is_not(given):
    found = covered(given, 79, 20)
    assert (found.evidence, found.reason) == ("not_proven", "coverage")
    assert found.coverage == pytest.approx(79 / 99)


def test_a_missed_target_is_not_told_of_a_tenth_either(given):
    given.answers("s1", 40, 0).dossiers("s1", 50).dossiers("s2", 450)
    total = verdict_of(given.analyse(), "procedures-2025")
    assert (total.evidence, total.reason) == ("not_proven", "coverage")


def test_months_without_answers_count_against_a_year_too(given):
    """Nine of twelve equal months are 75%; ten are 83%."""
    months = months_of(2025)
    given.dossiers("land", 100, *months)
    for month in months[:9]:
        given.answers("land", 60, 60, month=month)
    year = given.analyse("2025")
    land = verdict_of(year, "each-2025", "land")
    assert (land.evidence, land.reason, land.coverage) == ("not_proven", "coverage", 0.75)
    assert "Có phiếu trong 9 trên 12 tháng, ứng với 75% số hồ sơ" in text_of(year)
    given.answers("land", 60, 60, month=months[9])
    land = verdict_of(given.analyse("2025"), "each-2025", "land")
    assert (land.evidence, land.coverage) == ("met", pytest.approx(10 / 12))


def test_several_months_without_any_dossier_count_prove_nothing(given):
    for month in QUARTER:
        given.answers("land", 60, 60, month=month)
    quarter, month = given.analyse("2026-Q4"), given.analyse(OCTOBER)
    land = verdict_of(quarter, "each-2025", "land")
    assert (land.evidence, land.reason, land.coverage) == ("not_proven", "not_counted", None)
    assert "chưa có số hồ sơ của các tháng nên không biết phiếu đại diện cho ai" in text_of(quarter)
    assert verdict_of(month, "each-2025", "land").evidence == "met"


@pytest.fixture
def two_communes(given):
    """Land at two communes, every month ten answers; of b no dossiers of November are known."""
    for office in ("a", "b"):
        for month in QUARTER:
            given.answers("land", 10, 9, month=month, office=office)
    given.dossiers("land", 100, *QUARTER, office="a")
    return given.dossiers("land", 60, OCTOBER, office="b").dossiers(
        "land", 40, DECEMBER, office="b"
    )


def test_one_communes_missing_month_leaves_the_count_in_the_total(two_communes):
    """300 and 100 dossiers are known; November of b is about 50, the mean of its other months."""
    found = two_communes.analyse("2026-Q4")
    total = found.pick()
    assert (total.n, total.received, total.uncovered, total.population) == (50, 60, 10, 400)
    assert (total.share, total.response_rate) == (pytest.approx(0.9), 50 / 400)
    assert total.coverage == pytest.approx(400 / 450)
    assert verdict_of(found, "procedures-2025").reason is None
    b = found.pick(office="b")
    assert (b.n, b.population, b.months, b.coverage) == (20, 100, 2, pytest.approx(100 / 150))
    assert found.pick(office="a").uncovered == 0


def test_the_note_names_office_and_sector(two_communes):
    found = two_communes.analyse("2026-Q4")
    names = {"b": "Xã B", "land": "Đất đai"}
    notes = sector_table(found, names=names).notes
    rows = "Đất đai; Đất đai, xây dựng, đầu tư; Tất cả lĩnh vực"
    said = "10 phiếu ở Đất đai (Xã B) đứng ngoài kết quả này vì chưa có số hồ sơ."
    assert f"{rows}: {said}" in notes  # the same of several rows is said once
    given_b = sector_table(found, names=names, office="b").notes
    assert any("10 phiếu ở Đất đai đứng ngoài" in note for note in given_b)
    two_communes.answers("land", 5, 5, month=NOVEMBER, office="c")
    told = two_communes.analyse("2026-Q4").pick().notes[0].text("vi", names)
    assert told == (
        "15 phiếu ở Đất đai (Xã B); Đất đai (c) đứng ngoài kết quả này vì chưa có số hồ sơ."
    )


def test_a_month_without_answers_whose_dossiers_are_not_counted_is_named_too(given):
    """Nobody answered in November, and no sector of that month has a count."""
    for month in (OCTOBER, DECEMBER):
        given.answers("land", 40, 40, month=month).dossiers("land", 50, month)
    row = given.analyse("2026-Q4").pick(sector="land")
    assert (row.n, row.population, row.uncovered) == (80, 100, 0)
    assert row.coverage == pytest.approx(100 / 150)
    assert row.note == "Thiếu số hồ sơ của land. / Dossier counts are missing for land."


def test_a_sector_without_a_row_in_a_counted_month_had_no_dossiers(given):
    """The office's November is counted, without a row of land: nobody came for land."""
    given.answers("social", 5, 5, month=NOVEMBER).dossiers("social", 10, *QUARTER)
    for month in (OCTOBER, DECEMBER):
        given.answers("land", 40, 40, month=month).dossiers("land", 50, month)
    row = given.analyse("2026-Q4").pick(sector="land")
    assert (row.population, row.coverage, row.note) == (100, 1, None)


def test_a_month_that_is_not_over_is_not_missing_yet():
    months, counts = list(QUARTER), {OCTOBER: 50, NOVEMBER: 50}
    due, early = frozenset({DECEMBER}), frozenset[str]()
    assert cover_of(("a", "land"), months, {}, counts, due).uncounted == (DECEMBER,)
    assert cover_of(("a", "land"), months, {}, counts, early).uncounted == ()


def test_a_month_that_is_missing_counts_as_much_as_the_others_or_as_it_has_answers():
    sheets, counts = {NOVEMBER: 70}, {OCTOBER: 40, DECEMBER: 60}
    found = cover_of(("a", "land"), list(QUARTER), sheets, counts, frozenset())
    assert (found.dossiers, found.missing, found.uncounted) == (100, 70, (NOVEMBER,))
    few = cover_of(("a", "land"), list(QUARTER), {NOVEMBER: 7}, counts, frozenset())
    assert few.missing == 50


def test_covers_of_places_add_up():
    one = cover_of(("a", "land"), [OCTOBER], {OCTOBER: 9}, {OCTOBER: 60}, frozenset())
    two = cover_of(("a", "social"), [OCTOBER], {}, {OCTOBER: 20}, frozenset())
    many = cover_of(("b", "land"), [OCTOBER], {OCTOBER: 9}, {OCTOBER: 4}, frozenset())
    none = cover_of(("b", "social"), [OCTOBER], {OCTOBER: 16}, {}, frozenset())
    found = Coverage.of([one, two, many, none])
    assert found.share == pytest.approx(64 / 100)
    assert found.faults == (("b", "land", (OCTOBER,)),)
    assert found.uncounted == (("b", "social", (OCTOBER,)),)
    assert (found.months, found.gaps) == (1, True)
    assert Coverage.of([none]).share is None
