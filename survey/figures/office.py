"""The office's own figures: the verdict document of its database and what stands beside it.

Takes a second and more, so no server thread calls it: see `survey.figures.calculator`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from questionnaires import Questionnaire
from survey.config import Config
from survey.errors import HailongError
from survey.places import Places

if TYPE_CHECKING:
    from analysis.document import Document
    from analysis.insights.insights import Gathered
    from analysis.period import Period
    from analysis.strata.survey import Order
    from analysis.targets import Targets


def office_targets(config: Config) -> Targets:
    """Return the targets of the data folder, or the shipped ones. Raises HailongError."""
    from analysis.errors import TargetsError
    from analysis.targets import load_targets, shipped_targets

    try:
        file = config.targets_file
        return load_targets(file) if file.exists() else shipped_targets()
    except TargetsError as error:
        raise HailongError(error.args[0]) from error


@dataclass(frozen=True, slots=True)
class Figures:
    """Every figure of one period, for the office's own view: the document and what was gathered.

    Of the published document nothing is gathered: what stands beside it is the office's own.
    """

    document: Document
    gathered: Gathered | None


def office_figures(
    config: Config,
    places: Places,
    questionnaires: Mapping[str, Questionnaire],
    period: Period,
    today: date,
    level: float = 0.95,
    *,
    within: frozenset[str] | None = None,
    leaves: bool = False,
) -> Figures:
    """Return the figures of a period, of every office. The database is opened once.

    `within`: made of these offices' answers and dossiers alone, as if there were no others.
    `leaves`: only what may be published. Raises HailongError listing every problem.
    """
    from analysis.disclosure.published import published
    from analysis.document import analyse
    from analysis.errors import Refusal
    from analysis.input.population import read_population
    from analysis.input.responses import read_responses
    from analysis.insights.insights import gather
    from analysis.strata.survey import Setting

    targets, order = office_targets(config), _order(places)
    setting = Setting(questionnaires, targets.groups, order=order, today=today)
    try:
        counts = read_population(config.database_url)
        with read_responses(config.database_url, trusted=True) as every:
            responses = every
            if within is not None:
                responses, counts = every.of(within), counts.within(within)
            document = analyse(
                responses,
                counts,
                period=period,
                targets=targets,
                level=level,
                questionnaires=questionnaires,
                order=order,
                today=today,
                simulated=config.simulated,
            )
            if leaves:
                return Figures(published(document, responses, counts, questionnaires), None)
            return Figures(document, gather(responses, counts, document, setting))
    except Refusal as error:
        raise HailongError(error.args[0]) from error


def _order(places: Places) -> Order:
    from analysis.strata.survey import Order

    return Order(
        offices=tuple(office.id for office in places.office),
        sectors=tuple(sector.id for sector in places.sector),
    )
