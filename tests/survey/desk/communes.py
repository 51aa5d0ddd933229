"""Two communes, one with an office below it: whose are whose, for tests of who may see what."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from questionnaires import Text
from survey.places import Office, shipped_places
from survey.store.places import save_places

TODAY = date(2026, 10, 15)
OWN, BELOW, FOREIGN = "trieu-son", "thon-mot", "xa-khac"


def save_communes(engine: Engine) -> None:
    """Add to the shipped commune an office below it and another commune."""
    shipped = shipped_places()
    more = (
        Office(id=BELOW, name=Text(vi="Thôn Một", en="Hamlet One"), parent=OWN),
        Office(id=FOREIGN, name=Text(vi="Xã Khác", en="Another Commune")),
    )
    save_places(engine, shipped.model_copy(update={"office": (*shipped.office, *more)}), TODAY)
