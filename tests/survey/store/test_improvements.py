"""What an office did about what people said, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from survey.improvements import Texts
from survey.store.improvements import (
    add_improvement,
    change_improvement,
    drop_improvement,
    find_improvement,
    list_improvements,
    publish_improvement,
    withdraw_improvement,
)
from survey.store.staff_actions import By, DoneFilter, list_actions

BY = By("lan", datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
TEXTS = Texts("Chờ lâu.", "Thêm quầy.", "Long waits.", "One more counter.")


@pytest.fixture
def entry(engine: Engine):
    """A draft of October."""
    found = find_improvement(engine, add_improvement(engine, "trieu-son", "2026-10", TEXTS, BY))
    assert found is not None
    return found


def test_each_act_is_done_once_and_logged_with_it(engine, entry):
    day = date(2026, 11, 20)
    assert [publish_improvement(engine, entry, day, BY) for _ in range(2)] == [True, False]
    assert list_improvements(engine, "trieu-son", "2026-10", published=True)[0].texts == TEXTS
    assert not change_improvement(engine, entry, Texts("a", "b"), BY)
    assert not drop_improvement(engine, entry, BY)
    assert [withdraw_improvement(engine, entry, BY) for _ in range(2)] == [True, False]
    assert list_improvements(engine, "trieu-son", "2026-10", published=True) == []
    assert [drop_improvement(engine, entry, BY) for _ in range(2)] == [True, False]
    assert find_improvement(engine, entry.id) is None
    done = [one.action for one in list_actions(engine, DoneFilter())]
    assert done == [
        f"improvement_{act}" for act in ("dropped", "withdrawn", "published", "written")
    ]


def test_entries_belong_to_their_office_and_month(engine, entry):
    for office, month in (("trieu-son", "2026-09"), ("elsewhere", "2026-10")):
        assert list_improvements(engine, office, month) == []
    assert list_improvements(engine, "trieu-son", "2026-10") == [entry]
