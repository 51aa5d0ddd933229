"""What each browser has filled in so far: in memory alone, for it holds a password.

Two browsers fill in two of them, and the first that is finished is the office.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from flask import session

from survey.encryption import Key
from survey.setup.filled import Filled, first_sectors
from survey.setup.landing import Found
from survey.setup.placed import Placed
from survey.uploads import Upload

MOST: Final = 16
STEPS: Final = ("office", "sectors", "counters", "address")
"""The pages of a new office, in their order."""

_KEY: Final = "draft"


@dataclass
class Draft:
    """One browser's. ``token``: of the page that its phone opens; ``sure``: steps that are done.

    ``upload``: a backup that was sent or chosen, ``key``: what opens it, ``found``: what it holds,
    once read.
    """

    id: str
    filled: Filled = field(default_factory=lambda: Filled(sectors=first_sectors()))
    sure: set[str] = field(default_factory=set)
    where: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    opened: bool = False
    upload: Upload | Placed | None = None
    found: Found | None = None
    key: Key | None = None

    def missing(self, before: str | None = None) -> str | None:
        """The first step that is not done, of all or of those before one; None where all are."""
        steps = STEPS[: STEPS.index(before)] if before else STEPS
        return next((one for one in steps if one not in self.sure), None)


class Drafts:
    """Those under way; where there are too many, the oldest goes."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}
        self._lock = Lock()

    def own(self) -> Draft:
        """The draft of the browser that asks."""
        with self._lock:
            found = self._drafts.get(str(session.get(_KEY)))
            return found or self._new()

    def _new(self) -> Draft:
        draft = Draft(secrets.token_hex(16))
        session[_KEY] = draft.id
        self._drafts[draft.id] = draft
        while len(self._drafts) > MOST:
            del self._drafts[next(iter(self._drafts))]
        return draft

    def is_own(self, id_: str) -> bool:
        """Whether this is, or was, the draft of the browser that asks."""
        return session.get(_KEY) == id_

    def of_token(self, token: str) -> Draft | None:
        """The draft whose phone opens this page."""
        with self._lock:
            return next((one for one in self._drafts.values() if one.token == token), None)

    def forget(self) -> None:
        """Keep nothing of anybody."""
        with self._lock:
            for draft in self._drafts.values():
                if draft.upload is not None:
                    draft.upload.remove()
            self._drafts.clear()
