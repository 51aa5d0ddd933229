"""The import of completed dossiers, step by step, for the command and the page alike.

Look at the file and propose what would change; show it; keep exactly what was proposed. Owns the
columns file of the data folder. Here nothing is asked and nothing is printed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from survey.dossiers.apart import LONGEST, look_apart
from survey.dossiers.columns import Columns, load_columns, shipped_columns
from survey.dossiers.look import Look, counts_of, look_of, packed, told_of
from survey.dossiers.mapping import HEAD, columns_text
from survey.dossiers.plan import ImportPlan, MonthChange, make_plan
from survey.dossiers.reading import CountRequest, RowProgress
from survey.errors import DossiersError, unwritable
from survey.files import write_whole
from survey.store.population import CountSource, Import, apply_plan, load_counts
from survey.store.staff_actions import By

OWN_COLUMNS: Final = "dossiers.toml"
_BY_HAND: Final = "dossiers.toml.bak"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was seen in a file and what importing it would change; no ``plan`` where it is refused.

    ``file_digest`` is the SHA-256 of the file, in hexadecimal.
    """

    look: Look
    plan: ImportPlan | None
    file_digest: str

    def require(self) -> ImportPlan:
        """Return the plan. Raises DossiersError that says everything that is wrong."""
        self.look.require()
        assert self.plan is not None  # noqa: S101  made of the counts
        return self.plan

    def packed(self) -> dict[str, Any]:
        """The proposal as plain JSON, to wait for a word."""
        return {
            "look": packed(self.look),
            "plan": packed(self.plan),
            "file_digest": self.file_digest,
        }


def proposal_of(found: dict[str, Any]) -> Proposal:
    """Return the proposal that `Proposal.packed` made plain."""
    plan = found["plan"]
    return Proposal(
        look_of(found["look"]), None if plan is None else _plan_of(plan), found["file_digest"]
    )


def _plan_of(found: dict[str, Any]) -> ImportPlan:
    return ImportPlan(
        tuple(
            MonthChange(
                change["period"],
                change["office"],
                counts_of(change["before"]),
                counts_of(change["after"]),
            )
            for change in found["changes"]
        ),
        tuple(map(told_of, found["doubts"])),
    )


def propose(
    engine: Engine,
    content: bytes,
    name: str,
    request: CountRequest,
    progress: RowProgress | None = None,
    *,
    seconds: float = LONGEST,
) -> Proposal:
    """Look at a file, in a process of its own, and lay it beside what is known.

    Raises DossiersError where the file cannot be opened or takes too long.
    """
    look = look_apart(content, name, request, progress, seconds=seconds)
    plan = None
    if look.counted is not None:
        months = {count.period for count in look.counted.counts}
        plan = make_plan(look.counted, load_counts(engine, months), request.periods)
    return Proposal(look, plan, hashlib.sha256(content).hexdigest())


def keep(
    engine: Engine, proposal: Proposal, name: str, today: date, *, by: By | None = None
) -> tuple[Import, ...]:
    """Keep what was proposed, in one transaction; returns the lines of the log.

    Raises DossiersError where the file is refused, and StoreError where what is known has changed
    since it was proposed.
    """
    log = CountSource(today, name, proposal.file_digest)
    return apply_plan(engine, proposal.require(), log=log, by=by)


def columns_in_use(data: Path, given: Path | None = None) -> Columns:
    """Return what headings mean: the given file's words, else the office's own, else the shipped.

    Raises DossiersError that says what is wrong with the file.
    """
    own = data / OWN_COLUMNS
    if given is None and not own.exists():
        return shipped_columns()
    return load_columns(given or own)


def keep_columns(data: Path, columns: Columns) -> None:
    """Keep what headings mean for the months to come.

    A file that somebody wrote by hand, with comments of its own, stays beside it once.
    """
    own, by_hand = data / OWN_COLUMNS, data / _BY_HAND
    try:
        if own.exists() and not own.read_bytes().startswith(HEAD.encode()):
            write_whole(by_hand, own.read_bytes())
        write_whole(own, columns_text(columns))
    except OSError as error:
        raise DossiersError(unwritable(own, error)) from error
