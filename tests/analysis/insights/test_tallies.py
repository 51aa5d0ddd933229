"""What is taken back from a document is what it was made from."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from analysis.document import analyse
from analysis.insights.insights import counts_by_place, headlines
from analysis.statistics.estimates import silence, silence_within
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum
from analysis.statistics.verdicts import headline, judge

# office, sector -> satisfied, answered, dossiers
PLACES = {
    ("xã A", "land"): (40, 40, 60),
    ("xã B", "land"): (30, 32, 50),
    ("xã A", "construction"): (18, 30, 45),
    ("xã A", "investment"): (8, 8, 8),
    ("xã B", "general"): (9, 12, None),
}


@pytest.fixture
def found(write_csv, tmp_path, response):
    given = [
        (office, sector, "5" if n < x else "2")
        for (office, sector), (x, m, _) in PLACES.items()
        for n in range(m)
    ]
    rows = [
        response(n, office=office, sector=sector, overall=score)
        for n, (office, sector, score) in enumerate(given)
    ]
    population = tmp_path / "dossiers.csv"
    lines = [f"2026-10,{o},{s},{N}" for (o, s), (_, _, N) in PLACES.items() if N is not None]
    population.write_text("\n".join(["period,office,sector,completed", *lines]), encoding="utf-8")
    return analyse(write_csv(rows), population, period="2026-10")


def item(x, m):
    return Moments(m, m, x, m, x, x, m)


def test_counts_are_those_of_offices_and_sectors_not_of_totals(found):
    assert counts_by_place(found) == {place: (x, m) for place, (x, m, _) in PLACES.items()}


@pytest.mark.parametrize("office", ["all", "xã A"])
def test_the_headline_is_that_of_the_sectors_own_verdicts(found, office):
    told = headlines(found, office)
    assert [target.id for target, _ in told] == ["each-2025", "each-2030"]
    for target, line in told:
        verdicts = []
        for sector in ("land", "construction", "investment"):
            strata = [
                Stratum(item(x, m), N)
                for (o, s), (x, m, N) in PLACES.items()
                if s == sector and office in ("all", o)
            ]
            verdicts.append(judge(strata, Decimal(target.threshold)))
        assert line == headline(verdicts)
        assert line.total == 3
    assert told[0][1].met == 2
    assert told[0][1].missed == 1


@pytest.mark.parametrize("threshold", ["0.5", "0.85", "0.9", "0.95", "1"])
def test_silence_is_that_of_the_counts(found, threshold):
    for row in found.estimates:
        place = (row.office, row.sector)
        if row.measure != "overall" or place not in PLACES or PLACES[place][2] is None:
            continue
        x, m, N = PLACES[place]
        expected = silence([Stratum(item(x, m), N)], Decimal(threshold))
        got = silence_within(row.silent_low, row.silent_high, float(threshold))
        assert got.verdict == expected.verdict
        assert (got.response_rate, got.low, got.high) == pytest.approx(
            (expected.response_rate, expected.low, expected.high)
        )
        if expected.share_needed is None:
            assert got.share_needed is None
        else:
            assert got.share_needed == pytest.approx(expected.share_needed)


def test_a_bound_on_the_threshold_itself_counts_as_reached():
    """51 of 60 satisfied is 85% exactly, however the division rounds."""
    assert silence_within(51 / 60, 59 / 60, 0.85).verdict == "met"
    assert silence([Stratum(item(51, 52), 60)], Decimal("0.85")).verdict == "met"
    assert Fraction(51, 60) == Fraction("0.85")


def test_without_dossiers_nothing_is_known_of_the_silent(found):
    (row,) = (
        row
        for row in found.estimates
        if (row.office, row.sector, row.measure) == ("xã B", "general", "overall")
    )
    assert silence_within(row.silent_low, row.silent_high, 0.9) is None
