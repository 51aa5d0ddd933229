"""The office's own figures: the verdict document of its database, in its own order of things.

Loads the analysis stack when it is first asked, so that a citizen's request never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from questionnaires import Questionnaire
from survey.config import Config
from survey.errors import HailongError
from survey.places import Places

if TYPE_CHECKING:
    from analysis import Document, Period, Targets


def office_targets(config: Config) -> Targets:
    """Return the targets of the data folder, or the shipped ones. Raises HailongError."""
    from analysis import TargetsError, load_targets, shipped_targets

    try:
        file = config.targets_file
        return load_targets(file) if file.exists() else shipped_targets()
    except TargetsError as error:
        raise HailongError(str(error)) from error


def office_document(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    level: float = 0.95,
) -> Document:
    """Return the verdict document of a period. Raises HailongError listing every problem."""
    from analysis import Refusal, analyse, read_responses
    from analysis.scopes import Order

    order = Order(
        offices=tuple(office.id for office in places.office),
        sectors=tuple(sector.id for sector in places.sector),
    )
    try:
        with read_responses(config.database_url, trusted=True) as responses:
            return analyse(
                responses,
                config.database_url,
                period=period,
                targets=office_targets(config),
                level=level,
                questionnaires=questionnaires,
                order=order,
            )
    except Refusal as error:
        raise HailongError(str(error)) from error
