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
from operator import add, eq, itemgetter, ne, not_, or_, sub
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
        of_entries, of_notes = _owners(found.spans[begin:], siglum, side.entries, side.notes)
        entry.extend(of_entries)
        note.extend(of_notes)
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
    """Put the glyphs of a normalized text behind those that are there: most at once, by themselves
    only those that do not stand in the source as one character.
    """
    hidden, first = _hidden(text, left_out), len(found.spans)
    signs = {char for char in set(text.chars) if is_sign(char)}
    single = _single(text, hidden, signs)
    odd = _one_by_one(found, text, offset, [*compress(range(len(single)), single)], hidden)
    glyphs = bytearray(map(not_, single))
    for i, _, _ in odd:
        glyphs[i] = 1
    starts, ends = (
        [*map(add, compress(places, glyphs), repeat(offset))] for places in (text.starts, text.ends)
    )
    written = [*map(f"{text.source}\n".__getitem__, compress(text.starts, glyphs))]
    for _, number, words in odd:
        written[number - first] = words
    found.written.extend(written)
    found.spans.extend(zip(starts, ends, strict=True))
    before = compress(scripted(text), glyphs)
    found.forms.append(("".join(before), "".join(compress(text.chars, glyphs))))
    if (opened := found.before.pop(len(found.spans), [])) and found.spans:
        found.after.setdefault(len(found.spans) - 1, []).extend(opened)


def _one_by_one(
    found: _Piece, text: Text, offset: int, single: Sequence[int], hidden: bytearray
) -> list[tuple[int, int, str]]:
    """Put the signs of a text to the glyphs that they belong to; the other characters that are read
    by themselves, each with its number as a glyph, as written.
    """
    glyphs: list[tuple[int, int, str]] = []
    first = len(found.spans)
    known: dict[str, str] = {}
    for k, i in enumerate(single):
        char, written = text.chars[i], _written(text, i)
        if hidden[i] or (not written and char in GAPS):
            continue  # a blank stands for a gap: the source shows nothing
        number = first + i - k + len(glyphs)
        if char not in known:
            known[char] = unicodedata.category(char) if is_sign(char) else ""
        if not known[char]:
            glyphs.append((i, number, written))
        elif written and char != "\n":
            sign = Sign(written, offset + text.starts[i], offset + text.ends[i])
            if number in found.before or not number or known[char] in OPENING:
                found.before.setdefault(number, []).append(sign)
            else:
                found.after.setdefault(number - 1, []).append(sign)
    return glyphs


OPENING = ("Ps", "Pi")


def _hidden(text: Text, left_out: bytearray) -> bytearray:
    """By character whether it is no text of the edition."""
    hidden = bytearray(map((left_out + b"\0").__getitem__, text.starts))
    for i in paths(text.chars):
        hidden[i] = 1
    return hidden


def _single(text: Text, hidden: bytearray, signs: Set[str]) -> bytearray:
    """By character whether it is read by itself: a sign, a gap, no text of the edition, or none
    that stands in the source as one character.
    """
    starts, ends = text.starts, text.ends
    odd = map((signs | GAPS).__contains__, text.chars)
    blanks = bytearray(len(text.source) + 1)
    for found in BLANK.finditer(text.source):
        blanks[found.start()] = 1
    blank = map(blanks.__getitem__, starts)
    wide = map(ne, map(sub, ends, starts), repeat(1))
    again = map(eq, starts, chain([-1], starts))
    return bytearray(map(or_, map(or_, map(or_, odd, hidden), blank), map(or_, wide, again)))


BLANK = re.compile(r"\s")


def _written(text: Text, i: int) -> str:
    """What the source has for a character, without its blanks; nothing where that was told
    already.
    """
    a, b = text.starts[i], text.ends[i]
    again = a == b or (i > 0 and text.starts[i - 1] == a)
    return "" if again else "".join(text.source[a:b].split())


def _owners(
    spans: Sequence[Span], siglum: str, *tables: Iterable[Entry | Note]
) -> Iterator[list[int]]:
    """Of each glyph of a witness the entry that it stands in, and the note."""
    order = sorted(range(len(spans)), key=spans.__getitem__)
    starts = [spans[g][0] for g in order]
    for rows in tables:
        owners = [NONE] * len(spans)
        for number, row in enumerate(rows):
            if row.witness == siglum:
                for k in range(bisect_left(starts, row.start), bisect_left(starts, row.end)):
                    owners[order[k]] = number
        yield owners
