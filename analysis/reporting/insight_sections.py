"""Sections beside the verdicts: reasons, change, drivers, reliability, patterns, daily looks.

Owns their sentences and tables, which ask for a look and accuse nobody. Figures are those of
`insights` and the document; names of questions and options the questionnaires'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from analysis.document import Document, EstimateRow
from analysis.document_rows import ReasonRow
from analysis.insights.drivers import MINIMUM_SHEETS, MINIMUM_SIDE, Driver, Reliability
from analysis.insights.insights import Insights, Without
from analysis.insights.screening import Flag
from analysis.insights.trend import Change, Month, Trend
from analysis.period import Period, month_name
from analysis.reporting import wording
from analysis.reporting.section import Section, difference_phrase, readable, risk_of
from analysis.reporting.tables import ANSWERED, INTERVAL, SATISFIED, SECTOR, Pair, Table, Teller
from analysis.reporting.wording import Names, instead_of_figures, number
from analysis.strata.pooling import INDEX
from analysis.strata.survey import ALL
from analysis.targets import Targets

_REASON_TITLE: Final = ("Vì sao chưa hài lòng?", "What went wrong?")
_REASON_CAPTION: Final = ("Lý do người dân chọn", "Reasons that people chose")
_REASON_HEADS: Final[tuple[Pair, ...]] = (
    ("Lĩnh vực", "Sector"),
    ("Số người nêu lý do", "People who gave reasons"),
    ("Lý do và số người chọn", "Reasons and how many chose each"),
)
_SEVERAL: Final = (
    "Một người có thể chọn nhiều lý do. Chỉ người chưa hài lòng được hỏi câu này.",
    "One person may choose several. Only people who were not satisfied are asked.",
)
_PEOPLE: Final = ("{n} người nêu lý do", "Reasons given by {n}")
_NOBODY: Final = ("Không ai nêu lý do.", "Nobody gave a reason.")
_SHOWN: Final = 3  # reasons in the sentence; the table has all


def reason_section(tell: Teller, office: str = ALL) -> Section | None:
    """A sentence on all sectors together, the table by sector; None where nobody gave a reason."""
    rows = [row for row in tell.found.reasons if row.office == office]
    if not rows:
        return None
    totals = [group for (_, _, sector), group in _groups(rows) if sector == ALL]
    several = len(totals) > 1
    sentences = tuple(
        f"{_question(group, tell) + ' ' if several else ''}{_reason_people(group, tell)}: "
        f"{_reason_listed(group[:_SHOWN], tell)}."
        for group in totals
    )
    table = reason_table(
        tell.found, names=tell.names, targets=tell.targets, lang=tell.lang, office=office
    )
    return Section(tell.say(_REASON_TITLE), sentences, (table,), (tell.say(_SEVERAL),))


def reason_table(
    found: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """One row a sector and the total, one questionnaire after the other. Arguments as for `plot`.

    No rows where nobody gave a reason, where the answers come from files (which hold none), and
    in a published document.
    """
    tell = Teller.of(found, names, targets, lang)
    groups = list(_groups([row for row in found.reasons if row.office == office]))
    questions = {key[:2] for key, _ in groups}
    rows = []
    for (questionnaire, _, sector), group in groups:
        whose = f" ({questionnaire})" if len(questions) > 1 else ""
        rows.append(
            (
                tell.sector(sector) + whose,
                number(group[0].people, lang),
                _reason_listed(group, tell),
            )
        )
    return Table(
        caption=tell.say(_REASON_CAPTION),
        head=tuple(tell.say(head) for head in _REASON_HEADS),
        rows=tuple(rows),
        strong=frozenset(place for place, (key, _) in enumerate(groups) if key[2] == ALL),
        words=frozenset({2}),
        empty=tell.say(_NOBODY),
    )


def _groups(rows: Sequence[ReasonRow]) -> Iterator[tuple[tuple[str, str, str], list[ReasonRow]]]:
    """The options of each questionnaire, question and sector; a lone sector needs no total."""
    grouped = [
        (key, list(group))
        for key, group in groupby(rows, lambda row: (row.questionnaire, row.question, row.sector))
    ]
    return iter(grouped)


def _question(group: Sequence[ReasonRow], tell: Teller) -> str:
    row = group[0]
    return tell.names.get(f"reason:{row.questionnaire}:{row.question}", row.question)


def _reason_people(group: Sequence[ReasonRow], tell: Teller) -> str:
    return tell.say(_PEOPLE, n=number(group[0].people, tell.lang))


def _reason_listed(group: Sequence[ReasonRow], tell: Teller) -> str:
    return " · ".join(f"{_option(row, tell)} {number(row.chosen, tell.lang)}" for row in group)


def _option(row: ReasonRow, tell: Teller) -> str:
    return tell.names.get(f"reason:{row.questionnaire}:{row.question}:{row.option}", row.option)


_TREND_TITLE: Final = ("Có gì thay đổi không?", "Has anything changed?")
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
_TREND_BASIS: Final = (
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
    title = tell.say(_TREND_TITLE)
    compared = any(_comparable(change) for row in insights.trends for change in row.changes)
    risk = risk_of(tell.found.level, tell.lang)
    return Section(
        title,
        tuple(_trend_sentences(insights.trends, insights.period, tell)),
        (change_table(insights.trends, tell),) if compared else (),
        (tell.say(_TREND_BASIS, risk=risk), tell.say(_NO_CAUSE), *_caution(insights.trends, tell)),
        tuple(month_table(row, tell) for row in _total_first(insights.trends)),
    )


def _caution(rows: Sequence[Trend], tell: Teller) -> tuple[str, ...]:
    return tell.caution(month.estimate for row in rows for month in row.months)


def _total_first(rows: Sequence[Trend]) -> list[Trend]:
    """Rows that were answered enough in any month."""
    shown = [row for row in rows if any(readable(month.estimate) for month in row.months)]
    return sorted(shown, key=lambda row: row.sector != ALL)


def _trend_sentences(rows: Sequence[Trend], period: Period, tell: Teller) -> Iterator[str]:
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
        yield tell.say(_SAME, periods=_trend_listed([_trend_name(p, tell) for p in earlier], tell))
    if not earlier and "none" not in seen and not signals:
        yield tell.say(_NEW)


def _trend_listed(names: Sequence[str], tell: Teller) -> str:
    return tell.say((" và ", " and ")).join(names)


def _trend_name(period: Period, tell: Teller) -> str:
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
                    period=_trend_name(change.earlier, tell),
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
    periods = [_trend_name(shown[0].changes[number].earlier, tell) for number in columns]
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


_DRIVER_TITLE: Final = ("Điều gì đi cùng với sự hài lòng?", "What goes with satisfaction?")
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
_DRIVER_CAPTION: Final = ("Mức gắn với hài lòng chung", "How closely each is tied to satisfaction")
_DRIVER_HEADS: Final[tuple[Pair, ...]] = (
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
        tell.say(_DRIVER_TITLE),
        tuple(_driver_sentences(insights, tell)),
        (driver_table(insights, tell),),
        (tell.say(_ASSOCIATION), *hint),
    )


def _driver_sentences(insights: Insights, tell: Teller) -> Iterator[str]:
    sure = [d for d in insights.drivers if d.importance is not None and d.importance.low > 0]
    if not sure:
        yield tell.say(_NONE_SURE)
        return
    best = sure[0]
    yield tell.say(
        _STRONGEST,
        measure=_driver_name(best, tell),
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
        yield tell.say(_FIRST, measure=_driver_name(driver, tell), share=share)


def _driver_name(driver: Driver, tell: Teller) -> str:
    return tell.names.get(driver.measure, driver.measure)


def _row(insights: Insights, driver: Driver, tell: Teller) -> EstimateRow | None:
    """How satisfied people are with the measure, where there is a figure."""
    row = tell.found.pick(office=insights.office, measure=driver.measure)
    return None if row is None or instead_of_figures(row, tell.lang) else row


def driver_table(insights: Insights, tell: Teller) -> Table:
    """Each element: performance, overall satisfaction on either side, their difference."""
    return Table(
        caption=tell.say(_DRIVER_CAPTION),
        head=tuple(tell.say(head, level=tell.level) for head in _DRIVER_HEADS),
        rows=tuple(_driver_cells(insights, driver, tell) for driver in insights.drivers),
    )


def _driver_cells(insights: Insights, driver: Driver, tell: Teller) -> tuple[str, ...]:
    row = _row(insights, driver, tell)
    rated = wording.share_phrase(row, tell.lang) if row else "–"
    if driver.importance is None:
        return _driver_name(driver, tell), rated, "–", "–", tell.say(_FEW, n=MINIMUM_SIDE)
    sides = (
        (driver.share_satisfied, driver.satisfied),
        (driver.share_dissatisfied, driver.dissatisfied),
    )
    smaller = min(driver.satisfied, driver.dissatisfied)
    return (
        _driver_name(driver, tell),
        rated,
        *(f"{wording.percent(p, n, tell.lang)} ({_driver_people(n, tell)})" for p, n in sides),
        difference_phrase(driver.importance, smaller, tell.lang),
    )


def _driver_people(n: int, tell: Teller) -> str:
    return f"{wording.number(n, tell.lang)} {tell.say(('người', 'people'))}"


_RELIABILITY_TITLE: Final = (
    "Các câu hỏi có đi cùng nhau không?",
    "Do the questions hold together?",
)
_RELIABILITY_HEADS: Final[tuple[Pair, ...]] = (
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
_RELIABILITY_CAPTION: Final = ("Hệ số alpha", "Coefficient alpha")
_RELIABILITY_BASIS: Final = (
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
    basis = (tell.say(_RELIABILITY_BASIS),)
    return Section(
        tell.say(_RELIABILITY_TITLE),
        _reliability_sentences(rows, tell),
        (_reliability_table(rows, tell),),
        basis,
    )


def _reliability_sentences(rows: Sequence[Reliability], tell: Teller) -> tuple[str, ...]:
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


def _reliability_table(rows: Sequence[Reliability], tell: Teller) -> Table:
    return Table(
        caption=tell.say(_RELIABILITY_CAPTION),
        head=tuple(tell.say(head, level=tell.level) for head in _RELIABILITY_HEADS),
        rows=tuple(_reliability_cells(row, tell) for row in rows),
        words=frozenset({1, 5}),
    )


def _reliability_cells(row: Reliability, tell: Teller) -> tuple[str, ...]:
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


_SCREENING_TITLE: Final = ("Điều nên xem lại", "Worth a second look")
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
_SCREENING_CAPTION: Final = (
    "Có và không có phiếu được đánh dấu",
    "With and without flagged answers",
)
_SCREENING_HEADS: Final[tuple[Pair, ...]] = (
    SECTOR,
    ("Mọi phiếu", "All answers"),
    ("Không có phiếu được đánh dấu", "Without flagged answers"),
)


def screening_section(insights: Insights, tell: Teller) -> Section:
    """Flags of the office in sentences, and the shares with and without flagged answers."""
    flags = [flag for flag in insights.flags if insights.office in (ALL, flag.office)]
    sentences = list(_screening_sentences(flags, tell)) or [tell.say(_NOTHING)]
    rows = insights.without
    tables = (_screening_table(rows, tell),) if rows else ()
    if tables:
        sentences.append(tell.say(_DIFFERENT))
    risk = tell.say(_RISK, risk=risk_of(tell.found.level, tell.lang))
    basis = (tell.say(_NO_BLAME), risk) if flags or tables else (risk,)
    return Section(tell.say(_SCREENING_TITLE), tuple(sentences), tables, basis)


def _screening_sentences(flags: list[Flag], tell: Teller) -> Iterator[str]:
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


def _screening_table(rows: Sequence[Without], tell: Teller) -> Table:
    return Table(
        caption=tell.say(_SCREENING_CAPTION),
        head=tuple(tell.say(head) for head in _SCREENING_HEADS),
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


_LOOK_TITLE: Final = ("Nếu ngày nào cũng xem", "Looking every day")
_SAID: Final = (
    "Ai xem mỗi ngày rồi dừng lại khi thấy con số đẹp thì rất dễ nhầm. Khoảng ở bảng này rộng hơn,"
    " để đúng dù xem bao nhiêu lần; kết luận chờ đến khi kỳ kết thúc.",
    "Whoever looks every day and stops at a pleasing figure is easily wrong. The limits of this"
    " table are wider, so that they hold however often one looks; verdicts wait for the period's"
    " end.",
)
_LOOK_CAPTION: Final = ("Khoảng đúng cho mọi lần xem", "Limits that hold at every look")
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
        caption=tell.say(_LOOK_CAPTION),
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
    return Section(tell.say(_LOOK_TITLE), (tell.say(_SAID),), (table,), ())
