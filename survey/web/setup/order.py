"""In which order the pages of a new office come: what is missing is asked first."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from survey.web.desk.frame import see_other
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import STEPS, Draft
from survey.web.setup.ending import Reply


def to(step: str) -> Response:
    """Lead to a page of the new office."""
    return see_other(f"setup.{step}")


def step(setup: SetUp, name: str, show: Callable[[Draft], Reply]) -> Reply:
    """One step's page; the first that is not done yet instead where an earlier one is missing."""
    draft = setup.drafts.own()
    missing = draft.missing(name)
    return to(missing) if missing else show(draft)


def kept(draft: Draft, step: str) -> Response:
    """Go on to the step after one that is done."""
    draft.sure.add(step)
    following = [*STEPS, "finish"]
    return to(following[following.index(step) + 1])
