"""docs/questionnaires.md is held to the code: its example loads, its tables name every field."""

import re
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from questionnaires import Questionnaire, QuestionnaireError, Trust, json_schema, load_file, shipped

PAGE: Final = Path(__file__).parents[2] / "docs" / "questionnaires.md"
WORDS: Final = PAGE.read_text(encoding="utf-8")
HALVES: Final = dict(zip(("vi", "en"), re.split(r"^## \w.*$", WORDS, flags=re.M)[1:], strict=True))

language = pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)


def _example() -> str:
    (example,) = re.findall(r"^```toml\n(.*?)^```", WORDS, flags=re.M | re.S)
    return str(example)


def _fields(table: dict[str, Any], prefix: str = "") -> set[str]:
    """Every path that a file may hold, down to texts and sources, which are described once."""
    definitions = json_schema()["$defs"]
    found = set()
    for key, value in table["properties"].items():
        found.add(f"{prefix}{key}")
        (name,) = re.findall(r"#/\$defs/(\w+)", str(value)) or [""]
        repeated = prefix == "comment." and key == "show_when"  # "like choices.show_when"
        if name and name not in {"Text", "Source"} and not repeated:
            found |= _fields(definitions[name], f"{prefix}{key}.")
    return found


def test_the_example_is_a_right_file(tmp_path: Path) -> None:
    path = tmp_path / "reception.v1.toml"
    path.write_text(_example(), encoding="utf-8")
    questionnaire = load_file(path)
    assert questionnaire.key == "reception@1"
    assert questionnaire.unverified == ()
    assert questionnaire.comment is not None
    assert questionnaire.choices[0].show_when is not None


@language
def test_every_field_has_its_row(half: str) -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| ", half, flags=re.M)
    fields = [row for row in rows if row not in get_args(Trust)]
    assert len(fields) == len(set(fields))
    assert set(fields) == _fields(json_schema())


@language
def test_the_required_fields_are_called_required(half: str) -> None:
    yes = set(re.findall(r"^\| `([\w.]+)` \| (?:có|yes) \|", half, flags=re.M))
    schema = json_schema()
    assert {path for path in yes if "." not in path} == set(schema["required"])
    for name, table in (("item", "Item"), ("choices", "Choices"), ("scale", "Scale")):
        below = {path.removeprefix(f"{name}.") for path in yes if path.count(".") == 1}
        mine = {key for key in below if f"{name}.{key}" in yes}
        assert mine == set(schema["$defs"][table]["required"])


@language
def test_every_trust_mark_is_explained(half: str) -> None:
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", half, flags=re.M)) >= set(
        get_args(Trust)
    )


@language
def test_every_shipped_questionnaire_is_listed_with_its_size(half: str) -> None:
    rows = dict(re.findall(r"^\| `([\w-]+@\d+)` \|.* (\d+) [^|\d]+ \|$", half, flags=re.M))
    sizes = {key: str(len(shipped()[key].index_items)) for key in shipped()}
    assert rows == sizes


@language
def test_the_trust_of_the_22_criteria_is_told_as_it_is(half: str) -> None:
    sipas: Questionnaire = shipped()["sipas-22@1"]
    marks = [sipas.item(name).source.trust for name in sipas.index_items]
    for mark in ("B", "M"):
        assert re.search(rf"\b{marks.count(mark)} [^.;]*\(`{mark}`\)", half)


@language
def test_the_error_shown_is_the_error_given(half: str, tmp_path: Path) -> None:
    (shown,) = re.findall(r"`(desk\.v2\.toml, [^`]+)`", half)
    path = tmp_path / "desk.v2.toml"
    path.write_text(_example().replace("size = 5", "size = 1"), encoding="utf-8")
    with pytest.raises(QuestionnaireError) as caught:
        load_file(path)
    assert shown in str(caught.value).splitlines()
