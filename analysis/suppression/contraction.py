"""Two kinds of published sums that cross: whether they leave a difference free to be worked out.

Owns one question about a graph. Its nodes are sums, its edges the people in both of two of them.
"""

from __future__ import annotations

import numpy as np

from analysis.suppression.overlap import MINIMUM_CELL, Counts, Flags

Ints = Counts


def holds_together(first: Ints, second: Ints, weights: Counts) -> bool:
    """Whether no combination of sums concerns 1 to 4 people.

    A combination gives each sum a number; people in two sums with opposite numbers drop out, so
    the people it concerns are a cut of the graph. Sums that share 5 people or more are on one side
    of any smaller cut and count as one from then on. Where at last both sums of every edge are
    one, there is no such cut. (The opposite does not follow: then the answer is no, to be safe.)

    Parameters
    ----------
    first, second
        The two sums of each edge, numbered from 0.
    weights
        The people of each edge. An edge of 0 holds nothing together but must not be cut either.

    >>> holds_together(np.array([0, 0, 1]), np.array([2, 3, 3]), np.array([5, 3, 2]))
    False
    >>> holds_together(np.array([0, 0, 1, 1]), np.array([2, 3, 3, 2]), np.array([5, 9, 2, 3]))
    True
    >>> holds_together(np.array([0, 1, 0]), np.array([2, 3, 3]), np.array([5, 9, 0]))
    False
    """
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    shared = np.zeros((size, size), dtype=np.int64)
    np.add.at(shared, (first, second), weights)
    shared += shared.T
    np.fill_diagonal(shared, 0)
    one = np.arange(size)
    while True:
        strong: Flags = shared >= MINIMUM_CELL
        if not strong.any():
            return bool((one[first] == one[second]).all())
        kept, gone = np.unravel_index(int(strong.argmax()), shared.shape)
        one[one == gone] = kept
        shared[kept] += shared[gone]
        shared[:, kept] += shared[:, gone]
        shared[gone], shared[:, gone] = 0, 0
        np.fill_diagonal(shared, 0)
