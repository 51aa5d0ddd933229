"""Examples of the random re-check: by itself, beside those who chose to answer, and with them."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from analysis.statistics.exact import Interval
from analysis.statistics.moments import Moments
from analysis.statistics.recheck import (
    RecheckStratum,
    box_test,
    contrast,
    draw_bounds,
    hansen_hurwitz,
    recheck_alone,
)
from tests.analysis.methods.enumeration import ONE, TWO, possible


def said(x, n):
    return Moments(n, n, x, n, x, x, n, 4 * x, 16 * x, 4 * x)


def a_recheck(N, drawn, m, z, m_silent, z_silent, n, x):
    stratum = RecheckStratum(N, drawn, said(x, n), said(z, m), said(z_silent, m_silent))
    low, high = possible(z, m, N, TWO)
    alone = recheck_alone([stratum])
    assert (alone.share, alone.low, alone.high) == pytest.approx((z / m, low / N, high / N))
    bounds = draw_bounds([stratum])
    assert bounds == Interval(z / drawn, pytest.approx((z + drawn - m) / drawn))
    found = contrast([stratum])
    together, against = m + n, (m - z) + (n - x)
    assert n == x  # so that all who are not satisfied are among those drawn
    chance = Fraction(math.comb(m, against), math.comb(together, against))
    assert found.p_value == pytest.approx(float(2 * chance))
    assert not found.differs
    others = N - n
    least, most = possible(z_silent, m_silent, others, TWO)
    both = hansen_hurwitz([stratum])
    whole = x + Fraction(others * z_silent, m_silent)
    expected = (float(whole / N), (x + least) / N, (x + most) / N)
    assert (both.share, both.low, both.high) == pytest.approx(expected)
    return [
        *(z, m, Fraction(z, m), low, high, N, Fraction(low, N), Fraction(high, N)),
        *(m, drawn, Fraction(m, drawn), z, drawn, Fraction(z, drawn)),
        *(z + drawn - m, drawn, Fraction(z + drawn - m, drawn)),
        *(x, n, Fraction(x, n), 100 * Fraction(z, m) - 100 * Fraction(x, n)),
        *(together, together - against, against, m),
        *(math.comb(m, against), math.comb(together, against), chance, 2 * chance),
        *(x, others, z_silent, m_silent, whole, N, whole / N),
        *(others, least, most, x, least, N, Fraction(x + least, N)),
        *(x, most, N, Fraction(x + most, N)),
    ]


def a_box(n, x, m, z):
    against = n - x
    assert m - z == against  # both of them are among those drawn
    chance = Fraction(math.comb(m, against), math.comb(n, against))
    found = box_test([RecheckStratum(2 * n, m, said(x, n), heard=said(z, m))])
    assert found.p_value == pytest.approx(float(chance))
    assert found.suspect
    expected = Fraction(m * x, n)
    return [
        *(m, x, n, expected, against, m),
        *(math.comb(m, against), math.comb(n, against), chance, ONE),
    ]


EXAMPLES = {"recheck": a_recheck, "box": a_box}
