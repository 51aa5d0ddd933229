"""What columns and codes of exports mean, in Vietnamese: labels of SPSS and Stata, sheets of codes.

Owns these words and the marks of wordings that differ. Writes no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires import Questionnaire
from questionnaires.layout import COLUMNS, IMPORTED, POPULATION, SIMULATED
from survey.places import GENERAL, Places, sector_names

ORIGIN = "origin"
DESIGN = (
    *("response_id", "questionnaire", "office", "sector", "channel", "month"),
    *("stratum", "N_h", "n_h", "weight", "satisfied"),
)


@dataclass(frozen=True, slots=True)
class Labels:
    """What SPSS shows, and the sheet of codes: labels of variables, labels of their values.

    `notes`: of a variable whose label stands for several wordings, all of them.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


FIXED_LABELS = {
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
    "on_time": "Trong số rõ hạn trả: đúng hạn hoặc trước hạn",
    "online": "Trong số rõ cách nộp: nộp trực tuyến",
    "due_known": "Số hồ sơ rõ hạn trả",
    "filing_known": "Số hồ sơ rõ cách nộp",
    "timed": "Số hồ sơ rõ ngày nhận, hạn trả và ngày trả",
    "days_allowed": "Tổng số ngày từ ngày nhận đến hạn trả",
    "days_taken": "Tổng số ngày từ ngày nhận đến ngày trả",
    "origin": "Nguồn gốc (trống: phiếu của chính cơ quan)",
    "month": "Tháng trả lời",
    "stratum": "Tầng: đơn vị, lĩnh vực, tháng",
    "N_h": "Số hồ sơ của tầng",
    "n_h": "Số phiếu của tầng có trả lời câu chung",
    "weight": "Trọng số: N_h chia cho n_h",
    "satisfied": "Hài lòng nói chung",
}
_CHANNELS = {
    "poster": "Áp phích",
    "slip": "Phiếu mời",
    "kiosk": "Kiosk",
    "paper": "Phiếu giấy",
    "recheck": "Phúc tra",
}
ORIGINS = {
    IMPORTED: "Mang từ công cụ khác vào",
    SIMULATED: "DỮ LIỆU MÔ PHỎNG, không phải ý kiến thật",
}
_YES = {0: "Không", 1: "Có"}


_FLAGS = {
    "clock": "Ngày trả lời có thể sai (đồng hồ của máy tính bảng)",
    "haste": "Trả lời nhanh hơn người đọc kịp",
    "closed": "Trả lời trên máy tính bảng, hoặc nhiều phiếu từ một áp phích, ngoài giờ làm việc",
    "crowd": "Quá nhiều phiếu ở một máy tính bảng hoặc áp phích trong mười phút",
    "alike": "Quá nhiều phiếu giống hệt nhau ở một nơi trong mười phút",
    "row": "Một trình duyệt dùng nhiều phiếu mời trong một ngày",
}
_VARIABLE_BYTES, _VALUE_BYTES = 255, 120  # that SPSS holds


def design_labels(questionnaires: Iterable[Questionnaire], places: Places) -> Labels:
    """Return the labels of single answers with their strata and weights."""
    plain = responses_labels(questionnaires, places)
    named = {name: label for name, label in FIXED_LABELS.items() if name in (*DESIGN, ORIGIN)}
    return Labels(named, {**plain.values, "satisfied": _YES})


def population_labels(places: Places) -> Labels:
    """Return the labels of the population layout."""
    names = (*POPULATION, ORIGIN)
    values = {**_places(places), ORIGIN: ORIGINS}
    return Labels({name: FIXED_LABELS[name] for name in names}, values)


def responses_labels(questionnaires: Iterable[Questionnaire], places: Places) -> Labels:
    """Return the labels of the responses layout.

    An item that several versions word differently has the newest one's words and a mark; its
    wordings stand in the notes, and a level that they call differently has each one's name.
    """
    versions = sorted(questionnaires, key=lambda each: (each.id, each.version))
    variables = {name: FIXED_LABELS[name] for name in (*COLUMNS, ORIGIN)}
    values: dict[str, Mapping[Any, str]] = {"channel": _CHANNELS, "late": _YES, "flag": _FLAGS}
    values[ORIGIN] = ORIGINS
    values |= _places(places)
    values["procedure"] = {one.code: cut(one.name.vi, _VALUE_BYTES) for one in places.procedure}
    values["questionnaire"] = {one.key: cut(one.title.vi, _VALUE_BYTES) for one in versions}
    notes = {}
    for item in dict.fromkeys(item for version in versions for item in version.item_ids):
        asked = [version for version in versions if item in version.item_ids]
        wordings = {version.key: version.item(item).text.vi for version in asked}
        label = list(wordings.values())[-1]
        if len(set(wordings.values())) > 1:
            label = f"{cut(label, _VARIABLE_BYTES - len(_MARK.encode()))}{_MARK}"
            notes[item] = "; ".join(f"{key}: {text}" for key, text in wordings.items())
        variables[item] = cut(label, _VARIABLE_BYTES)
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
        score: cut(
            next(iter(names.values()))
            if len(set(names.values())) == 1
            else " / ".join(f"{name} ({key})" for key, name in names.items()) + _MARK,
            _VALUE_BYTES,
        )
        for score, names in sorted(found.items())
    }


def _places(places: Places) -> dict[str, Mapping[Any, str]]:
    named = {
        "office": {one.id: one.name.vi for one in places.office},
        "sector": {GENERAL: "Cơ quan nói chung", **sector_names(places, "vi")},
    }
    return {
        name: {id_: cut(text, _VALUE_BYTES) for id_, text in of.items()}
        for name, of in named.items()
    }


def cut(text: str, most: int) -> str:
    """The text within so many bytes, cut between letters and marked where it is."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"
