"""An edition with what its comparison asks for again and again: what each glyph says."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from pipeline.compare.book import NONE, Book, Span
from pipeline.compare.edition import Edition, script, values
from pipeline.knowledge.glyphs import rare
from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.script import to_traditional
from pipeline.model import Entry, Indication, Reading
from pipeline.sources.glyphs import Glyphs, chars_of

WORDS = (
    "name_raw",
    "aliases",
    "location",
    "shu",
    "phase",
    "role",
    "posture",
    "warnings",
    "remarks",
)
"""Columns that hold words of the text, and so show which of them differ."""
SOURCE = "source"
"""In place of a field: the words that name an authority."""


@dataclass(frozen=True, slots=True)
class Side:
    """An edition, its glyphs, and for each glyph what was read from it."""

    edition: Edition
    book: Book
    order: Mapping[str, tuple[list[int], list[int]]]
    """By witness where its glyphs begin, in order, and their numbers."""
    entries: Mapping[int, list[int]]
    """By entry its glyphs."""
    fields: Mapping[int, tuple[str, ...]]
    """By glyph the columns of its entry that were read from it."""
    readings: Mapping[int, tuple[Reading, str]]
    """By glyph the reading that it belongs to, and its field, or ``source``."""
    values: Mapping[tuple[int, str], Glyphs]
    """By entry and column the glyphs of words."""
    narrow: frozenset[str]
    """Witnesses written without any character outside GB 2312."""
    counts: Counter[str]
    """How often each glyph is written."""
    titles: Mapping[str, tuple[list[int], list[int], list[str]]]
    """By witness where its headings begin and end, and their words."""
    statements: Mapping[int, Sequence[Sequence[Indication]]]
    """By entry, or ``NONE`` in prose, the statements of illness, each with a row for each point."""

    def shown_in(self, entry: int, name: str) -> Iterator[tuple[int, int]]:
        """The glyphs of an entry that a value of words shows: place in the value, and number."""
        claimed = [g for g in self.entries.get(entry, ()) if name in self.fields.get(g, ())]
        rest = iter(claimed)
        for n, char in enumerate(self.values[entry, name].chars):
            for g in rest:
                if self.book.chars[g] == char:
                    yield n, g
                    break

    def inside(self, witness: str, start: int, end: int) -> list[int]:
        """The glyphs that begin in a stretch of a source."""
        return _inside(self.order[witness], start, end)

    def witness(self, glyph: int) -> str:
        """The witness that a glyph stands in."""
        return witness(self.book, glyph)


def side_of(edition: Edition, glyphs: Book) -> Side:
    """An edition with what was read from each of its glyphs."""
    order = defaultdict(_nowhere, _order(glyphs))
    keys = [(i, f) for i in range(len(edition.entries)) for f in WORDS]
    shown = [shown_value(edition.entries[i], f) or "" for i, f in keys]
    found = values(edition, shown, [edition.entries[i] for i, _ in keys])
    written = defaultdict(list)
    for entry in edition.entries:
        written[entry.witness].append(entry.text)
    return Side(
        edition=edition,
        book=glyphs,
        order=order,
        entries=_entries(glyphs),
        fields=_fields(edition, glyphs, order),
        readings=_readings(edition, glyphs, order),
        values=dict(zip(keys, found, strict=True)),
        narrow=frozenset(w for w, texts in written.items() if not any(map(rare, "".join(texts)))),
        counts=Counter(glyphs.chars),
        titles={w: _titles(edition, glyphs, order[w], w) for w in order},
        statements=_statements(edition),
    )


def _statements(edition: Edition) -> dict[int, list[list[Indication]]]:
    number = {row.entry_id: n for n, row in enumerate(edition.entries)}
    groups: dict[str, list[Indication]] = {}
    for row in edition.indications:
        groups.setdefault(row.statement_id, []).append(row)
    found: defaultdict[int, list[list[Indication]]] = defaultdict(list)
    for rows in groups.values():
        found[number.get(rows[0].entry_id or "", NONE)].append(rows)
    return found


def _nowhere() -> tuple[list[int], list[int]]:
    return [], []


def shown_value(entry: Entry, field: str) -> str | None:
    """A value as the table collation has it: None where there is none, a list joined with 、."""
    value = getattr(entry, field)
    match value:
        case None | "" | ():
            return None
        case bool():
            return "true" if value else "false"
        case tuple():
            return "、".join(value)
    return str(value)


def _order(glyphs: Book) -> Iterator[tuple[str, tuple[list[int], list[int]]]]:
    bounds = [*(first for _, first in glyphs.witness), len(glyphs.chars)]
    for n, (siglum, first) in enumerate(glyphs.witness):
        numbers = sorted(range(first, bounds[n + 1]), key=glyphs.spans.__getitem__)
        yield siglum, ([glyphs.spans[g][0] for g in numbers], numbers)


def _entries(glyphs: Book) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for entry, _, run in glyphs.runs():
        if entry != NONE:
            found[entry].extend(run)
    return found


def _inside(order: tuple[list[int], list[int]], start: int, end: int) -> list[int]:
    """The glyphs that begin in a stretch of a source."""
    starts, numbers = order
    return numbers[bisect_left(starts, start) : bisect_left(starts, end)]


def _fields(
    edition: Edition, glyphs: Book, order: Mapping[str, tuple[list[int], list[int]]]
) -> dict[int, tuple[str, ...]]:
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for i, entry in enumerate(edition.entries):
        own = edition.claimed.get(entry.entry_id, ())
        for claim in own:
            if entry.start <= claim.start and claim.end <= entry.end:
                for g in _inside(order[entry.witness], claim.start, claim.end):
                    if glyphs.entry[g] == i and glyphs.note[g] == NONE:
                        found[g][claim.field] = None
    return {g: tuple(fields) for g, fields in found.items()}


def _readings(
    edition: Edition, glyphs: Book, order: Mapping[str, tuple[list[int], list[int]]]
) -> dict[int, tuple[Reading, str]]:
    """By glyph the reading: in running text by its place, in a note by its words, for a note in
    two columns need not stand in its source in the order in which it is read.
    """
    found: dict[int, tuple[Reading, str]] = {}
    in_notes: defaultdict[str, list[Reading]] = defaultdict(list)
    for group in edition.readings.values():
        for reading in group:
            if reading.note_id:
                in_notes[reading.note_id].append(reading)
    inside: defaultdict[int, list[int]] = defaultdict(list)
    for _, note, run in glyphs.runs():
        if note != NONE:
            inside[note].extend(run)
    for i, entry in enumerate(edition.entries):
        for reading in edition.readings.get(entry.entry_id, ()):
            if not reading.note_id:
                for g in _inside(order[entry.witness], reading.start, reading.end):
                    if glyphs.entry[g] == i and glyphs.note[g] == NONE:
                        found[g] = (reading, reading.field)
    words = _words(edition, in_notes)
    for number, row in enumerate(edition.notes):
        if own := in_notes.get(row.note_id):
            found.update(_spoken(glyphs, inside[number], own, words))
    return found


def _words(
    edition: Edition, in_notes: Mapping[str, Sequence[Reading]]
) -> dict[str, tuple[str, str, str]]:
    """Of each reading of a note the glyphs of its value, its words and its source: all readings of
    one script at once, since one by one they take as long as all the rest.
    """
    scripts: defaultdict[str, list[Reading]] = defaultdict(list)
    for row in edition.notes:
        scripts[script(edition, row.witness)] += in_notes.get(row.note_id, ())
    found: dict[str, tuple[str, str, str]] = {}
    for hand, own in scripts.items():
        chars = chars_of([text for r in own for text in (r.value, r.text, r.source)], hand)
        for k, reading in enumerate(own):
            value, text, source = chars[3 * k : 3 * k + 3]
            found[reading.reading_id] = value, text, source
    return found


def _spoken(
    glyphs: Book,
    inside: Sequence[int],
    own: Sequence[Reading],
    words: Mapping[str, tuple[str, str, str]],
) -> Iterator[tuple[int, tuple[Reading, str]]]:
    """The readings of a note, glyph by glyph; what names a source stands before its reading."""
    chars = glyphs.matched(inside)
    done = 0
    for reading in own:
        value, text, source = words[reading.reading_id]
        at, length = done, 0
        for form in (value, text) if reading.value else ():
            if (place := chars.find(form, done)) >= 0:
                at, length = place, len(form)
                break
        if not length:
            spans = [
                n for n, g in enumerate(inside) if reading.start <= glyphs.spans[g][0] < reading.end
            ]
            if not spans:
                continue
            at, length = max(done, spans[0]), spans[-1] + 1 - max(done, spans[0])
        if reading.source and (place := chars.find(source, done, at)) >= 0:
            for n in range(place, place + len(source)):
                yield inside[n], (reading, SOURCE)
        for n in range(at, at + length):
            yield inside[n], (reading, reading.field)
        done = max(done, at + length)


def witness(book: Book, glyph: int) -> str:
    """The witness that a glyph stands in."""
    if len(book.witness) == 1:
        return book.witness[0][0]
    return book.witness[bisect_right(book.witness, glyph, key=_first) - 1][0]


_end: Callable[[Span], int] = itemgetter(1)


def _first(witness: tuple[str, int]) -> int:
    return witness[1]


# --- sections ------------------------------------------------------------------------------------


def _titles(
    edition: Edition, glyphs: Book, order: tuple[list[int], list[int]], siglum: str
) -> tuple[list[int], list[int], list[str]]:
    starts: list[int] = []
    ends: list[int] = []
    titles: list[str] = []
    for c in edition.coverage.get(siglum, ()):
        if c.kind == "heading" and (inside := _inside(order, c.start, c.end)):
            starts.append(c.start)
            ends.append(c.end)
            titles.append("".join(glyphs.written[g] for g in sorted(inside)))
    return starts, ends, titles


def sections(side: Side, glyphs: Iterable[int]) -> Iterator[int]:
    """The numbers of the headings that glyphs stand under; those of one are mostly together."""
    here, at = range(0), NONE
    for g in glyphs:
        if side.book.spans[g][0] not in here or len(side.order) > 1:
            at, _ = section(side, g)
            starts = side.titles[side.witness(g)][0]
            behind = starts[at + 1] if at + 1 < len(starts) else sys.maxsize
            here = range(starts[at] if at >= 0 else 0, behind)
        yield at


def section(side: Side, glyph: int) -> tuple[int, str]:
    """The heading that a glyph stands under: its number in the witness, and its words."""
    starts, _, titles = side.titles[side.witness(glyph)]
    at = bisect_right(starts, side.book.spans[glyph][0]) - 1
    return at, titles[at] if at >= 0 else ""


def in_title(side: Side, glyph: int) -> bool:
    """Whether a glyph stands in a heading."""
    starts, ends, _ = side.titles[side.witness(glyph)]
    position = side.book.spans[glyph][0]
    at = bisect_right(starts, position) - 1
    return at >= 0 and position < ends[at]


def stretch(
    edition: Edition, book: Book, glyphs: Sequence[int]
) -> tuple[str | None, int | None, int | None]:
    """The words of a source from the first to the last of some glyphs; nothing for none. The text
    is None where no source is at hand to take it from.
    """
    if not glyphs:
        return None, None, None
    spans = [*map(book.spans.__getitem__, glyphs)]
    start, end = min(spans)[0], max(map(_end, spans))
    if source := edition.texts.get(witness(book, glyphs[0])):
        return source[start:end], start, end
    entry = book.entry[glyphs[0]]
    if entry != NONE:
        row = edition.entries[entry]
        return row.text[start - row.start : end - row.start], start, end
    return None, start, end


def plain(words: str) -> str:
    """Words as they are compared: without signs, traditional, variants folded."""
    return folded(to_traditional(re.sub(r"\W", "", words)))


def changed(side: Side, glyphs: Sequence[int], signs: Sequence[Span]) -> tuple[str, ...]:
    """Glyphs and signs as stretches of their source: 120:122."""
    spans = sorted({*map(side.book.spans.__getitem__, glyphs), *signs})
    found: list[str] = []
    first = last = -1
    for start, end in (*spans, (sys.maxsize, 0)):
        if start > last:
            if last >= 0:
                found.append(f"{first}:{last}")
            first, last = start, end
        elif end > last:
            last = end
    return tuple(found)
