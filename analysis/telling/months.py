"""The same office month by month: one verdict document for each, and a table of them.

Owns the sequence. Draws no trend through it and judges no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from analysis.design.scopes import ALL
from analysis.document import Document, EstimateRow, analyse
from analysis.period import Period, parse_period
from analysis.reading.layout import Responses
from analysis.reading.population import Population
from analysis.targets import Targets
from analysis.telling import wording
from analysis.telling.labels import Names, month_label
from analysis.telling.result_tables import ANSWERS, INTERVAL, MEAN, SATISFIED, Teller
from analysis.telling.tables import Table

_MONTH: Final = ("Tháng", "Month")
_CAPTION: Final = ("Theo tháng: {sector}", "By month: {sector}")
_EMPTY: Final = ("Chưa có tháng nào.", "No month yet.")


def by_month(
    responses: Responses | str | Path,
    population: Population | str | Path | None = None,
    *,
    period: Period | str,
    months: int = 12,
    **options: Any,
) -> list[Document]:
    """The verdict documents of the `months` calendar months up to the last one of `period`.

    `options` as for `analyse`. Give open `responses`, so that they are read only once.
    """
    period = parse_period(period) if isinstance(period, str) else period
    last = 12 * period.last.year + period.last.month - 1
    written = [divmod(number, 12) for number in range(last - months + 1, last + 1)]
    return [
        analyse(responses, population, period=f"{year:04d}-{month + 1:02d}", **options)
        for year, month in written
    ]


def month_table(
    documents: Sequence[Document],
    *,
    names: Names | None = None,
    targets: Targets | None = None,
    lang: str = "vi",
    office: str = ALL,
    sector: str = ALL,
    measure: str = "overall",
) -> Table:
    """One row per month: share, interval, answers, mean. Arguments as for `plot`."""
    tells = [Teller.of(document, names, targets, lang) for document in documents]
    if not tells:
        return Table("", (), (), empty=wording.choose(_EMPTY, lang))
    rows = [
        (tell, tell.found.pick(office=office, sector=sector, measure=measure)) for tell in tells
    ]
    heads = (_MONTH, SATISFIED, ANSWERS, INTERVAL, MEAN)
    return Table(
        caption=tells[0].say(_CAPTION, sector=tells[0].sector(sector)),
        head=tuple(tells[0].say(head, level=tells[0].level) for head in heads),
        rows=tuple((month_label(tell.found), *_cells(tell, row)) for tell, row in rows),
        notes=tells[0].caution(row for _, row in rows if row is not None),
        empty=tells[0].say(_EMPTY),
    )


def _cells(tell: Teller, row: EstimateRow | None) -> tuple[str, str, str, str]:
    if row is None:
        return "–", "–", "–", "–"
    return (
        tell.share(row, beside=True),
        wording.rate_phrase(row, tell.lang),
        tell.limits(row),
        tell.mean(row),
    )
