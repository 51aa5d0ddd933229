"""A report as an Excel workbook: its text, and its figures as numbers with native charts.

xlsxwriter, because it writes charts that Excel draws itself, print areas and frozen heads, and
never takes a text for a formula or an address where it is told so. Figures are those of the verdict
document, in full; one that is published in steps is told as a text: a number would promise more.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from math import ceil
from typing import Any, Final

import xlsxwriter

from analysis.census_rows import CensusRow
from analysis.document_rows import EstimateRow, VerdictRow
from analysis.indicator_rows import IndicatorRow, IndicatorTotal
from analysis.reporting import wording
from analysis.reporting.indicator_section import HEADS as INDICATOR_HEADS
from analysis.reporting.teller import Teller
from analysis.reporting.wording import heading
from analysis.strata.survey import ALL
from analysis.words import say
from questionnaires.layout import PARTS, POINTS, TIMED
from survey.overview import by_name
from survey.reports.charts import text_width
from survey.reports.parts import Drawing, Heading, Items, Paragraph, Part, Report

_PERCENT, _COUNT, _SCORE, _EXACT, _TENTH = "0.0%", "#,##0", "0.00", "0.00%", "0.0"
_MANY: Final = wording.DECIMALS_FROM
_FINE: Final = "0.0###%"  # of a share that one decimal would put on another side of its target
_WIDE: Final = 88.0  # letters, of the sheet of text: a line of an A4 page
_FONT: Final = "Times New Roman"
_SIZE, _LINE, _LETTER = 11.0, 15.0, 5.25  # points: letters, a line, the unit of a column's width
_SPARE: Final = 0.94  # of a column: programs set the same letters a little wider
_HEAD_ROW: Final = 2
_COLUMNS: Final = 13  # of a sheet of figures
_ROW_PIXELS: Final = 20
_PAGE: Final = 0.95 * (297 / 25.4 - 2 * 0.6) * 72
"""Points of rows on an upright A4 page with the margins below; a little less: programs differ."""
_ONE_PAGE: Final = 20  # rows that are readable on one page with their chart

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of figures: its heading, its value in a row, how it is written."""

    name: str
    value: Callable[[Any], Value]
    form: str = ""
    width: float = 9.5


def sheet(report: Report) -> bytes:
    """The report as XLSX; equal reports give equal bytes."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_format_properties": {"font_name": _FONT, "font_size": _SIZE},
    }
    with xlsxwriter.Workbook(file, options) as book:
        made = datetime.combine(report.made_on, time())
        book.set_properties(
            {
                "title": report.title,
                "author": report.letterhead.agency,
                "subject": report.frame.subject,
                "created": made,
            }
        )
        _Book(book, report).write()
    return file.getvalue()


def _count_of(name: str) -> Callable[[Any], Value]:
    """A count of a row; None in a row that has none, such as a total."""
    return lambda row: getattr(row, name, None)


class _Book:
    """Writes the sheets of one report."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report = book, report
        self.tell = Teller.of(report.document, report.names, None, report.lang)
        font = {"font_name": _FONT, "font_size": _SIZE, "valign": "top"}
        self.wrapped = book.add_format({**font, "text_wrap": True})
        self.bold = book.add_format({**font, "bold": True, "text_wrap": True})
        self.title = book.add_format({**font, "bold": True, "font_size": 14, "text_wrap": True})
        # Over the columns of a table, on one line.
        self.above = book.add_format({**font, "bold": True, "font_size": 14})
        framed = {**font, "border": 1, "text_wrap": True}
        self.head = book.add_format(
            {**framed, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#E7E6E6"}
        )
        self.name = book.add_format(framed)
        self.told = book.add_format({**framed, "align": "center"})
        self.forms = {
            form: book.add_format({**framed, "num_format": form, "align": "right"})
            for form in ("0", _PERCENT, _FINE, _COUNT, _SCORE, _EXACT, _TENTH)
        }

    def write(self) -> None:
        self._text()
        self._verdicts()
        for measure in ("overall", "index"):
            rows = wording.sector_rows(self.report.document, self.report.office, measure)
            if rows:
                self._figures(self._measure(measure), rows, self._sector, chart=True)
        rows = self._offices()
        if rows:
            self._figures(say("common.office", self.report.lang), rows, self._office)
        rows = self._elements()
        if rows:
            self._figures(say("sections.titles.measures", self.report.lang), rows, self._element)
        rows = self._channels()
        if rows:
            self._figures(say("common.channel", self.report.lang), rows, self._channel)
        self._census()
        self._indicators()

    # --- The text ----------------------------------------------------------------------------

    def _text(self) -> None:
        sheet = self._sheet(self.report.frame.kind.capitalize())
        sheet.set_column(0, 0, _WIDE, self.wrapped)
        lines: list[tuple[str, Any]] = [
            (self.report.letterhead.agency, self.bold),
            (self.report.title, self.title),
            *((warning, self.bold) for warning in self.report.warnings),
        ]
        for part in self.report.body:
            lines += self._said(part)
        heights = []
        for row, (text, form) in enumerate(lines):
            size = 14.0 if form is self.title else _SIZE
            heights.append(_high(text, _WIDE, size, bold=form is not self.wrapped))
            sheet.set_row(row, heights[-1])
            sheet.write_string(row, 0, text, form)
        self._printed(sheet, len(lines) - 1, 0)
        # It is as wide as a page is. Fitted to pages, Excel would heed no page break.
        sheet.fit_page = False
        heading = [form is self.bold for _, form in lines]
        sheet.set_h_pagebreaks(list(_breaks(heights, heading)))

    def _said(self, part: Part) -> list[tuple[str, Any]]:
        """A part as lines; figures stand in sheets of their own, a chart is told in words."""
        if isinstance(part, Heading):
            return [(part.text, self.bold)]
        if isinstance(part, Paragraph):
            return [] if part.appended else [(part.text, self.wrapped)]
        if isinstance(part, Items):
            return [(f"– {line}", self.wrapped) for line in part.lines]
        if isinstance(part, Drawing):
            return [(f"{part.caption}. {part.words}", self.wrapped)]
        return []

    # --- Figures -----------------------------------------------------------------------------

    def _verdicts(self) -> None:
        found = wording.told_verdicts(self.report.document, self.report.office)
        lang, targets = self.report.lang, {t.id: t for t in self.tell.targets.target}
        whose = (
            (_Column(self._h("threshold_of"), self._whose, width=26),)
            if any(one.threshold_of for one in found)
            else ()
        )
        columns = (
            _Column(self._h("target"), lambda v: targets[v.target].title.get(lang), width=26),
            _Column(self._h("sector"), lambda v: self.tell.sector(v.sector), width=18),
            _Column(self._h("deadline"), lambda v: v.deadline, "0"),
            _Column(self._h("threshold"), lambda v: v.threshold, _PERCENT),
            *whose,
            _Column(self._h("evidence"), lambda v: wording.verdict_word(v, lang), width=13),
            _Column(self._h("share"), self._judged_share, _PERCENT, 13),
            _Column(self._h("lower"), lambda v: v.lower, _PERCENT),
            _Column(self._h("upper"), lambda v: v.upper, _PERCENT),
            _Column(self._h("respondents"), lambda v: v.n, _COUNT),
            _Column(self._h("population"), lambda v: v.population, _COUNT),
            _Column(self._h("q"), lambda v: v.q, _PERCENT),
            _Column(self._h("note"), lambda v: wording.note_of(v, lang, self.tell.names), width=34),
        )
        self._table(say("sections.titles.verdicts", lang), columns, found)

    def _judged_share(self, verdict: VerdictRow) -> Value:
        row = self.report.document.row_of(verdict)
        return None if row is None else self._share(row)

    def _whose(self, verdict: VerdictRow) -> Value:
        """The office whose threshold it is, where it is not the target's."""
        whose = verdict.threshold_of
        return None if whose is None else self.tell.names.get(whose, whose)

    def _share(self, row: EstimateRow) -> Value:
        """A number; a text where it is published in steps, or withheld."""
        words = self.tell.instead(row)
        if words:
            return words
        if row.respondents < wording.COUNTS_ONLY_BELOW:
            return wording.share_phrase(row, self.report.lang)
        exact = row.step is None or row.step <= wording.EXACT
        return row.share if exact else wording.share_text(row, self.report.lang)

    def _figures(
        self,
        title: str,
        rows: Sequence[EstimateRow],
        name: _Column,
        *,
        chart: bool = False,
    ) -> None:
        columns = (
            name,
            _Column(self._h("respondents"), lambda r: r.respondents, _COUNT),
            _Column(self._h("population"), lambda r: r.population, _COUNT),
            _Column(self._h("response_rate"), lambda r: r.response_rate, _PERCENT),
            _Column(self._h("share"), self._share, _PERCENT, 14),
            _Column(self._h("low"), lambda r: self._limit(r, r.low), _PERCENT),
            _Column(self._h("high"), lambda r: self._limit(r, r.high), _PERCENT),
            _Column(self._width_name, self._width, _PERCENT),
            _Column(self._h("silent_low"), lambda r: self._limit(r, r.silent_low), _PERCENT),
            _Column(self._h("silent_high"), lambda r: self._limit(r, r.silent_high), _PERCENT),
            _Column(self._h("mean"), lambda r: self._mean(r, r.mean), _SCORE),
            _Column(self._h("mean_low"), lambda r: self._mean(r, r.mean_low), _SCORE),
            _Column(self._h("mean_high"), lambda r: self._mean(r, r.mean_high), _SCORE),
        )
        sheet = self._table(title, columns, rows)
        shown = [row.low is not None for row in rows]
        if chart and any(shown):
            self._chart(sheet, title, rows)

    def _census(self) -> None:
        """What is counted of all dossiers: whole numbers, and their parts as fractions."""
        found = self.report.document.census
        rows = [] if found is None else [r for r in found.rows if r.office == self.report.office]
        if not rows:
            return
        lang = self.report.lang
        columns = [_Column(self._h("sector"), lambda r: self.tell.sector(r.sector), width=34)]
        columns.append(self._counted("completed"))
        for part, known in PARTS.items():
            columns += (self._counted(known), self._counted(part), self._part(part))
        columns += map(self._counted, TIMED)
        notes = tuple(say(f"census.{key}", lang) for key in ("exact", "days"))
        self._table(say("census.caption", lang), columns, rows, notes)

    def _counted(self, name: str) -> _Column:
        head = say(f"census.heads.{name}", self.report.lang)
        return _Column(head, lambda row: getattr(row, name), _COUNT, 14)

    def _part(self, measure: str) -> _Column:
        def share(row: CensusRow) -> Value:
            part, known = getattr(row, measure), getattr(row, PARTS[measure])
            return part / known if known else None

        return _Column(say(f"census.heads.{measure}_share", self.report.lang), share, _EXACT, 14)

    def _indicators(self) -> None:
        """The desk's nine indicators that were assessed, then their total."""
        found = self.report.document.indicators
        found = found and found.narrowed(self.report.office)
        if found is None:
            return
        lang, total = self.report.lang, found.totals[0]

        def name(row: IndicatorRow | IndicatorTotal) -> str:
            if isinstance(row, IndicatorTotal):
                return say("indicators.sum", lang)
            words = say(f"indicators.names.{row.indicator}", lang)
            return say("indicators.row", lang, indicator=row.indicator, name=words)

        def points(row: IndicatorRow | IndicatorTotal) -> float:
            return row.total if isinstance(row, IndicatorTotal) else row.score

        heads = {key: say(f"indicators.heads.{key}", lang) for key in INDICATOR_HEADS}
        columns = (
            _Column(heads["indicator"], name, width=60),
            *(_Column(heads[key], _count_of(key), _COUNT, 14) for key in POINTS),
            _Column(heads["score"], points, _TENTH),
        )
        notes = tuple(say(f"indicators.{key}", lang) for key in ("formula", "source"))
        self._table(say("indicators.caption", lang), columns, (*found.rows, total), notes)

    @property
    def _width_name(self) -> str:
        return say("wording.interval_width", self.report.lang, level=self.tell.level)

    def _limit(self, row: EstimateRow, value: float | None) -> Value:
        told = self.tell.instead(row) is None and row.respondents >= wording.COUNTS_ONLY_BELOW
        return value if told else None

    def _width(self, row: EstimateRow) -> Value:
        """How wide the interval is: what the chart draws above its lower limit."""
        low, high = self._limit(row, row.low), self._limit(row, row.high)
        return high - low if isinstance(low, float) and isinstance(high, float) else None

    def _mean(self, row: EstimateRow, value: float | None) -> Value:
        return None if self.tell.mean(row) == "–" else value

    def _chart(self, sheet: Any, title: str, rows: Sequence[EstimateRow]) -> None:
        """Each interval as a bar from its lower to its upper limit, which Excel draws itself."""
        first, last = _HEAD_ROW + 1, _HEAD_ROW + len(rows)
        chart = self.book.add_chart({"type": "bar", "subtype": "stacked"})
        names = [sheet.name, first, 0, last, 0]
        chart.add_series(
            {
                "name": [sheet.name, _HEAD_ROW, 5],
                "categories": names,
                "values": [sheet.name, first, 5, last, 5],
                "fill": {"none": True},
                "border": {"none": True},
            }
        )
        chart.add_series(
            {
                "name": [sheet.name, _HEAD_ROW, 7],
                "categories": names,
                "values": [sheet.name, first, 7, last, 7],
                "fill": {"color": "#1F4E8C"},
                "gap": 60,
            }
        )
        level = say("common.interval", self.report.lang, level=self.tell.level)
        chart.set_title({"name": f"{title} – {level}", "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%"})
        chart.set_y_axis({"reverse": True})
        high = 110 + 18 * len(rows)
        chart.set_size({"width": 820, "height": high})
        words = f"{title}. " + "; ".join(self._bars(rows))
        at = last + 3 + self._notes
        sheet.insert_chart(at, 0, chart, {"description": words[:2000]})
        self._printed(sheet, at + ceil(high / _ROW_PIXELS), _COLUMNS - 1)
        if len(rows) <= _ONE_PAGE:
            sheet.fit_to_pages(1, 1)

    def _bars(self, rows: Sequence[EstimateRow]) -> Iterator[str]:
        for row in rows:
            yield f"{self.tell.sector(row.sector)}: {self.tell.limits(row)}"

    def _h(self, field: str) -> str:
        return heading(field, self.report.lang)

    @property
    def _sector(self) -> _Column:
        return _Column(
            self._h("sector"), lambda r: self.tell.sector(r.sector) + self.tell.beside(r), width=28
        )

    @property
    def _office(self) -> _Column:
        return _Column(self._h("office"), lambda r: self._office_name(r.office), width=28)

    def _office_name(self, office: str) -> str:
        if office == ALL:
            return say("wording.totals.offices", self.report.lang)
        return self.report.names.get(office, office)

    def _offices(self) -> list[EstimateRow]:
        """Offices side by side by name, then their total; of a report of several."""
        document = self.report.document
        if self.report.office != ALL or len(document.offices) < 2:
            return []
        known = sorted(document.offices, key=lambda office: by_name(self._office_name(office)))
        rows = (document.pick(office=office) for office in (*known, ALL))
        return [row for row in rows if row is not None]

    @property
    def _element(self) -> _Column:
        return _Column(
            self._h("measure"), lambda r: self.tell.names.get(r.measure, r.measure), width=44
        )

    @property
    def _channel(self) -> _Column:
        return _Column(
            self._h("channel"),
            lambda r: wording.capital(say(f"wording.channels.{r.channel}", self.report.lang)),
            width=34,
        )

    def _measure(self, measure: str) -> str:
        return wording.measure_title(measure, self.report.lang)

    def _elements(self) -> list[EstimateRow]:
        return [
            row
            for row in self.report.document.estimates
            if (row.office, row.sector, row.channel) == (self.report.office, ALL, ALL)
            and row.received
        ]

    def _channels(self) -> list[EstimateRow]:
        wanted = (self.report.office, ALL, "overall")
        return [
            row
            for row in self.report.document.estimates
            if row[:3] == wanted and row.channel != ALL
        ]

    # --- A sheet -----------------------------------------------------------------------------

    def _table(
        self,
        title: str,
        columns: Sequence[_Column],
        rows: Sequence[Any],
        notes: Sequence[str] | None = None,
    ) -> Any:
        """A sheet with its title, a frozen head, the rows, and what is to be known of them."""
        sheet = self._sheet(title)
        sheet.set_row(0, _LINE * 14 / _SIZE)
        sheet.write_string(0, 0, title, self.above)
        high = [_LINE] * (len(rows) + 1)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(_HEAD_ROW, place, column.name, self.head)
            high[0] = max(high[0], _high(column.name, column.width, bold=True))
            for number, row in enumerate(rows, start=1):
                value = column.value(row)
                self._cell(sheet, _HEAD_ROW + number, place, column, value)
                if isinstance(value, str):
                    high[number] = max(high[number], _high(value, column.width))
        for number, points in enumerate(high):
            sheet.set_row(_HEAD_ROW + number, points)
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        last = _HEAD_ROW + len(rows)
        wide = sum(column.width for column in columns)
        notes = self._cautions(rows) if notes is None else notes
        self._notes = len(notes)
        for number, note in enumerate(notes, start=last + 2):
            sheet.set_row(number, _high(note, wide))
            sheet.merge_range(number, 0, number, len(columns) - 1, "", self.wrapped)
            sheet.write_string(number, 0, note, self.wrapped)
        self._printed(sheet, last + 1 + len(notes), len(columns) - 1)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.set_landscape()
        return sheet

    def _cautions(self, rows: Sequence[Any]) -> list[str]:
        estimates = [row for row in rows if isinstance(row, EstimateRow)]
        assumed = say("wording.assumptions", self.report.lang)
        return [*self.tell.caution(estimates), assumed]

    def _cell(self, sheet: Any, row: int, place: int, column: _Column, value: Value) -> None:
        if isinstance(value, int | float):
            sheet.write_number(row, place, value, self.forms[self._form(column, value)])
            return
        sentence = place == 0 or not column.form
        sheet.write_string(row, place, value or "–", self.name if sentence else self.told)

    def _form(self, column: _Column, value: float) -> str:
        """How a number is shown: no share is rounded across a target, to all, or to nobody."""
        if column.form != _PERCENT:
            return column.form
        thresholds = self.report.document.thresholds
        return _PERCENT if wording.decimals_of(value, _MANY, thresholds) == 1 else _FINE

    def _sheet(self, title: str) -> Any:
        """A sheet of this name, without what Excel does not allow in one, 31 letters at most."""
        name = "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31].strip()
        return self.book.add_worksheet(name)

    def _printed(self, sheet: Any, last: int, columns: int) -> None:
        sheet.set_paper(9)  # A4
        sheet.print_area(0, 0, last, columns)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.fit_to_pages(1, 0)


def _breaks(heights: Sequence[float], heading: Sequence[bool]) -> Iterator[int]:
    """The rows that begin a printed page, so that no heading ends one."""
    used = 0.0
    for row, high in enumerate(heights):
        used += high
        if used > _PAGE and row:
            begins = row
            while begins > 1 and heading[begins - 1]:
                begins -= 1
            yield begins
            used = sum(heights[begins : row + 1])


def _high(text: str, letters: float, size: float = _SIZE, *, bold: bool = False) -> float:
    """The height in points of a row that has a text in a column of so many letters."""
    width = letters * _LETTER * _SPARE
    lines = sum(ceil(text_width(part, size, bold=bold) / width) or 1 for part in text.split("\n"))
    return lines * _LINE * size / _SIZE
