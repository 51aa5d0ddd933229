"""What is worth a second look, in sentences that ask and accuse nobody.

Owns the words of a flag, which of many are told, and those of answers that were stored with a flag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from analysis.insights.insights import Insights
from analysis.insights.screening import Flag
from analysis.reporting.teller import Teller
from analysis.strata.survey import ALL
from analysis.words import number

REASONS: Final = ("same_sheet", "burst", "unserved", "apart")
_LISTED: Final = 12
"""Flags of one rule that are told, the most improbable first: more of them nobody would read."""

_MARKS: Final = ("crowd", "alike", "haste", "closed", "row", "clock")
"""Flags that answers are stored with, as the server sets them; files may hold others."""


def office_flags(insights: Insights) -> list[Flag]:
    """What is worth a second look in the office that the insights are of."""
    return [flag for flag in insights.flags if insights.office in (ALL, flag.office)]


def told(flags: Sequence[Flag]) -> Iterator[tuple[list[Flag], int]]:
    """The most improbable flags of each rule, and how many more there are of it."""
    for reason in REASONS:
        found = [flag for flag in flags if flag.reason == reason]
        yield found[:_LISTED], max(0, len(found) - _LISTED)


def flag_sentence(flag: Flag, tell: Teller) -> str:
    """One flag: where, when, how many, and how many would be usual."""
    offices = tell.found.offices
    return tell.say(
        f"insight_sections.flags.{flag.reason}",
        place=flag_place(flag, tell),
        day=flag_day(flag.day) if flag.day else "",
        count=number(flag.count, tell.lang),
        of=number(flag.of, tell.lang),
        expected=usual(flag, tell.lang),
        peers=tell.say(
            "insight_sections.other_offices"
            if len(offices) > 2
            else "insight_sections.other_sectors"
        ),
    )


def more_sentence(more: int, tell: Teller) -> str:
    """That there are so many more flags of a rule."""
    several = len(tell.found.offices) > 1
    key = "insight_sections.more_offices" if several else "insight_sections.more"
    return tell.say(key, n=number(more, tell.lang))


def marked_sentences(marked: Mapping[str, int], tell: Teller) -> Iterator[str]:
    """How many answers were stored with each flag."""
    for mark in (*_MARKS, *sorted(marked.keys() - set(_MARKS))):
        if marked.get(mark):
            known = mark if mark in _MARKS else "other"
            count = number(marked[mark], tell.lang)
            yield tell.say(f"insight_sections.marked.{known}", count=count, mark=mark)


def flag_place(flag: Flag, tell: Teller) -> str:
    """The sector, with its office where there are several."""
    sector = tell.sector(flag.sector)
    office = tell.names.get(flag.office, flag.office)
    return sector if len(tell.found.offices) == 1 else f"{office}, {sector}"


def flag_day(day: date) -> str:
    """A day as it is read: 3/10/2026."""
    return f"{day.day}/{day.month}/{day.year}"


def usual(flag: Flag, lang: str) -> str:
    """What would be usual, as exactly as it means something."""
    return number(flag.expected, lang, 0 if flag.expected >= 10 else 1)
