"""The call sheet: whom to call, as a workbook for who calls. It is made once and kept nowhere here.

It holds dossier codes, so it stays with the office; what was answered never stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from survey.export_files import guarded
from survey.recheck.calls import Outcome, spelt
from survey.recheck.tickets import Ticket
from survey.told import in_language, sentence

_WIDTHS: Final = (8, 10, 24, 26, 40, 14, 22, 70)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A dossier to call. `code`: what its answer is entered under; None where it is done with.

    `spare`: it takes the place of one of its sector that gave no answer.
    """

    ticket: Ticket
    code: str | None
    spare: bool
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class CallSheet:
    """All that was drawn of a month of an office, with what lets anybody draw it again."""

    month: str
    office: str
    file_name: str
    list_digest: str
    seed: str
    rows: Sequence[SheetRow]


Say = Callable[..., str]
"""A sentence of the sheet by its key, in the language of the sheet."""


def call_sheet(sheet: CallSheet, sectors: Mapping[str, str], lang: str) -> bytes:
    """The workbook (.xlsx): a row a dossier, and how to call; `sectors` by name."""
    from openpyxl import Workbook

    def say(key: str, **words: object) -> str:
        return in_language(sentence(f"recheck.sheet.{key}", **words), lang)

    book = Workbook()
    _list_calls(book.active, sheet, sectors, say)
    _explain(book.create_sheet(say("how")), sheet, say)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


_COLUMNS: Final = ("place", "row", "sector", "dossier", "procedure", "code", "done", "ticket")


def _list_calls(calls: Any, sheet: CallSheet, sectors: Mapping[str, str], say: Say) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    calls.title = say("title")
    calls.append([say(name) for name in _COLUMNS])
    for row in sheet.rows:
        calls.append(_cells(row, sectors, say))
    for place, width in enumerate(_WIDTHS, start=1):
        calls.column_dimensions[get_column_letter(place)].width = width
    for cell in calls[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    calls.freeze_panes = "A2"
    calls.auto_filter.ref = calls.dimensions
    _print_on_a4(calls)
    calls.print_title_rows = "1:1"


def _print_on_a4(page: Any) -> None:
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _cells(row: SheetRow, sectors: Mapping[str, str], say: Say) -> list[str | int]:
    one = row.ticket.dossier
    left = say("spare") if row.spare else ""
    return [
        row.ticket.position,
        one.row,
        guarded(sectors.get(one.sector, one.sector)),
        guarded(one.code),
        guarded(one.procedure),
        "" if row.code is None else spelt(row.code),
        left if row.outcome is None else say(row.outcome),
        row.ticket.ticket,
    ]


def _explain(page: Any, sheet: CallSheet, say: Say) -> None:
    """How to call and what to say, and how anybody draws the same again."""
    from openpyxl.styles import Alignment, Font

    page.column_dimensions["A"].width = 110
    for key in ("who", "words", "ask", "enter", "skip", "spares", "keep"):
        page.append([say(key)])
    page.append([""])
    page.append([say("again")])
    page.cell(page.max_row, 1).font = Font(bold=True)
    for text in (
        say("file", file=sheet.file_name, digest=sheet.list_digest),
        say("seed", seed=sheet.seed),
        say("rule"),
    ):
        page.append([guarded(text)])
    for (cell,) in page.iter_rows(max_col=1):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    _print_on_a4(page)
