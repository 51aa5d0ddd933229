"""Staff accounts on both databases: what is kept, what is refused, what ends a session."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select, update

from survey.errors import StoreError
from survey.store import staff, tables
from survey.store.staff import (
    add_staff,
    change_password,
    find_staff,
    list_staff,
    remove_staff,
    verify_password,
)

TODAY = date(2026, 11, 2)
PASSWORD = "bốn con trâu đi học"


def stored_hash(engine: Engine, name: str) -> str:
    row = tables.staff.c
    with engine.connect() as connection:
        return connection.execute(select(row.password_hash).where(row.name == name)).scalar_one()


def test_name_and_password_together_open_the_account(engine: Engine) -> None:
    made = add_staff(engine, "lan.nguyen", PASSWORD, TODAY)
    assert verify_password(engine, "lan.nguyen", PASSWORD) == made
    assert find_staff(engine, "lan.nguyen") == made
    assert made.created_on == TODAY


@pytest.mark.parametrize("wrong", ["", "bốn con trâu đi hoc", PASSWORD + " "])
def test_another_password_does_not(engine: Engine, wrong: str) -> None:
    add_staff(engine, "lan.nguyen", PASSWORD, TODAY)
    assert verify_password(engine, "lan.nguyen", wrong) is None


def test_the_password_itself_is_not_stored(engine: Engine) -> None:
    add_staff(engine, "lan.nguyen", PASSWORD, TODAY)
    kept = stored_hash(engine, "lan.nguyen")
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_a_guess_costs_memory_and_time(dear_hasher: PasswordHasher) -> None:
    """OWASP's least for argon2id: 19 MiB and two passes."""
    assert dear_hasher.memory_cost >= 19 * 1024
    assert dear_hasher.time_cost >= 2
    assert dear_hasher.hash("x").startswith("$argon2id$")


def test_an_unknown_name_costs_a_full_hash_computation(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            computed.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(staff, "_hasher", Counting())
    assert verify_password(engine, "nobody", PASSWORD) is None
    add_staff(engine, "lan.nguyen", PASSWORD, TODAY)
    assert verify_password(engine, "lan.nguyen", "wrong password") is None
    unknown, known = (str(hash_).split("$")[1:4] for hash_ in computed)
    assert unknown == known  # the same algorithm, version, memory, time and lanes


def test_capitals_and_decomposed_letters_make_no_other_name_or_password(engine: Engine) -> None:
    add_staff(engine, "Lân.Nguyễn", PASSWORD, TODAY)
    name = unicodedata.normalize("NFD", "lân.nguyễn")
    found = verify_password(engine, name, unicodedata.normalize("NFD", PASSWORD))
    assert found is not None
    assert found.name == "lân.nguyễn"


def test_a_taken_name_is_refused_and_the_first_account_stays(engine: Engine) -> None:
    add_staff(engine, "lan", PASSWORD, TODAY)
    with pytest.raises(StoreError, match=r"'lan' is taken; choose another"):
        add_staff(engine, "LAN", "another long password", TODAY)
    assert verify_password(engine, "lan", PASSWORD) is not None


@pytest.mark.parametrize("name", ["", "  ", "\x00", "lan nguyen", "a" * 65])
def test_an_unusable_name_is_refused_with_an_example(engine: Engine, name: str) -> None:
    with pytest.raises(StoreError, match=r"for example lan\.nguyen"):
        add_staff(engine, name, PASSWORD, TODAY)
    assert list_staff(engine) == ()


def test_eleven_characters_are_too_short_and_twelve_are_not(engine: Engine) -> None:
    with pytest.raises(StoreError, match="has 11 characters; use at least 12"):
        add_staff(engine, "lan", "a" * 11, TODAY)
    add_staff(engine, "lan", "a" * 12, TODAY)
    with pytest.raises(StoreError, match="use at least 12"):
        change_password(engine, "lan", "short")
    assert verify_password(engine, "lan", "a" * 12) is not None


def test_a_changed_password_ends_the_old_one_and_open_sessions(engine: Engine) -> None:
    before = add_staff(engine, "lan", PASSWORD, TODAY)
    after = change_password(engine, "lan", "quite another password")
    assert after.session_key != before.session_key
    assert verify_password(engine, "lan", PASSWORD) is None
    assert verify_password(engine, "lan", "quite another password") == after


def test_a_removed_account_is_gone(engine: Engine) -> None:
    add_staff(engine, "lan", PASSWORD, TODAY)
    add_staff(engine, "an", PASSWORD, TODAY)
    assert [account.name for account in list_staff(engine)] == ["an", "lan"]
    remove_staff(engine, "lan")
    assert find_staff(engine, "lan") is None
    assert verify_password(engine, "lan", PASSWORD) is None
    assert [account.name for account in list_staff(engine)] == ["an"]


@pytest.mark.parametrize("change", ["remove", "password"])
def test_an_unknown_account_is_named_in_the_refusal(engine: Engine, change: str) -> None:
    with pytest.raises(StoreError, match="there is no account 'lan'; see: hailong user list"):
        remove_staff(engine, "lan") if change == "remove" else change_password(
            engine, "lan", PASSWORD
        )


def test_a_hash_of_a_cheaper_time_is_made_again_at_sign_in(engine: Engine) -> None:
    add_staff(engine, "lan", PASSWORD, TODAY)
    cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        connection.execute(update(tables.staff).values(password_hash=cheap))
    assert verify_password(engine, "lan", PASSWORD) is not None
    stronger = stored_hash(engine, "lan")
    assert "m=1024" not in stronger
    assert verify_password(engine, "lan", PASSWORD) is not None
