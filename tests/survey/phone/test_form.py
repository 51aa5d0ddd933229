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
    assert (row["sector"], row["channel"], row["flag"]) == ("land", "poster", "")
    with served.database() as connection:
        written = connection.execute(
            select(tables.comment.c.text).where(tables.comment.c.response_id == row["response_id"])
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


def test_the_sector_is_asked_first_where_the_counter_serves_several(phone, new_rows):
    phone.open("quay-3")
    first = phone.page.locator("fieldset").first
    assert "lĩnh vực nào" in first.locator("legend").inner_text()
    phone.choose(overall=5)
    phone.send()
    assert first.get_by_role("alert").inner_text() == "Xin chọn lĩnh vực của thủ tục."
    phone.choose(sector="civil-status")
    phone.send()
    phone.thanked()
    assert [row["sector"] for row in new_rows()] == ["civil-status"]


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
    phone.page.get_by_role("link", name="English").tap()
    phone.page.get_by_text("Were you satisfied with how this procedure was handled?").wait_for()
    assert phone.chosen() == [("overall", "2"), ("results", "3"), ("went_wrong", "waiting")]
    assert phone.page.locator("#went_wrong").is_visible()
    assert phone.page.locator("textarea").input_value() == "Phải chờ"
    phone.page.get_by_role("button", name="Send", exact=True).tap()
    phone.heading("Thank you. Your answer has been recorded.")
    assert len(new_rows()) == 1


def test_progress_grows_with_the_questions_answered(phone):
    phone.open()
    bar = phone.page.get_by_role("progressbar", name="Phần đã trả lời")
    assert float(bar.get_attribute("value")) == 0
    phone.choose(overall=5, access=4, results=4)
    assert float(bar.get_attribute("value")) == 0.5
    phone.choose(overall=1)
    assert float(bar.get_attribute("value")) == 0.5


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
