"""Tablets over the real application and database: who they are, and their answers, once each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select, update

from kiosk import devices
from kiosk.devices import pin_verifier
from kiosk.office import SecretTaken
from survey import links
from survey.app import create_app
from survey.office_settings import set_hours
from survey.opening_hours import DAYS
from survey.places import Places
from survey.store import tables
from survey.store.kiosks import (
    add_pairing,
    allow_handover,
    change_pin,
    list_kiosks,
    pair,
    revoke_kiosk,
)
from survey.store.places import load_places, save_places
from survey.store.staff_actions import By
from survey.web.limits import GUESSES_PER_ADDRESS_A_MINUTE, REQUESTS_PER_TABLET_A_MINUTE
from tests.clock import NOW, TODAY
from tests.kiosk.wire import Tablet, new_secret, receipts, record

pytestmark = pytest.mark.usefixtures("on_a_thursday")

VERIFIER = pin_verifier("246810")

Enrolled = Callable[..., Tablet]


def now() -> datetime:
    return NOW


def code_for(engine: Engine, counter: str = "quay-1", **changes: bool) -> str:
    return add_pairing(engine, counter, VERIFIER, now(), **({"lasting": False} | changes))


@pytest.fixture
def enrolled(client: FlaskClient, engine: Engine) -> Enrolled:
    """A tablet that is paired with a counter."""

    def enrolled(counter: str = "quay-1") -> Tablet:
        tablet = Tablet(client, now)
        assert tablet.pair(code_for(engine, counter)).status_code == 200
        return tablet

    return enrolled


def rows(engine: Engine) -> list[dict[str, object]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.response)).mappings()]


def device_id(engine: Engine) -> str:
    (one,) = list_kiosks(engine)
    return one.device.id


def everything(engine: Engine) -> str:
    with engine.connect() as connection:
        return "\n".join(
            str(row)
            for table in tables.metadata.sorted_tables
            for row in connection.execute(select(table))
        )


def test_an_answer_arrives_as_it_was_given(enrolled, engine):
    tablet = enrolled()
    mine = record(scores={"overall": 2, "results": 5}, choices={"went_wrong": ["waiting"]})
    assert receipts(tablet.hand_in({**mine, "comment": "Chờ lâu quá"})) == ["stored"]
    (row,) = rows(engine)
    assert row["response_id"] == mine["response_id"]
    assert (row["office"], row["sector"], row["channel"]) == ("trieu-son", "land", "kiosk")
    assert (row["scores"][0], row["flag"], row["late"]) == ("2", "", False)
    with engine.connect() as connection:
        assert connection.execute(select(tables.comment.c.text)).scalar_one() == "Chờ lâu quá"
        assert connection.execute(select(tables.choice.c.option)).scalar_one() == "waiting"


def test_an_answer_is_marked_outside_the_hours_of_its_own_office(enrolled, engine):
    tablet, office = enrolled(), load_places(engine).office[0]
    assert receipts(tablet.hand_in(record())) == ["stored"]  # the installation is always open
    far = DAYS[(NOW.weekday() + 3) % 7]
    set_hours(engine, office, f"{far} 08:00-09:00", TODAY, By(None, NOW))
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert sorted(row["flag"] for row in rows(engine)) == ["", "closed"]


def test_an_answer_is_dated_by_its_age_in_the_offices_days(enrolled, engine):
    tablet = enrolled()
    enrolled_since(engine, 50)
    days = (0, 1, 40)
    tablet.hand_in(*(record(age_s=days_ago * 86_400) for days_ago in days))
    dates = {row["answered_on"] for row in rows(engine)}
    assert dates == {TODAY - timedelta(days=days_ago) for days_ago in days}


def enrolled_since(engine, days):
    """As if the tablets had been paired so many days ago, and had told nothing since."""
    day = TODAY - timedelta(days=days + 1)
    with engine.begin() as connection:
        connection.execute(update(tables.kiosk).values(enrolled_on=day))


def test_no_answer_is_older_than_its_tablets_enrolment(enrolled, engine):
    tablet = enrolled()
    assert receipts(tablet.hand_in(record(age_s=40 * 86_400))) == ["stored"]
    (row,) = rows(engine)
    (since,) = [one.device.enrolled_on for one in list_kiosks(engine)]
    assert (row["answered_on"], row["flag"]) == (since, "clock")


def test_a_tablet_that_had_sent_everything_has_nothing_older_than_that(enrolled, engine):
    tablet = enrolled()
    enrolled_since(engine, 50)
    held = {"unsent": 1, "oldest_s": 3 * 86_400}
    for told, age in (({}, 40), (held, 40), (held, 2)):
        tablet.beat(**{"unsent": 0, "oldest_s": 0, "quarantined": 0, **told})
        tablet.hand_in(record(age_s=age * 86_400))
    # The last word is allowed an hour, which is of the same morning.
    found = sorted(((TODAY - row["answered_on"]).days, row["flag"]) for row in rows(engine))
    assert found == [(0, "clock"), (2, ""), (3, "clock")]


def test_what_a_tablet_keeps_because_it_was_refused_may_be_of_any_age(enrolled, engine):
    tablet = enrolled()
    enrolled_since(engine, 50)
    tablet.beat(unsent=0, oldest_s=0, quarantined=2)
    tablet.hand_in(record(age_s=40 * 86_400))
    (row,) = rows(engine)
    assert (TODAY - row["answered_on"]).days == 40


def test_what_comes_when_its_month_is_over_is_late(enrolled, engine):
    tablet = enrolled()
    enrolled_since(engine, 50)
    tablet.hand_in(record(), record(age_s=40 * 86_400))
    assert {row["answered_on"] == TODAY: row["late"] for row in rows(engine)} == {
        True: False,
        False: True,
    }


@pytest.mark.sqlite_is_enough
def test_answers_of_a_wrong_clock_are_flagged_and_a_retry_with_a_right_one_is_the_same(
    enrolled, engine
):
    tablet, mine = enrolled(), record()
    wrong = {"clock": tablet.clock - 40 * 86_400, "responses": [mine]}
    assert receipts(tablet.post("responses", wrong)) == ["stored"]
    assert receipts(tablet.hand_in({**mine, "age_s": 90_000})) == ["repeated"]
    ((flag, count),) = [(row["flag"], len(rows(engine))) for row in rows(engine)]
    assert (flag, count) == ("clock", 1)


@pytest.mark.sqlite_is_enough
def test_a_batch_with_faults_stores_the_rest(enrolled, engine):
    tablet = enrolled("quay-3")
    served = next(one for one in load_places(engine).counter if one.id == "quay-3").sectors[1]
    first, last = record(sector=served), record(sector=served)
    reply = tablet.hand_in(
        first, record(sector="land-registry"), record(sector=None), {}, last,
        {**first, "scores": {"overall": 1}}, first,
    )  # fmt: skip
    assert receipts(reply) == [
        "stored", "refused", "refused", "refused", "stored", "conflict", "repeated",
    ]  # fmt: skip
    assert reply.json["results"][1]["problems"] == [{"place": "sector", "code": "unknown"}]
    assert {row["response_id"] for row in rows(engine)} == {
        first["response_id"],
        last["response_id"],
    }


def test_a_hundred_answers_are_one_durable_transaction(enrolled, engine):
    """That the tablet was in contact is told elsewhere, in a transaction of its own or none."""
    tablet = enrolled()
    commits = []
    tablet.beat()

    def answered(connection, _cursor, statement, *_more):
        connection.info["answers"] = connection.info.get("answers") or "INTO response" in statement

    event.listen(engine, "before_cursor_execute", answered)
    event.listen(engine, "commit", lambda one: commits.append(one.info.pop("answers", False)))
    assert set(receipts(tablet.hand_in(*(record() for _ in range(100))))) == {"stored"}
    assert commits.count(True) == 1
    assert len(rows(engine)) == 100


def test_one_answer_that_the_database_refuses_keeps_no_other_out(enrolled, engine):
    """Its insert fails in the middle of the transaction, as a bug of ours would make it."""
    tablet = enrolled()
    sent = [record() for _ in range(5)]
    broken = sent[2]["response_id"]

    def fail(_connection, _cursor, _statement, parameters, _context, _many):
        if broken in str(parameters):
            raise ValueError("a bug")

    event.listen(engine, "before_cursor_execute", fail)
    reply = tablet.hand_in(*sent)
    event.remove(engine, "before_cursor_execute", fail)
    assert receipts(reply) == ["stored", "stored", "later", "stored", "stored"]
    assert receipts(tablet.hand_in(*sent)) == ["repeated"] * 2 + ["stored"] + ["repeated"] * 2


def test_the_same_answers_twice_at_once_are_stored_once(enrolled, app, engine):
    tablet = enrolled()
    sent = [record() for _ in range(30)]
    gate = Barrier(4)

    def send(order):
        one = Tablet(app.test_client(), now, tablet.secret)
        gate.wait(10)
        return one.hand_in(*sent[::order]).json["results"]

    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(send, (1, -1, 1, -1)))
    told = [result["receipt"] for reply in replies for result in reply]
    assert sorted(told) == ["repeated"] * 90 + ["stored"] * 30
    assert len(rows(engine)) == 30


def test_of_two_tablets_with_one_code_at_once_one_is_paired(app, engine):
    for _ in range(3):
        code, gate = code_for(engine), Barrier(4)

        def send(_number, code=code, gate=gate):
            tablet = Tablet(app.test_client(), now)
            gate.wait(10)
            return tablet.pair(code).status_code

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(send, range(4))) == [200, 404, 404, 404]
    assert len(list_kiosks(engine)) == 3


def test_a_pairing_sent_twice_at_once_is_one_tablet(app, engine):
    code, secret, gate = code_for(engine), new_secret(), Barrier(4)

    def send(_number):
        tablet = Tablet(app.test_client(), now, secret)
        gate.wait(10)
        return tablet.pair(code).json["device"]

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(send, range(4))) == {device_id(engine)}


def test_a_code_that_is_too_old_pairs_nothing(engine):
    code = code_for(engine)
    later = now() + timedelta(minutes=15, seconds=1)
    assert pair(engine, code, "0" * 64, later, reusable=False) is None
    assert list_kiosks(engine) == ()


def test_a_used_code_still_answers_its_own_tablet_after_its_time(engine):
    code = code_for(engine)
    first = pair(engine, code, "0" * 64, now(), reusable=False)
    again = pair(engine, code, "0" * 64, now() + timedelta(hours=5), reusable=False)
    assert first == again
    assert first is not None


def test_a_secret_is_of_one_enrolment(engine):
    pair(engine, code_for(engine), "0" * 64, now(), reusable=False)
    code = code_for(engine, "quay-2")
    with pytest.raises(SecretTaken):
        pair(engine, code, "0" * 64, now(), reusable=False)
    other = pair(engine, code, "1" * 64, now(), reusable=False)  # the code was not used up
    assert other is not None
    (enrolled,) = [one for one in list_kiosks(engine) if one.device.id == other.id]
    assert enrolled.counter_id == "quay-2"


def test_the_code_of_a_demonstration_pairs_any_number_of_browsers(make_client, engine):
    code = code_for(engine, lasting=True)
    client = make_client(simulated=True)
    tablets = [Tablet(client, now) for _ in range(3)]
    assert [tablet.pair(code).status_code for tablet in tablets * 2] == [200] * 6
    assert len(list_kiosks(engine)) == 3
    assert tablets[0].get("station.json").json["simulated"] is True
    code_for(engine, lasting=True)  # the demonstration begins anew
    assert Tablet(client, now).pair(code).status_code == 404
    assert tablets[0].beat().status_code == 200


def test_only_digests_are_stored_and_nothing_tells_which_tablet_an_answer_came_from(client, engine):
    code, tablet = code_for(engine), Tablet(client, now)
    tablet.pair(code)
    tablet.hand_in(record())
    stored = everything(engine)
    for secret in (code, tablet.secret, "246810"):
        assert secret not in stored
    device = device_id(engine)
    assert not any(device in str(row) for row in rows(engine))
    assert {column.name for column in tables.response.columns} == {
        "response_id", "questionnaire", "office", "sector", "procedure", "channel", "answered_on",
        "late", "flag", "scores", "fresh", "since_seal", "origin",
    }  # fmt: skip


def test_a_revoked_tablet_is_out_of_use_at_once_and_hands_over_when_staff_agree(enrolled, engine):
    tablet = enrolled()
    device = device_id(engine)
    revoke_kiosk(engine, device, TODAY)
    for reply in (tablet.hand_in(record()), tablet.beat(), tablet.get("station.json")):
        assert (reply.status_code, reply.json) == (403, {"error": "revoked"})
    assert rows(engine) == []
    allow_handover(engine, device, now())
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert tablet.beat().status_code == 403
    allow_handover(engine, device, now() - timedelta(hours=25))
    assert tablet.hand_in(record()).status_code == 403


def test_a_tablet_of_a_closed_counter_is_out_of_use_and_can_still_hand_over(enrolled, engine):
    tablet, waiting = enrolled("quay-2"), code_for(engine, "quay-2")
    before = load_places(engine)
    kept = tuple(counter for counter in before.counter if counter.id != "quay-2")
    save_places(engine, Places(**{**dict(before), "counter": kept}), TODAY)
    assert tablet.hand_in(record()).status_code == 403
    assert Tablet(tablet.client, now).pair(waiting).status_code == 404
    allow_handover(engine, device_id(engine), now())
    sector = next(counter for counter in before.counter if counter.id == "quay-2").sectors[0]
    assert receipts(tablet.hand_in(record(sector=sector))) == ["stored"]


def test_a_new_pin_reaches_the_tablet_with_its_next_contact(enrolled, engine):
    tablet = enrolled()
    before = tablet.beat().json["station"]
    verifier = pin_verifier("135791")
    change_pin(engine, device_id(engine), verifier)
    assert tablet.beat().json["station"] != before
    assert tablet.get("station.json").json["pin"]["hash"] == verifier.hash


def test_the_last_heartbeat_is_kept_and_only_the_last(enrolled, engine):
    tablet = enrolled()
    tablet.beat(unsent=9, sent=1)
    tablet.beat(unsent=3, sent=7, oldest_s=40, storage="denied")
    (one,) = list_kiosks(engine)
    told = one.contact.heartbeat
    assert (told.unsent, told.sent, told.oldest_s, told.storage) == (3, 7, 40, "denied")
    assert one.contact.seen_at == NOW
    assert "'unsent': 9" not in everything(engine)


@pytest.mark.sqlite_is_enough
def test_guessing_is_slowed_down_for_an_address_and_not_for_a_paired_tablet(
    client, enrolled, engine
):
    tablet = enrolled()
    codes = ["zzzzzzzz"] * (GUESSES_PER_ADDRESS_A_MINUTE + 1)
    replies = [Tablet(client, now).pair(code) for code in codes]
    assert [reply.status_code for reply in replies] == [404] * GUESSES_PER_ADDRESS_A_MINUTE + [429]
    assert 0 < int(replies[-1].headers["Retry-After"]) <= 60
    assert replies[-1].json == {"error": "too_often"}
    assert Tablet(client, now).pair(code_for(engine)).status_code == 429
    assert tablet.beat().status_code == 200
    elsewhere = client.post(
        "/kiosk/enrol",
        json={"code": code_for(engine), "secret": new_secret()},
        environ_base={"REMOTE_ADDR": "192.168.1.9"},
    )
    assert elsewhere.status_code == 200


@pytest.mark.sqlite_is_enough
def test_pairing_many_tablets_of_one_office_in_a_row_is_no_guessing(client, engine):
    for _ in range(GUESSES_PER_ADDRESS_A_MINUTE + 5):
        assert Tablet(client, now).pair(code_for(engine)).status_code == 200


@pytest.mark.sqlite_is_enough
def test_a_tablet_that_sends_without_end_slows_only_itself_down(enrolled):
    endless, other = enrolled(), enrolled()
    mine = record()
    replies = [endless.hand_in(mine).status_code for _ in range(REQUESTS_PER_TABLET_A_MINUTE)]
    assert set(replies) == {200}
    reply = endless.hand_in(mine)
    assert (reply.status_code, reply.json) == (429, {"error": "too_often"})
    assert int(reply.headers["Retry-After"]) > 0
    assert other.hand_in(record()).status_code == 200  # from the same address


def test_a_database_that_is_away_is_told_to_the_tablet_in_its_own_language(config, engine, caplog):
    code = code_for(engine)
    tablet = Tablet(create_app(config, engine).test_client(), now)
    tablet.pair(code)

    def fail(*_args):
        raise OSError("the disk is gone")

    event.listen(engine, "before_cursor_execute", fail)
    replies = [tablet.hand_in(record()), tablet.beat(), tablet.get("station.json")]
    replies.append(Tablet(tablet.client, now).pair(code))
    event.remove(engine, "before_cursor_execute", fail)
    for reply in replies:
        assert (reply.status_code, reply.json) == (503, {"error": "later"})
        assert int(reply.headers["Retry-After"]) > 0
    assert tablet.secret not in caplog.text


def test_an_answer_that_waited_while_the_counter_changed_keeps_its_sector(enrolled, engine):
    tablet = enrolled("quay-3")
    before = load_places(engine)
    place = next(at for at, one in enumerate(before.counter) if one.id == "quay-3")
    kept, gone = before.counter[place].sectors[:2]
    fewer = before.counter[place].model_copy(update={"sectors": (kept,)})
    changed = (*before.counter[:place], fewer, *before.counter[place + 1 :])
    save_places(engine, before.model_copy(update={"counter": changed}), TODAY)
    sent = [record(sector=gone), record(sector=kept), record(sector=None)]
    assert receipts(tablet.hand_in(*sent)) == ["stored"] * 3
    found = {row["response_id"]: row["sector"] for row in rows(engine)}
    assert [found[one["response_id"]] for one in sent] == [gone, kept, kept]


def test_an_older_published_version_is_taken(enrolled, engine):
    old = record(questionnaire="agency-service@1", sector=None, scores={"overall": 4})
    assert receipts(enrolled("quay-1").hand_in(old)) == ["stored"]
    (row,) = rows(engine)
    assert (row["questionnaire"], row["sector"]) == ("agency-service@1", "general")


def test_a_pairing_code_is_spelled_with_the_letters_of_the_posters_codes():
    assert (devices.ALPHABET, devices.CODE_LENGTH) == (links.ALPHABET, links.CODE_LENGTH)
