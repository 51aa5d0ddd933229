"""What a tablet stands for and works from: one counter, its document, sentences and app files.

Pure: a station in, plain JSON data out. What is neither in the document nor in the app itself the
tablet does not know. Must not know HTTP or how stations are kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final, Literal

from kiosk.devices import Device
from questionnaires import Condition, Questionnaire, Text, load_sentences
from questionnaires import sentences as shared_sentences

SHARED: Final = {
    "language_vi": "language.vi",
    "language_en": "language.en",
    "sector_question": "form.sector_question",
    "sector_unknown": "form.sector_unknown",
    "sending": "form.sending",
    "letters_left": "form.comment_left",
    "nothing": "error.nothing",
    "what_next": "done.next",
}
"""Our key -> the key of the sentence that the phone form uses too."""


@cache
def sentences() -> Mapping[str, Text]:
    """Every sentence of the tablet by its key. QuestionnaireError names whatever is missing."""
    shared = shared_sentences().texts
    kiosk = {
        key.removeprefix("kiosk."): text for key, text in shared.items() if key.startswith("kiosk.")
    }
    own = load_sentences(files("kiosk").joinpath("data", "sentences.toml")).texts
    return kiosk | {key: shared[name] for key, name in SHARED.items()} | dict(own)


# Given here, not guessed: Windows takes the type of .js from its registry, where it may be text.
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
WORKER: Final = "sw.js"
MANIFEST: Final = "manifest.webmanifest"
PREVIEW: Final = "preview.js"
"""For who designs what the app asks; no tablet keeps it."""
OUR_SCRIPT: Final = re.compile(r"[^/]+\.js")
"""Not the vendored ones, which are served as their authors wrote them."""

APART: Final = (WORKER, MANIFEST)
"""Served under addresses of their own, filled in."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the app."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file of the app by its path. `build` changes when any of them, or the page, does."""

    build: str
    files: Mapping[str, Asset]
    worker: str
    manifest: str


_COMMENT: Final = re.compile(rb"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*?)[ \t]*\r?$", re.M | re.S)
"""A comment that shares its lines with no code."""


def without_comments(script: bytes) -> bytes:
    """Leave out what a script says to who reads its source; every line keeps its number."""
    return _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), script)


@cache
def load_assets() -> Assets:
    """Read the files once; a few dozen kB. Comments and types are for us, not for the tablet."""
    found = {
        name: without_comments(content) if OUR_SCRIPT.fullmatch(name) else content
        for name, content in _found(files("kiosk") / "static")
    }
    page = (files("kiosk") / "templates" / "kiosk" / "page.html").read_bytes()
    said = "".join(f"{key}\0{text.vi}\0{text.en}\0" for key, text in sentences().items())
    digest = hashlib.sha256(page + said.encode("utf-8"))
    for name, content in sorted(found.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return Assets(
        build=digest.hexdigest()[:12],
        files={
            name: Asset(content, TYPES[_suffix(name)])
            for name, content in sorted(found.items())
            if name not in APART
        },
        worker=found[WORKER].decode("utf-8"),
        manifest=found[MANIFEST].decode("utf-8"),
    )


def _found(folder: Traversable, above: str = "") -> Iterator[tuple[str, bytes]]:
    """Path and content of every file of a known kind, folders within folders included."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{above}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            yield above + entry.name, entry.read_bytes()


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]


Mode = Literal["one-tap", "full"]
"""The start screen is the question, and a tap on it a whole answer; or a form is begun and sent."""


CommentWay = Literal["keyboard", "phone", "none"]
"""How a comment is given: typed at the tablet, on the citizen's own phone, or not at all."""


Reach = Literal["here", "inside", "everywhere"]
"""Which phones can open an address: none, those in the office's own network, or all."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Where a citizen writes on a phone: the address as it is typed, and its QR code as SVG."""

    address: str
    qr: str
    reach: Reach = "everywhere"


@dataclass(frozen=True, slots=True)
class Station:
    """The counter at which a tablet stands.

    `sectors` are (id, name) in the order of the office; empty where the questionnaire is not about
    one sector; `hints` are examples for those that have some, by their ids. `mode`: whether one tap
    is a whole answer. `comment`: how one is given; on a `phone` where that is known, else not.
    `simulated` marks a demonstration. `timezone` is the office's, by its IANA name.
    """

    counter_id: str
    office_id: str
    office: Text
    counter: Text
    sectors: tuple[tuple[str, Text], ...]
    questionnaire: Questionnaire
    mode: Mode = "one-tap"
    comment: CommentWay = "keyboard"
    phone: Phone | None = None
    hints: Mapping[str, Text] = field(default_factory=dict)
    simulated: bool = False
    timezone: str = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds without a touch until the tablet asks whether someone is there, and of asking."""

    idle: int
    countdown: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. When nobody answers the tablet's question, the last person's form is gone.

    `reading` holds on every screen of a form, `typing` while somebody writes. At a counter the
    next person is seconds away and must not come upon another's form: that is why the warning is
    shorter than the 20 s of WCAG 2.2.1 except while typing, where something would be lost.
    `recorded`: how long a tap that was recorded waits for more. `thanks`: how long the last screen
    stays. `refresh`: how often a waiting tablet tells the server how it is, and hears what is new.
    """

    reading: Patience = Patience(idle=20, countdown=10)
    typing: Patience = Patience(idle=45, countdown=20)
    recorded: int = 6
    thanks: int = 4
    refresh: int = 300


FORMAT: Final = "hailong.kiosk/1"

Json = dict[str, Any]


def station_document(station: Station, timing: Timing, build: str, device: Device) -> Json:
    """Everything that the tablet needs. `build` is the version of the app that the server has.

    `digest` changes when anything else in the document does.
    """
    document = _document(station, timing, build, device)
    return {**document, "digest": _digest(document)}


def _digest(document: Json) -> str:
    written = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8")).hexdigest()[:16]


def _document(station: Station, timing: Timing, build: str, device: Device) -> Json:
    questionnaire = station.questionnaire
    return {
        "format": FORMAT,
        "build": build,
        "device": device.id,
        "pin": asdict(device.pin),
        "counter_id": station.counter_id,
        "office_id": station.office_id,
        "timezone": station.timezone,
        "simulated": station.simulated,
        "office": _text(station.office),
        "counter": _text(station.counter),
        "sectors": _sectors(station),
        "questionnaire": questionnaire.key,
        "one_tap": _one_tap(station),
        "partial": questionnaire.kiosk_partial or "drop",
        "languages": list(questionnaire.languages),
        "title": _text(questionnaire.title),
        "intro": _text(questionnaire.intro),
        "stem": questionnaire.stem and _text(questionnaire.stem),
        "scale": _scale(questionnaire),
        "questions": _questions(station),
        "seconds": asdict(timing),
    }


def _text(text: Text) -> Json:
    return {"vi": text.vi, "en": text.en}


def _sectors(station: Station) -> list[Json]:
    if not station.questionnaire.about_sector:
        return []
    hints = {id_: _text(hint) for id_, hint in station.hints.items()}
    return [
        {"id": id_, "name": _text(name), "hint": hints.get(id_)} for id_, name in station.sectors
    ]


def _one_tap(station: Station) -> str | None:
    """The item whose score is a whole answer; None where the office, or another item, asks more."""
    questionnaire = station.questionnaire
    overall = questionnaire.overall
    if station.mode == "full" or overall is None:
        return None
    others = any(item.required for item in questionnaire.items if item is not overall)
    return None if others else overall.id


def _scale(questionnaire: Questionnaire) -> Json:
    scale = questionnaire.scale
    return {
        "labels": [_text(label) for label in scale.labels],
        "not_applicable": _text(scale.not_applicable),
    }


def _questions(station: Station) -> list[Json]:
    """Items first, then what is asked because of them, then the comment: the order of the form."""
    questionnaire = station.questionnaire
    return [*_items(questionnaire), *_choices(questionnaire), *_comment(station)]


def _items(questionnaire: Questionnaire) -> list[Json]:
    return [
        {
            "kind": "score",
            "id": item.id,
            "text": _text(item.text),
            "stem": item.element is not None,
            "not_applicable": item.not_applicable,
            "none": _text(questionnaire.words_for_none(item)) if item.not_applicable else None,
            "required": item.required or item is questionnaire.overall,
        }
        for item in questionnaire.items
    ]


def _choices(questionnaire: Questionnaire) -> list[Json]:
    return [
        {
            "kind": "choices",
            "id": choices.id,
            "text": _text(choices.text),
            "multiple": choices.multiple,
            "options": [
                {"id": option.id, "text": _text(option.text)} for option in choices.options
            ],
            "show_when": _condition(choices.show_when),
        }
        for choices in questionnaire.choices
    ]


def _comment(station: Station) -> list[Json]:
    comment, phone = station.questionnaire.comment, station.phone
    if comment is None or station.comment == "none" or (station.comment, phone) == ("phone", None):
        return []
    return [
        {
            "kind": "comment",
            "id": comment.id,
            "text": _text(comment.text),
            "max_length": comment.max_length,
            "phone": asdict(phone) if phone and station.comment == "phone" else None,
            "show_when": _condition(comment.show_when),
        }
    ]


def _condition(condition: Condition | None) -> Json | None:
    if condition is None:
        return None
    bounds = {"at_most": condition.at_most, "at_least": condition.at_least}
    return {"item": condition.item, **bounds}
