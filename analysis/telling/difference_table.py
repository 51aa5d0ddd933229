"""Two sectors, offices or periods against each other, as a table for people.

Owns its columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from analysis.design.scopes import ALL
from analysis.formulas.departures import Signal
from analysis.formulas.differences import Difference
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names, sector_name
from analysis.telling.section import difference_phrase, risk_of
from analysis.telling.tables import Table

_CAPTION: Final = ("Khác nhau bao nhiêu", "How much they differ")
_HEADS: Final = (
    ("So sánh", "Compared"),
    ("Bên thứ nhất", "First"),
    ("Bên thứ hai", "Second"),
    ("Chênh lệch (khoảng tin cậy {level})", "Difference ({level} interval)"),
    ("Kết luận", "Conclusion"),
)
_AGAINST: Final = ("{first} so với {second}", "{first} against {second}")
_SIGNALS: Final[dict[Signal, tuple[str, str]]] = {
    "higher": ("cao hơn", "higher"),
    "lower": ("thấp hơn", "lower"),
    "none": ("chưa thấy khác ngoài ngẫu nhiên", "no more than chance"),
    "unknown": ("chưa đủ phiếu", "too few answers"),
}
_BASIS: Final = (
    "Khoảng tin cậy của chênh lệch theo Newcombe (1998). Cột kết luận xét mọi so sánh trong bảng"
    " cùng lúc: nhiều nhất {risk} trong 100 bảng như vậy có dù chỉ một kết luận nhầm khi thật ra"
    " không có gì khác nhau.",
    "Intervals of differences by Newcombe (1998). The last column takes all comparisons of the"
    " table at once: where nothing truly differs, at most {risk} of 100 such tables hold any false"
    " conclusion.",
)
_EMPTY: Final = ("Chưa có gì để so sánh.", "There is nothing to compare yet.")


class Compared(Protocol):
    """What a row of differences tells."""

    @property
    def office(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def first(self) -> str: ...
    @property
    def second(self) -> str: ...
    @property
    def first_share(self) -> float | None: ...
    @property
    def second_share(self) -> float | None: ...
    @property
    def difference(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def answers(self) -> int: ...
    @property
    def signal(self) -> Signal: ...


def difference_table(
    rows: Sequence[Compared], *, level: float, names: Names, targets: Targets, lang: str = "vi"
) -> Table:
    """A row for each comparison that has a difference."""

    def name(id_: str) -> str:
        return names.get(id_) or sector_name(id_, targets, names, lang)

    shown = [row for row in rows if row.difference is not None]
    basis = wording.choose(_BASIS, lang).format(risk=risk_of(level, lang))
    percent = wording.threshold(level, lang)
    return Table(
        caption=wording.choose(_CAPTION, lang),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _HEADS),
        rows=tuple(
            (
                _about(row, name, lang),
                wording.percent(row.first_share, row.answers, lang),
                wording.percent(row.second_share, row.answers, lang),
                _gap(row, lang),
                wording.choose(_SIGNALS[row.signal], lang),
            )
            for row in shown
        ),
        notes=(basis,) if shown else (),
        empty=wording.choose(_EMPTY, lang),
    )


def _about(row: Compared, name: Callable[[str], str], lang: str) -> str:
    """The two sides, after the office and sector that both are about where there are several."""
    sides = wording.choose(_AGAINST, lang).format(first=name(row.first), second=name(row.second))
    where = [name(part) for part in (row.office, row.sector) if part not in ("", ALL)]
    return f"{', '.join(where)}: {sides}" if where else sides


def _gap(row: Compared, lang: str) -> str:
    if row.difference is None or row.low is None or row.high is None:
        return "–"
    return difference_phrase(Difference(row.difference, row.low, row.high), row.answers, lang)
