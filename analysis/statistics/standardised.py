"""Shares as they would be if every office had the same mix of sectors: direct standardisation.

Owns the weights of the standard and the limits under them. The estimates of the sectors are those
of `estimates`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analysis.statistics.estimates import ratios, share_limits, shares
from analysis.statistics.exact import Floats, Ints, beta_limits, check_level
from analysis.statistics.sequential import allowance
from analysis.statistics.strata import Design

LEAST_HELD: Final = 0.80
"""The part of the standard that an office's sectors with answers must hold for a figure."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """One number per group (office).

    share
        The standardised share, 0..1; nan where too little of the standard has answers.
    low, high
        Two-sided limits of it.
    se
        Its standard error by linearisation.
    held
        The part of the standard's dossiers that is in sectors with answers, 0..1.
    """

    share: Floats
    low: Floats
    high: Floats
    se: Floats
    held: Floats


def standardise(
    design: Design, group: Ints, standard: Floats, *, level: float = 0.95
) -> Standardised:
    """Standardise the shares of groups of cells.

    Parameters
    ----------
    design
        C cells: each sector of each group, of one yes/no item.
    group
        The group of each cell, (C,), numbered from 0.
    standard
        The dossiers of each cell's sector in the standard, (C,); the same for every group. 0: the
        sector counts for nothing.
    level
        Of the limits, two-sided.

    Returns
    -------
    Standardised
        Arrays with one number per group.

    Raises
    ------
    ValueError
        Impossible level, negative dossiers, or sizes that differ.

    Notes
    -----
    With D_k the standard's dossiers of sector k and p_k the group's own share in it, the figure is
    sum(D_k p_k) / sum(D_k) over the sectors that have answers: sectors without are not guessed at,
    and where those that are left hold less than four fifths of the standard, there is no figure.
    Its variance is sum(D_k^2 v_k) / sum(D_k)^2, as of R's `svystandardize`, with the correction for
    finite populations of each stratum as it is. Limits are KG-S (`estimates.ratios`) of a design in
    which sector k has D_k dossiers instead of its own and every stratum keeps the part of it that
    answered. Where nearly everyone answered they move outwards as those of raw shares do. Of a
    single stratum they are its own, which are exact.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 19.2; Lumley (2010),
    Complex Surveys, 2.4.
    """
    tail = (1 - check_level(level)) / 2
    if not design.item.size == group.size == standard.size:
        raise ValueError("design, group and standard differ in their number of cells")
    if np.any(standard < 0):
        raise ValueError("the standard has negative dossiers; give 0 or more")
    groups = int(group.max()) + 1 if group.size else 0
    wanted = _sum(group, standard, groups)
    answered = (design.rows > 0) & (standard > 0)
    held = _part(_sum(group, np.where(answered, standard, 0.0), groups), wanted)
    kept = np.flatnonzero(answered)
    cells, whose = design.only(kept), group[kept]
    moved = _moved(cells, whose, standard[kept], groups)
    ratio, shift = ratios(moved, moved.satisfied), allowance(moved, moved.satisfied).shift
    enough = held >= LEAST_HELD - 1e-12
    share = np.where(enough, ratio.share, np.nan)
    low, high = beta_limits(share, np.where(enough, ratio.n_eff, np.nan), tail)
    low, high = np.maximum(low - shift, 0.0), np.minimum(high + shift, 1.0)
    alone = np.flatnonzero((moved.rows == 1) & enough)
    if alone.size:  # there is nothing to standardise: the sector's own limits
        place = np.zeros(groups, dtype=np.int64)
        place[whose] = np.arange(whose.size)
        least, most = share_limits(shares(cells), tail)
        low[alone], high[alone] = least[place[alone]], most[place[alone]]
    return Standardised(share, low, high, np.sqrt(np.where(enough, ratio.variance, np.nan)), held)


def _moved(design: Design, group: Ints, standard: Floats, groups: int) -> Design:
    """The strata of the cells as strata of their groups, each weighed as its sector's standard."""
    own = design.total(design.dossiers)
    # Together as many dossiers as the group's own, so that the part that answered stays what it is.
    dossiers, wanted = _sum(group, own, groups), _sum(group, standard, groups)
    factor = standard / own * _part(dossiers, wanted)[group]

    def added(values: Ints) -> Ints:
        return np.rint(_sum(group, values.astype(np.float64), groups)).astype(np.int64)

    every = np.ones(groups, dtype=np.bool_)
    return replace(
        design,
        cell=group[design.cell],
        dossiers=design.dossiers * factor[design.cell],
        above=np.full(groups, design.above[0] if design.above.size else 1.0),
        item=every,
        weighted=every,
        domain=~every,
        rows=added(design.rows),
        empty=added(design.empty),
        faults=added(design.faults),
        uncovered=added(design.uncovered),
        responses=added(design.responses),
        returned=added(design.returned),
        population=np.zeros(groups, dtype=np.int64),
        covered=np.zeros(groups, dtype=np.int64),
    )


def _sum(group: Ints, values: Floats, groups: int) -> Floats:
    found: Floats = np.bincount(group, weights=values, minlength=groups).astype(np.float64)
    return found


def _part(some: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(some, whole, out=np.zeros_like(some), where=whole > 0)
    return found
