"""The backups that the server makes by itself: one a day, and one before an upgrade.

Owns where they lie, how long they stay, when each was read back last, and that none stays readable
once the office has a key for its backups.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from survey.backups import check_backup, workplace, write_backup
from survey.config import Config, load_config, write_settings
from survey.encryption import SUFFIX, encrypt, is_encrypted, sheet_number
from survey.errors import BackupError, HailongError
from survey.files import whole, write_whole
from survey.store import sqlite
from survey.store.migrate import current_revision, head_revision, knows
from survey.store.responses import count_responses
from survey.store.staff_actions import By, StaffAction, noted
from survey.told import sentence

DAILY: Final = "daily-"
BEFORE: Final = "before-"
_BEFORE_FILES: Final = f"{BEFORE}*-{'[0-9]' * 8}-{'[0-9]' * 6}"
READINGS: Final = "backups.json"
"""The file of the data folder that says of each backup what it held, and when it was read back."""

_ZIP: Final = ".zip"


@dataclass(frozen=True, slots=True)
class Kept:
    """One of the server's own backups. ``whole``: whether it was as written when last read."""

    path: Path
    day: date
    read_on: date | None = None
    whole: bool = True

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def encrypted(self) -> bool:
        """Whether it needs the key of an emergency sheet."""
        return self.path.suffix == SUFFIX


def backup_before_upgrade(config: Config, engine: Engine, now: datetime) -> Path | None:
    """Keep a copy where an upgrade is due; return its file, or None where there is none to do."""
    if engine.dialect.name == "sqlite" and not sqlite.database_file(engine).exists():
        return None
    revision = current_revision(engine)
    if revision is None or revision == head_revision() or not knows(revision):
        return None
    name = f"{BEFORE}{head_revision()}-{now:%Y%m%d-%H%M%S}"
    file = _folder(config) / _named(name, config)
    write_backup(config, engine, file, now)
    return file


def daily_backup(config: Config, engine: Engine, now: datetime) -> Path | None:
    """Make the backup of this day where there is none yet, and read those that are kept back.

    Returns its file, or None where nothing was due: also while there are no answers. Those that
    are too old go; none of another name is ever deleted, nor the newest one, however long the
    server was off. Raises BackupError where it cannot be written.
    """
    if config.backup_days == 0 or not count_responses(engine):
        return None
    folder, today = _folder(config), now.date()
    if any(one.day == today for one in daily_backups(config)):
        return None
    file = folder / _named(f"{DAILY}{today.isoformat()}", config)
    write_backup(config, engine, file, now, elsewhere=bool(config.backup_folder))
    _note(config, file, today)
    oldest = today - timedelta(days=config.backup_days - 1)
    for old in daily_backups(config):
        if old.day < oldest and old.path != file:
            old.path.unlink(missing_ok=True)
    read_back(config, today)
    return file


def daily_backups(config: Config) -> list[Kept]:
    """The backups of the days, the newest first."""
    readings = _readings(config)
    found = []
    for path in _daily_files(config):
        with suppress(ValueError):
            day = date.fromisoformat(path.name.removeprefix(DAILY).partition(".")[0])
            read = readings.get(path.name)
            on = date.fromisoformat(read["on"]) if read else None
            found.append(Kept(path, day, on, read["whole"] if read else True))
    return sorted(found, key=lambda one: one.day, reverse=True)


def read_back(config: Config, today: date) -> None:
    """Read every backup that is kept, once a day, and compare it with what was written.

    One of an earlier version of the product, of which that is not known, is opened and counted.
    """
    for one in daily_backups(config):
        if one.read_on != today:
            known = _readings(config).get(one.path.name)
            with suppress(OSError):  # deleted meanwhile, or its disk was taken away
                if known is None and not one.encrypted:
                    _note(config, one.path, today, is_whole=_is_sound(config, one.path))
                elif known is not None:
                    same = _digest(one.path) == known["digest"]
                    _note(config, one.path, today, known["digest"], is_whole=same)
    names = {path.name for path in _daily_files(config)}
    readings = _readings(config)
    if readings.keys() - names:
        _write(config, {name: read for name, read in readings.items() if name in names})


def encrypt_to(config: Config, engine: Engine, recipient: str, by: By) -> None:
    """Encrypt backups to a key from now on; `recipient` empty: no more. It is logged.

    What is kept already, the server encrypts within a minute.
    """
    done: StaffAction = "backup_key_made" if recipient else "backup_key_dropped"
    before = load_config(config.data).backup_recipient
    number = sheet_number(recipient or before)
    with noted(engine, by, done, number=number):
        write_settings(config.data, backup_recipient=recipient)


def encrypt_kept(config: Config, today: date) -> None:
    """Encrypt what was kept before the office had a key. Raises BackupError, OSError."""
    if not config.backup_recipient:
        return
    for name in (f"{DAILY}*", _BEFORE_FILES):
        for path in config.backups.glob(name + _ZIP):
            if is_encrypted(path):
                continue
            to = path.with_name(path.name + SUFFIX)
            with whole(to) as part:
                encrypt(path, part, config.backup_recipient)
            if name.startswith(DAILY):
                _note(config, to, today)
            path.unlink()


def _folder(config: Config) -> Path:
    """Where they lie. Raises BackupError where it cannot be made."""
    folder = config.backups
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise BackupError(sentence("backup.cannot", file=folder, why=why)) from error
    return folder


def _named(name: str, config: Config) -> str:
    return name + _ZIP + (SUFFIX if config.backup_recipient else "")


def _daily_files(config: Config) -> Iterator[Path]:
    for suffix in (_ZIP, _ZIP + SUFFIX):
        yield from config.backups.glob(f"{DAILY}*{suffix}")


def _is_sound(config: Config, file: Path) -> bool:
    try:
        with workplace(config.data) as place:
            check_backup(file, place)
    except HailongError:
        return False
    return True


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _readings(config: Config) -> dict[str, Any]:
    try:
        found = json.loads((config.data / READINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or none that can be read: everything is read anew
        return {}
    return found if isinstance(found, dict) else {}


def _note(
    config: Config, file: Path, today: date, digest: str | None = None, *, is_whole: bool = True
) -> None:
    """Keep that a backup was read, and its SHA-256 as it was written."""
    read = {"digest": digest or _digest(file), "on": today.isoformat(), "whole": is_whole}
    _write(config, _readings(config) | {file.name: read})


def _write(config: Config, readings: dict[str, Any]) -> None:
    write_whole(config.data / READINGS, json.dumps(readings, indent=1))
