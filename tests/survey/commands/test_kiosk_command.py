"""`hailong kiosk`: from a code for a tablet to the file that somebody carries from it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from kiosk.batch import FORMAT
from survey.commands.kiosk import command
from survey.errors import HailongError, PlacesError, StoreError
from survey.store import tables
from survey.store.kiosks import list_kiosks
from tests.kiosk.wire import Tablet, receipts, record


def now():
    return datetime.now(UTC)


@pytest.fixture
def run(config, engine, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def run(*words):
        return CliRunner().invoke(
            command,
            [*map(str, words), "--data", str(config.data)],
            catch_exceptions=False,
            standalone_mode=False,
        )

    return run


def lines(result):
    return dict(line.split(": ", 1) for line in result.stdout.splitlines())


@pytest.fixture
def enrolled(run, client):
    """A tablet that staff enrolled by the command, and its id."""
    tablet = Tablet(client, now)
    reply = tablet.pair(lines(run("enrol", "--counter", "quay-1"))["code"])
    return tablet, reply.json["device"]


def stored(engine):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.response)).mappings()]


@pytest.mark.sqlite_is_enough
def test_enrolling_prints_code_pin_and_an_address_whose_code_no_log_holds(run):
    result = run("enrol", "--counter", "quay-2")
    told = lines(result)
    assert re.fullmatch(r"[2-9a-z]{4}-[2-9a-z]{4}", told["code"])
    assert re.fullmatch(r"[0-9]{6}", told["pin"])
    assert told["url"] == f"http://127.0.0.1:8000/kiosk/#{told['code']}"
    assert "another tablet cannot open it" in result.stderr


@pytest.mark.sqlite_is_enough
def test_enrolling_warns_where_the_address_is_not_secure(run, monkeypatch):
    monkeypatch.setenv("HAILONG_BASE_URL", "http://192.168.1.20")
    assert "without https" in run("enrol", "--counter", "quay-2").stderr
    monkeypatch.setenv("HAILONG_BASE_URL", "https://hailong.example.vn")
    assert run("enrol", "--counter", "quay-2").stderr == ""


@pytest.mark.sqlite_is_enough
def test_a_counter_that_is_not_there_gets_no_code(run):
    with pytest.raises(PlacesError, match="'quay-9' is not known; use one of: trieu-son/quay-1"):
        run("enrol", "--counter", "quay-9")


@pytest.mark.sqlite_is_enough
def test_the_printed_pin_opens_the_staff_screen(run, client):
    told = lines(run("enrol", "--counter", "quay-1"))
    station = Tablet(client, now).pair(told["code"]).json["station"]
    assert opens(told["pin"], station["pin"])
    assert not opens("000000" if told["pin"] != "000000" else "1", station["pin"])


def opens(pin, verifier):
    from base64 import b64decode

    salt, iterations = b64decode(verifier["salt"]), verifier["iterations"]
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, iterations)
    return made == b64decode(verifier["hash"])


def test_a_new_pin_takes_the_place_of_the_old_one(run, enrolled):
    tablet, device = enrolled
    pin = lines(run("pin", device.upper()))["pin"]
    assert opens(pin, tablet.get("station.json").json["pin"])


def test_a_tablet_is_listed_revoked_and_may_hand_over(run, enrolled):
    tablet, device = enrolled
    assert run("list").stdout.startswith(f"{device}\ttrieu-son/quay-1\tsince ")
    result = run("revoke", f"{device[:4]} {device[4:]}")
    assert f"hailong kiosk handover {device}" in result.stdout
    assert tablet.hand_in(record()).status_code == 403
    assert f"{device} may hand its answers over until" in run("handover", device).stdout
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert "out of use since" in run("list").stdout
    assert "may hand over" in run("list").stdout


@pytest.mark.sqlite_is_enough
def test_without_a_tablet_the_list_says_how_to_pair_one(run):
    assert "hailong kiosk enrol --counter C" in run("list").stderr


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("verb", ["revoke", "handover", "pin"])
def test_what_is_not_there_cannot_be_changed(run, verb):
    with pytest.raises(StoreError, match="no tablet 'zzzzzzzz'; see: hailong kiosk list"):
        run(verb, "zzzzzzzz")


@pytest.mark.sqlite_is_enough
def test_what_makes_no_sense_is_refused(run, enrolled):
    _, device = enrolled
    with pytest.raises(StoreError, match="is in use: it hands its answers over by itself"):
        run("handover", device)
    run("revoke", device)
    for verb in ("revoke", "pin"):
        with pytest.raises(StoreError, match="is out of use since"):
            run(verb, device)


def answered(day, **changes):
    found = {**record(), "answered_on": day.isoformat(), "clock_doubtful": False}
    del found["age_s"]
    return {**found, "counter": "quay-1", **changes}


def exported(tmp_path, tablet, device, *records):
    payload = json.dumps({"clock": 0, "offset_s": 0, "responses": list(records)})
    key = hashlib.sha256(tablet.secret.encode()).digest()
    seal = hmac.new(key, payload.encode(), "sha256").hexdigest()
    parts = [{"device": device, "payload": payload, "signature": seal}]
    file = tmp_path / f"hailong-kiosk-{device}.json"
    file.write_text(json.dumps({"format": FORMAT, "device": device, "parts": parts}))
    return file


def test_an_exported_file_is_taken_and_a_second_time_changes_nothing(
    run, enrolled, engine, config, tmp_path
):
    tablet, device = enrolled
    today = now().astimezone(config.zone).date()
    with engine.begin() as connection:  # paired a month ago
        paired_on = today - timedelta(days=30)
        connection.execute(update(tables.kiosk).values(enrolled_on=paired_on))
    sent, waiting = record(), answered(today - timedelta(days=20))
    assert receipts(tablet.hand_in(sent)) == ["stored"]
    sent_too = {name: value for name, value in sent.items() if name != "age_s"}
    file = exported(
        tmp_path, tablet, device, waiting, {**sent_too, "answered_on": today.isoformat()}
    )
    assert run("import", file).stdout == "1 stored, 1 repeated, 0 conflict, 0 refused\n"
    before = stored(engine)
    assert {row["response_id"]: row["answered_on"] for row in before} == {
        waiting["response_id"]: today - timedelta(days=20),
        sent["response_id"]: today,
    }
    assert run("import", file).stdout == "0 stored, 2 repeated, 0 conflict, 0 refused\n"
    assert stored(engine) == before


def test_what_is_imported_may_still_be_sent_by_the_tablet(run, enrolled, engine, config, tmp_path):
    tablet, device = enrolled
    waiting = record()
    today = now().astimezone(config.zone).date()
    exported_too = {**answered(today), "response_id": waiting["response_id"]}
    run("import", exported(tmp_path, tablet, device, exported_too))
    assert receipts(tablet.hand_in(waiting)) == ["repeated"]
    assert len(stored(engine)) == 1


def test_the_file_of_a_revoked_tablet_is_taken(run, enrolled, engine, config, tmp_path):
    tablet, device = enrolled
    run("revoke", device)
    today = now().astimezone(config.zone).date()
    run("import", exported(tmp_path, tablet, device, answered(today)))
    assert len(stored(engine)) == 1


@pytest.mark.sqlite_is_enough
def test_what_is_refused_is_named_and_the_rest_is_taken(run, enrolled, engine, config, tmp_path):
    tablet, device = enrolled
    today = now().astimezone(config.zone).date()
    fine, bad = answered(today), answered(today, scores={"overall": 9})
    other = {**fine, "scores": {"overall": 1}}
    file = exported(tmp_path, tablet, device, fine, bad, other, None)
    result = CliRunner().invoke(command, ["import", str(file), "--data", str(config.data)])
    assert result.stdout == "1 stored, 0 repeated, 1 conflict, 2 refused\n"
    assert f"refused\t{bad['response_id']}\toverall off_scale\n" in result.stderr
    assert f"conflict\t{fine['response_id']}\n" in result.stderr
    assert "refused\tno id\trecord not_an_object\n" in result.stderr
    assert isinstance(result.exception, HailongError)
    assert "2 answers were refused" in str(result.exception)
    assert len(stored(engine)) == 1


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe\x00", b"[1, 2]"])
def test_a_file_that_is_no_export_is_refused_by_name(run, tmp_path, content):
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(HailongError, match=r"other\.json: .*again"):
        run("import", file)


@pytest.mark.sqlite_is_enough
def test_a_file_that_was_changed_is_refused_whole(run, enrolled, engine, config, tmp_path):
    tablet, device = enrolled
    today = now().astimezone(config.zone).date()
    file = exported(tmp_path, tablet, device, answered(today))
    file.write_text(file.read_text().replace(r"\"overall\": 4", r"\"overall\": 5"))
    with pytest.raises(HailongError, match="was changed after the tablet wrote it"):
        run("import", file)
    assert stored(engine) == []
    assert len(list_kiosks(engine)) == 1
