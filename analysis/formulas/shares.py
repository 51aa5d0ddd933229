"""Which interval a cell's share gets, and its limits: exact for one item in one stratum, else KG-S.

Owns the choice of method. Estimates and verdicts both take their limits from here, so that a page
and its verdict cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.formulas.allowance import Allowance, allowance
from analysis.formulas.hypergeometric import Floats, Ints
from analysis.formulas.intervals import beta_limits, clopper_pearson_limits, hypergeometric_limits
from analysis.formulas.notes import Note
from analysis.formulas.ratios import Ratios, ratios
from analysis.formulas.strata import Design, Flags

METHODS = ("none", "census", "hypergeometric", "clopper-pearson", "kg-s")
NONE, CENSUS, HYPERGEOMETRIC, CLOPPER_PEARSON, KG_S = range(5)


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of every cell with all that its limits need.

    `satisfied`, `answered`: counts of the cell; `dossiers`: the population of one item in one
    stratum, to which an exact interval refers (0 elsewhere). `allowed`: what KG-S limits give away.
    """

    design: Design
    ratio: Ratios
    allowed: Allowance
    method: Ints
    satisfied: Ints
    answered: Ints
    dossiers: Ints


def _dossiers(design: Design) -> Ints:
    """N of the cell's only stratum; in a domain the most its own dossiers can be.

    The dossiers of a domain (a channel) are unknown, but at least its answers and at most what
    the others' answers leave; the widest interval is at the most.
    """
    outside = design.first(design.size - design.people)
    inside: Ints = np.rint(design.first(design.dossiers) - outside).astype(np.int64)
    return inside


def shares(design: Design) -> Shares:
    """Method, counts and linearised share of every cell."""
    alone = design.rows == 1
    counted = design.item & (alone | ~design.weighted)
    corrected = design.weighted & alone & (design.first(design.fraction) > 0)
    method = np.full(alone.size, KG_S)
    method[counted] = CLOPPER_PEARSON
    method[counted & corrected] = HYPERGEOMETRIC
    method[design.census] = CENSUS
    method[design.rows == 0] = NONE
    sums = design.satisfied
    return Shares(
        design,
        ratios(design, sums),
        allowance(design, sums),
        method,
        np.rint(design.total(sums.y)).astype(np.int64),
        np.rint(design.total(sums.m)).astype(np.int64),
        np.where(counted & corrected & (design.rows > 0), _dossiers(design), 0),
    )


def share_limits(found: Shares, tail: float) -> tuple[Floats, Floats]:
    """Low and high of every cell, each excluding `tail`; nan without answers."""
    low = np.where(found.method == CENSUS, found.ratio.share, np.nan)
    high = low.copy()
    exact = found.method == HYPERGEOMETRIC
    if exact.any():
        x, n, N = found.satisfied[exact], found.answered[exact], found.dossiers[exact]
        low[exact], high[exact] = hypergeometric_limits(x, n, N, tail)
    infinite = found.method == CLOPPER_PEARSON
    if infinite.any():
        x, n = found.satisfied[infinite], found.answered[infinite]
        low[infinite], high[infinite] = clopper_pearson_limits(x, n, tail)
    beta = found.method == KG_S
    if beta.any():
        ratio = found.ratio
        limits = beta_limits(ratio.share[beta], ratio.n_eff[beta], tail)
        low[beta], high[beta] = found.allowed.only(beta).limits(*limits)
    return low, high


def effective(found: Shares) -> Floats:
    """Answers of a simple random sample that would say as much: n/(1-f) where exact, else KG-S."""
    n = found.answered.astype(np.float64)
    open_part = 1.0 - found.design.first(found.design.fraction)
    exact = np.divide(n, open_part, out=np.full_like(n, np.inf), where=open_part > 0)
    values = np.where(found.method == CLOPPER_PEARSON, n, found.ratio.n_eff)
    result: Floats = np.where(found.method == HYPERGEOMETRIC, exact, values)
    return result


def optional(values: Floats | Ints, given: Flags | None = None) -> list[Any]:
    """Python numbers, None where nan or not given."""
    objects = values.astype(object)
    objects[np.isnan(values) if given is None else ~given] = None
    column: list[Any] = objects.tolist()
    return column


def notes_of(found: Shares, never: Flags | None = None) -> list[tuple[Note, ...]]:
    """What the reader of each cell must be told; `never`: no number of answers can settle it."""
    design = found.design
    lonely = np.bincount(
        design.cell[(design.size == 1) & (design.fraction < 1)], minlength=design.rows.size
    )
    # a channel's own dossiers are unknown, so nothing can be said about its cover
    uncovered = np.where((design.rows > 0) & (design.covered >= 0), design.empty, 0)
    notes: list[tuple[Note, ...]] = [()] * design.rows.size
    endless = np.zeros(design.rows.size, np.int64) if never is None else never.astype(np.int64)
    told = endless + design.faults + design.uncovered + uncovered
    told += np.where(design.rows > 1, lonely, 0)
    for i in np.flatnonzero(told).tolist():
        notes[i] = tuple(
            Note(
                code,
                strata,
                int(design.covered[i]),
                int(design.population[i]),
                int(design.uncovered[i]),
            )
            for code, strata in (
                ("more_answers_than_dossiers", int(design.faults[i])),
                ("uncovered", int(design.uncovered[i])),
                ("not_all_covered", int(uncovered[i])),
                ("one_answer_in_a_stratum", int(lonely[i]) if design.rows[i] > 1 else 0),
                ("never_decided", int(endless[i])),
            )
            if strata
        )
    return notes
