"""Do the intervals hold? Counts how often each method's interval contains the truth.

One sector, one item: every possible sample of the grid N x n x p is added up, nothing is drawn.
Several sectors, and an index: surveys are simulated from known finite populations. Uneven designs
(sector x month, unequal response, a fault, nearly everyone answered) have their truth just below
or at a target, where a wrong verdict is likeliest; small ones are added up in full.

    python benchmarks/coverage.py                  # about a minute
    python benchmarks/coverage.py --samples 20000  # eleven minutes, a steadier third digit
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, ndtri, stdtrit

from analysis.statistics.estimates import Estimate, estimate_many
from analysis.statistics.exact import (
    beta_limits,
    clopper_pearson_limits,
    hypergeometric_limits,
    log_probability,
)
from analysis.statistics.moments import Moments
from analysis.statistics.strata import MeasureKind, Stratum

Array = NDArray[np.float64]
Limits = Callable[[NDArray[np.int64], int, int], tuple[Array, Array]]

SEED = 20261122
SIZES = (20, 60, 200, 1000)
ANSWERS = (5, 15, 40, 100)
SHARES = (0.80, 0.85, 0.90, 0.95, 0.99)
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Coverage:
    """One cell: how often the truth is inside, above the lower and below the upper limit."""

    inside: float
    above_low: float
    below_high: float
    width: float


# --- one sector, one item: exact enumeration -------------------------------------------------


def wald(x: NDArray[np.int64], n: int, N: int) -> tuple[Array, Array]:
    """p -/+ z sqrt(p (1-p) (1-f) / (n-1)), what svymean prints; cut to 0..1."""
    p = x / n
    half = -ndtri(TAIL) * np.sqrt(p * (1 - p) * (1 - n / N) / max(n - 1, 1))
    return np.maximum(p - half, 0), np.minimum(p + half, 1)


def wilson_fpc(x: NDArray[np.int64], n: int, N: int) -> tuple[Array, Array]:
    """Score limits at n (N-1) / (N-n) answers."""
    p = x / n
    if n == N:
        return p, p
    return _wilson(p, np.full(x.size, n * (N - 1) / (N - n)))


def _wilson(p: Array, n: Array) -> tuple[Array, Array]:
    z = -ndtri(TAIL)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def korn_graubard(x: NDArray[np.int64], n: int, N: int) -> tuple[Array, Array]:
    """The beta interval at (n-1) / (1-f) answers."""
    size = np.inf if n == N else (n - 1) / (1 - n / N)
    return beta_limits(x / n, np.full(x.size, size), TAIL)


def clopper_pearson(x: NDArray[np.int64], n: int, _: int) -> tuple[Array, Array]:
    """Exact for an endless population."""
    return clopper_pearson_limits(x, np.full(x.size, n), TAIL)


def exact(x: NDArray[np.int64], n: int, N: int) -> tuple[Array, Array]:
    """What the product prints."""
    return hypergeometric_limits(x, n, N, TAIL)


METHODS: dict[str, Limits] = {
    "Wald, FPC": wald,
    "Wilson, FPC": wilson_fpc,
    "Clopper-Pearson": clopper_pearson,
    "Korn-Graubard": korn_graubard,
    "exact hypergeometric": exact,
}


def enumerate_cell(limits: Limits, n: int, M: int, N: int) -> Coverage:
    """Coverage over every sample of n from N of whom M are satisfied."""
    x = np.arange(max(0, n + M - N), min(n, M) + 1)
    chances = np.exp(log_probability(x, *(np.full_like(x, size) for size in (n, M, N))))
    low, high = limits(x, n, N)
    above, below = low <= M / N + 1e-12, high >= M / N - 1e-12
    width = float((chances * (high - low)).sum())
    inside, low_holds, high_holds = (
        float(chances[held].sum()) for held in (above & below, above, below)
    )
    return Coverage(inside, low_holds, high_holds, width)


def grid() -> Iterator[tuple[int, int, int]]:
    """The 65 cells of (answers, satisfied, dossiers)."""
    for N in SIZES:
        for n in ANSWERS:
            for share in SHARES:
                if n <= N:
                    yield n, round(share * N), N


# --- several sectors: simulation --------------------------------------------------------------

DESIGNS: dict[str, tuple[tuple[int, int], ...]] = {
    "5 sectors of 5-6": ((60, 5), (80, 6), (40, 5), (120, 6), (50, 5)),
    "6 sectors, uneven": ((400, 30), (250, 15), (120, 8), (60, 4), (30, 2), (20, 2)),
    "8 sectors, 400 answers": ((1200, 50),) * 8,
    "5 sectors, mostly answered": ((20, 15), (30, 20), (25, 18), (40, 30), (15, 12)),
    "8 sectors, 592 of 745": ((93, 74),) * 7 + ((94, 74),),
    "1 sector, 15 of 60": ((60, 15),),
    "1 sector, 40 of 200": ((200, 40),),
}
TRUTHS = (0.80, 0.90, 0.95, 0.98)
ITEMS, MISSING = 8, 0.15
_PAIRS = [(y, m) for m in range(ITEMS + 1) for y in range(m + 1)]
_KINDS_OF_PEOPLE = np.array(_PAIRS, dtype=np.int64)


def population(
    N: int, share: float, correlation: float, kind: MeasureKind, rng: np.random.Generator
) -> NDArray[np.int64]:
    """How many dossiers there are of each kind of person (y, m)."""
    if kind == "item":
        satisfied = round(share * N)
        people = np.array([[1, 1]] * satisfied + [[0, 1]] * (N - satisfied))
    else:
        spread = (1 - correlation) / correlation
        inclined = rng.beta(share * spread, (1 - share) * spread, N)
        m = rng.binomial(ITEMS, 1 - MISSING, N)
        people = np.column_stack([rng.binomial(m, inclined), m])
    place = {pair: i for i, pair in enumerate(_PAIRS)}
    codes = [place[y, m] for y, m in people.tolist()]
    return np.bincount(codes, minlength=len(_PAIRS))


def drawn(
    people: NDArray[np.int64], n: int, samples: int, rng: np.random.Generator
) -> list[Moments]:
    """Moments of `samples` samples without replacement."""
    present = np.flatnonzero(people)
    counts = rng.multivariate_hypergeometric(people[present], n, size=samples, method="marginals")
    y, m = _KINDS_OF_PEOPLE[present].T
    sums = counts @ np.column_stack([m > 0, y, m, y * y, y * m, m * m]).astype(np.int64)
    return [Moments(n, *row) for row in sums.tolist()]


def simulate(
    design: Sequence[tuple[int, int]],
    share: float,
    kind: MeasureKind,
    samples: int,
    rng: np.random.Generator,
    correlation: float = 0.3,
) -> tuple[float, list[Estimate]]:
    """The true share of one population, and the estimates of many surveys of it."""
    people = [population(N, share, correlation, kind, rng) for N, _ in design]
    y, m = (_KINDS_OF_PEOPLE.T @ np.sum(people, axis=0)).tolist()
    sectors = [drawn(p, n, samples, rng) for p, (_, n) in zip(people, design, strict=True)]
    cells = [
        [Stratum(a, N) for a, (N, _) in zip(answers, design, strict=True)]
        for answers in zip(*sectors, strict=True)
    ]
    return y / m, estimate_many(cells, kind)


def rivals(found: Sequence[Estimate]) -> dict[str, tuple[Array, Array]]:
    """Limits that survey programs print, from the same estimates and standard errors."""
    share, low, high = (
        np.array([getattr(e, name) for e in found], dtype=np.float64)
        for name in ("share", "low", "high")
    )
    se = np.array([np.nan if e.se is None else e.se for e in found], dtype=np.float64)
    df = np.array([e.df for e in found], dtype=np.float64)
    n = np.array([e.n for e in found], dtype=np.float64)
    half = -stdtrit(np.maximum(df, 1), TAIL) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        size = share * (1 - share) / se**2
        quantiles = stdtrit(np.maximum(n - 1, 1), TAIL) / stdtrit(np.maximum(df, 1), TAIL)
        shrunk = size * quantiles**2
        beta = (
            betaincinv(shrunk * share, shrunk * (1 - share) + 1, TAIL),
            betaincinv(shrunk * share + 1, shrunk * (1 - share), 1 - TAIL),
        )
        wilson = _wilson(share, size)
    return {
        "Wald t (svymean)": (share - half, share + half),
        "Wilson, effective n": wilson,
        "Korn-Graubard (svyciprop)": beta,
        "KG-S": (low, high),
    }


def judge_limits(truth: float, low: Array, high: Array) -> Coverage:
    """Coverage of simulated limits; where a method gives none, it covers nothing."""
    above, below = low <= truth + 1e-12, high >= truth - 1e-12
    width = np.nanmean(high - low) if np.isfinite(high - low).any() else np.nan
    return Coverage(
        float((above & below).mean()), float(above.mean()), float(below.mean()), float(width)
    )


# --- uneven designs, one item: the truth just below or at a target ----------------------------

TARGETS = (0.85, 0.90, 0.95)
ONE_SIDED = 0.05
Month = tuple[int, int, float]
Tally = tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One sector, or one sector's month, of an uneven design.

    `dossiers` are those on record, `people` those who came (more only where the record is at
    fault), `answers` of them drawn; `lean` in log-odds is how much more satisfied they are than
    the rest. Parts of one `stratum` are joined before anything is estimated.
    """

    stratum: int
    dossiers: int
    answers: int
    lean: float
    people: int


def sectors(*parts: tuple[int, int, float]) -> tuple[Part, ...]:
    """Sectors of (dossiers, answers, lean), each a stratum."""
    return tuple(Part(i, N, n, lean, N) for i, (N, n, lean) in enumerate(parts))


def by_month(*courses: Sequence[Month]) -> tuple[Part, ...]:
    """Each sector's months of (dossiers, answers, lean), joined to strata of two answers or more.

    A month with fewer goes with the next month of its sector, the last with the one before.
    """
    parts: list[Part] = []
    for months in courses:
        first = parts[-1].stratum + 1 if parts else 0
        place, gathered, places = first, 0, []
        for _, n, _ in months:
            places.append(place)
            gathered += n
            if gathered >= 2:
                place, gathered = place + 1, 0
        last = max(place - 1, first)
        parts += [
            Part(min(place, last), N, n, lean, N)
            for place, (N, n, lean) in zip(places, months, strict=True)
        ]
    return tuple(parts)


def _campaign(N: int, few: int, many: int) -> list[Month]:
    """Eleven months of few answers, and a December that asked nearly all and was praised."""
    return [(N, few, 0.0)] * 11 + [(N, many, 1.5)]


def _year(N: int, answers: Sequence[int]) -> list[Month]:
    """Months of a busier and a quieter half, now better now worse."""
    busy = (1.4, 1.2, 1.0, 0.8, 0.7, 0.6, 0.7, 0.9, 1.1, 1.2, 1.3, 1.1)
    return [
        (round(N * b), n, 0.4 * (-1) ** i)
        for i, (b, n) in enumerate(zip(busy, answers, strict=True))
    ]


_FAULT = Part(4, 20, 25, -0.5, 30)
UNEVEN: dict[str, dict[str, tuple[Part, ...]]] = {
    "sector x month, unequal months": {
        "4 sectors x 3 months": by_month(
            [(120, 12, 0.0), (90, 30, 0.3), (150, 9, -0.3)],
            [(60, 6, 0.5), (80, 20, 0.0), (70, 4, 0.0)],
            [(30, 1, 0.0), (25, 8, -0.5), (40, 3, 0.0)],
            [(12, 1, 0.2), (15, 3, 0.2), (10, 0, 0.2)],
        ),
        "4 sectors x 12 months": by_month(
            _year(100, (5, 8, 12, 20, 30, 25, 10, 6, 4, 9, 15, 40)),
            _year(50, (2, 3, 6, 10, 12, 9, 4, 2, 1, 1, 5, 14)),
            _year(30, (1, 1, 2, 4, 6, 5, 2, 0, 1, 2, 3, 9)),
            _year(10, (0, 1, 0, 2, 3, 1, 0, 0, 1, 1, 0, 4)),
        ),
        "4 x 12, a December campaign": by_month(
            _campaign(400, 8, 312),
            _campaign(300, 6, 234),
            _campaign(200, 4, 156),
            _campaign(100, 2, 78),
        ),
    },
    "2% to 95% answered": {
        "the large answer least": sectors(
            (1000, 20, 0.0), (400, 40, 0.3), (200, 80, 0.0), (150, 120, -0.3), (80, 76, -0.5)
        ),
        "the large answer most": sectors(
            (150, 3, 0.0), (150, 15, 0.3), (200, 80, 0.0), (400, 320, -0.3), (1000, 950, -0.5)
        ),
        "8 alike": sectors(
            *((120, round(120 * f), 0.0) for f in (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95))
        ),
    },
    "a fault in one sector": {
        "25 answers of 20 on record": (
            *sectors((60, 10, 0.0), (40, 30, 0.0), (120, 20, 0.5), (80, 12, 0.0)),
            _FAULT,
        ),
        "the others mostly answered": (
            *sectors((60, 50, 0.0), (40, 30, 0.0), (120, 100, 0.5), (80, 62, 0.0)),
            _FAULT,
        ),
    },
    "nearly all answered": {
        "592 of 745, 8 alike": sectors(*(((93, 74, 0.0),) * 7), (94, 74, 0.0)),
        "592 of 745, 8 uneven": sectors(
            *((N, round(N * 592 / 745), 0.0) for N in (300, 160, 100, 70, 50, 35, 20, 10))
        ),
        "592 of 745, some all": sectors(
            (300, 230, 0.0),
            (160, 90, 0.3),
            (100, 100, 0.0),
            (70, 57, 0.0),
            (50, 50, -0.3),
            (35, 35, 0.0),
            (20, 20, 0.0),
            (10, 10, 0.0),
        ),
        "3 sectors, 52 of 60": sectors(*((60, 52, 0.0),) * 3),
        "3 sectors, 11 of 12": sectors(*((12, 11, 0.0),) * 3),
        "5 small, 3 of 4": sectors(
            (20, 15, 0.0), (30, 20, 0.0), (25, 18, 0.0), (40, 30, 0.0), (15, 12, 0.0)
        ),
        "2 of 5 open": sectors(
            (13, 13, 0.0), (148, 107, 0.0), (30, 30, 0.0), (42, 30, 0.0), (66, 66, 0.0)
        ),
        "12 sectors, 60%": sectors(*((80, 48, 0.0),) * 12),
    },
}


def settled(parts: Sequence[Part], target: float) -> tuple[Tally, Tally]:
    """Satisfied people of each part, so that the whole is just below `target`, and just at it."""
    N, P, lean = (np.array([getattr(p, k) for p in parts]) for k in ("dossiers", "people", "lean"))
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        reached = (N * expit(lean + middle)).sum() >= target * N.sum()
        low, high = (low, middle) if reached else (middle, high)
    wanted = P * expit(lean + low)
    below = np.floor(wanted).astype(np.int64)
    for i in np.argsort(below - wanted):
        below[i] += (N * (below + (np.arange(P.size) == i)) / P).sum() < target * N.sum() - 1e-9
    at = below.copy()
    while (N * at / P).sum() < target * N.sum() - 1e-9:
        at[np.argmax(np.where(N == P, P - at, -1))] += 1
    return tuple(below), tuple(at)


@dataclass(frozen=True, slots=True)
class Trial:
    """One design and truth: coverage two-sided, wrong verdicts one-sided, mean width."""

    inside: float
    wrong: float
    width: float


def surveys(
    parts: Sequence[Part], satisfied: Tally, samples: int, rng: np.random.Generator
) -> tuple[float, list[list[Stratum]]]:
    """The true share, and the strata of many surveys."""
    N, n, P = (np.array([getattr(p, k) for p in parts]) for k in ("dossiers", "answers", "people"))
    M = np.array(satisfied)
    strata = np.array([p.stratum for p in parts])
    x = np.zeros((samples, strata.max() + 1), dtype=np.int64)
    for i, stratum in enumerate(strata):
        x[:, stratum] += rng.hypergeometric(M[i], P[i] - M[i], n[i], size=samples)
    dossiers, answers = (np.bincount(strata, weights=k).astype(int).tolist() for k in (N, n))
    cells = [
        [Stratum(_yes(*pair), N) for *pair, N in zip(row, answers, dossiers, strict=True)]
        for row in x.tolist()
    ]
    return float((N * M / P).sum() / N.sum()), cells


def _yes(x: int, n: int) -> Moments:
    return Moments(n, n, x, n, x, x, n)


KINDS_OF_LIMITS = ("KG-S by itself", "as printed")


def both_limits(found: Sequence[Estimate]) -> tuple[list[Array], list[Array]]:
    """Low and high two-sided, lower and upper one-sided: KG-S by itself, and as printed."""
    share = np.array([e.share for e in found])
    n_eff = np.array([np.inf if e.n_eff is None else e.n_eff for e in found])
    alone = [*beta_limits(share, n_eff, TAIL), *beta_limits(share, n_eff, ONE_SIDED)]
    names = ("low", "high", "lower", "upper")
    return alone, [np.array([getattr(e, name) for e in found]) for name in names]


def tried(
    truth: float, target: float, low: Array, high: Array, lower: Array, upper: Array
) -> Trial:
    """How limits fare whose truth is just below or at `target`."""
    inside = (low <= truth + 1e-12) & (high >= truth - 1e-12)
    missed = truth < target - 1e-12
    wrong = lower >= target - 1e-12 if missed else upper < target - 1e-12
    return Trial(float(inside.mean()), float(wrong.mean()), float((high - low).mean()))


def added_up(sizes: Sequence[tuple[int, int]], target: float) -> list[tuple[float, float]]:
    """Worst false met and false missed, every sample and every place of the dissatisfied.

    Few and small sectors (dossiers, answers) only; of KG-S by itself, then as printed. The whole
    is just below the target, then just at it.
    """
    N, n = (np.array(column) for column in zip(*sizes, strict=True))
    cells = [
        [Stratum(_yes(x, k), size) for x, (size, k) in zip(counts, sizes, strict=True)]
        for counts in product(*(range(k + 1) for k in n.tolist()))
    ]
    required = int(np.ceil(target * N.sum() - 1e-9))
    worst = []
    for _, _, lower, upper in both_limits(estimate_many(cells, "item")):
        met, missed = (
            max(_chance(verdict.reshape(tuple(n + 1)), M, N, n) for M in _places(N, satisfied))
            for verdict, satisfied in (
                (lower >= target - 1e-12, required - 1),
                (upper < target - 1e-12, required),
            )
        )
        worst.append((met, missed))
    return worst


def _places(N: NDArray[np.int64], satisfied: int) -> list[tuple[int, ...]]:
    against = int(N.sum()) - satisfied
    ranges = (range(min(against, size) + 1) for size in N.tolist())
    return [
        tuple(size - k for size, k in zip(N.tolist(), split, strict=True))
        for split in product(*ranges)
        if sum(split) == against
    ]


def _chance(
    verdict: NDArray[np.bool_], M: Sequence[int], N: NDArray[np.int64], n: NDArray[np.int64]
) -> float:
    """How often the samples fall on `verdict`, an axis for each sector."""
    chance = verdict.astype(np.float64)
    for size, answers, satisfied in zip(N.tolist(), n.tolist(), M, strict=True):
        chance = np.tensordot(_chances(satisfied, answers, size), chance, axes=1)
    return float(chance)


def _chances(M: int, n: int, N: int) -> Array:
    """Chance of each count 0..n."""
    x = np.arange(max(0, n + M - N), min(n, M) + 1)
    chances = np.zeros(n + 1)
    chances[x] = np.exp(log_probability(x, *(np.full_like(x, size) for size in (n, M, N))))
    return chances


# --- printing ---------------------------------------------------------------------------------


def _line(name: str, cells: Sequence[Coverage]) -> str:
    inside = [cell.inside for cell in cells]
    low, high = [c.above_low for c in cells], [c.below_high for c in cells]
    width = np.nanmean([cell.width for cell in cells])
    short = sum(value < 0.95 - 1e-9 for value in inside)
    return (
        f"{name:<28}{min(inside):8.3f}{np.mean(inside):8.3f}{width:8.3f}{short:8d}"
        f"{min(low):12.3f}{min(high):8.3f}"
    )


_HEAD = f"{'':<28}{'min':>8}{'mean':>8}{'width':>8}{'< 95%':>8}{'low: min':>12}{'high':>8}"


def _print_grid() -> None:
    print(f"\nOne sector, one item: {len(list(grid()))} cells, every sample added up\n{_HEAD}")
    for name, limits in METHODS.items():
        print(_line(name, [enumerate_cell(limits, *cell) for cell in grid()]))


def _print_simulation(kind: MeasureKind, samples: int, rng: np.random.Generator) -> None:
    found: dict[str, list[Coverage]] = {}
    for design in DESIGNS.values():
        if kind == "item" and len(design) == 1:
            continue
        for share in TRUTHS:
            truth, estimates = simulate(design, share, kind, samples, rng)
            for name, (low, high) in rivals(estimates).items():
                found.setdefault(name, []).append(judge_limits(truth, low, high))
    cells = len(next(iter(found.values())))
    what = "one item over several sectors" if kind == "item" else f"index of {ITEMS} items"
    print(f"\n{what}: {cells} cells of {samples} simulated surveys\n{_HEAD}")
    for name, coverages in found.items():
        print(_line(name, coverages))


def trials(
    designs: dict[str, tuple[Part, ...]], samples: int, rng: np.random.Generator
) -> dict[str, dict[str, list[Trial]]]:
    """Of KG-S alone and as printed, the trials of truths that miss and that meet a target."""
    found: dict[str, dict[str, list[Trial]]] = {}
    for parts in designs.values():
        for target in TARGETS:
            for side, satisfied in zip(("met", "missed"), settled(parts, target), strict=True):
                truth, cells = surveys(parts, satisfied, samples, rng)
                both = both_limits(estimate_many(cells, "item"))
                for name, limits in zip(KINDS_OF_LIMITS, both, strict=True):
                    trial = tried(truth, target, *limits)
                    found.setdefault(name, {}).setdefault(side, []).append(trial)
    return found


def _print_uneven(samples: int, rng: np.random.Generator) -> None:
    print(f"\nOne item, uneven designs: {samples} simulated surveys for each truth beside a target")
    print(f"{'':<34}{'min':>8}{'mean':>8}{'width':>9}{'false met':>11}{'missed':>8}")
    for group, designs in UNEVEN.items():
        print(f"{group}: {'; '.join(designs)}")
        for name, sides in trials(designs, samples, rng).items():
            every = [trial for trials in sides.values() for trial in trials]
            inside = [trial.inside for trial in every]
            met, missed = (max(trial.wrong for trial in sides[s]) for s in ("met", "missed"))
            width = np.mean([trial.width for trial in every])
            print(
                f"  {name:<32}{min(inside):8.3f}{np.mean(inside):8.3f}{width:9.4f}"
                f"{met:11.3f}{missed:8.3f}"
            )


SMALL = (((12, 11),) * 3, ((60, 52),) * 2, ((40, 36), (20, 16)), ((30, 20), (30, 22)))


def _print_added_up() -> None:
    print("\nWherever the dissatisfied are, every sample added up: worst false met, false missed")
    print(f"  {'':<42}{KINDS_OF_LIMITS[0]:>16}{KINDS_OF_LIMITS[1]:>16}")
    for sizes, target in product(SMALL, TARGETS):
        design = "; ".join(f"{n} of {N}" for N, n in sizes)
        pairs = "".join(f"{met:8.3f}{missed:8.3f}" for met, missed in added_up(sizes, target))
        print(f"  {design:<30} target {target:.2f}{pairs}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000, help="simulated surveys per cell")
    samples = parser.parse_args().samples
    start, rng = time.perf_counter(), np.random.default_rng(SEED)
    _print_grid()
    for kind in ("item", "ratio"):
        _print_simulation(kind, samples, rng)
    _print_uneven(samples, rng)
    _print_added_up()
    print(f"\nseed {SEED}, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
