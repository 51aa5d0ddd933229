"""What a report says rests on evidence: nothing is told that the figures do not show."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis.disclosure.published import published
from analysis.document import analyse
from analysis.document_rows import ReasonRow
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.insights.insights import Insights
from analysis.insights.trend import earlier
from analysis.period import parse_period
from questionnaires import shipped
from survey.errors import HailongError
from survey.reports.body import make_report
from survey.reports.formats import FORMATS, write_report
from survey.reports.letterhead import Letterhead
from survey.reports.making import Asked, make
from survey.reports.parts import Beside, Drawing, HandedOut, Paragraph
from tests.analysis.rechecked import Rechecked
from tests.survey.reports.conftest import TODAY


def reason(option: str, chosen: int, sector: str = "all") -> ReasonRow:
    return ReasonRow("all", sector, "desk@2", "why", option, chosen, 40)


def test_it_begins_with_the_verdicts_each_with_its_interval(report):
    text = "\n".join(map(str, report.body))
    for part in ("I. ", "II. Kết luận theo mục tiêu", "VIII. Việc cần làm tiếp"):
        assert part in text
    assert "Tất cả lĩnh vực (Mức độ hài lòng về giải quyết thủ tục hành chính): tỷ lệ" in text
    assert "khoảng tin cậy 95%: " in text
    assert "Mục tiêu 2025: 90% – " in text


def test_of_several_offices_nobody_is_said_to_report_where_none_signs_for_them(maker):
    document = maker.material.document
    sections = tuple(
        replace(
            section,
            estimates=tuple(
                row._replace(office=office)
                for row in section.estimates
                if row.office == "all"
                for office in ("all", "xa-mot", "xa-hai", "xa-ba")
            ),
        )
        for section in document.sections
    )
    document = replace(document, sections=sections)
    several = replace(maker.material, document=document)
    for lang, opening in (
        ("vi", "thủ tục hành chính tháng 10/2026 tại 3 cơ quan như sau:"),
        ("en", "administrative procedures in October 2026, at 3 offices:"),
    ):
        nobody = replace(maker.wanted, lang=lang, letterhead=Letterhead())
        made = make_report(several, nobody)
        assert made.body[0].text.endswith(opening)
        assert not re.search(r"[Tt]ất cả 3|[Aa]ll 3", made.body[0].text)
        assert made.appendices[0].belongs.endswith("…)")
        signed = make_report(several, replace(nobody, letterhead=Letterhead(agency="Sở Nội vụ")))
        assert signed.body[0].text.startswith("Sở Nội vụ ")
        assert "Sở Nội vụ" in signed.appendices[0].belongs


@pytest.mark.parametrize("count", [0, 1, 2])
def test_english_sentences_fit_any_number(maker, count):
    beside = Beside(HandedOut(slips=count, answered=count, before=3))
    english = replace(maker.wanted, lang="en")
    made = make_report(replace(maker.material, beside=beside), english)
    text = "\n".join(map(str, made.body))
    assert f"Slips handed out in the period: {count}; answered: {count}." in text
    assert not re.search(r"\b1 (?:slips|answers|dossiers|sectors|offices|are|were|have)\b", text)
    assert "(s)" not in text


def test_the_chart_begins_the_first_appendix_and_the_body_tells_where_it_is(report):
    first = report.appendices[0].parts[0]
    assert isinstance(first, Drawing)
    assert not [part for part in report.body if isinstance(part, Drawing)]
    told = [part for part in report.body if isinstance(part, Paragraph) and part.appended]
    places = [part.text.split(": ")[-1] for part in told]
    assert places == ["Phụ lục I.", "Phụ lục I, II, III, IV và V."]


def test_slips_handed_out_stand_beside_the_answers_and_fewer_are_an_alarm(told):
    fewer = told(beside=Beside(HandedOut(slips=300, answered=120, before=410)))
    assert "đã phát 300 phiếu mời" in fewer
    assert "120 phiếu mời đã được trả lời" in fewer
    assert "giảm so với kỳ trước (410)" in fewer
    assert "Phát phiếu mời đều ở mọi quầy" in fewer
    more = told(beside=Beside(HandedOut(slips=411, answered=120, before=410)))
    assert "giảm so với kỳ trước" not in more
    assert "phiếu mời" not in told()


def test_a_re_check_is_told_before_any_verdict_and_each_sentence_once(told, tmp_path):
    asked = Rechecked(tmp_path).dossiers("land", 400).chose("land", 100, 97)
    asked.draw("land", 400, 60, {"no": (40, 20), "yes": (12, 6)})
    found = told(document=asked.analyse())
    assert found.index("Phúc tra ngẫu nhiên") < found.index("Kết luận theo mục tiêu")
    assert found.count("khác nhau nhiều hơn mức ngẫu nhiên") == 1
    assert "Phúc tra" not in told()


def test_a_reason_is_named_only_where_enough_people_chose_it_and_without_its_count(told, maker):
    def found(*rows):
        return told(full=replace(maker.material.full, reasons=rows))

    assert "“wait”" in found(reason("wait", 12), reason("price", 3))
    assert " 12 " not in found(reason("wait", 12)).split("“wait”")[1][:40]
    assert "Lý do chưa hài lòng" not in found(reason("wait", 9))
    assert "Lý do chưa hài lòng" not in found(reason("wait", 12), reason("price", 12))
    assert "Lý do chưa hài lòng" not in found(reason("wait", 12, sector="land"))


def changed(maker, sector, signal) -> Insights:
    """What the tests of change would say of one sector."""
    (before, *_) = earlier(maker.material.document.period)
    trend = next(one for one in maker.material.insights.trends if one.sector == sector)
    found = tuple(
        replace(one, signal=signal) if one.earlier == before else replace(one, signal="none")
        for one in trend.changes
    )
    return replace(maker.material.insights, trends=(replace(trend, changes=found),))


def test_a_change_is_told_with_both_intervals_where_both_sides_are_published(
    told, maker, reporting
):
    before = reporting.maker("2026-09").material.document
    text = told(insights=changed(maker, "all", "lower"), earlier=(before,))
    line = next(
        line for line in text.split("'") if "tỷ lệ hài lòng giảm so với tháng 9/2026" in line
    )
    assert line.count("% – ") == 2
    assert line.count("phiếu") == 2


def test_a_change_of_a_sector_that_is_withheld_is_not_told(told, maker):
    document = maker.material.document
    withheld = next(
        row.sector
        for row in document.estimates
        if row.measure == "overall"
        and row.n
        and row.answered is None
        and row.sector in {trend.sector for trend in maker.material.insights.trends}
    )
    text = told(insights=changed(maker, withheld, "higher"))
    assert "tăng so với" not in text
    assert "không có thay đổi nào đủ căn cứ để công bố" in text


def test_without_a_period_before_nothing_is_compared(told, maker):
    text = told(insights=replace(maker.material.insights, trends=()))
    assert "Chưa có kỳ trước đủ phiếu để so sánh." in text


def test_without_dossiers_there_is_no_rate_and_the_import_is_called_for(told, maker):
    document = maker.material.document
    bare = replace(
        document,
        sections=tuple(
            replace(
                section,
                estimates=tuple(
                    row._replace(population=None, response_rate=None) for row in section.estimates
                ),
            )
            for section in document.sections
        ),
    )
    text = told(document=bare)
    assert "Chưa nhập số hồ sơ đã giải quyết" in text
    assert "Nhập số hồ sơ đã giải quyết của kỳ" in text
    assert "công văn 1159" not in text


def test_a_month_without_answers_says_so(reporting):
    made = reporting.maker("2026-08").report
    assert "Trong kỳ chưa có phiếu trả lời nào." in str(made.body)
    for form in FORMATS:
        assert write_report(made, form)


@pytest.mark.parametrize("period", ["2026-Q3", "2025-H2", "2025"])
def test_longer_periods_are_written_too(reporting, period):
    made = reporting.maker(period, lang="en").report
    assert made.document.view == "published"
    assert made.frame.kind == "REPORT"


def test_twelve_months_of_two_years_are_for_the_office_itself_and_say_so(reporting):
    made = reporting.maker("12m:2026-10").report
    assert made.document.view == "full"
    assert any("Nội bộ cơ quan" in line for line in made.warnings)
    asked = Asked(parse_period("12m:2026-10"), "json", keep=True)
    with pytest.raises(HailongError, match="is not kept"):
        make(reporting.config, reporting.engine, asked, TODAY)


def test_a_month_that_is_not_over_is_refused(reporting):
    asked = Asked(parse_period("2026-11"), "json")
    with pytest.raises(HailongError, match="not over yet"):
        make(reporting.config, reporting.engine, asked, TODAY)


def test_an_english_report_says_the_same_figures(maker, reporting):
    english = make_report(maker.material, replace(maker.wanted, lang="en"))
    text = "\n".join(map(str, english.body))
    assert "95% interval: " in text
    assert "Kết luận" not in text
    assert [type(part) for part in english.body] == [type(part) for part in maker.report.body]


def few(folder):
    """A month of 400 dossiers of which eight people answered: too few to publish a figure."""
    url = Rechecked(folder).dossiers("land", 400).chose("land", 8, 7).database
    with read_responses(url, trusted=True) as opened:
        found = analyse(opened, url, period="2026-10")
        return published(found, opened, read_population(url), shipped())


def lines(parts) -> list[str]:
    """Every sentence of these parts, and the captions of tables."""
    found: list[str] = []
    for part in parts:
        found += getattr(part, "lines", ()) or (
            getattr(part, "text", ""),
            getattr(part, "caption", ""),
        )
    return [line for line in found if line]


def test_what_is_withheld_or_unanswered_is_told_of_all_together(report, maker):
    withheld = [line for line in lines(report.body) if "Không công bố kết quả và kết luận" in line]
    assert len(withheld) == 1
    assert "Xây dựng; Đầu tư" in withheld[0]
    for part in (report.body, *(one.parts for one in report.appendices)):
        told = [line for line in lines(part) if not line.startswith(("(*)", "Không công bố: "))]
        assert len(told) == len(set(told))


def test_with_too_few_answers_no_section_says_that_dossiers_are_missing(maker, tmp_path):
    document = few(tmp_path)
    made = make_report(replace(maker.material, document=document), maker.wanted)
    text = "\n".join(lines((*made.body, *(p for one in made.appendices for p in one.parts))))
    assert "8/400" in text
    assert not re.search("(Chưa có|Thiếu) số hồ sơ", text)
    assert "chưa có kết quả nào theo lĩnh vực được công bố" in text
    assert not any(isinstance(part, Drawing) for part in made.body)


def test_a_sector_that_misses_several_targets_is_called_for_once_with_all_of_them(told, maker):
    def missed(section):
        verdicts = (
            row._replace(evidence="missed" if row.sector == "land" else "met")
            for row in section.verdicts
        )
        return replace(section, verdicts=tuple(verdicts))

    document = maker.material.document
    text = told(document=replace(document, sections=tuple(map(missed, document.sections))))
    calls = text.split("Việc cần làm tiếp")[1]
    assert "Đất đai: chưa đạt mục tiêu 85% (năm 2025) và 90% (năm 2030); " in calls
    assert calls.count("Đất đai: chưa đạt") == 1


def test_sectors_whose_names_hold_commas_are_kept_apart(told, maker):
    def open_(section):
        verdicts = (row._replace(evidence="not_proven") for row in section.verdicts)
        return replace(section, verdicts=tuple(verdicts))

    document = maker.material.document
    text = told(document=replace(document, sections=tuple(map(open_, document.sections))))
    assert "Chưa đủ căn cứ kết luận: Tất cả lĩnh vực; Đất đai, xây dựng, đầu tư; Đất đai; " in text


def test_a_missed_target_of_all_dossiers_is_called_for_and_a_met_one_is_not(told, maker):
    census = maker.material.document.census
    words = {verdict.target: verdict for verdict in census.verdicts if verdict.office == "all"}

    def with_word(word):
        changed = tuple(verdict._replace(word=word) for verdict in census.verdicts)
        document = replace(maker.material.document, census=replace(census, verdicts=changed))
        return told(document=document).split("Việc cần làm tiếp")[1]

    assert words
    assert "Hồ sơ nộp trực tuyến: chưa đạt mục tiêu 50% (năm 2025) và 80%" in with_word("missed")
    assert "Hồ sơ đúng hạn hoặc trước hạn: chưa đạt" in with_word("missed")
    for word in ("met", "open", "running", "unknown"):
        assert "Hồ sơ nộp trực tuyến" not in with_word(word)


def test_what_was_drawn_for_the_re_check_has_its_tables_in_an_appendix(maker, tmp_path):
    asked = Rechecked(tmp_path).dossiers("land", 400).chose("land", 100, 97)
    asked.draw("land", 400, 60, {"no": (40, 20), "yes": (12, 6)})
    made = make_report(replace(maker.material, document=asked.analyse()), maker.wanted)
    captions = [line for one in made.appendices for line in lines(one.parts)]
    assert any("Phúc tra" in caption for caption in captions)


def test_offices_stand_side_by_side_by_name_where_there_are_several(maker):
    document = maker.material.document
    assert not any(one.title == "Số liệu theo đơn vị" for one in maker.report.appendices)
    names = {
        **maker.material.names,
        "o-2": "Xã Ân Hảo",
        "o-1": "Xã Bình Minh",
        "o-10": "Xã Đông Hà",
    }

    def with_offices(section):
        total = [row for row in section.estimates if row.office == "all"]
        more = (row._replace(office=name) for row in total for name in ("o-1", "o-2", "o-10"))
        return replace(section, estimates=(*total, *more))

    several = replace(document, sections=tuple(map(with_offices, document.sections)))
    made = make_report(replace(maker.material, document=several, names=names), maker.wanted)
    (table,) = next(one.parts for one in made.appendices if one.title == "Số liệu theo đơn vị")
    assert [row[0] for row in table.rows] == [
        "Xã Ân Hảo",
        "Xã Bình Minh",
        "Xã Đông Hà",
        "Tất cả đơn vị",
    ]
    assert table.head[-2:] == ("2025: 90%", "2030: 95%")
    assert {row[2] for row in table.rows} == {table.rows[-1][2]}
