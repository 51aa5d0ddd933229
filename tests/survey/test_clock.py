"""A server whose clock is far from what it stored says so, and marks what it takes meanwhile."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from survey.access import EVERYTHING
from survey.config import Config
from survey.intake import LONGEST_PAUSE, Response, When, clock_is_doubtful
from survey.serving.upkeep import delete_comments_if_due, forget_slips_if_due
from survey.store import tables
from survey.store.responses import add_many
from tests.clock import NOW, day_here
from tests.survey.desk.pages import sign_in
from tests.survey.slips import issue

NEWEST = date(2026, 10, 15)


@pytest.mark.parametrize(
    ("today", "doubtful"),
    [
        (NEWEST, False),
        (NEWEST + timedelta(days=60), False),
        (NEWEST + LONGEST_PAUSE, False),
        (NEWEST - timedelta(days=1), True),
        (NEWEST + LONGEST_PAUSE + timedelta(days=1), True),
    ],
)
def test_a_date_before_the_newest_answer_or_long_after_it_is_doubtful(today, doubtful):
    assert clock_is_doubtful(today, NEWEST) is doubtful
    assert not clock_is_doubtful(today, None)


def test_a_clock_that_leapt_years_ahead_deletes_nothing_for_good(config, engine):
    issue(engine, 1, on=NEWEST, good_for=timedelta(days=7))
    sheet = ("desk@1", "trieu-son", "land", "poster", NEWEST, "5-----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet, comment="Chờ lâu")])
    keeping, wrong = replace(config, comment_months=3), NEWEST + timedelta(days=3650)
    right = NEWEST + timedelta(days=200)
    assert delete_comments_if_due(keeping, engine, wrong) == 0
    assert forget_slips_if_due(engine, wrong) == 0
    assert delete_comments_if_due(keeping, engine, right) == 1
    assert forget_slips_if_due(engine, right) == 1


@pytest.mark.sqlite_is_enough
def test_a_request_has_one_moment_also_where_midnight_comes_meanwhile(app, engine, monkeypatch):
    client, asked = sign_in(app, engine, EVERYTHING), []

    def now(config: Config) -> datetime:
        asked.append(config)
        return NOW

    monkeypatch.setattr(Config, "now", now)
    for requests in (1, 2):
        assert client.get("/results").status_code == 303  # which goes by the day twice
        assert len(asked) == requests


def test_a_response_is_late_when_its_month_is_over():
    assert When(date(2026, 10, 31), date(2026, 11, 1)).late
    assert When(date(2025, 12, 31), date(2026, 1, 1)).late
    assert not When(date(2026, 10, 1), date(2026, 10, 31)).late


def test_answers_under_a_clock_that_went_back_are_marked_and_counted(citizen, engine):
    def stored():
        with engine.connect() as connection:
            return connection.execute(select(tables.response.c.flag)).scalars().all()

    assert citizen.send({"overall": "5"}).status_code == 303
    with engine.begin() as connection:  # as if it had come when the clock was right
        ahead = update(tables.response).values(answered_on=day_here() + timedelta(days=40))
        connection.execute(ahead)
    citizen.hidden = {}
    assert citizen.send({"overall": "4"}).status_code == 303
    assert sorted(stored()) == ["", "clock"]
