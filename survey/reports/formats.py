"""The formats of a report, and what writes each of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final, Literal, get_args

from survey.reports.parts import Report

ReportFormat = Literal["docx", "pdf", "xlsx", "html", "json"]
FORMATS: Final[tuple[ReportFormat, ...]] = get_args(ReportFormat)

FORMAT: Final = "hailong.report/1"


def write_report(report: Report, form: ReportFormat) -> bytes:
    """The file of a report; equal reports give equal bytes. Raises HailongError."""
    if form == "docx":
        from survey.reports.word import word

        return word(report)
    if form == "pdf":
        from survey.reports.pdf import pdf

        return pdf(report)
    if form == "xlsx":
        from survey.reports.sheet import sheet

        return sheet(report)
    if form == "html":
        from survey.reports.page import page

        return page(report)
    return _json(report)


def _json(report: Report) -> bytes:
    """The verdict document (docs/data-layouts.md) with what stands beside it in the report."""
    found = {
        "format": FORMAT,
        "title": report.title,
        "agency": report.letterhead.agency,
        "office": report.office,
        **({"total_of": report.total_of} if report.total_of else {}),
        "lang": report.lang,
        "revision": None if report.revision is None else asdict(report.revision),
        "beside": asdict(report.beside),
        "verdicts": report.document.as_json(),
    }
    return (json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")
