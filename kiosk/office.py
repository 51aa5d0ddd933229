"""What the kiosk asks of the installation behind it: its registry, its stations, its one door.

A port: `survey` implements it over the database, the kiosk's own tests over memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from kiosk.devices import Device, Heartbeat
from kiosk.records import FieldProblem, KioskResponse, Receipt
from kiosk.station import Station
from questionnaires import Questionnaire

Outcome: TypeAlias = Receipt | tuple[FieldProblem, ...] | None
"""A receipt once the response is durable; why it cannot be taken; None: undecided, our fault."""


class TooOften(Exception):
    """The sender has to wait; `seconds` until its next request is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class SecretTaken(Exception):
    """Another enrolment has this secret: the tablet must make itself a new one."""


class Backend(Protocol):
    """One installation as its tablets meet it. Whatever it raises besides means: try later."""

    def now(self) -> datetime:
        """The moment, in the office's zone."""

    def pair(self, code: str, secret_hash: str, address: str) -> Device | None:
        """Enrol a tablet by a code that a person may have typed; None for a code that is no good.

        Raises TooOften where this address, or all together, guess too much, and SecretTaken.
        """

    def find_device(self, secret_hash: str) -> Device | None:
        """The tablet with this secret, revoked or not. Raises TooOften."""

    def station(self, device: Device) -> Station:
        """What the tablet stands for now."""

    def find_questionnaire(self, key: str) -> Questionnaire | None:
        """A published version, of today or of before."""

    def take(self, device: Device, responses: Sequence[KioskResponse]) -> Sequence[Outcome]:
        """Take responses for good, one outcome each, in their order."""

    def note(self, device: Device, heartbeat: Heartbeat) -> None:
        """Keep the last that the tablet told about itself."""
