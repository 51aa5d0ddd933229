"""One commune, six hundred and the whole country in one document: processor time, and memory.

Eighty answers a commune, eight sectors, eight measures, every dossier counted. Each size runs in a
process of its own, so that its memory is its own. "document" is all of `analyse` after the moments.
Run:  python -m benchmarks.country [--communes 1 600 3321] [--published]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from analysis import document
from analysis.disclosure.published import published
from analysis.document import Document, analyse
from analysis.input.columns import Named
from analysis.input.population import read_population
from analysis.input.responses import read_responses
from analysis.reporting.sections import render_text
from benchmarks.sources import ITEMS, PERIOD, make_population, make_responses
from benchmarks.timing import timed, told
from questionnaires import shipped

COMMUNES = (1, 600, 3321)
ANSWERS = 80  # of a commune
GOAL, GOAL_OF_ONE = 5.0, 0.05  # seconds of a processor for a step: the country, one commune


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, nargs="+", default=COMMUNES)
    parser.add_argument("--published", action="store_true", help="the published document as well")
    options = parser.parse_args()
    for communes in options.communes:
        process = get_context("spawn").Process(target=measure, args=(communes, options.published))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(process.exitcode)


def measure(communes: int, publish: bool) -> None:
    """Make the answers of so many communes and analyse them."""
    with tempfile.TemporaryDirectory(prefix="hailong-country-") as name:
        folder = Path(name)
        path = make_responses(folder / "answers.parquet", communes * ANSWERS, communes, ["poster"])
        dossiers = read_population(make_population(folder / "dossiers.csv", path))
        print(f"{communes:,} communes, {communes * ANSWERS:,} answers")
        with read_responses(path, named=Named(ITEMS)) as responses:
            make = partial(analyse, responses, dossiers, period=PERIOD)
            found = _document(make, one=communes == 1)
            _told("text", lambda: render_text(found))
            if publish:
                _told("published", lambda: published(found, responses, dossiers, shipped()))
    if sys.platform != "win32":
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        told("most memory", f"{most:8.2f} GB")


def _document(make: partial[Document], *, one: bool) -> Document:
    """The document, its moments read before the clock starts."""
    cells: list[Any] = []
    read = document.read_told

    def keep(*given: Any) -> Any:
        cells.append(read(*given))
        return cells[-1]

    with patch.object(document, "read_told", keep):
        told("moments and document, the first time", f"{timed(make).cpu:8.3f} s")
    with patch.object(document, "read_told", lambda *_: cells[-1]):
        found: list[Document] = []
        _told("document", lambda: found.append(make()), one=one)
    told("rows", f"{len(found[0].estimates):8,}")
    return found[0]


def _told(what: str, work: Callable[[], object], *, one: bool = False) -> None:
    seconds, goal = timed(work).cpu, GOAL_OF_ONE if one else GOAL
    told(what, f"{seconds:8.3f} s", seconds < goal, f"< {goal:g} s")


if __name__ == "__main__":
    main()
