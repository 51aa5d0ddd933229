"""The set-up pages by requests: who is let in, what is refused and kept, who comes second."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from survey.backups import write_backup
from survey.commands.init import prepare_database
from survey.config import Config, load_config, write_settings
from survey.encryption import make_key
from survey.setup import landing
from survey.setup.landing import found_office, is_new
from survey.store import open_engine
from survey.store.places import load_places
from survey.web.setup import restoring
from survey.web.setup.app import create_setup_app
from survey.web.setup.context import SetUp
from survey.web.setup.guard import OPEN, Code
from tests.survey.setup.test_landing import NOW, filled

PASSWORD = "bốn từ không dính nhau"
OFFICE = {"office": "UBND xã Đồng Tâm", "account": "lan", "password": PASSWORD, "again": PASSWORD}
HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}
ELSEWHERE = {"REMOTE_ADDR": "192.168.1.77", "HTTP_HOST": "192.168.1.10:8000"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser at an address of the network, which asks for a name."""

    def __init__(self, app: Flask, environ: dict[str, str]) -> None:
        self._client, self._environ = app.test_client(), dict(environ)
        self._base = f"http://{self._environ.pop('HTTP_HOST')}"

    def open(self, path: str, method: str = "GET", **sent: object) -> TestResponse:
        return self._client.open(
            path, method=method, base_url=self._base, environ_overrides=self._environ, **sent
        )

    def get(self, path: str) -> TestResponse:
        return self.open(path)

    def post(self, path: str, **sent: object) -> TestResponse:
        return self.open(path, "POST", **sent)


class Asked:
    """The set-up of a folder that is not there, and what it told the terminal."""

    def __init__(self, config: Config) -> None:
        self.config, self.codes, self.doors = config, [], []
        self.setup = SetUp(config, lambda: load_config(config.data, environ={}), self.doors.append)
        self.setup.moved.set()
        self.code = Code(self.codes.append)
        self.app: Flask = create_setup_app(self.setup, self.code)

    def browser(self, environ: dict[str, str] = HERE) -> Visitor:
        return Visitor(self.app, environ)

    def places(self) -> list[str]:
        engine = open_engine(self.config.database_url)
        try:
            return [one.name.vi for one in load_places(engine).office]
        finally:
            engine.dispose()


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(load_config(tmp_path / "office", environ={}))


def send(client: Visitor, path: str, **fields: object) -> TestResponse:
    """Open the page, fill it in and send it, as a browser does."""
    found = TOKEN.search(client.get(path).get_data(as_text=True))
    token = found[1] if found else ""
    return client.post(path, data={"csrf_token": token, **fields})


def fill(client: Visitor, office: str = "UBND xã Đồng Tâm") -> None:
    """Everything up to the last page, the address left for later."""
    assert send(client, "/setup/office", **OFFICE | {"office": office}).status_code == 303
    used = {f"use-{row.id}": "1" for row in filled().sectors}
    assert send(client, "/setup/sectors", **used).status_code == 303
    sectors = [row.id for row in filled().sectors]
    counter = {"row": "1", "name-1": "Quầy 1", "questionnaire-1": "desk@2", "sector-1": sectors}
    assert send(client, "/setup/counters", **counter).status_code == 303
    assert send(client, "/setup/address", where="later").status_code == 303


def shut(reply: TestResponse) -> bool:
    return reply.status_code == 303 and "/setup/code" in reply.headers["Location"]


@pytest.mark.parametrize(
    "environ",
    [
        ELSEWHERE,
        HERE | {"REMOTE_ADDR": "192.168.1.77"},  # whatever it says that it asked for
        HERE | {"HTTP_HOST": "evil.example"},  # another site's page, led to this machine
        HERE | {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},  # through a server on this machine
        HERE | {"HTTP_X_REAL_IP": "127.0.0.1"},
        HERE | {"HTTP_FORWARDED": "for=127.0.0.1"},
        HERE | {"HTTP_VIA": "1.1 proxy"},
        HERE | {"REMOTE_ADDR": ""},
    ],
)
def test_whoever_is_not_surely_at_this_machine_is_asked_for_the_code(asked: Asked, environ):
    client = asked.browser(environ)
    for rule in asked.app.url_map.iter_rules():
        for method in rule.methods - {"OPTIONS"}:
            if rule.endpoint in OPEN:
                continue
            path = rule.rule.replace("<token>", "x")
            reply = client.open(path, method=method)
            # Without a token of a form a request that changes something is refused before.
            assert shut(reply) or (method == "POST" and reply.status_code == 400), (method, path)
    assert is_new(asked.config)


@pytest.mark.parametrize(
    "environ",
    [
        HERE,
        HERE | {"HTTP_HOST": "localhost:8000"},
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_HOST": "127.0.0.1"},
    ],
)
def test_at_this_machine_no_code_is_needed(asked: Asked, environ):
    assert asked.browser(environ).get("/setup").status_code == 200


def test_the_code_lets_one_browser_in_and_is_another_one_afterwards(asked: Asked):
    client, other = asked.browser(ELSEWHERE), asked.browser(ELSEWHERE)
    code = asked.code.shown
    assert send(client, "/setup/code", code=f" {code.upper()} ").status_code == 303
    assert client.get("/setup").status_code == 200
    assert asked.codes == [asked.code.shown]
    assert asked.code.shown != code
    assert send(other, "/setup/code", code=code).status_code == 422
    assert shut(other.get("/setup"))


def test_whoever_guesses_has_to_wait_and_keeps_nobody_else_out(asked: Asked):
    guessing = asked.browser(ELSEWHERE)
    other = asked.browser(ELSEWHERE | {"REMOTE_ADDR": "10.0.0.9"})
    tried = [send(guessing, "/setup/code", code="2222 2222").status_code for _ in range(7)]
    assert tried == [422] * 5 + [429] * 2
    assert send(guessing, "/setup/code", code=asked.code.shown).status_code == 429
    assert send(other, "/setup/code", code=asked.code.shown).status_code == 303


def test_a_form_of_another_site_changes_nothing(asked: Asked):
    client = asked.browser()
    assert client.post("/setup/office", data=OFFICE).status_code == 400
    assert client.post("/setup/restore", data={}).status_code == 400
    assert client.post("/setup/finish").status_code == 400


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"office": " "}, ("Chưa có tên cơ quan", "has no name yet")),
        ({"office": "x" * 121}, ("dài quá 120 ký tự", "more than 120 characters")),
        ({"account": "lan nguyen"}, ("Không dùng được tên", "cannot be used")),
        ({"password": "ngắn", "again": "ngắn"}, ("ít nhất 12 ký tự", "at least 12")),
        ({"again": "khác"}, ("không giống nhau", "not the same")),
        ({"password": "x" * 201, "again": "x" * 201}, ("quá 200 ký tự", "more than 200")),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(asked: Asked, lang, wrong, said):
    client = asked.browser()
    sent = OFFICE | {"office_en": "Dong Tam commune"} | wrong
    token = TOKEN.search(client.get("/setup/office").get_data(as_text=True))[1]
    reply = client.post(f"/setup/office?lang={lang}", data=sent | {"csrf_token": token})
    html = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert said[lang == "en"] in html
    assert 'value="Dong Tam commune"' in html
    assert PASSWORD not in html
    assert client.get("/setup/sectors").headers["Location"].startswith("/setup/office")


def test_everything_that_is_wrong_is_said_at_once(asked: Asked):
    wrong = {"office": "", "account": "Nguyễn Thị Lan", "password": "abc123", "again": "abc124"}
    reply = send(asked.browser(), "/setup/office", **OFFICE | wrong)
    html = unescape(reply.get_data(as_text=True))
    assert (
        "Chưa có tên cơ quan. Xin điền tên như trên biển hiệu. "
        "Hai lần nhập mật khẩu không giống nhau. Xin nhập lại cả hai. "
        "Không dùng được tên 'Nguyễn Thị Lan'; hãy dùng 1 đến 64 chữ cái" in html
    )
    assert "Mật khẩu có 6 ký tự; hãy dùng ít nhất 12 ký tự" in html


def test_what_answers_a_form_is_there_in_the_other_language_too(asked: Asked):
    client, seen = asked.browser(), 0
    token = TOKEN.search(client.get("/setup/office").get_data(as_text=True))[1]
    paths = {rule.rule for rule in asked.app.url_map.iter_rules() if "POST" in rule.methods}
    for path in sorted(paths):
        for fields in ({}, {"csrf_token": token}):
            reply = client.post(path, data=fields)
            link = re.search(r'<a href="([^"]+)"\s+lang="en">', reply.get_data(as_text=True))
            if link is not None:
                seen += 1
                other = client.get(unescape(link[1]))
                assert other.status_code in (200, 303), (path, link[1])
    assert seen > 8


def test_a_password_that_was_taken_need_not_be_typed_again(asked: Asked):
    client = asked.browser()
    send(client, "/setup/office", **OFFICE)
    again = OFFICE | {"office": "UBND phường Mới", "password": "", "again": ""}
    assert send(client, "/setup/office", **again).status_code == 303
    assert PASSWORD not in client.get("/setup/office").get_data(as_text=True)


def test_steps_that_are_missing_come_first(asked: Asked):
    client = asked.browser()
    for step in ("sectors", "counters", "address", "phone", "finish"):
        assert client.get(f"/setup/{step}").headers["Location"].startswith("/setup/office")
    send(client, "/setup/office", **OFFICE)
    for step in ("counters", "address", "phone", "finish"):
        assert client.get(f"/setup/{step}").headers["Location"].startswith("/setup/sectors")


def test_rows_are_added_by_a_button_that_needs_no_script(asked: Asked):
    client = asked.browser()
    send(client, "/setup/office", **OFFICE)
    used = {"use-land": "1", "more-name": "Nông nghiệp", "more": "1"}
    html = send(client, "/setup/sectors", **used).get_data(as_text=True)
    assert 'value="Nông nghiệp"' in html
    send(client, "/setup/sectors", **{"use-land": "1", "use-nong-nghiep": "1"})
    counter = {"row": "1", "name-1": "Quầy 1", "questionnaire-1": "desk@2", "sector-1": ["land"]}
    html = send(client, "/setup/counters", **counter, more="1").get_data(as_text=True)
    assert html.count("<fieldset>") == 2
    assert 'value="Quầy 2"' in html


def test_a_name_that_no_phone_can_open_is_refused_and_kept(asked: Asked):
    client = asked.browser()
    fill(client)
    for typed, said in (
        ("http://localhost:8000", "điện thoại không mở được"),
        ("https://hailong.vn/trang", "/trang"),
        ("", "địa chỉ"),
    ):
        reply = send(client, "/setup/address", where="name", name=typed)
        assert reply.status_code == 422
        assert said in reply.get_data(as_text=True)
        assert f'value="{typed}"' in reply.get_data(as_text=True)
    assert client.get("/setup/finish").headers["Location"].startswith("/setup/address")


def test_a_phone_that_opened_the_page_is_told_apart_from_this_machine(asked: Asked):
    client = asked.browser()
    fill(client)
    assert send(client, "/setup/address", where="name", name="hailong.xa.vn").status_code == 303
    html = client.get("/setup/phone").get_data(as_text=True)
    path = re.search(r"https://hailong\.xa\.vn(/thu/[\w-]+)", html)[1]

    def state() -> bool:
        return client.get("/setup/phone/state").get_json()["opened"]

    assert asked.browser().get(path).status_code == 200
    assert not state()
    passed_on = HERE | {"HTTP_HOST": "hailong.xa.vn", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    reply = asked.browser(passed_on).get(path)
    assert "Điện thoại của Ông/Bà mở được trang này" in reply.get_data(as_text=True)
    assert state()
    assert asked.browser(ELSEWHERE).get("/thu/another").status_code == 404
    assert asked.doors == []  # https comes through the server in front


def test_the_first_of_two_browsers_makes_the_office_and_the_second_overwrites_nothing(
    asked: Asked,
):
    first, second = asked.browser(), asked.browser()
    fill(first, "UBND xã Thứ Nhất")
    fill(second, "UBND xã Thứ Hai")
    token = TOKEN.search(second.get("/setup/finish").get_data(as_text=True))[1]
    assert send(first, "/setup/finish").status_code == 303
    reply = second.post("/setup/finish", data={"csrf_token": token})
    assert reply.headers["Location"].startswith("/setup/done")
    assert not asked.setup.is_over()
    assert "từ một trình duyệt khác" in second.get("/setup/done").get_data(as_text=True)
    assert "UBND xã Thứ Nhất" in first.get("/setup/done").get_data(as_text=True)
    assert asked.setup.is_over()
    assert asked.places() == ["UBND xã Thứ Nhất"]


@pytest.mark.parametrize("environ", [HERE, ELSEWHERE])
def test_once_the_last_page_was_shown_the_pages_of_the_office_are_asked_for_again(
    asked: Asked, environ, monkeypatch
):
    monkeypatch.setattr("survey.web.setup.app.AGAIN_SECONDS", 0)
    client = asked.browser()
    fill(client)
    assert send(client, "/setup/finish").status_code == 303
    assert client.get("/setup/done").status_code == 200
    browser = asked.browser(environ)
    for method, path, led in (
        ("GET", "/posters?lang=en", "/posters?lang=en"),
        ("GET", "/", "/"),
        ("POST", "/q/cong", "/q/cong"),
        ("GET", "/%2Fevil.example/x", "/evil.example/x"),  # never to another site
    ):
        reply = browser.open(path, method)
        assert (reply.status_code, reply.headers["Location"]) == (307, led)


def test_an_office_that_came_meanwhile_by_a_command_is_not_overwritten(asked: Asked):
    client = asked.browser()
    fill(client)
    found_office(asked.config, filled("UBND xã Bằng Lệnh"), NOW)
    reply = send(client, "/setup/finish")
    assert reply.status_code == 409
    assert "không có gì bị ghi đè" in reply.get_data(as_text=True)
    assert asked.places() == ["UBND xã Bằng Lệnh"]


def test_a_counter_that_lost_its_sector_is_asked_about_again(asked: Asked):
    client = asked.browser()
    fill(client)
    send(client, "/setup/sectors", **{"use-land": "1"})
    assert client.get("/setup/finish").headers["Location"].startswith("/setup/counters")


def test_a_backup_that_was_looked_at_is_not_restored_by_finishing_a_new_office(
    asked: Asked, data_folder: Path, tmp_path: Path
):
    config = load_config(data_folder.rename(tmp_path / "old"), environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    write_backup(config, engine, tmp_path / "backup.zip", NOW)
    engine.dispose()
    client = asked.browser()
    with (tmp_path / "backup.zip").open("rb") as file:
        sent = send(client, "/setup/restore", file=(file, "sao-luu.zip"))
    assert sent.headers["Location"].startswith("/setup/restore/found")
    fill(client, "UBND xã Mới")
    assert send(client, "/setup/finish").status_code == 303
    assert asked.places() == ["UBND xã Mới"]
    assert list((asked.config.data / "uploads").iterdir()) == []


def test_an_encrypted_backup_waits_for_its_key_and_is_not_sent_again(
    asked: Asked, data_folder: Path, tmp_path: Path
):
    key = make_key()
    write_settings(data_folder, backup_recipient=key.recipient)
    config = load_config(data_folder.rename(tmp_path / "old"), environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    write_backup(config, engine, tmp_path / "backup.zip.age", NOW)
    engine.dispose()
    client = asked.browser()
    assert client.get("/setup/restore/key").headers["Location"].startswith("/setup/restore?")
    with (tmp_path / "backup.zip.age").open("rb") as file:
        sent = send(client, "/setup/restore", file=(file, "sao-luu.zip.age"))
    assert sent.headers["Location"].startswith("/setup/restore/key")
    assert client.get("/setup/restore/found").status_code == 303  # nothing is known of it yet
    wrong = send(client, "/setup/restore/key", key=make_key().secret)
    assert wrong.status_code == 422
    html = wrong.get_data(as_text=True)
    assert "Khóa này không mở được sao-luu.zip.age" in html
    assert str(tmp_path) not in html
    token = TOKEN.search(html)[1]
    client.post("/setup/restore/make", data={"csrf_token": token})
    assert is_new(asked.config)
    opened = send(client, "/setup/restore/key", key=" ".join(key.groups).lower())
    assert opened.headers["Location"].startswith("/setup/restore/found")
    html = client.get("/setup/restore/found").get_data(as_text=True)
    client.post("/setup/restore/make", data={"csrf_token": TOKEN.search(html)[1]})
    assert asked.places() == ["UBND xã Triệu Sơn"]
    assert list((asked.config.data / "uploads").iterdir()) == []


def test_a_backup_too_large_for_a_browser_is_put_into_a_folder_and_chosen_there(
    asked: Asked, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = load_config(data_folder.rename(tmp_path / "old"), environ={})
    prepare_database(config)
    engine = open_engine(config.database_url)
    write_backup(config, engine, tmp_path / "backup.zip", NOW)
    engine.dispose()
    client, folder = asked.browser(), asked.config.data / "restore"
    empty = client.get("/setup/restore").get_data(as_text=True)
    assert str(folder) in empty and "chưa có tệp" in empty
    assert "hailong restore" not in empty
    monkeypatch.setattr(restoring, "LARGEST", 1000)
    with (tmp_path / "backup.zip").open("rb") as file:
        large = send(client, "/setup/restore", file=(file, "sao-luu.zip"))
    assert (large.status_code, str(folder) in large.get_data(as_text=True)) == (413, True)
    (folder / "thang-10.zip").write_bytes((tmp_path / "backup.zip").read_bytes())
    (folder / "ghi-chu.txt").write_text("no backup", encoding="utf-8")
    listed = client.get("/setup/restore").get_data(as_text=True)
    assert "thang-10.zip" in listed and "ghi-chu.txt" not in listed
    for other in ("ghi-chu.txt", "../../old/places.toml", "thang-11.zip"):
        gone = send(client, "/setup/restore", placed=other)
        assert (gone.status_code, "không còn trong thư mục" in gone.get_data(as_text=True)) == (
            *(422, True),
        )
    read = send(client, "/setup/restore", placed="thang-10.zip")
    assert read.headers["Location"].startswith("/setup/restore/found")
    html = client.get("/setup/restore/found").get_data(as_text=True)
    client.post("/setup/restore/make", data={"csrf_token": TOKEN.search(html)[1]})
    assert asked.setup.landed is not None and asked.setup.landed.restored
    assert (folder / "thang-10.zip").exists()  # somebody's own file


def test_a_file_in_the_folder_that_is_no_backup_is_refused_and_stays(asked: Asked):
    client, folder = asked.browser(), asked.config.data / "restore"
    client.get("/setup/restore")
    (folder / "hong.zip").write_bytes(b"PK")
    reply = send(client, "/setup/restore", placed="hong.zip")
    assert (reply.status_code, "hong.zip" in reply.get_data(as_text=True)) == (422, True)
    assert (folder / "hong.zip").exists()


def test_where_the_restored_settings_name_another_port_the_last_page_leads_there(
    asked: Asked, data_folder: Path, tmp_path: Path
):
    config = load_config(data_folder.rename(tmp_path / "old"), environ={})
    write_settings(config.data, port=8123, base_url="http://192.168.1.10:8123")
    prepare_database(config)
    engine = open_engine(config.database_url)
    write_backup(config, engine, tmp_path / "backup.zip", NOW)
    engine.dispose()
    client = asked.browser()
    with (tmp_path / "backup.zip").open("rb") as file:
        send(client, "/setup/restore", file=(file, "sao-luu.zip"))
    html = client.get("/setup/restore/found").get_data(as_text=True)
    assert "http://192.168.1.10:8123, là địa chỉ của máy cũ" in html
    token = TOKEN.search(html)[1]
    client.post("/setup/restore/make", data={"csrf_token": token})
    html = client.get("/setup/done").get_data(as_text=True)
    assert 'href="http://127.0.0.1:8123/sign-in' in html


def test_a_disk_without_room_is_told_and_nothing_of_the_file_stays(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    client = asked.browser()
    monkeypatch.setattr(landing, "check_backup", full)
    reply = send(client, "/setup/restore", file=(io.BytesIO(b"PK"), "sao-luu.zip"))
    assert reply.status_code == 422
    assert "No space left on device. Xin dọn chỗ trống" in reply.get_data(as_text=True)
    assert [path.name for path in asked.config.data.rglob("*") if path.name != "restore"] == [
        "uploads"
    ]
