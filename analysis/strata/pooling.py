"""Which answers may be counted together: same question, same family of sectors.

Owns the measures that a set of questionnaires gives. Questionnaires stand side by side, each by
itself; answers are pooled only where a questionnaire's file declares an item the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from analysis.errors import LayoutError, Problem, said
from analysis.input.aggregates import CellMoments
from analysis.input.responses import Responses, scales_of
from analysis.statistics.moments import Moments
from analysis.statistics.strata import MeasureKind
from questionnaires import OVERALL, Questionnaire

GENERAL: Final = "general"
"""The sector of questionnaires that are not about one sector; never part of the others' total."""

INDEX: Final = "index"

Family = Literal["sectors", "general"]
Questionnaires = Mapping[str, Questionnaire]
Blocks = dict[str, tuple[str, ...]]


def family_of(sector: str) -> Family:
    """The sectors that a sector is totalled with."""
    return "general" if sector == GENERAL else "sectors"


@dataclass(frozen=True, slots=True)
class Pooled:
    """Moments per cell over questionnaires that are counted together, and their measures in order.

    `kinds` per family; `withheld`: measures that these questionnaires do not ask alike, so that
    each has its own section with them. `asked`: the keys of the questionnaires. `sizes`: the steps
    of their scale, five where nothing is said.
    """

    cells: CellMoments
    kinds: Mapping[Family, Mapping[str, MeasureKind]]
    withheld: Mapping[Family, frozenset[str]]
    asked: Mapping[Family, tuple[str, ...]] = field(default_factory=dict)
    sizes: Mapping[Family, int] = field(default_factory=dict)

    @property
    def questionnaires(self) -> tuple[str, ...]:
        """The keys of all of them."""
        return tuple(dict.fromkeys(key for keys in self.asked.values() for key in keys))

    def whose(self, family: Family) -> str:
        """Whose answers the rows of a family are: `desk@1`, several joined by "+"."""
        return "+".join(self.asked.get(family, ()))

    @property
    def respondents(self) -> int:
        """Answer sheets, over all cells."""
        return sum(max((m.n for m in found.values()), default=0) for found in self.cells.values())


def blocks_of(responses: Responses, known: Questionnaires) -> Blocks:
    """Measure -> its items, over every questionnaire with answers: overall, index, elements, items.

    Raises LayoutError where a known questionnaire has answers to an item that it does not ask, or
    another scale than its responses were read with (`Responses.knowing`).
    """
    problems = list(_foreign_answers(responses, known))
    if problems:
        raise LayoutError(problems)
    asked = [
        item
        for item in responses.items
        if any(_may_hold(key, item, responses, known) for key in responses.answers)
    ]
    rest = tuple(item for item in asked if item != OVERALL)
    blocks: Blocks = {OVERALL: (OVERALL,)} if OVERALL in asked else {}
    if rest:
        blocks[INDEX] = rest
    blocks |= _elements([known[key] for key in responses.answers if key in known], set(asked))
    return blocks | {f"item:{item}": (item,) for item in rest}


def blocks_asked(responses: Responses, known: Questionnaires) -> dict[str, Blocks]:
    """`blocks_of` for each questionnaire by itself: only the items that it asks."""
    blocks = blocks_of(responses, known)
    return {
        key: {
            measure: asked
            for measure, block in blocks.items()
            if (asked := tuple(i for i in block if _may_hold(key, i, responses, known)))
        }
        for key in responses.answers
    }


def _may_hold(key: str, item: str, responses: Responses, known: Questionnaires) -> bool:
    """Whether the questionnaire has answers to the item, or may have where none were counted."""
    counts = responses.answers[key]
    if counts:
        return counts[item] > 0
    return key not in known or item in known[key].item_ids


def _elements(present: Sequence[Questionnaire], asked: set[str]) -> Blocks:
    elements: dict[str, dict[str, None]] = {}
    for questionnaire in present:
        for element, items in questionnaire.elements_of().items():
            found = elements.setdefault(f"element:{element}", {})
            found.update(dict.fromkeys(item for item in items if item in asked))
    return {measure: tuple(items) for measure, items in elements.items() if items}


def _foreign_answers(responses: Responses, known: Questionnaires) -> Iterator[Problem]:
    for key, counts in responses.answers.items():
        if key not in known:
            continue
        if scales_of({key: known[key]}) != {k: s for k, s in responses.scales.items() if k == key}:
            scale = known[key].scale
            what = said("choice.scale", size=scale.size, satisfied=scale.satisfied_from)
            where = said("place.questionnaire", key=key)
            yield Problem(responses.name, where, what, said("choice.scale_layout"))
        for item, count in counts.items():
            if count and item not in known[key].item_ids:
                what = said("choice.not_asked", count=f"{count:,}", key=key)
                where = said("place.column", column=item)
                yield Problem(responses.name, where, what, said("choice.correct_item"))


_NOTHING: Final = Pooled(
    {}, {"sectors": {}, "general": {}}, {"sectors": frozenset(), "general": frozenset()}
)

ByQuestionnaire = Mapping[str, CellMoments]
"""Questionnaire -> its moments."""


def sections(found: ByQuestionnaire, blocks: Blocks, known: Questionnaires) -> list[Pooled]:
    """The questionnaires of a period side by side; together only where a file says they may be.

    The first section holds the questionnaires that most people answered: those about sectors, and
    those about the agency in general. Every other one follows by itself. What pooled ones do not
    ask alike follows for each questionnaire alone.
    """
    by_family = {family: _groups(found, family, known) for family in _FAMILIES}
    parts = {
        family: [_pooled(found, keys, family, blocks, known) for keys in groups]
        for family, groups in by_family.items()
    }
    for pooled in parts.values():
        pooled.sort(key=lambda part: (-part.respondents, part.questionnaires))
    first = _merged([pooled[0] for pooled in parts.values() if pooled])
    others = [part for pooled in parts.values() for part in pooled[1:]]
    alone = [
        single
        for family, pooled in parts.items()
        for part in pooled
        for single in _singles(found, part, family, blocks, known)
    ]
    return [first, *others, *alone]


_FAMILIES: Final[tuple[Family, ...]] = ("sectors", "general")


def _groups(found: ByQuestionnaire, family: Family, known: Questionnaires) -> list[tuple[str, ...]]:
    """The questionnaires of a family, in groups that declare an item of each other the same."""
    groups: list[tuple[str, ...]] = []
    for key in _present(found, family):
        near = [group for group in groups if any(_linked(key, other, known) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append(tuple(sorted({key}.union(*near))))
    return groups


def _linked(one: str, other: str, known: Questionnaires) -> bool:
    """Whether one of both says that an item of it is the same as the other's."""
    if one not in known or other not in known:
        return False
    shared = set(known[one].item_ids).intersection(known[other].item_ids)
    return any(_same(item, one, other, known) for item in shared)


def _same(item: str, one: str, other: str, known: Questionnaires) -> bool:
    first, second = known[one], known[other]
    scales = [(found.scale.size, found.scale.satisfied_from) for found in (first, second)]
    said = other in first.item(item).same_as or one in second.item(item).same_as
    return said and scales[0] == scales[1]


def _pooled(
    found: ByQuestionnaire,
    keys: tuple[str, ...],
    family: Family,
    blocks: Blocks,
    known: Questionnaires,
) -> Pooled:
    """These questionnaires' answers of one family, added up."""
    of_family = [
        {cell: m for cell, m in found[key].items() if family_of(cell.sector) == family}
        for key in keys
    ]
    cells = of_family[0]
    for more in of_family[1:]:
        for cell, measures in more.items():
            cells[cell] = _added(cells.get(cell, {}), measures)
    contents = {measure: _contents(keys, block, known) for measure, block in blocks.items()}
    apart = frozenset(
        measure
        for measure, sets in contents.items()
        if len(sets) > 1 or any(not _alike(item, keys, known) for items in sets for item in items)
    )
    answered = _answered(cells)
    kinds: Mapping[str, MeasureKind] = {
        measure: "item" if len(next(iter(sets))) == 1 else "ratio"
        for measure, sets in contents.items()
        if measure not in apart and measure in answered
    }
    return Pooled(
        _without(cells, apart),
        {**_NOTHING.kinds, family: kinds},
        {**_NOTHING.withheld, family: apart & answered},
        {family: keys},
        {family: sizes[0]} if (sizes := [known[k].scale.size for k in keys if k in known]) else {},
    )


def _without(cells: CellMoments, measures: Collection[str]) -> CellMoments:
    """What may not be added up is gone: nothing can be computed from it by mistake."""
    if not measures:
        return cells
    return {
        cell: {name: moments for name, moments in found.items() if name not in measures}
        for cell, found in cells.items()
    }


def _alike(item: str, keys: Sequence[str], known: Questionnaires) -> bool:
    """Whether declarations join all questionnaires that ask the item, directly or by others."""
    asking = [key for key in keys if key not in known or item in known[key].item_ids]
    return len(asking) < 2 or _joined(item, asking, (), known)


def _joined(item: str, asking: Sequence[str], others: Sequence[str], known: Questionnaires) -> bool:
    """Whether declarations join all of `asking`, directly or by each other or by `others`."""
    reached, waiting = {asking[0]}, {*asking[1:], *others}
    while near := {w for w in waiting if any(_same(item, w, r, known) for r in reached)}:
        reached |= near
        waiting -= near
    return waiting.isdisjoint(asking)


def asked_alike(
    measure: str, one: Sequence[str], other: Sequence[str], blocks: Blocks, known: Questionnaires
) -> bool:
    """Whether two sets of questionnaires ask the items of a measure, and ask them alike.

    As their files say, directly or by any other version.
    """
    keys = (*one, *other)
    if measure not in blocks or not all(key in known for key in keys):
        return False
    contents = _contents(keys, blocks[measure], known)
    every = [key for key in known if key not in keys]
    return len(contents) == 1 and all(
        _joined(item, keys, [key for key in every if item in known[key].item_ids], known)
        for items in contents
        for item in items
    )


def _singles(
    found: ByQuestionnaire, part: Pooled, family: Family, blocks: Blocks, known: Questionnaires
) -> Iterator[Pooled]:
    """Of pooled questionnaires, each by itself with the measures that are not pooled."""
    apart = part.withheld[family]
    for key in part.questionnaires if apart else ():
        single = _pooled(found, (key,), family, blocks, known)
        kinds = {name: kind for name, kind in single.kinds[family].items() if name in apart}
        if kinds:
            cells = _without(single.cells, blocks.keys() - apart)
            yield replace(single, cells=cells, kinds={**_NOTHING.kinds, family: kinds})


def first_with(parts: Sequence[Pooled], measure: str) -> Pooled:
    """The first section that has a measure; the first one where none has."""
    having = (part for part in parts if any(measure in kinds for kinds in part.kinds.values()))
    return next(having, parts[0])


def _merged(parts: Sequence[Pooled]) -> Pooled:
    """One section about sectors and about the agency in general."""
    merged = _NOTHING
    for part in parts:
        merged = Pooled(
            {**merged.cells, **part.cells},
            {f: part.kinds[f] or merged.kinds[f] for f in _FAMILIES},
            {f: part.withheld[f] or merged.withheld[f] for f in _FAMILIES},
            {**merged.asked, **part.asked},
            {**merged.sizes, **part.sizes},
        )
    return merged


def _added(one: Mapping[str, Moments], other: Mapping[str, Moments]) -> dict[str, Moments]:
    both = {measure: one[measure] + other[measure] for measure in one.keys() & other.keys()}
    return {**one, **other, **both}


def _present(found: ByQuestionnaire, family: Family) -> list[str]:
    return sorted(
        key
        for key, cells in found.items()
        if any(family_of(cell.sector) == family for cell in cells)
    )


def _answered(cells: CellMoments) -> frozenset[str]:
    return frozenset(
        measure
        for measures in cells.values()
        for measure, moments in measures.items()
        if moments.answered
    )


def _asked(key: str, block: Sequence[str], known: Questionnaires) -> list[str]:
    return [item for item in block if key not in known or item in known[key].item_ids]


def _contents(
    keys: Sequence[str], block: Sequence[str], known: Questionnaires
) -> set[tuple[str, ...]]:
    """The different sets of items that these questionnaires put into one measure.

    The empty one too: who was not asked is not silent.
    """
    return {tuple(_asked(key, block, known)) for key in keys}
