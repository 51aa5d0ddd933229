"""Targets are sealed: changed on their page it is said, changed in their file it shows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from analysis.targets import shipped_targets, targets_text
from survey.access import Grant
from survey.cli import cli
from survey.config import Config
from survey.files import write_whole
from survey.sealing import check, seal_beside, told
from survey.store import sealing, seals
from survey.store.responses import add_many
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.upkeep import done_on
from survey.target_seals import accept_targets, read_targets, target_faults
from survey.told import command_sentences, in_language
from tests.survey.desk.pages import send, sign_in
from tests.survey.desk.test_targets_page import NEW
from tests.survey.store.test_arrival import response

pytestmark = pytest.mark.sqlite_is_enough

DAY, TODAY = date(2026, 10, 30), date(2026, 11, 2)
LAN = By("lan", datetime(2026, 11, 20, 9, tzinfo=UTC))


@pytest.fixture
def sealed(config: Config, engine: Engine) -> Engine:
    """A day is sealed, and the targets of the office's own file with it."""
    write_whole(config.targets_file, targets_text(shipped_targets()))
    add_many(engine, [response(day=DAY)])
    sealing.seal_days(engine, DAY)
    seal_beside(config, engine, TODAY)
    assert faults(config, engine) == []
    return engine


def faults(config: Config, engine: Engine) -> list[str]:
    return [in_language(told(one), "en") for one in check(config, engine, TODAY).faults]


def reasons(engine: Engine) -> list[tuple[str, str]]:
    return [(one.about, one.reason) for one in seals.list_seals(engine) if one.kind == "targets"]


def lower(config: Config) -> None:
    """As somebody edits the file who wants a target to be met."""
    text = config.targets_file.read_text(encoding="utf-8")
    assert "threshold = 0.9" in text
    config.targets_file.write_text(
        text.replace("threshold = 0.9", "threshold = 0.7", 1), encoding="utf-8"
    )


def drop(client: FlaskClient, id_: str) -> TestResponse:
    return send(client, "/targets/drop", {"id": id_, "sure": "1"}, "/targets/target")


def test_a_threshold_that_was_lowered_in_the_file_shows_with_what_it_was(config, sealed):
    lower(config)
    (found,) = faults(config, sealed)
    assert "threshold" in found
    assert "90% → 70%" in found
    assert done_on(sealed, "altered") == TODAY  # pages tell of it
    seal_beside(config, sealed, date(2026, 11, 3))  # no night seals it along
    assert len(faults(config, sealed)) == 1


def test_a_target_put_in_or_taken_out_or_a_file_that_is_gone_shows(config, sealed):
    whole = shipped_targets()
    for left in (
        whole.model_copy(update={"target": whole.target[1:]}),
        whole.model_copy(
            update={"target": (*whole.target, whole.target[0].model_copy(update={"id": "x"}))}
        ),
    ):
        write_whole(config.targets_file, targets_text(left))
        assert len(faults(config, sealed)) == 1
    config.targets_file.write_text("nonsense", encoding="utf-8")
    assert [one.kind for one in target_faults(config, sealed)] == ["targets_file"]
    assert len(faults(config, sealed)) == 1
    config.targets_file.unlink()
    assert len(faults(config, sealed)) >= len(whole.target)


def test_the_same_targets_written_otherwise_are_the_same(config, sealed):
    text = config.targets_file.read_text(encoding="utf-8")
    config.targets_file.write_text(
        f"# ours\n{text.replace('threshold = 0.9', 'threshold = 0.900', 1)}", encoding="utf-8"
    )
    assert faults(config, sealed) == []


def test_what_is_changed_on_the_page_is_sealed_again_with_a_line_in_the_log(app, config, sealed):
    client = sign_in(app, sealed, Grant("administrator", None))
    assert send(client, "/targets/target", NEW).status_code == 303
    assert faults(config, sealed) == []
    assert drop(client, shipped_targets().target[-1].id).status_code == 303
    assert faults(config, sealed) == []
    assert [reason for _, reason in reasons(sealed)] == ["", "changed", "changed"]
    lines = [one for one in list_actions(sealed, DoneFilter()) if one.action == "seals_made"]
    assert len(lines) == 2
    lower(config)  # and they hold what is there now
    assert len(faults(config, sealed)) == 1


def test_a_change_in_the_file_does_not_hide_behind_one_on_the_page(app, config, sealed):
    lower(config)
    client = sign_in(app, sealed, Grant("administrator", None))
    assert drop(client, shipped_targets().target[-1].id).status_code == 303
    (found,) = faults(config, sealed)
    assert "90% → 70%" in found


def test_who_edits_the_file_says_so_for_everybody_to_see(app, config, sealed):
    lower(config)
    told_why = ["seal", "--accept", "targets", "--because", "Kế hoạch 40/KH-UBND"]
    run = CliRunner().invoke(cli, [*told_why, "--data", str(config.data)])
    assert run.exit_code == 0, run.output
    assert faults(config, sealed) == []
    assert [reason for _, reason in reasons(sealed)] == ["", "accepted"]
    assert list_actions(sealed, DoneFilter())[0].details["why"] == "Kế hoạch 40/KH-UBND"
    assert not accept_targets(config, sealed, "", LAN)  # there is nothing to accept
    page = sign_in(app, sealed, Grant("administrator", None)).get("/targets").text
    title = shipped_targets().target[0].title.vi
    assert f"ghi nhận mục tiêu đã sửa trong tệp: {title}, 2025: 90% → 70%" in page
    assert "(Kế hoạch 40/KH-UBND)" in page


def test_verify_says_since_when_targets_and_records_are_sealed(config, sealed):
    sealing.seal_days(sealed, date(2026, 10, 31))
    sealing.seal_month(sealed, "2026-10", "{}")
    run = CliRunner().invoke(cli, ["verify", "--data", str(config.data)])
    assert run.exit_code == 0, run.output
    assert "re-checks and past imports are as they were sealed (months: 1)" in run.output
    assert "targets are as they were sealed on 02/11/2026" in run.output
    lower(config)
    run = CliRunner().invoke(cli, ["verify", "--data", str(config.data)])
    assert run.exit_code == 1
    assert "threshold" in run.output


def test_every_value_of_a_target_has_a_name_in_both_languages(config, sealed):
    found = read_targets(config)
    assert {kind for kind, *_ in found} >= {"target", "group"}
    own = [name for values in found.values() for name in values]
    for lang in ("vi", "en"):
        assert all(command_sentences().get(f"verify.value_{name}", lang) for name in own)


def test_what_the_command_changes_is_sealed_again_an_own_threshold_of_the_census_too(
    config, sealed
):
    data = ("--data", str(config.data))
    own = ("--office", "trieu-son", "--threshold", "60", "--source", "5/KH-UBND")
    census = ("online-2025", "--threshold", "55", "--year", "2026", "--source", "6/KH-UBND")
    for words in (("procedures-2030", "--threshold", "96"), census, ("online-2030", *own)):
        done = CliRunner().invoke(cli, ["target", "set", *words, *data])
        assert done.exit_code == 0, done.exception
    assert faults(config, sealed) == []
    assert [reason for _, reason in reasons(sealed)].count("changed") == 3
    text = config.targets_file.read_text(encoding="utf-8")
    config.targets_file.write_text(text.replace("threshold = 0.6", "threshold = 0.1"), "utf-8")
    (found,) = faults(config, sealed)
    assert "Dossiers filed online, trieu-son" in found
