"""Which entries of several editions are one.

Entries are the same if they state the same point; what is left over is matched by its place and
its words. What is found does not depend on the order in which the editions come.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TypeVar

from rapidfuzz.distance import Indel

from pipeline.compare.book import NONE, Book
from pipeline.compare.edition import Edition, values
from pipeline.model import Entry
from pipeline.text.rising import longest_run

Pair = tuple[int | None, int | None]
"""An entry of each side by its number; None where the other side has it alone."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it is matched: its glyphs and those of its name."""

    entry: Entry
    chars: str
    name: str


def items(side: Edition, glyphs: Book) -> list[Item]:
    """The entries of an edition, to be matched."""
    chars: list[list[str]] = [[] for _ in side.entries]
    for owner, _, run in glyphs.runs():
        if owner != NONE:
            chars[owner].append(glyphs.chars[run.start : run.stop])
    names = values(side, [e.name_raw for e in side.entries], side.entries)
    return [
        Item(e, "".join(c), n.chars) for e, c, n in zip(side.entries, chars, names, strict=True)
    ]


WINDOW = 8
"""How many entries that could be meant are compared, which bounds the time."""
ALIKE = 0.6
"""Share of glyphs in common from which on two entries without a name are one."""


def identity(side: Edition) -> tuple[str, list[str]]:
    """What orders editions among themselves, whatever order they come in."""
    return side.label, [e.text for e in side.entries]


Row = TypeVar("Row")


def paired(
    here: Iterable[Row], there: Iterable[Row], alike: Callable[[Row, Row], bool]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows that are alike, each with the first of the other side that is left; what is left."""
    pairs, alone, left = [], [], [*there]
    for row in here:
        match = next((other for other in left if alike(row, other)), None)
        if match is None:
            alone.append(row)
        else:
            left.remove(match)
            pairs.append((row, match))
    return pairs, alone, left


def _align(a: Sequence[Item], b: Sequence[Item]) -> list[Pair]:
    """Pairs of what is no repetition, in any order."""
    free = [
        {i: None for i, x in enumerate(side) if x.entry.duplicate_of is None} for side in (a, b)
    ]
    found: list[tuple[int, int]] = []

    def key(side: int, i: int, parts: str) -> Hashable | None:
        x = (a, b)[side][i]
        have = {"w": x.entry.witness, "c": x.entry.code, "n": x.name, "t": x.chars}
        return tuple(have[p] for p in parts) if all(have[p] for p in parts) else None

    def settle(parts: str) -> None:
        """Pair what agrees in the parts named: as text says among the next few, else in order."""
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for j in free[1]:
            if (k := key(1, j, parts)) is not None:
                waiting[k].append(j)
        for i in list(free[0]):
            queue = waiting.get(key(0, i, parts))
            if not queue:
                continue
            near = list(islice(queue, WINDOW))
            # max takes the first of equals, which is the next in order.
            j = max(near, key=lambda j: alike(a[i].chars, b[j].chars)) if near[1:] else near[0]
            queue.remove(j)
            found.append((i, j))
            del free[0][i], free[1][j]

    for parts in ("wct", "wc", "ct", "c", "nt", "n"):
        settle(parts)
    _fill(found, free, a, b)
    return [*found, *((i, None) for i in free[0]), *((None, j) for j in free[1])]


def alike(a: str, b: str) -> float:
    """Share of glyphs that two texts have in common, in their order."""
    return Indel.normalized_similarity(a, b)


def _fill(
    found: list[tuple[int, int]],
    free: list[dict[int, None]],
    a: Sequence[Item],
    b: Sequence[Item],
) -> None:
    """Pair what is left between two entries that are paired, by its words; two known points are
    never one.
    """
    last = len(a), len(b)
    anchors = [(-1, -1), *sorted(longest_run(found)), last]
    left = [list(free[0]), list(free[1])]
    for (i0, j0), (i1, j1) in pairwise(anchors):
        here = left[0][bisect_left(left[0], i0) : bisect_left(left[0], i1)]
        there = left[1][bisect_left(left[1], j0) : bisect_left(left[1], j1)]
        begin = 0
        for i in here:
            near = [
                (alike(a[i].chars, b[j].chars), -n)
                for n, j in enumerate(there[begin : begin + WINDOW])
                if not (a[i].entry.code and b[j].entry.code)
            ]
            if near and (best := max(near))[0] >= ALIKE:
                j = there[begin - best[1]]
                begin += 1 - best[1]
                found.append((i, j))
                del free[0][i], free[1][j]


def _in_order(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Pairs in the order of the first side; what only the second has stands where it has it."""
    partner = {j: i for i, j in pairs if i is not None and j is not None}
    keyed: list[tuple[tuple[int, int], Pair]] = []
    previous = -1
    for j in sorted(j for _, j in pairs if j is not None):
        if j in partner:
            previous = partner[j]
        else:
            keyed.append(((previous, j + 1), (None, j)))
    keyed += [((i, 0), (i, j)) for i, j in pairs if i is not None]
    return tuple(pair for _, pair in sorted(keyed, key=lambda item: item[0]))


def moved(pairs: Iterable[Pair]) -> frozenset[tuple[int, int]]:
    """The pairs that stand in another order; none where most do, as in two different books."""
    both = [(i, j) for i, j in pairs if i is not None and j is not None]
    run = longest_run(both)
    return frozenset(both) - run if 2 * len(run) >= len(both) else frozenset()


# --- groups --------------------------------------------------------------------------------------


def groups(editions: Sequence[Edition], books: Sequence[Book]) -> list[dict[int, int]]:
    """The entries that are one: for each edition, by its number, the number of the entry.

    Each edition is aligned with those before it in the order of their labels, so that the groups
    are the same in whatever order the editions come. Repetitions go with repetitions.
    """
    order = sorted(range(len(editions)), key=lambda n: identity(editions[n]))
    found: list[dict[int, int]] = []
    stock: list[Item] = []
    for n in order:
        own = items(editions[n], books[n])
        fresh: list[tuple[dict[int, int], Item]] = []
        pairs = _in_order(_align(stock, own)) if stock else [(None, j) for j in _own(own)]
        for i, j in pairs:
            if i is not None:
                group, representative = found[i], stock[i]
            elif j is not None:
                group, representative = {}, own[j]
            if j is not None:
                group[n] = j
            fresh.append((group, representative))
        found = [group for group, _ in fresh]
        stock = [representative for _, representative in fresh]
    return [*_reading_order(found, len(editions)), *_repeated(editions)]


def _own(side: Sequence[Item]) -> Iterator[int]:
    return (j for j, item in enumerate(side) if item.entry.duplicate_of is None)


def _repeated(editions: Sequence[Edition]) -> list[dict[int, int]]:
    """The repetitions, each with those of the same point in the other editions, in their order."""
    found: dict[tuple[str, int], dict[int, int]] = {}
    for n, side in enumerate(editions):
        seen: Counter[str] = Counter()
        for j, e in enumerate(side.entries):
            if e.duplicate_of is not None:
                point = e.code or e.name_raw
                found.setdefault((point, seen[point]), {})[n] = j
                seen[point] += 1
    return list(found.values())


def _reading_order(found: Iterable[dict[int, int]], editions: int) -> list[dict[int, int]]:
    """Groups as the first edition has them, others behind the group they follow in theirs."""
    rest = list(found)
    ordered: list[dict[int, int]] = []
    for n in range(editions):
        mine = sorted((g for g in rest if n in g), key=lambda g: g[n])
        rest = [g for g in rest if n not in g]
        if not ordered:
            ordered = mine
            continue
        follow = {g[n]: at for at, g in enumerate(ordered) if n in g}
        behind: dict[int, list[dict[int, int]]] = {}
        at = -1
        known = iter(sorted(follow))
        upcoming = next(known, None)
        for group in mine:
            while upcoming is not None and upcoming < group[n]:
                at = follow[upcoming]
                upcoming = next(known, None)
            behind.setdefault(at, []).append(group)
        ordered = behind.get(-1, []) + [
            g for k, group in enumerate(ordered) for g in (group, *behind.get(k, []))
        ]
    return ordered
