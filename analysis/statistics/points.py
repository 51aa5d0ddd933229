"""Points of the one-stop desk's nine indicators: 2, 1 or 0 a file, scores, totals and classes.

Formulas of Thông tư 01/2018/TT-VPCP, Articles 13 and 15, under Nghị định 61/2018/NĐ-CP. That is the
older frame: since 1 July 2025 there are Nghị định 118/2025/NĐ-CP and Thông tư 03/2025/TT-VPCP, and
whether they keep the nine indicators is not verified. Facts of files, no opinions: nothing here is
ever added to a figure of the survey.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, Literal, NamedTuple

NINE: Final = tuple(range(1, 10))
"""The indicators of a unit, at most 18 points."""

OF_A_PERSON: Final = (1, 2, 3, 4, 7)
"""Those by which one official is judged, at most 10 points."""

MOST: Final = 2
"""Points of a file, and so of an indicator."""

UnitClass = Literal["excellent", "good", "fair", "average", "weak"]
PersonClass = Literal["whole", "most", "part"]

_UNIT: Final[tuple[tuple[int, UnitClass], ...]] = (
    *((15, "excellent"), (12, "good")),
    *((9, "fair"), (6, "average")),
)
_PERSON: Final[tuple[tuple[Decimal, PersonClass], ...]] = (
    (Decimal(5), "whole"),
    (Decimal("3.5"), "most"),
)


class PointFiles(NamedTuple):
    """Files of one indicator that have 2 points, 1 point and none."""

    two_points: int
    one_point: int
    no_points: int

    @property
    def files(self) -> int:
        """All files that the indicator was assessed on."""
        return sum(self)

    @property
    def points(self) -> int:
        """The points of all files together."""
        return MOST * self.two_points + self.one_point


def score(found: PointFiles) -> Decimal:
    """The score of an indicator: points over files, 0 to 2 with one decimal (Article 15).

    Rounded exactly. The circular does not say where a half goes; it goes up here, as usual.
    ValueError without any file: what is not assessed has no score.

    >>> score(PointFiles(18, 1, 1))
    Decimal('1.9')
    """
    if found.files <= 0 or min(found) < 0:
        raise ValueError(found)
    tenths = (20 * found.points + found.files) // (2 * found.files)
    return Decimal(tenths).scaleb(-1)


def total(scores: Iterable[Decimal]) -> Decimal:
    """The scores added up, as they are after rounding (Article 15)."""
    return sum(scores, Decimal("0.0"))


def class_of_unit(points: Decimal) -> UnitClass:
    """The class of a unit by its total of all nine indicators, 0 to 18 (Article 15).

    From 15 excellent, from 12 good, from 9 fair, from 6 average, below weak.
    """
    return next((word for least, word in _UNIT if points >= least), "weak")


def class_of_person(points: Decimal) -> PersonClass:
    """The class of an official by the total of `OF_A_PERSON`, 0 to 10 (Article 15).

    From 5 the whole of the task, from 3.5 from 70% to below 100% of it, below less than 70%.
    """
    return next((word for least, word in _PERSON if points >= least), "part")
