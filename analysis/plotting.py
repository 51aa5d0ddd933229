"""The fourth verb: a picture of what was found, on a page of its own or on axes of one's own.

Owns which pictures belong to which result, what may be asked of each, and their files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, overload

from analysis.arguments import checked, fraction, of_kind, one_of, refused
from analysis.beside import Drivers, Reliabilities, Screening, drivers, reliability, screening
from analysis.details import count_scores, score_counts
from analysis.differences import Differences
from analysis.errors import Problem, Refusal, either, said
from analysis.files import write_whole
from analysis.judging import Verdicts
from analysis.listing import is_simulated
from analysis.months import Months
from analysis.reporting.chart import Chart, Shown, draw_on, shown_chart
from analysis.reporting.difference_chart import difference_chart
from analysis.reporting.heat_map import heat_map
from analysis.reporting.importance_map import importance_map
from analysis.reporting.marks import Span
from analysis.reporting.month_panels import MonthPanels, month_panels
from analysis.reporting.pictures import Sort, month_picture, picture
from analysis.reporting.reliability_chart import reliability_chart
from analysis.reporting.score_bars import STEPS, score_bars
from analysis.reporting.screening_chart import screening_chart
from analysis.reporting.teller import Teller
from analysis.reporting.wording import section_of
from analysis.results import Estimates
from analysis.strata.survey import ALL
from analysis.trends import Trends
from questionnaires import OVERALL, Questionnaire

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OfTheOffice = Drivers | Reliabilities | Screening
"""What stands beside the verdicts, with a picture of its own."""

Plotted = Estimates | Verdicts | Months | Trends | Differences | OfTheOffice
Kind = Literal[
    "sectors",
    "elements",
    "importance",
    "steps",
    "reliability",
    "screening",
    "months",
    "panels",
    "differences",
]

_FORMATS: Final = ("svg", "png", "pdf")
_OF_A_PERIOD: Final[tuple[Kind, ...]] = (
    *("sectors", "elements", "importance", "steps"),
    *("reliability", "screening"),
)
_INTERNAL: Final[tuple[Kind, ...]] = ("importance", "steps", "reliability", "screening")
"""Pictures of more than the published tables hold: of the working view alone."""

_ASKED: Final[Mapping[Kind, frozenset[str]]] = {
    "sectors": frozenset({"office", "measure", "sort", "xlim"}),
    "elements": frozenset({"office"}),
    "importance": frozenset({"office"}),
    "steps": frozenset({"office"}),
    "reliability": frozenset({"office"}),
    "screening": frozenset({"office"}),
    "months": frozenset({"office", "sector", "measure", "xlim"}),
    "panels": frozenset({"sector"}),
    "differences": frozenset(),
}
"""What may be asked of each picture."""


@overload
def plot(
    found: Plotted,
    file: str | Path | None = None,
    *,
    kind: str | None = None,
    measure: str | None = None,
    office: str | None = None,
    sector: str | None = None,
    sort: Sort | None = None,
    xlim: Span | None = None,
    ax: None = None,
    lang: str | None = None,
    published: bool = False,
    font_files: Sequence[str | Path] = (),
) -> Chart: ...


@overload
def plot(
    found: Plotted,
    file: None = None,
    *,
    kind: str | None = None,
    measure: str | None = None,
    office: str | None = None,
    sector: str | None = None,
    sort: Sort | None = None,
    xlim: Span | None = None,
    ax: Axes,
    lang: str | None = None,
    published: bool = False,
    font_files: Sequence[str | Path] = (),
) -> Axes: ...


@checked
def plot(  # noqa: PLR0913  each says one thing about the picture
    found: Plotted,
    file: str | Path | None = None,
    *,
    kind: str | None = None,
    measure: str | None = None,
    office: str | None = None,
    sector: str | None = None,
    sort: Sort | None = None,
    xlim: Span | None = None,
    ax: Axes | None = None,
    lang: str | None = None,
    published: bool = False,
    font_files: Sequence[str | Path] = (),
) -> Chart | Axes:
    """Draw what was found; the title says the finding, and `words` all of it.

    Parameters
    ----------
    found
        From `analysis.estimate` or `judge`: a row per sector with share, interval and targets, or
        another `kind`. From `by_month`: a row per month. From `trend`: twelve months of each
        sector as small panels with control limits. From `since` or `between`: differences around
        zero. From `drivers`: importance against performance. From `reliability`: alpha of each
        part. From `screening`: answers seen against those usual.
    file
        Also written here: .svg, .png or .pdf, for a page.
    kind
        Of a period: "sectors" (where left out), "elements" (by sector, as a map of numbers),
        "importance" (against performance), "steps" (the five steps of the answers), "reliability"
        (whether the questions hold together), "screening" (what is worth a second look).
    measure, office, sector
        Whose figures; sector of months alone.
    sort
        Of sectors: "given", "share" (the lowest first), "answers" (the most first).
    xlim
        First and last share of the axis of rows, for example (0.5, 1); what is beyond is cut, a
        share beyond it an arrow. `Chart.xlim` is the one that another chart has.
    ax
        Matplotlib axes of one's own to draw upon, row 0 on top; then they are returned, and
        neither size nor fonts of their figure are changed. A figure made with
        layout="constrained" makes room for names and title; 5 × 3 inches for each chart at least.
    lang
        "vi" or "en"; that of the data where left out.
    published
        Only what may be published, as of `found.published()`; what was given where left out.
    font_files
        A regular and a bold TrueType file; DejaVu Sans where left out.

    Returns
    -------
    Chart or matplotlib.axes.Axes
        A chart shows itself in a notebook, for page and phone; `words` says it to those who cannot
        see, `figure` and `axes` are matplotlib's, to be annotated.

    Raises
    ------
    Refusal
        A file of another kind, or one that cannot be written; a choice that is not of this picture;
        importance, steps, reliability or screening of published figures; published of what never
        leaves; an office or measure that is not there; axes too small for the rows.

    Notes
    -----
    Of the figures as they are given; of published ones, what is withheld is shown
    as such. Equal figures give equal files, byte for byte.

    Examples
    --------
    >>> import analysis
    >>> data = analysis.read(RESPONSES, POPULATION, lang="en")
    >>> found = analysis.estimate(data, "2026-10")
    >>> shown = analysis.plot(found, sort="share")
    >>> "land" in shown.words, shown.xlim
    (True, (0.2, 1.0))
    >>> analysis.plot(found, kind="steps").words.split(".")[0]
    '72% very satisfied, 28% dissatisfied, of 90 answers'
    >>> data.close()
    """
    of_kind("found", found, get_args(Plotted), _WHENCE)
    form = None if file is None else _form(Path(file))
    asked = {"measure": measure, "office": office, "sector": sector, "sort": sort, "xlim": xlim}
    wanted = {key: value for key, value in asked.items() if value is not None}
    shown = arranged(_leaving(found) if published else found, kind=kind, lang=lang, **wanted)
    span, simulated = _span(xlim), is_simulated(found)
    if ax is not None:
        _check_axes(ax, shown)
        return draw_on(ax, shown, simulated=simulated, xlim=span)
    made = shown_chart(shown, simulated, font_files, span)
    if file is not None and form is not None:
        write_whole(Path(file), made.file(form))
    return made


_WHENCE: Final = "analysis.estimate(…)"


def _check_axes(ax: object, shown: Shown) -> None:
    """Refuse what is no axes, and axes upon which letters would lie on each other."""
    from matplotlib.axes import Axes

    from analysis.reporting.sheet import NARROWEST, SHORTEST, cell_of, rows_held

    of_kind("ax", ax, Axes, "matplotlib.figure.Figure().subplots()")
    assert isinstance(ax, Axes)  # noqa: S101  just looked at
    if isinstance(shown, MonthPanels) and len(shown.panels) != 1:
        raise refused("sector", None, said("plot.one_panel"), said("plot.give_sector"))
    wide, high = cell_of(ax)
    rows, held = len(getattr(shown, "rows", ())), rows_held(ax, shown)
    if wide < NARROWEST or high < SHORTEST or rows > held:
        least = max(high, SHORTEST) + max(0, rows - held) * _ROW
        needed = {"wide": f"{max(wide, NARROWEST):g}", "high": f"{math.ceil(2 * least) / 2:g}"}
        told = said("plot.too_small", wide=NARROWEST, high=SHORTEST)
        raise refused("ax", f"{wide:g} × {high:g}", told, said("plot.make_larger", **needed))


_ROW: Final = 0.2
"""Inches that one row more takes at least."""


def _leaving(found: Plotted) -> Plotted:
    """What may be published of a result; Refusal where nothing of it ever is."""
    if isinstance(found, Estimates | Verdicts | Months):
        return found.published()
    if found.estimates.document.view == "full":
        raise refused("published", True, said("plot.stays"), said("plot.publish_first"))
    return found


def arranged(
    found: Plotted, *, kind: str | None = None, lang: str | None = None, **wanted: Any
) -> Shown:
    """What a chart of a result shows, before it is drawn; refusals as for `plot`."""
    chosen = _kind(found, kind)
    for name, value in wanted.items():
        if name not in _ASKED[chosen] or isinstance(found, OfTheOffice):
            what = said("plot.not_of", kind=chosen)
            raise refused(name, value, what, said("plot.leave_out"))
    wanted.pop("xlim", None)
    match found:
        case Months():
            documents = [month.document for month in found.months]
            return month_picture(documents, **found.data.labels(lang), **found.ids(**wanted))
        case Trends():
            given = found.estimates.data.labels(lang)
            document, rows = found.estimates.document, found.rows
            if "sector" in wanted:
                wanted["sector"] = found.sector(wanted["sector"])
            return month_panels(document, rows, dispersion=found.dispersion, **given, **wanted)
        case Differences():
            return difference_chart(
                found.estimates.document, found.rows, **found.estimates.data.labels(lang)
            )
        case Drivers() | Reliabilities() | Screening():
            return _beside(found, lang)
    estimates = found.estimates if isinstance(found, Verdicts) else found
    return _of_period(estimates, chosen, lang, wanted)


def _kind(found: Plotted, kind: str | None) -> Kind:
    """The picture that is meant: the result has one alone, or it is named."""
    own: Kind | None = None
    match found:
        case Months():
            own = "months"
        case Trends():
            own = "panels"
        case Differences():
            own = "differences"
        case Drivers():
            own = "importance"
        case Reliabilities():
            own = "reliability"
        case Screening():
            own = "screening"
    known = _OF_A_PERIOD if own is None else (own,)
    if kind is not None:
        one_of("kind", kind, known)
    return next(each for each in known if kind in (None, each))


def _of_period(found: Estimates, kind: Kind, lang: str | None, wanted: Mapping[str, Any]) -> Shown:
    document, given = found.document, found.data.labels(lang)
    if kind in _INTERNAL and document.view != "full":
        what, remedy = said("plot.internal"), said("plot.of_estimates")
        raise refused("kind", kind, what, remedy)
    named = {key: wanted[key] for key in ("office", "measure") if key in wanted}
    wanted = {**wanted, **found.ids(**named)}
    if kind == "sectors":
        return picture(document, **given, **wanted)
    office = wanted.get("office", ALL)
    found.pick(office=office, measure=document.measures[0] if document.measures else "overall")
    if kind == "elements":
        return heat_map(document, office=office, **given)
    if kind in _BESIDE:
        return _beside(_BESIDE[kind](found, office=office), lang)
    labels = _step_labels(found, given["lang"])
    return score_bars(document, _counts(found, office), labels, office=office, **given)


_BESIDE: Final[Mapping[Kind, Callable[..., OfTheOffice]]] = {
    "importance": drivers,
    "reliability": reliability,
    "screening": screening,
}


def _beside(found: OfTheOffice, lang: str | None) -> Shown:
    document, insights = found.estimates.document, found.insights
    given = found.estimates.data.labels(lang)
    whose: Any = {"office": insights.office, "names": given["names"], "lang": given["lang"]}
    match found:
        case Drivers():
            return importance_map(document, insights.drivers, **whose)
        case Reliabilities():
            return reliability_chart(document, insights.reliability, **whose)
    return screening_chart(insights, Teller.of(document, **given))


def _counts(found: Estimates, office: str) -> dict[str, list[int]]:
    """Sector -> people who gave the overall question 1 to 5, of questionnaires with five steps."""
    document, asked = found.document, found.asked
    rows = [
        row
        for row in found
        if row[:1] + row[2:4] == (office, OVERALL, ALL)
        and section_of(row.sector) == "sector"
        and row.scale == STEPS
    ]
    scores = found.scores or count_scores(
        found.data.opened(), document, asked.only, asked.flagged
    )  # of a month by itself they were not read
    counts: dict[str, list[int]] = {}
    for row, steps in zip(rows, score_counts(document, rows, scores), strict=True):
        known = counts.setdefault(row.sector, [0] * STEPS)
        counts[row.sector] = [a + b for a, b in zip(known, steps, strict=True)] if steps else known
    return counts


def _step_labels(found: Estimates, lang: str) -> list[str]:
    """What the five steps are called: by a questionnaire that was answered, else by any."""
    answered = found.data.responses.answers
    known = sorted(found.data.questionnaires.values(), key=lambda q: q.key not in answered)
    return next(_labels(q, lang) for q in known if q.scale.size == STEPS)


def _labels(questionnaire: Questionnaire, lang: str) -> list[str]:
    return [label.get(lang) for label in questionnaire.scale.labels]


def _span(xlim: Span | None) -> Span | None:
    if xlim is None:
        return None
    try:
        start, end = xlim
    except (TypeError, ValueError):
        raise refused("xlim", xlim, said("plot.no_span"), said("plot.write_span")) from None
    span = tuple(float(fraction("xlim", one, closed=True)) for one in (start, end))
    if span[0] >= span[1]:
        raise refused("xlim", xlim, said("plot.no_span"), said("plot.write_span"))
    return span[0], span[1]


def _form(file: Path) -> Any:
    form = file.suffix.lower().removeprefix(".")
    if form not in _FORMATS:
        what = said("asked.chart_form", form=file.suffix)
        remedy = said("asked.name_it", forms=either(".svg", ".png", ".pdf"))
        raise Refusal([Problem(str(file), said("place.file"), what, remedy)])
    return form
