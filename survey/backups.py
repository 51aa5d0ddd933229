"""One file that holds an office: its database, settings, key, places, targets, questionnaires.

A zip archive of HEAD, the database as a SQLite file (from whichever kind it is), and the files of
the data folder under `files/`; encrypted where the office has a key for it. It is there whole or
not at all, and was read back before anybody is told that it is there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sqlalchemy import Engine

from survey.config import SECRET_FILE, Config
from survey.encryption import Key, decrypt, encrypt, is_encrypted
from survey.errors import BackupError
from survey.files import whole
from survey.store.copies import check_copy, copy_database, count_rows, opened
from survey.store.migrate import current_revision, head_revision, knows
from survey.store.upkeep import note_done
from survey.told import sentence

FORMAT: Final = "hailong.backup/1"
HEAD: Final = "hailong-backup.json"
DATABASE: Final = "database.sqlite3"
FILES: Final = "files/"
READ: Final = "read"
_PLAIN: Final = "plain.zip"
_KEPT: Final = (
    *("*.toml", SECRET_FILE, "questionnaires/**/*", "drafts/*.json"),
    *("logo*.svg", "logo*.png", "logo*.jpg", "logo*.jpeg"),
    "reports/*/*/[!.]*/*",  # what is half written has a name that begins with a dot
)


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

    Where the settings name a key, it is encrypted once it was counted, and opened again. What is
    not encrypted never leaves the data folder then.
    `elsewhere`: it is out of the data folder, or leaves it, and counts as the last backup.

    Raises BackupError where the file is there already and not to be replaced, or cannot be written.
    """
    if file.exists() and not force:
        raise BackupError(sentence("backup.there", file=file))
    try:
        with whole(file) as part, workplace(config.data) as place:
            copy_database(engine, place / DATABASE)
            archive = place / _PLAIN if config.backup_recipient else part
            made = _pack(config, place / DATABASE, archive, now)
            check_backup(archive, place)
            if config.backup_recipient:
                encrypt(archive, part, config.backup_recipient)
    except OSError as error:
        why = error.strerror or error
        raise BackupError(sentence("backup.cannot", file=file, why=why)) from error
    if elsewhere and made.revision == head_revision():
        note_done(engine, "backup", now.date())
    return made


def _pack(config: Config, database: Path, to: Path, now: datetime) -> Backup:
    with opened(database) as engine:
        counts, revision = count_rows(engine), current_revision(engine)
    members = {DATABASE: database} | dict(kept_files(config.data))
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


def kept_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a data folder that a backup holds, each with its name there."""
    for pattern in _KEPT:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield FILES + path.relative_to(folder).as_posix(), path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder of this account's own, on the same disk, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".hailong-", dir=folder) as place:
        yield Path(place)


def check_backup(file: Path, place: Path, key: Key | None = None) -> Backup:
    """Unpack a backup into an empty part of `place`, check every member, open it and count.

    Raises BackupError where it is no backup, damaged, or of a newer version of the product, and
    where it is encrypted and the key is missing or another one.
    """
    with _plain(file, place, key) as plain, _archive(plain, file) as archive:
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
def _plain(file: Path, place: Path, key: Key | None) -> Iterator[Path]:
    """The archive itself: of an encrypted one a copy that is gone afterwards."""
    if not file.is_file():
        raise BackupError(sentence("backup.no_file", file=file))
    if not is_encrypted(file):
        yield file
        return
    if key is None:
        raise BackupError(sentence("key.needed", file=file))
    plain = place / _PLAIN
    try:
        decrypt(file, plain, key)
        yield plain
    finally:
        plain.unlink(missing_ok=True)


@contextmanager
def _archive(plain: Path, file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(plain) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise BackupError(sentence("backup.not_one", file=file, why=error)) from error


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
