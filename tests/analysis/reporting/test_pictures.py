"""Five pictures beside the rows: what their axes hold, what they say, what they never show."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.differences import DifferenceRow
from analysis.insights.drivers import Driver, Reliability
from analysis.insights.insights import Insights
from analysis.insights.screening import Flag
from analysis.reporting.chart import draw, draw_on, render, shown_chart, words_of
from analysis.reporting.difference_chart import MOST, difference_chart
from analysis.reporting.heat_map import SHADES, heat_map
from analysis.reporting.heat_table import heat_table
from analysis.reporting.importance_map import importance_map
from analysis.reporting.inline import inline_svg
from analysis.reporting.marks import axis, shared
from analysis.reporting.month_panels import month_panels
from analysis.reporting.pictures import picture
from analysis.reporting.reliability_chart import reliability_chart
from analysis.reporting.score_bars import FILLS, score_bars
from analysis.reporting.screening_chart import screening_chart
from analysis.reporting.sheet import INK
from analysis.reporting.teller import Teller
from analysis.statistics.comparisons import Difference
from analysis.statistics.exact import Interval
from analysis.trends import TrendRow
from tests.analysis.reporting.test_plots import NAMES, boxes_of, dots_of
from tests.analysis.verdict_documents import a_document, a_row, an_office, withheld

ROOT = Path(__file__).parents[3]
ELEMENTS = ("access", "procedures", "results")
STEPS = {
    "vi": ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"),
    "en": ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
}
WORDS = {
    "element:access": "Tiếp cận dịch vụ",
    "element:procedures": "Thủ tục hành chính",
    "element:results": "Kết quả",
} | NAMES


def elements(**changed):
    """Three elements of two sectors and the total; `changed`: cells in the place of these."""
    cells = {
        ("land", "access"): (90, 100),
        ("land", "procedures"): (70, 100),
        ("land", "results"): (99, 100),
        ("civil-status", "access"): (45, 50),
        ("civil-status", "procedures"): (2, 3),
        ("civil-status", "results"): (0, 0),
    }
    cells |= {("all", name): (140, 150) for name in ELEMENTS}
    rows = [
        a_row(sector, *counts, 200, measure=f"element:{name}")
        for (sector, name), counts in cells.items()
    ]
    rows = [row._replace(n=max(row.n, 50)) for row in rows]
    hidden = changed.get("hidden", ())
    return a_document(
        [withheld(row) if (row.sector, row.measure[8:]) in hidden else row for row in rows],
        view="published" if hidden else "full",
    )


def a_driver(name, low, high):
    gap = None if low is None else Difference((low + high) / 2, low, high)
    return Driver(f"element:{name}", 80, 20, 0, 0.9, 0.5, gap)


DRIVERS = [
    a_driver("access", 0.3, 0.5),
    a_driver("procedures", 0.1, 0.3),
    a_driver("results", None, 0),
]


def a_change(sector, gap, signal="none", first="2026-10", second="2026-09", office="all"):
    return DifferenceRow(
        office,
        sector,
        "overall",
        first,
        second,
        0.9,
        0.9 - gap,
        gap,
        gap - 0.1,
        gap + 0.1,
        40,
        signal,
    )


def a_month(sector, month, share, n=40, **more):
    fields = {"expected": 0.9 * n, "usual_low": 0.75, "usual_high": 0.98, "signal": "none"} | more
    limits = (share - 0.1, min(1, share + 0.05)) if share is not None else (None, None)
    satisfied = round((share or 0) * n)
    return TrendRow("all", sector, month, n, satisfied, share, *limits, **fields)


MONTHS = [
    a_month("land", "2026-08", 0.9),
    a_month("land", "2026-09", 0.7, signal="lower"),
    a_month("land", "2026-10", 1.0, n=3),
    a_month("civil-status", "2026-08", 0.95),
    a_month("civil-status", "2026-09", None, n=0, expected=None, usual_low=None, usual_high=None),
    a_month("civil-status", "2026-10", 0.92),
]
ALPHAS = [
    Reliability("desk@9", "element:access", 3, 120, 0.82, Interval(0.74, 0.88), None),
    Reliability("desk@9", "element:results", 2, 120, -0.2, Interval(-0.7, 0.15), None),
    Reliability("desk@9", "element:procedures", 2, 4, None, None, "few_sheets"),
    Reliability("desk@9", "index", 7, 110, 0.75, Interval(0.68, 0.81), None),
]
DAY = date(2026, 10, 3)
FLAGS = (
    Flag("same_sheet", "xa-a", "land", DAY, 9, 30, 1.2, 1e-6),
    Flag("burst", "xa-a", "land", DAY, 60, 25, 4.4, 1e-9),
    Flag("apart", "xa-a", "civil-status", None, 20, 50, 41.0, 1e-5),
)
SCORES = {"land": (5, 5, 10, 40, 40), "civil-status": (0, 1, 1, 1, 0)}


def pictures(lang="vi"):
    """One of each, of the same office."""
    names = WORDS if lang == "vi" else {}
    found, given = elements(), {"names": names, "lang": lang}
    rows = [a_change("land", -0.2, "lower"), a_change("civil-status", 0.05)]
    return {
        "rows": picture(an_office(), **given),
        "elements": heat_map(found, **given),
        "importance": importance_map(found, DRIVERS, **given),
        "steps": score_bars(found, SCORES, STEPS[lang], **given),
        "differences": difference_chart(found, rows, **given),
        "panels": month_panels(found, MONTHS, **given),
        "reliability": reliability_chart(found, ALPHAS, **given),
        "screening": screening_chart(
            Insights(found.period, "all", flags=FLAGS), Teller.of(found, names, None, lang)
        ),
    }


KINDS = list(pictures())


@pytest.mark.parametrize("narrow", [False, True], ids=["page", "phone"])
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_leaves_the_page_or_covers_another(kind, lang, narrow):
    figure = draw(pictures(lang)[kind], simulated=True, narrow=narrow)
    boxes = boxes_of(figure)
    assert len(boxes) > 10
    for text, box in boxes:
        inside = figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
        assert inside and figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
    for (text, box), (other, beside) in combinations(boxes, 2):
        wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        high = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        assert wide <= 0 or high <= 0.25 * min(box.height, beside.height), (text, other)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_tells_its_finding_its_answers_and_where_they_are_from(kind, lang):
    shown = pictures(lang)[kind]
    mark = {"vi": "DỮ LIỆU MÔ PHỎNG", "en": "SIMULATED DATA"}[lang]
    source = {"vi": "Nguồn: ", "en": "Source: "}[lang]
    texts = [text for text, _ in boxes_of(draw(shown, simulated=True))]
    assert any(mark in text for text in texts)
    assert any(text.startswith(source) for text in texts)
    assert any(character.isdigit() for character in shown.title)
    assert not any(mark in text for text, _ in boxes_of(draw(shown)))
    said = shown_chart(shown, simulated=True).words
    assert mark in said and shown.title in said


@pytest.mark.parametrize("kind", KINDS)
def test_equal_pictures_are_equal_files(kind):
    assert render(draw(pictures()[kind]), "svg") == render(draw(pictures()[kind]), "svg")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "panels"])
def test_each_is_drawn_on_axes_of_ones_own_and_changes_no_figure(kind):
    figure = Figure(figsize=(8, 5))
    left, right = figure.subplots(1, 2)
    shown = pictures()[kind]
    assert draw_on(left, shown, simulated=True) is left
    said = left.get_title(loc="left")
    assert shown.title in " ".join(said.split("\n"))
    assert "MÔ PHỎNG" in said  # upon no figure
    assert max(map(len, said.split("\n"))) < 40  # in lines no wider than the axes
    assert tuple(figure.get_size_inches()) == (8, 5)
    assert not right.has_data()
    assert not any("MÔ PHỎNG" in text.get_text() for text in left.texts)
    left.annotate("here", (0.9, 0))  # matplotlib's own, as any others


def test_rows_on_axes_stand_by_number_with_names_as_ticks():
    axes = Figure().subplots()
    shown = pictures()["rows"]
    draw_on(axes, shown, xlim=(0.5, 1))
    assert [label.get_text() for label in axes.get_yticklabels()] == [r.name for r in shown.rows]
    assert axes.get_xlim() == (0.5, 1)
    assert sorted(
        tuple(place)
        for line in axes.lines
        if line.get_marker() in "oDs^"
        for place in line.get_xydata()
    ) == sorted((row.share, n) for n, row in enumerate(shown.rows) if row.share is not None)


def test_several_charts_have_one_axis():
    few, many = a_document([a_row("all", 30, 40, 1000)]), a_document([a_row("all", 95, 100, 110)])
    spans = [axis(picture(found).rows) for found in (few, many)]
    assert spans[0] != spans[1]
    both = shared(spans)
    assert {draw(picture(f), xlim=both).axes[0].get_xlim() for f in (few, many)} == {both}


def test_what_is_beyond_the_axis_is_an_arrow_at_its_end():
    found = a_document([a_row("land", 30, 100), a_row("all", 90, 100)])
    axes = draw(picture(found), xlim=(0.6, 1)).axes[0]
    arrows = [line for line in axes.lines if line.get_marker() == "<" and len(line.get_xdata())]
    assert [list(line.get_xdata()) for line in arrows] == [[0.6]]
    assert len(dots_of(axes.figure)) == 1
    drawn = [path for c in axes.collections for path in c.get_paths() if len(path.vertices)]
    assert min(path.vertices[:, 0].min() for path in drawn) >= 0.6 - 1e-9


def test_the_span_of_the_silent_is_a_hairline_and_the_interval_a_bar():
    axes = draw(picture(an_office())).axes[0]
    widths = {
        str(lines.get_label()): lines.get_linewidths()[0]
        for lines in axes.collections
        if not str(lines.get_label()).startswith("_")
    }
    silent = next(w for label, w in widths.items() if "nếu ai cũng trả lời" in label)
    interval = next(w for label, w in widths.items() if "Khoảng tin cậy" in label)
    assert silent < interval / 4


@pytest.mark.parametrize(
    ("sort", "first"), [("given", "Đất đai"), ("share", "Hộ tịch"), ("answers", "Hộ tịch")]
)
def test_sectors_are_sorted_by_choice_and_the_total_stays_last(sort, first):
    rows = [a_row("land", 38, 40), a_row("civil-status", 70, 90), a_row("all", 108, 130)]
    shown = picture(a_document(rows), names=NAMES, sort=sort)
    assert shown.rows[0].name == first
    assert shown.rows[-1].section == "total"


def cells_of(axes):
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_a_cell_is_shaded_by_its_share_and_says_it():
    shown = pictures()["elements"]
    axes = draw(shown).axes[0]
    texts = {text.get_text() for text in axes.texts}
    assert {"90,0%", "70,0%", "99,0%", "2 trên 3", "–"} <= texts
    fills = [to_rgb(fill) for _, fill, _ in SHADES]
    by_place = {(int(c.get_x()), int(c.get_y())): c.get_facecolor()[:3] for c in cells_of(axes)}
    assert by_place[0, 0] == fills[0]  # land, access: 90%
    assert by_place[1, 0] == fills[2]  # land, procedures: 70%
    assert by_place[1, 1] == by_place[2, 1] == (1, 1, 1)  # few answers, and none
    assert shown.title.startswith(
        "Thấp nhất trong các ô đủ phiếu: Thủ tục hành chính – Đất đai, 70"
    )


def test_what_may_not_be_published_is_hatched_and_said_and_never_shaded():
    shown = heat_map(elements(hidden={("land", "access")}), names=WORDS)
    axes = draw(shown).axes[0]
    (hidden,) = [cell for cell in cells_of(axes) if cell.get_hatch()]
    assert (int(hidden.get_x()), int(hidden.get_y())) == (0, 0)
    assert hidden.get_facecolor()[:3] == (1, 1, 1)
    assert "0%" not in {text.get_text() for text in axes.texts}
    assert "Tiếp cận dịch vụ Không công bố" in words_of(shown)
    assert "Không công bố" in {text for text, _ in boxes_of(axes.figure)}


def test_the_map_as_a_table_has_the_same_cells_and_its_shades_by_name():
    shown = heat_map(elements(hidden={("land", "access")}), names=WORDS)
    made = heat_table(shown)
    looks = {cell.text: cell.look for row in made.rows for cell in row.cells}
    assert looks["70,0%"] == "shade-3" and looks["99,0%"] == "shade-1"
    assert looks["Không công bố"] == "withheld"
    assert looks["2 trên 3"] == looks["–"] == ""
    assert [(one.look, one.text) for one in made.legend] == [
        ("shade-1", "Từ 90%"),
        ("shade-3", "70% đến dưới 80%"),
    ]
    assert made.head == shown.columns and not any("Nguồn" in note for note in made.notes)


def test_the_style_sheet_of_the_pages_knows_every_shade_and_ink():
    sheet = (ROOT / "survey" / "web" / "static" / "staff.css").read_text(encoding="utf-8")
    for shade, (_, fill, _) in enumerate(SHADES, start=1):
        assert f"--shade-{shade}: {fill};" in sheet
    drawings = [pictures()[kind] for kind in ("rows", "importance")]
    drawn = "".join(inline_svg(render(draw(one), "svg"), "a") for one in drawings)
    inks = set(re.findall(r'(?:fill|stroke)="#[0-9a-f]+"', drawn))
    assert len(inks) > 6
    assert {ink for ink in inks if f".drawn [{ink}]" not in sheet} == set()


@pytest.mark.parametrize(
    "fills",
    [[fill for _, fill, _ in SHADES], [fill for fill, _ in FILLS[2:]]],
    ids=["map", "steps"],
)
def test_shades_fall_in_grey_too(fills):
    grey = [float(np.dot(to_rgb(fill), (0.299, 0.587, 0.114))) for fill in fills]
    assert all(one - other > 0.08 for one, other in pairwise(grey))


def test_the_two_ends_of_the_scale_are_told_apart_by_more_than_colour():
    assert all(hatch for _, hatch in FILLS[:2])
    assert not any(hatch for _, hatch in FILLS[2:])


@pytest.mark.parametrize("ink", range(len(SHADES)))
def test_ink_is_read_upon_its_shade(ink):
    _, fill, letters = SHADES[ink]
    light, dark = sorted((_luminance(fill), _luminance(letters)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour):
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(colour)]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def test_each_point_of_importance_has_both_intervals():
    shown = pictures()["importance"]
    axes = draw(shown).axes[0]
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert np.allclose(dots.get_xydata(), [(140 / 150, 0.4), (140 / 150, 0.2)])
    across, up = (c.get_segments() for c in axes.collections[:2])
    assert np.allclose([line[:, 1] for line in up], [[0.3, 0.5], [0.1, 0.3]])
    assert all(line[0][0] < 140 / 150 < line[1][0] for line in across)
    assert "Kết quả: 93,3% (150 phiếu); ít hơn 10 người một bên" in words_of(shown)


def test_the_middle_step_lies_across_the_line_and_the_parts_are_one():
    axes = draw(pictures()["steps"]).axes[0]
    bars = [patch for container in axes.containers for patch in container]
    assert len(bars) == 5  # three people are told in words
    assert sum(bar.get_width() for bar in bars) == pytest.approx(1)
    middle = bars[2]
    assert middle.get_x() + middle.get_width() / 2 == pytest.approx(0)
    assert "1 trên 3 hài lòng" in words_of(pictures()["steps"])


def test_a_difference_beyond_chance_is_filled_and_no_other():
    axes = draw(pictures()["differences"]).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert {str(line.get_markerfacecolor()): list(line.get_xdata()) for line in dots} == {
        INK: [-0.2],
        "white": [0.05],
    }


def test_of_very_many_differences_those_beyond_chance_are_drawn_and_the_rest_counted():
    rows = [a_change(f"s{n}", n / 1000) for n in range(MOST + 10)]
    rows += [a_change("land", -0.001, "lower")]
    shown = difference_chart(elements(), rows)
    assert len(shown.rows) == MOST
    assert any(row.signal == "lower" for row in shown.rows)
    assert any("Không vẽ 11 so sánh" in note for note in shown.footnotes)


def test_months_stand_left_to_right_within_their_limits():
    land, civil = draw(pictures()["panels"]).axes
    assert [label.get_text() for label in land.get_xticklabels()][-1] == "10/2026"
    (usual,) = [
        c
        for c in land.collections
        if c.get_label().startswith("_")
        and c.get_hatch() is None
        and len(c.get_facecolor())
        and len(c.get_paths()) == 2
    ]
    heights = {(p.vertices[:, 1].min(), p.vertices[:, 1].max()) for p in usual.get_paths()}
    assert heights == {(0.75, 0.98)}
    lower = [line for line in land.lines if line.get_marker() == "v"]
    assert [list(line.get_xdata()) for line in lower] == [[1]]
    crosses = [line for line in land.lines if line.get_marker() == "x"]
    assert [list(line.get_xdata()) for line in crosses] == [[2]]  # three people: no share
    shares = [
        line for line in civil.lines if line.get_marker() == "None" and len(line.get_xdata()) == 3
    ]
    assert np.isnan(shares[0].get_ydata()[1])  # a gap, no zero
    assert land.get_ylim() == civil.get_ylim()


def test_one_sector_has_one_panel_and_its_months_go_on_axes():
    rows = [*MONTHS[:3], *(row.__class__(**_as(row, sector="all")) for row in MONTHS[:3])]
    shown = month_panels(elements(), rows, names=WORDS)
    assert [panel.name for panel in shown.panels] == ["Đất đai"]
    axes = Figure().subplots()
    draw_on(axes, shown)
    assert axes.get_xlim() == (-0.6, 2.6)
    with pytest.raises(ValueError, match="give sector="):
        draw_on(Figure().subplots(), pictures()["panels"])


def _as(row, **changed):
    return {name: getattr(row, name) for name in row.__slots__} | changed


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_show_is_said_and_is_no_error(kind):
    empty = a_document([])
    shown = {
        "rows": lambda: picture(empty),
        "elements": lambda: heat_map(empty),
        "importance": lambda: importance_map(empty, []),
        "steps": lambda: score_bars(empty, {}, STEPS["vi"]),
        "differences": lambda: difference_chart(empty, []),
        "panels": lambda: month_panels(empty, []),
        "reliability": lambda: reliability_chart(empty, []),
        "screening": lambda: screening_chart(
            Insights(empty.period, "all"), Teller.of(empty, {}, None, "vi")
        ),
    }[kind]()
    texts = [text for text, _ in boxes_of(draw(shown))]
    said = {"reliability": "Chưa có bộ câu hỏi nào", "screening": "Không thấy phiếu giống hệt"}
    assert any(said.get(kind, "Chưa có phiếu nào") in text for text in texts)


def test_alpha_stands_with_its_interval_and_one_that_is_missing_says_why():
    shown = pictures("en")["reliability"]
    assert shown.title.startswith("Not proven that the 7 questions of desk@9 go together")
    said = [row.said for row in shown.rows]
    assert said[0] == "0.82 (0.74 – 0.88)"
    assert said[2] == "fewer than 10 complete sheets"
    axes = draw(shown).axes[0]
    assert axes.get_xlim() == (0, 1)
    below = [line for line in axes.lines if line.get_marker() == "<"]
    assert [tuple(line.get_xdata()) for line in below] == [(0.0,)]  # alpha of -0.2


def test_flags_stand_beside_what_is_usual_and_none_is_a_finding_too():
    shown = pictures("en")["screening"]
    assert [(row.seen, row.usual) for row in shown.rows] == [(9, 1.2), (60, 4.4), (20, 41.0)]
    assert "no finding" not in shown.title and shown.title.startswith("Worth a second look: 3")
    assert "60 answers in one day" in words_of(shown)
    found = elements()
    none = screening_chart(Insights(found.period, "all"), Teller.of(found, {}, None, "en"))
    assert none.title.startswith("No unusual repetition")
    assert draw(none).axes == []
