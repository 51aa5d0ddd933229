"""The sentences beside the questions: all there, in both languages, filled or refused."""

from pathlib import Path
from typing import get_args

import pytest

from questionnaires import (
    InvalidAnswers,
    ProblemCode,
    QuestionnaireError,
    check,
    explain,
    load_sentences,
    sentences,
    shipped,
)


def _load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sentences.toml"
    path.write_text(text, encoding="utf-8")
    load_sentences(path)


@pytest.mark.parametrize(
    ("key", "vi", "en"),
    [
        (
            "form.sector_question",
            "Ông/Bà vừa làm thủ tục về việc gì?",
            "What was your procedure about?",
        ),
        ("form.send", "Gửi ý kiến", "Send"),
        (
            "done.thanks",
            "Cảm ơn Ông/Bà. Ý kiến đã được ghi nhận.",
            "Thank you. Your answer has been recorded.",
        ),
        (
            "slip.used.text",
            "Phiếu này đã được trả lời. Mỗi hồ sơ chỉ trả lời một lần.",
            "This slip has been used. Each case answers once.",
        ),
        (
            "code.gone.text",
            "Mã này không còn dùng nữa. Xin hỏi quầy để lấy mã mới.",
            "This code is no longer in use. Please ask at the counter.",
        ),
        (
            "page.500.text",
            "Hệ thống đang bận, ý kiến chưa được ghi nhận."
            " Câu trả lời vẫn còn trên máy, xin bấm Gửi lại.",
            "The system is busy and your answer is not recorded yet."
            " It is still on your phone; please press Send again.",
        ),
        ("kiosk.still_here", "Ông/Bà còn ở đây không?", "Are you still here?"),
        ("kiosk.continue", "Tiếp tục", "Continue"),
    ],
)
def test_the_agreed_words_are_used(key: str, vi: str, en: str) -> None:
    assert (sentences().get(key, "vi"), sentences().get(key, "en")) == (vi, en)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_status_has_a_title_and_a_way_out(status: int, lang: str) -> None:
    assert sentences().get(f"page.{status}.title", lang)
    assert sentences().get(f"page.{status}.text", lang, seconds=30)


@pytest.mark.parametrize("code", get_args(ProblemCode))
def test_every_problem_of_an_answer_has_its_sentence(code: str) -> None:
    for lang in ("vi", "en"):
        assert sentences().get(f"error.{code}", lang, length="1", limit=1)


def test_the_privacy_notice_is_said_in_one_breath() -> None:
    assert sentences().get("form.privacy", "vi") == (
        "Ý kiến chỉ dùng để phục vụ tốt hơn. Phiếu không lưu tên, số điện thoại, số giấy tờ hay giờ"
        " trả lời. Trả lời thế nào cũng không ảnh hưởng đến hồ sơ."
    )
    assert sentences().get("form.privacy", "en").count(".") == 3


def test_no_sentence_uses_an_abbreviation_of_the_administration() -> None:
    for key, text in sentences().texts.items():
        assert not {"TTHC", "UBND", "CQHCNN", "CBCC"} & set(text.vi.split()), key


def test_a_value_is_put_in_its_place() -> None:
    assert "30 giây" in sentences().get("page.429.text", "vi", seconds=30)
    assert sentences().get("form.count", "en", done=2, total=6) == "2/6 answered"


def test_braces_in_a_value_are_only_words() -> None:
    assert sentences().get("form.comment_left", "en", count="{x}") == "Characters left: {x}"


def test_an_unknown_key_is_named() -> None:
    assert "form.sendd" not in sentences()
    with pytest.raises(KeyError, match=r"no sentence has the key 'form.sendd'"):
        sentences().get("form.sendd", "vi")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"'page.429.text' needs the value 'seconds'"):
        sentences().get("page.429.text", "vi")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of vi, en"):
        sentences().get("form.send", "fr")


def test_a_group_is_handed_to_a_script_unfilled() -> None:
    group = sentences().group("kiosk", "en")
    assert group["seconds_left"] == "The screen returns to the start in {seconds} s."
    assert set(group) == {
        key.removeprefix("kiosk.") for key in sentences().texts if key.startswith("kiosk.")
    }


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_problem_is_explained_with_its_numbers(lang: str) -> None:
    desk = shipped()["desk@1"]
    with pytest.raises(InvalidAnswers) as caught:
        check(desk, {"overall": ["5"], "comment": ["x" * 1234]})
    (problem,) = caught.value.problems
    explained = explain(desk, problem, lang)
    assert "1234" in explained
    assert "1000" in explained


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[a]\nvi = "x"', "sentence 'a': it has vi; write a text for vi and en"),
        ('[a]\nvi = "x"\nen = ""', "sentence 'a'"),
        ('[a]\nvi = "x"\nen = "y"\nfr = "z"', "sentence 'a': it has vi, en, fr"),
        ('[a.b]\nvi = "x"\nen = "{n}"', "sentence 'a.b': not every language has {n}"),
        ('[a]\nvi = "{n.x}"\nen = "{n.x}"', "sentence 'a': {n.x} is no plain name"),
        ('[a]\nvi = "{"\nen = "{"', "sentence 'a'"),
        ("a = 1", "sentence 'a': it has 1"),
        ("[a", "end of the file"),
        (".".join("x" * 5000) + " = 1", "it has x; write a text for vi and en"),
    ],
)
def test_a_broken_sentence_is_told_with_its_key(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(QuestionnaireError) as caught:
        _load(tmp_path, text)
    assert expected in str(caught.value)


def test_all_broken_sentences_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError) as caught:
        _load(tmp_path, '[a]\nvi = "x"\n[b]\nen = "y"\n[c]\nvi = "x"\nen = "y"')
    assert [problem.place for problem in caught.value.problems] == [
        "line 1, sentence 'a'",
        "line 3, sentence 'b'",
    ]
