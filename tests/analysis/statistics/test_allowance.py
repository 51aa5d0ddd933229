"""What KG-S limits give away where most dossiers answered; expected values worked by hand."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from analysis.statistics.estimates import estimate, ratios
from analysis.statistics.exact import beta_limits
from analysis.statistics.moments import Moments
from analysis.statistics.sequential import allowance
from analysis.statistics.strata import MeasureKind, Stratum, draw
from analysis.statistics.verdicts import judge


def sector(satisfied: int, answered: int, dossiers: int) -> Stratum:
    x, n = satisfied, answered
    return Stratum(Moments(n, n, x, n, x, x, n), dossiers)


def shift(*strata: Stratum, kind: MeasureKind = "item") -> float:
    design = draw([strata], [kind])
    return float(allowance(design, design.satisfied).shift[0])


def kg_s(*strata: Stratum, tail: float = (1 - 0.95) / 2) -> tuple[float, float]:
    design = draw([strata], ["item"])
    found = ratios(design, design.satisfied)
    low, high = beta_limits(found.share, found.n_eff, tail)
    return float(low[0]), float(high[0])


def limits(*strata: Stratum) -> tuple[float | None, float | None]:
    found = estimate(strata)
    return found.low, found.high


def test_up_to_one_half_answered_the_limits_are_those_of_kg_s_to_the_last_bit() -> None:
    for strata in (
        [sector(7, 10, 60), sector(27, 30, 40)],
        [sector(28, 30, 60), sector(26, 30, 60)],
        [sector(95, 98, 100), sector(0, 2, 100)],
    ):
        assert shift(*strata) == 0
        assert limits(*strata) == kg_s(*strata)


def test_from_three_quarters_on_it_is_three_quarters_of_an_answer() -> None:
    strata = [sector(105, 120, 160), sector(100, 120, 160)]
    assert shift(*strata) == pytest.approx(0.75 / 240)
    low, high = kg_s(*strata)
    found = estimate(strata)
    assert found.low == pytest.approx(low - 0.75 / 240)
    assert found.high == pytest.approx(high + 0.75 / 240)


def test_between_it_grows_in_proportion() -> None:
    halfway = [sector(23, 25, 40), sector(24, 25, 40)]  # 5/8 answered
    assert shift(*halfway) == pytest.approx(0.375 / 50)
    assert shift(sector(470, 501, 1000), sector(480, 500, 1000)) < 2e-6  # a hair above one half


def test_an_answer_weighs_what_its_sector_adds_to_the_variance() -> None:
    """All of 60 answered, 15 of 40: only the second sector's answers are uncertain."""
    whole = sector(55, 60, 60), sector(12, 15, 40)
    assert shift(*whole) == pytest.approx(0.75 * (40 / 15) / 100)
    first, second = sector(40, 45, 60), sector(30, 36, 40)
    lever = {60: 60 * 60 * 0.25 / 45, 40: 40 * 40 * 0.1 / 36}
    weight = (lever[60] * 60 / 45 + lever[40] * 40 / 36) / (lever[60] + lever[40])
    assert shift(first, second) == pytest.approx(0.75 * weight / 100)


def test_a_sector_with_more_answers_than_dossiers_counts_as_not_answered() -> None:
    """50 of 60 and a fault of 40: 50 of 100 are answered, so nothing is given away."""
    assert shift(sector(45, 50, 60), sector(40, 41, 40)) == 0
    assert shift(sector(45, 59, 60), sector(20, 21, 20)) > 0


def test_in_a_census_the_limits_are_the_figure_itself() -> None:
    strata = [sector(8, 12, 12), sector(9, 9, 9)]
    assert limits(*strata) == (17 / 21, 17 / 21)


def test_limits_stay_within_what_the_silent_could_make_of_it() -> None:
    """32 of 33 satisfied, 3 silent: from 32 to 35 of 36."""
    strata = [sector(11, 11, 12), sector(11, 11, 12), sector(10, 11, 12)]
    assert kg_s(*strata)[1] > 35 / 36
    found = estimate(strata, level=0.999999)
    assert (found.low, found.high) == pytest.approx((32 / 36, 35 / 36))
    certain = judge(strata, Decimal("0.88"))
    assert (certain.evidence, certain.p_met, certain.p_missed) == ("met", 0.0, 1.0)
    impossible = judge(strata, Decimal("0.98"))
    assert (impossible.evidence, impossible.p_met, impossible.p_missed) == ("missed", 1.0, 0.0)


def random_cell(rng: np.random.Generator) -> list[Stratum]:
    cell = []
    for _ in range(rng.integers(2, 6)):
        N = int(rng.integers(2, 80))
        n = int(rng.integers(max(1, N // 2), N + 1))
        cell.append(sector(int(rng.binomial(n, 0.9)), n, N))
    return cell


def test_the_verdict_says_what_the_printed_limit_says() -> None:
    rng = np.random.default_rng(9)
    for _ in range(100):
        cell, threshold = random_cell(rng), Decimal(int(rng.integers(80, 98))) / 100
        found, row = judge(cell, threshold), estimate(cell)
        values = (row.low, row.lower, row.share, row.upper, row.high)
        lows = [np.nan if v is None else v for v in values]
        assert lows == sorted(lows), cell  # nothing is nan, wider levels lie outside
        assert lows[0] >= 0 and lows[-1] <= 1
        assert (found.lower, found.upper) == (row.lower, row.upper)
        assert (found.evidence == "met") == (lows[1] >= float(threshold) - 1e-12), cell
        assert (found.evidence == "missed") == (lows[3] < float(threshold) - 1e-12), cell


def test_the_answers_still_needed_settle_the_verdict() -> None:
    """Twice as many dossiers answered as before would do; the figure says how many at least."""
    strata = [sector(34, 40, 60), sector(36, 40, 60)]
    found = judge(strata, Decimal("0.85"))
    assert found.evidence == "not_proven"
    assert found.responses_needed is not None and 0 < found.responses_needed <= 40


def test_an_index_gives_away_a_persons_weight_and_knows_no_bounds() -> None:
    people = Moments(n=80, answered=80, y=560, m=640, yy=4100, ym=4480, mm=5120)
    strata = [Stratum(people, 100), Stratum(people, 100)]
    assert shift(*strata, kind="ratio") == pytest.approx(0.75 / 160)
    design = draw([strata], ["ratio"])
    allowed = allowance(design, design.satisfied)
    assert (allowed.least[0], allowed.most[0]) == (0.0, 1.0)


def test_a_channel_has_no_bounds_for_its_silent_are_unknown() -> None:
    inside = Moments(20, 20, 18, 20, 18, 18, 20)
    design = draw([[Stratum(inside, 60, responses=50)] * 2], ["item"])
    allowed = allowance(design, design.satisfied)
    assert allowed.shift[0] > 0
    assert (allowed.least[0], allowed.most[0]) == (0.0, 1.0)
