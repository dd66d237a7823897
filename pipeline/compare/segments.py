"""A passage cut into segments: where all its editions agree, and where they do not.

In every segment each edition has one reading, and the readings of an edition, put together, are
its text. Signs are segments of their own, so that a comma never makes two readings of one glyph.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pipeline.compare.book import Book, Sign
from pipeline.compare.columns import Column
from pipeline.compare.difference import RANK, Collation
from pipeline.compare.passages import Passage
from pipeline.knowledge.patterns import pattern


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a passage in all editions of the comparison: ``readings`` as written, empty where
    one has nothing; ``forms`` as matched.
    """

    readings: tuple[str, ...]
    forms: tuple[str, ...]
    glyphs: tuple[tuple[int, ...], ...]
    state: str
    """``same``, ``orthographic``, ``punctuation`` or ``other`` words."""
    differences: tuple[int, ...] = ()
    """The numbers of the differences that it is part of."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A column, or the signs beside it."""

    readings: tuple[str, ...]
    column: Column
    state: str
    signs: bool = False


def segments(
    collation: Collation, passage: Passage, breaks: AbstractSet[int] = frozenset()
) -> Iterator[Segment]:
    """The segments of a passage, in reading order; one begins at each of the glyphs of the base
    named by ``breaks``.
    """
    run: list[_Token] = []
    for token in _tokens(collation.books, passage):
        begins = not token.signs and token.column[0] in breaks
        if run and (token.state != run[-1].state or begins):
            yield _segment(collation, run)
            run = []
        run.append(token)
    if run:
        yield _segment(collation, run)


def _segment(collation: Collation, run: Sequence[_Token]) -> Segment:
    wide = range(len(collation.books))
    glyphs = tuple(
        tuple(g for t in run if not t.signs and (g := t.column[n]) is not None) for n in wide
    )
    numbers = {number for token in run for number in _numbers(collation, token)}
    state = run[0].state
    return Segment(
        tuple("".join(token.readings[n] for token in run) for n in wide),
        tuple("".join(collation.books[n].chars[g] for g in glyphs[n]) for n in wide),
        glyphs,
        state,
        tuple(sorted(numbers)) if state != "same" else (),
    )


def _numbers(collation: Collation, token: _Token) -> Iterator[int]:
    for n, found in enumerate(collation.changed):
        for which, g in ((0, token.column[0]), (n, token.column[n])):
            if g is None:
                continue
            if token.signs or token.state == "other":
                signs = found.base_signs if which == 0 else found.own_signs
                if g in signs:
                    yield signs[g]
            if not token.signs:
                own = found.base if which == 0 else found.own
                if g in own:
                    yield own[g]


def _tokens(books: Sequence[Book], passage: Passage) -> Iterator[_Token]:
    members = sorted(passage.members)
    for column in _in_order(passage):
        forms = {None if (g := column[n]) is None else books[n].chars[g] for n in members}
        if len(forms) > 1:
            texts = tuple(
                "" if (g := column[n]) is None else books[n].text((g,)) for n in range(len(books))
            )
            yield _Token(texts, column, "other")
            continue
        yield from _signs(column, [book.before for book in books], members)
        written = tuple("" if g is None else books[n].written[g] for n, g in enumerate(column))
        alike = len({written[n] for n in members}) == 1
        yield _Token(written, column, "same" if alike else "orthographic")
        yield from _signs(column, [book.after for book in books], members)


def _signs(
    column: Column, where: Sequence[dict[int, tuple[Sign, ...]]], members: Sequence[int]
) -> Iterator[_Token]:
    found = tuple(
        "" if g is None else "".join(s.written for s in where[n].get(g, ()))
        for n, g in enumerate(column)
    )
    if any(found):
        alike = len({found[n] for n in members}) == 1
        yield _Token(found, column, "same" if alike else "punctuation", signs=True)


def headings(collation: Collation) -> frozenset[int]:
    """The glyphs with which the headings of the base begin."""
    edition, glyphs = collation.editions[0], collation.books[0]
    found: set[int] = set()
    bounds = [*(first for _, first in glyphs.witness), len(glyphs.chars)]
    for (siglum, first), last in zip(glyphs.witness, bounds[1:], strict=True):
        order = sorted(range(first, last), key=glyphs.spans.__getitem__)
        starts = [glyphs.spans[g][0] for g in order]
        for c in edition.coverage.get(siglum, ()):
            if c.kind == "heading" and (at := bisect_left(starts, c.start)) < len(order):
                found.add(order[at])
    return frozenset(found)


def _in_order(passage: Passage) -> Iterator[Column]:
    """The columns of a passage, its notes where each edition has them."""
    spots = sorted(
        (at, number, editions)
        for number, inset in enumerate(passage.insets)
        for at, editions in inset.spots()
    )
    done = 0
    for at, number, editions in spots:
        yield from passage.body[done:at]
        done = at
        for column in passage.insets[number].columns:
            kept = tuple(g if n in editions else None for n, g in enumerate(column))
            if any(g is not None for g in kept):
                yield kept
    yield from passage.body[done:]


def kind(collation: Collation, segment: Segment) -> str:
    """What a segment is: the gravest of its differences from the base, else how it differs."""
    if segment.state == "same":
        return "same"
    kinds = {collation.kinds[number] for number in segment.differences}
    if kinds:
        return min(kinds, key=RANK.__getitem__)
    if segment.state == "other":
        return (
            "numeric"
            if pattern("measures-alone").fullmatch("".join(segment.forms))
            else "substantive"
        )
    return segment.state
