"""Columns on paper: no word is cut, and as few cells are broken as the line allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.reporting.table import Table
from survey.reports.charts import text_width
from survey.reports.tables import LINE, SIZE, column_widths

SECTORS = Table(
    caption="Kết quả",
    head=("Lĩnh vực", "Hài lòng", "Phiếu/hồ sơ (tỷ lệ trả lời)", "Khoảng tin cậy 95%"),
    rows=(
        ("Đất đai", "không công bố", "22/79 (27,8%)", "40% – 76%"),
        ("Bảo trợ xã hội, người có công", "94,2%", "1.035/2.152 (23,0%)", "82,8% – 98,7%"),
        ("Tất cả lĩnh vực", "từ 89% đến dưới 90%", "1.177/3.611 (29,0%)", "83,0% – 95,0%"),
    ),
    strong=frozenset({2}),
)


def tables(report) -> list[Table]:
    parts = (*report.body, *(part for one in report.appendices for part in one.parts))
    return [part for part in parts if isinstance(part, Table) and part.rows]


def longest_words(found: Table) -> list[float]:
    columns = zip(found.head, *found.rows, strict=True)
    return [
        max(
            text_width(word, SIZE, bold=place == 0)
            for place, text in enumerate(texts)
            for word in text.split()
        )
        for texts in columns
    ]


def test_every_table_of_a_report_fills_the_line_and_cuts_no_word(report):
    found = tables(report)
    assert len(found) >= 6
    for one in found:
        widths = column_widths(one)
        assert sum(widths) == pytest.approx(LINE)
        assert all(w > word for w, word in zip(widths, longest_words(one), strict=True))


def broken(found: Table) -> list[str]:
    """The cells that take more than one line, beneath the head."""
    widths = column_widths(found)
    return [
        text
        for place, row in enumerate(found.rows)
        for text, width in zip(row, widths, strict=True)
        if text_width(text, SIZE, bold=place in found.strong) > width - 10
    ]


def test_as_few_cells_are_broken_as_the_line_allows():
    # All on one line take more than a line has: one of the two longest is broken, nothing else.
    assert len(broken(SECTORS)) == 1
    narrower = replace(SECTORS, rows=SECTORS.rows[:2], strong=frozenset())
    assert not broken(narrower)


def test_a_table_that_is_too_wide_for_the_line_is_as_narrow_as_its_words():
    words = ("Trách-nhiệm-giải-trình-dài-dòng",) * 6
    wide = Table(caption="Rộng", head=words, rows=(words,))
    assert sum(column_widths(wide)) > LINE
    assert all(w > word for w, word in zip(column_widths(wide), longest_words(wide), strict=True))


def test_what_is_left_goes_to_the_column_of_sentences():
    found = Table(
        caption="Cách tính",
        head=("Cách tính", "Dùng khi nào"),
        rows=(("KG-S", "Nhiều lĩnh vực cộng lại theo số hồ sơ. " * 4),),
        words=frozenset({1}),
    )
    first, second = column_widths(found)
    assert first + second == pytest.approx(LINE)
    assert second > 3 * first
