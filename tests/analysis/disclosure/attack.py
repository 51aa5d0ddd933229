"""The attack on what is published: is there another world that publishes the very same?

Owns the attacker. He knows every published row of every period, edition and targets file, how many
answered and how many dossiers there were in every cell, and that people come in whole numbers. A
group of people is determined where every world that fits has as many satisfied ones among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from analysis.disclosure.figures import limits
from analysis.disclosure.rounding import EXACT, class_ends
from analysis.disclosure.rule import ALL, GENERAL, REST, Decision, People, RuleRow
from analysis.statistics.estimates import estimate_columns, ratios
from analysis.statistics.moments import Moments
from analysis.statistics.strata import Stratum, draw
from questionnaires.layout import SIDES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Ends = tuple[Floats, Floats]
Random = np.random.Generator | None

_MARGIN = 1e-7
_LIMITS = ("low", "high", "lower", "upper")
_NAMES = ("share", *_LIMITS)


@dataclass(frozen=True)
class World:
    """What happened: who answered and who was satisfied, cell by cell.

    A cell is an office, a sector, a month, a channel, and whether its people came late. `joined`:
    strata whose late people have joined the figures of their month, in a second edition.
    """

    keys: tuple[tuple[str, str, str, str, bool], ...]
    people: Ints
    satisfied: Ints
    dossiers: Mapping[tuple[str, str, str], int]
    joined: frozenset[tuple[str, str, str]] = frozenset()

    def headcounts(self) -> People:
        """What the rule sees of it."""
        timely: Counter[tuple[str, str, str, str]] = Counter()
        late: Counter[tuple[str, str, str, str]] = Counter()
        for key, people in zip(self.keys, self.people.tolist(), strict=True):
            (late if self.waits(key) else timely)[key[:4]] += people
        return People(timely, self.dossiers, late)

    def waits(self, key: tuple[str, str, str, str, bool]) -> bool:
        """Whether the people of a cell came late and have not joined the figures of their month."""
        return key[4] and key[:3] not in self.joined


@dataclass(frozen=True)
class PublishedRow:
    """One row of one publication: its cells, their strata, and the step of its figures.

    `stratum` numbers the strata of the cells, `heads` and `dossiers` belong to each stratum.
    """

    cells: Ints
    stratum: Ints
    heads: Ints
    dossiers: Ints
    domain: bool
    step: float
    targets: tuple[float, ...] = ()

    def weights(self) -> Floats:
        """What one more satisfied person of each cell adds to the share."""
        each = (self.dossiers / self.heads)[self.stratum]
        return np.asarray(each, dtype=np.float64)


def published_rows(
    world: World,
    decision: Decision,
    groups: Mapping[str, tuple[str, ...]],
    offices: frozenset[str] | None = None,
) -> list[PublishedRow]:
    """All rows that a decision publishes, over the cells of a world, or of some offices of it."""
    months = set(decision.period.months)
    inside = {key[0] for key in world.keys if offices is None or key[0] in offices}
    cells = [i for i, key in enumerate(world.keys) if key[2] in months and key[0] in inside]
    several = len(inside) > 1
    return [
        found
        for row, step in decision.steps.items()
        if row.office != ALL or several
        for found in [_row(world, row, step, decision, groups, cells)]
    ]


def _row(
    world: World,
    row: RuleRow,
    step: float,
    decision: Decision,
    groups: Mapping[str, tuple[str, ...]],
    cells: Sequence[int],
) -> PublishedRow:
    sectors = {key[1] for key in world.keys} - {GENERAL} if row.sector == ALL else {row.sector}
    if row.sector == REST:
        sectors = set(decision.rest[row.office])
    if ":" in row.sector:
        sectors = set(groups[row.sector])
    channels = SIDES.get(row.channel, (row.channel,))
    late = len(decision.period.months) == 12
    strata: dict[tuple[str, str, str], int] = {}
    heads: list[int] = []
    inside, number = [], []
    for i in cells:
        office, sector, month, channel, _ = world.keys[i]
        waits = world.waits(world.keys[i]) and not late
        if sector not in sectors or row.office not in {ALL, office} or waits:
            continue
        at = strata.setdefault((office, sector, month), len(strata))
        if at == len(heads):
            heads.append(0)
        heads[at] += int(world.people[i])
        if row.channel == ALL or channel in channels:
            inside.append(i)
            number.append(at)
    known = np.array([world.dossiers.get(stratum, 0) for stratum in strata])
    sizes = np.array(heads)
    return PublishedRow(
        np.array(inside),
        np.array(number),
        sizes,
        np.where(known > 0, known, sizes),
        row.channel != ALL,
        step,
        _targets(row),
    )


def _targets(row: RuleRow) -> tuple[float, ...]:
    """The thresholds that the shipped targets file sets for a row: its verdicts are published."""
    if row.channel != ALL or row.sector == REST:
        return ()
    if row.sector == ALL:
        return (0.90, 0.95)
    planned = row.sector in {"land", "construction", "investment"} or ":" in row.sector
    return (0.85, 0.90) if planned else ()


Published = tuple[object, ...]


def publish(world: World, rows: Sequence[PublishedRow], satisfied: Ints) -> list[Published]:
    """What is printed of each row, had these been satisfied: figures and verdicts."""
    cells = [_strata(world, row, satisfied) for row in rows]
    found = estimate_columns(cells, "item", names=_NAMES)
    design = draw(cells, ["item"] * len(cells))
    caps = ratios(design, design.satisfied).cap
    share, step = np.array(found["share"]), np.array([row.step for row in rows])
    pairs = [(np.array(found[a]), np.array(found[b])) for a, b in (_LIMITS[:2], _LIMITS[2:])]
    two, one = (
        limits(share, step, caps, pair, tail)
        for pair, tail in zip(pairs, (0.025, 0.05), strict=True)
    )
    figures = zip(*class_ends(share, step), *two, *one, strict=True)
    lower, upper = pairs[1]
    return [
        (*told, *(lower[i] >= t for t in row.targets), *(upper[i] < t for t in row.targets))
        for i, (row, told) in enumerate(zip(rows, figures, strict=True))
    ]


def _strata(world: World, row: PublishedRow, satisfied: Ints) -> list[Stratum]:
    size = row.heads.size
    n = np.bincount(row.stratum, weights=world.people[row.cells], minlength=size).astype(int)
    y = np.bincount(row.stratum, weights=satisfied[row.cells], minlength=size).astype(int)
    return [
        Stratum(_moments(n_, y_), N, heads if row.domain else None)
        for n_, y_, N, heads in zip(
            n.tolist(), y.tolist(), row.dossiers.tolist(), row.heads.tolist(), strict=True
        )
        if n_ or not row.domain
    ]


def _moments(n: int, y: int) -> Moments:
    return Moments(n=n, answered=n, y=y, m=n, yy=y, ym=y, mm=n, s=4 * y, ss=16 * y, sm=4 * y)


class Attack:
    """Everything published about a world, and the search for other worlds that fit it."""

    def __init__(self, world: World, rows: Iterable[PublishedRow], *, limits: bool = True) -> None:
        self.world, self.limits = world, limits
        self.rows = _distinct(rows)
        self.truth = world.satisfied
        matrix, low, high = _facts(world, self.rows, self.truth)
        self._matrix, self._low, self._high = matrix, low, high
        self._years = np.array([int(key[2][:4]) for key in world.keys])
        self._dense_years: dict[int, _Year] = {}
        self._lines = self._years[[int(row.cells[0]) for row in self.rows]]
        self._printed = publish(world, self.rows, self.truth)

    def _wrong(self, satisfied: Ints) -> list[int]:
        """The rows that would be printed differently, shares apart where only they are attacked."""
        moved = satisfied != self.truth
        touched = [i for i, row in enumerate(self.rows) if moved[row.cells].any()]
        if not self.limits or not touched:
            return []
        found = publish(self.world, [self.rows[i] for i in touched], satisfied)
        return [i for i, printed in zip(touched, found, strict=True) if self._printed[i] != printed]

    def other(self, target: Ints, sign: int, shares: Ends, rng: Random = None) -> Ints | None:
        """A world near the true one, with more (1) or fewer (-1) satisfied people in the target.

        None: there is none. It fits the `shares`; whether it fits all else is for `_wrong` to say.
        """
        year = self._years == self._years[target[0]]
        cells = np.flatnonzero(year)
        size = cells.size
        mark = np.zeros(self.truth.size)
        mark[target] = sign
        mark = mark[cells]
        lines = np.flatnonzero(self._lines == self._years[target[0]])
        matrix = self._matrix[lines][:, cells]
        known = matrix @ self.truth[cells]
        cost = np.ones(2 * size)
        if rng is not None:
            cost = 0.5 + rng.random(2 * size)
        truth, people = self.truth[cells], self.world.people[cells]
        found = milp(
            cost,
            constraints=LinearConstraint(
                vstack(
                    [
                        hstack([matrix, -matrix]),
                        csr_array(np.concatenate([mark, -mark])[None, :]),
                    ]
                ).tocsc(),
                np.append(shares[0][lines] - known, 1),
                np.append(shares[1][lines] - known, np.inf),
            ),
            integrality=np.ones(2 * size),
            bounds=Bounds(0, np.concatenate([people - truth, truth])),
            options={"time_limit": 20.0, "mip_rel_gap": 0.5},
        )
        if found.x is None:
            if found.status != 2:
                raise TimeoutError("the solver gave up")
            return None
        steps = np.rint(found.x).astype(np.int64)
        world = self.truth.copy()
        world[cells] += steps[:size] - steps[size:]
        return world

    def walk(self, target: Ints, rng: np.random.Generator, tries: int = 30) -> Ints | None:
        """A world that fits in everything and differs in the target, by local search; None: none.

        One person of the target changes, then whoever mends most of what no longer fits. A row
        whose verdict or limits gave the try away is kept nearer to the truth in the next ones.
        """
        year = self._dense(int(self._years[target[0]]))
        inside = np.searchsorted(year.cells, target)
        low, high = year.low.copy(), year.high.copy()
        for _ in range(tries):
            moved = year.search(inside, low, high, rng)
            if moved is None:
                continue
            world = self.truth.copy()
            world[year.cells] += moved
            wrong = self._wrong(world)
            if not wrong:
                return world
            off = year.matrix @ moved
            for line in [year.line[i] for i in wrong]:
                half = year.known[line] + off[line] / 2
                if off[line] > 0:
                    high[line] = min(high[line], half)
                elif off[line] < 0:
                    low[line] = max(low[line], half)
        return None

    def _dense(self, number: int) -> _Year:
        if number not in self._dense_years:
            lines = np.flatnonzero(self._lines == number)
            cells = np.flatnonzero(self._years == number)
            matrix = self._matrix[lines][:, cells].toarray()
            self._dense_years[number] = _Year(
                cells,
                matrix,
                self._low[lines],
                self._high[lines],
                matrix @ self.truth[cells],
                self.truth[cells],
                self.world.people[cells],
                {int(row): i for i, row in enumerate(lines)},
            )
        return self._dense_years[number]

    def _solved(self, target: Ints, rng: np.random.Generator) -> list[Ints | None]:
        """What the solver finds on both sides; nothing at all where it gives up."""
        found: list[Ints | None] = []
        try:
            for sign in (1, -1):
                world = self.other(target, sign, (self._low, self._high))
                if world is not None and self._wrong(world):
                    world = self._nearer(target, sign, world, rng)
                found.append(world)
        except TimeoutError:
            return []
        return found

    def _nearer(
        self, target: Ints, sign: int, world: Ints, rng: np.random.Generator, tries: int = 12
    ) -> Ints:
        """Another such world, the rows that gave the last one away being nearer to the truth."""
        low, high = self._low.copy(), self._high.copy()
        known = self._matrix @ self.truth
        for _ in range(tries):
            off = self._matrix @ (world - self.truth)
            wrong = self._wrong(world)
            if not wrong:
                break
            for row in wrong:
                if off[row] > 0:
                    high[row] = min(high[row], known[row] + off[row] / 2)
                elif off[row] < 0:
                    low[row] = max(low[row], known[row] + off[row] / 2)
            nearer = self.other(target, sign, (low, high), rng)
            if nearer is None:
                break
            world = nearer
        return world

    def determined(self, targets: Sequence[Ints], seed: int = 0) -> tuple[list[int], list[int]]:
        """Which targets are determined by the shares, and for which others no world was met.

        The second kind may be determined by limits and verdicts, or the search was too short.
        """
        rng = np.random.default_rng(seed)
        marks = np.zeros((len(targets), self.truth.size))
        for i, target in enumerate(targets):
            marks[i, target] = 1
        left = np.ones(len(targets), dtype=np.bool_)
        by_share, unmet = [], []
        for i, target in enumerate(targets):
            if not left[i]:
                continue
            world = self.walk(target, rng)
            found = [world] if world is not None else self._solved(target, rng)
            fitting = [world for world in found if world is not None and not self._wrong(world)]
            for world in fitting:
                left &= np.abs(marks @ (world - self.truth)) < 0.5
            if found and all(world is None for world in found):
                by_share.append(i)
            elif not fitting:
                unmet.append(i)
        return by_share, [i for i in unmet if left[i]]


@dataclass(frozen=True)
class _Year:
    """The facts of one year, dense."""

    cells: Ints
    matrix: Floats
    low: Floats
    high: Floats
    known: Floats
    truth: Ints
    people: Ints
    line: Mapping[int, int]

    def search(
        self, target: Ints, low: Floats, high: Floats, rng: np.random.Generator, most: int = 40
    ) -> Ints | None:
        """Changes that fit all shares, beginning with one person of the target."""
        moved = np.zeros(self.cells.size, dtype=np.int64)
        scale = np.abs(self.matrix).max(axis=1)
        options = [
            (cell, sign)
            for cell in target.tolist()
            for sign in (1, -1)
            if 0 <= self.truth[cell] + sign <= self.people[cell]
        ]
        cell, sign = options[rng.integers(len(options))]
        moved[cell] = sign
        value = self.known + sign * self.matrix[:, cell]
        barred = np.zeros((2, self.cells.size), dtype=np.bool_)
        barred[:, target] = True
        for _ in range(most):
            if np.all((value >= low) & (value < high)):
                return moved
            best = np.full((2, self.cells.size), np.inf)
            now = self.truth + moved
            for k, step in enumerate((1, -1)):
                after = value[:, None] + step * self.matrix
                over = np.maximum(low[:, None] - after, 0) + np.maximum(after - high[:, None], 0)
                best[k] = (over / scale[:, None]).sum(axis=0)
                best[k][barred[k] | (now + step < 0) | (now + step > self.people)] = np.inf
            best += rng.random(best.shape) * 0.3
            k, cell = np.unravel_index(int(np.argmin(best)), best.shape)
            if not np.isfinite(best[k, cell]):
                return None
            step = (1, -1)[int(k)]
            moved[cell] += step
            value = value + step * self.matrix[:, cell]
            barred[1 - k, cell] = True
        return None


def _distinct(rows: Iterable[PublishedRow]) -> list[PublishedRow]:
    found: dict[tuple[object, ...], PublishedRow] = {}
    for row in rows:
        key = (
            row.cells.tobytes(),
            row.heads.tobytes(),
            row.stratum.tobytes(),
            row.step,
            row.targets,
        )
        found.setdefault(key, row)
    return list(found.values())


def _facts(
    world: World, rows: Sequence[PublishedRow], truth: Ints
) -> tuple[csr_array, Floats, Floats]:
    """The shares and silent bounds of all rows as linear inequalities."""
    values, columns, lines, low, high = [], [], [], [], []

    def fact(cells: Ints, weights: Floats, least: float, below: float) -> None:
        lines.append(np.full(cells.size, len(low)))
        columns.append(cells)
        values.append(weights)
        low.append(least - _MARGIN)
        high.append(below)

    for row in rows:
        each = row.weights()
        weights = each / float(each @ world.people[row.cells])
        share, step = np.array([weights @ truth[row.cells]]), np.array([row.step])
        least, below = (float(end[0]) for end in class_ends(share, step))
        if row.step <= EXACT:
            below = least + row.step
        fact(row.cells, weights, least, _below(below))
    matrix = csr_array(
        (np.concatenate(values), (np.concatenate(lines), np.concatenate(columns))),
        shape=(len(low), truth.size),
    )
    return matrix, np.array(low), np.array(high)


def _below(edge: float) -> float:
    """Just below the edge of a step, but the highest step holds its edge."""
    return edge + _MARGIN if edge > 1 - _MARGIN else edge - _MARGIN


def small_targets(world: World, most: int = 9) -> Iterator[tuple[str, Ints]]:
    """Groups of 1 to 9 people that an attacker would ask about, each with its name.

    Cells of every sector, channel, family of channels and both together, on time and late, in every
    period; and pairs of sectors in a month and of months in a sector.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (office, sector, month, channel, late) in enumerate(world.keys):
        year, number = month[:4], int(month[5:]) - 1
        family = next(name for name, those in SIDES.items() if channel in those)
        spans = (month, f"{year}-Q{number // 3}", f"{year}-H{number // 6}", year)
        for span in spans:
            for part in (
                *(("sector", sector), ("channel", channel), ("family", family)),
                *(("cell", sector, channel), ("total",)),
            ):
                groups.setdefault((office, span, *part), []).append(i)
                if late:
                    groups.setdefault((office, span, *part, "late"), []).append(i)
    for key in list(groups):
        if key[2] == "sector" and len(str(key[1])) == 7 and key[-1] != "late":
            office, span, _, sector = key
            for other in [k for k in groups if k[:3] == key[:3] and k > key and k[-1] != "late"]:
                groups[*key, "and", *other[3:]] = [*groups[key], *groups[other]]
            for other in [
                k
                for k in groups
                if k[0] == office
                and k[2:] == key[2:]
                and len(str(k[1])) == 7
                and str(k[1])[:4] == str(span)[:4]
                and k > key
            ]:
                groups[*key, "and", other[1]] = [*groups[key], *groups[other]]
    seen: set[bytes] = set()
    for key, cells in groups.items():
        found = np.unique(np.array(cells))
        people = int(world.people[found].sum())
        if 1 <= people <= most and found.tobytes() not in seen:
            seen.add(found.tobytes())
            yield " ".join(str(part) for part in key), found
