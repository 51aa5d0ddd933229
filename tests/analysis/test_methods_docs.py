"""docs/methods is held to the code: every number of its worked examples is counted again here.

An example states its inputs first; what follows must be what enumeration makes of them, and the
public functions must agree with the enumeration. Sentences that it quotes must be the program's.
Both languages are held to the same.
"""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from scipy.stats import beta, binom, chi2, nbinom, poisson

from analysis.document import analyse
from analysis.input.aggregates import Cell
from analysis.input.counts import PairCounts, Sheets
from analysis.input.population import Dossiers
from analysis.insights import drivers, screening
from analysis.insights.drivers import MINIMUM_SHEETS, cronbach
from analysis.period import last_months, parse_period
from analysis.reporting import wording
from analysis.reporting.sections import headline_sentences
from analysis.statistics import comparisons
from analysis.statistics.comparisons import departure
from analysis.statistics.estimates import estimate, silence
from analysis.statistics.exact import Interval, exact_interval, one_sided_bounds
from analysis.statistics.moments import Moments
from analysis.statistics.sample_size import answers_for_power, fewest_all_satisfied, yamane
from analysis.statistics.sequential import confidence_sequence
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import holm, judge, judge_many
from analysis.strata.coverage import REQUIRED, Coverage, cover_of
from analysis.strata.pooling import Pooled
from analysis.strata.running import LEAST, STEP, settled
from analysis.strata.survey import Survey
from analysis.targets import parse_targets
from analysis.words import words
from questionnaires import shipped
from tests.analysis.verbs.office import sheets, write_population, write_responses

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"vi": "methods.md", "en": "methods.en.md"}
BLOCK = re.compile(r"<!-- example: (\w+) -->\n(.*?)<!-- /example -->", re.S)
NUMBER = {
    "vi": re.compile(r"(?<![\w,.])−?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?%?"),
    "en": re.compile(r"(?<![\w,.])−?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?"),
}
TWO, ONE = Fraction(1, 40), Fraction(1, 20)
AIM, YEAR = Fraction(9, 10), 2030
"""The target that the sentence about several sectors is quoted for."""


def text_of(lang):
    return (DOCS / PAGES[lang]).read_text(encoding="utf-8")


def read_number(token, lang):
    """Its value, and how far from it the truth may be: nothing for a number without decimals."""
    plain = token.rstrip("%").replace("−", "-")
    plain = plain.replace(".", "").replace(",", ".") if lang == "vi" else plain.replace(",", "")
    unit = Fraction(1, 100) if token.endswith("%") else Fraction(1)
    decimals = len(plain.partition(".")[2])
    return Fraction(plain) * unit, unit / (2 * 10**decimals) if decimals else Fraction(0)


def ways(k, M, n, N):
    """Ways to draw n of N dossiers with k of the M satisfied ones among them."""
    return math.comb(M, k) * math.comb(N - M, n - k) if 0 <= k <= n else 0


def at_least(x, M, n, N):
    return Fraction(sum(ways(k, M, n, N) for k in range(x, n + 1)), math.comb(N, n))


def at_most(x, M, n, N):
    return Fraction(sum(ways(k, M, n, N) for k in range(x + 1)), math.comb(N, n))


def possible(x, n, N, tail):
    """First and last count of satisfied dossiers that the answers do not rule out, all tried."""
    counts = range(x, N - n + x + 1)
    kept = [M for M in counts if at_least(x, M, n, N) > tail and at_most(x, M, n, N) > tail]
    return kept[0], kept[-1]


def item(x, n, N):
    return Stratum(Moments(n, n, x, n, x, x, n, 4 * x, 16 * x, 4 * x), N)


def verdict(x, n, N, target):
    """By enumeration; the code must say the same."""
    required = math.ceil(target * N)
    low, high = possible(x, n, N, ONE)
    found = "met" if low >= required else "missed" if high < required else "not_proven"
    assert judge([item(x, n, N)], decimal(target)).evidence == found
    return found


def decimal(share):
    return Decimal(share.numerator) / Decimal(share.denominator)


def outward(low, high, scale):
    return (
        Fraction(math.floor(low * 100 * scale), 100 * scale),
        Fraction(math.ceil(high * 100 * scale), 100 * scale),
    )


def a_share(N, n, x):
    assert Fraction(estimate([item(x, n, N)]).share).limit_denominator(10**6) == Fraction(x, n)
    return [x, n, Fraction(x, n)]


def an_interval(N, n, x):
    all_ways = math.comb(N, n)
    low, high = possible(x, n, N, TWO)
    assert exact_interval(x, n, N) == Interval(low / N, high / N)
    below = sum(ways(k, low - 1, n, N) for k in range(x, n + 1))
    kept = sum(ways(k, low, n, N) for k in range(x, n + 1))
    above = sum(ways(k, high, n, N) for k in range(x + 1))
    assert high + 1 > N - (n - x)
    found = outward(Fraction(low, N), Fraction(high, N), 1)
    return [
        *(n, N, all_ways, TWO),
        *(low - 1, x, below, below, all_ways, Fraction(below, all_ways), TWO),
        *(low, x, kept, kept, all_ways, Fraction(kept, all_ways), TWO),
        *(high, x, above, above, all_ways, Fraction(above, all_ways), TWO),
        *(high + 1, n - x, low, high, N, Fraction(low, N), Fraction(high, N), *found),
    ]


def a_verdict(N, n, x, target):
    all_ways, required = math.comb(N, n), math.ceil(target * N)
    low, high = possible(x, n, N, ONE)
    assert one_sided_bounds(x, n, N) == Interval(low / N, high / N)
    assert verdict(x, n, N, target) == "not_proven"
    out = sum(ways(k, low - 1, n, N) for k in range(x, n + 1))
    kept = sum(ways(k, low, n, N) for k in range(x, n + 1))
    return [
        *(target, N, target * N, required, ONE),
        *(low - 1, out, all_ways, Fraction(out, all_ways), ONE),
        *(low, kept, all_ways, Fraction(kept, all_ways), ONE),
        *(low, N, Fraction(low, N), high, N, Fraction(high, N)),
        *(low, required, high, required, Fraction(x, n), target),
    ]


def a_small_proof(N, target, n):
    required = math.ceil(target * N)
    short = required - 1
    chance, fewer = at_least(n, short, n, N), at_least(n - 1, short, n - 1, N)
    assert (verdict(n, n, N, target), verdict(n - 1, n - 1, N, target)) == ("met", "not_proven")
    left = N - n
    return [
        *(required, n, short, N - short, n),
        *(left, N, left - 1, N - 1, chance, ONE),
        *(n - 1, left + 1, N, left, N - 1, fewer, ONE),
    ]


def a_big_proof(N, target, n):
    required = math.ceil(target * N)
    short, (low, _) = required - 1, possible(n, n, N, ONE)
    assert [verdict(k, k, N, target) for k in (n, n - 1, n - 2)] == ["met", "met", "not_proven"]
    unknown = [judge([item(k, k, None)], decimal(target)).evidence for k in (n, n - 1)]
    assert unknown == ["met", "not_proven"]
    return [
        *(required, n, short, n),
        *(short, N, short - 1, N - 1, short - n + 1, N - n + 1, at_least(n, short, n, N), ONE),
        *(low, N, Fraction(low, N), n - 1, at_least(n - 1, short, n - 1, N)),
        *(n - 2, at_least(n - 2, short, n - 2, N)),
        *(target, n, target**n, n - 1, target ** (n - 1), n),
    ]


def a_census(N, x, target):
    found = estimate([item(x, N, N)])
    assert found.low == found.high == found.share == x / N
    assert (verdict(x, N, N, target), verdict(x - 1, N, N, target)) == ("met", "missed")
    return [x, N, Fraction(x, N), math.ceil(target * N), N, N, x - 1, N, N]


def on_whom(N, n, x, target):
    """A verdict met by the one-sided limit and not by the two-sided one; q of the silent."""
    required = math.ceil(target * N)
    (low, _), (wide, _) = possible(x, n, N, ONE), possible(x, n, N, TWO)
    assert verdict(x, n, N, target) == "met"
    assert exact_interval(x, n, N).low == wide / N < target <= low / N
    q = (required - x) / Fraction(N - n)
    assert silence([item(x, n, N)], decimal(target)).share_needed == pytest.approx(float(q))
    least, shown = Fraction(math.ceil(100 * q), 100), Fraction(low, N)
    return [
        *(required, required - 1, x, at_least(x, required - 1, n, N), ONE),
        *(low, N, shown, wide, N, Fraction(wide, N), shown, target),
        *(N - n, required, x, N - n, q, least, n, N, least),
    ]


def still_needed(N, n, target):
    """All satisfied, then one not: more answers at the same share until the verdict falls."""
    required = math.ceil(target * N)
    sizes = range(n, N + 1)
    met = next(k for k in sizes if verdict(k, k, N, target) == "met")
    some = [(k, math.ceil(Fraction(k * (n - 1), n))) for k in sizes]
    missed, satisfied = next(s for s in some if verdict(s[1], s[0], N, target) == "missed")
    for x, size in ((n, met), (n - 1, missed)):
        assert judge([item(x, n, N)], decimal(target)).responses_needed == size - n
    return [
        *(n, met - n, met, met, n - 1, Fraction(n - 1, n), missed - n, missed),
        *(missed, satisfied, missed - satisfied, N, N - (missed - satisfied), required),
    ]


def still_running(target, n):
    """Dossiers not known, everyone satisfied: until target ** n is at most 5%."""
    enough = next(k for k in range(n, 999) if target**k <= ONE)
    assert judge([item(n, n, None)], decimal(target)).responses_needed == enough - n
    return [enough, enough - n]


def the_silent(N, n, x, target):
    q = (target * N - x) / (N - n)
    found = silence([item(x, n, N)], decimal(target))
    bounds = Fraction(x, N), Fraction(x + N - n, N)
    assert (found.low, found.high) == pytest.approx(tuple(map(float, bounds)))
    assert (found.share_needed, found.verdict) == (pytest.approx(float(q)), "depends")
    return [
        *(n, N, Fraction(n, N), N - n, x, N, bounds[0], x, N - n, N, bounds[1]),
        *(target, target, N, x, N - n, target * N - x, N - n, q),
    ]


def three_silences(N, target, *cases):
    """Three surveys (answers, satisfied): it depends, met whatever they think, out of reach."""
    required, found = target * N, []
    for (n, x), sure in zip(zip(cases[::2], cases[1::2], strict=True), SURE, strict=True):
        q = (required - x) / (N - n)
        known = silence([item(x, n, N)], decimal(target))
        assert (known.share_needed, known.verdict) == (pytest.approx(float(q)), sure)
        found += [required, x, N - n, q, n, N, *([q] if sure == "depends" else [])]
    return [required, *found]


SURE = ("depends", "met", "missed")


def self_selection(N, satisfied, from_satisfied, from_others):
    others, n = N - satisfied, from_satisfied + from_others
    low, high = (Fraction(round(end * N), N) for end in _ends(exact_interval(from_satisfied, n, N)))
    assert (
        at_least(from_satisfied, round(low * N), n, N)
        > TWO
        >= at_least(from_satisfied, round(low * N) - 1, n, N)
    )
    assert (
        at_most(from_satisfied, round(high * N), n, N)
        > TWO
        >= at_most(from_satisfied, round(high * N) + 1, n, N)
    )
    truth, silent = Fraction(satisfied, N), N - n
    assert low > truth
    return [
        *(Fraction(from_satisfied, satisfied), Fraction(from_others, others), truth),
        *(n, from_satisfied, n, Fraction(from_satisfied, n), low, high, truth),
        *(Fraction(from_satisfied, N), Fraction(from_satisfied + silent, N), truth),
    ]


READINESS = (Fraction(1), Fraction(3, 2), Fraction(2), Fraction(3))


def readiness(target, *offices):
    """Offices (dossiers, part that answers); the truth is the target. How often "met" comes out.

    Each person answers independently: the satisfied and the other answers are two binomials.
    """
    seen = [target * a / (target * a + 1 - target) for a in READINESS]
    chances = [
        [_chance_of_met(int(N), part, target, times) for times in READINESS]
        for N, part in zip(offices[::2], offices[1::2], strict=True)
    ]
    N, n = int(offices[0]), int(offices[0] * offices[1])
    x = round(n * seen[2])
    silent, left = N - n, target * N - x
    least = Fraction(math.ceil(100 * left / silent), 100)
    rows = [(size, *row) for size, row in zip(offices[::2], chances, strict=True)]
    return [
        *READINESS[1:],
        *seen,
        *(number for row in rows for number in row),
        *(2, n, x, n, N, least, silent, left, left / silent),
    ]


def _chance_of_met(N, part, target, times):
    """By adding up every pair of satisfied and other answers that makes a verdict of met."""
    satisfied = int(target * N)
    rare = part / (times * target + 1 - target)
    happy, others = (
        kind.pmf(range(int(kind.isf(1e-9)) + 1)).tolist()
        for kind in (binom(satisfied, float(times * rare)), binom(N - satisfied, float(rare)))
    )
    pairs = [(x, y) for x in range(len(happy)) for y in range(len(others)) if x + y]
    fewest = _fewest_that_prove(N, len(happy) + len(others), target)
    return sum(happy[x] * others[y] for x, y in pairs if x >= fewest[x + y])


@lru_cache
def _fewest_that_prove(N, most, target):
    """Satisfied answers of n that prove the target; the code must draw the line there, too."""
    short = math.ceil(target * N) - 1
    found = {n: _too_common(n, short, N) + 1 for n in range(1, most)}
    lines = [(x, n) for n, fewest in found.items() for x in (fewest - 1, fewest) if x <= n]
    cells, thresholds = [[item(x, n, N)] for x, n in lines], [decimal(target)] * len(lines)
    said = judge_many(cells, thresholds, "item")
    assert [v.evidence == "met" for v in said] == [x >= found[n] for x, n in lines]
    return found


def _too_common(n, short, N):
    """The most satisfied answers of n that come too often when the target is just missed."""
    tail, x = 0, n + 1
    while 20 * tail <= math.comb(N, n):
        x -= 1
        tail += ways(x, short, n, N)
    return x


def _ends(found):
    return found.low, found.high


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


PLACE = ("office", "land")


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


def a_difference(N, n, x, other):
    """Newcombe's square-and-add from the exact interval of each side, in percentage points."""
    p, q = Fraction(100 * x, n), Fraction(100 * other, n)
    (l1, u1), (l2, u2) = (
        [Fraction(100 * M, N) for M in possible(k, n, N, TWO)] for k in (x, other)
    )
    below, above = math.hypot(p - l1, u2 - q), math.hypot(u1 - p, q - l2)
    sides = (estimate([item(k, n, N)]) for k in (x, other))
    found = comparisons.difference(*sides)
    limits = [100 * found.low, 100 * found.high]
    assert limits == pytest.approx([float(p - q) - below, float(p - q) + above])
    return [
        *(p / 100, l1 / 100, u1 / 100, q / 100, l2 / 100, u2 / 100, p - q),
        *(p - q, p - l1, u2 - q, p - q - below, p - q, u1 - p, q - l2, p - q + above),
    ]


def a_daily_look(N, n, x):
    """Uniform prior: every number of satisfied answers was as likely as any other beforehand."""
    limit = ONE / (n + 1)
    chance = {M: Fraction(ways(x, M, n, N), math.comb(N, n)) for M in range(N + 1)}
    kept = [M for M in chance if chance[M] > limit]
    (look,) = confidence_sequence([(x, n)], N)
    assert (look.low, look.high) == (kept[0] / N, kept[-1] / N)
    fixed = possible(x, n, N, TWO)
    return [
        *(ONE, n + 1, limit, kept[0], ways(x, kept[0], n, N), math.comb(N, n), chance[kept[0]]),
        *(limit, kept[0], kept[-1], N, *fixed),
    ]


def settled_days(*answers):
    """Four days: what counts at the end of each, looked at on the day after."""
    days = [date(2026, 10, day) for day in range(5, 10)]
    daily = {
        day.isoformat(): {
            "desk@1": {Cell(*PLACE, "poster", False, "2026-10"): {"overall": Moments(n, n)}}
        }
        for day, n in zip(days, answers, strict=False)
    }
    told = [
        sum(
            measures["overall"].n
            for cells in settled(daily, today).values()
            for measures in cells.values()
        )
        for today in days[1:]
    ]
    third = sum(answers[:3])
    assert told == [0, 0, third, third]
    return [sum(answers[:2]), STEP, third, third, answers[3], STEP, sum(answers)]


def two_sides(n, x, other):
    """On site and elsewhere, n answers each; then a period with another part on site."""
    chance = at_least(x, x + other, n, 2 * n)
    found = comparisons.compare_channels({"on_site": [(x, n)], "elsewhere": [(other, n)]})
    assert [side.p_value for side in found] == pytest.approx([float(2 * chance)] * 2)
    assert found[0].differs
    here, there, more, less = Fraction(x, n), Fraction(other, n), 3 * n // 2, n // 2
    now, then = Fraction(x + other, 2 * n), (here * more + there * less) / (more + less)
    return [
        *(found[0].expected, x, chance, 2 * chance, ONE, x + other, 2 * n, now, more, less),
        *(here, there, here * more, there * less, more + less, then, 100 * (then - now)),
    ]


def two_channels(n, x, other):
    """Each channel `n` answers; the chance that so many satisfied ones fall to the first."""
    total, both = 2 * n, x + other
    chance = at_least(x, both, n, total)
    found = comparisons.compare_channels({"kiosk": [(x, n)], "poster": [(other, n)]})
    assert [c.p_value for c in found] == pytest.approx([2 * chance] * 2)
    assert found[0].differs
    return [
        *(both, total, found[0].expected, ways(x, both, n, total), math.comb(total, n)),
        *(chance, 2 * chance, ONE),
    ]


def a_month_of_twelve(n, x, before, satisfied_before):
    all_, share = n + before, x + satisfied_before
    limit, chance = ONE / 12, at_most(x, share, n, all_)
    found = departure([(x, n)], [(satisfied_before, before)])
    assert found.signal == "lower" and 2 * chance <= limit
    assert found.p_value == pytest.approx(float(2 * chance))
    return [share, n, all_, Fraction(share * n, all_), ONE, 12, limit]


def several_sectors(sectors, p1, p2, p3):
    adjusted = [3 * p1, max(3 * p1, 2 * p2), max(3 * p1, 2 * p2, p3)]
    assert holm([float(p) for p in (p1, p2, p3)]) == pytest.approx([float(a) for a in adjusted])
    proven = sum(a <= ONE for a in adjusted)
    alone = sum(p <= ONE for p in (p1, p2, p3))
    return [
        *(1 - ONE, sectors, 1 - (1 - ONE) ** sectors),
        *(3, p1, adjusted[0], 2, p2, adjusted[1], adjusted[2], ONE, proven, 3, alone),
        *(AIM, YEAR, AIM, YEAR, 3, alone, 0, proven),
    ]


def a_driver(n, satisfied, with_both, with_overall_only):
    others = n - satisfied
    shares = Fraction(with_both, satisfied), Fraction(with_overall_only, others)
    pair = PairCounts(n, satisfied, with_both + with_overall_only, with_both)
    (found,) = drivers.drivers({"item:x": {("office", "land"): pair}})
    ends = [found.importance.low, found.importance.high]
    assert found.importance.difference == pytest.approx(float(shares[0] - shares[1]))
    sides = [
        (share, Interval(*(beta.ppf(p, a, b) for p, a, b in limits)))
        for share, limits in (
            (s, ((0.025, k, m - k + 1), (0.975, k + 1, m - k)))
            for s, k, m in zip(
                shares, (with_both, with_overall_only), (satisfied, others), strict=True
            )
        )
    ]
    again = comparisons.newcombe(*sides[0], *sides[1])
    assert ends == pytest.approx([again.low, again.high])
    return [
        *(with_both, satisfied, shares[0], others, with_overall_only, others, shares[1]),
        *((shares[0] - shares[1]) * 100, *(round(100 * end) for end in ends)),
    ]


def an_alpha(*scores):
    """Three people, two items; variances with n - 1."""
    first, second = scores[::2], scores[1::2]
    sums = [a + b for a, b in zip(first, second, strict=True)]
    found = [_variance(values) for values in (first, second, sums)]
    alpha = 2 * (1 - (found[0] + found[1]) / found[2])
    squares = tuple(sum(v * v for v in values) for values in (first, second, sums))
    sheets = Sheets(len(first), (sum(first), sum(second)), squares[:2], squares[2])
    assert cronbach(sheets) == pytest.approx(float(alpha))
    return [*found, 2, 2, 1, 1, found[0], found[1], found[2], alpha]


def _variance(values):
    mean = Fraction(sum(values), len(values))
    return sum((v - mean) ** 2 for v in values) / (len(values) - 1)


def a_burst(sectors, days, *counts):
    *others, today = (int(count) for count in counts)
    number, total = len(others), sum(others)
    assert days == number + 1
    usual = Fraction(2 * total + 1, 2 * number)
    spread, limit = _variance(others), chi2.ppf(0.01, number - 1)
    ratio = spread / Fraction(total, number)
    worst = float(ratio) * (number - 1) / limit
    wide = float(usual) * worst * days / number
    tail = nbinom(float(usual) ** 2 / (wide - float(usual)), float(usual) / wide).sf(today - 1)
    first = date(2026, 10, 1)
    table = {first + timedelta(n): count for n, count in enumerate([*others, today])}
    found = {("desk@1", "office", f"{n}"): table if n == 0 else {first: 1} for n in range(sectors)}
    (flag,) = screening.bursts(found, parse_period("2026-10"))
    assert (flag.reason, flag.expected) == ("burst", pytest.approx(float(usual)))
    assert flag.p_value == pytest.approx(tail)
    tests = sectors * days
    return [
        *(sectors, days, tests, ONE, tests, ONE / tests, total, Fraction(1, 2), number, usual),
        *(spread, spread, Fraction(total, number), ratio, Fraction(99, 100)),
        *(ratio, number - 1, limit, worst, usual, worst, days, number, wide, today, tail),
    ]


def unserved(sectors, days, answers, hours, people):
    served = hours * people
    assert served == screening.SERVED
    first = date(2026, 10, 1)
    found = {
        ("desk@1", "office", f"{n}"): {first: 1, first + timedelta(days - 1): answers if n else 1}
        for n in range(2)
    }
    found |= {("desk@1", "office", f"{n}"): {first: 1} for n in range(2, sectors)}
    (flag,) = screening.bursts(found, parse_period("2026-10"))
    tail = poisson(served).sf(answers - 1)
    assert (flag.reason, flag.p_value) == ("unserved", pytest.approx(tail))
    tests = sectors * days
    return [served, sectors, days, tests, ONE, tests, ONE / tests, served, answers, tail]


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
    said = [wording.share_phrase(some_answers(n)) for n in (few - 1, few, shown - 1, shown)]
    assert ["%" in text for text in said] == [False, True, True, True]
    assert [",0%" in text for text in said] == [False, False, False, True]
    means = [wording.mean_phrase(some_answers(n)) for n in (9, 10)]
    assert means[0] == "–" != means[1]
    width = Fraction(str(wording.UNRELIABLE_WIDTH)) * 100
    return [few, few, shown - 1, shown, shown, width, 10, drivers.MINIMUM_SIDE, MINIMUM_SHEETS]


def some_answers(n):
    return SimpleNamespace(
        n=n, respondents=n, answered=n, satisfied=n, share=1.0, mean=4.1, scale=5
    )


EXAMPLES = {
    "share": a_share,
    "interval": an_interval,
    "verdict": a_verdict,
    "small_proof": a_small_proof,
    "big_proof": a_big_proof,
    "census": a_census,
    "basis": on_whom,
    "needed": still_needed,
    "running": still_running,
    "silent": the_silent,
    "silences": three_silences,
    "self_selection": self_selection,
    "readiness": readiness,
    "total": a_total,
    "months": by_month,
    "joined": joined_months,
    "faults": faults,
    "coverage": covered,
    "missing": missing_month,
    "safe_interval": safe_interval,
    "index": an_index,
    "mean": a_mean,
    "difference": a_difference,
    "settled": settled_days,
    "daily": a_daily_look,
    "channels": two_channels,
    "sides": two_sides,
    "month": a_month_of_twelve,
    "several": several_sectors,
    "driver": a_driver,
    "alpha": an_alpha,
    "burst": a_burst,
    "unserved": unserved,
    "fewest": fewest,
    "power": power,
    "guidance": guidance,
    "error_rates": error_rates,
    "display": what_is_shown,
}
VARIABLE = {
    **{"silences": 8, "total": 6, "safe_interval": 6, "index": 6, "mean": 6, "alpha": 6},
    **{"burst": 8, "fewest": 5, "power": 4, "guidance": 2, "error_rates": 11},
    **{"readiness": 5, "faults": 8, "settled": 4, "joined": 9},
}
"""How many numbers of an example are its inputs where the function takes any number."""


def inputs_of(name):
    return VARIABLE.get(name, len(inspect.signature(EXAMPLES[name]).parameters))


@lru_cache
def expected_of(name, inputs):
    return EXAMPLES[name](*(int(v) if v.denominator == 1 else v for v in inputs))


def wrong_numbers(name, block, lang):
    """Numbers after the inputs that are not what the inputs make; all, where one is too many."""
    tokens = NUMBER[lang].findall(block)
    numbers = [read_number(token, lang) for token in tokens]
    split = inputs_of(name)
    expected = expected_of(name, tuple(value for value, _ in numbers[:split]))
    if len(numbers) - split != len(expected):
        return tokens
    return [
        (token, float(truth))
        for token, (value, slack), truth in zip(
            tokens[split:], numbers[split:], expected, strict=True
        )
        if abs(value - Fraction(truth)) > slack + Fraction(1, 10**12)
    ]


def last_digit_up(token):
    place = max(i for i, sign in enumerate(token) if sign.isdigit())
    return f"{token[:place]}{(int(token[place]) + 1) % 10}{token[place + 1 :]}"


@pytest.mark.parametrize("lang", PAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_an_example_is_what_its_inputs_make(name, lang):
    (block,) = (text for found, text in BLOCK.findall(text_of(lang)) if found == name)
    assert wrong_numbers(name, block, lang) == []
    for match in [*NUMBER[lang].finditer(block)][inputs_of(name) :]:
        altered = block[: match.start()] + last_digit_up(match[0]) + block[match.end() :]
        assert wrong_numbers(name, altered, lang), f"{match[0]} could be anything"


JUDGED = {
    "basis": (("basis", 120, 44, 41),),
    "census": (("census", 12, 12, 11), ("census-missed", 12, 12, 10)),
    "silences": (
        ("depends", 60, 50, 48),
        ("certain", 60, 55, 52),
        ("certain-missed", 60, 50, 40),
    ),
    "readiness": (("readiness", 1000, 100, 92),),
    "needed": (("needed", 12, 5, 5),),
}
"""Example -> sectors whose verdicts it quotes: their name, dossiers, answers, satisfied ones."""

GOALS = """
[[target]]
id = "at-{percent}"
title = {{vi = "Mục tiêu", en = "Target"}}
measure = "overall"
sectors = "all"
pool = false
threshold = 0.{percent}
deadline = 2030
source = "an example"
"""


def targets(*percents):
    return parse_targets("".join(GOALS.format(percent=p) for p in percents), "targets.toml")


@pytest.fixture(scope="module")
def quoted(tmp_path_factory):
    """What the program says of each example that quotes it, in a language."""
    folder = tmp_path_factory.mktemp("quoted")
    sectors = [sector for found in JUDGED.values() for sector in found]
    rows = [row for name, _, n, x in sectors for row in sheets(name, x, n)]
    found = analyse(
        write_responses(folder / "answers.csv", rows),
        write_population(folder / "dossiers.csv", {name: N for name, N, _, _ in sectors}),
        period="2026-10",
        targets=targets(85, 90),
    )
    running = analyse(
        write_responses(folder / "running.csv", sheets("land", 20, 20)),
        period="2026-10",
        targets=targets(90),
        today=date(2026, 10, 31),
    )
    year = _a_year(folder)

    def said(lang):
        met = {name: wording.basis_phrase(_verdict(found, name, 85), lang) for name, *_ in sectors}
        census = [_verdict(found, name, 90) for name, *_ in JUDGED["census"]]
        basis, needed = _verdict(found, "basis", 85), _verdict(found, "needed", 90)
        still = _verdict(running, "land", 90)
        return {
            "basis": [wording.limit_phrase(basis, lang), met["basis"]],
            "census": [wording.basis_phrase(verdict, lang) for verdict in census],
            "silences": [met[name] for name, *_ in JUDGED["silences"]],
            "readiness": [met["readiness"]],
            "needed": [_settles(found, needed, lang, running=False)],
            "running": [_settles(running, still, lang, running=True)],
            "coverage": [wording.reason_phrase(_verdict(year, "land", 85), REQUIRED, lang)],
            "faults": [_beside(lang)],
            "several": [_headline(lang)],
        }

    return said


def _verdict(found, sector, percent):
    key = f"at-{percent}", "all", sector
    return next(verdict for verdict in found.verdicts if verdict.key == key)


def _settles(found, verdict, lang, *, running):
    return wording.settle_phrase(verdict, found.row_of(verdict), lang, running=running)


def _a_year(folder):
    """Every month 100 dossiers; answers in the first nine, all satisfied. A tenth would do."""
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    counts = ["period,office,sector,completed", *(f"{month},xa-a,land,100" for month in months)]
    path = folder / "year.csv"
    path.write_text("\n".join(counts) + "\n", encoding="utf-8")
    found = []
    for heard in (9, 10):
        rows = [
            row | {"response_id": f"{month}-{row['response_id']}", "answered_on": f"{month}-05"}
            for month in months[:heard]
            for row in sheets("land", 6, 6)
        ]
        answers = write_responses(folder / f"heard-{heard}.csv", rows)
        found.append(analyse(answers, path, period="2026", targets=targets(85)))
    nine, ten = (_verdict(year, "land", 85) for year in found)
    assert (nine.evidence, nine.reason, ten.evidence) == ("not_proven", "coverage", "met")
    return found[0]


def _beside(lang):
    (note,) = estimate([item(7, 10, 60), item(1, 1, None)]).notes
    name = {"vi": "xây dựng", "en": "construction"}[lang]
    told = replace(note, places=(("", "construction"),))
    return told.text(lang, {"construction": name}).rstrip(".")


def _headline(lang):
    """Three sectors met, each by itself, with the p-values of the example."""
    goals = targets(90)
    rows = [
        SimpleNamespace(
            target="at-90", office="all", sector=str(p), evidence="met", p_met=p, p_missed=1.0
        )
        for p in (0.01, 0.03, 0.04)
    ]
    found = SimpleNamespace(status="closed", verdicts=rows, targets=goals, level=0.95)
    return headline_sentences(found, lang=lang)[0]


@pytest.mark.parametrize("lang", PAGES)
def test_the_sentences_quoted_are_those_of_the_program(quoted, lang):
    blocks = dict(BLOCK.findall(text_of(lang)))
    found = {name: re.findall("“(.*?)”", block) for name, block in blocks.items()}
    assert {name: quotes for name, quotes in found.items() if quotes} == quoted(lang)


@pytest.mark.parametrize("lang", PAGES)
def test_no_example_stands_outside_the_reach_of_these_tests(lang):
    text = text_of(lang)
    names = [name for name, _ in BLOCK.findall(text)]
    assert sorted(names) == sorted(EXAMPLES)
    assert text.count("<!-- ") == 2 * len(names)
    title = {"vi": "**Tính tay", "en": "**By hand"}[lang]
    assert title not in BLOCK.sub("", text)
    assert all(digit not in re.sub(NUMBER[lang], "", block) for _, block in BLOCK.findall(text)
               for digit in "0123456789")  # fmt: skip


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_uses_the_words_of_the_results(lang):
    text = text_of(lang)
    groups = ("verdict", "wording.channels", "measure")
    said = [text for group in groups for text in words().group(group, lang).values()]
    said += [label.get(lang) for label in shipped()["desk@1"].scale.labels]
    assert [word for word in said if word.lower() not in text.lower()] == []


@pytest.mark.parametrize("lang", PAGES)
def test_the_functions_and_pages_named_exist(lang):
    text = text_of(lang)
    for module, name in re.findall(r"`analysis\.([\w.]+)\.(\w+)`", text):
        assert hasattr(import_module(f"analysis.{module}"), name), (module, name)
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (DOCS / link).is_file(), link


def test_both_languages_have_the_same_sections():
    vi, en = (re.findall(r"^(#+) (\d*)", text_of(lang), re.M) for lang in PAGES)
    assert vi == en


def test_numbers_are_read_as_each_language_writes_them():
    assert read_number("41,7%", "vi") == (Fraction(417, 1000), Fraction(1, 2000))
    assert read_number("1.000", "vi") == read_number("1,000", "en") == (1000, 0)
    assert read_number("−20%", "en") == (Fraction(-1, 5), 0)
    assert NUMBER["vi"].findall("C(12; 5) = 792, 4,5% của 1.000 (−2)") == [
        *("12", "5", "792", "4,5%", "1.000", "−2")
    ]
