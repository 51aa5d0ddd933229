"""Two-step sign-in on both databases: what is kept of it, what is taken once, what ends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from survey.config import Config
from survey.errors import StoreError
from survey.store import tables
from survey.store.staff import (
    Staff,
    add_staff,
    change_password,
    choose_password,
    find_staff,
    make_link,
    remove_staff,
    stop_staff,
)
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.two_step import (
    begin_sign_in,
    begin_two_step,
    count_recovery_codes,
    end_begun,
    end_two_step,
    find_begun,
    offer_secret,
    read_offer,
    renew_recovery_codes,
    reset_two_step,
    take_code,
)
from tests.survey.two_step import STEP, shown, turn_on

NOW = datetime(2026, 10, 15, 8, 0, 10, tzinfo=UTC)
PASSWORD = "bốn con trâu đi học"


@pytest.fixture
def lan(engine: Engine) -> Staff:
    return add_staff(engine, "lan", PASSWORD, NOW.date())


@pytest.fixture
def key(config: Config) -> str:
    return config.secret_key


def by(at: datetime = NOW) -> By:
    return By("lan", at)


def test_nothing_holds_until_a_code_confirms_it(engine: Engine, key: str, lan: Staff) -> None:
    offer = offer_secret(key, "lan", NOW)
    with pytest.raises(StoreError, match="the code is wrong"):
        begin_two_step(engine, key, "lan", offer, "000000", by())
    fast = shown(offer.secret, NOW + timedelta(minutes=5))
    with pytest.raises(StoreError, match=r"about 5 min ahead of the server's \(08:00:10\)"):
        begin_two_step(engine, key, "lan", offer, fast, by())
    assert find_staff(engine, "lan") == lan
    made, codes = begin_two_step(engine, key, "lan", offer, shown(offer.secret, NOW), by())
    assert made.two_step
    assert made.session_key != lan.session_key  # every open session ends
    assert count_recovery_codes(engine, "lan") == len(codes) == 8


def test_an_offer_is_its_account_s_alone_and_for_fifteen_minutes(key: str) -> None:
    offer = offer_secret(key, "lan", NOW)
    assert read_offer(key, "lan", offer.sealed, NOW + timedelta(minutes=15)) == offer
    assert read_offer(key, "an", offer.sealed, NOW) is None
    assert read_offer(key, "lan", offer.sealed, NOW + timedelta(minutes=15, seconds=1)) is None
    assert read_offer(key, "lan", "", NOW) is None


def test_a_copy_of_the_database_gives_neither_the_secret_nor_a_recovery_code(
    engine: Engine, key: str, lan: Staff
) -> None:
    secret, codes = turn_on(engine, key, "lan", NOW)
    with engine.connect() as connection:
        kept = str(
            [connection.execute(select(table)).all()
             for table in (tables.two_step, tables.recovery_code, tables.staff_action)]
        )  # fmt: skip
    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]
    code = shown(secret, NOW + STEP)
    with pytest.raises(StoreError, match="use a recovery code"):
        take_code(engine, "x" * 64, lan, code, by(NOW + STEP))
    assert take_code(engine, "x" * 64, lan, codes[0], by()) == "recovery"


def test_a_code_is_taken_once_and_none_before_it_is(engine: Engine, key: str, lan: Staff) -> None:
    secret, _ = turn_on(engine, key, "lan", NOW)
    assert take_code(engine, key, lan, shown(secret, NOW), by()) is None  # confirmed with it
    ahead = shown(secret, NOW + 2 * STEP)
    at = by(NOW + STEP)
    assert take_code(engine, key, lan, ahead, at) == "app"
    assert take_code(engine, key, lan, ahead, at) is None
    assert take_code(engine, key, lan, shown(secret, NOW + STEP), at) is None  # an older one
    later = by(NOW + 3 * STEP)
    assert take_code(engine, key, lan, ahead, later) is None
    assert take_code(engine, key, lan, shown(secret, NOW + 3 * STEP), later) == "app"


def test_a_clock_that_was_ahead_keeps_nobody_out_once_it_is_set_back(
    engine: Engine, key: str, lan: Staff
) -> None:
    ahead = NOW + timedelta(days=30)
    secret, _ = turn_on(engine, key, "lan", ahead)
    assert take_code(engine, key, lan, shown(secret, NOW), by()) == "app"
    assert take_code(engine, key, lan, shown(secret, NOW), by()) is None  # once, as ever


def test_of_two_at_once_with_one_code_one_is_let_in(engine: Engine, key: str, lan: Staff) -> None:
    secret, codes = turn_on(engine, key, "lan", NOW)
    at = by(NOW + STEP)
    for code in (shown(secret, NOW + STEP), codes[0]):
        with ThreadPoolExecutor(4) as threads:
            given = [threads.submit(take_code, engine, key, lan, code, at) for _ in range(4)]
        assert sum(one.result() is not None for one in given) == 1


def test_a_recovery_code_works_once_and_new_ones_end_the_old(
    engine: Engine, key: str, lan: Staff
) -> None:
    _, codes = turn_on(engine, key, "lan", NOW)
    assert take_code(engine, key, lan, codes[0].upper(), by()) == "recovery"
    assert take_code(engine, key, lan, codes[0], by()) is None
    assert count_recovery_codes(engine, "lan") == 7
    new = renew_recovery_codes(engine, "lan", by())
    assert take_code(engine, key, lan, codes[1], by()) is None
    assert take_code(engine, key, lan, new[1], by()) == "recovery"


def test_nobody_s_code_opens_another_s_account(engine: Engine, key: str, lan: Staff) -> None:
    an = add_staff(engine, "an", PASSWORD, NOW.date())
    secret, codes = turn_on(engine, key, "lan", NOW)
    turn_on(engine, key, "an", NOW)
    at = By("an", NOW + STEP)
    assert take_code(engine, key, an, shown(secret, at.at), at) is None
    assert take_code(engine, key, an, codes[0], at) is None


@pytest.mark.parametrize("end", [end_two_step, reset_two_step])
def test_it_is_ended_whole_and_stands_in_the_log(engine: Engine, key: str, lan: Staff, end) -> None:
    _, codes = turn_on(engine, key, "lan", NOW)
    assert not end(engine, "lan", by()).two_step
    assert count_recovery_codes(engine, "lan") == 0
    assert take_code(engine, key, lan, codes[0], by()) is None
    with pytest.raises(StoreError, match="two-step sign-in of 'lan' is off"):
        end(engine, "lan", by())
    done = [one.action for one in list_actions(engine, DoneFilter())]
    ended = "two_step_ended" if end is end_two_step else "two_step_reset"
    assert done == [ended, "two_step_begun"]
    turn_on(engine, key, "lan", NOW)


def test_a_removed_account_leaves_nothing(engine: Engine, key: str, lan: Staff) -> None:
    turn_on(engine, key, "lan", NOW)
    staff = find_staff(engine, "lan")
    assert staff is not None
    begin_sign_in(engine, staff, NOW)
    remove_staff(engine, "lan")
    with engine.connect() as connection:
        for table in (tables.two_step, tables.recovery_code, tables.begun_sign_in):
            assert connection.execute(select(table)).all() == []


def test_who_is_between_the_steps_is_so_for_five_minutes(
    engine: Engine, key: str, lan: Staff
) -> None:
    turn_on(engine, key, "lan", NOW)
    staff = find_staff(engine, "lan")
    assert staff is not None
    token = begin_sign_in(engine, staff, NOW)
    assert find_begun(engine, token, NOW + timedelta(minutes=4, seconds=59)) == staff
    assert find_begun(engine, token, NOW + timedelta(minutes=5)) is None
    assert find_begun(engine, token + "x", NOW) is None
    end_begun(engine, token)
    assert find_begun(engine, token, NOW) is None


@pytest.mark.parametrize("change", ["password", "stop", "reset"])
def test_who_is_between_the_steps_begins_again_once_the_account_is_changed(
    engine: Engine, key: str, lan: Staff, change: str
) -> None:
    turn_on(engine, key, "lan", NOW)
    staff = find_staff(engine, "lan")
    assert staff is not None
    add_staff(engine, "an", PASSWORD, NOW.date())
    token = begin_sign_in(engine, staff, NOW)
    if change == "password":
        change_password(engine, "lan", "quite another password")
    elif change == "stop":
        stop_staff(engine, "lan")
    else:
        reset_two_step(engine, "lan", by())
    assert find_begun(engine, token, NOW) is None


def test_those_whose_time_is_over_are_forgotten(engine: Engine, key: str, lan: Staff) -> None:
    for hours in range(3):
        begin_sign_in(engine, lan, NOW + timedelta(hours=hours))
    with engine.connect() as connection:
        assert len(connection.execute(select(tables.begun_sign_in)).all()) == 1


@pytest.mark.parametrize("ends", [False, True])
def test_a_link_for_a_password_ends_it_only_where_it_says_so(
    engine: Engine, key: str, lan: Staff, ends: bool
) -> None:
    turn_on(engine, key, "lan", NOW)
    token = make_link(engine, "lan", NOW.date(), ends_two_step=ends, by=By("boss", NOW))
    still = find_staff(engine, "lan")
    assert still is not None
    assert still.two_step  # until the link is used
    chosen = choose_password(engine, token, "quite another password", By(None, NOW))
    assert chosen is not None
    assert chosen.two_step is not ends
    done = [(one.name, one.action) for one in list_actions(engine, DoneFilter())]
    assert done[-2:] == [
        ("boss", "two_step_link_made" if ends else "link_made"), ("lan", "two_step_begun"),
    ]  # fmt: skip
    assert done[:-2] == [("lan", "two_step_ended")] * ends + [("lan", "password_chosen")]
