"""How long do the formulas take once the moments are there? One commune, and the whole country.

The formulas alone; the whole document is measured by `benchmarks.country`.

python -m benchmarks.formulas
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sized
from decimal import Decimal
from functools import partial

import numpy as np

from analysis.statistics.estimates import estimate_many
from analysis.statistics.moments import Moments
from analysis.statistics.strata import MeasureKind, Stratum
from analysis.statistics.verdicts import judge_many

SEED = 20261122
COMMUNES, SECTORS, MEASURES = 3321, 8, 8
ITEMS = 5


def _item(n: int, rng: np.random.Generator) -> Moments:
    y = int(rng.binomial(n, 0.9))
    return Moments(n, n, y, n, y, y, n, 3 * n, 10 * n, 3 * n)


def _index(n: int, rng: np.random.Generator) -> Moments:
    y = rng.binomial(ITEMS, 0.9, n)
    s = y * 4
    sums = (y.sum(), ITEMS * n, y @ y, ITEMS * y.sum(), ITEMS**2 * n)
    return Moments(n, n, *(int(v) for v in (*sums, s.sum(), s @ s, ITEMS * s.sum())))


def cells(communes: int, rng: np.random.Generator) -> tuple[list[list[Stratum]], list[MeasureKind]]:
    """Per commune and sector: `MEASURES` measures, one of them an index of five items."""
    found: list[list[Stratum]] = []
    kinds: list[MeasureKind] = []
    for _ in range(communes * SECTORS):
        N = int(rng.integers(20, 1000))
        n = int(N * rng.uniform(0.05, 0.6)) + 1
        for measure in range(MEASURES):
            single = measure < MEASURES - 1
            found.append([Stratum(_item(n, rng) if single else _index(n, rng), N)])
            kinds.append("item" if single else "ratio")
    return found, kinds


def _timed(what: str, run: Callable[[], Sized]) -> None:
    start, work = time.perf_counter(), time.process_time()
    count = len(run())
    seconds, busy = time.perf_counter() - start, time.process_time() - work
    print(f"{what:<46}{count:>9,} rows{seconds:9.3f} s{busy:9.3f} s of one processor")


def main() -> None:
    """Print seconds for one commune and for all."""
    rng = np.random.default_rng(SEED)
    estimate_many([[Stratum(_item(5, rng), 9)]], "item")  # load everything once
    for communes in (1, COMMUNES):
        found, kinds = cells(communes, rng)
        totals = [[strata[0] for strata in found[i::MEASURES][:SECTORS]] for i in range(MEASURES)]
        name = f"{communes:,} communes x {SECTORS} sectors x {MEASURES}"
        overall = found[::MEASURES]
        targets = [Decimal("0.9")] * len(overall)
        _timed(f"estimates: {name}", partial(estimate_many, found, kinds))
        _timed("totals over sectors", partial(estimate_many, totals, "item"))
        _timed("verdicts with answers needed", partial(judge_many, overall, targets, "item"))


if __name__ == "__main__":
    main()
