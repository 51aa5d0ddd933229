"""A citizen at the tablet, in real Chromium, by touch and by keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytestmark = pytest.mark.browser


def pressed(tablet) -> list[str]:
    return tablet.page.locator('[aria-pressed="true"]').all_inner_texts()


@pytest.mark.parametrize("size", [(1280, 800), (800, 1280), (1024, 600)], ids=str)
def test_what_a_citizen_taps_is_what_is_stored_once(tablet, ledger, size):
    tablet.page.set_viewport_size({"width": size[0], "height": size[1]})
    tablet.open("four")
    tablet.tap("Bắt đầu", "Xây dựng", "Không hài lòng", "Không áp dụng", "Rất hài lòng")
    tablet.tap("Bỏ qua", "Bình thường", "Rất không hài lòng")
    tablet.tap("Phải chờ lâu", "Hướng dẫn không rõ", "Tiếp theo", "Viết góp ý")
    tablet.page.get_by_role("textbox").fill("Ghế chờ ít.")
    tablet.tap("Gửi ý kiến")
    tablet.arrive()
    assert tablet.question == "Cảm ơn Ông/Bà. Ý kiến đã được ghi nhận."
    stored = ledger.only
    assert (stored.questionnaire.key, stored.sector) == ("desk@1", "construction")
    assert stored.answers.scores == {
        "overall": 2,
        "access": None,
        "procedures": 5,
        "civil_servants": None,
        "results": 3,
        "feedback": 1,
    }
    assert stored.answers.choices == {"went_wrong": ("waiting", "unclear_guidance")}
    assert stored.answers.comment == "Ghế chờ ít."


def test_a_satisfied_citizen_is_done_in_eight_taps(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Rất hài lòng"] * 6, "Gửi ý kiến")
    tablet.arrive()
    assert set(ledger.only.answers.scores.values()) == {5}


def test_the_sector_is_asked_only_where_there_are_several(tablet):
    tablet.open("four")
    tablet.tap("Bắt đầu")
    assert tablet.question == "Ông/Bà vừa làm thủ tục về việc gì?"
    tablet.open("one")
    tablet.tap("Bắt đầu")
    assert tablet.question == "Ông/Bà có hài lòng với lần giải quyết thủ tục này không?"


def test_a_counter_that_asks_about_the_agency_in_general_sends_no_sector(tablet, ledger):
    tablet.open("agency")
    tablet.answer()
    tablet.arrive()
    assert ledger.only.sector is None
    assert ledger.only.questionnaire.key == "agency-service@1"


def test_the_long_questionnaire_is_asked_to_its_end(tablet, ledger):
    tablet.open("sipas")
    tablet.answer("Hài lòng")
    tablet.arrive()
    assert set(ledger.only.answers.scores.values()) == {4}
    assert len(ledger.only.answers.scores) == 23


def test_the_overall_question_cannot_be_skipped_and_the_next_can(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    assert tablet.button("Bỏ qua").count() == 0
    tablet.press("Enter")  # nor by the keyboard
    assert tablet.question.startswith("Ông/Bà có hài lòng")
    tablet.tap("Hài lòng")
    assert tablet.button("Bỏ qua").is_visible()


def test_not_applicable_is_offered_only_where_it_is_allowed(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    assert tablet.button("Không áp dụng").count() == 0
    tablet.tap("Hài lòng")
    assert tablet.button("Không áp dụng").is_visible()


def test_going_back_shows_the_answer_and_a_changed_mind_counts(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", "Rất không hài lòng", "Bình thường", "Quay lại", "Quay lại")
    assert pressed(tablet) == ["Rất không hài lòng"]
    tablet.tap("Rất hài lòng")
    assert pressed(tablet) == ["Bình thường"]
    tablet.tap("Tiếp theo", "Bỏ qua", "Bỏ qua", "Bỏ qua", "Bỏ qua")
    assert tablet.button("Gửi ý kiến").is_visible()  # not asked what went wrong
    tablet.tap("Gửi ý kiến")
    tablet.arrive()
    scores = ledger.only.answers.scores
    assert (scores["overall"], scores["access"]) == (5, 3)


def test_going_back_from_the_first_question_ends_at_the_start(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu", "Quay lại")
    assert tablet.screen == "start"


def test_there_is_no_box_to_write_in_unless_it_is_chosen(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6)
    box = tablet.page.get_by_role("textbox")
    assert box.count() == 0
    tablet.tap("Viết góp ý")
    assert box.evaluate("(area) => area === document.activeElement")
    assert box.get_attribute("autocomplete") == "off"


def test_a_comment_cannot_grow_beyond_its_bound(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6, "Viết góp ý")
    tablet.page.get_by_role("textbox").fill("á" * 999)
    tablet.page.keyboard.insert_text("xyz")
    assert tablet.page.get_by_text("Số ký tự còn lại: 0").is_visible()
    tablet.tap("Gửi ý kiến")
    tablet.arrive()
    assert ledger.only.answers.comment == "á" * 999 + "x"


def test_a_form_without_a_single_score_is_not_sent(tablet, stations, ledger):
    desk = stations["one"].questionnaire
    without_overall = desk.model_copy(update={"items": desk.items[1:], "choices": ()})
    stations["one"] = replace(stations["one"], questionnaire=without_overall)
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Bỏ qua"] * 5, "Gửi ý kiến")
    assert tablet.question == "Xin trả lời ít nhất một câu rồi gửi."
    tablet.tap("Trả lời")
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    tablet.tap(*["Bỏ qua"] * 5, "Gửi ý kiến", "Kết thúc, không gửi")
    assert (tablet.screen, ledger.stored) == ("start", {})


def test_a_double_tap_answers_one_question(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    place = tablet.button("Hài lòng").bounding_box()
    middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    tablet.page.touchscreen.tap(*middle)
    tablet.page.touchscreen.tap(*middle)
    tablet.pass_time(0.25)  # the next question has just come up under the finger
    tablet.page.touchscreen.tap(*middle)
    tablet.pass_time(0.7)
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    assert pressed(tablet) == []


TOUCH = """([name, moment]) => {
  const buttons = [...document.querySelectorAll('button')];
  const place = buttons.find((one) => one.innerText.includes(name));
  const touch = new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 });
  Object.defineProperty(touch, 'timeStamp', { value: moment });
  (place ?? document.body).dispatchEvent(touch);
}"""
"""A touch of a moment that the tablet hands on only now, as a slow one does when it has drawn."""


def test_a_touch_aimed_before_the_next_question_came_does_not_answer_it(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    before = tablet.page.evaluate("performance.now()")
    tablet.tap("Hài lòng")
    tablet.page.evaluate(TOUCH, ["Hài lòng", before])
    tablet.pass_time(0.7)
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    assert pressed(tablet) == []
    tablet.page.evaluate(TOUCH, ["Hài lòng", tablet.page.evaluate("performance.now()")])
    tablet.pass_time(0.7)
    assert tablet.question == "Thủ tục, giấy tờ phải nộp và thời hạn giải quyết"


def test_a_touch_aimed_before_the_thanks_came_does_not_close_them(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6)
    before = tablet.page.evaluate("performance.now()")
    tablet.tap("Gửi ý kiến")
    tablet.arrive()
    tablet.page.evaluate(TOUCH, ["", before])
    assert tablet.screen == "thanks"
    tablet.pass_time(0.7)
    tablet.page.evaluate(TOUCH, ["nowhere", tablet.page.evaluate("performance.now()")])
    tablet.wait_for("start")


def test_words_changed_before_a_screen_is_seen_leave_it_open_to_taps(tablet):
    tablet.open("one")
    tablet.button("Bắt đầu").tap()
    tablet.page.clock.run_for(20)
    tablet.page.evaluate(
        "[...document.querySelectorAll('button')]"
        ".find((one) => one.innerText === 'English').click()"
    )
    tablet.pass_time(0.7)
    tablet.tap("Satisfied")
    assert tablet.question == "Reception area, seating and equipment"


def test_a_double_tap_on_skip_skips_one_question(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu", "Hài lòng")
    tablet.button("Bỏ qua").dblclick()
    tablet.pass_time(0.7)
    assert tablet.question == "Thủ tục, giấy tờ phải nộp và thời hạn giải quyết"


def test_a_double_tap_on_send_sends_once(tablet, ledger):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6)
    tablet.button("Gửi ý kiến").dblclick()
    tablet.pass_time(0.05)  # the tap's own picture stands
    tablet.arrive()
    assert ledger.receipts == ["stored"]


def test_a_tap_is_answered_on_the_screen_at_once(tablet):
    """The picked tile is filled and ticked before any time has passed."""
    tablet.open("one")
    tablet.tap("Bắt đầu")
    before = tablet.button("Hài lòng").evaluate("(tile) => getComputedStyle(tile).backgroundColor")
    tile = tablet.page.locator(".tile.step-4")
    tile.tap()
    assert tile.get_attribute("aria-pressed") == "true"
    assert tile.evaluate("(tile) => getComputedStyle(tile).backgroundColor") != before
    assert tile.locator(".tick").is_visible()


def test_the_first_tap_hides_the_bars_of_the_browser(tablet):
    tablet.open("one")
    assert tablet.page.evaluate("document.fullscreenElement") is None
    tablet.tap("Bắt đầu")
    tablet.pass_time(1)
    tablet.page.locator(":fullscreen").first.wait_for()


def test_the_whole_form_by_keyboard(tablet, ledger):
    tablet.open("four")
    tablet.press("Enter", "4", "2", "0", "5", "4", "3")  # start, sector, overall, n/a, scores
    tablet.press("Enter", "1", "5", "Enter")  # skip; two things that went wrong; on
    tablet.press("Enter")  # no comment: send
    tablet.arrive()
    assert ledger.only.sector == "civil-status"
    assert list(ledger.only.answers.scores.values()) == [2, None, 5, 4, 3, None]
    assert ledger.only.answers.choices == {"went_wrong": ("waiting", "unclear_guidance")}


def test_a_switch_that_only_moves_on_and_presses_is_enough(tablet, ledger):
    tablet.open("one")
    tablet.press("Tab", "Enter")  # from the heading, which has the focus, to the button
    for _ in range(6):
        tablet.press("Tab", "Enter")  # the first tile
    tablet.press("Tab", "Enter", *["Tab"] * 11, "Enter")  # one thing, past the others and back, on
    tablet.press("Tab", "Tab", "Enter")
    tablet.arrive()
    assert set(ledger.only.answers.scores.values()) == {1}
    assert ledger.only.answers.choices == {"went_wrong": ("waiting",)}


def test_arrows_move_between_the_answers(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    tablet.press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown")
    focused = tablet.page.evaluate("document.activeElement.innerText")
    assert focused == "Không hài lòng"


def test_a_key_held_down_answers_one_question(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    for _ in range(4):
        tablet.page.keyboard.down("4")  # the second and later ones are repeats
        tablet.pass_time(0.7)
    tablet.page.keyboard.up("4")
    assert tablet.question == "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị"
    assert pressed(tablet) == []


def test_digits_in_a_comment_are_letters_and_escape_leaves_it_kept(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6, "Viết góp ý")
    tablet.press("3", " ", "1", "Enter", "x")
    assert tablet.page.get_by_role("textbox").input_value() == "3 1\nx"
    tablet.press("Escape")
    assert "góp ý, phản ánh" in tablet.question
    tablet.tap("Tiếp theo")
    assert tablet.page.get_by_role("textbox").input_value() == "3 1\nx"


def test_each_new_question_takes_the_focus_and_says_how_far_one_is(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    for number, score in enumerate(["Hài lòng"] * 6, start=1):
        assert tablet.page.evaluate("document.activeElement.id") == "question"
        status = tablet.page.locator("body > [role=status]").inner_text()
        assert status == f"Câu {number} trên 7"
        tablet.tap(score)


def test_the_language_changes_everything_at_once_and_keeps_place_and_answer(tablet):
    tablet.open("four")
    tablet.tap("Bắt đầu", "Đất đai", "Hài lòng", "Quay lại", "English")
    page = tablet.page
    assert tablet.question == "Were you satisfied with how this procedure was handled?"
    assert pressed(tablet) == ["Satisfied"]
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Counter 3" in page.locator("header").inner_text()
    assert page.evaluate("document.activeElement.innerText") == "Tiếng Việt"
    vietnamese = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
    shown = page.locator("main, footer").all_inner_texts()
    assert not vietnamese & set("".join(shown).lower())


def test_larger_text_is_larger_and_on_every_screen(tablet):
    tablet.open("one")

    def size() -> float:
        return float(
            tablet.page.locator("h1").evaluate("(h) => parseFloat(getComputedStyle(h).fontSize)")
        )

    tablet.tap("Bắt đầu")
    before = size()
    tablet.tap("Chữ to hơn", "Hài lòng")
    assert size() > before * 1.15
    assert "Chữ to hơn" in pressed(tablet)


def test_a_demonstration_says_that_its_data_are_simulated(tablet):
    tablet.open("four")
    assert tablet.page.get_by_text("DỮ LIỆU MÔ PHỎNG").is_visible()
    tablet.tap("Bắt đầu")
    assert tablet.page.get_by_text("DỮ LIỆU MÔ PHỎNG").is_visible()
    tablet.open("one")
    assert not tablet.page.get_by_text("DỮ LIỆU MÔ PHỎNG").is_visible()


def test_without_scripts_the_page_sends_people_to_the_qr_code(new_context, address):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/")
    said = page.locator("noscript p").all()
    assert [sentence.is_visible() for sentence in said] == [True, True]
    assert "Xin Ông/Bà dùng mã QR trên quầy" in said[0].inner_text()
    assert [sentence.is_visible() for sentence in page.locator(".opening").all()] == [False, False]
