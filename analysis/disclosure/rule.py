"""The rule of publication: which rows of a closed period are published, and in which steps.

Owns the tables and the rule. Sees headcounts only: how many answered and how many dossiers there
were, never what the answers said, so that the decision itself tells nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from analysis.disclosure.rounding import EXACT, steps, whole_step
from analysis.disclosure.year import YEAR, Lines, decide_year
from analysis.document import MINIMUM, check_minimum
from analysis.period import Period
from analysis.statistics.exact import Floats, Ints
from analysis.statistics.strata import Flags
from questionnaires.layout import SIDES

ALL: Final = "all"
REST: Final = "rest"
GENERAL: Final = "general"

HeadcountCell = tuple[str, str, str, str]
"""Office, sector, month ("YYYY-MM") and channel."""

OfficeSectorMonth = tuple[str, str, str]
"""Office, sector and month."""


@dataclass(frozen=True, slots=True)
class People:
    """Headcounts of the calendar year of the period asked for, at least up to the period's end.

    `answers`: people who answered `overall` and count in their month. `late`: those who came after
    it was closed and count in the year alone. `dossiers`: completed dossiers. A stratum without any
    stands beside its office's total, unless the office has none at all. What happened after the
    period's end changes nothing. `whole`: those of all offices, where these are some of them.
    """

    answers: Mapping[HeadcountCell, int]
    dossiers: Mapping[OfficeSectorMonth, int] = field(default_factory=dict)
    late: Mapping[HeadcountCell, int] = field(default_factory=dict)
    whole: People | None = None

    def of(self, offices: Set[str]) -> People:
        """Those of some offices, beside the others."""
        answers, late = (
            {cell: n for cell, n in counted.items() if cell[0] in offices}
            for counted in (self.answers, self.late)
        )
        dossiers = {place: n for place, n in self.dossiers.items() if place[0] in offices}
        return People(answers, dossiers, late, self.whole or self)


class RuleRow(NamedTuple):
    """A row of the published tables.

    `office`: an id, or "all" offices together. `sector`: an id, "all" (every sector but "general"),
    "group:<id>" or "rest" (the office's withheld sectors together). `channel`: "all", a channel, or
    "on_site" / "elsewhere"; other than "all" only where `sector` is "all".
    """

    office: str
    sector: str = ALL
    channel: str = ALL


@dataclass(frozen=True, slots=True)
class Decision:
    """What is published of a period.

    `steps`: every published row with the step in which its shares are given (0.05: "from 85 to
    below 90%"). `withheld`: the rows with answers that are not published. `rest`: office -> sectors
    of its "rest" row, where that row is published. `items`: office -> the step of elements and
    items of its total, if all answered them; `steps.item_step` makes it that of each.
    """

    period: Period
    steps: Mapping[RuleRow, float]
    withheld: frozenset[RuleRow]
    rest: Mapping[str, tuple[str, ...]]
    items: Mapping[str, float]

    def publishes(self, row: RuleRow) -> bool:
        """Whether a row is published."""
        return row in self.steps


def decide(
    people: People,
    period: Period,
    groups: Mapping[str, tuple[str, ...]],
    minimum: int = MINIMUM,
) -> Decision:
    """Decide which rows of a closed period are published.

    Parameters
    ----------
    people
        Headcounts of the period's calendar year.
    period
        A month, quarter, half-year or calendar year.
    groups
        "group:<id>" -> its sectors.
    minimum
        The fewest people a published figure may rest on, `MINIMUM` to `MOST_MINIMUM`.

    Returns
    -------
    Decision
        A function of the headcounts up to the period's end: what was published stays published.

    Raises
    ------
    ValueError
        The period is a rolling one.
    Refusal
        `minimum` is outside its range.

    Notes
    -----
    A larger minimum withholds rows of the built-in rule and makes steps of several of its own, and
    that alone. So whatever was published of a year under one minimum and again under another, all
    of it together tells no more than the built-in rule publishes: the minimum may be changed.
    """
    if period.first.year != period.last.year:
        remedy = "take a month, quarter, half-year or year"
        raise ValueError(f"{period.text} is not published; {remedy}")
    check_minimum(minimum)
    survey = _Survey(people, period)
    if not survey.strata:  # nobody answered in the year so far
        return Decision(period, {}, frozenset(), {}, {})
    built_in = _decision(survey, period, groups, MINIMUM)
    if minimum == MINIMUM:
        return built_in
    return _within(built_in, _decision(survey, period, groups, minimum))


def people_on(
    people: People, period: Period, groups: Mapping[str, tuple[str, ...]]
) -> dict[RuleRow, int]:
    """How many people the rows of a period are on, published or not; none on "rest"."""
    survey = _Survey(people, period)
    if not survey.strata:
        return {}
    parts = _lined(survey)
    for office, strata in survey.sectors.items():
        for name, sectors in groups.items():
            among = (i for sector in sectors for i in strata.get(sector, ()))
            parts.add(RuleRow(office, name), sorted(among))
    row, stratum, column, counts = parts.columns()
    months = slice(*survey.stretch)
    found = survey.answers[stratum, :, column]
    if survey.stretch == YEAR:
        found = found + survey.late[stratum, :, column]
    each = (found * counts)[:, months].sum(axis=1)
    summed = np.bincount(row, each, minlength=len(parts.rows)).astype(np.int64)
    return {key: int(summed[i]) for key, i in parts.rows.items()}


def _decision(
    survey: _Survey, period: Period, groups: Mapping[str, tuple[str, ...]], minimum: int
) -> Decision:
    tables, offices = _Tables(survey, minimum), survey.offices
    for office in (*offices, *survey.everywhere):
        tables.add_sums(office, groups)
    return tables.decision(period)


def _within(built_in: Decision, stricter: Decision) -> Decision:
    """What both publish; "rest" only where it is the same sectors in both."""
    rest = {
        office: sectors
        for office, sectors in stricter.rest.items()
        if built_in.rest.get(office) == sectors
    }
    found = {
        row: whole_step(step, built_in.steps[row])
        for row, step in stricter.steps.items()
        if row in built_in.steps and (row.sector != REST or row.office in rest)
    }
    items = {
        office: whole_step(step, built_in.items[office])
        for office, step in stricter.items.items()
        if office in built_in.items
    }
    shown = {row: step for row, step in found.items() if step is not None}
    rows = stricter.steps.keys() | stricter.withheld | built_in.steps.keys() | built_in.withheld
    return Decision(
        period=built_in.period,
        steps=shown,
        withheld=frozenset(rows - shown.keys()),
        rest={
            office: sectors for office, sectors in rest.items() if RuleRow(office, REST) in shown
        },
        items={office: step for office, step in items.items() if step is not None},
    )


_CHANNELS: Final = tuple(channel for those in SIDES.values() for channel in those)
_NAMES: Final = {*SIDES, *_CHANNELS}
_FAMILY: Final = {channel: name for name, those in SIDES.items() for channel in those}
_ANY: Final = len(_CHANNELS)  # the column of all channels together
_COLUMNS: Final = (
    (ALL, _ANY),
    *((_FAMILY[channel], column) for column, channel in enumerate(_CHANNELS)),
    *((channel, column) for column, channel in enumerate(_CHANNELS)),
)
_ITEMS: Final = _ANY + 1  # and of all together once more, of which no single stratum is known


class _Survey:
    """The headcounts of a year up to the period's end: arrays by stratum, month and channel."""

    def __init__(self, people: People, period: Period) -> None:
        self.end, self.stretch = period.last.month, (period.first.month - 1, period.last.month)
        self._month = {f"{period.first.year:04d}-{m + 1:02d}": m for m in range(self.end)}
        counted = (people.answers, people.late)
        self.strata = sorted({c[:2] for part in counted for c in part if c[2] in self._month})
        self._at = {stratum: i for i, stratum in enumerate(self.strata)}
        self.offices = sorted({office for office, _ in self.strata})
        self.sectors: dict[str, dict[str, list[int]]] = {}
        for i, (office, sector) in enumerate(self.strata):
            for own in (office, ALL) if sector != GENERAL else ():
                self.sectors.setdefault(own, {}).setdefault(sector, []).append(i)
        self.answers, self.late = (self._counts(part) for part in counted)
        self.dossiers = np.zeros((len(self.strata), 12), dtype=np.int64)
        for (office, sector, month), completed in people.dossiers.items():
            if month in self._month and (office, sector) in self._at:
                self.dossiers[self._at[office, sector], self._month[month]] = completed
        weighed = {self.strata[i][0] for i in np.flatnonzero(self.dossiers.sum(axis=1))}
        self.covered: Flags = self.dossiers > 0  # counts in the sums
        for i, (office, sector) in enumerate(self.strata):
            self.covered[i] |= office not in weighed
            self.covered[i] &= sector != GENERAL
        self.summed: Ints = np.flatnonzero([sector != GENERAL for _, sector in self.strata])
        self.everywhere = (ALL,) if len(self.offices) > 1 else ()
        whole = people.whole or people
        parts = (whole.answers, whole.late)
        self.several = len({c[0] for part in parts for c in part if c[2] in self._month}) > 1

    def _counts(self, counted: Mapping[HeadcountCell, int]) -> Ints:
        found = np.zeros((len(self.strata), 12, _ITEMS + 1), dtype=np.int64)
        for (office, sector, month, channel), people in counted.items():
            if month in self._month:
                column = _CHANNELS.index(channel)
                found[self._at[office, sector], self._month[month], column] += people
        found[:, :, _ANY:] = found.sum(axis=2, keepdims=True)
        return found


class _Parts:
    """Which strata, by which channel, make up each row: one entry a stratum of a row."""

    def __init__(self, survey: _Survey) -> None:
        self._survey = survey
        self.rows: dict[RuleRow, int] = {}
        self._entries: list[Ints] = []

    def add(self, row: RuleRow, strata: Sequence[int] | Ints, column: int = _ANY) -> None:
        """More strata of a row."""
        self.add_each([row], np.zeros(len(strata), np.int64), strata, column)

    def add_each(
        self, rows: Sequence[RuleRow], which: Ints, strata: Sequence[int] | Ints, column: int = _ANY
    ) -> None:
        """A stratum more of each row; `which`: the place among `rows` of each stratum's row."""
        numbers = np.array([self.rows.setdefault(row, len(self.rows)) for row in rows], np.int64)
        entries = np.empty((3, len(strata)), np.int64)
        entries[0], entries[1], entries[2] = numbers[which], strata, column
        self._entries.append(entries)

    def columns(self) -> tuple[Ints, Ints, Ints, Flags]:
        """Row, stratum and channel of every entry, (E,), and which months count, (E, 12)."""
        row, stratum, column = np.concatenate(self._entries, axis=1)
        sums = {ALL, REST}
        single = np.array([r.sector not in sums and ":" not in r.sector for r in self.rows], bool)
        return row, stratum, column, self._survey.covered[stratum] | single[row][:, None]


def _lined(survey: _Survey) -> _Parts:
    """The rows that have a line through the year: sectors, totals, channels of the totals."""
    parts = _Parts(survey)
    every = np.arange(len(survey.strata))
    parts.add_each([RuleRow(*names) for names in survey.strata], every, every)
    for office in survey.everywhere:
        sectors = sorted({sector for _, sector in survey.strata})
        which = np.array([sectors.index(sector) for _, sector in survey.strata])
        parts.add_each([RuleRow(office, sector) for sector in sectors], which, every)
    summed = survey.summed
    offices = sorted({survey.strata[i][0] for i in summed})
    at = {office: i for i, office in enumerate(offices)}
    which = np.array([at[survey.strata[i][0]] for i in summed], np.int64)
    for channel, column in _COLUMNS:
        parts.add_each([RuleRow(office, ALL, channel) for office in offices], which, summed, column)
        for office in survey.everywhere if offices else ():
            parts.add(RuleRow(office, ALL, channel), summed, column)
    return parts


def _parent(row: RuleRow) -> RuleRow | None:
    """The row that this one is a part of."""
    if row.sector == GENERAL or (row.sector, row.channel) == (ALL, ALL):
        return None
    return RuleRow(row.office, ALL, _FAMILY.get(row.channel, ALL))


def _lines(survey: _Survey, parts: _Parts) -> Lines:
    """The rows as lines of numbers, and how these add up."""
    rows = parts.rows
    row, stratum, column, counts = parts.columns()

    def added(values: Ints) -> Ints:
        found = np.zeros((len(rows), 12), dtype=np.int64)
        np.add.at(found, row, values)
        return found

    answers, late = survey.answers[stratum, :, column], survey.late[stratum, :, column]
    parents = [_parent(row) for row in rows]
    tables: dict[tuple[RuleRow | None, bool], int] = {(None, True): -1, (None, False): -1}
    keys = [(p, r.channel == ALL) for r, p in zip(rows, parents, strict=True)]
    several = bool(survey.everywhere)
    return Lines(
        people=added(answers * counts),
        late=added(late * counts).sum(axis=1),
        inside=added(answers * survey.covered[stratum]),
        parent=np.array([-1 if p is None else rows[p] for p in parents]),
        table=np.array([tables.setdefault(key, len(tables)) for key in keys]),
        depth=np.array([0 if p is None else 1 if p.channel == ALL else 2 for p in parents]),
        over=np.array(
            [rows[r._replace(office=ALL)] if several and r.office != ALL else -1 for r in rows]
        ),
        sector=np.array([r.sector != ALL for r in rows]),
    )


def _everywhere(row: RuleRow) -> RuleRow:
    return row._replace(office=ALL)


class _Tables:
    """The tables of a period, once the lines of its year are decided."""

    def __init__(self, survey: _Survey, minimum: int) -> None:
        self.survey, self.minimum = survey, minimum
        self.parts = _lined(survey)
        self.published = decide_year(_lines(survey, self.parts), survey.end, minimum)
        flags = self.published[survey.stretch]
        self.shown = {row for row, i in self.parts.rows.items() if flags[i]}
        self.rest: dict[str, tuple[str, ...]] = {}

    def add_sums(self, office: str, groups: Mapping[str, tuple[str, ...]]) -> None:
        """Groups, and the withheld sectors as one row, where they give no other sum away."""
        strata = self.survey.sectors.get(office, {})
        people = {s: self._people(those) for s, those in strata.items()}
        withheld = {s for s in people if people[s] and RuleRow(office, s) not in self.shown}
        sums = {group: {s for s in those if people.get(s)} for group, those in groups.items()}
        sums[REST] = withheld if len(withheld) > 1 else set()
        for name, those in sums.items():
            self.parts.add(RuleRow(office, name), sorted(i for s in those for i in strata[s]))
            enough = sum(people[s] for s in those) >= self.minimum
            if enough and RuleRow(office) in self.shown and those & withheld in (set(), withheld):
                self.shown.add(RuleRow(office, name))
        if RuleRow(office, REST) in self.shown:
            self.rest[office] = tuple(sorted(withheld))

    def _people(self, strata: Sequence[int]) -> int:
        months = slice(*self.survey.stretch)
        counted = self.survey.answers[strata, :, _ANY] * self.survey.covered[strata]
        if self.survey.stretch == YEAR:
            counted = counted + self.survey.late[strata, :, _ANY] * self.survey.covered[strata]
        return int(counted[:, months].sum())

    def decision(self, period: Period) -> Decision:
        """Every row of the tables, published in its step or withheld."""
        summed: dict[str, list[int]] = {}
        for i in self.survey.summed.tolist():
            for own in (self.survey.strata[i][0], *self.survey.everywhere):
                summed.setdefault(own, []).append(i)
        for office, strata in summed.items():
            self.parts.add(RuleRow(office, ALL, "items"), strata, _ITEMS)
        found = self._steps()
        self.shown -= {row for row, step in found.items() if not self._fine(row, step)}
        items = {row.office: found.pop(row) for row in list(found) if row.channel == "items"}
        if len(self.survey.offices) == 1:  # which all offices together are
            found |= {_everywhere(row): step for row, step in found.items()}
            if own := items.get(self.survey.offices[0]):
                items[ALL] = own
            self.shown |= {_everywhere(row) for row in self.shown}
            if self.rest:
                self.rest[ALL] = self.rest[self.survey.offices[0]]
        return Decision(
            period=period,
            steps={row: step for row, step in found.items() if row in self.shown},
            withheld=frozenset(found.keys() - self.shown),
            rest=self.rest,
            items=items,
        )

    def _together(self, row: RuleRow) -> int:
        """How many people a step holds: twice as many where a row cuts the same people once again,
        and where the rows of several offices and of all together do."""
        again = row.channel in _NAMES or ":" in row.sector
        return 2 * (1 + again) * (1 + self.survey.several)

    def _fine(self, row: RuleRow, step: float) -> bool:
        """Whether a row is given in steps fine enough to be worth publishing."""
        if ":" in row.sector:
            return self.survey.stretch == YEAR or step <= EXACT
        return row.channel == ALL or step <= 0.05

    def _steps(self) -> dict[RuleRow, float]:
        """Every row's step."""
        survey, months = self.survey, slice(*self.survey.stretch)
        row, stratum, column, counts = self.parts.columns()
        rows = self.parts.rows
        answers = (survey.answers[stratum, :, column] * counts)[:, months]
        late = (survey.late[stratum, :, column] * counts)[:, months]
        heads = survey.answers[stratum, months, _ANY]
        if survey.stretch == YEAR:
            heads = heads + survey.late[stratum, months, _ANY]
        else:
            late = np.zeros_like(late)
        dossiers = survey.dossiers[stratum, months]
        weight: Floats = np.where(dossiers > 0, dossiers / np.maximum(heads, 1), 1.0)
        dossiers_of: Floats = ((answers + late) * weight).sum(axis=1)
        whole: Floats = np.bincount(row, dossiers_of, minlength=len(rows)).astype(np.float64)

        own = np.array([rows[RuleRow(*names)] for names in survey.strata])
        known = np.column_stack([self.published[m, m + 1][own] for m in range(*survey.stretch)])
        known = known[stratum] & (column == _ANY)[:, None]
        hidden: Ints = np.concatenate([answers * ~known, late])
        among = hidden > 0
        entry = np.broadcast_to(np.concatenate([row, row])[:, None], hidden.shape)
        weights: Floats = np.concatenate([weight, weight])
        together = np.array([self._together(key) for key in rows])
        found = steps(entry[among], hidden[among], weights[among], whole, together, self.minimum)
        return {key: float(found[i]) for key, i in rows.items()}
