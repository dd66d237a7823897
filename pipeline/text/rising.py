"""What stands in order: the longest part of a sequence that rises."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


def rising(values: Sequence[int], level: bool = False) -> list[int]:
    """The indices of a longest part that rises; ``level``: that does not fall.

    >>> rising([2, 0, 1, 1]), rising([2, 0, 1, 1], level=True)
    ([1, 3], [1, 2, 3])
    """
    place = bisect_right if level else bisect_left
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for k, value in enumerate(values):
        at = place(tails, value)
        back.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [k]
    return _back(back, ends[-1] if ends else -1)


def heaviest(values: Sequence[int], weights: Sequence[int]) -> list[int]:
    """The indices of a part of different values that rises, whose weights come to most.

    >>> heaviest([2, 0, 1], [3, 1, 1]), heaviest([2, 0, 1], [1, 1, 1])
    ([0], [1, 2])
    """
    ends: list[tuple[int, int, int]] = []
    back: list[int] = []
    for k, (value, weight) in enumerate(zip(values, weights, strict=True)):
        at = bisect_left(ends, (value,))
        _, total, before = ends[at - 1] if at else (value, 0, -1)
        back.append(before)
        behind = at
        while behind < len(ends) and ends[behind][1] <= total + weight:
            behind += 1
        ends[at:behind] = [(value, total + weight, k)]
    return _back(back, ends[-1][2] if ends else -1)


def _back(before: Sequence[int], last: int) -> list[int]:
    """The indices of a part, from its last."""
    found = []
    while last >= 0:
        found.append(last)
        last = before[last]
    return found[::-1]


def longest_run(pairs: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The pairs that stand in the same order on both sides, as many as there can be.

    >>> sorted(longest_run([(0, 2), (1, 0), (2, 1)]))
    [(1, 0), (2, 1)]
    """
    ordered = sorted(pairs)
    return frozenset(ordered[k] for k in rising([j for _, j in ordered]))
