"""How much stuffing shows, and how much honest traffic is marked for it.

Run:  python -m benchmarks.stuffing [--worlds 40] [--choose | --mix]

Simulated months of an office with a tablet, a poster and slips, in which nobody cheats, or somebody
gives 10, 20 or 40% of all answers. Every answer goes through the screening at arrival itself, the
month (with the five before) through the rules of the analysis, its channels through their contrast.
A month is detected by arrival where more answers are marked than 2% would bring in 99 of 100
months; by the analysis where it flags a day; by contrast where a channel differs.

`--choose`: the share of honest answers that each threshold marks by itself, one after the other.
What the tablet itself marks (haste) is left out, as it is not simulated.

`--mix`: a signal that was tried and is not in the program: whether slips are a smaller part of the
answers than in the five months before, by Student's t for one more month at 1%.
"""

from __future__ import annotations

import argparse
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from math import log, sqrt
from statistics import mean, stdev
from typing import Any, Final
from zoneinfo import ZoneInfo

from scipy.stats import binom, t

from analysis.input.counts import AnswerSheet, Repeat, Repeats
from analysis.insights.screening import LEAST, bursts, same_sheets
from analysis.period import parse_period
from analysis.statistics.comparisons import compare_channels
from survey.intake import Response
from survey.opening_hours import parse_opening_hours
from survey.web.arrivals import USUAL, Arrival, Arrivals, Thresholds
from survey.web.limits import DAY, Pace

SIZES: Final = (150, 500, 1500)
"""Honest answers a month."""

SHARES: Final = (0.1, 0.2, 0.4)
"""Of all answers of a month, those of somebody who cheats."""

FALSE: Final = 0.02
"""At most so much of honest traffic may be marked."""

GOAL: Final = 0.9
"""Of months with a fifth or more stuffed, at least so many are to be detected."""

SATISFIED: Final = 0.85
SECTORS: Final = ("civil-status", "certification", "land", "residence", "social-protection")
CHANNELS: Final = ("kiosk", "poster", "slip")
ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
MONTH: Final = parse_period("2026-10")
STRETCH: Final = 6
HOURS: Final = parse_opening_hours("Mon-Fri 07:30-11:30 13:30-17:00")
PLACE: Final = ("desk@2", "xa")
LIMIT_A_DAY: Final = 200


def work_days(month: int) -> list[date]:
    """The working days of a month of 2026."""
    day, days = date(2026, month, 1), []
    while day.month == month:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def at(day: date, hour: float) -> datetime:
    """The moment of an hour of a day, as 7.5 for half past seven."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(hours=hour)


class World:
    """One office, by chance; the same for a seed."""

    def __init__(self, seed: int, size: int) -> None:
        self.chance, self.size = random.Random(f"{seed} {size}"), size
        chance = self.chance
        self.all_fives = chance.uniform(0.4, 0.7)  # of satisfied people
        self.evening = chance.uniform(0.05, 0.3)  # of answers at posters
        self.busses = chance.randint(0, 2)  # a month
        self.calls = chance.randint(0, 3)  # to a waiting room, to answer now
        self.wifi = chance.uniform(0.0, 0.2)  # of slips used at the office
        self.weights = [chance.uniform(0.1, 1.0) for _ in CHANNELS]
        self.quick = 0.01  # of forms sent at once: mended ones, drafts

    def sheet(self, *, satisfied: bool) -> str:
        """The scores of a person: the overall question and, of half of them, five elements."""
        chance = self.chance
        if satisfied:
            fives = chance.random() < self.all_fives
            scores = ["5"] * 6 if fives else [str(chance.choice((4, 4, 5))) for _ in range(6)]
        else:
            scores = [str(chance.randint(1, 3))] + [str(chance.randint(1, 5)) for _ in range(5)]
        return "".join(scores) if chance.random() < 0.5 else f"{scores[0]}-----"

    def arrival(
        self,
        channel: str,
        moment: datetime,
        scores: str,
        *,
        browser: str = "",
        seconds: float | None = None,
    ) -> Arrival:
        """One answer."""
        chance = self.chance
        id_ = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        sector = chance.choices(SECTORS, (30, 40, 15, 10, 5))[0]
        given = Response(id_, *PLACE, sector, channel, moment.date(), scores)
        if seconds is None and channel != "kiosk":
            seconds = 1.0 if chance.random() < self.quick else 6 + chance.lognormvariate(3.5, 0.6)
        return Arrival(given, channel, moment, browser or id_, seconds)

    def honest(self, month: int) -> list[Arrival]:
        """What an office without anybody who cheats gets in a month."""
        chance, days = self.chance, work_days(month)
        busy = [chance.uniform(0.5, 1.5) for _ in days]
        found = []
        for _ in range(self.size):
            day, channel = chance.choices(days, busy)[0], chance.choices(CHANNELS, self.weights)[0]
            found.append(self._visit(day, channel))
        found += [one for _ in range(self.busses) for one in self._bus(chance.choice(days))]
        found += [one for _ in range(self.calls) for one in self._call(chance.choice(days))]
        return _queued(found)

    def person(self) -> str:
        """The sheet of an honest person."""
        return self.sheet(satisfied=self.chance.random() < SATISFIED)

    def _visit(self, day: date, channel: str) -> Arrival:
        chance = self.chance
        hour = chance.choice((chance.triangular(7.5, 11.6, 8.7), chance.triangular(13.5, 17.2)))
        if channel != "kiosk" and chance.random() < self.evening:
            hour = chance.triangular(17, 22.5, 20)
        browser = ""
        if channel == "slip" and chance.random() < self.wifi:
            browser = f"office {day} {chance.choices(range(6), (30, 20, 15, 15, 10, 10))[0]}"
        elif channel == "slip" and chance.random() < 0.05:
            browser = f"helper {day} {chance.randint(1, 2)}"  # who answers for the neighbours
        return self.arrival(channel, at(day, hour), self.person(), browser=browser)

    def _bus(self, day: date) -> Iterator[Arrival]:
        """People who came together, one after the other at the tablet."""
        hour = self.chance.uniform(8, 11)
        for _ in range(self.chance.randint(8, 14)):
            yield self.arrival("kiosk", at(day, hour), self.person())

    def _call(self, day: date) -> Iterator[Arrival]:
        """A waiting room that is asked to scan the poster."""
        hour = self.chance.uniform(8, 11)
        for _ in range(self.chance.randint(4, 9)):
            moment = at(day, hour + self.chance.uniform(0, 0.1))
            yield self.arrival("poster", moment, self.person())

    # --- who cheats: so many answers of a month -------------------------------------------------

    def officer(self, count: int) -> Iterator[Arrival]:
        """Sits down at the tablet when nobody is there, and taps through."""
        for sitting in self._sittings(count, 12, 30):
            hour = self.chance.choice((self.chance.uniform(11.0, 11.5), 17.1, 18.5, 16.5))
            moment = at(self.chance.choice(work_days(10)), hour)
            for _ in range(sitting):
                moment += timedelta(seconds=self.chance.uniform(6, 18))
                yield self.arrival("kiosk", moment, self._flattering())

    def script(self, count: int) -> Iterator[Arrival]:
        """A program that opens the poster's form and sends it, as fast as the limits allow."""
        for sitting in self._sittings(count, 40, LIMIT_A_DAY // 2):
            moment = at(self.chance.choice(work_days(10)), self.chance.uniform(0, 24))
            for _ in range(sitting):
                moment += timedelta(seconds=10)
                yield self.arrival("poster", moment, self._flattering(), seconds=0.0)

    def slips(self, count: int) -> Iterator[Arrival]:
        """Keeps slips, and uses them one after the other on one phone."""
        for sitting in self._sittings(count, 10, 30):
            moment = at(self.chance.choice(work_days(10)), self.chance.uniform(8, 21))
            for _ in range(sitting):
                moment += timedelta(seconds=self.chance.uniform(20, 40))
                seconds = self.chance.uniform(8, 30)
                sheet = self._flattering()
                yield self.arrival("slip", moment, sheet, browser="mine", seconds=seconds)

    def careful(self, count: int) -> Iterator[Arrival]:
        """Spreads answers over the month, the hours and two channels, and varies them as people
        who are satisfied do."""
        for _ in range(count):
            moment = at(self.chance.choice(work_days(10)), self.chance.uniform(7.6, 16.9))
            channel = self.chance.choice(("kiosk", "poster"))
            yield self.arrival(channel, moment, self.sheet(satisfied=True))

    def _sittings(self, count: int, least: int, most: int) -> Iterator[int]:
        while count > 0:
            sitting = min(count, self.chance.randint(least, most))
            yield sitting
            count -= sitting

    def _flattering(self) -> str:
        return "555555" if self.chance.random() < 0.8 else self.sheet(satisfied=True)


CHEATS: Final[Mapping[str, Callable[[World, int], Iterator[Arrival]]]] = {
    "officer at the tablet": World.officer,
    "script on the poster": World.script,
    "slips in a row": World.slips,
    "careful cheat": World.careful,
}


def _queued(found: list[Arrival]) -> list[Arrival]:
    """In order of time; at the tablet one after the other, 35 s or more each."""
    free, queued = at(date(2026, 1, 1), 0), []
    for one in sorted(found, key=lambda one: one.moment):
        if one.place == "kiosk":
            moment = max(one.moment, free)
            free = moment + timedelta(seconds=35)
            one = replace(one, moment=moment)  # noqa: PLW2901
        queued.append(one)
    return sorted(queued, key=lambda one: one.moment)


def marks(month: Sequence[Arrival], usual: Thresholds = USUAL) -> list[str]:
    """The mark of each answer of a month, as the server gives it."""
    now = [0.0]
    arrivals = Arrivals(Pace(1, DAY, lambda: now[0], senders=4096), lambda _: HOURS, usual)
    found = []
    for one in sorted(month, key=lambda one: one.moment):
        now[0] = one.moment.timestamp()
        found.append(arrivals.flag(one))
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """How many answers of a month are marked, and by which methods it is detected."""

    answers: int
    marked: int
    arrival: bool
    analysis: bool
    contrast: bool

    @property
    def any(self) -> bool:
        """Whether any method detects it."""
        return self.arrival or self.analysis or self.contrast


def look(history: Sequence[Arrival], month: Sequence[Arrival]) -> Found:
    """What the three methods say of a month, its five predecessors being known."""
    marked = sum(map(bool, marks(month)))
    return Found(
        len(month),
        marked,
        marked > binom.ppf(0.99, len(month), FALSE),
        stands_out([*history, *month]),
        differs(month),
    )


def stands_out(answers: Sequence[Arrival]) -> bool:
    """Whether the rules of the analysis flag a day."""
    days: dict[tuple[str, str, str], Counter[date]] = defaultdict(Counter)
    whole: Counter[tuple[tuple[str, str, str], str]] = Counter()
    daily: Counter[tuple[tuple[str, str, str], date, str]] = Counter()
    for one in answers:
        given = one.response
        place = (given.questionnaire, given.office, given.sector)
        days[place][given.answered_on] += 1
        whole[place, given.scores] += 1
        daily[place, given.answered_on, given.scores] += 1
    repeats = tuple(
        Repeat(place, day, _sheet(scores), count, whole[place, scores])
        for (place, day, scores), count in daily.items()
        if count >= LEAST and MONTH.first <= day <= MONTH.last
    )
    kinds = Counter(place for (place, _), count in whole.items() if count >= LEAST)
    alike = same_sheets(days, Repeats(LEAST, repeats, kinds), MONTH)
    return bool(alike or bursts(days, MONTH))


def _sheet(scores: str) -> AnswerSheet:
    return tuple((str(place), int(one)) for place, one in enumerate(scores) if one != "-")


def differs(month: Sequence[Arrival]) -> bool:
    """Whether a channel has other shares of satisfied people than the rest."""
    counts = {channel: [[0, 0] for _ in SECTORS] for channel in CHANNELS}
    for one in month:
        cell = counts[one.response.channel][SECTORS.index(one.response.sector)]
        cell[0] += one.response.scores[0] in "45"
        cell[1] += 1
    told = {name: [(x, n) for x, n in cells] for name, cells in counts.items()}
    return any(one.differs for one in compare_channels(told))


def scenario(seed: int, size: int, cheat: str = "", share: float = 0.0) -> Found:
    """One month of one office."""
    world = World(seed, size)
    history = [one for month in range(11 - STRETCH, 10) for one in world.honest(month)]
    month = world.honest(10)
    if cheat:
        count = round(len(month) * share / (1 - share))
        month += CHEATS[cheat](world, count)
    return look(history, month)


def tell(name: str, found: Sequence[Found]) -> None:
    share = {way: sum(getattr(one, way) for one in found) / len(found) for way in WAYS}
    marked = sum(one.marked for one in found) / sum(one.answers for one in found)
    print(f"{name:34} {marked:7.2%} " + " ".join(f"{share[way]:9.0%}" for way in WAYS))


WAYS: Final = ("arrival", "analysis", "contrast", "any")


def choose(worlds: int) -> None:
    """The share of honest answers that each threshold marks by itself."""
    rules = [field.name for field in fields(USUAL) if field.type == "int"]
    off: dict[str, Any] = dict.fromkeys(rules, 10**6)
    off["margin"] = timedelta(days=3)
    months = [World(seed, size).honest(10) for seed in range(worlds) for size in SIZES]
    answers = sum(map(len, months))
    for name in rules:
        on = {"margin": USUAL.margin} if name == "night_crowd" else {}
        for value in range(1, 17):
            usual = Thresholds(**{**off, **on, name: value})
            marked = sum(bool(flag) for month in months for flag in marks(month, usual))
            print(f"{name:14} {value:3} {marked / answers:8.3%}")
            if marked == 0:
                break


def fewer_slips(history: Sequence[Sequence[Arrival]], month: Sequence[Arrival]) -> bool:
    """Whether slips are a smaller part of a month than those before it let expect: the log odds of
    the other channels against Student's prediction interval, one-sided at 1%."""
    *before, now = (
        log((len(one) - slips + 0.5) / (slips + 0.5))
        for one in (*history, month)
        for slips in [sum(arrival.response.channel == "slip" for arrival in one)]
    )
    spread = stdev(before) * sqrt(1 + 1 / len(before))
    return bool((now - mean(before)) / spread > t.ppf(0.99, len(before) - 1))


def try_mix(worlds: int) -> None:
    """How often the mix of channels tells honest months from those of the careful cheat."""
    for size in SIZES:
        for share in (0.0, *SHARES):
            told = 0
            for seed in range(worlds):
                world = World(seed, size)
                history, month = [world.honest(number) for number in range(5, 10)], world.honest(10)
                month += world.careful(round(len(month) * share / (1 - share)))
                told += fewer_slips(history, month)
            print(f"{size:5} a month, {share:4.0%} by the careful cheat: {told / worlds:6.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=40, help="offices of each size")
    parser.add_argument("--choose", action="store_true", help="what each threshold marks")
    parser.add_argument("--mix", action="store_true", help="the mix of channels by months")
    given = parser.parse_args()
    if given.choose or given.mix:
        (choose if given.choose else try_mix)(given.worlds)
        return
    print(f"{'':34} {'marked':>7} " + " ".join(f"{way:>9}" for way in WAYS))
    for size in SIZES:
        tell(f"honest, {size} a month", [scenario(seed, size) for seed in range(given.worlds)])
    for cheat in CHEATS:
        for share in SHARES:
            found = [
                scenario(seed, size, cheat, share) for seed in range(given.worlds) for size in SIZES
            ]
            tell(f"{cheat}, {share:.0%}", found)


if __name__ == "__main__":
    main()
