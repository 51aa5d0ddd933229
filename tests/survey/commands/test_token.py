"""`hailong token`: made for a script, listed, revoked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

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
