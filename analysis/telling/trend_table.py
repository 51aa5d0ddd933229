"""Twelve months of one sector against those before each, as a table for people.

Owns its columns and words. Figures come in with the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from analysis.formulas.departures import Signal
from analysis.insights.trend import Dispersion
from analysis.period import month_name
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names, sector_name
from analysis.telling.section import risk_of
from analysis.telling.tables import Table

_CAPTION: Final = ("12 tháng: {sector}", "Twelve months: {sector}")
_HEADS: Final = (
    ("Tháng", "Month"),
    ("Hài lòng", "Satisfied"),
    ("Khoảng tin cậy {level}", "{level} interval"),
    ("Số người hài lòng", "Satisfied people"),
    ("Nếu như 12 tháng trước", "If like the twelve months before"),
    ("Mức thường gặp", "Usual shares"),
    ("Kết luận", "Conclusion"),
)
_OF: Final = ("{satisfied} trên {n}", "{satisfied} of {n}")
_SIGNALS: Final[dict[Signal, tuple[str, str]]] = {
    "higher": ("cao hơn hẳn", "clearly higher"),
    "lower": ("thấp hơn hẳn", "clearly lower"),
    "none": ("như trước", "as before"),
    "unknown": ("chưa so sánh được", "nothing to compare with"),
}
_BASIS: Final[dict[Dispersion, tuple[str, str]]] = {
    "binomial": (
        "Phép thử chính xác, chỉ tính đến ngẫu nhiên: nếu không có gì thay đổi thì trong 100 năm"
        " nhiều nhất {risk} năm có dù chỉ một tháng bị báo nhầm. Nếu các tháng vốn khác nhau nhiều"
        " hơn mức ngẫu nhiên thì sẽ báo nhầm nhiều hơn.",
        "The exact test, against chance alone: if nothing changes, at most {risk} of 100 years"
        " bring any false signal. Where months differ by more than chance anyway, more are false.",
    ),
    "laney": (
        "Biểu đồ p′ của Laney (2002): giới hạn được nới theo mức mà các tháng trước vốn khác nhau,"
        " với rủi ro báo nhầm khoảng {risk} trong 100 năm. Gần đúng; thay đổi nhỏ khó thấy hơn.",
        "Laney's p′ chart (2002): limits are widened by how much the earlier months differ among"
        " themselves, at a risk of about {risk} in 100 years. Approximate; small changes are harder"
        " to see.",
    ),
}
_EMPTY: Final = ("Chưa có câu trả lời nào.", "No answers yet.")


class MonthOfRow(Protocol):
    """What a month of a trend tells."""

    @property
    def month(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def satisfied(self) -> int: ...
    @property
    def share(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def expected(self) -> float | None: ...
    @property
    def usual_low(self) -> float | None: ...
    @property
    def usual_high(self) -> float | None: ...
    @property
    def signal(self) -> Signal: ...


def trend_table(
    rows: Sequence[MonthOfRow],
    *,
    sector: str,
    dispersion: Dispersion,
    level: float,
    names: Names,
    targets: Targets,
    lang: str = "vi",
) -> Table:
    """A row for each month of one sector."""
    called = sector_name(sector, targets, names, lang)
    percent, risk = wording.threshold(level, lang), risk_of(level, lang)
    return Table(
        caption=wording.choose(_CAPTION, lang).format(sector=called),
        head=tuple(wording.choose(pair, lang).format(level=percent) for pair in _HEADS),
        rows=tuple((month_name(row.month), *_cells(row, lang)) for row in rows),
        notes=(wording.choose(_BASIS[dispersion], lang).format(risk=risk),) if rows else (),
        words=frozenset({6}),
        empty=wording.choose(_EMPTY, lang),
    )


def _cells(row: MonthOfRow, lang: str) -> tuple[str, ...]:
    satisfied, n = (wording.number(count, lang) for count in (row.satisfied, row.n))
    few = row.n < wording.COUNTS_ONLY_BELOW
    expected = "–" if row.expected is None else wording.number(row.expected, lang, 1)
    return (
        "–" if few else wording.percent(row.share, row.n, lang),
        "–" if few else wording.interval_phrase(row.low, row.high, row.n, lang),
        wording.choose(_OF, lang).format(satisfied=satisfied, n=n),
        expected,
        wording.interval_phrase(row.usual_low, row.usual_high, row.n, lang),
        wording.choose(_SIGNALS[row.signal], lang),
    )
