"""What page, notebook, report and terminal say of a re-check, in both languages."""

from __future__ import annotations

import pytest

from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.reporting.sections import render_text, report_sections
from analysis.reporting.wording import measure_names
from questionnaires import shipped
from tests.analysis.rechecked import MONTH, Rechecked, an_office


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory):
    """The month of `an_office`: 95.3% and 88.7%, within chance."""
    return an_office(tmp_path_factory.mktemp("agreeing")).analyse()


@pytest.fixture(scope="module")
def differing(tmp_path_factory):
    """All but one of those who chose to answer are satisfied, and three in four of those drawn."""
    given = Rechecked(tmp_path_factory.mktemp("differing")).dossiers("land", 400)
    given.chose("land", 100, 99).draw("land", 400, 120, {"no": (70, 49), "yes": (30, 26)})
    return given.analyse()


def section_of(found, lang="vi", key="recheck"):
    names = {"land": {"vi": "Đất đai", "en": "Land"}[lang]} | measure_names(shipped(), lang)
    sections = report_sections(found, names=names, lang=lang)
    return next((section for section in sections if section.key == key), None)


def test_both_stand_side_by_side_in_one_sentence(agreeing):
    vi, en = (section_of(agreeing, lang) for lang in ("vi", "en"))
    assert vi.sentences[0] == (
        "Tất cả lĩnh vực: những người tự trả lời 95,3% (100 phiếu), phúc tra 89%"
        " (26 trên 30 người được rút thăm đã trả lời)."
        " Chênh lệch −7 điểm % (−26 đến +4) nằm trong mức ngẫu nhiên."
    )
    assert en.sentences[0] == (
        "All sectors: those who chose to answer 95.3% (100 answers), re-check 89%"
        " (26 of 30 drawn by lot answered)."
        " The difference of −7 points (−26 to +4) is within chance."
    )
    assert en.sentences[1].startswith("Both taken together, if each dossier has one open answer")
    assert "87% (95% interval 70% – 96%)" in en.sentences[1]


def test_it_tells_sectors_elements_facts_and_calls(agreeing):
    section = section_of(agreeing, "en")
    (sectors,), (measures, calls) = section.tables, section.details
    assert sectors.rows[0][:3] == ("Land", "9 of 10", "78% (*)")
    assert [row[0] for row in measures.rows][:2] == ["Satisfaction index", "Access to the service"]
    assert section.sentences[-1] == (
        "For this procedure, were you told to come back more than once? Said yes: 4 of 22 (21%),"
        " 95% interval: 6% – 43%."
    )
    assert calls.rows[-1] == ("All sectors", "240", "30", "26", "1", "2", "1", "0")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_difference_beyond_chance_is_the_first_thing_said(differing, lang):
    first = report_sections(differing, lang=lang)[0]
    words = {"vi": "khác nhau nhiều hơn mức ngẫu nhiên", "en": "differ beyond chance"}[lang]
    assert first.key == "verdicts"
    assert words in first.sentences[0]
    text = render_text(differing, lang=lang)
    assert text.index(words) < text.index({"vi": "Chưa đạt", "en": "Missed"}[lang])


def test_a_verdict_says_that_it_rests_on_the_recheck(differing):
    vi, en = (section_of(differing, lang, "verdicts").verdicts for lang in ("vi", "en"))
    entry = vi.entries[0]
    assert entry.reading == "Theo phúc tra: tỷ lệ hài lòng 75,0% (100 phiếu)"
    assert str(entry.judgements[0]).startswith(
        "Chưa đạt theo phúc tra (100 trên 120 người được rút thăm đã trả lời) · mục tiêu 2025: 90%."
    )
    assert "Giới hạn trên 81,0% < 90%" in str(entry.judgements[0])
    assert entry.notes == ("Chỉ tính những người tự trả lời thì kết luận đã là Đạt.",)
    assert "Missed by the re-check (100 of 120 drawn by lot answered)" in str(en)


def test_a_suspect_box_is_told_without_blame(tmp_path):
    given = Rechecked(tmp_path).dossiers("land", 200).chose("land", 100, 99)
    found = given.draw("land", 200, 30, {"no": (12, 10), "yes": (12, 8)}).analyse()
    said = section_of(found, "en", "verdicts").sentences
    assert any(
        "of 12 drawn by lot who say that they had answered, 8 are satisfied; by the answers"
        " received it should be about 11.9" in line
        for line in said
    )
    assert all("phiếu" not in line or "gian" not in line for line in section_of(found).sentences)


def test_calls_under_way_are_told_and_nothing_of_what_was_said(tmp_path):
    given = Rechecked(tmp_path).dossiers("land", 60).chose("land", 30, 30)
    found = given.draw("land", 60, 8, {"no": (5, 2)}, skipped=(0, 1, 0)).analyse()
    section = section_of(found, "en")
    assert section.sentences == (
        "The re-check is not finished: dossiers still open, of 8 drawn: 2. A month's answers"
        " count once there is an outcome for every dossier drawn in it.",
    )
    assert section.tables[0].rows[0][2] == "no answers yet"
    judged = str(section_of(found, "en", "verdicts").verdicts)
    assert "No verdict: the re-check of this period is not finished." in judged


def test_of_a_published_document_it_tells_steps_and_no_differences(tmp_path):
    office = an_office(tmp_path)
    url = office.database
    with read_responses(url, trusted=True) as opened:
        full = analyse(opened, url, period=MONTH)
        found = published(full, opened, read_population(url), shipped())
    section = section_of(found, "en")
    assert section.sentences[:1] == (
        "All sectors: those who chose to answer from 95% to below 97.5% (100 answers), re-check"
        " from 80% to below 90% (26 of 30 drawn by lot answered).",
    )
    assert [row[0] for row in section.tables[0].rows] == ["All sectors"]
    assert {row[-1] for row in section.tables[0].rows} == {"–"}


def test_without_a_recheck_there_is_no_section(given):
    found = given.answers("land", 30, 27).dossiers("land", 60).analyse()
    assert section_of(found) is None


def test_it_is_drawn_as_html_like_every_section(agreeing):
    page = section_of(agreeing)._repr_html_()
    assert "Phúc tra: người được rút thăm nói gì?" in page
    assert page.count("<table") == 3
