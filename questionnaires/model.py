"""What a questionnaire is: one immutable version, as data.

Owns the models and their JSON Schema. Must not read files, check answers, or know Flask or SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from questionnaires.rules import broken_rules
from questionnaires.wording import LANGUAGES, Part, Source, Text, Wording

OVERALL: Final = "overall"
"""The id of the overall-satisfaction item; it is left out of the index."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""Id of an item, element, choice question or option: also a column name, so no hyphen."""

QuestionnaireName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]


Version = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}@[1-9][0-9]{0,3}$")]
"""A questionnaire's key: its id and version."""


class Condition(Part):
    """Ask only when the score of `item` lies within the bounds; an unanswered item holds never."""

    item: Name
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

    id: Name
    title: Text
    source: Source


class Item(Part):
    """One rated question. `element` is None for `overall` and for items outside the elements.

    `same_as`: questionnaires (`desk@1`) whose item of the same id asks the same thing: answers to
    both are counted together. Nothing else lets answers to different questionnaires be pooled.
    """

    id: Name
    element: Name | None = None
    text: Text
    source: Source
    not_applicable: Flag = False
    required: Flag = False
    same_as: Annotated[tuple[Version, ...], Field(max_length=20)] = ()


class Option(Part):
    """One answer that can be picked."""

    id: Name
    text: Text


class Choices(Part):
    """A question answered by picking one option, or several where `multiple`. Never required."""

    id: Name
    text: Text
    source: Source
    multiple: Flag = False
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
    about_sector: Flag
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

    def item(self, item_id: str) -> Item:
        """The item of this id; KeyError names it and the questionnaire."""
        for item in self.items:
            if item.id == item_id:
                return item
        msg = f"{self.key} has no item {item_id!r}"
        raise KeyError(msg)

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


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a questionnaire file, for editors that complete and check TOML."""
    schema = Questionnaire.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
