"""Statements of illness compared: the same one in both editions, its points, its words, its verb.

Two statements are one if their words stand side by side in the alignment. What of the words differs
is there already, place by place; here it is told that a place is in the words of an illness, that
a statement has another point, or that an edition has it not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.compare.align import paired
from pipeline.compare.book import NONE
from pipeline.compare.difference import QUIET, RANK, Kind
from pipeline.compare.found import Extent, Found, Row, Said, Stretch
from pipeline.compare.kinds import Sides
from pipeline.compare.places import Step
from pipeline.compare.sides import Side, plain
from pipeline.model import Indication

MOSTLY = 0.5
"""Statements are one where so much of the shorter stands beside the other."""


@dataclass(frozen=True, slots=True)
class Told:
    """A statement of illness: its rows, one for each point, and its glyphs."""

    rows: tuple[Indication, ...]
    glyphs: tuple[int, ...]
    names: frozenset[int]
    """The glyphs that name its points; the others are those of its words."""

    @property
    def stretch(self) -> Stretch:
        """The words of the statement, and where they stand."""
        return self.rows[0].text, self.rows[0].start, self.rows[0].end


Pairs = Sequence[tuple[Told | None, Told | None]]


def told(side: Side, entry: int) -> list[Told]:
    """The statements of an entry, or of the prose (``NONE``)."""
    found = []
    for rows in side.statements.get(entry, ()):
        glyphs = _glyphs(side, entry, rows[0].witness, rows[0].start, rows[0].end)
        names = (
            _glyphs(side, entry, row.witness, row.point_start, row.point_end)
            for row in rows
            if row.direction == "illness_first" and row.point_start is not None
        )
        if glyphs:
            found.append(Told(tuple(rows), glyphs, frozenset(g for own in names for g in own)))
    return found


def _glyphs(
    side: Side, entry: int, witness: str, start: int | None, end: int | None
) -> tuple[int, ...]:
    """The glyphs of a stretch in the running text of an entry or of the prose."""
    book = side.book
    return tuple(
        g
        for g in side.inside(witness, start or 0, end or 0)
        if book.note[g] == NONE and book.entry[g] == entry
    )


def with_illnesses(
    sides: Sides, found: Sequence[Found], body: Iterable[Step], entries: tuple[int, int]
) -> list[Found]:
    """Differences, told as those of statements where they are; ``body``: the text, glyph beside
    glyph; ``entries``: the numbers of both entries. A text that tells of no illness lacks no
    statement (甲乙經 : 素問 氣府論).
    """
    if not (sides.a.statements and sides.b.statements):
        return [*found]
    here, there = told(sides.a, entries[0]), told(sides.b, entries[1])
    if not (here or there):
        return [*found]
    pairs = list(_pairs(here, there, {x: y for x, y in body if not (x is None or y is None)}))
    _name_places(found, here, there)
    at = _at(found)
    return [*found, *(new for one in _unlike(pairs) for new in _put(found, at, one))]


def _unlike(pairs: Pairs) -> Iterator[Found]:
    """What differs in the statements that are one, and the statements that one side has alone."""
    for one, other in pairs:
        if one and other:
            for row, kind, a, b in _points(one, other):
                yield Found(kind, [row], Extent(a, b))
        else:
            gone = _gone(pairs, one, other)
            own = Extent(one.glyphs if one else (), other.glyphs if other else ())
            yield Found(gone or ("only_a" if one else "only_b"), [_whole(one, other)], own)


WORDS = ("text", "syndrome", "point")
"""Fields of rows that quote words."""
ALONE = ("only_a", "only_b", "lost")
LOST = frozenset(("text_lost_before", "text_lost_inside", "text_lost_after", "fused"))
"""Flags of a statement beside which another is lost."""


def _gone(pairs: Pairs, one: Told | None, other: Told | None) -> Kind | None:
    """Whether a statement that one edition has alone was in the other once: what stands beside it
    there is damaged.
    """
    which = 0 if one else 1
    place = (one or other).glyphs[0]  # type: ignore[union-attr]
    known = sorted((p[which].glyphs[0], n) for n, p in enumerate(pairs) if all(p))  # type: ignore[union-attr]
    at = bisect_left(known, (place, 0))
    beside = [pairs[n][1 - which] for _, n in known[max(0, at - 1) : at + 1]]
    flags = {flag for told_ in beside if told_ for row in told_.rows for flag in row.flags}
    return "lost" if flags & LOST else None


At = tuple[dict[int, list[int]], dict[int, list[int]]]
"""Of both sides by glyph the differences that it is in."""


def _at(found: Iterable[Found]) -> At:
    places: At = {}, {}
    for n, one in enumerate(found):
        for own, glyphs in zip(places, (one.own.a, one.own.b), strict=True):
            for g in glyphs:
                own.setdefault(g, []).append(n)
    return places


def _put(found: Sequence[Found], at: At, new: Found) -> Iterator[Found]:
    """Into the difference of words that it is in, else a difference without glyphs of its own; a
    statement that one has alone is never in one of other words.
    """
    a, b = {*new.own.a}, {*new.own.b}
    alone = new.rows[0].field == "statement"
    near = {
        n for own, glyphs in zip(at, (a, b), strict=True) for g in glyphs for n in own.get(g, ())
    }
    into = next(
        (
            f
            for f in (found[n] for n in sorted(near))
            if f.kind not in QUIET and (f.kind in ALONE or not alone)
        ),
        None,
    )
    if into is None:
        yield Found(new.kind, new.rows, stands=(tuple(new.own.a), tuple(new.own.b)))
        return
    only_words = all(row.field in WORDS for row in into.rows)
    inside = {*into.own.a} <= a and {*into.own.b} <= b
    into.rows = new.rows if only_words and inside else [*into.rows, *new.rows]
    if not (alone and into.kind == "lost"):  # a statement in lines that are lost is lost with them
        into.kind = min(into.kind, new.kind, key=RANK.__getitem__)


def _name_places(found: Iterable[Found], here: Sequence[Told], there: Sequence[Told]) -> None:
    """Places in the words of an illness have the field ``syndrome``, in a name ``point``."""
    fields: tuple[dict[int, str], dict[int, str]] = ({}, {})
    for own, statements in zip(fields, (here, there), strict=True):
        for one in statements:
            own.update((g, "point" if g in one.names else "syndrome") for g in one.glyphs)
    for place in found:
        told_of = {fields[0].get(g) for g in place.own.a} | {fields[1].get(g) for g in place.own.b}
        if len(told_of) == 1 and (name := told_of.pop()):
            place.rows = [
                Row(name, row.a, row.b, row.source, row.rules) if row.field == "text" else row
                for row in place.rows
            ]


# --- which statements are one --------------------------------------------------------------------


def _pairs(
    here: Sequence[Told], there: Sequence[Told], beside: Mapping[int, int]
) -> Iterator[tuple[Told | None, Told | None]]:
    owner = {g: n for n, one in enumerate(there) for g in one.glyphs}
    shared: Counter[tuple[int, int]] = Counter()
    for n, one in enumerate(here):
        for g in one.glyphs:
            if (m := owner.get(beside.get(g, NONE))) is not None:
                shared[n, m] += 1
    taken: tuple[set[int], set[int]] = (set(), set())
    for (n, m), number in sorted(shared.items(), key=_most):
        shorter = min(len(here[n].glyphs), len(there[m].glyphs))
        if n not in taken[0] and m not in taken[1] and number >= MOSTLY * shorter:
            taken[0].add(n)
            taken[1].add(m)
            yield here[n], there[m]
    yield from ((one, None) for n, one in enumerate(here) if n not in taken[0])
    yield from ((None, one) for m, one in enumerate(there) if m not in taken[1])


def _most(item: tuple[tuple[int, int], int]) -> tuple[int, tuple[int, int]]:
    return -item[1], item[0]


# --- rows ----------------------------------------------------------------------------------------

Unlike = tuple[Row, Kind, tuple[int, ...], tuple[int, ...]]


def _points(one: Told, other: Told) -> Iterator[Unlike]:
    """The points that one statement has otherwise, or with another verb."""
    here = [r for r in one.rows if r.direction == "illness_first"]
    there = [r for r in other.rows if r.direction == "illness_first"]
    pairs, left, there = paired(here, there, _one_point)
    for row, match in pairs:
        if plain(row.act) != plain(match.act):
            said = Said(row.act, ((0, len(row.act)),)), Said(match.act, ((0, len(match.act)),))
            yield _row("act", said, one, other), "substantive", _verbs(one), _verbs(other)
    for n in range(max(len(left), len(there))):
        a, b = left[n : n + 1], there[n : n + 1]
        said = _named(a), _named(b)
        damaged = any(f in r.flags for r in (*a, *b) for f in ("name_damaged", "text_lost_inside"))
        alone: Kind = "substantive" if a and b else "only_a" if a else "only_b"
        kind: Kind = "lost" if damaged else alone
        yield _row("point", said, one, other), kind, tuple(one.names), tuple(other.names)


def _verbs(one: Told) -> tuple[int, ...]:
    """The glyphs beside the names of a statement, where its verbs stand: 灸X, X主之."""
    near = {g + k for g in one.names for k in (-2, -1, 1, 2)}
    return tuple(sorted(near - one.names))


def _row(field: str, said: tuple[Said, Said], one: Told, other: Told) -> Row:
    a, b = (
        Said(own.value, own.marks, told_.stretch)
        for own, told_ in zip(said, (one, other), strict=True)
    )
    return Row(field, a, b)


def _named(rows: Sequence[Indication]) -> Said:
    """A point by its name and code: 神庭 GV24."""
    if not rows:
        return Said()
    row = rows[0]
    value = " ".join(filter(None, ("".join(row.name_raw.split()), row.code))) or None
    return Said(value, ((0, len(value)),) if value else ())


def _whole(one: Told | None, other: Told | None) -> Row:
    """A statement that one edition has alone: its illness, and the points."""
    said = []
    for own in (one, other):
        if own is None:
            said.append(Said())
            continue
        points = "、".join(filter(None, (_named([row]).value for row in own.rows)))
        illness = "".join(own.rows[0].syndrome.split())
        value = f"{illness} → {points}" if points else illness
        said.append(Said(value, ((0, len(value)),), own.stretch))
    source = (one or other).rows[0].source or None  # type: ignore[union-attr]
    return Row("statement", said[0], said[1], source)


def _one_point(one: Indication, other: Indication) -> bool:
    """Whether two names are those of one point; one that cannot be settled goes by its writing."""
    if one.code and other.code:
        return one.code == other.code
    return plain(one.name_raw) == plain(other.name_raw)
