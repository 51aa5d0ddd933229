"""What is wrong with a file, a period or a choice, said so that its owner can put it right.

Owns the refusal that lists every problem. Must not read anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from questionnaires import Problem

__all__ = ["LayoutError", "PeriodError", "Problem", "Refusal", "TargetsError"]


class Refusal(ValueError):
    """Something was refused. `problems` holds all of them, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LayoutError(Refusal):
    """Responses or population do not keep to the published layout, or cannot be read."""


class PeriodError(Refusal):
    """A period was written in a way that is not known."""


class TargetsError(Refusal):
    """A targets file is wrong."""
