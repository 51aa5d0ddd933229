"""Every screen: axe without a finding, contrast 7:1, large targets and letters, nothing cut off."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import combinations

import pytest

from questionnaires import Text
from tests.axe import in_both_colours, violations
from tests.kiosk.conftest import SIZES
from tests.kiosk.memory import PIN, make_station
from tests.scales import on_scale

DOOR = "**/kiosk/responses"
OPTIONS = {
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
    "resultTypes": ["violations", "incomplete"],
}


def refuse(route) -> None:
    results = [
        {
            "response_id": sent["response_id"],
            "receipt": "refused",
            "problems": [{"place": "sector", "code": "unknown"}],
        }
        for sent in route.request.post_data_json["responses"]
    ]
    route.fulfill(status=200, json={"server_time": 1.8e9, "results": results})


def walk(tablet):
    """Every screen that a citizen sees, one after the other, by its name."""
    tablet.open("four")
    yield "start"
    tablet.tap("Bắt đầu")
    yield "sector"
    tablet.tap("Xây dựng")
    yield "score"
    tablet.tap("Không hài lòng")
    yield "score with not applicable"
    tablet.tap("Quay lại")
    yield "score that is given"
    tablet.tap("Tiếp theo", "Không áp dụng", *["Bình thường"] * 4)
    yield "choices"
    tablet.tap("Phải chờ lâu", "Bị đòi thêm tiền ngoài quy định")
    yield "choices that are picked"
    tablet.tap("Tiếp theo")
    yield "comment"
    tablet.tap("Viết góp ý")
    tablet.page.get_by_role("textbox").fill("Ghế chờ ít, trời nóng.")
    yield "writing"
    tablet.pass_time(50)
    yield "still here"
    tablet.tap("Tiếp tục")
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.tap("Gửi ý kiến")
    tablet.wait_for("thanks")
    yield "thanks"
    tablet.pass_time(5)
    tablet.page.get_by_text("Chờ gửi").wait_for()
    yield "start with an answer unsent"


def walk_without_a_disk(tablet):
    """The screens that only a tablet without a disk shows."""
    tablet.page.route(DOOR, lambda route: route.abort())
    tablet.open("four")
    yield "start without a disk"
    tablet.tap("Bắt đầu", "Đất đai", *["Hài lòng"] * 6, "Gửi ý kiến")
    yield "sending"
    tablet.pass_time(9)
    yield "sending for long"
    tablet.tap("Về màn hình đầu")
    tablet.page.unroute(DOOR)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.page.get_by_text("Chờ gửi").wait_for(state="hidden")
    tablet.page.route(DOOR, refuse)
    tablet.tap("Bắt đầu", "Đất đai", *["Hài lòng"] * 6, "Gửi ý kiến")
    tablet.wait_for("refused")
    tablet.pass_time(0.5)
    yield "refused"


def walk_of_staff(tablet, office):
    """Every screen that staff see; the status with everything that can be on it."""
    tablet.page.goto(f"{tablet.address}/")
    tablet.wait_for("enrol")
    tablet.pass_time(0.5)
    yield "enrol"
    tablet.page.get_by_role("textbox").fill("zzzz-zzzz")
    tablet.page.get_by_role("button", name=re.compile("Ghép máy|^Pair$")).tap()
    tablet.page.get_by_text(re.compile("Xin lấy mã mới|get a new one")).wait_for()
    yield "enrol with a wrong code"
    office.shift += timedelta(days=3)
    tablet.page.route(DOOR, refuse)
    tablet.open("one")
    tablet.answer()
    tablet.sent()
    tablet.pass_time(5)
    tablet.page.keyboard.press("Control+Alt+k")
    tablet.pass_time(0.5)
    yield "pin"
    for digit in "135":
        tablet.page.keyboard.press(digit)
    yield "pin half typed"
    for digit in "791" + PIN:
        tablet.page.keyboard.press(digit)
        tablet.until("!document.querySelector('.pin > .full:last-child')")
        tablet.pass_time(0.5)
    tablet.wait_for("staff")
    yield "staff"
    tablet.button("Rời chế độ hỏi ý kiến").tap()
    tablet.pass_time(0.5)
    yield "left"
    (secret,) = tablet.secrets
    office.revoke(secret)
    tablet.page.get_by_role("button", name="Trở lại hỏi ý kiến").tap()
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.wait_for("closed")
    yield "closed"
    tablet.page.goto(tablet.address.replace("127.0.0.1", "office.test") + "/")
    tablet.wait_for("insecure")
    yield "insecure"


CUT = """() => {
  const main = document.querySelector('main');
  const seen = (element) => element.checkVisibility({visibilityProperty: true});
  const cut = [...document.querySelectorAll('button, h1, p')].filter((element) =>
    seen(element) && !element.classList.contains('unseen') &&
    (element.scrollWidth > element.clientWidth + 1 ||
      element.matches('button') && element.scrollHeight > element.clientHeight + 1));
  const within = (box) => box.left >= -0.5 && box.right <= innerWidth + 0.5 &&
    box.top >= -0.5 && box.bottom <= innerHeight + 0.5;
  const outside = [...document.querySelectorAll('button')].filter((button) =>
    seen(button) && !within(button.getBoundingClientRect()));
  return {
    sideways: document.documentElement.scrollWidth > innerWidth ||
      main.scrollWidth > main.clientWidth,
    down: main.scrollHeight - main.clientHeight,
    cut: cut.map((element) => element.innerText),
    outside: outside.map((button) => button.innerText),
  };
}"""
NOTHING_CUT = {"sideways": False, "down": 0, "cut": [], "outside": []}

BUTTONS = """() => [...document.querySelectorAll('button')].filter((button) =>
  button.checkVisibility({visibilityProperty: true}) &&
  !(document.querySelector('dialog[open]') && !button.closest('dialog'))).map((button) => {
    const {left, right, top, bottom} = button.getBoundingClientRect();
    return {name: button.innerText, left, right, top, bottom};
})"""

LETTERS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    if (element.closest('.unseen, svg, noscript, script')) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    found.push([walker.currentNode.data.trim(), parseFloat(getComputedStyle(element).fontSize),
                parseFloat(getComputedStyle(element).lineHeight)]);
  }
  return found;
}"""


def gap(one, other) -> float:
    """How far apart two boxes are, in the direction in which they are apart."""
    across = max(one["left"] - other["right"], other["left"] - one["right"])
    down = max(one["top"] - other["bottom"], other["top"] - one["bottom"])
    return max(across, down)


def findings(tablet):
    return in_both_colours(tablet.page, OPTIONS, lambda: tablet.pass_time(0.02))


@pytest.mark.browser
@pytest.mark.slow
def test_axe_finds_nothing_on_any_screen_of_a_citizen(tablet):
    seen = {screen: findings(tablet) for screen in walk(tablet)}
    assert {screen: found for screen, found in seen.items() if found} == {}
    assert len(seen) == 12


@pytest.mark.browser
@pytest.mark.slow
def test_axe_finds_nothing_on_the_screens_of_a_tablet_without_a_disk(diskless):
    seen = {screen: findings(diskless) for screen in walk_without_a_disk(diskless)}
    assert {screen: found for screen, found in seen.items() if found} == {}
    assert len(seen) == 4


@pytest.mark.browser
@pytest.mark.slow
def test_axe_finds_nothing_on_any_screen_of_staff_in_either_language(tablet, office):
    seen = {}
    for screen in walk_of_staff(tablet, office):
        seen[screen] = findings(tablet)
        if screen != "insecure":  # that one says everything in both
            tablet.tap("English")
            seen[f"{screen}, en"] = findings(tablet)
            tablet.tap("Tiếng Việt")
    assert {screen: found for screen, found in seen.items() if found} == {}
    assert len(seen) == 15


@pytest.mark.browser
def test_axe_does_find_what_is_planted(tablet):
    tablet.open("one")
    tablet.page.evaluate(
        "document.querySelector('.small').style.color = '#666';"  # 5.3 to 1
        "document.querySelector('.place span').style.color = '#999';"  # 2.6 to 1
        "document.querySelector('.big').textContent = ''"
    )
    found = violations(tablet.page, OPTIONS, lambda: tablet.pass_time(0.02))
    rules = {line.split(":")[0] for line in found}
    assert rules >= {"color-contrast-enhanced", "color-contrast", "button-name"}


def at_every_size(tablet):
    """Give the screen that is shown each size, one after the other; its name.

    By the protocol itself: Playwright resizes no window that fills the screen, as the app's does.
    """
    wire = tablet.page.context.new_cdp_session(tablet.page)
    for size, (width, height) in SIZES.items():
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        wire.send("Emulation.setDeviceMetricsOverride", metrics)
        tablet.until(f"innerWidth === {width} && innerHeight === {height}")
        yield size


def check_screen(tablet, screen, smallest=22) -> None:
    """Large targets apart from each other, and letters of at least `smallest` pixels."""
    buttons = tablet.page.evaluate(BUTTONS)
    for button in buttons:
        assert button["bottom"] - button["top"] >= 64, (screen, button)
        assert button["right"] - button["left"] >= 64, (screen, button)
    for one, other in combinations(buttons, 2):
        assert gap(one, other) >= 8, (screen, one, other)
    for text, letters, line in tablet.page.evaluate(LETTERS):
        assert letters >= smallest, (screen, text)
        assert line >= 1.29 * letters, (screen, text)


@pytest.mark.browser
@pytest.mark.slow
def test_on_every_screen_nothing_is_cut_off_and_fingers_and_old_eyes_find_their_way(tablet):
    for screen in walk(tablet):
        for size in at_every_size(tablet):
            assert tablet.page.evaluate(CUT) == NOTHING_CUT, (screen, size)
            check_screen(tablet, (screen, size))


@pytest.mark.browser
@pytest.mark.slow
def test_without_a_disk_nothing_is_cut_off_either(diskless):
    for screen in walk_without_a_disk(diskless):
        for size in at_every_size(diskless):
            assert diskless.page.evaluate(CUT) == NOTHING_CUT, (screen, size)
            check_screen(diskless, (screen, size))


@pytest.mark.browser
@pytest.mark.slow
def test_no_screen_of_staff_is_cut_off_and_only_the_status_may_scroll_down(tablet, office):
    for screen in walk_of_staff(tablet, office):
        for size in at_every_size(tablet):
            found = tablet.page.evaluate(CUT)
            if screen == "staff":
                assert (found["sideways"], found["cut"]) == (False, []), size
                continue
            assert found == NOTHING_CUT, (screen, size)
            check_screen(tablet, (screen, size), smallest=19)


@pytest.mark.browser
@pytest.mark.slow
def test_larger_text_and_english_are_never_cut_off_sideways(tablet):
    for code in ("four", "agency", "sipas"):
        tablet.open(code)
        tablet.tap("Chữ to hơn", "Bắt đầu")
        tablet.tap("English")
        for _ in range(4):
            for size in at_every_size(tablet):
                found = tablet.page.evaluate(CUT)
                where = (code, size, tablet.question)
                assert (found["sideways"], found["cut"]) == (False, []), where
            tablet.press("4")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("code", ["agency", "sipas"])
def test_no_question_of_the_other_questionnaires_needs_scrolling(tablet, code):
    tablet.open(code)
    tablet.tap("Bắt đầu")
    for _ in range(25):
        for size in at_every_size(tablet):
            assert tablet.page.evaluate(CUT) == NOTHING_CUT, (size, tablet.question)
        if tablet.button("Viết góp ý").count() == 1:
            break
        tablet.press("4")
    else:
        pytest.fail("the questionnaire has no end")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("size", [4, 10, 11])
def test_scales_of_other_lengths_fit_and_break_no_rule(tablet, stations, size):
    """Steps named as an office would: the ends in words, and the longest words in between."""
    asked = on_scale(size, size - 1, ("access",))
    labels = [Text(vi=f"Mức {n}", en=f"Level {n}") for n in range(1, size + 1)]
    labels[0] = Text(vi="Hoàn toàn không hài lòng", en="Not satisfied at all")
    labels[-1] = Text(vi="Hoàn toàn hài lòng", en="Satisfied in every way")
    scale = asked.scale.model_copy(update={"labels": tuple(labels)})
    items = [item.model_copy(update={"not_applicable": True}) for item in asked.items]
    changed = {"scale": scale, "items": tuple(items)}
    stations["one"] = make_station("one", asked.model_copy(update=changed))
    tablet.open("one")
    tablet.tap("Bắt đầu")
    for _ in asked.items:
        assert findings(tablet) == []
        for screen in at_every_size(tablet):
            assert tablet.page.evaluate(CUT) == NOTHING_CUT, screen
            check_screen(tablet, screen)
        tablet.tap("Hoàn toàn hài lòng")


@pytest.mark.browser
def test_less_motion_is_none(diskless):
    diskless.page.emulate_media(reduced_motion="reduce")
    diskless.page.route(DOOR, lambda route: route.abort())
    diskless.open("one")
    diskless.answer()
    moving = "(element) => getComputedStyle(element).animationName"
    assert diskless.page.locator(".spinner").evaluate(moving) == "none"
    diskless.page.emulate_media(reduced_motion="no-preference")
    assert diskless.page.locator(".spinner").evaluate(moving) == "turn"


@pytest.mark.browser
def test_each_level_is_named_by_its_words_in_full(tablet):
    tablet.open("one")
    tablet.tap("Bắt đầu")
    group = tablet.page.get_by_role("group", name=tablet.question, exact=True)
    names = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
    for name in names:
        assert group.get_by_role("button", name=name, exact=True, pressed=False).count() == 1
    assert group.get_by_role("button").count() == 5


# The matrices of Machado, Oliveira and Fernandes (2009), table 1, severity 1.0, on linear RGB.
SIGHTS = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour: str) -> list[float]:
    """#rrggbb as linear RGB (sRGB, IEC 61966-2-1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIELAB (D65) of linear RGB."""
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = [sum(w * c for w, c in zip(row, rgb, strict=True)) for row in to_xyz]
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (max(v, 0) / w for v, w in zip(xyz, white, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_five_colours_are_told_apart_by_every_kind_of_sight(static, sight):
    """Never the only sign: each has its face and its words too. A distance of 10 is plain."""
    found = dict(re.findall(r"--skin-(\d): (#\w{6})", static["kiosk.css"]))
    assert sorted(found) == ["1", "2", "3", "4", "5"]
    seen = {}
    for level, colour in found.items():
        rgb = linear(colour)
        mixed = [sum(w * c for w, c in zip(row, rgb, strict=True)) for row in SIGHTS[sight]]
        seen[level] = lab([min(max(part, 0), 1) for part in mixed])
    for one, other in combinations(sorted(seen), 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
        assert distance > 10, (sight, one, other)
