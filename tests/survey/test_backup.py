"""A backup holds the whole office, and runs it elsewhere; what is kept is for one account."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from survey.app import create_app
from survey.backups import DATABASE, HEAD, check_backup, workplace, write_backup
from survey.cli import cli
from survey.commands.init import prepare_database, prepare_folder
from survey.config import load_config, write_settings
from survey.daily import daily_backup, daily_backups, encrypt_kept, read_back
from survey.drafts import load_draft, make_draft
from survey.encryption import decrypt, is_encrypted, make_key
from survey.errors import BackupError, ConfigError, StoreError
from survey.files import open_to_others
from survey.intake import Response
from survey.store import integrity, open_engine, tables
from survey.store.migrate import current_revision, upgrade
from survey.store.responses import add_many, count_responses
from survey.store.staff import add_staff, verify_password
from survey.store.staff_actions import By, DoneFilter, list_actions
from survey.store.upkeep import done_on

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
PASSWORD = "bốn từ không dính nhau"


@pytest.fixture
def run(config, monkeypatch):
    def run(*words, code=0, url=config.database_url, typed=None):
        if url.startswith("postgresql"):
            monkeypatch.setenv("HAILONG_DATABASE_URL", url)
        result = CliRunner().invoke(cli, [str(word) for word in words], input=typed)
        monkeypatch.delenv("HAILONG_DATABASE_URL", raising=False)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


@pytest.fixture
def filled(config, engine):
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(50)]
    sheet = ("desk@1", "trieu-son", "land", "poster", date(2026, 11, 27), "54----")
    add_many(engine, [Response(one, *sheet, comment="Chờ lâu") for one in ids])
    add_staff(engine, "lan", PASSWORD, date(2026, 11, 27))
    return config


def everything(engine):
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in tables.metadata.sorted_tables
            if table.name != "upkeep"
        }


def test_a_backup_runs_the_office_on_another_machine(run, filled, engine, tmp_path):
    draft = make_draft(filled, engine, "desk@2", "", By("lan", NOW))
    file, before = tmp_path / "office.zip", everything(engine)
    told = run("backup", file, "--data", filled.data).output
    assert "50 responses" in told
    assert done_on(engine, "backup") is not None
    elsewhere = tmp_path / "new" / "office"
    run("restore", file, "--data", elsewhere, url="sqlite://")
    config = load_config(elsewhere, environ={})
    restored = open_engine(config.database_url)
    assert everything(restored) == before
    assert integrity(restored) == "ok"
    assert verify_password(restored, "lan", PASSWORD)
    assert config.secret_key == filled.secret_key
    assert load_draft(config, draft.name) == draft
    assert create_app(config, restored).test_client().get("/sign-in").status_code == 200
    with restored.connect() as connection:  # the views of analysis are there too
        assert connection.execute(text("SELECT count(*) FROM responses")).scalar_one() == 50
    restored.dispose()
    if sys.platform != "win32":
        assert open_to_others(elsewhere) == []
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_of_sqlite_fills_postgresql(filled, engine, run, postgres_url, tmp_path):
    file, before = tmp_path / "office.zip", everything(engine)
    run("backup", file, "--data", filled.data)
    elsewhere = tmp_path / "new"
    run("restore", file, "--data", elsewhere, url=postgres_url)
    restored = open_engine(postgres_url)
    assert everything(restored) == before
    run("restore", file, "--data", elsewhere, code=1, url=postgres_url)
    run("restore", file, "--data", elsewhere, "--force", url=postgres_url)
    assert everything(restored) == before
    restored.dispose()


def test_nothing_is_overwritten_without_being_told(run, filled, engine, tmp_path):
    file = tmp_path / "office.zip"
    file.write_text("mine")
    assert "--force" in str(run("backup", file, "--data", filled.data, code=1).exception)
    assert file.read_text() == "mine"
    run("backup", file, "--data", filled.data, "--force")
    assert "--force" in str(run("restore", file, "--data", filled.data, code=1).exception)
    assert count_responses(engine) == 50


def test_an_office_that_is_replaced_is_put_aside(ready_sqlite, run, filled, engine, tmp_path):
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL is replaced in one transaction")
    file = tmp_path / "office.zip"
    run("backup", file, "--data", filled.data)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM comment"))
    engine.dispose()
    run("restore", file, "--data", filled.data, "--force")
    (aside,) = filled.data.glob("replaced-*")
    assert (aside / "hailong.sqlite3").exists()
    assert (aside / "secret.key").exists()
    again = open_engine(filled.database_url)
    assert len(everything(again)["comment"]) == 50
    again.dispose()


def rewritten(archive, to, *, content=None, **head):
    """The same backup with other content, whose digests fit, or with another head."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(to, "w") as target:
        members = {name: source.read(name) for name in source.namelist()} | (content or {})
        told = json.loads(members.pop(HEAD))
        for name in content or {}:
            told["digests"][name] = hashlib.sha256(members[name]).hexdigest()
        target.writestr(HEAD, json.dumps(told | head))
        for name, data in members.items():
            target.writestr(name, data)


def damaged(damage, good, bad):
    """Damage a backup in one way."""
    if damage == "cut":
        bad.write_bytes(good.read_bytes()[:-2000])
    elif damage == "no zip":
        bad.write_text("hello")
    elif damage == "altered":
        with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as to:
            for name in source.namelist():
                content = source.read(name)
                to.writestr(name, content[:-1] + b"x" if name == DATABASE else content)
    elif damage == "elsewhere":
        rewritten(good, bad, content={"files/../../../p.toml": b""})
    elif damage == "no database":
        rewritten(good, bad, content={DATABASE: b"hello" * 2000})
    elif damage == "too few":
        rewritten(good, bad, counts={"response": 51})
    elif damage == "no head":
        with zipfile.ZipFile(bad, "w") as to:
            to.writestr(HEAD, "{")
    else:
        rewritten(good, bad, **({"format": "x"} if damage == "format" else {"revision": "9999"}))


DAMAGES = {
    "cut": ("is no backup of hailong, or is damaged", "không phải bản sao lưu"),
    "no zip": ("is no backup of hailong, or is damaged", "không phải bản sao lưu"),
    "altered": ("database.sqlite3 in it is not what was written", "không giống lúc ghi"),
    "elsewhere": ("it holds 'files/../../../p.toml'", "trong đó có 'files/../../../p.toml'"),
    "no database": ("the database in the copy is damaged: file is not", "bị hỏng"),
    "too few": ("table response has 50 rows instead of 51", "response có 50 dòng thay vì 51"),
    "no head": ("hailong-backup.json in it is not what was", "không giống lúc ghi"),
    "format": ("is not of the format hailong.backup/1", "không ở định dạng hailong.backup/1"),
    "newer": ("install that version", "cài phiên bản ấy"),
}


@pytest.mark.sqlite_is_enough
def test_a_backup_that_is_not_sound_changes_nothing_and_says_what_to_do(
    filled, engine, run, tmp_path
):
    good, target = tmp_path / "office.zip", tmp_path / "new"
    run("backup", good, "--data", filled.data)
    for damage, (english, vietnamese) in DAMAGES.items():
        bad = tmp_path / f"{damage}.zip"
        damaged(damage, good, bad)
        refused = run("restore", bad, "--data", target, code=1, url="sqlite://").exception
        assert english in refused.said("en"), damage
        assert vietnamese in refused.said("vi"), damage
        if damage != "newer":
            assert "take another backup" in refused.said("en"), damage
            assert "bản sao lưu khác" in refused.said("vi"), damage
        assert not target.exists()
    missing = run("restore", tmp_path / "no.zip", "--data", target, code=1, url="sqlite://")
    assert missing.exception.said("vi").startswith("không có tệp")


@pytest.mark.sqlite_is_enough
def test_a_database_that_cannot_be_read_is_told_and_leaves_no_backup(filled, engine, run, tmp_path):
    engine.dispose()
    database, file = filled.data / "hailong.sqlite3", tmp_path / "office.zip"
    content = bytearray(database.read_bytes())
    content[8192:] = b"x" * (len(content) - 8192)
    database.write_bytes(content)
    refused = run("backup", file, "--data", filled.data, code=1).exception
    assert isinstance(refused, StoreError)
    assert str(database) in str(refused)
    assert not file.exists()


def test_half_a_backup_is_never_left(filled, engine, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("survey.backups.check_backup", full)
    with pytest.raises(BackupError, match="No space"):
        write_backup(filled, engine, tmp_path / "office.zip", NOW)
    assert [path.name for path in tmp_path.iterdir()] == [filled.data.name]


def test_an_upgrade_keeps_a_backup_first(data_folder, postgres_url, request):
    for url in (None, postgres_url):
        config = load_config(data_folder, environ={}, database_url=url)
        engine = open_engine(config.database_url)
        upgrade(engine, "0002")
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO office VALUES ('b', 'B', 'B', NULL, 0)"))
            connection.execute(text("INSERT INTO office VALUES ('a', 'A', 'A', 'b', 1)"))
        prepare_database(config)
        (kept,) = (config.data / "backups").iterdir()
        with zipfile.ZipFile(kept) as archive:
            copy = Path(archive.extract(DATABASE, data_folder.parent))
        old = open_engine(f"sqlite:///{copy.as_posix()}")
        assert current_revision(old) == "0002"
        with old.connect() as connection:
            found = connection.execute(text("SELECT id, parent FROM office ORDER BY id")).all()
        assert [tuple(row) for row in found] == [("a", "b"), ("b", None)]
        for each in (old, engine):
            each.dispose()
        kept.unlink()


@pytest.mark.parametrize("key", ["", "short", " " * 64])
def test_a_key_that_can_be_guessed_serves_nothing(data_folder, key, monkeypatch):
    monkeypatch.delenv("HAILONG_SECRET_KEY", raising=False)
    config = load_config(data_folder, environ={})
    prepare_database(config)
    with pytest.raises(ConfigError, match="hailong init"):
        create_app(replace(config, secret_key=key.strip()))
    (data_folder / "secret.key").write_text(key)
    refused = CliRunner().invoke(cli, ["serve", "--data", str(data_folder)])
    assert isinstance(refused.exception, ConfigError)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_setting_up_closes_what_was_open_to_other_accounts(data_folder):
    data_folder.chmod(0o755)
    (data_folder / "places.toml").chmod(0o644)
    assert open_to_others(data_folder) == [data_folder, data_folder / "places.toml"]
    prepare_folder(data_folder)
    assert open_to_others(data_folder) == []


def daily(filled, engine, *days, **settings):
    """The names of what is kept after the server ran on these days."""
    config = replace(filled, **settings)
    for day in days:
        daily_backup(config, engine, datetime.combine(day, NOW.timetz()))
    return [one.path.name for one in daily_backups(config)]


def test_the_server_makes_one_backup_a_day_and_keeps_those_of_some_days(filled, engine):
    days = [date(2026, 11, day) for day in (1, 1, 2, 3, 5)]
    kept = daily(filled, engine, *days, backup_days=3)
    assert kept == ["daily-2026-11-05.zip", "daily-2026-11-03.zip"]
    with zipfile.ZipFile(filled.data / "backups" / kept[0]) as archive:
        assert json.loads(archive.read(HEAD))["counts"]["response"] == 50
    assert done_on(engine, "backup") is None  # on the same disk it is no safe place


def test_a_backup_in_another_folder_counts_as_one(filled, engine, tmp_path):
    other = tmp_path / "other-disk"
    assert daily(filled, engine, date(2026, 11, 5), backup_folder=str(other)) == [
        "daily-2026-11-05.zip"
    ]
    assert [path.name for path in other.iterdir()] == ["daily-2026-11-05.zip"]
    assert done_on(engine, "backup") == date(2026, 11, 5)


def test_a_server_that_was_off_for_long_keeps_what_others_put_there(filled, engine):
    daily(filled, engine, date(2026, 9, 1), backup_days=3)
    mine = filled.data / "backups" / "mine.zip"
    mine.write_bytes(b"kept")
    assert daily(filled, engine, date(2026, 11, 5), backup_days=3) == ["daily-2026-11-05.zip"]
    assert mine.read_bytes() == b"kept"


def test_no_daily_backup_is_made_where_none_is_wanted_or_there_is_nothing(filled, engine, config):
    assert daily(filled, engine, date(2026, 11, 5), backup_days=0) == []
    with engine.begin() as connection:
        for table in (tables.comment, tables.response):
            connection.execute(table.delete())
    assert daily(config, engine, date(2026, 11, 5)) == []


def test_a_folder_that_is_not_there_is_told(filled, engine, tmp_path):
    lost = tmp_path / "unplugged" / "disk"
    with pytest.raises(BackupError, match="unplugged"):
        daily(filled, engine, date(2026, 11, 5), backup_folder=str(lost))


@pytest.fixture
def locked(filled):
    """The office with a key for its backups, and the key."""
    key = make_key()
    write_settings(filled.data, backup_recipient=key.recipient)
    return replace(filled, backup_recipient=key.recipient), key


def test_an_encrypted_backup_runs_the_office_elsewhere_for_who_types_the_key(
    locked, engine, run, tmp_path
):
    (config, key), before = locked, everything(engine)
    file, elsewhere = tmp_path / "office.zip.age", tmp_path / "new"
    told = run("backup", file, "--data", config.data)
    assert "backup, encrypted" in told.output
    assert is_encrypted(file)
    assert not zipfile.is_zipfile(file)
    assert [path.name for path in config.data.glob(".hailong-*")] == []
    typed = "-".join(key.groups).lower()
    run("restore", file, "--data", elsewhere, url="sqlite://", typed=typed)
    again = load_config(elsewhere, environ={})
    restored = open_engine(again.database_url)
    assert everything(restored) == before
    assert again.backup_recipient == key.recipient  # it goes on being encrypted
    restored.dispose()


@pytest.mark.sqlite_is_enough
def test_a_wrong_key_a_mistyped_one_or_a_damaged_file_writes_nothing(locked, run, tmp_path):
    config, key = locked
    file, target = tmp_path / "office.zip.age", tmp_path / "new"
    run("backup", file, "--data", config.data)

    def refused(typed, **more):
        run_ = run("restore", file, "--data", target, code=1, url="sqlite://", typed=typed, **more)
        assert not target.exists()
        return run_.exception.said("vi")

    assert "phiếu khẩn cấp khác" in refused(make_key().secret)
    assert "ở nhóm 1;" in refused(("Q" if key.secret[0] != "Q" else "P") + key.secret[1:])
    assert "đã gõ 57" in refused(key.secret[:-1])
    file.write_bytes(file.read_bytes()[:-500])
    assert "khóa nào cũng không mở được" in refused(key.secret)


def test_the_daily_backup_is_encrypted_without_a_secret_on_the_machine(locked, engine):
    config, key = locked
    assert daily(config, engine, date(2026, 11, 5)) == ["daily-2026-11-05.zip.age"]
    (kept,) = daily_backups(config)
    assert kept.encrypted
    assert (kept.read_on, kept.whole) == (date(2026, 11, 5), True)
    assert daily_backup(config, engine, NOW.replace(day=5)) is None
    with workplace(config.data) as place:
        assert check_backup(kept.path, place, key).responses == 50
    for path in config.data.rglob("*"):
        if path.is_file():
            assert key.secret.encode() not in path.read_bytes().upper()


def test_what_was_kept_before_there_was_a_key_is_encrypted_too(filled, engine):
    daily(filled, engine, date(2026, 11, 4), date(2026, 11, 5))
    folder, key = filled.data / "backups", make_key()
    (folder / "before-r0015-20261104-080000.zip").write_bytes(b"PK older")
    (folder / "mine.zip").write_bytes(b"kept")
    encrypt_kept(filled, date(2026, 11, 6))  # no key: nothing happens
    config = replace(filled, backup_recipient=key.recipient)
    encrypt_kept(config, date(2026, 11, 6))
    assert sorted(path.name for path in folder.iterdir()) == [
        "before-r0015-20261104-080000.zip.age",
        "daily-2026-11-04.zip.age",
        "daily-2026-11-05.zip.age",
        "mine.zip",
    ]
    assert [one.read_on for one in daily_backups(config)] == [date(2026, 11, 6)] * 2
    decrypt(folder / "before-r0015-20261104-080000.zip.age", folder / "mine.zip", key)
    assert (folder / "mine.zip").read_bytes() == b"PK older"


def test_kept_backups_are_read_back_every_day_and_a_damaged_one_is_told(filled, engine):
    daily(filled, engine, date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 6))
    first = filled.data / "backups" / "daily-2026-11-04.zip"
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    assert daily(filled, engine, date(2026, 11, 7))[0] == "daily-2026-11-07.zip"
    found = [(one.day.day, one.read_on, one.whole) for one in daily_backups(filled)]
    today = date(2026, 11, 7)
    assert found == [(7, today, True), (6, today, True), (5, today, True), (4, today, False)]
    (filled.data / "backups.json").unlink()  # as from a version that kept none: opened and counted
    read_back(filled, date(2026, 11, 8))
    assert [one.whole for one in daily_backups(filled)] == [True, True, True, False]
    first.unlink()
    read_back(filled, date(2026, 11, 9))
    assert "daily-2026-11-04.zip" not in (filled.data / "backups.json").read_text()


@pytest.mark.sqlite_is_enough
def test_the_command_encrypts_once_the_sheet_was_printed(
    filled, engine, run, tmp_path, monkeypatch
):
    key, sheet = make_key(), tmp_path / "sheet.pdf"
    monkeypatch.setattr("survey.encryption.make_key", lambda: key)
    where = ("--data", filled.data)

    def stored():
        return load_config(filled.data, environ={}).backup_recipient

    refused = run("key", "make", sheet, *where, code=1, typed="XXXX").exception
    assert "nothing is encrypted" in refused.said("en")
    assert not stored()
    run("key", "try", *where, code=1)
    told = run("key", "make", sheet, *where, typed=key.groups[-1].lower()).output
    assert f"emergency sheet {key.number}" in told
    assert not sheet.exists()
    assert stored() == key.recipient
    assert key.number in run("key", "try", *where, typed=" ".join(key.groups)).output
    other = run("key", "try", *where, code=1, typed=make_key().secret).exception
    assert f"không phải phiếu đang dùng ({key.number})" in other.said("vi")
    run("key", "drop", *where)
    assert not stored()
    done = [one.action for one in list_actions(engine, DoneFilter(commands=True))]
    assert done[:2] == ["backup_key_dropped", "backup_key_made"]
