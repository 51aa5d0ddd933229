"""The figures of rows as they are published: all that stands beside a share follows from its step.

Owns limits, bounds and means of published rows. Which rows and which steps are `rule`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analysis.disclosure.rounding import EXACT, class_ends, down, up
from analysis.document_rows import EstimateRow
from analysis.statistics.estimates import ratios
from analysis.statistics.exact import Floats, Ints, beta_limits
from analysis.strata.survey import Key, Survey

PRUDENCE: Final = (0.7, 0.35, 0.15, 0.05)
"""Parts of n_cap that published limits rest on: the first that reaches as far as the full ones."""

_WHOLE: Final = np.array(0.01)


@dataclass(frozen=True, slots=True)
class Frames:
    """Of R rows and their S strata with answers, what is the same whatever anybody said.

    `cap`: the effective size that KG-S never exceeds, (R,). `covered`: the part of a row's dossiers
    that its strata hold, (R,). `row`, `weight`, `answered`: of each stratum, (S,), its row, its
    part of the dossiers of the row's strata, and the part of its own dossiers answered.
    """

    cap: Floats
    covered: Floats
    row: Ints
    weight: Floats
    answered: Floats


def frames(survey: Survey, keys: Sequence[Key]) -> Frames:
    """The frames of rows with answers, in their order."""
    design = survey.design(keys)
    known = design.population > 0
    return Frames(
        cap=ratios(design, design.satisfied).cap,
        covered=np.where(known, design.covered / np.where(known, design.population, 1), 1.0),
        row=design.cell,
        weight=design.dossiers / design.total(design.dossiers)[design.cell],
        answered=np.minimum(design.heard / design.dossiers, 1.0),
    )


def limits(
    share: Floats, step: Floats, cap: Floats, full: tuple[Floats, Floats], tail: float
) -> tuple[Floats, Floats]:
    """Limits of shares as they are published; arrays of R rows.

    Parameters
    ----------
    share, step
        In full precision, and how it is rounded.
    cap
        Of the row's design.
    full
        The limits in full precision.
    tail
        What each limit excludes.

    Notes
    -----
    Of an exact share the full limits, outwards. Of a step KG-S limits on a part of n_cap, the
    lower one at the step's low end and the upper one at its high end, in whole percent outwards.
    They depend on the step and on headcounts alone, and so tell nothing that the step does not;
    only where they would be narrower than the full ones, on a smaller part (`PRUDENCE`).
    """
    bottom, top = class_ends(share, step)
    coarse = np.flatnonzero((step > EXACT) & ~np.isnan(share))
    low, high = down(full[0], step), up(full[1], step)
    low[coarse] = _lower(bottom[coarse], cap[coarse], full[0][coarse], tail)
    high[coarse] = 1 - _lower(1 - top[coarse], cap[coarse], 1 - full[1][coarse], tail)
    return low, high


def _lower(share: Floats, cap: Floats, full: Floats, tail: float) -> Floats:
    """Lower limits at shares, in whole percent, the first of `PRUDENCE` not above the full ones."""
    found, left = np.zeros(share.size), np.arange(share.size)
    for prudence in PRUDENCE:
        limit = down(beta_limits(share[left], prudence * cap[left], tail)[0], _WHOLE)
        reaches = limit <= full[left]
        found[left[reaches]] = limit[reaches]
        left = left[~reaches]
    return found


def told(
    rows: Sequence[EstimateRow], step: Floats, known: Frames, level: float
) -> list[EstimateRow]:
    """Rows with the figures that are published of them, without what is not published of any.

    Parameters
    ----------
    rows
        R rows in full, each with a share.
    step
        Of their shares, (R,).
    known
        Their frames.
    level
        The document's.
    """
    tail = (1 - level) / 2
    share = column([row.share for row in rows])
    full = column([row.low for row in rows]), column([row.high for row in rows])
    low, high = limits(share, step, known.cap, full, tail)
    scores = [(row.mean, row.mean_low, row.mean_high) for row in rows]
    above = column([row.scale - 1 for row in rows])  # the steps of each scale above 1
    mean, least, most = ((column(values) - 1) / above for values in zip(*scores, strict=True))
    mean_low, mean_high = limits(mean, step, known.cap, (least, most), tail)
    at, least, most = down(share, step), *_silent(rows, down(share, step), step, known)
    columns = {"share": at, "low": low, "high": high, "silent_low": least, "silent_high": most}
    parts = {"mean": down(mean, step), "mean_low": mean_low, "mean_high": mean_high}
    columns |= {name: np.round(1 + above * part, 6) for name, part in parts.items()}
    return [
        row._replace(
            satisfied=None, publishable=True, step=float(step[i]), **_known(row, columns, i)
        )
        for i, row in enumerate(rows)
    ]


def _known(row: EstimateRow, columns: Mapping[str, Floats], i: int) -> dict[str, Any]:
    """The figures of row `i` that it has at all."""
    return {
        name: None if getattr(row, name) is None else float(values[i])
        for name, values in columns.items()
    }


def column(values: Sequence[float | None]) -> Floats:
    """Figures as an array; nan where one is not known."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _silent(
    rows: Sequence[EstimateRow], at: Floats, step: Floats, known: Frames
) -> tuple[Floats, Floats]:
    """The shares if every silent person were dissatisfied, or satisfied.

    Of a step the lowest and the highest that it allows, whatever the strata's own shares.
    """
    full = ((row.silent_low, row.silent_high) for row in rows)
    low, high = (column(bounds) for bounds in zip(*full, strict=True))
    coarse = (step > EXACT) & ~np.isnan(low)
    heard = np.bincount(known.row, weights=known.weight * known.answered, minlength=at.size)
    least, most = heard - _most(known, 1 - at), 1 - heard + _most(known, at + step)
    low = np.where(coarse, known.covered * least, low)
    high = np.where(coarse, 1 - known.covered * (1 - most), high)
    return down(low, step), up(high, step)


def _most(known: Frames, mass: Floats) -> Floats:
    """The most answers that so much of the dossiers' weight of every row can hold."""
    order = np.lexsort((-known.answered, known.row))
    row, weight = known.row[order], known.weight[order]
    before = np.cumsum(weight) - weight
    before -= before[np.searchsorted(row, row)]  # what the strata of earlier rows weigh
    taken: Floats = np.clip(mass[row] - before, 0, weight)
    held = np.bincount(row, weights=known.answered[order] * taken, minlength=mass.size)
    return held.astype(np.float64)
