"""What a figure's reader must be told: one code per circumstance, its sentence in vi and en.

Owns these sentences only; when one applies is decided where the figure is made. A "group" is a
stratum: the dossiers of one sector, or of one sector in one office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "more_answers_than_dossiers": (
        "Số phiếu nhiều hơn số hồ sơ đã giải quyết ở {where}: cần kiểm tra lại số hồ sơ;"
        " phần này vẫn tính theo số hồ sơ ấy nhưng không được hiệu chỉnh.",
        "More answers than completed dossiers in {where}: check the dossier counts; this part"
        " keeps its weight but gets no correction for the number of dossiers.",
    ),
    "uncovered": (
        "{count} phiếu ở {where} đứng ngoài kết quả này vì chưa có số hồ sơ.",
        "{count} answer(s) in {where} stand outside this figure: no dossier count covers them.",
    ),
    "not_counted": (
        "Chưa có số hồ sơ của {where}.",
        "No dossier counts for {where}.",
    ),
    "not_all_covered": (
        "Kết quả mới đại diện cho {covered} trên {population} hồ sơ:"
        " {strata} nhóm hồ sơ chưa có câu trả lời.",
        "The figure covers {covered} of {population} dossiers:"
        " {strata} group(s) have no answer yet.",
    ),
    "one_answer_in_a_stratum": (
        "Có {strata} nhóm hồ sơ chỉ có một câu trả lời: sai số chuẩn chỉ là ước lượng thô.",
        "{strata} group(s) have a single answer: the standard error is only a rough estimate.",
    ),
    "never_decided": (
        "Tỷ lệ đúng bằng mục tiêu: không số phiếu nào đủ để kết luận.",
        "The share equals the target: no number of answers can settle it.",
    ),
    "on_site_higher": (
        "Người trả lời tại chỗ (ki-ốt, phiếu giấy) hài lòng hơn người trả lời nơi khác, vượt mức"
        " ngẫu nhiên; trả lời tại chỗ thường cho kết quả cao hơn, nhất là về thái độ của công"
        " chức. Hãy xem riêng từng bên.",
        "Those who answered on site (kiosk, paper) are more satisfied than those who answered"
        " elsewhere, beyond chance; on-site answers run higher, most about staff's attitude. Read"
        " each side by itself.",
    ),
    "on_site_lower": (
        "Người trả lời tại chỗ (ki-ốt, phiếu giấy) ít hài lòng hơn người trả lời nơi khác, vượt"
        " mức ngẫu nhiên. Hãy xem riêng từng bên.",
        "Those who answered on site (kiosk, paper) are less satisfied than those who answered"
        " elsewhere, beyond chance. Read each side by itself.",
    ),
    "asked_differently": (
        "Các bộ câu hỏi trong kỳ dùng những tiêu chí khác nhau: hãy xem từng bộ câu hỏi một.",
        "The questionnaires of the period ask different items: see each of them by itself.",
    ),
    "not_asked": (
        "Câu hỏi của mục tiêu này không có trong các bộ câu hỏi của kỳ.",
        "The questionnaires of the period do not ask what this target is about.",
    ),
    "withheld": (
        "Không công bố, để không ai suy ra được từng người trả lời thế nào.",
        "Not published, so that nobody can work out what single people answered.",
    ),
}


_NO_NAMES: Final[Mapping[str, str]] = {}

_VIETNAMESE: Final = str.maketrans(",.", ".,")
"""1,234.5 is written 1.234,5."""


_SHOWN: Final = 8
_PARTS: Final = ("{n} nhóm hồ sơ", "{n} group(s) of dossiers")
_MORE: Final = ("và {n} nơi nữa", "and {n} more")


@dataclass(frozen=True, slots=True)
class Note:
    """One circumstance and its numbers.

    `places`: offices and sectors that it is about, by id; the office is empty where there is one.
    """

    code: str
    strata: int = 0
    covered: int | None = None
    population: int | None = None
    count: int = 0
    places: tuple[tuple[str, str], ...] = ()

    def text(self, language: str, names: Mapping[str, str] = _NO_NAMES) -> str:
        """The sentence in "vi" or "en"; `names` of offices and sectors stand for their ids."""
        sentence = SENTENCES[self.code][language == "en"]
        numbers = {
            "strata": self.strata,
            "covered": self.covered or 0,
            "population": self.population or 0,
            "count": self.count,
        }
        values = {key: _number(value, language) for key, value in numbers.items()}
        return sentence.format(**values, where=self._where(language, names))

    def _where(self, language: str, names: Mapping[str, str]) -> str:
        """The places by name."""
        if not self.places:
            return _PARTS[language == "en"].format(n=_number(self.strata, language))
        called = [
            names.get(sector, sector) + (f" ({names.get(office, office)})" if office else "")
            for office, sector in self.places[:_SHOWN]
        ]
        if len(self.places) > _SHOWN:
            rest = _number(len(self.places) - _SHOWN, language)
            called.append(_MORE[language == "en"].format(n=rest))
        return ", ".join(called)


def _number(value: int, language: str) -> str:
    text = f"{value:,}"
    return text if language == "en" else text.translate(_VIETNAMESE)


def joined(notes: tuple[Note, ...]) -> str | None:
    """All sentences, Vietnamese first, then English; None where there is nothing to tell."""
    if not notes:
        return None
    return " / ".join(" ".join(note.text(language) for note in notes) for language in ("vi", "en"))
