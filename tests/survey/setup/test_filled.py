"""From what was filled in to places and settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from questionnaires import shipped
from survey.address import parse_address
from survey.places import check_counters, shipped_places
from survey.setup.filled import (
    Account,
    CounterRow,
    Filled,
    SectorRow,
    address_problem,
    counters_problem,
    first_sectors,
    fitted,
    office_problem,
    sectors_problem,
    with_more,
)


def filled(**other: object) -> Filled:
    sectors = first_sectors()
    first = Filled("UBND xã Đồng Tâm", "", Account("lan", "x" * 12), sectors, fitted((), sectors))
    return replace(first, **other)


def test_what_stands_there_at_first_is_an_office_with_one_counter_for_every_shipped_sector():
    places = filled().places()
    check_counters(places, shipped())
    assert [(one.id, one.name.vi, one.name.en) for one in places.office] == [
        ("ubnd-xa-dong-tam", "UBND xã Đồng Tâm", "UBND xã Đồng Tâm")
    ]
    assert places.sector == shipped_places().sector
    assert places.procedure == shipped_places().procedure
    (counter,) = places.counter
    assert (counter.id, counter.name.en) == ("quay-1", "Counter 1")
    assert counter.sectors == tuple(one.id for one in places.sector)


def test_a_sector_that_is_not_ticked_takes_its_procedures_and_its_place_at_counters_along():
    rows = tuple(replace(row, used=row.id == "land") for row in first_sectors())
    places = filled(sectors=rows).places()
    assert [one.id for one in places.sector] == ["land"]
    assert {one.sector for one in places.procedure} <= {"land"}
    assert [one.sectors for one in places.counter] == [("land",)]


def test_a_renamed_sector_keeps_its_id_and_examples_but_not_the_english_of_another_name():
    rows = tuple(
        replace(row, name="Nhà đất") if row.id == "land" else row for row in first_sectors()
    )
    land, *others = filled(sectors=rows).places().sector
    assert (land.id, land.name.vi, land.name.en) == ("land", "Nhà đất", "Nhà đất")
    assert land.hint == shipped_places().sector[0].hint
    assert tuple(others) == shipped_places().sector[1:]


def test_own_sectors_get_ids_of_their_own_whatever_they_are_called():
    rows = with_more(first_sectors(), ["Nông nghiệp", " ", "land", "Land!", "農業", "general"])
    added = [(row.id, row.name) for row in rows[len(first_sectors()) :]]
    assert added == [
        ("nong-nghiep", "Nông nghiệp"),
        ("land-2", "land"),
        ("land-3", "Land!"),
        ("noi", "農業"),
        ("general-2", "general"),
    ]


def test_two_counters_that_would_have_one_id_have_two():
    rows = (CounterRow("Quầy A", "desk@2", ("land",)), CounterRow("Quay A", "desk@2", ("land",)))
    assert counters_problem(rows, shipped()) is None
    assert [one.id for one in filled(counters=rows).places().counter] == ["quay-a", "quay-a-2"]


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ((), "no_counters"),
        ((CounterRow("Quầy 1", "desk@2"),), "needs_sector"),
        ((CounterRow("Quầy 1", "none@1", ("land",)),), "no_questionnaire"),
        ((CounterRow("A", "agency-service@2"), CounterRow("a", "agency-service@2")), "twice"),
        ((CounterRow("A" * 121, "agency-service@2"),), "long"),
        (tuple(CounterRow(str(n), "agency-service@2") for n in range(51)), "many"),
    ],
)
def test_what_is_wrong_with_counters_is_named(rows: tuple[CounterRow, ...], key: str):
    problem = counters_problem(rows, shipped())
    assert problem is not None
    assert problem.key == key


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ((), "no_sectors"),
        ((SectorRow("land", "Đất", used=False),), "no_sectors"),
        ((SectorRow("land", ""),), "no_name"),
        ((SectorRow("land", "Hòa giải"), SectorRow("b", "HOÀ GIẢI")), "twice"),
        (tuple(SectorRow(str(n), str(n)) for n in range(61)), "many"),
    ],
)
def test_what_is_wrong_with_sectors_is_named(rows: tuple[SectorRow, ...], key: str):
    problem = sectors_problem(rows)
    assert problem is not None
    assert problem.key == key


def test_an_office_has_a_name_of_a_length_that_fits_on_a_poster():
    assert office_problem("UBND xã", "") is None
    assert [
        one and one.key for one in (office_problem("", ""), office_problem("a", "b" * 121))
    ] == [
        "no_office",
        "long",
    ]


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        # Phones come to us themselves: we listen to the network.
        ("http://192.168.1.10:8000", {"host": "0.0.0.0"}),
        ("http://hailong.lan:8000", {"host": "0.0.0.0"}),
        # Whoever speaks https for us stands before us, and names the visitor.
        ("https://hailong.xa.vn", {"trusted_proxies": 1}),
    ],
)
def test_the_settings_let_phones_reach_the_address_that_was_chosen(url: str, settings: dict):
    chosen = filled(address=parse_address(url))
    assert chosen.settings() == {"base_url": url} | settings


def test_an_address_that_is_left_for_later_sets_nothing():
    assert filled().settings() == {}


def test_more_servers_in_front_are_not_made_fewer():
    address = parse_address("https://hailong.xa.vn")
    assert filled(address=address).settings(trusted_proxies=2)["trusted_proxies"] == 2


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_an_address_of_one_machine_alone_is_none_for_phones(url: str):
    assert address_problem(parse_address(url)) is not None


def test_no_printed_record_of_an_account_shows_its_password():
    assert "x" * 12 not in repr(filled())
