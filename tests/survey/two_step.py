"""An account that signs in by two steps, and the app on its holder's phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyotp import TOTP
from sqlalchemy import Engine

from survey.store.staff_actions import By
from survey.store.two_step import begin_two_step, offer_secret

STEP = timedelta(seconds=30)


def shown(secret: str, at: datetime) -> str:
    """What the app on a phone shows at a moment."""
    return TOTP(secret).at(at)


def turn_on(
    engine: Engine, secret_key: str, name: str, at: datetime
) -> tuple[str, tuple[str, ...]]:
    """Turn two-step sign-in on; return the app's secret and the recovery codes.

    The code of that moment is used up.
    """
    offer = offer_secret(secret_key, name, at)
    code = shown(offer.secret, at)
    _, codes = begin_two_step(engine, secret_key, name, offer, code, By(name, at))
    return offer.secret, codes
