"""The fourth verb: the chart of what was found.

Owns which chart belongs to which result, and where it is written. Drawn by `analysis.charts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from analysis.charts.plots import Chart, chart, month_chart
from analysis.design.scopes import ALL
from analysis.problems import Problem, Refusal, either, said
from analysis.road.estimates import Estimates
from analysis.road.months import Months
from analysis.road.verdicts import Verdicts
from analysis.road.writing import write_whole

_FORMATS: Final = ("svg", "png", "pdf")


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
        A file of another kind, or one that cannot be written.
    ValueError
        An office or measure that is not there.

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
    form = None if file is None else _form(Path(file))
    estimates = found.estimates if isinstance(found, Verdicts) else found
    options = estimates.data.telling(lang) | {"measure": measure, "office": office}
    options |= {"simulated": estimates.data.simulated, "font_files": font_files}
    if sector is not None:
        options["sector"] = sector
    shown = _chart(estimates, options)
    if file is not None and form is not None:
        write_whole(Path(file), shown.file(form))
    return shown


def _chart(found: Estimates | Months, options: dict[str, Any]) -> Chart:
    if isinstance(found, Months):
        return month_chart([month.document for month in found.months], **options)
    if "sector" in options:
        raise ValueError("sector is for months; a chart of a period has a row for each sector")
    return chart(found.document, **options)


def _form(file: Path) -> Any:
    form = file.suffix.lower().removeprefix(".")
    if form not in _FORMATS:
        what = said("asked.chart_form", form=file.suffix)
        remedy = said("asked.name_it", forms=either(".svg", ".png", ".pdf"))
        raise Refusal([Problem(str(file), said("place.file"), what, remedy)])
    return form
