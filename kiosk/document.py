"""The one document from which a tablet works: who it is, texts, scale, questions, sectors.

Pure: a station in, plain JSON data out. What is neither in
here nor in the app itself (its sentences) the tablet does not know.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, Final

from kiosk.devices import Device
from kiosk.station import Station, Timing
from questionnaires import Condition, Questionnaire, Text

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
        "sectors": [{"id": id_, "name": _text(name)} for id_, name in _asked_sectors(station)],
        "questionnaire": questionnaire.key,
        "partial": questionnaire.kiosk_partial or "drop",
        "languages": list(questionnaire.languages),
        "title": _text(questionnaire.title),
        "intro": _text(questionnaire.intro),
        "stem": questionnaire.stem and _text(questionnaire.stem),
        "scale": _scale(questionnaire),
        "questions": _questions(questionnaire),
        "seconds": {
            "idle": timing.idle,
            "countdown": timing.countdown,
            "thanks": timing.thanks,
            "refresh": timing.refresh,
        },
    }


def _text(text: Text) -> Json:
    return {"vi": text.vi, "en": text.en}


def _asked_sectors(station: Station) -> tuple[tuple[str, Text], ...]:
    return station.sectors if station.questionnaire.about_sector else ()


def _scale(questionnaire: Questionnaire) -> Json:
    scale = questionnaire.scale
    return {
        "labels": [_text(label) for label in scale.labels],
        "not_applicable": _text(scale.not_applicable),
    }


def _questions(questionnaire: Questionnaire) -> list[Json]:
    """Items first, then what is asked because of them, then the comment: the order of the form."""
    return [*_items(questionnaire), *_choices(questionnaire), *_comment(questionnaire)]


def _items(questionnaire: Questionnaire) -> list[Json]:
    return [
        {
            "kind": "score",
            "id": item.id,
            "text": _text(item.text),
            "stem": item.element is not None,
            "not_applicable": item.not_applicable,
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


def _comment(questionnaire: Questionnaire) -> list[Json]:
    comment = questionnaire.comment
    if comment is None:
        return []
    return [
        {
            "kind": "comment",
            "id": comment.id,
            "text": _text(comment.text),
            "max_length": comment.max_length,
            "show_when": _condition(comment.show_when),
        }
    ]


def _condition(condition: Condition | None) -> Json | None:
    if condition is None:
        return None
    bounds = {"at_most": condition.at_most, "at_least": condition.at_least}
    return {"item": condition.item, **bounds}
