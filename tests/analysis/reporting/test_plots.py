"""The chart: what it shows, where it puts it, and that its files are always the same."""

from __future__ import annotations

from html import unescape
from itertools import combinations
from math import isfinite
from pathlib import Path

import pypdfium2
import pytest
from matplotlib.text import Text

from analysis.reporting.chart import chart_bytes, draw, shown_chart
from analysis.reporting.pictures import month_picture, picture
from analysis.targets import load_targets
from tests.analysis.verdict_documents import a_document, a_row, a_verdict, an_office

FONTS = tuple(
    Path(__file__).parents[3] / "survey" / "fonts" / f"BeVietnamPro-{weight}.ttf"
    for weight in ("Regular", "Bold")
)
NAMES = {
    "trieu-son": "UBND xã Triệu Sơn",
    "land": "Đất đai",
    "construction": "Xây dựng",
    "investment": "Đầu tư",
    "civil-status": "Hộ tịch",
}
MARKERS = {"o", "s", "D", "^"}


def plot(document, *, simulated=False, narrow=False, font_files=(), **options):
    """The figure of the rows of a document."""
    shown = picture(document, **options)
    return draw(shown, simulated=simulated, narrow=narrow, font_files=font_files)


def chart(document, **options):
    """The rows of a document, for a notebook."""
    return shown_chart(picture(document, **options))


def words_of(document, **options):
    """The text of the chart, read back from its PDF."""
    pdf = pypdfium2.PdfDocument(chart_bytes(document, "pdf", **options))
    return pdf[0].get_textpage().get_text_bounded()


def dots_of(figure):
    """The dots of rows, top down: (x, y) in pixels; those of the legend are not the axes' own."""
    axes = figure.axes[0]
    marked = [line for line in axes.lines if line.get_marker() in MARKERS]
    places = [place for line in marked for place in axes.transData.transform(line.get_xydata())]
    shown = [(x, y) for x, y in places if isfinite(x)]
    return sorted(shown, key=lambda place: -place[1])


def boxes_of(figure):
    """Each text with its place on the page: names, figures, ticks and legend."""
    figure.draw_without_rendering()  # puts ticks and legend in their places
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def test_each_row_tells_its_share_and_its_answers_of_dossiers():
    words = words_of(an_office(), names=NAMES)
    for expected in ("Đất đai", "90,2%", "41/60", "Hộ tịch", "95,3%", "106/221"):
        assert expected in words
    assert "UBND xã Triệu Sơn – Tháng 10/2026" in words


def test_without_dossiers_the_answers_stand_alone():
    assert "16 phiếu" in words_of(an_office(), names=NAMES)


def test_english_has_english_words_and_points():
    words = words_of(an_office(), lang="en")
    assert "Satisfaction by sector" in words
    assert "90.2%" in words
    assert "October 2026" in words


def test_few_answers_and_none_are_told_in_words_and_draw_no_dot():
    found = an_office()
    words = words_of(found, names=NAMES)
    assert "2 trên 3" in words
    assert "chưa có phiếu" in words
    assert "66,7%" not in words
    assert "67%" not in words
    # land, civil status, the group, the total, the agency
    assert len(dots_of(plot(found))) == 5


def test_a_question_that_nobody_answered_is_not_a_share_of_nothing():
    row = a_row("land", 0, 9, 20, respondents=0, answered=0, share=None, low=None, high=None)
    words = words_of(a_document([row])).replace("\r\n", "")  # a reader may break after any letter
    assert "chưa có ai trả lời câu này" in words


def test_an_empty_period_says_so():
    assert "Chưa có phiếu nào trong kỳ này." in words_of(a_document([]))


def test_more_answers_than_dossiers_are_marked_and_explained():
    words = words_of(a_document([a_row("land", 30, 40, 38)]))
    assert "40/38 (!)" in words
    assert "cần kiểm tra lại số hồ sơ" in words


@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
def test_simulated_answers_are_marked_and_real_ones_are_not(narrow):
    mark = "DỮ LIỆU MÔ PHỎNG"
    assert mark in words_of(an_office(), simulated=True, narrow=narrow)
    assert mark not in words_of(an_office(), narrow=narrow)


def test_a_dollar_in_a_name_is_a_dollar():
    assert "wood & $x_1$" in words_of(a_document([a_row("wood & $x_1$", 30, 40)]))


def test_a_share_is_never_rounded_onto_a_target_that_it_misses():
    row = a_row("all", 9496, 10_000)
    judged = [a_verdict("procedures-2030", row, 0.95, 2030)]
    words = words_of(a_document([row, a_row("land", 9496, 10_000)], judged))
    assert words.count("94,96%") >= 2  # land has no target, and stands beside that of the total
    assert "95,0%" not in words


@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
def test_dots_stand_where_their_shares_are(narrow):
    shares = [0.70, 0.80, 0.95, 1.00]
    rows = [a_row(f"s{n}", round(100 * share), 100) for n, share in enumerate(shares)]
    places = [x for x, _ in dots_of(plot(a_document(rows), narrow=narrow))]
    scale = (places[3] - places[0]) / (shares[3] - shares[0])
    expected = [places[0] + scale * (share - shares[0]) for share in shares]
    assert places == pytest.approx(expected)
    assert scale > 0


def test_rows_go_from_sectors_to_groups_to_the_total_to_the_agency():
    words = words_of(an_office(), names=NAMES)
    order = [
        *("Đất đai", "Xây dựng", "Đầu tư", "Hộ tịch"),
        *("Đất đai, xây dựng, đầu tư", "Tất cả lĩnh vực", "Cơ quan nói chung"),
    ]
    lines = [line.strip() for line in words.splitlines()]
    starts = [next(n for n, line in enumerate(lines) if _tells(line, name)) for name in order]
    assert starts == sorted(starts)


def _tells(line, name):
    """Whether a line of the chart is the row of this name: figures follow it."""
    rest = line.removeprefix(name).strip()
    return line.startswith(name) and (not rest or rest[0] in "0123456789–íc")


def test_only_rows_that_are_judged_show_a_target():
    words = words_of(an_office(), names=NAMES)
    # land's own, and the total's; the group and the agency were not judged here
    assert [words.count(text) for text in ("2025: 85%", "2030: 90%")] == [1, 1]
    assert [words.count(text) for text in ("2025: 90%", "2030: 95%")] == [1, 1]


def test_equal_thresholds_of_two_years_share_a_line():
    row = a_row("all", 140, 150)
    judged = [
        a_verdict("procedures-2025", row, 0.9, 2025),
        a_verdict("procedures-2030", row, 0.9, 2030),
    ]
    assert "2025, 2030: 90%" in words_of(a_document([row], judged))


def test_targets_of_another_document_are_refused():
    row = a_row("all", 140, 150)
    found = a_document([row], [a_verdict("mine", row, 0.8, 2028)])
    with pytest.raises(ValueError, match="targets lack mine; give those of the document"):
        plot(found)


def test_targets_of_the_document_are_taken_for_what_they_measure(tmp_path):
    file = tmp_path / "targets.toml"
    file.write_text(
        '[[target]]\nid = "mine"\ntitle.vi = "Của tôi"\ntitle.en = "Mine"\nmeasure = "index"\n'
        'sectors = "all"\npool = true\nthreshold = 0.8\ndeadline = 2028\nsource = "?"\n',
        encoding="utf-8",
    )
    row, index = a_row("all", 140, 150), a_row("all", 500, 600, measure="index")
    judged = [a_verdict("mine", index, 0.8, 2028)]
    found = a_document([row, index], judged, targets=load_targets(file))
    assert "2028: 80%" not in words_of(found)
    assert "2028: 80%" in words_of(found, measure="index")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            {"office": "else"},
            'office, \'else\': it is none of the choices; give one of "trieu-son", "all"',
        ),
        (
            {"measure": "index"},
            "measure, 'index': it is none of the choices; give one of \"overall\"",
        ),
    ],
)
def test_what_is_not_in_the_document_is_refused_by_name(option, message):
    with pytest.raises(ValueError, match=message):
        plot(an_office(), **option)


LONG = "Lĩnh vực có cái tên dài đến mức phải xuống dòng vài lần mới viết hết được trên một trang"


@pytest.mark.parametrize("fonts", [(), FONTS], ids=["DejaVu", "Be Vietnam Pro"])
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
@pytest.mark.parametrize("names", [NAMES, {"land": LONG}], ids=["short", "long"])
def test_no_text_leaves_the_page_or_covers_another(fonts, lang, narrow, names):
    options = {"lang": lang, "narrow": narrow, "names": names, "font_files": fonts}
    figure = plot(an_office(), simulated=True, **options)
    boxes = boxes_of(figure)
    for text, box in boxes:
        inside = figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert inside and figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
    for (text, box), (other, beside) in combinations(boxes, 2):
        wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        high = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        # Lines of Vietnamese may reach into each other's space for marks by a hair, not more.
        assert wide <= 0 or high <= 0.25 * min(box.height, beside.height), (text, other)


@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
def test_names_stand_under_the_title_and_beside_their_figures(narrow):
    found = dict(boxes_of(plot(an_office(), narrow=narrow, lang="en")))
    title = next(box for text, box in found.items() if text.startswith("All sectors: 93.3%"))
    name, share = (found[text] for text in ("land", "90.2%"))
    assert name.x0 == pytest.approx(title.x0, abs=2)
    assert name.y0 < share.y1 and share.y0 < name.y1


def test_shades_are_told_apart_in_grey():
    from matplotlib.colors import to_rgb

    from analysis.reporting.sheet import INTERVAL, SILENT, TARGET

    def grey(colour):
        red, green, blue = to_rgb(colour)
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert grey(SILENT) - grey(INTERVAL) > 0.25
    assert grey(SILENT) - grey(TARGET) > 0.25


def test_the_description_tells_every_row_without_colours_or_shapes():
    said = chart(an_office(), names=NAMES).words
    assert "Đất đai: 90,2%, 80,2% – 100,0% (41/60)." in said
    assert "Đầu tư: 2 trên 3." in said
    assert "Xây dựng: chưa có phiếu." in said


def test_a_chart_in_a_page_needs_no_other_file():
    shown = chart(an_office(), names={"land": 'Đất "đai" & <b>'})._repr_html_()
    assert shown.count("data:image/svg+xml;base64,") == 2
    assert "http" not in shown
    assert '"đai"' not in shown and "<b>" not in shown
    assert 'Đất "đai" & <b>' in unescape(shown)


def test_months_stand_in_order_under_the_targets_they_are_judged_by():
    months = [an_office("2026-08"), a_document([], period="2026-09"), an_office("2026-10")]
    said = shown_chart(month_picture(months, names=NAMES)).words
    assert said.index("8/2026: 93,3%") < said.index("9/2026: chưa có phiếu")
    assert said.index("9/2026: chưa có phiếu") < said.rindex("10/2026: 93,3%")


def test_months_without_any_document_are_refused():
    with pytest.raises(ValueError, match="give one for each month"):
        month_picture([])
