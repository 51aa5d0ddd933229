"""Exports of other tools in one step: the mapping file, what it reads, and how one is drafted."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

import analysis
from analysis.input.cells import Cells, read_cells
from analysis.input.guessing import Known, draft
from analysis.input.mapped import apply
from analysis.input.mapping import parse_mapping
from analysis.input.responses import read_responses
from questionnaires import shipped

DOCS = Path(__file__).parents[3] / "docs"
FORMS = {"limesurvey": "csv", "kobo": "xlsx", "google-forms": "csv"}
SECTORS = {"land": "Đất đai", "civil-status": "Hộ tịch", "certification": "Chứng thực"}

MINIMAL = """
form = "f"
questionnaire = "desk@1"
office = "xa"
sector = "land"
[date]
column = "ngày"
[items]
overall = "điểm"
"""


def read_form(name):
    path = DOCS / "mapping" / f"{name}.{FORMS[name]}"
    return analysis.read(path, mapping=DOCS / "mapping" / f"{name}.toml", today="2026-12-01")


def rows_of(data):
    rows = data.responses.table.order_by("response_id").to_pyarrow().to_pylist()
    return {row["response_id"]: row for row in rows}


def test_limesurvey_with_codes_and_a_server_in_utc():
    with read_form("limesurvey") as data:
        rows = rows_of(data)
        assert len(rows) == 7  # one of eight is unfinished
        assert "Dòng bỏ qua theo mapping: 1" in repr(data)
        assert rows["khao-sat-lime:1"]["overall"] == 5
        assert rows["khao-sat-lime:6"]["answered_on"] == date(2026, 11, 1)  # 01:30 at the office
        found = analysis.estimate(data, "2026-10")
        assert (found.pick().satisfied, found.pick().n) == (4, 6)
        assert found.pick(measure="element:access").respondents == 6


def test_kobotoolbox_with_groups_in_its_headings_and_a_local_end():
    with read_form("kobo") as data:
        rows = rows_of(data).values()
        assert all(len(row["response_id"]) == 36 for row in rows)
        assert sorted(row["answered_on"] for row in rows)[-1] == date(2026, 10, 31)  # 23:50 +07:00
        assert sorted(str(row["results"]) for row in rows) == ["3", "4", "5", "5", "None"]
        assert {row["channel"] for row in rows} == {"kiosk"}
        by_age = analysis.estimate(data, "2026-10", by="x_age")
        assert by_age.pick("18-35").respondents == 2


def test_google_forms_with_vietnamese_words_and_no_ids():
    with read_form("google-forms") as data:
        rows = rows_of(data).values()
        assert sorted(row["overall"] for row in rows) == [2, 3, 4, 5, 5, 5]
        assert {row["sector"] for row in rows} == {"land", "civil-status", "certification"}
        assert min(row["answered_on"] for row in rows) == date(2026, 10, 5)
        assert data.responses.covariates == ("x_gender",)
        assert "Họ và tên" not in data.responses.table.columns


def test_ids_made_of_rows_stay_the_same_when_rows_are_added():
    cells = read_cells(DOCS / "mapping" / "google-forms.csv")
    mapping = parse_mapping(
        (DOCS / "mapping" / "google-forms.toml").read_text(encoding="utf-8"), "google-forms.toml"
    )
    twice = Cells(cells.name, cells.headings, [*cells.rows, cells.rows[0]], range(2, 9))
    first = [row["response_id"] for row in apply(cells, mapping, {}).rows]
    again = [row["response_id"] for row in apply(twice, mapping, {}).rows]
    assert again[:6] == first
    assert len({*again}) == 7  # an equal row is another answer


@pytest.mark.parametrize("name", FORMS)
def test_a_drafted_mapping_reads_the_file_that_it_was_drafted_of(name, tmp_path):
    path = DOCS / "mapping" / f"{name}.{FORMS[name]}"
    known = Known(shipped()["desk@1"], SECTORS, "xa-a")
    text = draft(read_cells(path), known, path.stem)
    assert "# Drafted from the file" in text and "# Bản nháp" in text
    mapping = parse_mapping(text, "draft.toml")
    with read_responses(path, mapping=mapping) as found:
        assert set(found.answers) == {"desk@1"}
        assert "overall" in found.items
        assert not {"x_gender", "c_gender"} & {*found.table.columns}


def test_a_draft_says_what_must_be_checked():
    columns = {
        "Dấu thời gian": ["05/10/2026 8:30:12", "06/10/2026 9:30:12", None],
        "Lĩnh vực": ["Đất đai", "Việc khác", "Đất đai"],
        "Câu 1": ["A1", "A2", "A5"],
        "Số điện thoại": ["1", "2", "3"],
    }
    frame = pd.DataFrame(columns)
    text = draft(read_cells(frame), Known(shipped()["desk@1"], SECTORS), "Phiếu năm 2025")
    assert 'form = "phieu-nam-2025"' in text
    assert "day-first or month-first? No cell tells" in text
    assert '"Đất đai" = "land"\n"Việc khác" = "viec-khac"  # [?]' in text
    assert '# ? = "Câu 1"  # [?]' in text  # no order of columns tells which item it is
    assert "is A1 the lowest or the highest?" in text
    assert "Rows without a date (unfinished?) are left out: 1." in text
    assert 'Perhaps personal, not read: "Số điện thoại"' in text


def answers(**columns):
    frame = pd.DataFrame({"ngày": ["2026-10-05"], "điểm": ["5"]} | columns)
    return read_cells(frame)


def taken(text=MINIMAL, **columns):
    (row,) = apply(answers(**columns), parse_mapping(text, "m.toml"), shipped()).rows
    return row


DAYS = {
    ("year-first", "2026-10-05"): "2026-10-05",
    ("year-first", "2026/10/05 8:30:12 SA GMT+7"): "2026-10-05",
    ("year-first", "2026-10-31T18:30:00Z"): "2026-11-01",
    ("year-first", "2026-10-31 23:59:59.999+07:00"): "2026-10-31",
    ("day-first", "5/10/2026"): "2026-10-05",
    ("day-first", "05/10/2026 23:50"): "2026-10-05",
    ("month-first", "10/5/2026 11:50:00 PM"): "2026-10-05",
    ("month-first", "10/5/2026 12:10 AM"): "2026-10-05",
    ("%d.%m.%y", "05.10.26"): "2026-10-05",
    ("day-first", datetime(2026, 10, 5, 23, 50)): "2026-10-05",  # noqa: DTZ001
    ("day-first", date(2026, 10, 5)): "2026-10-05",
}


@pytest.mark.parametrize(("order", "written"), DAYS)
def test_days_as_tools_write_them(order, written):
    text = MINIMAL.replace('column = "ngày"', f'column = "ngày"\nformat = "{order}"')
    assert taken(text, **{"ngày": [written]})["answered_on"].isoformat() == DAYS[order, written]


def test_a_moment_without_a_zone_is_of_the_zone_that_is_named():
    text = MINIMAL.replace('column = "ngày"', 'column = "ngày"\nzone = "UTC"')
    assert taken(text, **{"ngày": ["2026-10-31 18:30"]})["answered_on"] == date(2026, 11, 1)


SCORES = {
    "Rất hài lòng": 5,
    "rất  hài lòng ": 5,
    "Không hài lòng": 2,
    "Very dissatisfied": 1,
    "Hoàn toàn đồng ý": 5,
    "4.0": 4,
    "3 - Bình thường": 3,
    "5. Tuyệt vời": 5,
    "Không áp dụng": None,
    "": None,
}


@pytest.mark.parametrize("written", SCORES)
def test_scores_as_people_write_them(written):
    assert taken(**{"điểm": [written]})["overall"] == SCORES[written]


def test_words_of_the_mapping_go_before_all_others():
    text = MINIMAL + '[scale]\nnone = ["bỏ qua"]\n[scale.words]\n"Hài lòng" = 5\n"A2" = 4\n'
    assert [taken(text, **{"điểm": [w]})["overall"] for w in ("Hài lòng", "a2", "Bỏ qua")] == [
        *(5, 4, None)
    ]


def test_words_of_the_questionnaire_itself_are_understood():
    desk = shipped()["desk@1"]
    word = desk.scale.labels[2].en
    assert taken(**{"điểm": [word]})["overall"] == 3


WRONG = {
    "score": ({"điểm": ["tạm"]}, "row 1, column 'điểm': 'tạm' is no score that is known; add"),
    "twisted": ({"điểm": ["4 - Rất hài lòng"]}, "'4 - Rất hài lòng' is no score that is known"),
    "no day": ({"ngày": [None]}, "row 1, column 'ngày': date is empty; fill it in, or leave"),
    "day": ({"ngày": ["31/10/2026"]}, "date is '31/10/2026'; the mapping reads dates as year-f"),
    "clock": ({"ngày": ["2026-10-05 25:00"]}, "date is '2026-10-05 25:00'; the mapping reads"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_cell_that_says_nothing_is_told_whole_with_its_row(name):
    columns, told = WRONG[name]
    with pytest.raises(analysis.LayoutError) as caught:
        taken(**columns)
    assert told in str(caught.value)


def test_a_word_without_a_meaning_is_told_and_many_are_counted():
    begin, rest = MINIMAL.split('sector = "land"\n')
    text = begin + rest + '[sector]\ncolumn = "lv"\n[sector.values]\n"Đất" = "land"\n'
    frame = pd.DataFrame({"ngày": ["2026-10-05"] * 30, "điểm": 5, "lv": ["Hộ"] * 25 + ["đất"] * 5})
    with pytest.raises(analysis.LayoutError) as caught:
        apply(read_cells(frame), parse_mapping(text, "m.toml"), {})
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert 'the mapping does not say what \'Hộ\' is; add "Hộ" = "…" to [sector.values]' in lines[0]
    assert "5 more like these" in lines[-1]


def test_a_heading_that_is_not_there_is_told_with_what_is_near():
    with pytest.raises(analysis.LayoutError) as caught:
        apply(answers(), parse_mapping(MINIMAL.replace('"điểm"', '"diểm"'), "m.toml"), {})
    told = str(caught.value)
    assert "entry items.overall: there is no column 'diểm', which items.overall of the" in told
    assert "is 'điểm' meant?" in told


FILES = {
    "": "form is missing; add it; see docs/mapping.md",
    MINIMAL + "[scal]\nx = 1\n": "entry scal: scal is not known; remove it, or use one of 'form'",
    MINIMAL.replace("column", "colum"): "entry date.colum: date.colum is not known; remove it, or",
    MINIMAL.replace('"f"', '"Phiếu 1"'): "form is 'Phiếu 1'; use small letters, digits and '-'",
    MINIMAL + '[scale.words]\nA = "x"\n': "scale.words.A is 'x'; write a score from 1",
    MINIMAL + "[scale.words]\nA = 0\n": "scale.words.A is '0'; write a score from 1",
    MINIMAL + 'Over = "b"\n': "entry items.Over: it cannot be a name; use a-z, 0-9 and _",
    MINIMAL + 'sector = "b"\n': "entry items.sector: it cannot be a name",
    MINIMAL + 'c01 = "điểm"\n': "entry 'điểm': it is used 2 times; use each column once",
    MINIMAL.replace('"ngày"', '"ngày"\nzone = "Hà Nội"'): "date.zone is 'Hà Nội'; write a time",
    MINIMAL.replace('"ngày"', '"ngày"\nformat = "d/m"'): "date.format is 'd/m'; write year-first",
    MINIMAL.replace('office = "xa"', "office = {}"): "entry office: it has neither a column nor",
    MINIMAL.replace('office = "xa"', "office = 7"): "entry office: office is '7'; write a text",
    'channel = "fax"\n' + MINIMAL: "entry channel: 'fax' is no channel; use one of poster,",
    "form = \n": "m.toml, line 1, column 8: Invalid value; correct that line",
}


@pytest.mark.parametrize("text", FILES)
def test_a_mapping_that_is_wrong_is_told_with_place_and_remedy(text):
    with pytest.raises(analysis.LayoutError) as caught:
        parse_mapping(text, "m.toml")
    assert FILES[text] in str(caught.value)


def test_rows_that_are_no_answers_are_left_out():
    text = MINIMAL + '[skip]\nfirst = 1\nempty = ["điểm"]\n[skip.where]\n"tt" = ["nháp"]\n'
    frame = pd.DataFrame(
        {
            "ngày": ["yyyy-mm-dd", "2026-10-05", "2026-10-05", "2026-10-06"],
            "điểm": ["nhãn", None, "4", "5"],
            "tt": ["x", "gửi", "Nháp", "gửi"],
        }
    )
    found = apply(read_cells(frame), parse_mapping(text, "m.toml"), {})
    assert [row["overall"] for row in found.rows] == [5]
    assert (found.numbers, found.skipped) == ([4], 3)


def test_a_mapping_is_for_files_alone(tmp_path):
    mapping = parse_mapping(MINIMAL, "m.toml")
    with pytest.raises(analysis.LayoutError, match="a mapping is for files and tables in memory"):
        analysis.read("sqlite:///office.sqlite3", mapping=mapping)


def test_a_heading_over_several_lines_and_below_others_is_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        'Khảo sát năm 2025;;\n"ngày";"điểm\ncủa ông bà";\n2026-10-05;5;\n\n2026-10-06;4;\n',
        encoding="utf-8-sig",
    )
    cells = read_cells(path, heading=2)
    assert cells.headings[:2] == ("ngày", "điểm\ncủa ông bà")
    assert cells.numbers == [4, 6]
