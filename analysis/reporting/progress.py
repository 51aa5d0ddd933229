"""Where a running period stands, row by row: what came, the limits of today, what is still needed.

For the office itself, which looks every day: the limits hold at every look. Every figure is the
document's or that of its looks, every phrase `wording`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from analysis.document import Document, EstimateRow, VerdictRow
from analysis.insights.insights import Insights
from analysis.reporting import wording
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.wording import Names, section_of, sector_rows, told_verdicts
from analysis.statistics.sequential import Look
from analysis.targets import Targets
from analysis.words import number


def progress_table(
    document: Document,
    insights: Insights,
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> Table | None:
    """Answers, dossiers and limits so far, and for each deadline what would settle its verdict.

    The total comes first, then groups and sectors. None of a period that is over, and of a
    published document. Arguments as for `sector_table`; `insights` are those of the office.
    """
    if document.status != "running" or document.view != "full":
        return None
    tell, office = Teller.of(document, names, targets, lang), insights.office
    rows = sorted(sector_rows(document, office, "overall"), key=_place)
    verdicts = told_verdicts(document, office)
    deadlines = sorted({verdict.deadline for verdict in verdicts})
    looks = {sector: look for (place, sector), look in insights.looks.items() if place == office}
    heads = [tell.say(f"progress.{head}") for head in ("came", "dossiers")]
    limits = tell.say("insight_sections.limits", level=tell.level)
    years = [tell.say("progress.target", year=year) for year in deadlines]
    return Table(
        caption=tell.say("progress.caption"),
        head=(tell.say("common.sector"), *heads, limits, *years),
        rows=tuple(
            (
                tell.sector(row.sector) + tell.beside(row),
                number(row.received, lang),
                _dossiers(tell, row),
                _limits(tell, row, looks),
                *(_needed(tell, row, verdicts, year) for year in deadlines),
            )
            for row in rows
        ),
        notes=(f"{tell.say('wording.reasons.running')}.", tell.say("insight_sections.said")),
        strong=frozenset(
            place for place, row in enumerate(rows) if section_of(row.sector) in ("group", "total")
        ),
        words=frozenset(range(4, 4 + len(deadlines))),
        empty=tell.say("tables.result_empty"),
    )


_FIRST: Final = ("total", "group", "sector", "general")


def _place(row: EstimateRow) -> int:
    return _FIRST.index(section_of(row.sector))


def _dossiers(tell: Teller, row: EstimateRow) -> str:
    if row.population is None:
        return tell.say("progress.no_dossiers")
    return number(row.population, tell.lang)


def _limits(tell: Teller, row: EstimateRow, looks: Mapping[str, Look]) -> str:
    """Those of every look; none of few answers, nor beside the first questionnaires."""
    look = None if tell.beside(row) else looks.get(row.sector)
    if look is None or look.answered < wording.COUNTS_ONLY_BELOW:
        return "–"
    return wording.interval_phrase(look.running_low, look.running_high, look.answered, tell.lang)


def _needed(tell: Teller, row: EstimateRow, verdicts: Sequence[VerdictRow], year: int) -> str:
    """The verdict on each target of a deadline, and how many more answers would settle it."""
    own = [
        verdict
        for verdict in verdicts
        if verdict.deadline == year and tell.found.row_of(verdict) is row
    ]
    if not own:  # the row counts in a wider target alone
        return ""
    if not row.n:
        return tell.say("progress.too_few" if row.received else "wording.no_answers")
    return " ".join(_verdict(tell, row, verdict) for verdict in own)


def _verdict(tell: Teller, row: EstimateRow, verdict: VerdictRow) -> str:
    aim = wording.threshold(verdict.threshold, tell.lang)
    word = wording.verdict_word(verdict, tell.lang)
    needed = wording.settle_phrase(verdict, row, tell.lang, running=True)
    return " ".join(f"{line}." for line in (f"{aim}: {word}", needed) if line)
