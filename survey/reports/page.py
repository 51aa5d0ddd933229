"""A report as a page of HTML that needs no other file and no network.

Looks as every report of the analysis does: its style sheet, tables and charts.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import escape

from analysis.reporting.chart import shown_chart
from analysis.reporting.render import html
from analysis.reporting.render import page as whole_page
from survey.reports.charts import LETTERS
from survey.reports.parts import Drawing, Heading, Items, Paragraph, Part, Report


def page(report: Report) -> bytes:
    """The report as HTML; equal reports give equal bytes."""
    body = "\n".join(_lines(report))
    return whole_page(body, title=report.title, lang=report.lang).encode("utf-8")


def _lines(report: Report) -> Iterator[str]:
    frame, letterhead = report.frame, report.letterhead
    if letterhead.above:
        yield f"<p>{escape(letterhead.above)}</p>"
    yield f'<p class="office">{escape(letterhead.agency)}</p>'
    yield f"<h1>{escape(frame.kind)}: {escape(frame.subject)}</h1>"
    for warning in report.warnings:
        yield f'<p class="simulated">{escape(warning)}</p>'
    yield from (_html(part, report) for part in report.body)
    for appendix in report.appendices:
        yield f"<h2>{escape(appendix.label)}. {escape(appendix.title)}</h2>"
        yield from (_html(part, report) for part in appendix.parts)


def _html(part: Part, report: Report) -> str:
    if isinstance(part, Heading):
        return f"<h{part.level + 1}>{escape(part.text)}</h{part.level + 1}>"
    if isinstance(part, Paragraph):
        kind = ' class="note"' if part.note else ""
        return f"<p{kind}>{escape(part.text)}</p>"
    if isinstance(part, Items):
        lines = "".join(f"<li>{escape(line)}</li>" for line in part.lines)
        return f"<ul>{lines}</ul>"
    if isinstance(part, Drawing):
        simulated = report.document.simulated
        return shown_chart(part.shown, simulated, LETTERS)._repr_html_()
    return html("table", part)
