"""The columns file: what is read, what is refused, and that its documentation tells the truth."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from survey.dossiers.cells import plain, unmarked
from survey.dossiers.columns import known_words, load_columns, parse_columns, shipped_columns
from survey.dossiers.reading import CountRequest, count_file
from survey.errors import DossiersError
from survey.places import shipped_places
from tests.vietnamese import told_in_both

DOCS = Path(__file__).parents[3] / "docs" / "dossiers.md"
LEAST = '[columns]\ncode = "Mã"\nsector = ["Lĩnh vực", "LV"]\nreturned = "Ngày trả"\n'


def refusal(text: str) -> list[str]:
    with pytest.raises(DossiersError) as caught:
        parse_columns(text, "own.toml")
    return told_in_both(caught.value).splitlines()


def test_one_heading_or_several_in_the_order_of_preference() -> None:
    roles = parse_columns(LEAST, "own.toml").roles
    assert roles == {
        **dict.fromkeys(("mã", "ma"), ("code", 0)),
        **dict.fromkeys(("lĩnh vực", "linh vuc"), ("sector", 0)),
        "lv": ("sector", 1),
        **dict.fromkeys(("ngày trả", "ngay tra"), ("returned", 0)),
    }


def test_shipped_headings_are_known_without_their_marks_and_each_means_one_thing() -> None:
    columns = shipped_columns()
    meant: dict[str, set[str]] = {}
    for role, headings in columns.columns.items():
        for heading in headings:
            meant.setdefault(unmarked(plain(heading)), set()).add(role)
    assert {heading: roles for heading, roles in meant.items() if len(roles) > 1} == {}
    assert columns.roles["ngay tra kq"][0] == "returned"
    assert columns.roles["hinh thuc nop ho so"][0] == "filing"


def test_a_heading_with_its_marks_goes_before_the_same_without() -> None:
    both = parse_columns(LEAST + 'due = "Ngay tra"\n', "own.toml").roles
    assert (both["ngày trả"][0], both["ngay tra"][0]) == ("returned", "due")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[columns", "own.toml, end of the file: Expected ']'"),
        ("", "columns: field required; add it"),
        ("[columns]\n", "returned: missing; write the heading of the day of returning"),
        ('[columns]\ncodes = "x"', "use one of: code, procedure, sector, office, received"),
        (LEAST + "due = 5", "columns due: it should be a text; write a text, or a list"),
        (LEAST + 'due = "NGÀY  TRẢ"', "'NGÀY  TRẢ': given for returned and for due; keep one"),
        (LEAST + "[sector]\n", "sector: extra inputs are not permitted; remove it or correct"),
        (LEAST + '[filing]\nonlin = "x"', "filing onlin: extra inputs are not permitted"),
    ],
)
def test_a_wrong_columns_file_is_refused_with_a_remedy(text: str, message: str) -> None:
    assert any(line.startswith("own.toml") and message in line for line in refusal(text))


def test_everything_that_is_missing_is_told_at_once() -> None:
    assert len(refusal('[columns]\nfiling = "x"\n')) == 3


def test_the_shipped_columns_lead_to_sectors_of_the_shipped_places() -> None:
    columns, places = shipped_columns(), shipped_places()
    assert set(columns.sectors.values()) <= {sector.id for sector in places.sector}
    known = known_words(places, columns)
    assert known.sectors["bảo trợ xã hội"] == "social-protection"


def test_the_columns_file_wins_over_the_names_of_the_places() -> None:
    columns = parse_columns(LEAST + '[sectors]\n"Đất đai" = "construction"\n', "own.toml")
    assert known_words(shipped_places(), columns).sectors["đất đai"] == "construction"


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DossiersError, match="check the name"):
        load_columns(tmp_path / "none.toml")
    (tmp_path / "old.toml").write_bytes('[columns]\ncode = "Mã"'.encode("latin-1"))
    with pytest.raises(DossiersError, match="save the file as UTF-8"):
        load_columns(tmp_path / "old.toml")


def test_the_examples_of_the_documentation_work_together() -> None:
    blocks = dict(re.findall(r"```(toml|csv)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S))
    columns = parse_columns(blocks["toml"], "docs")
    question = CountRequest(shipped_places(), columns, date(2026, 11, 2))
    counts = count_file(blocks["csv"].encode(), "docs.csv", question).counts
    assert [(each.period, each.sector, each.completed) for each in counts] == [
        ("2026-10", "civil-status", 1),
        ("2026-10", "land", 2),
    ]
