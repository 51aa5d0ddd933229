"""Finds the headings of a file and what they mean. Must not look at what stands beneath them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from survey.dossiers import layout
from survey.dossiers.cells import masked, plain, text_of
from survey.dossiers.columns import Columns
from survey.dossiers.problems import Problems
from survey.dossiers.sheets import Row, Sheet
from survey.errors import DossiersError

TOP = 30
"""So many rows are searched: above its headings an export may carry a name and a title."""

_LAYOUT = (*layout.REQUIRED, *layout.OPTIONAL)


@dataclass(frozen=True, slots=True)
class Headings:
    """Where a sheet has its headings and what they mean."""

    sheet: Sheet
    row: int
    texts: tuple[str, ...]
    meanings: Mapping[str, tuple[int, ...]]
    population: bool

    @property
    def positions(self) -> dict[str, int]:
        """What a column means -> its place, the preferred one where several mean the same."""
        return {meaning: places[0] for meaning, places in self.meanings.items()}


def find_headings(sheets: Iterable[Sheet], columns: Columns, problems: Problems) -> Headings:
    """Return the headings of the one sheet that has them.

    Raises DossiersError where no sheet or several have them, or where a needed one is missing.
    """
    candidates = [found for sheet in sheets if (found := _headings(sheet, columns)) is not None]
    if not candidates:
        raise DossiersError(_no_headings(sheets, columns))
    best = [found for found in candidates if not _missing(found, columns)] or candidates[:1]
    if len(best) > 1:
        names = "; ".join(found.sheet.name for found in best)
        raise DossiersError(f"{names}: headings on more than one sheet; keep one sheet in the file")
    _check_headings(best[0], columns, problems)
    return best[0]


def _headings(sheet: Sheet, columns: Columns) -> Headings | None:
    """Return the row near the top of which most cells are known headings, if there is one."""
    rows = [_meanings(sheet, row, columns) for row in islice(sheet.rows(), TOP)]
    best = max(rows, key=lambda found: len(found.meanings), default=None)
    return best if best is not None and len(best.meanings) > 1 else None


def _meanings(sheet: Sheet, row: Row, columns: Columns) -> Headings:
    number, cells = row
    population = _places_of(cells, {name: (name, 0) for name in _LAYOUT})
    export = _places_of(cells, columns.roles)
    is_population = len(population) >= len(export) and not {"period", "completed"}.isdisjoint(
        population
    )
    return Headings(
        sheet,
        number,
        tuple(map(text_of, cells)),
        population if is_population else export,
        is_population,
    )


def _places_of(
    cells: Sequence[object], known: Mapping[str, tuple[str, int]]
) -> dict[str, tuple[int, ...]]:
    """Return for each meaning the places of its headings, the preferred heading first."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in enumerate(cells):
        if (word := plain(cell)) in known:
            meaning, rank = known[word]
            found.setdefault(meaning, []).append((rank, place))
    return {
        meaning: tuple(place for _, place in sorted(ranked)) for meaning, ranked in found.items()
    }


def _missing(headings: Headings, columns: Columns) -> list[str]:
    if headings.population:
        return [f"column '{name}'" for name in layout.REQUIRED if name not in headings.meanings]
    missing = [
        f"column for {role} ({' or '.join(map(repr, columns.columns.get(role, ())))})"
        for role in ("code", "returned")
        if role not in headings.meanings
    ]
    if not {"sector", "procedure"} & set(headings.meanings):
        missing.append("column for sector or procedure")
    return missing


def _check_headings(headings: Headings, columns: Columns, problems: Problems) -> None:
    there = ", ".join(map(masked, filter(None, headings.texts)))
    remedy = (
        "add it; the layout is period, office, sector, completed and optionally on_time, online"
        if headings.population
        else "add the file's own heading to [columns] of the columns file"
    )
    for what in _missing(headings, columns):
        problems.add(f"the {what} is missing among {there}; {remedy}", headings.row)
    for heading, times in Counter(map(plain, filter(None, headings.texts))).items():
        if times > 1 and heading in _known_headings(headings, columns):
            problems.add(f"heading '{heading}' stands {times} times; keep one", headings.row)
    if headings.population:
        for text in filter(None, headings.texts):
            if plain(text) not in _LAYOUT:
                problems.add(
                    f"column {masked(text)} is not part of the population layout; remove it or "
                    f"correct its spelling ({', '.join(_LAYOUT)})",
                    headings.row,
                )
    # Without its columns no row can be judged: what follows would only repeat the same.
    problems.raise_if_any()


def _known_headings(headings: Headings, columns: Columns) -> Collection[str]:
    return _LAYOUT if headings.population else columns.roles


def _no_headings(sheets: Iterable[Sheet], columns: Columns) -> str:
    first = next(iter(sheets), None)
    rows = list(islice(first.rows(), 1)) if first is not None else []
    if first is None or not rows:
        return f"{first.name if first else 'the file'}: it is empty; export the dossiers again"
    expected = ", ".join(words[0] for words in columns.columns.values() if words)
    there = ", ".join(masked(cell) for cell in rows[0][1] if text_of(cell))
    return (
        f"{first.name}, row {rows[0][0]}: no known headings among {there}; a population file has "
        f"{', '.join(layout.REQUIRED)}; an export has for example {expected}. Write the file's "
        "own headings in a columns file: hailong dossiers columns"
    )
