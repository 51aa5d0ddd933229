"""Checks what a person or a tablet sent against one version of a questionnaire, and packs it.

Owns the rules of a valid answer and the short text that scores are stored as: one character per
item in file order. Must not store, and must not know HTTP: every input, however hostile, ends in
Answers or in InvalidAnswers with all its problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from questionnaires.comments import scrub, tidy
from questionnaires.model import OVERALL, Choices, Comment, Item, Questionnaire
from questionnaires.sentences import sentences

__all__ = [
    "NOT_APPLICABLE",
    "AnswerProblem",
    "Answers",
    "InvalidAnswers",
    "ProblemCode",
    "check",
    "check_comment",
    "check_json",
    "explain",
    "pack",
    "scrub",
    "unpack",
]

SIGNS: Final = "-123456789ab"
"""Position is the score; '-' is no score, a and b are 10 and 11 of the longest scale."""


def pack(questionnaire: Questionnaire, scores: Mapping[str, int | None]) -> str:
    """`{"overall": 5, "access": None, …}` -> `"5-…"`; an item left out has no score.

    ValueError where an item or a score is not of this questionnaire.
    """
    strangers = sorted(set(scores) - set(questionnaire.item_ids))
    if strangers:
        msg = f"{questionnaire.key} has no item {', '.join(strangers)}"
        raise ValueError(msg)
    return "".join(_sign(questionnaire, name, scores.get(name)) for name in questionnaire.item_ids)


def unpack(questionnaire: Questionnaire, packed: str) -> dict[str, int | None]:
    """The reverse of `pack`: every item id -> score or None, in file order.

    ValueError where the text was not packed by this questionnaire.
    """
    names = questionnaire.item_ids
    usable = set(SIGNS[: questionnaire.scale.size + 1])
    if len(packed) != len(names) or not usable.issuperset(packed):
        msg = (
            f"packed scores {packed[:120]!r} do not fit {questionnaire.key}:"
            f" it has {len(names)} items and scores 1 to {questionnaire.scale.size}"
        )
        raise ValueError(msg)
    return {name: SIGNS.index(sign) or None for name, sign in zip(names, packed, strict=True)}


def _sign(questionnaire: Questionnaire, name: str, score: int | None) -> str:
    if score is None:
        return SIGNS[0]
    if type(score) is not int or score not in questionnaire.scale.scores:
        size = questionnaire.scale.size
        msg = f"{questionnaire.key}, item '{name}': score is {score!r}; use 1 to {size} or None"
        raise ValueError(msg)
    return SIGNS[score]


NOT_APPLICABLE: Final = "na"
"""What a form sends for 'not applicable'; JSON sends null."""

ProblemCode = Literal[
    "required",  # the question must be answered
    "nothing",  # no question at all was answered
    "off_scale",  # no such level
    "not_applicable",  # 'not applicable' is not allowed here
    "several",  # more than one answer where one is asked
    "unknown_option",  # no such option
    "too_long",  # the comment is longer than allowed
    "empty",  # a form for a comment alone has none
    "unknown_question",  # JSON only: no such question
    "malformed",  # JSON only: not the agreed shape
]

_SHOWN: Final = 20
"""Strangers named at most: a hostile message must not grow a huge answer."""

_ROOM: Final = 8
"""Raw characters taken per allowed one. Decomposed Vietnamese needs three; composing letters
takes quadratic time on hostile runs of marks, so longer texts are refused before that."""


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """One thing to put right, beside which question; `value` is what was sent, shortened.

    `question_id` is empty where the message as a whole is wrong.
    """

    question_id: str
    code: ProblemCode
    value: str


class InvalidAnswers(ValueError):
    """The answers were refused; `problems` holds all the reasons in the order of the form."""

    def __init__(self, problems: Iterable[AnswerProblem]) -> None:
        self.problems: tuple[AnswerProblem, ...] = tuple(problems)
        super().__init__(
            "; ".join(f"{p.question_id or 'answers'}: {p.code}" for p in self.problems)
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What one person answered, checked.

    `scores` has every item in file order, None for no score (left out or not applicable);
    `choices` has the questions answered, with options in file order; `comment` is tidied and
    scrubbed, None for none. A scrubbed comment may be slightly longer than `max_length`.
    """

    scores: Mapping[str, int | None]
    choices: Mapping[str, tuple[str, ...]]
    comment: str | None


@dataclass(slots=True)
class _Sheet:
    """An answer sheet while it is read: what is good so far, and what is wrong."""

    scores: dict[str, int | None]
    settled: set[str] = field(default_factory=set)  # scored, validly not applicable, or refused
    picked: dict[str, list[object]] = field(default_factory=dict)
    comment: str = ""
    problems: list[AnswerProblem] = field(default_factory=list)

    def refuse(self, question_id: str, code: ProblemCode, value: object = "") -> None:
        self.settled.add(question_id)
        self.problems.append(AnswerProblem(question_id, code, _short(value)))


def check(
    questionnaire: Questionnaire, raw: Mapping[str, Sequence[str]], *, partial: bool = False
) -> Answers:
    """The answers in an HTML form: field name -> every value sent under it.

    Fields that are no questions (tokens, buttons) are left alone; an empty value is no answer.
    `partial` accepts a sheet given up half-way: nothing is required but one score.
    Raises InvalidAnswers with every problem.
    """
    sheet = _Sheet(scores=dict.fromkeys(questionnaire.item_ids))
    levels = {str(score): score for score in questionnaire.scale.scores}
    for item in questionnaire.items:
        _read_level(sheet, item, levels, _filled(raw, item.id))
    for choices in questionnaire.choices:
        sheet.picked[choices.id] = list(_filled(raw, choices.id))
    if questionnaire.comment is not None:
        sheet.comment = "\n".join(_filled(raw, questionnaire.comment.id))
    return _judged(questionnaire, sheet, partial)


def check_comment(questionnaire: Questionnaire, raw: Mapping[str, Sequence[str]]) -> str:
    """The comment in a form for a comment alone, tidied and scrubbed; its condition does not hold.

    Raises InvalidAnswers where there is none, or it is too long. ValueError where the
    questionnaire asks for no comment.
    """
    if questionnaire.comment is None:
        msg = f"{questionnaire.key} asks for no comment"
        raise ValueError(msg)
    sheet = _Sheet(scores={}, comment="\n".join(_filled(raw, questionnaire.comment.id)))
    text = _written(questionnaire.comment, sheet)
    if not text and not sheet.problems:
        sheet.refuse(questionnaire.comment.id, "empty")
    if sheet.problems:
        raise InvalidAnswers(sheet.problems)
    return text


def check_json(questionnaire: Questionnaire, data: object, *, partial: bool = False) -> Answers:
    """The answers in a message: `{"scores": {…}, "choices": {…}, "comment": "…"}`.

    A score is a whole number or null (no score: skipped, or not applicable where the item allows
    it); a choice is a list of option ids, or one id. Every part may be left out; other keys are
    refused. Raises InvalidAnswers with every problem.
    """
    sheet = _Sheet(scores=dict.fromkeys(questionnaire.item_ids))
    message = _table(sheet, data)
    _refuse_strangers(sheet, message, {"scores", "choices", "comment"}, "malformed")
    scores = _table(sheet, message.get("scores"))
    _refuse_strangers(sheet, scores, set(questionnaire.item_ids), "unknown_question")
    for item in questionnaire.items:
        if item.id in scores:
            _take_score(sheet, item, questionnaire, scores[item.id])
    picks = _table(sheet, message.get("choices"))
    known = {choices.id for choices in questionnaire.choices}
    _refuse_strangers(sheet, picks, known, "unknown_question")
    for name in known & set(picks):
        sheet.picked[name] = _listed(picks[name])
    _take_comment(sheet, questionnaire, message.get("comment"))
    return _judged(questionnaire, sheet, partial)


def _filled(raw: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Distinct, non-blank values of a field in the order sent; a lone text counts as one value."""
    values: object = raw.get(name, ())
    listed = values if isinstance(values, list | tuple) else [values]
    filled = (value for value in listed if isinstance(value, str) and value.strip())
    return list(dict.fromkeys(filled))


def _read_level(
    sheet: _Sheet, item: Item, levels: Mapping[str, int], values: Sequence[str]
) -> None:
    if not values:
        return
    value = values[0].strip()
    if len(values) > 1:
        sheet.refuse(item.id, "several", ", ".join(values[:_SHOWN]))
    elif value in levels:
        _settle(sheet, item, levels[value])
    elif value != NOT_APPLICABLE:
        sheet.refuse(item.id, "off_scale", value)
    elif item.not_applicable:
        _settle(sheet, item, None)
    else:
        sheet.refuse(item.id, "not_applicable", value)


def _take_score(sheet: _Sheet, item: Item, questionnaire: Questionnaire, value: object) -> None:
    if value is None:
        if item.not_applicable:
            _settle(sheet, item, None)
    elif type(value) is int and value in questionnaire.scale.scores:  # True is no score
        _settle(sheet, item, value)
    else:
        sheet.refuse(item.id, "off_scale", value)


def _settle(sheet: _Sheet, item: Item, score: int | None) -> None:
    sheet.scores[item.id] = score
    sheet.settled.add(item.id)


def _table(sheet: _Sheet, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    if value is not None:
        sheet.refuse("", "malformed", value)
    return {}


def _refuse_strangers(
    sheet: _Sheet, given: Mapping[str, object], known: set[str], code: ProblemCode
) -> None:
    for name in [name for name in given if name not in known][:_SHOWN]:
        sheet.refuse("", code, name)


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _take_comment(sheet: _Sheet, questionnaire: Questionnaire, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        sheet.refuse("comment", "malformed", value)
    elif questionnaire.comment is None and value.strip():
        sheet.refuse("comment", "unknown_question", value)
    else:
        sheet.comment = value


def _judged(questionnaire: Questionnaire, sheet: _Sheet, partial: bool) -> Answers:
    if not partial:
        _refuse_gaps(questionnaire, sheet)
    choices = {
        question.id: picked
        for question in questionnaire.choices
        if (picked := _options(sheet, question))
    }
    comment = _comment(questionnaire, sheet)
    if not sheet.problems and not any(sheet.scores.values()):
        sheet.refuse(questionnaire.item_ids[0], "nothing")
    if sheet.problems:
        raise InvalidAnswers(_in_order(questionnaire, sheet.problems))
    return Answers(MappingProxyType(sheet.scores), MappingProxyType(choices), comment)


def _refuse_gaps(questionnaire: Questionnaire, sheet: _Sheet) -> None:
    for item in questionnaire.items:
        if (item.required or item.id == OVERALL) and item.id not in sheet.settled:
            sheet.refuse(item.id, "required")


def _options(sheet: _Sheet, question: Choices) -> tuple[str, ...]:
    """The options picked, in file order; nothing where the question was not to be asked."""
    if question.show_when is not None and not question.show_when.holds(sheet.scores):
        return ()
    given = sheet.picked.get(question.id, [])
    strangers = [value for value in given if value not in question.option_ids]
    for value in strangers[:_SHOWN]:
        sheet.refuse(question.id, "unknown_option", value)
    picked = tuple(name for name in question.option_ids if name in given)
    if len(picked) > 1 and not question.multiple:
        sheet.refuse(question.id, "several", ", ".join(picked))
    return picked


def _comment(questionnaire: Questionnaire, sheet: _Sheet) -> str | None:
    asked = questionnaire.comment
    if asked is None or (asked.show_when is not None and not asked.show_when.holds(sheet.scores)):
        return None
    return _written(asked, sheet) or None


def _written(asked: Comment, sheet: _Sheet) -> str:
    """What was written, fit to be stored; nothing where it is far too long."""
    if len(sheet.comment) > _ROOM * asked.max_length:
        sheet.refuse(asked.id, "too_long", len(sheet.comment))
        return ""
    text = tidy(sheet.comment)
    if len(text) > asked.max_length:
        sheet.refuse(asked.id, "too_long", len(text))
    return scrub(text)


def _in_order(
    questionnaire: Questionnaire, problems: Sequence[AnswerProblem]
) -> list[AnswerProblem]:
    names = (*questionnaire.item_ids, *(question.id for question in questionnaire.choices))
    places = {name: place for place, name in enumerate(names, start=1)}
    last = len(places) + 1
    return sorted(problems, key=lambda p: places.get(p.question_id, last if p.question_id else 0))


def _short(value: object) -> str:
    """What was sent, fit for a log line or a page: at most 40 characters, printable."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 10**15):
        text = str(value)
    else:
        text = type(value).__name__
    return "".join(letter for letter in text[:40] if letter.isprintable())


def explain(questionnaire: Questionnaire, problem: AnswerProblem, lang: str) -> str:
    """The sentence to show beside the question that a problem belongs to."""
    limit = questionnaire.comment.max_length if questionnaire.comment else 0
    return sentences().get(f"error.{problem.code}", lang, length=problem.value, limit=limit)
