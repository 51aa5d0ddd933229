"""The mean of element shares: its variance by hand, person by person, and beside `estimate`'s."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analysis.input.aggregates import crossed, read_moments
from analysis.period import parse_period
from analysis.statistics.elements import ElementStratum, element_mean
from analysis.statistics.estimates import estimate
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from tests.analysis.given import read_all


def product(one, other):
    """Moments of one element's (y, m) with another's, a pair of numbers for each person."""
    (y, m), (v, u) = np.array(one).T, np.array(other).T
    n, answered = len(y), int((m > 0).sum())
    return Moments(n, answered, y.sum(), m.sum(), (y * v).sum(), (y * u).sum(), (m * u).sum())


def stratum(elements, population):
    """A stratum from each element's (y, m) of every person."""
    return ElementStratum([[product(a, b) for b in elements] for a in elements], population)


def shares_of(strata, kinds):
    """As the document estimates each element by itself."""
    return [
        estimate(
            [Stratum(part.elements[place], part.population) for part in strata], kind=kind
        ).share
        for place, kind in enumerate(kinds)
    ]


def mean_of(strata, kinds, **options):
    return element_mean(strata, kinds, shares_of(strata, kinds), **options)


ACCESS = [(2, 2), (1, 2), (2, 2), (0, 1)]
RESULTS = [(1, 2), (1, 1), (2, 2), (0, 2)]


def test_two_elements_and_four_people_by_hand():
    """R = 5/7 and 4/7; of 490 z the people have 3, 0, 10, -13, whose squares add up to 278."""
    found = mean_of([stratum([ACCESS, RESULTS], 20)], ["ratio", "ratio"])
    assert found.share == pytest.approx((5 / 7 + 4 / 7) / 2)
    assert found.se == pytest.approx((20**2 * (1 - 4 / 20) / 4 * 278 / 3) ** 0.5 / 490)
    assert found.se == pytest.approx(0.175716, abs=1e-6)
    assert found.df == 3
    assert 0 <= found.low < found.lower < found.share < found.upper < found.high <= 1


def people(rng, n, items, answer=1.0):
    """(y, m) of n people to elements of so many items each, one person's items alike."""
    mood = rng.normal(size=(n, 1))
    found = []
    for number in items:
        given = rng.random((n, number)) < answer
        happy = mood + rng.normal(size=(n, number)) > -1.2
        found.append(np.column_stack([(given & happy).sum(axis=1), given.sum(axis=1)]))
    return found


def linearised_se(sample, populations):
    """Person by person, as R's svycontrast(svyratio(), 1/E) under svydesign(strata, fpc) does."""
    weights = [N / len(part[0]) for part, N in zip(sample, populations, strict=True)]
    count = len(sample[0])
    y, m = (
        [
            sum(w * p[e][:, c].sum() for w, p in zip(weights, sample, strict=True))
            for e in range(count)
        ]
        for c in (0, 1)
    )
    variance = 0.0
    for part, N in zip(sample, populations, strict=True):
        n = len(part[0])
        z = sum((p[:, 0] - y[e] / m[e] * p[:, 1]) / m[e] for e, p in enumerate(part)) / count
        variance += N**2 * (1 - n / N) / n * z.var(ddof=1)
    return variance**0.5, sum(a / b for a, b in zip(y, m, strict=True)) / count


@pytest.mark.parametrize("answer", [1.0, 0.8])
def test_elements_of_several_items_have_rs_share_and_error(answer):
    rng = np.random.default_rng(5)
    sample = [people(rng, n, (4, 2, 3, 5, 4), answer) for n in (40, 12, 25)]
    populations = [300, 30, 90]
    strata = [stratum(part, N) for part, N in zip(sample, populations, strict=True)]
    found = mean_of(strata, ["ratio"] * 5)
    se, share = linearised_se(sample, populations)
    assert found.share == pytest.approx(share, abs=1e-12)
    assert found.se == pytest.approx(se, rel=1e-9)


def test_elements_of_one_item_that_all_answered_have_rs_share_and_error():
    rng = np.random.default_rng(6)
    sample = [people(rng, n, (1, 1, 1, 1, 1)) for n in (30, 9)]
    strata = [stratum(part, N) for part, N in zip(sample, (60, 80), strict=True)]
    found = mean_of(strata, ["item"] * 5)
    se, share = linearised_se(sample, (60, 80))
    assert (found.share, found.se) == (pytest.approx(share), pytest.approx(se, rel=1e-9))


@pytest.mark.parametrize("kind", ["item", "ratio"])
def test_a_single_element_is_its_own_row(kind):
    """Half of the people left the element out in one sector, and nobody in the other."""
    rng = np.random.default_rng(7)
    sample = [people(rng, 24, (1,), 0.5), people(rng, 15, (1,))]
    strata = [stratum(part, N) for part, N in zip(sample, (100, 40), strict=True)]
    row = estimate([Stratum(s.elements[0], s.population) for s in strata], kind=kind)
    found = mean_of(strata, [kind])
    assert found.share == pytest.approx(row.share)
    assert found.se == pytest.approx(row.se)
    assert (found.low, found.high) == pytest.approx((row.low, row.high))
    assert (found.lower, found.upper) == pytest.approx((row.lower, row.upper))


def test_where_every_element_has_as_many_answers_it_is_the_combined_index():
    rng = np.random.default_rng(8)
    sample = people(rng, 50, (2, 2, 2))
    found = mean_of([stratum(sample, 80)], ["ratio"] * 3)
    y, m = sum(sample).T
    whole = Moments(50, 50, y.sum(), m.sum(), (y * y).sum(), (y * m).sum(), (m * m).sum())
    index = estimate([Stratum(whole, 80)], kind="ratio")
    assert (found.share, found.se) == (pytest.approx(index.share), pytest.approx(index.se))


def test_people_who_agree_with_themselves_make_it_less_certain():
    """The same shares, by the same people or by different ones."""
    same = [(1, 1)] * 15 + [(0, 1)] * 5
    other = [(0, 1)] * 5 + [(1, 1)] * 15
    together = mean_of([stratum([same, same], 200)], ["item", "item"])
    apart = mean_of([stratum([same, other], 200)], ["item", "item"])
    assert together.share == apart.share == 0.75
    alone = estimate([Stratum(product(same, same), 200)])
    assert together.se == pytest.approx(alone.se)
    assert apart.se < 0.6 * alone.se  # correlation -1/3: sqrt(1/3)


def test_everyone_satisfied_is_not_certain_and_a_census_is():
    all_ = [(1, 1)] * 12
    some = mean_of([stratum([all_, all_], 40)], ["item", "item"])
    assert (some.share, some.se, some.high) == (1, 0, 1) and some.low < 0.9
    census = mean_of([stratum([all_, all_], 12)], ["item", "item"])
    assert (census.low, census.share, census.high) == (1, 1, 1)


def test_answers_that_no_dossier_count_covers_are_in_no_figure():
    strata = [stratum([ACCESS, RESULTS], 20), stratum([[(0, 2)] * 4] * 2, None)]
    alone = mean_of(strata[:1], ["ratio", "ratio"])
    assert mean_of(strata, ["ratio", "ratio"]) == alone


def test_without_any_dossiers_answers_count_alike_and_nothing_is_corrected():
    strata = [stratum([ACCESS, RESULTS], None)]
    found = mean_of(strata, ["ratio", "ratio"])
    assert found.se == pytest.approx((4 * 278 / 3) ** 0.5 / 98)  # M = 7 where it was 35
    assert mean_of([], []).share is None


def test_an_element_without_answers_leaves_no_mean():
    nobody = [(0, 0)] * 4
    found = mean_of([stratum([ACCESS, nobody], 20)], ["ratio", "ratio"])
    assert (found.share, found.low, found.se) == (None, None, None)


def test_the_interval_holds_what_it_says():
    """Two sectors, elements of one item, one person's answers alike: 95% at least of samples.

    400 samples; three standard errors of a true 95% are 3.3 points.
    """
    rng = np.random.default_rng(20261201)
    sectors = [people(rng, N, (1, 1, 1, 1, 1), 0.9) for N in (400, 60)]
    truth = shares_of([stratum(part, len(part[0])) for part in sectors], ["item"] * 5)
    mean, held = sum(truth) / 5, 0
    for _ in range(400):
        drawn = [
            [element[chosen] for element in part]
            for part, n in zip(sectors, (30, 25), strict=True)
            for chosen in [rng.permutation(len(part[0]))[:n]]
        ]
        found = mean_of(
            [stratum(part, len(whole[0])) for part, whole in zip(drawn, sectors, strict=True)],
            ["item"] * 5,
        )
        held += found.low <= mean <= found.high
    assert held / 400 >= 0.95 - 0.033


OCTOBER = parse_period("2026-10")
BLOCKS = {"element:a": ("c01", "c02"), "element:b": ("c03",), "element:c": ("c04", "c05", "c06")}
ENGINES = [
    *("csv", "parquet", "sqlite"),
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("spark", marks=pytest.mark.spark),
]


@pytest.fixture
def rows(response):
    rng = np.random.default_rng(9)
    items = [f"c{number:02d}" for number in range(1, 7)]
    return [
        response(
            n,
            sector=str(rng.choice(["land", "tax"])),
            answered_on=str(rng.choice(["2026-10-02", "2026-09-30"])),
            **{item: str(rng.choice(["", "1", "3", "4", "5"])) for item in items},
        )
        for n in range(120)
    ]


@pytest.fixture(params=ENGINES)
def source(request, rows):
    return request.getfixturevalue(f"write_{request.param}")(rows)


def test_every_engine_multiplies_as_a_loop_over_the_rows_does(source, rows):
    pairs = list(itertools.combinations(BLOCKS, 2))
    with read_all(source) as responses:
        found = read_moments(responses, OCTOBER, BLOCKS, pairs=pairs)["survey@1"]
        plain = read_moments(responses, OCTOBER, BLOCKS)["survey@1"]
    for cell, measures in found.items():
        people_ = [
            {
                name: (
                    sum(row[item] in ("4", "5") for item in block),
                    sum(row[item] != "" for item in block),
                )
                for name, block in BLOCKS.items()
            }
            for row in rows
            if row["sector"] == cell.sector and row["answered_on"].startswith("2026-10")
        ]
        for one, other in itertools.permutations(BLOCKS, 2):
            (y, m), (v, u) = (
                zip(*(p[name] for p in people_), strict=True) for name in (one, other)
            )
            expected = Moments(
                n=len(people_),
                yy=sum(map(int.__mul__, y, v)),
                ym=sum(map(int.__mul__, y, u)),
                mm=sum(map(int.__mul__, m, u)),
            )
            assert measures[crossed(one, other)] == expected
        assert {name: measures[name] for name in BLOCKS} == plain[cell]
