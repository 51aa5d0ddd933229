"""The Vietnamese labels of variables and values that SPSS and XLSX files carry. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from questionnaires import Questionnaire
from survey.exports.formats import Labels
from survey.places import GENERAL, Places

_FIXED = {
    "response_id": "Mã phiếu (ngẫu nhiên)",
    "questionnaire": "Bộ câu hỏi và phiên bản",
    "office": "Đơn vị",
    "sector": "Lĩnh vực",
    "procedure": "Thủ tục hành chính",
    "channel": "Kênh trả lời",
    "answered_on": "Ngày trả lời",
    "late": "Đến sau khi kỳ đã chốt",
    "flag": "Lý do bị đánh dấu",
    "period": "Tháng",
    "completed": "Số hồ sơ đã giải quyết",
    "on_time": "Trong đó: đúng hạn hoặc trước hạn",
    "online": "Trong đó: nộp trực tuyến",
}
_CHANNELS = {
    "poster": "Áp phích",
    "slip": "Phiếu QR một lần",
    "kiosk": "Kiosk",
    "paper": "Phiếu giấy",
}
_LATE = {0: "Không", 1: "Có"}


_FLAGS = {"clock": "Ngày trả lời có thể sai (đồng hồ của máy tính bảng)"}
_VARIABLE_BYTES, _VALUE_BYTES = 255, 120  # that SPSS holds


def population_labels(places: Places) -> Labels:
    """Return the labels of the population layout."""
    names = ("period", "office", "sector", "completed", "on_time", "online")
    return Labels({name: _FIXED[name] for name in names}, _places(places))


def responses_labels(questionnaires: Iterable[Questionnaire], places: Places) -> Labels:
    """Return the labels of the responses layout.

    An item that several versions word differently has the newest one's words and a mark; its
    wordings stand in the notes, and a level that they call differently has each one's name.
    """
    versions = sorted(questionnaires, key=lambda each: (each.id, each.version))
    variables = {name: _FIXED[name] for name in list(_FIXED)[:9]}
    values: dict[str, Mapping[Any, str]] = {"channel": _CHANNELS, "late": _LATE, "flag": _FLAGS}
    values |= _places(places)
    values["procedure"] = {one.code: _cut(one.name.vi, _VALUE_BYTES) for one in places.procedure}
    values["questionnaire"] = {one.key: _cut(one.title.vi, _VALUE_BYTES) for one in versions}
    notes = {}
    for item in dict.fromkeys(item for version in versions for item in version.item_ids):
        asked = [version for version in versions if item in version.item_ids]
        wordings = {version.key: version.item(item).text.vi for version in asked}
        label = list(wordings.values())[-1]
        if len(set(wordings.values())) > 1:
            label = f"{_cut(label, _VARIABLE_BYTES - len(_MARK.encode()))}{_MARK}"
            notes[item] = "; ".join(f"{key}: {text}" for key, text in wordings.items())
        variables[item] = _cut(label, _VARIABLE_BYTES)
        values[item] = _levels(asked)
    return Labels(variables, values, notes)


_MARK = " (*)"
"""Beside a label that stands for several wordings."""


def _levels(asked: Iterable[Questionnaire]) -> dict[int, str]:
    """Each score's name; where versions differ, each one's, by its key."""
    found: dict[int, dict[str, str]] = {}
    for version in asked:
        for score, label in zip(version.scale.scores, version.scale.labels, strict=True):
            found.setdefault(score, {})[version.key] = label.vi
    return {
        score: _cut(
            next(iter(names.values()))
            if len(set(names.values())) == 1
            else " / ".join(f"{name} ({key})" for key, name in names.items()) + _MARK,
            _VALUE_BYTES,
        )
        for score, names in sorted(found.items())
    }


def _places(places: Places) -> dict[str, Mapping[Any, str]]:
    sectors = {one.id: one.name.vi for one in places.sector}
    named = {
        "office": {one.id: one.name.vi for one in places.office},
        "sector": {GENERAL: "Cơ quan nói chung", **sectors},
    }
    return {
        name: {id_: _cut(text, _VALUE_BYTES) for id_, text in of.items()}
        for name, of in named.items()
    }


def _cut(text: str, most: int) -> str:
    """The text within so many bytes, cut between letters and marked where it is."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"
