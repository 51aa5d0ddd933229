"""What a record from a tablet must look like; hostile input ends in a response or in reasons."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import KioskResponse
from kiosk.records import OLDEST, RefusedRecord, read_record, response_id_of
from questionnaires import shipped

ID = "3f2b8c1e-7d4a-4b6f-9a51-0c2d8e6f7a90"
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
PUBLISHED = shipped()


def record(**changes):
    found = {
        "response_id": ID,
        "questionnaire": "desk@1",
        "sector": "land",
        "scores": {"overall": 2, "access": None},
        "choices": {"went_wrong": ["waiting"]},
        "comment": "Chờ lâu",
        "age_s": 3,
    }
    return {**found, **changes}


def read(found):
    return read_record(found, PUBLISHED.get)


def problems(found):
    with pytest.raises(RefusedRecord) as refusal:
        read(found)
    return {(problem.place, problem.code) for problem in refusal.value.problems}


def test_a_record_is_read_as_it_was_answered():
    response = read(record())
    assert response.response_id == ID
    assert response.questionnaire.key == "desk@1"
    assert response.sector == "land"
    assert response.answers.scores["overall"] == 2
    assert response.answers.scores["access"] is None
    assert response.answers.choices == {"went_wrong": ("waiting",)}
    assert response.answers.comment == "Chờ lâu"


def test_one_score_alone_is_a_record():
    found = {"response_id": ID, "questionnaire": "desk@1", "scores": {"overall": 5}}
    assert read(found).sector is None


def test_all_problems_are_named_at_once():
    found = record(response_id="x", sector=7, age_s=-1, scores={"access": 9}, more=1)
    assert problems(found) == {
        ("response_id", "malformed"),
        ("sector", "malformed"),
        ("age_s", "malformed"),
        ("record", "unknown_field"),
        ("overall", "required"),
        ("access", "off_scale"),
    }


@pytest.mark.parametrize("key", ["desk@9", "desk", "", None, 1, "desk@1 ", "../desk@1", ["desk@1"]])
def test_a_version_that_was_never_published_is_refused(key):
    assert problems(record(questionnaire=key)) == {("questionnaire", "unknown")}


def test_another_published_version_is_checked_against_itself():
    found = record(questionnaire="agency-service@1", sector=None, scores={"overall": 4}, choices={})
    assert read(found).questionnaire.key == "agency-service@1"
    assert ("", "unknown_question") in problems(record(questionnaire="agency-service@1"))


@pytest.mark.parametrize(
    "response_id",
    [None, "", 5, ID.upper(), ID + "\n", ID.replace("-", ""), "0" * 36, f"{{{ID}}}", "é" * 36],
)
def test_an_id_that_is_no_uuid_in_its_one_spelling_is_refused(response_id):
    assert problems(record(response_id=response_id)) == {("response_id", "malformed")}
    assert response_id_of(record(response_id=response_id)) is None


@pytest.mark.parametrize(
    "age", [True, 1.5, "3", None, -1, int(OLDEST.total_seconds()) + 1, 10**400]
)
def test_an_age_is_a_whole_number_of_seconds_that_makes_sense(age):
    assert problems(record(age_s=age)) == {("age_s", "malformed")}


def test_a_tablet_may_mark_an_age_that_it_does_not_know_surely():
    assert read(record(clock_doubtful=True)).clock_doubtful
    assert not read(record()).clock_doubtful
    for other in (None, 1, "true", []):
        assert problems(record(clock_doubtful=other)) == {("clock_doubtful", "malformed")}


@pytest.mark.parametrize("found", [None, [], "x", 3, True])
def test_what_is_no_object_is_refused(found):
    assert problems(found) == {("record", "not_an_object")}


@pytest.mark.parametrize(
    ("hours", "day"),
    [
        (0, date(2026, 10, 5)),
        (9, date(2026, 10, 5)),
        (10, date(2026, 10, 4)),
        (64, date(2026, 10, 2)),
    ],
)
def test_an_answer_that_waited_belongs_to_the_day_on_which_it_was_given(hours, day):
    arrival = datetime(2026, 10, 5, 9, 30, tzinfo=HERE)
    assert read(record(age_s=hours * 3600)).answered_on(arrival) == day


def test_the_oldest_age_still_gives_a_date():
    response = read(record(age_s=int(OLDEST.total_seconds())))
    assert response.age == timedelta(days=3650)
    assert response.answered_on(datetime(2026, 10, 5, tzinfo=HERE)) == date(2016, 10, 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from([*record(), "scores", "choices", "clock_doubtful"])


@given(changes=st.dictionaries(FIELDS, JSON, max_size=4))
def test_no_input_ends_in_anything_but_a_response_or_reasons(changes):
    try:
        response = read(record(**changes))
    except RefusedRecord as refusal:
        assert refusal.problems
    else:
        assert isinstance(response, KioskResponse)
        assert response.answers.scores["overall"] in {1, 2, 3, 4, 5}
