"""Has anything changed? Months and periods, told in sentences with the rate of false alarms.

Owns these sentences and tables. Signals are `departures`', changes `changes`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from analysis.design.scopes import ALL
from analysis.insights.changes import Change
from analysis.insights.insights import Insights
from analysis.insights.trend import Month, Trend
from analysis.period import Period, month_name
from analysis.telling import wording
from analysis.telling.result_tables import INTERVAL, SATISFIED, SECTOR, Pair, Teller
from analysis.telling.section import Section, difference_phrase, readable, risk_of
from analysis.telling.tables import Table

_TITLE: Final = ("Có gì thay đổi không?", "Has anything changed?")
_MONTH: Final = ("Tháng", "Month")
_ANSWERS: Final = ("Phiếu/hồ sơ", "Answers/dossiers")
_REMARK: Final = ("Nhận xét", "Remark")
_NOW: Final = ("Kỳ này", "This period")
_AGAINST: Final = ("So với {period}", "Against {period}")
_BY_MONTH: Final = ("12 tháng: {sector}", "Twelve months: {sector}")
_BY_PERIOD: Final = ("So với các kỳ trước", "Against earlier periods")

_SIGNALS: Final[dict[str, Pair]] = {
    "higher": ("cao hơn hẳn", "clearly higher"),
    "lower": ("thấp hơn hẳn", "clearly lower"),
}
_TURNS: Final[dict[str, Pair]] = {"higher": ("tăng", "up"), "lower": ("giảm", "down")}
_DEPARTS: Final = (
    "{sector}: tháng {month} {signal} 12 tháng trước đó: {seen} trên {n} người hài lòng,"
    " nếu không có gì thay đổi thì khoảng {expected}.",
    "{sector}: {month} is {signal} than the twelve months before: {seen} of {n} satisfied,"
    " about {expected} if nothing had changed.",
)
_CHANGED: Final = (
    "{sector}: {turn} so với {period}: {now}, trước đó {then}; chênh {difference}.",
    "{sector}: {turn} on {period}: {now}, before {then}; difference {difference}.",
)
_STEADY: Final = (
    "Không có tháng nào của kỳ này khác 12 tháng trước đó nhiều hơn mức ngẫu nhiên.",
    "No month of this period differs from the twelve before it beyond chance.",
)
_SAME: Final = (
    "Chưa thấy thay đổi nào so với {periods} vượt mức ngẫu nhiên.",
    "No change against {periods} goes beyond chance.",
)
_NEW: Final = (
    "Chưa có kỳ trước nào đủ phiếu để so sánh.",
    "There is no earlier period with answers enough to compare.",
)
_BASIS: Final = (
    "Mỗi tháng được so với 12 tháng trước nó, trong từng lĩnh vực của từng đơn vị. Nếu thực tế"
    " không có gì thay đổi thì trong 100 năm xem hằng tháng, nhiều nhất {risk} năm một lĩnh vực bị"
    " báo nhầm dù chỉ một tháng. Khi so với các kỳ trước, nhiều nhất {risk} trong 100 kỳ có dù chỉ"
    " một thay đổi bị báo nhầm: vì bảng so nhiều lần cùng lúc, một khoảng không chứa số 0 chưa đủ"
    " để nói là có thay đổi.",
    "Each month is held against the twelve before it, within each sector of each office. If nothing"
    " changes, then of 100 years looked at every month at most {risk} bring a sector any false"
    " signal. Of 100 periods compared with earlier ones, at most {risk} bring any false change: as"
    " the table compares many times at once, an interval without 0 alone does not make a change.",
)
_NO_CAUSE: Final = (
    "Có thay đổi chưa nói lên vì sao: có thể do phục vụ, cũng có thể do người trả lời khác đi."
    " Không thấy thay đổi cũng có thể chỉ vì còn ít phiếu.",
    "A change does not say why: it may be the service, or only who answers. Seeing none may also"
    " mean that answers are few.",
)


def trend_section(insights: Insights, tell: Teller) -> Section:
    """What changed against earlier periods; in detail the months of the total and every sector."""
    title = tell.say(_TITLE)
    compared = any(_comparable(change) for row in insights.trends for change in row.changes)
    risk = risk_of(tell.found.level, tell.lang)
    return Section(
        title,
        tuple(_sentences(insights.trends, insights.period, tell)),
        (change_table(insights.trends, tell),) if compared else (),
        (tell.say(_BASIS, risk=risk), tell.say(_NO_CAUSE), *_caution(insights.trends, tell)),
        tuple(month_table(row, tell) for row in _total_first(insights.trends)),
    )


def _caution(rows: Sequence[Trend], tell: Teller) -> tuple[str, ...]:
    return tell.caution(month.estimate for row in rows for month in row.months)


def _total_first(rows: Sequence[Trend]) -> list[Trend]:
    """Rows that were answered enough in any month."""
    shown = [row for row in rows if any(readable(month.estimate) for month in row.months)]
    return sorted(shown, key=lambda row: row.sector != ALL)


def _sentences(rows: Sequence[Trend], period: Period, tell: Teller) -> Iterator[str]:
    seen = {month.departure.signal for row in rows for month in _shown(row, period)}
    signals = list(_signals(rows, period, tell))
    yield from signals
    changed = list(_changes(rows, tell))
    yield from changed
    if not signals and "none" in seen:
        yield tell.say(_STEADY)
    earlier = dict.fromkeys(
        change.earlier for row in rows for change in row.changes if _comparable(change)
    )
    if earlier and not changed:
        yield tell.say(_SAME, periods=_listed([_name(p, tell) for p in earlier], tell))
    if not earlier and "none" not in seen and not signals:
        yield tell.say(_NEW)


def _listed(names: Sequence[str], tell: Teller) -> str:
    return tell.say((" và ", " and ")).join(names)


def _name(period: Period, tell: Teller) -> str:
    label = period.label_en if tell.lang == "en" else period.label
    return label[:1].lower() + label[1:] if tell.lang == "vi" else label


def _shown(row: Trend, period: Period) -> list[Month]:
    """Months of the period that may be told of."""
    return [
        month for month in row.months if month.month in period.months and readable(month.estimate)
    ]


def _signals(rows: Sequence[Trend], period: Period, tell: Teller) -> Iterator[str]:
    for row in rows:
        for month in _shown(row, period):
            signal, expected = month.departure.signal, month.departure.expected
            if signal in _SIGNALS and expected is not None:
                yield tell.say(
                    _DEPARTS,
                    sector=tell.sector(row.sector),
                    month=month_name(month.month),
                    signal=tell.say(_SIGNALS[signal]),
                    seen=wording.number(month.estimate.satisfied, tell.lang),
                    n=wording.number(month.estimate.answered, tell.lang),
                    expected=wording.number(expected, tell.lang, 0 if expected >= 10 else 1),
                )


def _comparable(change: Change) -> bool:
    return change.difference is not None and readable(change.this, change.other)


def _changes(rows: Sequence[Trend], tell: Teller) -> Iterator[str]:
    for row in rows:
        for change in row.changes:
            if change.signal in _TURNS and _comparable(change):
                yield tell.say(
                    _CHANGED,
                    sector=tell.sector(row.sector),
                    turn=tell.say(_TURNS[change.signal]),
                    period=_name(change.earlier, tell),
                    now=wording.share_phrase(change.this, tell.lang),
                    then=wording.share_phrase(change.other, tell.lang),
                    difference=_difference(change, tell),
                )


def _difference(change: Change, tell: Teller) -> str:
    """In points with its interval; a dash where either side is too small to be shown."""
    if change.difference is None or not _comparable(change):
        return "–"
    n = min(side.respondents for side in (change.this, change.other))
    return difference_phrase(change.difference, n, tell.lang)


def month_table(row: Trend, tell: Teller) -> Table:
    """Twelve months of one row: share, interval, answers, and what is remarkable."""
    heads = (_MONTH, SATISFIED, INTERVAL, _ANSWERS, _REMARK)
    return Table(
        caption=tell.say(_BY_MONTH, sector=tell.sector(row.sector)),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(_month_cells(month, tell) for month in row.months),
        words=frozenset({4}),
    )


def _month_cells(month: Month, tell: Teller) -> tuple[str, ...]:
    found = month.estimate
    signal = month.departure.signal
    told = signal in _SIGNALS and readable(month.estimate)
    return (
        month_name(month.month),
        tell.share(found),
        tell.limits(found),
        wording.rate_phrase(found, tell.lang),
        tell.say(_SIGNALS[signal]) if told else "",
    )


def change_table(rows: Sequence[Trend], tell: Teller) -> Table:
    """Every row: this period, and its difference from each earlier one that can be compared."""
    shown = [row for row in rows if any(_comparable(change) for change in row.changes)]
    columns = [
        number
        for number in range(len(shown[0].changes) if shown else 0)
        if any(_comparable(row.changes[number]) for row in shown)
    ]
    periods = [_name(shown[0].changes[number].earlier, tell) for number in columns]
    head = (tell.say(SECTOR), tell.say(_NOW), *(tell.say(_AGAINST, period=p) for p in periods))
    return Table(
        caption=tell.say(_BY_PERIOD),
        head=head,
        rows=tuple(
            (
                tell.sector(row.sector),
                tell.share(row.changes[0].this),
                *(_difference(row.changes[number], tell) for number in columns),
            )
            for row in shown
        ),
        strong=frozenset(n for n, row in enumerate(shown) if row.sector == ALL),
    )
