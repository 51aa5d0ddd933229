"""What a figure's reader must be told: one code per circumstance, its sentence in vi and en.

Owns these sentences only; when one applies is decided where the figure is made. A "group" is a
stratum: the dossiers of one sector, or of one sector in one office.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "more_answers_than_dossiers": (
        "Số phiếu nhiều hơn số hồ sơ đã giải quyết ở {strata} nhóm hồ sơ:"
        " cần kiểm tra lại số hồ sơ; kết quả không được hiệu chỉnh theo số hồ sơ.",
        "More answers than completed dossiers in {strata} group(s): check the dossier counts;"
        " no correction for the number of dossiers was made.",
    ),
    "population_missing_in_part": (
        "Có {strata} nhóm chưa có số hồ sơ: kết quả chung gộp các phiếu như nhau,"
        " không tính theo số hồ sơ.",
        "{strata} group(s) have no dossier count: the total pools the answers,"
        " without weighting by dossiers.",
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
    "silent_assumed_alike": (
        "Khoảng tin cậy chỉ đo yếu tố ngẫu nhiên, với giả định người không trả lời"
        " cũng hài lòng như người đã trả lời.",
        "The interval measures chance only and assumes that those who did not answer"
        " are like those who did.",
    ),
    "met_if_the_silent": (
        "Kết luận đạt chỉ đúng nếu ít nhất {share}% người không trả lời cũng hài lòng.",
        "Met only if at least {share}% of those who did not answer are satisfied too.",
    ),
    "never_decided": (
        "Tỷ lệ đúng bằng mục tiêu: không số phiếu nào đủ để kết luận.",
        "The share equals the target: no number of answers can settle it.",
    ),
}


_VIETNAMESE: Final = str.maketrans(",.", ".,")
"""1,234.5 is written 1.234,5."""


@dataclass(frozen=True, slots=True)
class Note:
    """One circumstance and its numbers."""

    code: str
    strata: int = 0
    covered: int | None = None
    population: int | None = None
    share: float = 0.0

    def text(self, language: str) -> str:
        """The sentence in "vi" or "en"."""
        vi, en = SENTENCES[self.code]
        numbers = {
            "strata": f"{self.strata:,}",
            "covered": f"{self.covered or 0:,}",
            "population": f"{self.population or 0:,}",
            "share": f"{math.ceil(self.share * 1000 - 1e-9) / 10:.1f}",  # up: "at least"
        }
        if language != "vi":
            return en.format(**numbers)
        return vi.format(**{key: text.translate(_VIETNAMESE) for key, text in numbers.items()})


def joined(notes: tuple[Note, ...]) -> str | None:
    """All sentences, Vietnamese first, then English; None where there is nothing to tell."""
    if not notes:
        return None
    return " / ".join(" ".join(note.text(language) for note in notes) for language in ("vi", "en"))
