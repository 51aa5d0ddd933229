"""What people read beside the verdicts: words first, in both languages, never without n."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from analysis.document import analyse
from analysis.input.responses import read_responses
from analysis.insights.drivers import Driver, Reliability
from analysis.insights.insights import Insights, Without
from analysis.insights.screening import Flag
from analysis.insights.trend import Change, Month, Trend
from analysis.period import parse_period
from analysis.reporting.section import difference_phrase, signed
from analysis.reporting.sections import headline_sentences, report_sections
from analysis.statistics.comparisons import UNKNOWN, Departure, Difference, difference
from analysis.statistics.estimates import estimate
from analysis.statistics.exact import Interval
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from analysis.targets import shipped_targets
from tests.analysis.verdict_documents import a_document, a_row, a_verdict, withheld

NAMES = {
    "land": "Đất đai",
    "element:access": "Nơi đón tiếp",
    "element:results": "Kết quả",
    "trieu-son": "UBND xã Triệu Sơn",
}
SEPTEMBER, YEAR_BEFORE = parse_period("2026-09"), parse_period("2025-10")


def share(x, n, N=None):
    return estimate([Stratum(Moments(n, n, x, n, x, x, n), N)])


@pytest.fixture
def document(write_csv, response):
    rows = [response(n, overall="5" if n < 30 else "2") for n in range(40)]
    rows += [response(100 + n, overall="5", channel="kiosk") for n in range(6)]
    with read_responses(write_csv(rows)) as responses:
        return analyse(responses, period="2026-10")


NOTHING = Insights(parse_period("2026-10"), "all")


def said(document, insights, lang="vi"):
    """Sections by title."""
    found = report_sections(document, names=NAMES, lang=lang, insights=insights)
    return {section.title: section for section in found}


def land(this, before, *, signal="none", changed="none"):
    """A trend of land whose last month and change are as given."""
    now, then = share(*this), share(*before)
    gone = [Month(f"2025-{month}", share(18, 20, 60), UNKNOWN) for month in (11, 12)]
    months = (*gone, Month("2026-10", now, Departure(36.4, Interval(0.8, 1.0), 1e-4, signal)))
    change = Change(SEPTEMBER, now, then, difference(now, then), changed)
    empty = Change(YEAR_BEFORE, now, share(0, 0), None, "unknown")
    return Trend("all", "land", months, (change, empty))


def test_a_month_unlike_those_before_is_told_with_what_was_expected(document):
    found = replace(NOTHING, trends=(land((30, 40, 60), (54, 60, 80), signal="lower"),))
    section = said(document, found)["Có gì thay đổi không?"]
    assert section.sentences[0] == (
        "Đất đai: tháng 10/2026 thấp hơn hẳn 12 tháng trước đó: 30 trên 40 người hài lòng,"
        " nếu không có gì thay đổi thì khoảng 36."
    )
    english = said(document, found, "en")["Has anything changed?"]
    assert "clearly lower" in english.sentences[0]


def test_a_change_is_told_with_both_sides_and_its_interval(document):
    found = replace(NOTHING, trends=(land((30, 40, 60), (58, 60, 80), changed="lower"),))
    section = said(document, found)["Có gì thay đổi không?"]
    (sentence,) = (line for line in section.sentences if "so với tháng 9/2026" in line)
    assert re.fullmatch(
        r"Đất đai: giảm so với tháng 9/2026: 75,0% \(40 phiếu\), trước đó 96,7% \(60 phiếu\);"
        r" chênh −21,7 điểm % \(−\d+,\d đến −\d+,\d\)\.",
        sentence,
    )


def test_where_nothing_changed_it_says_so_and_what_that_means(document):
    section = said(document, replace(NOTHING, trends=(land((36, 40), (54, 60)),)))
    section = section["Có gì thay đổi không?"]
    assert any("Không có tháng nào" in line for line in section.sentences)
    assert any("Chưa thấy thay đổi nào so với tháng 9/2026" in line for line in section.sentences)
    assert any("nhiều nhất 5 năm" in line for line in section.basis)
    assert any("còn ít phiếu" in line for line in section.basis)


def test_a_period_without_answers_is_not_compared(document):
    section = said(document, replace(NOTHING, trends=(land((36, 40), (54, 60)),)))
    told = section["Có gì thay đổi không?"]
    (changes,), (months,) = told.tables, told.details
    assert changes.head == ("Lĩnh vực", "Kỳ này", "So với tháng 9/2026")
    assert [row[0] for row in months.rows] == ["11/2025", "12/2025", "10/2026"]


@pytest.mark.parametrize(("small", "counts"), [((4, 4), "4 trên 4 (*)"), ((0, 3), "0 trên 3 (*)")])
def test_a_small_month_shows_counts_and_no_signal(document, small, counts):
    found = replace(NOTHING, trends=(land(small, (54, 60), signal="lower", changed="lower"),))
    section = said(document, found)["Có gì thay đổi không?"]
    text = " ".join(section.sentences)
    assert "thấp hơn hẳn" not in text and "giảm" not in text
    (months,) = section.details
    assert months.rows[-1][1:3] == (counts, "–")
    assert months.rows[-1][-1] == ""


def test_answers_given_in_haste_are_counted_and_told_with_and_without(document):
    told = replace(
        NOTHING,
        marked={"by_hand": 2, "clock": 3, "haste": 12},
        without=(Without("all", "all", 236, 218 / 236, 219, 201 / 219),),
    )
    section = said(document, told)["Điều nên xem lại"]
    assert section.sentences[0].startswith("Không thấy phiếu giống hệt nhau")
    assert section.sentences[1:] == (
        "12 phiếu được trả lời nhanh hơn người đọc kịp.",
        "3 phiếu có ngày trả lời có thể sai, vì đồng hồ của máy tính bảng hoặc máy chủ sai.",
        "2 phiếu mang dấu “by_hand” trong dữ liệu.",
        "Hài lòng chung, tính cả các phiếu được đánh dấu: 92,4% (236 phiếu);"
        " không tính: 91,8% (219 phiếu).",
    )
    assert any("Không phiếu nào bị bỏ khỏi kết quả" in line for line in section.basis)
    english = said(document, told, "en")["Worth a second look"].sentences
    assert english[1] == "Answered faster than people read: 12."
    assert english[-1].startswith("Overall satisfaction with the flagged answers: 92.4%")


DRIVERS = (
    Driver("element:access", 200, 30, 0, 0.95, 0.4, Difference(0.55, 0.3, 0.72)),
    Driver("element:results", 12, 15, 3, 0.8, 0.75, Difference(0.05, -0.3, 0.4)),
    Driver("element:procedures", 100, 4, 0, None, None, None),
)


def test_the_surest_driver_is_told_with_its_people(document):
    section = said(document, replace(NOTHING, drivers=DRIVERS))
    section = section["Điều gì đi cùng với sự hài lòng?"]
    assert "Nơi đón tiếp" in section.sentences[0]
    assert "95,0% hài lòng chung" in section.sentences[0]
    assert "40,0% (200 và 30 người)" in section.sentences[0]
    assert "không phải nguyên nhân" in section.basis[0]


def test_an_unsure_driver_is_never_told_as_one(document):
    section = said(document, replace(NOTHING, drivers=DRIVERS[1:]))
    (sentence,) = section["Điều gì đi cùng với sự hài lòng?"].sentences
    assert "Chưa đủ căn cứ" in sentence


def test_a_driver_of_few_people_has_words_instead_of_figures(document):
    (table,) = said(document, replace(NOTHING, drivers=DRIVERS))[
        "Điều gì đi cùng với sự hài lòng?"
    ].tables
    assert table.rows[2][1:] == ("–", "–", "–", "ít hơn 10 người một bên")
    assert table.rows[0][2:] == (
        "95,0% (200 người)",
        "40,0% (30 người)",
        "+55,0 điểm % (+30,0 đến +72,0)",
    )


def test_flags_ask_and_do_not_accuse(document):
    day = date(2026, 10, 14)
    flags = (
        Flag("same_sheet", "trieu-son", "land", day, 9, 20, 0.54, 1e-9, (("overall", 5),)),
        Flag("burst", "trieu-son", "land", day, 40, 120, 4.0, 1e-9),
        Flag("apart", "trieu-son", "land", None, 20, 50, 45.1, 1e-9),
    )
    section = said(document, replace(NOTHING, flags=flags))["Điều nên xem lại"]
    assert section.sentences[:3] == (
        "Đất đai, ngày 14/10/2026: 9 trên 20 phiếu giống hệt nhau ở mọi câu; bình thường chỉ"
        " khoảng 0,5.",
        "Đất đai, ngày 14/10/2026: 40 phiếu trong một ngày; bình thường khoảng 4,0.",
        "Đất đai: 20 trên 50 người hài lòng; nếu như các lĩnh vực còn lại thì khoảng 45.",
    )
    assert "câu hỏi, không phải kết luận" in section.basis[0]
    assert all("0.5" not in line for line in section.sentences)


def test_a_first_day_that_no_counter_can_serve_is_told_as_that(document):
    flags = (Flag("unserved", "trieu-son", "land", date(2026, 10, 1), 240, 0, 96.0, 1e-9),)
    section = said(document, replace(NOTHING, flags=flags))["Điều nên xem lại"]
    assert section.sentences[0] == (
        "Đất đai, ngày 1/10/2026: 240 phiếu trong một ngày; một quầy làm việc cả ngày, năm phút"
        " một người và ai cũng trả lời, thì được khoảng 96 phiếu."
    )
    assert "câu hỏi, không phải kết luận" in section.basis[0]


def test_of_many_flags_of_one_rule_the_most_improbable_are_told(document):
    far = [Flag("apart", "trieu-son", "land", None, 20, 50, 45.1, 1e-9)] * 30
    flags = (Flag("burst", "trieu-son", "land", date(2026, 10, 14), 40, 120, 4.0, 1e-9), *far)
    sentences = said(document, replace(NOTHING, flags=flags))["Điều nên xem lại"].sentences
    assert len([line for line in sentences if "nếu như các lĩnh vực" in line]) == 12
    assert "40 phiếu trong một ngày" in sentences[0]
    assert sentences[13] == "Còn 18 dấu hiệu như vậy nữa, ít bất thường hơn."


def test_without_flags_it_says_that_none_was_found(document):
    section = said(document, NOTHING)["Điều nên xem lại"]
    assert section.sentences[0].startswith("Không thấy phiếu giống hệt nhau")
    assert section.tables == ()


def test_shares_are_told_with_and_without_flagged_answers(document):
    without = (Without("all", "land", 40, 0.75, 31, 0.68),)
    (table,) = said(document, replace(NOTHING, without=without))["Điều nên xem lại"].tables
    assert table.rows == (("Đất đai", "75,0% (40 phiếu)", "68,0% (31 phiếu)"),)


@pytest.mark.parametrize(
    ("row", "cell", "remark"),
    [
        ((0.86, Interval(0.8, 0.9), None), "0,86 (0,80 – 0,90)", "đi cùng nhau: gộp được"),
        ((0.5, Interval(0.3, 0.69), None), "0,50 (0,30 – 0,69)", "nên đọc riêng từng câu"),
        ((0.7, Interval(0.5, 0.8), None), "0,70 (0,50 – 0,80)", "chưa đủ căn cứ"),
        ((None, None, "few_sheets"), "–", "ít hơn 10 phiếu đủ câu"),
        ((None, None, "all_alike"), "–", "mọi phiếu có cùng tổng điểm: không tính được"),
    ],
)
def test_alpha_is_told_with_its_interval_and_a_remark(document, row, cell, remark):
    found = replace(NOTHING, reliability=(Reliability("desk@1", "index", 5, 40, *row),))
    section = said(document, found)["Các câu hỏi có đi cùng nhau không?"]
    (table,), (sentence,) = section.tables, section.sentences
    assert ("gộp thành một chỉ số được" in sentence) == ("gộp được" in remark)
    assert table.rows == (("desk@1", "Chỉ số hài lòng", "5", "40", cell, remark),)


def test_channels_are_compared_where_there_are_several(document):
    section = said(document, NOTHING)["Các kênh trả lời có giống nhau không?"]
    assert [row[0] for row in section.tables[0].rows] == [
        *("Áp phích QR", "Máy tính bảng"),
        *("Tại chỗ (máy tính bảng, phiếu giấy)", "Nơi khác (áp phích, phiếu mời)"),
    ]
    alike, higher = section.sentences
    assert alike == "Không thấy kênh nào khác các kênh còn lại nhiều hơn mức ngẫu nhiên."
    assert "Anastario 2010; Joint Commission J. 2005" in higher
    assert section.basis[0].startswith("(*)")


def test_why_a_channel_is_withheld_stands_beneath_its_table():
    rows = [a_row("all", 60, 80, channel=channel) for channel in ("all", "poster", "kiosk")]
    found = a_document([*rows[:2], withheld(rows[2])], view="published")
    (section,) = (one for one in report_sections(found) if one.key == "channels")
    assert [note.partition(":")[0] for note in section.basis] == ["Không công bố"]
    assert not any("Không công bố" in line for line in section.sentences)


def each_of_three(*evidence, p=0.02):
    """A document with the target of three sectors; p-values of those that met it."""
    rows = [a_row(name, 40, 44, 60) for name in ("land", "construction", "investment")]
    verdicts = [
        a_verdict("each-2025", row, 0.85, 2025, evidence=word, p_met=p if word == "met" else 0.5)
        for row, word in zip(rows, evidence, strict=True)
    ]
    return a_document(rows, verdicts)


def test_the_headline_tells_each_by_itself_and_all_at_once():
    """Two cards say met at p = 0.02; of three looked at, 3 x 0.02 is more than 5%: none."""
    found = each_of_three("met", "met", "not_proven")
    first, basis = headline_sentences(found)
    assert first == (
        "Mục tiêu 85% năm 2025, 3 lĩnh vực: xét riêng từng lĩnh vực, 2 đạt và 0 chưa đạt;"
        " xét tất cả cùng lúc, số lĩnh vực đủ căn cứ là đạt: 0."
    )
    assert "nhiều nhất 5 trong 100 kỳ" in basis
    assert headline_sentences(found, lang="en")[0] == (
        "Target 85% by 2025, 3 sectors: each by itself, 2 met and 0 missed; all taken together,"
        " proven to meet it: 0."
    )
    sure = headline_sentences(each_of_three("met", "met", "not_proven", p=0.01))[0]
    assert sure.endswith("số lĩnh vực đủ căn cứ là đạt: 2.")


def test_while_the_period_is_running_there_is_no_headline():
    found = each_of_three("met", "met", "met")
    assert headline_sentences(replace(found, status="running")) == ()


def test_without_a_target_for_several_sectors_there_is_no_headline(write_csv, response):
    targets = shipped_targets()
    pooled = tuple(target for target in targets.target if target.pool)
    left = targets.model_copy(update={"target": pooled})
    found = analyse(write_csv([response(1)]), period="2026-10", targets=left)
    assert headline_sentences(found) == ()


@pytest.mark.parametrize(
    ("points", "lang", "decimals", "expected"),
    [
        (2.34, "vi", 1, "+2,3"),
        (-2.34, "en", 1, "−2.3"),
        (0.04, "vi", 1, "0,0"),
        (-0.4, "vi", 0, "0"),
        (-10, "vi", 0, "−10"),
    ],
)
def test_a_difference_has_a_sign_unless_it_is_nothing(points, lang, decimals, expected):
    assert signed(points, lang, decimals) == expected


def test_limits_of_a_difference_are_rounded_outwards():
    found = Difference(0.0231, -0.03061, 0.07503)
    assert difference_phrase(found, 178) == "+2,3 điểm % (−3,1 đến +7,6)"
    assert difference_phrase(found, 12, "en") == "+2 points (−4 to +8)"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_nothing_is_left_unfilled_and_every_section_has_html(document, lang):
    trends = (land((30, 40), (58, 60), signal="lower", changed="lower"),)
    every = replace(NOTHING, trends=trends, drivers=DRIVERS)
    for section in said(document, every, lang).values():
        text = " ".join([section.title, *section.sentences, *section.basis])
        assert "{" not in text and "None" not in text
        html = section._repr_html_()
        assert re.match(r"<section>\s*<h3>", html) and "<script" not in html
