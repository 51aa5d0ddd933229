"""Sessions that were ended are kept on both databases, and no longer than they would last."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Engine

from survey.store.staff import end_session, is_ended

TODAY = date(2026, 10, 15)


def test_they_are_kept_until_they_would_be_over_anyway(engine: Engine) -> None:
    tomorrow = TODAY + timedelta(days=1)
    end_session(engine, "one", tomorrow, TODAY)
    end_session(engine, "one", tomorrow, TODAY)  # pressed twice
    assert is_ended(engine, "one")
    assert not is_ended(engine, "two")
    end_session(engine, "two", tomorrow + timedelta(days=2), tomorrow + timedelta(days=1))
    assert is_ended(engine, "two")
    assert not is_ended(engine, "one")
