"""The server's own page: a backup to take along, those of every day, and settings."""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from analysis.document import MINIMUM, MOST_MINIMUM
from questionnaires import shipped
from survey.access import Grant
from survey.app import create_app
from survey.backups import HEAD
from survey.config import RANGES, load_config
from survey.daily import daily_backup, encrypt_to
from survey.encryption import decrypt, in_groups, make_key, typed_key
from survey.intake import Response
from survey.serving.upkeep import delete_comments_if_due
from survey.store import sealing, tables
from survey.store.responses import add_many
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.upkeep import done_on
from survey.told import command_sentences
from survey.web.desk.frame import staff_sentences
from tests.clock import NOW, TODAY
from tests.survey.desk.pages import send, sign_in, token
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("on_a_thursday")

SETTINGS = {
    "base_url": "https://hailong.xa.vn",
    "opening_hours": "Mon-Fri 08:00-17:00",
    "backup_folder": "",
    "backup_days": "30",
    "responses_per_counter_a_day": "100",
    "publication_minimum": "10",
    "language": "vi",
    "comment_months": "0",
    "answer_years": "0",
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
    assert "khởi động lại máy chủ" in administrator.get("/server?saved=later").text
    assert "Bấm Lưu thiết lập để áp dụng" in administrator.get("/server").text
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
        ({"language": "fr"}, "language"),
        ({"comment_months": "121"}, "comment_months"),
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
    assert 'value="T2-T6 08:00-17:00"' in reply.text or "opening_hours" in changed
    assert (config.data / "hailong.toml").read_bytes() == before


def test_where_the_server_can_it_takes_settings_over_at_once(app, engine, config, monkeypatch):
    started = []
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    served = create_app(config, engine, start_anew=lambda: started.append(1))
    client = sign_in(served, engine, Grant("administrator", None))
    reply = send(client, "/server/settings", SETTINGS, "/server")
    assert "saved=now" in reply.headers["Location"]
    assert "áp dụng trong vài giây" in client.get(reply.headers["Location"]).text
    send(client, "/server/settings", SETTINGS, "/server")
    assert started == [1]  # the second time nothing was changed


@pytest.mark.sqlite_is_enough
def test_staff_pages_open_in_the_language_of_the_settings_and_forms_in_vietnamese(
    config, engine, citizen
):
    served = create_app(replace(config, language="en"), engine)
    client = sign_in(served, engine, Grant("administrator", None))
    assert "<h1>Server</h1>" in client.get("/server").text
    assert "<h1>Máy chủ</h1>" in client.get("/server?lang=vi").text
    assert 'lang="vi"' in client.get(f"/r/{citizen.code}").text[:200]
    assert 'lang="vi"' in client.get("/nowhere").text[:200]


def test_old_comments_go_at_night_once_somebody_was_told_how_many(administrator, engine, config):
    sheet = ("desk@1", "trieu-son", "land", "poster")
    days = [date(2024, 1, 1), date(2025, 9, 30), date(2025, 10, 1), date(2026, 9, 5)]
    for day in days:
        answer = Response(str(uuid.uuid4()), *sheet, day, "54----", comment=f"Chờ lâu {day}")
        add_many(engine, [answer])
    months = (TODAY.year - 2025) * 12 + TODAY.month - 10  # October 2025 is the oldest month kept
    given = SETTINGS | {"comment_months": str(months)}
    asked = send(administrator, "/server/settings", given, "/server").text
    assert f"Giữ góp ý {months} tháng thì đêm nay 2 góp ý cũ bị xóa hẳn" in asked
    stored = load_config(config.data, environ={})
    assert stored.comment_months == 0
    assert delete_comments_if_due(stored, engine, TODAY) == 0
    send(administrator, "/server/settings", given | {"sure": "1"}, "/server")
    stored = load_config(config.data, environ={})
    assert stored.comment_months == months
    assert delete_comments_if_due(stored, engine, TODAY) == 2
    with engine.connect() as connection:
        left = {text[-10:] for text in connection.execute(select(tables.comment.c.text)).scalars()}
        answers = connection.execute(select(func.count()).select_from(tables.response))
        assert answers.scalar_one() == 3 + 4
    assert left == {"2025-10-01", "2026-09-05"}


@pytest.mark.sqlite_is_enough
def test_what_goes_when_is_said_before_it_goes(administrator, engine, config):
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2024, 5, 1), "54----")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet, comment="Chờ lâu")])
    assert "Phiếu được giữ mãi để so các năm" in administrator.get("/server").text
    year = TODAY.year
    for keep, asks in ((year - 2024, False), (year - 2025, True)):
        given = SETTINGS | {"answer_years": str(keep)}
        found = send(administrator, "/server/settings", given, "/server")
        assert (found.status_code == 200) is asks
    assert "1 phiếu và 1 góp ý của năm 2024 hết hạn lưu và bị xóa hẳn trong hôm nay" in found.text
    assert load_config(config.data, environ={}).answer_years == year - 2024
    page = administrator.get("/server").text
    assert f"Ngày 01/01/{year + 1}: 1 phiếu và 1 góp ý của năm 2024 bị xóa hẳn." in page
    assert "Ở lại mãi: số liệu đã công bố và niêm phong" in page


@pytest.mark.sqlite_is_enough
def test_an_office_may_be_stricter_than_the_rule_of_publication_alone(administrator, config):
    assert RANGES["publication_minimum"] == (MINIMUM, MOST_MINIMUM)
    assert load_config(config.data, environ={}).publication_minimum == MINIMUM
    page = administrator.get("/server").text
    assert "Từ 10 đến 100. Không đặt dưới 10 được" in page
    low = send(
        administrator, "/server/settings", SETTINGS | {"publication_minimum": "9"}, "/server"
    )
    assert (low.status_code, "publication_minimum" in low.text) == (422, True)
    high = SETTINGS | {"publication_minimum": "30"}
    assert send(administrator, "/server/settings", high, "/server").status_code == 303
    assert load_config(config.data, environ={}).publication_minimum == 30


def made_key(client):
    """Press the button that makes a key; the page and the key on it."""
    page = client.post("/server/key", data={"csrf_token": token(client.get("/server/key"))})
    found = re.search(r'name="key" value="(AGE-SECRET-KEY-1[^"]+)"', page.text)
    return page, typed_key(found[1])


def test_backups_are_encrypted_once_the_sheet_was_printed(administrator, engine, config):
    assert "chưa được mã hóa" in administrator.get("/server").text
    page, key = made_key(administrator)
    given = {"csrf_token": token(page), "key": key.identity}

    def stored():
        return load_config(config.data, environ={}).backup_recipient

    sheet = administrator.post("/server/key/sheet", data=given)
    assert sheet.data.startswith(b"%PDF")
    assert sheet.headers["Content-Disposition"].startswith("inline")
    assert sheet.headers["Cache-Control"] == "no-store"
    refused = administrator.post("/server/key/hold", data=given | {"last": "XXXX"})
    assert refused.status_code == 422
    assert key.identity in refused.text  # the printed sheet still counts
    assert not stored()
    last = key.groups[-1].lower()
    done = administrator.post("/server/key/hold", data=given | {"last": last})
    assert "encrypted=1" in done.headers["Location"]
    assert stored() == key.recipient
    assert f"phiếu khẩn cấp số {key.number}" in administrator.get("/server").text
    reply = send(administrator, "/server/backup", {}, "/server")
    assert ".zip.age" in reply.headers["Content-Disposition"]
    (config.data.parent / "taken").write_bytes(reply.data)
    decrypt(config.data.parent / "taken", config.data.parent / "open", key)
    assert counted((config.data.parent / "open").read_bytes()) == 3
    for path in config.data.rglob("*"):
        if path.is_file():
            assert key.secret.encode() not in path.read_bytes()
    (line,) = list_actions(engine, DoneFilter(action="backup_key_made"))
    assert line.details["number"] == key.number


def test_a_key_is_tried_and_given_up(administrator, engine, config):
    key = make_key()
    encrypt_to(config, engine, key.recipient, By("lan", NOW))

    def tried(typed):
        return send(administrator, "/server/key/try", {"key": typed}, "/server/key")

    assert f"phiếu số {key.number} mở được" in tried(" ".join(key.groups).lower()).text
    other = tried(make_key().secret)
    assert other.status_code == 422
    assert f"phiếu đang dùng là số {key.number}" in other.text
    wrong = "Q" + key.secret[1:] if key.secret[0] != "Q" else "P" + key.secret[1:]
    mistyped = tried(wrong)
    assert "Có chữ gõ sai ở nhóm 1" in mistyped.text
    assert in_groups(wrong) in mistyped.text  # to be put right, not typed again
    asked = send(administrator, "/server/key/off", {}, "/server/key")
    assert "ai có tệp là đọc được" in asked.text
    assert load_config(config.data, environ={}).backup_recipient
    send(administrator, "/server/key/off", {"sure": "1"}, "/server/key")
    assert not load_config(config.data, environ={}).backup_recipient


def test_a_kept_backup_that_is_damaged_is_told_beside_it(administrator, config, engine):
    daily_backup(config, engine, datetime(2026, 11, 4, 8, tzinfo=UTC))
    (config.data / "backups" / "daily-2026-11-04.zip").write_bytes(b"rotten")
    daily_backup(config, engine, datetime(2026, 11, 5, 8, tzinfo=UTC))
    page = administrator.get("/server").text
    assert "đọc lại ngày 05/11/2026: nguyên vẹn" in page
    assert "đọc lại ngày 05/11/2026: tệp đã hỏng" in page


def test_the_server_is_looked_over_as_the_doctor_does_worst_first(administrator, monkeypatch):
    monkeypatch.setattr("survey.doctor.visit", lambda *_, **__: None)  # no network
    page = administrator.get("/server/check").text
    assert "cơ sở dữ liệu lành lặn, 3 phiếu" in page
    assert "chưa từng sao lưu" in page
    assert f"{shipped()['desk@2'].called.vi}: " in page  # by its title too
    assert page.index("<b>Lưu ý</b>") < page.index("<b>Tốt</b>")
    assert 'href="/server?lang=vi">Mở trang để sửa' in page
    assert "bấm “Sao lưu ngay và tải về”" in page
    assert re.search(r"hailong [a-z]+ |base_url|hailong\.toml", page) is None
    assert "database is sound" in administrator.get("/server/check?lang=en").text


def test_whatever_a_command_advises_a_page_advises_without_a_command():
    advised, told = command_sentences().texts, staff_sentences().texts
    remedies = {key for key in advised if key.startswith("remedy.")}
    assert remedies
    assert remedies == {key for key in told if key.startswith("remedy.")}
    assert [key for key in remedies if re.search("hailong|base_url", str(told[key]))] == []


@pytest.mark.sqlite_is_enough
def test_who_administers_one_commune_has_no_backup_of_all(app, engine, administrator):
    client = sign_in(app, engine, Grant("administrator", "trieu-son"), "an")
    assert client.get("/server").status_code == 404
    assert send(client, "/server/backup", {}, "/account").status_code == 404


def verified(client: FlaskClient) -> str:
    """What the check of the seals found, which runs in a process of its own."""
    page = send(client, "/server/verify", {}, "/server")
    assert page.status_code == 303
    found: list[str] = []

    def is_done() -> bool:
        reply = client.get(page.headers["Location"])
        found[:] = [reply.text]
        return "Refresh" not in reply.headers

    wait_until(is_done, "the check of the seals")
    assert (
        client.get(page.headers["Location"].replace("/server/verify/", "/files/")).status_code
        == 404
    )
    assert client.get("/server/verify/" + "0" * 32).status_code == 404
    assert client.get("/files").status_code == 200  # it is no file there
    return found[0]


@pytest.mark.sqlite_is_enough
def test_the_seals_are_shown_and_checked_by_a_button(administrator, engine):
    assert "Chưa có ngày nào được niêm phong" in administrator.get("/server").text
    sealing.seal_days(engine, date(2026, 9, 8))
    page = administrator.get("/server").text
    assert "đến hết ngày 08/09/2026" in page
    assert "Chưa kiểm tra lần nào" in page
    found = verified(administrator)
    assert "3 phiếu còn nguyên như lúc niêm phong" in found
    with engine.begin() as connection:
        connection.execute(update(tables.response).values(scores="11----"))
    found = verified(administrator)
    assert "ngày 05/09/2026: đủ số phiếu nhưng nội dung đã bị sửa" in found
    page = administrator.get("/server").text
    assert "có phiếu hoặc số liệu không còn như lúc niêm phong" in page


@pytest.mark.sqlite_is_enough
def test_the_log_says_why_days_were_sealed_again(administrator, engine):
    sealing.seal_days(engine, date(2026, 9, 8))
    with engine.begin() as connection:
        connection.execute(update(tables.response).values(scores="11----"))
    by = By(None, datetime(2026, 9, 9, 9, tzinfo=UTC))
    assert sealing.accept(engine, "2026-09-05", "biên bản số 3", by)
    assert "chấp nhận dữ liệu như đang lưu: biên bản số 3" in administrator.get("/log").text
