"""What stands beside the verdicts by verbs, and reports as workbooks."""

from __future__ import annotations

import openpyxl
import pytest

import analysis


@pytest.fixture(scope="module")
def sipas(office):
    with analysis.read(office["SIPAS"], lang="en", today="2026-12-01") as opened:
        yield opened


def test_each_part_is_asked_of_estimates_or_of_data_and_a_period(sipas):
    found = analysis.estimate(sipas, "2026-10")
    assert analysis.drivers(found).rows == analysis.drivers(sipas, "2026-10").rows
    (results, access) = analysis.drivers(found)
    assert (results.measure, results.satisfied, results.dissatisfied) == ("element:results", 10, 10)
    assert (results.share_satisfied, results.share_dissatisfied) == (1.0, pytest.approx(0.8))
    assert results.importance == pytest.approx(0.2) and access.importance is None
    (index, element) = analysis.reliability(found)
    assert (index.measure, index.items, index.n) == ("index", 3, 20)
    assert element.alpha == pytest.approx(1)
    assert analysis.trend(sipas, "2026-10").rows == found.trend().rows


def test_each_shows_itself_and_is_a_frame_in_the_language_asked_for(sipas):
    found = analysis.estimate(sipas, "2026-10")
    sections = {section.key: section for section in found.insights()}
    for verb, key in (("drivers", "drivers"), ("reliability", "reliability")):
        result = getattr(analysis, verb)(found)
        assert result.sentences == sections[key].sentences
        assert result._repr_html_() == sections[key]._repr_html_()
        assert list(result.to_frame().columns)[-2:] == ["low", "high"]
        assert list(result.to_frame("en").columns)[-2:] == ["Low", "High"]
    screened = analysis.screening(found)
    assert repr(screened) == "<Screening 2026-10: 0 rows>"
    assert len(screened.to_frame("vi")) == 0 and screened.sentences


def test_drivers_are_drawn_by_the_same_verb_and_are_those_of_the_estimates(sipas):
    found = analysis.estimate(sipas, "2026-10")
    drivers = analysis.drivers(found)
    assert analysis.plot(drivers) == analysis.plot(found, kind="importance")
    assert analysis.plot(drivers, lang="vi").words != analysis.plot(drivers).words
    with pytest.raises(analysis.Refusal, match="office, 'xa-a': a chart of 'importance' has no"):
        analysis.plot(drivers, office="xa-a")
    with pytest.raises(analysis.Refusal, match="for the office alone and is never published"):
        analysis.plot(drivers, published=True)


def test_published_figures_have_none_of_it_and_data_need_a_period(data, found):
    with pytest.raises(analysis.Refusal, match="published figures have none of this"):
        analysis.screening(found.published())
    with pytest.raises(analysis.Refusal, match="argument period, None: it is needed here"):
        analysis.drivers(data)


def test_a_workbook_says_what_the_page_says_and_has_every_figure_as_a_number(found, tmp_path):
    book = openpyxl.load_workbook(analysis.report(found, tmp_path / "a.xlsx", lang="en"))
    text = "\n".join(str(row[0].value) for row in book["Report"])
    assert "For the office itself" in text or "internal" in text.lower()
    assert all(sentence in text for sentence in analysis.judge(found).headline(lang="en"))
    marks, heads, *rows = book["All figures"].iter_rows(values_only=True)
    assert marks[0] and heads[:3] == ("Office", "Sector", "Measure")
    assert len(rows) == len(found)
    share = heads.index("Share satisfied")
    assert [row[share] for row in rows] == [row.share for row in found]
    assert book["All figures"].tables and book["All figures"].freeze_panes == "C3"
    book.close()


def test_a_published_workbook_holds_what_is_published_alone(found, tmp_path):
    file = analysis.report(found, tmp_path / "p.xlsx", lang="en", published=True)
    book = openpyxl.load_workbook(file)
    marks, heads, *rows = book["All figures"].iter_rows(values_only=True)
    shown = found.published()
    assert not marks[0] and len(rows) == len(shown)
    share = heads.index("Share satisfied")
    assert [row[share] for row in rows] == [row.share for row in shown]
    assert {row[heads.index("Standard error")] for row in rows} == {None}
    book.close()
    assert analysis.estimate(found.data, "2026-10", published=True).rows == shown.rows
