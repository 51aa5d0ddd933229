"""What the chart of months shows: a row per month, the newest last. Nothing is drawn here.

Owns the choice of rows. Figures are those of each month's verdict document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from analysis.charts.picture import Picture, PictureRow, assemble, picture_row
from analysis.design.scopes import ALL
from analysis.document import Document, EstimateRow
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import (
    NO_ANSWERS,
    Names,
    month_label,
    office_label,
    sector_name,
    targets_of,
)

_TITLE: Final = ("Mức độ hài lòng theo tháng", "Satisfaction by month")
_BLANK: Final = PictureRow("", "sector", None, None, None, None, None, 0, "–", "0", ())


def month_picture(
    documents: Sequence[Document],
    *,
    office: str = ALL,
    sector: str = ALL,
    measure: str = "overall",
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
) -> Picture:
    """Arrange the documents of several months, as `by_month` gives them.

    Without the bounds of the silent, which would press what changes into a corner.

    ValueError without any document, or where they were judged by other targets.
    """
    if not documents:
        raise ValueError("there is no document; give one for each month")
    newest, names = documents[-1], names or {}
    targets = targets_of(newest, targets)
    rows = [
        _row(found, found.pick(office=office, sector=sector, measure=measure), lang)
        for found in documents
    ]
    marks = next((row.marks for row in reversed(rows) if row.marks), ())
    where = sector_name(sector, targets, names, lang)
    return assemble(
        wording.choose(_TITLE, lang),
        " – ".join(filter(None, (office_label(newest, office, names, lang), where))),
        [replace(row, marks=row.marks or marks, section="sector", silent=None) for row in rows],
        newest.level,
        lang,
    )


def _row(found: Document, row: EstimateRow | None, lang: str) -> PictureRow:
    name = month_label(found)
    if row is None:
        return replace(_BLANK, name=name, words=wording.choose(NO_ANSWERS, lang))
    return picture_row(found, row, name, lang)
