"""What goes with overall satisfaction: the strongest link in a sentence, all in a table.

Owns these words. Importance is `drivers`', performance the document's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from analysis.document import EstimateRow
from analysis.insights.drivers import MINIMUM_SIDE, Driver
from analysis.insights.insights import Insights
from analysis.telling import wording
from analysis.telling.labels import instead_of_figures
from analysis.telling.result_tables import Pair, Teller
from analysis.telling.section import Section, difference_phrase
from analysis.telling.tables import Table

_TITLE: Final = ("Điều gì đi cùng với sự hài lòng?", "What goes with satisfaction?")
_STRONGEST: Final = (
    "Chắc chắn nhất là gắn với hài lòng chung: {measure}. Trong những người hài lòng về điều này,"
    " {with_it} hài lòng chung; trong những người chưa hài lòng, {without} ({n} và {m} người).",
    "Most surely tied to overall satisfaction: {measure}. Of those satisfied with it {with_it} are"
    " satisfied overall; of those who are not, {without} ({n} and {m} people).",
)
_NONE_SURE: Final = (
    "Chưa đủ căn cứ để nói yếu tố nào gắn với hài lòng chung.",
    "Not yet proven that any element is tied to overall satisfaction.",
)
_FIRST: Final = (
    "Nên xem trước: {measure}, vì vừa gắn với hài lòng chung vừa có tỷ lệ hài lòng thấp nhất trong"
    " số đó: {share}.",
    "Worth a look first: {measure}, tied to overall satisfaction and the least satisfying of these:"
    " {share}.",
)
_TOO_FEW: Final = (
    "Mỗi bên cần ít nhất {n} người mới tính được; kỳ dài hơn (quý, năm) sẽ có nhiều phiếu hơn.",
    "Each side needs at least {n} people; a longer period (quarter, year) has more answers.",
)
_ASSOCIATION: Final = (
    "Đây là mối liên hệ, không phải nguyên nhân: chưa chắc sửa điều này thì hài lòng chung tăng"
    " bấy nhiêu. Người trả lời được so với nhau trong cùng lĩnh vực và đơn vị.",
    "This is an association, not a cause: mending one thing need not raise overall satisfaction by"
    " as much. People are compared within the same sector and office.",
)
_CAPTION: Final = ("Mức gắn với hài lòng chung", "How closely each is tied to satisfaction")
_HEADS: Final[tuple[Pair, ...]] = (
    ("Yếu tố", "Element"),
    ("Hài lòng về yếu tố", "Satisfied with it"),
    ("Hài lòng chung, nếu hài lòng về yếu tố", "Overall, of those satisfied with it"),
    ("Hài lòng chung, nếu chưa", "Overall, of the others"),
    ("Chênh lệch ({level})", "Difference ({level})"),
)
_FEW: Final = ("ít hơn {n} người một bên", "fewer than {n} people on a side")


def driver_section(insights: Insights, tell: Teller) -> Section | None:
    """What goes with overall satisfaction; None where nothing was asked beside it."""
    if not insights.drivers:
        return None
    few = any(driver.importance is None for driver in insights.drivers)
    hint = (tell.say(_TOO_FEW, n=MINIMUM_SIDE),) if few else ()
    return Section(
        tell.say(_TITLE),
        tuple(_sentences(insights, tell)),
        (driver_table(insights, tell),),
        (tell.say(_ASSOCIATION), *hint),
    )


def _sentences(insights: Insights, tell: Teller) -> Iterator[str]:
    sure = [d for d in insights.drivers if d.importance is not None and d.importance.low > 0]
    if not sure:
        yield tell.say(_NONE_SURE)
        return
    best = sure[0]
    yield tell.say(
        _STRONGEST,
        measure=_name(best, tell),
        with_it=wording.percent(best.share_satisfied, best.satisfied, tell.lang),
        without=wording.percent(best.share_dissatisfied, best.dissatisfied, tell.lang),
        n=wording.number(best.satisfied, tell.lang),
        m=wording.number(best.dissatisfied, tell.lang),
    )
    rated = [
        (row.share or 0.0, driver, row) for driver in sure if (row := _row(insights, driver, tell))
    ]
    if len(rated) > 1:
        _, driver, row = min(rated, key=lambda entry: entry[0])
        share = wording.share_phrase(row, tell.lang)
        yield tell.say(_FIRST, measure=_name(driver, tell), share=share)


def _name(driver: Driver, tell: Teller) -> str:
    return tell.names.get(driver.measure, driver.measure)


def _row(insights: Insights, driver: Driver, tell: Teller) -> EstimateRow | None:
    """How satisfied people are with the measure, where there is a figure."""
    row = tell.found.pick(office=insights.office, measure=driver.measure)
    return None if row is None or instead_of_figures(row, tell.lang) else row


def driver_table(insights: Insights, tell: Teller) -> Table:
    """Each element: performance, overall satisfaction on either side, their difference."""
    return Table(
        caption=tell.say(_CAPTION),
        head=tuple(tell.say(head, level=tell.level) for head in _HEADS),
        rows=tuple(_cells(insights, driver, tell) for driver in insights.drivers),
    )


def _cells(insights: Insights, driver: Driver, tell: Teller) -> tuple[str, ...]:
    row = _row(insights, driver, tell)
    rated = wording.share_phrase(row, tell.lang) if row else "–"
    if driver.importance is None:
        return _name(driver, tell), rated, "–", "–", tell.say(_FEW, n=MINIMUM_SIDE)
    sides = (
        (driver.share_satisfied, driver.satisfied),
        (driver.share_dissatisfied, driver.dissatisfied),
    )
    smaller = min(driver.satisfied, driver.dissatisfied)
    return (
        _name(driver, tell),
        rated,
        *(f"{wording.percent(p, n, tell.lang)} ({_people(n, tell)})" for p, n in sides),
        difference_phrase(driver.importance, smaller, tell.lang),
    )


def _people(n: int, tell: Teller) -> str:
    return f"{wording.number(n, tell.lang)} {tell.say(('người', 'people'))}"
