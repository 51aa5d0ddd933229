"""The calendar periods inside a stretch of months: its months, quarters, half-years, years.

Owns which of them lie wholly inside. Knows no answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Window = NDArray[np.int64]


def calendar_windows(months: Sequence[str], lengths: Sequence[int]) -> tuple[Window, ...]:
    """Places of months ("2026-10", consecutive), an array (periods, months each) per length.

    >>> months = ["2026-06", "2026-07", "2026-08", "2026-09"]
    >>> [window.tolist() for window in calendar_windows(months, (1, 3))]
    [[[0], [1], [2], [3]], [[1, 2, 3]]]
    """
    first = int(months[0][:4]) * 12 + int(months[0][5:]) - 1
    found = []
    for length in lengths:
        starts = [i for i in range(len(months) - length + 1) if (first + i) % length == 0]
        if starts:
            found.append(np.array([range(i, i + length) for i in starts], dtype=np.int64))
    return tuple(found)
