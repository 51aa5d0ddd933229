"""Questionnaires as data: what they are, reading them, and checking answers against them.

The lowest of the four packages: no web, no SQL, no clock, no environment.
"""

from questionnaires.answers import (
    NOT_APPLICABLE,
    AnswerProblem,
    Answers,
    InvalidAnswers,
    ProblemCode,
    check,
    check_comment,
    check_json,
    explain,
    pack,
    unpack,
)
from questionnaires.comments import scrub, tidy
from questionnaires.loader import load_file, load_folder, shipped
from questionnaires.model import (
    OVERALL,
    Choices,
    Comment,
    Condition,
    Element,
    Item,
    Option,
    Questionnaire,
    Scale,
    json_schema,
)
from questionnaires.problems import Problem, QuestionnaireError
from questionnaires.sentences import Sentences, load_sentences, sentences
from questionnaires.wording import LANGUAGES, Source, Text, Trust, Wording

__all__ = [
    "LANGUAGES",
    "NOT_APPLICABLE",
    "OVERALL",
    "AnswerProblem",
    "Answers",
    "Choices",
    "Comment",
    "Condition",
    "Element",
    "InvalidAnswers",
    "Item",
    "Option",
    "Problem",
    "ProblemCode",
    "Questionnaire",
    "QuestionnaireError",
    "Scale",
    "Sentences",
    "Source",
    "Text",
    "Trust",
    "Wording",
    "check",
    "check_comment",
    "check_json",
    "explain",
    "json_schema",
    "load_file",
    "load_folder",
    "load_sentences",
    "pack",
    "scrub",
    "sentences",
    "shipped",
    "tidy",
    "unpack",
]
