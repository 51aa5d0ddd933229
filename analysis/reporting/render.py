"""A verdict document as plain text, and the frame of a page that needs no other file or network.

Owns the arrangement on a terminal and the page's frame and style. Words and rounding are those of
`wording`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from analysis.document import Document, EstimateRow
from analysis.period import Period
from analysis.reporting import wording
from analysis.reporting.insight_sections import reason_table
from analysis.reporting.wording import (
    Names,
    beside,
    sector_name,
    sector_rows,
    sheets,
    told_verdicts,
)
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import say

_HEADS: Final = (
    "common.sector",
    "common.satisfied",
    "common.interval",
    "common.answers_dossiers",
    "common.if_all_had_answered",
    "render.heads.mean",
)
_MARK: Final = " *"


def render_text(
    found: Document, period: Period, targets: Targets, names: Names, lang: str = "vi"
) -> str:
    """The whole text, about all offices of the document together.

    `names` gives sectors and offices their names; an id stands where it has none.
    """
    lines = [*_head(found, period, names, lang), ""]
    if not any(row.received for row in found.estimates):
        lines += [say("common.no_answers_in_this", lang), ""]
    lines += [*_verdicts(found, targets, names, lang), ""]
    main = [measure for measure in found.measures if measure in wording.MEASURES]
    for measure in main or found.measures[:2]:
        lines += [*_table(found, targets, measure, names, lang), ""]
    if found.reasons:
        lines += [*_reasons(found, targets, names, lang), ""]
    lines += [say("wording.assumptions", lang)]
    return "\n".join(lines) + "\n"


def _head(found: Document, period: Period, names: Names, lang: str) -> Iterator[str]:
    offices = found.offices
    label = period.called(lang)
    if len(offices) == 1:
        yield f"{names.get(offices[0], offices[0])} – {label}"
    else:
        every = say("render.every", lang, n=len(offices))
        yield f"{every} – {label}" + (f" ({say('render.one_office', lang)})" if offices else "")
    yield say(f"wording.status.{found.status}", lang)
    if found.status == "running":
        came = wording.answers(sum(sheets(found, ALL, "received")), lang)
        yield say("render.received", lang, came=came)
    if found.view == "full":
        yield say("wording.internal", lang)


def _verdicts(found: Document, targets: Targets, names: Names, lang: str) -> Iterator[str]:
    title = None
    running, required = found.status == "running", found.required_coverage
    for target in targets.target:
        if target.title != title:
            title = target.title
            yield title.get(lang)
        for verdict in told_verdicts(found, ALL):
            if verdict.target != target.id:
                continue
            row = found.row_of(verdict)
            each = not target.pool and verdict.sector != "general"
            where = f", {sector_name(verdict.sector, targets, names, lang)}" if each else ""
            where += beside(found, verdict.questionnaires)
            said = wording.verdict_sentence(verdict, row, lang, running=running, required=required)
            yield f"  {target.deadline}{where}: {said}"
            covered = row and wording.coverage_phrase(row, found.period, lang)
            if covered:
                yield f"    {covered}."
            note = wording.note_of(verdict, lang, names)
            if note:
                yield f"    {note}"


def _table(
    found: Document, targets: Targets, measure: str, names: Names, lang: str
) -> Iterator[str]:
    shown = [
        (sector_name(row.sector, targets, names, lang) + beside(found, row.questionnaires), row)
        for row in sector_rows(found, ALL, measure)
    ]
    if not shown:
        return
    yield wording.measure_title(measure, lang)
    level = wording.threshold(found.level, lang)
    head = [say(pair, lang, level=level) for pair in _HEADS]
    cells = [_cells(name, row, lang) for name, row in shown]
    yield from _aligned([head, *cells])
    if any(wording.unreliable(row) for _, row in shown):
        yield say("render.unreliable", lang)
    if any(wording.withheld_phrase(row) for _, row in shown):
        yield say("wording.withheld_why", lang, minimum=found.minimum)
    for name, row in shown:
        note = wording.note_of(row, lang, names)
        if note:
            yield f"{name}: {note}"


def _reasons(found: Document, targets: Targets, names: Names, lang: str) -> Iterator[str]:
    """What went wrong, by sector."""
    table = reason_table(found, names=names, targets=targets, lang=lang)
    yield table.caption
    yield from _aligned([table.head, *table.rows])


def _cells(name: str, row: EstimateRow, lang: str) -> list[str]:
    mark = _MARK if wording.unreliable(row) else ""
    n = row.respondents
    hidden = wording.withheld_phrase(row, lang)
    few = n < wording.COUNTS_ONLY_BELOW
    return [
        name,
        hidden or wording.share_phrase(row, lang) + mark,
        "–" if few else wording.interval_phrase(row.low, row.high, n, lang),
        wording.rate_phrase(row, lang),
        "–" if few else wording.interval_phrase(row.silent_low, row.silent_high, n, lang),
        wording.mean_phrase(row, lang),
    ]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in widths)


def page(body: str, *, title: str, lang: str = "vi") -> str:
    """HTML around `body`, which is HTML already; title and language are escaped here."""
    folder = files("analysis") / "data" / "page"
    frame = Template((folder / "page.html").read_text(encoding="utf-8"))
    style = (folder / "page.css").read_text(encoding="utf-8")
    return frame.substitute(lang=escape(lang), title=escape(title), style=style, body=body)
