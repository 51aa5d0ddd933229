"""Do the questions hold together? Alpha of every questionnaire and element, with a remark.

Owns these words. Alpha is `reliability`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from analysis.design.pooling import INDEX
from analysis.insights.insights import Insights
from analysis.insights.reliability import MINIMUM_SHEETS, Reliability
from analysis.telling import wording
from analysis.telling.result_tables import Pair, Teller
from analysis.telling.section import Section
from analysis.telling.tables import Table

_TITLE: Final = ("Các câu hỏi có đi cùng nhau không?", "Do the questions hold together?")
_HEADS: Final[tuple[Pair, ...]] = (
    ("Bộ câu hỏi", "Questionnaire"),
    ("Gồm", "Part"),
    ("Số câu", "Questions"),
    ("Phiếu đủ câu", "Complete sheets"),
    ("Alpha (khoảng {level})", "Alpha ({level} interval)"),
    ("Nhận xét", "Remark"),
)
_USUAL: Final = 0.7
_REMARKS: Final[dict[str, Pair]] = {
    "together": ("đi cùng nhau: gộp được", "they go together: may be summed up"),
    "apart": ("nên đọc riêng từng câu", "read each question by itself"),
    "open": ("chưa đủ căn cứ", "not proven yet"),
    "few_sheets": ("ít hơn {n} phiếu đủ câu", "fewer than {n} complete sheets"),
    "all_alike": (
        "mọi phiếu có cùng tổng điểm: không tính được",
        "all sheets have the same total: it cannot be computed",
    ),
}
_SUMS: Final = (
    "Bộ câu hỏi {questionnaire}: {items} câu đi cùng nhau, gộp thành một chỉ số được.",
    "Questionnaire {questionnaire}: its {items} questions go together and may be summed up.",
)
_UNSURE: Final = (
    "Bộ câu hỏi {questionnaire}: chưa đủ căn cứ để nói {items} câu đi cùng nhau; hãy đọc từng câu.",
    "Questionnaire {questionnaire}: not proven that its {items} questions go together; read each.",
)
_CAPTION: Final = ("Hệ số alpha", "Coefficient alpha")
_BASIS: Final = (
    "Alpha của Cronbach: gần 1 khi ai chấm cao một câu cũng chấm cao các câu kia; từ 0,7 thường"
    " được coi là gộp được. Chỉ tính phiếu trả lời đủ mọi câu. Khoảng này hơi hẹp khi phần lớn"
    " phiếu cùng một điểm. Alpha không nói câu hỏi có đúng điều cần hỏi hay không.",
    "Cronbach's alpha is near 1 where who scores one question high scores the others high; from 0.7"
    " on they are usually summed up. Only sheets that answer every question count. The interval is"
    " a little narrow where most scores are equal. Alpha does not say that the right thing is"
    " asked.",
)


def reliability_section(insights: Insights, tell: Teller) -> Section | None:
    """Alpha of every questionnaire and element with several questions; None without any."""
    rows = [row for row in insights.reliability if row.n or row.missing is None]
    if not rows:
        return None
    basis = (tell.say(_BASIS),)
    return Section(tell.say(_TITLE), _sentences(rows, tell), (_table(rows, tell),), basis)


def _sentences(rows: Sequence[Reliability], tell: Teller) -> tuple[str, ...]:
    """Whether each questionnaire's index has a right to be one number."""
    return tuple(
        tell.say(
            _SUMS if _remark(row) == "together" else _UNSURE,
            questionnaire=row.questionnaire,
            items=row.items,
        )
        for row in rows
        if row.measure == INDEX
    )


def _remark(row: Reliability) -> str:
    if row.interval is None:
        return row.missing or "few_sheets"
    usual = "together" if row.interval.low >= _USUAL else "open"
    return "apart" if row.interval.high < _USUAL else usual


def _table(rows: Sequence[Reliability], tell: Teller) -> Table:
    return Table(
        caption=tell.say(_CAPTION),
        head=tuple(tell.say(head, level=tell.level) for head in _HEADS),
        rows=tuple(_cells(row, tell) for row in rows),
        words=frozenset({1, 5}),
    )


def _cells(row: Reliability, tell: Teller) -> tuple[str, ...]:
    said = tell.say(wording.MEASURES.get(row.measure, (row.measure, row.measure)))
    part = tell.names.get(row.measure, said)
    counts = (wording.number(row.items, tell.lang), wording.number(row.n, tell.lang))
    remark = tell.say(_REMARKS[_remark(row)], n=MINIMUM_SHEETS)
    if row.alpha is None or row.interval is None:
        return row.questionnaire, part, *counts, "–", remark
    alpha, low, high = (
        wording.number(value, tell.lang, 2)
        for value in (row.alpha, row.interval.low, row.interval.high)
    )
    return row.questionnaire, part, *counts, f"{alpha} ({low} – {high})", remark
