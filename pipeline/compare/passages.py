"""Editions side by side: every entry, and the prose between, in all that have it.

This is the one alignment: tables, pages and documents are all made from it. In every column of a
passage stand glyphs that are matched as one, and the glyphs of an edition, read down the columns,
are its text: nothing is left out. Notes are compared with notes, so that a note in another place
takes no words apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.compare.align import ALIKE, alike, groups, identity
from pipeline.compare.book import NONE, Book
from pipeline.compare.columns import Column, columns
from pipeline.compare.edition import Edition

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Inset:
    """A note in the editions that have it: ``members`` are its numbers by edition, ``places`` say
    before which column of the text it can stand. ``columns`` hold numbers of glyphs.
    """

    members: Mapping[int, int]
    places: Mapping[int, Interval]
    columns: tuple[Column, ...]

    def spots(self) -> list[tuple[int, tuple[int, ...]]]:
        """Where it stands, and in which editions there; more than one place: it is transposed."""
        found: list[tuple[Interval, list[int]]] = []
        for n in sorted(self.places, key=lambda n: (self.places[n], n)):
            low, high = self.places[n]
            if found and low <= found[-1][0][1]:
                (first, last), editions = found[-1]
                found[-1] = ((max(first, low), min(last, high)), [*editions, n])
            else:
                found.append(((low, high), [n]))
        return [(low, tuple(sorted(editions))) for (low, _), editions in found]


@dataclass(frozen=True, slots=True)
class Passage:
    """An entry, or all prose, in the editions that have it; columns hold a glyph for each edition
    of the comparison, None where it has none.
    """

    entries: Mapping[int, int]
    """By edition the number of the entry; empty for the prose."""
    body: tuple[Column, ...]
    insets: tuple[Inset, ...]
    members: frozenset[int] = field(default=frozenset())
    """The editions that have the passage."""


def passages(editions: Sequence[Edition], books: Sequence[Book]) -> Iterator[Passage]:
    """Every entry, in the order of the first edition, and then the prose."""
    kinship = [identity(side) for side in editions]
    bodies, notes = zip(*(_shares(b) for b in books), strict=True)
    for group in groups(editions, books):
        keys = dict(sorted(group.items()))
        yield _passage(keys, keys, bodies, notes, books, kinship)
    whole = {n: NONE for n, b in enumerate(books) if b.whole}
    yield _passage({}, whole, bodies, notes, books, kinship)


def _shares(glyphs: Book) -> tuple[dict[int, list[int]], dict[int, dict[int, list[int]]]]:
    """By entry the glyphs of its text, and of each of its notes."""
    bodies: defaultdict[int, list[int]] = defaultdict(list)
    notes: defaultdict[int, dict[int, list[int]]] = defaultdict(dict)
    for entry, note, run in glyphs.runs():
        (bodies[entry] if note == NONE else notes[entry].setdefault(note, [])).extend(run)
    return bodies, notes


Kinship = Sequence[tuple[str, list[str]]]


def _passage(
    entries: Mapping[int, int],
    keys: Mapping[int, int],
    bodies: Sequence[Mapping[int, list[int]]],
    notes: Sequence[Mapping[int, dict[int, list[int]]]],
    books: Sequence[Book],
    kinship: Kinship,
) -> Passage:
    texts = {n: bodies[n].get(key, []) for n, key in keys.items()}
    body = _columns(texts, books, kinship)
    own = {n: notes[n].get(key, {}) for n, key in keys.items()}
    insets = _insets(body, texts, own, books, kinship)
    return Passage(dict(entries), body, tuple(insets), frozenset(keys))


def _columns(
    texts: Mapping[int, Sequence[int]], books: Sequence[Book], kinship: Kinship
) -> tuple[Column, ...]:
    """Glyphs of some editions side by side, each column as wide as there are editions."""
    members = list(texts)
    chars = [books[n].matched(texts[n]) for n in members]
    found = columns(chars, [kinship[n] for n in members], [texts[n] for n in members])
    if members == [*range(len(books))]:
        return tuple(found)
    none: list[int | None] = [None] * len(books)
    wide: list[Column] = []
    for column in found:
        row = none[:]
        for n, g in zip(members, column, strict=True):
            row[n] = g
        wide.append(tuple(row))
    return tuple(wide)


# --- notes ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cluster:
    """A note as it is gathered from the editions; ``chars`` are those of the first."""

    chars: str
    members: dict[int, int]
    places: dict[int, Interval]


HERE = 0.5
"""Share of glyphs in common from which on two notes in one place are one."""
NEAR = 8
"""How many notes that could be meant are compared, which bounds the time."""


def _insets(
    body: Sequence[Column],
    texts: Mapping[int, Sequence[int]],
    notes: Mapping[int, Mapping[int, Sequence[int]]],
    books: Sequence[Book],
    kinship: Kinship,
) -> Iterator[Inset]:
    """The notes of a passage, those of the editions that are one together, in reading order."""
    clusters: list[_Cluster] = []
    for n in sorted(notes, key=lambda n: kinship[n]):
        places = _places(body, n, notes[n])
        fresh = [
            _Cluster(books[n].matched(glyphs), {n: number}, {n: places[number]})
            for number, glyphs in notes[n].items()
        ]
        clusters = _gathered(clusters, fresh)
    for c in sorted(clusters, key=lambda c: (min(c.places.values()), sorted(c.members.items()))):
        members = dict(sorted(c.members.items()))
        glyphs = {n: notes[n][number] for n, number in members.items()}
        yield Inset(members, c.places, _columns(glyphs, books, kinship))


def _places(
    body: Sequence[Column], n: int, notes: Mapping[int, Sequence[int]]
) -> dict[int, Interval]:
    """For each note the first and the last column of the text before which it can stand: behind
    the glyph before it, and at the glyph after it.
    """
    found: dict[int, Interval] = {}
    waiting = [(glyphs[0], number) for number, glyphs in notes.items()]
    waiting.sort(reverse=True)
    low = 0
    for at, column in enumerate(body):
        if (g := column[n]) is None:
            continue
        while waiting and waiting[-1][0] < g:
            found[waiting.pop()[1]] = (low, at)
        low = at + 1
    found.update((number, (low, len(body))) for _, number in waiting)
    return found


def _gathered(clusters: list[_Cluster], fresh: list[_Cluster]) -> list[_Cluster]:
    """Notes of a further edition put to those they are one with: first in the same place, then
    those of the same words, then those that are like enough and not far.
    """
    free = dict(enumerate(fresh))
    left = dict(enumerate(clusters))

    def join(k: int, f: int) -> None:
        left.pop(k)
        one = free.pop(f)
        clusters[k].members.update(one.members)
        clusters[k].places.update(one.places)

    for k, f in _in_place(clusters, fresh):
        if k in left and f in free and alike(clusters[k].chars, fresh[f].chars) >= HERE:
            join(k, f)
    same: defaultdict[str, list[int]] = defaultdict(list)
    for k, c in left.items():
        same[c.chars].append(k)
    for f, c in list(free.items()):
        if same.get(c.chars):
            join(same[c.chars].pop(0), f)
    for f, c in list(free.items()):
        near = sorted(left, key=lambda k: abs(_low(left[k]) - _low(c)))[:NEAR]
        scored = [(alike(clusters[k].chars, c.chars), -k) for k in near]
        if scored and max(scored)[0] >= ALIKE:
            join(-max(scored)[1], f)
    return [*clusters, *free.values()]


def _low(cluster: _Cluster) -> int:
    return min(low for low, _ in cluster.places.values())


def _in_place(clusters: Sequence[_Cluster], fresh: Sequence[_Cluster]) -> list[tuple[int, int]]:
    """Notes that can stand in one place, the likest first."""
    by_column: defaultdict[int, list[int]] = defaultdict(list)
    for f, c in enumerate(fresh):
        ((low, high),) = c.places.values()
        for at in range(low, min(high, low + NEAR) + 1):
            by_column[at].append(f)
    found: set[tuple[int, int]] = set()
    for k, c in enumerate(clusters):
        for low, high in c.places.values():
            for at in range(low, min(high, low + NEAR) + 1):
                found.update((k, f) for f in by_column.get(at, ()))
    return sorted(found, key=lambda kf: (-alike(clusters[kf[0]].chars, fresh[kf[1]].chars), kf))
