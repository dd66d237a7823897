"""Where two editions differ: places in a passage, and what of them only stands elsewhere."""

from __future__ import annotations

from bisect import bisect, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import cast

from pipeline.compare.book import Book, Sign, Span
from pipeline.compare.columns import Column, once
from pipeline.compare.passages import Inset, Passage
from pipeline.knowledge.patterns import pattern

Owned = tuple[tuple[int, Span], ...]
"""Signs, each with the glyph that it belongs to."""
_Sign = tuple[int, Sign]
_Parts = tuple[list[_Sign], list[_Sign], list[_Sign]]
Step = tuple[int | None, int | None]
"""A glyph of each side; None where it has none."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A running text of both sides, glyph beside glyph; ``inset`` is the note that it is."""

    steps: tuple[Step, ...]
    inset: Inset | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a stream: the glyphs of each side that the other has not, and their signs."""

    stream: Stream
    start: int
    end: int
    a: tuple[int, ...]
    b: tuple[int, ...]
    signs_a: Owned = ()
    signs_b: Owned = ()
    beyond: bool = False
    """Whether it is what one side goes on with before or behind all that the other has."""

    def around(self, side: int, reach: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The glyphs of a side next before and next behind the place."""
        steps = self.stream.steps
        before = [
            g
            for step in steps[max(0, self.start - 2 * reach) : self.start]
            if (g := step[side]) is not None
        ]
        behind = [
            g for step in steps[self.end : self.end + 2 * reach] if (g := step[side]) is not None
        ]
        return tuple(before[max(0, len(before) - reach) :]), tuple(behind[:reach])


@dataclass(frozen=True, slots=True)
class Writing:
    """What two texts that agree are written in differently: glyph by glyph, and in their signs."""

    stream: Stream
    glyphs: tuple[tuple[int, int], ...]
    signs: tuple[tuple[Owned, Owned], ...]


def streams(passage: Passage, n: int) -> Iterator[Stream]:
    """The texts of a passage as the base and edition ``n`` have them: the body, then each note."""
    yield Stream(_steps(passage.body, n))
    for inset in passage.insets:
        if steps := _steps(inset.columns, n):
            yield Stream(steps, inset)


def _steps(columns: tuple[Column, ...], n: int) -> tuple[Step, ...]:
    if columns and len(columns[0]) == 2:
        return cast(tuple[Step, ...], columns)
    return tuple((c[0], c[n]) for c in columns if not c[0] is c[n] is None)


Begins = tuple[Sequence[int], Sequence[int]]
"""Where entries that stand in order begin, in both texts."""


def compared(stream: Stream, a: Book, b: Book, begins: Begins) -> tuple[list[Place], Writing]:
    """The places of a stream, and what is written differently between them. A sign that stands on
    another side of one of the entries that begin at ``begins`` is not the same.
    """
    places: list[Place] = []
    glyphs: list[tuple[int, int]] = []
    signs: list[tuple[Owned, Owned]] = []
    begin = 0
    before: Step = (None, None)
    steps = stream.steps
    # This is asked of each glyph of two books: a function for it would take half of all the time.
    after_a, before_a, after_b, before_b = a.after, a.before, b.after, b.before
    written_a, written_b = a.written, b.written
    for at, (x, y) in enumerate((*steps, (None, None))):
        if (x is None or y is None) and at < len(steps):
            continue
        if begin < at:
            own = tuple(g for g, _ in steps[begin:at] if g is not None)
            other = tuple(g for _, g in steps[begin:at] if g is not None)
            alike = partial(_alike, begins, (before, (x, y)))
            parts = _parts(a, before[0], own, x), _parts(b, before[1], other, y)
            inner, outer = _signs(parts, own, other, alike)
            places.append(Place(stream, begin, at, own, other, *inner))
            signs += outer
        elif before[0] in after_a or x in before_a or before[1] in after_b or y in before_b:
            beside = _between(a, before[0], x), _between(b, before[1], y)
            if _written(beside[0]) != _written(beside[1]):
                signs.append((_owned(beside[0]), _owned(beside[1])))
        if x is not None and y is not None and written_a[x] != written_b[y]:
            glyphs.append((x, y))
        begin, before = at + 1, (x, y)
    return places, Writing(stream, tuple(glyphs), tuple(signs))


def _between(book: Book, before: int | None, behind: int | None) -> list[_Sign]:
    """The signs between two glyphs, each with that which it belongs to."""
    found = [] if before is None else [(before, s) for s in book.after.get(before, ())]
    return found if behind is None else found + [(behind, s) for s in book.before.get(behind, ())]


def _alike(
    begins: Begins, matched: tuple[Step, Step], one: Sequence[_Sign], other: Sequence[_Sign]
) -> bool:
    """Whether signs of both sides are the same, and on one side of every entry; those beside glyphs
    that are ``matched`` stand where these stand.
    """
    return _written(one) == _written(other) and all(
        pair in matched or bisect(begins[0], pair[0]) == bisect(begins[1], pair[1])
        for pair in zip((g for g, _ in one), (g for g, _ in other), strict=False)
    )


def _signs(
    parts: tuple[_Parts, _Parts],
    own: Sequence[int],
    other: Sequence[int],
    alike: Callable[[Sequence[_Sign], Sequence[_Sign]], bool],
) -> tuple[tuple[Owned, Owned], list[tuple[Owned, Owned]]]:
    """The signs between two glyphs that agree: those that belong to a place between them, and
    those that differ beside it.
    """
    (left_a, inner_a, right_a), (left_b, inner_b, right_b) = parts
    edges: list[tuple[list[_Sign], list[_Sign]]] = [(left_a, left_b)]
    if own and other:
        edges.append((right_a, right_b))
    elif own or other:
        glyphs, left, right, inner = (
            (own, left_a, right_a, inner_a) if own else (other, left_b, right_b, inner_b)
        )
        there = left_b if own else left_a

        def same(signs: list[_Sign]) -> bool:
            return alike(signs, there) if own else alike(there, signs)

        if same(left[: len(there)]):
            inner += [(glyphs[0], sign) for _, sign in left[len(there) :]]
            inner += [(glyphs[-1], sign) for _, sign in right]
            edges = []
        elif same(right):
            inner += [(glyphs[0], sign) for _, sign in left]
            edges = []
        else:
            edges = [(left + right, there) if own else (there, left + right)]
    differ = [(_owned(x), _owned(y)) for x, y in edges if not alike(x, y)]
    return (_owned(inner_a), _owned(inner_b)), differ


def _parts(book: Book, before: int | None, glyphs: Sequence[int], behind: int | None) -> _Parts:
    """The signs before, inside and behind a run of glyphs between two others."""

    def signs(where: dict[int, tuple[Sign, ...]], g: int | None) -> list[_Sign]:
        return [] if g is None else [(g, sign) for sign in where.get(g, ())]

    if not glyphs:
        return _between(book, before, behind), [], []
    left, right = signs(book.after, before), signs(book.before, behind)
    left += signs(book.before, glyphs[0])
    right = signs(book.after, glyphs[-1]) + right
    inner = [s for g in glyphs[:-1] for s in signs(book.after, g)]
    inner += [s for g in glyphs[1:] for s in signs(book.before, g)]
    return left, inner, right


def _written(signs: Iterable[_Sign]) -> str:
    return "".join([sign.written for _, sign in signs])


def _owned(signs: Iterable[_Sign]) -> Owned:
    return tuple([(g, (sign.start, sign.end)) for g, sign in signs])


# --- what stands elsewhere -----------------------------------------------------------------------

CLAUSE = 4
"""Words of so many glyphs that a passage lacks here and has there once are one and the same; fewer
(三分, 陷者中) come again by chance. A place that has no other words may have half as many."""
SENTENCE = 10
"""The same for prose, where more comes again."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Words that both sides have, in another place: where the one has them, and where the other."""

    one: Place
    other: Place


def transposed(
    places: Sequence[Place], a: Book, b: Book, shortest: int
) -> tuple[list[Place], list[Moved]]:
    """Places without the words that only stand elsewhere, and those words."""
    places, moves = _exchanged(places, a, b)
    here = _Pieces([p.a for p in places], a.chars)
    there = _Pieces([p.b for p in places], b.chars)
    shared = [
        *_shared(here.text, there.text, shortest),
        *_whole(here, there, shortest // 2 + 1),
    ]
    found = [(n, i, j) for i, j, n in shared if here.piece(i) != there.piece(j)]
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    for n, i, j in sorted(found, key=lambda f: (-f[0], f[1:])):
        one, other = here.glyphs[i : i + n], there.glyphs[j : j + n]
        if taken_a.isdisjoint(one) and taken_b.isdisjoint(other):
            taken_a.update(one)
            taken_b.update(other)
            x, y = places[here.piece(i)], places[there.piece(j)]
            moves.append(Moved(narrowed(x, one, ()), narrowed(y, (), other)))
    rest = [
        narrowed(p, [g for g in p.a if g not in taken_a], [g for g in p.b if g not in taken_b])
        if not (taken_a.isdisjoint(p.a) and taken_b.isdisjoint(p.b))
        else p
        for p in places
    ]
    return [p for p in rest if p.a or p.b], moves


BESIDE = 4
"""Glyphs over which words are exchanged with them: 諸分諸脉 for 諸脉諸分."""


def _exchanged(places: Sequence[Place], a: Book, b: Book) -> tuple[list[Place], list[Moved]]:
    """Places without the words that one text has before others and the other behind them (刺禁論,
    禁刺論), and those words.
    """
    kept: list[Place] = []
    moves: list[Moved] = []
    for place in places:
        pairs = [(kept[-1], place), (place, kept[-1])] if kept else []
        move = next((Moved(*pair) for pair in pairs if _is_exchange(*pair, a, b)), None)
        if move and place.stream is kept[-1].stream and place.start - kept[-1].end <= BESIDE:
            moves.append(move)
            kept.pop()
        else:
            kept.append(place)
    return kept, moves


def _is_exchange(one: Place, other: Place, a: Book, b: Book) -> bool:
    """Whether a place of one side has the words of a place of the other, and nothing stands for
    them; numbers in another order are other numbers.
    """
    own, there = "".join(a.chars[g] for g in one.a), "".join(b.chars[g] for g in other.b)
    # 諸[脉諸]分 is [諸脉]諸分: where words begin that were put in, nobody can tell.
    same = len(own) == len(there) and there in own + own
    return (
        same
        and bool(own)
        and not (one.b or other.a)
        and not pattern("glyph-of-measure").search(own)
    )


def narrowed(place: Place, a: Sequence[int], b: Sequence[int]) -> Place:
    """A place with some of its glyphs, and the signs that are theirs."""
    own, other = {*a}, {*b}
    return replace(
        place,
        a=tuple(a),
        b=tuple(b),
        signs_a=tuple(s for s in place.signs_a if s[0] in own),
        signs_b=tuple(s for s in place.signs_b if s[0] in other),
    )


class _Pieces:
    """The glyphs of all places of one side as one text, with a cut between places."""

    def __init__(self, pieces: Sequence[Sequence[int]], chars: str):
        self.glyphs: list[int] = []
        text: list[str] = []
        for piece in pieces:
            self.glyphs += [*piece, -1]
            text += [*(chars[g] for g in piece), "\n"]
        self.text = "".join(text)
        self.ends = list(accumulate(len(piece) + 1 for piece in pieces))

    def piece(self, at: int) -> int:
        """The place that a position of the text is in."""
        return bisect_right(self.ends, at)


def _whole(here: _Pieces, there: _Pieces, shortest: int) -> Iterator[tuple[int, int, int]]:
    """Places that are, as a whole, words that the other side has alone in one other place."""
    found: list[dict[str, list[int]]] = [{}, {}]
    for pieces, own in zip((here, there), found, strict=True):
        begin = 0
        for end in pieces.ends:
            own.setdefault(pieces.text[begin : end - 1], []).append(begin)
            begin = end
    for words, at in found[0].items():
        to = found[1].get(words, [])
        if len(words) >= shortest and len(at) == len(to) == 1:
            yield at[0], to[0], len(words)


def _shared(a: str, b: str, shortest: int) -> Iterator[tuple[int, int, int]]:
    """Words of at least ``shortest`` glyphs that each text has once, as long as they go on."""
    here, there = once(a, shortest), once(b, shortest)
    seen: set[tuple[int, int]] = set()
    for word, i in here.items():
        j = there.get(word)
        if j is None or "\n" in word or (i, j) in seen:
            continue
        while i and j and a[i - 1] == b[j - 1] != "\n":
            i, j = i - 1, j - 1
        n = 0
        while i + n < len(a) and j + n < len(b) and a[i + n] == b[j + n] != "\n":
            seen.add((i + n, j + n))
            n += 1
        yield i, j, n
