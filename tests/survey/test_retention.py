"""A year's answers go when their time is over, for good; the figures that were published stay."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, func, insert, select

from analysis.document import analyse
from analysis.errors import Refusal
from analysis.kept import read_document
from analysis.period import parse_period
from analysis.reporting.sections import report_sections
from survey import retention
from survey.cli import cli
from survey.config import Config, write_settings
from survey.dossiers import PopulationCount
from survey.errors import HailongError
from survey.figures.office import office_figures, office_targets, stored_figures
from survey.intake import Response
from survey.places import installed_questionnaires
from survey.sealing import check, seal_due
from survey.serving.upkeep import purge_if_due, rewrite_if_due, rewrite_now
from survey.simulation import simulate
from survey.store import purges, sealing, seals, tables
from survey.store.places import load_places
from survey.store.population import CountSource, save_counts
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many, count_responses
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.upkeep import done_on, has_fresh
from tests.clock import OFFICE, stand_at
from tests.survey.store.test_erasure import files

SEALED, DAY = date(2027, 2, 11), date(2029, 1, 1)
BY = By(None, datetime(2029, 1, 1, 3, tzinfo=UTC))
SECRET = "Ông Đặng Văn Lâm ở thôn 7 chờ ba buổi"  # stands nowhere else
MARK = str(uuid.UUID(int=0xABCDEF, version=4))


@pytest.fixture
def kept(config: Config) -> Config:
    """Answers are kept for two whole years after their own."""
    return replace(config, answer_years=2)


@pytest.fixture
def lived(config: Config, engine: Engine) -> Engine:
    """Simulated answers of the last quarter of 2026 and of January, all months sealed."""
    places = load_places(engine)
    known = installed_questionnaires(config)
    found = simulate(places, known, date(2026, 10, 1), date(2027, 1, 31), 3000)
    add_many(engine, [*found.responses, mine()])
    save_counts(engine, found.counts, log=CountSource(SEALED, "simulated", "0" * 64))
    assert seal_due(config, engine, SEALED).months == MONTHS
    rewrite_now(config, engine, SEALED)
    return engine


MONTHS = ("2026-10", "2026-11", "2026-12", "2027-01")


@pytest.fixture
def sealed(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The same with a few answers, and documents that say nothing."""
    monkeypatch.setattr(retention, "published_of", lambda *_: '{"of": "a period"}')
    days = [date.fromisoformat(f"{month}-{day}") for month in MONTHS for day in ("05", "20")]
    add_many(engine, [mine(), *(answer(day) for day in days for _ in range(3))])
    counts = [PopulationCount("2026-10", "trieu-son", "land", 60)]
    save_counts(engine, counts, log=CountSource(SEALED, "a file", "0" * 64))
    assert sealing.seal_days(engine, SEALED) == ()
    for month in MONTHS:
        assert sealing.seal_month(engine, month, '{"of": "a month"}') == ()
    rewrite_now(config, engine, SEALED)
    return engine


def answer(day: date, **more: Any) -> Response:
    sheet = ("desk@1", "trieu-son", "land", "kiosk", day, "44----")
    return Response(str(uuid.uuid4()), *sheet, choices=(("went_wrong", "waiting"),), **more)


def mine() -> Response:
    return replace(answer(date(2026, 11, 5), comment=SECRET), response_id=MARK)


def purge(config: Config, engine: Engine, today: date = DAY) -> list[purges.Purged]:
    return list(retention.purge_due(config, engine, BY, today))


def shown(config: Config, engine: Engine, period: str) -> Any:
    """The published sections of a period, computed from the answers."""
    figures = office_figures(
        config,
        load_places(engine),
        published_questionnaires(engine),
        parse_period(period),
        SEALED,
        leaves=True,
    )
    return report_sections(figures.document), figures.document.as_json()


def test_a_year_goes_and_its_published_figures_stay_word_for_word(kept, lived):
    periods = ("2026-10", "2026-Q4", "2026-H2", "2026")
    before = {period: shown(kept, lived, period) for period in periods}
    held = {one.year: one.answers for one in purges.holdings(lived)}
    printed = seals.seal_of(lived, ["2026-10", "2026-11", "2026-12"])
    assert purge(kept, lived, DAY - timedelta(days=1)) == []
    (found,) = purge(kept, lived)
    assert (found.held.year, found.held.answers, found.wrong) == (2026, held[2026], ())
    assert count_responses(lived) == held[2027]
    assert purge(kept, lived) == []
    for period, (sections, document) in before.items():
        stored = stored_figures(kept, lived, parse_period(period))
        assert stored is not None
        assert stored.document.as_json() == json.loads(json.dumps(document)), period
        for one, other in zip(report_sections(stored.document), sections, strict=True):
            assert str(one) == str(other)
    assert seals.seal_of(lived, ["2026-10", "2026-11", "2026-12"]) == printed  # as on paper
    assert stored_figures(kept, lived, parse_period("2027-01")) is None
    for period in ("12m:2027-01",):
        with pytest.raises(HailongError, match=r"purged on 01/01/2029.*cannot be computed"):
            stored_figures(kept, lived, parse_period(period))
    with pytest.raises(Refusal, match=r"answers of 2026-10 were purged on 2029-01-01"):
        analyse(kept.database_url, period="2026-10")


def test_a_purge_is_told_from_tampering_and_covers_none_up(kept, sealed):
    (found,) = purge(kept, sealed)
    verified = check(kept, sealed, DAY)
    assert verified.faults == ()
    assert verified.purged == ("2026-10", "2026-11", "2026-12")
    lines = [one for one in list_actions(sealed, DoneFilter()) if one.action == "answers_purged"]
    assert [one.details for one in lines] == [{"year": "2026", "count": str(found.held.answers)}]
    reasons = {one.about: one.reason for one in seals.list_seals(sealed) if one.kind == "month"}
    assert reasons["2026-11"] == "purged"
    assert reasons["2027-01"] == ""
    january = tables.response.c.answered_on == date(2027, 1, 1)
    ids = select(tables.response.c.response_id).where(january)
    with sealed.begin() as connection:  # as the owner of the database would have it look
        connection.execute(delete(tables.choice).where(tables.choice.c.response_id.in_(ids)))
        connection.execute(delete(tables.response).where(january))
        connection.execute(insert(tables.purge).values(month="2027-01", purged_on=DAY))
    assert {(one.kind, one.about) for one in check(kept, sealed, DAY).faults} == {
        ("removed", "2027-01"),
        ("unpurged", "2027-01"),
    }


@pytest.mark.parametrize("change", ["altered", "late", "unsealed"])
def test_a_year_that_is_not_as_it_was_sealed_stays_and_is_named(kept, sealed, change):
    row = tables.response.c
    with sealed.begin() as connection:
        if change == "altered":
            mine = tables.response.update().where(row.response_id == MARK)
            connection.execute(mine.values(scores="11----"))
        elif change == "unsealed":
            connection.execute(delete(tables.seal).where(tables.seal.c.about == "2026-11"))
    if change == "late":
        add_many(sealed, [answer(date(2026, 11, 8), late=True)])
    before = count_responses(sealed)
    (found,) = purge(kept, sealed)
    assert found.wrong == ("2026-11",)
    assert count_responses(sealed) == before


def test_what_was_purged_stands_in_no_file_after_the_night(kept, sealed):
    assert SECRET.encode() in files(sealed)  # the search finds what there is to find
    assert MARK.encode() in files(sealed)
    purge(kept, sealed)
    with sealed.begin() as connection:  # also where nothing is left at all
        connection.execute(delete(tables.choice))
        connection.execute(delete(tables.comment))
        connection.execute(delete(tables.response))
    assert has_fresh(sealed)
    assert rewrite_if_due(kept, sealed, DAY)
    assert not has_fresh(sealed)
    found = files(sealed)
    assert SECRET.encode() not in found
    assert MARK.encode() not in found


@pytest.mark.sqlite_is_enough
def test_pages_that_were_computed_from_the_answers_go_with_them(kept, sealed):
    folder = kept.data / "figures"
    folder.mkdir()
    (folder / "abc.page.json").write_text("{}", encoding="utf-8")
    purge(kept, sealed)
    assert list(folder.glob("*.*")) == []


@pytest.mark.sqlite_is_enough
def test_answers_of_a_year_that_is_gone_go_the_next_night(kept, sealed):
    purge(kept, sealed)
    chain = seals.list_seals(sealed)
    add_many(sealed, [answer(date(2026, 11, 8), late=True)])
    assert seal_due(kept, sealed, DAY).months == ()
    (found,) = purge(kept, sealed)
    assert found.held.answers == 1
    assert [one for one in seals.list_seals(sealed)[len(chain) :] if one.kind != "day"] == []
    assert check(kept, sealed, DAY).faults == ()


@pytest.mark.sqlite_is_enough
def test_a_year_that_goes_is_told_of_a_month_before(engine):
    add_many(engine, [answer(date(2026, 5, 4))])
    told = [bool(retention.soon(engine, 2, DAY - timedelta(days=ahead))) for ahead in (32, 31, 0)]
    assert told == [False, True, True]
    assert retention.due(engine, 2, DAY - timedelta(days=1)) == []
    assert retention.soon(engine, 0, date(2100, 1, 1)) == []  # kept for ever


@pytest.mark.sqlite_is_enough
def test_the_server_tries_once_a_day_and_never_where_answers_are_kept_for_ever(
    kept, sealed, monkeypatch
):
    tried: list[date] = []
    monkeypatch.setattr("survey.serving.upkeep.purge_apart", lambda _: tried.append(today))
    assert not purge_if_due(kept, sealed, DAY)  # no answer for so long: the clock may be wrong
    add_many(sealed, [answer(DAY - timedelta(days=1))])
    for today in (DAY - timedelta(days=1), DAY, DAY, DAY + timedelta(days=1)):
        purge_if_due(kept, sealed, today)
    assert tried == [DAY, DAY + timedelta(days=1)]
    assert not purge_if_due(replace(kept, answer_years=0), sealed, DAY + timedelta(days=2))
    assert done_on(sealed, "purge") == DAY + timedelta(days=1)


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    stand_at(monkeypatch, datetime(2029, 1, 1, 3, tzinfo=OFFICE))

    def run(*words: object) -> Result:
        given = [str(word) for word in (*words, "--data", config.data, "--lang", "en")]
        return CliRunner().invoke(cli, given)

    return run


@pytest.mark.sqlite_is_enough
def test_the_command_shows_first_and_every_way_out_says_that_they_are_gone(
    config, lived, run, tmp_path
):
    assert "kept for ever" in run("purge").stdout
    write_settings(config.data, answer_years=2)
    preview = run("purge").stdout
    before = count_responses(lived)
    assert "2026: due since 01/01/2029" in preview
    assert "2027: kept until 01/01/2030" in preview
    assert "hailong purge --yes" in preview
    assert count_responses(lived) == before
    done = run("purge", "--yes")
    assert (done.exit_code, "the sealed figures stay" in done.stdout) == (0, True)
    assert SECRET.encode() not in files(lived)
    assert "answers of 2026 were purged" in run("verify").stdout
    told = "The answers of 10/2026 were purged on 01/01/2029"
    text = run("analyze", "--period", "2026-10")
    assert text.exit_code == 0
    assert told in text.stderr
    assert "%" in text.stdout
    found = json.loads(run("analyze", "--period", "2026-10", "--format", "json").stdout)
    assert found == json.loads(seals.published_document(lived, "2026-10") or "")
    for words in (
        ("analyze", "--period", "2026-10", "--office", "trieu-son"),
        ("export", "responses", "--period", "2026-10", "--out", tmp_path / "a.csv"),
        ("notebook", "--period", "2026-10", "--out", tmp_path / "a.html"),
        ("report", "--period", "2026-10", "--out", tmp_path / "a.docx"),
    ):
        refused = run(*words)
        assert refused.exit_code == 1, words
        assert told in str(refused.exception), words
    assert run("export", "population", "--period", "2026-10", "--out", tmp_path / "p.csv")


@pytest.mark.sqlite_is_enough
def test_an_archive_keeps_its_months_and_says_that_they_are_gone_here(
    config, sealed, run, tmp_path
):
    folder = tmp_path / "archive"
    assert run("export", "--parquet", folder).exit_code == 0
    files_before = sorted(folder.rglob("*.parquet"))
    write_settings(config.data, answer_years=2)
    assert run("purge", "--yes").exit_code == 0
    again = run("export", "--parquet", folder)
    assert again.exit_code == 0
    assert "responses\t2026-10\tpurged from the database on 2029-01-01" in again.stdout
    assert sorted(folder.rglob("*.parquet")) == files_before


@pytest.mark.sqlite_is_enough
def test_the_counts_of_other_tables_stay(kept, sealed):
    def counted() -> int:
        with sealed.connect() as connection:
            query = select(func.count()).select_from(tables.population_count)
            return connection.execute(query).scalar_one()

    before = counted()
    purge(kept, sealed)
    assert counted() == before > 0


@pytest.mark.sqlite_is_enough
def test_a_document_reads_back_as_it_was_written_notes_and_re_check_too(kept, lived):
    figures = office_figures(
        kept,
        load_places(lived),
        published_questionnaires(lived),
        parse_period("2026-11"),
        SEALED,
    )
    written = json.loads(json.dumps(figures.document.as_json()))
    again = read_document(written, office_targets(kept))
    assert again.as_json() == written
    assert any(row.notes for row in again.estimates)
