"""What an office may have of its own instead of what holds for the office above it.

Joins the edits of places with their log; command and page do the same.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Engine

from survey.edits import put_hours
from survey.opening_hours import spoken_hours
from survey.places import Office
from survey.store.places import Change, change_places
from survey.store.staff_actions import By


def set_hours(engine: Engine, office: Office, text: str | None, today: date, by: By) -> None:
    """Give an office opening hours of its own, or (None) let it have those of the office above it.

    Raises ConfigError where the text cannot be read, EditRefused where the office is gone.
    """
    hours = text
    details = {"name": office.name.vi}
    if hours is not None:
        hours = spoken_hours(hours, "en")
        details["hours"] = spoken_hours(hours, "vi")
    action: Final = "office_hours_inherited" if hours is None else "office_hours_set"
    change = Change(lambda now: put_hours(now, office.id, hours), action, office.id, details)
    change_places(engine, change, today, by)
