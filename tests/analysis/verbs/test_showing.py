"""`analysis.plot` and `analysis.report`: what leaves, in the forms that there are."""

from __future__ import annotations

import json
import re

import pytest

import analysis
from analysis import reports
from tests.analysis.verbs.office import sheets


def test_a_chart_shows_itself_and_says_itself(found):
    shown = analysis.plot(found, lang="en")
    assert "land: 90.0%" in shown.words
    assert shown._repr_html_().count("data:image/svg+xml;base64,") == 2
    assert shown.figure.get_label().startswith("Satisfaction by sector")


@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<?xml"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")]
)
def test_a_chart_is_written_as_the_file_is_called(found, tmp_path, name, start):
    analysis.plot(found, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_chart_of_another_kind_is_refused_before_it_is_drawn(found, tmp_path):
    with pytest.raises(analysis.Refusal, match=r"not written as '\.jpg'; name it \.svg, \.png or"):
        analysis.plot(found, tmp_path / "a.jpg")
    with pytest.raises(analysis.Refusal, match="argument sector, 'land': it does not go with"):
        analysis.plot(found, sector="land")


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
        "Các con số này dựa trên điều gì",
    ]
    assert text.count("data:image/svg+xml;base64,") == 4  # two charts, for page and phone
    assert "xét tất cả cùng lúc, đủ căn cứ nói 1 lĩnh vực đạt, 1 chưa đạt" in text
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
            patch.setattr("analysis.reports.os.replace", failing)
            write(file, content)

    return attempt
