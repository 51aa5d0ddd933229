"""Lines of a chart's text: as many words as fit, however wide their letters are."""

from __future__ import annotations

import pytest

from analysis.reporting.fonts import Fonts

FONTS = Fonts.of(())
TEXTS = (
    "Tỷ lệ hài lòng chung và theo lĩnh vực, khoảng tin cậy 95%, từng tháng của kỳ báo cáo",
    "WWWWWW WWWWWWWW WWWW MMMMMMMM WWW WWWWWWWWWW",
    "i l i l iii ll i l i iiii l i l llll i i i l",
    "một-từ-rất-dài-không-có-chỗ-nào-để-ngắt hai ba",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("room", [0.05, 0.6, 1.7, 20.0])
def test_a_line_has_as_many_words_as_fit_and_at_least_one(text, room):
    lines = FONTS.wrap(text, 8, room)
    assert " ".join(lines) == text
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert FONTS.width(line, 8) <= room or " " not in line
        longer = f"{line} {following.split(' ')[0]}"
        assert not following or FONTS.width(longer, 8) > room


def test_no_text_is_one_empty_line():
    assert FONTS.wrap("", 8, 1.0) == [""]
