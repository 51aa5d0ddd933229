"""`hailong user`: accounts by hand, and by a script that hands the password in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from survey.access import Grant
from survey.commands.user import command
from survey.config import Config
from survey.errors import NotSetUp, StoreError
from survey.store.staff import find_linked, find_staff, verify_password
from survey.store.staff_actions import DoneFilter, list_actions
from tests.clock import day_here
from tests.survey.two_step import turn_on

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


def test_an_invitation_prints_its_link_once_and_the_role_is_kept(run: Run, engine: Engine) -> None:
    said = run("invite", "Lan", "--role", "officer", "--office", "trieu-son").stdout
    token = said.strip().rpartition("/password/")[2]
    today = day_here()
    staff = find_linked(engine, token, today)
    assert staff is not None
    assert (staff.name, staff.grant) == ("lan", Grant("officer", "trieu-son"))
    assert token not in run("list").stdout
    another = run("link", "lan").stdout
    assert find_linked(engine, token, today) is None
    assert another.strip().rpartition("/password/")[2] != token


def test_an_account_is_changed_stopped_and_resumed_and_the_log_names_the_command_line(
    run: Run, engine: Engine
) -> None:
    for name in ("lan", "an"):
        run("add", name, "--password-stdin", answers=PASSWORD)
    run("change", "lan", "--role", "viewer", "--office", "trieu-son")
    run("stop", "lan")
    assert verify_password(engine, "lan", PASSWORD) is None
    (line,) = [one for one in run("list").stdout.splitlines() if one.startswith("lan")]
    assert line.split("\t")[2:] == ["viewer", "trieu-son", "out of use", "-"]
    run("resume", "lan")
    run("sign-out", "lan")
    assert verify_password(engine, "lan", PASSWORD) is not None
    found = list_actions(engine, DoneFilter(commands=True))
    assert [one.action for one in reversed(found)] == [
        *("account_made", "account_made", "account_changed"),
        *("account_stopped", "account_resumed", "signed_out_everywhere"),
    ]


def test_an_office_that_is_not_there_makes_no_account(run: Run, engine: Engine) -> None:
    with pytest.raises(StoreError, match="no office 'nowhere'; use one of: trieu-son; see"):
        run("invite", "lan", "--role", "viewer", "--office", "nowhere")
    assert find_staff(engine, "lan") is None


def test_nobody_is_left_without_an_administrator(run: Run) -> None:
    run("add", "lan", "--password-stdin", answers=PASSWORD)
    for words in (("stop", "lan"), ("change", "lan", "--role", "viewer")):
        with pytest.raises(StoreError, match="nobody would be left"):
            run(*words)


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


def test_two_step_sign_in_is_shown_and_turned_off_and_a_link_says_whether_it_ends_it(
    run: Run, engine: Engine, config: Config
) -> None:
    run("add", "lan", "--password-stdin", answers=PASSWORD)
    with pytest.raises(StoreError, match="two-step sign-in of 'lan' is off"):
        run("reset-two-step", "lan")
    turn_on(engine, config.secret_key, "lan", datetime.now(UTC))
    assert "two steps" in run("list").stdout
    run("link", "lan")
    run("link", "lan", "--end-two-step")
    assert "the password is enough" in run("reset-two-step", "Lan").stdout
    assert "two steps" not in run("list").stdout
    done = [(one.name, one.action) for one in list_actions(engine, DoneFilter())]
    assert done[:3] == [
        (None, "two_step_reset"), (None, "two_step_link_made"), (None, "link_made"),
    ]  # fmt: skip
