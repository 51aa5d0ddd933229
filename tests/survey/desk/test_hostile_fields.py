"""What no keyboard makes, in fields of staff pages: never our fault, and nothing odd is stored."""

from __future__ import annotations

from datetime import date

import pytest

from survey.access import EVERYTHING
from survey.reports.kept import Revision, keep
from survey.store.places import list_offices
from tests.survey.desk.pages import send, sign_in

ENDLESS = "9" * 5000


@pytest.fixture
def officer(app, engine):
    return sign_in(app, engine, EVERYTHING)


def test_control_characters_reach_neither_a_query_nor_what_is_stored(officer, engine):
    for path in (
        "/comments?sector=a%00b",
        "/comments?words=%00",
        "/log?name=%00",
        "/log?action=%00",
    ):
        assert officer.get(path).status_code == 200, path
    typed = {"vi": "Thôn\x00 \u202eMới\x1f", "en": "\x85New\x9f Hamlet", "parent": ""}
    assert send(officer, "/places/office", typed).status_code == 303
    assert [(one.name.vi, one.name.en) for one in list_offices(engine)][-1] == (
        "Thôn Mới",
        "New Hamlet",
    )


@pytest.mark.sqlite_is_enough
def test_a_number_without_end_is_no_number(officer, config):
    day = date(2026, 10, 5).isoformat()
    keep(
        config.data, Revision("all", "2026-09", "vi", 1, "0" * 64, day, "", (), None), {"pdf": b"%"}
    )
    assert officer.get("/files/report/all/2026-09/vi-001.pdf").status_code == 200
    for number in (ENDLESS, "²", "٣", "-1"):
        assert officer.get(f"/files/report/all/2026-09/vi-{number}.pdf").status_code == 404
        assert officer.get(f"/log?page={number}").status_code == 404
