"""The combined ratio over strata, its Taylor variance and its safeguarded effective sample size.

Owns the linearisation and KG-S (STATISTICS 3.3) for many cells at once. Chooses no method and
makes no limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.formulas.hypergeometric import Floats
from analysis.formulas.strata import Design, Sums

_NOISE = 1e-13  # of the squares' size: residuals below this are rounding, not variation


@dataclass(frozen=True, slots=True)
class Ratios:
    """One number per cell; nan where a cell has no answers.

    share
        sum(w y) / sum(w m), w = N_h/n_h: svyratio's estimate.
    variance
        Taylor variance given the n_h, a stratum of one answer adding nothing (v_str).
    lonely
        What strata of one answer add under survey's lonely.psu="adjust".
    pooled, cap, n_eff
        The guards of KG-S; n_eff is infinite in a census.
    """

    share: Floats
    variance: Floats
    lonely: Floats
    pooled: Floats
    cap: Floats
    n_eff: Floats
    df: Floats


def _cleaned(squares: Floats, size: Floats) -> Floats:
    cleaned: Floats = np.where(squares > _NOISE * size, squares, 0.0)
    return cleaned


def _divided(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.full_like(a, np.nan), where=b > 0)


def ratios(design: Design, sums: Sums) -> Ratios:
    """Share, variances and effective sample size of `sums` in every cell.

    Notes
    -----
    Korn & Graubard (1998) with three guards, written out in docs/methods: the pooled variance
    with one pseudo-residual keeps a lucky sample from variance 0; the cap keeps n_eff from
    exceeding the answers given; the shrunk share keeps the ratio defined at 0 and 1. In a domain
    the pseudo-residual and the shrinking use the domain's own respondents.
    """
    n, N, open_part = design.size, design.dossiers, 1.0 - design.fraction
    weight = N / n
    whole = design.total(weight * sums.m)
    share = _divided(design.total(weight * sums.y), whole)
    single = design.rows == 1
    share[single] = _divided(design.total(sums.y), design.total(sums.m))[single]

    R = share[design.cell]
    scale = sums.yy + R * R * sums.mm
    squares = _cleaned(sums.yy - 2 * R * sums.ym + R * R * sums.mm, scale)
    off = sums.y - R * sums.m
    spread = _cleaned(squares - off * off / n, scale) / np.maximum(n - 1, 1)
    lever = N * N * open_part / n
    variance = _divided(design.total(np.where(n > 1, lever * spread, 0.0)), whole**2)
    lonely = _divided(design.total(np.where(n == 1, lever * squares, 0.0)), whole**2)

    people = design.total(design.people)
    items = _divided(design.total(sums.m), people)
    residual = _divided(design.total(squares) + items**2 / 2, design.total(n))
    pooled = _divided(design.total(lever) * residual, whole**2)
    cap = _capped(whole**2, design.total(weight**2 * sums.m * open_part))
    shrunk = (share * people + 0.5) / (people + 1)
    n_eff = np.minimum(_capped(shrunk * (1 - shrunk), np.maximum(variance, pooled)), cap)
    n_eff = np.where(design.census, np.inf, n_eff)
    return Ratios(share, variance, lonely, pooled, cap, n_eff, people - design.rows)


def _capped(a: Floats, b: Floats) -> Floats:
    """a / b with infinity where b is 0 (nothing left open) and nan where either is nan."""
    quotient = np.divide(a, b, out=np.full_like(a, np.inf), where=b != 0)
    return quotient
