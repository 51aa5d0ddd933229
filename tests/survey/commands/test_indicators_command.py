"""`hailong indicators`: what the page does, by the same functions."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from analysis.period import parse_period
from survey.cli import cli
from survey.config import Config
from survey.notebook_data import _copy
from survey.store.indicators import load_indicators
from survey.store.staff_actions import DoneFilter, list_actions

pytestmark = pytest.mark.sqlite_is_enough

OFFICE, MONTH = "trieu-son", "2026-10"


def run(config: Config, *words: str) -> Result:
    return CliRunner().invoke(cli, ["indicators", *words, "--data", str(config.data)])


def test_indicators_are_entered_one_by_one_listed_and_taken_away(config, engine):
    first = run(config, "enter", "--period", "10/2026", "1=412/20/3", "8=3/0/0")
    assert (first.exit_code, first.output) == (0, "Stored for 10/2026: 1: 412/20/3; 8: 3/0/0\n")
    run(config, "enter", "--period", "2026-10", "1=413/20/3")
    assert load_indicators(engine, OFFICE, MONTH) == {1: (413, 20, 3), 8: (3, 0, 0)}
    again = run(config, "enter", "--period", "2026-10", "1=413/20/3")
    assert "Nothing differs" in again.output
    assert run(config, "list").output == "10/2026 · trieu-son · 1: 413/20/3; 8: 3/0/0\n"
    assert "No indicator" in run(config, "list", "--period", "2026-Q3").output
    gone = run(config, "enter", "--period", "2026-10", "1=-", "8=-")
    assert "no indicator is assessed" in gone.output
    assert load_indicators(engine, OFFICE, MONTH) == {}
    assert len(list_actions(engine, DoneFilter(action="indicators_entered"))) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--period", "2026-10", "1=x/1/1"), "“x” is no number of dossiers"),
        (("--period", "2026-10", "1=4"), "1=412/20/3, or 8=-"),
        (("--period", "2026-10", "1=0/0/0"), "all three fields are 0"),
        (("--period", "2026-Q4", "1=4/0/0"), "2026-Q4 is no month"),
        (("--period", "2199-10", "1=4/0/0"), "has not begun"),
        (("--period", "2026-10", "--office", "x", "1=4/0/0"), "choose one of trieu-son"),
    ],
)
def test_what_cannot_be_entered_is_told_and_nothing_is_stored(config, engine, words, told):
    done = run(config, "enter", *words)
    assert done.exit_code == 1
    assert told in str(done.exception)
    assert load_indicators(engine, OFFICE, MONTH) == {}


def test_the_points_of_one_official():
    pairs = ["1=40/2/0", "2=40/2/0", "3=42/0/0", "4=41/1/0", "7=0/42/0"]
    done = CliRunner().invoke(cli, ["indicators", "person", *pairs])
    assert done.output == "Total: 9.0 of 10 points; 100% of the task done.\n"
    refused = CliRunner().invoke(cli, ["indicators", "person", "5=1/0/0"])
    assert "indicator 5 is not used for a person; give 1, 2, 3, 4, 7" in str(refused.exception)


def test_a_notebook_that_moves_has_them_beside_it(config, tmp_path):
    run(config, "enter", "--period", "2026-10", "1=412/20/3", "9=0/0/7")
    name = _copy("indicators", config.database_url, tmp_path, parse_period(MONTH))
    assert (tmp_path / name).read_text(encoding="utf-8").splitlines() == [
        "month,office,indicator,two_points,one_point,no_points",
        "2026-10,trieu-son,1,412,20,3",
        "2026-10,trieu-son,9,0,0,7",
    ]
