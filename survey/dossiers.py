"""The population: how many dossiers were completed. Pure rules; reads no file and no database.

Dossier codes are looked at only to find one that is given twice; nothing here returns or shows one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PopulationCount:
    """Completed dossiers of one month ("2026-10"), office and sector.

    ``on_time`` and ``online`` are parts of ``completed``; None where it is not known.
    """

    period: str
    office: str
    sector: str
    completed: int
    on_time: int | None = None
    online: int | None = None
