"""The longest run of pairs whose order is the same on both sides."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable


def longest_run(pairs: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The pairs that stand in the same order on both sides, as many as there can be.

    >>> sorted(longest_run([(0, 2), (1, 0), (2, 1)]))
    [(1, 0), (2, 1)]
    """
    ordered = sorted(pairs)
    tails: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for n, (_, j) in enumerate(ordered):
        k = bisect_left(tails, j)
        back.append(at[k - 1] if k else -1)
        tails[k : k + 1] = [j]
        at[k : k + 1] = [n]
    run = []
    n = at[-1] if at else -1
    while n >= 0:
        run.append(ordered[n])
        n = back[n]
    return frozenset(run)
