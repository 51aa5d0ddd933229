"""`hailong public`: what the pages do, by the same functions."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from survey.cli import cli
from survey.config import Config, load_config
from survey.store.improvements import list_improvements
from survey.store.staff_actions import DoneFilter, list_actions

pytestmark = pytest.mark.sqlite_is_enough


def run(config: Config, *words: str) -> Result:
    return CliRunner().invoke(cli, ["public", *words, "--data", str(config.data)])


def test_the_page_is_opened_and_closed_and_both_are_logged(config, engine):
    assert run(config, "on").exit_code == 0
    assert load_config(config.data, environ={}).public_page
    assert run(config, "on").exit_code == 0  # again: nothing changes
    assert run(config, "off").exit_code == 0
    assert not load_config(config.data, environ={}).public_page
    assert len(list_actions(engine, DoneFilter(action="settings_changed"))) == 2


def test_the_minimum_of_publication_is_raised_and_logged_and_never_below_the_rule(config, engine):
    assert "at least 10 people" in run(config, "minimum").output
    assert "at least 30 people" in run(config, "minimum", "30").output
    assert load_config(config.data, environ={}).publication_minimum == 30
    refused = run(config, "minimum", "9")
    assert (refused.exit_code, "from 10 to 100" in str(refused.exception)) == (1, True)
    assert load_config(config.data, environ={}).publication_minimum == 30
    assert len(list_actions(engine, DoneFilter(action="settings_changed"))) == 1


def test_an_entry_is_written_listed_published_and_withdrawn(config, engine):
    period = ("--period", "10/2026")
    wrote = run(config, "write", *period, "--said", "Chờ lâu.", "--did", "Thêm quầy.")
    assert (wrote.exit_code, "draft 1" in wrote.output) == (0, True)
    assert "1 (draft) Said: Chờ lâu." in run(config, "list", *period).output
    assert run(config, "publish", "1").exit_code == 0
    again = run(config, "publish", "1")
    assert (again.exit_code, "public already" in str(again.exception)) == (1, True)
    assert "1 (public)" in run(config, "list", *period).output
    assert run(config, "withdraw", "1").exit_code == 0
    assert run(config, "withdraw", "9" * 30).exit_code == 2
    assert [one.published_on for one in list_improvements(engine, "trieu-son", "2026-10")] == [None]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("publish", "7"), "no entry 7"),
        (("list", "--period", "2026-Q4"), "an entry is of one month"),
        (("list", "--period", "2026-10", "--office", "x"), "choose one of trieu-son"),
        (("write", "--period", "2026-10", "--said", "a", "--did", " "), "write both"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(config, engine, words, told):
    reply = run(config, *words)
    assert reply.exit_code == 1
    assert told in str(reply.exception)


def test_without_a_sealed_month_there_is_nothing_to_make(config, engine):
    assert "nothing new" in run(config, "make").output
