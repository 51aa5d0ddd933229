"""A report as PDF to be archived and read aloud (PDF/A-2a with PDF/UA-1), by typst.

Owns what the layout `survey/data/report/report.typ` is given. Fonts and standards are those of
`survey.typeset`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from survey.errors import HailongError
from survey.reports.charts import chart_png, chart_width
from survey.reports.letterhead import capitals
from survey.reports.parts import Drawing, Heading, Items, Paragraph, Part, Report
from survey.reports.tables import column_widths
from survey.told import sentence
from survey.typeset import NotTypeset, typeset

_LAYOUT: Final = Path(__file__).parents[1] / "data" / "report" / "report.typ"


def pdf(report: Report) -> bytes:
    """The report as PDF; equal reports give equal bytes.

    Raises HailongError where a name holds letters that the printed font does not have.
    """
    try:
        return typeset(_LAYOUT, "report", _given(report), report.made_on)
    except NotTypeset as error:
        raise HailongError(sentence("report.not_printed", why=error)) from error


def _given(report: Report) -> dict[str, Any]:
    frame, letterhead = report.frame, report.letterhead
    return {
        "lang": report.lang,
        "title": report.title,
        "author": letterhead.agency,
        "warnings": report.warnings,
        "frame": {
            "nation": frame.nation,
            "motto": frame.motto,
            "above": capitals(letterhead.above),
            "agency": capitals(letterhead.agency),
            "number": frame.number,
            "day": frame.day,
            "kind": frame.kind,
            "subject": frame.subject,
            "to": frame.to,
            "to_word": frame.to_word,
            "received": frame.received,
            "recipients": frame.recipients,
            "authority": letterhead.authority,
            "signer": letterhead.signer,
        },
        "body": [_part(part, report) for part in report.body],
        "appendices": [
            {
                "label": one.label,
                "title": one.title.upper(),
                "belongs": one.belongs,
                "parts": [_part(part, report) for part in one.parts],
            }
            for one in report.appendices
        ],
    }


def _part(part: Part, report: Report) -> dict[str, Any]:
    if isinstance(part, Heading):
        text = part.text.upper() if part.level == 1 else part.text
        return {"is": "heading", "level": part.level, "text": text}
    if isinstance(part, Paragraph):
        return {"is": "paragraph", "text": part.text, "note": part.note}
    if isinstance(part, Items):
        return {"is": "items", "lines": part.lines}
    if isinstance(part, Drawing):
        content = chart_png(part, simulated=report.document.simulated)
        return {
            "is": "drawing",
            "caption": part.caption,
            "words": part.words,
            "width": chart_width(content),
            "content": list(content),
        }
    return {
        "is": "table",
        "caption": part.caption,
        "head": part.head,
        "rows": part.rows,
        "notes": part.notes,
        "strong": sorted(part.strong),
        "words": sorted(part.words),
        "empty": part.empty,
        "widths": column_widths(part) if part.rows else [],
    }
