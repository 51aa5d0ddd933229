"""Staff pages of what an office has to reach instead of a target's threshold.

Who administers an office edits what is its own, and what is of the offices below it. It is kept in
the file of the targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from survey.errors import HailongError
from survey.store.places import list_offices
from survey.targets import (
    LONGEST,
    TargetRefused,
    drop_own,
    find_own,
    put_own,
    read_own,
    without,
)
from survey.told import in_language
from survey.web.desk.frame import see_other, staff_frame
from survey.web.desk.guard import DeskContext, needs, office_names, scope
from survey.web.desk.meanwhile import changed_meanwhile, mark
from survey.web.desk.targets import load, percent, said
from survey.web.security import chosen_language

if TYPE_CHECKING:
    from analysis.targets import AnyTarget, OwnThreshold, Targets


def make_blueprint(context: DeskContext) -> Blueprint:
    """Return the pages."""
    pages = Blueprint("own_thresholds", __name__, url_prefix="/targets/own")

    @pages.route("", methods=["GET", "POST"])
    @needs("change_targets")
    def edit() -> Response | str | tuple[str, int]:
        return _edit(context)

    @pages.post("/drop")
    @needs("change_targets")
    def drop() -> Response | str | tuple[str, int]:
        return _drop(context)

    return pages


def _edit(context: DeskContext) -> Response | str | tuple[str, int]:
    """Show the form of an office and a target, or store what was filled in."""
    known, problem = _loaded(context)
    office, target = request.values.get("office", ""), request.values.get("target", "")
    if office:
        _require(context, office)
    stored = find_own(known, office, target)
    if request.method == "GET":
        filled = {"office": office or _first(context), "target": target}
        if stored is not None:
            filled |= _own(stored)
        return _page(context, known, filled, stored, problem)
    given = request.form.to_dict()
    if told := changed_meanwhile(_own(stored), {**_own(None), **given}, LABELS):
        return _page(context, known, given, stored, problem or told), 409
    try:
        made = _made(context, known, given)
        put_own(context.config, context.engine, context.by, known, made)
    except TargetRefused as refused:
        told = in_language(refused.args[0], chosen_language())
        return _page(context, known, given, stored, problem or told), 422
    return see_other("targets.show")


def _own(stored: OwnThreshold | None) -> dict[str, str]:
    """What the form shows of what an office has of its own; nothing of what is not there."""
    if stored is None:
        return {"threshold": "", "source": ""}
    return {"threshold": percent(stored.threshold), "source": stored.source}


def _drop(context: DeskContext) -> Response | str | tuple[str, int]:
    """Take back what an office has of its own: said first, done when confirmed."""
    known, _ = _loaded(context)
    office, target = request.form.get("office", ""), request.form.get("target", "")
    _require(context, office)
    stored = find_own(known, office, target)
    judged = next((one for one in known.every if one.id == target), None)
    if stored is None or judged is None:
        abort(404)
    if "sure" not in request.form:
        after = without(known, stored).under(scope(context.engine).parents)
        name = office_names(context.engine).get(office, office)
        return render_template(
            "staff/own_threshold_sure.html",
            **staff_frame(),
            own=stored,
            what=_what(judged),
            now=said(
                "own_now", office=name, threshold=percent(stored.threshold), source=stored.source
            ),
            back=said(
                "own_back", office=name, threshold=percent(after.aims.of(judged, office).threshold)
            ),
        )
    try:
        drop_own(context.config, context.engine, context.by, known, stored)
    except TargetRefused as refused:
        told = in_language(refused.args[0], chosen_language())
        filled = {"office": office, "target": target, "source": stored.source}
        filled["threshold"] = percent(stored.threshold)
        return _page(context, known, filled, stored, told), 422
    return see_other("targets.show")


def _require(context: DeskContext, office: str) -> None:
    """Answer 404 where an office is not theirs; one that was never there is the whole's."""
    reach = scope(context.engine)
    reach.require("change_targets", office if office in reach.parents else None)


def _loaded(context: DeskContext) -> tuple[Targets, str]:
    """The targets, and what is wrong with their file."""
    from analysis.targets import Targets

    try:
        return load(context), ""
    except HailongError as error:
        return Targets(census=()), in_language(error.args[0], chosen_language())


def _made(context: DeskContext, known: Targets, given: Mapping[str, str]) -> OwnThreshold:
    """What was filled in. Raises TargetRefused."""
    judged = next((one for one in known.every if one.id == given.get("target")), None)
    office = given.get("office", "")
    if judged is None or office not in dict(_offices(context)):
        raise TargetRefused("own_choose")
    return read_own(judged, office, given.get("threshold", ""), given.get("source", ""))


def _offices(context: DeskContext) -> list[tuple[str, str]]:
    """The offices that may have a threshold of their own from whoever asks."""
    reach, lang = scope(context.engine), chosen_language()
    return [
        (one.id, one.name.get(lang))
        for one in list_offices(context.engine)
        if reach.may("change_targets", one.id)
    ]


def _first(context: DeskContext) -> str:
    return scope(context.engine).grant.office or ""


LABELS: Final = {name: f"targets.{name}" for name in ("threshold", "source")}
_EMPTY: Final = ("", "–")


def _page(
    context: DeskContext,
    known: Targets,
    given: Mapping[str, str],
    stored: OwnThreshold | None,
    problem: str = "",
) -> str:
    return render_template(
        "staff/own_threshold.html",
        **staff_frame(),
        own=stored,
        seen=mark(_own(stored)),
        given=given,
        offices=[_EMPTY, *_offices(context)],
        targets=[_EMPTY, *((one.id, _what(one)) for one in known.every)],
        longest=LONGEST,
        problem=problem or ("" if known.every else said("own_first")),
    )


def _what(target: AnyTarget) -> str:
    """A target in a list: first what tells it from others of its name, which may be cut."""
    title = target.title.get(chosen_language())
    return f"{target.deadline}, {percent(target.threshold)}: {title}"
