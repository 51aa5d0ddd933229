"""What KG-S limits give away where most dossiers answered, and the shares still possible there.

Owns the correction above one half answered. KG-S itself stays in `ratios` and `intervals`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.formulas.hypergeometric import Floats
from analysis.formulas.strata import Design, Flags, Sums

BEGINS = 0.5
"""Answered part of the dossiers from which on something is given away."""

WHOLE = 0.75
"""Answered part at which all of it is."""

ANSWERS = 0.75
"""What is given away, in answers: half an answer for the step and a quarter for the tail."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One number per cell, in shares 0..1.

    `shift`: how far each KG-S limit moves outwards, 0 up to one half answered. `least`, `most`:
    the share if all who are silent were dissatisfied, or satisfied; 0 and 1 where nothing is
    shifted, and for an index or a domain, of which the silent part is unknown.
    """

    shift: Floats
    least: Floats
    most: Floats

    def limits(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """KG-S limits moved outwards, within what is possible."""
        return (
            np.maximum(low - self.shift, self.least),
            np.minimum(high + self.shift, self.most),
        )

    def only(self, cells: Flags) -> Allowance:
        """Those of some cells."""
        return Allowance(self.shift[cells], self.least[cells], self.most[cells])


def allowance(design: Design, sums: Sums) -> Allowance:
    """The allowance of `sums` in every cell.

    Notes
    -----
    KG-S takes its limits from n_eff answers drawn with replacement. These move in steps of
    1/n_eff and lean as the binomial does. The estimate moves in steps of one answer's weight,
    u = (N_h/n_h) / N, and its third moment has the factor 1 - 2 f: above one half answered the
    estimate leans the other way, for the silent are now the smaller sample. With z the normal
    quantile, the Cornish-Fisher terms of the two distributions differ by

        f u (1/2 + (z^2 - 1) (2 p - 1) / 6)

    at the lower limit, which is too high by that much (at the upper, with 1 - 2 p, too low). At
    p = 0.9 and z = 1.645 this is 0.73 f u, hence the three quarters. Up to one half KG-S stands
    as it is, its guards being wide enough as a rule; from there the allowance grows with f, all
    of it being due at three quarters, so that no limit jumps. u is the mean over the strata by
    their part of the variance, for an index that of a person. Measured by benchmarks/coverage.py.

    Not mended, at any f: all the dissatisfied in one stratum of a few answers, all of whom happen
    to be satisfied; KG-S then takes that stratum to be like the others.

    References
    ----------
    Cornish & Fisher (1938); the hypergeometric third moment in Johnson, Kemp & Kotz (2005).
    """
    N, n, open_part = design.dossiers, design.size, 1.0 - design.fraction
    corrected = design.fraction > 0
    dossiers = design.total(N)
    heard = _divided(design.total(np.where(corrected, n, 0.0)), dossiers)
    lever = N * N * open_part / n
    weight = N / n
    mean_weight = _divided(design.total(lever * weight), design.total(lever))
    items = _divided(design.total(sums.m), design.total(design.people))
    unit = _divided(mean_weight * items, design.total(weight * sums.m))
    due = np.clip((heard - BEGINS) / (WHOLE - BEGINS), 0.0, 1.0)
    shift = ANSWERS * due * unit

    known = design.item & ~design.domain & (shift > 0)
    satisfied = design.total(np.where(corrected, sums.y, 0.0))
    least = np.where(known, _divided(satisfied, dossiers), 0.0)
    return Allowance(shift, least, np.where(known, least + 1.0 - heard, 1.0))


def _divided(a: Floats, b: Floats) -> Floats:
    """a / b, 0 where b is 0: no answers, or nothing left open."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
