"""Who likes to answer: what each figure is worth where satisfied people answer more readily.

Offices with a known truth, just below a target of 80, 85 or 90%. Satisfied people answer of their
own accord once, twice or three times as readily as the others; a random re-check draws dossiers by
lot. Counted over many simulated periods: how often each interval holds the truth, and how often the
verdict "met" is given, which is wrong every time.

    python -m benchmarks.selection                   # two minutes
    python -m benchmarks.selection --samples 20000   # a steadier last digit
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.estimates import estimate_columns
from analysis.statistics.exact import required_count
from analysis.statistics.moments import Moments
from analysis.statistics.recheck import RecheckStratum, hansen_hurwitz
from analysis.statistics.strata import Stratum

SEED = 20261129
TARGETS = (Decimal("0.80"), Decimal("0.85"), Decimal("0.90"))
READINESS = (1, 2, 3)
HEARD = 0.20
"""Of all people, who answer of their own accord."""
REACHED = 0.80
"""Of those drawn, who answer."""
LEVEL = 0.95
FEW = 400  # periods in which the slow figure of both together is computed

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Office:
    """Strata alike: so many sectors and months of `dossiers`, and `drawn` of each by lot.

    `sides`: how much more readily a satisfied person who was drawn answers than another.
    """

    name: str
    strata: int
    dossiers: int
    drawn: int
    sides: float = 1.0
    forged: float = 0.0

    @property
    def people(self) -> int:
        """All dossiers."""
        return self.strata * self.dossiers


OFFICES = (
    Office("one sector, a month: 400 dossiers, 30 drawn", 1, 400, 30),
    Office("four sectors, a month: 100 dossiers each, 30 drawn in all", 4, 100, 8),
    Office("one sector, a year: 12 × 400 dossiers, 12 × 30 drawn", 12, 400, 30),
    Office("the same month, a fifth of the open answers forged", 1, 400, 30, forged=0.25),
    Office(
        "the same year, drawn satisfied people reached 1.25 times as readily", 12, 400, 30, 1.25
    ),
)


@dataclass(frozen=True, slots=True)
class Periods:
    """Simulated periods × strata: satisfied and all, of each way to hear people."""

    x: Whole
    n: Whole
    z: Whole
    m: Whole
    z_silent: Whole
    m_silent: Whole


def chances(readiness: float, truth: float, heard: float) -> tuple[float, float]:
    """How likely a satisfied person answers, and another, so that so many answer in all."""
    other = heard / (readiness * truth + 1 - truth)
    return min(readiness * other, 1.0), other


def simulate(office: Office, satisfied: Sequence[int], readiness: float, samples: int) -> Periods:
    """Many periods of an office, with so many satisfied people in each stratum."""
    rng = np.random.default_rng(SEED)
    N, truth = office.dossiers, sum(satisfied) / office.people
    shape = samples, office.strata
    marked = np.broadcast_to(np.array(satisfied), shape)
    yes, no = chances(readiness, truth, HEARD)
    heard_yes = rng.binomial(marked, yes)
    heard_no = rng.binomial(N - marked, no)
    # of those drawn: satisfied and not, who had answered and had not
    kinds = np.stack(
        [heard_yes, heard_no, marked - heard_yes, N - marked - heard_no], axis=-1
    ).reshape(-1, 4)
    drawn = np.array([rng.multivariate_hypergeometric(row, office.drawn) for row in kinds])
    reach_yes, reach_no = chances(office.sides, truth, REACHED)
    reached = rng.binomial(drawn, np.array([reach_yes, reach_no, reach_yes, reach_no]))
    a, b, c, d = (reached[:, i].reshape(shape) for i in range(4))
    honest = heard_yes + heard_no
    forged = np.rint(office.forged * honest).astype(np.int64)
    x, n = heard_yes + forged, np.minimum(honest + forged, N)
    return Periods(np.minimum(x, n), n, a + c, a + b + c + d, c, c + d)


def moments(y: int, n: int) -> Moments:
    """Of one item."""
    return Moments(n, n, y, n, y, y, n, 4 * y, 16 * y, 4 * y)


def cells(y: Whole, n: Whole, dossiers: int) -> list[list[Stratum]]:
    """The strata of every period."""
    return [
        [Stratum(moments(a, b), dossiers) for a, b in zip(*rows, strict=True)]
        for rows in zip(y.tolist(), n.tolist(), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Score:
    """How often an interval holds the truth, how often "met" is said, and the mean width."""

    holds: float
    met: float | None
    width: float

    def __str__(self) -> str:
        met = "–" if self.met is None else f"{self.met:.1%}"
        return f"{self.holds:.1%}, {met}, {100 * self.width:.1f}"


def by_interval(y: Whole, n: Whole, office: Office, truth: Fraction, target: Decimal) -> Score:
    """The product's interval and verdict from one kind of answers."""
    names = ("low", "high", "lower")
    found = estimate_columns(cells(y, n, office.dossiers), "item", level=LEVEL, names=names)
    low, high, lower = (np.array(found[name], dtype=np.float64) for name in names)
    # one stratum: in whole dossiers, as the verdict compares; several: limits against the target
    needed = (
        required_count(target, office.people) / office.people
        if office.strata == 1
        else float(target)
    )
    return Score(
        _held(low, high, truth), float((lower >= needed - 1e-12).mean()), _width(low, high)
    )


def by_bounds(periods: Periods, office: Office, truth: Fraction, target: Decimal) -> Score:
    """Whatever those who did not answer think."""
    low = periods.x.sum(axis=1) / office.people
    high = low + 1 - periods.n.sum(axis=1) / office.people
    met = float((low >= float(target) - 1e-12).mean())
    return Score(_held(low, high, truth), met, _width(low, high))


def by_both(periods: Periods, office: Office, truth: Fraction) -> Score:
    """Hansen and Hurwitz; it gives no verdict."""
    limits = []
    for i in range(min(FEW, len(periods.x))):
        strata = [
            RecheckStratum(
                office.dossiers,
                office.drawn,
                moments(int(periods.x[i, h]), int(periods.n[i, h])),
                silent=moments(int(periods.z_silent[i, h]), int(periods.m_silent[i, h])),
            )
            for h in range(office.strata)
        ]
        found = hansen_hurwitz(strata, level=LEVEL)
        limits.append((found.low, found.high) if found else (0.0, 1.0))
    low, high = np.array(limits).T
    return Score(_held(low, high, truth), None, _width(low, high))


def _held(low: NDArray[np.float64], high: NDArray[np.float64], truth: Fraction) -> float:
    return float(((low <= float(truth) + 1e-12) & (high >= float(truth) - 1e-12)).mean())


def _width(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    return float((high - low).mean())


def just_below(office: Office, target: Decimal) -> list[int]:
    """Satisfied people of each stratum, alike: one dossier too few in all for the target."""
    most = required_count(target, office.people) - 1
    each, more = divmod(most, office.strata)
    return [each + (i < more) for i in range(office.strata)]


METHODS = ("open answers alone", "open answers, bounds", "re-check", "both (Hansen–Hurwitz)")


def scores(office: Office, target: Decimal, readiness: float, samples: int) -> Iterator[Score]:
    """Of each method, in their order."""
    satisfied = just_below(office, target)
    truth = Fraction(sum(satisfied), office.people)
    periods = simulate(office, satisfied, readiness, samples)
    yield by_interval(periods.x, periods.n, office, truth, target)
    yield by_bounds(periods, office, truth, target)
    yield by_interval(periods.z, periods.m, office, truth, target)
    yield by_both(periods, office, truth)


def main() -> None:
    """Print the table of every office."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--samples", type=int, default=4000, help="simulated periods a cell")
    samples = parser.parse_args().samples
    worst: dict[str, float] = {}
    for office in OFFICES:
        print(f"\n{office.name}\n")
        heads = " | ".join(f"{name}: holds, “met”, width" for name in METHODS)
        print(f"| truth just below | readiness | {heads} |\n|---:|---:|{'---:|' * len(METHODS)}")
        for target in TARGETS:
            for readiness in READINESS:
                found = list(scores(office, target, readiness, samples))
                told = " | ".join(map(str, found))
                print(f"| {target:.0%} | {readiness} | {told} |", flush=True)
                met = found[2].met or 0.0
                worst[office.name] = max(worst.get(office.name, 0.0), met)
    print("\nFalse “met” of the re-check, worst cell:")
    for name, met in worst.items():
        print(f"{met:6.1%}  {name}")


if __name__ == "__main__":
    main()
