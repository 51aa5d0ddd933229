"""Questionnaires of an office's own on scales of 2 to 11 steps."""

from __future__ import annotations

import tomllib

from questionnaires import Questionnaire

SCALES = [(2, 2), (3, 3), (4, 3), (7, 5), (10, 8), (11, 9)]
"""Steps, and the first of them that is satisfied."""

_SOURCE = 'source = { text = "own", trust = "own" }'


def text_on_scale(size: int, satisfied_from: int, items: tuple[str, ...] = ()) -> str:
    """Return the file of a questionnaire about one sector: `overall` and these items."""
    levels = range(1, size + 1)
    labels = ", ".join(f'{{ vi = "Mức {level}", en = "Level {level}" }}' for level in levels)
    questions = "".join(
        f'[[item]]\nid = "{name}"\ntext = {{ vi = "Câu {name}?", en = "{name}?" }}\n{_SOURCE}\n'
        for name in ("overall", *items)
    )
    return (
        f'id = "steps-{size}"\nversion = 1\nabout_sector = true\n{_SOURCE}\n'
        'title = { vi = "Phiếu", en = "Form" }\nintro = { vi = "Một phút", en = "A minute" }\n'
        f"[scale]\nsize = {size}\nsatisfied_from = {satisfied_from}\nlabels = [{labels}]\n"
        f'not_applicable = {{ vi = "Không áp dụng", en = "Not applicable" }}\n{_SOURCE}\n'
        f"{questions}"
    )


def on_scale(size: int, satisfied_from: int, items: tuple[str, ...] = ()) -> Questionnaire:
    """Return that questionnaire: `steps-10@1`."""
    return Questionnaire.model_validate(tomllib.loads(text_on_scale(size, satisfied_from, items)))
