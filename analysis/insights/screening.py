"""Patterns in the stored answers that somebody should look at: flags, never removals.

Owns the rules and the rate at which each is false. A flag is a question, not an accusation: a busy
day, a visiting group or a truly better office look the same as invented answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from scipy.special import betainc, chdtri, gammainc

from analysis.input.aggregates import FlaggedAnswers
from analysis.input.counts import AnswerSheet, Repeats, SheetPlace
from analysis.period import Period
from analysis.statistics.exact import TIE, Floats, check_level, lower_tail, upper_tail
from analysis.statistics.verdicts import holm
from analysis.strata.pooling import GENERAL

LEAST: Final = 5
"""Fewer answers are never flagged: they decide little, and would point at persons."""

STRETCH: Final = 6
"""Months up to the end of the period from which the usual is learnt."""

OPEN_DAYS: Final = 5
"""Fewer other days with answers do not tell what is usual: then only what can be served counts."""

SERVED: Final = 96
"""A day of a counter that is never empty: eight hours, five minutes a person, all answering."""

PEERS: Final = 3
"""Fewer sectors or offices are not a crowd to stand out from."""

FlagReason = Literal["same_sheet", "burst", "unserved", "apart"]

_CAUTION = 0.01  # the dispersion taken is exceeded by the true one in at most so many cases


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at, with what would be usual.

    reason
        "same_sheet": `count` of the day's `of` answers are the very same sheet. "burst": `count`
        answers came on one day, `of` open days being compared. "unserved": `count` answers came on
        one day, more than a counter can serve, and `of` other open days are too few to compare.
        "apart": `count` of a sector's or office's `of` answers are satisfied ones, unlike its
        peers'.
    expected
        What `count` would be on average if nothing were unusual.
    p_value
        Chance of so much or more by chance alone, not adjusted for how much was looked at.
    """

    reason: FlagReason
    office: str
    sector: str
    day: date | None
    count: int
    of: int
    expected: float
    p_value: float
    sheet: AnswerSheet = ()


def marks_of(flags: Iterable[Flag]) -> tuple[FlaggedAnswers, ...]:
    """Which answers the flags are about, for `analyse(..., marks=...)`.

    A sector or office that stands apart is not marked: leaving it out would prove nothing.
    """
    return tuple(
        FlaggedAnswers(flag.office, flag.sector, flag.day, flag.sheet)
        for flag in flags
        if flag.day is not None
    )


DailyCounts = Mapping[SheetPlace, Mapping[date, int]]


def same_sheets(
    days: DailyCounts, repeats: Repeats, period: Period, *, level: float = 0.95
) -> list[Flag]:
    """The same full sheet improbably often on one day of one sector.

    Parameters
    ----------
    days, repeats
        Of one stretch of months that holds the period.
    level
        With which nothing is flagged in a period where sheets fall on days by chance.

    Notes
    -----
    A sheet given K times in n answers of the stretch falls hypergeometrically on a day of n_d
    answers: sheets of all fives are common and are judged by how common they are here. Tested
    are all sheets and days that can reach five, a number that does not depend on how the sheets
    fall on the days; each takes an equal part of the risk (Bonferroni).
    """
    alpha = 1 - check_level(level)
    sizes = {place: sum(found.values()) for place, found in days.items()}
    tests = sum(
        kinds * sum(n >= repeats.least for n in _within(days[place], period).values())
        for place, kinds in repeats.kinds.items()
    )
    flags = []
    for repeat in repeats.repeats:
        n, whole = days[repeat.place][repeat.day], sizes[repeat.place]
        p = float(upper_tail(repeat.count, n, repeat.whole, whole)[0])
        if p <= alpha / tests * (1 + TIE):
            _, office, sector = repeat.place
            usual = n * repeat.whole / whole
            reason: FlagReason = "same_sheet"
            flags.append(
                Flag(reason, office, sector, repeat.day, repeat.count, n, usual, p, repeat.sheet)
            )
    return sorted(flags, key=_order)


def _order(flag: Flag) -> tuple[float, str, str, str]:
    return flag.p_value, flag.office, flag.sector, str(flag.day)


def _within(days: Mapping[date, int], period: Period) -> dict[date, int]:
    return {day: n for day, n in days.items() if period.first <= day <= period.last}


def bursts(days: DailyCounts, period: Period, *, level: float = 0.95) -> list[Flag]:
    """Days of the period on which a sector had far more answers than on its other days.

    Of an office that began a few days ago: more than one counter can serve.

    Parameters
    ----------
    days
        Of a stretch of months that holds the period.
    level
        With which nothing is flagged in a period without a burst.

    Notes
    -----
    The days on which the office had any answer are compared, each with all others of its sector,
    by the upper tail of a negative binomial: their mean, and their dispersion at its upper 99%
    limit, never below Poisson's. With fewer than `OPEN_DAYS` others the day is held against the
    Poisson tail of `SERVED` answers, more than which no counter has on average. Every day and
    sector takes an equal part of the risk. Simulated months of ten sectors without a burst,
    Poisson or with a standard deviation up to the mean's size on top, were flagged in at most 4 of
    100, with 5 other days as with 130.

    References
    ----------
    Farrington, Andrews, Beale & Catchpole (1996), JRSS A 159:547, on the same question for
    outbreaks.
    """
    alpha = 1 - check_level(level)
    tables = _tables(days)
    tests = sum(len(_within(table, period)) for table in tables.values())
    flags = []
    for (office, sector), table in tables.items():
        others = len(table) - 1
        reason: FlagReason = "burst" if others >= OPEN_DAYS else "unserved"
        counts = np.array(list(table.values()), dtype=np.float64)
        usual, tails = _burst_tails(counts) if others >= OPEN_DAYS else _unserved_tails(counts)
        for day, n, mean, p in zip(table, counts.tolist(), usual, tails, strict=True):
            inside = period.first <= day <= period.last
            if inside and n >= LEAST and p <= alpha / tests:
                flags.append(Flag(reason, office, sector, day, int(n), others, mean, p))
    return sorted(flags, key=_order)


def _tables(days: DailyCounts) -> dict[tuple[str, str], dict[date, int]]:
    """Per office and sector, its answers on every day on which the office had any."""
    open_days: dict[str, set[date]] = {}
    for (_, office, _), found in days.items():
        open_days.setdefault(office, set()).update(found)
    tables: dict[tuple[str, str], dict[date, int]] = {}
    for (_, office, sector), found in days.items():
        empty = dict.fromkeys(sorted(open_days[office]), 0)
        table = tables.setdefault((office, sector), empty)
        for day, n in found.items():
            table[day] += n
    return tables


def _burst_tails(counts: Floats) -> tuple[list[float], list[float]]:
    """Each day's usual number from the other days, and the chance of so many or more."""
    others = counts.size - 1
    total, squares = counts.sum() - counts, (counts**2).sum() - counts**2
    spread = np.maximum(squares - total**2 / others, 0.0) / (others - 1)
    ratio = np.divide(spread * others, total, out=np.ones_like(total), where=total > 0)
    worst = ratio * (others - 1) / float(chdtri(others - 1, 1 - _CAUTION))
    mean = (total + 0.5) / others  # half an answer more: no day is impossible
    variance = mean * np.maximum(worst, 1.0) * (1 + 1 / others)
    size = mean**2 / (variance - mean)
    tails = np.where(counts > 0, betainc(np.maximum(counts, 1), size, 1 - mean / variance), 1.0)
    return mean.tolist(), tails.tolist()


def _unserved_tails(counts: Floats) -> tuple[list[float], list[float]]:
    """What a counter can serve, and the chance of so many or more where that is the mean."""
    tails = np.where(counts > 0, gammainc(np.maximum(counts, 1), SERVED), 1.0)
    return [float(SERVED)] * counts.size, tails.tolist()


PlaceCounts = Mapping[tuple[str, str], tuple[int, int]]
"""Office and sector -> (satisfied, answered)."""


def apart(counts: PlaceCounts, *, level: float = 0.95) -> list[Flag]:
    """Offices far from the others in the same sector; of few offices, sectors far from the others.

    Parameters
    ----------
    counts
        To one item. Cells of fewer than five answers, and `general`, are left out.
    level
        With which nothing is flagged where all peers are alike.

    Notes
    -----
    The limits of an exact funnel plot: given all satisfied answers of the peers, those of one are
    hypergeometric. Two-sided, Holm-adjusted within a family of peers; the families share the risk
    equally.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185, on funnel plots; Holm (1979).
    """
    families = list(_families(counts))
    limit = (1 - check_level(level)) / max(len(families), 1) * (1 + TIE)
    return sorted((flag for family in families for flag in _far(family, limit)), key=_order)


def _families(counts: PlaceCounts) -> Iterator[PlaceCounts]:
    """Who is compared with whom."""
    known = {key: found for key, found in counts.items() if found[1] >= LEAST and key[1] != GENERAL}
    offices = {office for office, _ in known}
    side = 1 if len(offices) >= PEERS else 0
    for shared in dict.fromkeys(key[side] for key in known):
        family = {key: found for key, found in known.items() if key[side] == shared}
        if len(family) >= PEERS:
            yield family


def _far(family: PlaceCounts, limit: float) -> Iterator[Flag]:
    x, n = np.array(list(family.values()), dtype=np.int64).T
    whole = (x.sum(), n.sum())
    tails = np.minimum(lower_tail(x, n, *whole), upper_tail(x, n, *whole))
    raw = np.minimum(2 * tails, 1.0).tolist()
    for (office, sector), satisfied, answered, p, adjusted in zip(
        family, x.tolist(), n.tolist(), raw, holm(raw), strict=True
    ):
        if adjusted <= limit:
            usual = answered * float(whole[0] / whole[1])
            yield Flag("apart", office, sector, None, satisfied, answered, usual, p)
