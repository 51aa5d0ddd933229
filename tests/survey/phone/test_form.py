"""The phone form by touch, at 360 x 640: what a person meets from the scan to the thanks."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from survey.store import tables

pytestmark = pytest.mark.browser

EVERYTHING = {
    "overall": 5,
    "access": "na",
    "procedures": 4,
    "civil_servants": 3,
    "results": 2,
    "feedback": 1,
}


def test_answering_by_touch_stores_one_row(phone, new_rows, served):
    phone.open()
    phone.choose(**EVERYTHING)
    phone.write("Ghế ngồi chờ còn ít")
    phone.send()
    phone.thanked()
    (row,) = new_rows()
    assert row["scores"] == "5-4321"
    assert (row["sector"], row["channel"]) == ("land", "poster")
    with served.database() as connection:
        written = connection.execute(
            select(tables.comment.c.text).where(tables.comment.c.id == row["response_id"])
        ).scalar_one()
    assert written == "Ghế ngồi chờ còn ít"


def test_one_touch_and_send_is_a_whole_answer(phone, new_rows):
    phone.open()
    phone.choose(overall=4)
    phone.send()
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["4-----"]


def test_the_overall_question_stands_alone_above_the_fold(phone):
    phone.open()
    row = phone.row("overall", 5).bounding_box()
    assert row["y"] + row["height"] < 460, "browsers take the rest for their own bars"
    assert phone.page.get_by_text("Không ghi tên, số điện thoại hay mã hồ sơ").is_visible()


@pytest.mark.parametrize("across", [0.02, 0.5, 0.98])
def test_the_whole_row_is_the_target(phone, across):
    phone.open()
    box = phone.row("overall", 3).bounding_box()
    for up in (0.06, 0.94):
        phone.page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + up * box["height"])
        assert phone.chosen() == [("overall", "3")]
        phone.choose(overall=5)


def test_the_answer_chosen_is_filled_and_ticked_and_nothing_moves(phone):
    phone.open(query="?lang=en")
    row = phone.row("overall", 3).locator("span")
    look = """row => [getComputedStyle(row).backgroundColor,
      getComputedStyle(row, "::after").content, row.getBoundingClientRect().height]"""
    plain = row.evaluate(look)
    phone.choose(overall=3)
    chosen = row.evaluate(look)
    assert chosen[0] != plain[0]
    assert (plain[1], chosen[1]) == ("none", '""')
    assert chosen[2] == plain[2]


def test_the_sector_is_asked_second_where_the_counter_serves_several(phone, new_rows):
    phone.open("quay-3")
    first, sector = phone.page.locator("fieldset[data-required]").all()
    assert sector.locator("label").all_inner_texts()[0].split("\n") == [
        "Hộ tịch",
        "khai sinh, kết hôn, khai tử",
    ]
    assert "hài lòng ở mức nào" in first.locator("legend").inner_text()
    assert "về việc gì" in sector.locator("legend").inner_text()
    phone.choose(overall=5)
    phone.send()
    assert (
        sector.get_by_role("alert").inner_text()
        == "Xin chọn việc Ông/Bà vừa làm, hoặc chọn Không rõ."
    )
    phone.choose(sector="civil-status")
    assert sector.get_by_role("alert").count() == 0
    assert phone.folded("sector").inner_text().split("\n")[1] == "Hộ tịch"
    phone.send()
    phone.thanked()
    assert [row["sector"] for row in new_rows()] == ["civil-status"]


def test_send_stays_in_view_from_the_first_answer_on(phone, new_rows):
    phone.open()
    assert phone.button.bounding_box()["y"] > 640
    assert phone.page.locator(".count").inner_text() == ""
    row = phone.row("overall", 4).bounding_box()
    phone.page.touchscreen.tap(row["x"] + 60, row["y"] + 20)
    assert phone.page.locator(".count").inner_text() == "1/6 câu"
    for way in ("0", "document.body.scrollHeight / 3"):
        phone.page.evaluate(f"scrollTo(0, {way})")
        box = phone.button.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 640
    phone.page.evaluate("scrollTo(0, 0)")
    box = phone.button.bounding_box()
    phone.page.touchscreen.tap(box["x"] + 60, box["y"] + 20)
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["4-----"]


@pytest.mark.parametrize("overall", [1, 5])
def test_all_answered_there_are_two_and_a_half_screens_until_send(phone, overall):
    phone.open()
    phone.choose(**EVERYTHING | {"overall": overall, "results": 3, "feedback": 3})
    phone.folded("feedback").wait_for()  # the last one folds a moment after the touch
    end = phone.page.evaluate(
        """() => { const bar = document.querySelector(".bar"); bar.style.position = "static";
          return bar.getBoundingClientRect().bottom + scrollY; }"""
    )
    assert end <= 2.5 * 640


def test_an_answered_question_folds_to_a_line_that_opens_again(phone, new_rows):
    phone.open()
    phone.choose(overall=5, access=4)
    line = phone.folded("access")
    assert line.inner_text().split("\n") == [
        "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị",
        "Hài lòng",
    ]
    assert phone.row("access", 4).is_hidden()
    assert line.get_attribute("aria-expanded") == "false"
    assert 48 <= line.bounding_box()["height"] < 90
    line.tap()
    assert line.count() == 0
    assert phone.option("access", 4).evaluate("input => input === document.activeElement")
    phone.choose(access=2)
    assert "Không hài lòng" in phone.folded("access").inner_text()
    assert phone.row("overall", 5).is_visible(), "the overall question stays as it is"
    phone.send()
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["52----"]


def test_the_second_half_of_a_double_tap_does_not_answer_what_came_to_its_place(phone):
    phone.open()
    phone.choose(overall=5)
    row = phone.row("access", 3)
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    for _ in range(2):
        phone.page.touchscreen.tap(box["x"] + 60, box["y"] + 20)
    phone.folded("access").wait_for()
    assert phone.chosen() == [("overall", "5"), ("access", "3")]


def test_an_optional_answer_can_be_taken_back(phone, new_rows):
    phone.open()
    phone.choose(overall=5, access=1)
    phone.choose(access="")
    assert phone.page.locator(".count").inner_text() == "1/6 câu"
    assert phone.page.locator("#access_which").is_hidden()
    phone.send()
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["5-----"]


def test_the_reasons_open_right_below_the_low_answer_and_are_told(phone):
    phone.open()
    phone.choose(overall=1)
    line, reasons = phone.folded("overall").bounding_box(), phone.page.locator("#went_wrong")
    assert "Rất không hài lòng" in phone.folded("overall").inner_text()
    box = reasons.bounding_box()
    assert 0 <= box["y"] - line["y"] - line["height"] < 24
    assert box["y"] + 150 < 560, "the first of them are above the bar"
    chips = [chip.bounding_box()["height"] for chip in reasons.locator("label").all()]
    assert min(chips) >= 48
    assert phone.page.locator("[aria-live]").inner_text() == (
        "Có thêm một câu hỏi ngay bên dưới: Vì sao Ông/Bà chưa hài lòng? (chọn một hoặc nhiều)"
    )
    assert not reasons.evaluate("one => one.contains(document.activeElement)")


def test_a_low_answer_to_several_things_asks_which_of_them(phone, new_rows, served):
    phone.open()
    phone.choose(overall=4, procedures=2)
    phone.choose(procedures_which="time")
    phone.send()
    phone.thanked()
    (row,) = new_rows()
    with served.database() as connection:
        table = tables.choice.c
        query = select(table.question, table.option).where(table.response_id == row["response_id"])
        assert connection.execute(query).all() == [("procedures_which", "time")]


def test_what_is_left_of_the_comment_is_told_near_its_end(phone):
    phone.open()
    left = phone.page.locator("#comment + .note")
    phone.write("a" * 899)
    assert left.inner_text() == ""
    phone.write("a" * 950)
    assert left.inner_text() == "Số ký tự còn lại: 50"
    assert phone.page.locator("[aria-live]").inner_text() == "Số ký tự còn lại: 50"


def test_22_criteria_stand_in_five_numbered_sections(phone):
    phone.open("khao-sat")
    sections = phone.page.get_by_role("heading", level=3).all_inner_texts()
    assert [section[:2] for section in sections] == ["1.", "2.", "3.", "4.", "5."]
    assert sections[1] == "2. Thủ tục hành chính"
    assert phone.page.locator("#c07 legend").inner_text().startswith("Câu 7/22 ")
    (heading,) = phone.page.get_by_role("heading", level=2).all_inner_texts()
    assert heading.startswith("Đánh giá thêm (không bắt buộc, 90 giây)")


def test_nothing_leaves_the_phone_before_send_is_pressed(phone, new_rows):
    asked = []
    phone.open()
    phone.page.on("request", lambda request: asked.append(request.url))
    phone.choose(overall=1, went_wrong="waiting", access=2)
    phone.write("Chờ lâu")
    phone.page.evaluate("scrollTo(0, 9999)")
    phone.page.goto("about:blank")
    assert [url for url in asked if url != "about:blank"] == []
    assert new_rows() == []


def test_what_went_wrong_is_asked_only_after_a_low_answer(phone, new_rows, served):
    phone.open()
    question = phone.page.locator("#went_wrong")
    assert question.is_hidden()
    phone.choose(overall=2)
    assert question.is_visible()
    phone.choose(went_wrong="waiting")
    phone.choose(went_wrong="attitude")
    phone.choose(overall=3)
    assert question.is_hidden()
    phone.choose(overall=1)
    phone.send()
    phone.thanked()
    (row,) = new_rows()
    with served.database() as connection:
        picked = connection.execute(
            select(tables.choice.c.option).where(tables.choice.c.response_id == row["response_id"])
        ).scalars()
        assert sorted(picked) == ["attitude", "waiting"]


def test_a_missing_answer_is_told_beside_its_question_and_brought_into_view(phone, new_rows):
    phone.open()
    phone.choose(access=4)
    phone.send()
    question = phone.page.locator("#overall")
    alert = question.get_by_role("alert")
    assert alert.inner_text() == "Xin chọn một mức cho câu này."
    assert question.locator("legend").bounding_box()["y"] >= 0
    assert alert.bounding_box()["y"] < 200
    assert phone.option("overall", 1).evaluate("input => input === document.activeElement")
    assert question.get_attribute("aria-describedby") == alert.get_attribute("id")
    assert phone.sent == []
    phone.choose(overall=4)
    assert alert.count() == 0
    phone.send()
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["44----"]


def test_pressing_send_again_and_again_does_not_pile_up_messages(phone):
    phone.open("quay-3")
    for _ in range(3):
        phone.send()
    assert phone.page.get_by_role("alert").count() == 2


def test_a_form_open_for_too_long_comes_again_with_its_answers(phone, new_rows):
    phone.open()
    phone.page.locator("[name=token]").evaluate("field => { field.value = 'old' }")
    phone.choose(overall=5, access="na")
    phone.write("Vẫn còn đây")
    phone.send()
    phone.page.get_by_text("Trang này mở đã lâu").wait_for()
    assert phone.page.title().startswith("Ý kiến chưa được gửi")
    assert phone.chosen() == [("overall", "5"), ("access", "na")]
    assert phone.page.locator("textarea").input_value() == "Vẫn còn đây"
    assert new_rows() == []
    phone.send()
    phone.thanked()
    assert len(new_rows()) == 1


def test_a_comment_too_long_is_told_in_a_summary_that_leads_to_the_box(phone, new_rows):
    phone.open()
    phone.choose(overall=5)
    phone.page.locator("textarea").evaluate("box => box.removeAttribute('maxlength')")
    phone.write("dài " * 400)
    phone.send()
    summary = phone.page.get_by_role("alert").filter(has_text="Ý kiến chưa được gửi")
    summary.wait_for()
    assert summary.evaluate("box => box === document.activeElement")
    summary.get_by_role("link").tap()
    box = phone.page.locator("textarea")
    assert 0 <= box.bounding_box()["y"] < 640
    assert "Góp ý dài" in phone.page.locator("#comment-error").inner_text()
    box.fill("ngắn")
    phone.send()
    phone.thanked()
    assert len(new_rows()) == 1


def test_switching_the_language_keeps_the_answers(phone, new_rows):
    phone.open()
    phone.choose(overall=2, went_wrong="waiting", results=3)
    phone.write("Phải chờ")
    phone.page.get_by_role("button", name="English").tap()
    phone.page.get_by_role("button", name="How satisfied are you with how this").wait_for()
    assert phone.chosen() == [("overall", "2"), ("went_wrong", "waiting"), ("results", "3")]
    assert phone.page.locator("#went_wrong").is_visible()
    assert phone.page.locator("textarea").input_value() == "Phải chờ"
    phone.page.get_by_role("button", name="Send", exact=True).tap()
    phone.heading("Thank you. Your answer has been recorded.")
    assert len(new_rows()) == 1


def test_the_count_grows_with_the_questions_answered(phone):
    phone.open()
    count = phone.page.locator(".count")
    phone.choose(overall=5, access=4, results=4)
    assert count.inner_text() == "3/6 câu"
    phone.choose(overall=1)
    assert count.inner_text() == "3/6 câu"


@pytest.mark.parametrize("counter", ["quay-1", "quay-3", "cong-chinh", "khao-sat"])
def test_no_form_and_no_thanks_page_complains_in_the_console(phone, counter):
    told = []
    phone.page.on("console", lambda line: told.append(line.text))
    phone.page.on("pageerror", lambda error: told.append(str(error)))
    phone.open(counter)
    phone.choose(overall=5)
    if counter == "quay-3":
        phone.choose(sector="residence")
    phone.send()
    phone.thanked()
    assert told == []


# A touch on Send that comes as soon as an answered question has folded, aimed so long after (ms).
TOUCH_SEND = """after => document.addEventListener("focusin", ({ target }) => {
  if (target.className !== "fold") return;
  const touch = new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 });
  Object.defineProperty(touch, "timeStamp", { value: performance.now() + after });
  window.taken = document.querySelector("button.send").dispatchEvent(touch);
})"""


@pytest.mark.parametrize(
    ("last", "after", "taken"),
    [
        pytest.param("feedback", -400, False, id="aimed before Send moved"),
        pytest.param("feedback", 100, False, id="too soon to have seen it"),
        pytest.param("feedback", 300, True, id="seen"),
        pytest.param("access", -400, True, id="Send stayed in its place"),
    ],
)
def test_a_touch_aimed_before_send_moved_does_not_send(phone, last, after, taken):
    phone.open()
    phone.choose(overall=5)
    phone.row(last, 3).scroll_into_view_if_needed()
    if last == "feedback":
        phone.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    phone.page.evaluate(TOUCH_SEND, after)
    phone.row(last, 3).tap()
    phone.page.wait_for_function("() => 'taken' in window")
    assert phone.page.evaluate("window.taken") is taken
    if not taken:
        assert phone.sent == []
        phone.send()
    phone.thanked()
