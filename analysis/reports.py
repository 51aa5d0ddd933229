"""The fourth and fifth verb: a chart of what was found, and a report to read, print or send.

Owns which chart belongs to which result, what a report holds and in which order, and files that are
written whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from analysis.arguments import checked, of_kind, refused
from analysis.errors import Problem, Refusal, either, said
from analysis.reporting.chart import Chart, chart, month_chart
from analysis.reporting.render import html, page
from analysis.reporting.workbook import Figures, workbook
from analysis.results import Estimates, Months, Verdicts
from analysis.strata.survey import ALL
from analysis.words import say


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file at once; Refusal where it cannot be written, the old one is then kept."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, file)  # noqa: PTH105  replaces on Windows too
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        what, remedy = said("asked.unwritable", why=error.strerror), said("asked.another_folder")
        raise Refusal([Problem(str(file), said("place.file"), what, remedy)]) from error


_FORMATS: Final = ("svg", "png", "pdf")


@checked
def plot(
    found: Estimates | Verdicts | Months,
    file: str | Path | None = None,
    *,
    measure: str = "overall",
    office: str = ALL,
    sector: str | None = None,
    lang: str | None = None,
    font_files: Sequence[str | Path] = (),
) -> Chart:
    """The chart: a row per sector (or month) with share, interval, bounds and targets.

    Parameters
    ----------
    found
        From `analysis.estimate` or `judge`, or from `Estimates.by_month`.
    file
        Also written here: .svg, .png or .pdf, for a page.
    measure, office
        Of the rows drawn.
    sector
        Of months only; all together where left out.
    lang
        "vi" or "en"; that of the data where left out.
    font_files
        A regular and a bold TrueType file; DejaVu Sans where left out.

    Returns
    -------
    Chart
        Shows itself in a notebook, for page and phone; `words` says it to those who cannot see.

    Raises
    ------
    Refusal
        A file of another kind, or one that cannot be written; an office, sector or measure that is
        not there.

    Notes
    -----
    Of the figures as they are given: `found.published()` for what may leave. Equal figures give
    equal files, byte for byte.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION, lang="en")
    >>> shown = analysis.plot(analysis.estimate(data, "2026-10"))
    >>> "land" in shown.words
    True
    >>> data.close()
    """
    of_kind("found", found, (Estimates, Verdicts, Months), "analysis.estimate(…)")
    form = None if file is None else _form(Path(file))
    estimates = found.estimates if isinstance(found, Verdicts) else found
    rows = estimates.months[-1] if isinstance(estimates, Months) else estimates
    options = estimates.data.labels(lang) | rows.ids(measure=measure, office=office)
    options |= {"simulated": estimates.data.simulated, "font_files": font_files}
    if sector is not None:
        options |= rows.ids(sector=sector)
    shown = _chart(estimates, options)
    if file is not None and form is not None:
        write_whole(Path(file), shown.file(form))
    return shown


def _chart(found: Estimates | Months, options: dict[str, Any]) -> Chart:
    if isinstance(found, Months):
        return month_chart([month.document for month in found.months], **options)
    if "sector" in options:
        what = said("argument.not_of_one", of="analysis.estimate(…)")
        raise refused("sector", options["sector"], what, said("argument.leave_out"))
    return chart(found.document, **options)


def _form(file: Path) -> Any:
    form = file.suffix.lower().removeprefix(".")
    if form not in _FORMATS:
        what = said("asked.chart_form", form=file.suffix)
        remedy = said("asked.name_it", forms=either(".svg", ".png", ".pdf"))
        raise Refusal([Problem(str(file), said("place.file"), what, remedy)])
    return form


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
        From `analysis.estimate` or `judge`; the data must be open. `found.published()` for a file
        that may leave.
    file
        .html: a page that needs no other file and no network, with verdicts, charts, tables and
        what they rest on; .xlsx: the same text and tables on sheets, and every figure as a number;
        .json: the verdict document, to go on computing with.
    lang
        "vi" or "en"; that of the data where left out. JSON has no language.
    published
        Only what may leave, as of `found.published()`; what was given where left out.
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
    if published and verdicts.estimates.document.view == "full":
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
    charts = {
        key: plot(shown, lang=lang, font_files=font_files)._repr_html_()
        for key, shown in (("sectors", found), ("months", months))
    }
    head = found.head(lang)
    body = html("report", head, found.sections(lang=lang, months=months), charts)
    title = " – ".join(filter(None, (head.title, head.office)))
    return page(body, title=title, lang=lang).encode()


_Writer = Callable[[Verdicts, str | None, FontFiles], bytes]
_WRITERS: Final[dict[str, _Writer]] = {".html": _html, ".xlsx": _xlsx, ".json": _json}
