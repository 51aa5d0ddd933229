"""The log of what staff did: it only grows, and each line is written along with what it tells.

Of citizens it holds nothing: of a deleted comment the month, office and sector, of a tablet's file
its name and not how many answers it brought.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from survey.store import tables

StaffAction = Literal[
    "signed_in",
    "account_made",
    "account_invited",
    "account_changed",
    "account_stopped",
    "account_resumed",
    "account_removed",
    "link_made",
    "password_chosen",
    "password_changed",
    "signed_out_everywhere",
    "two_step_begun",
    "two_step_ended",
    "two_step_reset",
    "two_step_link_made",
    "recovery_codes_made",
    "recovery_code_used",
    "identity_linked",
    "identity_unlinked",
    "token_made",
    "token_revoked",
    "comment_deleted",
    "comment_handled",
    "comment_blacked_out",
    "paper_entered",
    "recheck_sealed",
    "recheck_seeded",
    "recheck_drawn",
    "recheck_entered",
    "past_answers_taken",
    "past_answers_undone",
    "file_asked",
    "report_kept",
    "improvement_written",
    "improvement_published",
    "improvement_withdrawn",
    "improvement_dropped",
    "letterhead_changed",
    "report_worded",
    "report_unworded",
    "dossiers_imported",
    "import_undone",
    "indicators_entered",
    "counter_made",
    "counter_changed",
    "counter_closed",
    "counter_reopened",
    "code_renewed",
    "sector_made",
    "sector_changed",
    "sector_dropped",
    "office_made",
    "office_changed",
    "office_merged",
    "office_hours_set",
    "office_hours_inherited",
    "office_logo_set",
    "office_logo_inherited",
    "target_made",
    "target_changed",
    "target_dropped",
    "own_threshold_set",
    "own_threshold_dropped",
    "targets_accepted",
    "backup_taken",
    "backup_key_made",
    "backup_key_dropped",
    "settings_changed",
    "tablet_code_made",
    "tablet_revoked",
    "tablet_handover",
    "tablet_pin_made",
    "tablet_file_taken",
    "draft_made",
    "draft_dropped",
    "questionnaire_published",
    "wordings_checked",
    "wordings_unchecked",
    "slips_issued",
    "slips_withdrawn",
    "seals_made",
    "comments_purged",
    "answers_purged",
]
STAFF_ACTIONS: Final[tuple[StaffAction, ...]] = get_args(StaffAction)

_row = tables.staff_action.c
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class By:
    """Who does something and when, in the office's zone; `name` is None for the command line."""

    name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """A line of the log. `office` is None for what belongs to the whole installation."""

    at: datetime
    name: str | None
    action: StaffAction
    office: str | None
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DoneFilter:
    """Which lines are wanted. `offices` is None for all, and for what belongs to none."""

    offices: frozenset[str] | None = None
    name: str | None = None
    action: str | None = None
    month: str | None = None
    commands: bool = field(default=False)

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What narrows a query over the log. `commands`: what the command line did."""
        if self.offices is not None:
            yield _row.office.in_(self.offices)
        if self.commands:
            yield _row.name.is_(None)
        for column, value in (
            (_row.name, self.name),
            (_row.action, self.action),
            (_row.month, self.month),
        ):
            if value is not None:
                yield column == value


def note(
    connection: Connection,
    by: By | None,
    action: StaffAction,
    office: str | None = None,
    **details: str,
) -> None:
    """Write a line in the transaction of what was done; none where nobody did it (`by`)."""
    if by is None:
        return
    connection.execute(
        tables.staff_action.insert().values(
            done_at=int(by.at.timestamp()) // _MINUTE * _MINUTE,
            month=f"{by.at:%Y-%m}",
            name=by.name,
            action=action,
            office=office,
            details=details,
        )
    )


@contextmanager
def noted(
    engine: Engine, by: By, action: StaffAction, office: str | None = None, **details: str
) -> Iterator[Connection]:
    """Write a line of what is done meanwhile outside the database; none where that fails.

    Gives the transaction that the line is a part of.
    """
    with engine.begin() as connection:
        note(connection, by, action, office, **details)
        yield connection


def list_actions(
    engine: Engine,
    wanted: DoneFilter,
    limit: int | None = None,
    offset: int = 0,
    *,
    actions: Sequence[StaffAction] = STAFF_ACTIONS,
) -> Sequence[Done]:
    """Return lines of the log, the newest first, with moments in UTC."""
    query = select(_row.done_at, _row.name, _row.action, _row.office, _row.details)
    query = (
        query.where(*wanted.conditions(), _row.action.in_(actions))
        .order_by(_row.id.desc())
        .limit(limit)
        .offset(offset)
    )
    with engine.connect() as connection:
        return [
            Done(datetime.fromtimestamp(done_at, UTC), *rest)
            for done_at, *rest in connection.execute(query)
        ]


def count_actions(engine: Engine, wanted: DoneFilter) -> int:
    """Return how many lines there are."""
    query = select(func.count()).select_from(tables.staff_action).where(*wanted.conditions())
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class DoneChoices:
    """By what a log can be filtered: who and which months stand in it."""

    names: tuple[str, ...]
    months: tuple[str, ...]


def done_choices(engine: Engine, offices: frozenset[str] | None) -> DoneChoices:
    """Return who and which months stand in the log, names in order, the newest month first."""
    where = list(DoneFilter(offices).conditions())
    names = select(_row.name).where(_row.name.is_not(None), *where).distinct()
    months = select(_row.month).where(*where).distinct()
    with engine.connect() as connection:
        found = connection.execute(names).scalars().all(), connection.execute(months).scalars()
        return DoneChoices(tuple(sorted(found[0])), tuple(sorted(found[1], reverse=True)))
