"""The files of a notebook beside it, named as they lie, so that it runs on another machine.

Owns which files these are and what they are called. Answers of a database are those of the months
that the notebook looks at; comments and reasons stay where they are.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from survey.errors import HailongError, unwritable
from survey.files import write_whole

if TYPE_CHECKING:
    from analysis.period import Period
    from questionnaires import Questionnaire

SOURCES: Final = ("responses", "population", "indicators", "targets", "mapping")
_ELSEWHERE: Final = "spark"  # a cluster: too large to be laid beside
_LOOKED_BACK: Final = 24  # months: twelve are shown, each against the twelve before it


def lay_beside(
    out: Path,
    sources: Mapping[str, str | None],
    period: Period,
    questionnaires: Iterable[Questionnaire] = (),
) -> dict[str, Any]:
    """Copy what a notebook reads into a folder beside it; the parameters that name it there.

    `sources`: as given, passwords included; none of them is written down. An older folder of the
    same name is replaced once the new one is whole.
    """
    folder = out.with_name(f"{out.stem}-data")
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        names = {
            name: source
            if source.startswith(_ELSEWHERE)
            else f"{folder.name}/{_copy(name, source, part, period)}"
            for name in SOURCES
            if (source := sources.get(name))
        }
        known = _write_questionnaires(part, questionnaires)
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)  # gone a line above: a folder replaces none on Windows
    except OSError as error:
        raise HailongError(unwritable(folder, error)) from error
    return names | ({"questionnaires": f"{folder.name}/{known}"} if known else {})


def _copy(name: str, source: str, folder: Path, period: Period) -> str:
    """Put one source into the folder; what it is called there."""
    if "://" in source:
        rows = _answers(source, period) if name == "responses" else _COUNTED[name](source)
        write_whole(folder / f"{name}.csv", _csv(*rows))
        return f"{name}.csv"
    path = Path(source)
    target = folder / f"{name}{path.suffix.lower()}"
    if path.is_dir():
        shutil.copytree(path, target)
    else:
        shutil.copyfile(path, target)
    return target.name


def _answers(source: str, period: Period) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """In the order of their ids, which are random: the order tells nothing."""
    from analysis.input.aggregates import EVERYTHING, chosen
    from analysis.input.responses import read_responses
    from analysis.input.sources import run
    from analysis.period import last_months

    stretch = last_months(period, max(_LOOKED_BACK, len(period.months) + 12))
    with read_responses(source, trusted=True) as opened:
        rows = run(opened.source, chosen(opened, stretch, EVERYTHING).order_by("response_id"))
        columns = list(opened.table.columns)
    flags = ({**row, "late": bool(row["late"])} for row in rows)  # a number in some engines
    return columns, ([_cell(row[name]) for name in columns] for row in flags)


def _dossiers(source: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    from analysis.input.population import read_population
    from questionnaires.layout import POPULATION

    counts = read_population(source).counts
    return POPULATION, ([_cell(getattr(count, name)) for name in POPULATION] for count in counts)


def _points(source: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    from analysis.input.indicators import read_indicators
    from questionnaires.layout import INDICATORS

    counts = read_indicators(source).counts
    rows = ((one.month, one.office, one.indicator, *one.files) for one in counts)
    return INDICATORS, ([_cell(value) for value in row] for row in rows)


_COUNTED: Final = {"population": _dossiers, "indicators": _points}
"""What a database is read by beside its answers."""


def _cell(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124  not a number: a missing score
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) else str(value)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _write_questionnaires(folder: Path, questionnaires: Iterable[Questionnaire]) -> str | None:
    """The office's own ones as files; the name of their folder, None without any."""
    from questionnaires.writing import questionnaire_text

    own = list(questionnaires)
    if not own:
        return None
    (folder / "questionnaires").mkdir(mode=0o700)
    for one in own:
        name = f"{one.id}.v{one.version}.toml"
        write_whole(folder / "questionnaires" / name, questionnaire_text(one))
    return "questionnaires"
