"""Accounts and people at the identity provider, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from survey.errors import StoreError
from survey.store import tables
from survey.store.identities import find_identified, link_identity, unlink_identity, use_state
from survey.store.staff import add_staff, find_staff, remove_staff, stop_staff
from survey.store.staff_actions import By, DoneFilter, list_actions

TODAY = date(2026, 10, 15)
BY = By("lan", datetime(2026, 10, 15, 8, tzinfo=UTC))
ISSUER, OTHER = "https://dangnhap.example", "https://other.example"


@pytest.fixture(autouse=True)
def accounts(engine: Engine) -> None:
    for name in ("lan", "an"):
        add_staff(engine, name, "bốn con trâu đi học", TODAY)


def found(engine: Engine, issuer: str, subject: str) -> str | None:
    staff = find_identified(engine, issuer, subject)
    return None if staff is None else staff.name


def test_a_person_is_found_by_issuer_and_subject_and_by_nothing_else(engine: Engine) -> None:
    link_identity(engine, "Lan", ISSUER, "1", BY)
    assert found(engine, ISSUER, "1") == "lan"
    assert found(engine, OTHER, "1") is None
    assert found(engine, ISSUER, "lan") is None
    link_identity(engine, "an", OTHER, "1", BY)
    assert found(engine, OTHER, "1") == "an"
    staff = find_staff(engine, "lan")
    assert staff is not None
    assert staff.linked


def test_a_person_belongs_to_one_account_and_an_account_to_one_person(engine: Engine) -> None:
    link_identity(engine, "lan", ISSUER, "1", BY)
    with pytest.raises(StoreError, match="linked to another account"):
        link_identity(engine, "an", ISSUER, "1", BY)
    assert found(engine, ISSUER, "1") == "lan"
    link_identity(engine, "lan", ISSUER, "2", BY)
    assert found(engine, ISSUER, "1") is None
    assert found(engine, ISSUER, "2") == "lan"


def test_it_ends_with_the_link_or_the_account_and_stands_in_the_log(engine: Engine) -> None:
    link_identity(engine, "lan", ISSUER, "1", BY)
    unlink_identity(engine, "lan", by=BY)
    assert found(engine, ISSUER, "1") is None
    with pytest.raises(StoreError, match="'lan' is not linked"):
        unlink_identity(engine, "lan", by=BY)
    done = [one.action for one in list_actions(engine, DoneFilter())]
    assert done == ["identity_unlinked", "identity_linked"]
    link_identity(engine, "lan", ISSUER, "1", BY)
    stop_staff(engine, "an")
    link_identity(engine, "an", ISSUER, "2", BY)
    assert found(engine, ISSUER, "2") is None
    remove_staff(engine, "an")
    with engine.connect() as connection:
        assert len(connection.execute(select(tables.identity)).all()) == 1


def test_an_answer_is_taken_once(engine: Engine) -> None:
    assert use_state(engine, "a", TODAY)
    assert not use_state(engine, "a", TODAY)
    assert not use_state(engine, "a", TODAY + timedelta(days=1))
    assert use_state(engine, "b", TODAY)
