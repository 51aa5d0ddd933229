"""A file of past answers, read in a process of its own: columns, a drafted mapping, rows.

Owns what a page asks of such a file. Knows no database: offices, sectors and questionnaires come
with the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from questionnaires import Questionnaire
from questionnaires.toml import read_toml
from survey.bounded import LARGEST, answer_of, asked, bound, say
from survey.dossiers.look import packed, told_of
from survey.errors import HailongError
from survey.past_answers import PastRow, PastRows, rows_of
from survey.told import sentence

if TYPE_CHECKING:
    from analysis.input.cells import Cells
    from analysis.input.mapping import FormMapping

SECONDS: Final = 60.0
MOST: Final = 20_000  # rows of a file that a page takes
VALUES: Final = 24  # different values of a column that may be given a meaning each
COLUMNS: Final = 200
_EXAMPLES: Final = 3
_LONGEST: Final = 80  # characters of an example


@dataclass(frozen=True, slots=True)
class PastFile:
    """A file that was sent, and what is known where it is read.

    `sectors`: their names by id. `questionnaire`: the one that its form asks.
    """

    path: Path
    name: str
    questionnaire: Questionnaire
    sectors: Mapping[str, str]


def look(file: PastFile) -> dict[str, Any]:
    """The columns of a file (heading, examples, values) and the entries of a drafted mapping.

    Raises HailongError where it cannot be read.
    """
    return _asked(file, None)


def read(file: PastFile, mapping: Mapping[str, Any]) -> PastRows | dict[str, list[str]]:
    """The answers of a file; or what the mapping does not read yet, as of `unread`.

    Raises HailongError where the mapping does not fit the file.
    """
    found = _asked(file, mapping)
    if "unread" in found:
        strange: dict[str, list[str]] = found["unread"]
        return strange
    rows = [
        PastRow(told_of(place), {**row, "answered_on": date.fromisoformat(row["answered_on"])})
        for place, row in found["rows"]
    ]
    return PastRows(rows, found["items"], found["skipped"])


def _asked(file: PastFile, mapping: Mapping[str, Any] | None) -> dict[str, Any]:
    asked = (file, mapping)
    answer, in_time = answer_of(__name__, asked, b"", seconds=SECONDS)
    if "refused" in answer:
        raise HailongError(told_of(answer["refused"]))
    if not answer:
        what = "dossiers.ended" if in_time else "dossiers.too_long"
        raise HailongError(sentence(what, file=file.name, remedy=sentence("past.copy_table")))
    return answer


def main() -> None:
    """Read what comes through the standard input, and answer."""
    from analysis.errors import Refusal

    (file, mapping), _ = asked()
    bound(LARGEST, SECONDS)
    try:
        say(_columns(file) if mapping is None else _rows(file, mapping))
    except Refusal as refusal:  # the file as it is called, and not as it lies here
        called = (replace(problem, file=file.name) for problem in refusal.problems)
        say({"refused": packed(Refusal(called).args[0])})
    except HailongError as refusal:
        say({"refused": packed(refusal.args[0])})
    except MemoryError:
        say({"refused": packed(sentence("dossiers.memory", file=file.name, most=LARGEST >> 20))})


def _cells(file: PastFile) -> Cells:
    from analysis.input.cells import read_cells

    cells = read_cells(file.path)
    if len(cells.rows) > MOST or len(cells.headings) > COLUMNS:
        told = {"file": file.name, "rows": MOST, "columns": COLUMNS}
        raise HailongError(sentence("past.too_many", **told))
    return replace(cells, name=file.name)


def _columns(file: PastFile) -> dict[str, Any]:
    from analysis.input.guessing import Known, draft

    cells = _cells(file)
    known = Known(file.questionnaire, file.sectors)
    columns = [_column(cells, place) for place in range(len(cells.headings))]
    return {
        "columns": [one for one in columns if one["heading"]],
        "mapping": read_toml(draft(cells, known, Path(file.name).stem)),
        "rows": len(cells.rows),
    }


def _column(cells: Cells, place: int) -> dict[str, Any]:
    from analysis.input.frames import text_of
    from questionnaires import keys

    texts = [keys.normal(text_of(row[place]) or "") for row in cells.rows]
    every = list(dict.fromkeys(texts))
    different, few = [text for text in every if text], every if len(every) <= VALUES else []
    return {
        "heading": cells.headings[place],
        "cells": [text[:_LONGEST] for text in different[:_EXAMPLES]],
        "values": [text for text in few if len(text) <= _LONGEST],
    }


def _rows(file: PastFile, mapping: Mapping[str, Any]) -> dict[str, Any]:
    from analysis.input.mapped import unread
    from analysis.input.mapping import check_mapping

    form, known = check_mapping(mapping, file.name), {file.questionnaire.key: file.questionnaire}
    cells = _cells(file)
    strange = unread(cells, form, known)
    if strange:
        return {"unread": {heading: values[:VALUES] for heading, values in strange.items()}}
    found = rows_of(cells, _without_covariates(form), known)
    return {
        "rows": [[packed(row.place), _plain(row.values)] for row in found.rows],
        "items": list(found.items),
        "skipped": found.skipped,
    }


def _without_covariates(form: FormMapping) -> FormMapping:
    return form.model_copy(update={"covariates": {}})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "answered_on": values["answered_on"].isoformat()}


if __name__ == "__main__":
    main()
