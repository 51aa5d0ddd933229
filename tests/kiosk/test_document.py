"""The document that a tablet works from."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib.resources import files

from kiosk import Timing
from kiosk.document import station_document
from kiosk.sentences import SHARED, sentences
from questionnaires import shipped


def document(station, **changes):
    return station_document(replace(station, **changes), Timing(), "abc")


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


def test_the_warning_before_a_form_is_dropped_lasts_twenty_seconds(stations):
    seconds = document(stations["one"])["seconds"]
    assert seconds == {"idle": 45, "countdown": 20, "thanks": 4, "refresh": 300}


def test_every_sentence_that_the_app_says_exists(static):
    said = {key for script in static.values() for key in re.findall(r"say\('(\w+)'", script)}
    assert len(said) > 15
    assert said <= sentences().keys()


def test_no_sentence_of_the_tablet_is_left_over(static):
    page = (files("kiosk") / "templates" / "kiosk" / "page.html").read_text(encoding="utf-8")
    used = {word for script in static.values() for word in re.findall(r"'(\w+)'", script)}
    used |= set(re.findall(r"sentences\.(\w+)", page))
    own = (files("kiosk") / "data" / "sentences.toml").read_text(encoding="utf-8")
    languages = {"language_vi", "language_en"}  # said by the code of the language
    assert set(tomllib.loads(own)) | SHARED.keys() <= used | languages
