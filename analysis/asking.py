"""What was asked of the data, and what was made of it while they were open.

Owns a request, as the document is asked for, and the steps that are made once. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from analysis.data import Data
from analysis.document import Flagged
from analysis.input.aggregates import Only
from analysis.period import PeriodLike

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of the data, so that it can be asked again with something changed."""

    period: PeriodLike
    office: str | None = None
    questionnaire: str | None = None
    level: float = 0.95
    flagged: Flagged = "include"

    @property
    def only(self) -> Only:
        """Whose answers."""
        return Only(self.questionnaire, self.office)


def choices(data: Data, asked: Request) -> dict[str, Any]:
    """What `analyse` is told beside the answers, the dossiers and the period."""
    return {
        "targets": data.targets,
        "level": asked.level,
        "questionnaires": data.questionnaires,
        "only": asked.only,
        "order": data.order,
        "flagged": asked.flagged,
        "today": data.today,
        "simulated": data.simulated,
        "rechecks": data.rechecks,
        "entered": data.indicators,
        "minimum": data.minimum,
    }


class Made:
    """Steps that read the answers, each made once: what was made stays when the data are closed."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[Hashable, Any] = {}

    def once(self, step: Hashable, make: Callable[[], Result]) -> Result:
        """The result of a step; `make` refuses where the data are closed and it was never made."""
        if step not in self._steps:
            self._steps[step] = make()
        found: Result = self._steps[step]
        return found
