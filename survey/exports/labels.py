"""The Vietnamese labels of variables and values that an SPSS file carries. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from questionnaires import Questionnaire
from survey.exports.formats import Labels

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


def population_labels() -> Labels:
    """Return the labels of the population layout."""
    names = ("period", "office", "sector", "completed", "on_time", "online")
    return Labels({name: _FIXED[name] for name in names})


def responses_labels(questionnaires: Iterable[Questionnaire]) -> Labels:
    """Return the labels of the responses layout; of an item, as its newest version words it."""
    variables = {name: _FIXED[name] for name in list(_FIXED)[:9]}
    values: dict[str, Mapping[Any, str]] = {"channel": _CHANNELS, "late": _LATE}
    for questionnaire in sorted(questionnaires, key=lambda each: (each.id, each.version)):
        scale = questionnaire.scale
        levels = {
            score: label.get("vi") for score, label in zip(scale.scores, scale.labels, strict=True)
        }
        for item in questionnaire.items:
            variables[item.id] = item.text.get("vi")
            values[item.id] = levels
    return Labels(variables, values)
