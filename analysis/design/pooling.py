"""Which answers may be counted together: same question, same words, same family of sectors.

Owns the measures that a set of questionnaires gives, and the refusal to pool different wordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from analysis.counting.moments import CellMoments, Moments
from analysis.formulas.strata import Kind
from analysis.problems import LayoutError, Problem, WordingError
from analysis.reading.layout import Responses
from questionnaires import OVERALL, Questionnaire

GENERAL: Final = "general"
"""The sector of questionnaires that are not about one sector; never part of the others' total."""

INDEX: Final = "index"

Family = Literal["sectors", "general"]
Known = Mapping[str, Questionnaire]
Blocks = dict[str, tuple[str, ...]]


def family_of(sector: str) -> Family:
    """The sectors that a sector is totalled with."""
    return "general" if sector == GENERAL else "sectors"


@dataclass(frozen=True, slots=True)
class Pooled:
    """Moments per cell over all questionnaires, and per family its measures in order.

    `withheld`: index or elements that questionnaires of the family ask with different items.
    """

    cells: CellMoments
    kinds: Mapping[Family, Mapping[str, Kind]]
    withheld: Mapping[Family, frozenset[str]]


def blocks_of(responses: Responses, known: Known) -> Blocks:
    """Measure -> its items, over every questionnaire with answers: overall, index, elements, items.

    Raises LayoutError where a known questionnaire has answers to an item that it does not ask, or
    a scale that the layout does not hold.
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


def blocks_asked(responses: Responses, known: Known) -> dict[str, Blocks]:
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


def _may_hold(key: str, item: str, responses: Responses, known: Known) -> bool:
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


def _foreign_answers(responses: Responses, known: Known) -> Iterator[Problem]:
    for key, counts in responses.answers.items():
        if key not in known:
            continue
        scale = known[key].scale
        if (scale.size, scale.satisfied_from) != (5, 4):
            what = f"its scale has {scale.size} steps, satisfied from {scale.satisfied_from}"
            remedy = "the layout holds scores 1 to 5, satisfied from 4; leave this one out"
            yield Problem(responses.name, f"questionnaire '{key}'", what, remedy)
        for item, count in counts.items():
            if count and item not in known[key].item_ids:
                what = f"{count:,} answers to it in responses to {key}, which does not ask it"
                remedy = "correct the column's name or the questionnaire's version"
                yield Problem(responses.name, f"column '{item}'", what, remedy)


def pool(found: Mapping[str, CellMoments], blocks: Blocks, known: Known) -> Pooled:
    """Add up the questionnaires. WordingError where answers to different wordings would mix."""
    cells: CellMoments = {}
    for moments in found.values():
        for cell, measures in moments.items():
            _add(cells.setdefault(cell, {}), measures)
    families: tuple[Family, ...] = ("sectors", "general")
    present = {family: _present(found, family) for family in families}
    problems = [problem for keys in present.values() for problem in _conflicts(keys, blocks, known)]
    if problems:
        raise WordingError(problems)
    kinds: dict[Family, Mapping[str, Kind]] = {}
    withheld: dict[Family, frozenset[str]] = {}
    for family, keys in present.items():
        contents = {measure: _contents(keys, block, known) for measure, block in blocks.items()}
        withheld[family] = frozenset(name for name, sets in contents.items() if len(sets) > 1)
        answered = _answered(cells, family)
        kinds[family] = {
            measure: "item" if len(next(iter(sets))) == 1 else "ratio"
            for measure, sets in contents.items()
            if len(sets) == 1 and measure in answered
        }
    return Pooled(cells, kinds, withheld)


def _add(total: dict[str, Moments], more: Mapping[str, Moments]) -> None:
    for measure, moments in more.items():
        total[measure] = total[measure] + moments if measure in total else moments


def _present(found: Mapping[str, CellMoments], family: Family) -> list[str]:
    return sorted(
        key
        for key, cells in found.items()
        if any(family_of(cell.sector) == family for cell in cells)
    )


def _answered(cells: CellMoments, family: Family) -> set[str]:
    return {
        measure
        for cell, measures in cells.items()
        if family_of(cell.sector) == family
        for measure, moments in measures.items()
        if moments.answered
    }


def _wording(questionnaire: Questionnaire, item: str) -> object:
    """What people read when they gave the score: the question and the scale's labels."""
    return (questionnaire.item(item).text, questionnaire.scale.labels)


def _asked(key: str, block: Sequence[str], known: Known) -> list[str]:
    return [item for item in block if key not in known or item in known[key].item_ids]


def _contents(keys: Sequence[str], block: Sequence[str], known: Known) -> set[tuple[str, ...]]:
    """The different sets of items that these questionnaires put into one measure.

    Wordings agree by now; a questionnaire that asks nothing of a measure does not matter to it.
    One item is the same measure in whichever questionnaires ask it.
    """
    return {items for key in keys if (items := tuple(_asked(key, block, known)))}


def _conflicts(keys: Sequence[str], blocks: Blocks, known: Known) -> Iterator[Problem]:
    if len(keys) < 2:
        return
    remedy = f"analyse one at a time: --questionnaire {keys[0]}"
    if any(key not in known for key in keys):
        what = "not all of them are known here, so their wordings cannot be compared"
        yield Problem("questionnaires", ", ".join(keys), what, remedy)
        return
    for item in dict.fromkeys(item for block in blocks.values() for item in block):
        asking = [key for key in keys if item in known[key].item_ids]
        words = {key: _wording(known[key], item) for key in asking}
        if any(words[key] != words[asking[0]] for key in asking):
            what = f"they word '{item}' differently"
            yield Problem("questionnaires", ", ".join(asking), what, remedy)
