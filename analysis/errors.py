"""What is wrong with a file, a period or a choice, said so that its owner can put it right.

Owns the refusal that lists every problem. Wordings live in `data/problems.toml`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import requires
from importlib.resources import files
from pathlib import Path

from questionnaires import Problem, Sentences, load_sentences
from questionnaires.bilingual import Told, joined
from questionnaires.sentences import filled

__all__ = [
    "LayoutError",
    "PeriodError",
    "Problem",
    "Refusal",
    "TargetsError",
    "UnknownName",
    "either",
    "install",
    "no_file",
    "said",
]


@cache
def _sentences() -> Sentences:
    return load_sentences(files("analysis") / "data" / "problems.toml")


def said(key: str, /, **values: object) -> Told:
    """Return a sentence about something wrong, or what to do about it, in both languages."""
    return filled(_sentences(), key, **values)


def either(*names: str) -> Told:
    """Names with commas between them and 'or' before the last."""
    *first, last = names
    return joined((", ".join(first), last), Told("or", "hoặc")) if first else Told(last, last)


def no_file(path: Path) -> Problem:
    """The problem of a file that is not where its name says."""
    return Problem(str(path), said("place.file"), said("file.missing"), said("file.check_name"))


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
        super().__init__(joined(problem.told for problem in self.problems))


class UnknownName(Refusal, LookupError):
    """A name that there is none of; one that is nearly written so is suggested."""


class LayoutError(Refusal):
    """Responses or population do not keep to the published layout, or cannot be read."""


class PeriodError(Refusal):
    """A period was written in a way that is not known."""


class TargetsError(Refusal):
    """A targets file is wrong."""
