"""The office behind the tablets: the port of the kiosk over the store, and how often it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from kiosk import Device, Heartbeat, KioskResponse, Outcome, Phone, Station
from kiosk.office import TooOften
from questionnaires import Questionnaire
from survey.address import parse_address
from survey.intake import Response
from survey.links import comment_url, typed_address, typed_code
from survey.store.kiosks import find_device, note_heartbeat, pair
from survey.store.places import find_standing, poster_code
from survey.store.questionnaires import Published
from survey.tablets import station_of, take
from survey.web.arrivals import Arrival, Arrivals
from survey.web.limits import Limits, Pace, network_of

ALL = "all"


@dataclass(frozen=True, slots=True)
class StoredOffice:
    """The port `kiosk.office.Backend`, over the database of an installation."""

    engine: Engine
    questionnaires: Published
    clock: Callable[[], datetime]
    timezone: str
    base_url: str
    simulated: bool
    limits: Limits
    arrivals: Arrivals

    def now(self) -> datetime:
        """The moment, in the office's zone."""
        return self.clock()

    def pair(self, code: str, secret_hash: str, address: str) -> Device | None:
        """Enrol a tablet; only codes that are no good count as guesses."""
        limits = self.limits
        paces = ((limits.guesses_by_address, network_of(address)), (limits.guesses, ALL))
        for pace, sender in paces:
            _wait(pace, sender)
        device = pair(
            self.engine, typed_code(code), secret_hash, self.now(), reusable=self.simulated
        )
        if device is not None:
            for pace, sender in paces:
                pace.forgive(sender)
        return device

    def find_device(self, secret_hash: str) -> Device | None:
        """The tablet with this secret. What no tablet has cannot be guessed, and is not counted."""
        device = find_device(self.engine, secret_hash)
        if device is not None:
            _wait(self.limits.tablet, device.id)
        return device

    def station(self, device: Device) -> Station:
        """What the tablet stands for now."""
        standing = find_standing(self.engine, device.counter)
        if standing is None:
            raise LookupError(f"the counter of the tablet '{device.id}' is not stored")
        counter, office, sectors = standing
        made = station_of(counter, office, sectors, self.questionnaires[counter.questionnaire])
        phone = self._phone(device.counter) if counter.kiosk_comment == "phone" else None
        return replace(made, phone=phone, simulated=self.simulated, timezone=self.timezone)

    def _phone(self, key: str) -> Phone | None:
        """Where comments are written on a phone; None where no address of the counter is in use."""
        from survey.qr import qr_svg

        code = poster_code(self.engine, key)
        if code is None:
            return None
        url = comment_url(self.base_url, code)
        return Phone(typed_address(url), qr_svg(url), parse_address(self.base_url).reach)

    def find_questionnaire(self, key: str) -> Questionnaire | None:
        """A published version, of today or of before."""
        return self.questionnaires.get(key)

    def take(self, device: Device, responses: Sequence[KioskResponse]) -> Sequence[Outcome]:
        """Take responses for good."""

        def screen(response: Response, moment: datetime) -> Response:
            return self.arrivals.marked(Arrival(response, device.id, moment))

        return take(self.engine, device, responses, self.now(), screen=screen)

    def note(self, device: Device, heartbeat: Heartbeat) -> None:
        """Keep the last that the tablet told about itself."""
        note_heartbeat(self.engine, device, heartbeat, self.now())


def _wait(pace: Pace, sender: str) -> None:
    seconds = pace.wait(sender)
    if seconds:
        raise TooOften(seconds)
