"""Reads published questionnaires: what forms ask, and what stored answers were asked.

Their content is kept with the answers, so that every process knows a version from the moment it
is published, and no file that is changed, broken or gone takes answers or results with it.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from pydantic import ValidationError
from sqlalchemy import Engine, select

from questionnaires import Questionnaire, shipped
from survey.errors import StoreError
from survey.store import tables
from survey.told import sentence

_row = tables.questionnaire.c
_log = logging.getLogger("hailong")


class Published:
    """Published versions by key (`desk@1`), each read once: what is published never changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Questionnaire] = {}

    def get(self, key: str) -> Questionnaire | None:
        """Return the version, or None where none of this key was published."""
        known = self._known.get(key)
        if known is not None:
            return known
        with self._engine.connect() as connection:
            content = connection.execute(
                select(_row.content).where(_row.key == key)
            ).scalar_one_or_none()
        found = _read(key, content)
        if found is not None:
            self._known[key] = found
        return found

    def __getitem__(self, key: str) -> Questionnaire:
        """Return the version. Raises StoreError where there is none."""
        found = self.get(key)
        if found is None:
            raise self._missing(key)
        return found

    def _missing(self, key: str) -> StoreError:
        """That there is none of this key: it waits to be published, or nobody has it."""
        if key in shipped():
            return StoreError(sentence("published.missing", questionnaire=key))
        with self._engine.connect() as connection:
            known = connection.scalars(select(_row.key).order_by(_row.key)).all()
        words = {"questionnaire": key, "known": ", ".join(known)}
        return StoreError(sentence("published.unknown", **words))


def published_questionnaires(engine: Engine) -> dict[str, Questionnaire]:
    """Return every published version by its key, in the order of ids and versions."""
    with engine.connect() as connection:
        rows = connection.execute(select(_row.key, _row.content)).all()
    found = [version for key, content in rows if (version := _read(key, content)) is not None]
    found.sort(key=lambda version: (version.id, version.version))
    return {version.key: version for version in found}


@lru_cache(maxsize=256)
def _read(key: str, content: str | None) -> Questionnaire | None:
    """The version that was kept. One that cannot be read is as good as unknown: others stay."""
    if content is None:
        return None
    try:
        return Questionnaire.model_validate_json(content)
    except ValidationError:
        _log.exception("questionnaire %s is kept, but cannot be read", key)
        return None
