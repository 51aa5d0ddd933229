"""`hailong place`: what changes, what is refused, what is promised."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from kiosk.devices import Device, pin_verifier
from questionnaires import Text
from survey.commands.place import command as place
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.errors import HailongError, PlacesError, StoreError
from survey.intake import Response
from survey.places import (
    Counter,
    Office,
    Places,
    Procedure,
    Sector,
    parse_places,
    shipped_places,
    write_places,
)
from survey.store.kiosks import add_pairing, find_enrolled, list_kiosks, pair
from survey.store.places import find_desk, list_offices, load_places, open_desks
from survey.store.population import CountSource, load_counts, save_counts
from survey.store.responses import add_many, count_answered

DOCS = Path(__file__).parents[3] / "docs" / "places.md"
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[0]

ANSWER = Response(
    "0b8f7a52-4c1d-4f6e-9a3b-2d5e8c7f1a90", "desk@1", "trieu-son", "land", "poster",
    date(2026, 10, 5), "5-----",
)  # fmt: skip
COUNT = PopulationCount("2026-10", "trieu-son", "land", 70)

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `hailong place …` on the set-up office."""
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    commands = {"place": place}

    def invoke(name: str, *arguments: object) -> Result:
        listed = [*map(str, arguments), "--data", str(config.data)]
        return CliRunner().invoke(
            commands[name], listed, catch_exceptions=False, standalone_mode=False
        )

    return invoke


@pytest.fixture
def example(tmp_path: Path) -> Path:
    file = tmp_path / "places.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    return file


def paired(engine: Engine, counter: str, now: datetime) -> Device:
    code = add_pairing(engine, counter, pin_verifier("123456"), now, lasting=False)
    device = pair(engine, code, "a" * 64, now, reusable=False)
    assert device is not None
    return device


def code_of(engine: Engine, counter: str) -> str:
    (found,) = [
        desk.link.code for desk in open_desks(engine, "poster") if desk.counter.id == counter
    ]
    return found


def test_the_example_of_the_documentation_replaces_the_places(
    run: Run, engine: Engine, example: Path
) -> None:
    shown = run("place", "load", example, "--yes").stdout
    counters = load_places(engine).counter
    assert [counter.id for counter in counters] == ["quay-1", "cong-chinh"]
    assert counters[0].sectors == ("land", "civil-status")
    assert "1 offices, 2 counters, 2 sectors, 1 procedures" in shown
    assert "closed counters, take their posters down: trieu-son/quay-2, trieu-son/quay-3" in shown


def test_a_counter_that_stays_keeps_its_code_and_one_that_goes_loses_it(
    run: Run, engine: Engine, example: Path
) -> None:
    stays, goes = code_of(engine, "quay-1"), code_of(engine, "quay-2")
    run("place", "load", example, "--yes")
    assert code_of(engine, "quay-1") == stays
    gone = find_desk(engine, goes)
    assert gone is not None
    assert not gone.open


def test_a_new_counter_gets_a_poster_address_and_is_told(
    run: Run, engine: Engine, example: Path
) -> None:
    more = EXAMPLE.replace('id = "quay-1"', 'id = "quay-9"')
    example.write_text(more, encoding="utf-8")
    assert (
        "new counters, print their posters (hailong poster): trieu-son/quay-9"
        in run("place", "load", example, "--yes").stdout
    )
    assert code_of(engine, "quay-9")


@pytest.mark.sqlite_is_enough
def test_a_wrong_file_changes_nothing(run: Run, engine: Engine, example: Path) -> None:
    before = load_places(engine)
    wrong = EXAMPLE.replace('office = "trieu-son"', 'office = "ai-tu"')
    example.write_text(wrong, encoding="utf-8")
    with pytest.raises(PlacesError, match="office 'ai-tu' is not an office") as caught:
        run("place", "load", example, "--yes")
    assert len(str(caught.value).splitlines()) == 2
    assert load_places(engine) == before


@pytest.mark.sqlite_is_enough
def test_a_questionnaire_that_is_not_installed_is_refused(
    run: Run, engine: Engine, example: Path
) -> None:
    before = load_places(engine)
    example.write_text(EXAMPLE.replace("desk@2", "desk@7"), encoding="utf-8")
    with pytest.raises(PlacesError, match="'desk@7' is not installed; use one of: agency-service"):
        run("place", "load", example, "--yes")
    assert load_places(engine) == before


@pytest.mark.sqlite_is_enough
def test_what_is_shown_can_be_loaded_again_and_changes_nothing(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    before = load_places(engine)
    file = tmp_path / "shown.toml"
    file.write_text(run("place", "show").stdout, encoding="utf-8")
    shown = run("place", "load", file).stdout
    assert load_places(engine) == before
    assert "new counters" not in shown
    assert "closed counters" not in shown


@pytest.mark.sqlite_is_enough
def test_the_list_shows_every_counter_with_its_addresses(run: Run, engine: Engine) -> None:
    shown = run("place", "list").stdout
    for desk in open_desks(engine, "poster"):
        assert f"{desk.counter.id}\t{desk.counter.name.vi}\ttrieu-son" in shown
        assert f"/r/{desk.link.code}\n" in shown


def test_a_second_address_works_beside_the_first_until_that_is_revoked(
    run: Run, engine: Engine
) -> None:
    old = code_of(engine, "quay-1")
    new, url = run("place", "add-link", "quay-1").stdout.split()
    assert url.endswith(f"/r/{new}")
    assert {old, new} <= {desk.link.code for desk in open_desks(engine, "poster")}
    run("place", "revoke", f"{old[:4]} {old[4:].upper()}")
    assert code_of(engine, "quay-1") == new


@pytest.mark.sqlite_is_enough
def test_what_is_not_there_cannot_be_changed(run: Run) -> None:
    with pytest.raises(PlacesError, match="'quay-9' is not known; use one of: trieu-son/quay-1"):
        run("place", "add-link", "quay-9")
    with pytest.raises(StoreError, match="link 'zzzzzzzz' is not in use; see: hailong place list"):
        run("place", "revoke", "zzzzzzzz")


def test_the_shipped_places_survive_being_written() -> None:
    assert parse_places(write_places(shipped_places()), "x") == shipped_places()


_NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(
    lambda text: text.strip() != ""
)
_TEXTS = st.builds(lambda vi, en: Text(vi=vi, en=en), _NAMES, _NAMES)


@settings(max_examples=100, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_name_survives_being_written(office: Text, counter: Text, procedure: Text) -> None:
    places = Places(
        office=(Office(id="a", name=office), Office(id="b", name=counter, parent="a")),
        sector=(Sector(id="land", name=counter),),
        counter=(
            Counter(id="c", office="b", name=counter, questionnaire="desk@1", sectors=("land",)),
            Counter(id="d", office="a", name=office, questionnaire="agency-service@1"),
        ),
        procedure=(Procedure(code="1.000001", sector="land", name=procedure),),
    )
    assert parse_places(write_places(places), "x") == places


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.sqlite_is_enough
def test_what_would_be_closed_is_shown_and_asked_about_first(
    run: Run, engine: Engine, example: Path
) -> None:
    before = load_places(engine)
    with pytest.raises(HailongError, match=r"nothing was changed; .* --yes"):
        run("place", "load", example)
    assert load_places(engine) == before


def is_revoked(engine: Engine, id_: str) -> bool:
    (device,) = (one.device for one in list_kiosks(engine) if one.device.id == id_)
    return device.revoked


def test_a_counter_that_was_left_out_comes_back_with_its_code_and_tablets(
    run: Run, engine: Engine, example: Path, tmp_path: Path
) -> None:
    whole = write(tmp_path / "whole.toml", run("place", "show").stdout)
    code = code_of(engine, "quay-2")
    now = datetime(2026, 10, 15, 8, tzinfo=UTC)
    tablet = paired(engine, "quay-2", now)
    run("place", "load", example, "--yes")
    assert not find_desk(engine, code).open  # type: ignore[union-attr]
    assert is_revoked(engine, tablet.id)
    shown = run("place", "load", whole, "--yes").stdout
    assert "open again, with their printed posters and tablets: trieu-son/quay-2" in shown
    assert find_desk(engine, code).open  # type: ignore[union-attr]
    assert code_of(engine, "quay-2") == code
    assert not is_revoked(engine, tablet.id)


def test_a_code_that_was_revoked_by_itself_stays_so_when_its_counter_comes_back(
    run: Run, engine: Engine, example: Path, tmp_path: Path
) -> None:
    whole = write(tmp_path / "whole.toml", run("place", "show").stdout)
    lost = code_of(engine, "quay-2")
    run("place", "add-link", "quay-2")
    run("place", "revoke", lost)
    run("place", "load", example, "--yes")
    run("place", "load", whole, "--yes")
    assert not find_desk(engine, lost).open  # type: ignore[union-attr]


def test_a_renamed_counter_keeps_its_code_and_tablets(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    code = code_of(engine, "quay-2")
    tablet = paired(engine, "quay-2", datetime(2026, 10, 15, 8, tzinfo=UTC))
    text = run("place", "show").stdout
    renamed = text.replace('id = "quay-2"', 'id = "quay-dat-dai"\nwas = "quay-2"')
    file = write(tmp_path / "renamed.toml", renamed)
    told = "counter 'trieu-son/quay-2' becomes 'trieu-son/quay-dat-dai'"
    assert told in run("place", "load", file).stdout
    assert code_of(engine, "quay-dat-dai") == code
    assert find_enrolled(engine, tablet.id).counter_id == "quay-dat-dai"  # type: ignore[union-attr]
    assert "becomes" not in run("place", "load", file).stdout


def test_a_renamed_office_does_not_become_a_second_one(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    add_many(engine, [ANSWER])
    save_counts(engine, [COUNT], log=CountSource(date(2026, 11, 1), "x.csv", "0" * 64))
    text = run("place", "show").stdout.replace("trieu-son", "trieu-son-moi")
    file = write(tmp_path / "x.toml", text)
    with pytest.raises(HailongError, match='write  was = "trieu-son"  into office'):
        run("place", "load", file, "--yes")
    assert [office.id for office in list_offices(engine)] == ["trieu-son"]
    told = text.replace('id = "trieu-son-moi"', 'id = "trieu-son-moi"\nwas = "trieu-son"', 1)
    run("place", "load", write(file, told))
    assert [office.id for office in list_offices(engine)] == ["trieu-son-moi"]
    assert {count.office for count in load_counts(engine)} == {"trieu-son-moi"}
    assert (
        count_answered(engine, date(2026, 10, 1), date(2026, 10, 31), frozenset(["trieu-son-moi"]))
        == 1
    )


def test_another_office_in_the_place_of_one_is_loaded_where_it_is_said_to_be_new(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = write(tmp_path / "x.toml", run("place", "show").stdout.replace("trieu-son", "ai-tu"))
    with pytest.raises(HailongError, match="run it again with --yes"):
        run("place", "load", file, "--new-office")
    run("place", "load", file, "--new-office", "--yes")
    assert [office.id for office in load_places(engine).office] == ["ai-tu"]


def test_two_offices_with_counts_of_one_month_do_not_become_one(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    text = run("place", "show").stdout.replace("trieu-son", "moi")
    run("place", "load", write(tmp_path / "x.toml", text), "--yes", "--new-office")
    counts = [COUNT, replace(COUNT, office="moi")]
    save_counts(engine, counts, log=CountSource(date(2026, 11, 1), "x.csv", "0" * 64))
    told = text.replace('id = "moi"', 'id = "moi"\nwas = "trieu-son"', 1)
    with pytest.raises(StoreError, match="both have dossier counts of 2026-10"):
        run("place", "load", write(tmp_path / "x.toml", told))


def test_places_that_are_gone_keep_their_names_for_the_answers(
    run: Run, engine: Engine, example: Path
) -> None:
    run("place", "load", example, "--yes")
    assert "education-culture" not in {one.id for one in load_places(engine).sector}
    assert "education-culture" in {one.id for one in load_places(engine, gone_too=True).sector}
    assert "education-culture" not in run("place", "show").stdout


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("threshold = 90", "a fraction from 0 to 1"),
        ("threshold = 0,90", "write the number with a point: 0.90"),
    ],
)
def test_wrong_targets_are_told_when_places_are_loaded(
    run: Run, config: Config, example: Path, wrong: str, why: str
) -> None:
    text = config.targets_file.read_text(encoding="utf-8")
    config.targets_file.write_text(text.replace("threshold = 0.90", wrong), encoding="utf-8")
    assert why in run("place", "load", example, "--yes").stderr


@pytest.mark.sqlite_is_enough
def test_targets_on_sectors_that_are_gone_and_shipped_names_are_told(
    run: Run, example: Path
) -> None:
    told = run("place", "load", example, "--yes").stderr
    assert "about a sector that is not here: Construction, Investment; in targets.toml" in told
    assert "still has the shipped name 'UBND xã Triệu Sơn'" in told


@pytest.mark.sqlite_is_enough
def test_a_former_id_that_is_still_in_the_file_is_refused(run: Run, tmp_path: Path) -> None:
    text = run("place", "show").stdout.replace('id = "quay-2"', 'id = "quay-2"\nwas = "quay-1"')
    with pytest.raises(PlacesError, match="was = 'trieu-son/quay-1' is still a counter"):
        run("place", "load", write(tmp_path / "x.toml", text))


@pytest.mark.sqlite_is_enough
def test_the_hours_of_an_office_are_shown_set_and_taken_back(run: Run, engine: Engine) -> None:
    usual = run("place", "hours", "trieu-son").output
    assert "the hours of the whole installation" in usual
    own = run("place", "hours", "trieu-son", "Mon-Sat  07:00-11:00").output
    assert own == "trieu-son: hours of its own Mon-Sat 07:00-11:00\n"
    assert load_places(engine).office[0].opening_hours == "Mon-Sat 07:00-11:00"
    assert run("place", "hours", "trieu-son").output == own
    assert run("place", "hours", "trieu-son", "--as-above").output == usual
    assert load_places(engine).office[0].opening_hours is None
    with pytest.raises(HailongError, match="no office 'xa-la'; there are: trieu-son"):
        run("place", "hours", "xa-la")
    with pytest.raises(HailongError, match="leave out HOURS"):
        run("place", "hours", "trieu-son", "Sat 08:00-09:00", "--as-above")


def test_hours_that_a_file_has_wrong_are_told_with_the_office() -> None:
    text = write_places(shipped_places()).replace(
        "[[sector]]", 'opening_hours = "Mon"\n[[sector]]', 1
    )
    with pytest.raises(PlacesError, match=r"places.toml, office 'trieu-son': .*'Mon' has no hours"):
        parse_places(text, "places.toml")
