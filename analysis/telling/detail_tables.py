"""Tables that look inside the result: elements and items, and the channels answers came by.

Owns their columns and what they leave out. Figures are the verdict document's.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from analysis.design.scopes import ALL, SIDES
from analysis.document import Document, EstimateRow
from analysis.formulas.agreement import Channel, compare_channels
from analysis.reading.columns import CHANNELS
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names
from analysis.telling.result_tables import INTERVAL, MEAN, SATISFIED, Teller
from analysis.telling.tables import Table

_MEASURE: Final = ("Yếu tố, câu hỏi", "Element, question")
_HEARD: Final = ("Người trả lời", "People who answered")
_CHANNEL: Final = ("Kênh", "Channel")
_MEAN_LIMITS: Final = ("Khoảng của điểm", "Interval of the mean")
_CAPTIONS: Final = {
    "measures": ("Các yếu tố: {sector}", "Elements: {sector}"),
    "channels": ("Theo kênh trả lời", "By channel"),
}
_NO_MEASURES: Final = ("Chưa có câu trả lời nào.", "No answers yet.")
_ONE_CHANNEL: Final = ("Mọi phiếu đều đến từ một kênh.", "All answers came by one channel.")
_DIFFERS: Final = (
    "Kênh {channel} khác các kênh còn lại nhiều hơn mức ngẫu nhiên ({seen} người hài lòng,"
    " nếu như nhau thì khoảng {expected}). Hãy xem ai trả lời ở kênh này và trả lời khi nào"
    " trước khi tin vào con số chung.",
    "The channel {channel} differs from the others beyond chance ({seen} satisfied, about"
    " {expected} if alike). See who answers there, and when, before trusting the total.",
)
_RUNS_HIGHER: Final = (
    "Trả lời tại chỗ thường cho kết quả cao hơn trả lời ở nơi khác, nhất là về thái độ của công"
    " chức: hai thử nghiệm ngẫu nhiên đã cho thấy vậy (Anastario 2010; Joint Commission J. 2005)."
    " Hãy đọc riêng hai dòng ấy, đừng so tỷ lệ chung của hai kỳ có phần trả lời tại chỗ khác nhau.",
    "On-site answers run higher than those given elsewhere, most about staff's attitude, as two"
    " randomised trials found (Anastario 2010; Joint Commission J. 2005). Read the two rows apart,"
    " and do not compare totals of periods with different parts answered on site.",
)
_ALIKE: Final = (
    "Không thấy kênh nào khác các kênh còn lại nhiều hơn mức ngẫu nhiên.",
    "No channel differs from the others beyond chance.",
)


def measure_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    sector: str = ALL,
) -> Table:
    """Overall, index, elements, then items that are not an element by themselves.

    An element's share counts satisfied answers to its items. Arguments as for `plot`; `names`
    also those of `measure_names`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        row
        for section in tell.found.sections
        for measure in tell.found.measures
        if (row := section.by_key.get((office, sector, measure, ALL))) is not None
    ]
    seen = {(row.questionnaires, row.measure): row for row in rows}
    named = [
        (tell.names.get(row.measure, row.measure) + tell.beside(row), row)
        for row in rows
        if row.n and not _is_its_element(row, seen)
    ]
    heads = (_MEASURE, _HEARD, SATISFIED, INTERVAL, MEAN, _MEAN_LIMITS)
    return Table(
        caption=tell.say(_CAPTIONS["measures"], sector=tell.sector(sector)),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (
                name,
                wording.number(row.respondents, lang),
                tell.share(row, beside=True),
                tell.limits(row),
                tell.mean(row),
                _mean_limits(tell, row),
            )
            for name, row in named
        ),
        notes=tell.caution(row for _, row in named),
        strong=frozenset(
            number for number, (_, row) in enumerate(named) if row.measure in wording.MEASURES
        ),
        empty=tell.say(_NO_MEASURES),
    )


def _is_its_element(row: EstimateRow, seen: dict[tuple[str, str], EstimateRow]) -> bool:
    """Whether an item is all of the element of its name."""
    kind, _, name = row.measure.partition(":")
    whose = row.questionnaires
    element = seen.get((whose, f"element:{name}")) if kind == "item" else None
    counts = attrgetter("n", "answered", "satisfied")
    return element is not None and counts(row) == counts(element)


def _mean_limits(tell: Teller, row: EstimateRow) -> str:
    if tell.mean(row) == "–" or row.mean_low is None:
        return "–"
    low, high = (wording.number(x or 0.0, tell.lang, 2) for x in (row.mean_low, row.mean_high))
    return f"{low} – {high}"


def channel_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """Overall satisfaction by channel, and whether the channels agree within each sector.

    The comparison is `compare_channels`'; arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        row
        for row in tell.found.estimates
        if (row.office, row.sector, row.measure) == (office, ALL, "overall") and row.channel != ALL
    ]
    named = [
        (wording.choose(wording.CHANNELS[row.channel], lang) + tell.beside(row), row)
        for row in rows
    ]
    sides = (tell.say(_RUNS_HIGHER),) if any(row.channel in SIDES for row in rows) else ()
    heads = (_CHANNEL, SATISFIED, INTERVAL, MEAN)
    return Table(
        caption=tell.say(_CAPTIONS["channels"]),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (name[:1].upper() + name[1:], tell.share(row), tell.limits(row), tell.mean(row))
            for name, row in named
        ),
        notes=(*tell.caution(rows), *_agreement(tell, office), *sides) if rows else (),
        empty=tell.say(_ONE_CHANNEL),
    )


def _agreement(tell: Teller, office: str) -> Iterator[str]:
    """Each channel that stands out, or that none does."""
    compared = compare_channels(_counts(tell.found, office), level=tell.found.level)
    apart = [channel for channel in compared if channel.differs]
    for channel in apart:
        yield _difference(tell, channel)
    if compared and not apart:
        yield tell.say(_ALIKE)


def _difference(tell: Teller, channel: Channel) -> str:
    return tell.say(
        _DIFFERS,
        channel=wording.choose(wording.CHANNELS[channel.channel], tell.lang),
        seen=wording.number(channel.satisfied, tell.lang),
        expected=wording.number(channel.expected, tell.lang),
    )


def _counts(found: Document, office: str) -> dict[str, list[tuple[int, int]]]:
    """By channel: satisfied and answered in every office and sector, (0, 0) where none.

    Only what may be seen is compared.
    """
    cells = {
        (row.office, row.sector, row.channel): (row.satisfied, row.answered)
        for row in found.sections[0].estimates
        if row.measure == "overall" and _is_stratum(row) and office in (ALL, row.office)
        if row.satisfied is not None and row.answered
    }
    places = sorted({(place, sector) for place, sector, _ in cells})
    channels = [name for name in CHANNELS if any(name == channel for *_, channel in cells)]
    return {
        channel: [cells.get((*place, channel), (0, 0)) for place in places] for channel in channels
    }


def _is_stratum(row: EstimateRow) -> bool:
    pooled = row.sector in (ALL, "general") or row.sector.startswith("group:")
    return row.office != ALL and not pooled and row.channel != ALL
