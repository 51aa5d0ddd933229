"""Sealing and purging make nobody wait, and may be killed anywhere: the next time goes on."""

from __future__ import annotations

import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from survey.intake import Response
from survey.serving import upkeep
from survey.store import open_engine, purges, sealing, seals, tables, transactions, verification
from survey.store.comments import list_comments
from survey.store.responses import add_many, add_response, count_responses
from survey.store.staff_actions import By, DoneFilter, list_actions

FIRST, LAST, NEXT = date(2026, 9, 27), date(2026, 10, 3), date(2026, 10, 4)
BY = By(None, datetime(2029, 1, 1, 3, tzinfo=UTC))
NEW_YEAR = date(2029, 1, 1)
row = tables.response.c


def answer(day: date, **more: Any) -> Response:
    sheet = ("desk@1", "trieu-son", "land", "kiosk", day, "54----")
    return Response(str(uuid.uuid4()), *sheet, choices=(("went_wrong", "waiting"),), **more)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(transactions, "STEP", 5)
    return 5


@pytest.fixture
def answered(engine: Engine, small_steps: int) -> Engine:
    """A week over the end of September, eight answers a day, two of them with a comment."""
    for ahead in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=ahead)
        given = [answer(day, comment=f"chờ {n}" if n < 2 else None) for n in range(8)]
        add_many(engine, given)
    return engine


def seal_all(engine: Engine) -> None:
    """As the night does."""
    sealing.finish_months(engine)
    assert sealing.seal_days(engine, LAST) == ()
    for month in sealing.months_due(engine, date(2026, 9, 30)):
        assert sealing.seal_month(engine, month, '{"of": "a month"}') == ()


def purge_all(engine: Engine) -> None:
    for held in purges.holdings(engine):
        assert purges.purge_year(engine, held, {}, BY, NEW_YEAR).wrong == ()


def killed_again_and_again(engine: Engine, what: Callable[[Engine], None]) -> Iterator[int]:
    """Do something in processes of which each is killed a little later than the one before, until
    one comes to its end; gives each time how many statements it was allowed."""
    url = engine.url
    for statements in range(3, 600, 7):
        engine.dispose()
        child = os.fork()
        if child == 0:
            _do_until_killed(url.render_as_string(hide_password=False), what, statements)
        _, status = os.waitpid(child, 0)
        yield statements
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            assert os.waitstatus_to_exitcode(status) == 0
            return
    raise AssertionError("it never came to its end")


def _do_until_killed(url: str, what: Callable[[Engine], None], statements: int) -> None:
    """For a process of its own, which it ends."""
    code = 1
    try:
        engine, sent = open_engine(url), Counter[str]()

        def count(*_: object) -> None:
            sent["all"] += 1
            if sent["all"] == statements:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, "before_cursor_execute", count)
        what(engine)
        code = 0
    finally:
        os._exit(code)


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux does")
def test_a_sealing_that_is_killed_anywhere_goes_on_and_seals_nothing_twice(answered: Engine):
    killed = 0
    for _ in killed_again_and_again(answered, seal_all):
        killed += 1
        assert verification.verify(answered).faults == ()
        assert count_responses(answered) == 56
    assert killed > 4
    chain = seals.list_seals(answered)
    days = [(FIRST + timedelta(days=ahead)).isoformat() for ahead in range(7)]
    assert [(one.about, one.revision) for one in chain] == [
        *((day, 1) for day in days),
        ("2026-09", 1),  # its records
        ("2026-09", 1),
    ]
    found = verification.verify(answered)
    assert (found.answers, found.waiting, found.unfinished) == (56, 0, ())
    with answered.connect() as connection:
        dates = connection.execute(select(row.answered_on).distinct()).scalars().all()
        assert {day for day in dates if day.month == 9} == {date(2026, 9, 1)}
        keys = select(tables.seal.c.about).where(tables.seal.c.key.is_not(None))
        assert sorted(connection.execute(keys).scalars()) == ["2026-09", *days[4:]]


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux does")
def test_a_purge_that_is_killed_anywhere_goes_on_and_is_told_from_tampering(answered: Engine):
    seal_all(answered)
    assert sealing.seal_days(answered, date(2026, 11, 1)) == ()
    assert sealing.seal_month(answered, "2026-10", '{"of": "a month"}') == ()
    half = set[int]()
    for _ in killed_again_and_again(answered, purge_all):
        found = verification.verify(answered)
        assert found.faults == ()
        left = count_responses(answered)
        if 0 < left < 56:
            half.add(left)
            assert found.unfinished == ("2026-09", "2026-10")
            assert found.purged == ("2026-09", "2026-10")  # nobody computes figures of the rest
    assert half  # it was cut in the middle
    assert (count_responses(answered), list_comments(answered)) == (0, [])
    assert verification.verify(answered).unfinished == ()
    told = [one for one in list_actions(answered, DoneFilter()) if one.action == "answers_purged"]
    assert [one.details for one in told] == [{"year": "2026", "count": "56"}]
    months = [one for one in seals.list_seals(answered) if one.kind == "month"]
    assert [(one.about, one.reason) for one in months[2:]] == [
        ("2026-09", "purged"),
        ("2026-10", "purged"),
    ]


@pytest.fixture
def citizens(answered: Engine) -> Iterator[Callable[[date], None]]:
    """Between any two transactions somebody answers, who is never made to wait; and none changes
    more answers than a day has, or a step, beside those that came meanwhile."""
    url = answered.url.render_as_string(hide_password=False)
    beside, changed, days = open_engine(url), Counter[str](), list[date]()
    if beside.dialect.name == "sqlite":
        event.listen(beside, "connect", lambda one, _: one.execute("PRAGMA busy_timeout=0"))

    def begun(_connection: object) -> None:
        changed.clear()
        for day in days:
            assert add_response(beside, answer(day, comment="trong lúc ấy")) == "stored"

    def executed(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith(("UPDATE response", "DELETE FROM response")):
            changed["rows"] += cursor.rowcount
        assert changed["rows"] <= 20, statement  # of 32 in September, 56 in all

    event.listen(answered, "begin", begun)
    event.listen(answered, "after_cursor_execute", executed)
    yield days.append
    beside.dispose()


def test_people_answer_between_any_two_steps_of_sealing_and_are_sealed_the_next_time(
    answered: Engine, citizens: Callable[[date], None]
):
    citizens(NEXT)
    citizens(date(2026, 9, 29))  # a tablet that had no network
    assert sealing.seal_days(answered, LAST) == ()
    assert sealing.seal_month(answered, "2026-09", "{}") == ()
    found = verification.verify(answered)
    assert (found.faults, found.unfinished) == ((), ())
    assert found.waiting > 0
    answered = open_engine(answered.url.render_as_string(hide_password=False))  # all have gone
    assert sealing.seal_month(answered, "2026-09", "{}") == ()
    again = verification.verify(answered)
    assert (again.faults, again.waiting, again.unfinished) == ((), 0, ())
    assert seals.list_seals(answered)[-1].reason == "late"
    answered.dispose()


def test_people_answer_between_any_two_steps_of_a_purge(
    answered: Engine, citizens: Callable[[date], None]
):
    assert sealing.seal_days(answered, date(2026, 11, 1)) == ()
    for month in ("2026-09", "2026-10"):
        assert sealing.seal_month(answered, month, "{}") == ()
    citizens(date(2028, 12, 31))
    (held, *_) = purges.holdings(answered)
    assert purges.purge_year(answered, held, {}, BY, NEW_YEAR).held.answers == 56
    found = verification.verify(answered)
    assert (found.faults, found.unfinished) == ((), ())
    assert {one.year for one in purges.holdings(answered)} == {2028}


def test_late_answers_that_join_their_month_while_it_is_sealed_again_stay_provable(
    answered: Engine, monkeypatch: pytest.MonkeyPatch
):
    seal_all(answered)
    for _ in range(9):
        add_response(answered, answer(date(2026, 9, 28), late=True))
    read = sealing._read_month

    def meanwhile(*given: Any) -> Any:
        found = read(*given)
        add_response(answered, answer(date(2026, 9, 28), late=True))  # the tenth: all are joined
        return found

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_read_month", meanwhile)
        assert sealing.seal_month(answered, "2026-09", "{}") == ()
    assert verification.verify(answered).faults == ()
    assert sealing.seal_month(answered, "2026-09", "{}") == ()
    found = verification.verify(answered)
    assert (found.faults, found.waiting) == ((), 0)


def test_what_staff_have_sealed_meanwhile_is_read_again(
    answered: Engine, monkeypatch: pytest.MonkeyPatch
):
    assert sealing.seal_days(answered, LAST) == ()
    read, reads = sealing._read_month, []

    def meanwhile(*given: Any) -> Any:
        found = read(*given)
        reads.append(found.after)
        if len(reads) == 1:
            with answered.begin() as connection, seals.amending(connection, "renamed", BY):
                connection.execute(text("UPDATE response SET sector = 'dat-dai'"))
        return found

    monkeypatch.setattr(sealing, "_read_month", meanwhile)
    assert sealing.seal_month(answered, "2026-09", "{}") == ()
    assert len(reads) == 2
    assert verification.verify(answered).faults == ()


@pytest.mark.sqlite_is_enough
def test_the_server_finishes_what_was_cut_also_where_no_day_is_due(
    config, answered: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sealing, "_coarsen", lambda *_: None)  # cut before its first step
    seal_all(answered)
    monkeypatch.undo()
    assert verification.verify(answered).unfinished == ("2026-09",)
    apart: list[object] = []
    monkeypatch.setattr(upkeep, "seal_apart", apart.append)
    assert upkeep.seal_if_due(config, answered, NEXT)
    assert len(apart) == 1
    sealing.finish_months(answered)
    assert not upkeep.seal_if_due(config, answered, NEXT)


@pytest.mark.sqlite_is_enough
def test_a_date_that_is_fine_again_in_a_sealed_month_is_found_and_a_key_with_it_is_told(
    answered: Engine,
):
    seal_all(answered)
    with answered.begin() as connection:
        connection.execute(
            text("UPDATE response SET answered_on = '2026-09-29' WHERE answered_on < '2026-09-20'")
        )
    (fault,) = verification.verify(answered).faults
    assert (fault.kind, fault.about) == ("altered", "2026-09")
    with answered.begin() as connection:
        connection.execute(
            text("UPDATE seal SET key = 'x', answers = 8 WHERE about = '2026-09-29'")
        )
    found = verification.verify(answered)
    assert found.unfinished == ("2026-09",)
    seal_all(answered)  # and put right the next night
    found = verification.verify(answered)
    assert (found.faults, found.unfinished) == ((), ())


@pytest.mark.sqlite_is_enough
def test_after_each_step_there_is_a_pause_as_long_as_the_step_for_who_waits(
    answered: Engine, monkeypatch: pytest.MonkeyPatch
):
    took, pauses = iter(range(1000)), list[float]()

    class Clock:
        """Each look at it is a second later than the one before."""

        monotonic = staticmethod(lambda: float(next(took)))
        sleep = staticmethod(pauses.append)

    monkeypatch.setattr(transactions, "time", Clock)
    seal_all(answered)
    assert len(pauses) > 7 + 4  # a day each, and the steps of September
    assert set(pauses) == {1.0}
