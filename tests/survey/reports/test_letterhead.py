"""The letterhead and the sentences of an office: kept, read by hand too, refused with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from questionnaires import Text
from questionnaires.wording import LANGUAGES
from survey.errors import HailongError
from survey.places import Office
from survey.reports.letterhead import (
    FILE,
    Letterhead,
    called_on,
    load_letterhead,
    of_office,
    save_letterhead,
)
from survey.reports.phrases import FILE as WORDS
from survey.reports.phrases import load_phrases, shipped_phrases

NAME = "UBND xã Triệu Sơn"


def test_the_name_of_the_office_tells_agency_and_place():
    found = of_office(NAME)
    assert (found.agency, found.place) == ("Ủy ban nhân dân xã Triệu Sơn", "Triệu Sơn")
    assert of_office("Trung tâm một cửa").place == ""


def test_a_report_of_all_offices_is_headed_by_the_one_above_all_others():
    names = {"tinh": "UBND tỉnh A", "mot": "UBND xã Một", "hai": "UBND xã Hai"}
    tree = [
        Office(id=one, name=Text(vi=name, en=name), parent=None if one == "tinh" else "tinh")
        for one, name in names.items()
    ]
    assert called_on(tree, "all") == "UBND tỉnh A"
    assert called_on(tree, "hai") == "UBND xã Hai"
    assert called_on([one.model_copy(update={"parent": None}) for one in tree], "all") == ""


def test_each_office_keeps_its_own(tmp_path: Path):
    given = Letterhead(agency='A "B" \\ C', to=("Sở Nội vụ", "Sở Y tế"), form="KT")
    save_letterhead(tmp_path, "trieu-son", given)
    save_letterhead(tmp_path, "khac", Letterhead(agency="D"))
    assert load_letterhead(tmp_path, "trieu-son", NAME) == given
    assert load_letterhead(tmp_path, "khac", NAME).agency == "D"
    assert load_letterhead(tmp_path, "moi", NAME) == of_office(NAME)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x", "letterheads.toml, end of the file: "),
        ('x = "a"', "must be the table of an office"),
        ('[x]\nsignature = "a"', "there is no 'signature'"),
        ('[x]\nform = "PP"', "form is 'PP'; choose one of own, TM"),
        ('[x]\nto = "Sở Nội vụ"', "write a list"),
        ("[x]\nsigner = 7", "signer is 7; write a text"),
    ],
)
def test_a_file_that_was_edited_wrongly_is_refused_with_the_place(tmp_path: Path, text, said):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(HailongError, match=FILE) as refused:
        load_letterhead(tmp_path, "x", NAME)
    assert said in str(refused.value)


def own(folder: Path, text: str):
    (folder / WORDS).write_text(text, encoding="utf-8")
    return load_phrases(folder)


def test_an_office_words_a_sentence_its_own_way(tmp_path: Path):
    text = '[next]\nnothing = { vi = "Giữ vững kết quả.", en = "Go on." }'
    assert own(tmp_path, text).get("next.nothing", "vi") == "Giữ vững kết quả."
    assert own(tmp_path, text).get("frame.kind", "vi") == "BÁO CÁO"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[next", "report.toml, end of the file: "),
        (
            '[next]\nmissed = { vi = "{sector:>99} {aim}", en = "{sector} {aim}" }',
            "has a format after : or !; leave the name alone",
        ),
        (
            '[next]\nmissed = { vi = "{sector!r} {aim}", en = "{sector} {aim}" }',
            "has a format after : or !; leave the name alone",
        ),
        (
            f'[next]\nnothing = {{ vi = "{"a" * 1001}", en = "Go on." }}',
            "'next.nothing': the text (vi) has 1001 letters; use at most 500",
        ),
        (
            '[next]\nnothing = { vi = "a", en = "" }',
            "'next.nothing': the text (en) is empty; write it, or take the sentence out",
        ),
        ("#" * 300_000, "the file has more than 256 KB"),
        ('[next]\nnothing = { vi = "a" }', "sentence 'next.nothing'"),
        ('[next]\nnothin = { vi = "a", en = "a" }', "'next.nothin': a report has no sentence"),
        (
            '[frame]\nkind = { vi = "a", en = "a" }',
            "'frame.kind': these are the words of Nghị định",
        ),
        (
            '[limits]\nsilent = { vi = "{x}", en = "{x}" }',
            "{interval}, {x} is too much, or missing",
        ),
        (
            '[elements]\nlisted = { vi = "{element}: {share}.", en = "{element}: {share}." }',
            "{interval}, {level} is too much, or missing",
        ),
    ],
)
def test_a_broken_sentence_is_refused_with_the_place(tmp_path: Path, text, said):
    with pytest.raises(HailongError) as refused:
        own(tmp_path, text)
    assert said in str(refused.value)
    assert "report.toml" in str(refused.value)


def test_every_sentence_is_there_in_both_languages():
    found = shipped_phrases()
    assert all(found.texts[key].get(lang) for key in found.texts for lang in LANGUAGES)
