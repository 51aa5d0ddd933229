"""`/open/seals.json`: for anyone, kept by caches, and nothing of an answer in it."""

from __future__ import annotations

import json
import uuid
from datetime import date

import pytest

from survey.intake import Response
from survey.seals import check_chain, read_document
from survey.store import sealing
from survey.store.responses import add_many

pytestmark = pytest.mark.sqlite_is_enough

ADDRESS = "/open/seals.json"


def answer(day: date) -> Response:
    sheet = ("desk@1", "trieu-son", "land", "poster", day, "54----")
    return Response(str(uuid.uuid4()), *sheet, comment="lâu quá")


def test_an_office_without_seals_gives_an_empty_list(client):
    reply = client.get(ADDRESS)
    assert (reply.status_code, reply.json) == (200, {"format": "hailong.seals/1", "seals": []})


def test_everybody_may_have_the_seals_and_asks_again_cheaply(client, engine):
    add_many(engine, [answer(date(2026, 10, 5))])
    sealing.seal_days(engine, date(2026, 10, 6))
    first = client.get(ADDRESS)
    chain = read_document(first.text)
    assert [one.about for one in chain] == ["2026-10-05", "2026-10-06"]
    assert list(check_chain(chain)) == []
    assert first.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in first.headers
    again = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    sealing.seal_days(engine, date(2026, 10, 7))
    newer = client.get(ADDRESS, headers={"If-None-Match": first.headers["ETag"]})
    assert (newer.status_code, len(newer.json["seals"])) == (200, 3)


def test_a_day_with_one_answer_looks_like_one_with_many_or_none(client, engine):
    alone = answer(date(2026, 10, 5))
    add_many(engine, [alone, *(answer(date(2026, 10, 6)) for _ in range(12))])
    sealing.seal_days(engine, date(2026, 10, 7))
    shown = client.get(ADDRESS).text
    kinds = {
        tuple((name, type(value).__name__, len(str(value))) for name, value in one.items())
        for one in json.loads(shown)["seals"]
    }
    assert len(kinds) == 1
    assert alone.response_id not in shown
    assert not {"key", "answers", "office"} & set(json.loads(shown)["seals"][0])
