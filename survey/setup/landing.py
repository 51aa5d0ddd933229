"""An office that lands in its data folder whole or not at all, also where the process is killed.

It is made beside, on a stage inside the folder. What is whole there is put in place, the database
last: an office is there once its database is. Where that was cut, the next start, or the next
command, goes on. One that is replaced is put aside first.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from survey.backups import DATABASE, FILES, READ, Backup, check_backup, kept_files
from survey.config import (
    SECRET_FILE,
    Config,
    file_settings,
    forget_setting,
    shown_url,
    sqlite_url,
    without_password,
    write_settings,
)
from survey.encryption import Key
from survey.errors import NotSetUp
from survey.files import make_folder, make_private, put_in_place, whole, write_whole
from survey.places import check_counters, installed_questionnaires, write_places
from survey.setup.filled import Filled
from survey.setup.folder import PLACES_FILE, STAGE, TARGETS_FILE, prepare_folder
from survey.store import open_engine, refusals
from survey.store.copies import load_database, opened
from survey.store.migrate import current_revision, upgrade
from survey.store.places import save_places
from survey.store.seals import note_restore
from survey.store.staff import add_staff
from survey.store.staff_actions import By
from survey.store.views import publish
from survey.targets import for_sectors
from survey.told import sentence
from survey.turns import turn

_WHOLE: Final = "whole"
_ASIDE: Final = "aside"
_CLEARED: Final = "cleared"
_TURN: Final = "setup.turn"


def is_new(config: Config) -> bool:
    """Whether nothing of an office is there: neither its database, nor its key, nor its places.

    A folder that has lost its database alone is not new: it wants its backup. Raises StoreError
    where the database cannot be asked.
    """
    return not occupants(config)


def occupants(config: Config) -> list[str]:
    """What of an office is there: files, and the database as messages name it."""
    files = (config.data / name for name in (SECRET_FILE, PLACES_FILE))
    found = [str(file) for file in files if file.exists()]
    return [*found, shown_url(config.database_url)] if _has_database(config) else found


def _has_database(config: Config) -> bool:
    file = config.database_file
    if file is not None:
        return file.exists()
    engine = open_engine(config.database_url)
    try:
        with refusals(engine):
            return current_revision(engine) is not None
    finally:
        engine.dispose()


def land_what_is_whole(config: Config) -> bool:
    """Finish what was whole when it was cut, and say whether there was something; forget the rest.

    Where another process is at it, nothing is done.
    """
    stages = list(config.data.glob(f"{STAGE}*"))
    if not stages:
        return False
    finished = False
    with turn(config.data / _TURN) as mine:
        for stage in stages if mine else ():
            meant = _meant(config, stage)
            if (stage / _WHOLE).exists() and (_aside(meant, stage) or not _has_database(meant)):
                _land(meant, stage)
                finished = True
            _forget(stage)
    return finished


def _meant(config: Config, stage: Path) -> Config:
    """The settings with the database that the stage is for, also while their file is on its way."""
    url = file_settings(stage / READ / FILES).get("database_url")
    named_outside = config.database_url != sqlite_url(config.data)
    return config if named_outside or url is None else replace(config, database_url=url)


def _forget(stage: Path) -> None:
    """Remove a stage; from the first moment on, it is no more whole."""
    (stage / _WHOLE).unlink(missing_ok=True)
    shutil.rmtree(stage, ignore_errors=True)


def found_office(config: Config, filled: Filled, now: datetime) -> None:
    """Make the office that was filled in, with its administrator, in a folder that is new.

    Raises HailongError, and leaves everything as it was, where an office is there already or
    something of this one is refused.
    """
    with _stage(config) as stage:
        _make_folder(config, stage / READ / FILES, filled)
        _make_database(config, stage / READ / DATABASE, filled, now)


def _make_folder(config: Config, folder: Path, filled: Filled) -> None:
    prepare_folder(folder)
    write_settings(folder, **file_settings(config.data), **_database_setting(config))
    write_settings(folder, **filled.settings(config.trusted_proxies))
    write_whole(folder / PLACES_FILE, write_places(filled.places()))
    _fit_targets(folder / TARGETS_FILE, [row.id for row in filled.chosen])


def _fit_targets(file: Path, sectors: Collection[str]) -> None:
    """Let the targets of the plan be about the sectors that the office has."""
    from analysis.targets import load_targets, targets_text

    shipped = load_targets(file)
    fitted = for_sectors(shipped, sectors)
    if fitted != shipped:  # else the file stays as it is shipped, with what it explains
        write_whole(file, targets_text(fitted))


def _database_setting(config: Config) -> dict[str, str]:
    """What the settings must say of another database; no password, unless they have it already."""
    if config.database_url == sqlite_url(config.data):
        return {}
    own: str | None = file_settings(config.data).get("database_url")
    if own == config.database_url:
        return {"database_url": own}
    return {"database_url": without_password(config.database_url)[0]}


def _make_database(config: Config, file: Path, filled: Filled, now: datetime) -> None:
    places, questionnaires = filled.places(), installed_questionnaires(config)
    check_counters(places, questionnaires)
    with opened(file) as engine, refusals(engine):
        upgrade(engine)
        publish(engine, questionnaires.values())
        save_places(engine, places, now.date())
        by = By(filled.account.name, now)
        add_staff(engine, filled.account.name, filled.account.password, now.date(), by=by)


@dataclass(frozen=True, slots=True)
class Found:
    """A backup that was read whole, and the address on the posters of its office."""

    backup: Backup
    base_url: str | None


def look_at_backup(config: Config, file: Path, key: Key | None = None) -> Found:
    """Read a backup whole, without keeping anything of it. Raises HailongError for no sound one."""
    make_folder(config.data)
    with tempfile.TemporaryDirectory(prefix=".look-", dir=config.data) as place:
        found = check_backup(file, Path(place), key)
        settings = file_settings(Path(place) / READ / FILES)
    return Found(found, settings.get("base_url"))


def restore_office(
    config: Config, file: Path, key: Key | None = None, aside: datetime | None = None
) -> Backup:
    """Make a folder the office that a backup holds, for the database of these settings.

    The server must not be running. `aside`: an office that is there is replaced, and put aside
    under this moment; a PostgreSQL database is replaced in one transaction. Raises HailongError,
    and leaves everything as it was, where an office is there otherwise, the backup is not sound, or
    the key is not its own.
    """
    with _stage(config, aside) as stage:
        found = check_backup(file, stage, key)
        folder = stage / READ / FILES
        prepare_folder(folder)  # with what an older backup had not
        forget_setting(folder, "database_url")
        # What was set in a new folder is meant; an office that is put aside has its own there.
        own = {} if aside else file_settings(config.data)
        own |= _database_setting(config)
        if own:
            write_settings(folder, **own)
        restored = installed_questionnaires(replace(config, data=folder))
        with opened(stage / READ / DATABASE) as engine, refusals(engine):
            upgrade(engine)
            publish(engine, restored.values())
            note_restore(engine, found.made_on)
    return found


@contextmanager
def _stage(config: Config, aside: datetime | None = None) -> Iterator[Path]:
    """An empty folder; what is made in it lands when that is done. One at a time."""
    new = not config.data.exists()
    make_folder(config.data)
    try:
        with turn(config.data / _TURN) as mine:
            if not mine or not (aside or is_new(config)):
                raise NotSetUp(sentence("setup.occupied", folder=config.data.absolute()))
            stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=config.data))
            try:
                yield stage
                if aside:
                    write_whole(stage / _ASIDE, f"replaced-{aside:%Y%m%d-%H%M%S}")
                write_whole(stage / _WHOLE, "")
                _land_or_leave(config, stage)
            finally:
                _forget(stage)
    except BaseException:
        if new:
            shutil.rmtree(config.data, ignore_errors=True)
        raise


def _land_or_leave(config: Config, stage: Path) -> None:
    """Put everything in place; where something is refused, put the folder back as it was."""
    before = {
        path: path.read_bytes() if path.exists() else None for path, _ in _moves(config, stage)
    }
    moved = _moves_aside(config, stage)
    try:
        _land(config, stage)
    except BaseException:
        (stage / _WHOLE).unlink()
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            else:
                write_whole(path, content)
        for path, put in moved:
            if put.exists():
                _move(put, path)
        folder = _aside(config, stage)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _aside(config: Config, stage: Path) -> Path | None:
    """Where the office that is replaced goes; None where there is none."""
    mark = stage / _ASIDE
    return config.data / mark.read_text(encoding="utf-8") if mark.exists() else None


def _moves_aside(config: Config, stage: Path) -> list[tuple[Path, Path]]:
    """Each file of the office that is replaced: where it is, and where it goes."""
    aside = _aside(config, stage)
    if aside is None:
        return []
    found = [path for _, path in kept_files(config.data)]
    if config.database_file is not None:
        files = (Path(f"{config.database_file}{end}") for end in ("", "-wal", "-shm"))
        found += [file for file in files if file.exists()]
    inside = config.data
    return [
        (path, aside / (path.relative_to(inside) if path.is_relative_to(inside) else path.name))
        for path in found
    ]


def _put_aside(config: Config, stage: Path) -> None:
    """Move the office that is replaced out of the way, once: what comes then is the new one."""
    if (stage / _CLEARED).exists():
        return
    for path, to in _moves_aside(config, stage):
        _move(path, to)
    write_whole(stage / _CLEARED, "")


def _move(path: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o600)
    if path.stat().st_dev == to.parent.stat().st_dev:
        put_in_place(path, to)
        return
    with whole(to) as part:
        shutil.copyfile(path, part)
    path.unlink()


def _moves(config: Config, stage: Path) -> list[tuple[Path, Path]]:
    """Each file of the office: where it shall be, and where it is."""
    made = stage / READ / FILES
    found = sorted(path for path in made.rglob("*") if path.is_file())
    return [(config.data / path.relative_to(made), path) for path in found]


def _land(config: Config, stage: Path) -> None:
    """Put everything in place, the database last. Done twice, it changes nothing."""
    _put_aside(config, stage)
    for to, made in _moves(config, stage):
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(to, made.read_bytes())
    (config.data / "questionnaires").mkdir(exist_ok=True)
    make_private(config.data)
    replaces = (stage / _ASIDE).exists()
    _put_database(config, stage / READ / DATABASE, replaces=replaces)


def _put_database(config: Config, made: Path, *, replaces: bool) -> None:
    file = config.database_file
    if file is not None:
        with whole(file) as part:
            shutil.copyfile(made, part)
        return
    engine = open_engine(config.database_url)
    try:
        with refusals(engine):
            load_database(made, engine, replace=replaces)
    finally:
        engine.dispose()
