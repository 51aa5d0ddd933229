"""Tokens of programs: made once, kept as a digest, revoked for good, and told in the log."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from questionnaires import Text
from survey.access import Grant
from survey.errors import StoreError
from survey.places import shipped_places
from survey.store.places import save_places
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.tokens import add_token, default_end, list_tokens, revoke_token, use_token

DAY = date(2026, 10, 15)
BY = By("lan", datetime(2026, 10, 15, 9, tzinfo=UTC))
OWN = "trieu-son"


def test_a_token_is_good_until_its_day_and_its_month_of_use_is_noted(engine: Engine) -> None:
    token = add_token(engine, "  Tỉnh  ", "published", OWN, DAY + timedelta(days=20), BY)
    assert use_token(engine, token + "x", DAY) is None
    found = use_token(engine, token, DAY)
    assert found is not None
    assert (found.name, found.grant) == ("Tỉnh", Grant("viewer", OWN))
    use_token(engine, token, DAY + timedelta(days=20))
    assert list_tokens(engine)[0].used_month == "2026-11"
    assert use_token(engine, token, DAY + timedelta(days=21)) is None
    assert list_tokens(engine)[0].state(DAY + timedelta(days=21)) == "expired"


def test_a_revoked_token_keeps_its_name_and_opens_nothing(engine: Engine) -> None:
    token = add_token(engine, "tinh", "full", None, DAY, BY)
    revoke_token(engine, "tinh", BY)
    assert use_token(engine, token, DAY) is None
    for name in ("tinh", "nobody"):
        with pytest.raises(StoreError, match="hailong token list"):
            revoke_token(engine, name, BY)
    with pytest.raises(StoreError, match="choose another name"):
        add_token(engine, "tinh", "full", None, DAY, BY)
    done = [(one.action, one.details["token"]) for one in list_actions(engine, DoneFilter())]
    assert done == [("token_revoked", "tinh"), ("token_made", "tinh")]


@pytest.mark.parametrize(
    ("name", "office", "days", "said"),
    [
        (" ", None, 1, "which program"),
        ("x" * 65, None, 1, "1 to 64 characters"),
        ("\x00\u200b", None, 1, "cannot be used"),
        ("tinh", "nowhere", 1, "no office 'nowhere'"),
        ("tinh", None, -1, "from 15/10/2026 to 15/10/2028"),
        ("tinh", None, 732, "from 15/10/2026 to 15/10/2028"),
    ],
)
def test_what_cannot_be_a_token_is_refused_with_a_remedy(
    engine: Engine, name: str, office: str | None, days: int, said: str
) -> None:
    with pytest.raises(StoreError, match=said):
        add_token(engine, name, "full", office, DAY + timedelta(days=days), BY)
    assert list_tokens(engine) == []
    assert list_actions(engine, DoneFilter()) == []


def test_a_token_moves_along_with_its_office(engine: Engine) -> None:
    token = add_token(engine, "tinh", "full", OWN, DAY, BY)
    shipped = shipped_places()
    (office,) = shipped.office
    moved = office.model_copy(update={"id": "moi", "was": OWN, "name": Text(vi="Mới", en="New")})
    counters = [one.model_copy(update={"office": "moi"}) for one in shipped.counter]
    update = {"office": (moved,), "counter": tuple(counters)}
    save_places(engine, shipped.model_copy(update=update), DAY)
    found = use_token(engine, token, DAY)
    assert found is not None
    assert found.office == "moi"


def test_a_year_from_the_last_of_february_is_a_day_that_there_is() -> None:
    assert default_end(date(2028, 2, 29)) == date(2029, 2, 28)
    assert default_end(DAY) == date(2027, 10, 15)
