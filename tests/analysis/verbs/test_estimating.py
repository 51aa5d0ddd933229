"""`analysis.estimate` and `analysis.judge`: the verdict document as rows, frames and HTML."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

import analysis
from analysis.differences import DifferenceRow
from analysis.document import EstimateRow, VerdictRow
from analysis.listing import frame_of
from analysis.plan import PlanRow
from analysis.weighted import WeightedRow, WeightRow
from survey.cli import main
from tests.analysis.verbs.office import TARGETS, sheets


def test_the_document_is_that_of_the_command(office, found, capsys):
    with pytest.raises(SystemExit):
        main(
            args=[
                *("analyze", "--responses", str(office["RESPONSES"])),
                *("--population", str(office["POPULATION"]), "--targets", str(office["TARGETS"])),
                *("--period", "2026-10", "--format", "json", "--full"),
            ]
        )
    assert json.loads(capsys.readouterr().out) == found.document.as_json()


def test_columns_of_a_frame_are_called_as_the_document_calls_them(found):
    document = found.document.as_json()
    columns = list(found.to_frame(full=True).columns)
    assert columns[:-7] == list(document["estimates"][0])
    assert columns[-7:] == ["se", "n_eff", *(f"score_{score}" for score in range(1, 6))]
    verdicts = analysis.judge(found)
    assert list(verdicts.to_frame(full=True).columns) == list(document["verdicts"][0])
    for result in (found, verdicts):
        assert set(result.to_frame().columns) < set(result.to_frame(full=True).columns)
        assert len(result.to_frame().columns) <= 10


@pytest.mark.parametrize(
    "kind", [EstimateRow, VerdictRow, PlanRow, DifferenceRow, WeightedRow, WeightRow]
)
def test_every_column_has_a_heading_in_both_languages_and_its_own(kind):
    names = list(frame_of(kind, (), None).columns)
    for lang in ("vi", "en"):
        headings = list(frame_of(kind, (), lang).columns)
        assert len(set(headings)) == len(names)


def test_a_frame_keeps_every_digit_and_every_row(small):
    frame = small.to_frame(full=True)
    assert len(frame) == len(small) == len(small.document.estimates)
    row = frame[(frame.office == "all") & (frame.sector == "construction")].iloc[0]
    assert row.share == 2 / 3  # the analyst's own
    assert not row.publishable
    assert str(frame.n.dtype) == str(frame.population.dtype) == "Int64"


def test_a_frame_without_rows_has_its_columns(read_rows):
    found = analysis.estimate(read_rows(sheets("land", 4, 5)), "2026-10")
    empty = analysis.judge(found, found.data.targets.model_copy(update={"target": ()}))
    assert len(empty) == 0
    assert "evidence" in empty.to_frame().columns
    assert "Tệp mục tiêu không có mục tiêu nào." in empty._repr_html_()


def test_html_holds_every_figure_and_of_few_answers_their_counts(small):
    shown = small._repr_html_()
    assert "90,0%" in shown  # land, decimal comma
    (told,) = [row for row in re.findall(r"<tr.*?</tr>", shown, re.DOTALL) if "construction" in row]
    assert "2 trên 3" in told
    assert "66" not in told and "67%" not in told


def test_what_is_not_there_is_told_with_what_is_and_what_may_be_meant(found):
    with pytest.raises(LookupError) as caught:
        found.pick(sector="lnad")
    assert isinstance(caught.value, analysis.Refusal)
    assert str(caught.value).startswith("argument sector, 'lnad': it is none of the choices; did")
    assert '"land"? Give one of "land", "civil-status"' in str(caught.value)
    with pytest.raises(LookupError, match="office, 'xa-b'"):
        found.pick(office="xa-b")


def test_a_sector_is_found_by_its_name_too(read_rows):
    data = read_rows([*sheets("land", 45, 50), *sheets("tax", 4, 5)], names={"land": "Đất đai"})
    found = analysis.estimate(data, "2026-10")
    assert found.pick(sector="đất đai") == found.pick(sector="land")


WRONG = {
    "data": lambda found: analysis.estimate(None, "2026-10"),
    "level": lambda found: analysis.estimate(found.data, "2026-10", level="95"),
    "flagged": lambda found: analysis.estimate(found.data, "2026-10", flagged="no"),
    "found": lambda found: analysis.judge(found.data),
    "targets": lambda found: analysis.judge(found, 5),
    "kind": lambda found: found.table("sector"),
    "by": lambda found: found.between("month"),
    "earlier": lambda found: found.since(None),
    "dispersion": lambda found: found.trend(dispersion="none"),
    "file": lambda found: analysis.report(found, 5),
    "measure": lambda found: analysis.plot(found, measure="overal"),
}


@pytest.mark.parametrize("argument", WRONG)
def test_what_cannot_be_used_is_refused_by_the_name_of_its_argument(found, argument):
    with pytest.raises(analysis.Refusal, match=f"^argument {argument}, "):
        WRONG[argument](found)


def test_keys_that_never_occur_together_are_told_as_such(read_rows):
    rows = [*sheets("land", 4, 5, channel="poster"), *sheets("tax", 4, 5, channel="kiosk")]
    found = analysis.estimate(read_rows(rows), "2026-10")
    with pytest.raises(LookupError, match="each of these occurs, but not together"):
        found.pick(sector="land", channel="kiosk")


def test_an_unknown_table_is_told_with_those_that_are(found):
    with pytest.raises(ValueError, match='did you mean "sectors"'):
        found.table("sector")


def test_a_table_that_is_not_of_one_measure_says_so(found):
    with pytest.raises(analysis.Refusal, match=r'measure, .*go with "channels"; leave it out'):
        found.table("channels", measure="index")


def test_what_is_closed_says_so_and_what_was_made_before_remains(own_data):
    found = analysis.estimate(own_data, "2026-10")
    own_data.close()
    assert found.pick(sector="land").n == 50
    assert "90,0%" in found._repr_html_()
    for ask in (found.by_month, found.weighted, lambda: analysis.estimate(own_data, "2026-10")):
        with pytest.raises(analysis.Refusal, match="it is closed, and this was not"):
            ask()


def test_a_questionnaire_without_the_overall_question_has_figures_all_the_same(read_rows):
    rows = [
        {("o1" if key == "overall" else key): value for key, value in row.items()}
        for row in sheets("land", 8, 10)
    ]
    found = analysis.estimate(read_rows(rows, {"land": 30}, items=["o1"]), "2026-10")
    assert "rows at level 0.95" in repr(found)
    assert found.pick(measure="item:o1").satisfied == 8
    assert [row.n for row in found.weighted()] == [10]  # the index
    assert analysis.judge(found).plan("0.95").rows == ()


def test_english_is_asked_for_when_reading_or_when_showing(office, found):
    assert "Sector" in found.table("sectors", lang="en").head
    with analysis.read(office["RESPONSES"], office["POPULATION"], lang="en") as data:
        assert "Answers/dossiers" in analysis.estimate(data, "2026-10")._repr_html_()


def test_verdicts_are_words_first(found):
    verdicts = analysis.judge(found)
    lines = str(verdicts).splitlines()
    assert lines[0] == (
        "Mục tiêu 80% năm 2030, 2 lĩnh vực: xét riêng từng lĩnh vực, 1 đạt và 1 chưa đạt;"
        " xét tất cả cùng lúc, số lĩnh vực đủ căn cứ là đạt: 1, chưa đạt: 1."
    )
    # 45 and q of the 70 silent are 80% of 120: q = 51/70 = 72.9%
    assert lines[2:4] == ["Từng lĩnh vực đạt 80%", "  land: Tỷ lệ hài lòng 90,0% (50 phiếu)."]
    assert lines[4].startswith(
        "    Đạt theo những người đã trả lời (50 trên 120; chỉ đúng nếu ít nhất"
        " 73% người chưa trả lời cũng hài lòng) · mục tiêu 2030: 80%."
        " Giới hạn dưới "
    )
    assert repr(verdicts) == "<Verdicts 2026-10: 1 met, 1 missed>"
    assert lines[0] in verdicts._repr_html_()


def test_a_verdict_on_few_answers_tells_counts(read_rows):
    rows = [*sheets("land", 45, 50), *sheets("civil-status", 2, 3), *sheets("tax", 9, 9)]
    found = analysis.estimate(
        read_rows(rows, {"land": 90, "civil-status": 9, "tax": 20}), "2026-10"
    )
    verdicts = analysis.judge(found)
    (own,) = [row for row in verdicts if (row.office, row.sector) == ("all", "civil-status")]
    assert own.evidence == "not_proven"
    shown = verdicts._repr_html_()
    card = shown.split("<h3>civil-status")[1].split("</li>")[0]
    assert "<p>2 trên 3 hài lòng</p>" in card and "mục tiêu 2030: 80%" in card
    assert "67%" not in shown


def test_other_targets_judge_the_same_answers(found, tmp_path):
    other = tmp_path / "lower.toml"
    other.write_text(TARGETS.replace("0.80", "0.40"), encoding="utf-8")
    verdicts = analysis.judge(found, other)
    assert {row.threshold for row in verdicts} == {0.4}
    assert verdicts.estimates.pick(sector="land") == found.pick(sector="land")


def test_months_are_each_computed_by_themselves(read_rows):
    rows = [
        *sheets("land", 9, 10),
        *sheets("land", 4, 8, answered_on="2026-09-05"),
    ]
    found = analysis.estimate(read_rows(rows), "2026-10")
    months = found.by_month(3)
    frame = months.to_frame()
    whole = frame.query("office == sector == channel == 'all' and measure == 'overall'")
    assert list(whole.period) == ["2026-08", "2026-09", "2026-10"]
    assert list(whole.n) == [0, 8, 10]
    assert frame.columns[0] == "period" and months.to_frame("vi").columns[0] == "Kỳ"
    assert "9/2026" in months._repr_html_()


def test_importing_it_loads_no_engine_frame_or_chart():
    code = (
        "import sys, analysis; dir(analysis)\n"
        "heavy = {'pandas', 'matplotlib', 'duckdb', 'ibis', 'scipy', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_a_wrong_one_is_told():
    assert all(getattr(analysis, name) is not None for name in analysis.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'analyze'"):
        analysis.analyze  # noqa: B018
