"""While a period is running: limits that hold on whichever day one looks.

Owns these sentences and their table. The limits are `looks`'.
"""

from __future__ import annotations

from typing import Final

from analysis.design.scopes import ALL
from analysis.insights.insights import Insights
from analysis.telling import wording
from analysis.telling.result_tables import ANSWERED, SECTOR, Pair, Teller
from analysis.telling.section import Section
from analysis.telling.tables import Table

_TITLE: Final = ("Nếu ngày nào cũng xem", "Looking every day")
_SAID: Final = (
    "Ai xem mỗi ngày rồi dừng lại khi thấy con số đẹp thì rất dễ nhầm. Khoảng ở bảng này rộng hơn,"
    " để đúng dù xem bao nhiêu lần; kết luận chờ đến khi kỳ kết thúc.",
    "Whoever looks every day and stops at a pleasing figure is easily wrong. The limits of this"
    " table are wider, so that they hold however often one looks; verdicts wait for the period's"
    " end.",
)
_CAPTION: Final = ("Khoảng đúng cho mọi lần xem", "Limits that hold at every look")
_LIMITS: Final[Pair] = ("Khoảng {level} cho mọi lần xem", "{level} limits at every look")


def look_section(insights: Insights, tell: Teller) -> Section | None:
    """The newest look at overall satisfaction of each row; None where there is none."""
    rows = [
        (sector, look)
        for (office, sector), look in insights.looks.items()
        if office == insights.office and look.answered >= wording.COUNTS_ONLY_BELOW
    ]
    if not rows:
        return None
    table = Table(
        caption=tell.say(_CAPTION),
        head=tuple(tell.say(head, level=tell.level) for head in (SECTOR, ANSWERED, _LIMITS)),
        rows=tuple(
            (
                tell.sector(sector),
                wording.number(look.answered, tell.lang),
                wording.interval_phrase(
                    look.running_low, look.running_high, look.answered, tell.lang
                ),
            )
            for sector, look in rows
        ),
        strong=frozenset(n for n, (sector, _) in enumerate(rows) if sector == ALL),
    )
    return Section(tell.say(_TITLE), (tell.say(_SAID),), (table,), ())
