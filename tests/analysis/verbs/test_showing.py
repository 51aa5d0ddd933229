"""`analysis.plot` and `analysis.report`: what leaves, in the forms that there are."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from openpyxl import load_workbook

import analysis
from analysis import reports
from analysis.reporting import chart
from tests.analysis.verbs.office import an_office, sheets


def test_a_chart_shows_itself_and_says_itself(found):
    shown = analysis.plot(found, lang="en")
    assert "land: 90.0%" in shown.words
    assert shown._repr_html_().count("data:image/svg+xml;base64,") == 2
    assert shown.figure.get_label().startswith("All sectors: 76.7% satisfied (68.8% – 83.4%)")


@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<?xml"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")]
)
def test_a_chart_is_written_as_the_file_is_called(found, tmp_path, name, start):
    analysis.plot(found, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_chart_of_another_kind_is_refused_before_it_is_drawn(found, tmp_path):
    with pytest.raises(analysis.Refusal, match=r"not written as '\.jpg'; name it \.svg, \.png or"):
        analysis.plot(found, tmp_path / "a.jpg")
    with pytest.raises(analysis.Refusal, match="a chart of 'sectors' has no such choice; leave it"):
        analysis.plot(found, sector="land")


@pytest.mark.parametrize("kind", ["sectors", "elements", "importance", "steps"])
def test_a_period_has_four_pictures(found, kind):
    shown = analysis.plot(found, kind=kind, lang="en")
    assert "xa-a – October 2026" in shown.words
    assert "Source: 90 answers about procedures, of 180 completed dossiers." in str(
        [text.get_text() for text in shown.figure.texts]
    )


def test_changes_and_months_have_pictures_of_their_own(found):
    shown = analysis.plot(found.between("sector"), lang="en")
    assert "land against civil-status: +40.0 points" in shown.words
    assert len(shown.axes) == 1
    panels = analysis.plot(found.trend(), sector="land", lang="en")
    assert "land (50 answers in 12 months)" in panels.words
    with pytest.raises(analysis.Refusal, match='none of the choices; give one of "panels"'):
        analysis.plot(found.trend(), kind="steps")


def test_steps_are_the_scores_that_were_given(found):
    assert "land (50 phiếu): " in (said := analysis.plot(found, kind="steps").words)
    assert "Không hài lòng 10,0%, Bình thường 0,0%, Hài lòng 0,0%, Rất hài lòng 90,0%" in said


def test_the_steps_of_a_picture_are_those_of_the_full_frame(found):
    frame = found.by("sector").to_frame(full=True)
    land = frame[frame["sector"] == "land"].iloc[0]
    assert [land[f"score_{n}"] for n in range(1, 6)] == [0, 5, 0, 0, 45]
    month = found.by_month(1).months[0]
    assert analysis.plot(month, kind="steps").words == analysis.plot(found, kind="steps").words


def test_a_picture_of_what_may_leave_is_that_of_the_published_figures(small):
    published = small.published()
    assert analysis.plot(small, published=True) == analysis.plot(published)
    assert analysis.plot(small, published=True) != analysis.plot(small)
    assert analysis.plot(published, published=True) == analysis.plot(published)
    apart = published.between("sector")
    assert analysis.plot(apart, published=True) == analysis.plot(apart)
    for internal in (small.between("sector"), small.trend()):
        with pytest.raises(analysis.Refusal, match="for the office alone"):
            analysis.plot(internal, published=True)


def test_pictures_of_more_than_the_published_tables_are_refused_there(small):
    shown = small.published()
    for kind in ("importance", "steps"):
        with pytest.raises(analysis.Refusal, match="of the working view alone"):
            analysis.plot(shown, kind=kind)
    assert "Published view." in str(analysis.plot(shown, kind="elements", lang="en").figure.texts)


@pytest.mark.parametrize("xlim", [(1, 0), (0.5,), "0-1", (-1, 1)])
def test_an_axis_that_is_none_is_refused_with_the_whole_value(found, xlim):
    with pytest.raises(analysis.Refusal, match="argument xlim"):
        analysis.plot(found, xlim=xlim)


def test_a_chart_on_axes_of_ones_own_is_these_axes(found):
    axes = Figure().subplots()
    assert analysis.plot(found, ax=axes, xlim=(0.4, 1), sort="share") is axes
    assert axes.get_xlim() == (0.4, 1)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["civil-status", "land", "Tất cả lĩnh vực"]


def test_the_charts_of_a_report_have_one_axis(small, tmp_path, two_months, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        reports, "shown_chart", lambda *given: drawn.append(given[-1]) or plain(*given)
    )
    plain = chart.shown_chart
    analysis.report(small, tmp_path / "a.html")
    assert len(drawn) == 2
    assert drawn[0] == drawn[1]


def test_a_period_is_told_in_one_line(found, small):
    line = str(analysis.judge(found).line(lang="en"))
    assert line.startswith("October 2026, xa-a: all sectors 76.7% (68.8% – 83.4%)")
    shown = analysis.judge(small).line()._repr_html_()
    assert "<strong>Tháng 10/2026, xa-a: tất cả lĩnh vực " in shown


NINETY = """
[[target]]
id = "ninety"
title = {vi = "Đạt 90%", en = "At 90%"}
measure = "overall"
sectors = "all"
pool = true
threshold = 0.90
deadline = 2030
source = "an example"
"""


def test_no_figure_is_rounded_up_to_the_target_that_it_misses(read_rows, tmp_path):
    """1,799 of 2,000, everybody asked: 89.95%, which one decimal would call 90.0%."""
    targets = tmp_path / "ninety.toml"
    targets.write_text(NINETY, encoding="utf-8")
    data = read_rows(sheets("land", 1799, 2000), {"land": 2000}, targets=targets)
    found = analysis.estimate(data, "2026-10")
    verdicts = analysis.judge(found)
    assert {row.evidence for row in verdicts} == {"missed"}
    line = str(verdicts.line())
    assert line.endswith("89,95% (mọi người đều đã trả lời), chưa đạt mục tiêu 2030: 90%.")
    told = [line, str(verdicts), analysis.plot(found).words]
    told += [str(section) for section in found.sections()]
    page = analysis.report(verdicts, tmp_path / "report.html")
    told.append(page.read_text(encoding="utf-8"))
    assert all("89,95%" in text for text in (*told[:3], told[-1]))
    assert not [text for text in told if "90,0%" in text]
    book = load_workbook(analysis.report(verdicts, tmp_path / "report.xlsx"))
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    shares = [cell.number_format for cell in cells if cell.value == 0.8995]
    assert shares and set(shares) == {"0.0###%"}


def test_without_widgets_the_period_is_shown_and_how_to_get_them(found, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *given: shown.extend(given))
    monkeypatch.setattr("analysis.exploring.find_spec", lambda _name: None)
    explorer = analysis.explore(found)
    assert list(explorer.sectors.values()) == ["all", "land", "civil-status"]
    assert list(explorer.periods)[:2] == ["2026-10", "2026-09"]
    explorer._ipython_display_()
    note, chart_, table = shown
    assert "-m pip install ipywidgets itables" in note._repr_html_()
    assert "land: 90,0%" in chart_.words
    assert table.rows


def test_a_choice_of_another_month_is_estimated_anew(found):
    chart_, table = analysis.explore(found, lang="en").show("2026-09", "all", "overall")
    assert "September 2026" in chart_.words
    assert table is not None


def test_with_widgets_there_are_three_lists_to_choose_from(found, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *given: shown.extend(given))
    analysis.explore(found)._ipython_display_()
    lists, output = shown[-2:]
    assert [len(one.options) for one in lists.children] == [12, 3, 1]
    assert output is not None
    _, table = analysis.explore(found).show("2026-10", "land", "overall")
    assert "<table" in table.data and "http" not in table.data.split("</script>")[-1]


def test_a_chart_tells_counts_of_few_answers(small):
    assert "construction: 2 trên 3." in analysis.plot(small).words


def test_a_report_that_is_not_written_yet_says_which_are(found, tmp_path):
    with pytest.raises(analysis.Refusal) as caught:
        analysis.report(found, tmp_path / "a.docx")
    assert "a report is not written as '.docx'; name it .html, .xlsx or .json" in str(caught.value)
    assert list(tmp_path.glob("a*")) == []


@pytest.fixture
def two_months(monkeypatch):
    """Twelve charts of months say no more here than two."""
    whole = analysis.Estimates.by_month
    monkeypatch.setattr(analysis.Estimates, "by_month", lambda self, _months=2: whole(self, 2))


def test_a_report_is_one_page_with_the_verdicts_first(small, tmp_path, two_months):
    path = analysis.report(analysis.judge(small), tmp_path / "thang-10.html")
    text = path.read_text(encoding="utf-8")
    assert '<html lang="vi">' in text
    assert "<title>Mức độ hài lòng – Tháng 10/2026 – xa-a</title>" in text
    titles = re.findall(r"<h2>(.*?)</h2>", text)
    assert titles == [
        "Đã đạt mục tiêu chưa?",
        "Theo từng lĩnh vực",
        "Nếu những người chưa trả lời cũng trả lời",
        "Theo từng yếu tố",
        "Các kênh trả lời có giống nhau không?",
        "Có gì thay đổi không?",
        "Điều nên xem lại",
        "Mười hai tháng gần nhất",
        "Số liệu hành chính đi kèm (không phải kết quả khảo sát)",
        "Các con số này dựa trên điều gì",
    ]
    assert text.count("data:image/svg+xml;base64,") == 4  # two charts, for page and phone
    assert "xét tất cả cùng lúc, số lĩnh vực đủ căn cứ là đạt: 1, chưa đạt: 1" in text
    assert "Nội bộ cơ quan" in text
    assert not re.search(r"""(src|href)=["']?https?:|<script|<link|@import""", text)


def test_a_report_has_the_sections_that_there_are_and_every_table_of_them(
    small, tmp_path, two_months
):
    text = analysis.report(small, tmp_path / "a.html").read_text(encoding="utf-8")
    sections = small.sections(months=small.by_month())
    assert re.findall(r"<h2>(.*?)</h2>", text) == [section.title for section in sections]
    for section in sections:
        assert all(f"<caption>{table.caption}</caption>" in text for table in section.tables)
        assert all(f"<p>{line}</p>" in text for line in section.sentences)


def test_insights_show_themselves_and_are_not_of_what_is_published(small, tmp_path, two_months):
    beside = small.insights(lang="en")
    titles = [section.title for section in beside]
    assert titles == ["Has anything changed?", "Worth a second look"]
    assert all(f"{title}\n───" in str(beside) for title in titles)
    assert all(f"<h3>{title}</h3>" in beside._repr_html_() for title in titles)
    shown = small.published()
    assert str(shown.insights(lang="en")).startswith("Only in the office's own version")
    text = analysis.report(shown, tmp_path / "a.html", lang="en").read_text(encoding="utf-8")
    assert not any(title in text for title in titles)


def test_a_report_in_json_is_the_document_that_rows_and_frames_are_of(small, tmp_path):
    document = json.loads(analysis.report(small, tmp_path / "a.json").read_text(encoding="utf-8"))
    assert document == small.document.as_json()
    assert (document["format"], document["view"]) == ("hailong.verdicts/2", "full")


def test_simulated_answers_are_marked_wherever_they_go(read_rows, tmp_path, two_months):
    data = read_rows(sheets("land", 8, 10), {"land": 20}, simulated=True, lang="en")
    found = analysis.estimate(data, "2026-10")
    text = analysis.report(found, tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert "Simulated data: not the real opinions of citizens." in text
    assert json.loads(analysis.report(found, tmp_path / "a.json").read_text())["simulated"] is True
    assert "Simulated data" in repr(data)


def test_a_report_that_cannot_be_written_keeps_the_old_one(found, tmp_path, monkeypatch):
    old = tmp_path / "a.json"
    old.write_text("old", encoding="utf-8")
    monkeypatch.setattr(reports, "write_whole", _full_disk(reports.write_whole, monkeypatch))
    with pytest.raises(analysis.Refusal, match="cannot be written"):
        analysis.report(found, old)
    assert old.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.glob("*a.json*")] == ["a.json"]


def _full_disk(write, monkeypatch):
    """The same writing where the file cannot be put in its place."""

    def failing(part, file):
        raise OSError(28, "No space left on device")

    def attempt(file, content):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", failing)
            write(file, content)

    return attempt


LONG = {
    "land": "Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất và tài sản gắn liền với đất",
    "civil-status": "Thành lập và hoạt động của hộ kinh doanh, hợp tác xã, liên hiệp hợp tác xã",
}


@pytest.mark.parametrize("size", [(5, 3.5), (6.4, 4.8), (20, 12)])
def test_long_names_stay_within_a_figure_that_lays_itself_out(tmp_path, size):
    office = an_office(tmp_path)
    data = analysis.read(office["RESPONSES"], office["POPULATION"], names=LONG)
    figure = Figure(size, layout="constrained")
    axes = analysis.plot(analysis.estimate(data, "2026-10"), ax=figure.subplots())
    data.close()
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)
    assert not any(one.overlaps(other) for n, one in enumerate(boxes) for other in boxes[n + 1 :])
    legend = axes.get_legend().get_window_extent()
    assert legend.y0 >= 0 and legend.x1 <= figure.bbox.x1
    assert axes.get_window_extent().width > 0.2 * figure.bbox.width


def test_axes_with_no_room_for_letters_are_refused_with_a_size_that_has(found):
    with pytest.raises(analysis.Refusal) as refused:
        analysis.plot(found, ax=Figure((3, 2)).subplots())
    size = re.search(r"figsize=\(([\d.]+), ([\d.]+)\)", str(refused.value))
    assert size
    analysis.plot(found, ax=Figure((float(size[1]), float(size[2]))).subplots())


@pytest.mark.parametrize("kind", ["sectors", "steps"])
def test_the_size_that_is_named_has_room_for_every_row_title_and_legend(read_rows, kind):
    sectors = [f"sector-{number:02d}" for number in range(14)]
    rows = [row for sector in sectors for row in sheets(sector, 5, 6)]
    found = analysis.estimate(read_rows(rows, dict.fromkeys(sectors, 9)), "2026-10")
    size, refusals = (6.0, 4.0), []
    while len(refusals) < 2:
        figure = Figure(size, layout="constrained")
        try:
            axes = analysis.plot(found, kind=kind, ax=figure.subplots())
            break
        except analysis.Refusal as refusal:
            refusals.append(str(refusal))
            wide, high = re.findall(r"figsize=\(([\d.]+), ([\d.]+)\)", refusals[-1])[0]
            size = (float(wide), float(high))
    assert len(refusals) == 1
    figure.draw_without_rendering()
    lines = [label.get_window_extent() for label in axes.get_yticklabels()]
    lines.sort(key=lambda box: box.y0)
    assert len(lines) == 14 + (kind == "sectors")  # and the total
    assert all(above.y0 >= below.y1 for below, above in pairwise(lines))


def test_months_of_several_sectors_on_one_axes_are_refused(found):
    with pytest.raises(analysis.Refusal, match="choose one by sector="):
        analysis.plot(found.trend(), ax=Figure().subplots())
