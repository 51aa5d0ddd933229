"""One file that holds an office: its database, settings, key, places, targets, questionnaires.

A zip archive of HEAD, the database as a SQLite file (from whichever kind it is), and the files of
the data folder under `files/`. It is there whole or not at all, and was read back before anybody
is told that it is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sqlalchemy import Engine

from survey.config import SECRET_FILE, Config, forget_setting, load_config
from survey.errors import BackupError
from survey.files import whole
from survey.store import open_engine, sqlite
from survey.store.copies import check_copy, copy_database, count_rows, load_database, opened
from survey.store.migrate import current_revision, head_revision, knows, upgrade
from survey.store.responses import count_responses
from survey.store.upkeep import note_done
from survey.told import sentence

FORMAT: Final = "hailong.backup/1"
DAILY: Final = "daily-{day}.zip"
HEAD: Final = "hailong-backup.json"
DATABASE: Final = "database.sqlite3"
FILES: Final = "files/"
READ: Final = "read"
_KEPT: Final = ("*.toml", SECRET_FILE, "questionnaires/**/*", "drafts/*.json")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself. `counts`: rows by table; `digests`: SHA-256 by member."""

    format: str
    product: str
    revision: str
    made_on: str
    counts: Mapping[str, int]
    digests: Mapping[str, str]

    @property
    def responses(self) -> int:
        """How many answers it holds."""
        return self.counts.get("response", 0)


def write_backup(
    config: Config,
    engine: Engine,
    file: Path,
    now: datetime,
    *,
    force: bool = False,
    elsewhere: bool = True,
) -> Backup:
    """Write a backup, read it back and count. Returns what it says of itself.

    `elsewhere`: it is out of the data folder, or leaves it, and counts as the last backup.

    Raises BackupError where the file is there already and not to be replaced, or cannot be written.
    """
    if file.exists() and not force:
        raise BackupError(sentence("backup.there", file=file))
    try:
        with whole(file) as part, _workplace(file.parent) as place:
            copy_database(engine, place / DATABASE)
            made = _pack(config, place / DATABASE, part, now)
            check_backup(part, place)
    except OSError as error:
        why = error.strerror or error
        raise BackupError(sentence("backup.cannot", file=file, why=why)) from error
    if elsewhere and made.revision == head_revision():
        note_done(engine, "backup", now.date())
    return made


def _pack(config: Config, database: Path, to: Path, now: datetime) -> Backup:
    with opened(database) as engine:
        counts, revision = count_rows(engine), current_revision(engine)
    members = {DATABASE: database} | dict(_kept_files(config.data))
    digests = {name: _digest(path) for name, path in members.items()}
    # The key that is in use, also where the environment gives it: forms and sign-ins go on.
    key = config.secret_key.encode()
    digests[FILES + SECRET_FILE] = hashlib.sha256(key).hexdigest()
    made = Backup(
        FORMAT, version("hailong"), revision or "", now.date().isoformat(), counts, digests
    )
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(HEAD, json.dumps(asdict(made), indent=1))
        archive.writestr(FILES + SECRET_FILE, key)
        for name, path in members.items():
            if name != FILES + SECRET_FILE:
                archive.write(path, name)
    return made


def _kept_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for pattern in _KEPT:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield FILES + path.relative_to(folder).as_posix(), path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder of this account's own, on the same disk, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".hailong-", dir=folder) as place:
        yield Path(place)


def check_backup(file: Path, place: Path) -> Backup:
    """Unpack a backup into an empty part of `place`, check every member, open it and count.

    Raises BackupError where it is no backup, damaged, or of a newer version of the product.
    """
    with _archive(file) as archive:
        found = _head(archive, file)
        if not knows(found.revision):
            words = {"product": found.product, "revision": found.revision}
            raise BackupError(sentence("backup.newer", file=file, **words))
        for name, digest in found.digests.items():
            path = place / READ / _safe(name, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            if _digest(path) != digest:
                raise BackupError(sentence("backup.altered", file=file, name=name))
    check_copy(place / READ / DATABASE, found.counts)
    return found


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise BackupError(sentence("backup.not_one", file=file, why=error)) from error
    except FileNotFoundError as error:
        raise BackupError(sentence("backup.no_file", file=file)) from error


def _head(archive: zipfile.ZipFile, file: Path) -> Backup:
    try:
        found: dict[str, Any] = json.loads(archive.read(HEAD))
        if found.get("format") == FORMAT and DATABASE in found["digests"]:
            return Backup(**found)
    except (ValueError, TypeError, AttributeError) as error:
        raise BackupError(sentence("backup.altered", file=file, name=HEAD)) from error
    raise BackupError(sentence("backup.format", file=file, format=FORMAT))


def _safe(name: str, file: Path) -> Path:
    """A member's place; one that would lead elsewhere is refused."""
    path = PurePosixPath(name)
    inside = path.parts and not path.is_absolute() and ".." not in path.parts
    if not inside or "\\" in name or ":" in name or not name.startswith((DATABASE, FILES)):
        raise BackupError(sentence("backup.stray", file=file, name=name))
    return Path(*path.parts)


def restore_backup(file: Path, folder: Path, now: datetime, *, force: bool = False) -> Backup:
    """Make a data folder and its database what a backup holds; the server must not be running.

    What `load_config` says of the folder decides which database is filled; a new folder gets a file
    of its own. With `force` what is there is put aside in `replaced-…`; a PostgreSQL database is
    replaced. Raises BackupError, and leaves everything as it was, where something is there
    already or the backup is not sound.
    """
    new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with _workplace(folder) as place:
            found = check_backup(file, place)
            _put(place / READ, folder, now, force=force)
        return found
    except BaseException:
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _put(read: Path, folder: Path, now: datetime, *, force: bool) -> None:
    config = load_config(folder)
    engine = open_engine(config.database_url)
    try:
        there = [str(path) for path in _occupants(folder, engine)]
        if there and not force:
            raise BackupError(sentence("backup.occupied", found=", ".join(there)))
        with opened(read / DATABASE) as copy:
            upgrade(copy)
        if engine.dialect.name != "sqlite":
            load_database(read / DATABASE, engine, replace=force)
        _put_aside(folder, engine, now)
        if engine.dialect.name == "sqlite":
            _move(read / DATABASE, sqlite.database_file(engine))
        for path in sorted((read / FILES).rglob("*")):
            if path.is_file():
                _move(path, folder / path.relative_to(read / FILES))
        _name_no_other_database(folder, config)
    finally:
        engine.dispose()


def _occupants(folder: Path, engine: Engine) -> Iterator[str | Path]:
    """What of an office is there: files, or tables."""
    yield from (path for _, path in _kept_files(folder))
    if engine.dialect.name == "sqlite":
        yield from _database_files(engine)
    elif current_revision(engine) is not None:
        yield engine.url.render_as_string(hide_password=True)


def _database_files(engine: Engine) -> list[Path]:
    file = sqlite.database_file(engine)
    return [path for end in ("", "-wal", "-shm") if (path := Path(f"{file}{end}")).exists()]


def _put_aside(folder: Path, engine: Engine, now: datetime) -> None:
    found = [path for _, path in _kept_files(folder)]
    found += _database_files(engine) if engine.dialect.name == "sqlite" else []
    aside = folder / f"replaced-{now:%Y%m%d-%H%M%S}"
    for path in found:
        inside = path.is_relative_to(folder)
        _move(path, aside / (path.relative_to(folder) if inside else path.name))


def _move(path: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o600)
    if path.stat().st_dev == to.parent.stat().st_dev:
        os.replace(path, to)  # noqa: PTH105  as sure as it gets
        return
    with whole(to) as part:
        shutil.copyfile(path, part)
    path.unlink()


def _name_no_other_database(folder: Path, config: Config) -> None:
    """The settings may name the database that the backup came from, which is another one."""
    if load_config(folder).database_url != config.database_url:
        forget_setting(folder, "database_url")


def backup_before_upgrade(config: Config, engine: Engine, now: datetime) -> Path | None:
    """Keep a copy where an upgrade is due; return its file, or None where there is none to do."""
    if engine.dialect.name == "sqlite" and not sqlite.database_file(engine).exists():
        return None
    revision = current_revision(engine)
    if revision is None or revision == head_revision() or not knows(revision):
        return None
    folder = _folder(config)
    file = folder / f"before-{head_revision()}-{now:%Y%m%d-%H%M%S}.zip"
    write_backup(config, engine, file, now)
    return file


def _folder(config: Config) -> Path:
    """Where the server's own backups lie. Raises BackupError where it cannot be made."""
    folder = config.backups
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise BackupError(sentence("backup.cannot", file=folder, why=why)) from error
    return folder


def daily_backup(config: Config, engine: Engine, now: datetime) -> Path | None:
    """Make the backup of this day where there is none yet; delete those that are too old.

    Returns its file, or None where nothing was due: also while there are no answers. None of
    another name is ever deleted, nor the newest one, however long the server was off.
    """
    if config.backup_days == 0 or not count_responses(engine):
        return None
    folder = _folder(config)
    file = folder / DAILY.format(day=now.date().isoformat())
    if file.exists():
        return None
    write_backup(config, engine, file, now, elsewhere=bool(config.backup_folder))
    oldest = now.date() - timedelta(days=config.backup_days - 1)
    for old, day in daily_backups(config):
        if day < oldest and old != file:
            old.unlink(missing_ok=True)
    return file


def daily_backups(config: Config) -> list[tuple[Path, date]]:
    """The server's own backups with their days, the newest first."""
    found = []
    for path in config.backups.glob(DAILY.format(day="*")):
        with suppress(ValueError):
            found.append((path, date.fromisoformat(path.stem.removeprefix("daily-"))))
    return sorted(found, key=lambda one: one[1], reverse=True)
