"""What must hold between the parts of a questionnaire: names that meet, bounds that fit.

Works on plain data as it stands in the file, also half-broken data, so that these problems are
reported together with wrong types. Must not check single values: that is the model's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from questionnaires.refusals import said
from questionnaires.told import Told, joined

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

    place: Told
    what: Told
    remedy: Told


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


def _repeated(ids: Sequence[str], place: Told) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            what = said("rule.repeated", name=name, count=count)
            yield Fault(place, what, said("rule.own_id"))


def _ids_are_unique(data: Table) -> Iterator[Fault]:
    yield from _repeated(names(tables(data, "element")), said("place.elements"))
    yield from _repeated(names(_questions(data)), said("place.questions"))
    for choices in tables(data, "choices"):
        yield from _repeated(names(tables(choices, "option")), _question(choices))


def _ids_are_free(data: Table) -> Iterator[Fault]:
    remedy = said("rule.free_id", taken=", ".join(sorted(RESERVED)))
    for kind, entries in (("question", _questions(data)), ("element", tables(data, "element"))):
        for name in names(entries):
            if name in RESERVED:
                yield Fault(named(kind, name), said("rule.taken"), remedy)


def _overall_stands_alone(data: Table) -> Iterator[Fault]:
    if "overall" in names(tables(data, "element")):
        what = said("rule.overall_element")
        yield Fault(named("element", "overall"), what, said("rule.another_id"))
    for entry in tables(data, "choices"):
        if entry.get("id") == "overall":
            yield Fault(_overall(), said("rule.no_item"), said("rule.make_item"))
    for item in tables(data, "item"):
        if item.get("id") != "overall":
            continue
        if item.get("element") is not None:
            yield Fault(_overall(), said("rule.overall_in_element"), said("rule.remove_element"))
        if item.get("not_applicable") is True:
            what, remedy = said("rule.overall_applies"), said("rule.remove_not_applicable")
            yield Fault(_overall(), what, remedy)


def _elements_are_known(data: Table) -> Iterator[Fault]:
    known = names(tables(data, "element"))
    for item in tables(data, "item"):
        element = item.get("element")
        if isinstance(element, str) and element not in known:
            one_of = said("rule.use_one", known=", ".join(known))
            have = one_of if known else said("rule.add_element")
            yield Fault(_question(item), said("rule.unknown_element", name=element), have)


def _elements_are_used(data: Table) -> Iterator[Fault]:
    used = [item.get("element") for item in tables(data, "item")]
    for name in names(tables(data, "element")):
        if name not in used:
            remedy = said("rule.use_element", name=name)
            yield Fault(named("element", name), said("rule.unused"), remedy)


def _a_shared_name_means_the_same(data: Table) -> Iterator[Fault]:
    """A target names an item or an element by its bare id, so both must give one number."""
    items = tables(data, "item")
    for name in names(tables(data, "element")):
        members = [item.get("id") for item in items if item.get("element") == name]
        if name in names(items) and members != [name]:
            what = said("rule.shared_name", name=name)
            yield Fault(named("question", name), what, said("rule.another_item_id"))


def _labels_fit_the_scale(data: Table) -> Iterator[Fault]:
    for scale in tables(data, "scale")[:1]:
        size, labels = _size(data), scale.get("labels")
        if size is None:
            continue
        if isinstance(labels, Sequence) and len(labels) != size:
            what = said("rule.labels", size=size, count=len(labels))
            remedy = said("rule.write_labels", size=size, count=len(labels))
            yield Fault(said("place.scale"), what, remedy)
        start = scale.get("satisfied_from", 4)
        if isinstance(start, int) and start > size:
            what = said("rule.satisfied", start=start, size=size)
            remedy = said("rule.satisfied_range", size=size, good=max(2, size - 1))
            yield Fault(said("place.scale"), what, remedy)


def _conditions_can_hold(data: Table) -> Iterator[Fault]:
    for entry in (*tables(data, "choices"), *tables(data, "comment")[:1]):
        for condition in tables(entry, "show_when"):
            place = joined((_question(entry), "show_when"), ", ")
            yield from _condition_names_an_item(condition, place, names(tables(data, "item")))
            yield from _bounds_fit(condition, place, _size(data))


def _condition_names_an_item(condition: Table, place: Told, items: list[str]) -> Iterator[Fault]:
    item = condition.get("item")
    if isinstance(item, str) and item not in items:
        remedy = said("rule.use_one", known=", ".join(items))
        yield Fault(place, said("rule.unknown_item", name=item), remedy)


def _bounds_fit(condition: Table, place: Told, size: int | None) -> Iterator[Fault]:
    low, high = condition.get("at_least"), condition.get("at_most")
    if low is None and high is None:
        yield Fault(place, said("rule.no_bound"), said("rule.add_bound"))
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Fault(place, said("rule.crossed", low=low, high=high), said("rule.exchange"))
    for key, bound in (("at_least", low), ("at_most", high)):
        if isinstance(bound, int) and size is not None and not 1 <= bound <= size:
            what = said("rule.bound", key=key, bound=bound)
            yield Fault(place, what, said("rule.bound_range", size=size, key=key))


def _size(data: Table) -> int | None:
    """The scale's size where it is a usable one; the model reports it otherwise."""
    size = next((scale.get("size", 5) for scale in tables(data, "scale")), None)
    return size if type(size) is int and 2 <= size <= 11 else None


def named(kind: str, name: str) -> Told:
    """The place of a question, an element or an option that has a name."""
    return said("place.named", kind=said(f"place.{kind}"), name=name)


def _question(entry: Table) -> Told:
    return named("question", str(entry.get("id", "comment")))


def _overall() -> Told:
    return named("question", "overall")


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
