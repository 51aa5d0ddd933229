"""The tables that a verdict document gives: of sectors, offices, months, elements, channels.

Owns their columns. Every figure is the document's, every rounding `wording`'s.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.reporting import wording
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.wording import (
    Names,
    month_label,
    section_of,
    sector_rows,
)
from analysis.statistics.comparisons import ChannelContrast, compare_channels
from analysis.statistics.estimates import silence_within
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say
from questionnaires.layout import OPEN_CHANNELS, SIDES

if TYPE_CHECKING:
    pass


def sector_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    measure: str = "overall",
) -> Table:
    """One row per sector, then groups and the total: share, interval, answers, bounds, mean.

    Arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = sector_rows(tell.found, office, measure)
    named = [(tell.sector(row.sector) + tell.beside(row), row) for row in rows]
    title = tell.names.get(measure) or wording.measure_title(measure, lang)
    heads = (
        "common.sector",
        "common.satisfied",
        "tables.answers",
        "common.interval",
        "common.if_all_had_answered",
        "common.mean_score",
    )
    return Table(
        caption=tell.say("tables.result_captions.sectors", measure=title),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (
                name,
                tell.share(row, beside=row.n),
                wording.rate_phrase(row, lang),
                tell.limits(row),
                tell.between(row, row.silent_low, row.silent_high),
                tell.mean(row),
            )
            for name, row in named
        ),
        notes=(*tell.caution(rows), *tell.notes(named)),
        strong=frozenset(
            number
            for number, row in enumerate(rows)
            if section_of(row.sector) in ("group", "total")
        ),
        empty=tell.say("tables.result_empty"),
    )


def office_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    offices: Sequence[str] | None = None,
) -> Table:
    """One row per office, of all its sectors, in the order given; then the total.

    A column a target that is on all sectors. Other arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    known = tell.found.offices if offices is None else offices
    rows = [(office, tell.found.pick(office=office)) for office in (*known, ALL)]
    told = [(office, row) for office, row in rows if row is not None]
    whole = {
        one.target: one for one in tell.found.verdicts if (one.office, one.sector) == (ALL, ALL)
    }
    judged = {(one.office, one.sector, one.target): one for one in tell.found.verdicts}
    heads = ("common.office", "common.satisfied", "tables.answers", "common.interval")
    return Table(
        caption=tell.say("tables.result_captions.offices"),
        head=(
            *(tell.say(head, level=tell.level) for head in heads),
            *(_target(tell, verdict) for verdict in whole.values()),
        ),
        rows=tuple(
            (
                tell.say("wording.totals.offices")
                if office == ALL
                else tell.names.get(office, office),
                tell.share(row, beside=row.n),
                wording.rate_phrase(row, lang),
                tell.limits(row),
                *(_word(tell, judged.get((office, ALL, target))) for target in whole),
            )
            for office, row in told
        ),
        notes=tell.caution([row for _, row in told]),
        strong=frozenset({len(told) - 1}),
        empty=tell.say("tables.result_empty"),
    )


def _word(tell: Teller, verdict: VerdictRow | None) -> str:
    return "–" if verdict is None else wording.verdict_word(verdict, tell.lang)


def _judged(tell: Teller, office: str) -> Iterator[tuple[str, VerdictRow, EstimateRow]]:
    """Each verdict of the office that may be shown, under its name, with its estimate."""
    for verdict in tell.found.verdicts:
        if verdict.office != office:
            continue
        row = tell.found.chosen_row_of(verdict)
        if row is not None and tell.instead(row) is None:
            yield tell.sector(verdict.sector) + tell.beside(verdict), verdict, row


def _target(tell: Teller, verdict: VerdictRow) -> str:
    return f"{verdict.deadline}: {tell.aim(verdict)}"


def silence_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """What those who did not answer could change: for each target, how many of them it takes.

    Horowitz & Manski bounds; arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        (
            name,
            _target(tell, verdict),
            _left(tell, row),
            tell.between(row, row.silent_low, row.silent_high),
            _what_it_takes(tell, verdict, row),
        )
        for name, verdict, row in _judged(tell, office)
        if row.silent_low is not None
    ]
    heads = (
        "common.sector",
        "common.target",
        "tables.silent_people",
        "common.if_all_had_answered",
        "tables.to_meet",
    )
    return Table(
        caption=tell.say("tables.result_captions.silence"),
        head=tuple(tell.say(head) for head in heads),
        rows=tuple(rows),
        empty=tell.say("tables.no_counts"),
    )


def _what_it_takes(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> str:
    """The share of non-respondents that must be satisfied, rounded up to a whole percent.

    Published bounds are wider than the full ones, so that a verdict that is certain goes first.
    """
    if verdict.basis in ("certain", "census"):
        return tell.say("tables.surely" if verdict.evidence == "met" else "tables.never")
    silent = silence_within(row.silent_low, row.silent_high, verdict.threshold)
    if silent is None or silent.verdict == "met":
        return tell.say("tables.surely")
    if silent.verdict == "missed" or silent.share_needed is None:
        return tell.say("tables.never")
    least = math.ceil(100 * silent.share_needed - 1e-9)
    return tell.say("tables.at_least", share=f"{least}%")


def needed_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
) -> Table:
    """For each target not proven, how many answers would settle it if the share stays the same.

    Further ones while the period is running; of one that is over, those of the whole period.
    Arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    rows = [
        (
            name,
            _target(tell, verdict),
            wording.rate_phrase(row, lang),
            _left(tell, row),
            _needed(tell, verdict, row),
        )
        for name, verdict, row in _judged(tell, office)
        if verdict.evidence == "not_proven"
        and verdict.basis != "recheck"  # no open answer settles it
        and verdict.reason in (None, "running")  # no number of answers mends another reason
        and verdict.responses_needed != 0
    ]
    running = tell.found.status == "running"
    heads = (
        "common.sector",
        "common.target",
        "tables.have",
        "tables.left",
        "tables.needed" if running else "tables.whole",
    )
    return Table(
        caption=tell.say("tables.result_captions.needed"),
        head=tuple(tell.say(head) for head in heads),
        rows=tuple(rows),
        empty=tell.say("tables.settled"),
    )


def _left(tell: Teller, row: EstimateRow) -> str:
    """Dossiers whose people have not answered."""
    if row.population is None:
        return tell.say("common.dossiers_not_known")
    return number(max(row.population - row.respondents, 0), tell.lang)


def _needed(tell: Teller, verdict: VerdictRow, row: EstimateRow) -> str:
    needed = verdict.responses_needed
    if needed is None:
        return tell.say("tables.no_number")
    if wording.beyond_a_year(needed, row):
        return tell.say("tables.beyond_a_year")
    if tell.found.status == "closed":
        needed += row.respondents
    return tell.say("tables.about", n=wording.answers(needed, tell.lang))


def month_table(
    documents: Sequence[Document],
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    sector: str = ALL,
    measure: str = "overall",
) -> Table:
    """One row per month: share, interval, answers, mean. Arguments as for `plot`."""
    tells = [Teller.of(document, names, targets, lang) for document in documents]
    if not tells:
        return Table("", (), (), empty=say("tables.months_empty", lang))
    rows = [
        (tell, tell.found.pick(office=office, sector=sector, measure=measure)) for tell in tells
    ]
    heads = (
        "common.month",
        "common.satisfied",
        "tables.answers",
        "common.interval",
        "common.mean_score",
    )
    return Table(
        caption=tells[0].say("tables.caption", sector=tells[0].sector(sector)),
        head=tuple(tells[0].say(head, level=tells[0].level) for head in heads),
        rows=tuple((month_label(tell.found), *_cells(tell, row)) for tell, row in rows),
        notes=tells[0].caution(row for _, row in rows if row is not None),
        empty=tells[0].say("tables.months_empty"),
    )


def _cells(tell: Teller, row: EstimateRow | None) -> tuple[str, str, str, str]:
    if row is None:
        return "–", "–", "–", "–"
    return (
        tell.share(row, beside=row.n),
        wording.rate_phrase(row, tell.lang),
        tell.limits(row),
        tell.mean(row),
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
    heads = (
        "tables.measure",
        "tables.heard",
        "common.satisfied",
        "common.interval",
        "common.mean_score",
        "tables.mean_limits",
    )
    return Table(
        caption=tell.say("tables.detail_captions.measures", sector=tell.sector(sector)),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (
                name,
                number(row.respondents, lang),
                tell.share(row, beside=row.respondents),
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
        empty=tell.say("common.no_answers_yet"),
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
    low, high = (number(x or 0.0, tell.lang, 2) for x in (row.mean_low, row.mean_high))
    return f"{low} – {high}"


def channel_table(
    document: Document,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    sector: str = ALL,
) -> Table:
    """Overall satisfaction by channel, and whether the channels agree within each sector.

    The comparison is `compare_channels`'; arguments as for `plot`.
    """
    tell = Teller.of(document, names, targets, lang)
    place = office, sector, "overall"
    rows = [row for row in tell.found.estimates if row[:3] == place and row.channel != ALL]
    named = [(say(f"wording.channels.{row.channel}", lang) + tell.beside(row), row) for row in rows]
    sides = (tell.say("tables.runs_higher"),) if any(row.channel in SIDES for row in rows) else ()
    heads = ("common.channel", "common.satisfied", "common.interval", "common.mean_score")
    return Table(
        caption=tell.say("tables.detail_captions.channels"),
        head=tuple(tell.say(head, level=tell.level) for head in heads),
        rows=tuple(
            (name[:1].upper() + name[1:], tell.share(row), tell.limits(row), tell.mean(row))
            for name, row in named
        ),
        notes=(*tell.caution(rows), *_agreement(tell, office), *sides) if rows else (),
        empty=tell.say("tables.one_channel"),
    )


def _agreement(tell: Teller, office: str) -> Iterator[str]:
    """Each channel that stands out, or that none does."""
    compared = compare_channels(_counts(tell.found, office), level=tell.found.level)
    apart = [channel for channel in compared if channel.differs]
    for channel in apart:
        yield _difference(tell, channel)
    if compared and not apart:
        yield tell.say("tables.alike")


def _difference(tell: Teller, channel: ChannelContrast) -> str:
    return tell.say(
        "tables.differs",
        channel=say(f"wording.channels.{channel.channel}", tell.lang),
        seen=number(channel.satisfied, tell.lang),
        expected=number(channel.expected, tell.lang),
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
    channels = [name for name in OPEN_CHANNELS if any(name == channel for *_, channel in cells)]
    return {
        channel: [cells.get((*place, channel), (0, 0)) for place in places] for channel in channels
    }


def _is_stratum(row: EstimateRow) -> bool:
    pooled = row.sector in (ALL, "general") or row.sector.startswith("group:")
    return row.office != ALL and not pooled and row.channel != ALL
