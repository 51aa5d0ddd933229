"""The posters of an installation's counters: what each says, and under which name it is filed.

Joins places, questionnaires and settings; command and page print the same.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from typing import Final, Protocol

from questionnaires import Questionnaire
from survey.config import Config
from survey.links import Poster, find_logo, respond_url
from survey.store.places import Desk

ALL: Final = "tat-ca"
"""The name of the file that holds every poster, a page each."""


class Questionnaires(Protocol):
    """Questionnaires by their keys, wherever they are kept."""

    def __getitem__(self, key: str, /) -> Questionnaire:
        """The version of this key."""


def posters_of(
    config: Config, desks: Sequence[Desk], questionnaires: Questionnaires
) -> dict[str, Poster]:
    """The poster of each desk by the name of its file: the counter's, or with the code's behind it.

    The code stands there where a counter has several addresses.
    """
    addresses = Tally(desk.counter.id for desk in desks)
    logo = find_logo(config.data)
    return {
        _name(desk, several=addresses[desk.counter.id] > 1): Poster(
            url=respond_url(config.base_url, desk.link.code),
            code=desk.link.code,
            office=desk.office.name,
            counter=desk.counter.name,
            made_on=desk.link.created_on,
            sectors=tuple(sector.name for sector in desk.sectors),
            minutes=questionnaires[desk.counter.questionnaire].minutes,
            logo=logo,
            simulated=config.simulated,
        )
        for desk in desks
    }


def _name(desk: Desk, *, several: bool) -> str:
    return f"{desk.counter.id}-{desk.link.code}" if several else desk.counter.id
