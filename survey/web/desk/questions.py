"""What a form for one part of a questionnaire in the making holds, both ways.

Owns what its fields are called: from a part to what is filled in, and back. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from werkzeug.datastructures import MultiDict

from questionnaires import OVERALL
from questionnaires.drafting import LISTED, OWN, Draft, Kind, Part, free_name, moved, words
from questionnaires.layout import RESERVED

LONGEST: Final = 500  # characters of a text
SHORTEST_COMMENT, LONGEST_COMMENT = 20, 5000
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
RANGE: Final = "range"  # a condition with both bounds, which a file may have; it is kept


class PartRefused(Exception):
    """What was filled in cannot be kept: the key of a sentence, and its words."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(key)
        self.key, self.words = key, words


@dataclass(frozen=True, slots=True)
class Row:
    """An answer to be picked, as it is filled in; a new one has no id yet."""

    id: str = ""
    vi: str = ""
    en: str = ""


def parse_part(text: str) -> Part | None:
    """Return the part that a request names (`item:overall`; `item:` for a new one)."""
    kind, _, id_ = text.partition(":")
    found = next((one for one in KINDS if one == kind), None)
    return None if found is None or (id_ and found not in LISTED) else Part(found, id_)


def part_name(part: Part) -> str:
    """Return what a request calls a part."""
    return f"{part.kind}:{part.id}" if part.kind in LISTED else part.kind


def filled(draft: Draft, part: Part) -> MultiDict[str, str]:
    """Return the fields of a part as they stand; of a new one, what a new one has."""
    table = draft.table(part) or {}
    given: MultiDict[str, str] = MultiDict()
    for name in ("title", "intro", "stem", "text"):
        _fill(given, name, table.get(name))
    none = table.get("not_applicable_text" if part.kind == "item" else "not_applicable")
    _fill(given, "none", none if isinstance(none, Mapping) else None)
    source = table.get("source", OWN)
    given["source"], given["trust"] = source["text"], source["trust"]
    given["element"] = table.get("element", "")
    for name in ("required", "multiple", "not_applicable"):
        given[name] = "1" if table.get(name) is True else ""
    given["max_length"] = str(table.get("max_length", 1000))
    for number, label in enumerate(table.get("labels", ()), start=1):
        _fill(given, f"label{number}", label)
    condition = table.get("show_when") or {}
    given["when"], given["bound"] = condition.get("item", ""), _bound(condition)
    for option in table.get("option", ()):
        given.add("option", option["id"])
        given.add("option_vi", option["text"]["vi"])
        given.add("option_en", option["text"]["en"])
    return given


def _fill(given: MultiDict[str, str], name: str, text: Mapping[str, str] | None) -> None:
    for lang in ("vi", "en"):
        given[f"{name}_{lang}"] = (text or {}).get(lang, "")


def _bound(condition: Mapping[str, Any]) -> str:
    given = {key: condition.get(key) for key in ("at_most", "at_least")}
    bounds = [f"{key}:{score}" for key, score in given.items() if score is not None]
    return RANGE if len(bounds) > 1 else next(iter(bounds), "at_most:2")


def option_rows(given: MultiDict[str, str]) -> list[Row]:
    """Return the answers to be picked as they are filled in."""
    fields = (given.getlist(name) for name in ("option", "option_vi", "option_en"))
    return [Row(*one) for one in zip(*fields, strict=False)]


def made(draft: Draft, part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    """Return the part that was filled in. Raises PartRefused; texts may be missing."""
    for name, value in given.items(multi=True):
        if len(value) > LONGEST:
            raise PartRefused("long", most=LONGEST, length=len(value), name=name)
    before = draft.table(part) or {}
    made: dict[str, Any] = {**before, "source": _source(given, before)}
    made |= _MAKERS[part.kind](draft, part, given)
    made.pop("id", None)
    return made


def new_part(draft: Draft, part: Part, given: MultiDict[str, str]) -> Part:
    """Return the part with an id, made out of its words where it is a new one."""
    if part.id or part.kind not in LISTED:
        return part
    name = "title" if part.kind == "element" else "text"
    vi = given.get(f"{name}_vi", "").strip()
    if not vi:
        raise PartRefused("no_words")
    taken = {id_ for kind in LISTED for id_ in draft.ids(kind)}
    return Part(part.kind, free_name(vi, taken | RESERVED | {OVERALL, "comment"}))


def _source(given: MultiDict[str, str], before: Mapping[str, Any]) -> dict[str, str]:
    text = " ".join(given.get("source", "").split())
    known = {"own", "A", before.get("source", OWN)["trust"]}
    trust = given.get("trust", "")
    if trust not in known:
        raise PartRefused("not_offered")
    if not text:
        if trust != "own":
            raise PartRefused("no_source")
        text = OWN["text"]
    return {"text": text, "trust": trust}


def _text(given: MultiDict[str, str], name: str) -> dict[str, str]:
    return words(given.get(f"{name}_vi", ""), given.get(f"{name}_en", ""))


def _optional(given: MultiDict[str, str], name: str) -> dict[str, str] | None:
    text = _text(given, name)
    return text if any(text.values()) else None


def _head(_draft: Draft, _part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    texts = {name: _text(given, name) for name in ("title", "intro")}
    return {**texts, "stem": _optional(given, "stem")}


def _scale(draft: Draft, _part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    labels = [_text(given, f"label{number}") for number in range(1, draft.size + 1)]
    return {"labels": labels, "not_applicable": _text(given, "none")}


def _element(_draft: Draft, _part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    return {"title": _text(given, "title")}


def _item(draft: Draft, part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    text = {"text": _text(given, "text")}
    if part.id == OVERALL:
        return text
    element, allowed = given.get("element", ""), bool(given.get("not_applicable"))
    if element not in ("", *draft.ids("element")):
        raise PartRefused("not_offered")
    return {
        **text,
        "element": element or None,
        "not_applicable": allowed,
        "not_applicable_text": _optional(given, "none") if allowed else None,
        "required": bool(given.get("required")),
    }


def _choices(draft: Draft, part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    return {
        "text": _text(given, "text"),
        "multiple": bool(given.get("multiple")),
        "show_when": _condition(draft, part, given),
        "option": list(_options(given)),
    }


def _comment(draft: Draft, part: Part, given: MultiDict[str, str]) -> dict[str, Any]:
    length = given.get("max_length", "").strip()
    whole = length.isascii() and length.isdecimal()
    if not whole or not SHORTEST_COMMENT <= int(length) <= LONGEST_COMMENT:
        bounds = {"least": SHORTEST_COMMENT, "most": LONGEST_COMMENT}
        raise PartRefused("no_length", given=length or "–", **bounds)
    condition = _condition(draft, part, given)
    return {"text": _text(given, "text"), "max_length": int(length), "show_when": condition}


_MAKERS: Final = {
    "head": _head,
    "scale": _scale,
    "element": _element,
    "item": _item,
    "choices": _choices,
    "comment": _comment,
}


def bounds_of(draft: Draft) -> list[str]:
    """Return the conditions on a score that can be chosen, as `at_most:2`."""
    low = [f"at_most:{score}" for score in range(1, draft.size)]
    return [*low, *(f"at_least:{score}" for score in range(2, draft.size + 1))]


def _condition(draft: Draft, part: Part, given: MultiDict[str, str]) -> dict[str, Any] | None:
    item, bound = given.get("when", ""), given.get("bound", "")
    if not item:
        return None
    before = (draft.table(part) or {}).get("show_when") or {}
    if item not in (*draft.ids("item"), before.get("item")):
        raise PartRefused("not_offered")
    if bound == RANGE and len(before) > 2:
        return {**before, "item": item}
    if bound not in (*bounds_of(draft), _bound(before)):
        raise PartRefused("not_offered")
    key, _, score = bound.partition(":")
    return {"item": item, key: int(score)}


def _options(given: MultiDict[str, str]) -> Iterator[dict[str, Any]]:
    """The answers in the order asked for; one without words is taken out."""
    act, _, place = given.get("move", "").partition(":")
    rows = option_rows(given)
    if place.isdecimal() and act in ("up", "down"):
        rows = moved(rows, int(place), -1 if act == "up" else 1)
    if place.isdecimal() and act == "drop":
        rows = [row for number, row in enumerate(rows) if number != int(place)]
    taken = [row.id for row in rows if row.id]
    for row in rows:
        text = words(row.vi, row.en)
        if not any(text.values()):
            continue
        id_ = row.id or free_name(text["vi"] or text["en"], taken)
        taken.append(id_)
        yield {"id": id_, "text": text}
