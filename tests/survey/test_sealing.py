"""What is sealed when, by the server and by commands; and figures do not move by it."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select, update

from analysis.insights.insights import Gathered
from analysis.period import parse_period
from survey import sealing
from survey.backups import write_backup
from survey.cli import cli
from survey.config import Config, load_config
from survey.errors import HailongError
from survey.figures.office import Figures, office_figures
from survey.intake import Response
from survey.places import installed_questionnaires
from survey.sealing import check, night_of, seal_due
from survey.seals import short_code
from survey.serving import upkeep
from survey.setup.landing import restore_office
from survey.simulation import simulate
from survey.slips import token_hash
from survey.store import open_engine, seals, tables
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.sealing import seal_days
from survey.store.slips import use_slip
from survey.store.upkeep import done_on
from survey.told import in_language
from survey.turns import turn
from tests.survey.slips import issue

TODAY = date(2026, 11, 20)
row = tables.response.c


def answer(day: date, **more: Any) -> Response:
    return Response(
        str(uuid.uuid4()), "desk@1", "trieu-son", "land", "poster", day, "54----", **more
    )


def figures(config: Config, engine: Engine, period: str, *, leaves: bool) -> Figures:
    known = published_questionnaires(engine)
    asked = parse_period(period)
    return office_figures(config, load_places(engine), known, asked, TODAY, leaves=leaves)


def test_sealing_moves_no_figure_and_binds_what_is_published(config, engine):
    first = date(2026, 10, 1)
    simulated = simulate(
        load_places(engine), installed_questionnaires(config), first, date(2026, 11, 3), 3000
    )
    add_many(engine, simulated.responses)
    save_counts(engine, simulated.counts, log=CountSource(TODAY, "simulated", "0" * 64))

    def month(*, leaves: bool) -> tuple[dict[str, Any], Gathered | None]:
        found = figures(config, engine, "2026-10", leaves=leaves)
        return found.document.as_json(), found.gathered

    (full, gathered), (published, _) = month(leaves=False), month(leaves=True)
    assert gathered is not None
    assert gathered.of().undated == ()
    found = seal_due(config, engine, TODAY)
    assert (found.day, found.months, found.wrong) == (date(2026, 11, 19), ("2026-10",), ())
    kept = seals.published_document(engine, "2026-10")
    assert kept is not None
    assert json.loads(kept) == json.loads(json.dumps(published))
    again, gathered = month(leaves=False)
    assert again == full
    assert gathered is not None
    assert not [flag for flag in gathered.flags if flag.day]  # it would seem one crowded day
    assert gathered.of().undated == ("2026-10",)
    with engine.connect() as connection:
        days = connection.execute(select(row.answered_on).distinct()).scalars().all()
    assert {day for day in days if day.month < 11} == {first}
    assert len(days) > 2  # the running month has its days
    assert check(config, engine, TODAY).faults == ()


@pytest.mark.sqlite_is_enough
def test_a_day_is_sealed_once_it_is_over_and_a_month_ten_days_later(config, engine, monkeypatch):
    apart: list[date] = []
    add_many(engine, [answer(date(2026, 10, day)) for day in (30, 31)])
    monkeypatch.setattr(upkeep, "seal_apart", lambda _: apart.append(night))
    for night in (date(2026, 10, 31) + timedelta(days=ahead) for ahead in range(12)):
        assert upkeep.seal_if_due(config, engine, night)
        assert not upkeep.seal_if_due(config, engine, night)
        assert seals.last_sealed_day(engine) == night - timedelta(days=1)
    assert apart == [date(2026, 11, 10), date(2026, 11, 11)]
    assert upkeep.seal_if_due(config, engine, date(2026, 11, 30))  # the server was off
    abouts = [one.about for one in seals.list_seals(engine) if one.kind == "day"]
    assert len(abouts) == len(set(abouts)) == 31  # from the 30th of October on, each day once


@pytest.mark.sqlite_is_enough
def test_a_month_is_sealed_by_hand_once_no_slip_of_it_can_be_used_any_more(config, engine):
    last, month = date(2026, 10, 31), "2026-10"
    (token,) = issue(engine, on=last, good_for=timedelta(0))
    add_many(engine, [answer(last)])
    for today, words in ((last, "not over"), (date(2026, 11, 1), "from 02/11/2026 on")):
        with pytest.raises(HailongError) as refused:
            seal_due(config, engine, today, month)
        assert words in in_language(refused.value.args[0], "en")
        assert seals.list_seals(engine) == []
    grace = date(2026, 11, 1)  # somebody who began on the last day sends now
    sent = replace(answer(grace), channel="slip")
    assert use_slip(engine, sent, token_hash(token), grace) == "stored"
    assert seal_due(config, engine, date(2026, 11, 2), month).months == (month,)
    assert check(config, engine, date(2026, 11, 2)).faults == ()


@pytest.mark.sqlite_is_enough
def test_nothing_is_sealed_without_answers_nor_while_another_process_does(config, engine):
    assert not upkeep.seal_if_due(config, engine, TODAY)
    add_many(engine, [answer(TODAY)])
    with turn(config.data / sealing.SEAL_TURN) as mine:
        assert mine
        assert not upkeep.seal_if_due(config, engine, TODAY + timedelta(days=1))
    assert upkeep.seal_if_due(config, engine, TODAY + timedelta(days=1))


@pytest.mark.sqlite_is_enough
def test_a_clock_that_is_far_ahead_seals_nothing(config, engine):
    add_many(engine, [answer(TODAY)])
    assert sealing.seal_days_due(engine, date(2099, 1, 1)) == ()
    assert seals.list_seals(engine) == []


def test_a_night_begins_when_what_was_sent_before_midnight_is_stored():
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    assert night_of(midnight + timedelta(minutes=5)) == date(2026, 11, 19)
    assert night_of(midnight + timedelta(minutes=20)) == TODAY


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def run(*words: object, lang: str = "en") -> Result:
        given = [str(word) for word in (*words, "--data", config.data, "--lang", lang)]
        return CliRunner().invoke(cli, given)

    return run


@pytest.mark.sqlite_is_enough
def test_commands_seal_check_and_tell_what_was_changed(config, engine, run, tmp_path):
    told = run("seal").stdout, run("verify").stdout
    assert told == ("there are no answers to seal yet\n",) * 2
    yesterday = night_of(datetime.now(config.zone)) - timedelta(days=1)
    day = yesterday.replace(day=1) - timedelta(days=1)  # of a month whose counts are final
    month = f"{day:%Y-%m}"
    add_many(engine, [answer(day) for _ in range(3)])
    assert "sealed the month" in run("seal", "--month", month).stdout
    first = run("verify")
    assert (first.exit_code, "3 answers are as they were sealed" in first.stdout) == (0, True)
    newest = [one.seal for one in seals.list_seals(engine) if one.kind == "month"][-1]
    assert short_code(newest) in first.stdout
    download = tmp_path / "seals.json"
    download.write_text(seals_document(engine), encoding="utf-8")
    assert run("verify", "--against", download).exit_code == 0
    with engine.begin() as connection:
        connection.execute(update(tables.response).values(scores="11----"))
    shown = f"{day:%m/%Y}"
    for lang, what in (("en", f"{shown}: as many answers as were sealed, but altered"),
                       ("vi", f"tháng {shown}: đủ số phiếu nhưng nội dung đã bị sửa")):  # fmt: skip
        found = run("verify", lang=lang)
        assert found.exit_code == 1
        assert what in found.stderr
    assert run("doctor").exit_code == 1
    assert "hailong verify" in run("doctor").stdout
    refused = run("seal", "--accept", month)
    assert (refused.exit_code, "--because" in refused.stderr) == (2, True)
    assert run("seal", "--accept", shown, "--because", "biên bản số 3").exit_code == 0
    assert run("verify", "--against", download).exit_code == 0
    with engine.begin() as connection:
        connection.execute(tables.seal.delete())
    assert "made anew" not in run("verify", "--against", download).stderr
    seal_days(engine, day)
    assert "made anew" in run("verify", "--against", download).stderr
    for wrong in ("31/02/2026", "2026", "hôm qua"):
        assert run("seal", "--accept", wrong, "--because", "x").exit_code == 2
    running = run("seal", "--month", f"{datetime.now(config.zone):%Y-%m}")
    assert (running.exit_code, "not over" in str(running.exception)) == (1, True)
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    assert run("verify", "--against", tmp_path / "no.json").exit_code == 1
    assert run("verify", "--against", tmp_path / "missing.json").exit_code == 1


def seals_document(engine: Engine) -> str:
    from survey.seals import as_document

    return as_document(seals.list_seals(engine))


def test_a_restored_backup_fits_its_seals_and_says_that_it_was_restored(
    config, engine, tmp_path, monkeypatch
):
    add_many(engine, [answer(date(2026, 10, 5)), answer(date(2026, 10, 6), comment="lâu")])
    seal_days(engine, date(2026, 10, 7))
    file = tmp_path / "backup.zip"
    write_backup(config, engine, file, datetime(2026, 10, 8, 9, tzinfo=UTC))
    seal_days(engine, date(2026, 10, 9))
    download = seals_document(engine)
    restored = tmp_path / "restored"
    meant = load_config(restored, environ={})
    restore_office(meant, file)
    again = open_engine(meant.database_url)
    assert check(meant, again, date(2026, 10, 10)).faults == ()
    assert done_on(again, "verified") == date(2026, 10, 10)
    newest = seals.list_seals(again)[-1]
    assert (newest.kind, newest.about) == ("restore", "2026-10-08")
    from survey.seals import compare_chains, read_document

    (told,) = compare_chains(seals.list_seals(again), read_document(download))
    assert told.kind == "restored"
    again.dispose()
