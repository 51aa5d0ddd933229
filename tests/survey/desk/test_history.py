"""The history on a page: what staff did about its subject, by the day of the office."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from survey.config import Config
from survey.store.staff_actions import By, StaffAction, note
from tests.survey.desk.communes import OWN
from tests.survey.desk.pages import SignIn

PAST_MIDNIGHT = time(0, 30)
"""Of the office; seven hours behind it is the evening before."""
MADE = {"target": "hộ tịch", "threshold": "90%", "deadline": "2027", "source": "Kế hoạch 1"}
PUBLISHED = {"questionnaire": "desk@2", "title": "Phiếu"}
ENTERED = {"month": "2026-09", "changes": "1: 5/0/0"}


@pytest.fixture
def administrator(signed_in: SignIn) -> FlaskClient:
    return signed_in("administrator", None)


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("page", "action", "details"),
    [
        ("/targets", "target_made", MADE),
        ("/questionnaires", "questionnaire_published", PUBLISHED),
        (f"/dossiers/indicators?office={OWN}", "indicators_entered", ENTERED),
    ],
)
def test_what_is_done_after_midnight_has_the_new_day(
    page: str,
    action: StaffAction,
    details: dict[str, str],
    administrator: FlaskClient,
    engine: Engine,
    config: Config,
) -> None:
    moment = datetime.combine(date(2026, 10, 16), PAST_MIDNIGHT, config.zone)
    with engine.begin() as connection:
        note(connection, By("binh", moment), action, OWN if "office" in page else None, **details)
    assert "16/10/2026: binh" in administrator.get(page).text
