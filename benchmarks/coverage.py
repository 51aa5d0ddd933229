"""Do the intervals hold? Counts how often each method's interval contains the truth.

One sector, one item: every possible sample of the grid N x n x p is added up, nothing is drawn.
Several sectors, and an index: surveys are simulated from known finite populations.

    python benchmarks/coverage.py                  # about half a minute
    python benchmarks/coverage.py --samples 20000  # three minutes, a steadier third digit
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from analysis.counting.moments import Moments
from analysis.formulas.estimates import Estimate, estimate_many
from analysis.formulas.hypergeometric import log_probability
from analysis.formulas.intervals import beta_limits, clopper_pearson_limits, hypergeometric_limits
from analysis.formulas.strata import Kind, Stratum

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
    "1 sector, 15 of 60": ((60, 15),),
    "1 sector, 40 of 200": ((200, 40),),
}
TRUTHS = (0.80, 0.90, 0.95, 0.98)
ITEMS, MISSING = 8, 0.15
_PAIRS = [(y, m) for m in range(ITEMS + 1) for y in range(m + 1)]
_KINDS_OF_PEOPLE = np.array(_PAIRS, dtype=np.int64)


def population(
    N: int, share: float, correlation: float, kind: Kind, rng: np.random.Generator
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
    kind: Kind,
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


def _print_simulation(kind: Kind, samples: int, rng: np.random.Generator) -> None:
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


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000, help="simulated surveys per cell")
    samples = parser.parse_args().samples
    start, rng = time.perf_counter(), np.random.default_rng(SEED)
    _print_grid()
    for kind in ("item", "ratio"):
        _print_simulation(kind, samples, rng)
    print(f"\nseed {SEED}, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
