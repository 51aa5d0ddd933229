"""What the pages of the set-up need of the server that shows them, and when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock
from typing import Final

from survey.config import Config
from survey.setup.landing import found_office, restore_office
from survey.setup.placed import Placed
from survey.uploads import Upload
from survey.web.setup.drafts import Draft, Drafts

SHOWN_WITHIN: Final = 20.0  # seconds: then the office is served, whether its last page was seen
MOVED_WITHIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Landed:
    """The office that is there now: whose draft it was, what it holds, and its settings."""

    draft: str
    config: Config
    restored: bool
    counts: dict[str, object]


@dataclass
class SetUp:
    """One set-up. ``settings`` reads them anew; ``open_aside`` listens at one address more.

    ``moved``: once it has landed, whether the server listens where the office will.
    """

    config: Config
    settings: Callable[[], Config]
    open_aside: Callable[[str], None]
    drafts: Drafts = field(default_factory=Drafts)
    landed: Landed | None = None
    moved: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)
    _over_at: float = float("inf")

    def found(self, draft: Draft) -> None:
        """Make the new office of a draft, once; nothing where another one was quicker.

        Raises HailongError or OSError, and nothing of it is there then.
        """
        filled = draft.filled

        def make() -> dict[str, object]:
            found_office(self.config, filled, self.now())
            return {
                "office": filled.office_vi,
                "sectors": len(filled.chosen),
                "counters": len(filled.counters),
                "name": filled.account.name,
            }

        self._land(draft, make, restored=False)

    def restore(self, draft: Draft, upload: Upload | Placed) -> None:
        """The same with the backup that a draft was sent or chose."""

        def make() -> dict[str, object]:
            found = restore_office(self.config, upload.path, draft.key)
            return {"count": found.responses, "day": found.made_on}

        self._land(draft, make, restored=True)

    def _land(self, draft: Draft, make: Callable[[], dict[str, object]], *, restored: bool) -> None:
        with self._lock:
            if self.landed is None:
                counts = make()
                self.landed = Landed(draft.id, self.settings(), restored, counts)
                self._over_at = time.monotonic() + SHOWN_WITHIN
                self.drafts.forget()
        self.moved.wait(MOVED_WITHIN)

    def now(self) -> datetime:
        """The moment at the office."""
        return self.config.now()

    def was_shown(self) -> None:
        """The last page is on its way: the office may be served."""
        self._over_at = 0.0

    def is_over(self) -> bool:
        """Whether the office is there and to be served."""
        return time.monotonic() >= self._over_at
