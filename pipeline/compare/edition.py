"""Editions to be compared: the entries of one witness or of several together, and their glyphs.

An edition comes out of a run or is read back from its tables. For comparison a text is a sequence
of glyphs, each as written and as it is matched; signs belong to the glyph before them, so that
putting the written forms together gives the text again.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import TableError
from pipeline.model import (
    Claim,
    Entry,
    Fold,
    Identification,
    Issue,
    Reading,
    Result,
    SectionRow,
    Spec,
    Text,
    Witness,
    WitnessRow,
)
from pipeline.publish.export import rows
from pipeline.publish.schema import columns
from pipeline.sources.layouts import LOST, lift_marks
from pipeline.sources.mandoku import UNKNOWN, entities, page_of
from pipeline.sources.normalize import FORMATS, fold_signs, normalize, variants
from pipeline.sources.read import line_starts
from pipeline.text.layer import fold, plain

GAPS = frozenset((LOST, UNKNOWN))
"""Glyphs that stand for one that is lost or not known."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A text glyph by glyph: ``written[i]`` is matched as ``chars[i]``; ``scripted[i]`` is what
    stands between the two, before variants are folded.

    ``chars`` holds no signs; those are in ``written``, behind the glyph they follow.
    """

    written: tuple[str, ...]
    scripted: str
    chars: str
    starts: tuple[int, ...] = ()
    """Where each glyph begins in the source, where that is known."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The entries of one side of a comparison. ``label`` is the siglum of its one witness, or the
    name of the folder that several were taken from.
    """

    label: str
    witnesses: Mapping[str, WitnessRow]
    entries: tuple[Entry, ...]
    claims: Mapping[tuple[str, str], tuple[Claim, ...]] = field(default_factory=dict)
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    sections: Mapping[str, tuple[SectionRow, ...]] = field(default_factory=dict)
    identifications: Mapping[str, tuple[Identification, ...]] = field(default_factory=dict)
    """By the code of a point what a commentary says that stands for it."""
    lost: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By witness the source positions where a glyph is lost."""


# --- where editions come from --------------------------------------------------------------------


def edition(result: Result, label: str = "") -> Edition:
    """What a run found, as one side of a comparison."""
    tables = rows(result)
    return _edition(
        label,
        tables["witnesses"],
        result.entries,
        result.claims,
        result.readings,
        result.sections,
        result.identifications,
        tables["issues"],
    )


Row = TypeVar("Row")


def read_table(path: Path, row: type[Row]) -> list[Row]:
    """The rows of a table that ``export`` wrote as Parquet.

    A column that is missing has its default, if it has one; otherwise TableError.
    """
    table = pq.read_table(path)
    present = set(table.column_names)
    needed = {f.name for f in fields(row) if f.default is MISSING}  # type: ignore[arg-type]
    if missing := needed - present:
        raise TableError(f"{path}: no column {', '.join(sorted(missing))}")
    kept = [c for c in columns(row) if c.name in present]
    lists = {c.name for c in kept if c.type == "list"}
    names = [c.name for c in kept]
    return [
        row(**{n: tuple(r[n]) if n in lists else r[n] for n in names})
        for r in table.select(names).to_pylist()
    ]


def read_edition(folder: Path, label: str = "") -> Edition:
    """An earlier output, read back; tables that are not there count as empty, but for entries."""

    def table(name: str, row: type[Row]) -> list[Row]:
        path = folder / f"{name}.parquet"
        return read_table(path, row) if path.is_file() else []

    witnesses = table("witnesses", WitnessRow)
    return _edition(
        label or ("" if len(witnesses) == 1 else folder.resolve().name),
        witnesses,
        read_table(folder / "entries.parquet", Entry),
        table("claims", Claim),
        table("readings", Reading),
        table("sections", SectionRow),
        table("identifications", Identification),
        table("issues", Issue),
    )


def _edition(
    label: str,
    witnesses: Iterable[WitnessRow],
    entries: Iterable[Entry],
    claims: Iterable[Claim],
    readings: Iterable[Reading],
    sections: Iterable[SectionRow],
    identifications: Iterable[Identification],
    issues: Iterable[Issue],
) -> Edition:
    by_siglum = {w.witness: w for w in witnesses}
    return Edition(
        label=label or "+".join(by_siglum),
        witnesses=by_siglum,
        entries=tuple(entries),
        claims=_grouped(((c.entry_id, c.field), c) for c in claims),
        readings=_grouped((r.entry_id, r) for r in readings if r.entry_id),
        sections=_grouped((s.witness, s) for s in sections),
        identifications=_grouped((code, i) for i in identifications for code in i.codes),
        lost=_grouped(sorted((i.witness, i.start) for i in issues if i.rule == "glyph-lost")),
    )


K = TypeVar("K")
V = TypeVar("V")


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


def only(side: Edition, witnesses: Collection[str]) -> Edition:
    """An edition without the entries of other witnesses; one witness gives it its label."""
    rows = {w: row for w, row in side.witnesses.items() if w in witnesses}
    entries = tuple(e for e in side.entries if e.witness in witnesses)
    label = next(iter(rows)) if len(rows) == 1 else side.label
    return replace(side, label=label, witnesses=rows, entries=entries)


# --- places --------------------------------------------------------------------------------------


def place(side: Edition, entry: Entry, start: int) -> str:
    """Where a position in an entry is, for people: juan, page if the source marks any, line."""
    inside = entry.text[: max(0, start - entry.start)]
    parts = []
    sections = side.sections.get(entry.witness, ())
    number = bisect_right(sections, entry.start, key=lambda s: s.start)
    if number and (juan := sections[number - 1].juan):
        parts.append(juan)
    if entry.page is not None:
        page, line = page_of(inside, len(inside))
        if page is None:
            page, line = entry.page, (entry.page_line or 1) + inside.count("\n")
        parts.append(f"p. {page}.{line}")
    parts.append(f"line {entry.line - 1 + len(line_starts(inside))}")
    return ", ".join(parts)


# --- glyphs --------------------------------------------------------------------------------------


def is_sign(char: str) -> bool:
    r"""Whether a character is punctuation or white space, no glyph of the text as 〇 and □ are.

    >>> [is_sign(c) for c in "，（\n髎一〇□"]
    [True, True, True, False, False, False, False]
    """
    category = unicodedata.category(char)
    return category[0] in "PZSCM" and category != "Co" and char not in GAPS


def glyphs(text: Text, source: str) -> Glyphs:
    """The glyphs of a normalized text whose source is at hand."""
    scripted = next(
        (c.before for c in text.log if isinstance(c, Fold) and c.rule == "variant"), text.chars
    )
    if len(scripted) != len(text.chars):
        scripted = text.chars
    written: list[str] = []
    kept: list[int] = []
    before, last = "", -1
    for i, (char, a, b) in enumerate(zip(text.chars, text.starts, text.ends, strict=True)):
        printed = "" if a == last or char == "\n" else "".join(source[a:b].split())
        last = a
        if not is_sign(char):
            written.append(before + printed)
            kept.append(i)
            before = ""
        elif written:
            written[-1] += printed
        else:
            before += printed
    if before:
        # Nothing but signs: they are all the text there is.
        return Glyphs((before,), LOST, LOST, (0,))
    return Glyphs(
        tuple(written),
        "".join(scripted[i] for i in kept),
        "".join(text.chars[i] for i in kept),
        tuple(text.starts[i] for i in kept),
    )


def values(texts: Sequence[str], script: str) -> list[Glyphs]:
    """The glyphs of values of the tables, in the script they are written in.

    >>> [g.chars for g in values(["在发际，直鼻", "太阳脉"], "hans")]
    ['在髮際直鼻', '太陽脈']
    """
    source = "\n".join(t.replace("\n", " ") for t in texts)
    text = fold_signs(lift_marks(entities(plain(source))))
    if script == "hans":
        text = fold(text, "script", to_traditional)
    text = fold(text, "variant", lambda chars: chars.translate(variants()))
    ends = [-1, *(i for i, c in enumerate(text.chars) if c == "\n"), len(text.chars)]
    scripted = next(
        (c.before for c in text.log if isinstance(c, Fold) and c.rule == "variant"), text.chars
    )
    found = []
    for a, b in pairwise(ends):
        step = Fold("variant", scripted[a + 1 : b], "", text.starts, text.ends)
        part = Text(text.chars[a + 1 : b], text.starts[a + 1 : b], text.ends[a + 1 : b], (step,))
        found.append(glyphs(part, source))
    return found if texts else []


NO_SPEC = Spec("", "", "", "", Path(), "", "plain", "", "hant", "", "")


def entry_glyphs(side: Edition, entry: Entry) -> Glyphs:
    """The glyphs of a whole entry, notes included, layout left out; positions in its source."""
    row = side.witnesses.get(entry.witness)
    form, script = (row.format, row.script) if row else ("plain", "hant")
    found = text_glyphs(entry.text, form if form in FORMATS else "plain", script)
    return replace(found, starts=tuple(entry.start + i for i in found.starts))


@lru_cache(maxsize=8192)
def text_glyphs(text: str, form: str, script: str) -> Glyphs:
    """The glyphs of a text in a layout and script; kept, since they are asked for repeatedly."""
    witness = Witness(replace(NO_SPEC, format=form, script=script), text, "", "")
    return glyphs(normalize(witness)[0], text)
