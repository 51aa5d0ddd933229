"""Oracles of one share: exact intervals, verdicts, planning, nonresponse, sequence, differences."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from analysis.statistics.comparisons import Difference, newcombe
from analysis.statistics.estimates import estimate, silence
from analysis.statistics.exact import (
    Interval,
    clopper_pearson_limits,
    exact_interval,
    one_sided_bounds,
    possible_counts,
)
from analysis.statistics.moments import Moments
from analysis.statistics.sample_size import answers_for_power, fewest_all_satisfied
from analysis.statistics.sequential import confidence_sequence, sequence_counts
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import judge

Case = dict[str, Any]
Agree = Callable[..., None]


def counted(x: int, n: int, N: int | None) -> Stratum:
    return Stratum(Moments(n=n, answered=n, y=x, m=n, yy=x, ym=x, mm=n), N)


def pair(limits: Any) -> dict[str, float]:
    return {"lower": float(limits[0][0]), "upper": float(limits[1][0])}


def wilson_limits(
    satisfied: ArrayLike, answered: ArrayLike, tail: float, *, continuity: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score limits, with Newcombe's continuity correction on demand (Newcombe 1998, 3 and 4).

    No verdict rests on them: published differences are of such limits.
    """
    x = np.atleast_1d(np.asarray(satisfied, dtype=np.float64))
    n = np.atleast_1d(np.asarray(answered, dtype=np.float64))
    p, z, c = x / n, -float(ndtri(tail)), float(continuity)
    centre, scale = 2 * n * p + z * z, 2 * (n + z * z)
    below = z * z + 4 * n * p * (1 - p) - c * (2 + 1 / n) + 4 * c * p
    above = z * z + 4 * n * p * (1 - p) + c * (2 - 1 / n) - 4 * c * p
    low = (centre - c - z * np.sqrt(np.maximum(below, 0))) / scale
    high = (centre + c + z * np.sqrt(np.maximum(above, 0))) / scale
    return np.where(x > 0, np.maximum(low, 0), 0.0), np.where(x < n, np.minimum(high, 1), 1.0)


@pytest.mark.oracle("binomial_ci.json")
def test_without_dossier_count(case: Case, agree: Agree) -> None:
    x, n, level = (case["input"][name] for name in ("x", "n", "level"))
    tail = (1 - level) / 2
    ours = {
        "estimate": x / n,
        "clopper_pearson": pair(clopper_pearson_limits(x, n, tail)),
        "wilson": pair(wilson_limits(x, n, tail)),
        "wilson_cc": pair(wilson_limits(x, n, tail, continuity=True)),
    }
    agree(case, ours)
    interval = exact_interval(x, n, level=level)
    assert {"lower": interval.low, "upper": interval.high} == ours["clopper_pearson"]


@pytest.mark.oracle("hypergeom_ci.json")
def test_exact_interval(case: Case, agree: Agree) -> None:
    x, n, N, level = (case["input"][name] for name in ("x", "n", "N", "level"))
    both, one = exact_interval(x, n, N, level=level), one_sided_bounds(x, n, N, level=level)

    def low(tail: float) -> int:
        return int(possible_counts(x, n, N, tail)[0][0])

    def high(tail: float) -> int:
        return int(possible_counts(x, n, N, tail)[1][0])

    alpha = 1 - level
    ours = {
        "exact_two_sided": {
            "M_lower": low(alpha / 2),
            "M_upper": high(alpha / 2),
            "lower": both.low,
            "upper": both.high,
        },
        "exact_one_sided_lower": {"M_lower": low(alpha), "lower": one.low},
        "exact_one_sided_upper": {"M_upper": high(alpha), "upper": one.high},
    }
    agree({**case, "tol": case["tol"] or 1e-15}, ours)
    printed = case["expected"].get("samplingbook_printed")
    if printed:
        assert printed["M_lower"] == ours["exact_two_sided"]["M_lower"] - 1
        assert printed["M_upper"] == ours["exact_two_sided"]["M_upper"] + 1


@pytest.mark.oracle("verdicts.json")
def test_verdict(case: Case, agree: Agree) -> None:
    x, n, N = (case["input"][name] for name in ("x", "n", "N"))
    threshold = Decimal(case["input"]["target_percent"]) / 100
    found = judge([counted(x, n, N)], threshold, level=case["input"]["level_one_sided"])
    assert found.lower is not None and found.upper is not None
    ours = {
        "M_required": found.required,
        "lower_one_sided_95": found.lower,
        "upper_one_sided_95": found.upper,
        "p_value_met": found.p_met,
        "p_value_missed": found.p_missed,
        "verdict": found.evidence,
    }
    if N is not None:
        ours["M_lower_one_sided_95"] = found.lower * N
        ours["M_upper_one_sided_95"] = found.upper * N
    agree(case, ours)


@pytest.mark.oracle("planning.json")
def test_planning(case: Case, agree: Agree) -> None:
    asked = case["input"]
    threshold = Decimal(asked["target_percent"]) / 100
    if "p_true" in asked:
        true, power = Decimal(str(asked["p_true"])), asked["power"]
        ours = {"n": [answers_for_power(threshold, true, N, power=power) for N in asked["N"]]}
        agree(case, ours)
    else:
        fewest = [fewest_all_satisfied(threshold, N) for N in asked["N"]]
        agree(case, {"n": fewest, "n_infinite": fewest_all_satisfied(threshold)})


@pytest.mark.oracle("nonresponse.json")
def test_nonresponse(case: Case, agree: Agree) -> None:
    x, n, N, percent = (case["input"][name] for name in ("x", "n", "N", "target_percent"))
    found = silence([counted(x, n, N)], Decimal(percent) / 100)
    assert found is not None
    interval = exact_interval(x, n, N)
    words = {
        "met": "met_whatever_nonrespondents_think",
        "missed": "missed_whatever_nonrespondents_think",
        "depends": "depends_on_nonrespondents",
    }
    ours = {
        "response_rate": found.response_rate,
        "worst_case_lower": found.low,
        "worst_case_upper": found.high,
        "nonrespondent_share_needed": found.share_needed,
        "bounds_verdict": words[found.verdict],
        "exact_interval_if_missing_at_random": {"lower": interval.low, "upper": interval.high},
    }
    agree(case, ours)
    row = estimate([counted(x, n, N)])
    if n:
        assert (row.silent_low, row.silent_high) == pytest.approx((found.low, found.high))
        assert row.response_rate == found.response_rate


@pytest.mark.oracle("confseq.json")
def test_daily_looks(case: Case, agree: Agree) -> None:
    asked = case["input"]
    N, prior, satisfied, looks = asked["N"], (asked["a"], asked["b"]), 0, []
    for place, answer in enumerate(asked["y_in_order"], start=1):
        satisfied += answer
        looks.append((satisfied, place))
    low, high = sequence_counts(
        [x for x, _ in looks], [n for _, n in looks], N, alpha=asked["alpha"], prior=prior
    )
    found = confidence_sequence(looks, N, level=1 - asked["alpha"], prior=prior)
    ours = {
        "M_lower": low.tolist(),
        "M_upper": high.tolist(),
        "running_M_lower": [round(look.running_low * N) for look in found],
        "running_M_upper": [round(look.running_high * N) for look in found],
    }
    agree(case, ours)
    assert [round(look.low * N) for look in found] == ours["M_lower"]


def by_scores(sides: list[tuple[int, int]], tail: float, continuity: bool) -> Difference:
    """Newcombe's methods 10 and 11: the product's `newcombe` on the limits of published tables."""
    limits = [wilson_limits(x, n, tail, continuity=continuity) for x, n in sides]
    (first, one), (second, other) = (
        (x / n, Interval(float(low[0]), float(high[0])))
        for (x, n), (low, high) in zip(sides, limits, strict=True)
    )
    return newcombe(first, one, second, other)


@pytest.mark.oracle("difference_ci.json")
def test_difference(case: Case, agree: Agree) -> None:
    sides = [(case["input"][f"x{i}"], case["input"][f"n{i}"]) for i in (1, 2)]
    tail = (1 - case["input"]["level"]) / 2
    plain, corrected = (by_scores(sides, tail, continuity) for continuity in (False, True))
    ours = {
        "estimate": plain.difference,
        "newcombe_score": {"lower": plain.low, "upper": plain.high},
        "newcombe_score_cc": {"lower": corrected.low, "upper": corrected.high},
    }
    agree(case, ours)
