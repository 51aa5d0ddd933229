"""A questionnaire as an XLSForm workbook, and back."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook
from pyxform import xls2xform

from questionnaires import shipped
from questionnaires.drafting import Draft, copied, finished, tasks
from survey.errors import HailongError
from survey.xlsforms import LABELS, read_form, write_form

HEAD = ("type", "name", "label", "relevant")
LEVELS = [("muc", str(n), f"Mức {n}") for n in (1, 2, 3)]


def workbook(survey, choices=LEVELS, head=HEAD):
    """A form made elsewhere: labels in one language, no sheet of ours."""
    book = Workbook()
    book.active.title = "survey"
    for row in (head, *survey):
        book["survey"].append(row)
    sheet = book.create_sheet("choices")
    for row in (("list_name", "name", "label"), *choices):
        sheet.append(row)
    book.create_sheet("settings").append(("form_title", "form_id"))
    book["settings"].append(("Phiếu khảo sát", "Phieu 2026"))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def whole(content):
    return finished(Draft({**content, "version": int(content["version"])}))


@pytest.mark.parametrize("key", shipped())
def test_a_questionnaire_comes_back_whole(key):
    source = shipped()[key]
    content = copied(source, source.id, source.version).content
    assert whole(read_form(write_form(content), "x.xlsx")).fingerprint == source.fingerprint


@pytest.mark.parametrize("key", shipped())
def test_other_programs_read_the_workbook(key, tmp_path):
    source = shipped()[key]
    file = tmp_path / "form.xlsx"
    file.write_bytes(write_form(copied(source, source.id, source.version).content))
    made = xls2xform.convert(str(file), validate=False)
    assert made.warnings == []
    assert f'id="{source.id}"' in made.xform
    for item in source.items:
        assert item.text.en in made.xform


def test_the_workbook_is_a_standard_form():
    source = shipped()["desk@2"]
    book = load_workbook(io.BytesIO(write_form(copied(source, "desk", 2).content)))
    rows = [[cell.value or "" for cell in row] for row in book["survey"].iter_rows()]
    assert rows[0][:4] == ["type", "name", LABELS["vi"], LABELS["en"]]
    by_name = {row[1]: row for row in rows}
    assert by_name["overall"][0] == "select_one scale"
    assert by_name["overall"][4] == "yes"
    assert by_name["went_wrong"][0] == "select_multiple went_wrong"
    assert by_name["went_wrong"][5] == "${overall} <= 2"
    lists = {row[0].value for row in book["choices"].iter_rows(min_row=2)}
    used = {row[0].partition(" ")[2] for row in rows[1:]} - {""}
    assert used <= lists


def test_words_that_begin_like_a_formula_stay_words():
    source = shipped()["desk@2"]
    content = dict(copied(source, "desk", 2).content)
    content["title"] = {"vi": "=1+1", "en": "@SUM(A1)"}
    made = write_form(content)
    assert read_form(made, "x.xlsx")["title"] == content["title"]
    cell = load_workbook(io.BytesIO(made))["survey"]["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_form_made_elsewhere_becomes_a_draft_that_tells_what_is_missing():
    survey = [
        ("start", "start", ""),
        ("begin_group", "g", "Nhóm"),
        ("select_one muc", "overall", "Ông/Bà thấy thế nào?"),
        ("end_group", "", ""),
        ("select_one ly_do", "vi_sao", "Vì sao?", "${overall} <= 1 "),
        ("text", "gop_y", "Góp ý"),
    ]
    choices = [*LEVELS, ("ly_do", "lau", "Chờ lâu"), ("ly_do", "xa", "Đường xa")]
    content = read_form(workbook(survey, choices), "x.xlsx")
    assert content["scale"]["size"] == 3
    assert content["choices"][0]["show_when"] == {"item": "overall", "at_most": 1}
    assert content["comment"]["text"] == {"vi": "Góp ý", "en": ""}
    draft = Draft({**content, "id": "phieu-2026", "version": 1})
    left = {task.name: bool(task.places) for task in tasks(draft, {})}
    assert left == {"vi": True, "en": True, "rules": False, "compared": False, "seen": True}


@pytest.mark.parametrize(
    ("survey", "told"),
    [
        ([("geopoint", "a", "Ở đâu?")], ["dòng 2", "'geopoint'"]),
        ([("select_one gone", "a", "?")], ["dòng 2", "'select_one gone'"]),
        ([("text", "a", "?"), ("text", "b", "?")], ["dòng 3", "'text'"]),
        ([("text", "a", "?")], ["không có câu chấm điểm"]),
        (
            [("select_one muc", "a", "?"), ("text", "b", "?", "selected(${a}, '1')")],
            ["'b'", "selected(${a}, '1')"],
        ),
        (
            [("select_one muc", "a", "?"), ("text", "b", "?", "${a} <= 1 and ${c} <= 1")],
            ["'b'", "${c} <= 1"],
        ),
    ],
)
def test_what_a_questionnaire_does_not_have_is_told_with_its_row(survey, told):
    with pytest.raises(HailongError) as refused:
        read_form(workbook(survey), "x.xlsx")
    for words in told:
        assert words in refused.value.said("vi")


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(HailongError):
        read_form(content, "x.xlsx")


def test_a_workbook_without_the_sheets_of_a_form_is_told():
    book, made = Workbook(), io.BytesIO()
    book.save(made)
    with pytest.raises(HailongError) as refused:
        read_form(made.getvalue(), "x.xlsx")
    assert "survey" in refused.value.said("vi")
