"""The posters of an installation's counters: what each says, and under which name it is filed.

Joins places, questionnaires and settings; command and page print the same.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from typing import Final, Protocol

from questionnaires import Questionnaire
from survey.access import Parents
from survey.config import Config
from survey.links import Poster, respond_url
from survey.logos import nearest_logo
from survey.places import file_name
from survey.store.places import Desk

ALL: Final = "tat-ca"
"""The name of the file that holds every poster, a page each."""


class Questionnaires(Protocol):
    """Questionnaires by their keys, wherever they are kept."""

    def __getitem__(self, key: str, /) -> Questionnaire:
        """The version of this key."""


def posters_of(
    config: Config,
    desks: Sequence[Desk],
    questionnaires: Questionnaires,
    among: Sequence[Desk],
    parents: Parents,
) -> dict[str, Poster]:
    """The poster of each desk by the name of its file, as of `file_names` of those ``among`` which
    it is. ``parents``: of each office the one above it, whose logo it has without its own.
    """
    names = file_names(among)
    offices = {desk.office.id for desk in desks}
    logos = {office: nearest_logo(config.data, office, parents)[1] for office in offices}
    return {
        names[desk.link.code]: Poster(
            url=respond_url(config.base_url, desk.link.code),
            code=desk.link.code,
            office=desk.office.name,
            counter=desk.counter.name,
            made_on=desk.link.created_on,
            sectors=tuple(sector.name for sector in desk.sectors),
            minutes=questionnaires[desk.counter.questionnaire].minutes,
            logo=logos[desk.office.id],
            simulated=config.simulated,
        )
        for desk in desks
    }


def file_names(desks: Sequence[Desk]) -> dict[str, str]:
    """Return what the file of each code is called: as its counter, as of `survey.places.file_name`.

    Behind it stands the code where the counter has several addresses. ``desks``: all that there
    are, so that no file takes the place of another counter's, whoever prints which of them.
    """
    addresses = Tally(desk.key for desk in desks)
    counters = [desk.counter for desk in desks]
    found = {}
    for desk in desks:
        name, code = file_name(desk.counter, counters), desk.link.code
        found[code] = f"{name}-{code}" if addresses[desk.key] > 1 else name
    return found
