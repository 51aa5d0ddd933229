"""Files of the analyst's road, and what is read from them."""

from __future__ import annotations

import pytest

import analysis
from tests.analysis.verbs.office import (
    TARGETS,
    an_office,
    sheets,
    write_population,
    write_responses,
)

TODAY = "2026-12-01"
"""The months of every example are over."""


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Land 45 of 50 satisfied, civil status 20 of 40; the names of `an_office`."""
    return an_office(tmp_path_factory.mktemp("office"))


def read_office(office):
    return analysis.read(
        office["RESPONSES"], office["POPULATION"], targets=office["TARGETS"], today=TODAY
    )


@pytest.fixture(scope="module")
def data(office):
    """Open for all tests of a file: whoever closes it takes `own_data`."""
    with read_office(office) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(data):
    return analysis.estimate(data, "2026-10")


@pytest.fixture
def own_data(office):
    """The same data, of this test alone."""
    with read_office(office) as opened:
        yield opened


@pytest.fixture
def read_rows(tmp_path):
    """read_rows(rows, dossiers, **options): rows written, read, and closed at the end."""
    opened = []

    def read(rows, dossiers=None, **options):
        responses = write_responses(tmp_path / "rows.csv", rows)
        counts = write_population(tmp_path / "counts.csv", dossiers) if dossiers else None
        targets = tmp_path / "rows.toml"
        targets.write_text(TARGETS, encoding="utf-8")
        opened.append(
            analysis.read(responses, counts, **{"targets": targets, "today": TODAY, **options})
        )
        return opened[-1]

    yield read
    for data in opened:
        data.close()


@pytest.fixture
def small(read_rows):
    """Estimates in which construction has three answers, of which counts alone are told."""
    rows = [*sheets("land", 45, 50), *sheets("civil-status", 20, 40), *sheets("construction", 2, 3)]
    dossiers = {"land": 120, "civil-status": 60, "construction": 9}
    return analysis.estimate(read_rows(rows, dossiers), "2026-10")
