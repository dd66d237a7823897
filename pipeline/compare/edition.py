"""Editions to be compared: the entries of one witness or of several together, and their glyphs.

An edition comes out of a run or is read back from its tables. For comparison a text is a sequence
of glyphs, each as written and as it is matched; signs belong to the glyph before them, so that
putting the written forms together gives the text again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pipeline.knowledge.tables import MisuseError
from pipeline.model import (
    Claim,
    Coverage,
    DoseRow,
    Entry,
    Identification,
    Indication,
    Note,
    Reading,
    Result,
    SectionRow,
    Text,
    WitnessRow,
)
from pipeline.publish.rows import rows
from pipeline.publish.schema import TABLES
from pipeline.publish.stored import stored
from pipeline.sources.glyphs import Glyphs, glyphs_of
from pipeline.sources.mandoku import page_of
from pipeline.sources.read import line_of, line_starts


@dataclass(frozen=True, slots=True)
class Edition:
    """The entries of one side of a comparison. ``label`` is the siglum of its one witness, or the
    name of the folder that several were taken from.
    """

    label: str
    witnesses: Mapping[str, WitnessRow]
    entries: tuple[Entry, ...]
    claims: Mapping[tuple[str, str], tuple[Claim, ...]] = field(default_factory=dict)
    claimed: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    """All claims of an entry."""
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    """By entry, or by nothing for those outside entries."""
    sections: Mapping[str, tuple[SectionRow, ...]] = field(default_factory=dict)
    identifications: Mapping[str, tuple[Identification, ...]] = field(default_factory=dict)
    """By the code of a point what a commentary says that stands for it."""
    lost: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By witness the source positions where a glyph is lost."""
    notes: tuple[Note, ...] = ()
    coverage: Mapping[str, tuple[Coverage, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    """By witness its source, where it is at hand."""
    layers: Mapping[str, Text] = field(default_factory=dict, compare=False)
    """By witness its normalized text, where a run has kept it."""
    doses: Mapping[str, tuple[DoseRow, ...]] = field(default_factory=dict)
    """By entry, those of every voice."""
    indications: tuple[Indication, ...] = ()


# --- where editions come from --------------------------------------------------------------------


def edition(result: Result, label: str = "") -> Edition:
    """What a run found, as one side of a comparison."""
    texts = {w.spec.siglum: w.text for w in result.witnesses}
    return replace(
        _edition(label, rows(result, COMPARED), texts),
        layers={one.witness: one.text for one in result.layers},
    )


COMPARED = (
    *("witnesses", "sections", "entries", "doses", "indications", "notes", "readings", "claims"),
    *("identifications", "coverage", "issues"),
)
"""The tables that a comparison asks for."""


def read_edition(folder: Path, label: str = "") -> Edition:
    """An earlier output, read back; StoredError where it is not as it was written."""
    tables, _ = stored(folder, older=True)
    several = len(tables["witnesses"]) != 1
    return stored_edition(tables, {}, label or (folder.resolve().name if several else ""))


def stored_edition(
    tables: Mapping[str, Sequence[Sequence[Any]]],
    texts: Mapping[str, str],
    label: str = "",
) -> Edition:
    """The rows of an extract, as they are stored, as one side of a comparison; ``texts`` are the
    sources that they were made from, by siglum.
    """
    found = {name: [row(*cells) for cells in tables[name]] for name, row in TABLES.items()}
    return _edition(label, found, texts)


def _edition(label: str, tables: Mapping[str, Sequence[Any]], texts: Mapping[str, str]) -> Edition:
    """The rows of the tables, grouped as a comparison asks for them."""
    by_siglum = {w.witness: w for w in tables["witnesses"]}
    glosses = ((code, i) for i in tables["identifications"] for code in i.codes)
    return Edition(
        label=label or "+".join(by_siglum),
        witnesses=by_siglum,
        entries=tuple(tables["entries"]),
        claims=_grouped(((c.entry_id, c.field), c) for c in tables["claims"]),
        claimed=_grouped((c.entry_id, c) for c in tables["claims"]),
        readings=_grouped((r.entry_id or "", r) for r in tables["readings"]),
        sections=_grouped((s.witness, s) for s in tables["sections"]),
        identifications=_grouped(glosses),
        lost=_grouped(sorted((i.witness, i.start) for i in tables["issues"] if i.rule in LOST)),
        notes=tuple(tables["notes"]),
        coverage=_grouped((c.witness, c) for c in tables["coverage"]),
        texts=texts,
        doses=_grouped((row.entry_id, row) for row in tables["doses"]),
        indications=tuple(tables["indications"]),
    )


LOST = ("glyph-lost", "text-lost")
K = TypeVar("K")
V = TypeVar("V")


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


class WitnessError(MisuseError):
    """A siglum that no edition has; the message names those there are."""


def chosen(sides: Sequence[Edition], witnesses: Collection[str]) -> list[Edition]:
    """Editions without the entries of other witnesses, or as they are where none is named."""
    known(witnesses, (siglum for side in sides for siglum in side.witnesses))
    return [only(side, witnesses) if witnesses else side for side in sides]


def known(witnesses: Iterable[str], sigla: Iterable[str]) -> None:
    """WitnessError where a witness is none of the sigla."""
    there = dict.fromkeys(sigla)
    for siglum in witnesses:
        if siglum not in there:
            raise WitnessError(f"no witness {siglum!r}; there are {', '.join(there)}")


def only(side: Edition, witnesses: Collection[str]) -> Edition:
    """An edition without what other witnesses say; one witness gives it its label."""
    rows = {w: row for w, row in side.witnesses.items() if w in witnesses}
    entries = tuple(e for e in side.entries if e.witness in witnesses)
    identifications = {
        code: tuple(i for i in found if i.witness in witnesses)
        for code, found in side.identifications.items()
    }
    indications = tuple(i for i in side.indications if i.witness in witnesses)
    label = next(iter(rows)) if len(rows) == 1 else side.label
    return replace(
        side,
        label=label,
        witnesses=rows,
        entries=entries,
        identifications=identifications,
        indications=indications,
    )


# --- places --------------------------------------------------------------------------------------


def place(side: Edition, entry: Entry, start: int) -> str:
    """Where a position in an entry is, for people: juan, page if the source marks any, line."""
    return where(side, entry.witness, start, entry)


def where(side: Edition, witness: str, start: int, entry: Entry | None) -> str:
    """Where a position of a witness is, for people; by its entry where no source is at hand."""
    parts = []
    sections = side.sections.get(witness, ())
    number = bisect_right(sections, start if entry is None else entry.start, key=_start)
    if number and (juan := sections[number - 1].juan):
        parts.append(juan)
    source = side.texts.get(witness)
    page: str | None
    if source is not None and not (entry and entry.page is None):
        page, printed = page_of(source, start)
        line: int | None = line_of(_lines(source), start)
    elif entry:
        inside = entry.text[: max(0, start - entry.start)]
        line = entry.line - 1 + len(line_starts(inside))
        page, printed = page_of(inside, len(inside)) if entry.page else (None, None)
        if entry.page and page is None:
            page, printed = entry.page, (entry.page_line or 1) + inside.count("\n")
    else:
        page, printed, line = None, None, None
    if page is not None:
        parts.append(f"p. {page}.{printed}")
    if line is not None:
        parts.append(f"line {line}")
    return ", ".join(parts)


def _start(section: SectionRow) -> int:
    return section.start


@lru_cache(maxsize=8)
def _lines(source: str) -> array[int]:
    return line_starts(source)


# --- glyphs --------------------------------------------------------------------------------------


def values(side: Edition, texts: Sequence[str], entries: Sequence[Entry]) -> list[Glyphs]:
    """The glyphs of values of the tables, each in the script of the witness of its entry."""
    found: list[Glyphs] = [Glyphs((), "", "")] * len(texts)
    scripts: defaultdict[str, list[int]] = defaultdict(list)
    for n, entry in enumerate(entries):
        scripts[script(side, entry.witness)].append(n)
    for name, numbers in scripts.items():
        for n, glyphs in zip(numbers, glyphs_of([texts[n] for n in numbers], name), strict=True):
            found[n] = glyphs
    return found


def script(side: Edition, witness: str) -> str:
    """The script of a witness."""
    row = side.witnesses.get(witness)
    return row.script if row else "hant"
