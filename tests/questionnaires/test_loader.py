"""Reading files: what is right is read, what is wrong is all named, with what to write instead."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from questionnaires import QuestionnaireError, load_file, load_folder
from questionnaires.loader import EXAMPLES, KEYS
from questionnaires.model import Questionnaire
from tests.vietnamese import told_in_both

Write = Callable[..., Path]
Change = Callable[[dict[str, Any]], object]


def _messages(path: Path) -> list[str]:
    with pytest.raises(QuestionnaireError) as caught:
        load_file(path)
    told_in_both(caught.value)
    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


def test_a_right_file_is_read(write: Write, raw: dict[str, Any], small: Questionnaire) -> None:
    assert load_file(write(raw)) == small


def test_a_byte_order_mark_of_a_windows_editor_is_no_problem(write: Write, raw: Any) -> None:
    path = write(raw)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_file(path).key == "small@1"


def test_a_wrong_size_is_told_with_an_example(write: Write, raw: dict[str, Any]) -> None:
    raw["scale"]["size"] = 1
    assert "small.v1.toml, scale: size is 1; use 2 to 11, for example size = 5" in _messages(
        write(raw)
    )


def test_a_wrong_value_is_placed_at_its_question(write: Write, raw: dict[str, Any]) -> None:
    raw["item"][1]["text"]["en"] = " "
    raw["choices"][0]["option"][2]["text"] = "Slow"
    raw["item"][2]["source"]["trust"] = "D"
    messages = _messages(write(raw))
    assert any(
        m.startswith("small.v1.toml, question 'polite', text: en is ' ', which is empty")
        for m in messages
    )
    assert any(
        m.startswith("small.v1.toml, question 'why', option 'other': text is 'Slow', which is no")
        for m in messages
    )
    assert any("question 'expert', source: trust is 'D'" in m and "'own'" in m for m in messages)


def _lacks(*path: str | int) -> Change:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def _set(value: object, *path: str | int) -> Change:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_lacks("title", "en"), "title: en is missing; add it, for example en = "),
        (_lacks("about_sector"), "top of the file: about_sector is missing; add it"),
        (_lacks("item"), "top of the file: item is missing; add it, for example an [[item]] table"),
        (_set("x", "item", 0, "requird"), "question 'overall': key 'requird' is not known; "),
        (_set("x", "items"), "top of the file: key 'items' is not known; write item"),
        (_set("1", "version"), "version is '1', which is no whole number; for example version = 1"),
        (_set(0, "version"), "version is 0; use 1 to 9999, for example version = 1"),
        (_set(1, "item", 0, "required"), "required is 1, which is neither true nor false"),
        (_set("Desk One", "id"), "id is 'Desk One', which is no plain id"),
        (
            _set("aux", "id"),
            "top of the file: Windows lets no file be called 'aux', and the id names",
        ),
        (_set("a-b", "item", 1, "id"), "id is 'a-b', which is no plain id"),
        (_set("line\nbreak", "title", "vi"), "title: vi is 'line\\nbreak', which holds a line"),
        (_set("x" * 501, "title", "vi"), "use at most 500 characters"),
        (_set([], "item"), "item is a list of 0, which is too few; use at least 1"),
        (_set(5, "item"), "item is 5, which is no list"),
        (_set(5, "item", 0), "question 1: item is 5, which is no table"),
        (_set(5, "comment", "max_length"), "comment: max_length is 5; use 20 to 5000, for"),
        (
            _set([{"id": "one", "text": {"vi": "một", "en": "one"}}], "choices", 1, "option"),
            "question 'visits': option is a list of 1, which is too few; use at least 2",
        ),
        (_set("polite", "item", 2, "id"), "questions: id 'polite' is used 2 times; give each its"),
        (_set("polite", "choices", 1, "id"), "questions: id 'polite' is used 2 times"),
        (_set("comment", "item", 1, "id"), "questions: id 'comment' is used 2 times"),
        (
            _set("slow", "choices", 0, "option", 1, "id"),
            "question 'why': id 'slow' is used 2 times",
        ),
        (_set("sector", "item", 1, "id"), "question 'sector': this id is taken by the system"),
        (_set("index", "element", 0, "id"), "element 'index': this id is taken by the system"),
        (_set("staff", "item", 0, "element"), "question 'overall': it belongs to an element"),
        (_set(True, "item", 0, "not_applicable"), "question 'overall': everybody can answer it"),
        (
            _set({"vi": "không", "en": "none"}, "item", 0, "not_applicable_text"),
            "question 'overall': not_applicable_text has words for a choice that is not there;"
            " add not_applicable = true, or remove not_applicable_text",
        ),
        (_set("overall", "choices", 1, "id"), "question 'overall': it is not an item"),
        (
            _set("stuff", "item", 1, "element"),
            "question 'polite': element 'stuff' is not known; use one of staff",
        ),
        (_set("staff", "item", 1, "id"), "question 'staff': item 'staff' has the name of an"),
        (
            _lacks("scale", "labels", 0),
            "scale: size is 5 but there are 4 labels; write 5 labels from low to high, or size = 4",
        ),
        (_set(7, "scale", "satisfied_from"), "scale: satisfied_from is 7, above size 5"),
        (
            _set("c1", "choices", 0, "show_when", "item"),
            "question 'why', show_when: item 'c1' is not known; use one of overall, polite, expert",
        ),
        (_lacks("choices", 0, "show_when", "at_most"), "question 'why', show_when: it has no boun"),
        (_set(6, "choices", 0, "show_when", "at_most"), "show_when: at_most is 6; use 1 to 5"),
        (_set(3, "choices", 0, "show_when", "at_least"), "at_least 3 is above at_most 2; exchange"),
        (
            _set({"item": "nobody", "at_most": 1}, "comment", "show_when"),
            "question 'comment', show_when: item 'nobody' is not known",
        ),
    ],
)
def test_each_mistake_is_told_with_place_and_remedy(
    write: Write, raw: dict[str, Any], change: Change, expected: str
) -> None:
    change(raw)
    messages = _messages(write(raw))
    assert any(expected in message for message in messages), messages


def test_a_condition_on_one_score_alone_is_right(write: Write, raw: dict[str, Any]) -> None:
    raw["choices"][0]["show_when"] = {"item": "overall", "at_least": 3, "at_most": 3}
    assert load_file(write(raw)).choices[0].show_when is not None


def test_an_element_without_items_is_told(write: Write, raw: dict[str, Any]) -> None:
    raw["element"].append({**raw["element"][0], "id": "results"})
    assert _messages(write(raw)) == [
        "small.v1.toml, element 'results': no item belongs to it;"
        ' remove it, or write element = "results" in an item'
    ]


def test_wrong_values_and_broken_rules_are_told_together(write: Write, raw: Any) -> None:
    raw["title"].pop("en")
    raw["scale"]["size"] = "five"
    raw["item"][1]["element"] = "stuff"
    raw["item"][2]["id"] = "overall"
    raw["choices"][0]["show_when"]["item"] = "c1"
    raw["colour"] = "blue"
    messages = "\n".join(_messages(write(raw)))
    for part in ("en is missing", "'five'", "'stuff'", "'overall' is used 2", "'c1'", "'colour'"):
        assert part in messages


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.v1.toml"
    path.write_text('id = "broken"\nversion = one\n', encoding="utf-8")
    (message,) = _messages(path)
    assert message == "broken.v1.toml, line 2, column 11: Invalid value; correct that line"


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "old.v1.toml"
    path.write_bytes('title = "Hài lòng"'.encode("cp1258", errors="replace"))
    assert _messages(path) == ["old.v1.toml, line 1: it is not UTF-8 text; save the file as UTF-8"]


def test_a_folder_is_read_by_name_and_version(write: Write, raw: dict[str, Any]) -> None:
    for version in (10, 2, 1):
        write({**raw, "version": version}, f"small.v{version}.toml")
    folder = write({**raw, "id": "another"}, "another.v1.toml").parent
    (folder / "sentences.toml").write_text("", encoding="utf-8")
    (folder / "notes.txt").write_text("not a questionnaire", encoding="utf-8")
    assert list(load_folder(folder)) == ["another@1", "small@1", "small@2", "small@10"]


def test_the_problems_of_all_files_of_a_folder_come_together(write: Write, raw: Any) -> None:
    write({**raw, "version": 0}, "small.v0.toml")
    folder = write({**raw, "id": "Big"}, "Big.v1.toml").parent
    with pytest.raises(QuestionnaireError) as caught:
        load_folder(folder)
    assert {problem.file for problem in caught.value.problems} == {"small.v0.toml", "Big.v1.toml"}


def test_a_file_must_be_named_after_what_it_holds(write: Write, raw: dict[str, Any]) -> None:
    folder = write(raw, "small.v2.toml").parent
    with pytest.raises(QuestionnaireError, match=r"it holds small@1; name it small.v1.toml"):
        load_folder(folder)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match="it is not a folder; name the folder") as caught:
        load_folder(tmp_path / "nowhere")
    assert "đây không phải là thư mục; hãy ghi" in caught.value.args[0].vi


def _keys(schema: Any) -> set[str]:
    tables = (schema, *schema["$defs"].values())
    return {key for table in tables for key in table["properties"]}


def test_every_key_of_the_format_has_an_example_and_no_other() -> None:
    schema = Questionnaire.model_json_schema(by_alias=True)
    assert _keys(schema) == KEYS
    for path, example in EXAMPLES.items():
        assert path.rpartition(".")[2] in example
