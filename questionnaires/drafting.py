"""A version in the making: its parts, edits of them, and what is left to do before publishing.

Pure: from draft to draft. Texts may still be empty; all that a questionnaire must be is told as
tasks. Owns what becomes of a source and of comparability when words change.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from questionnaires.bilingual import Told, joined
from questionnaires.keys import KEPT_BY_WINDOWS, normal
from questionnaires.loader import find_problems, read_content
from questionnaires.model import Questionnaire, RawTable, names, tables
from questionnaires.wording import LANGUAGES

Kind = Literal["head", "scale", "element", "item", "choices", "comment"]
LISTED: Final[tuple[Kind, ...]] = ("element", "item", "choices")
"""Parts of which there are several, told apart by their ids."""
HEAD: Final = ("title", "intro", "stem", "source")
OWN: Final[Mapping[str, str]] = {"text": "Câu chữ của cơ quan", "trust": "own"}
"""The source of words that no decision holds."""
MISSING: Final = "…"
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a draft: its kind, and the id of one that is listed."""

    kind: Kind
    id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version that nobody answers yet.

    `content`: keys as in the file, without `same_as`. `copied_from`: the version that its items are
    compared with. `same`: item id -> whether it asks the same thing as there, where that was said.
    `seen`: the digest of the content when its form was last looked at.
    """

    content: RawTable
    copied_from: str | None = None
    same: Mapping[str, bool] = field(default_factory=dict)
    seen: str = ""

    @property
    def name(self) -> str:
        """The name of its file, without the ending: `desk.v3`."""
        return f"{self.content['id']}.v{self.content['version']}"

    @property
    def key(self) -> str:
        """What it is called once it is published: `desk@3`."""
        return f"{self.content['id']}@{self.content['version']}"

    @property
    def digest(self) -> str:
        """64 hex digits: another content has another one."""
        text = json.dumps(self.content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def size(self) -> int:
        """How many levels the scale has."""
        return len(self.content["scale"]["labels"])

    def ids(self, kind: Kind) -> list[str]:
        """The ids of the parts of this kind, in order."""
        return names(tables(self.content, kind))

    def table(self, part: Part) -> RawTable | None:
        """What a part holds, None where there is no such part."""
        if part.kind == "head":
            return {key: self.content[key] for key in HEAD if key in self.content}
        return next(
            (one for one in tables(self.content, part.kind) if one.get("id", "") == part.id), None
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part, in the order of the form."""
        found = [Part("head"), Part("scale")]
        found += [Part(kind, id_) for kind in LISTED for id_ in self.ids(kind)]
        return tuple(found + [Part("comment") for _ in tables(self.content, "comment")])


def copied(questionnaire: Questionnaire, id_: str, version: int) -> Draft:
    """Return a draft with all that a published version holds, under another id or version."""
    content = questionnaire.model_dump(mode="json", by_alias=True, exclude_none=True)
    for item in content["item"]:
        del item["same_as"]  # said anew, of the version that it is copied from
    return Draft({**content, "id": id_, "version": version}, questionnaire.key)


def free_name(text: str, taken: Iterable[str], joint: str = "_") -> str:
    """Return an id made of words: `thai_do`; numbered where it is taken or Windows keeps it."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    base = re.sub(r"[^a-z0-9]+", joint, plain).strip(joint).lstrip("0123456789" + joint)
    base = base[: LONGEST_NAME - 4].rstrip(joint) or "cau"
    used, found, number = {*taken, *KEPT_BY_WINDOWS}, base, 2
    while found in used:
        found, number = f"{base}{joint}{number}", number + 1
    return found


def words(vi: str, en: str) -> dict[str, str]:
    """Return a text as it is kept, on one line; either language may still be empty."""
    return {"vi": normal(vi), "en": normal(en)}


# --- Edits ------------------------------------------------------------------------------------


def put(draft: Draft, part: Part, table: Mapping[str, Any]) -> Draft:
    """Change a part, or add it as the last of its kind, an item as the last of its element.

    Where Vietnamese words are new and their source is still the former one, they become the
    office's own. Where an item's words or the scale's change, what was said of comparability is
    to be said again.
    """
    before = draft.table(part)
    new_words = set(_texts(table, "vi")) - set(_texts(before or {}, "vi"))
    table = {key: value for key, value in table.items() if value is not None}
    if before is not None and new_words and table.get("source") == before.get("source"):
        table["source"] = dict(OWN)
    same = dict(draft.same)
    if new_words and part.kind == "scale":
        same = {}
    elif new_words:
        same.pop(part.id, None)
    return replace(draft, content=_with(draft.content, part, table), same=same)


def _with(content: RawTable, part: Part, table: RawTable) -> RawTable:
    if part.kind == "head":
        rest = {key: value for key, value in content.items() if key not in HEAD}
        return {**rest, **table}
    if part.kind not in LISTED:
        return {**content, part.kind: table}
    table = {**table, "id": part.id}
    entries = tables(content, part.kind)
    if part.id in names(entries):
        entries = [table if one.get("id") == part.id else one for one in entries]
    else:
        near = [n for n, one in enumerate(entries, 1) if one.get("element") == table.get("element")]
        place = near[-1] if near and part.kind == "item" else len(entries)
        entries = [*entries[:place], table, *entries[place:]]
    return {**content, part.kind: entries}


def drop(draft: Draft, part: Part) -> Draft:
    """Take a part out, with what goes along; the head and the scale stay.

    Items of an element that goes belong to none; a comment asked for the score of an item that
    goes is asked always.
    """
    content = dict(draft.content)
    for one in (part, *going_along(draft, part)):
        if one.kind == "comment":
            content.pop("comment", None)
        elif one.kind in LISTED:
            content[one.kind] = [t for t in tables(content, one.kind) if t.get("id") != one.id]
    if part.kind == "element":
        content["item"] = [_without(t, "element", part.id) for t in tables(content, "item")]
    if part.kind == "item" and "comment" in content:
        asked = content["comment"].get("show_when") or {}
        if asked.get("item") == part.id:
            content["comment"] = _without(content["comment"], "show_when", asked)
    same = {id_: value for id_, value in draft.same.items() if id_ != part.id}
    return replace(draft, content=content, same=same)


def _without(table: RawTable, key: str, value: object) -> RawTable:
    return {name: one for name, one in table.items() if name != key or one != value}


def going_along(draft: Draft, part: Part) -> tuple[Part, ...]:
    """Return what has no place without an item: its follow-ups, an element with no other item."""
    table = draft.table(part)
    if part.kind != "item" or table is None:
        return ()
    followed = [
        Part("choices", one["id"])
        for one in tables(draft.content, "choices")
        if (one.get("show_when") or {}).get("item") == part.id
    ]
    element = str(table.get("element"))
    members = [one for one in tables(draft.content, "item") if one.get("element") == element]
    alone = element in draft.ids("element") and len(members) == 1
    return (*followed, *([Part("element", element)] if alone else []))


def move(draft: Draft, part: Part, step: Literal[-1, 1]) -> Draft:
    """Exchange a part with the one before it or after it; at the end it stays."""
    entries = tables(draft.content, part.kind) if part.kind in LISTED else []
    ids = names(entries)
    if part.id not in ids:
        return draft
    return replace(
        draft, content={**draft.content, part.kind: moved(entries, ids.index(part.id), step)}
    )


def moved(entries: Iterable[Any], place: int, step: int) -> list[Any]:
    """The entries with the one at a place exchanged with its neighbour, where it has one."""
    found = list(entries)
    if 0 <= place < len(found) and 0 <= place + step < len(found):
        found[place], found[place + step] = found[place + step], found[place]
    return found


def looked_at(draft: Draft, digest: str) -> Draft:
    """Note that the form was looked at while it had this digest."""
    return replace(draft, seen=digest)


def compared(draft: Draft, same: Mapping[str, bool | None]) -> Draft:
    """Note of items whether they ask the same thing as before; None: not said yet."""
    said = {**draft.same, **same}
    return replace(draft, same={id_: value for id_, value in said.items() if value is not None})


# --- What is left to do -----------------------------------------------------------------------

TaskName = Literal["vi", "en", "rules", "compared", "seen"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is left to do; `told` says what, where its part does not."""

    part: Part | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that must be done before publishing: done where no place is left."""

    name: TaskName
    places: tuple[Place, ...]

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return not self.places


def tasks(draft: Draft, published: Mapping[str, Questionnaire]) -> tuple[Task, ...]:
    """Return every task with the places that keep it open."""
    unsaid = [id_ for id_ in shared_items(draft, published) if id_ not in draft.same]
    return (
        Task("vi", tuple(_untold(draft, "vi"))),
        Task("en", tuple(_untold(draft, "en"))),
        Task("rules", tuple(_broken(draft))),
        Task("compared", tuple(Place(Part("item", id_)) for id_ in unsaid)),
        Task("seen", () if draft.seen == draft.digest else (Place(),)),
    )


def shared_items(draft: Draft, published: Mapping[str, Questionnaire]) -> tuple[str, ...]:
    """Return the items that keep their id from the version that the draft was copied from."""
    former = published.get(draft.copied_from or "")
    kept = former.item_ids if former else ()
    return tuple(id_ for id_ in draft.ids("item") if id_ in kept)


def _untold(draft: Draft, lang: str) -> Iterator[Place]:
    for part in draft.parts:
        if "" in _texts(draft.table(part) or {}, lang):
            yield Place(part)


def _broken(draft: Draft) -> Iterator[Place]:
    for problem in find_problems(draft.name, _filled(draft.content)):
        what = joined((problem.what, problem.remedy), "; ")
        yield Place(None, joined((problem.place, what), ": "))


def as_seen(draft: Draft) -> Questionnaire:
    """Return what the form would ask now, '…' for texts that are missing.

    Raises QuestionnaireError where the rules of a questionnaire are broken.
    """
    return read_content(draft.name, _filled(draft.content))


def finished(draft: Draft) -> Questionnaire:
    """Return the version to publish. Raises QuestionnaireError where something is missing."""
    said = [id_ for id_, same in draft.same.items() if same]
    items = [
        {**one, "same_as": [draft.copied_from]} if one["id"] in said else one
        for one in tables(draft.content, "item")
    ]
    return read_content(draft.name, {**draft.content, "item": items})


def _is_text(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) == set(LANGUAGES)


def _texts(value: Any, lang: str) -> list[str]:
    """Every text in here, in one language."""
    if _is_text(value):
        return [value[lang]]
    inner = value.values() if isinstance(value, Mapping) else value
    nested = isinstance(inner, Iterable) and not isinstance(inner, str)
    return [text for one in inner for text in _texts(one, lang)] if nested else []


def _filled(value: Any) -> Any:
    """The same with '…' for every text that is missing."""
    if _is_text(value):
        return {lang: text or MISSING for lang, text in value.items()}
    if isinstance(value, Mapping):
        return {key: _filled(one) for key, one in value.items()}
    return [_filled(one) for one in value] if isinstance(value, (list, tuple)) else value
