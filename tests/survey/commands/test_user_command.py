"""`hailong user`: accounts by hand, and by a script that hands the password in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from survey.commands.user import command
from survey.config import Config
from survey.errors import NotSetUp, StoreError
from survey.store.staff import find_staff, verify_password

PASSWORD = "bốn con trâu đi học"

pytestmark = pytest.mark.sqlite_is_enough

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def invoke(*arguments: str, answers: str = "") -> Result:
        return CliRunner().invoke(
            command,
            [*arguments, "--data", str(config.data)],
            input=answers,
            catch_exceptions=False,
            standalone_mode=False,
        )

    return invoke


def test_a_password_is_asked_twice_and_never_shown(run: Run, engine: Engine) -> None:
    result = run("add", "Lan", answers=f"{PASSWORD}\n{PASSWORD}\n")
    assert verify_password(engine, "lan", PASSWORD) is not None
    assert "account 'lan' made" in result.stdout
    assert PASSWORD not in result.output


def test_a_slip_of_the_finger_is_asked_again(run: Run, engine: Engine) -> None:
    run("add", "lan", answers=f"{PASSWORD}\nsomething else\n{PASSWORD}\n{PASSWORD}\n")
    assert verify_password(engine, "lan", PASSWORD) is not None


def test_a_script_hands_the_password_in_on_one_line(run: Run, engine: Engine) -> None:
    run("add", "lan", "--password-stdin", answers=f"{PASSWORD}\r\nanother line\n")
    assert verify_password(engine, "lan", PASSWORD) is not None


def test_a_short_password_makes_no_account(run: Run, engine: Engine) -> None:
    with pytest.raises(StoreError, match="use at least 12"):
        run("add", "lan", "--password-stdin", answers="short\n")
    assert find_staff(engine, "lan") is None


def test_accounts_are_listed_and_removed(run: Run, engine: Engine) -> None:
    assert "hailong user add NAME" in run("list").stderr
    for name in ("lan", "an"):
        run("add", name, "--password-stdin", answers=PASSWORD)
    assert [line.split("\t")[0] for line in run("list").stdout.splitlines()] == ["an", "lan"]
    run("remove", "an")
    assert [line.split("\t")[0] for line in run("list").stdout.splitlines()] == ["lan"]


def test_a_changed_password_replaces_the_old_one(run: Run, engine: Engine) -> None:
    run("add", "lan", "--password-stdin", answers=PASSWORD)
    run("password", "lan", "--password-stdin", answers="quite another password")
    assert verify_password(engine, "lan", PASSWORD) is None
    assert verify_password(engine, "lan", "quite another password") is not None


def test_no_password_is_asked_for_an_account_that_is_not_there(run: Run) -> None:
    with pytest.raises(StoreError, match="there is no account 'lan'"):
        run("password", "lan")


def test_a_folder_that_is_not_there_or_not_set_up_says_what_to_run(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(NotSetUp, match="run: hailong init"):
            CliRunner().invoke(
                command,
                ["list", "--data", str(folder)],
                catch_exceptions=False,
                standalone_mode=False,
            )
