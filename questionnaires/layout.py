"""Names of the published layout of responses: columns, channels, and what no item is called.

Shared by all that write or read it (docs/data-layouts.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COLUMNS: Final = (
    "response_id",
    "questionnaire",
    "office",
    "sector",
    "procedure",
    "channel",
    "answered_on",
    "late",
    "flag",
)
"""The fixed columns, in order; an item of the same name would be a second one."""

OPTIONAL: Final = ("origin",)
"""Fixed columns that a file may leave out, after the others."""

NAMES: Final = tuple(
    f"{column}_name" for column in ("questionnaire", "office", "sector", "procedure", "channel")
)
"""Columns of names for people that stand beside codes in our own workbooks; nothing reads them."""

IMPORTED: Final = "imported"
SIMULATED: Final = "simulated"
ORIGINS: Final = (IMPORTED, SIMULATED)
"""Where an answer comes from, if it was not given to the office's own forms: brought in from
another tool, or made up for a demonstration."""

RESERVED: Final = frozenset(COLUMNS + OPTIONAL + NAMES) | {
    "all",
    "index",
    "csrf_token",
    "lang",
    "token",
}
"""Names that measures, columns or the form itself already use."""

OPEN_CHANNELS: Final = ("poster", "slip", "kiosk", "paper")
"""By which people answer of their own accord."""

RECHECK: Final = "recheck"
"""The channel of the random re-check, and the id of its questionnaire. Its answers are a sample of
the dossiers, and are never added to those of people who chose to answer."""

CHANNELS: Final = (*OPEN_CHANNELS, RECHECK)

ON_SITE: Final = "on_site"
ELSEWHERE: Final = "elsewhere"
SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    ON_SITE: ("kiosk", "paper"),
    ELSEWHERE: ("poster", "slip"),
}
"""Channels on which people answer under the desk's eyes, and those on which they do not.

The re-check belongs to neither.
"""

RECHECKS: Final = (
    "month",
    "office",
    "sector",
    "dossiers",
    "drawn",
    "refused",
    "not_reached",
    "wrong_number",
)
"""The columns of the layout `rechecks`: what became of the dossiers drawn, in numbers."""

PARTS: Final[Mapping[str, str]] = {"on_time": "due_known", "online": "filing_known"}
"""Optional columns of the layout `population`: what is counted of the completed dossiers, and the
column that says of how many of them it is known."""

TIMED: Final = ("timed", "days_allowed", "days_taken")
"""Further ones: dossiers all of whose days are known, and the sums of their days."""

POPULATION: Final = ("period", "office", "sector", "completed", *PARTS, *PARTS.values(), *TIMED)
"""The columns of the layout `population`, in order."""

POINTS: Final = ("two_points", "one_point", "no_points")
INDICATORS: Final = ("month", "office", "indicator", *POINTS)
"""The columns of the layout `indicators`: files with 2, 1 and 0 points of each of the one-stop
desk's nine indicators."""

ANSWERED_BEFORE: Final = "answered_before"
FACTS: Final = ("paid_without_receipt", "told_to_return")
YES: Final = "yes"
NO: Final = "no"
"""The re-check's questions beside its scores, and the options of each; `not_sure` is the third."""
