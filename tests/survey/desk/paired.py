"""Tablets as they are paired and tell how they are, for tests of what staff see of them."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, update

from kiosk import Device, Heartbeat
from kiosk.batch import FORMAT
from kiosk.devices import digest_of, pin_verifier
from kiosk.station import load_assets
from survey.store import tables
from survey.store.kiosks import add_pairing, note_heartbeat, pair
from tests.kiosk.wire import new_secret, record

VERIFIER = pin_verifier("246810")


@dataclass(frozen=True)
class Paired:
    """A tablet with its secret, which alone can seal a file."""

    device: Device
    secret: str

    def exported(self, *records: object) -> bytes:
        """The file that it saves, with these records."""
        payload = json.dumps({"clock": 0, "offset_s": 0, "responses": list(records)})
        key = hashlib.sha256(self.secret.encode()).digest()
        seal = hmac.new(key, payload.encode(), "sha256").hexdigest()
        parts = [{"device": self.device.id, "payload": payload, "signature": seal}]
        return json.dumps({"format": FORMAT, "device": self.device.id, "parts": parts}).encode()


def pair_tablet(
    engine: Engine,
    now: datetime,
    counter: str = "quay-1",
    ago: timedelta = timedelta(0),
    **told: object,
) -> Paired:
    """Pair a tablet a month ago that told this about itself, all well but for what is given."""
    code, secret = add_pairing(engine, counter, VERIFIER, now, lasting=False), new_secret()
    device = pair(engine, code, digest_of(secret), now, reusable=False)
    assert device is not None
    with engine.begin() as connection:
        here = tables.kiosk.c.id == device.id
        month_ago = now.date() - timedelta(days=30)
        connection.execute(update(tables.kiosk).where(here).values(enrolled_on=month_ago))
    well = {
        "unsent": 0, "quarantined": 0, "oldest_s": 0, "sent": 4, "storage": "granted",
        "build": load_assets().build, "questionnaire": "desk@1", "clock_offset_s": 0,
    }  # fmt: skip
    note_heartbeat(engine, device, Heartbeat(**(well | told)), now - ago)  # type: ignore[arg-type]
    return Paired(device, secret)


def answered(day: date, **changes: object) -> dict[str, object]:
    """What one citizen answered, as it stands in a tablet's file."""
    found = {**record(), "answered_on": day.isoformat(), "clock_doubtful": False}
    del found["age_s"]
    return {**found, "counter": "quay-1", **changes}
