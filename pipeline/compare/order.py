"""What stands elsewhere as a whole: entries in another order, and prose on another side of them."""

from __future__ import annotations

import sys
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pipeline.compare.align import moved
from pipeline.compare.passages import Inset, Passage
from pipeline.compare.places import Begins
from pipeline.compare.sides import Side
from pipeline.text.rising import heaviest, rising

Pairs = list[tuple[int, int]]
"""Glyphs of both sides that are matched as one."""
NOWHERE: Begins = ((), ())


def elsewhere(
    found: Sequence[Passage], a: Side, b: Side, n: int
) -> tuple[frozenset[int], list[Pairs], Begins]:
    """The passages whose entries stand in another order, and the prose that has other entries
    before it: a heading (論第二) that one text has before 囟會 and the other behind it; where the
    entries begin that stand in order.
    """
    pairs = {
        (p.entries[0], p.entries[n]): at
        for at, p in enumerate(found)
        if 0 in p.entries and n in p.entries
    }
    away = moved(pairs)
    entries = sorted(
        (a.entries[i][0], b.entries[j][0], len(a.entries[i]), at)
        for (i, j), at in pairs.items()
        if (i, j) not in away and i in a.entries and j in b.entries
    )
    begins = [entry[0] for entry in entries], [entry[1] for entry in entries]
    others = {pairs[pair] for pair in away}
    if len(rising(begins[1])) < len(begins[1]):
        return frozenset(others), [], NOWHERE  # two different books
    runs = _between(_prose(found, n), *begins)
    units: list[tuple[int, int, int, int | Pairs]] = [*entries]
    units += [(min(r)[0], min(y for _, y in r), len(r), sorted(r)) for r in runs.values()]
    units.sort(key=lambda unit: unit[0])
    kept = {*heaviest([unit[1] for unit in units], [unit[2] for unit in units])}
    left = [unit[3] for k, unit in enumerate(units) if k not in kept]
    others.update(at for at in left if isinstance(at, int))
    fixed = [units[k] for k in sorted(kept) if isinstance(units[k][3], int)]
    begun = [unit[0] for unit in fixed], [unit[1] for unit in fixed]
    return frozenset(others), [run for run in left if not isinstance(run, int)], begun


def _between(
    prose: Iterable[tuple[int, int]], begins: Sequence[int], others: Sequence[int]
) -> dict[tuple[int, int], Pairs]:
    """The glyphs of prose by the number of entries that begin before them in both texts."""
    runs: defaultdict[tuple[int, int], Pairs] = defaultdict(list)
    run: Pairs = []
    here, there = range(0), range(0)  # what lies between the same entries as the glyphs before
    for x, y in prose:
        if x not in here or y not in there:
            i, j = bisect(begins, x), bisect(others, y)
            here, there = _range(begins, i), _range(others, j)
            run = runs[i, j]
        run.append((x, y))
    return runs


def _range(begins: Sequence[int], n: int) -> range:
    """From one of some places to the next."""
    return range(begins[n - 1] if n else 0, begins[n] if n < len(begins) else sys.maxsize)


def _prose(found: Sequence[Passage], n: int) -> Iterator[tuple[int, int]]:
    """The glyphs of the prose that are matched, and those of its notes that stand in one place."""
    for p in found:
        if not p.entries:
            insets = (i.columns for i in p.insets if not transposed_note(i, n))
            for columns in (p.body, *insets):
                for column in columns:
                    x, y = column[0], column[n]
                    if x is not None and y is not None:
                        yield x, y


def transposed_note(inset: Inset, n: int) -> bool:
    """Whether the base and edition ``n`` have a note in different places."""
    return {0, n} <= {*inset.members} and not any({0, n} <= {*at} for _, at in inset.spots())
