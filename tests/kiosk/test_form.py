"""A citizen's form on real questions, in a real browser; the rest is in tests/js/form.test.mjs."""

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
