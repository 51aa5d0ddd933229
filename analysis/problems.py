"""What is wrong with a file, a period or a choice, said so that its owner can put it right.

Owns the refusal that lists every problem. Must not read anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import requires

from questionnaires import Problem

__all__ = ["LayoutError", "PeriodError", "Problem", "Refusal", "TargetsError", "install"]


def install(extra: str) -> str:
    """Return the command that installs what an extra of this product needs, into this Python.

    It names the packages themselves: the product is on no registry, but lies in a folder or wheel.
    """
    needed = (line.partition(";") for line in requires("hailong") or ())
    marker = re.compile(rf"""extra == ["']{extra}["']""")
    packages = [name.strip() for name, _, when in needed if marker.search(when)]
    listed = " ".join(f'"{package}"' for package in packages)
    return f'"{sys.executable}" -m pip install {listed}'


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
