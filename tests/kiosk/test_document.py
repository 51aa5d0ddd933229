"""The document that a tablet works from."""

from __future__ import annotations

import hmac
import re
import tomllib
from base64 import b64decode
from dataclasses import replace
from importlib.resources import files

from kiosk import Device, Timing
from kiosk.devices import digest_of
from kiosk.station import SHARED, sentences, station_document
from questionnaires import Text, shipped
from tests.kiosk.memory import MORNING, PIN, VERIFIER

DEVICE = Device("k7m49qxp", "one", digest_of("A" * 43), MORNING.date(), VERIFIER)


def document(station, **changes):
    return station_document(replace(station, **changes), Timing(), "abc", DEVICE)


def texts(value):
    """Every {vi, en} in the document."""
    if isinstance(value, dict):
        if value.keys() == {"vi", "en"}:
            yield value
        else:
            for part in value.values():
                yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_every_text_of_every_shipped_questionnaire_is_there_in_both_languages(stations):
    for questionnaire in shipped().values():
        found = document(stations["four"], questionnaire=questionnaire)
        asked = [item.text for item in questionnaire.items]
        asked += [choices.text for choices in questionnaire.choices]
        given = [(text["vi"], text["en"]) for text in texts(found["questions"])]
        assert {(text.vi, text.en) for text in asked} <= set(given)
        assert all(text["vi"] and text["en"] for text in texts(found))


def test_questions_come_in_the_order_of_the_file_items_first_comment_last(stations):
    found = document(stations["one"])
    assert [question["id"] for question in found["questions"]] == [
        "overall",
        "access",
        "procedures",
        "civil_servants",
        "results",
        "feedback",
        "went_wrong",
        "comment",
    ]


def test_the_overall_question_may_not_be_skipped_and_the_others_may(stations):
    required = {
        question["id"]: question["required"]
        for question in document(stations["one"])["questions"]
        if question["kind"] == "score"
    }
    assert required.pop("overall") is True
    assert not any(required.values())


def test_the_choice_of_no_level_bears_the_words_of_its_question(stations):
    desk = shipped()["desk@2"]
    questions = document(stations["one"], questionnaire=desk)["questions"]
    none = {one["id"]: one["none"] and one["none"]["vi"] for one in questions if "none" in one}
    assert none["results"] == "Chưa nhận kết quả"
    assert none["feedback"] == "Không có góp ý"
    assert none["overall"] is None  # it must be answered


def test_what_went_wrong_is_asked_when_the_overall_score_is_low(stations):
    (question,) = (q for q in document(stations["one"])["questions"] if q["kind"] == "choices")
    assert question["show_when"] == {"item": "overall", "at_most": 2, "at_least": None}
    assert question["multiple"] is True


def test_sectors_are_offered_only_where_the_questionnaire_is_about_one(stations):
    station = stations["four"]
    assert [sector["id"] for sector in document(station)["sectors"]] == [
        "land",
        "construction",
        "investment",
        "civil-status",
    ]
    about_the_agency = shipped()["agency-service@1"]
    assert document(station, questionnaire=about_the_agency)["sectors"] == []


def test_a_tablet_is_told_nothing_that_only_staff_need(stations):
    written = str(document(stations["one"]))
    assert "trust" not in written
    assert "Quyết định 2640" not in written


def test_a_form_is_given_up_after_twenty_seconds_and_ten_of_warning_longer_while_typing(stations):
    assert document(stations["one"])["seconds"] == {
        "reading": {"idle": 20, "countdown": 10},
        "typing": {"idle": 45, "countdown": 20},
        "recorded": 6,
        "thanks": 4,
        "refresh": 300,
    }


def test_one_tap_is_a_whole_answer_where_the_counter_and_the_questionnaire_let_it(stations):
    assert document(stations["tap"])["one_tap"] == "overall"
    assert document(stations["tap"], mode="full")["one_tap"] is None
    desk = shipped()["desk@2"]
    items = [replaced(item, required=True) for item in desk.items]
    for more in (items, desk.items[1:]):  # others must be answered too; there is no such item
        asking = desk.model_copy(update={"items": tuple(more), "choices": ()})
        assert document(stations["tap"], questionnaire=asking)["one_tap"] is None


def replaced(item, **changes):
    return item.model_copy(update=changes)


def test_a_sector_bears_its_examples_where_it_has_some(stations):
    hints = {sector["id"]: sector["hint"] for sector in document(stations["taps"])["sectors"]}
    assert hints["civil-status"] == {
        "vi": "khai sinh, kết hôn, khai tử",
        "en": "birth, marriage, death",
    }
    assert hints["land"] is None


def test_a_tablet_is_told_who_and_where_it_is(stations):
    found = document(stations["one"])
    assert (found["device"], found["counter_id"]) == ("k7m49qxp", "one")
    assert found["timezone"] == "Asia/Ho_Chi_Minh"
    assert DEVICE.secret_hash not in str(found)


def test_the_pin_is_checked_on_the_tablet_without_being_told(stations):
    """The definition of PBKDF2 (RFC 8018, 5.2) with one block: an XOR of iterated HMACs."""
    pin = document(stations["one"])["pin"]
    salt, given = b64decode(pin["salt"]), b64decode(pin["hash"])
    step = hmac.digest(PIN.encode(), salt + b"\0\0\0\1", "sha256")
    total = int.from_bytes(step)
    for _ in range(pin["iterations"] - 1):
        step = hmac.digest(PIN.encode(), step, "sha256")
        total ^= int.from_bytes(step)
    assert total == int.from_bytes(given)
    assert PIN not in str(document(stations["one"]))


def test_an_abandoned_form_is_dropped_unless_the_questionnaire_says_otherwise(stations):
    desk = stations["one"].questionnaire
    assert document(stations["one"])["partial"] == "drop"
    keeping = desk.model_copy(update={"kiosk_partial": "keep"})
    assert document(stations["one"], questionnaire=keeping)["partial"] == "keep"


def test_the_digest_changes_with_anything_in_the_document(stations):
    first = document(stations["one"])
    assert document(stations["one"])["digest"] == first["digest"]
    other_pin = replace(DEVICE, pin=replace(VERIFIER, iterations=1))
    changed = [
        document(stations["one"], simulated=True),
        document(stations["one"], counter=Text(vi="Quầy 4", en="Counter 4")),
        station_document(stations["one"], Timing(thanks=5), "abc", DEVICE),
        station_document(stations["one"], Timing(), "abd", DEVICE),
        station_document(stations["one"], Timing(), "abc", other_pin),
    ]
    assert len({first["digest"], *(found["digest"] for found in changed)}) == 6


def test_every_sentence_that_the_app_says_exists(static):
    said = {key for script in static.values() for key in re.findall(r"\bsay\('(\w+)'", script)}
    said -= {"vi", "en"}  # a language to speak in
    assert len(said) > 15
    assert said <= sentences().keys()


def test_no_sentence_of_the_tablet_is_left_over(static):
    page = (files("kiosk") / "templates" / "kiosk" / "page.html").read_text(encoding="utf-8")
    used = {word for script in static.values() for word in re.findall(r"'(\w+)'", script)}
    used |= set(re.findall(r"sentences\.(\w+)", page))
    begun = {word for script in static.values() for word in re.findall(r"`(\w+_)\$\{", script)}
    own = (files("kiosk") / "data" / "sentences.toml").read_text(encoding="utf-8")
    known = set(tomllib.loads(own)) | SHARED.keys()
    assert {key for key in known - used if not key.startswith(tuple(begun))} == set()
