"""The figures of one row as they are published.

Owns what of a row's design its published figures may follow, and their rounding together. The
steps and the arithmetic are `rounding`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.design.scopes import Key, Survey
from analysis.disclosure.rounding import (
    EXACT,
    Figures,
    Limits,
    plain_limits,
    rounded,
    rounded_outwards,
    rounded_score,
    silent_bounds,
)
from analysis.document_rows import EstimateRow, VerdictRow
from analysis.formulas.ratios import ratios


@dataclass(frozen=True, slots=True)
class Frame:
    """Of a row's design, what is the same whatever anybody said.

    `cap`: the effective size that KG-S never exceeds. `weight`, `answered`: of each stratum with
    answers, its part of their dossiers, and the part of its dossiers answered. `covered`: the part
    of all the row's dossiers that these strata hold.
    """

    cap: float
    weight: tuple[float, ...]
    answered: tuple[float, ...]
    covered: float


def frames(survey: Survey, keys: Sequence[Key]) -> list[Frame]:
    """The frames of rows with answers, in their order."""
    design = survey.design(keys)
    caps = ratios(design, design.satisfied).cap
    order = np.argsort(design.cell, kind="stable")
    ends = np.searchsorted(design.cell[order], np.arange(len(keys) + 1))
    found = []
    for number, cap in enumerate(caps):
        strata = order[ends[number] : ends[number + 1]]
        dossiers, heard = design.dossiers[strata], design.heard[strata]
        population = float(design.population[number])
        covered = float(design.covered[number]) / population if population > 0 else 1.0
        weight = tuple((dossiers / dossiers.sum()).tolist())
        answered = np.minimum(heard / dossiers, 1.0)
        found.append(Frame(float(cap), weight, tuple(answered.tolist()), covered))
    return found


def told(row: EstimateRow, step: float, frame: Frame, level: float) -> EstimateRow:
    """A row with the figures that are published of it; what is not published of any row left out.

    Parameters
    ----------
    row
        In full, with a share.
    step
        Of its shares.
    frame
        Of its design.
    level
        The document's.
    """
    limits = limits_of(row)
    figures = figures_of(row.share or 0.0, limits, step, frame, level)
    low, high = _silent(row, figures, step, frame)
    return row._replace(
        share=figures.share,
        low=figures.limits.low,
        high=figures.limits.high,
        silent_low=low,
        silent_high=high,
        mean=None if row.mean is None else rounded_score(row.mean, step),
        mean_low=None if row.mean_low is None else rounded_score(row.mean_low, step),
        mean_high=None if row.mean_high is None else rounded_score(row.mean_high, step, up=True),
        satisfied=None,
        publishable=True,
        step=step,
    )


def limits_of(row: EstimateRow, verdict: VerdictRow | None = None) -> Limits:
    """A row's limits in full, with those of its verdict; what is unknown reaches to the end."""
    low, high = _known(row.low, 0.0), _known(row.high, 1.0)
    if verdict is None:
        return Limits(low, high, low, high)
    return Limits(low, high, _known(verdict.lower, 0.0), _known(verdict.upper, 1.0))


def _known(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit


def figures_of(share: float, limits: Limits, step: float, frame: Frame, level: float) -> Figures:
    """A share and its limits as they are published."""
    return rounded(share, limits, step, partial(plain_limits, cap=frame.cap, level=level))


def _silent(
    row: EstimateRow, figures: Figures, step: float, frame: Frame
) -> tuple[float | None, float | None]:
    """The share if every silent person were dissatisfied, or satisfied.

    An index's silent answer as many items as the others, which the frame does not know: the full
    bounds are inside in any case.
    """
    if row.silent_low is None or row.silent_high is None:
        return None, None
    low, high = rounded_outwards(row.silent_low, row.silent_high, step)
    if step > EXACT:
        least, most = silent_bounds(figures, frame.weight, frame.answered)
        covered = frame.covered
        least, most = rounded_outwards(covered * least, 1 - covered * (1 - most), step)
        low, high = min(low, least), max(high, most)
    return low, high
