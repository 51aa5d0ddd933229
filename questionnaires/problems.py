"""What is wrong with a file, said so that its owner can put it right.

Owns one problem, and the refusal that lists all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from questionnaires.bilingual import Told, joined


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: in which file, at which place, what is wrong, what to write."""

    file: str
    place: str
    what: Told
    remedy: Told

    def __str__(self) -> str:
        return str(self.told)

    @property
    def told(self) -> Told:
        """The problem as one line, in each language that its parts know."""
        where, what = joined((self.file, self.place), ", "), joined((self.what, self.remedy), "; ")
        return joined((where, what), ": ")


class QuestionnaireError(ValueError):
    """One or more files were refused. `problems` holds all of them, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(joined(problem.told for problem in self.problems))
