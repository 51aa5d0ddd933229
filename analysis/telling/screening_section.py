"""What somebody should look at, and what the shares are without it: sentences and a table.

Owns these words: they ask for a look and accuse nobody. Flags are `screening`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from analysis.design.scopes import ALL
from analysis.insights.insights import Insights, Without
from analysis.insights.screening import Flag
from analysis.telling import wording
from analysis.telling.result_tables import SECTOR, Pair, Teller
from analysis.telling.section import Section, risk_of
from analysis.telling.tables import Table

_TITLE: Final = ("Điều nên xem lại", "Worth a second look")
_NOTHING: Final = (
    "Không thấy phiếu giống hệt nhau bất thường, ngày dồn phiếu hay nơi khác hẳn các nơi còn lại.",
    "No unusual repetition of identical sheets, no crowded day, nowhere far from its peers.",
)
_FLAGS: Final[dict[str, Pair]] = {
    "same_sheet": (
        "{place}, ngày {day}: {count} trên {of} phiếu giống hệt nhau ở mọi câu; bình thường chỉ"
        " khoảng {expected}.",
        "{place}, {day}: {count} of {of} sheets are identical in every answer; about {expected}"
        " would be usual.",
    ),
    "burst": (
        "{place}, ngày {day}: {count} phiếu trong một ngày; bình thường khoảng {expected}.",
        "{place}, {day}: {count} answers in one day; about {expected} is usual.",
    ),
    "unserved": (
        "{place}, ngày {day}: {count} phiếu trong một ngày; một quầy làm việc cả ngày, năm phút một"
        " người và ai cũng trả lời, thì được khoảng {expected} phiếu.",
        "{place}, {day}: {count} answers in one day; a counter that serves somebody every five"
        " minutes of a whole day, all of whom answer, has about {expected}.",
    ),
    "apart": (
        "{place}: {count} trên {of} người hài lòng; nếu như {peers} thì khoảng {expected}.",
        "{place}: {count} of {of} satisfied; about {expected} if it were like {peers}.",
    ),
}
_LISTED: Final = 12
"""Flags of one rule that are told, the most improbable first: more of them nobody would read."""

_MORE: Final = (
    "Còn {n} dấu hiệu như vậy nữa, ít bất thường hơn.",
    "There are {n} more like these, less unusual.",
)
_MORE_OFFICES: Final = (
    "Còn {n} dấu hiệu như vậy nữa, ít bất thường hơn; xem ở trang của từng đơn vị.",
    "There are {n} more like these, less unusual; see the page of each office.",
)
_OTHER_SECTORS: Final = ("các lĩnh vực còn lại", "the other sectors")
_OTHER_OFFICES: Final = ("các đơn vị còn lại", "the other offices")
_NO_BLAME: Final = (
    "Đây là câu hỏi, không phải kết luận: một ngày đông người, một đoàn cùng đến hay một nơi phục"
    " vụ tốt thật cũng trông như vậy. Không phiếu nào bị bỏ khỏi kết quả.",
    "These are questions, not findings: a busy day, a group that came together or a truly better"
    " office look the same. No answer was left out of the results.",
)
_RISK: Final = (
    "Mỗi cách dò báo nhầm trong nhiều nhất {risk} trên 100 kỳ, nếu các ngày không khác nhau ngoài"
    " mức ngẫu nhiên; riêng so với nơi khác là nếu mọi nơi thật sự như nhau.",
    "Each rule is false in at most {risk} of 100 periods where days differ by chance alone; for"
    " peers, where all are truly alike.",
)
_DIFFERENT: Final = (
    "Bỏ các phiếu được đánh dấu thì tỷ lệ như trong bảng.",
    "Without the flagged answers the shares are those in the table.",
)
_CAPTION: Final = ("Có và không có phiếu được đánh dấu", "With and without flagged answers")
_HEADS: Final[tuple[Pair, ...]] = (
    SECTOR,
    ("Mọi phiếu", "All answers"),
    ("Không có phiếu được đánh dấu", "Without flagged answers"),
)


def screening_section(insights: Insights, tell: Teller) -> Section:
    """Flags of the office in sentences, and the shares with and without flagged answers."""
    flags = [flag for flag in insights.flags if insights.office in (ALL, flag.office)]
    sentences = list(_sentences(flags, tell)) or [tell.say(_NOTHING)]
    rows = insights.without
    tables = (_table(rows, tell),) if rows else ()
    if tables:
        sentences.append(tell.say(_DIFFERENT))
    risk = tell.say(_RISK, risk=risk_of(tell.found.level, tell.lang))
    basis = (tell.say(_NO_BLAME), risk) if flags or tables else (risk,)
    return Section(tell.say(_TITLE), tuple(sentences), tables, basis)


def _sentences(flags: list[Flag], tell: Teller) -> Iterator[str]:
    """The most improbable flags of each rule, and how many more there are."""
    several = len(tell.found.offices) > 1
    for reason in _FLAGS:
        found = [flag for flag in flags if flag.reason == reason]
        yield from (_sentence(flag, tell) for flag in found[:_LISTED])
        if len(found) > _LISTED:
            more = wording.number(len(found) - _LISTED, tell.lang)
            yield tell.say(_MORE_OFFICES if several else _MORE, n=more)


def _sentence(flag: Flag, tell: Teller) -> str:
    offices, sector = tell.found.offices, tell.sector(flag.sector)
    office = tell.names.get(flag.office, flag.office)
    return tell.say(
        _FLAGS[flag.reason],
        place=sector if len(offices) == 1 else f"{office}, {sector}",
        day=_day(flag.day) if flag.day else "",
        count=wording.number(flag.count, tell.lang),
        of=wording.number(flag.of, tell.lang),
        expected=wording.number(flag.expected, tell.lang, 0 if flag.expected >= 10 else 1),
        peers=tell.say(_OTHER_OFFICES if len(offices) > 2 else _OTHER_SECTORS),
    )


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _table(rows: Sequence[Without], tell: Teller) -> Table:
    return Table(
        caption=tell.say(_CAPTION),
        head=tuple(tell.say(head) for head in _HEADS),
        rows=tuple(
            (
                tell.sector(row.sector),
                _share(row.share, row.n, tell),
                _share(row.share_without, row.n_without, tell),
            )
            for row in rows
        ),
        strong=frozenset(n for n, row in enumerate(rows) if row.sector == ALL),
    )


def _share(share: float | None, n: int, tell: Teller) -> str:
    if share is None or n < wording.COUNTS_ONLY_BELOW:
        return wording.answers(n, tell.lang)
    return f"{wording.percent(share, n, tell.lang)} ({wording.answers(n, tell.lang)})"
