"""The server's own page: a backup to take along, those of every day, and settings."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import UTC, date, datetime

import pytest

from survey.access import Grant
from survey.backups import HEAD
from survey.config import load_config
from survey.daily import daily_backup
from survey.intake import Response
from survey.store.responses import add_many
from survey.store.staff_actions import DoneFilter, list_actions
from survey.store.upkeep import done_on
from tests.survey.desk.pages import send, sign_in

SETTINGS = {
    "base_url": "https://hailong.xa.vn",
    "opening_hours": "Mon-Fri 08:00-17:00",
    "backup_folder": "",
    "backup_days": "30",
    "responses_per_counter_a_day": "100",
}


@pytest.fixture
def administrator(app, engine, config, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2026, 9, 5), "54----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet) for _ in range(3)])
    return sign_in(app, engine, Grant("administrator", None))


def counted(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: int = json.loads(archive.read(HEAD))["counts"]["response"]
        return found


def test_a_backup_of_this_moment_is_downloaded_and_noted(administrator, engine):
    assert "Chưa có bản sao lưu nào" in administrator.get("/server").text
    reply = send(administrator, "/server/backup", {}, "/server")
    assert reply.mimetype == "application/zip"
    assert counted(reply.data) == 3
    assert done_on(engine, "backup") is not None
    assert list_actions(engine, DoneFilter())[0].action == "backup_taken"
    assert "Bản sao lưu gần nhất" in administrator.get("/server").text


def test_backups_of_every_day_are_listed_and_downloaded(administrator, config, engine):
    daily_backup(config, engine, datetime(2026, 11, 5, 8, tzinfo=UTC))
    page = administrator.get("/server").text
    assert "05/11/2026" in page
    assert "cùng ổ đĩa với dữ liệu" in page
    reply = administrator.get("/server/backup/daily-2026-11-05.zip")
    assert counted(reply.data) == 3
    for other in ("daily-2026-11-06.zip", "..%2Fhailong.toml", "x"):
        assert administrator.get(f"/server/backup/{other}").status_code == 404


def test_settings_are_written_and_wait_for_the_next_start(administrator, config, engine):
    assert send(administrator, "/server/settings", SETTINGS, "/server").status_code == 303
    stored = load_config(config.data, environ={})
    assert stored.base_url == "https://hailong.xa.vn"
    assert (stored.backup_days, stored.responses_per_counter_a_day) == (30, 100)
    assert "có hiệu lực khi khởi động lại" in administrator.get("/server?saved=1").text
    (line,) = list_actions(engine, DoneFilter(action="settings_changed"))
    assert "base_url" in line.details["names"]
    send(administrator, "/server/settings", SETTINGS, "/server")
    assert len(list_actions(engine, DoneFilter(action="settings_changed"))) == 1


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"base_url": "nonsense"}, "base_url"),
        ({"opening_hours": "Mon-Fri"}, "Mon-Fri"),
        ({"backup_days": "hai tuần"}, "“hai tuần” không phải một số"),
        ({"backup_days": "99999"}, "backup_days"),
        ({"backup_folder": "/nowhere/at/all"}, "/nowhere/at/all"),
    ],
)
def test_a_setting_that_cannot_be_is_told_and_nothing_is_written(
    administrator, config, changed, told
):
    before = (config.data / "hailong.toml").read_bytes()
    reply = send(administrator, "/server/settings", SETTINGS | changed, "/server")
    assert reply.status_code == 422
    assert told in reply.text
    assert 'value="Mon-Fri 08:00-17:00"' in reply.text or "opening_hours" in changed
    assert (config.data / "hailong.toml").read_bytes() == before


def test_the_server_is_looked_over_as_the_doctor_does_worst_first(administrator, monkeypatch):
    monkeypatch.setattr("survey.doctor.visit", lambda *_, **__: None)  # no network
    page = administrator.get("/server/check").text
    assert "cơ sở dữ liệu lành lặn, 3 phiếu" in page
    assert "chưa từng sao lưu" in page
    assert page.index("<b>Lưu ý</b>") < page.index("<b>Tốt</b>")
    assert 'href="/server?lang=vi">Mở trang để sửa' in page
    assert "database is sound" in administrator.get("/server/check?lang=en").text


@pytest.mark.sqlite_is_enough
def test_who_administers_one_commune_has_no_backup_of_all(app, engine, administrator):
    client = sign_in(app, engine, Grant("administrator", "trieu-son"), "an")
    assert client.get("/server").status_code == 404
    assert send(client, "/server/backup", {}, "/account").status_code == 404
