"""What a person chooses on a page becomes a columns file that says exactly this."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.dossiers import PopulationCount
from survey.dossiers.apart import look_apart
from survey.dossiers.columns import parse_columns, shipped_columns
from survey.dossiers.look import look_of, packed
from survey.dossiers.mapping import assign, columns_text
from survey.dossiers.reading import CountRequest, look_at
from survey.errors import DossiersError
from survey.places import shipped_places

QUESTION = CountRequest(shipped_places(), shipped_columns(), date(2026, 11, 2))
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(WORDS, WORDS)
def test_any_heading_and_word_is_written_so_that_it_is_read_again(heading: str, word: str) -> None:
    try:
        columns = assign(shipped_columns(), {f"x {heading}": "due"}, {("sector", word): "land"})
    except DossiersError:
        return  # the word is one of the others in its compared form, and means another place
    again = parse_columns(columns_text(columns), "dossiers.toml")
    assert again == columns
    assert again.columns["due"][0] == f"x {heading}"
    assert again.sectors[word] == "land"


def test_a_heading_leaves_what_it_meant_before_and_goes_first_in_what_it_means() -> None:
    columns = assign(shipped_columns(), {"NGÀY TRẢ (*)": "due", "Ngày xong": "returned"}, {})
    assert columns.columns["due"][0] == "NGÀY TRẢ (*)"
    assert columns.columns["returned"][0] == "Ngày xong"
    assert "Ngày trả" not in columns.columns["returned"]


def test_a_word_that_was_assigned_is_assigned_anew_however_it_is_written() -> None:
    once = assign(shipped_columns(), {}, {("sector", "Tư pháp"): "civil-status"})
    again = assign(once, {}, {("sector", "TƯ  PHÁP"): "land"})
    assert again.sectors["TƯ  PHÁP"] == "land"
    assert "Tư pháp" not in again.sectors


def test_a_meaning_that_is_needed_cannot_be_left_without_a_heading() -> None:
    own = parse_columns('[columns]\ncode="a"\nsector="b"\nreturned="c"\n', "own.toml")
    with pytest.raises(DossiersError, match="returned: missing"):
        assign(own, {"c": None}, {})


def test_a_procedure_of_the_columns_file_has_its_sector() -> None:
    columns = assign(shipped_columns(), {}, {("procedure", "Trích lục"): "civil-status"})
    content = "Mã hồ sơ,Thủ tục,Ngày trả\nA-1,trích lục,05/10/2026\n".encode()
    question = CountRequest(shipped_places(), columns, date(2026, 11, 2))
    counted = look_at(content, "x.csv", question).require()
    assert counted.counts == (PopulationCount("2026-10", "trieu-son", "civil-status", 1),)


FILES = {
    "counted": "Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Đất đai,05/10/2026\nTổng,,\n",
    "unknown": "Mã hồ sơ,Lĩnh vực,Ngày trả\nA-1,Địa chính,05/10/2026\nA-2,Đất đai,x\n",
    "strange": "Số,Nhóm,Trả dân\n1,Đất đai,05/10/2026\n",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_look_is_the_same_in_another_process_and_after_it_was_laid_aside(text: str) -> None:
    here = look_at(text.encode(), "x.csv", QUESTION)
    assert look_of(packed(here)) == here
    assert look_apart(text.encode(), "x.csv", QUESTION) == here


def test_a_look_tells_unknown_words_apart_from_what_else_is_wrong() -> None:
    look = look_at(FILES["unknown"].encode(), "x.csv", QUESTION)
    assert [(one.kind, one.word, one.times, one.rows) for one in look.unknown] == [
        ("sector", "Địa chính", 1, (2,))
    ]
    assert [str(one) for one in look.problems] == [
        "x.csv, row 3: returned 'x' is not a date; write it as 31/10/2026 or 2026-10-31, or leave"
        " it empty"
    ]
    assert "Địa chính" in str(look.refusal)


def test_headings_that_nobody_knows_are_shown_to_be_chosen_from() -> None:
    title = "Danh sách hồ sơ,,\n"
    look = look_at((title + FILES["strange"]).encode(), "x.csv", QUESTION)
    assert [column.heading for column in look.columns] == ["Số", "Nhóm", "Trả dân"]
    assert look.columns[2].cells == ("05/10/2026",)
    assert (look.guessed, look.rows, look.counted) == (True, (3,), None)
