"""Slips in tests: issued with tokens that the test knows, and somebody who holds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from survey.slips import Order, new_token, token_hash
from survey.store import tables
from survey.store.slips import keep_batch, new_batch_id
from survey.store.staff_actions import By
from tests.clock import day_here
from tests.survey.conftest import hidden_fields

BY = By(None, datetime(2026, 10, 1, 8, tzinfo=UTC))
LONG = timedelta(days=30)


def issue(
    engine: Engine,
    count: int = 1,
    *,
    sector: str = "land",
    counter: str = "quay-1",
    on: date | None = None,
    good_for: timedelta = LONG,
    procedure: str = "",
    tokens: Sequence[str] = (),
) -> list[str]:
    """Issue slips of one sector in a batch; returns their tokens."""
    today = on or day_here()
    made = list(tokens) or [new_token() for _ in range(count)]
    order = Order(counter, {sector: len(made)}, today + good_for, procedure)
    slips: Mapping[str, str] = {token_hash(token): sector for token in made}
    keep_batch(engine, new_batch_id(), order, slips, today, BY)
    return made


def used_months(engine: Engine) -> list[str | None]:
    """The month of use of every slip, or None."""
    with engine.connect() as connection:
        return list(connection.execute(select(tables.slip.c.used_in)).scalars())


@dataclass
class Holder:
    """Opens the address on a slip and sends its form, as a browser without JavaScript does."""

    client: FlaskClient
    token: str
    hidden: dict[str, str] = field(default_factory=dict)

    def open(self, query: str = "") -> TestResponse:
        page = self.client.get(f"/s/{self.token}{query}")
        self.hidden = hidden_fields(page.text)
        return page

    def send(self, answers: Mapping[str, object], query: str = "", **changed: str) -> TestResponse:
        if not self.hidden:
            self.open()
        form = self.hidden | dict(answers) | changed
        return self.client.post(f"/s/{self.token}{query}", data=form)
