"""Tables, the list of verdicts and the months: what people read, from documents made by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from analysis.input.questionnaires import read_questionnaires
from analysis.reporting.tables import (
    channel_table,
    measure_table,
    needed_table,
    sector_table,
    silence_table,
)
from analysis.reporting.verdicts import head, method_table, verdict_list
from analysis.reporting.wording import measure_names
from analysis.statistics.estimates import Note
from analysis.targets import shipped_targets
from questionnaires import QuestionnaireError, shipped
from tests.analysis.verdict_documents import a_document, a_row, a_verdict, an_office, withheld

NAMES = {"trieu-son": "UBND xã Triệu Sơn", "land": "Đất đai", "investment": "Đầu tư"}


def column(table, name):
    return [row[table.head.index(name)] for row in table.rows]


def named(table, name):
    return next(row for row in table.rows if row[0] == name)


def test_a_sector_is_told_with_share_answers_interval_bounds_and_mean():
    # 37 of 41; dossiers 60: bounds 37/60 = 0.6167 and (37 + 19)/60 = 0.9333, rounded outwards
    assert named(sector_table(an_office(), names=NAMES), "Đất đai") == (
        "Đất đai",
        "90,2%",
        "41/60 (68,3%)",
        "80,2% – 100,0%",
        "61,6% – 93,4%",
        "4,25",
    )


def test_sectors_come_first_then_groups_the_total_and_the_agency():
    table = sector_table(an_office(), names=NAMES)
    assert [row[0] for row in table.rows] == [
        *("Đất đai", "construction", "Đầu tư", "civil-status"),
        *("Đất đai, xây dựng, đầu tư", "Tất cả lĩnh vực", "Cơ quan nói chung"),
    ]
    assert table.strong == {4, 5}


def test_below_five_answers_the_office_reads_counts_alone():
    row = named(sector_table(an_office(), names=NAMES), "Đầu tư")
    assert row == ("Đầu tư", "2 trên 3 (*)", "3/7 (43%)", "–", "–", "–")


def test_a_row_that_may_not_leave_has_words_in_the_place_of_figures():
    table = sector_table(a_document([withheld(a_row("land", 37, 41, 60))], view="published"))
    assert table.rows == (("land", "không công bố", "41/60 (68,3%)", "–", "–", "–"),)
    assert table.notes == (
        "Không công bố: con số dưới 10 người, hoặc con số mà từ đó tính ra được con số dưới"
        " 10 người.",
    )


def test_an_uncertain_share_is_marked_and_the_mark_explained():
    table = sector_table(an_office())
    assert named(table, "Cơ quan nói chung")[1] == "88% (*)"
    assert table.notes[0].startswith("(*) Ít phiếu")


def test_who_left_the_question_out_is_told_beside_the_share():
    row = a_row("land", 37, 41, 60)._replace(n=50)
    assert named(sector_table(a_document([row])), "land")[1] == "90,2% (41 phiếu)"


def test_a_row_note_stands_under_the_table_in_the_language_asked():
    note = Note("not_counted", places=(("", "land"),))
    found = a_document([a_row("all", 37, 41, notes=(note,))])
    assert "Tất cả lĩnh vực: Thiếu số hồ sơ của Đất đai." in sector_table(found, names=NAMES).notes
    assert (
        "All sectors: Dossier counts are missing for land." in sector_table(found, lang="en").notes
    )


def test_sectors_that_are_not_counted_are_named_once_together():
    rows = [
        a_row(one, 37, 41, notes=(Note("not_counted", places=(("", one),)),))
        for one in ("land", "civil-status")
    ]
    notes = sector_table(a_document(rows), names=NAMES).notes
    assert [one for one in notes if "Thiếu" in one] == ["Đất đai; civil-status: Thiếu số hồ sơ."]


def test_how_many_of_the_silent_must_be_satisfied():
    # 48 of 50, 60 dossiers: 85% is 51, so 3 of the 10 silent; 30% is met by the 48 alone;
    # 99% is 59.4 and all of the silent make 58.
    row = a_row("land", 48, 50, 60)
    judged = [
        a_verdict("each-2025", row, 0.85, 2025),
        a_verdict("each-2030", row, 0.30, 2030),
        a_verdict("each-2030", row, 0.99, 2031),
    ]
    table = silence_table(a_document([row], judged))
    assert column(table, "Chưa trả lời") == ["10", "10", "10"]
    assert column(table, "Trong số đó phải hài lòng") == [
        "ít nhất 30%",
        "đã đạt, dù họ nghĩ gì",
        "không thể đạt",
    ]


def test_the_share_of_the_silent_is_rounded_up():
    # 100 of 110, 201 dossiers, 90%: 180.9 - 100 of 91 silent is 88.9%
    row = a_row("land", 100, 110, 201)
    table = silence_table(a_document([row], [a_verdict("each-2030", row, 0.9, 2030)]))
    assert column(table, "Trong số đó phải hài lòng") == ["ít nhất 89%"]


def test_without_dossiers_nothing_is_said_of_the_silent():
    row = a_row("land", 48, 50)
    table = silence_table(a_document([row], [a_verdict("each-2025", row, 0.85, 2025)]))
    assert not table.rows
    assert "Chưa có số hồ sơ" in table._repr_html_()


def test_answers_needed_are_told_for_open_verdicts_only():
    row = a_row("land", 48, 50, 60)
    judged = [
        a_verdict("each-2025", row, 0.85, 2025, evidence="met", responses_needed=0),
        a_verdict("each-2030", row, 0.90, 2030, responses_needed=4),
        a_verdict("each-2030", row, 0.96, 2031, responses_needed=None),
    ]
    table = needed_table(a_document([row], judged, status="running"))
    assert column(table, "Mục tiêu") == ["2030: 90%", "2031: 96%"]
    assert column(table, "Cần thêm") == ["khoảng 4 phiếu", "không số phiếu nào đủ"]
    assert column(table, "Hồ sơ chưa trả lời") == ["10", "10"]


def test_of_a_period_that_is_over_the_answers_of_a_whole_one_are_told():
    row = a_row("land", 48, 50, 60)
    judged = [a_verdict("each-2030", row, 0.90, 2030, responses_needed=4)]
    table = needed_table(a_document([row], judged))
    assert "Cần thêm" not in table.head
    assert column(table, "Cả kỳ cần") == ["khoảng 54 phiếu"]


def test_nothing_left_to_settle_says_so():
    assert "Không có mục tiêu nào" in needed_table(a_document([]))._repr_html_()


def test_elements_keep_their_names_and_an_item_that_is_its_element_is_not_told_twice():
    rows = [
        a_row("all", 140, 150),
        a_row("all", 90, 100, measure="element:access"),
        a_row("all", 90, 100, measure="item:access"),
        a_row("all", 40, 100, measure="item:c07"),
    ]
    names = measure_names(shipped(), "vi")
    table = measure_table(a_document(rows), names=names)
    assert [row[0] for row in table.rows] == [
        "Hài lòng chung",
        names["element:access"],
        names["item:c07"],
    ]
    assert column(table, "Khoảng của điểm")[0] == "4,00 – 4,50"


def test_channels_that_differ_beyond_chance_are_named():
    # 40 of 40 against 20 of 40 in one sector: hypergeometric, far beyond chance
    rows = [a_row("all", 60, 80), a_row("land", 60, 80)]
    parts = [
        a_row(sector, satisfied, 40, channel=channel)
        for sector in ("all", "land")
        for channel, satisfied in (("poster", 20), ("kiosk", 40))
    ]
    table = channel_table(a_document([*rows, *parts]))
    assert [row[0] for row in table.rows] == ["Áp phích QR", "Máy tính bảng"]
    assert any("máy tính bảng khác các kênh còn lại" in note for note in table.notes)
    assert any("40 người hài lòng" in note and "khoảng 30" in note for note in table.notes)


def test_channels_that_agree_are_said_to():
    rows = [a_row("all", 60, 80), a_row("land", 60, 80)]
    parts = [
        a_row(sector, 30, 40, channel=channel)
        for sector in ("all", "land")
        for channel in ("poster", "kiosk")
    ]
    notes = channel_table(a_document([*rows, *parts])).notes
    assert any("Không thấy kênh nào khác" in note for note in notes)


def test_verdicts_are_listed_with_word_reading_and_what_would_settle_them():
    entries = verdict_list(an_office(), names=NAMES).entries
    land = next(entry for entry in entries if entry.scope == "Đất đai")
    assert land.reading == "Tỷ lệ hài lòng 90,2% (41 phiếu)"
    assert [line.aim for line in land.judgements] == ["mục tiêu 2025: 85%", "mục tiêu 2030: 90%"]
    first = land.judgements[0]
    assert (first.evidence, first.word) == ("not_proven", "Chưa đủ căn cứ")
    assert first.more == (
        "Giới hạn dưới 80,2%, giới hạn trên 100,0%, mục tiêu 85%.",
        "Với tỷ lệ này, một kỳ như thế cần khoảng 48 phiếu mới đủ căn cứ kết luận Đạt.",
    )


def test_a_verdict_on_too_few_answers_tells_counts_and_no_percentage():
    row = a_row("land", 2, 3, 7)
    found = a_document([row], [a_verdict("each-2025", row, 0.85, 2025, responses_needed=None)])
    assert str(verdict_list(found)).splitlines()[1:] == [
        "  land: 2 trên 3 hài lòng.",
        "    Chưa đủ căn cứ · mục tiêu 2025: 85%.",
    ]


def test_a_verdict_that_may_not_leave_tells_its_target_alone():
    row = withheld(a_row("land", 37, 41, 60))
    hidden = a_verdict(
        *("each-2025", row, 0.85, 2025),
        **{"evidence": "withheld", "point": "withheld", "lower": None, "upper": None},
    )
    text = str(verdict_list(a_document([row], [hidden], view="published")))
    assert text.splitlines()[1:] == [
        "  land: Không công bố.",
        "    Không công bố · mục tiêu 2025: 85%.",
    ]


def test_a_share_stands_once_and_on_its_own_side_of_every_target():
    """89.96% of 2500 is neither 90% nor 85%: as many decimals as the nearer target takes."""
    row = a_row("land", 2249, 2500, 5000)
    judged = [a_verdict("each-2025", row, 0.85, 2025), a_verdict("each-2030", row, 0.90, 2030)]
    (entry,) = verdict_list(a_document([row], judged)).entries
    assert entry.reading == "Tỷ lệ hài lòng 89,96% (2.500 phiếu)"
    assert len(entry.judgements) == 2


def test_targets_of_one_title_on_two_measures_are_not_read_as_one():
    overall, index = a_row("land", 40, 50), a_row("land", 150, 200, measure="index")
    targets = shipped_targets()
    asked = tuple(
        target.model_copy(update={"measure": "index"}) if target.id == "each-2030" else target
        for target in targets.target
    )
    targets = targets.model_copy(update={"target": asked})
    judged = [a_verdict("each-2025", overall, 0.85, 2025), a_verdict("each-2030", index, 0.9, 2030)]
    found = replace(a_document([overall, index], judged), targets=targets)
    assert [entry.reading for entry in verdict_list(found).entries] == [
        "Tỷ lệ hài lòng 80,0% (50 phiếu)",
        "Tỷ lệ hài lòng 75,0% (200 phiếu)",
    ]


def test_what_several_rows_call_for_is_said_once_with_their_names():
    note = Note("uncovered", count=3, places=(("", "land"),))
    rows = [a_row(name, 37, 41, notes=(note,)) for name in ("land", "all")]
    (said,) = (note for note in sector_table(a_document(rows)).notes if "3 phiếu" in note)
    assert said.startswith("land; Tất cả lĩnh vực: 3 phiếu ở land ")


def test_an_office_asked_for_has_its_own_verdicts():
    row = a_row("land", 37, 41, 60)
    mine = a_verdict("each-2025", row._replace(office="trieu-son"), 0.85, 2025)
    found = a_document([row], [mine])
    assert len(verdict_list(found, office="trieu-son").entries) == 1
    assert not verdict_list(found).entries


@pytest.mark.parametrize("make", [sector_table, silence_table, needed_table, measure_table])
def test_targets_of_another_document_are_refused(make):
    row = a_row("all", 140, 150)
    found = a_document([row], [a_verdict("mine", row, 0.8, 2028)])
    with pytest.raises(ValueError, match="targets lack mine"):
        make(found)


class Outline(HTMLParser):
    """Collects tags, and complains of one that is left open."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("img", "source", "path", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("path", "circle"):
            assert self.open.pop() == tag


def outline(shown):
    parser = Outline()
    parser.feed(shown._repr_html_())
    assert not parser.open
    return parser.seen


@pytest.mark.parametrize(
    "shown",
    [
        sector_table(an_office(), names={"land": "<b>&"}),
        verdict_list(an_office(), names={"land": "<b>&"}),
        head(an_office(), names={"trieu-son": "<b>&"}, simulated=True),
    ],
    ids=["table", "verdicts", "head"],
)
def test_html_is_well_formed_and_a_name_is_only_text(shown):
    outline(shown)
    assert "&lt;b&gt;&amp;" in shown._repr_html_()
    assert "<b>&" not in shown._repr_html_()


def test_each_cell_knows_its_head_for_a_screen_that_shows_cards():
    table = sector_table(an_office())
    cells = [attrs for tag, attrs in outline(table) if tag == "td"]
    assert len(cells) == len(table.rows) * (len(table.head) - 1)
    assert {cell["data-head"] for cell in cells} == set(table.head[1:])
    assert all(cell["role"] == "cell" for cell in cells)


def test_a_table_becomes_a_data_frame_of_the_same_texts():
    table = sector_table(an_office())
    frame = table.to_frame()
    assert list(frame.columns) == list(table.head)
    assert [tuple(row) for row in frame.itertuples(index=False)] == list(table.rows)


def test_the_head_tells_office_period_and_what_it_rests_on():
    found = head(an_office(), names=NAMES)
    assert found.title == "Mức độ hài lòng – Tháng 10/2026"
    assert found.office == "UBND xã Triệu Sơn"
    assert found.basis == (
        "150 phiếu về thủ tục, trên 300 hồ sơ đã giải quyết; 16 phiếu về cơ quan nói chung."
    )
    assert found.warning is None
    assert found.status == "Kỳ đã kết thúc."
    assert str(found.internal).startswith("Nội bộ cơ quan")
    assert head(an_office(view="published")).internal is None
    assert "mô phỏng" in str(head(an_office(), simulated=True).warning)


def test_an_empty_period_says_what_to_do():
    assert "kiểm tra mã QR" in head(a_document([])).basis


def test_the_methods_that_were_used_are_explained_and_versions_told():
    table = method_table(an_office(), lang="en")
    assert [row[0] for row in table.rows] == ["Exact hypergeometric"]
    assert re.search(r"Python 3\.\d+\.\d+, hailong .*scipy \d", table.notes[0])


def test_an_office_s_own_questionnaires_come_beside_the_shipped_ones(tmp_path):
    assert read_questionnaires().keys() == shipped().keys()
    assert read_questionnaires(tmp_path).keys() == shipped().keys()
    with pytest.raises(QuestionnaireError, match="not a folder"):
        read_questionnaires(tmp_path / "missing")
