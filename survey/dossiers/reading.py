"""Reads one file of either kind and hands its rows to the rules of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from itertools import islice
from typing import Any, cast
from zoneinfo import ZoneInfo

from questionnaires.bilingual import Told
from survey.dossiers.cells import text_of
from survey.dossiers.columns import Columns, Role, known_words
from survey.dossiers.count import Counted
from survey.dossiers.files import open_sheets
from survey.dossiers.headings import Headings, PopulationLayout, find_headings, guess_headings
from survey.dossiers.look import Look, SeenColumn
from survey.dossiers.problems import Problems, note_moved, spoken
from survey.dossiers.rows import Export
from survey.dossiers.sheets import Row
from survey.errors import DossiersError
from survey.places import Places
from survey.told import sentence

RowProgress = Callable[[int, int | None], None]
"""Told the number of a row that was read and, where the file tells, how many there are."""

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
STEP = 500  # rows between two reports of progress
SAMPLES = 3  # rows that are shown of a file
LONGEST_SAMPLE = 60  # letters of one cell


@dataclass(frozen=True, slots=True)
class CountRequest:
    """What is to be counted, as of ``today``, in the office's ``zone``.

    ``office``: the whole file is of this office. ``periods``: only these months; all where empty.
    ``one_by_one``: the dossiers are wanted too, not their numbers alone.
    """

    places: Places
    columns: Columns
    today: date
    office: str | None = None
    periods: frozenset[str] = frozenset()
    zone: tzinfo = VIETNAM
    one_by_one: bool = False


def count_file(
    content: bytes, name: str, question: CountRequest, progress: RowProgress | None = None
) -> Counted:
    """Count the dossiers of a file by month, office and sector, or take over its counts.

    Raises DossiersError that lists every problem with its rows and remedy; then nothing counts.
    """
    return look_at(content, name, question, progress).require()


def look_at(
    content: bytes, name: str, question: CountRequest, progress: RowProgress | None = None
) -> Look:
    """Count as `count_file` does, and tell what was seen also where that refuses.

    Raises DossiersError where there is nothing to see: it cannot be opened, or holds no table.
    """
    problems = Problems(name)
    book = open_sheets(content, name)
    if not book.sheets:
        raise DossiersError(sentence("sheet.no_sheet", file=name))
    known = known_words(question.places, question.columns)
    try:
        headings = find_headings(book, question.columns, known, problems)
    except DossiersError as error:
        guessed = guess_headings(book, question.columns, known)
        if guessed is None:
            raise
        look = Look(problems=error.args, refusal=error.args[0], guessed=True)
        return replace(look, **_seen(guessed))
    look = replace(Look(), **_seen(headings), whose=_is_whose(headings, question))
    try:
        counted = _counted(name, headings, question, problems, progress)
    except DossiersError as error:
        beside = problems.beside_unknown() if problems else error.args
        return replace(look, unknown=problems.unknown(), problems=beside, refusal=error.args[0])
    return replace(look, counted=counted)


def _counted(
    name: str,
    headings: Headings,
    question: CountRequest,
    problems: Problems,
    progress: RowProgress | None,
) -> Counted:
    rows = _beneath(headings, problems, progress)
    counted = _reader(headings, question, problems).count(rows, question.periods)
    problems.raise_if_any()
    if not counted.counts:
        raise DossiersError(_nothing(name, counted))
    columns = {meaning: headings.texts[place] for meaning, place in headings.positions.items()}
    doubts = (*counted.doubts, *_of_hidden(headings))
    return replace(counted, columns=columns, doubts=doubts)


def _seen(headings: Headings) -> dict[str, Any]:
    """What a look tells of the headings and of the first rows beneath."""
    meaning = {place: each for each, place in headings.positions.items()}
    rows: list[Row] = []
    with suppress(DossiersError):  # what is wrong further down is told when all rows are read
        rows.extend(islice(_beneath(headings, Problems(""), None), SAMPLES))
    columns = tuple(
        SeenColumn(
            text,
            meaning.get(place),
            tuple(_sample(cells, place) for _, cells in rows),
        )
        for place, text in enumerate(headings.texts)
    )
    kind = "population" if headings.population else "export"
    return {"kind": kind, "columns": columns, "rows": tuple(number for number, _ in rows)}


def _sample(cells: Sequence[object], place: int) -> str:
    cell = cells[place] if place < len(cells) else None
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    text = text_of(cell)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"


def _of_hidden(headings: Headings) -> Iterator[str]:
    hidden = {row for row in headings.sheet.hidden_rows if row > headings.row}
    if hidden:
        yield sentence("dossiers.hidden", rows=spoken(hidden))


def _reader(
    headings: Headings, question: CountRequest, problems: Problems
) -> PopulationLayout | Export:
    _check_office(question.office, question.places, problems)
    if headings.population:
        known = known_words(question.places)
        return PopulationLayout(
            headings.positions, known, question.office, question.today, problems
        )
    return Export(
        columns=question.columns,
        positions=cast("Mapping[Role, int]", headings.positions),
        known=known_words(question.places, question.columns),
        office=question.office or _office(headings, question, problems),
        today=question.today,
        zone=question.zone,
        epoch=headings.sheet.epoch,
        width=len(headings.texts),
        separated=headings.sheet.separated,
        problems=problems,
        one_by_one=question.one_by_one,
    )


def _beneath(headings: Headings, problems: Problems, progress: RowProgress | None) -> Iterator[Row]:
    """Yield the rows beneath the headings."""
    width = len(headings.texts)
    whole = headings.population and headings.sheet.separated
    for number, cells in headings.sheet.rows():
        if number <= headings.row:
            continue
        if progress is not None and number % STEP == 0:
            progress(number, headings.sheet.expected)
        if whole:
            note_moved(number, cells[width:], problems)
        yield number, cells


def _check_office(office: str | None, places: Places, problems: Problems) -> None:
    known = [each.id for each in places.office]
    if office is not None and office not in known:
        problems.add(sentence("counts.no_such_office", office=office, known=", ".join(known)))


def _is_whose(headings: Headings, question: CountRequest) -> bool:
    """Whether somebody has to say of which office the file is."""
    told = question.office or question.columns.office or "office" in headings.meanings
    return not told and len(question.places.office) > 1


def _office(headings: Headings, question: CountRequest, problems: Problems) -> str | None:
    """Return the office of the whole export; None where each row has to tell."""
    if question.columns.office is not None:
        _check_office(question.columns.office, question.places, problems)
        return question.columns.office
    if "office" in headings.meanings:
        return None
    offices = [office.id for office in question.places.office]
    if _is_whose(headings, question):
        problems.add(sentence("dossiers.whose", known=", ".join(offices)))
    return offices[0]


def _nothing(name: str, counted: Counted) -> Told:
    if not counted.rows:
        return sentence("dossiers.no_rows", file=name)
    numbers = {"rows": counted.rows, "open": counted.not_returned, "outside": counted.outside}
    return sentence("dossiers.nothing", file=name, **numbers)
