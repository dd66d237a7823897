"""An edition as one sequence of glyphs, in the order in which it is read, and whose each is.

What is compared is this sequence: every glyph belongs to the text of an entry, to a note, or to
the prose between. An opening sign belongs to the glyph after it, any other to the glyph before.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, compress, count, pairwise, repeat
from operator import add, eq, itemgetter, mul, ne, or_, sub
from typing import NamedTuple

from pipeline.compare.edition import Edition
from pipeline.model import Entry, Note, Text
from pipeline.sources.glyphs import GAPS, is_sign, paths, scripted
from pipeline.sources.normalize import FORMATS, layer

Span = tuple[int, int]
NONE = -1
"""In place of the number of an entry or note: there is none."""
LEFT_OUT = frozenset(("markup", "noise"))
"""What of a source is no text of the edition."""


class Sign(NamedTuple):
    """A sign as written, and where."""

    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Book:
    """The glyphs of an edition: ``written[g]`` is matched as ``chars[g]`` and stands at
    ``spans[g]`` of its witness; ``scripted`` is what stands between the two.
    """

    written: tuple[str, ...]
    scripted: str
    chars: str
    spans: tuple[Span, ...]
    before: dict[int, tuple[Sign, ...]]
    after: dict[int, tuple[Sign, ...]]
    printed: tuple[str, ...]
    """Each glyph as written, with its signs."""
    entry: array[int]
    note: array[int]
    witness: tuple[tuple[str, int], ...]
    """Sigla, and the first glyph of each."""
    whole: bool
    """Whether the prose is there too: tables alone have no more than the entries."""

    def text(self, glyphs: Iterable[int]) -> str:
        """Glyphs as written, with their signs."""
        return "".join(map(self.printed.__getitem__, glyphs))

    def matched(self, glyphs: Iterable[int]) -> str:
        """Glyphs as they are matched."""
        return "".join(map(self.chars.__getitem__, glyphs))

    def runs(self) -> Iterator[tuple[int, int, range]]:
        """Entry, note and glyphs of each stretch that belongs to the same."""
        entry, note = self.entry, self.note
        other = map(or_, map(ne, entry, entry[1:]), map(ne, note, note[1:]))
        ends = [*compress(count(1), other), *([len(entry)] if entry else [])]
        for begin, end in pairwise([0, *ends]):
            yield entry[begin], note[begin], range(begin, end)


@dataclass(slots=True)
class _Piece:
    """Glyphs as they are found, in reading order."""

    written: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    """Stretches of them before variants are folded, and as matched."""
    spans: list[Span] = field(default_factory=list)
    before: dict[int, list[Sign]] = field(default_factory=dict)
    after: dict[int, list[Sign]] = field(default_factory=dict)


def book(side: Edition) -> Book:
    """All glyphs of an edition."""
    found = _Piece()
    entry, note = array("i"), array("i")
    firsts: list[tuple[str, int]] = []
    for siglum in side.witnesses:
        begin = len(found.spans)
        firsts.append((siglum, begin))
        for text, offset, left_out in _texts(side, siglum):
            _read(found, text, offset, left_out)
        spans = found.spans[begin:]
        entry.extend(_owners(spans, siglum, side.entries))
        note.extend(_owners(spans, siglum, side.notes))
    return Book(
        tuple(found.written),
        "".join(map(itemgetter(0), found.forms)),
        "".join(map(itemgetter(1), found.forms)),
        tuple(found.spans),
        {g: tuple(signs) for g, signs in found.before.items()},
        {g: tuple(signs) for g, signs in found.after.items()},
        _printed(found),
        entry,
        note,
        tuple(firsts),
        all(siglum in side.texts for siglum in side.witnesses),
    )


def _printed(found: _Piece) -> tuple[str, ...]:
    printed = found.written[:]
    for g, signs in found.before.items():
        printed[g] = "".join(sign.written for sign in signs) + printed[g]
    for g, signs in found.after.items():
        printed[g] += "".join(sign.written for sign in signs)
    return tuple(printed)


def _texts(side: Edition, siglum: str) -> Iterator[tuple[Text, int, bytearray]]:
    """What there is of a witness, normalized: its source, or its entries one by one; where it
    begins in the source, and what of it is no text.
    """
    row = side.witnesses[siglum]
    form = row.format if row.format in FORMATS else "plain"
    if source := side.texts.get(siglum):
        left_out = bytearray(len(source))
        for c in side.coverage.get(siglum, ()):
            if c.kind in LEFT_OUT:
                left_out[c.start : c.end] = b"\1" * (c.end - c.start)
        yield side.layers.get(siglum) or layer(source, form, row.script), 0, left_out
        return
    for e in side.entries:
        if e.witness == siglum:
            yield layer(e.text, form, row.script), e.start, bytearray(len(e.text))


def _read(found: _Piece, text: Text, offset: int, left_out: bytearray) -> None:
    """Put the glyphs of a normalized text behind those that are there."""
    before = scripted(text)
    opened: list[Sign] = []
    hidden = _hidden(text, left_out)
    signs = {char for char in set(text.chars) if is_sign(char)}
    opening = {sign for sign in signs if unicodedata.category(sign) in OPENING}
    written, spans = found.written, found.spans
    for i, j, words in _units(text, hidden, signs):
        first, char = offset + text.starts[i], text.chars[i]
        if words is None and (hidden[i] or (char in GAPS and not _written(text, i))):
            continue  # a blank stands for a gap: the source shows nothing
        if char not in signs:
            if opened:
                found.before[len(spans)] = opened
                opened = []
            found.forms.append((before[i:j], text.chars[i:j]))
            if words is None:
                written.append(_written(text, i))
                spans.append((first, offset + text.ends[i]))
            else:
                written.extend(words)
                spans.extend(pairwise(range(first, first + j - i + 1)))
        elif char != "\n" and (shown := _written(text, i)):
            sign = Sign(shown, first, offset + text.ends[i])
            if opened or not spans or char in opening:
                opened.append(sign)
            else:
                found.after.setdefault(len(spans) - 1, []).append(sign)
    if opened and spans:
        found.after.setdefault(len(spans) - 1, []).extend(opened)


OPENING = ("Ps", "Pi")


def _hidden(text: Text, left_out: bytearray) -> bytearray:
    """By character whether it is no text of the edition."""
    hidden = bytearray(map((left_out + b"\0").__getitem__, text.starts))
    for i in paths(text.chars):
        hidden[i] = 1
    return hidden


def _units(text: Text, hidden: bytearray, signs: Set[str]) -> Iterator[tuple[int, int, str | None]]:
    """A text in stretches of glyphs that stand in the source one behind the other, which are read
    at once, with its words; what is no such glyph by itself, without.
    """
    starts, ends = text.starts, text.ends
    odd = map((signs | GAPS).__contains__, text.chars)
    wide = map(ne, map(sub, ends, starts), repeat(1))
    again = map(eq, starts, chain([-1], starts))
    alone = map(or_, map(or_, odd, hidden), map(or_, wide, again))
    apart = map(ne, starts, chain([-1], ends))
    marks = bytearray(map(add, map(mul, alone, repeat(2)), apart))
    for found in STRETCH.finditer(marks):
        i, j = found.span()
        words = None if marks[i] & 2 else text.source[starts[i] : ends[j - 1]]
        if words is None or words.split() == [words]:
            yield i, j, words
        else:
            yield from ((k, k + 1, None) for k in range(i, j))


STRETCH = re.compile(rb"[\x00\x01]\x00*|[\x02\x03]")
"""Twos are characters by themselves, ones stand apart from the character before."""


def _written(text: Text, i: int) -> str:
    """What the source has for a character, without its blanks; nothing where that was told
    already.
    """
    a, b = text.starts[i], text.ends[i]
    again = a == b or (i > 0 and text.starts[i - 1] == a)
    return "" if again else "".join(text.source[a:b].split())


def _owners(spans: Sequence[Span], siglum: str, rows: Iterable[Entry | Note]) -> list[int]:
    """Of each glyph of a witness the entry or note that it stands in."""
    order = sorted(range(len(spans)), key=spans.__getitem__)
    starts = [spans[g][0] for g in order]
    owners = [NONE] * len(spans)
    for number, row in enumerate(rows):
        if row.witness == siglum:
            for k in range(bisect_left(starts, row.start), bisect_left(starts, row.end)):
                owners[order[k]] = number
    return owners
