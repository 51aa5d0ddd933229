"""Estimates: every figure of a cell from the moments of its strata.

Owns the combined ratio, its Taylor variance and its safeguarded effective sample size (KG-S,
STATISTICS 3.3), the choice of interval, the bounds for those who did not answer, and the notes that
a reader must be told. Pure numbers: no period, office, file or target, and no decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from analysis.statistics.exact import (
    Floats,
    Ints,
    beta_limits,
    check_level,
    check_threshold,
    clopper_pearson_limits,
    hypergeometric_limits,
)
from analysis.statistics.sequential import Allowance, allowance
from analysis.statistics.strata import Design, Flags, MeasureKind, Stratum, Sums, draw
from analysis.words import number, say
from questionnaires import LANGUAGES

__all__ = ["Estimate", "Stratum", "estimate", "estimate_columns", "estimate_many"]


_NO_NAMES: Final[Mapping[str, str]] = {}


_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Note:
    """One circumstance and its numbers.

    `places`: offices and sectors that it is about, by id; the office is empty where there is one.
    """

    code: str
    strata: int = 0
    covered: int | None = None
    population: int | None = None
    count: int = 0
    places: tuple[tuple[str, str], ...] = ()

    def text(self, language: str, names: Mapping[str, str] = _NO_NAMES) -> str:
        """The sentence in "vi" or "en"; `names` of offices and sectors stand for their ids."""
        numbers = {
            "strata": self.strata,
            "covered": self.covered or 0,
            "population": self.population or 0,
            "count": self.count,
        }
        values = {key: number(value, language) for key, value in numbers.items()}
        return say(f"note.{self.code}", language, **values, where=self._where(language, names))

    def _where(self, language: str, names: Mapping[str, str]) -> str:
        """The places by name."""
        if not self.places:
            return say("estimates.parts", language, n=number(self.strata, language))
        called = [
            names.get(sector, sector) + (f" ({names.get(office, office)})" if office else "")
            for office, sector in self.places[:_SHOWN]
        ]
        if len(self.places) > _SHOWN:
            rest = number(len(self.places) - _SHOWN, language)
            called.append(say("estimates.more", language, n=rest))
        return "; ".join(called)  # names of sectors hold commas


def joined(notes: tuple[Note, ...]) -> str | None:
    """All sentences, Vietnamese first, then English; None where there is nothing to tell."""
    if not notes:
        return None
    return " / ".join(" ".join(note.text(language) for note in notes) for language in LANGUAGES)


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


Sureness: TypeAlias = Literal["met", "missed", "depends"]

_NEAR: Final = 1e-12  # a threshold written in decimals and a share of counts, compared as floats


@dataclass(frozen=True, slots=True)
class Silence:
    """What non-respondents could change.

    response_rate
        Answers per dossier, 0..1 (for one item: answers to that item).
    low, high
        The share if every silent person were dissatisfied, or satisfied.
    share_needed
        q, the share of non-respondents that must be satisfied for the target: 0 or less, it is met
        whatever they think; above 1, it cannot be met. None where nobody is silent.
    verdict
        "met" or "missed" whatever non-respondents think, else "depends".
    """

    response_rate: float
    low: float
    high: float
    share_needed: float | None
    verdict: Sureness


def silence(
    strata: Sequence[Stratum], threshold: Decimal, *, kind: MeasureKind = "item"
) -> Silence | None:
    """Bounds and the share needed for one target.

    Parameters
    ----------
    strata
        All strata of the cell, those without answers too.
    threshold
        Decimal, 0..1.
    kind
        "item", or "ratio": then non-respondents would answer as many items as the average
        respondent.

    Returns
    -------
    Silence or None
        None where no dossiers are known, or where the strata hold a domain, whose own dossiers
        nobody knows.

    References
    ----------
    Horowitz & Manski (1998); Manski (2005).

    Examples
    --------
    >>> from analysis.statistics.moments import Moments
    >>> answers = Moments(n=50, answered=50, y=48, m=50, yy=48, ym=48, mm=50)
    >>> round(silence([Stratum(answers, population=60)], Decimal("0.85")).share_needed, 12)
    0.3
    """
    target = float(check_threshold(threshold))
    found = shares(draw([strata], [kind]))
    rate, low = (float(values[0]) for values in _heard(found))
    if found.answered[0] == 0 and found.design.population[0] > 0:
        rate = low = 0.0  # nobody answered: everything is open
    if np.isnan(low):
        return None
    return silence_within(low, low + 1 - rate, target, rate)


def silence_within(
    low: float | None, high: float | None, threshold: float, rate: float | None = None
) -> Silence | None:
    """What non-respondents could change between two bounds; None where these are not known.

    `rate`: answers per dossier, taken from the bounds where left out.
    """
    if low is None or high is None:
        return None
    silent = high - low if high - low > _NEAR else 0.0
    needed = (threshold - low) / silent if silent else None
    verdict: Sureness = "depends"
    if low >= threshold - _NEAR:
        verdict = "met"
    elif high < threshold - _NEAR:
        verdict = "missed"
    if needed is not None and verdict != "missed":  # beyond these by the last digit alone
        needed = min(needed, 0.0 if verdict == "met" else 1.0)
    return Silence(1 - silent if rate is None else rate, low, high, needed, verdict)


def bounds(found: Shares) -> tuple[Floats, Floats]:
    """The share of every cell if all non-respondents were dissatisfied, or satisfied, or nan.

    Notes
    -----
    (sum x_h) / N and (sum x_h + N - n) / N (Horowitz & Manski 1998). Non-respondents of an index
    answer as many items as the average respondent; for one item, who left it out is one of them. A
    stratum with more answers than dossiers counts as fully heard. nan where dossiers are unknown.
    """
    rate, low = _heard(found)
    return low, low + 1 - rate


def _heard(found: Shares) -> tuple[Floats, Floats]:
    """Answers per dossier, and satisfied ones as a part of all that could have been given."""
    design = found.design
    heard = design.total(design.heard)
    part = design.heard / np.maximum(design.people, 1)
    y, m = (design.total(part * sums) for sums in (design.satisfied.y, design.satisfied.m))
    known = (m > 0) & (design.population > 0)
    rate = np.full(known.size, np.nan)
    rate[known] = heard[known] / design.population[known]
    return rate, rate * np.divide(y, m, out=np.full_like(y, np.nan), where=m > 0)


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


def estimate(
    strata: Sequence[Stratum], *, level: float = 0.95, kind: MeasureKind = "item"
) -> Estimate:
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
    >>> from analysis.statistics.moments import Moments
    >>> answers = Moments(n=10, answered=10, y=3, m=10, yy=3, ym=3, mm=10, s=20, ss=50, sm=20)
    >>> found = estimate([Stratum(answers, population=50)])
    >>> found.share, found.low, found.high
    (0.3, 0.1, 0.62)
    """
    return estimate_many([strata], kind, level=level)[0]


def estimate_many(
    cells: Sequence[Sequence[Stratum]],
    kinds: MeasureKind | Sequence[MeasureKind],
    *,
    level: float = 0.95,
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
    kinds: MeasureKind | Sequence[MeasureKind],
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
