"""How wide the columns of a printed table are, on the lines of an A4 page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.reporting.table import Table
from survey.reports.charts import text_width

LINE: Final = 160 / 25.4 * 72
"""The width of a line of an A4 page with margins of 30 and 20 mm, in points."""
SIZE: Final = 11.0
"""Of the letters of tables, in points."""

_PADDING: Final = 13.0  # points, of a column: left, right and its line


_CELL: Final = 2  # what a line of a cell counts, where one of the head counts 1


def column_widths(found: Table) -> list[float]:
    """The width of each column, in points: no word is cut, and as few cells are broken as can be.

    Chosen among the widths at which a cell takes a line less, exactly: the fewest lines of all
    cells together on the line of the page. What is left goes to the column of sentences, or to the
    names of the rows.
    """
    columns = [_Column.of(found, texts) for texts in zip(found.head, *found.rows, strict=True)]
    # Points used so far -> the fewest lines, and the widths that give them.
    best: dict[int, tuple[int, list[float]]] = {0: (0, [])}
    for place, column in enumerate(columns):
        rest = sum(one.widths[0] for one in columns[place + 1 :])
        tried: dict[int, tuple[int, list[float]]] = {}
        for lines, widths in best.values():
            for width, more in zip(column.widths, column.lines, strict=True):
                used = sum(widths) + width
                if used + rest > LINE and width != column.widths[0]:
                    break
                key, found_ = round(used), (lines + more, [*widths, width])
                if key not in tried or found_[0] < tried[key][0]:
                    tried[key] = found_
        best = tried
    _, widths = min(best.values(), key=lambda one: (one[0], sum(one[1])))
    widths[max(found.words, default=0)] += max(0.0, LINE - sum(widths))
    return widths


@dataclass(frozen=True, slots=True)
class _Column:
    """The widths that are worth a choice, the narrowest first, and the lines of all cells then."""

    widths: tuple[float, ...]
    lines: tuple[int, ...]

    @classmethod
    def of(cls, found: Table, texts: Sequence[str]) -> _Column:
        cells = [_words(found, place, text) for place, text in enumerate(texts)]
        least = max((word for cell in cells for word in cell), default=0.0)
        found_ = {least, *(width for cell in cells for width in _steps(cell, least))}
        widths = sorted(found_)
        return cls(
            tuple(width + _PADDING for width in widths),
            tuple(
                sum(_CELL * _broken(cell, width) for cell in cells) - _broken(cells[0], width)
                for width in widths
            ),
        )


def _words(found: Table, place: int, text: str) -> list[float]:
    """The widths of the words of a cell; the head and rows that stand out are in bold."""
    bold = place == 0 or place - 1 in found.strong
    return [text_width(word, SIZE, bold=bold) for word in text.split()]


def _space() -> float:
    return float(text_width("a a", SIZE) - text_width("aa", SIZE))


def _broken(words: Sequence[float], width: float) -> int:
    """How many lines words of these widths take."""
    lines, left = 1, width + _space()
    for word in words:
        if word + _space() > left + 1e-6:
            lines, left = lines + 1, width + _space()
        left -= word + _space()
    return lines


def _steps(words: Sequence[float], least: float) -> Iterator[float]:
    """The least widths at which the words take one line less, to half a point."""
    low, whole = least, sum(words) + _space() * (len(words) - 1)
    for lines in range(_broken(words, least) - 1, 0, -1):
        high = whole
        while high - low > 0.5:
            middle = (low + high) / 2
            low, high = (low, middle) if _broken(words, middle) <= lines else (middle, high)
        yield high
