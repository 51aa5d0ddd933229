"""The page of tablets: pairing, health, PIN, out of use, handing over, and the file of one."""

from __future__ import annotations

import hashlib
import io
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import get_args

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from kiosk.records import FIELDS
from questionnaires import Text
from questionnaires.answers import ProblemCode
from survey.config import Config
from survey.places import Counter, shipped_places
from survey.store import tables
from survey.store.kiosks import list_kiosks, revoke_kiosk
from survey.store.places import load_places, save_places
from survey.store.staff_actions import DoneFilter, list_actions
from survey.web.desk import tablets
from survey.web.desk.frame import staff_sentences
from tests.chromium import NewContext
from tests.kiosk.wire import Tablet, receipts, record
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import PASSWORD, SignIn, token
from tests.survey.desk.paired import Paired, answered, pair_tablet
from tests.survey.desk.seen import checked, sign_in


@pytest.fixture
def now(config: Config) -> datetime:
    return datetime.now(config.zone)


@pytest.fixture
def officer(signed_in: SignIn) -> FlaskClient:
    return signed_in("officer", None)


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    given = {"csrf_token": token(client.get("/tablets/pair")), **fields}
    return client.post(path, data=given)


def send(client: FlaskClient, content: bytes, name: str = "hailong-kiosk-x.json") -> TestResponse:
    return post(client, "/tablets/file", file=(io.BytesIO(content), name))


def told(page: TestResponse, key: str) -> str:
    """The code or PIN that a page tells."""
    found = re.search(rf'id="{key}">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def opens(pin: str, verifier: dict[str, str | int]) -> bool:
    salt, iterations = b64decode(str(verifier["salt"])), int(verifier["iterations"])
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, iterations)
    return made == b64decode(str(verifier["hash"]))


def stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.response)).scalar_one()


def logged(engine: Engine) -> list[tuple[str | None, str, str | None]]:
    found = list_actions(engine, DoneFilter())
    return [(one.name, one.action, one.office) for one in found if "tablet" in one.action]


@pytest.mark.sqlite_is_enough
def test_without_a_tablet_the_page_says_what_one_is_for(officer: FlaskClient) -> None:
    page = officer.get("/tablets")
    assert page.status_code == 200
    assert "Chưa ghép máy nào" in page.text
    assert "Ghép máy mới" in page.text


def test_a_tablet_is_paired_with_the_code_of_the_page_and_opens_with_its_pin(
    officer: FlaskClient, client: FlaskClient, engine: Engine, now: datetime
) -> None:
    page = post(officer, "/tablets/pair", counter=f"{OWN}/quay-2")
    tablet = Tablet(client, lambda: now)
    station = tablet.pair(told(page, "code")).json["station"]
    assert opens(told(page, "pin"), station["pin"])
    (one,) = list_kiosks(engine)
    assert (one.office, one.counter_id) == (OWN, "quay-2")
    until = re.search(r"Mã dùng được đến (\d\d:\d\d)", page.text)
    assert until
    assert until[1] in {f"{now + timedelta(minutes=minutes):%H:%M}" for minutes in (15, 16)}
    assert logged(engine) == [("officer-all", "tablet_code_made", OWN)]


@pytest.mark.sqlite_is_enough
def test_a_code_is_for_one_tablet_and_told_once(
    officer: FlaskClient, client: FlaskClient, now: datetime
) -> None:
    code = told(post(officer, "/tablets/pair", counter=f"{OWN}/quay-1"), "code")
    assert Tablet(client, lambda: now).pair(code).status_code == 200
    assert Tablet(client, lambda: now).pair(code).status_code == 404
    assert code not in officer.get("/tablets").text
    assert code not in officer.get("/tablets/pair").text


@pytest.mark.sqlite_is_enough
def test_an_address_that_no_tablet_can_open_is_told_before_one_is_paired(
    signed_in: SignIn, make_client: Callable[..., FlaskClient]
) -> None:
    signed_in("officer", None)
    for base_url, said in (
        ("http://127.0.0.1:8000", "chỉ dùng trên chính máy chủ"),
        ("http://192.168.1.20", "không có https"),
        ("https://hailong.example.vn", ""),
    ):
        client = make_client(base_url=base_url)
        given = {"name": "officer-all", "password": PASSWORD}
        client.post("/sign-in", data={"csrf_token": token(client.get("/sign-in")), **given})
        page = client.get("/tablets/pair").text
        assert ('class="err"' in page) == bool(said)
        assert said in page


def test_every_tablet_is_listed_with_how_it_is_those_that_need_somebody_first(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    well = pair_tablet(engine, now).device.id
    out = pair_tablet(engine, now, "quay-1", unsent=7).device.id
    revoke_kiosk(engine, out, now.date())
    bad = pair_tablet(engine, now, "quay-3", unsent=5, oldest_s=7300, storage="full").device.id
    page = officer.get("/tablets").text
    assert re.findall(r'href="/tablets/(\w{8})\?', page) == [bad, well, out]
    rows = page.partition("<tbody")[2].split("<tr")[1:]
    for row, words in zip(
        rows, (("5<", "Cần xem"), ("0<", "Tốt"), ("7<", "Ngừng dùng")), strict=True
    ):
        assert all(word in row for word in words)
    assert "còn 5 phiếu chưa gửi, phiếu lâu nhất đã 2 giờ" in page
    assert "bộ nhớ đã đầy" in page


def test_a_long_list_has_pages_and_its_troubles_are_counted(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    for _ in range(tablets.ROWS + 1):
        pair_tablet(engine, now, quarantined=2)
    page = officer.get("/tablets").text
    assert len(re.findall(r'href="/tablets/\w{8}\?', page)) == tablets.ROWS
    assert f"và {tablets.ROWS + 1 - tablets.NAMED} máy nữa" in page
    assert len(page.encode()) < 60_000
    assert len(re.findall(r'href="/tablets/\w{8}\?', officer.get("/tablets?page=2").text)) == 1
    for wrong in ("-1", "x", "1234567"):
        assert officer.get(f"/tablets?page={wrong}").status_code == 404


@pytest.mark.sqlite_is_enough
def test_one_tablet_tells_all_that_it_told(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    device = pair_tablet(engine, now, quarantined=2, build="0123456789ab", storage="denied").device
    page = officer.get(f"/tablets/{device.id}").text
    for said in (
        "Cần xem", "desk@1", "0123456789ab, bản cũ", "có thể bị xóa khi máy đầy",
        "2 phiếu máy chủ không nhận", "Xin mở màn hình nhân viên của máy",
    ):  # fmt: skip
        assert said in page, said


@pytest.mark.sqlite_is_enough
def test_a_new_pin_is_told_once_and_opens_the_staff_screen(
    officer: FlaskClient, engine: Engine, client: FlaskClient, now: datetime
) -> None:
    one = pair_tablet(engine, now)
    page = post(officer, f"/tablets/{one.device.id}", act="pin")
    tablet = Tablet(client, lambda: now, one.secret)
    assert opens(told(page, "pin"), tablet.get("station.json").json["pin"])
    assert told(page, "pin") not in officer.get(f"/tablets/{one.device.id}").text
    assert logged(engine)[0] == ("officer-all", "tablet_pin_made", OWN)


def test_taking_out_of_use_says_what_happens_to_the_answers_and_is_confirmed(
    officer: FlaskClient, engine: Engine, client: FlaskClient, now: datetime
) -> None:
    one = pair_tablet(engine, now, unsent=4, quarantined=1)
    path = f"/tablets/{one.device.id}"
    asked = post(officer, path, act="revoke")
    assert "máy còn 5 phiếu chưa vào hệ thống" in asked.text
    assert "Phiếu còn trên máy không mất" in asked.text
    tablet = Tablet(client, lambda: now, one.secret)
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert post(officer, path, act="revoke", sure="1").status_code == 303
    assert tablet.hand_in(record()).status_code == 403
    assert "Ngừng dùng" in officer.get(path).text
    asked = post(officer, path, act="handover")
    assert "trong tay người tin cậy" in asked.text
    assert tablet.hand_in(record()).status_code == 403
    assert post(officer, path, act="handover", sure="1").status_code == 303
    assert receipts(tablet.hand_in(record())) == ["stored"]
    assert "Ngừng dùng, được gửi nốt phiếu" in officer.get(path).text
    assert [action for _, action, _ in logged(engine)[:2]] == ["tablet_handover", "tablet_revoked"]


def test_what_somebody_else_did_meanwhile_is_told(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    device = pair_tablet(engine, now).device
    revoke_kiosk(engine, device.id, now.date())
    for act in ("revoke", "pin"):
        page = post(officer, f"/tablets/{device.id}", act=act, sure="1")
        assert page.status_code == 409
        assert "đã ngừng dùng từ" in page.text
    assert post(officer, f"/tablets/{device.id}", act="burn").status_code == 404


def test_a_file_is_taken_as_by_the_command_and_twice_changes_nothing(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    one = pair_tablet(engine, now)
    file = one.exported(answered(now.date()), answered(now.date() - timedelta(days=9)))
    page = send(officer, file)
    assert page.status_code == 200
    assert counts(page) == [2, 0, 0, 0]
    assert "Mọi phiếu trong tệp đã vào hệ thống" in page.text
    assert counts(send(officer, file)) == [0, 2, 0, 0]
    assert stored(engine) == 2
    assert logged(engine)[0] == ("officer-all", "tablet_file_taken", OWN)
    (line, *_) = list_actions(engine, DoneFilter())
    assert line.details == {"tablet": one.device.id, "file": "hailong-kiosk-x.json"}


def counts(page: TestResponse) -> list[int]:
    return [int(number) for number in re.findall(r"<b>(\d+)</b>", page.text)]


def test_a_file_of_more_answers_than_one_transaction_takes_is_taken_whole(
    officer: FlaskClient, engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.tablets.TOGETHER", 3)
    file = pair_tablet(engine, now).exported(*(answered(now.date()) for _ in range(8)))
    assert counts(send(officer, file)) == [8, 0, 0, 0]
    assert stored(engine) == 8


@pytest.mark.sqlite_is_enough
def test_what_is_not_taken_is_told_with_the_reason_and_the_rest_is_in(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    today = now.date()
    fine = answered(today)
    other = {**fine, "scores": {"overall": 1}}
    bad, strange = answered(today, scores={"overall": 9}), answered(today, sector="không-có")
    file = pair_tablet(engine, now).exported(fine, other, bad, strange, None)
    page = send(officer, file)
    assert counts(page) == [1, 0, 1, 3]
    assert "phiếu đến trước được giữ" in page.text
    assert "câu overall: mức không có trong thang" in page.text
    assert "lĩnh vực: không đúng dạng" in page.text
    assert "phiếu: không đúng dạng" in page.text
    assert "Xin giữ tệp" in page.text
    assert stored(engine) == 1


def test_every_reason_that_an_answer_is_not_taken_for_has_its_words() -> None:
    told_ = staff_sentences()
    codes = {*get_args(ProblemCode), "unknown", "not_an_object", "unknown_field"}
    assert [code for code in sorted(codes) if f"tablets.why.{code}" not in told_] == []
    around = FIELDS - {"scores", "choices", "comment"} | {"record", "counter", "answered_on"}
    assert [field for field in sorted(around) if f"tablets.field.{field}" not in told_] == []


def test_a_file_that_cannot_be_stored_now_is_asked_for_again(
    officer: FlaskClient, engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pair_tablet(engine, now).exported(answered(now.date()))
    with monkeypatch.context() as broken:
        broken.setattr("survey.tablets.add_responses", lambda *_: 1 / 0)
        page = send(officer, file)
    assert page.status_code == 503
    assert "Không phiếu nào mất: xin gửi lại" in page.text
    assert "Mọi phiếu" not in page.text
    assert counts(send(officer, file)) == [1, 0, 0, 0]


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "không phải JSON, hoặc bị cắt cụt"),
        (b"\xff\xfe\x00", "không phải UTF-8"),
        (b"[1]", "không phải một đối tượng JSON"),
        (b"{}", "không phải tệp có dạng hailong.kiosk-export/1"),
    ],
)
def test_what_is_no_file_of_a_tablet_is_refused_with_the_reason(
    officer: FlaskClient, engine: Engine, content: bytes, said: str
) -> None:
    page = send(officer, content, "khác.json")
    assert page.status_code == 422
    assert f"khác.json: {said}" in page.text
    assert logged(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_file_that_was_changed_is_refused_whole(
    officer: FlaskClient, engine: Engine, now: datetime
) -> None:
    file = pair_tablet(engine, now).exported(answered(now.date()))
    page = send(officer, file.replace(rb"\"overall\": 4", rb"\"overall\": 5"))
    assert page.status_code == 422
    assert "đã bị sửa sau khi máy ghi" in page.text
    assert stored(engine) == 0


@pytest.mark.sqlite_is_enough
def test_no_file_and_too_large_a_one_are_told(
    officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = post(officer, "/tablets/file")
    assert none.status_code == 422
    assert "Chưa chọn tệp nào" in none.text
    monkeypatch.setattr(tablets, "LARGEST", 2000)
    assert send(officer, b" " * 3000).status_code == 413


@pytest.fixture
def foreign(engine: Engine, now: datetime) -> Paired:
    """A tablet at a counter of another commune."""
    save_communes(engine)
    places = load_places(engine)
    name = Text(vi="Quầy xã khác", en="Foreign counter")
    theirs = Counter(
        id="quay-khac", office=FOREIGN, name=name, questionnaire="desk@1", sectors=("land",)
    )
    save_places(
        engine, places.model_copy(update={"counter": (*places.counter, theirs)}), now.date()
    )
    return pair_tablet(engine, now, "quay-khac", quarantined=2)


def test_a_tablet_of_another_office_is_not_there(
    signed_in: SignIn, engine: Engine, foreign: Paired, now: datetime
) -> None:
    client, id_ = signed_in("officer", OWN), foreign.device.id
    for page in (client.get("/tablets").text, client.get("/tablets/pair").text):
        assert id_ not in page
        assert "Quầy xã khác" not in page
    assert client.get(f"/tablets/{id_}").status_code == 404
    assert client.get("/tablets/zzzzzzzz").status_code == 404
    for act in ("pin", "revoke", "handover"):
        assert post(client, f"/tablets/{id_}", act=act, sure="1").status_code == 404
    assert post(client, "/tablets/pair", counter=f"{FOREIGN}/quay-khac").status_code == 404
    assert client.get(f"/tablets/pair?office={FOREIGN}").status_code == 404
    page = send(client, foreign.exported(answered(now.date(), counter="quay-khac")))
    assert page.status_code == 422
    assert "không được ghép ở đây" in page.text
    (device,) = (one.device for one in list_kiosks(engine) if one.device.id == id_)
    assert not device.revoked
    assert stored(engine) == 0
    assert logged(engine) == []


@pytest.mark.sqlite_is_enough
def test_very_many_counters_are_chosen_by_their_office(
    officer: FlaskClient, foreign: Paired, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = officer.get("/tablets/pair").text
    assert "Xã Khác: Quầy xã khác" in page
    monkeypatch.setattr(tablets, "CHOICES", 3)
    page = officer.get("/tablets/pair").text
    assert "Quầy xã khác" not in page
    assert f'value="{OWN}/quay-1"' in page
    page = officer.get(f"/tablets/pair?office={FOREIGN}").text
    assert re.findall(r'value="([^"]*/quay[^"]*)"', page) == [f"{FOREIGN}/quay-khac"]


@pytest.mark.sqlite_is_enough
def test_the_shipped_commune_has_counters_to_choose(officer: FlaskClient) -> None:
    page = officer.get("/tablets/pair").text
    for counter in shipped_places().counter:
        assert f'value="{counter.full_id}"' in page


@pytest.mark.sqlite_is_enough
@pytest.mark.browser
def test_the_qr_of_the_page_is_read_by_a_camera(
    new_context: NewContext, address: str, officer: FlaskClient, client: FlaskClient, now: datetime
) -> None:
    page = new_context(device_scale_factor=2).new_page()
    sign_in(page, address, "officer-all", PASSWORD)
    page.goto(f"{address}/tablets")
    page.get_by_role("link", name="Ghép máy mới").click()
    page.get_by_label("Quầy").select_option(f"{OWN}/quay-2")
    page.get_by_role("button", name="Tạo mã ghép").click()
    picture = page.locator(".qr").screenshot()
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    code = page.locator("#code").inner_text()
    assert read.text.endswith(f"/kiosk/#{code}")
    assert Tablet(client, lambda: now).pair(code).status_code == 200


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_fits_and_axe_finds_nothing(
    new_context: NewContext,
    address: str,
    officer: FlaskClient,
    engine: Engine,
    now: datetime,
    lang: str,
) -> None:
    page = new_context().new_page()
    sign_in(page, address, "officer-all", PASSWORD)

    def look(path: str, button: int | None = None) -> None:
        page.goto(f"{address}{path}?lang={lang}")
        if button is not None:
            page.locator("main form button").nth(button).click()
            page.locator("h1").wait_for()
        checked(page)

    look("/tablets")  # empty
    look("/tablets/pair")
    look("/tablets/pair", 0)
    one = pair_tablet(engine, now, unsent=4, oldest_s=9000, storage="full", quarantined=1)
    out = pair_tablet(engine, now, ago=timedelta(days=40))
    revoke_kiosk(engine, out.device.id, now.date())
    look("/tablets")
    look(f"/tablets/{one.device.id}")
    look(f"/tablets/{one.device.id}", 0)  # another PIN
    look(f"/tablets/{one.device.id}", 1)  # out of use?
    look(f"/tablets/{out.device.id}")
    look(f"/tablets/{out.device.id}", 0)  # hand over?
    page.goto(f"{address}/tablets?lang={lang}")
    fine = answered(now.date())
    for content in (b"{}", one.exported(fine), one.exported(fine, None, {**fine, "scores": {}})):
        page.goto(f"{address}/tablets?lang={lang}")
        name = f"hailong-kiosk-{'x' * 60}.json"
        sent = {"name": name, "mimeType": "application/json", "buffer": content}
        page.locator("#file").set_input_files(sent)
        page.locator("main form button").last.click()
        page.locator("h1").wait_for()
        checked(page)
