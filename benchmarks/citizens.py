"""Citizens who do not give up: each sends again, under the same id, what was not acknowledged."""

from __future__ import annotations

import http.client
import random
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import urlencode

from benchmarks.load import SENDING, token

ITEMS = ("overall", "access", "procedures", "civil_servants", "results", "feedback")
OPTIONS = ("waiting", "attitude")
PAUSE = 0.02  # seconds before sending again
PATIENCE = 120  # seconds for the last response of each


@dataclass(frozen=True, slots=True)
class Sent:
    """One response as it is sent; its comment is like no other's."""

    response_id: str
    scores: tuple[int, ...]
    choices: tuple[str, ...]
    comment: str

    def fields(self) -> list[tuple[str, str]]:
        """The fields of the form."""
        scores = [(item, str(score)) for item, score in zip(ITEMS, self.scores, strict=True)]
        choices = [("went_wrong", option) for option in self.choices]
        return [("response_id", self.response_id), *scores, *choices, ("comment", self.comment)]


@dataclass
class Citizen:
    """Answers one form after another.

    ``current`` is begun and not thanked yet; ``refused`` holds replies that no citizen should see.
    """

    number: int
    port: int
    path: str
    seed: int
    current: Sent | None = None
    acknowledged: list[Sent] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def live(self, go_on: Event, enough: Event) -> None:
        """Answer until ``enough``, and then until the last answer is acknowledged."""
        chance = random.Random(f"{self.seed} {self.number}")
        while not enough.is_set():
            self.current = self._think(chance)
            while not self._acknowledged(self.current) and not self.refused:
                time.sleep(PAUSE)
                go_on.wait()
            if self.refused:
                return
            self.acknowledged.append(self.current)
            self.current = None
            go_on.wait()

    def _think(self, chance: random.Random) -> Sent:
        overall = chance.randint(1, 5)
        return Sent(
            str(uuid.uuid4()),
            (overall, *(chance.randint(1, 5) for _ in ITEMS[1:])),
            OPTIONS if overall <= 2 else (),
            f"Ý kiến thứ {len(self.acknowledged)} của người thứ {self.number}",
        )

    def _acknowledged(self, one: Sent) -> bool:
        """Open the form and send this response once; False where no thanks came back."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            fields = [("token", token(connection, self.path)), *one.fields()]
            connection.request("POST", self.path, urlencode(fields), SENDING)
            reply = connection.getresponse()
            reply.read()
        except (OSError, EOFError, RuntimeError, http.client.HTTPException):
            return False  # no form, or a reply that broke off
        finally:
            connection.close()
        if reply.status not in (303, 503):
            self.refused.append(reply.status)
        return reply.status == 303


class Crowd:
    """Several citizens at once, each in a thread."""

    def __init__(self, citizens: Iterable[Citizen]) -> None:
        self._citizens = tuple(citizens)
        self._go_on, self._enough = Event(), Event()
        self._threads = [
            Thread(target=citizen.live, args=(self._go_on, self._enough), daemon=True)
            for citizen in self._citizens
        ]

    def begin(self) -> None:
        """Let everybody answer."""
        self._go_on.set()
        for thread in self._threads:
            thread.start()

    def hold(self) -> set[str]:
        """Let nobody send; return the ids of the responses that were begun and not thanked."""
        self._go_on.clear()
        return {one.response_id for citizen in self._citizens if (one := citizen.current)}

    def go_on(self) -> None:
        """Let everybody send again."""
        self._go_on.set()

    def finish(self) -> None:
        """Let everybody send to the end what they have begun. Raises RuntimeError."""
        self._enough.set()
        self._go_on.set()
        until = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        if any(citizen.current and not citizen.refused for citizen in self._citizens):
            raise RuntimeError(f"some answers were not acknowledged within {PATIENCE} seconds")

    def abandon(self) -> None:
        """Let everybody stop, whatever becomes of what they have begun."""
        self._enough.set()
        self._go_on.set()

    @property
    def acknowledged(self) -> list[Sent]:
        return [one for citizen in self._citizens for one in citizen.acknowledged]

    @property
    def refused(self) -> list[int]:
        return [status for citizen in self._citizens for status in citizen.refused]
