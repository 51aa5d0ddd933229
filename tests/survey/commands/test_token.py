"""`hailong token`: made for a script, listed, revoked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from survey.cli import cli
from survey.commands.token import command
from survey.config import Config
from survey.errors import StoreError
from survey.store.tokens import list_tokens, use_token

pytestmark = pytest.mark.sqlite_is_enough

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def invoke(*arguments: str) -> Result:
        words = [*arguments, "--data", str(config.data)]
        return CliRunner().invoke(command, words, catch_exceptions=False, standalone_mode=False)

    return invoke


def test_the_token_alone_is_on_the_output_and_opens_until_it_is_revoked(
    run: Run, engine: Engine
) -> None:
    made = run("add", "province", "--office", "trieu-son")
    token = made.stdout.strip()
    assert "shown this once" in made.stderr
    (kept,) = list_tokens(engine)
    assert (kept.scope, kept.office) == ("published", "trieu-son")
    assert use_token(engine, token, kept.created_on) is not None
    line = run("list").stdout.strip().split("\t")
    month = f"{kept.created_on:%Y-%m}"
    wanted = ["province", "published", "trieu-son", str(kept.expires_on), month, "in use"]
    assert line == wanted
    assert token not in run("list").output
    run("revoke", "province")
    assert use_token(engine, token, kept.created_on) is None
    assert run("list").stdout.strip().endswith("revoked")


def test_without_tokens_it_says_how_to_make_one(run: Run) -> None:
    assert "hailong token add" in run("list").stderr


def test_a_day_that_is_over_is_refused(run: Run) -> None:
    with pytest.raises(StoreError, match="choose a day from"):
        run("add", "province", "--until", "2020-01-01")


@pytest.mark.parametrize("given", ["2027-13-01", "31/12/2027", "tomorrow"])
@pytest.mark.parametrize(
    "command", [("token", "add", "x", "--until"), ("report", "--period", "2026-10", "--date")]
)
def test_what_is_no_day_is_told_in_both_languages(given: str, command: tuple[str, ...]) -> None:
    for lang, said in (("vi", "không phải là một ngày; hãy viết"), ("en", "is no day; write")):
        refused = CliRunner().invoke(cli, ["--lang", lang, *command, given])
        assert refused.exit_code == 2
        assert f"'{given}' {said}" in refused.stderr
