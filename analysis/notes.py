"""What a figure's reader must be told: one code per circumstance, its sentence in vi and en.

Owns these sentences only; when one applies is decided where the figure is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "more_answers_than_dossiers": (
        "Số phiếu nhiều hơn số hồ sơ đã giải quyết ở {strata} lĩnh vực: cần kiểm tra lại số hồ sơ;"
        " kết quả không được hiệu chỉnh theo số hồ sơ.",
        "More answers than completed dossiers in {strata} sector(s): check the dossier counts;"
        " no correction for the number of dossiers was made.",
    ),
    "population_missing_in_part": (
        "Có {strata} lĩnh vực chưa có số hồ sơ: kết quả chung gộp các phiếu như nhau,"
        " không tính theo số hồ sơ.",
        "{strata} sector(s) have no dossier count: the total pools the answers,"
        " without weighting by dossiers.",
    ),
    "not_all_covered": (
        "Kết quả mới đại diện cho {covered} trên {population} hồ sơ:"
        " {strata} lĩnh vực chưa có câu trả lời.",
        "The figure covers {covered} of {population} dossiers:"
        " {strata} sector(s) have no answer yet.",
    ),
    "one_answer_in_a_stratum": (
        "Có {strata} lĩnh vực chỉ có một câu trả lời: sai số chuẩn chỉ là ước lượng thô.",
        "{strata} sector(s) have a single answer: the standard error is only a rough estimate.",
    ),
    "census_decides": (
        "Chỉ khi tất cả {strata} lĩnh vực đều được trả lời đủ mới kết luận được.",
        "Only answers for every dossier of the {strata} sector(s) can settle it.",
    ),
    "never_decided": (
        "Tỷ lệ đúng bằng mục tiêu: không số phiếu nào đủ để kết luận.",
        "The share equals the target: no number of answers can settle it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One circumstance and its numbers."""

    code: str
    strata: int = 0
    covered: int | None = None
    population: int | None = None

    def text(self, language: str) -> str:
        """The sentence in "vi" or "en"."""
        vi, en = SENTENCES[self.code]
        return (vi if language == "vi" else en).format(
            strata=self.strata, covered=self.covered, population=self.population
        )


def joined(notes: tuple[Note, ...]) -> str | None:
    """All sentences, Vietnamese first, then English; None where there is nothing to tell."""
    if not notes:
        return None
    return " / ".join(" ".join(note.text(language) for note in notes) for language in ("vi", "en"))
