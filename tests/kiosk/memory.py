"""An installation in memory behind the kiosk: honest about receipts, and faulty where a test asks.

Nothing here is the product's: what it keeps, tests look into.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from kiosk import (
    Device,
    FieldProblem,
    Heartbeat,
    KioskResponse,
    Outcome,
    Phone,
    Receipt,
    Station,
)
from kiosk.devices import Pairing, claim, digest_of, new_code, pin_verifier
from kiosk.office import SecretTaken, TooOften
from questionnaires import Questionnaire, Text, shipped
from survey.qr import qr_svg

SECTORS = (
    ("land", Text(vi="Đất đai", en="Land")),
    ("construction", Text(vi="Xây dựng", en="Construction")),
    ("investment", Text(vi="Đầu tư", en="Investment")),
    ("civil-status", Text(vi="Hộ tịch", en="Civil status")),
)
HINTS = {"civil-status": Text(vi="khai sinh, kết hôn, khai tử", en="birth, marriage, death")}
MORNING = datetime(2026, 10, 5, 9, 0, tzinfo=timezone(timedelta(hours=7)))
CODES = {
    "one": "abcdefgh",
    "four": "bcdefghj",
    "agency": "cdefghjk",
    "sipas": "defghjkm",
    "tap": "efghjkmn",
    "taps": "fghjkmnp",
    "phone": "ghjkmnpq",
}
"""Station -> a code that pairs any number of tablets with it."""

_ADDRESS = "hailong.example.vn/r/k7m49qxp/comment"
ON_PHONE = Phone(_ADDRESS, qr_svg(f"https://{_ADDRESS}"), "inside")
"""Where comments are written, with a code of its own to be read back."""

PIN = "246810"
VERIFIER = pin_verifier(PIN)


def make_station(name: str, questionnaire: Questionnaire, **changes: Any) -> Station:
    """A counter with the sectors that the questionnaire asks for."""
    station = Station(
        counter_id=name,
        office_id="trieu-son",
        office=Text(vi="UBND xã Triệu Sơn", en="People's Committee of Triệu Sơn"),
        counter=Text(vi="Quầy 3 · Đất đai", en="Counter 3 · Land"),
        sectors=SECTORS[:1] if questionnaire.about_sector else (),
        questionnaire=questionnaire,
        mode="full",
    )
    return replace(station, **changes)


def make_stations() -> dict[str, Station]:
    """One station a counter."""
    known = shipped()
    desk = known["desk@1"]
    return {
        "one": make_station("one", desk),
        "four": make_station("four", desk, sectors=SECTORS, simulated=True),
        "agency": make_station("agency", known["agency-service@1"]),
        "sipas": make_station("sipas", known["sipas-22@1"]),
        "tap": make_station("tap", known["desk@2"], mode="one-tap"),
        "taps": make_station("taps", known["desk@2"], mode="one-tap", sectors=SECTORS, hints=HINTS),
        "phone": make_station(
            "phone", known["desk@2"], mode="one-tap", comment="phone", phone=ON_PHONE
        ),
    }


@dataclass
class Ledger:
    """Takes as the contract says: once per id, the first content stays; remembers everything."""

    stored: dict[str, KioskResponse] = field(default_factory=dict)
    receipts: list[Outcome] = field(default_factory=list)
    fault: Exception | None = None
    faulty_ids: set[str] = field(default_factory=set)
    refusal: tuple[FieldProblem, ...] = ()

    def take(self, responses: Sequence[KioskResponse]) -> list[Outcome]:
        if self.fault is not None:
            raise self.fault
        return [self._take(response) for response in responses]

    def _take(self, response: KioskResponse) -> Outcome:
        if response.response_id in self.faulty_ids:
            return None
        outcome: Outcome = self.refusal or self._receipt(response)
        self.receipts.append(outcome)
        return outcome

    def _receipt(self, response: KioskResponse) -> Receipt:
        first = self.stored.setdefault(response.response_id, response)
        if first is response:
            return "stored"
        same = replace(first, age=response.age, clock_doubtful=response.clock_doubtful) == response
        return "repeated" if same else "conflict"

    @property
    def only(self) -> KioskResponse:
        (response,) = self.stored.values()
        return response


@dataclass
class MemoryOffice:
    """The port `kiosk.office.Backend`. `shift` sets the server's clock; `waits` slow senders down.

    `pairings` are by code, `devices` by the digest of their secret, `heartbeats` by device id.
    """

    stations: dict[str, Station] = field(default_factory=make_stations)
    ledger: Ledger = field(default_factory=Ledger)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    heartbeats: dict[str, list[Heartbeat]] = field(default_factory=dict)
    questionnaires: dict[str, Questionnaire] = field(default_factory=lambda: dict(shipped()))
    shift: timedelta = timedelta(0)
    wait: int = 0
    fault: Exception | None = None
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for counter, code in CODES.items():
            never = datetime.max.replace(tzinfo=MORNING.tzinfo)
            self.pairings[code] = Pairing(counter, never, VERIFIER, reusable=True)

    def now(self) -> datetime:
        """Monday morning when the test begins, and on from there."""
        return MORNING + timedelta(seconds=time.monotonic() - self.started) + self.shift

    def pair(self, code: str, secret_hash: str, address: str) -> Device | None:
        self._may_fail()
        code = "".join(code.split()).replace("-", "").lower()
        pairing = self.pairings.get(code)
        if pairing is None or claim(pairing, secret_hash, self.now()) == "refused":
            return None
        known = self.devices.get(secret_hash)
        if known is not None and known.counter != pairing.counter:
            raise SecretTaken
        if not pairing.reusable:
            self.pairings[code] = replace(pairing, used_by=secret_hash)
        return self.devices.setdefault(secret_hash, self._device(pairing, secret_hash))

    def _device(self, pairing: Pairing, secret_hash: str) -> Device:
        return Device(new_code(), pairing.counter, secret_hash, self.now().date(), pairing.pin)

    def find_device(self, secret_hash: str) -> Device | None:
        self._may_fail()
        return self.devices.get(secret_hash)

    def _may_fail(self) -> None:
        if self.wait:
            raise TooOften(self.wait)
        if self.fault is not None:
            raise self.fault

    def station(self, device: Device) -> Station:
        return self.stations[device.counter]

    def find_questionnaire(self, key: str) -> Questionnaire | None:
        return self.questionnaires.get(key)

    def take(self, device: Device, responses: Sequence[KioskResponse]) -> list[Outcome]:
        return self.ledger.take(responses)

    def note(self, device: Device, heartbeat: Heartbeat) -> None:
        self.heartbeats.setdefault(device.id, []).append(heartbeat)

    def offer(self, counter: str, code: str) -> None:
        """Give out a code that one tablet can use within fifteen minutes."""
        until = self.now() + timedelta(minutes=15)
        self.pairings[code] = Pairing(counter, until, VERIFIER)

    def revoke(self, secret: str, *, handover: bool = False) -> None:
        """Take the tablet with this secret out of use; staff may let it hand its answers over."""
        digest = digest_of(secret)
        until = self.now() + timedelta(hours=24) if handover else None
        self.devices[digest] = replace(
            self.devices[digest], revoked_on=self.now().date(), handover_until=until
        )
