"""The part of an office's page on what it may have of its own: its opening hours.

What an office does not have of its own holds for it from the nearest office above that has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from survey.access import Parents
from survey.logos import nearest_logo, set_logo
from survey.office_settings import set_hours
from survey.opening_hours import spoken_hours
from survey.places import Office
from survey.store.inherited import Hours, hours_of
from survey.web.desk.frame import say
from survey.web.desk.guard import DeskContext, office_names
from survey.web.security import chosen_language

NAMED: Final = 5
"""Offices that are named; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class ShownHours:
    """The opening hours of an office as its page shows them.

    `own`: those that it has itself, ""; `holds`: which hold and whose they are; `below`: for whom
    else; `back`: which would hold without its own.
    """

    own: str
    holds: str
    below: str
    back: str
    example: str


def shown_hours(context: DeskContext, office: Office) -> ShownHours:
    """Return what an office's page tells of its opening hours."""
    names, usual = office_names(context.engine), context.config.opening_hours
    wanted = {one for one in names if one} | {office.id}
    found = hours_of(context.engine, wanted, usual)
    above = found.get(office.parent or "", Hours(usual, None))
    mine = found[office.id]
    own = mine.text if mine.office == office.id else ""
    same = [one for one, held in found.items() if held.office == office.id and one != office.id]
    below = [names[one] for one in names if one in same]
    return ShownHours(
        own=_spoken(own) if own else "",
        holds=_say("hours_own", name=names[office.id]) if own else _whose("hours", mine, names),
        below=_below(below),
        back=_whose("hours_back", above, names),
        example=_spoken(above.text),
    )


def store_hours(context: DeskContext, office: Office, text: str | None) -> None:
    """Store opening hours of an office's own, or (None) take them back.

    Raises ConfigError where they cannot be read, EditRefused where the office is gone.
    """
    set_hours(context.engine, office, text, context.now().date(), context.by)


@dataclass(frozen=True, slots=True)
class ShownLogo:
    """The logo of an office as its page shows it: `holds` says which, `own` whether its own;
    `picture`: what can be shown of it."""

    own: bool
    holds: str
    picture: bytes | None


def shown_logo(context: DeskContext, office: Office, parents: Parents) -> ShownLogo:
    """Return what an office's page tells of its logo."""
    names = office_names(context.engine)
    whose, found = nearest_logo(context.config.data, office.id, parents)
    picture = found.content if found is not None and found.format == "png" else None
    if whose == office.id:
        return ShownLogo(True, _say("logo_own", name=names[office.id]), picture)
    if whose is not None:
        return ShownLogo(False, _say("logo_above", above=names.get(whose, whose)), picture)
    return ShownLogo(False, _say("logo_whole" if found else "logo_none"), picture)


def store_logo(context: DeskContext, office: Office, content: bytes | None) -> None:
    """Store a logo of an office's own, or (None) take it back. Raises LogoRefused."""
    set_logo(context.config.data, context.engine, office, content, context.by)


def _whose(key: str, hours: Hours, names: dict[str | None, str]) -> str:
    """Which hours hold, and whose they are: "hours_above", "hours_whole", or those of `back`."""
    if hours.office is None:
        return _say(f"{key}_whole", hours=_spoken(hours.text))
    return _say(
        f"{key}_above", hours=_spoken(hours.text), above=names.get(hours.office, hours.office)
    )


def _spoken(text: str) -> str:
    return spoken_hours(text, chosen_language())


def _below(names: list[str]) -> str:
    if len(names) > NAMED:
        return _say("hours_below_many", count=len(names))
    return _say("hours_below", names=", ".join(names)) if names else ""


def _say(key: str, **words: object) -> str:
    return say(f"places.{key}", **words)
