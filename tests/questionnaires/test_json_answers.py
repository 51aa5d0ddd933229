"""Checking a message of a device: the same rules, and no shape of message that breaks them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import Answers, InvalidAnswers, Questionnaire, check, check_json, shipped


def _problems(questionnaire: Questionnaire, data: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidAnswers) as caught:
        check_json(questionnaire, data)
    return [(p.question_id, p.code, p.value) for p in caught.value.problems]


def test_a_message_and_a_form_of_the_same_answers_agree(small: Questionnaire) -> None:
    message = {
        "scores": {"overall": 2, "polite": None, "expert": 4},
        "choices": {"why": ["rude"], "visits": "one"},
        "comment": " No. ",
    }
    form = {"overall": "2", "expert": "4", "why": ["rude"], "visits": ["one"], "comment": "No."}
    expected = Answers(
        {"overall": 2, "polite": None, "expert": 4}, {"why": ("rude",), "visits": ("one",)}, "No."
    )
    assert check_json(small, message) == check(small, form) == expected


def test_null_settles_a_required_item_only_where_it_may_be_not_applicable(
    small: Questionnaire,
) -> None:
    assert check_json(small, {"scores": {"overall": 5, "expert": None}}).scores["expert"] is None
    assert _problems(small, {"scores": {"overall": None, "expert": 3}}) == [
        ("overall", "required", "")
    ]


def test_a_partial_message_needs_one_score_only(small: Questionnaire) -> None:
    assert check_json(small, {"scores": {"polite": 1}}, partial=True).scores["polite"] == 1


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (0, "0"),
        (6, "6"),
        (True, "True"),
        (5.0, "5.0"),
        (float("nan"), "nan"),
        ("5", "5"),
        ([5], "list"),
        ({"$gt": 0}, "dict"),
        pytest.param(10**5000, "int", id="huge"),
        pytest.param(-(10**5000), "int", id="hugely negative"),
    ],
)
def test_only_a_whole_number_of_the_scale_is_a_score(
    small: Questionnaire, score: object, shown: str
) -> None:
    data = {"scores": {"overall": score, "expert": 1}}
    assert _problems(small, data) == [("overall", "off_scale", shown)]


@pytest.mark.parametrize("data", [None, [], "x", 5, True, {}, {"scores": None}, {"scores": {}}])
def test_an_empty_message_is_refused(small: Questionnaire, data: object) -> None:
    asked = [("overall", "required", ""), ("expert", "required", "")]
    assert _problems(small, data)[-2:] == asked


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([{"scores": {}}], ("", "malformed", "list")),
        ({"scores": [5, 4]}, ("", "malformed", "list")),
        ({"choices": "why"}, ("", "malformed", "why")),
        ({"answers": {}}, ("", "malformed", "answers")),
        ({"comment": {"text": "x"}}, ("comment", "malformed", "dict")),
        ({"scores": {"c99": 3}}, ("", "unknown_question", "c99")),
        ({"choices": {"where": ["x"]}}, ("", "unknown_question", "where")),
        ({"choices": {"visits": ["one", "more"]}}, ("visits", "several", "one, more")),
        ({"choices": {"visits": ["x"]}}, ("visits", "unknown_option", "x")),
        ({"choices": {"visits": [["one"]]}}, ("visits", "unknown_option", "list")),
        ({"choices": {"visits": {"one": 1}}}, ("visits", "unknown_option", "dict")),
    ],
)
def test_each_broken_part_is_told(
    small: Questionnaire, data: object, problem: tuple[str, str, str]
) -> None:
    assert problem in _problems(small, data)


def test_a_comment_for_a_questionnaire_without_one_is_told(small: Questionnaire) -> None:
    silent = small.model_copy(update={"comment": None})
    whole = {"scores": {"overall": 5, "expert": 5}}
    assert check_json(silent, {**whole, "comment": " "}).comment is None
    assert _problems(silent, {**whole, "comment": "hi"}) == [("comment", "unknown_question", "hi")]


def test_a_flood_of_unknown_questions_gives_a_short_answer(small: Questionnaire) -> None:
    flood = {"scores": {f"c{number}": 1 for number in range(10_000)}}
    assert len(_problems(small, flood)) < 30


def test_half_a_letter_cannot_reach_the_store(small: Questionnaire) -> None:
    text = json.loads('"a\\ud800b\\u0000c\\uffff"')
    message = {"scores": {"overall": 5, "expert": 5}, "comment": text}
    assert check_json(small, message).comment == "abc"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["scores", "choices", "comment", "overall", "went_wrong", "access"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
_score = st.integers(0, 6) | st.none() | _json
_near = st.fixed_dictionaries(
    {"scores": st.dictionaries(st.sampled_from(["overall", "access", "feedback"]), _score)},
    optional={
        "choices": st.dictionaries(st.just("went_wrong"), st.lists(st.just("waiting") | _json)),
        "comment": st.text(st.characters(exclude_categories=())) | _json,
    },
)


@given(_json | _near, st.booleans())
def test_any_message_gives_answers_or_all_its_problems(data: object, partial: bool) -> None:
    questionnaire = shipped()["desk@1"]
    try:
        answers = check_json(questionnaire, data, partial=partial)
    except InvalidAnswers as refused:
        assert refused.problems
        assert all(len(problem.value) <= 40 for problem in refused.problems)
        return
    assert tuple(answers.scores) == questionnaire.item_ids
    assert all(score is None or score in range(1, 6) for score in answers.scores.values())
    assert any(answers.scores.values())
    options = questionnaire.choices[0].option_ids
    assert all(set(picked) <= set(options) for picked in answers.choices.values())
    (answers.comment or "").encode("utf-8")
