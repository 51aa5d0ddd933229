"""How wide the columns of a printed table are, on the lines of an A4 page."""

from __future__ import annotations

from typing import Final

from analysis.reporting.tables import Table
from survey.reports.charts import text_width

LINE: Final = 160 / 25.4 * 72
"""The width of a line of an A4 page with margins of 30 and 20 mm, in points."""
SIZE: Final = 11.0
"""Of the letters of tables, in points."""

_PADDING, _SENTENCE, _FIGURE = 14.0, 190.0, 100.0  # points, of a column


def column_widths(found: Table) -> list[float]:
    """The width of each column, in points: no word is cut, figures stay on one line if they can.

    What is left goes to the column of sentences, or to the names of the rows.
    """
    least, whole = [], []
    for column, texts in enumerate(zip(found.head, *found.rows, strict=True)):
        words = (text_width(one, SIZE, bold=True) for text in texts for one in text.split())
        lines = (text_width(text, SIZE, bold=True) for text in texts[1:])
        least.append(max(words, default=0.0) + _PADDING)
        most = _SENTENCE if column == 0 or column in found.words else _FIGURE
        whole.append(max(least[-1], min(max(lines), most) + _PADDING))
    spare, wished = LINE - sum(least), sum(whole) - sum(least)
    part = min(1.0, spare / wished) if wished else 0.0
    widths = [low + (high - low) * part for low, high in zip(least, whole, strict=True)]
    widths[max(found.words, default=0)] += max(0.0, LINE - sum(widths))
    return widths
