"""Which measures add up to which: items to elements, these to the index.

Owns this tree. Its sums leave together, so one that is withheld must not be what is left of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.design.pooling import INDEX, Blocks


@dataclass(frozen=True, slots=True)
class Branch:
    """A measure and those that add up to it."""

    measure: str
    children: tuple[Branch, ...] = ()

    def leaves(self) -> Iterator[str]:
        """The measures that nothing adds up to."""
        if not self.children:
            yield self.measure
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class Tree:
    """`roots` add up to nothing else; `loose` elements share items with another element."""

    roots: tuple[Branch, ...]
    loose: Mapping[str, tuple[str, ...]]


def measure_tree(measures: Sequence[str], blocks: Blocks) -> Tree:
    """Arrange the measures of a family of sectors by their items.

    >>> blocks = {"index": ("a", "b"), "element:e": ("a",), "item:a": ("a",), "item:b": ("b",)}
    >>> [child.measure for child in measure_tree(list(blocks), blocks).roots[0].children]
    ['element:e', 'item:b']
    """
    items = {name: blocks[name][0] for name in measures if name.startswith("item:")}
    parent: dict[str, str] = {}
    elements: dict[str, Branch] = {}
    loose: dict[str, tuple[str, ...]] = {}
    for name in measures:
        if not name.startswith("element:"):
            continue
        inside = tuple(leaf for leaf, item in items.items() if item in blocks[name])
        if any(leaf in parent for leaf in inside):
            loose[name] = inside
            continue
        elements[name] = Branch(name, tuple(Branch(leaf) for leaf in inside))
        parent |= dict.fromkeys(inside, name)
    parts = (*elements.values(), *(Branch(leaf) for leaf in items if leaf not in parent))
    known = {*elements, *items, *loose}
    others = tuple(Branch(name) for name in measures if name not in known and name != INDEX)
    if INDEX in measures:
        return Tree((*others, Branch(INDEX, parts)), loose)
    return Tree((*others, *parts), loose)
