"""What a form asked travels with it: it is stored as what the person saw, or shown anew."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from kiosk.devices import pin_verifier
from questionnaires import Questionnaire, shipped
from survey.app import create_app
from survey.places import Office
from survey.store import tables
from survey.store.kiosks import add_pairing
from survey.store.places import load_places, open_desks, save_places
from survey.store.questionnaires import published_questionnaires
from survey.store.views import publish
from tests.kiosk.wire import Tablet, receipts, record

TODAY = date(2026, 10, 15)


def rows(engine):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(tables.response)).mappings()]


def change(engine, counter, **changes):
    """Give a counter other settings, as `hailong place load` does."""
    before = load_places(engine)
    if "office" in changes:
        changes["was"] = f"{before.office[0].id}/{counter}"
    counters = tuple(
        one.model_copy(update=changes) if one.id == counter else one for one in before.counter
    )
    offices = before.office
    if changes.get("office") not in (None, *(one.id for one in offices)):
        name = offices[0].name
        offices = (*offices, Office(id=changes["office"], name=name))
    save_places(engine, before.model_copy(update={"counter": counters, "office": offices}), TODAY)


def another(key="short@1", items=("overall",)) -> Questionnaire:
    """A questionnaire of the office's own that asks less than the desk's."""
    id_, _, version = key.partition("@")
    desk = shipped()["desk@2"]
    kept = tuple(item for item in desk.items if item.id in items)
    content = desk.model_copy(
        update={"id": id_, "version": int(version), "items": kept, "elements": (), "choices": ()}
    )
    data = content.model_dump(mode="json", by_alias=True, exclude_none=True)
    for item in data["item"]:
        item.pop("element", None)
    return Questionnaire.model_validate(data)


def test_an_open_form_is_stored_under_the_questionnaire_that_it_asked(citizen, engine):
    citizen.open()
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    assert citizen.send({"overall": "5", "access": "4"}).status_code == 303
    (row,) = rows(engine)
    assert (row["questionnaire"], row["scores"]) == ("desk@2", "54----")


def test_an_open_form_is_stored_under_the_sector_and_office_that_it_was_about(citizen, engine):
    citizen.open()
    change(engine, "quay-1", sectors=("construction",), office="xa-moi")
    assert citizen.send({"overall": "5"}).status_code == 303
    (row,) = rows(engine)
    assert (row["sector"], row["office"]) == ("land", "trieu-son")
    citizen.open()
    assert citizen.send({"overall": "5"}).status_code == 303
    assert {(row["sector"], row["office"]) for row in rows(engine)} == {
        ("land", "trieu-son"),
        ("construction", "xa-moi"),
    }


def test_what_was_chosen_among_several_is_not_turned_into_the_one_left(
    citizen_of_many_sectors, engine
):
    citizen = citizen_of_many_sectors
    citizen.open()
    change(engine, "quay-3", sectors=("residence",))
    assert citizen.send({"overall": "1", "sector": "certification"}).status_code == 303
    assert [row["sector"] for row in rows(engine)] == ["certification"]


@pytest.mark.sqlite_is_enough
def test_a_form_with_a_gap_comes_back_as_it_was_asked(citizen, engine):
    citizen.open()
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    again = citizen.send({"access": "2", "comment": "Ghế ít"})
    assert again.status_code == 422
    assert 'name="access"' in again.text
    assert "Ghế ít" in again.text
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_form_of_a_token_that_is_no_good_is_shown_as_it_is_asked_now(citizen, engine):
    """Answers to another form are not put into this one; the comment is kept."""
    citizen.open()
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    again = citizen.send({"overall": "2", "comment": "Ghế ít"}, token="nonsense")
    assert again.status_code == 422
    assert 'name="access"' not in again.text
    assert "Ghế ít" in again.text
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("was", "forged"),
    [("desk@2", "agency-service@2"), (" land", " construction"), ("trieu-son", "xa-khac")],
)
def test_nobody_can_change_what_a_form_asked(citizen, engine, was, forged):
    citizen.open()
    token = citizen.hidden["token"]
    assert was in token
    assert citizen.send({"overall": "5"}, token=token.replace(was, forged)).status_code == 422
    assert rows(engine) == []


@pytest.mark.sqlite_is_enough
def test_a_token_is_good_at_its_own_counter_only(citizen_at, engine):
    one, other = citizen_at("quay-1"), citizen_at("quay-2")
    one.open()
    other.open()
    assert one.send({"overall": "5"}, token=other.hidden["token"]).status_code == 422


def test_a_version_published_while_serving_is_asked_at_the_next_opening(citizen, engine):
    assert 'name="access"' in citizen.open().text
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    assert 'name="access"' not in citizen.open().text
    assert citizen.send({"overall": "4"}).status_code == 303
    assert [row["questionnaire"] for row in rows(engine)] == ["short@1"]


def test_a_tablet_works_from_a_version_published_while_serving(client, engine):
    tablet = enrol(client, engine)
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    document = tablet.get("station.json").json
    assert [question["id"] for question in document["questions"]] == ["overall", "comment"]
    mine = record(questionnaire="short@1", scores={"overall": 4})
    assert receipts(tablet.hand_in(mine)) == ["stored"]


def test_an_answer_that_waited_on_a_tablet_keeps_its_office(client, engine):
    tablet = enrol(client, engine)
    document = tablet.get("station.json").json
    change(engine, "quay-1", office="xa-moi", sectors=("construction",))
    waited = record(office=document["office_id"], sector=document["sectors"][0]["id"])
    fresh = record(office="xa-moi", sector="construction")
    nowhere = record(office="xa-khac")
    reply = tablet.hand_in(waited, fresh, nowhere)
    assert receipts(reply) == ["stored", "stored", "refused"]
    assert reply.json["results"][2]["problems"] == [{"place": "office", "code": "unknown"}]
    found = {row["response_id"]: (row["office"], row["sector"]) for row in rows(engine)}
    assert found[waited["response_id"]] == ("trieu-son", "land")
    assert found[fresh["response_id"]] == ("xa-moi", "construction")


@pytest.mark.sqlite_is_enough
def test_no_file_of_the_folder_is_needed_for_what_was_published(config, engine, figures):
    publish(engine, [another()])
    change(engine, "quay-1", questionnaire="short@1")
    (config.questionnaires_folder / "broken.v1.toml").write_text("id = ", encoding="utf-8")
    app = create_app(config, engine, figures)
    assert app.test_client().get(f"/r/{code(engine)}").status_code == 200
    assert "short@1" in published_questionnaires(engine)


def test_a_kept_version_that_cannot_be_read_leaves_the_others(engine):
    publish(engine, [another()])
    table = tables.questionnaire
    with engine.begin() as connection:
        broken = table.update().where(table.c.key == "short@1")
        connection.execute(broken.values(content=json.dumps({"id": 1})))
    assert set(published_questionnaires(engine)) == set(shipped())


def test_what_a_version_says_of_others_can_be_added_later(engine):
    publish(engine, [another()])
    said = another().model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"same_as": ("desk@2",)}) for item in another().items
            )
        }
    )
    publish(engine, [said])
    assert published_questionnaires(engine)["short@1"].item("overall").same_as == ("desk@2",)


@pytest.mark.sqlite_is_enough
def test_thanks_are_said_to_who_answered(citizen):
    early = citizen.client.get(f"/r/{citizen.code}/thanks")
    assert early.status_code == 200
    assert "đã được ghi nhận" not in early.text
    assert f'href="/r/{citizen.code}?' in early.text
    reply = citizen.send({"overall": "5"})
    assert "đã được ghi nhận" in citizen.client.get(reply.headers["Location"]).text


@pytest.mark.sqlite_is_enough
def test_thanks_tell_one_response_from_no_other(citizen):
    first = citizen.send({"overall": "5"}).headers["Location"]
    citizen.open("?new=1")
    assert citizen.send({"overall": "1"}).headers["Location"] == first


@pytest.mark.sqlite_is_enough
def test_a_receipt_is_good_at_its_own_counter_only(citizen_at):
    here, there = citizen_at("quay-1"), citizen_at("quay-2")
    query = here.send({"overall": "5"}).headers["Location"].partition("?")[2]
    page = there.client.get(f"/r/{there.code}/thanks?{query}")
    assert "đã được ghi nhận" not in page.text


@pytest.mark.sqlite_is_enough
def test_the_other_language_keeps_what_was_chosen_and_stores_nothing(citizen, engine):
    citizen.open()
    given = citizen.hidden | {"overall": "2", "went_wrong": "waiting", "comment": "Chờ lâu"}
    page = citizen.client.post(f"/r/{citizen.code}?lang=en&again=1", data=given)
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert page.text.count("checked>") == 2
    assert "Chờ lâu" in page.text
    assert citizen.hidden["response_id"] in page.text
    assert 'class="err"' not in page.text
    assert rows(engine) == []


def enrol(client, engine) -> Tablet:
    def now():
        return datetime.now(UTC)

    tablet = Tablet(client, now)
    pin = pin_verifier("246810")
    pairing = add_pairing(engine, "quay-1", pin, now(), lasting=False)
    assert tablet.pair(pairing).status_code == 200
    return tablet


def code(engine) -> str:
    (found,) = [
        desk.link.code for desk in open_desks(engine, "poster") if desk.counter.id == "quay-1"
    ]
    return found
