"""The blank paper questionnaire of a counter, to be printed: A4 as PDF.

Joins a counter with its questionnaire; page and command print the same.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from questionnaires import Choices, Item, Questionnaire
from questionnaires.toml import read_toml
from survey.errors import HailongError
from survey.places import Counter, Office, Sector
from survey.told import sentence
from survey.typeset import NotTypeset, typeset

LAYOUT: Final = Path(__file__).parent / "data" / "sheet"


class SheetError(HailongError):
    """A sheet cannot be printed."""


def render_sheet(
    office: Office,
    counter: Counter,
    sectors: tuple[Sector, ...],
    questionnaire: Questionnaire,
    day: date,
    *,
    lang: str = "vi",
    simulated: bool = False,
) -> bytes:
    """Return the sheet as PDF; the same questions and day give the same bytes.

    Raises SheetError where a name holds letters that the printed font does not have.
    """
    data = {
        "lang": lang,
        "office": office.name.get(lang),
        "counter": counter.name.get(lang),
        "sectors": [one.name.get(lang) for one in sectors] if len(sectors) > 1 else [],
        "words": {key: texts[lang] for key, texts in _words().items()},
        "simulated": simulated,
        **_asked(questionnaire, lang),
    }
    try:
        return typeset(LAYOUT / "sheet.typ", "sheet", data, day)
    except NotTypeset as error:
        told = sentence("poster.not_printed", counter=counter.name.vi, why=str(error))
        raise SheetError(told) from error


def _asked(questionnaire: Questionnaire, lang: str) -> dict[str, Any]:
    """What the sheet asks, in the order of the screen: the overall question stands alone."""
    overall = questionnaire.overall
    comment = questionnaire.comment
    return {
        "title": questionnaire.title.get(lang),
        "stem": questionnaire.stem.get(lang) if questionnaire.stem else "",
        "labels": [label.get(lang) for label in questionnaire.scale.labels],
        "overall": _item(questionnaire, overall, lang) if overall else None,
        "items": [
            _item(questionnaire, item, lang)
            for item in questionnaire.items
            if overall is None or item.id != overall.id
        ],
        "choices": [
            _choices(questionnaire, one, lang)
            for one in questionnaire.choices
            if one.show_when is None
        ],
        "comment": comment.text.get(lang) if comment else "",
    }


def _item(questionnaire: Questionnaire, item: Item, lang: str) -> dict[str, Any]:
    """An item with what is asked because of its answer."""
    none = questionnaire.words_for_none(item).get(lang) if item.not_applicable else ""
    followed = questionnaire.followed_by(item.id)
    return {
        "text": item.text.get(lang),
        "none": none,
        "choices": [_choices(questionnaire, one, lang) for one in followed],
    }


def _choices(questionnaire: Questionnaire, one: Choices, lang: str) -> dict[str, Any]:
    """A question with options; `when` says at which levels it is meant."""
    levels = [
        str(score)
        for score in questionnaire.scale.scores
        if one.show_when is None or one.show_when.holds({one.show_when.item: score})
    ]
    meant = len(levels) < questionnaire.scale.size
    when = _words()["when"][lang].format(levels=", ".join(levels)) if meant else ""
    options = [option.text.get(lang) for option in one.options]
    return {"text": one.text.get(lang), "when": when, "options": options}


@cache
def _words() -> dict[str, dict[str, str]]:
    return read_toml((LAYOUT / "words.toml").read_bytes())
