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

IMPORTED: Final = "imported"
SIMULATED: Final = "simulated"
ORIGINS: Final = (IMPORTED, SIMULATED)
"""Where an answer comes from, if it was not given to the office's own forms: brought in from
another tool, or made up for a demonstration."""

RESERVED: Final = frozenset(COLUMNS + OPTIONAL) | {"all", "index", "csrf_token", "lang", "token"}
"""Names that measures, columns or the form itself already use."""

CHANNELS: Final = ("poster", "slip", "kiosk", "paper")

ON_SITE: Final = "on_site"
ELSEWHERE: Final = "elsewhere"
SIDES: Final[Mapping[str, tuple[str, ...]]] = {
    ON_SITE: ("kiosk", "paper"),
    ELSEWHERE: ("poster", "slip"),
}
"""Channels on which people answer under the desk's eyes, and those on which they do not."""
