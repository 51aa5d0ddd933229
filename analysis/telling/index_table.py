"""Elements and the two ways of joining them to an index, as a table for people.

Owns its columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from analysis.telling import wording
from analysis.telling.labels import Names
from analysis.telling.tables import Table

_CAPTION: Final = ("Hai cách tính chỉ số hài lòng", "Two ways to an index")
_HEADS: Final = (
    ("Nội dung", "Measure"),
    ("Hài lòng", "Satisfied"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số người trả lời", "People"),
)
_WAYS: Final = {
    "index": ("Chỉ số: mọi câu trả lời ngang nhau", "Index: every answer counts alike"),
    "index_of_elements": (
        "Trung bình các yếu tố: mọi yếu tố ngang nhau",
        "Mean of elements: every element counts alike",
    ),
}
_MEANING: Final = (
    "Mục tiêu và kết luận dùng chỉ số thứ nhất. Công thức chính thức chưa được công bố nên có cả"
    " hai; đừng so số của cách này với số của cách kia.",
    "Targets and verdicts take the first one. The official formula has not been published, hence"
    " both; never hold a figure of one against a figure of the other.",
)


class Indexed(Protocol):
    """What a row tells."""

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


def index_table(rows: Sequence[Indexed], *, level: float, names: Names, lang: str = "vi") -> Table:
    """A row for each element, then one for each index."""
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _HEADS),
        rows=tuple(
            (
                _called(row.measure, names, lang),
                "–" if _few(row) else wording.percent(row.share, row.n, lang),
                "–" if _few(row) else wording.interval_phrase(row.low, row.high, row.n, lang),
                wording.number(row.n, lang),
            )
            for row in rows
        ),
        notes=(wording.choose(_MEANING, lang),),
        strong=frozenset(number for number, row in enumerate(rows) if row.measure in _WAYS),
    )


def _called(measure: str, names: Names, lang: str) -> str:
    way = _WAYS.get(measure)
    return names.get(measure, measure) if way is None else wording.choose(way, lang)


def _few(row: Indexed) -> bool:
    return row.n < wording.COUNTS_ONLY_BELOW
