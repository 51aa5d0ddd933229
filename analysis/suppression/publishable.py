"""Which rows of a verdict document may leave: primary and complementary suppression, as one rule.

Owns the answer for a row's keys. The rule and its proof are in `overlap`, the order of periods in
`facets`, the rows themselves in `family_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.design.headcounts import Headcounts
from analysis.design.pooling import INDEX, Blocks, Family, Pooled, family_of
from analysis.design.scopes import ALL
from analysis.reading.columns import CHANNELS
from analysis.suppression.facets import Stretch
from analysis.suppression.family_rows import FamilyRows
from analysis.suppression.measure_tree import measure_tree


class _Table:
    """The flags of one family of sectors, found by name."""

    def __init__(self, offices: tuple[str, ...], rows: FamilyRows) -> None:
        self._offices = {name: place for place, name in enumerate((*offices, ALL))}
        self._keys = {name: place for place, name in enumerate(rows.keys)}
        self._channels = {name: place for place, name in enumerate((ALL, *CHANNELS))}
        self._rows = {measure: flags.tobytes() for measure, flags in rows.flags.items()}

    def allows(self, office: str, sector: str, measure: str, channel: str) -> bool:
        place, key = self._offices.get(office), self._keys.get(sector)
        rows = self._rows.get(measure)
        if place is None or key is None or rows is None:
            return False
        number = (place * len(self._keys) + key) * len(self._channels) + self._channels[channel]
        return bool(rows[number])


class Publishable:
    """Whether rows may leave, by their keys. `alone`: the office that `all` stands for."""

    def __init__(self, tables: Mapping[Family, _Table], alone: str | None = None) -> None:
        self._tables, self._alone = tables, alone

    def allows(self, office: str, sector: str, measure: str, channel: str = ALL) -> bool:
        """Whether the row with these keys may leave; False where it has no answers."""
        family = family_of(sector)
        if sector == ALL and "sectors" not in self._tables:
            family = "general"  # nothing else was asked about
        table = self._tables.get(family)
        if table is None:
            return False
        alone = office == ALL and self._alone is not None
        return table.allows(str(self._alone) if alone else office, sector, measure, channel)


def publishable(
    counts: Headcounts,
    pooled: Pooled,
    blocks: Blocks,
    groups: Mapping[str, tuple[str, ...]],
    alone: str | None = None,
) -> Publishable:
    """Decide every row of a document.

    Parameters
    ----------
    counts
        Of every office of the source, for every month of the period.
    pooled
        The measures of each family.
    blocks
        Measure -> its items.
    groups
        Group -> its sectors.
    alone
        The one office that the document is about, where the source may hold others.
    """
    families: tuple[Family, ...] = ("sectors", "general")
    tables = {}
    for family in families:
        places = [n for n, name in enumerate(counts.sectors) if family_of(name) == family]
        people = {
            name: counts.people[name][:, places]
            for name in _measures(pooled, family, len(counts.months))
            if name in counts.people
        }
        if places and people:
            names = [counts.sectors[place] for place in places]
            inside = groups if family == "sectors" else {}
            rows = FamilyRows(people, names, inside, Stretch.of(counts.months))
            rows.decide(measure_tree(list(people), blocks))
            tables[family] = _Table(counts.offices, rows)
    return Publishable(tables, alone)


def _measures(pooled: Pooled, family: Family, months: int) -> list[str]:
    """The measures to decide on.

    In a year whose questionnaires make up an index or element differently, its months showed other
    sums than the year would: then only what is no part of a sum is shown for the year.
    """
    names = list(pooled.kinds[family])
    if months == 1 or not pooled.withheld[family]:
        return names
    return [name for name in names if name != INDEX and ":" not in name]
