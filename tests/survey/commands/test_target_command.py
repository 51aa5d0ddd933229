"""`hailong target`: what the pages of targets do, by the same functions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from click.testing import CliRunner, Result

from analysis.targets import load_targets, shipped_targets
from survey.cli import cli
from survey.config import Config
from survey.files import write_whole
from survey.store.staff_actions import DoneFilter, list_actions

pytestmark = pytest.mark.sqlite_is_enough

OFFICE = "trieu-son"
NEW = (
    *("set", "--title", "Hài lòng hộ tịch", "--sector", "civil-status", "--threshold", "92,5"),
    *("--year", "2027", "--source", "12/KH-UBND"),
)


def run(config: Config, *words: str) -> Result:
    return CliRunner().invoke(cli, ["target", *words, "--data", str(config.data)])


def test_a_target_is_added_changed_and_removed_as_the_log_tells(config, engine):
    added = run(config, *NEW)
    assert added.output == "The target hai-long-ho-tich-2027 is kept: 92.5% by 2027.\n"
    run(config, "set", "hai-long-ho-tich-2027", "--threshold", "94", "--sector", "all", "--each")
    made = load_targets(config.targets_file).target[-1]
    assert (made.threshold, made.sectors, made.pool) == (Decimal("0.94"), "all", False)
    assert (made.title.vi, made.source, made.deadline) == ("Hài lòng hộ tịch", "12/KH-UBND", 2027)
    assert "hai-long-ho-tich-2027 · Hài lòng hộ tịch · 94% · 2027" in run(config, "list").output
    assert "Nothing was dropped" in run(config, "remove", "hai-long-ho-tich-2027").output
    assert run(config, "remove", "hai-long-ho-tich-2027", "--yes").exit_code == 0
    assert load_targets(config.targets_file).target == shipped_targets().target
    done = [(one.action, one.name) for one in list_actions(engine, DoneFilter())][:3]
    assert done == [("target_dropped", None), ("target_changed", None), ("target_made", None)]


def test_a_target_on_all_dossiers_is_changed_added_and_removed(config, engine):
    changed = run(config, "set", "on-time-2025", "--threshold", "98", "--year", "2026")
    assert changed.output == "The target on-time-2025 is kept: 98% by 2026.\n"
    given = ("--title", "Nộp trực tuyến", "--measure", "online", "--threshold", "0,9")
    assert run(config, "set", *given, "--year", "2035", "--source", "9/QĐ").exit_code == 0
    found = load_targets(config.targets_file).of_census
    assert (found[0].threshold, found[0].source) == (
        Decimal("0.98"),
        shipped_targets().of_census[0].source,
    )
    assert (found[-1].id, found[-1].measure, found[-1].threshold) == (
        "nop-truc-tuyen-2035",
        "online",
        Decimal("0.9"),
    )
    for one in found:
        assert run(config, "remove", one.id, "--yes").exit_code == 0
    assert load_targets(config.targets_file).of_census == ()
    assert list_actions(engine, DoneFilter())[0].action == "target_dropped"


def test_an_office_has_its_own_threshold_for_a_target_of_the_census_too(config):
    given = ("--office", OFFICE, "--threshold", "60", "--source", "5/KH-UBND")
    assert run(config, "set", "online-2030", *given).exit_code == 0
    told = run(config, "list", "--office", OFFICE).output.split("online-2030")[1]
    assert "trieu-son: 60% · 5/KH-UBND" in told and "holds for trieu-son: 60%" in told
    back = run(config, "remove", "online-2030", "--office", OFFICE)
    assert back.output == "The threshold is dropped; trieu-son has to reach 80% now.\n"
    assert load_targets(config.targets_file).own == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "nowhere", "--threshold", "90"), "choose one of procedures-2025"),
        (("set", "procedures-2025", "--threshold", "900"), "“900” is not a share"),
        (
            ("set", "procedures-2025", "--sector", "fishing"),
            "no sector “fishing”; choose from land",
        ),
        (("set", "procedures-2025", "--measure", "smile"), "choose one of overall"),
        (("set", "on-time-2025", "--sector", "land"), "leave out --sector and --each"),
        (("set", "on-time-2025", "--each"), "leave out --sector and --each"),
        (("set", "on-time-2025", "--measure", "overall"), "choose one of on_time, online"),
        (("set", "procedures-2025", "--measure", "online"), "choose one of overall"),
        (("set", "on-time-2025", "--office", "nowhere", "--threshold", "90"), "one of trieu-son"),
        (("set", "on-time-2025", "--office", OFFICE, "--year", "2030"), "--source alone"),
        (("set", "on-time-2025", "--office", OFFICE, "--threshold", "90"), "Name the source"),
        (("set", "--threshold", "90"), "Write a name"),
        (("remove", "on-time-2025", "--office", OFFICE), "see hailong target list"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can_and_nothing_is_written(
    config, engine, words, told
):
    before = config.targets_file.read_bytes()
    refused = run(config, *words)
    assert refused.exit_code == 1
    assert told in str(refused.exception)
    assert config.targets_file.read_bytes() == before
    assert not [one for one in list_actions(engine, DoneFilter()) if "target" in one.action]


def test_a_file_that_was_broken_by_hand_is_told_and_not_overwritten(config):
    write_whole(config.targets_file, "[[target]]\n")
    assert run(config, *NEW).exit_code == 1
    assert config.targets_file.read_text(encoding="utf-8") == "[[target]]\n"
