"""How many of the dossiers the strata with answers hold, and what no dossier count covers.

Owns the 80% rule's figure. A total that leaves out much of the year says little of the year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

REQUIRED: Final = 0.80
"""The share of its dossiers that a scope's strata with answers must hold for a verdict."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One office and sector.

    `dossiers` are those of the months that have a count, `covered` those of months with answers
    too. `missing` estimates the dossiers of months without a count: the mean of the months that
    have one, and at least the answers that came. `months`: with answers that count; `uncounted`:
    months that should have a count and have none, or a count of 0 and answers; `faults`: months
    with more answers than dossiers.
    """

    office: str
    sector: str
    dossiers: int | None
    covered: int
    missing: int
    months: frozenset[str]
    uncounted: tuple[str, ...]
    faults: tuple[str, ...]


def cover_of(
    place: tuple[str, str],
    months: Sequence[str],
    sheets: Mapping[str, int],
    counts: Mapping[str, int],
    due: frozenset[str],
) -> Cover:
    """The cover of one place.

    Parameters
    ----------
    sheets, counts
        Answers and completed dossiers by month; a month without a row is not in `counts`.
    due
        Months that are over and for which the office has no count at all. In a month for which it
        has some, a sector without answers and without a row had no dossiers.
    """
    mean = round(sum(counts.values()) / len(counts)) if counts else 0
    lost = [m for m in months if m not in counts and (sheets.get(m) or (counts and m in due))]
    empty = [month for month in months if counts.get(month) == 0 and sheets.get(month)]
    missing = sum(max(sheets.get(month, 0), mean) for month in lost)
    missing += sum(sheets[month] for month in empty)
    heard = frozenset(month for month in months if sheets.get(month) and counts.get(month))
    return Cover(
        *place,
        dossiers=sum(counts.values()) if counts else None,
        covered=sum(counts[month] for month in heard),
        missing=missing,
        months=heard,
        uncounted=(*lost, *empty),
        faults=tuple(m for m in months if 0 < counts.get(m, 0) < sheets.get(m, 0)),
    )


def alike(place: tuple[str, str], months: Collection[str], sheets: Mapping[str, int]) -> Cover:
    """The cover of what has no dossiers of its own: each month that is over counts as one."""
    heard = frozenset(month for month in months if sheets.get(month))
    return Cover(*place, len(months), len(heard), 0, heard, (), ())


@dataclass(frozen=True, slots=True)
class Coverage:
    """A scope's dossiers and the part of them that the figures rest on.

    `share`: None where no dossiers are known at all. `months`: how many of the period's months
    have answers that count. `uncounted` and `faults`: names of places with the months concerned.
    """

    share: float | None
    months: int
    uncounted: tuple[tuple[str, str, tuple[str, ...]], ...]
    faults: tuple[tuple[str, str, tuple[str, ...]], ...]

    @property
    def gaps(self) -> bool:
        """Whether there is a place to name."""
        return bool(self.uncounted or self.faults)

    @classmethod
    def of(cls, covers: Iterable[Cover]) -> Coverage:
        """The places of a scope together."""
        found = list(covers)
        known = [cover.dossiers for cover in found if cover.dossiers is not None]
        whole = sum(known) + sum(cover.missing for cover in found)
        covered = sum(cover.covered for cover in found)
        return cls(
            share=covered / whole if sum(known) and whole else None,
            months=len(frozenset().union(*(cover.months for cover in found))),
            uncounted=tuple((c.office, c.sector, c.uncounted) for c in found if c.uncounted),
            faults=tuple((c.office, c.sector, c.faults) for c in found if c.faults),
        )
