"""What a questionnaire is: one immutable version, as data, and what must hold between its parts.

Owns the models, their JSON Schema and the rules that join them. Rules work on plain data as it
stands in the file, so that they are reported together with wrong types. Must not read files, check
answers, or know Flask or SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from questionnaires.bilingual import Told, both, joined
from questionnaires.keys import KEPT_BY_WINDOWS
from questionnaires.layout import RECHECK, RESERVED
from questionnaires.sentences import said
from questionnaires.wording import LANGUAGES, Part, Source, Text, Wording

RawTable = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule: where, what, remedy."""

    place: Told
    what: Told
    remedy: Told


def broken_rules(data: RawTable) -> list[Fault]:
    """Every broken rule of a questionnaire given as plain data (keys as in the file)."""
    return [fault for rule in _RULES for fault in rule(data)]


def tables(data: RawTable, name: str) -> list[RawTable]:
    """The sub-tables called `name`, leaving out whatever is not a table."""
    found = data.get(name)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [entry for entry in found if isinstance(entry, Mapping)]


def names(entries: Sequence[RawTable]) -> list[str]:
    """The ids of these tables, leaving out those that are no text."""
    return [entry["id"] for entry in entries if isinstance(entry.get("id"), str)]


def _questions(data: RawTable) -> list[RawTable]:
    comment = [{"id": "comment"} for _ in tables(data, "comment")]
    return [*tables(data, "item"), *tables(data, "choices"), *comment]


def _repeated(ids: Sequence[str], place: Told) -> Iterator[Fault]:
    for name, count in Counter(ids).items():
        if count > 1:
            what = said("rule.repeated", name=name, count=count)
            yield Fault(place, what, said("rule.own_id"))


def _ids_are_unique(data: RawTable) -> Iterator[Fault]:
    yield from _repeated(names(tables(data, "element")), said("place.elements"))
    yield from _repeated(names(_questions(data)), said("place.questions"))
    for choices in tables(data, "choices"):
        yield from _repeated(names(tables(choices, "option")), _question(choices))


def _ids_are_free(data: RawTable) -> Iterator[Fault]:
    remedy = said("rule.free_id", taken=", ".join(sorted(RESERVED)))
    for kind, entries in (("question", _questions(data)), ("element", tables(data, "element"))):
        for name in names(entries):
            if name in RESERVED:
                yield Fault(named(kind, name), said("rule.taken"), remedy)


def _a_file_can_have_its_name(data: RawTable) -> Iterator[Fault]:
    if data.get("id") in KEPT_BY_WINDOWS:
        what = said("rule.kept_by_windows", id=data["id"])
        yield Fault(said("place.top"), what, said("rule.another_id"))


def _overall_stands_alone(data: RawTable) -> Iterator[Fault]:
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


def _words_have_their_choice(data: RawTable) -> Iterator[Fault]:
    for item in tables(data, "item"):
        if item.get("not_applicable_text") is not None and item.get("not_applicable") is not True:
            what, remedy = said("rule.words_without_choice"), said("rule.allow_not_applicable")
            yield Fault(_question(item), what, remedy)


def _elements_are_known(data: RawTable) -> Iterator[Fault]:
    known = names(tables(data, "element"))
    for item in tables(data, "item"):
        element = item.get("element")
        if isinstance(element, str) and element not in known:
            one_of = said("rule.use_one", known=", ".join(known))
            have = one_of if known else said("rule.add_element")
            yield Fault(_question(item), said("rule.unknown_element", name=element), have)


def _elements_are_used(data: RawTable) -> Iterator[Fault]:
    used = [item.get("element") for item in tables(data, "item")]
    for name in names(tables(data, "element")):
        if name not in used:
            remedy = said("rule.use_element", name=name)
            yield Fault(named("element", name), said("rule.unused"), remedy)


def _a_shared_name_means_the_same(data: RawTable) -> Iterator[Fault]:
    """A target names an item or an element by its bare id, so both must give one number."""
    items = tables(data, "item")
    for name in names(tables(data, "element")):
        members = [item.get("id") for item in items if item.get("element") == name]
        if name in names(items) and members != [name]:
            what = said("rule.shared_name", name=name)
            yield Fault(named("question", name), what, said("rule.another_item_id"))


def _labels_fit_the_scale(data: RawTable) -> Iterator[Fault]:
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


def _conditions_can_hold(data: RawTable) -> Iterator[Fault]:
    for entry in (*tables(data, "choices"), *tables(data, "comment")[:1]):
        for condition in tables(entry, "show_when"):
            place = joined((_question(entry), "show_when"), ", ")
            yield from _condition_names_an_item(condition, place, names(tables(data, "item")))
            yield from _bounds_fit(condition, place, _size(data))


def _condition_names_an_item(condition: RawTable, place: Told, items: list[str]) -> Iterator[Fault]:
    item = condition.get("item")
    if isinstance(item, str) and item not in items:
        remedy = said("rule.use_one", known=", ".join(items))
        yield Fault(place, said("rule.unknown_item", name=item), remedy)


def _bounds_fit(condition: RawTable, place: Told, size: int | None) -> Iterator[Fault]:
    low, high = condition.get("at_least"), condition.get("at_most")
    if low is None and high is None:
        yield Fault(place, said("rule.no_bound"), said("rule.add_bound"))
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Fault(place, said("rule.crossed", low=low, high=high), said("rule.exchange"))
    for key, bound in (("at_least", low), ("at_most", high)):
        if isinstance(bound, int) and size is not None and not 1 <= bound <= size:
            what = said("rule.bound", key=key, bound=bound)
            yield Fault(place, what, said("rule.bound_range", size=size, key=key))


def _size(data: RawTable) -> int | None:
    """The scale's size where it is a usable one; the model reports it otherwise."""
    size = next((scale.get("size", 5) for scale in tables(data, "scale")), None)
    return size if type(size) is int and 2 <= size <= 11 else None


def named(kind: str, name: str) -> Told:
    """The place of a question, an element or an option that has a name."""
    return said("place.named", kind=said(f"place.{kind}"), name=name)


def _question(entry: RawTable) -> Told:
    return named("question", str(entry.get("id", "comment")))


def _overall() -> Told:
    return named("question", "overall")


_RULES: Final[tuple[Callable[[RawTable], Iterator[Fault]], ...]] = (
    _ids_are_unique,
    _ids_are_free,
    _a_file_can_have_its_name,
    _overall_stands_alone,
    _words_have_their_choice,
    _elements_are_known,
    _elements_are_used,
    _a_shared_name_means_the_same,
    _labels_fit_the_scale,
    _conditions_can_hold,
)


OVERALL: Final = "overall"
"""The id of the overall-satisfaction item; it is left out of the index."""

ItemId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""Id of an item, element, choice question or option: also a column name, so no hyphen."""

QuestionnaireName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Whole = Annotated[int, Field(strict=True)]
StrictBool = Annotated[bool, Field(strict=True)]


Version = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}@[1-9][0-9]{0,3}$")]
"""A questionnaire's key: its id and version."""


class Condition(Part):
    """Ask only when the score of `item` lies within the bounds; an unanswered item holds never."""

    item: ItemId
    at_most: Whole | None = None
    at_least: Whole | None = None

    def holds(self, scores: Mapping[str, int | None]) -> bool:
        """Whether the condition is met by these scores (item id -> score, None for no score)."""
        score = scores.get(self.item)
        if score is None:
            return False
        low_enough = self.at_most is None or score <= self.at_most
        high_enough = self.at_least is None or score >= self.at_least
        return low_enough and high_enough


class Element(Part):
    """A group of items: access, procedures, civil servants, results, handling of feedback."""

    id: ItemId
    title: Text
    source: Source


class Item(Part):
    """One rated question. `element` is None for `overall` and for items outside the elements.

    `same_as`: questionnaires (`desk@1`) whose item of the same id asks the same thing: answers to
    both are counted together. Nothing else lets answers to different questionnaires be pooled.
    `not_applicable_text`: what 'not applicable' means here ("No result yet"), in place of the
    scale's words for every item.
    """

    id: ItemId
    element: ItemId | None = None
    text: Text
    source: Source
    not_applicable: StrictBool = False
    not_applicable_text: Text | None = None
    required: StrictBool = False
    same_as: Annotated[tuple[Version, ...], Field(max_length=20)] = ()


class Option(Part):
    """One answer that can be picked."""

    id: ItemId
    text: Text


class Choices(Part):
    """A question answered by picking one option, or several where `multiple`. Never required."""

    id: ItemId
    text: Text
    source: Source
    multiple: StrictBool = False
    show_when: Condition | None = None
    options: tuple[Option, ...] = Field(alias="option", min_length=2, max_length=30)

    @property
    def option_ids(self) -> tuple[str, ...]:
        """Ids of the options in file order."""
        return tuple(option.id for option in self.options)


class Comment(Part):
    """The one box for free text. `max_length` counts characters after tidying."""

    text: Text
    source: Source
    max_length: Annotated[Whole, Field(ge=20, le=5000)] = 1000
    show_when: Condition | None = None

    @property
    def id(self) -> Literal["comment"]:
        """Always the same, so that every form and message calls the comment by one name."""
        return "comment"


class Scale(Part):
    """The levels from low to high, 1 to `size`; `satisfied_from` and above count as satisfied."""

    size: Annotated[Whole, Field(ge=2, le=11)] = 5
    satisfied_from: Annotated[Whole, Field(ge=2, le=11)] = 4
    labels: tuple[Text, ...]
    not_applicable: Text
    source: Source

    @property
    def scores(self) -> range:
        """Every score that can be given: 1 to `size`."""
        return range(1, self.size + 1)

    def face(self, score: int) -> int:
        """Which of the five faces, 1 (very sad) to 5 (very glad), stands for a score."""
        return 1 + (8 * (score - 1) + self.size - 1) // (2 * (self.size - 1))


class Questionnaire(Part):
    """One version of one questionnaire. Published versions never change; a change is version + 1.

    `source` speaks for title, intro and stem. The order of `items` is the order on the screen
    and the order in which scores are packed. `kiosk_partial` says what a tablet does with a form
    that somebody walked away from: drop it (also where nothing is said), or keep what was answered.
    """

    model_config = ConfigDict(title="Hài Lòng questionnaire")

    id: QuestionnaireName
    version: Annotated[Whole, Field(ge=1, le=9999)]
    title: Text
    intro: Text
    stem: Text | None = None
    source: Source
    about_sector: StrictBool
    scale: Scale
    elements: tuple[Element, ...] = Field(default=(), alias="element", max_length=20)
    items: tuple[Item, ...] = Field(alias="item", min_length=1, max_length=100)
    choices: tuple[Choices, ...] = Field(default=(), max_length=20)
    comment: Comment | None = None
    kiosk_partial: Literal["drop", "keep"] | None = None

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        faults = broken_rules(self.model_dump(by_alias=True))
        if faults:
            raise ValueError("\n".join(f"{fault.place}: {fault.what}" for fault in faults))
        return self

    @property
    def key(self) -> str:
        """The name that responses carry: `desk@1`."""
        return f"{self.id}@{self.version}"

    @property
    def called(self) -> Told:
        """Key and title, as staff tell it from others: `desk@1 · Survey at the desk`."""
        return both(lambda lang: f"{self.key} · {self.title.get(lang)}")

    @property
    def for_counters(self) -> bool:
        """Whether a counter may ask it: the re-check's asks only those who were drawn."""
        return self.id != RECHECK

    @property
    def languages(self) -> tuple[Literal["vi"], Literal["en"]]:
        """Every language that each text is present in, source language first."""
        return LANGUAGES

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Item ids in file order; the position of an item never changes within a version."""
        return tuple(item.id for item in self.items)

    @property
    def index_items(self) -> tuple[str, ...]:
        """Item ids that the index runs over: all but `overall`."""
        return tuple(name for name in self.item_ids if name != OVERALL)

    @property
    def overall(self) -> Item | None:
        """The overall-satisfaction item, where the questionnaire has one."""
        return next((item for item in self.items if item.id == OVERALL), None)

    @property
    def minutes(self) -> int:
        """About how long all of it takes: six seconds an item and half a minute to write."""
        return max(1, round((6 * len(self.items) + 30) / 60))

    def item(self, item_id: str) -> Item:
        """The item of this id; KeyError names it and the questionnaire."""
        for item in self.items:
            if item.id == item_id:
                return item
        msg = f"{self.key} has no item {item_id!r}"
        raise KeyError(msg)

    def words_for_none(self, item: Item) -> Text:
        """What the choice of no level is called at this item."""
        return item.not_applicable_text or self.scale.not_applicable

    def followed_by(self, item_id: str) -> tuple[Choices, ...]:
        """The questions that are asked because of the answer to this item."""
        return tuple(q for q in self.choices if q.show_when and q.show_when.item == item_id)

    def elements_of(self) -> dict[str, tuple[str, ...]]:
        """Element id -> ids of its items, both in file order."""
        return {
            element.id: tuple(item.id for item in self.items if item.element == element.id)
            for element in self.elements
        }

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """Every sourced text of the questionnaire, in file order."""
        return tuple(self._wordings())

    @property
    def unverified(self) -> tuple[Wording, ...]:
        """The wordings that staff are to check against the decision they are said to come from."""
        return tuple(wording for wording in self.wordings if not wording.source.verified)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content, untouched by comments and layout of the file (64 hex digits).

        Keys without a value are left out, so that a field added to the format later does not
        change the fingerprint of versions published before it.
        """
        content = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        for item in content["item"]:  # a statement about other versions, no part of this one
            del item["same_as"]
        if content.get("kiosk_partial") == "drop":  # the same as saying nothing
            del content["kiosk_partial"]
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()

    def _wordings(self) -> Iterator[Wording]:
        heads = {"title": self.title, "intro": self.intro, "stem": self.stem}
        for name, text in heads.items():
            if text is not None:
                yield Wording(place=name, text=text, source=self.source)
        for score, label in zip(self.scale.scores, self.scale.labels, strict=True):
            yield Wording(place=f"scale label {score}", text=label, source=self.scale.source)
        for element in self.elements:
            place = f"element '{element.id}'"
            yield Wording(place=place, text=element.title, source=element.source)
        questions: list[Item | Choices | Comment] = [*self.items, *self.choices]
        questions += [self.comment] if self.comment else []
        for question in questions:
            place = f"question '{question.id}'"
            yield Wording(place=place, text=question.text, source=question.source)
            if isinstance(question, Item) and question.not_applicable_text is not None:
                words = question.not_applicable_text
                yield Wording(place=f"{place}, not applicable", text=words, source=question.source)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a questionnaire file, for editors that complete and check TOML."""
    schema = Questionnaire.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
