"""Editions compared: what each difference is, and the rows that say so.

Everything is taken from one alignment (``passages``). A place in which the words differ is one
difference; it has a row for each column that says something else for it. What is only written
otherwise, or in other signs, is one difference for each column, and one for each section of prose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.compare import kinds
from pipeline.compare.align import moved
from pipeline.compare.book import NONE, Book, Span, book
from pipeline.compare.difference import (
    QUIET,
    RANK,
    SEVERITY,
    Changed,
    Collation,
    Difference,
    Kind,
    Spans,
)
from pipeline.compare.doses import voice_of, with_doses
from pipeline.compare.edition import Edition, where
from pipeline.compare.found import Found, Row, Said, Stretch
from pipeline.compare.illnesses import with_illnesses
from pipeline.compare.kinds import FIELDS, READ_NUMBERS, Sides
from pipeline.compare.passages import Passage, passages
from pipeline.compare.places import (
    CLAUSE,
    SENTENCE,
    Moved,
    Owned,
    Place,
    Writing,
    compared,
    narrowed,
    streams,
    transposed,
)
from pipeline.compare.reasons import steps
from pipeline.compare.sides import (
    WORDS,
    Side,
    changed,
    section,
    shown_value,
    side_of,
    stretch,
)
from pipeline.model import Entry, Reading


def collate(editions: Sequence[Edition], every: bool = False) -> Collation:
    """Compare every edition with the first; ``every``: what is the same is listed, too.

    The differences are sorted by kind, most severe first, and then as they stand in the first.
    """
    books = tuple(book(edition) for edition in editions)
    sides = [side_of(edition, b) for edition, b in zip(editions, books, strict=True)]
    found = tuple(passages(editions, books))
    ordered: list[tuple[tuple[int, bool, int, int, int], Sides, Found]] = []
    for n, side in enumerate(sides[1:], 1):
        transposed_entries = _moved_entries(found, n)
        for at, passage in enumerate(found):
            both = _both(sides[0], side, passage, n)
            for k, one in enumerate(_differences(both, passage, n, at in transposed_entries)):
                gap = one.rows[0].a.value is None or one.rows[0].b.value is None
                ordered.append(((RANK[one.kind], gap, at, n, k), both, one))
            if every:
                for k, one in enumerate(_same(both, passage, n)):
                    ordered.append(((RANK["same"], False, at, n, k), both, one))
    ordered.sort(key=lambda item: item[0])
    return _numbered_all(tuple(editions), books, found, ordered)


Ordered = Sequence[tuple[tuple[int, bool, int, int, int], Sides, "Found"]]


def _numbered_all(
    editions: tuple[Edition, ...],
    books: tuple[Book, ...],
    found: tuple[Passage, ...],
    ordered: Ordered,
) -> Collation:
    """The differences, numbered as they are ordered, as rows and by the glyphs they are in."""
    rows: list[Difference] = []
    marks: list[tuple[Spans, Spans]] = []
    changes = tuple(Changed() for _ in editions)
    named: dict[int, str] = {}
    owners: dict[int, int] = {}
    whole: defaultdict[int, list[int]] = defaultdict(list)
    beyond = {number for number, (_, _, one) in enumerate(ordered, 1) if one.beyond}
    for number, ((_, _, at, n, _), both, one) in enumerate(ordered, 1):
        same = one.kind == "same"
        rows += [_difference(both, one, row, None if same else number) for row in one.rows]
        marks += [(row.a.marks, row.b.marks) for row in one.rows]
        if same:
            continue
        named[number] = one.kind
        owners[number] = n
        changes[n].base.update(dict.fromkeys(one.a, number))
        changes[n].own.update(dict.fromkeys(one.b, number))
        changes[n].base_signs.update((g, number) for g, _ in one.signs_a)
        changes[n].own_signs.update((g, number) for g, _ in one.signs_b)
        if one.rows[0].field == "entry" or not (one.a or one.b or one.signs_a or one.signs_b):
            whole[at].append(number)
    kept = {at: tuple(numbers) for at, numbers in whole.items()}
    return Collation(
        editions,
        tuple(rows),
        tuple(marks),
        books,
        found,
        changes,
        named,
        owners,
        kept,
        frozenset(beyond),
    )


def _both(a: Side, b: Side, passage: Passage, n: int) -> Sides:
    i, j = passage.entries.get(0), passage.entries.get(n)
    return Sides(
        a,
        b,
        None if i is None else a.edition.entries[i],
        None if j is None else b.edition.entries[j],
    )


def _moved_entries(found: Sequence[Passage], n: int) -> frozenset[int]:
    """The passages whose entries stand in another order; repetitions have none."""
    pairs = {
        (p.entries[0], p.entries[n]): at
        for at, p in enumerate(found)
        if 0 in p.entries and n in p.entries
    }
    return frozenset(pairs[pair] for pair in moved(pairs))


def _differences(sides: Sides, passage: Passage, n: int, elsewhere: bool) -> Iterator[Found]:
    if passage.entries and (sides.one is None or sides.other is None):
        if sides.one or sides.other:
            yield _whole(sides, passage, n)
        return
    if not {0, n} <= passage.members:
        return
    a, b = sides.a.book, sides.b.book
    places: list[Place] = []
    writings: list[Writing] = []
    for stream in streams(passage, n):
        here, writing = compared(stream, a, b)
        places += here
        writings.append(writing)
    places, moves = transposed(places, a, b, CLAUSE if passage.entries else SENTENCE)
    if passage.entries:
        places = [part for place in places for part in _by_column(sides, place)]
    else:
        parts = [part for place in places for part in _by_section(sides, _extent(place))]
        places = list(_with_notes(sides, parts))
    found = [_together(sides, group) for group in _groups(sides, places)]
    found += [_words_moved(sides, move) for move in moves]
    found += _other_values(sides, found)
    found = with_doses(sides, found)
    beside = {x: y for c in passage.body if (x := c[0]) is not None and (y := c[n]) is not None}
    numbers = passage.entries.get(0, NONE), passage.entries.get(n, NONE)
    found = with_illnesses(sides, found, beside, numbers)
    for writing in writings:
        found += _written(sides, writing)
    rest = _notes_moved(sides, passage, n)
    if elsewhere:
        rest.append(_whole(sides, passage, n))
    yield from found
    yield from _left(sides, found, rest)


# --- whole entries -------------------------------------------------------------------------------


def _whole(sides: Sides, passage: Passage, n: int) -> Found:
    """An entry that one side has alone, or that stands elsewhere."""
    one, other = sides.one, sides.other
    kind: Kind = "moved" if one and other else "only_a" if one else "only_b"
    if kind != "moved" and (one or other).duplicate_of is not None:  # type: ignore[union-attr]
        kind = "duplicate"
    glyphs = [
        [g for s in streams(passage, n) for step in s.steps if (g := step[k]) is not None]
        for k in (0, 1)
    ]
    row = Row("entry", _numbered(one), _numbered(other))
    a, b = glyphs[0] if one else [], glyphs[1] if other else []
    return Found(kind, [row], a, b, _signs(sides.a, a), _signs(sides.b, b))


def _numbered(entry: Entry | None) -> Said:
    if entry is None:
        return Said()
    number = "" if entry.section is None else f"{entry.section}."
    return Said(f"{number}{entry.seq}", (), (entry.text, entry.start, entry.end))


def _signs(side: Side, glyphs: Iterable[int]) -> list[tuple[int, Span]]:
    return [
        (g, (sign.start, sign.end))
        for g in glyphs
        for signs in (side.book.before.get(g, ()), side.book.after.get(g, ()))
        for sign in signs
    ]


# --- places --------------------------------------------------------------------------------------

PASSAGE = 20
"""Prose of so many glyphs that one side has alone is a passage, not a word."""


def _by_column(sides: Sides, place: Place) -> Iterator[Place]:
    """A place in an entry that runs over several columns is one for each; a lost line is one."""
    if place.stream.inset or kinds.in_words(sides, place, _touched(sides, place)) == "lost":
        yield place
        return
    parts: dict[str, tuple[list[int], list[int]]] = {}
    for which, (side, own) in enumerate(((sides.a, place.a), (sides.b, place.b))):
        label, waiting = "", []
        for g in own:
            named = next((name for name in FIELDS if name in side.fields.get(g, ())), "")
            label = DOSE.get(named, named) or label
            waiting.append(g)
            if label:
                parts.setdefault(label, ([], []))[which].extend(waiting)
                waiting = []
        if waiting:
            parts.setdefault("", ([], []))[which].extend(waiting)
    if len(parts) < 2:
        yield place
        return
    for a, b in parts.values():
        yield narrowed(place, a, b)


def _extent(place: Place) -> Place:
    """A place, and whether it lies beyond what the other side has: a book beside one juan of it."""
    steps, (own, other) = place.stream.steps, sorted((len(place.a), len(place.b)))
    edge = place.start == 0 or place.end == len(steps)
    return replace(place, beyond=edge and not own and other >= PASSAGE and not place.stream.inset)


def _with_notes(sides: Sides, places: Sequence[Place]) -> Iterator[Place]:
    """The places of prose; a note inside a passage that one side has alone is part of it."""
    owner: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for k, place in enumerate(places):
        if not place.stream.inset and _of_prose(sides, place, "substantive") != "substantive":
            owner[0].update(dict.fromkeys(place.a, k))
            owner[1].update(dict.fromkeys(place.b, k))
    more: defaultdict[int, list[Place]] = defaultdict(list)
    rest: list[int] = []
    for k, place in enumerate(places):
        which = 0 if place.a else 1
        side, own = (sides.a, sides.b)[which], (place.a, place.b)[which]
        at = owner[which].get(_before(side.book, own[0])) if place.stream.inset else None
        if at is not None and _alone(place):
            more[at].append(place)
        else:
            rest.append(k)
    for k in rest:
        place = places[k]
        a = tuple(sorted((*place.a, *(g for p in more[k] for g in p.a))))
        b = tuple(sorted((*place.b, *(g for p in more[k] for g in p.b))))
        signs_a = (*place.signs_a, *(s for p in more[k] for s in p.signs_a))
        signs_b = (*place.signs_b, *(s for p in more[k] for s in p.signs_b))
        yield replace(place, a=a, b=b, signs_a=signs_a, signs_b=signs_b)


def _before(glyphs: Book, g: int) -> int:
    """The glyph of the prose before one in a note."""
    while g >= 0 and (glyphs.note[g] != NONE or glyphs.entry[g] != NONE):
        g -= 1
    return g


def _by_section(sides: Sides, place: Place) -> Iterator[Place]:
    """A place in prose; what one side has alone goes by its sections, and two texts are two."""
    if place.stream.inset or max(len(place.a), len(place.b)) < PASSAGE:
        yield place
        return
    if min(len(place.a), len(place.b)) >= PASSAGE:
        yield from _by_section(sides, _half(place, 0))
        yield from _by_section(sides, _half(place, 1))
        return
    which = 0 if len(place.a) >= len(place.b) else 1
    side = (sides.a, sides.b)[which]
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for g in (place.a, place.b)[which]:
        parts[section(side, g)[0]].append(g)
    if len(parts) < 2:
        yield place
        return
    for k, part in enumerate(parts.values()):
        yield _only(place, which, part, k == 0)


def _half(place: Place, which: int) -> Place:
    return _only(place, which, (place.a, place.b)[which], False)


def _only(place: Place, which: int, glyphs: Sequence[int], rest: bool) -> Place:
    """Some glyphs of one side of a place, and what the other side has, or nothing of it."""
    own = {*glyphs}
    a, b = place.a if rest else (), place.b if rest else ()
    signs_a, signs_b = (place.signs_a, place.signs_b) if rest else ((), ())
    if which == 0:
        a, signs_a = tuple(glyphs), tuple(s for s in place.signs_a if s[0] in own)
    else:
        b, signs_b = tuple(glyphs), tuple(s for s in place.signs_b if s[0] in own)
    return replace(place, a=a, b=b, signs_a=signs_a, signs_b=signs_b)


def _groups(sides: Sides, places: Sequence[Place]) -> list[list[Place]]:
    """Places that change one value are one difference: two numerals of a dose, 禁 and 三壯."""
    owner: dict[object, int] = {}
    groups: list[list[Place]] = []
    for place in places:
        keys = _values_of(sides, place)
        known = sorted({owner[key] for key in keys if key in owner})
        into = known[0] if known else len(groups)
        if not known:
            groups.append([])
        groups[into].append(place)
        for other in known[1:]:
            groups[into] += groups[other]
            groups[other] = []
            owner.update({key: into for key, at in owner.items() if at == other})
        owner.update(dict.fromkeys(keys, into))
    return [group for group in groups if group]


DOSE = {
    "depth_min_fen": "needling",
    "depth_max_fen": "needling",
    "needling_forbidden": "needling",
    "moxa_min": "moxa",
    "moxa_max": "moxa",
    "moxa_forbidden": "moxa",
}
"""Columns that state one dose."""


def _values_of(sides: Sides, place: Place) -> set[object]:
    """The values that a place changes, each of which is one whatever words say it."""
    if sides.one and sides.other and not place.stream.inset:
        found: set[object] = set()
        for name in _touched(sides, place):
            if name not in WORDS and kinds.differ(sides, name):
                ban = sides.one.needling_forbidden != sides.other.needling_forbidden
                found.add(
                    "needling" if ban and name == "retention_breaths" else DOSE.get(name, name)
                )
        return found
    return {
        (reading.reading_id, name)
        for pair in _heard(sides, place).items()
        for name, reading in [(pair[0], pair[1][0] or pair[1][1])]
        if reading and (name in READ_NUMBERS or name == "channels")
    }


def _touched(sides: Sides, place: Place) -> list[str]:
    """The columns that were read from the glyphs of a place."""
    named = {name for g in place.a for name in sides.a.fields.get(g, ())}
    named |= {name for g in place.b for name in sides.b.fields.get(g, ())}
    return [name for name in FIELDS if name in named]


Heard = tuple[Reading | None, Reading | None]


def _heard(sides: Sides, place: Place) -> dict[str, Heard]:
    """The readings that a place is in, by their field: that of each side."""
    own: list[dict[str, Reading]] = []
    beside: list[dict[str, Reading]] = []
    for which, side in enumerate((sides.a, sides.b)):
        before, behind = place.around(which, 1)
        noted = bool(place.stream.inset)
        own.append(_labels(side, (place.a, place.b)[which], noted))
        beside.append(_labels(side, (*before, *behind), noted))
    return {
        name: (
            own[0].get(name) or beside[0].get(name),
            own[1].get(name) or beside[1].get(name),
        )
        for name in {**own[0], **own[1]}
    }


def _labels(side: Side, glyphs: Iterable[int], noted: bool) -> dict[str, Reading]:
    """The readings of glyphs by field; in running text without those of notes that stand in it."""
    found: dict[str, Reading] = {}
    for g in glyphs:
        if g in side.readings and (noted or side.book.note[g] == NONE):
            reading, name = side.readings[g]
            found.setdefault(name, reading)
    return found


def _together(sides: Sides, places: Sequence[Place]) -> Found:
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
        [g for p in places for g in p.a],
        [g for p in places for g in p.b],
        [sign for p in places for sign in p.signs_a],
        [sign for p in places for sign in p.signs_b],
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
    if place.stream.inset and _alone(place):
        return _note_alone(sides, place)
    touched = _touched(sides, place) if sides.one and sides.other else []
    heard = {} if touched and not place.stream.inset else _heard(sides, place)
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
        return [_text(sides, place)], _of_prose(sides, place, words)
    return rows, "lost" if words == "lost" else min(found, key=RANK.__getitem__)


def _of_prose(sides: Sides, place: Place, words: Kind) -> Kind:
    """A passage of prose that one side has alone is more than another word."""
    if sides.one or place.stream.inset or words == "lost" or (place.a and place.b):
        return words
    which = 0 if place.a else 1
    side, own = (sides.a, sides.b)[which], place.a or place.b
    whole: Kind = "only_b" if which else "only_a"
    if len(own) < PASSAGE:
        return whole if kinds.title_alone(side, own) else words
    return "lost" if kinds.torn((sides.b, sides.a)[which], place, 1 - which) else whole


def _alone(place: Place) -> bool:
    """Whether a place is a whole note that the other side has not."""
    steps = place.stream.steps
    return len(steps) == len(place.a) + len(place.b) and not (place.a and place.b)


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
        marks = _marks(side, entry, name, glyphs) if name in WORDS else _all(value)
        said.append(Said(value, marks, spoken(side, entry, name)))
    if name in WORDS:
        return Row(name, said[0], said[1]) if said[0].marks or said[1].marks else None
    pair = _unlike(sides, name, said)
    return Row(name, *pair, voice_of(sides, name)) if kinds.differ(sides, name) else None


def _all(value: str | None) -> Spans:
    return ((0, len(value)),) if value else ()


def _unlike(sides: Sides, name: str, said: Sequence[Said]) -> tuple[Said, Said]:
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
    written = _quoted(side, words, own) if words else Said(reading.value)
    note = reading.note_id
    if name in READ_NUMBERS or name == "channels":
        return Said(reading.value, _all(reading.value), written.words, note)
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
        said.append(_quoted(side, words, {*own}) if words else Said())
    return Row("text", said[0], said[1])


def _quoted(side: Side, glyphs: Sequence[int], marked: set[int]) -> Said:
    """Words as they are written, with the signs between them, some of them marked."""
    found: list[list[int]] = []
    parts: list[str] = []
    at = 0
    for g in glyphs:
        written = side.book.text([g]) if g != glyphs[-1] else side.book.written[g]
        if g in marked:
            start = at + written.find(side.book.written[g])
            end = start + len(side.book.written[g])
            if found and g - 1 in marked and found[-1][1] <= start:
                found[-1][1] = end
            else:
                found.append([start, end])
        parts.append(written)
        at += len(written)
    note = side.book.note[glyphs[0]]
    noted = side.edition.notes[note].note_id if note >= 0 else None
    return Said(
        "".join(parts),
        tuple((a, b) for a, b in found),
        stretch(side.edition, side.book, glyphs),
        noted,
    )


# --- what stands elsewhere, what no place shows --------------------------------------------------


def _words_moved(sides: Sides, move: Moved) -> Found:
    a, b = move.one.a, move.other.b
    row = Row("text", _quoted(sides.a, a, {*a}), _quoted(sides.b, b, {*b}))
    return Found("moved", [row], [*a], [*b], [*move.one.signs_a], [*move.other.signs_b])


def _left(sides: Sides, found: Iterable[Found], rest: Iterable[Found]) -> Iterator[Found]:
    """What stands elsewhere as a whole, without the glyphs and signs that differ besides."""
    glyphs: tuple[set[int], set[int]] = (set(), set())
    signs: tuple[set[Span], set[Span]] = (set(), set())
    for one in found:
        glyphs[0].update(one.a)
        glyphs[1].update(one.b)
        signs[0].update(span for _, span in one.signs_a)
        signs[1].update(span for _, span in one.signs_b)
    for one in rest:
        own, other = _signs(sides.a, one.a), _signs(sides.b, one.b)
        one.signs_a = [s for s in own if s[1] not in signs[0]]
        one.signs_b = [s for s in other if s[1] not in signs[1]]
        one.a = [g for g in one.a if g not in glyphs[0]]
        one.b = [g for g in one.b if g not in glyphs[1]]
        glyphs[0].update(one.a)
        glyphs[1].update(one.b)
        signs[0].update(span for _, span in one.signs_a)
        signs[1].update(span for _, span in one.signs_b)
        yield one


def _notes_moved(sides: Sides, passage: Passage, n: int) -> list[Found]:
    """Notes that both have, in another place."""
    found = []
    for inset in passage.insets:
        spots = [{*editions} for _, editions in inset.spots()]
        if {0, n} <= {*inset.members} and not any({0, n} <= spot for spot in spots):
            glyphs = [[g for c in inset.columns if (g := c[k]) is not None] for k in (0, n)]
            said = [
                _quoted(side, own, set())
                for side, own in zip((sides.a, sides.b), glyphs, strict=True)
            ]
            labels = [sides.a.readings[g][0].source for g in glyphs[0] if g in sides.a.readings]
            row = Row("note", said[0], said[1], labels[0] if labels else None)
            found.append(Found("moved", [row], glyphs[0], glyphs[1]))
    return found


def _other_values(sides: Sides, found: Sequence[Found]) -> list[Found]:
    """Values that differ although no words of the entry do: what stands elsewhere says them."""
    if sides.one is None or sides.other is None:
        return []
    told = {row.field for one in found for row in one.rows}
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for name in FIELDS:
        if name not in WORDS and name not in told and kinds.differ(sides, name):
            said = [
                Said(value := shown_value(entry, name), _all(value), spoken(side, entry, name))
                for side, entry in ((sides.a, sides.one), (sides.b, sides.other))
            ]
            pair = _unlike(sides, name, said)
            rows[DOSE.get(name, name)].append(Row(name, *pair, voice_of(sides, name)))
    return [
        Found(min((kinds.in_value(sides, r.field) for r in group), key=RANK.__getitem__), group)
        for group in rows.values()
    ]


# --- what is only written otherwise --------------------------------------------------------------


def _written(sides: Sides, writing: Writing) -> Iterator[Found]:
    """Glyphs that are matched as one and written differently, by column or section; and signs."""
    groups: defaultdict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for x, y in writing.glyphs:
        groups[_column_of(sides, writing, x)].append((x, y))
    for (name, _), pairs in groups.items():
        a, b = [x for x, _ in pairs], [y for _, y in pairs]
        row = _spelled(sides, name, a, b)
        rules = tuple(dict.fromkeys(rule for pair in pairs for rule in _rules(sides, *pair)))
        yield Found("orthographic", [replace(row, rules=rules)], a, b)
    signs: defaultdict[int, list[tuple[Owned, Owned]]] = defaultdict(list)
    for own, other in writing.signs:
        side, g = (sides.a, own[0][0]) if own else (sides.b, other[0][0])
        signs[0 if sides.one else section(side, g)[0]].append((own, other))
    for group in signs.values():
        own, other = (tuple(s for pair in group for s in pair[k]) for k in (0, 1))
        row = Row("text", _punctuated(sides.a, own), _punctuated(sides.b, other), None, ("signs",))
        yield Found("punctuation", [row], [], [], [*own], [*other])


def _column_of(sides: Sides, writing: Writing, glyph: int) -> tuple[str, int]:
    if writing.stream.inset:
        return "note", 0
    if sides.one is None:
        return "text", section(sides.a, glyph)[0]
    named = [name for name in sides.a.fields.get(glyph, ()) if name in WORDS]
    return (named[0] if named else "text"), 0


def _spelled(sides: Sides, name: str, a: Sequence[int], b: Sequence[int]) -> Row:
    """A row for glyphs that are written otherwise: the value they stand in, or they alone."""
    said = []
    for side, entry, glyphs in ((sides.a, sides.one, a), (sides.b, sides.other, b)):
        if name in WORDS and entry:
            marks = _marks(side, entry, name, glyphs)
            said.append(Said(shown_value(entry, name), marks, spoken(side, entry, name)))
            continue
        distinct = list(dict.fromkeys(side.book.written[g] for g in glyphs))
        value = "、".join(distinct)
        note = side.book.note[glyphs[0]]
        noted = side.edition.notes[note].note_id if note >= 0 else None
        said.append(Said(value, _all(value), stretch(side.edition, side.book, glyphs), noted))
    return Row(name, said[0], said[1])


def _punctuated(side: Side, signs: Sequence[tuple[int, Span]]) -> Said:
    """Signs, each behind or before the glyph that it belongs to."""
    if not signs:
        return Said()
    glyphs = list(dict.fromkeys(g for g, _ in signs))
    value = " ".join(side.book.text([g]) for g in glyphs)
    return Said(value, (), stretch(side.edition, side.book, glyphs))


def _rules(sides: Sides, x: int, y: int) -> Iterator[str]:
    """The rules that make two glyphs one."""
    for book_, g in ((sides.a.book, x), (sides.b.book, y)):
        yield from steps(book_.written[g], book_.scripted[g], book_.chars[g])


def _same(sides: Sides, passage: Passage, n: int) -> Iterator[Found]:
    """The columns of an entry that say the same, and are written alike."""
    if sides.one is None or sides.other is None:
        return
    for name in FIELDS:
        if shown_value(sides.one, name) == shown_value(sides.other, name):
            said = [
                Said(shown_value(entry, name), (), spoken(side, entry, name))
                for side, entry in ((sides.a, sides.one), (sides.b, sides.other))
            ]
            yield Found("same", [Row(name, said[0], said[1])])


# --- rows of the table ---------------------------------------------------------------------------


def _difference(sides: Sides, one: Found, row: Row, number: int | None) -> Difference:
    entry = sides.one or sides.other
    text_a, start_a, end_a = row.a.words
    text_b, start_b, end_b = row.b.words
    witness_a, place_a = _place(sides.a, sides.one, one.a, start_a)
    witness_b, place_b = _place(sides.b, sides.other, one.b, start_b)
    return Difference(
        code=next((e.code for e in (sides.one, sides.other) if e and e.code), None),
        name=next((e.name for e in (sides.one, sides.other) if e and e.name), None),
        field=row.field,
        kind=one.kind,
        severity=SEVERITY[one.kind],
        value_a=row.a.value,
        value_b=row.b.value,
        text_a=text_a,
        text_b=text_b,
        entry_a=sides.one.entry_id if sides.one else None,
        entry_b=sides.other.entry_id if sides.other else None,
        start_a=start_a,
        end_a=end_a,
        start_b=start_b,
        end_b=end_b,
        witness_a=witness_a,
        witness_b=witness_b,
        place_a=place_a,
        place_b=place_b,
        rules=row.rules,
        difference=number,
        source=row.source,
        section=_section(sides, one, entry),
        note_a=row.a.note,
        note_b=row.b.note,
        changed_a=changed(sides.a, one.a, [span for _, span in one.signs_a]),
        changed_b=changed(sides.b, one.b, [span for _, span in one.signs_b]),
    )


def _place(
    side: Side, entry: Entry | None, glyphs: Sequence[int], start: int | None
) -> tuple[str, str | None]:
    """Witness and place of a row in one side; of words that are not said, that of the entry."""
    if entry:
        return entry.witness, where(side.edition, entry.witness, start or entry.start, entry)
    if start is None:
        return side.edition.label, None
    if not glyphs:
        return side.edition.label, where(
            side.edition, next(iter(side.edition.witnesses)), start, None
        )
    siglum = side.witness(glyphs[0])
    return siglum, where(side.edition, siglum, side.book.spans[glyphs[0]][0], None)


def _section(sides: Sides, one: Found, entry: Entry | None) -> str | None:
    if entry:
        return None if entry.section is None else str(entry.section)
    for side, glyphs, signs in (
        (sides.a, one.a or one.stands[0], one.signs_a),
        (sides.b, one.b or one.stands[1], one.signs_b),
    ):
        if glyphs or signs:
            return section(side, glyphs[0] if glyphs else signs[0][0])[1] or None
    return None


def differs(collation: Collation) -> bool:
    """Whether there is any difference beyond writing and signs, in what both editions have."""
    return any(
        d.kind not in QUIET and d.difference not in collation.beyond for d in collation.differences
    )
