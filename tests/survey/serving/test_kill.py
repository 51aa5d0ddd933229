"""The server is killed under load: what was thanked is there, once. In full: benchmarks.kill."""

from __future__ import annotations

import sys

import pytest

from benchmarks.kill import survive
from benchmarks.office import temporary_office

KILLS, SEED = 3, 20261123


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process group, as Linux has them")
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_what_was_acknowledged_is_stored_exactly_once_after_kills(
    database: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    with temporary_office(url) as config:
        outcome = survive(config, KILLS, SEED)
    assert outcome.clean, outcome
    assert outcome.acknowledged > 10
    assert outcome.interrupted > 0  # the kills met answers in the middle
