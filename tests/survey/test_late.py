"""Answers that come after their month was closed join its figures by tens, never singly."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import Engine, func, select

from analysis.strata.running import STEP
from survey.intake import LATE_TOGETHER, Response
from survey.store import tables
from survey.store.responses import add_response


def late(engine: Engine, *, sector: str = "land", day: date = date(2026, 10, 31)) -> None:
    response = Response(
        response_id=str(uuid.uuid4()),
        questionnaire="desk@1",
        office="trieu-son",
        sector=sector,
        channel="kiosk",
        answered_on=day,
        scores="54----",
        late=True,
    )
    assert add_response(engine, response) == "stored"


def waiting(engine: Engine) -> int:
    query = select(func.count()).where(tables.response.c.late)
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize(("came", "wait"), [(9, 9), (10, 0), (11, 1), (19, 9), (20, 0)])
def test_late_answers_wait_for_ten_and_those_after_them_wait_again(engine, came, wait):
    for _ in range(came):
        late(engine)
    assert waiting(engine) == wait


def test_only_answers_of_one_sector_and_month_wait_together(engine):
    for _ in range(9):
        late(engine)
    late(engine, sector="civil-status")
    late(engine, day=date(2026, 9, 30))
    late(engine, day=date(2026, 11, 1))
    assert waiting(engine) == 12
    late(engine, day=date(2026, 10, 1))
    assert waiting(engine) == 3


def test_intake_and_analysis_take_as_many_together():
    assert LATE_TOGETHER == STEP
