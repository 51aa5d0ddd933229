"""Responses that arrive at the same moment: stored together, each acknowledged for itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.exc import OperationalError

from survey.config import load_config
from survey.intake import Response, StoreReceipt
from survey.store import open_engine, tables
from survey.store.migrate import upgrade
from survey.store.responses import Writer, add_response, add_within, count_responses
from tests.waiting import wait_until


def response(**changed: object) -> Response:
    made = Response(
        response_id=str(uuid.uuid4()),
        questionnaire="desk@1",
        office="trieu-son",
        sector="land",
        channel="poster",
        answered_on=date(2026, 10, 15),
        scores="54----",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


class Crowd:
    """Several responses that wait for their turn while a first one is being stored."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.faulty: set[str] = set()
        self.first = response()
        self._begun, self._go_on = Event(), Event()
        self.writer = Writer()

    def _store(self, connection: Connection, one: Response) -> StoreReceipt:
        if one.response_id == self.first.response_id:
            self._begun.set()
            assert self._go_on.wait(10)
        if one.response_id in self.faulty:
            raise ValueError(one.response_id)
        return add_within(connection, one)

    def add(self, one: Response) -> StoreReceipt:
        (outcome,) = self.writer.add(self.engine, [one], self._store)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def send(self, waiting: list[Response]) -> list[Future[StoreReceipt]]:
        """Return what each got, the first one's before the others'."""
        with ThreadPoolExecutor(len(waiting) + 1) as threads:
            results = [threads.submit(self.add, self.first)]
            assert self._begun.wait(10)
            results += [threads.submit(self.add, one) for one in waiting]
            wait_until(lambda: len(self.writer._queue) == len(waiting))
            self._go_on.set()
        return results


@pytest.fixture
def crowd(data_folder: Path) -> Iterator[Crowd]:
    """A crowd at an office on SQLite; PostgreSQL gathers commits by itself."""
    engine = open_engine(load_config(data_folder, environ={}).database_url)
    upgrade(engine)
    yield Crowd(engine)
    engine.dispose()


def stored_ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(tables.response.c.response_id)).scalars())


def test_all_that_wait_are_stored_by_one_commit(crowd):
    commits = []
    event.listen(crowd.engine, "commit", commits.append)
    waiting = [response() for _ in range(7)]
    results = crowd.send(waiting)
    assert [result.result() for result in results] == ["stored"] * 8
    assert len(commits) == 2  # the first one's, and one for the seven
    assert stored_ids(crowd.engine) == {
        crowd.first.response_id,
        *(one.response_id for one in waiting),
    }


def test_the_same_response_from_many_at_once_is_stored_once(crowd):
    same = response()
    results = [result.result() for result in crowd.send([same] * 7)]
    assert sorted(results[1:]) == ["repeated"] * 6 + ["stored"]
    assert count_responses(crowd.engine) == 2


def test_other_answers_under_one_id_are_a_conflict_also_within_one_commit(crowd):
    one = response()
    results = [result.result() for result in crowd.send([one, replace(one, scores="11----")])]
    assert sorted(results[1:]) == ["conflict", "stored"]


def test_a_response_at_fault_does_not_take_the_others_with_it(crowd):
    waiting = [response() for _ in range(5)]
    crowd.faulty = {waiting[2].response_id}
    results = crowd.send(waiting)
    with pytest.raises(ValueError, match=waiting[2].response_id):
        results.pop(3).result()
    assert [result.result() for result in results] == ["stored"] * 5
    assert waiting[2].response_id not in stored_ids(crowd.engine)


def test_nobody_is_thanked_where_the_commit_fails(crowd):
    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", None, OSError("disk full"))

    event.listen(crowd.engine, "commit", fail)
    results = crowd.send([response() for _ in range(4)])
    event.remove(crowd.engine, "commit", fail)
    for result in results:
        with pytest.raises(OperationalError, match="disk full"):
            result.result()
    assert stored_ids(crowd.engine) == set()
    assert add_response(crowd.engine, crowd.first) == "stored"


def test_a_turn_that_never_comes_is_an_error_and_not_a_thank_you(crowd, monkeypatch):
    monkeypatch.setattr("survey.store.responses.BUSY_MILLISECONDS", 50)
    with crowd.writer._lock, pytest.raises(OperationalError, match="too long"):
        crowd.add(response())
    crowd.send([])
    assert stored_ids(crowd.engine) == {crowd.first.response_id}  # the one given up is not stored


def test_many_threads_store_everything_once(engine):
    sent = [response() for _ in range(60)]
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda one: add_response(engine, one), sent * 2))
    assert sorted(receipts) == ["repeated"] * 60 + ["stored"] * 60
    assert count_responses(engine) == 60
