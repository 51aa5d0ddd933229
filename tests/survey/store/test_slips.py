"""Slips in the database: batches, counts by month, withdrawal, and one use of each."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, text

from survey.commands.init import prepare_database
from survey.config import load_config
from survey.places import Places
from survey.slips import (
    KEPT,
    BeyondDossiers,
    Order,
    SlipCounts,
    SlipPlace,
    SlipsError,
    beyond_dossiers,
    new_token,
    token_hash,
)
from survey.store import open_engine, tables
from survey.store.places import load_places, save_places
from survey.store.responses import count_responses
from survey.store.slips import (
    count_slips,
    find_slip,
    forget_slips,
    keep_batch,
    list_batches,
    use_slip,
    withdraw_batch,
)
from survey.store.staff_actions import DoneFilter, list_actions
from survey.store.upkeep import rewrite
from tests.survey.slips import BY, issue, used_months
from tests.survey.store.test_arrival import environ, response

OCTOBER = date(2026, 10, 20)
NOVEMBER = date(2026, 11, 5)
DECEMBER = date(2026, 12, 24)
HERE = ("trieu-son", "trieu-son/quay-1", "land")


def answer():
    return replace(response(), channel="slip")


def test_a_token_holds_128_random_bits_in_letters_that_survive_being_typed():
    made = {new_token() for _ in range(200)}
    assert len(made) == 200
    assert {len(one) for one in made} == {26}
    assert 31**26 > 2**128
    assert all(one.isalnum() and one == one.lower() for one in made)


def test_each_event_counts_in_its_own_month(engine):
    tokens = issue(engine, 6, on=OCTOBER, good_for=timedelta(days=20))  # until 9 November
    for token, day in ((tokens[0], OCTOBER), (tokens[1], NOVEMBER)):
        assert use_slip(engine, answer(), token_hash(token), day) == "stored"
    months = ("2026-10", "2026-11", "2026-12")
    october, november = (SlipPlace(month, *HERE) for month in months[:2])
    assert count_slips(engine, months, NOVEMBER) == {
        october: SlipCounts(issued=6, used=1),
        november: SlipCounts(used=1),
    }
    after = {october: SlipCounts(issued=6, used=1), november: SlipCounts(used=1, expired=4)}
    assert count_slips(engine, months, DECEMBER) == after
    assert count_slips(engine, ("2026-10",), DECEMBER) == {october: after[october]}
    assert count_slips(engine, months, DECEMBER, ["another"]) == {}
    assert forget_slips(engine, DECEMBER) == 6
    assert used_months(engine) == []
    assert list_batches(engine, DECEMBER) == ()
    assert count_slips(engine, months, DECEMBER) == after  # the counts stay


def test_what_is_withdrawn_is_counted_and_used_slips_stay_used(engine):
    tokens = issue(engine, 5, on=OCTOBER)
    use_slip(engine, answer(), token_hash(tokens[0]), OCTOBER)
    (batch,) = list_batches(engine, OCTOBER)
    assert batch.left == 4
    done = withdraw_batch(engine, batch.id, NOVEMBER, BY)
    assert done.counts == SlipCounts(issued=5, used=1, withdrawn=4)
    assert use_slip(engine, answer(), token_hash(tokens[1]), NOVEMBER) == "conflict"
    assert count_responses(engine) == 1
    with pytest.raises(SlipsError, match="withdrawn already"):
        withdraw_batch(engine, batch.id, NOVEMBER, BY)
    found = count_slips(engine, ("2026-10", "2026-11"), DECEMBER)
    assert sum(found.values(), SlipCounts()) == SlipCounts(issued=5, used=1, withdrawn=4)
    told = [(one.action, one.details["count"]) for one in list_actions(engine, DoneFilter())]
    assert told == [("slips_withdrawn", "4"), ("slips_issued", "5")]


def test_a_batch_of_another_office_unknown_or_over_is_not_withdrawn(engine):
    issue(engine, 2, on=OCTOBER, good_for=timedelta(days=1))
    (batch,) = list_batches(engine, OCTOBER)
    for id_, offices in (("none", None), (batch.id, ["another"])):
        with pytest.raises(SlipsError, match="no batch"):
            withdraw_batch(engine, id_, OCTOBER, BY, offices)
    with pytest.raises(SlipsError, match="nothing to withdraw"):
        withdraw_batch(engine, batch.id, NOVEMBER, BY)


def test_a_batch_is_kept_once(engine):
    order = Order("quay-1", {"land": 1}, OCTOBER)
    keep_batch(engine, "same", order, {token_hash("a"): "land"}, OCTOBER, BY)
    with pytest.raises(SlipsError, match="just now"):
        keep_batch(engine, "same", order, {token_hash("b"): "land"}, OCTOBER, BY)
    assert len(used_months(engine)) == 1
    assert len(list_actions(engine, DoneFilter())) == 1


def test_counters_and_sectors_that_get_another_id_take_their_slips_along(engine):
    (token,) = issue(engine, on=OCTOBER)
    old = issue(engine, on=date(2026, 1, 5))
    assert forget_slips(engine, OCTOBER) == len(old)
    given = load_places(engine).model_dump()
    for kind, was, now in (("sector", "land", "dat-dai"), ("counter", "quay-1", "quay-mot")):
        for entry in given[kind]:
            if entry["id"] == was:
                entry |= {"id": now, "was": was}
    for entry in (*given["counter"], *given["procedure"]):
        for key in ("sector", "sectors"):
            if key == "sector" and entry.get(key) == "land":
                entry[key] = "dat-dai"
            if key == "sectors" and key in entry:
                entry[key] = ["dat-dai" if one == "land" else one for one in entry[key]]
    save_places(engine, Places.model_validate(given), OCTOBER)
    slip = find_slip(engine, token_hash(token))
    assert slip is not None
    assert slip.open
    assert slip.desk.counter.id == "quay-mot"
    assert [sector.id for sector in slip.desk.sectors] == ["dat-dai"]
    found = count_slips(engine, ("2026-01", "2026-10"), OCTOBER)
    assert {(one.counter, one.sector) for one in found} == {("trieu-son/quay-mot", "dat-dai")}


def test_a_use_that_fails_before_its_end_uses_nothing_up(engine):
    (token,) = issue(engine)

    def fail(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO response"):
            raise OSError("disk full")

    event.listen(engine, "after_cursor_execute", fail)
    with pytest.raises(OSError, match="disk full"):
        use_slip(engine, answer(), token_hash(token), OCTOBER)
    event.remove(engine, "after_cursor_execute", fail)
    assert used_months(engine) == [None]
    assert count_responses(engine) == 0
    assert use_slip(engine, answer(), token_hash(token), OCTOBER) == "stored"


def test_many_slips_and_posters_at_once_are_each_stored_once(engine):
    tokens = issue(engine, 20)
    tries = [(answer(), token_hash(token)) for token in tokens for _ in range(3)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda one: use_slip(engine, *one, OCTOBER), tries))
    assert sorted(found) == ["conflict"] * 40 + ["stored"] * 20
    assert count_responses(engine) == 20
    assert None not in used_months(engine)


PROCESS = """
import sys, uuid
from datetime import date
from survey.intake import Response
from survey.store import open_engine
from survey.store.slips import use_slip
url, hash_ = sys.argv[1:]
engine = open_engine(url)
sys.stdin.readline()  # all begin together
for _ in range(10):
    sheet = ("desk@1", "trieu-son", "land", "slip", date(2026, 10, 20), "54----")
    print(use_slip(engine, Response(str(uuid.uuid4()), *sheet), hash_, date(2026, 10, 20)))
"""


def test_processes_that_use_one_slip_at_once_store_one_answer(config, engine):
    (token,) = issue(engine)
    command = [sys.executable, "-c", PROCESS, config.database_url, token_hash(token)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, env=environ(), **pipes) for _ in range(3)]
    found = []
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    for one in running:
        out, _ = one.communicate(timeout=60)
        assert one.returncode == 0
        found += out.split()
    assert sorted(found) == ["conflict"] * 29 + ["stored"]
    assert count_responses(engine) == 1


def test_the_same_answer_by_the_same_slip_from_many_at_once_is_stored_once(engine):
    (token,) = issue(engine)
    same = answer()
    with ThreadPoolExecutor(8) as threads:
        found = list(
            threads.map(lambda _: use_slip(engine, same, token_hash(token), OCTOBER), range(20))
        )
    assert sorted(found) == ["repeated"] * 19 + ["stored"]


def test_a_transaction_joins_slip_and_answer_until_the_nightly_rewrite(postgres_url, data_folder):
    """What the attack looks for is there to be found, during the day."""
    config = replace(load_config(data_folder, environ={}), database_url=postgres_url)
    prepare_database(config)
    engine = open_engine(postgres_url)
    for token in issue(engine, 9)[:5]:
        assert use_slip(engine, answer(), token_hash(token), OCTOBER) == "stored"
    joined = "SELECT count(*) FROM slip JOIN response ON slip.xmin::text = response.xmin::text"

    def pairs() -> int:
        with engine.connect() as connection:
            return connection.execute(text(joined)).scalar_one()

    assert pairs() == 5  # each slip with its own answer
    rewrite(engine, OCTOBER)
    assert pairs() == 25  # each slip with every answer
    engine.dispose()


def test_slips_lie_in_the_order_of_their_digests(engine):
    issue(engine, 50)
    with engine.connect() as connection:
        hashes = list(connection.execute(select(tables.slip.c.hash)).scalars())
    assert hashes == sorted(hashes)


def test_more_slips_than_dossiers_is_said_and_only_where_dossiers_are_known():
    used = {
        SlipPlace("2026-10", "a", "one", "land"): SlipCounts(used=7),
        SlipPlace("2026-10", "a", "two", "land"): SlipCounts(issued=9, used=6),
        SlipPlace("2026-10", "a", "two", "civil"): SlipCounts(used=5),
        SlipPlace("2026-11", "a", "one", "land"): SlipCounts(used=50),
    }
    completed = {("2026-10", "a", "land"): 12, ("2026-10", "a", "civil"): 5}
    assert beyond_dossiers(used, completed) == (
        BeyondDossiers("2026-10", "a", "land", used=13, completed=12),
    )


def test_a_batch_is_known_until_its_day_and_a_month_more(engine):
    issue(engine, on=OCTOBER, good_for=timedelta(0))
    assert forget_slips(engine, OCTOBER + KEPT) == 0
    assert forget_slips(engine, OCTOBER + KEPT + timedelta(days=1)) == 1
