"""Estimates: every figure of a cell from the moments of its strata.

Owns the row of the verdict document without its keys. Pure numbers: no period, office, file or
target, and no decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from analysis.formulas.hypergeometric import Floats
from analysis.formulas.intervals import beta_limits, check_level
from analysis.formulas.nonresponse import bounds
from analysis.formulas.notes import Note, joined
from analysis.formulas.ratios import Ratios, ratios
from analysis.formulas.shares import (
    METHODS,
    NONE,
    Shares,
    effective,
    notes_of,
    optional,
    share_limits,
    shares,
)
from analysis.formulas.strata import Design, Kind, Stratum, draw

__all__ = ["Estimate", "Stratum", "estimate", "estimate_columns", "estimate_many"]

RELIABLE_SIZE = 30
RELIABLE_WIDTH = 0.30


@dataclass(frozen=True, slots=True)
class Estimate:
    """All figures of one cell. Shares are fractions 0..1, means are on the scale 1..5.

    `low`, `high`, `mean_low`, `mean_high`: two-sided at `level`. `lower`, `upper`: each one-sided
    at `level`, the pair that decides a verdict. None: unknown or not to be had. `respondents`
    answered the measure; `uncovered` answer sheets no dossier count covers are in no other figure.
    `population_covered` counts the dossiers of the strata that have answers, which is what the
    share refers to. `design_effect`: variance against as many answers drawn one by one with
    replacement. `reliable`: effective size at least 30 and interval narrower than 0.30.
    """

    n: int
    respondents: int
    answered: int
    satisfied: int
    uncovered: int
    population: int | None
    population_covered: int | None
    response_rate: float | None
    share: float | None
    low: float | None
    high: float | None
    lower: float | None
    upper: float | None
    level: float
    method: str | None
    se: float | None
    df: int | None
    n_eff: float | None
    design_effect: float | None
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    mean_se: float | None
    silent_low: float | None
    silent_high: float | None
    reliable: bool
    notes: tuple[Note, ...]

    @property
    def note(self) -> str | None:
        """What the reader must be told, Vietnamese first; None where there is nothing."""
        return joined(self.notes)


def estimate(strata: Sequence[Stratum], *, level: float = 0.95, kind: Kind = "item") -> Estimate:
    """Every figure of one cell.

    Parameters
    ----------
    strata
        The sectors (or offices) that make up the cell: one for a sector's own row.
    level
        Of the intervals, 0 < level < 1.
    kind
        "item": one yes/no item, whose sample size is the number who answered it.
        "ratio": an index over several items, respondents being the clusters.

    Returns
    -------
    Estimate
        n = 0 and None where nobody answered.

    Notes
    -----
    One item in one stratum: exact hypergeometric, without a dossier count Clopper-Pearson.
    Several strata, an index, a mean: KG-S with the finite-population correction of each stratum.
    Everyone answered: the figure itself.

    References
    ----------
    Wright (1991); Korn & Graubard (1998), Survey Methodology 24:193; Holt & Smith (1979).

    Examples
    --------
    >>> from analysis.counting.moments import Moments
    >>> answers = Moments(n=10, answered=10, y=3, m=10, yy=3, ym=3, mm=10, s=20, ss=50, sm=20)
    >>> found = estimate([Stratum(answers, population=50)])
    >>> found.share, found.low, found.high
    (0.3, 0.1, 0.62)
    """
    return estimate_many([strata], kind, level=level)[0]


def estimate_many(
    cells: Sequence[Sequence[Stratum]], kinds: Kind | Sequence[Kind], *, level: float = 0.95
) -> list[Estimate]:
    """`estimate` for many cells at once, far faster than one by one; the same figures."""
    columns = estimate_columns(cells, kinds, level=level)
    return [Estimate(*row) for row in zip(*columns.values(), strict=True)]


def estimate_drawn(design: Design, *, level: float = 0.95) -> list[Estimate]:
    """`estimate_many` of cells whose strata are drawn already."""
    return [Estimate(*row) for row in zip(*columns_of(design, level=level).values(), strict=True)]


FIELDS = tuple(field.name for field in fields(Estimate))


def estimate_columns(
    cells: Sequence[Sequence[Stratum]],
    kinds: Kind | Sequence[Kind],
    *,
    level: float = 0.95,
    names: Sequence[str] = FIELDS,
) -> dict[str, list[Any]]:
    """The figures of many cells as columns: the fields of `Estimate` that are named, in order."""
    check_level(level)
    if isinstance(kinds, str):
        kinds = [kinds] * len(cells)
    if len(kinds) != len(cells):
        raise ValueError(f"kinds has {len(kinds)} entries for {len(cells)} cells; give one each")
    if not cells:
        return {name: [] for name in names}
    return columns_of(draw(cells, kinds), level=level, names=names)


def columns_of(
    design: Design, *, level: float = 0.95, names: Sequence[str] = FIELDS
) -> dict[str, list[Any]]:
    """`estimate_columns` of cells whose strata are drawn already."""
    found = shares(design)
    columns = _columns(found, level)
    if not _BOUNDS.isdisjoint(names):  # exact ones cost as much as all the rest
        columns |= _bound_columns(found, level)
    return {name: columns[name] for name in names}


def _columns(found: Shares, level: float) -> dict[str, list[Any]]:
    means = ratios(found.design, found.design.scored)
    return {
        **_counts(found),
        **_share_columns(found, level),
        **_mean_columns(means, found.design.above, level),
        **_silent(found),
        "level": [level] * found.method.size,
        "notes": notes_of(found),
    }


_BOUNDS = frozenset({"lower", "upper"})


def _bound_columns(found: Shares, level: float) -> dict[str, list[Any]]:
    lower, upper = share_limits(found, 1 - level)
    return {"lower": optional(lower), "upper": optional(upper)}


def _counts(found: Shares) -> dict[str, list[Any]]:
    design = found.design
    known = design.population > 0
    rate = np.full(known.size, np.nan)
    rate[known] = design.returned[known] / design.population[known]
    respondents = np.rint(design.total(design.respondents)).astype(np.int64)
    return {
        "n": design.responses.tolist(),
        "respondents": respondents.tolist(),
        "answered": found.answered.tolist(),
        "satisfied": found.satisfied.tolist(),
        "uncovered": design.uncovered.tolist(),
        "population": optional(design.population, design.population >= 0),
        "population_covered": optional(design.covered, design.covered >= 0),
        "response_rate": optional(rate),
    }


def _share_columns(found: Shares, level: float) -> dict[str, list[Any]]:
    ratio, n_eff = found.ratio, effective(found)
    low, high = share_limits(found, (1 - level) / 2)
    se = _standard_error(ratio)
    alone = np.divide(ratio.share * (1 - ratio.share), np.maximum(found.answered, 1))
    effect = np.divide(se**2, alone, out=np.full_like(se, np.nan), where=alone > 0)
    reliable = (n_eff >= RELIABLE_SIZE) & (high - low < RELIABLE_WIDTH)
    return {
        "share": optional(ratio.share),
        "low": optional(low),
        "high": optional(high),
        "method": [METHODS[m] if m != NONE else None for m in found.method.tolist()],
        "se": optional(se),
        "df": optional(ratio.df.astype(np.int64), found.method != NONE),
        "n_eff": optional(n_eff, np.isfinite(n_eff)),
        "design_effect": optional(effect),
        "reliable": reliable.tolist(),
    }


def _standard_error(ratio: Ratios) -> Floats:
    """Taylor, a stratum of one answer measured from the whole's mean (lonely.psu="adjust").

    nan where no stratum has two answers and the survey is no census.
    """
    known = (ratio.df > 0) | np.isinf(ratio.n_eff)
    se: Floats = np.where(known, np.sqrt(ratio.variance + ratio.lonely), np.nan)
    return se


def _mean_columns(ratio: Ratios, above: Floats, level: float) -> dict[str, list[Any]]:
    """Scores of 1..5 are shares of the four steps above 1, and back; other scales likewise."""
    low, high = beta_limits(ratio.share, ratio.n_eff, (1 - level) / 2)
    return {
        "mean": optional(1 + above * ratio.share),
        "mean_low": optional(1 + above * low),
        "mean_high": optional(1 + above * high),
        "mean_se": optional(above * _standard_error(ratio)),
    }


def _silent(found: Shares) -> dict[str, list[Any]]:
    low, high = bounds(found)
    return {"silent_low": optional(low), "silent_high": optional(high)}
