"""The form for people who use keys, a screen reader, large letters, or strong contrast."""

from __future__ import annotations

from itertools import combinations

import pytest

pytestmark = pytest.mark.browser

LEVELS = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]

# Every piece of text and every drawing with the ratio between it and what lies behind it, by the
# formula of WCAG 2.2 (relative luminance). Colours are those that the browser computed.
CONTRASTS = """() => {
  const channel = (value) => { const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => { const [r, g, b] = parts(colour).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (element) => { for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parts(colour)[3] !== 0) return colour; }
    return getComputedStyle(document.body).backgroundColor; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05); };
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const texts = [...document.body.querySelectorAll("*")].filter((element) => seen(element)
    && !element.closest("svg, script")
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const drawings = [...document.querySelectorAll("svg[class]")].filter(seen);
  return {
    texts: texts.map((element) => [element.textContent.trim().slice(0, 40),
      ratio(getComputedStyle(element).color, behind(element))]),
    drawings: drawings.map((element) => [element.getAttribute("class"),
      ratio(getComputedStyle(element).stroke, behind(element))]),
    edges: [...document.querySelectorAll(".o span, textarea")].filter(seen).map((element) =>
      [element.textContent.trim().slice(0, 40),
        ratio(getComputedStyle(element).borderTopColor, behind(element.parentElement))]),
  };
}"""


def focused(phone):
    """Name and value of what has the focus, or its text."""
    return phone.page.evaluate(
        """() => { const at = document.activeElement;
          return at.name ? `${at.name}=${at.type === "textarea" ? "" : at.value}`
                         : at.textContent.trim(); }"""
    )


def tab_to(phone, start):
    """Press Tab until what has the focus begins so, on a form that has fewer fields than tries."""
    for _ in range(40):
        if focused(phone).startswith(start):
            return
        phone.page.keyboard.press("Tab")
    raise AssertionError(f"no tab leads to {start}")


def test_the_form_is_completed_with_keys_alone(phone, new_rows):
    phone.open("quay-3")
    press = phone.page.keyboard.press
    way = ["English"]
    press("Tab")
    assert focused(phone) == "English"
    press("Tab")
    press("Space")  # overall: 1
    press("Tab")
    way.append(focused(phone))
    press("Space")  # what went wrong: the first
    press("Tab")
    press("Space")  # and the second
    tab_to(phone, "sector=")
    press("Space")  # the first sector
    press("ArrowDown")  # the second
    for _ in ("access", "procedures", "civil_servants", "results", "feedback"):
        press("Tab")
        way.append(focused(phone))
        press("Space")
        for _ in range(3):
            press("ArrowDown")
    tab_to(phone, "comment=")
    phone.page.keyboard.type("Góp ý")
    press("Tab")
    assert focused(phone) == "Gửi ý kiến"
    press("Enter")
    phone.thanked()
    assert way == [
        "English",
        "went_wrong=waiting",
        *(f"{q}=1" for q in ("access", "procedures", "civil_servants", "results", "feedback")),
    ]
    (row,) = new_rows()
    assert (row["sector"], row["scores"]) == ("certification", "144444")


def test_an_optional_answer_is_taken_back_with_keys(phone, new_rows):
    phone.open()
    phone.option("overall", 4).press("Space")
    phone.option("access", 1).press("Space")
    phone.page.keyboard.press("ArrowUp")  # round the corner: no answer
    assert focused(phone) == "access="
    phone.page.keyboard.press("Enter")
    phone.thanked()
    assert [row["scores"] for row in new_rows()] == ["4-----"]


def test_keys_fold_nothing_as_they_walk_through_the_levels(phone):
    phone.open()
    phone.option("access", 1).press("Space")
    for level in (2, 3):
        phone.page.keyboard.press("ArrowDown")
        assert focused(phone) == f"access={level}"
    assert phone.folded("access").count() == 0


@pytest.mark.parametrize("counter", ["quay-1", "quay-3"])
def test_what_must_be_answered_is_heard_to_be_required(plain_phone, counter):
    plain_phone.open(counter)
    required = plain_phone.page.locator("input[required]").evaluate_all(
        "inputs => [...new Set(inputs.map((input) => input.name))]"
    )
    assert required == ["overall", "sector"][: 1 if counter == "quay-1" else 2]


def test_whatever_has_the_focus_shows_it(phone):
    """A ring of 3 px, 2 px away, in a colour that stands out from the page."""
    phone.open("quay-3")
    phone.choose(overall=1)
    phone.page.reload()
    rings, names = [], []
    while len(names) < 40:
        phone.page.keyboard.press("Tab")
        if phone.page.evaluate("document.activeElement === document.body"):
            break
        names.append(focused(phone))
        rings.append(
            phone.page.evaluate(
                """() => { const at = document.activeElement;
              const shown = at.matches(".o input") ? at.nextElementSibling : at;
              const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
              return [style.outlineStyle, style.outlineWidth, style.outlineColor,
                box.top >= 0 && box.bottom <= innerHeight]; }"""
            )
        )
    assert len(names) == 21  # language, draft, 6 questions, 10 reasons, sector, comment, send
    assert set(map(tuple, rings)) == {("solid", "3px", "rgb(11, 61, 145)", True)}


@pytest.mark.parametrize("counter", ["quay-3", "khao-sat"])
def test_targets_are_48_px_high_and_8_px_apart(phone, counter):
    phone.open(counter)
    phone.choose(overall=1)
    phone.page.locator(".draft").evaluate("note => { note.hidden = false }")
    boxes = phone.page.locator("label.o, a, button, textarea").evaluate_all(
        """all => all.filter((one) => one.checkVisibility() && !one.matches(".bar *"))
          .map((one) => { const { left, right, top, bottom } = one.getBoundingClientRect();
            return [left, right, top, bottom]; })"""
    )
    assert len(boxes) > 40
    assert min(bottom - top for _, _, top, bottom in boxes) >= 48
    apart = [
        max(b[0] - a[1], a[0] - b[1], b[2] - a[3], a[2] - b[3]) for a, b in combinations(boxes, 2)
    ]
    assert min(apart) >= 7.9  # parts of pixels
    bar = phone.page.locator(".bar").bounding_box()
    button = phone.button.bounding_box()
    assert button["height"] >= 48
    assert button["y"] - bar["y"] >= 8


def test_links_in_the_summary_of_problems_are_large_enough(plain_phone):
    plain_phone.open("quay-3")
    plain_phone.send()
    links = plain_phone.page.get_by_role("alert").get_by_role("link")
    links.first.wait_for()
    assert links.count() == 2
    assert all(link.bounding_box()["height"] >= 48 for link in links.all())


def test_a_screen_reader_hears_each_question_with_words_for_each_level(phone):
    phone.open("quay-3")
    heard = phone.page.locator("main").aria_snapshot()
    assert '- heading "Ý kiến của Ông/Bà về lần giải quyết thủ tục" [level=1]' in heard
    assert '- group "Ông/Bà vừa làm thủ tục về việc gì?":' in heard
    assert '- radio "Hộ tịch khai sinh, kết hôn, khai tử"' in heard
    questions = {
        "Ông/Bà hài lòng ở mức nào với lần làm thủ tục này?": LEVELS,
        "Nơi đón tiếp, chỗ ngồi chờ và trang thiết bị": [*LEVELS, "Không đến tận nơi"],
        "Thủ tục, giấy tờ phải nộp và thời hạn giải quyết": LEVELS,
        "Thái độ và sự hướng dẫn của công chức": LEVELS,
        "Kết quả nhận được: đúng và đủ": [*LEVELS, "Chưa nhận kết quả"],
        "Cách cơ quan tiếp nhận và trả lời góp ý của người dân": [*LEVELS, "Không có góp ý"],
    }
    for question, levels in questions.items():
        group = phone.page.get_by_role("group", name=question, exact=True)
        radios = group.get_by_role("radio")
        assert radios.count() == len(levels)
        for place, level in enumerate(levels):
            named = group.get_by_role("radio", name=level, exact=True)
            assert named.get_attribute("value") == radios.nth(place).get_attribute("value")
    assert phone.page.get_by_role("textbox", name="Góp ý thêm.").count() == 1
    assert phone.page.get_by_role("img").count() == 0  # the faces add nothing to the words


def test_a_screen_reader_hears_what_is_wrong_with_the_question(plain_phone):
    plain_phone.open()
    plain_phone.send()
    question = plain_phone.page.get_by_role("group", name="Ông/Bà hài lòng ở mức nào với lần")
    question.wait_for()
    words = plain_phone.page.locator(f"#{question.get_attribute('aria-describedby')}")
    assert words.inner_text() == "Xin chọn một mức cho câu này."


@pytest.mark.parametrize("query", ["", "?lang=en"])
@pytest.mark.parametrize("counter", ["quay-1", "khao-sat"])
@pytest.mark.parametrize(("width", "letters"), [(320, 16), (360, 32), (320, 32), (800, 16)])
def test_large_letters_and_small_screens_need_no_sideways_scrolling(
    new_phone, query, counter, width, letters
):
    phone = new_phone(viewport={"width": width, "height": 640})
    session = phone.context.new_cdp_session(phone.page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": letters, "fixed": letters}})
    phone.open(counter, query)
    phone.choose(overall=1)
    assert phone.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == (
        letters * 1.125
    )
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= width
    cut = phone.page.locator("body *:not(.unseen, progress, svg *, option)").evaluate_all(
        """all => all.filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
             && getComputedStyle(one).display !== "inline").map((one) => one.outerHTML)"""
    )
    assert cut == []


def test_the_whole_scale_fits_the_screen_at_200_percent(new_phone):
    phone = new_phone()
    session = phone.context.new_cdp_session(phone.page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 32}})
    phone.open()
    first, last = phone.row("overall", 1).bounding_box(), phone.row("overall", 5).bounding_box()
    assert last["y"] + last["height"] - first["y"] <= 640
    words = phone.page.locator("#overall label span").evaluate_all(
        """rows => rows.map((row) => { const range = document.createRange();
          range.selectNodeContents(row.lastChild);
          return [range.getBoundingClientRect().right, row.getBoundingClientRect().right]; })"""
    )
    assert all(text <= row for text, row in words)


def test_forced_colours_tell_what_is_chosen(new_phone):
    phone = new_phone(forced_colors="active")
    phone.open()
    look = "row => { const s = getComputedStyle(row); return [s.outlineStyle, s.outlineWidth]; }"
    row = phone.row("overall", 4).locator("span")
    assert row.evaluate(look)[0] == "none"
    phone.choose(overall=4)
    phone.page.evaluate("document.activeElement.blur()")
    assert row.evaluate(look) == ["solid", "3px"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_high_in_light_and_dark(new_phone, scheme):
    phone = new_phone(color_scheme=scheme)
    phone.open("quay-3")
    levels = {"access": 1, "procedures": 2, "civil_servants": 3, "results": 4, "feedback": 5}
    for question, level in ({"overall": 1} | levels).items():
        phone.option(question, level).press("Space")  # open, as keys leave it
    phone.choose(went_wrong="waiting")
    phone.send()
    found = phone.page.evaluate(CONTRASTS)
    assert len(found["texts"]) > 60
    assert len(found["drawings"]) == 30
    for _ in range(2):
        assert min(ratio for _, ratio in found["texts"]) >= 7
        assert min([ratio for _, ratio in found["drawings"]], default=21) >= 3
        assert min(ratio for _, ratio in found["edges"]) >= 3
        phone.page.reload()  # folded, as touch leaves it
        assert phone.page.locator(".fold").count() == 6
        found = phone.page.evaluate(CONTRASTS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_after_sending_have_high_contrast_too(new_phone, scheme):
    phone = new_phone(color_scheme=scheme)
    for path in ("/thanks", "x"):
        phone.page.goto(phone.office.address("quay-1") + path)
        found = phone.page.evaluate(CONTRASTS)
        assert min(ratio for _, ratio in found["texts"]) >= 7
        assert min(ratio for _, ratio in found["drawings"]) >= 3


def test_nothing_moves_by_itself(new_phone):
    phone = new_phone(reduced_motion="reduce")
    phone.open()
    phone.choose(overall=1)
    phone.send()
    phone.thanked()
    phone.page.go_back()
    phone.page.get_by_text("Đã gửi lúc nãy").wait_for()
    moving = phone.page.evaluate(
        """() => document.getAnimations().length + [...document.querySelectorAll("*")].filter(
          (one) => { const style = getComputedStyle(one);
            return parseFloat(style.transitionDuration) || style.animationName !== "none"
              || style.scrollBehavior === "smooth"; }).length"""
    )
    assert moving == 0


def test_the_page_can_be_enlarged_with_two_fingers(phone):
    phone.open()
    allowed = phone.page.locator("meta[name=viewport]").get_attribute("content")
    assert "user-scalable" not in allowed
    assert "maximum-scale" not in allowed
