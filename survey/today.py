"""What needs doing in an office today, the most urgent first: facts in, tasks out. Pure.

What could not be looked at is told beside the tasks: it never reads as "nothing to do".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, get_args

from kiosk.devices import Trouble

OLD_BACKUP: Final = timedelta(days=7)

TaskKind = Literal[
    # Answers are not those that were sealed.
    "altered",
    # Answers are lost, or do not come at all.
    "silent",
    "storage",
    "quarantined",
    "unsent",
    # All of them would be lost with the machine.
    "backup",
    # The duties of each month, in the order in which they are done.
    "dossiers",
    "recheck",
    "flagged",
    # Slips: more used than there were people, fewer handed out than before, many about to end.
    "slips_beyond",
    "slips_fell",
    "slips_ending",
    # What citizens wrote.
    "unread",
    "todo",
    # What goes for good.
    "purge",
    # What makes figures doubtful, or is put right once.
    "clock",
    "settings",
    "wordings",
    "old_build",
    # What another administrator did and everybody has to know.
    "published",
]
URGENCY: Final[tuple[TaskKind, ...]] = get_args(TaskKind)
"""Every kind of task, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Backups:
    """When one was last made that outlives the server's disk (None: never), and whether there is
    anything to lose."""

    last: date | None
    anything: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the offices of one account; what is not its business is left out.

    `answered`: answers of the last whole month by office. `counted`: offices whose dossiers of it
    are known; None where dossiers are nothing of this account's. `flagged`: by period how many
    things are worth a second look, None where that is not known now. `troubles`: those of the
    tablets in use. `unread`, `todo`: comments that nobody has read, and those to be acted on.
    `unverified`: by questionnaire how many wordings are still to be checked. `settings`: how many
    of them do not fit together. `calls`: by month, calls of its re-check that are still to be made.
    `beyond`: offices of which last month more slips were used than dossiers were completed; `fell`:
    those that handed out far fewer than before. `ending`: by last day, unused slips of batches that
    end within a week. `published`: versions of questionnaires that somebody else published lately.
    `altered`: the day when stored answers were found not to be those that were sealed. `purge`: by
    year, answers whose time is over within a month, or was.
    """

    today: date
    answered: Mapping[str, int] = field(default_factory=dict)
    counted: frozenset[str] | None = None
    flagged: Mapping[str, int | None] = field(default_factory=dict)
    troubles: frozenset[Trouble] = frozenset()
    unread: int = 0
    todo: int = 0
    unverified: Mapping[str, int] = field(default_factory=dict)
    settings: int = 0
    backups: Backups | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()
    fell: tuple[str, ...] = ()
    ending: Mapping[str, int] = field(default_factory=dict)
    published: tuple[str, ...] = ()
    altered: date | None = None
    purge: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. `about`: offices, a period, year or days, or a questionnaire."""

    kind: TaskKind
    about: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Agenda:
    """The tasks, the most urgent first; whether the month's report can be printed.

    `unknown`: periods that could not be looked at for what is worth a second look.
    """

    tasks: tuple[Task, ...]
    report: bool
    unknown: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        """Whether it is known that there is nothing to do."""
        return not self.tasks and not self.unknown


def agenda(facts: Facts) -> Agenda:
    """Return what is to be done."""
    tasks = sorted(_tasks(facts), key=lambda task: URGENCY.index(task.kind))
    unknown = tuple(period for period, count in facts.flagged.items() if count is None)
    return Agenda(tuple(tasks), any(facts.answered.values()), unknown)


def _tasks(facts: Facts) -> Iterator[Task]:
    for trouble in facts.troubles:
        yield Task(trouble)
    if facts.altered is not None:
        yield Task("altered")
    if facts.backups is not None and _lacks_backup(facts.backups, facts.today):
        yield Task("backup")
    missing = tuple(sorted(_without_dossiers(facts)))
    counted: tuple[tuple[TaskKind, tuple[str, ...], int | None], ...] = (
        ("dossiers", missing, len(missing)),
        *(("recheck", (month,), count) for month, count in facts.calls.items()),
        *(("flagged", (period,), count) for period, count in facts.flagged.items()),
        ("slips_beyond", facts.beyond, len(facts.beyond)),
        ("slips_fell", facts.fell, len(facts.fell)),
        ("slips_ending", tuple(sorted(facts.ending)), sum(facts.ending.values())),
        ("unread", (), facts.unread),
        ("todo", (), facts.todo),
        *(("purge", (year,), count) for year, count in facts.purge.items()),
        ("settings", (), facts.settings),
        *(("wordings", (one,), count) for one, count in facts.unverified.items()),
        ("published", facts.published, len(facts.published)),
    )
    yield from (Task(kind, about, count) for kind, about, count in counted if count)


def is_old(backup: date, today: date) -> bool:
    """Whether a backup is old; so is one of a day to come, which a wrong clock has dated."""
    return abs(today - backup) > OLD_BACKUP


def _lacks_backup(backups: Backups, today: date) -> bool:
    """Whether more than a week would be lost; an empty office has nothing to lose."""
    if backups.last is None:
        return backups.anything
    return is_old(backups.last, today)


def _without_dossiers(facts: Facts) -> Iterator[str]:
    """Offices that were answered to last month and whose dossiers of it are not known."""
    if facts.counted is not None:
        for office, answers in facts.answered.items():
            if answers and office not in facts.counted:
                yield office
