"""Scores as a short text: one character per item in file order, as the store keeps them.

Must not know what is stored where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from questionnaires.model import Questionnaire

SIGNS: Final = "-123456789ab"
"""Position is the score; '-' is no score, a and b are 10 and 11 of the longest scale."""


def pack(questionnaire: Questionnaire, scores: Mapping[str, int | None]) -> str:
    """`{"overall": 5, "access": None, …}` -> `"5-…"`; an item left out has no score.

    ValueError where an item or a score is not of this questionnaire.
    """
    strangers = sorted(set(scores) - set(questionnaire.item_ids))
    if strangers:
        msg = f"{questionnaire.key} has no item {', '.join(strangers)}"
        raise ValueError(msg)
    return "".join(_sign(questionnaire, name, scores.get(name)) for name in questionnaire.item_ids)


def unpack(questionnaire: Questionnaire, packed: str) -> dict[str, int | None]:
    """The reverse of `pack`: every item id -> score or None, in file order.

    ValueError where the text was not packed by this questionnaire.
    """
    names = questionnaire.item_ids
    usable = set(SIGNS[: questionnaire.scale.size + 1])
    if len(packed) != len(names) or not usable.issuperset(packed):
        msg = (
            f"packed scores {packed[:120]!r} do not fit {questionnaire.key}:"
            f" it has {len(names)} items and scores 1 to {questionnaire.scale.size}"
        )
        raise ValueError(msg)
    return {name: SIGNS.index(sign) or None for name, sign in zip(names, packed, strict=True)}


def _sign(questionnaire: Questionnaire, name: str, score: int | None) -> str:
    if score is None:
        return SIGNS[0]
    if type(score) is not int or score not in questionnaire.scale.scores:
        size = questionnaire.scale.size
        msg = f"{questionnaire.key}, item '{name}': score is {score!r}; use 1 to {size} or None"
        raise ValueError(msg)
    return SIGNS[score]
