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
from survey.places import Counter, Office, Places, Sector, shipped_places

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
    closed = close_counter(PLACES, FIRST.full_id)
    assert closed.counter == PLACES.counter[1:]
    with pytest.raises(EditRefused):
        close_counter(closed, FIRST.full_id)


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


def with_twin(**changes: object) -> Places:
    """Two communes, each with a counter of the same id and name."""
    places = put_office(PLACES, Office(id="xa-khac", name=named("Xã Khác")))
    twin = FIRST.model_copy(update={"office": "xa-khac"} | changes)
    return put_counter(places, twin, shipped())


def test_a_counter_is_changed_and_closed_in_its_own_office_alone():
    places = with_twin()
    own, other = FIRST.full_id, f"xa-khac/{FIRST.id}"
    renamed = places.counter[-1].model_copy(update={"name": named("Quầy Một")})
    changed = put_counter(places, renamed, shipped())
    assert {one.full_id: one.name.vi for one in changed.counter if one.id == FIRST.id} == {
        own: FIRST.name.vi,
        other: "Quầy Một",
    }
    left = close_counter(places, other)
    assert [one.full_id for one in left.counter if one.id == FIRST.id] == [own]


def test_a_counter_that_moves_to_another_office_says_what_it_was():
    places = put_office(PLACES, Office(id="xa-khac", name=named("Xã Khác")))
    moved = FIRST.model_copy(update={"office": "xa-khac"})
    found = put_counter(places, moved, shipped(), FIRST.full_id)
    assert [one.full_id for one in found.counter][:2] == [
        f"xa-khac/{FIRST.id}",
        PLACES.counter[1].full_id,
    ]
    assert found.counter[0].was == FIRST.full_id


def test_offices_that_become_one_may_have_counters_of_one_name_and_id():
    merged = merge_office(with_twin(), "xa-khac", FIRST.office)
    twin = merged.counter[-1]
    assert twin.name.vi == f"{FIRST.name.vi} (Xã Khác)"
    assert (twin.office, twin.id) == (FIRST.office, f"{FIRST.id}-xa-khac")
    assert twin.was == f"xa-khac/{FIRST.id}"
    assert merged.counter[0] == FIRST


def test_offices_that_become_one_leave_the_ids_of_closed_counters_alone():
    places = with_twin(id="quay-9", name=named("Quầy 9"))
    twin = merge_office(places, "xa-khac", FIRST.office, {"quay-9"}).counter[-1]
    assert (twin.id, twin.name.vi) == ("quay-9-2", "Quầy 9")


def test_no_counter_asks_the_questions_of_the_recheck():
    asking = FIRST.model_copy(update={"questionnaire": "recheck@1"})
    with pytest.raises(EditRefused) as refused:
        put_counter(PLACES, asking, shipped())
    assert refused.value.key == "no_questionnaire"
