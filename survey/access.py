"""The one rule of access: may this account do this, and with what belongs to this office?

Pure. Asked by staff pages (`survey.web.desk.guard`) for every route and every object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["administrator", "officer", "analyst", "viewer"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

Action = Literal[
    "see_results",  # published figures, and all of them with the next
    "see_unpublished",
    "see_today",
    "see_tablets",
    "keep_tablets",
    "read_comments",
    "import_dossiers",
    "enter_indicators",  # the one-stop desk's nine, as points of files
    "print_posters",
    "issue_slips",
    "enter_paper",
    "keep_rechecks",
    "make_files",
    "keep_public_page",  # what was done about what people said
    "bring_in_answers",  # past ones, collected with another tool
    "change_places",
    "change_targets",  # of the plan: the whole installation's; of its own: an office's
    "design_questionnaires",
    "delete_comments",
    "manage_accounts",
    "keep_server",  # backups and settings, of the whole installation
    "read_log",
    "keep_own_account",
]

_OFFICER: Final[frozenset[Action]] = frozenset(
    {
        "see_unpublished",
        "see_today",
        "see_tablets",
        "keep_tablets",
        "read_comments",
        "import_dossiers",
        "enter_indicators",
        "print_posters",
        "issue_slips",
        "enter_paper",
        "keep_rechecks",
        "make_files",
        "keep_public_page",
    }
)
_EVERYBODY: Final[frozenset[Action]] = frozenset({"see_results", "keep_own_account"})

WHOLE: Final[frozenset[Action]] = frozenset({"design_questionnaires", "keep_server"})
"""What is about nothing but the whole installation: no office has any of it."""

ALLOWED: Final[Mapping[Role, frozenset[Action]]] = {
    "administrator": frozenset(get_args(Action)),
    "officer": _EVERYBODY | _OFFICER,
    "analyst": _EVERYBODY | {"see_unpublished", "make_files"},
    "viewer": _EVERYBODY,
}

TokenScope = Literal["published", "full"]
TOKEN_SCOPES: Final[tuple[TokenScope, ...]] = get_args(TokenScope)
AS_ROLE: Final[Mapping[TokenScope, Role]] = {"published": "viewer", "full": "analyst"}
"""The role whose figures a program reads with a token of this scope."""

Parents = Mapping[str, str | None]
"""Every office that there is, or was, with the office above it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for an office and all below it; `office` is None for the whole installation."""

    role: Role
    office: str | None


EVERYTHING: Final = Grant("administrator", None)


def may(grant: Grant, action: Action) -> bool:
    """Whether an account may do this at all: with something of its own offices."""
    return action in ALLOWED[grant.role]


def is_there(grant: Grant, action: Action) -> bool:
    """Whether there is something that an account may do this with."""
    return grant.office is None or action not in WHOLE


def way_up(office: str, parents: Parents) -> list[str]:
    """An office and all above it, the nearest first; a circle ends."""
    found: list[str] = []
    here: str | None = office
    while here is not None and here not in found:
        found.append(here)
        here = parents.get(here)
    return found


def may_with(grant: Grant, action: Action, office: str | None, parents: Parents) -> bool:
    """Whether an account may do this with what belongs to an office.

    `office` is None for what belongs to the whole installation.
    """
    return may(grant, action) and covers(grant, office, parents)


def covers(grant: Grant, office: str | None, parents: Parents) -> bool:
    """Whether an office is the grant's or below it."""
    if grant.office is None:
        return office is None or office in parents
    seen: set[str] = set()
    while office is not None and office in parents and office not in seen:
        if office == grant.office:
            return True
        seen.add(office)
        office = parents[office]
    return False


def offices_of(grant: Grant, parents: Parents) -> frozenset[str]:
    """The offices that a grant covers: its own and all below it."""
    return frozenset(office for office in parents if covers(grant, office, parents))
