"""Where a scope stands on the way from its first target to its last: told, and drawn small.

Between two deadlines a plan sets no target. The straight line from one to the other is a reading of
our own: it is said to be so, no value of it is ever printed, and no verdict rests on it. Figures
are the document's.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.document import EstimateRow, VerdictRow
from analysis.period import Period
from analysis.reporting import wording
from analysis.reporting.chart import settings
from analysis.reporting.fonts import Fonts
from analysis.reporting.section import ReportSection
from analysis.reporting.sheet import FAINT_INK, INK, INTERVAL, RULE, TARGET
from analysis.reporting.table import Table
from analysis.reporting.teller import Teller
from analysis.reporting.verdicts import grouped_verdicts
from analysis.strata.survey import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = Literal["above", "below", "open"]


@dataclass(frozen=True, slots=True)
class Glide:
    """One scope: the deadlines and thresholds of its first and last target, and the period.

    `figure`: the share in words; `at`: the year of the period's end as a number, 2026.0 being the
    end of 2025; `share`, `low` and `high`: of the period; `place`: which side of the line the
    one-sided limits of its verdicts are on, "open" where the line lies between them, or while the
    period is running.
    """

    scope: str
    figure: str
    first: tuple[int, float]
    last: tuple[int, float]
    at: float
    share: float
    low: float
    high: float
    place: Place

    @property
    def line(self) -> float:
        """The share at which the straight line is at the period's end; a target beyond its ends."""
        return on_line(self.first, self.last, self.at)


def on_line(first: tuple[int, float], last: tuple[int, float], at: float) -> float:
    """The straight line between two deadlines at a time; before and after them their thresholds."""
    (start, low), (end, high) = first, last
    part = (at - start - 1) / (end - start)
    return low + (high - low) * min(max(part, 0.0), 1.0)


def glides(tell: Teller, office: str = ALL) -> list[Glide]:
    """Every scope with targets for several years and a figure that may be shown as a share."""
    found = [_glide(tell, verdicts) for _, verdicts in grouped_verdicts(tell, office)]
    return [one for one in found if one is not None]


def _glide(tell: Teller, verdicts: Sequence[VerdictRow]) -> Glide | None:
    row = tell.found.row_of(verdicts[0])
    years = sorted((one.deadline, one.threshold) for one in verdicts)
    first, last = years[0], years[-1]
    if first[0] == last[0] or row is None or not _readable(tell, row):
        return None
    assert row.share is not None and row.low is not None and row.high is not None  # noqa: S101  `_readable`
    at = year_of(tell.found.period)
    line = on_line(first, last, at)
    place = "open" if tell.found.status == "running" else _place(verdicts[0], line)
    return Glide(
        scope=tell.sector(verdicts[0].sector) + tell.beside(verdicts[0]),
        figure=wording.share_phrase(row, tell.lang, tell.found.thresholds),
        first=first,
        last=last,
        at=at,
        share=row.share,
        low=row.low,
        high=row.high,
        place=place,
    )


def _readable(tell: Teller, row: EstimateRow) -> bool:
    whole = None not in (row.share, row.low, row.high)
    return whole and tell.instead(row) is None and row.respondents >= wording.COUNTS_ONLY_BELOW


def _place(verdict: VerdictRow, line: float) -> Place:
    """By the limits that the verdicts go by; nothing where something else keeps them from one."""
    if verdict.reason is not None or verdict.lower is None or verdict.upper is None:
        return "open"
    if verdict.lower >= line:
        return "above"
    return "below" if verdict.upper < line else "open"


def year_of(period: Period) -> float:
    """The end of a period as a year and its part: of October 2026, ten twelfths after 2026.0."""
    day = period.last + timedelta(days=1)
    start, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - start).days / (end - start).days


def glide_section(tell: Teller, office: str = ALL) -> ReportSection | None:
    """What is said of the way to the last target; None where no scope has several deadlines."""
    found = glides(tell, office)
    if not found:
        return None
    lang = tell.lang
    heads = ("common.sector", "target_lines.figure", "glide.first", "glide.last", "glide.place")
    table = Table(
        caption=tell.say("glide.caption"),
        head=tuple(tell.say(head) for head in heads),
        rows=tuple(
            (
                one.scope,
                one.figure,
                *(f"{year}: {wording.threshold(aim, lang)}" for year, aim in (one.first, one.last)),
                tell.say(f"glide.places.{one.place}"),
            )
            for one in found
        ),
        words=frozenset({2, 3, 4}),
    )
    own = (tell.say("glide.own"), tell.say("glide.limits"))
    return ReportSection("glide", tell.say("glide.title"), (), (table,), own)


_COLUMNS: Final = 2  # more, and the letters are too small on a phone
_PANEL: Final = (1.95, 1.35)  # inches
_TEXT: Final = 8.0  # points
_OFFSET: Final[Mapping[str, Any]] = {"textcoords": "offset points", "annotation_clip": False}
_PLACES: Final[Mapping[Place, str]] = {"above": "^", "below": "v", "open": "o"}


def glide_chart(found: Sequence[Glide], lang: str, fonts: Fonts | None = None) -> bytes:
    """A small SVG picture a scope: the line between its targets, the period with its interval.

    As wide for one scope as for many, so that a page shows letters of the same size.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    letters = fonts or Fonts.of(())
    rows = -(-len(found) // _COLUMNS)
    with settings():
        size = (_PANEL[0] * _COLUMNS, _PANEL[1] * rows)
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        panels: Any = figure.subplots(rows, _COLUMNS, squeeze=False, sharey=True)
        for place, axes in enumerate(panels.flat):
            if place < len(found):
                _panel(axes, found[place], min(one.low for one in found), lang, letters)
            else:
                axes.set_axis_off()
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def _panel(axes: Axes, one: Glide, lowest: float, lang: str, fonts: Fonts) -> None:
    (start, low), (end, high) = one.first, one.last
    small = fonts.font(_TEXT)
    wrapped = "\n".join(fonts.wrap(one.scope, _TEXT, _PANEL[0] - 0.35, bold=True))
    axes.set_title(wrapped, font=fonts.font(_TEXT, bold=True), color=INK, loc="left", pad=3)
    left, right = min(start + 1.0, one.at) - 0.3, max(end + 1.0, one.at) + 0.3
    bottom = min(lowest, low) - 0.03
    axes.set(xlim=(left, right), ylim=(bottom, 1.04))
    look: Any = {"color": TARGET, "clip_on": False}
    axes.plot([start + 1, end + 1], [low, high], lw=1.5, ls=(0, (4, 2)), **look)
    axes.plot([start + 1, end + 1], [low, high], "|", ms=9, mew=1.6, **look)
    axes.vlines(one.at, one.low, one.high, color=INTERVAL, lw=4, clip_on=False)
    dot: Any = {"ms": 6, "mfc": "white", "mec": INK, "mew": 1.4}
    axes.plot([one.at], [one.share], _PLACES[one.place], clip_on=False, **dot)
    axes.set_xticks([start + 1, end + 1], [str(start), str(end)])
    axes.set_yticks([])
    for at, aim, side in ((start + 1, low, "left"), (end + 1, high, "right")):
        look = {"font": small, "color": TARGET, "ha": side, "va": "top"}
        axes.annotate(wording.threshold(aim, lang), (at, aim), (0, -6), **look, **_OFFSET)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(length=0, pad=3, colors=FAINT_INK)
    for label in axes.get_xticklabels():
        label.set(font=small)
