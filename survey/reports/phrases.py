"""The sentences of a report: templates in both languages, which an office may word its own way.

The shipped ones are `survey/data/report.toml`; those in `report.toml` of the data folder stand
instead. One that is broken is refused with its place: a template keeps every {place} of the shipped
one, so that no figure loses the interval beside it.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from questionnaires import Sentences, load_sentences
from questionnaires.sentences import Problem, QuestionnaireError, joined
from questionnaires.wording import LANGUAGES
from survey.errors import HailongError
from survey.told import sentence

FILE: Final = "report.toml"
LARGEST: Final = 256 * 1024
"""Bytes of the file; the shipped one has 20 KB."""
_FIXED: Final = "frame."
"""The words of the frame are the decree's and no matter of style."""


_FORMATTER: Final = string.Formatter()


@cache
def shipped_phrases() -> Sentences:
    """The sentences as they are shipped."""
    return load_sentences(files("survey") / "data" / "report.toml")


def load_phrases(folder: Path) -> Sentences:
    """Return the sentences with those of the office. Raises HailongError listing every problem."""
    shipped, file = shipped_phrases(), folder / FILE
    if not file.exists():
        return shipped
    if file.stat().st_size > LARGEST:
        raise HailongError(sentence("report.large", file=FILE, most=LARGEST // 1024))
    try:
        own = load_sentences(file)
    except QuestionnaireError as error:
        raise HailongError(error.args[0]) from error
    problems = [problem for key in own.texts for problem in _problems(own, shipped, key)]
    if problems:
        raise HailongError(joined(problem.told for problem in problems))
    return Sentences(MappingProxyType({**shipped.texts, **own.texts}))


def _problems(own: Sentences, shipped: Sentences, key: str) -> Iterator[Problem]:
    place = f"'{key}'"
    if key not in shipped or key.startswith(_FIXED):
        what = sentence("report.no_sentence" if key not in shipped else "report.fixed")
        yield Problem(FILE, place, what, sentence("report.take_out"))
        return
    for lang in LANGUAGES:
        text = own.texts[key].get(lang)
        if any(form or turned for _, _, form, turned in _FORMATTER.parse(text)):
            what = sentence("report.not_plain", lang=lang)
            yield Problem(FILE, place, what, sentence("report.plain"))
    has, needs = _places(own, key), _places(shipped, key)
    if has != needs:
        odd = ", ".join(f"{{{name}}}" for name in sorted(has ^ needs))
        kept = ", ".join(f"{{{name}}}" for name in sorted(needs)) or "–"
        what = sentence("report.places", places=odd)
        yield Problem(FILE, place, what, sentence("report.use", places=kept))


def _places(found: Sentences, key: str) -> set[str]:
    text = found.texts[key].get("vi")
    return {name for _, name, _, _ in _FORMATTER.parse(text) if name is not None}
