"""Between two citizens: nobody there any more, and nothing left of the last person."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytestmark = pytest.mark.browser

SECRET = "Ghế chờ ở đây gãy chân"

REMAINS = """async () => {
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
  for (const {name} of await indexedDB.databases()) {
    const db = await new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const table of db.objectStoreNames) {
      const rows = db.transaction(table).objectStore(table).getAll();
      await new Promise((resolve) => { rows.onsuccess = resolve; });
      found.push(`${table}: ${JSON.stringify(rows.result)}`);
    }
    db.close();
  }
  return found;
}"""


def leave_half_way(tablet) -> None:
    """A dissatisfied citizen writes a comment in English and large letters, and walks away."""
    tablet.open("four")
    tablet.tap("Bắt đầu", "Đầu tư", *["Không hài lòng"] * 6, "Phải chờ lâu", "Tiếp theo")
    tablet.tap("Viết góp ý", "Chữ to hơn", "English")
    tablet.page.get_by_role("textbox").fill(SECRET)


def nothing_remains(tablet) -> bool:
    """No word and no answer of the person is anywhere on the tablet."""
    places = tablet.page.evaluate(REMAINS)
    assert any(place.startswith("kept: ") for place in places)  # it was looked into
    assert "outbox: []" in places
    return not any(SECRET in place or "response_id" in place for place in places)


def still_here(tablet) -> bool:
    return tablet.page.locator("dialog[open]").count() == 1


def test_nobody_is_asked_before_twenty_seconds_and_everybody_after(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    tablet.pass_time(18)
    assert not still_here(tablet)
    tablet.pass_time(2)
    assert still_here(tablet)
    dialog = tablet.page.get_by_role("dialog", name="Ông/Bà còn ở đây không?")
    assert dialog.is_visible()
    assert dialog.get_by_text("Câu trả lời chưa gửi sẽ được xóa").is_visible()
    assert tablet.page.evaluate("document.activeElement.innerText") == "Tiếp tục"


def writing(tablet) -> None:
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6, "Viết góp ý")


def reading(tablet) -> None:
    tablet.open("one")
    tablet.tap("Bắt đầu")


@pytest.mark.parametrize(("doing", "idle", "warning"), [(reading, 20, 10), (writing, 45, 20)])
def test_the_warning_counts_its_seconds_and_lasts_longer_for_who_types(
    tablet, doing, idle, warning
):
    doing(tablet)
    tablet.pass_time(idle - 2)
    assert not still_here(tablet)
    tablet.pass_time(2)
    counted = []
    for _ in range(30):
        if still_here(tablet):
            counted.append(int(tablet.page.locator(".ring text").text_content()))
            tablet.pass_time(1)
    assert warning - 1 <= len(counted) <= warning + 1
    assert counted == sorted(counted, reverse=True)
    assert (counted[-1], tablet.screen) == (1, "start")


def test_ten_and_five_seconds_are_said_aloud_and_not_every_second(tablet):
    writing(tablet)
    tablet.pass_time(45)
    said = []
    for _ in range(18):
        said.append(tablet.page.locator("dialog [role=status]").inner_text())
        tablet.pass_time(1)
    aloud = [text for text in dict.fromkeys(said) if text]
    assert [text.split()[-2] for text in aloud] == ["10", "5"]


@pytest.mark.parametrize("sign", ["button", "elsewhere", "key", "Escape", "Enter", "Space"])
def test_any_touch_or_key_goes_on_where_one_was_and_does_nothing_else(tablet, sign):
    tablet.open("one")
    tablet.tap("Bắt đầu", "Hài lòng")
    tablet.press("ArrowRight")  # the focus is on a tile, for Enter and Space to miss
    tablet.pass_time(22)
    before = tablet.question
    if sign == "button":
        tablet.button("Tiếp tục").tap()
    elif sign == "elsewhere":
        tablet.page.touchscreen.tap(150, 400)  # over a tile
    else:
        tablet.page.keyboard.press("5" if sign == "key" else sign)
    tablet.pass_time(1)
    assert not still_here(tablet)
    assert tablet.question == before
    assert tablet.page.locator('main [aria-pressed="true"]').count() == 0
    tablet.pass_time(18)
    assert not still_here(tablet)  # counted from that touch


def test_the_clock_runs_from_the_last_touch_and_not_from_the_start(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    for _ in range(6):
        tablet.pass_time(18)
        tablet.tap("Hài lòng")
    tablet.tap("Viết góp ý")
    for letter in "chậm mà chắc":
        tablet.pass_time(40)
        tablet.page.keyboard.insert_text(letter)
    tablet.tap("Gửi ý kiến")
    tablet.arrive()
    assert ledger.only.answers.comment == "chậm mà chắc"


def test_after_nobody_answered_nothing_of_the_person_is_left(tablet, ledger):
    leave_half_way(tablet)
    entries = tablet.page.evaluate("history.length")
    tablet.pass_time(66)
    assert tablet.screen == "start"
    assert SECRET not in tablet.page.content()
    assert tablet.page.locator("html").get_attribute("lang") == "vi"
    assert tablet.page.locator("html.large").count() == 0
    assert nothing_remains(tablet)
    assert tablet.page.evaluate("history.length") == entries
    assert ledger.receipts == []
    tablet.tap("Bắt đầu", "Đầu tư")
    assert tablet.page.locator('main [aria-pressed="true"]').count() == 0


def test_after_sending_nothing_of_the_person_is_left(tablet):
    tablet.open("one")
    entries = tablet.page.evaluate("history.length")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6)
    tablet.tap("Viết góp ý", "English")
    tablet.page.get_by_role("textbox").fill(SECRET)
    tablet.tap("Send")
    tablet.arrive()
    assert SECRET not in tablet.page.content()
    tablet.pass_time(4.5)
    assert tablet.screen == "start"
    assert tablet.page.locator("html").get_attribute("lang") == "vi"
    assert nothing_remains(tablet)
    assert tablet.page.evaluate("history.length") == entries


@pytest.fixture
def keeping(stations) -> None:
    """The questionnaire of the four sectors says that half-finished forms count."""
    desk = stations["four"].questionnaire.model_copy(update={"kiosk_partial": "keep"})
    stations["four"] = replace(stations["four"], questionnaire=desk)


def test_a_half_finished_form_is_kept_where_the_questionnaire_says_so(tablet, ledger, keeping):
    leave_half_way(tablet)
    tablet.pass_time(50)
    assert tablet.page.get_by_role("dialog").get_by_text("you have answered will be sent").count()
    tablet.pass_time(16)
    assert tablet.screen == "start"
    tablet.sent()
    assert ledger.only.answers.scores["overall"] == 2
    assert ledger.only.answers.comment is None  # it was never sent by its writer
    assert nothing_remains(tablet)


def test_a_form_that_lacks_what_must_be_answered_is_dropped_all_the_same(tablet, ledger, keeping):
    tablet.open("four")
    tablet.tap("Bắt đầu", "Đầu tư")
    tablet.pass_time(22)
    assert tablet.page.get_by_role("dialog").get_by_text("sẽ được xóa khỏi máy").count()
    tablet.pass_time(10)
    assert (tablet.screen, ledger.receipts, tablet.kept()) == ("start", [], [])


def test_somebody_who_goes_back_to_the_start_has_sent_nothing(tablet, ledger, keeping):
    tablet.open("four")
    tablet.tap("Bắt đầu", "Đầu tư", "Hài lòng", "Quay lại", "Quay lại", "Quay lại")
    tablet.pass_time(70)
    assert (tablet.screen, ledger.receipts, tablet.kept()) == ("start", [], [])


def test_thanks_stay_four_seconds(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6)
    tablet.button("Gửi ý kiến").tap()
    tablet.pass_time(0.05)  # the tap's own picture stands
    tablet.arrive()
    tablet.pass_time(3.9)
    assert tablet.screen == "thanks"
    tablet.pass_time(0.2)
    assert tablet.screen == "start"


def test_two_citizens_have_two_ids(tablet, ledger):
    tablet.open("one")
    for _ in range(2):
        tablet.answer()
        tablet.arrive()
        tablet.pass_time(5)
    assert ledger.receipts == ["stored", "stored"]
    assert len(ledger.stored) == 2


def test_the_back_button_brings_nothing_back(tablet):
    leave_half_way(tablet)
    tablet.page.go_back()
    tablet.page.go_forward()
    tablet.wait_for("start")
    assert SECRET not in tablet.page.content()


def test_a_page_that_is_put_aside_forgets_at_once(tablet):
    leave_half_way(tablet)
    tablet.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert tablet.screen == "start"
    assert SECRET not in tablet.page.content()


HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


@pytest.mark.parametrize(("minutes", "screen"), [(10, "start"), (0.5, "form"), (-60, "start")])
def test_a_tablet_that_slept_wakes_up_for_the_next_citizen(tablet, minutes, screen):
    leave_half_way(tablet)
    tablet.page.evaluate(HIDE, True)
    awake = tablet.page.evaluate("Date.now()") / 1000 + minutes * 60
    tablet.page.clock.set_system_time(awake)  # the calendar moves on, no timer has run
    tablet.page.evaluate(HIDE, False)
    assert tablet.screen == screen


def test_language_and_size_left_on_the_start_screen_go_back_by_themselves(tablet):
    tablet.open("one")
    tablet.tap("English", "Larger text")
    tablet.pass_time(46)
    assert not still_here(tablet)
    assert tablet.button("Bắt đầu").is_visible()
    assert tablet.page.locator("html.large").count() == 0


def test_a_screen_reader_on_the_start_screen_is_left_in_peace(tablet):
    tablet.open("one")
    tablet.page.evaluate("window.same = document.querySelector('h1')")
    tablet.pass_time(200)
    assert tablet.page.evaluate("window.same.isConnected")


def test_a_pinch_zoom_cannot_be_left_to_the_next_citizen(tablet):
    """The page takes scrolling and taps only, no swipe that leaves it; larger text is reset."""
    tablet.open("one")
    assert tablet.page.evaluate("getComputedStyle(document.body).touchAction") == "pan-y"


def test_the_browser_neither_loads_the_page_again_by_a_pull_nor_offers_to_translate_it(tablet):
    """What a browser takes from the window's own element; tried by hand in docs/kiosk."""
    tablet.open("one")
    root = "document.documentElement"
    assert tablet.page.evaluate(f"getComputedStyle({root}).overscrollBehaviorY") == "none"
    tablet.button("English").tap()
    assert tablet.page.evaluate(f"{root}.translate") is False


def test_a_fault_of_the_app_costs_one_form_and_not_the_tablet(tablet, ledger):
    leave_half_way(tablet)
    tablet.page.evaluate("queueMicrotask(() => { throw new Error('planted') })")
    tablet.wait_for("start")
    assert [fault for fault in tablet.faults if "planted" not in fault] == []
    tablet.faults.clear()
    tablet.open("one")
    tablet.answer()
    tablet.arrive()
    assert ledger.receipts == ["stored"]


VOICES = """(languages) => {
  const said = [];
  window.said = said;
  const voices = languages.map((lang) => ({lang, localService: true, name: lang}));
  class Utterance { constructor(text) { this.text = text; } }
  window.SpeechSynthesisUtterance = Utterance;
  Object.defineProperty(window, 'speechSynthesis', {value: {
    getVoices: () => voices, addEventListener: () => {},
    speak: (part) => { said.push([part.lang, part.text]); window.last = part; },
    cancel: () => { said.push('hush'); window.last?.onend?.(); },
  }});
}"""


def test_the_question_is_read_aloud_where_the_device_has_the_voice(tablet):
    tablet.page.add_init_script(f"({VOICES})(['vi-VN'])")
    tablet.open("one")
    tablet.tap("Bắt đầu")
    aloud = tablet.page.get_by_role("button", name="Đọc to câu hỏi")
    aloud.tap()
    said = tablet.page.evaluate("window.said.filter((part) => part !== 'hush')")
    assert said[0] == ["vi-VN", "Ông/Bà có hài lòng với lần giải quyết thủ tục này không?"]
    assert [text for _, text in said[1:]] == [
        "Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng",
    ]  # fmt: skip
    assert aloud.get_attribute("aria-pressed") == "true"
    tablet.tap("English")
    assert aloud.count() == 0  # there is no English voice


def test_speech_stops_with_the_screen(tablet):
    tablet.page.add_init_script(f"({VOICES})(['vi-VN', 'en-US'])")
    tablet.open("one")
    tablet.tap("Bắt đầu", "Đọc to câu hỏi", "Hài lòng")
    assert tablet.page.evaluate("window.said.slice(-1)[0]") == "hush"
    aloud = tablet.page.get_by_role("button", name="Đọc to câu hỏi")
    assert aloud.get_attribute("aria-pressed") == "false"


def test_reading_aloud_is_not_offered_without_a_voice(tablet):
    tablet.page.add_init_script(f"({VOICES})(['fr-FR'])")
    tablet.open("one")
    assert tablet.page.locator(".aloud").is_hidden()
