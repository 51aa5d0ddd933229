"""How long do the statistics take once the moments are there? One commune, and the whole country.

The formulas alone; and the steps of a whole `analyse`, which `benchmarks.engines` prints too.

python -m benchmarks.formulas
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sized
from contextlib import ExitStack
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from analysis import document
from analysis.counting.moments import Moments
from analysis.document import analyse
from analysis.formulas.estimates import estimate_many
from analysis.formulas.strata import Kind, Stratum
from analysis.formulas.verdicts import judge_many
from benchmarks.sources import PERIOD, make_population, make_responses
from benchmarks.timing import Took, timed, told

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


def cells(communes: int, rng: np.random.Generator) -> tuple[list[list[Stratum]], list[Kind]]:
    """Per commune and sector: `MEASURES` measures, one of them an index of five items."""
    found: list[list[Stratum]] = []
    kinds: list[Kind] = []
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


STEPS = ("read_told", "sections", "_Made")
"""Of `analysis.document`: the query, its pooling, the rows and statistics."""


def _busy(took: Took) -> str:
    return f" ({took.cpu:.3f} s of the processors)"


def steps_of_analyse(folder: Path, communes: int, rows: int, limit: float) -> None:
    """Where the time of an analysis of so many communes goes."""
    file = folder / f"communes-{communes}.parquet"
    path = make_responses(file, rows, communes, ["poster"])
    population = make_population(folder / f"communes-{communes}.csv", path)
    spent: dict[str, Took] = {}

    def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            given: list[Any] = []
            spent[name] = timed(lambda: given.append(work(*values, **named)))
            return given[0]

        return call

    found = analyse(path, population, period=PERIOD)  # loads everything once
    with ExitStack() as stack:
        for name in STEPS:
            step = watched(name, getattr(document, name))
            stack.enter_context(patch.object(document, name, step))
        whole = timed(lambda: analyse(path, population, period=PERIOD))
    print(f"{communes:,} communes x {SECTORS} sectors x {MEASURES} measures; {rows:,} responses")
    told("analyse, files read and checked", f"{whole.clock:10.3f} s{_busy(whole)}")
    for name in STEPS:
        told(f"of it {name}", f"{spent[name].clock:10.3f} s{_busy(spent[name])}")
    after = [spent[name] for name in STEPS[1:]]
    total = Took(sum(took.clock for took in after), sum(took.cpu for took in after))
    told(
        "all after the moments",
        f"{total.clock:10.3f} s{_busy(total)}",
        total.clock < limit,
        f"< {limit} s",
    )
    told("rows", f"{len(found.estimates):10,}")


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
