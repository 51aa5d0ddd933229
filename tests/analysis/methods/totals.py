"""Examples of totals, of longer periods and what they cover, of indices and means."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from scipy.stats import beta

from analysis.input.aggregates import Cell
from analysis.input.population import Dossiers
from analysis.period import last_months, parse_period
from analysis.statistics.estimates import estimate
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import judge
from analysis.strata.coverage import REQUIRED, Coverage, cover_of
from analysis.strata.pooling import Pooled
from analysis.strata.running import LEAST
from analysis.strata.survey import Survey
from tests.analysis.methods.enumeration import ONE, PLACE, at_least, decimal, item, outward


def a_total(*numbers):
    (N1, n1, x1), (N2, n2, x2) = numbers[:3], numbers[3:]
    p1, p2, N = Fraction(x1, n1), Fraction(x2, n2), N1 + N2
    share = (N1 * p1 + N2 * p2) / N
    assert estimate([item(x1, n1, N1), item(x2, n2, N2)]).share == pytest.approx(float(share))
    plain = Fraction(x1 + x2, n1 + n2)
    return [
        *(x1 + x2, n1 + n2, plain, p1, N1, N1 * p1, p2, N2, N2 * p2),
        *(N1 * p1, N2 * p2, N, share, plain),
    ]


def by_month(N, n, x, last_n, last_x):
    """Eleven months alike and a last one with a campaign, each of N dossiers."""
    months = [(x, n)] * 11 + [(last_x, last_n)]
    each = [item(y, m, N) for y, m in months]
    together = [sum(column) for column in zip(*months, strict=True)]
    share = sum(Fraction(y, m) for y, m in months) / 12
    assert estimate(each).share == pytest.approx(float(share))
    heap = [item(*together, 12 * N)]
    target = Fraction(85, 100)
    said = [judge(strata, decimal(target)).evidence for strata in (heap, each)]
    assert said == ["met", "missed"]
    first, last = Fraction(x, n), Fraction(last_x, last_n)
    return [
        *(*together, Fraction(*together), x, n, first, last_x, last_n, last),
        *(11, first, last, 12, share, target),
    ]


def of_months(counts, answers):
    """A survey of one place: dossiers and (satisfied, answered) of each month up to March."""
    period = last_months(parse_period("2026-03"), len(counts))
    cells = {
        Cell(*PLACE, "poster", False, month): {"overall": item(x, n, None).moments}
        for month, (x, n) in zip(period.months, answers, strict=True)
    }
    known = {
        (*PLACE, month): N for month, N in zip(period.months, counts, strict=True) if N is not None
    }
    kinds = {"sectors": {"overall": "item"}, "general": {}}
    nothing = {"sectors": frozenset(), "general": frozenset()}
    dossiers = Dossiers(known, {PLACE[0]: frozenset(month for *_, month in known)})
    return Survey(Pooled(cells, kinds, nothing, {"sectors": ("desk@1",)}), dossiers, period, {})


def joined_months(*numbers):
    """Dossiers of three months, then their answers; the first has one and goes with the second."""
    (N1, N2, N3), (n1, x1, n2, x2, n3, x3) = numbers[:3], numbers[3:]
    assert n1 < LEAST <= min(n2, n3)
    survey = of_months([N1, N2, N3], [(x1, n1), (x2, n2), (x3, n3)])
    strata = survey.strata(survey.scope(*PLACE), "overall")
    found = [(s.population, s.moments.n, s.moments.y) for s in strata]
    N, n, x = N1 + N2, n1 + n2, x1 + x2
    assert found == [(N, n, x), (N3, n3, x3)]
    first, second = Fraction(x, n), Fraction(x3, n3)
    share = (N * first + N3 * second) / (N + N3)
    assert estimate(strata).share == pytest.approx(float(share))
    return [
        *(n1, N, n, x, first, N, N * first, second, N3, N3 * second),
        *(N * first, N3 * second, N + N3, share),
    ]


def faults(*numbers):
    """Answers without dossiers stand beside; more answers than dossiers keep their weight."""
    (N1, n1, x1), (N2, n2, x2), (many, satisfied) = numbers[:3], numbers[3:6], numbers[6:]
    first, second = Fraction(x1, n1), Fraction(satisfied, many)
    share = (N1 * first + N2 * second) / (N1 + N2)
    assert second == Fraction(x2, n2)
    one = Moments(1, 1, 0, 1, 0, 0, 1, 0, 0, 0)
    plain = [item(x1, n1, N1), item(x2, n2, N2)]
    faulty = [item(x1, n1, N1), item(satisfied, many, N2)]
    whole = [item(x1, n1, N1), item(x2 * N2 // n2, N2, N2)]
    beside = [[*plain, Stratum(one, N)] for N in (None, 0)]
    found = [estimate(strata) for strata in (plain, *beside, faulty, whole)]
    assert [round(e.share, 12) for e in found] == [float(share)] * 5
    assert [(e.low, e.high) for e in found[1:3]] == [(found[0].low, found[0].high)] * 2
    assert [note.code for note in found[3].notes] == ["more_answers_than_dossiers"]
    assert found[3].se > found[4].se  # asked all the dossiers, it would have no error of its own
    return [
        *(1, share, 1, many, N2, satisfied, many, second, N2),
        *(N1 * first, N2 * second, N1 + N2, share, many, N2),
    ]


def covered(N, months):
    """As many months with answers as are just too few, and one more."""
    required = Fraction(str(REQUIRED))
    enough = math.ceil(required * months)
    names = [f"2026-{month:02d}" for month in range(1, months + 1)]
    found = []
    for heard in (enough - 1, enough):
        came = dict.fromkeys(names[:heard], 5)
        cover = cover_of(PLACE, names, came, dict.fromkeys(names, N), frozenset())
        share = Fraction(heard * N, months * N)
        assert Coverage.of([cover]).share == pytest.approx(float(share))
        found.append((heard, heard * N, months * N, share))
    assert found[0][3] < required <= found[1][3]
    return [*found[0], required, found[0][3], required, *found[1]]


def a_thin_sector(N1, n1, N2, n2, target):
    """Everybody satisfied in the first, all the dissatisfied in the second, the target just missed.

    KG-S takes few answers that agree for a sector like the others.
    """
    N = N1 + N2
    satisfied = math.ceil(target * N) - 1
    good = satisfied - N1
    chance = at_least(n2, good, n2, N2)
    assert n2 == 2 and chance == Fraction(good, N2) * Fraction(good - 1, N2 - 1)
    assert judge([item(n1, n1, N1), item(n2, n2, N2)], decimal(target)).evidence == "met"
    assert chance > ONE
    return [
        *(N2 - good, satisfied, N, Fraction(satisfied, N)),
        *(good, N2, good - 1, N2 - 1, chance, ONE),
    ]


def missing_month(N1, N2, few, many):
    """Two months are counted, the third is not: the mean of both, and at least its answers."""
    shares, whole = [], N1 + N2
    guesses = [max(few, (N1 + N2) // 2), max(many, (N1 + N2) // 2)]
    for came, guess in zip((few, many), guesses, strict=True):
        survey = of_months([N1, N2, None], [(9, 10), (9, 10), (came, came)])
        share = Fraction(whole, whole + guess)
        assert survey.cover(survey.scope(*PLACE)).share == pytest.approx(float(share))
        shares += [whole, whole + guess, share]
    return [
        *(N1, N2, 2, Fraction(N1 + N2, 2), few, guesses[0], *shares[:3]),
        *(many, guesses[1], *shares[3:]),
    ]


def safe_interval(*numbers):
    """KG-S of two sectors from its definition, respondent by respondent."""
    (N1, n1, x1), (N2, n2, x2) = numbers[:3], numbers[3:]
    N, n = N1 + N2, n1 + n2
    R = (N1 * Fraction(x1, n1) + N2 * Fraction(x2, n2)) / N
    v_str, leverage, squares, cap = [], Fraction(0), [], Fraction(0)
    for N_h, n_h, x_h in ((N1, n1, x1), (N2, n2, x2)):
        answers = [1] * x_h + [0] * (n_h - x_h)
        mean = Fraction(x_h, n_h)
        spread = sum((y - mean) ** 2 for y in answers) / (n_h - 1)
        lever = N_h**2 * (1 - Fraction(n_h, N_h)) / n_h
        v_str.append(lever * spread)
        leverage += lever
        squares.append(sum((y - R) ** 2 for y in answers))
        cap += Fraction(N_h, N) ** 2 * (1 - Fraction(n_h, N_h)) / n_h
    variance, pool = sum(v_str) / N**2, leverage * (sum(squares) + Fraction(1, 2)) / n / N**2
    shrunk = (R * n + Fraction(1, 2)) / (n + 1)
    size = min(shrunk * (1 - shrunk) / max(variance, pool), 1 / cap)
    a, b = float(size * R), float(size * (1 - R))
    low, high = (Fraction(v) for v in (beta.ppf(0.025, a, b + 1), beta.ppf(0.975, a + 1, b)))
    found = estimate([item(x1, n1, N1), item(x2, n2, N2)])
    assert [found.low, found.high, found.n_eff] == pytest.approx([low, high, size])
    return [
        *(R, *v_str, N, variance, math.sqrt(variance), *squares, leverage, pool, 1 / cap),
        *(shrunk, shrunk * (1 - shrunk) / variance, size, a, b, a, b + 1, a + 1, b),
        *outward(low, high, 10),
    ]


def an_index(*answers):
    """Satisfied answers and answers, person by person."""
    pairs = list(zip(answers[::2], answers[1::2], strict=True))
    y, m = (sum(column) for column in zip(*pairs, strict=True))
    sums = (
        sum(a * a for a, _ in pairs),
        sum(a * b for a, b in pairs),
        sum(b * b for _, b in pairs),
    )
    found = estimate([Stratum(Moments(len(pairs), len(pairs), y, m, *sums), None)], kind="ratio")
    assert found.share == pytest.approx(y / m)
    each = [Fraction(a, b) for a, b in pairs]
    return [y, m, Fraction(y, m), *each, sum(each) / len(each)]


def a_mean(N, *counts):
    """How many gave 5, 4, 3, 2, 1."""
    given = [s for s, count in zip((5, 4, 3, 2, 1), counts, strict=True) for _ in range(count)]
    steps, x, n = [score - 1 for score in given], sum(score >= 4 for score in given), len(given)
    sums = (sum(steps), sum(s * s for s in steps), sum(steps))
    found = estimate([Stratum(Moments(n, n, x, n, x, x, n, *sums), N)])
    assert found.mean == pytest.approx(sum(given) / n)
    return [n, sum(given), sum(given), n, Fraction(sum(given), n), x, n, Fraction(x, n)]


EXAMPLES = {
    "total": a_total,
    "months": by_month,
    "joined": joined_months,
    "faults": faults,
    "coverage": covered,
    "thin": a_thin_sector,
    "missing": missing_month,
    "safe_interval": safe_interval,
    "index": an_index,
    "mean": a_mean,
}
