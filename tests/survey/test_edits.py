"""One edit of the places: what it changes, what it leaves, and what is refused."""

from __future__ import annotations

import pytest

from questionnaires import Text, shipped
from survey.edits import (
    EditRefused,
    close_counter,
    drop_sector,
    merge_office,
    new_id,
    put_counter,
    put_office,
    put_sector,
)
from survey.places import Counter, Office, Sector, shipped_places

PLACES = shipped_places()
FIRST = PLACES.counter[0]


def named(name: str) -> Text:
    return Text(vi=name, en=name)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Quầy 4 · Hộ tịch", "quay-4-ho-tich"),
        ("ĐẤT ĐAI", "dat-dai"),
        ("  Một cửa (xã Triệu Sơn)  ", "mot-cua-xa-trieu-son"),
        ("一", "noi"),
        ("a" * 100, "a" * 60),
    ],
)
def test_an_id_is_made_out_of_the_name(name, id_):
    assert new_id(name, ()) == id_


def test_two_places_of_one_name_have_two_ids():
    assert new_id("Quầy 1", {"quay-1", "quay-1-2"}) == "quay-1-3"


def test_a_new_name_changes_the_counter_and_makes_no_second_one():
    changed = put_counter(PLACES, FIRST.model_copy(update={"name": named("Quầy A")}), shipped())
    assert [one.id for one in changed.counter] == [one.id for one in PLACES.counter]
    assert changed.counter[0].name.vi == "Quầy A"
    assert changed.counter[1:] == PLACES.counter[1:]


def test_a_new_counter_is_the_last_one():
    new = Counter(
        id="quay-x",
        office=FIRST.office,
        name=named("Quầy X"),
        questionnaire="desk@2",
        sectors=("land",),
    )
    assert put_counter(PLACES, new, shipped()).counter == (*PLACES.counter, new)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"id": "other"}, "same_name"),
        ({"id": "other", "name": named(FIRST.name.vi.upper())}, "same_name"),
        ({"sectors": ()}, "needs_sector"),
        ({"questionnaire": "gone@1"}, "no_questionnaire"),
    ],
)
def test_a_counter_that_nobody_could_use_is_refused(change, key):
    with pytest.raises(EditRefused) as refused:
        put_counter(PLACES, FIRST.model_copy(update=change), shipped())
    assert refused.value.key == key


def test_a_closed_counter_is_out_of_the_list_and_cannot_be_closed_again():
    closed = close_counter(PLACES, FIRST.id)
    assert closed.counter == PLACES.counter[1:]
    with pytest.raises(EditRefused):
        close_counter(closed, FIRST.id)


def test_a_sector_that_a_counter_asks_about_stays():
    asked = next(one for one in PLACES.counter if one.sectors)
    with pytest.raises(EditRefused) as refused:
        drop_sector(PLACES, asked.sectors[0])
    assert asked.name.vi in refused.value.words["counters"]


def test_a_sector_goes_with_its_procedures():
    sector = PLACES.procedure[0].sector
    silent = PLACES.model_copy(
        update={
            "counter": tuple(
                one.model_copy(
                    update={
                        "sectors": tuple(id_ for id_ in one.sectors if id_ != sector),
                        "questionnaire": "agency-service@2",
                    }
                )
                for one in PLACES.counter
            )
        }
    )
    left = drop_sector(silent, sector)
    assert sector not in {one.id for one in left.sector}
    assert sector not in {one.sector for one in left.procedure}


def test_two_sectors_have_two_names():
    new = Sector(id="new", name=named(PLACES.sector[0].name.vi.lower()))
    with pytest.raises(EditRefused) as refused:
        put_sector(PLACES, new)
    assert refused.value.key == "same_name"


def test_an_office_is_never_above_itself():
    own = PLACES.office[0]
    below = Office(id="thon", name=named("Thôn"), parent=own.id)
    places = put_office(PLACES, below)
    with pytest.raises(EditRefused) as refused:
        put_office(places, own.model_copy(update={"parent": "thon"}))
    assert refused.value.key == "circle"


def test_two_communes_may_have_one_name_in_two_districts():
    own = PLACES.office[0]
    districts = [Office(id=f"huyen-{n}", name=named(f"Huyện {n}")) for n in (1, 2)]
    places = PLACES.model_copy(update={"office": (own, *districts)})
    for n in (1, 2):
        places = put_office(
            places, Office(id=f"xa-{n}", name=named("Xã Tân Lập"), parent=f"huyen-{n}")
        )
    assert len(places.office) == 5


def test_two_counters_of_one_name_are_named_before_offices_become_one():
    other = Office(id="xa-khac", name=named("Xã Khác"))
    places = put_office(PLACES, other)
    twin = FIRST.model_copy(update={"id": "twin", "office": "xa-khac"})
    places = put_counter(places, twin, shipped())
    with pytest.raises(EditRefused) as refused:
        merge_office(places, "xa-khac", FIRST.office)
    assert (refused.value.key, refused.value.words["name"]) == ("same_name", FIRST.name.vi)


def test_no_counter_asks_the_questions_of_the_recheck():
    asking = FIRST.model_copy(update={"questionnaire": "recheck@1"})
    with pytest.raises(EditRefused) as refused:
        put_counter(PLACES, asking, shipped())
    assert refused.value.key == "no_questionnaire"
