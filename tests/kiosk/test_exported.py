"""The file that staff carry from a tablet: taken whole and unchanged, or not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.batch import FORMAT, BadExport, read_export, reader, take_records
from kiosk.devices import Device, digest_of
from questionnaires import shipped
from tests.kiosk.memory import VERIFIER
from tests.kiosk.wire import record

SECRET = "s" * 43
TODAY = date(2026, 10, 15)
DEVICE = Device("k7m49qxp", "one", digest_of(SECRET), TODAY, VERIFIER)


def answered(**changes):
    found = {**record(), "answered_on": "2026-10-12", "clock_doubtful": False, "counter": "one"}
    del found["age_s"]
    return {**found, **changes}


def part(*records, secret=SECRET, device="k7m49qxp", **payload):
    text = json.dumps({"clock": 1.0, "offset_s": 3.5, "responses": list(records), **payload})
    key = hashlib.sha256(secret.encode()).digest()
    seal = hmac.new(key, text.encode(), "sha256").hexdigest()
    return {"device": device, "payload": text, "signature": seal}


def written(*parts, **changes):
    return json.dumps({"format": FORMAT, "device": "k7m49qxp", "parts": [*parts], **changes})


def opened(text):
    return read_export(text, {DEVICE.id: DEVICE}.get)


def taken(found):
    """The responses and the problems of one part."""
    responses = []
    results = take_records(
        found.records,
        shipped().get,
        lambda ready: responses.extend(ready) or ["stored"] * len(ready),
        reader(found, TODAY),
    )
    return responses, [[(p.place, p.code) for p in result.problems] for result in results]


def test_every_answer_is_dated_by_the_day_that_the_tablet_wrote_down():
    days = ("2026-10-15", "2026-10-12", "2025-02-28")
    (found,) = opened(written(part(*(answered(answered_on=day) for day in days))))
    responses, _ = taken(found)
    now = datetime(2026, 10, 15, 0, 1, tzinfo=UTC)
    assert [response.answered_on(now).isoformat() for response in responses] == [*days]
    assert not any(response.clock_doubtful for response in responses)


def test_parts_of_several_enrolments_are_read_each_under_its_own_secret():
    other = Device("zzzzzzzz", "four", digest_of("t" * 43), TODAY, VERIFIER)
    text = written(
        part(answered()), part(answered(counter="four"), secret="t" * 43, device="zzzzzzzz")
    )
    first, second = read_export(text, {DEVICE.id: DEVICE, other.id: other}.get)
    assert (first.device, second.device) == (DEVICE, other)
    assert taken(second)[1] == [[]]


def test_what_the_counter_was_called_that_day_is_no_matter():
    (found,) = opened(written(part(answered(counter="two"))))
    assert taken(found)[1] == [[]]


def test_an_answer_of_tomorrow_is_dated_today_and_marked():
    (found,) = opened(written(part(answered(answered_on="2026-11-30"))))
    ((response,), _) = taken(found)
    assert (response.age.days, response.clock_doubtful) == (0, True)


def test_the_tablets_own_doubt_and_a_wrong_clock_are_marked():
    (doubted,) = opened(written(part(answered(clock_doubtful=True))))
    (off,) = opened(written(part(answered(), offset_s=-3 * 86_400)))
    (unknown,) = opened(written(part(answered(), offset_s=None)))
    marks = [taken(one)[0][0].clock_doubtful for one in (doubted, off, unknown)]
    assert marks == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"answered_on": "12/10/2026"}, ("answered_on", "malformed")),
        ({"answered_on": "2026-02-30"}, ("answered_on", "malformed")),
        ({"answered_on": "20261012"}, ("answered_on", "malformed")),
        ({"answered_on": 20261012}, ("answered_on", "malformed")),
        ({"answered_on": "0001-01-01"}, ("age_s", "malformed")),
        ({"age_s": 3}, ("record", "unknown_field")),
        ({"more": 3}, ("record", "unknown_field")),
        ({"clock_doubtful": "yes"}, ("clock_doubtful", "malformed")),
        ({"scores": {}}, ("overall", "required")),
        ({"questionnaire": "desk@9"}, ("questionnaire", "unknown")),
    ],
)
def test_a_record_that_cannot_be_taken_says_why_and_keeps_no_other_out(changes, problem):
    (found,) = opened(written(part(answered(**changes), answered())))
    responses, problems = taken(found)
    assert len(responses) == 1
    assert problem in problems[0]
    assert problems[1] == []


def test_a_record_without_a_date_is_refused():
    undated = answered()
    del undated["answered_on"]
    (found,) = opened(written(part(undated, None, 3)))
    assert taken(found)[1] == [
        [("answered_on", "malformed")],
        [("record", "not_an_object")],
        [("record", "not_an_object")],
    ]


def tampered():
    sound = part(answered())
    yield "another payload", {**sound, "payload": sound["payload"].replace("land", "lend")}
    yield "a blank more", {**sound, "payload": sound["payload"] + " "}
    yield "no signature", {**sound, "signature": ""}
    yield "another signature", {**sound, "signature": "0" * 64}
    yield "letters of another kind", {**sound, "signature": "é" * 64}
    yield "capital letters", {**sound, "signature": sound["signature"].upper() + "A"}
    yield "another secret", part(answered(), secret="t" * 43)


@pytest.mark.parametrize("changed", [pytest.param(one, id=name) for name, one in tampered()])
def test_a_file_that_was_changed_is_refused_whole(changed):
    with pytest.raises(BadExport, match="was changed after the tablet wrote it"):
        opened(written(part(answered()), changed))


def test_a_file_of_a_tablet_that_is_not_enrolled_here_is_refused():
    with pytest.raises(BadExport, match="'zzzzzzzz' is not enrolled here"):
        opened(written(part(answered(), device="zzzzzzzz")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"format": NaN}',
        "{}",
        written(format="hailong.kiosk-export/2"),
        written(parts={}),
        written(None),
        written([]),
        written({}),
        written({**part(), "device": 7}),
        written({**part(), "payload": {}}),
        written({**part(), "signature": None}),
        written(part(responses={})),
        written(part(responses=None)),
        written(part(answered()))[:-9],
    ],
)
def test_what_is_no_export_is_refused_with_a_reason(text):
    with pytest.raises(BadExport, match=r"\w"):
        opened(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


@given(changes=st.dictionaries(st.sampled_from([*answered(), "age_s"]), JSON, max_size=4))
def test_no_record_makes_the_import_fail(changes):
    (found,) = opened(written(part(answered(**changes))))
    responses, problems = taken(found)
    assert bool(responses) != bool(problems[0])


@given(document=JSON, payload=JSON)
def test_no_file_makes_the_import_fail(document, payload):
    for text in (
        json.dumps(document),
        written(document),
        written({"device": payload, "payload": payload, "signature": payload}),
    ):
        with pytest.raises(BadExport):
            opened(text)
