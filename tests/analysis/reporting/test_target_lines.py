"""One line a target: word, figure with its interval, what settles it; all of it the document's."""

from __future__ import annotations

import re

import pytest

from analysis.reporting.render import html
from analysis.reporting.target_lines import LineVerdict, target_lines
from questionnaires import Text
from tests.analysis.verdict_documents import (
    YEARS,
    a_document,
    a_row,
    a_verdict,
    an_office,
    withheld,
)

NAMES = {"land": "Đất đai", "trieu-son": "UBND xã Triệu Sơn"}
TOTAL = a_row("all", 140, 150, 300)


def line_of(row=TOTAL, lang="vi", more=None, **document):
    """The only line of a document in which this row was judged."""
    (target, threshold) = YEARS[2025]
    found = a_document([row], [a_verdict(target, row, threshold, 2025, **(more or {}))], **document)
    (line,) = target_lines(found, names=NAMES, lang=lang).lines
    return line


def settles(row=TOTAL, lang="vi", document=None, **more):
    """What is said to settle or change the verdict."""
    (verdict,) = line_of(row, lang, more, **(document or {})).verdicts
    return verdict.settles


def test_a_line_has_scope_figure_interval_and_both_deadlines():
    found = target_lines(an_office(), names=NAMES)
    total, land = found.lines
    assert (total.scope, land.scope) == ("Tất cả lĩnh vực", "Đất đai")
    assert total.figure == "93,3%" and total.interval == "83,3% – 100,0%"
    assert total.people == "150 phiếu trên 300 hồ sơ"
    assert found.deadlines == (2025, 2030)
    assert [one.aim for one in land.verdicts] == ["85%", "90%"]
    assert found.head == ("Lĩnh vực", "Tỷ lệ hài lòng", "Mục tiêu 2025", "Mục tiêu 2030")


def test_a_verdict_that_is_not_proven_says_how_many_answers_would_do():
    assert settles(responses_needed=7) == "cần khoảng 157 phiếu để kết luận Đạt"
    running = {"status": "running"}
    assert settles(document=running, reason="running") == "thêm khoảng 7 phiếu thì kết luận Đạt"
    assert settles(lang="en", responses_needed=7) == "about 157 answers needed for Met"
    (verdict,) = line_of(lang="en").verdicts
    assert verdict.word == "Not proven yet"


def test_where_no_number_of_answers_would_do_it_says_what_would():
    assert settles(responses_needed=200) == "cần kỳ dài hơn hoặc phúc tra"  # 350 of 300
    assert settles(responses_needed=None) == "cần kỳ dài hơn hoặc phúc tra"
    assert settles(responses_needed=5000).startswith("sát mục tiêu")


def test_a_proven_verdict_says_what_would_have_to_be_otherwise():
    """The silent decide: 0.931 is rounded up, so that the figure promises nothing."""
    met = settles(evidence="met", q=0.931)
    assert met == "chỉ đúng nếu từ 94% người chưa trả lời cũng hài lòng"
    assert settles(evidence="missed", q=0.97).startswith("vẫn đạt nếu từ 97%")
    assert settles(evidence="met", basis="census") == "mọi người đều đã trả lời"
    assert settles(evidence="met", basis="certain", q=-0.2).startswith("dù những người chưa")
    assert settles(evidence="met", q=None) == "theo những người đã trả lời; chưa có số hồ sơ"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("coverage", "phiếu mới ứng với 61% số hồ sơ, cần 80%"),
        ("not_counted", "chưa có số hồ sơ của các tháng"),
        ("recheck", "phúc tra của kỳ này chưa xong"),
    ],
)
def test_why_nothing_is_concluded_comes_before_any_number(reason, told):
    assert settles(reason=reason, coverage=0.615, responses_needed=7) == told


def test_few_answers_are_counts_and_no_answers_are_said_to_be_none():
    few = line_of(a_row("all", 2, 3, 7))
    assert (few.figure, few.interval) == ("2 trên 3", "")
    none = line_of(a_row("all", 0, 0, 12))
    assert (none.figure, none.people) == ("chưa có phiếu", "")
    assert none.verdicts == (LineVerdict(2025, "90%", "none", "Chưa có câu trả lời", ""),)


def test_what_may_not_leave_has_no_figure_and_no_number_of_answers():
    hidden = withheld(TOTAL)
    line = line_of(hidden, more={"evidence": "withheld"}, view="published")
    assert line.figure == "không công bố"
    assert re.findall(r"\d+", str(line)) == ["2025", "90"]
    shown = line_of(more={"responses_needed": None}, view="published")
    assert shown.verdicts[0].settles == ""


def test_a_figure_never_rounds_to_the_other_side_of_its_target():
    line = line_of(a_row("all", 8996, 10000, 20000))
    assert line.figure == "89,96%"


def test_the_lines_of_a_sector_are_its_own():
    assert [line.scope for line in target_lines(an_office(), names=NAMES).of("land").lines] == [
        "Đất đai"
    ]


def test_a_running_period_says_so_and_a_document_without_targets_too():
    found = target_lines(an_office(status="running"))
    assert found.running == "Kỳ chưa kết thúc nên chưa kết luận."
    none = target_lines(a_document([TOTAL]))
    assert str(none) == none.empty != ""


def test_its_table_has_heads_for_screen_readers_and_only_text_in_names():
    found = target_lines(an_office(), names={"land": "<b>Đất & đai"})
    shown = html("target_lines", found)
    assert shown.count('scope="col"') == 4 and shown.count('scope="row"') == 2
    assert "&lt;b&gt;Đất &amp; đai" in shown
    assert shown.count("<svg") == 4


def test_two_targets_of_one_scope_are_told_apart_by_their_titles():
    found = an_office()
    assert all(line.title == "" for line in target_lines(found).lines)
    index = found.targets.target[0].model_copy(
        update={"id": "index-2025", "measure": "index", "title": Text(vi="Chỉ số", en="Index")}
    )
    targets = found.targets.model_copy(update={"target": (*found.targets.target, index)})
    row = a_row("all", 140, 150, 300, measure="index")
    document = a_document(
        [TOTAL, row],
        [a_verdict("procedures-2025", TOTAL, 0.9, 2025), a_verdict("index-2025", row, 0.9, 2025)],
        targets=targets,
    )
    first, second = target_lines(document).lines
    assert first.scope == second.scope
    assert first.title != second.title == "Chỉ số"
