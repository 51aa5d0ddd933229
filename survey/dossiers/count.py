"""What an import gives: completed dossiers per month, office and sector. Must not read anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from questionnaires.layout import PARTS


@dataclass(frozen=True, slots=True)
class PopulationCount:
    """Completed dossiers of one month ("2026-10"), office and sector.

    ``on_time`` is a part of the ``due_known`` dossiers whose due day is known, ``online`` of the
    ``filing_known`` whose way of filing is; where only the part is given, it is one of all. Of
    ``timed`` dossiers every day is known: ``days_allowed`` sums the days from receiving to the due
    day, ``days_taken`` those to returning. None where nothing is known, which is never zero.
    """

    period: str
    office: str
    sector: str
    completed: int
    on_time: int | None = None
    online: int | None = None
    due_known: int | None = None
    filing_known: int | None = None
    timed: int | None = None
    days_allowed: int | None = None
    days_taken: int | None = None

    def __post_init__(self) -> None:
        for part, known in PARTS.items():
            if getattr(self, part) is not None and getattr(self, known) is None:
                object.__setattr__(self, known, self.completed)


CensusFigure = Literal["on_time", "online", "timed"]


@dataclass(frozen=True, slots=True)
class Judgeable:
    """Of how many dossiers a census figure can be told, and of how many it cannot."""

    figure: CensusFigure
    known: int
    unknown: int


def judgeable(counts: Iterable[PopulationCount]) -> tuple[Judgeable, ...]:
    """What the census can be made of these counts: on time, filed online, days taken.

    >>> judgeable([PopulationCount("2026-10", "trieu-son", "land", 5, on_time=3, due_known=4)])[0]
    Judgeable(figure='on_time', known=4, unknown=1)
    """
    counts = tuple(counts)
    completed = sum(count.completed for count in counts)
    known: dict[CensusFigure, int] = {
        "on_time": sum(count.due_known or 0 for count in counts),
        "online": sum(count.filing_known or 0 for count in counts),
        "timed": sum(count.timed or 0 for count in counts),
    }
    return tuple(Judgeable(name, number, completed - number) for name, number in known.items())


@dataclass(frozen=True, slots=True)
class ListedDossier:
    """One completed dossier as its row tells it, for who draws some of them; never stored."""

    row: int
    code: str
    procedure: str
    period: str
    office: str
    sector: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What a file holds, and what of it was left out.

    ``rows`` are dossiers, or rows of a population file. ``not_returned`` have no date of returning,
    ``outside`` are of months not asked for; ``no_dossiers`` names the rows that are none (titles,
    totals, signatures). ``columns`` tells which heading was read as what; ``offline`` how many
    dossiers had each way of filing that is not an online one. ``doubts`` are reasons to ask before
    anything is stored. ``kind``: an export has a row a dossier, a population file one a count.
    ``listed``: the dossiers that were counted, one by one, where they were asked for.
    """

    counts: tuple[PopulationCount, ...]
    rows: int
    not_returned: int = 0
    outside: int = 0
    no_dossiers: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    offline: Mapping[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    kind: Literal["export", "population"] = "export"
    listed: tuple[ListedDossier, ...] = ()
