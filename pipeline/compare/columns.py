"""Several texts side by side, glyph beside like glyph.

How texts are set side by side does not depend on the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count, pairwise, repeat
from operator import ne, or_, sub

from rapidfuzz.distance import Indel

from pipeline.text.rising import heaviest

Column = tuple[int | None, ...]
"""For each text the number of its glyph that stands here, or None. All glyphs of one column are
matched as one."""
Block = tuple[int, int, int]
"""Where two texts agree: start in one, start in the other, length."""

WHOLE = 4_000_000
"""Texts are set side by side as a whole where the product of their lengths is at most this: the
table of one comparison takes an eighth of it in bytes."""
SEEDS = (16, 8, 5)
"""Lengths of the words, found once in each text, that cut long texts into short ones."""
CHANCE = 40
"""Longer stretches than this that have less than half their glyphs in common are two texts: what
they agree in is chance (之, 也)."""


def blocks(a: str, b: str) -> Iterator[Block]:
    """Where two texts agree, in order.

    >>> list(blocks("去蔽骨三寸五分", "去蔽骨二寸"))
    [(0, 0, 3), (4, 4, 1)]
    """
    if len(a) * len(b) <= WHOLE:
        yield from _side_by_side(a, b)
        return
    done = (0, 0)
    for i, j, n in [*_anchors(a, b), (len(a), len(b), 0)]:
        x, y = a[done[0] : i], b[done[1] : j]
        if len(x) * len(y) <= WHOLE and not _two_texts(x, y):
            for p, q, m in _side_by_side(x, y):
                yield done[0] + p, done[1] + q, m
        if n:
            yield i, j, n
        done = i + n, j + n


def _side_by_side(a: str, b: str) -> Iterator[Block]:
    for step in Indel.opcodes(a, b):
        if step.tag == "equal":
            yield step.src_start, step.dest_start, step.src_end - step.src_start


def _two_texts(a: str, b: str) -> bool:
    return max(len(a), len(b)) > CHANCE and Indel.normalized_similarity(a, b) < 0.5


def _anchors(a: str, b: str) -> list[Block]:
    """Words that each of two long texts has once, in the same order in both, joined where they
    touch; in what lies between, words that are shorter.
    """
    found: list[Block] = [(len(a), len(b), 0)]
    for size in SEEDS:
        finer: list[Block] = []
        done = (0, 0)
        for i, j, n in found:
            if (i - done[0]) * (j - done[1]) > WHOLE:
                for p, q, m in _unique(a[done[0] : i], b[done[1] : j], size):
                    finer.append((done[0] + p, done[1] + q, m))
            finer.append((i, j, n))
            done = i + n, j + n
        found = finer
    return found[:-1]


def _unique(a: str, b: str, size: int) -> list[Block]:
    """The longest run of words of a size that stand once in each text, joined where they touch."""
    here, there = once(a, size), once(b, size)
    common = [*filter(there.__contains__, here)]
    joined: list[Block] = []
    for i, j, n in _in_order(
        [*map(here.__getitem__, common)], [*map(there.__getitem__, common)], size
    ):
        if joined and joined[-1][0] - joined[-1][1] == i - j and i <= sum(joined[-1][::2]):
            joined[-1] = (*joined[-1][:2], i + n - joined[-1][0])
            continue
        x, y, length = joined[-1] if joined else (0, 0, 0)
        skipped = max(0, x + length - i, y + length - j)
        if skipped <= n - size:
            joined.append((i + skipped, j + skipped, n - skipped))
    return joined


def _in_order(here: Sequence[int], there: Sequence[int], size: int) -> Iterator[Block]:
    """Words of a size, by their places in both texts, as stretches in which one begins behind the
    other; of these the ones that stand in the same order in both.
    """
    breaks = map(
        or_,
        map(ne, map(sub, here[1:], here), repeat(1)),
        map(ne, map(sub, there[1:], there), repeat(1)),
    )
    firsts = [0, *compress(range(1, len(here)), breaks)] if here else []
    counts = [*map(sub, [*firsts[1:], len(here)], firsts)]
    for k in heaviest([there[f] for f in firsts], counts):
        yield here[firsts[k]], there[firsts[k]], counts[k] + size - 1


def once(text: str, size: int) -> dict[str, int]:
    """The words of a size that a text has once, and where."""
    words = [text[i : i + size] for i in range(len(text) - size + 1)]
    last = dict(zip(words, range(len(words)), strict=True))
    for word in {*compress(words, map(ne, map(last.get, words), count()))}:
        del last[word]
    return last


# --- columns -------------------------------------------------------------------------------------


def columns(
    texts: Sequence[str], kinship: Sequence[object], numbers: Sequence[Sequence[int]] = ()
) -> list[Column]:
    """All texts side by side; each is set against the one before it that is most like it.

    ``kinship`` orders texts that are equal, so that the columns are the same in any order.
    ``numbers``: of each text those of its glyphs; if not given, as they stand in it.
    """
    order = sorted(range(len(texts)), key=lambda n: (texts[n], kinship[n]))
    if not order:
        return []
    numbers = numbers or [range(len(text)) for text in texts]
    if len(order) == 2:
        return _pair(texts, numbers, order[0])
    sorted_texts = [texts[n] for n in order]
    found: list[list[int | None]] = [[n] for n in range(len(sorted_texts[0]))]
    for done, text in enumerate(sorted_texts[1:], 1):
        nearest = _nearest(sorted_texts[:done], text)
        found = _merge(found, done, nearest, blocks(sorted_texts[nearest], text), len(text))
    place = {n: k for k, n in enumerate(order)}
    back = [(place[n], own) for n, own in enumerate(numbers)]
    return [
        tuple(None if (at := column[k]) is None else own[at] for k, own in back) for column in found
    ]


def _pair(texts: Sequence[str], numbers: Sequence[Sequence[int]], first: int) -> list[Column]:
    """Two texts side by side, which needs no more than where they agree; what the text has alone
    that is ``first`` stands first.
    """
    one, other = numbers
    found: list[Column] = []
    x, y = 0, 0
    lengths = len(texts[first]), len(texts[1 - first])
    for *at, n in [*blocks(texts[first], texts[1 - first]), (*lengths, 0)]:
        i, j = at[first], at[1 - first]
        alone = [zip(one[x:i], repeat(None)), zip(repeat(None), other[y:j])]
        found += alone[first]
        found += alone[1 - first]
        found += zip(one[i : i + n], other[j : j + n], strict=True)
        x, y = i + n, j + n
    return found


LONG = 5000
"""Of texts longer than this only the words are counted that they have in common."""


def _nearest(texts: Sequence[str], text: str) -> int:
    if len(texts) == 1:
        return 0
    if max(map(len, (*texts, text))) <= LONG:
        return max(range(len(texts)), key=lambda n: Indel.normalized_similarity(texts[n], text))
    own = once(text, 8).keys()
    return max(range(len(texts)), key=lambda n: len(own & once(texts[n], 8).keys()))


def _merge(
    found: list[list[int | None]], width: int, nearest: int, agreed: Iterable[Block], length: int
) -> list[list[int | None]]:
    """Columns of ``width`` texts with one more, glyph beside like glyph of its model."""
    partner: dict[int | None, int] = {}
    for i, j, n in agreed:
        partner.update((i + k, j + k) for k in range(n))
    merged: list[list[int | None]] = []
    used = 0
    for column in found:
        own = partner.get(column[nearest])
        if own is not None:
            merged += [[*[None] * width, n] for n in range(used, own)]
            used = own + 1
        merged.append([*column, own])
    merged += [[*[None] * width, n] for n in range(used, length)]
    return merged


def regions(a: str, b: str) -> list[tuple[int, int, int, int]]:
    """Where two texts differ: start and end in one, start and end in the other.

    >>> regions("去蔽骨三寸五分", "去蔽骨二寸")
    [(3, 4, 3, 4), (5, 7, 5, 5)]
    """
    agreed = [(0, 0, 0), *blocks(a, b), (len(a), len(b), 0)]
    return [
        (i + n, x, j + n, y) for (i, j, n), (x, y, _) in pairwise(agreed) if i + n < x or j + n < y
    ]
