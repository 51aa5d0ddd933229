"""Staff at the tablet: pairing it, the PIN, the status, the export; all but pairing offline."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta

import pytest

from tests.kiosk.memory import CODES, PIN, SECTORS

pytestmark = pytest.mark.browser

DOOR = "**/kiosk/responses"


def five_taps(tablet) -> None:
    for _ in range(5):
        tablet.page.touchscreen.tap(20, 20)
        tablet.pass_time(0.2)
    tablet.pass_time(0.5)


def type_pin(tablet, pin=PIN) -> None:
    """By the keyboard; the tablet reckons for a moment, by a clock of its own."""
    for digit in pin:
        tablet.page.keyboard.press(digit)
        tablet.pass_time(0.05)
    tablet.until(
        "document.body.dataset.screen === 'staff'"
        " || document.querySelector('.news')?.textContent !== ''"
    )
    tablet.pass_time(0.5)


def enter(tablet) -> None:
    five_taps(tablet)
    type_pin(tablet)
    tablet.wait_for("staff")


def off_line(tablet) -> None:
    tablet.page.route("**/kiosk/*", lambda route: route.abort())


def facts(tablet) -> dict[str, str]:
    rows = tablet.page.locator(".facts > div").all()
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows}


# --- Pairing ----------------------------------------------------------------------------------


def at_the_enrol_screen(tablet) -> None:
    tablet.page.goto(f"{tablet.address}/")
    tablet.wait_for("enrol")
    tablet.pass_time(0.5)


def type_code(tablet, code) -> None:
    tablet.page.get_by_label("Mã ghép máy").fill(code)
    tablet.tap("Ghép máy")


def test_a_typed_code_pairs_the_tablet_with_its_counter(tablet, office):
    office.offer("agency", "mnpqrstu")
    at_the_enrol_screen(tablet)
    type_code(tablet, "MNPQ-RSTU")
    tablet.wait_for("start")
    (device,) = office.devices.values()
    assert device.counter == "agency"
    (secret,) = tablet.secrets
    assert hashlib.sha256(secret.encode()).hexdigest() == device.secret_hash
    assert len(secret) == 43


def test_a_code_that_is_no_good_says_what_to_do(tablet, office):
    at_the_enrol_screen(tablet)
    type_code(tablet, "zzzz-zzzz")
    tablet.page.get_by_text("Xin lấy mã mới").wait_for()
    assert tablet.page.get_by_label("Mã ghép máy").input_value() == "zzzz-zzzz"
    assert office.devices == {}


def test_too_many_tries_are_told_how_long_to_wait(tablet, office):
    at_the_enrol_screen(tablet)
    office.wait = 40
    type_code(tablet, "zzzz-zzzz")
    tablet.page.get_by_text("Xin đợi 40 giây").wait_for()


def test_a_tablet_that_does_not_reach_the_server_tries_again_by_itself(tablet, office):
    tablet.page.route("**/kiosk/enrol", lambda route: route.abort())
    tablet.page.goto(f"{tablet.address}/#{CODES['one']}")
    tablet.page.get_by_text("Máy tự thử lại").wait_for()
    tablet.page.unroute("**/kiosk/enrol")
    tablet.pass_time(6)
    tablet.wait_for("start")


def test_a_lost_reply_is_no_lost_tablet(tablet, office):
    """The code is used up by then: the same secret is sent again and is known."""
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    office.offer("one", "mnpqrstu")
    tablet.page.route("**/kiosk/enrol", lose_the_first)
    tablet.page.goto(f"{tablet.address}/#mnpqrstu")
    tablet.page.get_by_text("Máy tự thử lại").wait_for()
    tablet.page.reload()  # and it is switched off in between
    tablet.wait_for("start")
    assert (lost, len(office.devices)) == ([200], 1)


def test_a_code_in_the_address_of_a_paired_tablet_pairs_it_once(tablet, office):
    tablet.open("one")
    tablet.page.reload()
    tablet.wait_for("start")
    tablet.pass_time(10)
    assert len(office.devices) == 1


def test_a_tablet_paired_anew_sends_the_old_answers_under_its_old_secret(tablet, office, ledger):
    seen = []

    def note(route):
        seen.append(route.request.headers["authorization"])
        route.continue_()

    tablet.open("one")
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.pass_time(5)
    enter(tablet)
    office.offer("agency", "mnpqrstu")
    tablet.tap("Ghép lại")
    tablet.page.route(DOOR, note)  # in place of the one before, with no moment between them
    type_code(tablet, "mnpq-rstu")
    tablet.wait_for("start")
    tablet.sent()
    old, new = tablet.secrets
    assert seen == [f"Bearer {old}"]
    tablet.pass_time(1)
    tablet.answer()
    tablet.arrive()
    assert seen[-1] == f"Bearer {new}"
    assert [one.questionnaire.key for one in ledger.stored.values()] == [
        "desk@1",
        "agency-service@1",
    ]


def test_at_an_address_without_encryption_the_tablet_says_so_and_refuses(tablet, address, office):
    plain = address.replace("127.0.0.1", "office.test")
    tablet.page.goto(f"{plain}/#{CODES['one']}")
    tablet.wait_for("insecure")
    said = tablet.page.locator("main").inner_text()
    assert "https://" in said
    assert "không mở được khi mất mạng" in said
    assert "could not start without network" in said
    assert office.devices == {}


def test_a_browser_that_cleared_its_database_says_that_it_was_paired_and_what_is_lost(tablet):
    tablet.open("one")
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.page.goto("about:blank")
    tablet.page.goto(f"{tablet.address}/static/x/icon.svg")
    tablet.page.evaluate(
        "new Promise((done) => { indexedDB.deleteDatabase('hailong-kiosk').onsuccess = done; })"
    )
    tablet.page.goto(f"{tablet.address}/")
    tablet.wait_for("enrol")
    said = tablet.page.locator(".alert").inner_text()
    assert "đã bị xóa" in said
    assert "Số phiếu chưa gửi lúc đó: 1" in said


def test_a_database_cleared_under_the_open_page_is_written_again_and_told(tablet, ledger, office):
    tablet.open("one")
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.page.evaluate(
        "new Promise((done) => { indexedDB.deleteDatabase('hailong-kiosk').onsuccess = done; })"
    )
    tablet.pass_time(1)
    tablet.page.get_by_text("Cần nhân viên xem").wait_for()
    assert len(tablet.kept()) == 1
    tablet.page.unroute(DOOR)
    tablet.reopen()  # paired, and with its answer
    tablet.sent()
    assert (ledger.receipts, len(office.devices)) == (["stored"], 1)


# --- The PIN ----------------------------------------------------------------------------------


def test_five_taps_in_the_corner_and_the_pin_open_the_status_without_network(tablet):
    tablet.open("one")
    off_line(tablet)
    enter(tablet)
    found = facts(tablet)
    assert found["Phiếu chờ gửi"] == "0"
    assert found["Bộ câu hỏi"] == "desk@1"
    assert found["Quầy"] == "Quầy 3 · Đất đai (one)"


def test_fewer_or_slower_taps_or_taps_elsewhere_open_nothing(tablet):
    tablet.open("one")
    for _ in range(4):
        tablet.page.touchscreen.tap(20, 20)
    tablet.pass_time(4)
    tablet.page.touchscreen.tap(20, 20)
    for _ in range(6):
        tablet.page.touchscreen.tap(20, 300)
    assert tablet.screen == "start"


def test_there_is_a_way_by_the_keyboard(tablet):
    tablet.open("one")
    tablet.page.keyboard.press("Control+Alt+k")
    tablet.pass_time(0.5)
    assert tablet.screen == "pin"
    tablet.press("Escape")
    assert tablet.screen == "start"


def test_the_pad_takes_taps_and_can_be_corrected(tablet):
    tablet.open("one")
    five_taps(tablet)
    tablet.tap("2", "4", "9", "Xóa", "6", "8", "1")
    tablet.button("0").tap()
    tablet.wait_for("staff")


def test_a_citizen_who_is_answering_is_not_disturbed(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    five_taps(tablet)
    assert tablet.screen == "form"


def test_the_pin_is_neither_on_the_screen_nor_kept(tablet):
    tablet.open("one")
    five_taps(tablet)
    for digit in "24681":
        tablet.page.keyboard.press(digit)
    tablet.pass_time(0.5)
    assert "24681" not in tablet.page.content()
    assert tablet.page.locator("main [role=status]").first.inner_text() == "Đã nhập 5 trên 6 số"
    assert "24681" not in json.dumps(tablet.kept("kept"))


def test_after_five_wrong_pins_there_is_a_pause_that_doubles_and_survives_a_reload(tablet):
    tablet.open("one")
    five_taps(tablet)
    for _ in range(4):
        type_pin(tablet, "111111")
        assert tablet.page.get_by_text("Mã PIN không đúng").is_visible()
    type_pin(tablet, "111111")
    assert pause(tablet) in range(57, 61)
    tablet.reopen()
    five_taps(tablet)
    assert pause(tablet) > 30
    type_pin(tablet)  # the right one is not taken either
    assert tablet.screen == "pin"
    tablet.pass_time(70)
    type_pin(tablet, "111111")
    assert pause(tablet) in range(115, 121)
    tablet.pass_time(119)
    tablet.press("Escape")
    tablet.pass_time(5)
    enter(tablet)


def pause(tablet) -> int:
    said = tablet.page.locator(".news").inner_text()
    (seconds,) = re.findall(r"Xin đợi (\d+) giây", said)
    return int(seconds)


def test_a_calendar_that_is_set_back_makes_no_longer_pause(tablet, office):
    tablet.open("one")
    five_taps(tablet)
    for _ in range(5):
        type_pin(tablet, "111111")
    tablet.page.clock.set_system_time(office.now() - timedelta(days=40))
    tablet.pass_time(1)
    assert pause(tablet) <= 60
    tablet.pass_time(65)
    enter(tablet)


def test_a_screen_that_staff_leave_open_closes_by_itself(tablet):
    tablet.open("one")
    enter(tablet)
    tablet.pass_time(125)
    assert tablet.screen == "start"


# --- The status -------------------------------------------------------------------------------


def test_the_status_shows_what_waits_what_was_put_aside_and_why(tablet, office):
    def refuse(route):
        results = [
            {
                "response_id": sent["response_id"],
                "receipt": "refused",
                "problems": [{"place": "sector", "code": "unknown"}],
            }
            for sent in route.request.post_data_json["responses"]
        ]
        route.fulfill(status=200, json={"server_time": 1.0, "results": results})

    tablet.open("one")
    tablet.page.route(DOOR, refuse)
    tablet.answer()
    tablet.sent()
    tablet.page.unroute(DOOR)
    off_line(tablet)
    tablet.pass_time(5)
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.pass_time(3)
    enter(tablet)
    found = facts(tablet)
    assert (found["Phiếu chờ gửi"], found["Phiếu đã gửi"], found["Phiếu để riêng"]) == (
        "1",
        "0",
        "1",
    )
    (device,) = office.devices.values()
    assert found["Mã máy"] == device.id
    aside = tablet.page.locator(".aside").inner_text()
    assert "Không nhận · sector: unknown" in aside
    alerts = tablet.page.locator(".alert").inner_text()
    assert "1 phiếu máy chủ không nhận" in alerts


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1024, 600), (800, 1280)])
def test_what_became_of_a_deed_stands_on_its_button(tablet, width, height):
    tablet.page.set_viewport_size({"width": width, "height": height})
    tablet.open("one")
    enter(tablet)
    off_line(tablet)
    tablet.tap("Gửi ngay")
    said = "Chưa nối được với máy chủ"
    button = tablet.page.locator(".deeds button", has_text="Gửi ngay")
    button.get_by_text(said).wait_for()
    assert tablet.page.get_by_role("status").filter(has_text=said).count() == 1  # read out once
    assert tablet.button("Gửi ngay").count() == 1  # its name for a screen reader stays


def test_send_now_sends_now(tablet, ledger):
    tablet.open("one")
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.answer()
    tablet.wait_for("thanks")
    tablet.pass_time(5)
    enter(tablet)
    assert facts(tablet)["Phiếu chờ gửi"] == "1"
    tablet.page.unroute(DOOR)
    tablet.tap("Gửi ngay")
    tablet.sent()
    tablet.until("document.querySelector('.facts dd').textContent === '0'")
    assert facts(tablet)["Phiếu đã gửi"] == "1"
    assert len(ledger.stored) == 1


@pytest.mark.parametrize(
    ("shift", "said"), [(timedelta(days=40), "chậm 40 ngày"), (timedelta(hours=-3), "nhanh 3 giờ")]
)
def test_a_clock_that_is_wrong_is_shown_with_its_difference(tablet, office, shift, said):
    office.shift += shift
    tablet.open("one")
    enter(tablet)
    assert said in facts(tablet)["Đồng hồ máy"]
    warned = tablet.page.get_by_text("Đồng hồ máy lệch hơn một ngày").count()
    assert warned == (1 if shift > timedelta(days=1) else 0)


def test_a_revoked_tablet_still_opens_for_staff(tablet, office):
    tablet.open("one")
    (secret,) = tablet.secrets
    office.revoke(secret)
    tablet.heartbeat()
    tablet.wait_for("closed")
    tablet.pass_time(1)
    enter(tablet)
    assert tablet.page.get_by_text("xin báo người quản trị để cho máy gửi nốt").is_visible()


def test_without_a_disk_the_status_says_what_that_means(diskless):
    diskless.open("one")
    diskless.page.route(DOOR, lambda route: route.abort())
    diskless.answer()
    diskless.pass_time(9)
    diskless.tap("Về màn hình đầu")
    five_taps(diskless)
    type_pin(diskless)
    diskless.wait_for("staff")
    alerts = diskless.page.locator(".alert").inner_text()
    assert "1 phiếu chỉ nằm trong trang đang mở" in alerts
    assert "chế độ riêng tư" in alerts


def test_the_status_can_be_printed_in_black_on_white_without_its_buttons(tablet):
    tablet.open("one")
    enter(tablet)
    tablet.page.evaluate("window.print = () => { window.printed = true; }")
    tablet.tap("In tình trạng")
    assert tablet.page.evaluate("window.printed") is True
    tablet.page.emulate_media(media="print", color_scheme="dark")
    assert tablet.page.locator(".facts").is_visible()
    assert not tablet.button("Gửi ngay").is_visible()
    ink = tablet.page.locator(".facts dd").first.evaluate("(dd) => getComputedStyle(dd).color")
    assert ink == "rgb(0, 0, 0)"


def test_leaving_kiosk_mode_stays_left_until_somebody_comes_back(tablet):
    tablet.open("one")
    enter(tablet)
    tablet.tap("Rời chế độ hỏi ý kiến")
    tablet.pass_time(600)
    assert tablet.screen == "left"
    tablet.tap("Trở lại hỏi ý kiến")
    assert tablet.screen == "start"


# --- The export -------------------------------------------------------------------------------


def export(tablet):
    with tablet.page.expect_download() as download:
        tablet.tap("Xuất ra tệp")
    return download.value


def test_the_export_holds_every_unsent_answer_signed_and_dated(tablet, office, tmp_path):
    tablet.open("four")
    off_line(tablet)
    tablet.tap("Bắt đầu", "Hộ tịch", *["Hài lòng"] * 6, "Gửi ý kiến")
    tablet.wait_for("thanks")
    tablet.page.clock.fast_forward(3 * 86_400 * 1000)
    tablet.pass_time(5)
    enter(tablet)
    file = export(tablet)
    (device,) = office.devices.values()
    assert file.suggested_filename == f"hailong-kiosk-{device.id}-2026-10-08.json"
    file.save_as(tmp_path / "export.json")
    document = json.loads((tmp_path / "export.json").read_text(encoding="utf-8"))
    assert (document["format"], document["device"]) == ("hailong.kiosk-export/1", device.id)
    (part,) = document["parts"]
    key = bytes.fromhex(device.secret_hash)
    seal = hmac.new(key, part["payload"].encode(), hashlib.sha256).hexdigest()
    assert (part["device"], part["signature"]) == (device.id, seal)
    payload = json.loads(part["payload"])
    (record,) = payload["responses"]
    assert record["answered_on"] == "2026-10-05"
    assert (record["counter"], record["sector"]) == ("four", SECTORS[3][0])
    assert record["clock_doubtful"] is False
    assert "age_s" not in record
    assert abs(payload["offset_s"]) < 60
    assert len(tablet.kept()) == 1  # exported is not sent


def test_the_server_takes_the_export_as_it_is(tablet, office, tmp_path):
    from kiosk.batch import read_export, reader

    tablet.open("one")
    off_line(tablet)
    tablet.answer(comment="Ghế chờ ít “gãy” 😀")
    tablet.wait_for("thanks")
    tablet.pass_time(5)
    enter(tablet)
    export(tablet).save_as(tmp_path / "export.json")
    by_id = {device.id: device for device in office.devices.values()}
    text = (tmp_path / "export.json").read_text(encoding="utf-8")
    (part,) = read_export(text, by_id.get)
    read = reader(part, office.now().date())
    (response,) = [read(record, office.find_questionnaire) for record in part.records]
    assert response.answers.comment == "Ghế chờ ít “gãy” 😀"
    assert response.answered_on(office.now()) == office.now().date()


def test_there_is_nothing_to_export_where_everything_was_sent(tablet):
    tablet.open("one")
    enter(tablet)
    assert tablet.button("Xuất ra tệp").is_disabled()


def test_the_last_contact_is_a_day_as_offices_write_it(tablet):
    tablet.open("one")
    enter(tablet)
    assert re.fullmatch(r"\d\d:\d\d \d\d/\d\d", facts(tablet)["Liên lạc lần cuối"])
