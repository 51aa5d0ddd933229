"""A tablet without a screen: what it says to the server, and what it hears."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def new_secret() -> str:
    """32 random bytes in base64url, as the tablet's app makes them."""
    return secrets.token_urlsafe(32)


def record(**changes: Any) -> dict[str, Any]:
    """What one citizen answered, as a tablet sends it."""
    found: dict[str, Any] = {
        "response_id": str(uuid4()),
        "questionnaire": "desk@1",
        "sector": "land",
        "scores": {"overall": 4},
        "choices": {},
        "comment": None,
        "age_s": 0,
    }
    return {**found, **changes}


@dataclass
class Tablet:
    """Speaks under one secret; `now` is its own clock."""

    client: FlaskClient
    now: Callable[[], datetime]
    secret: str = field(default_factory=new_secret)

    def pair(self, code: str) -> TestResponse:
        return self.client.post("/kiosk/enrol", json={"code": code, "secret": self.secret})

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/kiosk/{path}", headers=self.bearer | headers)

    def post(self, path: str, body: object) -> TestResponse:
        return self.client.post(f"/kiosk/{path}", json=body, headers=self.bearer)

    def send(self, path: str, body: bytes | str, kind: str | None) -> TestResponse:
        return self.client.post(f"/kiosk/{path}", data=body, content_type=kind, headers=self.bearer)

    @property
    def clock(self) -> float:
        return self.now().timestamp()

    def hand_in(self, *records: object) -> TestResponse:
        return self.post("responses", {"clock": self.clock, "responses": list(records)})

    def beat(self, **changes: object) -> TestResponse:
        told = {
            "clock": self.clock,
            "unsent": 0,
            "quarantined": 0,
            "oldest_s": None,
            "sent": 0,
            "build": "0123456789ab",
            "questionnaire": "desk@1",
            "storage": "granted",
        }
        return self.post("heartbeat", told | changes)


def receipts(reply: TestResponse) -> list[str]:
    """The receipts of a delivery, in the order of its records."""
    return [result["receipt"] for result in reply.json["results"]]  # type: ignore[index]
