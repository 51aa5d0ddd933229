"""Importance against performance: which element goes with satisfaction, and how good it is.

Owns which elements are points, their words, and how they are drawn. Each point has the intervals of
both of its figures; the key beside it says them in numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analysis.document import Document, EstimateRow
from analysis.insights.drivers import MINIMUM_SIDE, Driver
from analysis.reporting import wording
from analysis.reporting.captions import Caption, figure, place, source
from analysis.reporting.fonts import POINTS, line_height
from analysis.reporting.section import difference_phrase, signed
from analysis.reporting.sheet import DOT, FAINT_INK, INTERVAL, SMALL, TEXT, Sheet, in_lines, titled
from analysis.reporting.wording import Names
from analysis.strata.survey import ALL
from analysis.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BARS: Final[Any] = {"color": INTERVAL, "lw": 1.3, "zorder": 3}
_POINT: Final[Any] = {**DOT, "zorder": 4, "ls": ""}
_ROOM: Final = 0.17
_UPWARDS: Final = 48  # letters of a line beside the axis of importance
_AROUND: Final = tuple(
    (radius * math.cos(angle), radius * math.sin(angle))
    for radius in (_ROOM, 1.8 * _ROOM)
    for angle in (math.pi / 4 * turn for turn in (1, 3, 7, 5))
)
"""Inches from a point to its number: beside its two lines, further off where that is taken."""


@dataclass(frozen=True, slots=True)
class ImportancePoint:
    """An element: (figure, low, high) of performance, a share, and of importance, a difference.

    Both are None for one of which too few people can be compared; `said` tells either case.
    """

    name: str
    share: tuple[float, float, float] | None
    importance: tuple[float, float, float] | None
    said: str


@dataclass(frozen=True, slots=True)
class ImportanceMap(Caption):
    """Points in the order of `drivers`: the surest first."""

    level: str
    points: tuple[ImportancePoint, ...]

    def described(self) -> str:
        """The map in one paragraph, for those who cannot see it."""
        said = " ".join(f"{point.name}: {point.said}." for point in self.points)
        return f"{self.title}. {self.subtitle}. {said}"

    @property
    def drawn(self) -> list[ImportancePoint]:
        """The points that have both figures."""
        return [point for point in self.points if point.share and point.importance]


def importance_map(
    found: Document,
    drivers: Sequence[Driver],
    *,
    office: str = ALL,
    names: Names | None = None,
    lang: str = "vi",
) -> ImportanceMap:
    """`drivers` of the same document and office (`explain`): for the office itself, not published.

    Performance is the share of the document.
    """
    names = names or {}
    rows = {one.measure: _row(found, office, one, lang) for one in drivers}
    return ImportanceMap(
        title=_title(drivers, rows, names, lang),
        subtitle=place(found, office, names, lang, say("importance.subject", lang)),
        footnotes=(
            say("insight_sections.association", lang),
            *_few(drivers, lang),
            source(found, office, lang),
        ),
        lang=lang,
        level=wording.threshold(found.level, lang),
        points=tuple(
            _point(found, one, rows[one.measure], names.get(one.measure, one.measure), lang)
            for one in drivers
        ),
    )


def _row(found: Document, office: str, driver: Driver, lang: str) -> EstimateRow | None:
    row = found.pick(office=office, measure=driver.measure)
    return None if row is None or wording.instead_of_figures(row, lang) else row


def _few(drivers: Sequence[Driver], lang: str) -> Iterator[str]:
    if any(driver.importance is None for driver in drivers):
        yield say("insight_sections.too_few", lang, n=MINIMUM_SIDE)


def _title(
    drivers: Sequence[Driver], rows: dict[str, EstimateRow | None], names: Names, lang: str
) -> str:
    sure = [one for one in drivers if one.sure]
    rated = [(row.share or 0.0, one, row) for one in sure if (row := rows[one.measure])]
    if not rated:
        return say("importance.none_sure", lang)
    _, driver, row = min(rated, key=lambda entry: entry[0])
    what = names.get(driver.measure, driver.measure)
    return say("importance.first", lang, what=what, share=wording.share_text(row, lang))


def _point(
    found: Document, driver: Driver, row: EstimateRow | None, name: str, lang: str
) -> ImportancePoint:
    gap = driver.importance
    if row is None or row.share is None or row.low is None or row.high is None or gap is None:
        rated = wording.share_phrase(row, lang) if row else "–"
        few = say("insight_sections.few", lang, n=MINIMUM_SIDE)
        return ImportancePoint(name, None, None, f"{rated}; {few}")
    smaller = min(driver.satisfied, driver.dissatisfied)
    return ImportancePoint(
        name,
        (row.share, row.low, row.high),
        (gap.difference, gap.low, gap.high),
        f"{figure(found, row, lang)}; {difference_phrase(gap, smaller, lang)}",
    )


def importance_on(axes: Axes, shown: ImportanceMap, size: tuple[float, float]) -> None:
    """The points on axes, numbered as in the key: shares to the right, importance upwards.

    `size`: of the axes in inches, so that no number covers another or a point.
    """
    points = shown.drawn
    shares = np.array([point.share for point in points], dtype=float).reshape(-1, 3).T
    gaps = np.array([point.importance for point in points], dtype=float).reshape(-1, 3).T
    axes.hlines(gaps[0], shares[1], shares[2], **_BARS)
    axes.vlines(shares[0], gaps[1], gaps[2], **_BARS)
    axes.plot(shares[0], gaps[0], "o", **_POINT)
    _scales(axes, shown, shares, gaps)
    keys = [str(n) for n, point in enumerate(shown.points, start=1) if point in points]
    ends = np.array([axes.get_xlim(), axes.get_ylim()])
    places = (np.stack([shares[0], gaps[0]], axis=1) - ends[:, 0]) / np.ptp(ends, axis=1) * size
    clear: Any = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
    for key, share, gap, (dx, dy) in zip(keys, shares[0], gaps[0], _beside(places), strict=True):
        look: Any = {"ha": "center", "va": "center", "zorder": 5, "weight": "bold", "bbox": clear}
        offset: Any = {"xytext": (dx * POINTS, dy * POINTS), "textcoords": "offset points"}
        axes.annotate(key, (share, gap), fontsize=TEXT, **offset, **look)


def _beside(places: Any) -> list[tuple[float, float]]:
    """Where each number goes from its point, in inches: the direction with the most room."""
    taken = [tuple(at) for at in places]
    found = []
    for at in places:
        spots = [(at[0] + dx, at[1] + dy) for dx, dy in _AROUND]
        room = [min(math.dist(spot, other) for other in taken) for spot in spots]
        best = max(range(len(spots)), key=lambda n: (round(min(room[n], _ROOM), 3), -n))
        taken.append(spots[best])
        found.append(_AROUND[best])
    return found


def _scales(axes: Axes, shown: ImportanceMap, shares: Any, gaps: Any) -> None:
    start = 0.1 * math.floor(10 * min([0.7, *shares[1]]) + 1e-9)
    low = 0.1 * math.floor(10 * min([0.0, *gaps[1]]) + 1e-9)
    high = 0.1 * math.ceil(10 * max([0.3, *gaps[2]]) - 1e-9)
    step = 0.1 if high - low <= 0.6 else 0.2
    axes.set(xlim=(start - 0.005, 1.005), ylim=(low, high))
    across = np.arange(round(10 * start), 11, 1 if start >= 0.4 else 2) / 10
    up = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step
    axes.set_xticks(across, [wording.threshold(round(x, 6), shown.lang) for x in across])
    axes.set_yticks(up, [signed(100 * y, shown.lang, 0) for y in up])
    axes.axhline(0, color=FAINT_INK, lw=0.8, zorder=1)
    axes.grid(color="#e9ebee")


def draw_importance(sheet: Sheet, shown: ImportanceMap) -> None:
    """The map on a sheet, its key beside it, or beneath it on a phone."""
    if not shown.points:
        sheet.empty()
        return
    stacked, wide = sheet.size.stacked, sheet.right - sheet.left
    level = say("importance.up", sheet.caption.lang, level=shown.level)
    for line in sheet.fonts.wrap(level, SMALL, wide) if shown.drawn else ():
        sheet.text(sheet.left, sheet.y + line_height(SMALL) / 2, line, SMALL, color=FAINT_INK)
        sheet.y += line_height(SMALL)
    top, left = sheet.y + 0.16, sheet.left + 0.5
    right = sheet.right - 0.2 if stacked else sheet.left + 5.0
    bottom = top + (2.7 if stacked else 3.5)
    if shown.drawn:
        axes = sheet.axes(left, right, top, bottom)
        importance_on(axes, shown, (right - left, bottom - top))
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set(font=sheet.fonts.font(SMALL))
        for number in axes.texts:
            number.set(font=sheet.fonts.font(TEXT, bold=True))
        axes.tick_params("y", labelcolor=FAINT_INK)
        for label in axes.get_yticklabels():
            label.set(va="center")
        middle, across = bottom + 0.37, say("importance.across", sheet.caption.lang)
        sheet.text((left + right) / 2, middle, across, SMALL, ha="center", color=FAINT_INK)
    else:
        bottom, right = top - 0.5, sheet.left
        stacked = True
    if stacked:
        sheet.y = bottom + 0.55
        _key(sheet, shown, sheet.left, sheet.right)
    else:
        sheet.y = top
        _key(sheet, shown, right + 0.3, sheet.right)
        sheet.y = max(sheet.y, bottom + 0.5)
    sheet.y += 0.08


def _key(sheet: Sheet, shown: ImportanceMap, left: float, right: float) -> None:
    """Number, name and both figures of every element."""
    indent = 0.22
    for key, point in enumerate(shown.points, start=1):
        for part, (text, bold) in enumerate(((point.name, True), *_figures(point))):
            tall = line_height(TEXT if bold else SMALL)
            size = TEXT if bold else SMALL
            for row, line in enumerate(
                sheet.fonts.wrap(text, size, right - left - indent, bold=bold)
            ):
                middle = sheet.y + tall / 2
                if part == row == 0:
                    sheet.text(left, middle, str(key), TEXT, bold=True)
                sheet.text(left + indent, middle, line, size, bold=bold)
                sheet.y += tall
        sheet.y += 0.06


def _figures(point: ImportancePoint) -> list[tuple[str, bool]]:
    return [(part, False) for part in point.said.split("; ")]


def importance_on_axes(axes: Axes, shown: ImportanceMap) -> None:
    """The map on axes of somebody else, each point with its name; fonts are those of the axes."""
    titled(axes, shown)
    box, dpi = axes.get_window_extent(), axes.figure.dpi
    importance_on(axes, shown, (box.width / dpi, box.height / dpi))
    axes.set_xlabel(say("importance.across", shown.lang))
    (upwards,) = in_lines([say("importance.up", shown.lang, level=shown.level)], _UPWARDS)
    axes.set_ylabel(upwards, fontsize="small")
    if not any(point.importance for point in shown.points):
        (told,) = in_lines([say("insight_sections.too_few", shown.lang, n=MINIMUM_SIDE)], 26)
        middle: Any = {"transform": axes.transAxes, "ha": "center", "va": "center"}
        axes.text(0.5, 0.5, told, color=FAINT_INK, fontsize="small", **middle)
    names = in_lines([point.name for point in shown.points])
    key = "\n".join(f"{n}  {name}".replace("\n", "\n    ") for n, name in enumerate(names, start=1))
    look: Any = {"transform": axes.transAxes, "va": "top", "parse_math": False}
    axes.text(1.03, 1, key, **look)
