"""Checking what an HTML form sent: every problem beside its question, nothing half-accepted."""

import time
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import (
    AnswerProblem,
    Answers,
    InvalidAnswers,
    Questionnaire,
    check,
    scrub,
    shipped,
    tidy,
)

Form = dict[str, list[str]]
WHOLE: Form = {"overall": ["5"], "polite": ["4"], "expert": ["3"]}


def _problems(
    questionnaire: Questionnaire, form: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    with pytest.raises(InvalidAnswers) as caught:
        check(questionnaire, form)
    return [(problem.question_id, problem.code) for problem in caught.value.problems]


def test_a_whole_sheet_is_taken(small: Questionnaire) -> None:
    answers = check(small, {**WHOLE, "visits": ["more"], "comment": ["  Good\r\nday "]})
    assert answers == Answers(
        {"overall": 5, "polite": 4, "expert": 3}, {"visits": ("more",)}, "Good\nday"
    )


def test_scores_come_in_the_order_of_the_questionnaire(small: Questionnaire) -> None:
    answers = check(small, dict(reversed(WHOLE.items())))
    assert tuple(answers.scores) == small.item_ids


def test_an_item_may_be_left_out_or_left_blank(small: Questionnaire) -> None:
    for form in ({"overall": ["5"], "expert": ["1"]}, {**WHOLE, "polite": ["", " "]}):
        assert check(small, form).scores["polite"] is None


def test_not_applicable_is_no_score_and_answers_a_required_item(small: Questionnaire) -> None:
    assert check(small, {"overall": ["5"], "expert": ["na"]}).scores["expert"] is None


def test_not_applicable_is_refused_where_the_item_does_not_allow_it(small: Questionnaire) -> None:
    form = {"overall": ["na"], "polite": ["na"], "expert": ["na"]}
    assert _problems(small, form) == [("overall", "not_applicable"), ("polite", "not_applicable")]


def test_overall_is_required_even_where_the_file_does_not_say_so(small: Questionnaire) -> None:
    overall = small.overall
    assert overall is not None
    assert not overall.required
    assert _problems(small, {"expert": ["5"]}) == [("overall", "required")]


def test_a_required_item_is_required(small: Questionnaire) -> None:
    assert _problems(small, {"overall": ["5"]}) == [("expert", "required")]


def test_a_sheet_given_up_half_way_needs_one_score_only(small: Questionnaire) -> None:
    assert check(small, {"polite": ["2"]}, partial=True).scores["polite"] == 2
    with pytest.raises(InvalidAnswers) as caught:
        check(small, {"expert": ["na"], "comment": ["hello"]}, partial=True)
    assert caught.value.problems == (AnswerProblem("overall", "nothing", ""),)


def test_without_an_overall_item_one_score_is_still_needed() -> None:
    desk = shipped()["desk@1"]
    items = tuple(item for item in desk.items if item.id != "overall")
    bare = desk.model_copy(update={"items": items, "choices": ()})
    assert _problems(bare, {}) == [("access", "nothing")]
    assert check(bare, {"results": ["4"]}).scores["results"] == 4


@pytest.mark.parametrize("value", ["0", "6", "-1", "+5", "5.0", "1_0", "５", "five", "05", "1e0"])
def test_only_the_levels_of_the_scale_are_scores(small: Questionnaire, value: str) -> None:
    assert _problems(small, {**WHOLE, "overall": [value]}) == [("overall", "off_scale")]


def test_two_levels_for_one_question_are_refused(small: Questionnaire) -> None:
    assert _problems(small, {**WHOLE, "polite": ["4", "5"]}) == [("polite", "several")]
    assert check(small, {**WHOLE, "polite": ["4", "4"]}).scores["polite"] == 4


def test_every_problem_is_told_in_the_order_of_the_form(small: Questionnaire) -> None:
    form = {
        "comment": ["x" * 101],
        "visits": ["one", "more"],
        "why": ["slow", "weather"],
        "polite": ["9"],
    }
    assert _problems(small, form) == [
        ("overall", "required"),
        ("polite", "off_scale"),
        ("expert", "required"),
        ("visits", "several"),
        ("comment", "too_long"),
    ]


def test_an_option_that_is_not_offered_is_refused(small: Questionnaire) -> None:
    form = {**WHOLE, "overall": ["1"], "why": ["slow", "weather"]}
    assert _problems(small, form) == [("why", "unknown_option")]


def test_a_problem_tells_what_was_sent_shortened_and_printable(small: Questionnaire) -> None:
    with pytest.raises(InvalidAnswers) as caught:
        check(small, {**WHOLE, "polite": ["\x1b[31m" + "9" * 100]})
    (problem,) = caught.value.problems
    assert problem.value == "[31m" + "9" * 35


def test_options_come_once_and_in_the_order_of_the_file(small: Questionnaire) -> None:
    form = {**WHOLE, "overall": ["1"], "why": ["other", "slow", "other", ""]}
    assert check(small, form).choices == {"why": ("slow", "other")}


def test_a_question_that_was_not_to_be_asked_is_dropped(small: Questionnaire) -> None:
    form = {**WHOLE, "overall": ["3"], "why": ["slow", "an option of another version"]}
    assert check(small, form).choices == {}


def test_a_comment_that_was_not_to_be_asked_is_dropped(small: Questionnaire) -> None:
    comment = small.comment
    assert comment is not None
    asked = {"show_when": {"item": "overall", "at_most": 2}}
    low_only = comment.model_validate({**comment.model_dump(), **asked})
    changed = small.model_copy(update={"comment": low_only})
    assert check(changed, {**WHOLE, "comment": ["hello"]}).comment is None
    assert check(changed, {**WHOLE, "overall": ["2"], "comment": ["hello"]}).comment == "hello"


def test_fields_that_are_no_questions_are_left_alone(small: Questionnaire) -> None:
    form = {**WHOLE, "csrf_token": ["x"], "response_id": ["y"], "c99": ["7"]}
    assert check(small, form) == check(small, WHOLE)


def test_a_lone_text_is_one_value(small: Questionnaire) -> None:
    form = {"overall": "5", "expert": "4", "comment": "Fine"}
    assert check(small, form) == check(small, {key: [value] for key, value in form.items()})


def test_the_length_of_a_comment_is_counted_in_composed_letters(small: Questionnaire) -> None:
    a_with_three_parts = "e\u0302\u0301"  # ế as some phones send it
    comment = check(small, {**WHOLE, "comment": [a_with_three_parts * 100]}).comment
    assert comment == "ế" * 100
    assert _problems(small, {**WHOLE, "comment": ["ế" * 101]}) == [("comment", "too_long")]


def test_a_huge_comment_is_refused_before_it_is_composed(small: Questionnaire) -> None:
    """Putting these marks in order takes seconds, and four times that for twice as many."""
    form = {**WHOLE, "comment": ["a" + "\u0301\u0323" * 100_000]}
    started = time.thread_time()  # of the processor: a busy machine is no slower by it
    assert _problems(small, form) == [("comment", "too_long")]
    assert time.thread_time() - started < 0.5


def test_numbers_of_a_person_never_reach_the_answers(small: Questionnaire) -> None:
    comment = check(small, {**WHOLE, "comment": ["Gọi tôi: 0912\u200b 345\u202e678"]}).comment
    assert comment == "Gọi tôi: [SĐT]"


def test_answers_cannot_be_changed(small: Questionnaire) -> None:
    answers = check(small, WHOLE)
    with pytest.raises(TypeError):
        answers.scores["overall"] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        answers.comment = "x"  # type: ignore[misc]


@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_shipped_questionnaire_takes_its_lowest_and_highest_answers(key: str) -> None:
    questionnaire = shipped()[key]
    for level in ("1", "5"):
        answers = check(questionnaire, {name: [level] for name in questionnaire.item_ids})
        assert set(answers.scores.values()) == {int(level)}


_words = st.text(max_size=12) | st.sampled_from(["1", "5", "na", "slow", "one", "", "6"])
_names = st.sampled_from(["overall", "polite", "expert", "why", "visits", "comment"])


@given(st.dictionaries(_names | st.text(max_size=5), st.lists(_words, max_size=3)), st.booleans())
def test_any_form_gives_answers_or_all_its_problems(form: Form, partial: bool) -> None:
    questionnaire = shipped()["desk@1"]
    renamed = {"polite": "access", "expert": "feedback", "why": "went_wrong"}
    form = {renamed.get(name, name): values for name, values in form.items()}
    try:
        answers = check(questionnaire, form, partial=partial)
    except InvalidAnswers as refused:
        assert refused.problems
        known = {*questionnaire.item_ids, "went_wrong", "comment"}
        assert {problem.question_id for problem in refused.problems} <= known
        return
    assert any(answers.scores.values())
    for name, score in answers.scores.items():
        sent = {value.strip() for value in form.get(name, []) if value.strip()}
        assert sent == ({str(score)} if score else sent & {"na"})
    assert answers.comment is None or answers.comment == scrub(tidy(answers.comment))


@given(st.dictionaries(_names, st.none() | st.integers() | st.binary() | st.lists(st.none())))
def test_values_of_foreign_types_are_no_answers(form: dict[str, object]) -> None:
    with pytest.raises(InvalidAnswers):
        check(shipped()["desk@1"], form)  # type: ignore[arg-type]
