"""A tablet without an on-screen keyboard: in place of the comment box, a code for the phone."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from kiosk import Timing
from kiosk.station import station_document
from tests.kiosk.memory import ON_PHONE
from tests.kiosk.test_accessibility import CUT, NOTHING_CUT, at_every_size, findings
from tests.kiosk.test_document import DEVICE
from tests.kiosk.test_one_tap import DONE, MORE, rate

URL = f"https://{ON_PHONE.address}"


def comments(station, **changes):
    document = station_document(replace(station, **changes), Timing(), "abc", DEVICE)
    return [one for one in document["questions"] if one["kind"] == "comment"]


def test_the_document_has_the_code_only_where_the_counter_asks_for_it(stations):
    (asked,) = comments(stations["phone"])
    address, qr = ON_PHONE.address, ON_PHONE.qr
    assert asked["phone"] == {"address": address, "qr": qr, "reach": "inside"}
    (typed,) = comments(stations["phone"], comment="keyboard")
    assert typed["phone"] is None
    assert comments(stations["phone"], comment="none") == []
    assert comments(stations["phone"], phone=None) == []  # no address of the counter is in use
    assert len(comments(stations["tap"])) == 1


def reach_comment(tablet):
    """From the start screen to the last one, of somebody who rates and passes over the rest."""
    rate(tablet, "Hài lòng")
    tablet.tap(MORE, *["Bỏ qua"] * 5)


@pytest.mark.browser
def test_the_code_is_read_from_the_screen_at_every_size_also_without_network(tablet):
    tablet.open("phone")
    tablet.page.context.set_offline(True)
    reach_comment(tablet)
    assert tablet.page.get_by_text("Viết trên điện thoại của Ông/Bà").is_visible()
    assert tablet.page.locator("textarea").count() == 0
    for letters in ("as they are", "larger"):
        for size in at_every_size(tablet):
            picture = Image.open(io.BytesIO(tablet.page.screenshot()))
            assert [read.text for read in zxingcpp.read_barcodes(picture)] == [URL], (size, letters)
            assert tablet.page.evaluate(CUT) == NOTHING_CUT, (size, letters)
            code, words = (tablet.page.locator(part).bounding_box() for part in (".qr", ".how"))
            assert code["width"] >= 165, (size, letters)
            above, below = (tablet.page.locator(part).bounding_box() for part in ("h1", "footer"))
            assert above["y"] + above["height"] <= words["y"], (size, letters)
            assert words["y"] + words["height"] <= below["y"], (size, letters)
        tablet.tap("Chữ to hơn")
    assert "Wi-Fi của cơ quan" in tablet.page.locator("main").inner_text()
    assert findings(tablet) == []


@pytest.mark.browser
def test_the_answer_ends_as_ever_and_holds_no_comment(tablet, ledger):
    tablet.open("phone")
    reach_comment(tablet)
    tablet.pass_time(40)  # time to find the phone: as long as somebody types
    assert tablet.page.locator("dialog[open]").count() == 0
    tablet.tap(DONE)
    tablet.arrive()
    assert ledger.only.answers.comment is None


@pytest.mark.browser
def test_a_whole_form_is_sent_from_there(tablet, stations, ledger):
    stations["phone"] = replace(stations["phone"], mode="full")
    tablet.open("phone")
    tablet.tap("Bắt đầu", *["Hài lòng"] * 6, "Gửi ý kiến")
    tablet.arrive()
    assert len(ledger.only.answers.scores) == 6


@pytest.mark.browser
def test_where_no_comment_is_asked_for_the_last_question_is_the_last_screen(tablet, stations):
    stations["phone"] = replace(stations["phone"], comment="none")
    tablet.open("phone")
    rate(tablet, "Hài lòng")
    tablet.tap(MORE, *["Bỏ qua"] * 4)
    assert tablet.button("Bỏ qua").is_hidden()
    assert tablet.button(DONE).is_visible()
