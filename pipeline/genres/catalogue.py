"""Catalogues of points: the 甲乙經 and books like it, and those written in any other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipeline.judging.check import MINGTANG, check, repeated
from pipeline.judging.contents import compare
from pipeline.judging.counts import declarations, parts_of, reasons, sections
from pipeline.judging.cover import cover
from pipeline.judging.treated import treated
from pipeline.model import (
    Diagnostic,
    Entry,
    Indication,
    Kind,
    Result,
    Segments,
    Witness,
    join,
)
from pipeline.reading.cures import read_cures
from pipeline.reading.early import may_hold
from pipeline.reading.entries import read_entries
from pipeline.reading.indications import read_indications
from pipeline.reading.listing import segment_points
from pipeline.reading.names import resolve_segments
from pipeline.reading.noted import noted
from pipeline.reading.order import limbed, resolve_points
from pipeline.reading.segment import segment_jiayi
from pipeline.reading.transport import read_transport
from pipeline.sources.normalize import damage, layer_of


def extract(witness: Witness) -> Result:
    """Everything one witness holds: numbered sections of entries, notes in brackets."""
    text = layer_of(witness)
    if not may_hold(text.chars):
        return Result(witnesses=(witness,))
    segments, damaged = segment_jiayi(text, witness.spec.siglum, witness.spec.juan)
    return _read(witness, segments, "jiayi", damaged, resolve_segments)


def extract_any(witness: Witness) -> Result:
    """The same of a catalogue in whatever way of writing; a few entries tell of none, and are read
    as those of the 甲乙經 are.
    """
    text = layer_of(witness)
    told = witness.spec
    segments, damaged = segment_points(text, told.siglum, told.juan, told.profile)
    if not (segments.entries or told.profile):
        return extract(witness)
    lists, places = read_transport(told.siglum, segments)
    painted = [block for block in segments.blocks if not _inside(block[:2], places)]
    painted += [(*place, "entry") for place in places]
    segments = replace(segments, blocks=tuple(painted))
    found = _read(witness, segments, "catalogue", damaged, resolve_points)
    return _with_lists(found, lists, places)


Place = tuple[int, int]


def _inside(span: Place, places: Sequence[Place]) -> bool:
    return any(a <= span[0] and span[1] <= b + 1 for a, b in places)


def _with_lists(found: Result, lists: Result, places: Sequence[Place]) -> Result:
    """What a catalogue holds, with its lists of 井滎俞經合, whose brackets are no notes."""
    notes = [note for note in found.notes if not _inside((note.start, note.end), places)]
    kept = {None, *(note.note_id for note in notes)}
    found = replace(
        found,
        notes=tuple(notes),
        readings=tuple(row for row in found.readings if row.note_id in kept),
    )
    both = join([found, lists])
    return replace(both, entries=tuple(sorted(both.entries, key=lambda entry: entry.start)))


Naming = Callable[[Sequence[Entry], Segments], tuple[list[Entry], list[Diagnostic]]]


TRADITIONS = {"jiayi": MINGTANG, "catalogue": "catalogue"}
"""The rows of ranges.tsv that hold for the entries that a grammar reads."""


def _read(
    witness: Witness, segments: Segments, grammar: str, said: list[Diagnostic], naming: Naming
) -> Result:
    siglum, text = witness.spec.siglum, segments.text
    told = read_indications(siglum, segments)
    if not (segments.entries or told.indications):  # nothing of ours
        rows = sections(siglum, parts_of(replace(segments, notes=()), ()))
        return Result(witnesses=(witness,), sections=rows)
    found = read_entries(siglum, segments, grammar)
    unparsed = [(d.start, d.end) for d in found.diagnostics if d.code == "clause-unparsed"]
    entries, named = naming(found.entries, segments)
    claims = found.claims
    if grammar == "catalogue":
        entries, claims = limbed(entries, claims)
    parts = parts_of(segments, entries)
    rows = sections(siglum, parts)
    entries, checked = check(siglum, text, rows, entries, found.doses, TRADITIONS[grammar])
    good_for = read_cures(siglum, segments, entries)
    return replace(
        found,
        witnesses=(witness,),
        readings=tuple(noted(found.readings, found.notes, told.indications, text.source)),
        sections=rows,
        entries=tuple(entries),
        claims=claims,
        coverage=cover(witness, text, _blocks(segments, told.indications), unparsed),
        indications=(*told.indications, *good_for.indications),
        symptoms=(*told.symptoms, *good_for.symptoms),
        diagnostics=(
            *damage(witness),
            *said,
            *found.diagnostics,
            *named,
            *told.diagnostics,
            *declarations(siglum, parts, reasons),
            *checked,
            *repeated(entries),
            *compare(segments.main, segments.sections, entries),
            *treated(entries, told.indications, told.symptoms),
        ),
    )


def _blocks(segments: Segments, told: Sequence[Indication]) -> Iterator[tuple[int, int, Kind]]:
    """What the parts of a text are: statements of illness lie on prose, their notes on them."""
    yield from segments.blocks
    for row in told:
        if row.stratum == "mingtang":
            yield row.start, row.end, "statement"
    yield from (block for block in segments.blocks if block[2] == "note")
