"""The 甲乙經 and books like it: numbered sections of point entries, notes in brackets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.judging.check import check, repeated
from pipeline.judging.contents import compare
from pipeline.judging.counts import declarations, parts_of, reasons, sections
from pipeline.judging.cover import cover
from pipeline.model import Indication, Kind, Result, Segments, Witness
from pipeline.reading.entries import read_entries
from pipeline.reading.indications import read_indications
from pipeline.reading.names import resolve_segments
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import normalize


def extract(witness: Witness) -> Result:
    """Everything one witness holds."""
    siglum = witness.spec.siglum
    text, lost = normalize(witness)
    segments, damaged = segment_jiayi(text, siglum, witness.spec.juan)
    found = read_entries(siglum, text, segments, "jiayi")
    unparsed = [(d.start, d.end) for d in found.diagnostics if d.code == "clause-unparsed"]
    entries, named = resolve_segments(found.entries, segments)
    parts = parts_of(segments, entries)
    rows = sections(siglum, parts)
    told = read_indications(siglum, segments)
    entries, checked = check(siglum, text, rows, entries)
    return replace(
        found,
        witnesses=(witness,),
        sections=rows,
        entries=tuple(entries),
        coverage=cover(witness, text, _blocks(segments, told.indications), unparsed),
        indications=told.indications,
        symptoms=told.symptoms,
        diagnostics=(
            *lost,
            *damaged,
            *found.diagnostics,
            *named,
            *told.diagnostics,
            *declarations(siglum, parts, reasons),
            *checked,
            *repeated(entries),
            *compare(segments.main, segments.sections, entries),
        ),
    )


def _blocks(segments: Segments, told: Sequence[Indication]) -> Iterator[tuple[int, int, Kind]]:
    """What the parts of a text are: statements of illness lie on prose, their notes on them."""
    yield from segments.blocks
    for row in told:
        if row.stratum == "mingtang":
            yield row.start, row.end, "statement"
    yield from (block for block in segments.blocks if block[2] == "note")
