"""An edition as one sequence of glyphs, in the order in which it is read, and whose each is.

What is compared is this sequence: every glyph belongs to the text of an entry, to a note, or to
the prose between. An opening sign belongs to the glyph after it, any other to the glyph before.
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.compare.edition import Edition
from pipeline.model import Entry, Fold, Note, Text
from pipeline.sources.glyphs import GAPS, is_sign, paths
from pipeline.sources.normalize import FORMATS, layer

Span = tuple[int, int]
NONE = -1
"""In place of the number of an entry or note: there is none."""
LEFT_OUT = frozenset(("markup", "noise"))
"""What of a source is no text of the edition."""


@dataclass(frozen=True, slots=True)
class Sign:
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
        return "".join(self.printed[g] for g in glyphs)


@dataclass(slots=True)
class _Piece:
    """Glyphs as they are found, in reading order."""

    glyphs: list[tuple[str, str, str, Span]] = field(default_factory=list)
    """Each as written, before variants are folded, as matched, and where it stands."""
    before: dict[int, list[Sign]] = field(default_factory=dict)
    after: dict[int, list[Sign]] = field(default_factory=dict)


def book(side: Edition) -> Book:
    """All glyphs of an edition."""
    found = _Piece()
    entry, note = array("i"), array("i")
    firsts: list[tuple[str, int]] = []
    for siglum in side.witnesses:
        begin = len(found.glyphs)
        firsts.append((siglum, begin))
        for text, offset, left_out in _texts(side, siglum):
            _read(found, text, offset, left_out)
        spans = [where for *_, where in found.glyphs[begin:]]
        entry.extend(_owners(spans, siglum, side.entries))
        note.extend(_owners(spans, siglum, side.notes))
    written, scripted, chars, places = [*zip(*found.glyphs, strict=True)] or [()] * 4
    return Book(
        written,
        "".join(scripted),
        "".join(chars),
        places,
        {g: tuple(signs) for g, signs in found.before.items()},
        {g: tuple(signs) for g, signs in found.after.items()},
        _printed(found),
        entry,
        note,
        tuple(firsts),
        all(siglum in side.texts for siglum in side.witnesses),
    )


def _printed(found: _Piece) -> tuple[str, ...]:
    printed = [written for written, *_ in found.glyphs]
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
    scripted = _scripted(text)
    opened: list[Sign] = []
    last = -1
    headings = paths(text.chars)
    signs = {char for char in set(text.chars) if is_sign(char)}
    source = text.source
    for i, (char, a, b) in enumerate(zip(text.chars, text.starts, text.ends, strict=True)):
        written = "" if a in (last, b) else source[a] if b == a + 1 else source[a:b]
        if written and (b > a + 1 or written.isspace()):
            written = "".join(written.split())
        last = a
        if (a < len(left_out) and left_out[a]) or i in headings:
            continue
        if not written and char in GAPS:
            continue  # a blank stands for it: the source shows nothing
        if char not in signs:
            if opened:
                found.before[len(found.glyphs)] = opened
                opened = []
            found.glyphs.append((written, scripted[i], char, (offset + a, offset + b)))
        elif written and char != "\n":
            sign = Sign(written, offset + a, offset + b)
            if opened or not found.glyphs or unicodedata.category(char) in OPENING:
                opened.append(sign)
            else:
                found.after.setdefault(len(found.glyphs) - 1, []).append(sign)
    if opened and found.glyphs:
        found.after.setdefault(len(found.glyphs) - 1, []).extend(opened)


OPENING = ("Ps", "Pi")


def _scripted(text: Text) -> str:
    """A text before variants are folded."""
    before = (c.before for c in text.log if isinstance(c, Fold) and c.rule == "variant")
    scripted = next(before, text.chars)
    return scripted if len(scripted) == len(text.chars) else text.chars


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
