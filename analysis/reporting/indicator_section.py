"""The section on the one-stop desk's nine indicators; beside the survey, never in it.

Owns its sentences and table. Figures are those of the document's `indicators`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from analysis.indicator_rows import IndicatorRow, IndicatorTotal
from analysis.period import month_name
from analysis.reporting.section import ReportSection
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.statistics.points import NINE
from analysis.strata.survey import ALL
from analysis.words import number
from questionnaires.layout import POINTS

HEADS: Final = ("indicator", *POINTS, "score")


def indicator_section(tell: Teller, office: str = ALL) -> ReportSection | None:
    """What an office entered of the nine indicators; None where it entered nothing."""
    found = tell.found.indicators
    totals = () if found is None else tuple(one for one in found.totals if one.office == office)
    if found is None or not totals:
        return None
    rows = {row.indicator: row for row in found.rows if row.office == office}
    return ReportSection(
        "indicators",
        tell.say("sections.titles.indicators"),
        tuple(_sentences([*rows.values()], totals[0], tell)),
        (_table(rows, totals[0], tell),),
        (tell.say("indicators.formula"), tell.say("indicators.source")),
    )


def _sentences(rows: list[IndicatorRow], total: IndicatorTotal, tell: Teller) -> Iterator[str]:
    yield tell.say("indicators.what")
    if total.offices > 1:
        yield tell.say("indicators.several", offices=total.offices)
    points = {"total": number(total.total, tell.lang, 1), "most": total.most}
    yield tell.say("indicators.total", **points, assessed=total.assessed, all=len(NINE))
    if total.word != "period":
        yield tell.say("indicators.class", word=tell.say(f"indicators.words.{total.word}"))
    yield from _lowest(rows, tell)
    every = tell.found.period.months
    if len(every) > 1:
        yield tell.say("indicators.months", months=_listed(map(month_name, total.months)))
    missing = [month for month in every if month not in total.months]
    if missing:
        yield tell.say("indicators.missing", months=_listed(map(month_name, missing)))
    assessed = {row.indicator for row in rows}
    without = [one for one in NINE if one not in assessed]
    if without:
        yield tell.say("indicators.without", indicators=_listed(map(str, without)))
    fewer = [row.indicator for row in rows if row.months != total.months]
    if fewer:
        yield tell.say("indicators.fewer", indicators=_listed(map(str, fewer)))


def _lowest(rows: list[IndicatorRow], tell: Teller) -> Iterator[str]:
    """Where points are lost most; nothing where all indicators score alike."""
    least = min(row.score for row in rows)
    found = [row.indicator for row in rows if row.score == least]
    if len(found) < len(rows):
        names = "; ".join(_named(one, tell) for one in found)
        yield tell.say("indicators.lowest", names=names, score=number(least, tell.lang, 1))


def _named(indicator: int, tell: Teller) -> str:
    """Its number and its short name."""
    name = tell.say(f"indicators.names.{indicator}")
    return tell.say("indicators.row", indicator=indicator, name=name)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _table(rows: dict[int, IndicatorRow], total: IndicatorTotal, tell: Teller) -> Table:
    last = (tell.say("indicators.sum"), "", "", "", number(total.total, tell.lang, 1))
    return Table(
        caption=tell.say("indicators.caption"),
        head=tuple(tell.say(f"indicators.heads.{name}") for name in HEADS),
        rows=(*(_line(one, rows.get(one), tell) for one in NINE), last),
        strong=frozenset({len(NINE)}),
    )


def _line(indicator: int, row: IndicatorRow | None, tell: Teller) -> tuple[str, ...]:
    name = _named(indicator, tell)
    if row is None:
        return (name, *("–" for _ in HEADS[1:]))
    files = (number(count, tell.lang) for count in row.files)
    return (name, *files, number(row.score, tell.lang, 1))
