"""What the columns of another tool's file hold, as it is chosen on the page of past answers.

Owns the mapping while it is made: its draft, what the form says of it, and what is missing. How a
file is read by it is `survey.past_file`'s.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from questionnaires import Questionnaire
from questionnaires.bilingual import Told, both
from questionnaires.layout import OPEN_CHANNELS
from survey.errors import HailongError
from survey.places import GENERAL, Places
from survey.uploads import Upload
from survey.web.desk.frame import say, staff_sentences
from survey.web.desk.sent import seen_digest

COLUMNS: Final = 30  # of which a page has lists to choose from
WORDS: Final = 40  # that are given a meaning on one page
FIXED: Final = ("id", "date", "sector", "procedure", "channel", "office")
FORMATS: Final = ("year-first", "day-first", "month-first")
ZONES: Final = ("Asia/Ho_Chi_Minh", "UTC")
MEANT: Final = ("sector", "office", "channel")
"""Columns whose words are each given a meaning."""

SKIP: Final = "-"
"""What stands for: rows with this word are no answers."""


@dataclass(frozen=True, slots=True)
class Step:
    """A file under way: its columns, the mapping so far, and what came of trying it."""

    upload: Upload
    found: dict[str, Any]

    @property
    def seen(self) -> str:
        """As of `seen_digest`."""
        return seen_digest(self.found)

    @property
    def mapping(self) -> dict[str, Any]:
        """The entries of the mapping."""
        return dict(self.found["mapping"])

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns that the page has lists for: those that are read first."""
        meanings = meanings_of(self.mapping)
        every: list[dict[str, Any]] = self.found["columns"]
        others = [one for one in every if one["heading"] not in meanings]
        few = [one["heading"] for one in others[: max(0, COLUMNS - len(meanings))]]
        return [one for one in every if one["heading"] in meanings or one["heading"] in few]


def drafted(mapping: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The draft with what this office knows: its id, and no word with a meaning that it lacks."""
    known = {"sector": {one.id for one in places.sector}}
    found = {**mapping, "office": places.office[0].id if places.office else ""}
    found.pop("covariates", None)
    for name in MEANT:
        if isinstance(one := found.get(name), Mapping) and name in known:
            kept = {word: id_ for word, id_ in one["values"].items() if id_ in known[name]}
            found[name] = {**one, "values": kept}
    return found


def meanings_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Heading -> what it is read as: "date", "sector", "item:overall" and so on."""
    found = {heading: f"item:{item}" for item, heading in mapping.get("items", {}).items()}
    if mapping.get("id"):
        found[mapping["id"]] = "id"
    for name in ("date", "sector", "procedure", "channel", "office"):
        if isinstance(one := mapping.get(name), Mapping) and one.get("column"):
            found[one["column"]] = name
    return found


def chosen(step: Step, places: Places, asked: Mapping[str, Questionnaire]) -> dict[str, Any]:
    """The mapping as the form has it. Raises HailongError where something is chosen twice."""
    before, form = step.mapping, request.form
    meanings = {
        one["heading"]: form.get(f"column-{place}", meanings_of(before).get(one["heading"], ""))
        for place, one in enumerate(step.columns)
    }
    twice = [role for role, n in Counter(filter(None, meanings.values())).items() if n > 1]
    if twice:
        raise HailongError(_twice(twice[0], asked.get(before["questionnaire"])))
    headings = {role: heading for heading, role in meanings.items() if role}
    found: dict[str, Any] = {
        "form": before["form"],
        "questionnaire": before["questionnaire"],
        "date": {
            **({"column": headings["date"]} if "date" in headings else {}),
            "format": _one_of(form.get("format"), FORMATS),
            "zone": _one_of(form.get("zone"), ZONES),
        },
        "items": {
            role.removeprefix("item:"): heading
            for role, heading in headings.items()
            if role.startswith("item:")
        },
        "scale": _scale(step),
        "skip": {"where": {}, "empty": [headings["date"]] if "date" in headings else []},
    }
    if "id" in headings:
        found["id"] = headings["id"]
    if "procedure" in headings:
        found["procedure"] = {"column": headings["procedure"], "default": ""}
    for name in MEANT:
        found[name] = _place(step, name, headings.get(name), known_ids(name, places), found["skip"])
    return found


def _twice(role: str, questionnaire: Questionnaire | None) -> Told:
    say = staff_sentences().get
    return both(lambda lang: say("past.twice", lang, role=role_words(role, questionnaire, lang)))


def role_words(role: str, questionnaire: Questionnaire | None, lang: str) -> str:
    """What a column is read as, in words: of a question its own."""
    item = role.removeprefix("item:")
    if item == role:
        return staff_sentences().get(f"past.role.{role}", lang)
    asked = questionnaire.items if questionnaire else ()
    return next((one.text.get(lang) for one in asked if one.id == item), item)


def _one_of(given: str | None, known: Sequence[str]) -> str:
    return given if given is not None and given in known else known[0]


def known_ids(name: str, places: Places) -> list[str]:
    """What a word of a column may mean."""
    if name == "channel":
        return list(OPEN_CHANNELS)
    listed: Sequence[Any] = places.office if name == "office" else places.sector
    return [*([GENERAL] if name == "sector" else []), *(one.id for one in listed)]


def _place(
    step: Step, name: str, heading: str | None, known: Sequence[str], skip: dict[str, Any]
) -> Any:
    """A fixed column: the same for all answers, or a meaning for each of its words."""
    same = request.form.get(name, "")
    if heading is None:
        return same if same in known else known[0] if known else ""
    former = former_words(step.mapping, name, heading)
    values, blank = {}, None
    for number, word in enumerate(words_of(step, heading)):
        meant = request.form.get(f"{name}-{number}", former.get(word, ""))
        if meant == SKIP and word:
            skip["where"].setdefault(heading, []).append(word)
        elif meant == SKIP:
            skip["empty"].append(heading)
        elif meant in known and word:
            values[word] = meant
        elif meant in known:
            blank = meant
    # A table without words would take each as an id: one that nobody writes keeps them unread.
    found = {"column": heading, "values": values or {"\x1f": known[0]}}
    return found if blank is None else {**found, "default": blank}


def former_words(mapping: Mapping[str, Any], name: str, heading: str) -> dict[str, str]:
    """What the words of a column meant before; "" is an empty cell."""
    before, skip = mapping.get(name), mapping.get("skip", {})
    found = dict.fromkeys(skip.get("where", {}).get(heading, ()), SKIP)
    if heading in skip.get("empty", ()):
        found[""] = SKIP
    if isinstance(before, Mapping) and before["column"] == heading:
        found |= dict(before.get("values", {}))
        found |= {"": before["default"]} if before.get("default") else {}
    return found


def words_of(step: Step, heading: str) -> list[str]:
    """The words that a column has, each once."""
    found = next((one for one in step.found["columns"] if one["heading"] == heading), None)
    return list(found["values"]) if found else []


def _scale(step: Step) -> dict[str, Any]:
    """Words for scores: those of before, and those given a meaning in the form."""
    before = step.mapping.get("scale", {})
    words, none = dict(before.get("words", {})), list(before.get("none", []))
    for number, word in enumerate(strange_words(step)):
        given = request.form.get(f"word-{number}", "")
        if given == SKIP:
            none.append(word)
        elif re.fullmatch(r"[1-9]|1[01]", given):
            words[word] = int(given)
    return {"words": words, "none": none}


def strange_words(step: Step) -> list[str]:
    """Words that are no score yet."""
    tried = step.found["tried"] or {}
    return list(tried.get("unread", {}).get("scale", []))[:WORDS]


def to_be_chosen(mapping: Mapping[str, Any]) -> list[str]:
    """What must still be chosen."""
    missing = [] if mapping["date"].get("column") else [say("past.role.date")]
    return missing + ([] if mapping["items"] else [say("past.role.item")])
