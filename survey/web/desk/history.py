"""A line of what staff did, as the history on a page tells it: the day, who, and what."""

from __future__ import annotations

from datetime import tzinfo

from survey.store.staff_actions import Done
from survey.web.desk.frame import say


def history_line(done: Done, zone: tzinfo, **words: str) -> str:
    """The line; its day is the office's, and `words` stand for those of the log that are codes."""
    who = done.name or say("log.commands")
    what = say(f"did.{done.action}", **{**done.details, **words})
    return f"{done.at.astimezone(zone):%d/%m/%Y}: {who} {what}"
