"""The answers behind estimates, counted once more for what their document does not hold.

Owns the further query of an option. Judges and estimates nothing.
"""

from __future__ import annotations

from analysis.counting.moments import Pairs, unflagged
from analysis.design.pooling import Blocks, blocks_of, first_with, sections
from analysis.design.running import months_over, read_told
from analysis.design.scopes import Order, Survey, sectors_named
from analysis.road.data import Data
from analysis.road.estimates import Estimates
from questionnaires import OVERALL


def order_of(data: Data) -> Order:
    """Offices and sectors in the order of the document."""
    return data.order if data.names else Order((), sectors_named(data.targets))


def survey_of(
    found: Estimates, measure: str = OVERALL, blocks: Blocks | None = None, pairs: Pairs = ()
) -> Survey:
    """Moments and dossiers of the period, of the first questionnaires that ask a measure.

    `blocks`: all measures where left out; `pairs`: of measures that are multiplied as well.
    """
    data, asked = found.data, found.asked
    responses = data.opened()
    blocks = blocks_of(responses, data.questionnaires) if blocks is None else blocks
    told, _ = read_told(responses, found.period, blocks, asked.only, (), data.today, pairs)
    kept = told if asked.flagged == "include" else unflagged(told)
    pooled = first_with(sections(kept, blocks, data.questionnaires), measure)
    return Survey(
        pooled,
        data.population.of(found.period, asked.office),
        found.period,
        data.targets.groups,
        order_of(data),
        months_over(found.period, data.today),
    )
