"""The fifth verb: a report of what was found, to read, print or send.

Owns what a report holds and in which order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from analysis.arguments import checked, of_kind
from analysis.errors import Problem, Refusal, either, said
from analysis.files import write_whole
from analysis.judging import Verdicts
from analysis.months import Months
from analysis.plotting import arranged
from analysis.reporting.chart import shown_chart
from analysis.reporting.marks import axis, shared
from analysis.reporting.pictures import Picture
from analysis.reporting.render import html, page
from analysis.reporting.workbook import Figures, workbook
from analysis.results import Estimates
from analysis.words import say

FontFiles = Sequence[str | Path]


@checked
def report(
    found: Estimates | Verdicts,
    file: str | Path,
    *,
    lang: str | None = None,
    published: bool = False,
    font_files: FontFiles = (),
) -> Path:
    """Write what was found as a file: every figure, marked as internal, unless it was published.

    Parameters
    ----------
    found
        From `analysis.estimate` or `judge`; `found.published()` for a file to be published. The
        data must be open for .html and .xlsx, unless one was written before.
    file
        .html: a page that needs no other file and no network, with verdicts, charts, tables and
        what they rest on; .xlsx: the same text and tables on sheets, and every figure as a number;
        .json: the verdict document, to go on computing with.
    lang
        "vi" or "en"; that of the data where left out. JSON has no language.
    published
        Only what may be published, as of `found.published()`; what was given where left out.
    font_files
        A regular and a bold TrueType file for the charts; DejaVu Sans where left out.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    Refusal
        A file of another kind, or one that cannot be written; an older one is then kept.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION)
    >>> found = analysis.estimate(data, "2026-10")
    >>> analysis.report(found, FOLDER / "thang-10.html").name
    'thang-10.html'
    >>> analysis.report(found, "thang-10.docx")
    Traceback (most recent call last):
    ...
    analysis.errors.Refusal: thang-10.docx, file: a report is not written as '.docx'; \
name it .html, .xlsx or .json
    >>> data.close()
    """
    of_kind("found", found, (Estimates, Verdicts), "analysis.estimate(…)")
    path = Path(file)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        what = said("asked.report_form", form=path.suffix)
        remedy = said("asked.name_it", forms=either(*_WRITERS))
        raise Refusal([Problem(str(path), said("place.file"), what, remedy)])
    verdicts = found if isinstance(found, Verdicts) else Verdicts(found)
    if published:
        verdicts = verdicts.published()
    write_whole(path, write(verdicts, lang, font_files))
    return path


def _json(verdicts: Verdicts, _lang: str | None, _font_files: FontFiles) -> bytes:
    found = verdicts.estimates
    text = json.dumps(found.document.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def _months(found: Estimates) -> Months:
    """The twelve months up to the end of the period, in the view of the figures."""
    months = found.by_month()
    return months.published() if found.document.view == "published" else months


def _xlsx(verdicts: Verdicts, lang: str | None, _font_files: FontFiles) -> bytes:
    found = verdicts.estimates
    lang = lang or found.data.lang
    months = _months(found)
    figures = [
        Figures(say(f"workbook.{title}", lang), result.to_frame(full=True), heads)
        for title, result in (("figures", found), ("verdicts", verdicts), ("months", months))
        for heads in [list(result.to_frame(lang, full=True).columns)]
    ]
    return workbook(found.head(lang), found.sections(lang=lang, months=months), figures, lang)


def _html(verdicts: Verdicts, lang: str | None, font_files: FontFiles) -> bytes:
    found = verdicts.estimates
    lang = lang or found.data.lang
    months = _months(found)
    charts = _charts({"sectors": found, "months": months}, lang, font_files)
    head = found.head(lang)
    body = html("report", head, found.sections(lang=lang, months=months), charts)
    title = " – ".join(filter(None, (head.title, head.office)))
    return page(body, title=title, lang=lang).encode()


def _charts(
    results: Mapping[str, Estimates | Months], lang: str, font_files: FontFiles
) -> dict[str, str]:
    """A chart of each result, all on one axis."""
    shown = {
        key: (arranged(found, lang=lang), found.data.simulated) for key, found in results.items()
    }
    rows = [one.rows for one, _ in shown.values() if isinstance(one, Picture)]
    span = shared(axis(each) for each in rows)
    return {
        key: shown_chart(one, simulated, font_files, span)._repr_html_()
        for key, (one, simulated) in shown.items()
    }


_Writer = Callable[[Verdicts, str | None, FontFiles], bytes]
_WRITERS: Final[dict[str, _Writer]] = {".html": _html, ".xlsx": _xlsx, ".json": _json}
