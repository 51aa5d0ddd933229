"""The elements of every sector as a map of numbers, each on a shade of its size.

Owns which cells there are, what stands in one, and how the map is drawn. A cell that may not be
published is hatched, one without answers empty: neither looks like a low figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from analysis.document import Document, EstimateRow
from analysis.reporting import wording
from analysis.reporting.captions import Caption, alone, figure, place, source
from analysis.reporting.fonts import line_height
from analysis.reporting.sheet import (
    FAINT_INK,
    INK,
    RULE,
    SMALL,
    TEXT,
    Sheet,
    explained,
    in_lines,
    letters_across,
    named,
    titled,
)
from analysis.reporting.wording import (
    Names,
    beside,
    section_of,
    sector_name,
    sector_rows,
    targets_of,
)
from analysis.strata.survey import ALL
from analysis.targets import Targets
from analysis.words import number, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CellState = Literal["shown", "few", "none", "withheld"]

SHADES: Final[tuple[tuple[float, str, str], ...]] = (
    (0.9, "#f2f6fa", INK),
    (0.8, "#cfdcea", INK),
    (0.7, "#a4bdd8", INK),
    (0.6, "#45719f", "white"),
    (0.0, "#143a6b", "white"),
)
"""From which share on, the shade and the ink upon it: the lower the share, the darker."""

_HATCH: Final = "//////"
_COLUMN: Final = 12  # letters of a line above a column, on axes of somebody else
_MOST: Final = 12
"""Columns of a questionnaire that has items and no elements."""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell: its text, and its share where it has one that may be shaded."""

    text: str
    share: float | None
    state: CellState


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A sector, or the total that stands apart from them, with its number of answers."""

    name: str
    counts: str
    total: bool
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap(Caption):
    """Rows of cells under the names of their elements."""

    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]

    def described(self) -> str:
        """The map in one paragraph, for those who cannot see it."""
        parts = [f"{self.title}. {self.subtitle}."]
        for row in self.rows:
            pairs = zip(self.columns, row.cells, strict=True)
            cells = "; ".join(f"{column} {self.spoken(cell)}" for column, cell in pairs)
            parts.append(f"{row.name} ({row.counts}): {cells}.")
        return " ".join(parts)

    def spoken(self, cell: HeatCell) -> str:
        """What is said of a cell: the state of one that has no text of its own."""
        return cell.text or say(f"heat_map.states.{cell.state}", self.lang)


def heat_map(
    found: Document,
    *,
    office: str = ALL,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> HeatMap:
    """The elements of every sector that was asked about them; of items where there are no elements.

    Arguments as for `plot`. Sectors in the order of the document, the total last.
    """
    names, targets = names or {}, targets_of(found, targets)
    measures = _measures(found)
    listed = _rows(found, office, measures)
    rows = [
        HeatRow(
            name=sector_name(row.sector, targets, names, lang) + beside(found, row.questionnaires),
            counts=wording.answers(row.n, lang),
            total=row.sector == ALL,
            cells=tuple(_cell(found, one, lang) for one in cells),
        )
        for row, cells in listed
    ]

    def said(one: EstimateRow) -> str:
        sector = sector_name(one.sector, targets, names, lang)
        return f"{names.get(one.measure, one.measure)} – {sector}"

    readable = [one for _, cells in listed for one in cells if one is not None and alone(one, lang)]
    return HeatMap(
        title=_title(found, readable, said, lang),
        subtitle=place(found, office, names, lang, say("heat_map.subject", lang)),
        footnotes=tuple(_footnotes(found, office, listed, len(readable), lang)),
        lang=lang,
        columns=tuple(names.get(measure, measure) for measure in measures),
        rows=tuple(rows),
    )


_Listed = Sequence[tuple[EstimateRow, Sequence[EstimateRow | None]]]


def _measures(found: Document) -> list[str]:
    elements = [name for name in found.measures if name.startswith("element:")]
    return elements or [name for name in found.measures if name.startswith("item:")][:_MOST]


def _rows(found: Document, office: str, measures: Sequence[str]) -> _Listed:
    """Each sector with its cells; the total where there are several sectors, or nothing else."""
    if not measures:
        return []
    rows = sector_rows(found, office, measures[0])
    sectors = [row for row in rows if section_of(row.sector) == "sector"]
    totals = [row for row in rows if row.sector == ALL and len(sectors) != 1]
    return [(row, [_of(found, row, name) for name in measures]) for row in (*sectors, *totals)]


def _of(found: Document, row: EstimateRow, measure: str) -> EstimateRow | None:
    key = (row.office, row.sector, measure, ALL)
    for section in found.sections:
        if row.questionnaires in section.whose and key in section.by_key:
            return section.by_key[key]
    return None


def _cell(found: Document, row: EstimateRow | None, lang: str) -> HeatCell:
    if row is None or not row.n or (row.answered is not None and row.share is None):
        return HeatCell("–", None, "none")
    if wording.withheld_phrase(row, lang):
        return HeatCell("", None, "withheld")
    if row.respondents < wording.COUNTS_ONLY_BELOW:
        return HeatCell(wording.share_phrase(row, lang), None, "few")
    mark = "*" if wording.unreliable(row) else ""
    return HeatCell(wording.share_text(row, lang, found.thresholds) + mark, row.share, "shown")


def _title(found: Document, readable: Sequence[EstimateRow], said: Any, lang: str) -> str:
    if not readable:
        return say("heat_map.title", lang)
    lowest = min(readable, key=lambda row: row.share or 0.0)
    return say("heat_map.lowest", lang, what=said(lowest), figure=figure(found, lowest, lang))


def _footnotes(
    found: Document, office: str, listed: _Listed, readable: int, lang: str
) -> Iterator[str]:
    if readable > 1:
        yield say("heat_map.chosen", lang, k=number(readable, lang))
    cells = (_cell(found, one, lang) for _, row in listed for one in row)
    if any(cell.text.endswith("*") for cell in cells):
        yield say("captions.unreliable", lang)
    yield source(found, office, lang)


def shade_of(share: float) -> int:
    """Which of the `SHADES` a share has, counted from 1."""
    return next(n for n, (start, _, _) in enumerate(SHADES, start=1) if share >= start)


def shades_used(shown: HeatMap) -> Iterator[tuple[int, str]]:
    """The shades that the map has, as `shade_of` counts them, and what each stands for."""
    used = {shade_of(c.share) for row in shown.rows for c in row.cells if c.share is not None}
    for number_ in sorted(used):
        start = SHADES[number_ - 1][0]
        above = SHADES[number_ - 2][0] if number_ > 1 else 1
        values = {"low": wording.threshold(start, shown.lang)}
        values |= {"high": wording.threshold(above, shown.lang)}
        key = "from" if number_ == 1 else "below" if start == 0 else "between"
        yield number_, say(f"heat_map.shades.{key}", shown.lang, **values)


def heat_on(axes: Axes, shown: HeatMap, *, top: float = 0.0, size: float = TEXT) -> list[Any]:
    """The cells on axes: a column a unit wide, a row a unit high, the first on top.

    `top`: the part of each row above its cells. Returns what its legend explains.
    """
    from matplotlib.patches import Rectangle

    states: dict[str, Any] = {}
    for y, row in enumerate(shown.rows):
        for x, cell in enumerate(row.cells):
            fill, ink = _paint(cell)
            look: Any = {"fc": fill, "ec": RULE, "lw": 0.8}
            if cell.state == "withheld":
                look |= {"hatch": _HATCH, "ec": FAINT_INK}
            box = axes.add_patch(Rectangle((x + 0.02, y + top + 0.03), 0.96, 0.94 - top, **look))
            if cell.state in ("none", "withheld"):
                states.setdefault(cell.state, box)
            at = (x + 0.5, y + (1 + top) / 2)
            words: Any = {"ha": "center", "va": "center", "color": ink, "parse_math": False}
            weight = "bold" if row.total else "normal"
            axes.text(*at, cell.text.replace(" – ", "\n– "), fontsize=size, weight=weight, **words)
    axes.set(xlim=(0, len(shown.columns)), ylim=(len(shown.rows), 0))
    for state, box in states.items():
        box.set_label(say(f"heat_map.states.{state}", shown.lang))
    return [*_samples(shown), *states.values()]


def _samples(shown: HeatMap) -> Iterator[Any]:
    """One box of each shade that the map has."""
    from matplotlib.patches import Patch

    for number_, label in shades_used(shown):
        yield Patch(fc=SHADES[number_ - 1][1], ec=RULE, label=label)


def _paint(cell: HeatCell) -> tuple[str, str]:
    """The shade of a cell and the ink that is read upon it."""
    return ("white", FAINT_INK) if cell.share is None else SHADES[shade_of(cell.share) - 1][1:]


def draw_heat_map(sheet: Sheet, shown: HeatMap) -> None:
    """The map on a sheet: names left of their rows, or above them on a phone."""
    if not shown.rows:
        sheet.empty()
        return
    _HeatDrawing(sheet, shown).draw()


class _HeatDrawing:
    """A map under way. On a phone columns have numbers, and a key beneath."""

    def __init__(self, sheet: Sheet, shown: HeatMap) -> None:
        self.sheet, self.shown, self.fonts = sheet, shown, sheet.fonts
        self.stacked = sheet.size.stacked
        names = [self._wide(row.name, row) for row in shown.rows]
        counts = [self._wide(row.counts, row) for row in shown.rows]
        named = min(max(names) + 0.15, 2.3)
        self.left = sheet.left if self.stacked else sheet.left + named
        self.right = sheet.right if self.stacked else sheet.right - max(counts) - 0.15
        self.column = (self.right - self.left) / len(shown.columns)
        self.numbered = self.column < 0.95
        room = sheet.right - sheet.left - max(counts) - 0.2 if self.stacked else named - 0.12
        self.lines = [self.fonts.wrap(row.name, TEXT, room, bold=row.total) for row in shown.rows]
        self.lead = line_height(TEXT) * max(map(len, self.lines))

    def _wide(self, text: str, row: HeatRow) -> float:
        return self.fonts.width(text, TEXT, bold=row.total)

    def draw(self) -> None:
        sheet, shown = self.sheet, self.shown
        self._heads()
        cell = 0.42 if any("–" in c.text for row in shown.rows for c in row.cells) else 0.34
        tall = self.lead + cell if self.stacked else max(cell, self.lead + 0.08)
        top = sheet.y
        part = self.lead / tall if self.stacked else 0.0
        axes = sheet.axes(self.left, self.right, top, top + tall * len(shown.rows))
        axes.set_axis_off()
        size = SMALL if self.column < 0.7 else TEXT
        shapes = heat_on(axes, shown, top=part, size=size)
        for text in axes.texts:
            text.set(font=self.fonts.font(size, bold=text.get_fontweight() == "bold"))
        for number_, (row, lines) in enumerate(zip(shown.rows, self.lines, strict=True)):
            self._name(row, lines, top + number_ * tall, self.lead if self.stacked else tall)
        sheet.y = top + tall * len(shown.rows) + 0.1
        sheet.legend(shapes)
        if self.numbered:
            for key, column in enumerate(shown.columns, start=1):
                sheet.paragraph(f"{key}  {column}", SMALL)

    def _heads(self) -> None:
        """The names of the columns above them, in as many lines as it takes; else their numbers."""
        sheet, columns = self.sheet, self.shown.columns
        heads = [str(key) for key in range(1, len(columns) + 1)] if self.numbered else columns
        wrapped = [self.fonts.wrap(head, SMALL, self.column - 0.14) for head in heads]
        most, tall = max(map(len, wrapped)), line_height(SMALL)
        for place_, lines in enumerate(wrapped):
            middle = self.left + (place_ + 0.5) * self.column
            for number_, line in enumerate(lines):
                down = sheet.y + (most - len(lines) + number_ + 0.5) * tall
                sheet.text(middle, down, line, SMALL, ha="center", color=FAINT_INK)
        sheet.y += most * tall + 0.05

    def _name(self, row: HeatRow, lines: Sequence[str], top: float, tall: float) -> None:
        sheet, each = self.sheet, line_height(TEXT)
        middle = top + tall / 2
        for number_, line in enumerate(lines):
            down = middle + (number_ - (len(lines) - 1) / 2) * each
            sheet.text(sheet.left, down, line, TEXT, bold=row.total)
        sheet.text(sheet.right, middle, row.counts, TEXT, bold=row.total, ha="right")


_SMALLEST: Final = 0.65
"""Of the letters of somebody else's axes, those of a long word above a narrow column."""


def heat_on_axes(axes: Axes, shown: HeatMap) -> None:
    """The map on axes of somebody else; fonts are those of the axes."""
    titled(axes, shown)
    shapes = heat_on(axes, shown)
    rows = [f"{row.name} ({row.counts})" for row in shown.rows]
    named(axes, [n + 0.5 for n in range(len(rows))], rows)
    across = letters_across(axes, len(shown.columns))
    columns = in_lines(shown.columns, min(_COLUMN, across))
    axes.set_xticks([n + 0.5 for n in range(len(columns))], columns, parse_math=False)
    longest = max((len(word) for name in shown.columns for word in name.split()), default=1)
    size = float(axes.get_xticklabels()[0].get_fontsize()) if columns else SMALL
    size *= max(_SMALLEST, min(1.0, across / longest))  # no word reaches into the next column
    axes.tick_params("x", labelsize=size)
    axes.tick_params(left=False, bottom=False, labelbottom=False, labeltop=True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    explained(axes, shapes, 6)
