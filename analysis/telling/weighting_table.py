"""Totals under weights beside those of the verdicts, as a table for people.

Owns its columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from analysis.telling import wording
from analysis.telling.labels import Names
from analysis.telling.tables import Table

_CAPTION: Final = ("Tính lại với trọng số", "The same under weights")
_HEADS: Final = (
    ("Nội dung", "Measure"),
    ("Theo kết luận", "As in the verdicts"),
    ("Với trọng số", "Under weights"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số phiếu hiệu dụng", "Effective answers"),
    ("Hệ số thiết kế", "Design effect"),
)
_RAKED: Final = (
    "Trọng số khớp cùng lúc số hồ sơ của từng lĩnh vực và từng kênh, sau {rounds} vòng;"
    " chỗ lệch nhiều nhất còn {gap} hồ sơ.",
    "The weights meet the dossiers of every sector and of every channel at once, after {rounds}"
    " rounds; the largest difference left is {gap} dossiers.",
)
_STRATIFIED: Final = (
    "Trọng số của một phiếu là số hồ sơ chia cho số phiếu của lĩnh vực.",
    "The weight of an answer is the dossiers of its sector divided by its answers.",
)
_MEANING: Final = (
    "Số phiếu hiệu dụng: bấy nhiêu phiếu lấy ngẫu nhiên đơn giản cho cùng độ chính xác. Hệ số thiết"
    " kế: số phiếu chia cho số ấy; lớn hơn 1 là trọng số đã làm mất độ chính xác.",
    "Effective answers: as many answers drawn simply at random are as precise. Design effect:"
    " answers divided by that; above 1, precision is lost to the weights.",
)
_EMPTY: Final = ("Chưa có câu trả lời nào.", "No answers yet.")


class UnderWeights(Protocol):
    """What a row under weights tells."""

    @property
    def measure(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def share(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def n_eff(self) -> float | None: ...
    @property
    def design_effect(self) -> float | None: ...
    @property
    def plain(self) -> float | None: ...


def weighting_table(
    rows: Sequence[UnderWeights],
    *,
    rounds: int | None,
    gap: float | None,
    level: float,
    names: Names,
    lang: str = "vi",
) -> Table:
    """A row for each measure.

    `rounds` and `gap`: None where sectors alone were weighted.
    """
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _HEADS),
        rows=tuple((names.get(row.measure, row.measure), *_cells(row, lang)) for row in rows),
        notes=(_way(rounds, gap, lang), wording.choose(_MEANING, lang)) if rows else (),
        empty=wording.choose(_EMPTY, lang),
    )


def _way(rounds: int | None, gap: float | None, lang: str) -> str:
    """How the weights came about."""
    if rounds is None or gap is None:
        return wording.choose(_STRATIFIED, lang)
    left = wording.number(gap, lang, 6)
    return wording.choose(_RAKED, lang).format(rounds=rounds, gap=left)


def _cells(row: UnderWeights, lang: str) -> tuple[str, ...]:
    return (
        wording.percent(row.plain, row.n, lang),
        wording.percent(row.share, row.n, lang),
        wording.interval_phrase(row.low, row.high, row.n, lang),
        _number(row.n_eff, 0, lang),
        _number(row.design_effect, 2, lang),
    )


def _number(value: float | None, decimals: int, lang: str) -> str:
    return "–" if value is None else wording.number(value, lang, decimals)
