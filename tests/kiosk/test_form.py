"""One citizen's form in the browser: what is asked, and the record that comes of it."""

from __future__ import annotations

import re

import pytest

from tests.kiosk.memory import CODES

pytestmark = pytest.mark.browser

STEPS = ["overall", "access", "procedures", "civil_servants", "results", "feedback"]


@pytest.fixture
def form(bench, address):
    """Runs steps with the app's Form on the document of a station; returns what they return."""

    def run(script: str, code: str = "one"):
        bench.goto(f"{address}/")
        return bench.evaluate(
            """async ([script, code]) => {
              const entry = document.querySelector('script[type=module]').src;
              const { Form, newId, NOT_APPLICABLE } = await import(new URL('form.js', entry));
              const { enrol } = await import(new URL('sender.js', entry));
              const secret = newId().replace(/-/g, '') + 'x'.repeat(11);
              const { station: doc } = await enrol(code, secret);
              const steps = new Function('Form', 'newId', 'NOT_APPLICABLE', 'doc', script);
              return steps(Form, newId, NOT_APPLICABLE, doc);
            }""",
            [script, CODES[code]],
        )

    return run


def test_ids_are_random_uuids_made_without_a_secure_context(form):
    ids = form("return Array.from({length: 2000}, newId)")
    assert len(set(ids)) == 2000
    shape = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(shape.fullmatch(found) for found in ids)


def test_a_form_has_one_id_from_its_start_however_often_its_record_is_made(form):
    first, second, other = form(
        "const f = new Form(doc); f.score(4);"
        "return [f.record().response_id, f.record().response_id, new Form(doc).id]"
    )
    assert first == second != other


def test_a_satisfied_person_is_not_asked_what_went_wrong(form):
    assert form("const f = new Form(doc); f.score(3); return f.steps.map((s) => s.id)") == [
        *STEPS,
        "comment",
    ]


@pytest.mark.parametrize("score", [1, 2])
def test_a_dissatisfied_person_is(form, score):
    steps = form(f"const f = new Form(doc); f.score({score}); return f.steps.map((s) => s.id)")
    assert steps == [*STEPS, "went_wrong", "comment"]


def test_the_sector_is_asked_first_where_there_are_several_and_known_where_there_is_one(form):
    first = "const f = new Form(doc); return [f.step.id, f.sector, f.mayPass]"
    assert form(first, "four") == ["sector", None, False]
    assert form(first, "one") == ["overall", "land", False]
    assert form(first, "agency")[1] is None


def test_skipped_is_left_out_and_not_applicable_is_an_answer_of_its_own(form):
    record = form(
        "const f = new Form(doc); f.score(5); f.next(); f.score(NOT_APPLICABLE); f.next();"
        "return f.record()"
    )
    assert record["scores"] == {"overall": 5, "access": None}


def test_answers_to_a_question_that_is_no_longer_asked_stay_out(form):
    changed, before = form(
        "const f = new Form(doc); f.score(1); while (f.step.id !== 'went_wrong') f.next();"
        "f.toggle('waiting'); f.toggle('attitude'); const before = f.record();"
        "f.toFirst(); f.score(5); return [f.record(), before]"
    )
    assert before["choices"] == {"went_wrong": ["waiting", "attitude"]}
    assert changed["choices"] == {}


def test_an_option_taken_back_is_not_sent(form):
    record = form(
        "const f = new Form(doc); f.score(1); while (f.step.id !== 'went_wrong') f.next();"
        "f.toggle('waiting'); f.toggle('waiting'); return f.record()"
    )
    assert record["choices"] == {}


def test_a_single_choice_keeps_the_last_one_picked(form):
    record = form(
        "const single = {kind: 'choices', id: 'how', multiple: false, show_when: null};"
        "doc.questions.push(single); const f = new Form(doc); f.score(5);"
        "while (f.step.id !== 'how') f.next(); f.toggle('a'); f.toggle('b'); return f.record()"
    )
    assert record["choices"] == {"how": ["b"]}


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("{item: 'overall', at_most: null, at_least: 4}", [4, 5]),
        ("{item: 'overall', at_most: 3, at_least: 2}", [2, 3]),
        ("{item: 'results', at_most: 5, at_least: null}", []),
    ],
)
def test_conditions_hold_between_their_bounds_and_never_without_a_score(form, condition, asked):
    found = form(
        f"doc.questions.at(-1).show_when = {condition}; return [1, 2, 3, 4, 5].filter((score) => {{"
        "const f = new Form(doc); f.score(score); return f.steps.at(-1).id === 'comment'; })"
    )
    assert found == asked


def test_only_blank_space_is_no_comment(form):
    record = form("const f = new Form(doc); f.score(5); f.comment = ' \\n '; return f.record()")
    assert record["comment"] is None


def test_not_applicable_alone_is_nothing_to_send(form):
    assert form(
        "const f = new Form(doc); const before = f.hasScore; f.next(); f.score(NOT_APPLICABLE);"
        "const after = f.hasScore; f.score(3); return [before, after, f.hasScore]"
    ) == [False, False, True]


def test_what_the_form_makes_is_what_the_door_takes(form, client):
    record = form(
        "const f = new Form(doc); f.score(1); f.next(); f.score(NOT_APPLICABLE);"
        "while (f.step.id !== 'went_wrong') f.next(); f.toggle('waiting');"
        "f.comment = 'Chờ lâu'; return f.record()"
    )
    secret = "s" * 43
    client.post("/kiosk/enrol", json={"code": CODES["one"], "secret": secret})
    reply = client.post(
        "/kiosk/responses",
        json={"clock": 0, "responses": [record]},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert reply.json["results"][0]["receipt"] == "stored"


def test_a_form_is_enough_once_what_must_be_answered_is(form):
    assert form(
        "const f = new Form(doc); const before = f.isEnough; f.score(4);return [before, f.isEnough]"
    ) == [False, True]


def test_a_form_without_its_sector_is_not_enough(form):
    found = form(
        "const f = new Form(doc); f.at = 'overall'; f.score(4); const before = f.isEnough;"
        "f.sector = 'land'; return [before, f.isEnough]",
        "four",
    )
    assert found == [False, True]


def test_a_half_written_comment_is_not_passed_on(form):
    found = form(
        "const f = new Form(doc); f.score(4); f.comment = 'Ghế'; const whole = f.record();"
        "return [whole.comment, f.partial().comment, f.partial().response_id === f.id]"
    )
    assert found == ["Ghế", None, True]
