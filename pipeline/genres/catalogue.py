"""Catalogues of points: the 甲乙經 and books like it, and those written in any other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.genres.stages import Stage
from pipeline.judging.check import MINGTANG, check, repeated
from pipeline.judging.contents import compare
from pipeline.judging.counts import declarations, parts_of, reasons, sections
from pipeline.judging.cover import cover
from pipeline.judging.treated import treated
from pipeline.model import (
    Diagnostic,
    Indication,
    Kind,
    Result,
    Segments,
    Text,
    Witness,
    join,
)
from pipeline.reading.cures import read_cures
from pipeline.reading.early import may_hold, placed
from pipeline.reading.entries import read_entries
from pipeline.reading.indications import read_indications
from pipeline.reading.listing import segment_points
from pipeline.reading.lists import closed, read_lists
from pipeline.reading.names import resolve_segments
from pipeline.reading.noted import noted
from pipeline.reading.order import limbed, resolve_points
from pipeline.reading.parse import starts
from pipeline.reading.segment import segment_jiayi
from pipeline.reading.transport import read_transport
from pipeline.sources.normalize import damage, layer_of

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Way:
    """How the entries of a catalogue are read: by which grammar, what names them, which rows of
    ranges.tsv hold for them.
    """

    grammar: str
    naming: Callable[[Result, Segments], Result]
    tradition: str


@dataclass(frozen=True, slots=True)
class Divided:
    """A catalogue in its parts, and what is damaged; its lists of 井滎俞經合 and where they are."""

    segments: Segments
    damaged: list[Diagnostic]
    way: Way
    lists: Result = field(default_factory=Result)
    places: tuple[Place, ...] = ()


def _by_titles(found: Result, segments: Segments) -> Result:
    """Names as the titles of sections and the neighbours of entries decide."""
    entries, said = resolve_segments(found.entries, segments)
    return replace(found, entries=tuple(entries), diagnostics=(*found.diagnostics, *said))


def _by_places(found: Result, segments: Segments) -> Result:
    """Names as places and the order of points decide; channels of a limb by the points."""
    entries, said = resolve_points(found.entries, segments)
    entries, claims = limbed(entries, found.claims)
    diagnostics = (*found.diagnostics, *said)
    return replace(found, entries=tuple(entries), claims=claims, diagnostics=diagnostics)


NUMBERED = Way("jiayi", _by_titles, MINGTANG)
OTHERWISE = Way("catalogue", _by_places, "catalogue")


def numbered(witness: Witness, layer: Text) -> Divided:
    """Numbered sections of entries, notes in brackets; names and places without any dose, as the
    千金方 lists them, are read in whatever way they are written.
    """
    found = _in_sections(witness, layer)
    if found.segments.entries or not placed(layer.chars):
        return found
    return _in_its_way(witness, layer) or found


def otherwise(witness: Witness, layer: Text) -> Divided:
    """Entries in whatever way of writing; a few tell of none, and are read as those of the 甲乙經
    are.
    """
    return _in_its_way(witness, layer) or _in_sections(witness, layer)


def _in_sections(witness: Witness, layer: Text) -> Divided:
    if not may_hold(layer.chars):
        return Divided(Segments(layer, layer, (), (), (), ()), [], NUMBERED)
    segments, damaged = segment_jiayi(layer, witness.spec.siglum, witness.spec.juan)
    return Divided(segments, damaged, NUMBERED)


def _in_its_way(witness: Witness, layer: Text) -> Divided | None:
    told = witness.spec
    segments, damaged = segment_points(layer, told.siglum, told.juan, told.profile)
    if not (segments.entries or told.profile):
        return None
    lists, places = read_transport(told.siglum, segments)
    illnesses, told_of = read_lists(told.siglum, segments)
    painted = [block for block in segments.blocks if not _inside(block[:2], places)]
    painted += [*((*place, "entry") for place in places), *told_of]
    segments = replace(segments, blocks=tuple(painted))
    return Divided(segments, damaged, OTHERWISE, join([lists, illnesses]), tuple(places))


def _inside(span: Place, places: Sequence[Place]) -> bool:
    return any(a <= span[0] and span[1] <= b + 1 for a, b in places)


def indications(witness: Witness, divided: Divided) -> Result:
    """What the prose says of illnesses."""
    found = read_indications(witness.spec.siglum, divided.segments)
    if "note" in starts(witness.spec.grammar):
        return found  # brackets are notes there, and no sources of the words before them
    return replace(found, indications=tuple(closed(divided.segments, found.indications)))


def nothing(witness: Witness, divided: Divided, indications: Result) -> Result | None:
    """The sections of a text in which nothing is ours."""
    if divided.segments.entries or indications.indications:
        return None
    parts = parts_of(replace(divided.segments, notes=()), ())
    return _with_lists(
        Result(witnesses=(witness,), sections=sections(witness.spec.siglum, parts)), divided
    )


def entries(witness: Witness, divided: Divided, indications: Result) -> Result:
    """Entries and notes, names not yet resolved, and what becomes of each part of the text."""
    segments, told = divided.segments, indications.indications
    found = read_entries(witness.spec.siglum, segments, divided.way.grammar)
    unparsed = [(d.start, d.end) for d in found.diagnostics if d.code == "clause-unparsed"]
    return replace(
        found,
        readings=tuple(noted(found.readings, found.notes, told, segments.text.source)),
        coverage=cover(witness, segments.text, _blocks(segments, told), unparsed),
    )


def _blocks(segments: Segments, told: Sequence[Indication]) -> Iterator[tuple[int, int, Kind]]:
    """What the parts of a text are: statements of illness lie on prose, their notes on them."""
    yield from segments.blocks
    for row in told:
        if row.stratum == "mingtang":
            yield row.start, row.end, "statement"
    yield from (block for block in segments.blocks if block[2] == "note")


def names(divided: Divided, entries: Result) -> Result:
    """Entries with the points they are of."""
    return divided.way.naming(entries, divided.segments)


def checked(witness: Witness, divided: Divided, names: Result) -> Result:
    """Sections and entries, and what cannot be right in them."""
    siglum, segments = witness.spec.siglum, divided.segments
    parts = parts_of(segments, names.entries)
    rows = sections(siglum, parts)
    found, said = check(
        siglum, segments.text, rows, names.entries, names.doses, divided.way.tradition
    )
    return replace(
        names,
        sections=rows,
        entries=tuple(found),
        diagnostics=(
            *names.diagnostics,
            *declarations(siglum, parts, reasons),
            *said,
            *repeated(found),
            *compare(segments.main, segments.sections, found),
        ),
    )


def cures(witness: Witness, divided: Divided, checked: Result) -> Result:
    """What the entries say that their points are good for."""
    return read_cures(witness.spec.siglum, divided.segments, checked.entries)


def result(
    witness: Witness,
    divided: Divided,
    indications: Result,
    checked: Result,
    cures: Result,
) -> Result:
    """All of it, with the lists of 井滎俞經合."""
    found = replace(
        checked,
        witnesses=(witness,),
        indications=(*indications.indications, *cures.indications),
        symptoms=(*indications.symptoms, *cures.symptoms),
        diagnostics=(
            *damage(witness),
            *divided.damaged,
            *checked.diagnostics,
            *indications.diagnostics,
            *treated(checked.entries, indications.indications, indications.symptoms),
        ),
    )
    return _with_lists(found, divided)


def _with_lists(found: Result, divided: Divided) -> Result:
    """What a catalogue holds with its lists, whose brackets are no notes."""
    notes = [note for note in found.notes if not _inside((note.start, note.end), divided.places)]
    kept = {None, *(note.note_id for note in notes)}
    readings = tuple(row for row in found.readings if row.note_id in kept)
    both = join([replace(found, notes=tuple(notes), readings=readings), divided.lists])
    return replace(both, entries=tuple(sorted(both.entries, key=lambda entry: entry.start)))


def _stages(divide: Callable[..., Divided]) -> tuple[Stage, ...]:
    return (
        Stage("layer", layer_of),
        Stage("divided", divide),
        Stage("indications", indications),
        Stage("result", nothing),
        Stage("entries", entries),
        Stage("names", names),
        Stage("checked", checked),
        Stage("cures", cures),
        Stage("result", result),
    )


JIAYI = _stages(numbered)
ANY = _stages(otherwise)
