"""What a difference says: its kind and rows, the words of both sides and what of them differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from pipeline.compare import kinds
from pipeline.compare.book import Span
from pipeline.compare.difference import RANK, Kind, Spans
from pipeline.compare.divide import columns_in, is_note, of_prose, readings_in
from pipeline.compare.doses import voice_of
from pipeline.compare.found import Extent, Found, Row, Said, Stretch
from pipeline.compare.kinds import READ_NUMBERS, Sides
from pipeline.compare.places import Owned, Place, Writing
from pipeline.compare.reasons import steps
from pipeline.compare.sides import WORDS, Side, section, sections, shown_value, stretch
from pipeline.model import Entry, Reading


def together(sides: Sides, places: Sequence[Place]) -> Found:
    """One difference: its gravest kind, and its rows."""
    rows: dict[str, Row] = {}
    found: list[Kind] = []
    for place in places:
        own, kind = _of_place(sides, place)
        found.append(kind)
        for row in own:
            rows[row.field] = _joined(rows[row.field], row) if row.field in rows else row
    return Found(
        min(found, key=RANK.__getitem__),
        list(rows.values()),
        Extent(
            [g for p in places for g in p.a],
            [g for p in places for g in p.b],
            [sign for p in places for sign in p.signs_a],
            [sign for p in places for sign in p.signs_b],
        ),
        all(p.beyond for p in places),
    )


def _joined(one: Row, other: Row) -> Row:
    """Two places of one value in one row."""
    return replace(
        one,
        a=replace(one.a, marks=_union(one.a.marks, other.a.marks)),
        b=replace(one.b, marks=_union(one.b.marks, other.b.marks)),
    )


def _union(one: Spans, other: Spans) -> Spans:
    return tuple(sorted({*one, *other}))


def _of_place(sides: Sides, place: Place) -> tuple[list[Row], Kind]:
    """The rows of a place and what it means."""
    if place.stream.inset and is_note(place):
        return _note_alone(sides, place)
    touched = columns_in(sides, place) if sides.one and sides.other else []
    heard = {} if touched and not place.stream.inset else readings_in(sides, place)
    words = kinds.in_words(sides, place, [*touched, *heard])
    rows: list[Row] = []
    found: list[Kind] = []
    for name in touched:
        row = _column(sides, place, name)
        if row:
            rows.append(row)
            found.append(words if name in WORDS else kinds.in_value(sides, name))
    for name, (x, y) in heard.items():
        row = _reading(sides, place, name, x, y)
        if row:
            rows.append(row)
            found.append(_read_kind(name, x, y, words))
    if not rows:
        return [_text(sides, place)], of_prose(sides, place, words)
    return rows, "lost" if words == "lost" else min(found, key=RANK.__getitem__)


def _note_alone(sides: Sides, place: Place) -> tuple[list[Row], Kind]:
    side, glyphs = (sides.a, place.a) if place.a else (sides.b, place.b)
    note = side.edition.notes[side.book.note[glyphs[0]]]
    said = Said(note.text, ((0, len(note.text)),), (note.text, note.start, note.end), note.note_id)
    labels = [side.readings[g][0].source for g in glyphs if g in side.readings]
    source = labels[0] if labels else None
    if place.a:
        return [Row("note", said, Said(), source)], "only_a"
    return [Row("note", Said(), said, source)], "only_b"


def _column(sides: Sides, place: Place, name: str) -> Row | None:
    """A row for a column of entries, where it says something else for a place."""
    assert sides.one
    assert sides.other
    said = []
    for side, entry, glyphs in ((sides.a, sides.one, place.a), (sides.b, sides.other, place.b)):
        value = shown_value(entry, name)
        marks = _marks(side, entry, name, glyphs) if name in WORDS else all_of(value)
        said.append(Said(value, marks, spoken(side, entry, name)))
    if name in WORDS:
        return Row(name, said[0], said[1]) if said[0].marks or said[1].marks else None
    pair = unlike(sides, name, said)
    return Row(name, *pair, voice_of(sides, name)) if kinds.differ(sides, name) else None


def all_of(value: str | None) -> Spans:
    """The whole of a value."""
    return ((0, len(value)),) if value else ()


def unlike(sides: Sides, name: str, said: Sequence[Said]) -> tuple[Said, Said]:
    """Of a list of channels only those are marked that the other has not."""
    one, other = said
    if name != "channels":
        return one, other
    assert sides.one
    assert sides.other
    return (
        replace(one, marks=_members(sides.one.channels, sides.other.channels)),
        replace(other, marks=_members(sides.other.channels, sides.one.channels)),
    )


def _members(own: Sequence[str], other: Sequence[str]) -> Spans:
    found = []
    at = 0
    for member in own:
        if member not in other:
            found.append((at, at + len(member)))
        at += len(member) + 1
    return tuple(found)


def _marks(side: Side, entry: Entry, name: str, glyphs: Iterable[int]) -> Spans:
    """Where in a value of words some glyphs of its entry stand."""
    wanted = {*glyphs}
    if not wanted:
        return ()
    number = side.book.entry[next(iter(wanted))]
    value = side.values[number, name]
    ends = [0]
    for written in value.written:
        ends.append(ends[-1] + len(written))
    found: list[list[int]] = []
    for n, g in side.shown_in(number, name):
        if g in wanted:
            start, end = ends[n], ends[n] + len(side.book.written[g])
            if found and found[-1][1] == start:
                found[-1][1] = min(end, ends[n + 1])
            else:
                found.append([start, min(end, ends[n + 1])])
    return tuple((a, b) for a, b in found)


def spoken(side: Side, entry: Entry, name: str) -> Stretch:
    """The words that a column of an entry was read from: text, start and end in the source."""
    claims = side.edition.claims.get((entry.entry_id, name), ())
    inside = [c for c in claims if entry.start <= c.start and c.end <= entry.end]
    if inside:
        start, end = min(c.start for c in inside), max(c.end for c in inside)
        return entry.text[start - entry.start : end - entry.start], start, end
    return (claims[0].text, claims[0].start, claims[0].end) if claims else (None, None, None)


def _reading(
    sides: Sides, place: Place, name: str, x: Reading | None, y: Reading | None
) -> Row | None:
    """A row for what a note says, where it says something else for a place."""
    source = (x or y).source or None  # type: ignore[union-attr]
    said = []
    for side, reading, which in ((sides.a, x, 0), (sides.b, y, 1)):
        said.append(_heard_of(side, place, name, reading, which))
    if (name in READ_NUMBERS or name == "channels") and said[0].value == said[1].value:
        return None
    return Row(name, said[0], said[1], source)


def _heard_of(side: Side, place: Place, name: str, reading: Reading | None, which: int) -> Said:
    if reading is None:
        return Said()
    steps = (step[which] for step in place.stream.steps)
    words = [g for g in steps if g is not None and side.readings.get(g) == (reading, name)]
    own = {*(place.a, place.b)[which]}
    written = quoted(side, words, own) if words else Said(reading.value)
    note = reading.note_id
    if name in READ_NUMBERS or name == "channels":
        return Said(reading.value, all_of(reading.value), written.words, note)
    return replace(written, note=note)


def _read_kind(name: str, x: Reading | None, y: Reading | None, words: Kind) -> Kind:
    if name in READ_NUMBERS:
        return "forbidden" if "forbidden" in {r.value for r in (x, y) if r} else "numeric"
    return "channel" if name == "channels" else words


CONTEXT = 6
"""So many glyphs are shown on each side of words that no column holds."""


def _text(sides: Sides, place: Place) -> Row:
    """A row for words that no column holds, with what stands beside them."""
    said = []
    for which, side in enumerate((sides.a, sides.b)):
        before, behind = place.around(which, CONTEXT)
        own = (place.a, place.b)[which]
        words = [*before, *own, *behind]
        said.append(quoted(side, words, {*own}) if words else Said())
    return Row("text", said[0], said[1])


def quoted(side: Side, glyphs: Sequence[int], marked: set[int]) -> Said:
    """Words as they are written, with the signs between them, some of them marked."""
    found: list[list[int]] = []
    parts: list[str] = []
    at = 0
    for g in glyphs:
        written = side.book.printed[g] if g != glyphs[-1] else side.book.written[g]
        if g in marked:
            start = at + written.find(side.book.written[g])
            end = start + len(side.book.written[g])
            if found and g - 1 in marked and found[-1][1] <= start:
                found[-1][1] = end
            else:
                found.append([start, end])
        parts.append(written)
        at += len(written)
    return Said(
        "".join(parts),
        tuple((a, b) for a, b in found),
        stretch(side.edition, side.book, glyphs),
        _noted(side, glyphs),
    )


def _noted(side: Side, glyphs: Sequence[int]) -> str | None:
    """The note in which some glyphs stand."""
    note = side.book.note[glyphs[0]]
    return side.edition.notes[note].note_id if note >= 0 else None


# --- what is only written otherwise --------------------------------------------------------------


def written_otherwise(sides: Sides, writing: Writing, described: bool) -> Iterator[Found]:
    """Glyphs that are matched as one and written differently, by column or section; and signs.
    Not ``described`` they have no rows.
    """
    groups: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for column, pair in zip(_columns_of(sides, writing), writing.glyphs, strict=True):
        groups[column].append(pair)
    for (name, _), pairs in groups.items():
        a, b = [x for x, _ in pairs], [y for _, y in pairs]
        rows = [_spelled(sides, name, pairs)] if described else []
        yield Found("orthographic", rows, Extent(a, b))
    signs: defaultdict[int, list[tuple[Owned, Owned]]] = defaultdict(list)
    for own, other in writing.signs:
        side, g = (sides.a, own[0][0]) if own else (sides.b, other[0][0])
        signs[0 if sides.one else section(side, g)[0]].append((own, other))
    for group in signs.values():
        own, other = (tuple(s for pair in group for s in pair[k]) for k in (0, 1))
        said = (_punctuated(sides.a, own), _punctuated(sides.b, other)) if described else ()
        rows = [Row("text", *said, None, ("signs",))] if said else []
        yield Found("punctuation", rows, Extent(signs_a=own, signs_b=other))


def _columns_of(sides: Sides, writing: Writing) -> Iterator[tuple[str, int]]:
    """Of each glyph that is written otherwise the column or section of the base that it is in."""
    glyphs = [x for x, _ in writing.glyphs]
    if writing.stream.inset:
        yield from (("note", 0) for _ in glyphs)
    elif sides.one is None:
        yield from (("text", number) for number in sections(sides.a, glyphs))
    else:
        for g in glyphs:
            named = (name for name in sides.a.fields.get(g, ()) if name in WORDS)
            yield next(named, "text"), 0


def _spelled(sides: Sides, name: str, pairs: Sequence[tuple[int, int]]) -> Row:
    """A row for glyphs that are written otherwise: the value they stand in, or they alone."""
    said = []
    a, b = zip(*pairs, strict=True)
    for side, entry, glyphs in ((sides.a, sides.one, a), (sides.b, sides.other, b)):
        if name in WORDS and entry:
            marks = _marks(side, entry, name, glyphs)
            said.append(Said(shown_value(entry, name), marks, spoken(side, entry, name)))
            continue
        value = "、".join(dict.fromkeys(map(side.book.written.__getitem__, glyphs)))
        where = stretch(side.edition, side.book, glyphs)
        said.append(Said(value, all_of(value), where, _noted(side, glyphs)))
    return Row(name, said[0], said[1], None, tuple(dict.fromkeys(_rules(sides, pairs))))


def _punctuated(side: Side, signs: Sequence[tuple[int, Span]]) -> Said:
    """Signs, each behind or before the glyph that it belongs to."""
    if not signs:
        return Said()
    glyphs = list(dict.fromkeys(g for g, _ in signs))
    value = " ".join(map(side.book.printed.__getitem__, glyphs))
    return Said(value, (), stretch(side.edition, side.book, glyphs))


def _rules(sides: Sides, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    """The rules that make two glyphs one, of each pair of them."""
    books = sides.a.book, sides.b.book
    forms = (
        zip(*(map(form.__getitem__, own) for form in (b.written, b.scripted, b.chars)), strict=True)
        for b, own in zip(books, zip(*pairs, strict=True), strict=True)
    )
    for form in dict.fromkeys(chain.from_iterable(zip(*forms, strict=True))):
        yield from steps(*form)
