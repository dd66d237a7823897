"""From segments to rows: every entry and every note read, what is damaged in them flagged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lark import Tree
from lark.lexer import Token

from pipeline.knowledge.patterns import pattern
from pipeline.model import Diagnostic, EntrySegment, NoteSegment, Result, Segments, Text, join
from pipeline.reading.citations import IN_ENTRIES, Near, read_note
from pipeline.reading.parse import parse, starts, terminal
from pipeline.reading.rows import (
    Home,
    complaints,
    entry_of,
    note_of,
    quoted_doses,
    readings_of,
    voiced,
)
from pipeline.reading.segment import entry_source
from pipeline.reading.statements import Aside, Cut, Head, Lost, Name, Place, PointId, Statement
from pipeline.reading.values import head_values, values_of, whole
from pipeline.reading.voices import spoken
from pipeline.text.layer import lift, span
from pipeline.text.slice import Slice, at


@dataclass(frozen=True, slots=True)
class _Given:
    """What is read: the segments of a text, by which grammar; the words of its entries; where it
    has lost glyphs.
    """

    siglum: str
    segments: Segments
    grammar: str
    words: Text
    lost: list[int]


def read_entries(siglum: str, segments: Segments, grammar: str) -> Result:
    """Entries (names not yet resolved), notes, readings, claims, and what nobody understood."""
    words = segments.main if "note" in starts(grammar) else _with_sources(segments, grammar)
    given = _Given(siglum, segments, grammar, words, sorted(segments.text.lost))
    merged = {e.start for e in segments.entries if "merged_with_next" in e.flags}
    owned = {n for entry in segments.entries for n in entry.notes}
    free = [note for n, note in enumerate(segments.notes) if n not in owned]
    return join(
        [
            *(_entry(given, i, e.end in merged) for i, e in enumerate(segments.entries)),
            *(
                _note(given, note, f"{siglum}/n{order:04d}", order, None)
                for order, note in enumerate(free, 1)
            ),
        ]
    )


def _with_sources(segments: Segments, grammar: str) -> Text:
    """The text without its notes, but with the brackets that only name a source or other names:
    （千金） and （一名偏肩） are words of the entry.
    """
    chars = segments.text.chars
    source, aside = (terminal(grammar, "entry", kind) for kind in ("BEHIND", "ASIDE"))
    places = [(n.start - 1, n.end + 1 if n.closed else n.end) for n in segments.notes]
    notes = (p for p in places if aside.match(chars, *p) and not source.fullmatch(chars, *p))
    return lift(segments.text, notes)


def _in_words(given: _Given, start: int, end: int, name: bool = False) -> Slice:
    """A stretch of the text without notes in the words of the entries, to the end of what stands
    behind it; ``name``: without that.
    """
    main, words = given.segments.main, given.words
    if main is words:
        return Slice(main, start, end)
    first = bisect_left(words.starts, span(main, start, start)[0])
    if name or end >= len(main.starts):
        last = main.ends[end - 1] if end > start else span(main, start, start)[0]
    else:
        last = main.starts[end]
    return Slice(words, first, max(first, bisect_left(words.starts, last)))


def _entry(given: _Given, index: int, cut_short: bool) -> Result:
    """An entry with its notes; ``cut_short``: it ends where the next entry was run in."""
    main, segment = given.segments.main, given.segments.entries[index]
    section = given.segments.sections[segment.section]
    head = _in_words(given, *segment.head, name=True)
    words = _in_words(given, segment.start, segment.end)
    body = Slice(words.layer, head.end, words.end)
    body = body if segment.body is None else _in_words(given, *segment.body)
    statements, failed = _statements(given, head, body, cut_short)
    aside = _without_brackets(given, body)
    if aside:
        statements = tuple(s for s in statements if s.where.start < aside.start)
    source = entry_source(main, segment, given.segments.notes)
    home = Home(segment.entry_id, given.siglum, section.number, segment.seq, head, source)
    asides = [s.where for s in statements if isinstance(s.says, Aside)]
    cut = [s.where for s in statements if isinstance(s.says, Cut)]
    lost = [s.where for s in statements if isinstance(s.says, Lost)]
    statements = tuple(s for s in statements if not isinstance(s.says, Aside | Cut | Lost))
    flags = [*segment.flags, *["text_truncated"] * (cut_short or bool(lost))]
    flags += damage(words, head, statements, given.lost)
    parts = list(_notes(given, segment, statements))
    for n, part in zip(segment.notes, parts, strict=True):
        if not given.segments.notes[n].closed:
            flags += ["text_truncated", "merged_with_next"]
        elif pattern("lacking").search(part.notes[0].text):
            flags.append("text_truncated")
    entry, claims, doses = entry_of(home, statements, flags)
    said = [*complaints(entry, statements), *_not_understood(given.words, failed, given.siglum)]
    said += _passed_over(asides, given.siglum)
    if aside:
        message = f"a source speaks outside of brackets: {aside.words}"
        said.append(at("bracket-unopened", aside, message, given.siglum))
    said += [at("dose-cut", w, f"the unit is lost: {w.words}", given.siglum) for w in cut]
    said += [at("text-lost", w, f"text is lost before {w.words[:9]}", given.siglum) for w in lost]
    said += (d for part in parts for d in part.diagnostics)
    found = Result(
        entries=(entry,),
        claims=tuple(claims),
        doses=tuple(doses),
        readings=tuple(voiced(entry.entry_id, statements)),
        diagnostics=tuple(
            replace(d, section=section.number, entry_id=entry.entry_id) for d in said
        ),
    )
    return join([found, *(replace(part, diagnostics=()) for part in parts)])


def _notes(
    given: _Given, segment: EntrySegment, statements: tuple[Statement, ...]
) -> Iterator[Result]:
    """The notes of an entry, in order."""
    for order, n in enumerate(segment.notes, 1):
        note = given.segments.notes[n]
        near = Near(statements, note.anchor)
        yield _note(given, note, f"{segment.entry_id}/n{order}", order, near, segment.entry_id)


def _without_brackets(given: _Given, body: Slice) -> Slice | None:
    """Where in an entry of a book whose notes are in brackets a source speaks outside of them
    (灸三壯氣府論注云足太陽少陽之會): from there on it is not known whose the words are.
    """
    if "note" not in starts(given.grammar):
        return None
    chars, begin, end = body.layer.chars, body.start, body.end
    if not pattern("saying").search(chars, begin, end):
        return None  # to look for all titles takes longer than to read the entry
    found = terminal(given.grammar, "note", "SOURCE").search(chars, begin, end)
    return replace(body, start=found.start(), end=found.end()) if found else None


def _statements(
    given: _Given, head: Slice, words: Slice, cut_short: bool
) -> tuple[tuple[Statement, ...], list[tuple[int, int]]]:
    """What an entry says, its head first, and the spans that no rule understood."""
    tree, failed = parse(given.grammar, "entry", words)
    about, stump = PointId(head.start), words.end if cut_short else -1
    said = [Statement(about, *one) for one in head_values(head)]
    if head.words:
        said.insert(0, Statement(about, Head(head.verbatim), head))
    said += READERS[given.grammar](tree, head, stump)
    if failed:
        said = [replace(s, **_whole(s, failed)) for s in said]
    return tuple(dict.fromkeys(said)), failed


def _whole(statement: Statement, failed: Sequence[tuple[int, int]]) -> dict[str, Any]:
    says, where = whole((statement.says, statement.where), failed)
    return {"says": says, "where": where}


def _alone(tree: Tree[Token], head: Slice, stump: int) -> Iterator[Statement]:
    """What the book says in entries in which nobody else speaks."""
    about = PointId(head.start)
    return (Statement(about, *one) for one in values_of(tree, head.layer, stump))


def _in_voices(tree: Tree[Token], head: Slice, stump: int) -> Iterator[Statement]:
    """What the book and those whom it cites say."""
    return spoken(tree, head.layer, PointId(head.start), head.words)


READERS: dict[str, Callable[[Tree[Token], Slice, int], Iterator[Statement]]] = {
    "jiayi": _alone,
    "catalogue": _in_voices,
}


def _note(
    given: _Given,
    note: NoteSegment,
    note_id: str,
    order: int,
    near: Near | None,
    entry_id: str | None = None,
) -> Result:
    inside = Slice(given.segments.text, note.start, note.end)
    row = note_of(note_id, entry_id, given.siglum, order, inside)
    if "note" in starts(given.grammar):
        _, statements, failed = read_note(inside, given.grammar, near, IN_ENTRIES)
        readings = readings_of(row, statements)
    else:
        # A note of such a book speaks as its entries do; what names no source is the note itself,
        # and a name in it is another one of the point: （千名中肩井）.
        tree, failed = parse(given.grammar, "entry", inside)
        statements = [s for s in spoken(tree, inside.layer, PointId(note.start)) if s.by]
        said = readings_of(row, statements)
        readings = (replace(r, field="aliases") if r.field == "name" else r for r in said)
    return Result(
        notes=(row,),
        doses=tuple(quoted_doses(row, statements)),
        readings=tuple(readings),
        diagnostics=tuple(_not_understood(inside.layer, failed, given.siglum)),
    )


def _passed_over(asides: Sequence[Slice], siglum: str) -> Iterator[Diagnostic]:
    """One word for all doses of an entry that are none of its point."""
    if asides:
        message = f"{len(asides)} in words of illness or an argument, the first: {asides[0].words}"
        see = tuple((siglum, *where.source) for where in asides[1:])
        yield replace(at("dose-aside", asides[0], message, siglum, "info"), see=see)


def _not_understood(
    layer: Text, failed: Sequence[tuple[int, int]], siglum: str
) -> Iterator[Diagnostic]:
    for place in failed:
        where = Slice(layer, *place)
        yield at("clause-unparsed", where, f"not understood: {where.words}", siglum)


def damage(
    words: Slice, head: Slice, statements: Sequence[Statement], lost: Sequence[int]
) -> Iterator[str]:
    """Flags for the glyphs lost inside an entry: in its name, an alias, its location."""
    start, end = words.source
    where = [("alias_damaged", s.where) for s in statements if isinstance(s.says, Name)]
    where += [("location_damaged", s.where) for s in statements if isinstance(s.says, Place)]
    if not head.words:
        yield "name_lost"
    for position in lost[bisect_left(lost, start - 2) : bisect_left(lost, end)]:
        place = bisect_left(words.layer.starts, position)
        if head.start <= place <= head.end and head.words:
            yield "name_damaged"
            continue
        flag = next((flag for flag, s in where if s.start <= place <= s.end), None)
        if flag:
            yield flag
