"""Examples of planning a sample, of error rates, and what is shown of few answers."""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace

from analysis.insights import drivers
from analysis.insights.drivers import MINIMUM_SHEETS
from analysis.reporting import wording
from analysis.statistics.sample_size import answers_for_power, fewest_all_satisfied, yamane
from tests.analysis.methods.enumeration import (
    ONE,
    at_least,
    at_most,
    decimal,
)


def fewest(target, *sizes):
    """By trying every number of answers; then the case without a dossier count."""
    found = []
    for N in sizes:
        short = math.ceil(target * N) - 1
        n = next(n for n in range(1, N + 1) if at_least(n, short, n, N) <= ONE)
        assert fewest_all_satisfied(decimal(target), int(N)) == n
        found.append(n)
    unknown = next(n for n in range(1, 999) if target**n <= ONE)
    assert fewest_all_satisfied(decimal(target)) == unknown
    return [*found, unknown]


def power(N, target, *true_shares):
    """Answers for an 80% chance of a proof, every number of answers tried."""
    short = math.ceil(target * N) - 1
    found = []
    for share in true_shares:
        for n in range(1, N + 1):
            enough = next((x for x in range(n + 1) if at_least(x, short, n, N) <= ONE), n + 1)
            if at_least(enough, int(share * N), n, N) >= Fraction(4, 5):
                break
        assert answers_for_power(decimal(target), decimal(share), int(N)) == n
        found.append(n)
    return [Fraction(4, 5), *found]


def guidance(*sizes):
    found = []
    for N in sizes:
        exact = N / (1 + N * ONE**2)
        assert yamane(int(N)) == math.ceil(exact)
        found += [N, 1, N, N, N / exact, exact, math.ceil(exact)]
    return [1, ONE, *found]


def error_rates(*given):
    """Worst chance of a wrong verdict over the grid: by the point reading, by the evidence."""
    targets, sizes, answers = given[:3], given[3:7], given[7:11]
    worst = [Fraction(0)] * 4
    for N, n, target in ((N, n, t) for N in sizes for n in answers if n < N for t in targets):
        required = math.ceil(target * N)
        short, x = required - 1, range(n + 1)
        high = next(k for k in x if k >= target * n)
        proof = next((k for k in x if at_least(k, short, n, N) <= ONE), n + 1)
        low = max((k for k in x if at_most(k, required, n, N) <= ONE), default=-1)
        wrong = (
            *(at_least(high, short, n, N), at_most(high - 1, required, n, N)),
            *(at_least(proof, short, n, N), at_most(low, required, n, N)),
        )
        worst = [max(pair) for pair in zip(worst, wrong, strict=True)]
    return worst


def what_is_shown():
    few, shown = wording.COUNTS_ONLY_BELOW, wording.DECIMALS_FROM
    said = [wording.share_phrase(some_answers(n), "vi") for n in (few - 1, few, shown - 1, shown)]
    assert ["%" in text for text in said] == [False, True, True, True]
    assert [",0%" in text for text in said] == [False, False, False, True]
    means = [wording.mean_phrase(some_answers(n), "vi") for n in (9, 10)]
    assert means[0] == "–" != means[1]
    width = Fraction(str(wording.UNRELIABLE_WIDTH)) * 100
    return [few, few, shown - 1, shown, shown, width, 10, drivers.MINIMUM_SIDE, MINIMUM_SHEETS]


def some_answers(n):
    return SimpleNamespace(
        n=n, respondents=n, answered=n, satisfied=n, share=1.0, mean=4.1, scale=5
    )


EXAMPLES = {
    "fewest": fewest,
    "power": power,
    "guidance": guidance,
    "error_rates": error_rates,
    "display": what_is_shown,
}
