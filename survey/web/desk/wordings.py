"""Staff page of the sentences that are said to come from a decision: which were held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from questionnaires import Questionnaire
from questionnaires.wording import Source, Wording
from survey.errors import StoreError
from survey.store.questionnaires import published_questionnaires
from survey.store.wordings import Checked, checked_wordings, digest_of, note_checked, take_back
from survey.told import in_language
from survey.web.desk.frame import say, see_other, staff_frame
from survey.web.desk.guard import DeskContext
from survey.web.security import chosen_language

ACTS: Final = {"check": note_checked, "again": take_back}


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence to hold against its decision, or who has done so and when."""

    place: str
    text: str
    checked: Checked | None


@dataclass(slots=True)
class Sourced:
    """The sentences that come from one source, in the order of the form."""

    source: Source
    wordings: list[Shown] = field(default_factory=list)


def show(context: DeskContext) -> str:
    """Show every sentence that has a decision to be held against."""
    return _page(context, _named(context))


def change(context: DeskContext) -> Response | tuple[str, int]:
    """Keep that the ticked sentences were checked, or are to be checked again."""
    questionnaire, places = _named(context), request.form.getlist("place")
    act = ACTS.get(request.form.get("act", ""))
    if act is None:
        abort(404)
    if not places:
        problem = say("wordings.none_ticked")
        return _page(context, questionnaire, problem), 422
    try:
        act(context.engine, questionnaire, places, context.by)
    except StoreError as error:
        return _page(context, questionnaire, in_language(error.args[0], chosen_language())), 422
    done = request.form["act"]
    return see_other("questionnaires.wordings", key=questionnaire.key, done=done)


def _named(context: DeskContext) -> Questionnaire:
    """The published version that a request names; one that is not there is 404."""
    found = published_questionnaires(context.engine).get(request.values.get("key", ""))
    if found is None:
        abort(404)
    return found


def _page(context: DeskContext, questionnaire: Questionnaire, problem: str = "") -> str:
    checked = checked_wordings(context.engine)
    shown = [(one.source, _shown(one, checked)) for one in questionnaire.unverified]
    done = request.args.get("done", "")
    return render_template(
        "staff/wordings.html",
        **staff_frame(),
        questionnaire=questionnaire,
        open=_by_source([(source, one) for source, one in shown if one.checked is None]),
        checked=[one for _, one in shown if one.checked is not None],
        done=done if done in ACTS else "",
        problem=problem,
    )


def _shown(wording: Wording, checked: dict[str, Checked]) -> Shown:
    return Shown(wording.place, wording.text.vi, checked.get(digest_of(wording)))


def _by_source(shown: Sequence[tuple[Source, Shown]]) -> list[Sourced]:
    found: dict[tuple[str, str], Sourced] = {}
    for source, one in shown:
        found.setdefault((source.text, source.trust), Sourced(source)).wordings.append(one)
    return list(found.values())
