"""Numbers of dossiers that weights must meet, and every reason why they cannot.

Owns the names of cells and the refusals. Fits nothing: see `formulas.weights`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from analysis.design.scopes import ALL, Place, Scope, Survey
from analysis.formulas.weights import MarginError, poststratify, rake
from analysis.problems import Problem, Refusal
from analysis.reading.columns import CHANNELS
from analysis.road.estimates import Estimates

Cell = tuple[str, str]
"""A stratum and a group of channels, as called: ("xa-a/land", "poster+kiosk")."""


def called(place: Place) -> str:
    """How a stratum is called in refusals."""
    return "/".join(place)


def dossiers(found: Estimates, survey: Survey, scope: Scope) -> dict[str, int]:
    """Dossiers of every stratum; a refusal names those that are not known."""
    if not scope.places:
        raise refusal(found, ["there is nothing in this period; choose another"])
    counts = {called(place): survey.completed(place) for place in scope.places}
    missing = [name for name, count in counts.items() if count is None]
    if missing:
        remedy = "give them for every month of the period"
        raise refusal(
            found, [f"the dossiers of {name} are not known; {remedy}" for name in missing]
        )
    return {name: count for name, count in counts.items() if count is not None}


def check_channels(
    found: Estimates, survey: Survey, scope: Scope, groups: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse names that are no channels, named twice, or left out though answers came by them."""
    named = [channel for parts in groups.values() for channel in parts]
    problems = [
        f"'{name}' is no channel; use {', '.join(CHANNELS)}, several joined by '+'"
        for name in named
        if name not in (*CHANNELS, ALL)
    ]
    problems += [
        f"channel '{name}' is named {times} times; keep one"
        for name, times in Counter(named).items()
        if times > 1
    ]
    came_by = survey.channels(scope)
    if named != [ALL]:
        problems += [
            f"channel '{name}' has answers but no dossiers; give its dossiers or join it by '+'"
            for name in CHANNELS
            if name not in named and name in came_by
        ]
    if problems:
        raise refusal(found, problems)


def cell_weights(
    found: Estimates,
    counts: Mapping[Cell, int],
    strata: Mapping[str, int],
    channels: Mapping[str, int] | None,
) -> tuple[dict[Cell, float], int | None, float | None]:
    """Dossiers that an answer of each cell stands for; rounds and gap of raking."""
    try:
        return _fitted(counts, strata, channels)
    except MarginError as error:
        raise refusal(found, error.problems) from error


def _fitted(
    counts: Mapping[Cell, int], strata: Mapping[str, int], channels: Mapping[str, int] | None
) -> tuple[dict[Cell, float], int | None, float | None]:
    if channels is None:
        alone = poststratify({name: n for (name, _), n in counts.items()}, strata)
        return {(name, ALL): weight for name, weight in alone.items()}, None, None
    raked = rake(counts, strata, channels)
    weights = {
        (name, channel): weight
        for name, row in zip(strata, raked.weights, strict=True)
        for channel, weight in zip(channels, row, strict=True)
    }
    return weights, raked.rounds, raked.gap


def refusal(found: Estimates, problems: Sequence[str]) -> Refusal:
    """Every reason with its remedy, which follows the last semicolon."""
    split = [problem.rpartition("; ") for problem in problems]
    name = found.data.population.name
    return Refusal([Problem(name, "weights", what, remedy) for what, _, remedy in split])
