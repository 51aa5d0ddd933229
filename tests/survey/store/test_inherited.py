"""What an office has of its own, and what it has from the nearest office above it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from questionnaires import Text
from survey.errors import ConfigError
from survey.office_settings import set_hours
from survey.places import Office, parse_places, shipped_places, write_places
from survey.store.inherited import Hours, hours_of
from survey.store.places import load_places, save_places
from survey.store.staff_actions import By, DoneFilter, list_actions

USUAL = "Mon-Fri 07:30-11:30 13:30-17:00"
SATURDAY = "Mon-Sat 07:00-11:00"
MARKET = "Sun 06:00-10:00"
TODAY = date(2026, 10, 15)


def office(id_: str, parent: str | None = None, hours: str | None = None) -> Office:
    return Office(id=id_, name=Text(vi=id_, en=id_), parent=parent, opening_hours=hours)


@pytest.fixture
def province(engine):
    """A province with hours of its own, a district, its two communes, and a province beside it."""
    offices = (
        office("tinh", hours=SATURDAY),
        office("huyen", "tinh"),
        office("xa-mot", "huyen"),
        office("xa-hai", "huyen", MARKET),
        office("tinh-khac"),
    )
    shipped = shipped_places()
    places = shipped.model_copy(update={"office": (*shipped.office, *offices)})
    save_places(engine, places, TODAY)
    return places


def test_the_hours_of_an_office_are_its_own_or_of_the_nearest_above_it(province, engine):
    wanted = ["tinh", "huyen", "xa-mot", "xa-hai", "tinh-khac", "never-stored"]
    assert hours_of(engine, wanted, USUAL) == {
        "tinh": Hours(SATURDAY, "tinh"),
        "huyen": Hours(SATURDAY, "tinh"),
        "xa-mot": Hours(SATURDAY, "tinh"),
        "xa-hai": Hours(MARKET, "xa-hai"),
        "tinh-khac": Hours(USUAL, None),
        "never-stored": Hours(USUAL, None),
    }
    assert hours_of(engine, [], USUAL) == {}


def test_hours_that_are_set_hold_below_at_once_and_can_be_taken_back(province, engine, config):
    by = By("lan", datetime(2026, 10, 15, 9, 0, tzinfo=config.zone))
    district = next(one for one in province.office if one.id == "huyen")
    set_hours(engine, district, f"  {MARKET} ; Mon  08:00-09:00 ", TODAY, by)
    now = "Mon 08:00-09:00; Sun 06:00-10:00"
    assert hours_of(engine, ["xa-mot"], USUAL) == {"xa-mot": Hours(now, "huyen")}
    set_hours(engine, district, None, TODAY, by)
    assert hours_of(engine, ["xa-mot"], USUAL) == {"xa-mot": Hours(SATURDAY, "tinh")}
    back, put = list_actions(engine, DoneFilter(), 2)
    assert (put.action, put.office, put.details) == (
        "office_hours_set",
        "huyen",
        {"name": "huyen", "hours": "T2 08:00-09:00; CN 06:00-10:00"},
    )
    assert (back.action, back.details) == ("office_hours_inherited", {"name": "huyen"})


def test_hours_that_cannot_be_read_change_nothing(province, engine, config):
    by = By(None, datetime(2026, 10, 15, 9, 0, tzinfo=config.zone))
    commune = next(one for one in province.office if one.id == "xa-hai")
    with pytest.raises(ConfigError, match="7x30"):
        set_hours(engine, commune, "Mon-Fri 7x30-11x30", TODAY, by)
    assert hours_of(engine, ["xa-hai"], USUAL)["xa-hai"].text == MARKET
    assert list_actions(engine, DoneFilter(), 2) == []


def test_a_places_file_tells_the_hours_of_offices_and_brings_them_back(province, engine):
    text = write_places(load_places(engine))
    assert text.count("opening_hours = ") == 2
    save_places(engine, parse_places(text, "places.toml"), TODAY)
    assert hours_of(engine, ["xa-mot", "xa-hai"], USUAL) == {
        "xa-mot": Hours(SATURDAY, "tinh"),
        "xa-hai": Hours(MARKET, "xa-hai"),
    }
