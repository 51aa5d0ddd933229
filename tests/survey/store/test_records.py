"""Records of a sealed month: changed beside the program they show, changed by staff it is said."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, delete, text, update

from survey.dossiers import PopulationCount
from survey.dossiers.count import Counted
from survey.dossiers.plan import make_plan
from survey.improvements import Texts
from survey.intake import Response
from survey.places import shipped_places
from survey.recheck.calls import OUTCOMES
from survey.rechecking import draw, roll, seal
from survey.sealing import told
from survey.seals import Fault, as_document, beside, compare_chains, read_document
from survey.slips import token_hash
from survey.store import records, sealing, seals, tables, verification
from survey.store.amendments import list_amendments
from survey.store.improvements import (
    add_improvement,
    find_improvement,
    publish_improvement,
    withdraw_improvement,
)
from survey.store.indicators import enter_indicators
from survey.store.past import PastSource, add_past, undo_past
from survey.store.places import save_places
from survey.store.population import (
    CountSource,
    apply_plan,
    last_import,
    load_counts,
    save_counts,
    undo_last,
)
from survey.store.rechecks import find_recheck, record_skip
from survey.store.responses import add_many
from survey.store.slips import forget_slips, use_slip
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.told import command_sentences, in_language
from tests.survey.recheck.drawn import DICE, listed
from tests.survey.slips import issue
from tests.survey.store.test_arrival import response
from tests.survey.store.test_seals import renamed

OCTOBER, MONTH = date(2026, 10, 30), "2026-10"
TODAY = date(2026, 11, 20)
LAN = By("lan", datetime(2026, 11, 20, 9, tzinfo=UTC))
LOG = CountSource(date(2026, 11, 2), "thang-10.csv", "a" * 64)
LATER = CountSource(date(2026, 11, 21), "thang-10-sua.csv", "b" * 64)
LAND = PopulationCount(MONTH, "trieu-son", "land", 60, 50, 20)
CIVIL = PopulationCount(MONTH, "trieu-son", "civil-status", 240)
DID = Texts("Chờ lâu.", "Thêm quầy.", "Long waits.", "One more counter.")


def answer(**more: Any) -> Response:
    return replace(response(day=OCTOBER), **more)


@pytest.fixture
def sealed(engine: Engine) -> Engine:
    """October is sealed, with something of every kind of record."""
    add_many(engine, [answer() for _ in range(3)])
    save_counts(engine, [LAND, CIVIL], log=LOG)
    enter_indicators(engine, "trieu-son", MONTH, {1: (40, 2, 1)}, {}, LAN)
    entry = find_improvement(engine, add_improvement(engine, "trieu-son", MONTH, DID, LAN))
    assert entry is not None
    assert publish_improvement(engine, entry, TODAY, LAN)
    tokens = issue(engine, 4, on=OCTOBER)
    assert use_slip(engine, answer(channel="slip"), token_hash(tokens[0]), OCTOBER) == "stored"
    found = listed()
    seal(engine, found, date(2026, 11, 2), LAN)
    roll(engine, MONTH, "trieu-son", DICE, LAN)
    sealing.seal_days(engine, date(2026, 10, 31))
    assert sealing.seal_month(engine, MONTH, "{}") == ()
    assert faults(engine) == []
    return engine


def faults(engine: Engine) -> list[str]:
    """What is found, as it is told."""
    return spoken(verification.verify(engine).faults)


def spoken(found: Sequence[Fault]) -> list[str]:
    return [in_language(told(one), "en") for one in found]


def revisions(engine: Engine) -> list[str]:
    """The reasons of the seals of October's records."""
    return [one.reason for one in seals.list_seals(engine) if one.kind == "records"]


BESIDE = {
    "UPDATE population_count SET completed = 30 WHERE sector = 'land'": "Land",
    "UPDATE population_count SET on_time = 60 WHERE sector = 'land'": "on time 50 → 60",
    "DELETE FROM population_count WHERE sector = 'civil-status'": "taken out",
    "INSERT INTO population_count (period, office, sector, completed)"
    " VALUES ('2026-10', 'trieu-son', 'business', 5)": "put in",
    "UPDATE desk_indicator SET no_points = 0": "dossiers with 0 points 1 → 0",
    "DELETE FROM desk_indicator": "taken out",
    "INSERT INTO desk_indicator VALUES ('2026-10', 'trieu-son', 2, 9, 0, 0)": "put in",
    "UPDATE improvement SET did_vi = 'Thêm hai quầy.'": "digest of the words",
    "UPDATE improvement SET published_on = NULL": "taken out",
    "INSERT INTO improvement (month, office, said_vi, did_vi, said_en, did_en, published_on)"
    " VALUES ('2026-10', 'trieu-son', 'a', 'b', '', '', '2026-11-01')": "put in",
    "UPDATE slip SET used_in = NULL": "used 1 → 0",
    "UPDATE slip SET used_in = '2026-10'": "used 1 → 4",
    "DELETE FROM slip WHERE used_in IS NULL": "issued 4 → 1",
    "UPDATE slip_batch SET issued_in = '2026-09'": "issued 4 → 0",
    "UPDATE recheck SET seed = '1234'": "seed 35142665134261535421 → 1234",
    "UPDATE recheck SET list_digest = 'x'": "digest of the list",
    "UPDATE recheck_sector SET dossiers = 20 WHERE sector = 'land'": "dossiers of the list 40 → 20",
    "DELETE FROM recheck_sector WHERE sector = 'land'": "taken out",
}


def test_every_change_beside_the_program_is_told_with_its_month_place_and_values(sealed):
    for statement, words in BESIDE.items():
        with sealed.connect() as connection:
            connection.execute(text(statement))
            found = verification.verified(connection).faults
            connection.rollback()
        assert {one.about for one in found} == {MONTH}, statement
        assert words in " ".join(spoken(found)), statement
    assert faults(sealed) == []


@pytest.mark.sqlite_is_enough
def test_every_value_that_is_sealed_has_a_name_in_both_languages(sealed):
    sheet = draw(sealed, listed(), 4, LAN)
    for row in sheet.rows:
        record_skip(sealed, row.code, "refused", LAN)
    add_past(sealed, [replace(answer(), late=True, origin="imported")], LAN, OLD)
    with sealed.connect() as connection:
        found = records.read_records(connection, MONTH, "")
    kinds = ("dossiers", "indicators", "improvements", "slips", "rechecks", "calls", "imports")
    assert {key[0] for key in found} == {*kinds}
    for lang in ("vi", "en"):
        for name in {name for values in found.values() for name in values}:
            assert command_sentences().get(f"verify.value_{name}", lang)
        for kind in kinds:
            assert command_sentences().get(f"verify.of_{kind}", lang, where="", place="", change="")
        for outcome in OUTCOMES:
            assert command_sentences().get(f"verify.outcome_{outcome}", lang)


def test_no_later_seal_covers_a_change_up_and_an_accepted_one_says_so(sealed):
    with sealed.begin() as connection:
        connection.execute(update(tables.population_count).values(completed=1))
    sealing.seal_records_due(sealed)
    save_places(sealed, shipped_places(), TODAY, LAN)
    enter_indicators(sealed, "trieu-son", MONTH, {}, {1: (40, 2, 1)}, LAN)
    found = faults(sealed)
    assert len(found) == 2
    assert all("completed" in one for one in found)  # what staff did meanwhile is none of them
    assert sealing.accept(sealed, MONTH, "biên bản số 3", LAN)
    assert faults(sealed) == []
    assert revisions(sealed) == ["", "changed", "accepted"]
    assert list_actions(sealed, DoneFilter())[0].details["why"] == "biên bản số 3"


def test_counts_that_staff_replace_or_take_back_are_sealed_again_for_everybody_to_see(sealed):
    corrected = PopulationCount(MONTH, "trieu-son", "land", 61, 51, 21)
    before = as_document(seals.list_seals(sealed))
    plan = make_plan(Counted((corrected,), 1), load_counts(sealed))
    apply_plan(sealed, plan, log=LATER, by=LAN)
    assert faults(sealed) == []
    assert undo_last(sealed, TODAY, last_import(sealed)[0].batch, by=LAN)
    assert faults(sealed) == []
    assert revisions(sealed) == ["", "changed", "changed"]
    lines = [one for one in list_actions(sealed, DoneFilter()) if one.action == "seals_made"]
    assert [(one.name, one.details["reason"]) for one in lines] == [("lan", "changed")] * 2
    told_ = list_amendments(sealed, ZoneInfo("Asia/Ho_Chi_Minh"))  # to everybody
    assert [(one.day, one.places, one.why) for one in told_] == [
        (date(2026, 11, 20), (("dossiers", "trieu-son"),), "")
    ] * 2
    assert list(compare_chains(seals.list_seals(sealed), read_document(before))) == []
    with sealed.begin() as connection:  # and they hold what is there now
        connection.execute(update(tables.population_count).values(completed=1))
    assert len(faults(sealed)) == 2


@pytest.mark.sqlite_is_enough
def test_counts_of_a_month_that_was_sealed_without_any_may_come_later(engine):
    add_many(engine, [answer()])
    sealing.seal_days(engine, date(2026, 10, 31))
    sealing.seal_month(engine, MONTH, "{}")
    save_counts(engine, [LAND], log=LATER)
    assert faults(engine) == []
    assert revisions(engine) == ["", "changed"]
    save_counts(engine, [LAND], log=LATER)  # the same again changes nothing
    save_counts(engine, [PopulationCount("2026-11", "trieu-son", "land", 9)], log=LATER)
    assert revisions(engine) == ["", "changed"]


@pytest.mark.sqlite_is_enough
def test_what_the_office_says_it_did_may_be_withdrawn_and_is_then_nowhere(sealed):
    entry = find_improvement(sealed, 1)
    assert entry is not None
    assert withdraw_improvement(sealed, entry, LAN)
    assert publish_improvement(sealed, entry, TODAY, LAN)
    assert withdraw_improvement(sealed, entry, LAN)
    assert faults(sealed) == []
    assert revisions(sealed) == ["", "changed", "changed", "changed"]
    with sealed.connect() as connection:
        kept = records.kept_records(connection, "records", MONTH)
        documents = connection.execute(text("SELECT count(*) FROM sealed_document")).scalar_one()
    assert kept is not None
    assert kept.sealed is not None
    assert "improvements" not in {key[0] for key in kept.sealed.records}
    assert documents == 2  # the month's own, and the newest records


def test_a_recheck_goes_on_after_its_month_was_sealed_and_nothing_of_it_is_taken_back(sealed):
    sheet = draw(sealed, listed(), 10, LAN)
    assert faults(sealed) == []
    code = next(row.code for row in sheet.rows if not row.spare)
    record_skip(sealed, code, "refused", LAN)
    assert faults(sealed) == []
    sealing.seal_records_due(sealed)
    sealing.seal_records_due(sealed)  # there is nothing left to do
    assert revisions(sealed) == ["", "late"]
    for change in (
        update(tables.recheck_call).values(outcome=None),
        update(tables.recheck_sector).values(size=1),
        delete(tables.recheck_call),
    ):
        with sealed.connect() as connection:
            connection.execute(change)
            found = verification.verified(connection).faults
            connection.rollback()
        assert {one.kind for one in found} == {"record"}
    found = find_recheck(sealed, MONTH, "trieu-son")
    assert found is not None
    assert found.count("refused") == 1


def sealed_calls(engine: Engine) -> dict[tuple[str, ...], Any]:
    """How each call ended, as it is sealed."""
    with engine.connect() as connection:
        kept = records.kept_records(connection, "records", MONTH)
    assert kept is not None
    assert kept.sealed is not None
    return {key[2:]: of for key, of in kept.sealed.records.items() if key[0] == "calls"}


def test_which_call_ended_how_is_sealed_while_no_call_of_its_sector_is_open(sealed):
    sheet = draw(sealed, listed(), 4, LAN)
    land = [row.code for row in sheet.rows if row.ticket.dossier.sector == "land"]
    for number, code in enumerate(land):
        assert sealed_calls(sealed) == {}
        record_skip(sealed, code, "not_reached" if number else "refused", LAN)
        sealing.seal_records_due(sealed)  # each night
    assert len(found := sealed_calls(sealed)) == len(land)
    assert found["land", "1"] == {"outcome": "refused"}
    one = tables.recheck_call.c
    first = (one.sector == "land", one.position == 1)
    swapped = update(tables.recheck_call).where(*first).values(outcome="wrong_number")
    with sealed.connect() as connection:  # beside the program
        connection.execute(swapped)
        told_ = spoken(verification.verified(connection).faults)
        connection.rollback()
    assert ["10/2026" in told_[0], len(told_)] == [True, 1]
    assert "Land, 1 is not as it was sealed: outcome refused → wrong number" in told_[0]

    record_skip(sealed, land[1], "refused", LAN)  # called once more
    assert sealed_calls(sealed) == {}  # what is sealed does not tell which call that was
    assert faults(sealed) == []
    sealing.seal_records_due(sealed)
    assert sealed_calls(sealed)["land", "2"] == {"outcome": "refused"}
    draw(sealed, listed(), 6, LAN)  # more are drawn: calls are open again
    assert sealed_calls(sealed) == {}
    assert faults(sealed) == []


@pytest.mark.sqlite_is_enough
def test_a_call_that_was_changed_beside_the_program_stays_told_when_another_is_entered(sealed):
    sheet = draw(sealed, listed(), 4, LAN)
    land = [row.code for row in sheet.rows if row.ticket.dossier.sector == "land"]
    for code in land:
        record_skip(sealed, code, "not_reached", LAN)
    sealing.seal_records_due(sealed)
    with sealed.begin() as connection:
        one = tables.recheck_call.c
        mine = update(tables.recheck_call).where(one.sector == "land", one.position == 1)
        connection.execute(mine.values(outcome="refused"))
    record_skip(sealed, land[-1], "refused", LAN)
    sealing.seal_records_due(sealed)
    assert any("not reached → refused" in one for one in faults(sealed))


OLD = PastSource("nam-ngoai.csv", "c" * 64)


def test_the_log_of_what_was_brought_in_from_other_tools_is_sealed(sealed):
    brought = {"late": True, "origin": "imported", "choices": ()}
    given = [answer(**brought) for _ in range(12)]
    assert set(add_past(sealed, given, LAN, OLD)) == {"stored"}
    assert faults(sealed) == []
    sealing.seal_records_due(sealed)
    assert revisions(sealed) == ["", "late"]
    for values, words in (
        ({"file_name": "khac.csv"}, "file nam-ngoai.csv → khac.csv"),
        ({"file_digest": "d" * 64}, "digest of the file cccc"),
        ({"answers": 11}, "answers 12 → 11"),
        ({"name": None}, "digest of the account"),
        ({"undone_on": TODAY}, "undone on – → 2026-11-20"),
        (None, "taken out"),
    ):
        table = tables.past_import
        with sealed.connect() as connection:
            connection.execute(delete(table) if values is None else update(table).values(**values))
            (told_,) = spoken(verification.verified(connection).faults)
            connection.rollback()
        assert told_.startswith("10/2026: the import from another tool"), told_
        assert words in told_
    assert undo_past(sealed, OLD.batch, LAN).state == "undone"
    assert faults(sealed) == []
    assert revisions(sealed) == ["", "late", "changed"]
    assert "lan" not in sealed_text(sealed)  # of whose account it was there is a digest alone


def sealed_text(engine: Engine) -> str:
    with engine.connect() as connection:
        found = seals.newest_document(connection, "records", MONTH)
    assert found is not None
    return (found.text or "").replace("land", "").replace("plan", "")


@pytest.mark.sqlite_is_enough
def test_slips_that_are_forgotten_after_their_time_count_as_they_were_sealed(sealed):
    assert forget_slips(sealed, date(2027, 6, 1)) == 4
    assert faults(sealed) == []
    with sealed.begin() as connection:
        connection.execute(update(tables.slip_tally).values(used=0))
    (found,) = faults(sealed)
    assert "Counter 1" in found


def test_another_name_of_a_sector_is_sealed_again_with_its_reason(sealed):
    save_places(sealed, renamed(shipped_places()), TODAY, LAN)
    assert faults(sealed) == []
    assert revisions(sealed) == ["", "renamed"]


@pytest.mark.sqlite_is_enough
def test_records_of_a_month_sealed_by_an_earlier_version_are_sealed_the_next_night(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_many(engine, [answer()])
    save_counts(engine, [LAND], log=LOG)
    with monkeypatch.context() as earlier:
        earlier.setattr(sealing, "seal_records", lambda *_: None)
        sealing.seal_days(engine, date(2026, 10, 31))
        sealing.seal_month(engine, MONTH, "{}")
    save_counts(engine, [LAND, CIVIL], log=LATER)  # nothing of it is sealed yet
    verified = verification.verify(engine)
    state = beside(verified.chain)
    assert (verified.faults, revisions(engine)) == ((), [])
    assert state is not None
    assert state.waiting == (MONTH,)
    sealing.seal_days(engine, date(2026, 11, 1))
    sealing.seal_records_due(engine)
    assert (faults(engine), revisions(engine)) == ([], [""])
    state = beside(seals.list_seals(engine))
    assert state is not None
    assert (state.months, dict(state.since)) == ((MONTH,), {"2026-11-01": [MONTH]})
    with engine.begin() as connection:
        connection.execute(update(tables.population_count).values(completed=1))
    assert len(faults(engine)) == 2


@pytest.mark.sqlite_is_enough
def test_the_code_on_paper_stands_for_records_too(sealed):
    chain = seals.list_seals(sealed)
    assert [one.kind for one in chain[-2:]] == ["records", "month"]
    state = beside(chain)
    assert state is not None
    assert (dict(state.since), state.waiting, state.changed) == ({}, (), ())


@pytest.mark.sqlite_is_enough
def test_seals_tell_no_count_even_to_who_tries_them_all(sealed):
    """The document of records has a salt of its own, which is never published."""
    (one,) = [one for one in seals.list_seals(sealed) if one.kind == "records"]
    assert (one.rows, one.days) == (None, None)
    with sealed.connect() as connection:
        kept = records.kept_records(connection, "records", MONTH)
    assert kept is not None
    assert kept.sealed is not None
    assert len(kept.sealed.salt) == 64
    assert kept.sealed.salt not in as_document(seals.list_seals(sealed))


def test_imports_and_seals_at_once_make_one_chain_without_a_fault(sealed):
    others = [PopulationCount(f"2026-{month:02}", "trieu-son", "land", 5) for month in (9, 10)]
    barrier = Barrier(3)

    def put_in(number: int) -> None:
        barrier.wait(60)
        for turn in range(3):
            counts = [
                PopulationCount(one.period, one.office, one.sector, 10 * number + turn)
                for one in others
            ]
            save_counts(sealed, counts, log=LATER)

    def seal_nights(_: int) -> None:
        barrier.wait(60)
        for turn in range(3):
            add_many(sealed, [answer()])
            sealing.seal_days(sealed, date(2026, 11, 1 + turn))
            sealing.seal_month(sealed, MONTH, "{}")

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(put_in, 1), pool.submit(put_in, 2), pool.submit(seal_nights, 0)]:
            done.result(120)
    assert faults(sealed) == []
