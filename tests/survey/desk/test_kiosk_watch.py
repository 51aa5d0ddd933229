"""Who is told of tablets that need somebody: doctor, the results page, the metrics, the list."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from click.testing import CliRunner

from survey.commands.doctor import command as doctor
from survey.commands.kiosk import command as kiosk
from survey.figures.overviews import FAILED
from survey.office_settings import set_hours
from survey.store.kiosks import add_pairing, note_contact, pair, revoke_kiosk
from survey.store.places import load_places
from survey.store.staff import add_staff
from survey.store.staff_actions import By
from tests.survey.desk.paired import VERIFIER, pair_tablet

ALWAYS = ";".join(f"{day} 00:00-23:59" for day in ("Mon-Fri", "Sat", "Sun"))
TOKEN = "sixteen letters!"
PASSWORD = "bốn từ không dính nhau"


@pytest.fixture
def now(config):
    return datetime.now(config.zone)


@pytest.fixture
def enrolled(engine, now):
    """A tablet at a counter that told something about itself."""

    def enrolled(counter="quay-1", ago=timedelta(0), **told):
        return pair_tablet(engine, now, counter, ago, **told).device

    return enrolled


@pytest.fixture
def run(config, engine, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    monkeypatch.setenv("HAILONG_OPENING_HOURS", ALWAYS)

    def run(command, *words):
        return CliRunner().invoke(
            command, [*words, "--data", str(config.data)], catch_exceptions=False
        )

    return run


BAD = {
    "unsent": 3, "oldest_s": 7300, "quarantined": 2, "clock_offset_s": -40 * 86_400,
    "storage": "full", "build": "0123456789ab",
}  # fmt: skip


@pytest.mark.sqlite_is_enough
def test_doctor_says_that_tablets_are_well(run, enrolled):
    assert "ok      no tablet is enrolled" in run(doctor).stdout
    enrolled()
    enrolled("quay-2")
    assert "ok      2 tablets in use, none needs looking at." in run(doctor).stdout


@pytest.mark.sqlite_is_enough
def test_doctor_names_each_tablet_with_what_is_wrong_and_what_to_do(run, enrolled):
    device = enrolled(ago=timedelta(hours=3), **BAD)
    enrolled("quay-2")
    lines = [line for line in run(doctor).stdout.splitlines() if "Tablet" in line]
    assert all(line.startswith(f"warning Tablet {device.id} (Counter 1") for line in lines)
    told = "\n".join(lines)
    for part in (
        "not heard from since", "3 answers not sent yet, the oldest for 2 h", "2 answers were not",
        "its clock is 40 days off", "its storage is full", "still runs the old app",
    ):  # fmt: skip
        assert part in told
    assert len(lines) == 6


@pytest.mark.sqlite_is_enough
def test_a_tablet_that_a_clock_set_back_since_heard_tomorrow_is_silent_until_it_is_heard_again(
    run, enrolled
):
    enrolled(ago=timedelta(days=-1))
    assert "not heard from since" in run(doctor).stdout


@pytest.mark.sqlite_is_enough
def test_tablets_of_one_trouble_are_one_paragraph(run, enrolled):
    first, second = enrolled(storage="full"), enrolled("quay-2", storage="full")
    (line,) = (line for line in run(doctor).stdout.splitlines() if "Tablet" in line)
    assert first.id in line
    assert second.id in line
    assert line.count("Make room") == 1


@pytest.mark.sqlite_is_enough
def test_doctor_leaves_out_a_tablet_that_is_out_of_use(run, enrolled, engine):
    revoke_kiosk(engine, enrolled(**BAD).id, date(2026, 10, 15))
    assert "Tablet" not in run(doctor).stdout


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("base_url", "line"),
    [
        (
            "http://192.168.1.20",
            "warning the kiosk address http://192.168.1.20/kiosk/ is no secure",
        ),
        (
            "https://hailong.example.vn",
            "ok      the kiosk address https://hailong.example.vn/kiosk",
        ),
        ("http://127.0.0.1:8000", "ok      the kiosk address http://127.0.0.1:8000/kiosk/"),
    ],
)
def test_doctor_warns_of_an_address_where_tablets_cannot_work(run, monkeypatch, base_url, line):
    monkeypatch.setenv("HAILONG_BASE_URL", base_url)
    monkeypatch.setattr("survey.doctor.visit", lambda *_, **__: None)  # no network
    assert line in run(doctor).stdout


def test_the_list_shows_every_tablet_and_how_it_is(run, enrolled, engine):
    well, bad, gone = enrolled(), enrolled("quay-2", **BAD), enrolled("quay-3")
    revoke_kiosk(engine, gone.id, date(2026, 10, 15))
    lines = [line.split("\t") for line in run(kiosk, "list").stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        [well.id, "trieu-son/quay-1"],
        [bad.id, "trieu-son/quay-2"],
        [gone.id, "trieu-son/quay-3"],
    ]  # fmt: skip
    assert [line[4] for line in lines] == ["unsent 0", "unsent 3", "unsent 0"]
    assert [line[5] for line in lines] == [
        "well",
        "unsent, quarantined, clock, storage, old_build",
        "out of use since 2026-10-15",
    ]


def officer(client, engine):
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]
    form = {"csrf_token": token, "name": "lan", "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


@pytest.mark.sqlite_is_enough
@pytest.mark.slow
def test_the_results_page_names_tablets_in_both_languages(make_client, engine, enrolled):
    client = officer(make_client(opening_hours=ALWAYS), engine)
    assert "<h2>Máy tính bảng" not in client.get("/results/2026-10").text
    device = enrolled(ago=timedelta(hours=1))
    page = client.get("/results/2026-10").text
    assert "<h2>Máy tính bảng</h2>" in page
    assert f"Máy {device.id} (Quầy 1" in page
    assert "không liên lạc từ" in page
    english = client.get("/results/2026-10?lang=en").text
    assert "<h2>Tablets</h2>" in english
    assert "not heard from since" in english


@pytest.mark.sqlite_is_enough
@pytest.mark.slow
def test_the_results_page_says_that_all_is_well(make_client, engine, enrolled):
    client = officer(make_client(opening_hours=ALWAYS), engine)
    enrolled()
    page = client.get("/results/2026-10").text
    assert "1 máy đang dùng, không máy nào cần xem lại." in page


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("storage", ["denied", "missing", "full"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_of_the_storage_has_its_words(engine, config, enrolled, now, storage, lang):
    from survey.tablets import watch
    from survey.web.desk.tablets import tell

    enrolled(storage=storage)
    (told,) = tell(watch(engine, config.opening_hours, now), lang, now)
    assert "{" not in told


def metrics(client, token=TOKEN):
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return client.get("/metrics", headers=headers)


@pytest.mark.sqlite_is_enough
def test_the_metrics_are_shut_until_there_is_a_token(make_client):
    assert metrics(make_client()).status_code == 404
    client = make_client(metrics_token=TOKEN)
    for wrong in (None, "", "sixteen letters?", "é" * 16, TOKEN + " x"):
        reply = metrics(client, wrong if wrong != "é" * 16 else "\u00e9" * 16)
        assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert metrics(client).status_code == 200


@pytest.mark.sqlite_is_enough
def test_the_metrics_tell_how_each_tablet_is(make_client, enrolled, engine, now):
    client = make_client(metrics_token=TOKEN, opening_hours=ALWAYS)
    bad, well = enrolled(**BAD), enrolled("quay-2")
    reply = metrics(client)
    assert reply.content_type.startswith("text/plain; version=")
    found = samples(reply.text)
    labels = (("counter", "quay-1"), ("kiosk", bad.id), ("office", "trieu-son"))
    assert found["hailong_kiosk_unsent_responses", *labels] == 3
    assert found["hailong_kiosk_quarantined_responses", *labels] == 2
    assert found["hailong_kiosk_oldest_unsent_seconds", *labels] == 7300
    assert found["hailong_kiosk_clock_offset_seconds", *labels] == -40 * 86_400
    seen = found["hailong_kiosk_seen_timestamp_seconds", *labels]
    assert abs(seen - now.timestamp()) < 5
    troubles = {
        dict(key[1:])["trouble"]: value
        for key, value in found.items()
        if key[0] == "hailong_kiosk_trouble" and dict(key[1:])["kiosk"] == bad.id
    }
    assert troubles == {
        "silent": 0, "unsent": 1, "quarantined": 1, "clock": 1, "storage": 1, "old_build": 1,
    }  # fmt: skip
    assert sum(v for k, v in found.items() if ("kiosk", well.id) in k and "trouble" in k[0]) == 0


def samples(text):
    """Read the page as Prometheus does."""
    from prometheus_client.parser import text_string_to_metric_families

    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.sqlite_is_enough
def test_the_metrics_count_no_answers_and_nothing_of_the_process(make_client, enrolled):
    enrolled()
    text = metrics(make_client(metrics_token=TOKEN)).text
    assert {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")} == {
        "hailong_kiosk_seen_timestamp_seconds", "hailong_kiosk_trouble",
        "hailong_kiosk_unsent_responses", "hailong_kiosk_quarantined_responses",
        "hailong_kiosk_oldest_unsent_seconds", "hailong_kiosk_clock_offset_seconds",
        "hailong_backup_timestamp_seconds", "hailong_overview_failed",
    }  # fmt: skip


@pytest.mark.sqlite_is_enough
def test_the_metrics_tell_of_backups_and_of_figures_that_failed(make_client, config):
    client = make_client(metrics_token=TOKEN)
    assert "hailong_overview_failed 0.0" in metrics(client).text
    assert "\nhailong_backup_timestamp_seconds " not in metrics(client).text
    config.backups.mkdir()
    (config.backups / "daily-2026-10-05.zip").write_bytes(b"")
    (config.data / FAILED).write_text("{}")
    text = metrics(client).text
    assert "hailong_overview_failed 1.0" in text
    found = samples(text)["hailong_backup_timestamp_seconds",]
    assert datetime.fromtimestamp(found, config.zone).date() == date(2026, 10, 5)


def test_a_tablet_that_was_only_enrolled_is_listed_without_what_it_never_told(
    run, engine, make_client, now
):
    code = add_pairing(engine, "quay-1", VERIFIER, now, lasting=False)
    device = pair(engine, code, "0" * 64, now, reusable=False)
    assert "unsent ?" in run(kiosk, "list").stdout
    text = metrics(make_client(metrics_token=TOKEN)).text
    labels = f'{{counter="quay-1",kiosk="{device.id}",office="trieu-son"}}'
    assert f"hailong_kiosk_seen_timestamp_seconds{labels}" in text
    assert "hailong_kiosk_unsent_responses{" not in text


@pytest.mark.sqlite_is_enough
def test_the_silence_of_the_night_is_no_trouble(engine, config, enrolled):
    from survey.tablets import watch

    tablet = enrolled()
    friday = datetime(2026, 10, 9, 17, 20, tzinfo=config.zone)
    monday = datetime(2026, 10, 12, 7, 45, tzinfo=config.zone)
    note_contact(engine, tablet.id, friday)
    hours = "Mon-Fri 07:30-11:30 13:30-17:00"
    assert watch(engine, hours, monday)[0].troubles == ()
    assert watch(engine, hours, monday.replace(hour=8))[0].troubles == ("silent",)
    own = load_places(engine).office[0]
    set_hours(engine, own, "Sat 07:30-11:30", monday.date(), By(None, monday))
    assert watch(engine, hours, monday.replace(hour=8))[0].troubles == ("silent",)
    set_hours(engine, own, "Tue-Fri 07:30-11:30", monday.date(), By(None, monday))
    assert watch(engine, hours, monday.replace(hour=8))[0].troubles == ()
