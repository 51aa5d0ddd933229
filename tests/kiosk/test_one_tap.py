"""Where one tap is a whole answer: kept at once, more is welcome, nobody else's to see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Route

from questionnaires import Text
from tests.kiosk.conftest import KEPT
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

QUESTION = "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?"
DONE = "Xong"
MORE = "Trả lời thêm (20 giây)"
ANEW = "Người mới? Làm lại từ đầu"


def scores(response) -> dict[str, int]:
    """What was answered of one person's questions."""
    return {item: score for item, score in response.answers.scores.items() if score is not None}


def rate(tablet, level: str) -> None:
    """The first tap of a person; ends on the screen after it."""
    tablet.tap(level)
    tablet.wait_for("form")
    tablet.pass_time(0.5)


def on_disk(tablet, question: str, count: int) -> dict[str, object]:
    """The answers to a question of the one record that is open, once so many are written down."""

    def found() -> dict[str, object]:
        (entry,) = tablet.kept()
        given: dict[str, object] = entry["record"].get(question) or {}
        return given

    wait_until(lambda: len(found()) == count, f"{count} {question} on the disk")
    return found()


def test_one_tap_on_the_start_screen_is_a_whole_answer(tablet, ledger):
    tablet.open("tap")
    assert tablet.question == QUESTION
    rate(tablet, "Hài lòng")
    assert tablet.question == "Đã ghi: Hài lòng"
    assert tablet.button(MORE).is_visible()
    tablet.tap(DONE)
    tablet.arrive()
    assert scores(ledger.only) == {"overall": 4}


def test_thanks_come_by_themselves_and_the_next_person_finds_the_question(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Rất hài lòng")
    tablet.pass_time(6)
    tablet.arrive()
    tablet.pass_time(5)
    assert (tablet.screen, tablet.question) == ("start", QUESTION)
    assert tablet.page.locator('[aria-pressed="true"]').count() == 0
    assert ledger.receipts == ["stored"]


def test_it_is_on_the_disk_before_it_is_called_recorded_and_not_sent_before_it_is_over(
    tablet, ledger
):
    tablet.open("tap")
    rate(tablet, "Bình thường")
    (entry,) = tablet.kept()
    assert entry["record"]["scores"] == {"overall": 3}
    with tablet.page.expect_response("**/heartbeat"):
        tablet.page.evaluate("dispatchEvent(new Event('online'))")  # which sends all that may be
    assert ledger.stored == {}
    assert "Chờ gửi" not in tablet.page.locator("header").inner_text()
    tablet.tap(MORE, "Hài lòng", "Không hài lòng")
    assert list(on_disk(tablet, "scores", 3).values()) == [3, 4, 2]
    tablet.tap(DONE)
    tablet.arrive()
    assert list(scores(ledger.only).values()) == [3, 4, 2]


def test_a_low_rating_is_asked_why_at_once_in_tiles(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Không hài lòng")
    assert tablet.question.startswith("Vì sao Ông/Bà chưa hài lòng?")
    assert tablet.page.locator("main").get_by_text("Đã ghi: Không hài lòng").is_visible()
    tablet.tap("Phải chờ lâu", "Phải nộp thêm giấy tờ", DONE)
    tablet.arrive()
    assert ledger.only.answers.choices["went_wrong"] == ("waiting", "papers_again")


def test_a_counter_of_several_sectors_asks_for_it_second_with_examples(tablet, ledger):
    tablet.open("taps")
    rate(tablet, "Hài lòng")
    assert tablet.page.get_by_text("khai sinh, kết hôn, khai tử").is_visible()
    tablet.page.get_by_role("button", name="Hộ tịch").tap()
    tablet.pass_time(0.7)
    assert tablet.question == "Đã ghi: Hài lòng"
    tablet.tap(DONE)
    tablet.arrive()
    assert ledger.only.sector == "civil-status"


@pytest.mark.parametrize("way", ["Không rõ", DONE])
def test_who_does_not_know_the_sector_or_does_not_say_is_counted_all_the_same(tablet, ledger, way):
    tablet.open("taps")
    rate(tablet, "Hài lòng")
    tablet.tap(way)
    if way != DONE:
        tablet.tap(DONE)
    tablet.arrive()
    assert ledger.only.sector == "unknown"


def test_every_further_screen_has_a_way_to_be_done_and_one_for_a_new_person(tablet):
    tablet.open("taps")
    rate(tablet, "Rất không hài lòng")
    seen = 0
    for _ in range(30):
        assert tablet.button(DONE).is_visible(), tablet.question
        assert tablet.button(ANEW).is_visible(), tablet.question
        seen += 1
        on = tablet.button(MORE).or_(tablet.button("Bỏ qua"))
        if on.count() == 0:
            break
        on.first.tap()
        tablet.pass_time(0.7)
    assert seen >= 8


def test_who_walks_away_is_counted_with_what_was_tapped_and_leaves_nothing_to_see(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Hài lòng")
    tablet.tap(MORE, "Không hài lòng")
    tablet.pass_time(21)
    dialog = tablet.page.get_by_role("dialog")
    assert dialog.get_by_text("Những câu đã trả lời sẽ được gửi đi.").is_visible()
    tablet.pass_time(10)
    assert tablet.question == QUESTION
    tablet.sent()
    assert list(scores(ledger.only).values()) == [4, 2]


def test_a_half_written_comment_goes_with_its_writer(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Hài lòng")
    tablet.tap(MORE, *["Bỏ qua"] * 5, "Viết góp ý")
    tablet.page.get_by_role("textbox").fill("Ghế")
    tablet.pass_time(44)
    assert tablet.page.locator("dialog[open]").count() == 0  # typing takes its time
    tablet.pass_time(22)
    tablet.sent()
    assert ledger.only.answers.comment is None


def test_a_comment_that_is_finished_is_sent(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Hài lòng")
    tablet.tap(MORE, *["Bỏ qua"] * 5, "Viết góp ý")
    tablet.page.get_by_role("textbox").fill("Ghế chờ ít")
    tablet.tap(DONE)
    tablet.arrive()
    assert ledger.only.answers.comment == "Ghế chờ ít"


def test_a_new_person_starts_anew_and_the_one_before_stays_counted(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Rất không hài lòng")
    tablet.tap("Phải chờ lâu", ANEW)
    assert tablet.question == QUESTION
    assert tablet.page.locator('[aria-pressed="true"]').count() == 0
    rate(tablet, "Rất hài lòng")
    tablet.tap(DONE)
    tablet.arrive()
    first, second = ledger.stored.values()
    assert (first.answers.scores["overall"], second.answers.scores["overall"]) == (1, 5)
    assert first.answers.choices["went_wrong"] == ("waiting",)


def test_a_changed_mind_counts(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Rất hài lòng")
    tablet.tap("Quay lại", "Bình thường")
    assert tablet.question == "Đã ghi: Bình thường"
    tablet.tap(DONE)
    tablet.arrive()
    assert ledger.only.answers.scores["overall"] == 3


def test_thanks_can_be_cut_short_by_a_tap_anywhere(tablet):
    tablet.open("tap")
    rate(tablet, "Hài lòng")
    tablet.tap(DONE)
    tablet.wait_for("thanks")
    tablet.pass_time(0.5)
    tablet.page.locator("h1").tap()
    tablet.pass_time(0.5)
    assert tablet.question == QUESTION


def test_a_tablet_that_was_switched_off_in_the_middle_sends_what_was_tapped(tablet, ledger):
    tablet.open("tap")
    rate(tablet, "Không hài lòng")
    tablet.tap("Phải chờ lâu")
    assert on_disk(tablet, "choices", 1) == {"went_wrong": ["waiting"]}
    tablet.reopen()
    tablet.sent()
    assert ledger.receipts == ["stored"]
    assert ledger.only.answers.choices["went_wrong"] == ("waiting",)


def test_what_a_page_without_an_end_held_is_sent_by_the_next_one(tablet, ledger):
    """As after a kill: the record is open on the disk and no page holds it."""
    tablet.open("tap")
    rate(tablet, "Bình thường")
    (held,) = tablet.kept()
    tablet.tap(DONE)
    tablet.arrive()
    left = {
        **held,
        "record": {**held["record"], "response_id": held["record"]["response_id"][:-4] + "abcd"},
    }
    tablet.page.evaluate(PUT, left)
    tablet.reopen()
    tablet.sent()
    assert [scores(one) for one in ledger.stored.values()] == [{"overall": 3}] * 2


PUT = """(entry) => new Promise((resolve) => {
  const opening = indexedDB.open('hailong-kiosk');
  opening.onsuccess = () => {
    const db = opening.result;
    const put = db.transaction('outbox', 'readwrite').objectStore('outbox').put(entry);
    put.onsuccess = () => { db.close(); resolve(); };
  };
})"""


def test_another_tab_leaves_an_answer_open_that_somebody_is_giving(tablet, ledger, address):
    tablet.open("tap")
    rate(tablet, "Bình thường")
    other = tablet.page.context.new_page()
    other.goto(f"{address}/")
    other.locator("body[data-screen=start]").wait_for()
    other.evaluate(f"({KEPT})('outbox')")
    assert ledger.stored == {}
    other.close()
    tablet.tap(MORE, "Hài lòng", DONE)
    tablet.arrive()
    assert list(scores(ledger.only).values()) == [3, 4]


def test_news_in_the_moment_after_the_tap_do_not_ask_the_same_person_again(
    tablet, stations, ledger
):
    tablet.open("tap")
    document: list[Route] = []

    def held_back(route: Route) -> None:
        document.append(route)

    tablet.page.route("**/station.json", held_back)
    stations["tap"] = replace(stations["tap"], office=Text(vi="UBND xã Mới", en="New"))
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.until("true", lambda: bool(document))
    tablet.button("Hài lòng").tap()
    document[0].continue_()
    tablet.until(f"({KEPT})('kept').then((rows) => JSON.stringify(rows).includes('UBND xã Mới'))")
    tablet.pass_time(0.7)
    tablet.wait_for("form")
    assert tablet.question == "Đã ghi: Hài lòng"
    tablet.pass_time(0.5)
    tablet.tap(DONE)
    tablet.arrive()
    assert scores(ledger.only) == {"overall": 4}
    tablet.pass_time(5)
    assert tablet.page.locator(".place strong").inner_text() == "UBND xã Mới"


def test_without_a_disk_nothing_is_called_recorded_before_the_server_has_it(diskless, ledger):
    diskless.open("tap")
    diskless.tap("Hài lòng")
    diskless.wait_for("thanks")
    assert ledger.receipts == ["stored"]


def test_a_mashing_hand_is_marked_and_never_dropped(tablet, ledger):
    tablet.open("tap")
    for _ in range(4):
        rate(tablet, "Rất không hài lòng")
        tablet.tap(ANEW)
        tablet.pass_time(0.5)
    tablet.sent()
    assert [one.haste for one in ledger.stored.values()] == [False, False, True, True]


def test_the_whole_of_it_by_keyboard(tablet, ledger):
    tablet.open("taps")
    tablet.press("2")
    tablet.wait_for("form")
    tablet.pass_time(0.5)
    tablet.press("4", "1", "3", "Enter")  # sector, two reasons, on
    assert tablet.question == "Đã ghi: Không hài lòng"
    tablet.press("Enter")
    tablet.arrive()
    assert ledger.only.sector == "civil-status"
    assert ledger.only.answers.choices["went_wrong"] == ("waiting", "several_visits")


@pytest.mark.parametrize("size", [(1280, 800), (800, 1280), (1024, 600)], ids=str)
def test_nothing_of_it_lies_below_the_fold(tablet, size):
    tablet.page.set_viewport_size({"width": size[0], "height": size[1]})
    tablet.open("taps")
    steps = ["Rất không hài lòng", "Không rõ", "Phải chờ lâu", "Tiếp theo", MORE]
    for step, name in enumerate([*steps, ""]):
        room = tablet.page.locator("main").evaluate("(m) => m.scrollHeight - m.clientHeight")
        wide = tablet.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (room <= 0, wide <= 0) == (True, True), (step, tablet.question, room, wide)
        if step == 0:
            rate(tablet, name)
        elif name:
            tablet.tap(name)
