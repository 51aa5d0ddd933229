"""ReportSections beside the verdicts: reasons, change, drivers, reliability, patterns, daily looks.

Owns their sentences and tables, which ask for a look and accuse nobody. Figures are those of
`insights` and the document; names of questions and options the questionnaires'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from analysis.reporting.flags import (
    flag_sentence,
    marked_sentences,
    more_sentence,
    office_flags,
    told,
)
from analysis.reporting.section import ReportSection, difference_phrase, readable, risk_of
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.wording import Names, instead_of_figures
from analysis.strata.pooling import INDEX
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number

_REASON_HEADS: Final[tuple[str, ...]] = (
    "common.sector",
    "insight_sections.reason_heads.people_who_gave_reasons",
    "insight_sections.reason_heads.reasons_and_how_many",
)
_SHOWN: Final = 3  # reasons in the sentence; the table has all


def reason_section(tell: Teller, office: str = ALL, sector: str = ALL) -> ReportSection | None:
    """A sentence on a sector, or all together, the table by sector; None where nobody gave any."""
    rows = [row for row in tell.found.reasons if row.office == office]
    if not rows:
        return None
    totals = [group for (*_, name), group in _groups(rows) if name == sector]
    several = len(totals) > 1
    sentences = tuple(
        f"{_question(group, tell) + ' ' if several else ''}{_reason_people(group, tell)}: "
        f"{_reason_listed(group[:_SHOWN], tell)}."
        for group in totals
    )
    table = reason_table(
        tell.found, names=tell.names, targets=tell.targets, lang=tell.lang, office=office
    )
    return ReportSection(
        "reasons",
        tell.say("insight_sections.reason_title"),
        sentences,
        (table,),
        (tell.say("insight_sections.several"),),
    )


def main_reasons(tell: Teller, office: str = ALL, sector: str = ALL) -> str:
    """What most people named, of the question that most answered; "" where nobody did."""
    rows = [row for row in tell.found.reasons if (row.office, row.sector) == (office, sector)]
    found = [group for _, group in _groups(rows)]
    if not found:
        return ""
    most = max(found, key=lambda group: group[0].people)
    return f"{_reason_people(most, tell)}: {_reason_listed(most[:_SHOWN], tell)}."


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
        caption=tell.say("insight_sections.reason_caption"),
        head=tuple(tell.say(head) for head in _REASON_HEADS),
        rows=tuple(rows),
        strong=frozenset(place for place, (key, _) in enumerate(groups) if key[2] == ALL),
        words=frozenset({2}),
        empty=tell.say("insight_sections.nobody"),
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
    return tell.say("insight_sections.people", n=number(group[0].people, tell.lang))


def _reason_listed(group: Sequence[ReasonRow], tell: Teller) -> str:
    return " · ".join(f"{_option(row, tell)} {number(row.chosen, tell.lang)}" for row in group)


def _option(row: ReasonRow, tell: Teller) -> str:
    return tell.names.get(f"reason:{row.questionnaire}:{row.question}:{row.option}", row.option)


_SIGNALS: Final = ("higher", "lower")
"""Those that tell of a change."""


def trend_section(insights: Insights, tell: Teller) -> ReportSection:
    """What changed against earlier periods; in detail the months of the total and every sector."""
    title = tell.say("insight_sections.trend_title")
    compared = any(_comparable(change) for row in insights.trends for change in row.changes)
    risk = risk_of(tell.found.level, tell.lang)
    return ReportSection(
        "trend",
        title,
        tuple(_trend_sentences(insights.trends, insights.period, tell)),
        (change_table(insights.trends, tell),) if compared else (),
        (
            tell.say("insight_sections.trend_basis", risk=risk),
            tell.say("insight_sections.no_cause"),
            *_caution(insights.trends, tell),
        ),
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
        yield tell.say("insight_sections.steady")
    earlier = dict.fromkeys(
        change.earlier for row in rows for change in row.changes if _comparable(change)
    )
    if earlier and not changed:
        yield tell.say(
            "insight_sections.same",
            periods=_trend_listed([p.inside(tell.lang) for p in earlier], tell),
        )
    if not earlier and "none" not in seen and not signals:
        yield tell.say("insight_sections.new")


def _trend_listed(names: Sequence[str], tell: Teller) -> str:
    return f" {tell.say('insight_sections.trend_listed.and')} ".join(names)


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
                    "insight_sections.departs",
                    sector=tell.sector(row.sector),
                    month=month_name(month.month),
                    signal=tell.say(f"common.clearly_{signal}"),
                    seen=number(month.estimate.satisfied, tell.lang),
                    n=number(month.estimate.answered, tell.lang),
                    expected=number(expected, tell.lang, 0 if expected >= 10 else 1),
                )


def _comparable(change: Change) -> bool:
    return change.difference is not None and readable(change.this, change.other)


def _changes(rows: Sequence[Trend], tell: Teller) -> Iterator[str]:
    for row in rows:
        for change in row.changes:
            if change.signal in _SIGNALS and _comparable(change):
                yield tell.say(
                    "insight_sections.changed",
                    sector=tell.sector(row.sector),
                    turn=tell.say(f"insight_sections.turns.{change.signal}"),
                    period=change.earlier.inside(tell.lang),
                    now=wording.share_phrase(change.this, tell.lang, tell.found.thresholds),
                    then=wording.share_phrase(change.other, tell.lang, tell.found.thresholds),
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
    heads = (
        "common.month",
        "common.satisfied",
        "common.interval",
        "common.answers_dossiers",
        "common.remark",
    )
    return Table(
        caption=tell.say("common.twelve_months", sector=tell.sector(row.sector)),
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
        tell.say(f"common.clearly_{signal}") if told else "",
    )


def change_table(rows: Sequence[Trend], tell: Teller) -> Table:
    """Every row: this period, and its difference from each earlier one that can be compared."""
    shown = [row for row in rows if any(_comparable(change) for change in row.changes)]
    columns = [
        number
        for number in range(len(shown[0].changes) if shown else 0)
        if any(_comparable(row.changes[number]) for row in shown)
    ]
    periods = [shown[0].changes[number].earlier.inside(tell.lang) for number in columns]
    head = (
        tell.say("common.sector"),
        tell.say("insight_sections.now"),
        *(tell.say("insight_sections.against", period=p) for p in periods),
    )
    return Table(
        caption=tell.say("insight_sections.by_period"),
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


_DRIVER_HEADS: Final[tuple[str, ...]] = (
    "insight_sections.driver_heads.element",
    "insight_sections.driver_heads.satisfied_with_it",
    "insight_sections.driver_heads.overall_of_those_satisfied",
    "insight_sections.driver_heads.overall_of_the_others",
    "insight_sections.driver_heads.difference",
)


def driver_section(insights: Insights, tell: Teller) -> ReportSection | None:
    """What goes with overall satisfaction; None where nothing was asked beside it."""
    if not insights.drivers:
        return None
    few = any(driver.importance is None for driver in insights.drivers)
    hint = (tell.say("insight_sections.too_few", n=MINIMUM_SIDE),) if few else ()
    return ReportSection(
        "drivers",
        tell.say("insight_sections.driver_title"),
        tuple(_driver_sentences(insights, tell)),
        (driver_table(insights, tell),),
        (tell.say("insight_sections.association"), *hint),
    )


def _driver_sentences(insights: Insights, tell: Teller) -> Iterator[str]:
    sure = [driver for driver in insights.drivers if driver.sure]
    if not sure:
        yield tell.say("insight_sections.none_sure")
        return
    best = sure[0]
    yield tell.say(
        "insight_sections.strongest",
        measure=_driver_name(best, tell),
        with_it=wording.percent(best.share_satisfied, best.satisfied, tell.lang),
        without=wording.percent(best.share_dissatisfied, best.dissatisfied, tell.lang),
        n=number(best.satisfied, tell.lang),
        m=number(best.dissatisfied, tell.lang),
    )
    rated = [
        (row.share or 0.0, driver, row) for driver in sure if (row := _row(insights, driver, tell))
    ]
    if len(rated) > 1:
        _, driver, row = min(rated, key=lambda entry: entry[0])
        share = wording.share_phrase(row, tell.lang, tell.found.thresholds)
        yield tell.say("insight_sections.first", measure=_driver_name(driver, tell), share=share)


def _driver_name(driver: Driver, tell: Teller) -> str:
    return tell.names.get(driver.measure, driver.measure)


def _row(insights: Insights, driver: Driver, tell: Teller) -> EstimateRow | None:
    """How satisfied people are with the measure, where there is a figure."""
    row = tell.found.pick(office=insights.office, measure=driver.measure)
    return None if row is None or instead_of_figures(row, tell.lang) else row


def driver_table(insights: Insights, tell: Teller) -> Table:
    """Each element: performance, overall satisfaction on either side, their difference."""
    return Table(
        caption=tell.say("insight_sections.driver_caption"),
        head=tuple(tell.say(head, level=tell.level) for head in _DRIVER_HEADS),
        rows=tuple(_driver_cells(insights, driver, tell) for driver in insights.drivers),
    )


def _driver_cells(insights: Insights, driver: Driver, tell: Teller) -> tuple[str, ...]:
    row = _row(insights, driver, tell)
    rated = wording.share_phrase(row, tell.lang, tell.found.thresholds) if row else "–"
    if driver.importance is None:
        return (
            _driver_name(driver, tell),
            rated,
            "–",
            "–",
            tell.say("insight_sections.few", n=MINIMUM_SIDE),
        )
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
    return f"{number(n, tell.lang)} {tell.say('insight_sections.driver_people.people')}"


_RELIABILITY_HEADS: Final[tuple[str, ...]] = (
    "insight_sections.reliability_heads.questionnaire",
    "insight_sections.reliability_heads.part",
    "insight_sections.reliability_heads.questions",
    "insight_sections.reliability_heads.complete_sheets",
    "insight_sections.reliability_heads.alpha_interval",
    "common.remark",
)


def reliability_section(insights: Insights, tell: Teller) -> ReportSection | None:
    """Alpha of every questionnaire and element with several questions; None without any."""
    rows = [row for row in insights.reliability if row.n or row.missing is None]
    if not rows:
        return None
    basis = (tell.say("insight_sections.reliability_basis"),)
    return ReportSection(
        "reliability",
        tell.say("insight_sections.reliability_title"),
        _reliability_sentences(rows, tell),
        (_reliability_table(rows, tell),),
        basis,
    )


def _reliability_sentences(rows: Sequence[Reliability], tell: Teller) -> tuple[str, ...]:
    """Whether each questionnaire's index has a right to be one number."""
    return tuple(
        tell.say(
            "insight_sections.sums" if row.remark == "together" else "insight_sections.unsure",
            questionnaire=row.questionnaire,
            items=row.items,
        )
        for row in rows
        if row.measure == INDEX
    )


def _reliability_table(rows: Sequence[Reliability], tell: Teller) -> Table:
    return Table(
        caption=tell.say("insight_sections.reliability_caption"),
        head=tuple(tell.say(head, level=tell.level) for head in _RELIABILITY_HEADS),
        rows=tuple(_reliability_cells(row, tell) for row in rows),
        words=frozenset({1, 5}),
    )


def _reliability_cells(row: Reliability, tell: Teller) -> tuple[str, ...]:
    said = wording.measure_title(row.measure, tell.lang)
    part = tell.names.get(row.measure, said)
    counts = (number(row.items, tell.lang), number(row.n, tell.lang))
    remark = tell.say(f"insight_sections.remarks.{row.remark}", n=MINIMUM_SHEETS)
    if row.alpha is None or row.interval is None:
        return row.questionnaire, part, *counts, "–", remark
    alpha, low, high = (
        number(value, tell.lang, 2) for value in (row.alpha, row.interval.low, row.interval.high)
    )
    return row.questionnaire, part, *counts, f"{alpha} ({low} – {high})", remark


_SCREENING_HEADS: Final[tuple[str, ...]] = (
    "common.sector",
    "insight_sections.screening_heads.all_answers",
    "insight_sections.screening_heads.without_flagged_answers",
)


def screening_section(insights: Insights, tell: Teller) -> ReportSection:
    """Flags of the office in sentences, and the shares with and without flagged answers."""
    flags = office_flags(insights)
    whole = set(insights.undated) >= set(insights.period.months)
    nothing = "insight_sections.nothing_apart" if whole else "insight_sections.nothing"
    patterns = list(_screening_sentences(flags, tell)) or [tell.say(nothing)]
    sentences = [*patterns, *marked_sentences(insights.marked, tell)]
    if insights.undated:
        listed = ", ".join(month_name(month) for month in insights.undated)
        sentences.append(tell.say("insight_sections.undated", months=listed))
    rows = insights.without
    tables = (_screening_table(rows, tell),) if rows else ()
    for row in rows:
        shares = {
            "all": _share(row.share, row.n, tell),
            "without": _share(row.share_without, row.n_without, tell),
        }
        sentences.append(tell.say("insight_sections.different", **shares))
    risk = tell.say("insight_sections.risk", risk=risk_of(tell.found.level, tell.lang))
    basis = (tell.say("insight_sections.no_blame"), risk) if flags or tables else (risk,)
    title = tell.say("insight_sections.screening_title")
    return ReportSection("screening", title, tuple(sentences), tables, basis)


def _screening_sentences(flags: list[Flag], tell: Teller) -> Iterator[str]:
    """The most improbable flags of each rule, and how many more there are."""
    for found, more in told(flags):
        yield from (flag_sentence(flag, tell) for flag in found)
        if more:
            yield more_sentence(more, tell)


def _screening_table(rows: Sequence[Without], tell: Teller) -> Table:
    return Table(
        caption=tell.say("insight_sections.screening_caption"),
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


def look_section(insights: Insights, tell: Teller) -> ReportSection | None:
    """The newest look at overall satisfaction of each row; None where there is none."""
    rows = [
        (sector, look)
        for (office, sector), look in insights.looks.items()
        if office == insights.office and look.answered >= wording.COUNTS_ONLY_BELOW
    ]
    if not rows:
        return None
    table = Table(
        caption=tell.say("insight_sections.look_caption"),
        head=tuple(
            tell.say(head, level=tell.level)
            for head in ("common.sector", "common.answers", "insight_sections.limits")
        ),
        rows=tuple(
            (
                tell.sector(sector),
                number(look.answered, tell.lang),
                wording.interval_phrase(
                    look.running_low, look.running_high, look.answered, tell.lang
                ),
            )
            for sector, look in rows
        ),
        strong=frozenset(n for n, (sector, _) in enumerate(rows) if sector == ALL),
    )
    title, said = tell.say("insight_sections.look_title"), tell.say("insight_sections.said")
    return ReportSection("looks", title, (said,), (table,))
