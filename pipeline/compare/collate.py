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
from pipeline.compare.divide import by_column, by_section, extent, united, with_notes
from pipeline.compare.doses import voice_of, with_doses
from pipeline.compare.edition import Edition, where
from pipeline.compare.found import Extent, Found, Row, Said
from pipeline.compare.illnesses import with_illnesses
from pipeline.compare.kinds import FIELDS, Sides
from pipeline.compare.order import NOWHERE, Pairs, elsewhere, transposed_note
from pipeline.compare.passages import Passage, passages
from pipeline.compare.places import (
    CLAUSE,
    SENTENCE,
    Begins,
    Moved,
    Place,
    Writing,
    compared,
    streams,
    transposed,
)
from pipeline.compare.said import all_of, quoted, spoken, together, unlike, written_otherwise
from pipeline.compare.sides import WORDS, Side, changed, section, shown_value, side_of
from pipeline.knowledge.acts import ACT_OF
from pipeline.model import Entry


def collate(editions: Sequence[Edition], every: bool = False) -> Collation:
    """Compare every edition with the first; ``every``: what is the same is listed, too.

    The differences are sorted by kind, most severe first, and then as they stand in the first.
    """
    return collated([prepared(edition) for edition in editions], every)


def prepared(edition: Edition) -> Side:
    """An edition as it is compared with others; its normalized texts are in its book."""
    return side_of(replace(edition, layers={}), book(edition))


def collated(sides: Sequence[Side], every: bool = False, described: bool = True) -> Collation:
    """The same of editions that are prepared already. ``described``: what is only written otherwise
    has rows; else it is counted.
    """
    editions, books = [side.edition for side in sides], tuple(side.book for side in sides)
    found = tuple(passages(editions, books))
    ordered: list[tuple[tuple[int, bool, int, int, int], Sides, Found]] = []
    for n, side in enumerate(sides[1:], 1):
        others, prose, begins = elsewhere(found, sides[0], side, n)
        for at, passage in enumerate(found):
            both = _both(sides[0], side, passage, n)
            rest = [_whole(both, passage, n)] if at in others else []
            where = NOWHERE if passage.entries else begins
            if not passage.entries:
                rest += [_prose_moved(both, run) for run in prose]
            for k, one in enumerate(_differences(both, passage, n, rest, where, described)):
                gap = any(None in (row.a.value, row.b.value) for row in one.rows[:1])
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
        changes[n].base.update(dict.fromkeys(one.own.a, number))
        changes[n].own.update(dict.fromkeys(one.own.b, number))
        changes[n].base_signs.update((g, number) for g, _ in one.own.signs_a)
        changes[n].own_signs.update((g, number) for g, _ in one.own.signs_b)
        if any(one.stands) or not _own(one) or any(r.field == "entry" for r in one.rows[:1]):
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


def _own(found: Found) -> bool:
    """Whether a difference has glyphs or signs of its own."""
    own = found.own
    return bool(own.a or own.b or own.signs_a or own.signs_b)


def _both(a: Side, b: Side, passage: Passage, n: int) -> Sides:
    i, j = passage.entries.get(0), passage.entries.get(n)
    return Sides(
        a,
        b,
        None if i is None else a.edition.entries[i],
        None if j is None else b.edition.entries[j],
    )


def _differences(
    sides: Sides,
    passage: Passage,
    n: int,
    others: Iterable[Found],
    begins: Begins,
    described: bool,
) -> Iterator[Found]:
    """The differences of a passage; ``others`` are those of what stands elsewhere as a whole."""
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
        here, writing = compared(stream, a, b, begins)
        places += here
        writings.append(writing)
    places, moves = transposed(places, a, b, CLAUSE if passage.entries else SENTENCE)
    if passage.entries:
        places = [part for place in places for part in by_column(sides, place)]
    else:
        parts = [part for place in places for part in by_section(sides, extent(place))]
        places = list(with_notes(sides, parts))
    found = [together(sides, group) for group in united(sides, places)]
    found += [_words_moved(sides, move) for move in moves]
    found += _other_values(sides, found)
    found = with_doses(sides, found)
    numbers = passage.entries.get(0, NONE), passage.entries.get(n, NONE)
    found = with_illnesses(sides, found, [(c[0], c[n]) for c in passage.body], numbers)
    for writing in writings:
        found += written_otherwise(sides, writing, described)
    yield from found
    if rest := [*_notes_moved(sides, passage, n), *others]:
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
    return Found(kind, [row], Extent(a, b, _signs(sides.a, a), _signs(sides.b, b)))


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


# --- what stands elsewhere, what no place shows --------------------------------------------------


def _words_moved(sides: Sides, move: Moved) -> Found:
    a, b = move.one.a, move.other.b
    row = Row("text", quoted(sides.a, a, {*a}), quoted(sides.b, b, {*b}))
    return Found("moved", [row], Extent(a, b, move.one.signs_a, move.other.signs_b))


def _prose_moved(sides: Sides, run: Pairs) -> Found:
    """Prose that is the same, and stands on another side of entries."""
    a, b = [x for x, _ in run], sorted(y for _, y in run)
    row = Row("text", quoted(sides.a, a, {*a}), quoted(sides.b, b, {*b}))
    own = Extent(a, b, _signs(sides.a, a), _signs(sides.b, b))
    return Found("moved", [row], own, stands=((a[0],), (b[0],)))


def _left(sides: Sides, found: Iterable[Found], rest: Iterable[Found]) -> Iterator[Found]:
    """What stands elsewhere as a whole, without the glyphs and signs that differ besides."""
    glyphs: tuple[set[int], set[int]] = (set(), set())
    signs: tuple[set[Span], set[Span]] = (set(), set())
    for one in found:
        _count_in(one.own, glyphs, signs)
    for one in rest:
        one.own = Extent(
            [g for g in one.own.a if g not in glyphs[0]],
            [g for g in one.own.b if g not in glyphs[1]],
            [s for s in _signs(sides.a, one.own.a) if s[1] not in signs[0]],
            [s for s in _signs(sides.b, one.own.b) if s[1] not in signs[1]],
        )
        _count_in(one.own, glyphs, signs)
        yield one


def _count_in(
    own: Extent, glyphs: tuple[set[int], set[int]], signs: tuple[set[Span], set[Span]]
) -> None:
    glyphs[0].update(own.a)
    glyphs[1].update(own.b)
    signs[0].update(span for _, span in own.signs_a)
    signs[1].update(span for _, span in own.signs_b)


def _notes_moved(sides: Sides, passage: Passage, n: int) -> list[Found]:
    """Notes that both have, in another place."""
    found = []
    for inset in passage.insets:
        if transposed_note(inset, n):
            glyphs = [[g for c in inset.columns if (g := c[k]) is not None] for k in (0, n)]
            said = [
                quoted(side, own, set())
                for side, own in zip((sides.a, sides.b), glyphs, strict=True)
            ]
            labels = [sides.a.readings[g][0].source for g in glyphs[0] if g in sides.a.readings]
            row = Row("note", said[0], said[1], labels[0] if labels else None)
            found.append(Found("moved", [row], Extent(glyphs[0], glyphs[1])))
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
                Said(value := shown_value(entry, name), all_of(value), spoken(side, entry, name))
                for side, entry in ((sides.a, sides.one), (sides.b, sides.other))
            ]
            pair = unlike(sides, name, said)
            rows[ACT_OF.get(name, name)].append(Row(name, *pair, voice_of(sides, name)))
    return [
        Found(min((kinds.in_value(sides, r.field) for r in group), key=RANK.__getitem__), group)
        for group in rows.values()
    ]


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
    witness_a, place_a = _place(sides.a, sides.one, one.own.a, start_a)
    witness_b, place_b = _place(sides.b, sides.other, one.own.b, start_b)
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
        changed_a=changed(sides.a, one.own.a, [span for _, span in one.own.signs_a]),
        changed_b=changed(sides.b, one.own.b, [span for _, span in one.own.signs_b]),
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
        (sides.a, one.own.a or one.stands[0], one.own.signs_a),
        (sides.b, one.own.b or one.stands[1], one.own.signs_b),
    ):
        if glyphs or signs:
            return section(side, glyphs[0] if glyphs else signs[0][0])[1] or None
    return None


def differs(collation: Collation) -> bool:
    """Whether there is any difference beyond writing and signs, in what both editions have."""
    return any(
        d.kind not in QUIET and d.difference not in collation.beyond for d in collation.differences
    )
