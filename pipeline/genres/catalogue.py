"""The 甲乙經 and books like it: numbered sections of point entries, notes in brackets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.judging.check import check, points_of, repeated
from pipeline.judging.contents import compare
from pipeline.judging.cover import cover
from pipeline.model import Diagnostic, Entry, Result, SectionRow, Segments, Witness
from pipeline.reading.entries import read_entries
from pipeline.reading.names import resolve
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import normalize
from pipeline.text.slice import Slice


def extract(witness: Witness) -> Result:
    """Everything one witness holds."""
    siglum = witness.spec.siglum
    text, lost = normalize(witness)
    segments, damaged = segment_jiayi(text, siglum, witness.spec.juan)
    found = read_entries(siglum, text, segments, "jiayi")
    unparsed = [(d.start, d.end) for d in found.diagnostics if d.code == "clause-unparsed"]
    entries, named = _resolve(found.entries, segments)
    sections = _sections(siglum, segments, entries)
    entries, checked = check(text, sections, entries)
    return replace(
        found,
        witnesses=(witness,),
        sections=sections,
        entries=tuple(entries),
        coverage=cover(witness, text, segments.blocks, unparsed),
        diagnostics=(
            *lost,
            *damaged,
            *found.diagnostics,
            *named,
            *checked,
            *repeated(entries),
            *compare(segments.main, segments.sections, entries),
        ),
    )


def _resolve(raw: Sequence[Entry], segments: Segments) -> tuple[list[Entry], list[Diagnostic]]:
    """Names of the first occurrences; a repeated passage has those of the first."""
    sections = segments.sections
    first = [i for i, s in enumerate(segments.entries) if sections[s.section].duplicate_of is None]
    chars = segments.main.chars
    heads = [segments.entries[i].head for i in first]
    resolved, diagnostics = resolve(
        [raw[i] for i in first],
        [chars[a:b] for a, b in heads],
        [sections[segments.entries[i].section].title for i in first],
    )
    entries = list(raw)
    for i, entry in zip(first, resolved, strict=True):
        entries[i] = entry
    place = {(segments.entries[i].section, segments.entries[i].seq): i for i in first}
    for i, segment in enumerate(segments.entries):
        original = sections[segment.section].duplicate_of
        if original is None:
            continue
        model = entries[place[original, segment.seq]]
        entries[i] = replace(
            entries[i],
            name=model.name,
            code=model.code,
            name_basis=model.name_basis,
            duplicate_of=model.entry_id,
            flags=tuple(dict.fromkeys((*entries[i].flags, "duplicate"))),
        )
    return entries, diagnostics


def _sections(siglum: str, segments: Segments, entries: Sequence[Entry]) -> tuple[SectionRow, ...]:
    rows: list[SectionRow] = []
    held: dict[int, list[Entry]] = {}
    for entry, segment in zip(entries, segments.entries, strict=True):
        held.setdefault(segment.section, []).append(entry)
    for index, section in enumerate(segments.sections):
        inside = held.get(index, [])
        counted = sum(map(points_of, inside)) if inside else None
        if section.duplicate_of is not None:
            status = "duplicate"
        elif section.declared is None:
            status = "undeclared"
        else:
            status = "reconciled" if counted == section.declared else "differs"
        rows.append(
            SectionRow(
                section_id=section.section_id,
                witness=siglum,
                juan=section.juan,
                number=section.number,
                title=Slice(segments.main, *section.heading).verbatim,
                start=section.source[0],
                end=section.source[1],
                declared_points=section.declared,
                counted_points=counted,
                entries=len(inside),
                status=status,
                duplicate_of=None
                if section.duplicate_of is None
                else segments.sections[section.duplicate_of].section_id,
            )
        )
    return tuple(rows)
