"""Pages of the desk in real Chromium: they fit, axe finds nothing, and the keyboard is enough."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from survey.intake import Response
from survey.places import shipped_places
from survey.store import tables
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.staff import add_staff
from tests.chromium import NewContext
from tests.clock import NOW, TODAY
from tests.survey.desk.seen import checked, pressed, sign_in
from tests.survey.slips import issue
from tests.survey.two_step import shown

PASSWORD = "bốn từ không dính nhau"
COUNTER = next(one for one in shipped_places().counter if len(one.sectors) > 1)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_is_enough,
    pytest.mark.usefixtures("on_a_thursday"),
]


@pytest.fixture
def desk(new_context: NewContext, address: str, engine):
    """Open a browser that is signed in."""
    add_staff(engine, "lan", PASSWORD, date(2026, 10, 15))

    def opened(lang: str = "vi", **options: object) -> Page:
        page = new_context(base_url=address, **options).new_page()
        sign_in(page, address, "lan", PASSWORD, lang)
        return page

    return opened


def opened(page: Page, path: str, lang: str) -> None:
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    checked(page)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_places_fit_and_axe_finds_nothing(desk, lang):
    page = desk(lang)
    first = shipped_places().counter[0].full_id
    opened(page, f"/places/counter?id={first}", lang)
    pressed(page, page.locator("input[name=act][value=close] ~ button"))
    checked(page)  # what will happen
    pressed(page, page.locator("button[name=sure]"))
    page.locator(".done").wait_for()
    opened(page, "/places", lang)  # with a closed counter
    for path in ("/places/counter", "/places/sector?id=land", "/places/office?id=trieu-son"):
        opened(page, path, lang)
    page.goto(f"/places/sector?lang={lang}")
    page.locator("#vi").fill("Đất đai")
    pressed(page, page.locator("main form button").first)
    checked(page)  # refused
    page.context.clear_cookies()
    pressed(page, page.locator("main form button").first)
    page.locator("#name").fill("lan")
    page.locator("#password").fill(PASSWORD)
    pressed(page, page.locator("main form button"))
    checked(page)  # sent too late, to be sent again


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_files_fit_and_axe_finds_nothing(desk, config, monkeypatch, lang):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    page = desk(lang)
    opened(page, "/files", lang)
    page.locator("#kind").select_option("population_csv")
    pressed(page, page.locator("main form button").first)
    page.locator("main a.button").wait_for()  # the page loads again by itself
    checked(page)
    opened(page, "/files", lang)  # with a file
    for path in ("/files/report", "/files/letterhead", "/files/sentences"):
        opened(page, path, lang)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_page_of_the_server_fits_and_axe_finds_nothing(desk, lang):
    page = desk(lang)
    opened(page, "/server/check", lang)
    opened(page, "/server/key", lang)
    opened(page, "/server", lang)
    page.locator("#backup_days").fill("x")
    pressed(page, page.locator("form[action*=settings] button"))
    checked(page)  # refused


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_targets_fit_and_axe_finds_nothing(desk, lang):
    page = desk(lang)
    for path in ("/targets", "/targets/own", "/targets/target?id=group-2030"):
        opened(page, path, lang)
    page.locator("#threshold").fill("x")
    pressed(page, page.locator("main form button").first)
    checked(page)  # refused
    pressed(page, page.locator("form[action*=drop] button"))
    page.locator("button[name=sure]").wait_for()
    checked(page)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_questionnaires_fit_and_axe_finds_nothing(desk, lang):
    page = desk(lang)
    opened(page, "/questionnaires/copy?key=desk@2", lang)
    pressed(page, page.locator("main form button"))
    page.locator("#tasks").wait_for()
    for part in ("head", "scale", "element:access", "item:access", "choices:access_which"):
        opened(page, f"/questionnaires/part?draft=desk.v3&part={part}", lang)
    opened(page, "/questionnaires/part?draft=desk.v3&part=comment", lang)
    opened(page, "/questionnaires/wordings?key=sipas-22@2", lang)
    opened(page, "/questionnaires/compare?draft=desk.v3", lang)
    opened(page, "/questionnaires/preview/desk.v3", lang)
    opened(page, "/questionnaires/tablet/desk.v3", lang)
    page.goto(f"/questionnaires/part?draft=desk.v3&part=item:access&lang={lang}")
    page.locator("#text_en").fill("")
    pressed(page, page.get_by_role("button", name="Lưu" if lang == "vi" else "Save"))
    pressed(page, page.locator("form[action*=publish] button"))
    page.locator("#problem").wait_for()
    checked(page)  # refused, with the tasks
    pressed(page, page.locator("button[value='drop item:access']"))
    page.locator("button[name=sure]").wait_for()
    checked(page)
    opened(page, "/questionnaires", lang)  # with a draft


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_paper_fit_and_axe_finds_nothing(desk, lang):
    page = desk(lang)
    opened(page, "/paper", lang)
    opened(page, f"/paper/sheet?counter={COUNTER.full_id}&day={TODAY}&twice=1", lang)
    pressed(page, page.locator("main form button"))
    checked(page)  # refused
    opened(page, f"/paper/sheet?counter={COUNTER.full_id}&day=x", lang)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_a_comment_fit_and_axe_finds_nothing(desk, engine, lang):
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2026, 10, 5), "2-----")
    word = "bà Lan " + "nhiệttình" * 20
    add_many(engine, [Response(str(uuid.uuid4()), *sheet, comment=word)])
    page = desk(lang)
    opened(page, "/comments?words=lan", lang)
    pressed(page, page.locator(".comments a"))
    page.locator("#note").wait_for()
    checked(page)
    page.locator("#words").fill("lan")
    pressed(page, page.locator("form[action*=black-out] button"))
    page.locator("button[name=sure]").wait_for()
    checked(page)
    opened(page, "/comments?words=nobody", lang)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_two_step_sign_in_fit_and_axe_finds_nothing(desk, engine, config, address, lang):
    page = desk(lang)
    opened(page, "/account/two-step", lang)
    page.locator("#current").fill(PASSWORD)
    pressed(page, page.locator("button[value=begin]"))
    page.locator("#secret").wait_for()
    page.locator("#code").fill("000000")
    pressed(page, page.locator("main form button"))
    page.locator("#problem").wait_for()
    checked(page)  # refused, with the same QR code
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.locator("#code").fill(shown(secret, NOW))
    pressed(page, page.locator("main form button"))
    page.locator(".codes").wait_for()
    checked(page)
    (code, *_) = page.locator(".codes li").all_inner_texts()
    for path in ("/account/two-step", "/accounts", "/accounts/edit?account=lan"):
        opened(page, path, lang)
    pressed(page, page.locator("header button"))
    page.goto(f"/sign-in?lang={lang}")
    page.locator("#name").fill("lan")
    page.locator("#password").fill(PASSWORD)
    pressed(page, page.locator("main button"))
    page.locator("#code").fill("000000")
    pressed(page, page.locator("main button"))
    page.locator("#problem").wait_for()
    checked(page)  # the second step, refused
    page.locator("#code").fill(code)
    pressed(page, page.locator("main button"))
    page.locator(".done").wait_for()
    checked(page)  # in by a recovery code
    opened(page, "/sign-in?over=1", lang)


def stored(engine) -> list[tuple[str, str]]:
    row = tables.response.c
    with engine.connect() as connection:
        return sorted(tuple(one) for one in connection.execute(select(row.sector, row.scores)))


@pytest.mark.parametrize("script", [True, False])
def test_sheets_are_typed_one_after_the_other_by_the_keyboard_alone(desk, engine, script):
    """With the script a digit goes on by itself; without it Tab does."""
    page = desk(java_script_enabled=script)
    page.goto(f"/paper/sheet?counter={COUNTER.full_id}&day={TODAY}")
    for number, scores in enumerate(("454445", "2-1-5-"), start=1):
        page.locator("#sector").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter" if script else "Tab")
        fields = page.locator("form[data-sheet] input:not([type=hidden])")
        digits = iter(scores)
        for place in range(fields.count()):
            digit = (
                next(digits) if "digit" in (fields.nth(place).get_attribute("class") or "") else "-"
            )
            if digit != "-":
                page.keyboard.press(digit)
            if not script:
                page.keyboard.press("Tab")
            elif digit == "-":
                page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.get_by_text(f"Đã lưu {number} phiếu").wait_for()
    sector = COUNTER.sectors[0]
    assert stored(engine) == [(sector, "2-1-5-"), (sector, "454445")]


def test_a_counter_is_added_by_the_keyboard_without_a_script_and_a_session_that_ended(desk, engine):
    page = desk(java_script_enabled=False)
    page.goto("/places")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the menu
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.get_by_role("link", name="Thêm quầy").press("Enter")
    page.get_by_label("Tên", exact=True).fill("Quầy 9")
    page.get_by_label("Đất đai").press("Space")
    page.context.clear_cookies()  # half an hour later
    page.get_by_role("button", name="Lưu").press("Enter")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").press("Enter")
    page.get_by_role("button", name="Gửi lại").press("Enter")
    page.get_by_text("Đã lưu: Quầy 9.").wait_for()
    assert load_places(engine).counter[-1].sectors == ("land",)


def test_a_version_is_made_and_published_by_the_keyboard_without_a_script(desk, engine):
    page = desk(java_script_enabled=False)
    page.goto("/questionnaires")
    page.get_by_role("link", name="Sao chép desk@2").press("Enter")
    page.get_by_role("button", name="Tạo bản nháp").press("Enter")
    page.get_by_role("link", name="Sửa Nơi đón tiếp").press("Enter")
    page.get_by_label("Tiếng Việt").first.fill("Chỗ ngồi chờ")
    page.get_by_label("Tiếng Việt").first.press("Tab")
    page.get_by_role("button", name="Lưu").press("Enter")
    page.get_by_role("button", name="Đưa xuống dưới: Chỗ ngồi chờ").press("Enter")
    page.get_by_role("link", name="So với desk@2").press("Enter")
    page.get_by_label("Chỗ ngồi chờ").select_option("other")
    page.get_by_role("button", name="Lưu").press("Enter")
    page.get_by_role("link", name="Xem thử trên điện thoại").press("Enter")
    page.get_by_role("button", name="Đã xem").press("Enter")
    page.get_by_role("button", name="Công bố").press("Enter")
    page.get_by_text("Công bố desk@3?").wait_for()
    page.get_by_role("button", name="Công bố").press("Enter")
    page.get_by_text("Đã công bố desk@3").wait_for()
    made = published_questionnaires(engine)["desk@3"]
    assert made.item_ids[:3] == ("overall", "procedures", "access")
    assert made.item("access").text.vi == "Chỗ ngồi chờ"


def test_a_draft_is_answered_as_on_a_tablet_and_nothing_is_kept_or_sent(desk, engine):
    page = desk()
    page.goto("/questionnaires/copy?key=desk@2")
    page.locator("main form button").click()
    page.get_by_role("link", name="Xem thử trên máy tính bảng").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    screen = page.frame_locator("iframe")
    screen.get_by_text("XEM THỬ BẢN NHÁP ·").wait_for()
    screen.get_by_role("button", name="Không hài lòng", exact=True).click()
    screen.locator("#screen").get_by_text("Đã ghi: Không hài lòng").wait_for()
    screen.get_by_role("button", name="Xong").click()
    screen.get_by_role("heading", name="Cảm ơn").wait_for()
    inside = page.frames[1]
    assert inside.evaluate("fetch('/').then(() => 'sent', () => 'refused')") == "refused"
    assert inside.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert inside.evaluate("localStorage.length + sessionStorage.length") == 0
    assert [one for one in asked if not one.startswith("GET ")] == []
    assert stored(engine) == []


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_of_slips_fit_and_axe_finds_nothing(desk, engine, lang):
    issue(engine, 3, sector="residence", counter="quay-3")
    page = desk(lang)
    opened(page, "/slips?counter=trieu-son/quay-3", lang)
    with page.expect_download():
        page.locator("form.sheet button").click()
    opened(page, "/slips", lang)
    pressed(page, page.locator("td a").first)
    checked(page)  # what will happen


SAID = """(chosen) => [...document.querySelectorAll(chosen)]
  .filter((one) => one.checkVisibility() && one.clientWidth > 1)
  .map((one) => {
    const is = getComputedStyle(one);
    return [one.innerText, is.borderBottomStyle, is.borderBottomWidth, is.borderBottomColor];
  })"""
CANVAS = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_is_pressed_and_where_one_is_are_seen_in_the_colours_that_the_system_forces(
    desk, colours
):
    """The system paints over every background, and shows every border that was transparent."""
    page = desk(forced_colors="active", color_scheme=colours)
    for path in ("/dossiers", "/places", "/tablets/pair", "/account"):
        page.goto(path)
        canvas = page.evaluate(CANVAS)
        pressed_by = page.evaluate(SAID, "main button:not(.plain), main .button")
        assert pressed_by
        for name, style, width, colour in pressed_by:
            assert (style, width) == ("solid", "2px"), name
            assert colour != canvas, name
        lined = page.evaluate(SAID, ".menu a")
        assert len([one for one in lined if one[3] != canvas]) == 1
    page.goto("/dossiers")
    here, other = (
        page.locator(f".tabs a{one}") for one in ("[aria-current]", ":not([aria-current])")
    )
    ground = "(one) => getComputedStyle(one).backgroundColor"
    assert here.evaluate(ground) != other.evaluate(ground)
    page.goto("/tablets/pair")
    pressed(page, page.locator("main form button"))
    assert page.locator(".qr").evaluate(ground) == "rgb(255, 255, 255)"
