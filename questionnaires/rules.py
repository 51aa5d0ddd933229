"""What must hold between the parts of a questionnaire: names that meet, bounds that fit.

Works on plain data as it stands in the file, also half-broken data, so that these problems are
reported together with wrong types. Must not check single values: that is the model's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Table = Mapping[str, Any]

COLUMNS: Final = frozenset(
    {"response_id", "questionnaire", "office", "sector", "procedure", "channel"}
    | {"answered_on", "late", "flag"}
)
"""The fixed columns of the responses layout; an item of the same name would be a second one."""

RESERVED: Final = COLUMNS | {"all", "index", "csrf_token", "lang", "token"}
"""Names that measures, columns or the form itself already use."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule: where, what, remedy."""

    place: str
    what: str
    remedy: str


def broken_rules(data: Table) -> list[Fault]:
    """Every broken rule of a questionnaire given as plain data (keys as in the file)."""
    return [fault for rule in _RULES for fault in rule(data)]


def tables(data: Table, name: str) -> list[Table]:
    """The sub-tables called `name`, leaving out whatever is not a table."""
    found = data.get(name)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [entry for entry in found if isinstance(entry, Mapping)]


def names(entries: Sequence[Table]) -> list[str]:
    """The ids of these tables, leaving out those that are no text."""
    return [entry["id"] for entry in entries if isinstance(entry.get("id"), str)]


def _questions(data: Table) -> list[Table]:
    comment = [{"id": "comment"} for _ in tables(data, "comment")]
    return [*tables(data, "item"), *tables(data, "choices"), *comment]


def _repeated(ids: Sequence[str], place: str) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield Fault(place, f"id '{name}' is used {count} times", "give each its own id")


def _ids_are_unique(data: Table) -> Iterator[Fault]:
    yield from _repeated(names(tables(data, "element")), "elements")
    yield from _repeated(names(_questions(data)), "questions")
    for choices in tables(data, "choices"):
        yield from _repeated(names(tables(choices, "option")), _question(choices))


def _ids_are_free(data: Table) -> Iterator[Fault]:
    remedy = f"choose another id; {', '.join(sorted(RESERVED))} are taken"
    for kind, entries in (("question", _questions(data)), ("element", tables(data, "element"))):
        for name in names(entries):
            if name in RESERVED:
                yield Fault(f"{kind} '{name}'", "this id is taken by the system", remedy)


def _overall_stands_alone(data: Table) -> Iterator[Fault]:
    if "overall" in names(tables(data, "element")):
        yield Fault("element 'overall'", "'overall' is the overall question", "choose another id")
    for entry in tables(data, "choices"):
        if entry.get("id") == "overall":
            yield Fault("question 'overall'", "it is not an item", "make it an [[item]]")
    for item in tables(data, "item"):
        if item.get("id") != "overall":
            continue
        if item.get("element") is not None:
            what = "it belongs to an element, but is no part of the index"
            yield Fault("question 'overall'", what, "remove its element")
        if item.get("not_applicable") is True:
            what = "everybody can answer it, yet not_applicable is true"
            yield Fault("question 'overall'", what, "remove not_applicable")


def _elements_are_known(data: Table) -> Iterator[Fault]:
    known = names(tables(data, "element"))
    for item in tables(data, "item"):
        element = item.get("element")
        if isinstance(element, str) and element not in known:
            have = f"use one of {', '.join(known)}" if known else "add an [[element]] table"
            yield Fault(_question(item), f"element '{element}' is not known", have)


def _elements_are_used(data: Table) -> Iterator[Fault]:
    used = [item.get("element") for item in tables(data, "item")]
    for name in names(tables(data, "element")):
        if name not in used:
            remedy = f'remove it, or write element = "{name}" in an item'
            yield Fault(f"element '{name}'", "no item belongs to it", remedy)


def _a_shared_name_means_the_same(data: Table) -> Iterator[Fault]:
    """A target names an item or an element by its bare id, so both must give one number."""
    items = tables(data, "item")
    for name in names(tables(data, "element")):
        members = [item.get("id") for item in items if item.get("element") == name]
        if name in names(items) and members != [name]:
            what = f"item '{name}' has the name of an element but is not its only item"
            yield Fault(f"question '{name}'", what, "choose another id for the item")


def _labels_fit_the_scale(data: Table) -> Iterator[Fault]:
    for scale in tables(data, "scale")[:1]:
        size, labels = _size(data), scale.get("labels")
        if size is None:
            continue
        if isinstance(labels, Sequence) and len(labels) != size:
            remedy = f"write {size} labels from low to high, or size = {len(labels)}"
            yield Fault("scale", f"size is {size} but there are {len(labels)} labels", remedy)
        start = scale.get("satisfied_from", 4)
        if isinstance(start, int) and start > size:
            remedy = f"use 2 to {size}, for example satisfied_from = {max(2, size - 1)}"
            yield Fault("scale", f"satisfied_from is {start}, above size {size}", remedy)


def _conditions_can_hold(data: Table) -> Iterator[Fault]:
    for entry in (*tables(data, "choices"), *tables(data, "comment")[:1]):
        for condition in tables(entry, "show_when"):
            place = f"{_question(entry)}, show_when"
            yield from _condition_names_an_item(condition, place, names(tables(data, "item")))
            yield from _bounds_fit(condition, place, _size(data))


def _condition_names_an_item(condition: Table, place: str, items: list[str]) -> Iterator[Fault]:
    item = condition.get("item")
    if isinstance(item, str) and item not in items:
        yield Fault(place, f"item '{item}' is not known", f"use one of {', '.join(items)}")


def _bounds_fit(condition: Table, place: str, size: int | None) -> Iterator[Fault]:
    low, high = condition.get("at_least"), condition.get("at_most")
    if low is None and high is None:
        yield Fault(place, "it has no bound", "add at_most or at_least, for example at_most = 2")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Fault(place, f"at_least {low} is above at_most {high}", "exchange the two")
    for key, bound in (("at_least", low), ("at_most", high)):
        if isinstance(bound, int) and size is not None and not 1 <= bound <= size:
            yield Fault(place, f"{key} is {bound}", f"use 1 to {size}, for example {key} = 2")


def _size(data: Table) -> int | None:
    """The scale's size where it is a usable one; the model reports it otherwise."""
    size = next((scale.get("size", 5) for scale in tables(data, "scale")), None)
    return size if type(size) is int and 2 <= size <= 11 else None


def _question(entry: Table) -> str:
    return f"question '{entry.get('id', 'comment')}'"


_RULES: Final[tuple[Callable[[Table], Iterator[Fault]], ...]] = (
    _ids_are_unique,
    _ids_are_free,
    _overall_stands_alone,
    _elements_are_known,
    _elements_are_used,
    _a_shared_name_means_the_same,
    _labels_fit_the_scale,
    _conditions_can_hold,
)
