"""An office lands whole or not at all: cut at every step, refused at every step, raced."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect

from analysis.targets import load_targets, shipped_targets
from survey.backups import write_backup
from survey.cli import cli
from survey.config import Config, load_config, write_settings
from survey.encryption import make_key
from survey.errors import BackupError, HailongError, NotSetUp
from survey.places import find_worries
from survey.setup import landing
from survey.setup.filled import Account, Filled, first_sectors, fitted
from survey.setup.landing import found_office, is_new, land_what_is_whole, restore_office
from survey.store import open_engine, require_set_up
from survey.store.places import load_places
from survey.store.questionnaires import published_questionnaires
from survey.store.staff import add_staff, list_staff
from survey.store.views import VIEWS
from survey.targets import for_sectors

PASSWORD = "bốn từ không dính nhau"
NOW = datetime.fromisoformat("2026-11-29T08:00:00+07:00")
ROOT = Path(__file__).parents[3]

# Lands a new office, or a backup in the place of one, and dies as by a cut of the power at the n-th
# file that is put in place.
CUT = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from survey.config import load_config
from survey.setup import landing
from survey.setup.filled import Account, Filled, first_sectors, fitted

left, put = [int(sys.argv[2])], landing.write_whole

def last(*what):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1

def write(path, content):
    last()
    put(path, content)

def database(config, made, *, replaces):
    last()
    really(config, made, replaces=replaces)
    last()

really = landing._put_database
landing.write_whole, landing._put_database = write, database
config, now = load_config(Path(sys.argv[1])), datetime.fromisoformat("2026-11-29T08:00:00+07:00")
if len(sys.argv) > 4:
    move = landing._move

    def aside(path, to):
        last()
        move(path, to)

    landing._move = aside
    landing.restore_office(config, Path(sys.argv[4]), aside=now)
else:
    sectors = first_sectors()
    account = Account("lan", sys.argv[3])
    filled = Filled("UBND xã Đồng Tâm", "", account, sectors, fitted((), sectors))
    landing.found_office(config, filled, now)
"""


def killed_at(number: int, config: Config, *more: object) -> bool:
    """Let an office land in a process that is killed at the n-th step; whether it came so far."""
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(config.data), str(number), PASSWORD, *map(str, more)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HAILONG_DATABASE_URL": config.database_url},
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def filled(name: str = "UBND xã Đồng Tâm") -> Filled:
    sectors = first_sectors()
    return Filled(name, "", Account("lan", PASSWORD), sectors, fitted((), sectors))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """The settings of a folder that is not there, with a database of its own."""
    config = load_config(tmp_path / "office", environ={})
    if request.param == "postgresql":
        return replace(config, database_url=request.getfixturevalue("postgres_url"))
    return config


def found(config: Config) -> tuple[list[str], list[str]]:
    """The names of the offices and accounts of an office that is whole."""
    again = load_config(config.data, environ={})
    assert again.secret_key
    assert again.database_url == config.database_url
    engine = open_engine(again.database_url)
    try:
        require_set_up(engine)
        assert set(VIEWS) <= {*inspect(engine).get_view_names()}  # what figures are computed from
        offices = [one.name.vi for one in load_places(engine).office]
        return offices, [one.name for one in list_staff(engine)]
    finally:
        engine.dispose()


def left(folder: Path) -> list[str]:
    """What lies in a folder, but for the lock that says whose turn it is."""
    return sorted(path.name for path in folder.glob("*") if path.name != "setup.turn")


def test_a_new_folder_is_an_office_with_its_administrator(new: Config) -> None:
    assert is_new(new)
    found_office(new, filled(), NOW)
    assert found(new) == (["UBND xã Đồng Tâm"], ["lan"])
    assert not is_new(new)
    assert not [name for name in left(new.data) if name.startswith(".")]


def test_the_targets_of_the_plan_are_about_the_sectors_that_were_ticked(new: Config) -> None:
    rows = tuple(replace(row, used=row.id in ("land", "civil-status")) for row in first_sectors())
    given = replace(filled(), sectors=rows)
    found_office(new, replace(given, counters=fitted((), rows)), NOW)
    office = load_config(new.data)
    engine = open_engine(office.database_url)
    try:
        places, asked = load_places(engine), published_questionnaires(engine)
    finally:
        engine.dispose()
    assert list(find_worries(office, places, asked)) == []
    targets = load_targets(office.targets_file)
    about = {one.id: one.sectors for one in targets.target}
    assert about["procedures-2025"] == "all"
    assert about["group-2025"] == about["each-2030"] == ("land",)
    assert len(about) == len(shipped_targets().target)


def test_targets_of_sectors_that_an_office_does_not_have_are_left_out() -> None:
    left = for_sectors(shipped_targets(), ["civil-status"])
    assert {one.id for one in left.target} == {
        *("procedures-2025", "procedures-2030", "agency-2025", "agency-2030"),
    }
    assert left.group == ()
    assert (
        for_sectors(shipped_targets(), ["land", "construction", "investment"]) == shipped_targets()
    )


def test_cut_at_any_step_it_is_whole_at_the_next_start_or_still_new(
    new: Config, tmp_path: Path
) -> None:
    outcomes = []
    for number in range(20):
        config = replace(new, data=tmp_path / f"office{number}")
        if new.database_file is not None:
            config = load_config(config.data, environ={})
        killed = killed_at(number, config)
        land_what_is_whole(config)
        outcomes.append("new" if is_new(config) else found(config))
        if outcomes[-1] == "new":
            assert left(config.data) == []
        elif new.database_file is None:  # the one database is used up
            break
        if not killed:
            break
    assert outcomes[0] == "new"
    whole = [one for one in outcomes if one != "new"]
    assert whole == [(["UBND xã Đồng Tâm"], ["lan"])] * len(whole)
    assert whole


def test_refused_at_any_step_it_leaves_the_folder_as_it_was(
    new: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    new.data.mkdir()
    write_settings(new.data, port=8123)
    before = (new.data / "hailong.toml").read_bytes()
    put, number, steps = landing.write_whole, 0, []

    def full(path: Path, content: str | bytes) -> None:
        steps.append(path)
        if len(steps) > number:
            raise OSError(28, "No space left on device")
        put(path, content)

    def no_database(*_: object, replaces: bool) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(landing, "_put_database", no_database)
    with pytest.raises(OSError, match="No space"):
        found_office(new, filled(), NOW)
    assert left(new.data) == ["hailong.toml", "questionnaires"]
    monkeypatch.undo()
    monkeypatch.setattr(landing, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        found_office(new, filled(), NOW)
    monkeypatch.undo()
    assert (new.data / "hailong.toml").read_bytes() == before
    assert is_new(new)
    found_office(new, filled(), NOW)
    assert load_config(new.data, environ={}).port == 8123


def test_the_second_of_two_overwrites_nothing(new: Config) -> None:
    found_office(new, filled(), NOW)
    with pytest.raises(NotSetUp, match="nothing was overwritten"):
        found_office(new, filled("UBND xã Khác"), NOW)
    assert found(new) == (["UBND xã Đồng Tâm"], ["lan"])


def test_an_office_that_was_set_up_by_a_command_meanwhile_is_not_overwritten(new: Config) -> None:
    from survey.commands.init import prepare_database, prepare_folder

    prepare_folder(new.data, database_url=None if new.database_file else new.database_url)
    prepare_database(new)
    with pytest.raises(NotSetUp):
        found_office(new, filled(), NOW)
    assert found(new) == (["UBND xã Triệu Sơn"], [])


def test_a_folder_that_has_lost_its_database_is_not_new(new: Config) -> None:
    found_office(new, filled(), NOW)
    if new.database_file is not None:
        new.database_file.unlink()
    assert not is_new(new)


@pytest.fixture
def beside(new: Config) -> Config:
    """The same, beside the office that the backup is of."""
    if new.database_file is None:
        return replace(new, data=new.data.with_name("new"))
    return load_config(new.data.with_name("new"), environ={})


@pytest.fixture
def backup(config: Config, tmp_path: Path) -> Iterator[Path]:
    """Of the shipped commune with one account, from either database."""
    engine = open_engine(config.database_url)
    add_staff(engine, "thu", PASSWORD, NOW.date())
    write_settings(config.data, base_url="http://192.168.1.10:8000")
    write_backup(config, engine, tmp_path / "backup.zip", NOW)
    engine.dispose()
    yield tmp_path / "backup.zip"


def test_a_backup_becomes_the_office_of_a_new_folder_whatever_database_it_is_from(
    backup: Path, config: Config, beside: Config
) -> None:
    assert restore_office(beside, backup).responses == 0
    assert found(beside) == (["UBND xã Triệu Sơn"], ["thu"])
    assert (beside.data / "secret.key").read_bytes() == (config.data / "secret.key").read_bytes()
    assert load_config(beside.data, environ={}).base_url == "http://192.168.1.10:8000"


def test_a_damaged_backup_leaves_a_new_folder_new(new: Config, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + b"x" * 1000)
    with pytest.raises(HailongError):
        restore_office(new, broken)
    assert is_new(new)
    assert left(new.data) == []


@pytest.mark.sqlite_is_enough
def test_a_restore_that_is_killed_leaves_the_old_office_or_goes_on_to_the_new_one(
    backup: Path, beside: Config, tmp_path: Path
) -> None:
    found_office(beside, filled(), NOW)
    old, other = (["UBND xã Đồng Tâm"], ["lan"]), (["UBND xã Triệu Sơn"], ["thu"])
    key = (beside.data / "secret.key").read_bytes()
    # Before it is whole, while the old one is moved, while files are put in place, at the end.
    for number in (1, 4, 9, 13) if beside.database_file else (1, 8):
        config = beside
        if beside.database_file is not None:  # an office of its own for every try
            config = load_config(tmp_path / f"office{number}", environ={})
            shutil.copytree(beside.data, config.data)
        assert killed_at(number, config, backup)
        assert land_what_is_whole(config) == (number > 1)
        assert found(config) == (old if number == 1 else other)
        assert not [name for name in left(config.data) if name.startswith(".")]
        asides = list(config.data.glob("replaced-*"))
        assert [(aside / "secret.key").read_bytes() for aside in asides] == [key] * (number > 1)
        for aside in asides if beside.database_file else ():
            engine = open_engine(f"sqlite:///{(aside / 'hailong.sqlite3').as_posix()}")
            assert [one.name for one in list_staff(engine)] == ["lan"]
            engine.dispose()


@pytest.mark.sqlite_is_enough
def test_a_restore_that_is_refused_leaves_the_old_office_as_it_was(
    backup: Path, beside: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    found_office(beside, filled(), NOW)

    def content() -> dict[str, bytes]:
        files = (path for path in beside.data.glob("*.*") if path.is_file())
        return {path.name: path.read_bytes() for path in files if path.name != "setup.turn"}

    def no_database(*_: object, replaces: bool) -> None:
        raise OSError(28, "No space left on device")

    before = content()
    monkeypatch.setattr(landing, "_put_database", no_database)
    with pytest.raises(OSError, match="No space"):
        restore_office(beside, backup, aside=NOW)
    assert content() == before
    assert not list(beside.data.glob("replaced-*"))
    assert found(beside) == (["UBND xã Đồng Tâm"], ["lan"])


@pytest.mark.sqlite_is_enough
def test_a_command_finishes_what_was_cut_before_it_does_anything(
    backup: Path, beside: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAILONG_DATABASE_URL", beside.database_url)
    assert killed_at(5, beside, backup)
    result = CliRunner().invoke(cli, ["user", "list", "--data", str(beside.data)])
    assert "thu" in result.output, result.output
    assert found(beside) == (["UBND xã Triệu Sơn"], ["thu"])


@pytest.mark.sqlite_is_enough
def test_an_encrypted_backup_lands_with_its_key_alone(
    config: Config, beside: Config, tmp_path: Path
) -> None:
    key, file = make_key(), tmp_path / "backup.zip.age"
    engine = open_engine(config.database_url)
    write_backup(replace(config, backup_recipient=key.recipient), engine, file, NOW)
    engine.dispose()
    for wrong in (None, make_key()):
        with pytest.raises(BackupError):
            restore_office(beside, file, wrong)
        assert is_new(beside)
    restore_office(beside, file, key)
    assert found(beside)[0] == ["UBND xã Triệu Sơn"]
