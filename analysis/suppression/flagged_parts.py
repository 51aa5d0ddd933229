"""Whether a total may be shown both with and without flagged answers.

Owns this one question, answered by the rule of `overlap`: counts alone decide.
"""

from __future__ import annotations

import numpy as np

from analysis.design.headcounts import Headcounts
from analysis.suppression.overlap import MINIMUM_CELL


def tells_nobody_apart(
    everybody: Headcounts, others: Headcounts, measure: str, office: str | None = None
) -> bool:
    """Whether no combination of the two totals with other figures concerns 1 to 4 people.

    Parameters
    ----------
    everybody, others
        All answers, and those without flagged ones, of the same months.
    office
        Whose total it is; every office's where left out.

    Notes
    -----
    Nothing else that is published tells flagged answers of a cell from the others. So a
    combination that tells them apart concerns the fewer of both in every cell: in each month with
    flagged answers these must add up to five.
    """
    whole, rest = (_by_cell(found, measure, office) for found in (everybody, others))
    for month in everybody.months:
        cells = {cell: n for cell, n in whole.items() if cell[2] == month}
        fewer = [min(n - rest.get(cell, 0), rest.get(cell, 0)) for cell, n in cells.items()]
        flagged = any(n > rest.get(cell, 0) for cell, n in cells.items())
        if flagged and sum(fewer) < MINIMUM_CELL:
            return False
    return True


def _by_cell(
    found: Headcounts, measure: str, office: str | None
) -> dict[tuple[str, str, str, int], int]:
    people = found.people[measure]
    return {
        (found.offices[o], found.sectors[s], found.months[m], c): int(people[o, s, m, c])
        for o, s, m, c in np.argwhere(people > 0).tolist()
        if office in (None, found.offices[o])
    }
