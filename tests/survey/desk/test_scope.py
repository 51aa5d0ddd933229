"""Figures for an account of one office: made of its own answers and those below it alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from analysis.period import parse_period
from survey.access import Grant, Role
from survey.config import Config
from survey.figures.office import Figures, office_figures
from survey.intake import Response
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.responses import add_many
from survey.store.staff import add_staff
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, TODAY, save_communes

PASSWORD = "bốn từ không dính nhau"
ANSWERS = {OWN: 40, BELOW: 30, FOREIGN: 50}


@pytest.fixture
def offices(engine: Engine) -> Engine:
    """A commune with an office below it, and another commune whose answers are all bad."""
    save_communes(engine)
    for office, count in ANSWERS.items():
        score = "1" if office == FOREIGN else "5"
        sheet = ("desk@1", office, "land", "poster", date(2026, 9, 5), f"{score}-----")
        reasons = (("went_wrong", "waiting"),) if office == FOREIGN else ()
        add_many(
            engine, [Response(str(uuid.uuid4()), *sheet, choices=reasons) for _ in range(count)]
        )
    return engine


def figures_of(config: Config, engine: Engine, **more: object) -> Figures:
    known = published_questionnaires(engine)
    period = parse_period("2026-09")
    return office_figures(config, load_places(engine), known, period, TODAY, **more)  # type: ignore[arg-type]  # as given


def test_the_figures_of_some_offices_are_made_of_their_answers_alone(
    config: Config, offices: Engine
) -> None:
    document = figures_of(config, offices, within=OWN).document
    total = document.pick(office="all")
    assert total is not None
    assert (total.n, total.share) == (70, 1.0)
    assert {row.office for row in document.estimates} == {"all", OWN, BELOW}
    assert FOREIGN not in str(document.as_json())
    assert document.reasons == ()


def test_of_what_may_be_published_nothing_stands_beside(config: Config, offices: Engine) -> None:
    found = figures_of(config, offices, leaves=True)
    assert found.document.view == "published"
    assert found.gathered is None


@pytest.fixture
def signed_in(app: Flask, offices: Engine) -> Callable[[Role], FlaskClient]:
    def sign_in(role: Role) -> FlaskClient:
        add_staff(offices, role, PASSWORD, TODAY, grant=Grant(role, OWN))
        client = app.test_client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
        assert token
        given = {"csrf_token": token[1], "name": role, "password": PASSWORD}
        assert client.post("/sign-in", data=given).status_code == 303
        return client

    return sign_in


@pytest.mark.slow
@pytest.mark.sqlite_is_enough
def test_all_offices_means_the_account_s_own(signed_in: Callable[[Role], FlaskClient]) -> None:
    page = signed_in("analyst").get("/results/2026-09")
    assert page.status_code == 200
    assert "Số phiếu của kỳ này đến lúc này: 70" in page.text
    assert "Xã Khác" not in page.text
    assert "Vì sao chưa hài lòng?" not in page.text


@pytest.mark.slow
@pytest.mark.sqlite_is_enough
def test_a_viewer_sees_what_may_be_published_of_periods_that_are_over(
    signed_in: Callable[[Role], FlaskClient],
) -> None:
    client = signed_in("viewer")
    page = client.get("/results/2026-09").text
    assert "Số liệu được phép công bố" in page
    assert "Nội bộ" not in page
    assert "đến lúc này" not in page
    assert "Xã Khác" not in page
    for part in ("sector=land", "channel=poster", "sector=land&channel=poster"):
        shown = client.get(f"/results/2026-09?{part}")
        assert shown.status_code == 200
        assert "Nội bộ" not in shown.text and "Xã Khác" not in shown.text
        assert "đến lúc này" not in shown.text
        assert client.get(f"/results/2026-09/{FOREIGN}?{part}").status_code == 404
    for period in ("12m:2026-09", "2099-01"):
        waits = client.get(f"/results/{period}").text
        assert "Kỳ này chưa công bố được" in waits
        assert client.get(f"/results/{period}/chart.svg").status_code == 404
