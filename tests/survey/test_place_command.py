"""`hailong place`: what changes, what is refused, what is promised."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from questionnaires import Text
from survey.commands.place import command as place
from survey.config import Config
from survey.errors import PlacesError, StoreError
from survey.places import (
    Counter,
    Office,
    Places,
    Procedure,
    Sector,
    parse_places,
    shipped_places,
)
from survey.places_file import write_places
from survey.store.places import find_desk, load_places, open_desks

DOCS = Path(__file__).parents[2] / "docs" / "places.md"
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[0]

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


def code_of(engine: Engine, counter: str) -> str:
    (found,) = [
        desk.link.code for desk in open_desks(engine, "poster") if desk.counter.id == counter
    ]
    return found


def test_the_example_of_the_documentation_replaces_the_places(
    run: Run, engine: Engine, example: Path
) -> None:
    shown = run("place", "load", example).stdout
    counters = load_places(engine).counter
    assert [counter.id for counter in counters] == ["quay-1", "cong-chinh"]
    assert counters[0].sectors == ("land", "civil-status")
    assert "1 offices, 2 counters, 2 sectors, 1 procedures" in shown
    assert "closed counters, take their posters down: quay-2, quay-3, quay-4" in shown


def test_a_counter_that_stays_keeps_its_code_and_one_that_goes_loses_it(
    run: Run, engine: Engine, example: Path
) -> None:
    stays, goes = code_of(engine, "quay-1"), code_of(engine, "quay-2")
    run("place", "load", example)
    assert code_of(engine, "quay-1") == stays
    gone = find_desk(engine, goes)
    assert gone is not None
    assert gone.link.revoked_on is not None


def test_a_new_counter_gets_a_poster_address_and_is_told(
    run: Run, engine: Engine, example: Path
) -> None:
    more = EXAMPLE.replace('id = "quay-1"', 'id = "quay-9"')
    example.write_text(more, encoding="utf-8")
    assert (
        "new counters, print their posters (hailong poster): quay-9"
        in run("place", "load", example).stdout
    )
    assert code_of(engine, "quay-9")


def test_a_wrong_file_changes_nothing(run: Run, engine: Engine, example: Path) -> None:
    before = load_places(engine)
    wrong = EXAMPLE.replace('office = "trieu-son"', 'office = "ai-tu"')
    example.write_text(wrong, encoding="utf-8")
    with pytest.raises(PlacesError, match="office 'ai-tu' is not an office") as caught:
        run("place", "load", example)
    assert len(str(caught.value).splitlines()) == 2
    assert load_places(engine) == before


def test_a_questionnaire_that_is_not_installed_is_refused(
    run: Run, engine: Engine, example: Path
) -> None:
    before = load_places(engine)
    example.write_text(EXAMPLE.replace("desk@1", "desk@7"), encoding="utf-8")
    with pytest.raises(PlacesError, match="'desk@7' is not installed; use one of: agency-service"):
        run("place", "load", example)
    assert load_places(engine) == before


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


def test_what_is_not_there_cannot_be_changed(run: Run) -> None:
    with pytest.raises(StoreError, match="'quay-9' is not known; use one of: quay-1"):
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
