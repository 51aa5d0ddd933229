"""`hailong init`: stopped half-way it is finished by running it again, and no other database is
taken for the office's own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.cli import cli
from survey.commands.init import command, lasting_address, prepare_folder
from survey.config import load_config
from survey.errors import ConfigError, NotSetUp
from survey.store import open_engine
from survey.store.places import list_offices

PASSWORD = "bi-mat"
POSTGRES = f"postgresql://hailong:{PASSWORD}@db.example/hailong"


def run_with_room(folder: Path, room: int | None) -> subprocess.CompletedProcess[str]:
    """Run init where no file may grow beyond ``room`` bytes, as on a full disk."""
    limit = "" if room is None else f"import resource; resource.setrlimit(1, ({room}, {room}));"
    code = f"{limit}import sys; sys.argv[1:] = ['init', '--data', {str(folder)!r}];"
    code += "from survey.cli import main; main()"
    environment = {name: text for name, text in os.environ.items() if "HAILONG" not in name}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a process's file sizes cannot be limited")
@pytest.mark.parametrize("room", [0, 300, 3000, 40_000])
def test_a_set_up_that_a_full_disk_stopped_can_be_run_again(tmp_path: Path, room: int) -> None:
    folder = tmp_path / "office"
    stopped = run_with_room(folder, room)
    assert stopped.returncode == 1
    assert "hailong: " in stopped.stderr
    assert "Traceback" not in stopped.stderr
    finished = run_with_room(folder, None)
    assert finished.returncode == 0, finished.stderr
    assert "ready: " in finished.stdout
    assert len(load_config(folder, environ={}).secret_key) == 64
    assert not list(folder.glob(".*.part"))


def test_the_address_of_a_database_is_kept_without_its_password(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    config = load_config(folder, environ={"HAILONG_DATABASE_URL": POSTGRES})
    prepare_folder(folder, database_url=lasting_address(config))
    text = (folder / "hailong.toml").read_text(encoding="utf-8")
    assert PASSWORD not in text
    assert tomllib.loads(text)["database_url"] == "postgresql://hailong@db.example/hailong"
    assert lasting_address(config) is None  # the same one, told with its password


def test_another_database_than_the_folders_own_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    prepare_folder(folder, database_url="postgresql://hailong@db.example/hailong")
    other = load_config(folder, environ={"HAILONG_DATABASE_URL": POSTGRES + "2"})
    with pytest.raises(ConfigError, match="belongs to the database") as caught:
        lasting_address(other)
    assert PASSWORD not in str(caught.value)


def test_a_folder_with_a_database_of_its_own_gets_no_second_one(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    prepare_folder(folder)
    (folder / "hailong.sqlite3").touch()
    config = load_config(folder, environ={"HAILONG_DATABASE_URL": POSTGRES})
    with pytest.raises(ConfigError, match=r"hailong\.sqlite3, but HAILONG_DATABASE_URL names"):
        lasting_address(config)


def test_an_address_given_again_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    prepare_folder(folder, base_url="https://a.example.vn")
    with (folder / "hailong.toml").open("a", encoding="utf-8") as file:
        file.write("# giữ dòng này\nport = 8100\n")
    prepare_folder(folder, base_url="https://b.example.vn")
    config = load_config(folder, environ={})
    assert (config.base_url, config.port) == ("https://b.example.vn", 8100)
    assert "# giữ dòng này" in (folder / "hailong.toml").read_text(encoding="utf-8")


def test_a_wrong_address_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    with pytest.raises(ConfigError, match="path '/khao-sat'"):
        CliRunner().invoke(
            command,
            ["--data", str(folder), "--base-url", "https://a.vn/khao-sat"],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert not folder.exists()


@pytest.mark.parametrize("words", [["doctor"], ["place", "list"], ["user", "list"], ["serve"]])
def test_a_command_on_a_folder_without_its_database_names_it_and_makes_none(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HAILONG_DATABASE_URL", raising=False)
    folder = tmp_path / "office"
    prepare_folder(folder)
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(cli, [*words, "--data", str(folder)])
    assert isinstance(result.exception, NotSetUp)
    assert str(folder / "hailong.sqlite3") in str(result.exception)
    assert "HAILONG_DATABASE_URL" in str(result.exception)
    assert sorted(folder.rglob("*")) == before
    vietnamese = result.exception.said("vi")
    assert "không có tệp cơ sở dữ liệu" in vietnamese


def test_a_renamed_office_given_to_init_does_not_become_a_second_one(tmp_path: Path) -> None:
    data, given = tmp_path / "office", tmp_path / "given.toml"
    assert CliRunner().invoke(command, ["--data", str(data)]).exit_code == 0
    text = (data / "places.toml").read_text(encoding="utf-8").replace("trieu-son", "moi")
    given.write_text(text, encoding="utf-8")
    again = ["--data", str(data), "--places", str(given), "--yes"]
    refused = CliRunner().invoke(command, again)
    assert 'write  was = "trieu-son"  into office' in str(refused.exception)
    told = text.replace('id = "moi"', 'id = "moi"\nwas = "trieu-son"', 1)
    given.write_text(told, encoding="utf-8")
    assert CliRunner().invoke(command, again).exit_code == 0
    engine = open_engine(load_config(data).database_url)
    assert [office.id for office in list_offices(engine)] == ["moi"]
    engine.dispose()
