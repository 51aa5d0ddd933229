"""What the server does by itself: folds the log, seals and rewrites a day, has figures computed.

Owns when; `survey.store.upkeep` knows how. For a thread of each server process: one of them has the
turn. Here the clock is read.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from survey import jobs, uploads
from survey.config import Config, load_config
from survey.errors import HailongError
from survey.figures.overviews import is_due, refresh_apart
from survey.intake import clock_is_doubtful
from survey.public.making import PUBLIC_TURN, make_apart, periods_due
from survey.retention import PURGE_TURN, due, purge_apart
from survey.sealing import (
    SEAL_TURN,
    months_due,
    night_of,
    seal_apart,
    seal_beside,
    seal_days_due,
)
from survey.store import open_engine, sqlite
from survey.store.comments import delete_old_comments, kept_from
from survey.store.places import has_several_offices
from survey.store.responses import has_responses, newest_sure
from survey.store.sealing import half_sealed
from survey.store.seals import last_sealed_day
from survey.store.slips import forget_slips
from survey.store.staff_actions import By
from survey.store.upkeep import done_on, has_fresh, note_done, rewrite
from survey.turns import turn

_FIRST: Final = 5  # seconds: the server has started
_EVERY: Final = 60
_AGAIN: Final = 600  # after a failure

_log = logging.getLogger("hailong.upkeep")


def keep_up(config: Config) -> None:
    """Do what is due, again and again; for a thread of its own.

    With a connection of its own each time: the server's have limits of time that are visitors'.
    """
    time.sleep(_FIRST)
    while True:
        wait, engine = _EVERY, open_engine(config.database_url)
        try:
            fold(engine)
            uploads.sweep(config.data)
            jobs.sweep(config.data)
            now = config.now()
            forget_slips_if_due(engine, now.date())
            stored = load_config(config.data)  # what the server did not take over yet, too
            delete_comments_if_due(stored, engine, now.date())
            seal_if_due(config, engine, night_of(now))
            rewrite_if_due(config, engine, night_of(now))
            backup_if_due(stored, engine, config.now())
            purge_if_due(stored, engine, config.today())
            refresh_if_due(config, engine, config.today())
            publish_if_due(config, engine)
        except (SQLAlchemyError, HailongError, OSError) as error:
            _log.warning("upkeep is put off: %s", getattr(error, "orig", error))
            wait = _AGAIN
        finally:
            engine.dispose()
        time.sleep(wait)


def fold(engine: Engine) -> None:
    """Fold SQLite's log into the file: a plain copy of the file then holds what was acknowledged.

    Where somebody is in the way, the next time will do.
    """
    if engine.dialect.name == "sqlite":
        with suppress(SQLAlchemyError):  # told by the next request that needs the database
            sqlite.fold(engine)


def seal_if_due(config: Config, engine: Engine, today: date) -> bool:
    """Seal the days that are over, and months in their time; return whether anything was due.

    Before the rewrite of the night, which then writes anew what was sealed, and erases the rest.
    """
    last, unfinished = last_sealed_day(engine), half_sealed(engine)
    up_to_date = last is not None and last >= today - timedelta(days=1)
    if not has_responses(engine) or (up_to_date and not unfinished):
        return False
    with turn(config.data / SEAL_TURN) as mine:
        if mine:
            for about in seal_days_due(engine, today):
                _log.error("answers of %s are not as they were sealed; see hailong verify", about)
            seal_beside(config, engine, today)
    if mine and (unfinished or months_due(engine, today)):
        seal_apart(config)
    return mine


def rewrite_if_due(config: Config, engine: Engine, today: date) -> bool:
    """Rewrite what came on days that are over; return whether that was done.

    Once a day: done more often, small parts of a day would stay apart. The first day of an
    installation is not over.
    """
    last = done_on(engine, "rewrite")
    if last == today or not has_fresh(engine):
        return False
    if last is None:
        note_done(engine, "rewrite", today)
        return False
    return rewrite_now(config, engine, today)


def _may_delete(engine: Engine, today: date) -> bool:
    """Whether the day can be right: a clock that leapt years ahead deletes nothing for good."""
    return not clock_is_doubtful(today, newest_sure(engine))


def forget_slips_if_due(engine: Engine, today: date) -> int:
    """Forget the slips of batches that are long over; return how many."""
    return forget_slips(engine, today) if _may_delete(engine, today) else 0


def delete_comments_if_due(config: Config, engine: Engine, today: date) -> int:
    """Delete comments that are older than the office keeps them; return how many."""
    if not config.comment_months or not _may_delete(engine, today):
        return 0
    by = By(None, datetime.combine(today, time_of_day(), config.zone))
    return delete_old_comments(engine, kept_from(today, config.comment_months), by)


def backup_if_due(config: Config, engine: Engine, now: datetime) -> None:
    """Make the backup of the day, and encrypt what was not, unless another process is at it.

    After what the day before brought was rewritten: a backup tells no order of arrival either.
    """
    from survey.daily import daily_backup, encrypt_kept  # with what upgrades databases

    if config.simulated:
        return
    with turn(config.data / "backup.turn") as mine:
        if mine:
            encrypt_kept(config, now.date())
            daily_backup(config, engine, now)


def purge_if_due(config: Config, engine: Engine, today: date) -> bool:
    """Purge the answers whose time is over, tried once a day; return whether any were to go.

    After the backup of the day, which has them for the last time.
    """
    if done_on(engine, "purge") == today or not due(engine, config.answer_years, today):
        return False
    if not _may_delete(engine, today):
        return False
    with turn(config.data / PURGE_TURN) as mine:
        if mine:
            note_done(engine, "purge", today)
    if mine:
        purge_apart(config)
    return mine


def refresh_if_due(config: Config, engine: Engine, today: date) -> bool:
    """Have the figures of all offices computed where they are not those of the data."""
    if not has_several_offices(engine) or not is_due(config, engine, today):
        return False
    refresh_apart(config)
    return True


def publish_if_due(config: Config, engine: Engine) -> bool:
    """Make the public pages of months that were sealed; return whether there were any.

    Also while the page is off: staff look at it before they turn it on.
    """
    with turn(config.data / PUBLIC_TURN) as mine:
        if not (mine and periods_due(config, engine)):
            return False
    make_apart(config)  # which takes the turn itself
    return True


def rewrite_now(config: Config, engine: Engine, today: date) -> bool:
    """Rewrite what has come, unless another process is at it."""
    with turn(config.data / "upkeep.turn") as mine:
        if mine:
            rewrite(engine, today)
        return mine
