"""A questionnaire as staff type it: its questions with the numbers of what can be answered."""

from __future__ import annotations

from typing import Any, Final

from flask import request

from questionnaires import Choices, Questionnaire

LONGEST: Final = 2000  # characters of one field


def typed_questions(questionnaire: Questionnaire, lang: str) -> list[dict[str, Any]]:
    """The questions in the order of the sheet, those that follow an answer behind it."""
    found: list[dict[str, Any]] = []
    overall = questionnaire.overall
    rest = [item for item in questionnaire.items if overall is None or item.id != overall.id]
    for number, item in enumerate(rest if overall is None else [overall, *rest]):
        mark = "" if overall is not None and number == 0 else f"{number + (overall is None)}. "
        none = questionnaire.words_for_none(item).get(lang) if item.not_applicable else ""
        found.append({"id": item.id, "text": mark + item.text.get(lang), "none": none})
        found += [_ticked(one, lang) for one in questionnaire.followed_by(item.id)]
    found += [_ticked(one, lang) for one in questionnaire.choices if one.show_when is None]
    return found


def _ticked(one: Choices, lang: str) -> dict[str, Any]:
    options = [f"{n} {o.text.get(lang)}" for n, o in enumerate(one.options, start=1)]
    return {"id": one.id, "text": one.text.get(lang), "options": options}


def typed_fields(questionnaire: Questionnaire) -> dict[str, str]:
    """What was typed beside each question of the form that is sent."""
    ids = ["sector", *questionnaire.item_ids, *(one.id for one in questionnaire.choices)]
    if questionnaire.comment is not None:
        ids.append(questionnaire.comment.id)
    return {id_: request.form.get(id_, "")[:LONGEST].strip() for id_ in ids}
