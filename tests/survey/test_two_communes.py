"""Two communes, each with a counter `quay-1`: nothing of one is ever taken for the other's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from kiosk.devices import pin_verifier
from questionnaires import Text
from survey.access import Grant
from survey.commands.kiosk import command as kiosk
from survey.commands.place import command as place
from survey.commands.poster import command as poster
from survey.commands.slips import command as slips
from survey.config import Config
from survey.errors import HailongError, PlacesError, StoreError
from survey.places import Counter, Office, Places, parse_places, shipped_places, write_places
from survey.store import tables
from survey.store.kiosks import add_pairing, list_kiosks
from survey.store.places import (
    Desk,
    find_desk,
    load_closed,
    load_places,
    open_desks,
    save_places,
)
from survey.store.slips import count_slips, forget_slips, list_batches
from tests.clock import day_here
from tests.kiosk.wire import Tablet, receipts, record
from tests.survey.conftest import Citizen
from tests.survey.desk.pages import send, sign_in
from tests.survey.slips import Holder, issue

TODAY = date(2026, 10, 15)
OWN, OTHER = "trieu-son", "xa-khac"
MINE, THEIRS = f"{OWN}/quay-1", f"{OTHER}/quay-1"
LIKED = {"overall": "5"}


def two_communes() -> Places:
    """The shipped commune, and another one whose only counter has the id and name of its first."""
    shipped_here = shipped_places()
    twin = shipped_here.counter[0].model_copy(update={"office": OTHER})
    other = Office(id=OTHER, name=Text(vi="Xã Khác", en="Another Commune"))
    return shipped_here.model_copy(
        update={
            "office": (*shipped_here.office, other),
            "counter": (*shipped_here.counter, twin),
        }
    )


@pytest.fixture
def desks(engine: Engine) -> dict[str, Desk]:
    """The desks of both communes by the full id of their counter."""
    save_places(engine, two_communes(), TODAY)
    return desks_of(engine)


def desks_of(engine: Engine) -> dict[str, Desk]:
    return {desk.counter.full_id: desk for desk in open_desks(engine, "poster")}


def offices_of_answers(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(tables.response.c.office)).scalars())


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command on the set-up office."""
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)

    def invoke(command, *arguments: object) -> Result:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(command, listed, catch_exceptions=False, standalone_mode=False)

    return invoke


def changed(engine: Engine, text: str) -> None:
    save_places(engine, parse_places(text, "places.toml"), TODAY)


# --- Answers ----------------------------------------------------------------------------------


def test_each_poster_opens_its_own_commune_and_stores_its_answers_there(client, engine, desks):
    assert desks[MINE].link.code != desks[THEIRS].link.code
    for full_id, name in ((MINE, "UBND xã Triệu Sơn"), (THEIRS, "Xã Khác")):
        citizen = Citizen(client, desks[full_id].link.code)
        assert name in citizen.open().text
        assert citizen.send(LIKED).status_code == 303
    assert offices_of_answers(engine) == [OWN, OTHER]


def test_a_form_of_one_commune_is_no_form_of_the_other(client, engine, desks):
    mine, theirs = (Citizen(client, desks[full_id].link.code) for full_id in (MINE, THEIRS))
    mine.open()
    theirs.open()
    assert theirs.send(LIKED, token=mine.hidden["token"]).status_code != 303
    (here,), (there,) = (issue(engine, counter=full_id) for full_id in (MINE, THEIRS))
    holders = [Holder(client, token) for token in (here, there)]
    for holder in holders:
        holder.open()
    assert holders[1].send(LIKED, token=holders[0].hidden["token"]).status_code != 303
    assert offices_of_answers(engine) == []


def test_the_day_of_one_counter_is_not_that_of_the_other(make_client, engine, desks):
    client = make_client(responses_per_counter_a_day=2)

    def answers(full_id: str, address: str) -> int:
        client.environ_base["REMOTE_ADDR"] = address
        return Citizen(client, desks[full_id].link.code).send(LIKED).status_code

    full = [answers(MINE, address) for address in ("203.0.113.1", "198.51.100.1", "192.0.2.1")]
    assert full == [303, 303, 429]
    assert answers(THEIRS, "192.0.2.1") == 303
    # After a restart the day goes on from what is stored, of each by itself.
    client = make_client(responses_per_counter_a_day=2)
    assert [answers(full_id, "192.0.2.9") for full_id in (MINE, THEIRS)] == [429, 303]


def test_a_tablet_stands_in_its_own_commune(client, engine, desks):
    now = datetime.now(UTC)
    for full_id in (MINE, THEIRS):
        tablet = Tablet(client, lambda: now)
        code = add_pairing(engine, full_id, pin_verifier("246810"), now, lasting=False)
        station = tablet.pair(code).json["station"]
        assert full_id == f"{station['office_id']}/{station['counter_id']}"
        answer = record(questionnaire=station["questionnaire"], office=station["office_id"])
        assert receipts(tablet.hand_in(answer)) == ["stored"]
    assert offices_of_answers(engine) == [OWN, OTHER]
    assert sorted((one.office, one.counter_id) for one in list_kiosks(engine)) == [
        (OWN, "quay-1"),
        (OTHER, "quay-1"),
    ]
    with pytest.raises(PlacesError, match=f"quay-1'; name it with its office, one of: {MINE}, "):
        add_pairing(engine, "quay-1", pin_verifier("246810"), now, lasting=False)


def test_slips_are_issued_listed_and_counted_for_each(engine, desks):
    issue(engine, 2, counter=MINE, on=TODAY)
    issue(engine, 3, counter=THEIRS, on=TODAY)
    assert {one.counter: one.left for one in list_batches(engine, TODAY)} == {MINE: 2, THEIRS: 3}
    issued = {
        (place.office, place.counter): number.issued
        for place, number in count_slips(engine, ("2026-10",), TODAY).items()
    }
    assert issued == {(OWN, MINE): 2, (OTHER, THEIRS): 3}
    later = date(2027, 3, 1)
    assert forget_slips(engine, later) == 5
    kept = count_slips(engine, ("2026-10",), later)
    assert {place.counter: number.issued for place, number in kept.items()} == {MINE: 2, THEIRS: 3}


# --- The file of places -----------------------------------------------------------------------


def test_a_file_with_the_id_in_two_offices_is_read_written_and_loaded(engine, desks):
    text = write_places(two_communes())
    assert parse_places(text, "x") == two_communes()
    changed(engine, text)
    assert desks_of(engine) == desks


def test_an_id_that_is_there_twice_within_one_office_is_refused_with_its_place():
    twice = write_places(two_communes()).replace('id = "quay-2"', 'id = "quay-1"')
    with pytest.raises(PlacesError, match=f"x.toml, counter '{MINE}': given 2 times; keep one"):
        parse_places(twice, "x.toml")


def test_a_counter_moves_to_another_office_with_its_code_and_tablet(run, engine, desks, tmp_path):
    now = datetime.now(UTC)
    moved = f"{OTHER}/quay-2"
    text = write_places(two_communes()).replace(
        f'id = "quay-2"\noffice = "{OWN}"', f'id = "quay-2"\noffice = "{OTHER}"'
    )
    file = tmp_path / "moved.toml"
    file.write_text(text, encoding="utf-8")
    shown = run(place, "load", file, "--yes").stdout
    assert f"write  was = \"{OWN}/quay-2\"  into counter '{moved}'" in shown
    code = desks[f"{OWN}/quay-2"].link.code
    assert not find_desk(engine, code).open  # type: ignore[union-attr]
    changed(engine, write_places(two_communes()))  # and back again: as before
    assert desks_of(engine) == desks
    add_pairing(engine, f"{OWN}/quay-2", pin_verifier("246810"), now, lasting=False)
    file.write_text(
        text.replace(f'office = "{OTHER}"', f'office = "{OTHER}"\nwas = "{OWN}/quay-2"', 1).replace(
            'id = "quay-2"', 'id = "quay-2b"'
        ),
        encoding="utf-8",
    )
    shown = run(place, "load", file).stdout
    assert f"counter '{OWN}/quay-2' becomes '{OTHER}/quay-2b'" in shown
    assert desks_of(engine)[f"{OTHER}/quay-2b"].link.code == code


def test_an_office_that_gets_another_id_takes_its_counters_along(engine, desks):
    text = write_places(two_communes()).replace(f'"{OTHER}"', '"xa-moi"')
    changed(engine, text.replace('id = "xa-moi"', f'id = "xa-moi"\nwas = "{OTHER}"', 1))
    found = desks_of(engine)
    assert found["xa-moi/quay-1"].link == desks[THEIRS].link
    assert found[MINE].link == desks[MINE].link


def joined(*more: Counter) -> str:
    """One commune of the two; `more` are the counters that came from the other."""
    one = shipped_places()
    office = one.office[0].model_copy(update={"was": OTHER})
    places = one.model_copy(update={"office": (office,), "counter": (*one.counter, *more)})
    text = write_places(places).replace(f'id = "{OWN}"', f'id = "{OWN}"\nwas = "{OTHER}"', 1)
    for counter in more:
        if counter.was:
            id_ = f'id = "{counter.id}"'
            text = text.replace(id_, f'{id_}\nwas = "{counter.was}"')
    return text


def test_two_open_counters_of_one_id_do_not_become_one_along_with_their_offices(engine, desks):
    before = load_places(engine)
    with pytest.raises(StoreError, match=f'{THEIRS} – {MINE}.*was = "{THEIRS}"'):
        changed(engine, joined())
    assert load_places(engine) == before
    third = Text(vi="Quầy 1 Xã Khác", en="Counter 1, Another Commune")
    twin = (
        two_communes()
        .counter[-1]
        .model_copy(update={"id": "quay-1b", "office": OWN, "name": third, "was": THEIRS})
    )
    changed(engine, joined(twin))
    found = desks_of(engine)
    assert found[f"{OWN}/quay-1b"].link == desks[THEIRS].link
    assert found[MINE].link == desks[MINE].link


def test_a_closed_counter_is_never_revived_by_one_of_the_same_id(engine, desks):
    both = two_communes()
    save_places(engine, both.model_copy(update={"counter": both.counter[:-1]}), TODAY)
    changed(engine, joined())
    assert desks_of(engine)[MINE].link == desks[MINE].link
    assert not find_desk(engine, desks[THEIRS].link.code).open  # type: ignore[union-attr]
    assert [one.full_id for one in load_closed(engine).counter] == [f"{MINE}-2"]


# --- Commands ---------------------------------------------------------------------------------


@pytest.mark.sqlite_is_enough
def test_an_id_that_several_have_is_refused_with_the_whole_values(run, desks, tmp_path):
    asked = (
        (place, "add-link", "quay-1"),
        (kiosk, "enrol", "--counter", "quay-1"),
        (poster, "--counter", "quay-1", "--out", tmp_path / "posters"),
        (
            slips,
            "issue",
            "--sector",
            "land",
            "--counter",
            "quay-1",
            "--count",
            "8",
            "--format",
            "csv",
        ),
    )
    for command, *arguments in asked:
        with pytest.raises(HailongError) as refused:
            run(command, *arguments)
        assert f"one of: {MINE}, {THEIRS}" in refused.value.said("en")
        assert f"một trong: {MINE}, {THEIRS}" in refused.value.said("vi")
    assert not (tmp_path / "posters").exists()


@pytest.mark.sqlite_is_enough
def test_what_commands_print_of_a_counter_can_be_typed_again(run, engine, desks):
    assert run(kiosk, "enrol", "--counter", THEIRS).stdout.startswith("code: ")
    shared = run(
        slips, "issue", "--sector", "land", "--counter", THEIRS, "--count", "8", "--format", "csv"
    )
    assert f"at {THEIRS}" in shared.stderr
    assert f"\t{THEIRS}\tland" in run(slips, "list").stdout
    (batch,) = list_batches(engine, day_here())
    assert f"\t{THEIRS}\tland" in run(slips, "count", "--period", batch.issued_in).stdout
    assert run(place, "add-link", "quay-2").stdout  # which one office alone has


@pytest.mark.sqlite_is_enough
def test_the_posters_of_both_lie_side_by_side_in_one_folder(run, desks, tmp_path):
    for full_id in (MINE, THEIRS, "quay-2"):
        run(poster, "--counter", full_id, "--size", "a5", "--out", tmp_path / "posters")
    assert {file.name for file in (tmp_path / "posters").iterdir()} == {
        f"{OWN}_quay-1-a5.pdf",
        f"{OTHER}_quay-1-a5.pdf",
        "quay-2-a5.pdf",
    }


# --- Pages ------------------------------------------------------------------------------------


@pytest.fixture
def administrator(app, engine: Engine, desks: dict[str, Desk]) -> FlaskClient:
    return sign_in(app, engine, Grant("administrator", None))


def test_closing_renewing_and_reopening_touch_one_commune_alone(administrator, engine, desks):
    def act(full_id: str, what: str, **more: str) -> None:
        given = {"id": full_id, "act": what, "sure": "1"} | more
        assert send(administrator, "/places/counter/act", given, "/places").status_code == 303

    asked = {"id": THEIRS, "act": "close"}
    page = send(administrator, "/places/counter/act", asked, "/places").text
    assert "Đóng Xã Khác: Quầy 1?" in page
    act(THEIRS, "close")
    assert set(desks) - set(desks_of(engine)) == {THEIRS}
    act(THEIRS, "reopen")
    assert desks_of(engine) == desks
    act(MINE, "renew", code=desks[MINE].link.code)
    after = desks_of(engine)
    assert after[THEIRS] == desks[THEIRS]
    assert after[MINE].link.code != desks[MINE].link.code


def test_a_counter_moves_on_the_page_and_gets_a_free_id(administrator, engine, desks):
    mine = desks[MINE].counter
    given = {
        "id": MINE,
        "vi": "Quầy số 1",
        "en": "",
        "office": OTHER,
        "questionnaire": mine.questionnaire,
        "sectors": [*mine.sectors],
        "kiosk_mode": "one-tap",
        "kiosk_comment": "keyboard",
    }
    assert send(administrator, "/places/counter", given).status_code == 303
    after = desks_of(engine)
    assert after[f"{OTHER}/quay-so-1"].link == desks[MINE].link
    assert after[THEIRS] == desks[THEIRS]
    assert MINE not in after


def test_offices_that_become_one_say_what_their_counters_are_called(administrator, engine, desks):
    given = {"id": OTHER, "into": OWN, "day": "2026-07-01"}
    here = f"/places/office?id={OTHER}"
    asked = send(administrator, "/places/office/merge", given, here).text
    assert "<li>Quầy 1 (Xã Khác)</li>" in asked
    assert "Hai cơ quan đều có Quầy 1: quầy chuyển đến UBND xã Triệu Sơn được gọi kèm" in asked
    assert "cũng đổi: quay-1 → quay-1-xa-khac." in asked
    reply = send(administrator, "/places/office/merge", given | {"sure": "1"}, here)
    assert reply.status_code == 303
    after = desks_of(engine)
    assert after[f"{OWN}/quay-1-xa-khac"].link == desks[THEIRS].link
    assert after[MINE] == desks[MINE]


def test_a_counter_that_was_closed_opens_again_in_the_office_that_its_own_became_a_part_of(
    administrator, client, engine, desks
):
    def act(full_id: str, what: str) -> None:
        given = {"id": full_id, "act": what, "sure": "1"}
        assert send(administrator, "/places/counter/act", given, "/places").status_code == 303

    act(THEIRS, "close")
    merge = {"id": OTHER, "into": OWN, "day": "2026-07-01", "sure": "1"}
    here = f"/places/office?id={OTHER}"
    assert send(administrator, "/places/office/merge", merge, here).status_code == 303
    (closed,) = load_closed(engine).counter
    assert (closed.full_id, closed.name.vi) == (f"{MINE}-2", "Quầy 1 (Xã Khác)")
    act(closed.full_id, "reopen")
    assert client.get(f"/r/{desks[THEIRS].link.code}").status_code == 200
    assert desks_of(engine)[closed.full_id].link == desks[THEIRS].link


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("path", ["/slips", "/paper", "/posters", "/tablets/pair", "/places"])
def test_pages_tell_both_counters_apart(administrator, path):
    page = administrator.get(path).text
    if path == "/places":  # under the heading of its office each
        assert re.findall(r"id=([a-z-]+)(?:/|%2F)quay-1[&\"]", page) == [OWN, OTHER]
    else:
        assert "Xã Khác: Quầy 1" in page
        assert "UBND xã Triệu Sơn: Quầy 1" in page


@pytest.mark.sqlite_is_enough
def test_a_page_of_a_counter_is_that_of_one_commune(app, engine, desks):
    officer = sign_in(app, engine, Grant("administrator", OTHER))
    pages = ("/places/counter?id=", "/paper/blank.pdf?counter=", "/slips?counter=")
    for start in pages:
        assert officer.get(f"{start}{THEIRS}").status_code == 200
        assert officer.get(f"{start}{MINE}").status_code == 404
        assert officer.get(f"{start}quay-1").status_code == 404
    name = f"{OTHER}_quay-1"
    assert f"/posters/{name}-a4.pdf" in officer.get("/posters").text
    assert officer.get(f"/posters/{name}-a4.pdf").status_code == 200
    assert officer.get(f"/posters/{OWN}_quay-1-a4.pdf").status_code == 404
