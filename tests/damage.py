"""One small damage to a source, and what it changed far from its place without a word.

A copyist's slip costs what stands where it happened. What is 200 characters and more away stays as
it is, or a diagnostic that was not there before names it or its section. A value stands where its
words do: what a note states of twelve points (餘并刺可入同身寸之一寸二分) is not far from a slip in
these words, wherever the points are described.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

from pipeline.model import Diagnostic, Entry, Identification, Result, Witness
from tests.corpus import result

FAR = 200
"""From how many characters away an entry is none of the damage's business."""
STRAY = "*①③。，、；：（）「」『』《》〔〕\n□　.·※#-=|x1"
"""Signs that scanning and typesetting leave in a text."""
HEADING = re.compile(r"(?m)^(?:#|<篇名>)[^\n]*\n?|^[^\n，。]*第[一二三四五六七八九十]+[^\n，。]*\n")
SIGN = re.compile(r"[，。、；：？！,.;:「」『』《》()（）①-⑳]")
GLYPH = re.compile(r"[\u4e00-\u9fff]")
LINE = re.compile(r"[^\n]+\n?")
PLACE = frozenset(
    (
        "entry_id",
        "section",
        "seq",
        "note",
        "start",
        "end",
        "line",
        "duplicate_of",
        "page_line",
        "anchor",
    )
)
"""Columns that say where an entry stands, not what it says."""
Row: TypeAlias = Entry | Identification


@dataclass(frozen=True, slots=True)
class Damage:
    """What stands at a place of a text is replaced by something else."""

    start: int
    end: int
    instead: str = ""

    def done(self, text: str) -> str:
        return text[: self.start] + self.instead + text[self.end :]

    def moved(self, position: int) -> int:
        """Where a place outside of the damage is afterwards."""
        return position + (len(self.instead) - self.end + self.start) * (position >= self.end)

    def far(self, start: int, end: int) -> bool:
        return end <= self.start - FAR or start >= self.end + FAR


def _one(of: re.Pattern[str]) -> Callable[[random.Random, str], Damage]:
    def operator(chance: random.Random, text: str) -> Damage:
        found = chance.choice(list(of.finditer(text)) or list(LINE.finditer(text)))
        return Damage(*found.span())

    return operator


def stray(chance: random.Random, text: str) -> Damage:
    """A sign where none belongs."""
    at = chance.randrange(len(text) + 1)
    return Damage(at, at, chance.choice(STRAY))


OPERATORS: dict[str, Callable[[random.Random, str], Damage]] = {
    "stray sign": stray,
    "heading lost": _one(HEADING),
    "sign lost": _one(SIGN),
    "glyph lost": _one(GLYPH),
    "line lost": _one(LINE),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A far row that is otherwise than before, and no diagnostic says so."""

    row: str
    start: int
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.row} {self.column}: {self.before} → {self.after}"


def unsaid(source: Witness, damage: Damage, found: Result) -> list[Change]:
    """What is otherwise in far entries of a damaged source without a word; in a source without
    entries, in its identifications.
    """
    sound = result(source.spec.siglum)
    new = _new(damage, sound, found)
    if not sound.entries:
        return list(_changes(damage, sound.identifications, found.identifications, new))
    touched = _touched(damage, sound, found)
    changes = _changes(damage, sound.entries, found.entries, new)
    return [change for change in changes if (change.start, change.column) not in touched]


def _touched(damage: Damage, sound: Result, found: Result) -> set[tuple[int, str]]:
    """Where entries begin in the sound source that have a value from words near the damage, and
    its column: words of their own, or of the entry that a note refers to (與手太陽脈同法).
    """
    here = Damage(damage.start, damage.start + len(damage.instead))
    begins = {entry.entry_id: entry.start for entry in sound.entries}
    after = {damage.moved(start): start for start in begins.values()}
    ends = {e.entry_id: after[e.start] for e in found.entries if e.start in after}
    touched: set[tuple[int, str]] = set()
    for given, starts, place in ((sound, begins, damage), (found, ends, here)):
        own = [claim for claim in given.claims if not place.far(claim.start, claim.end)]
        models = {(claim.entry_id, claim.field) for claim in own}
        led = [claim for claim in given.claims if (claim.ref, claim.field) in models]
        touched |= {(starts[c.entry_id], c.field) for c in [*own, *led] if c.entry_id in starts}
    return touched


def damaged(source: Witness, damage: Damage) -> Witness:
    return replace(source, text=damage.done(source.text))


def _new(damage: Damage, sound: Result, found: Result) -> list[Diagnostic]:
    """The diagnostics that the sound source does not have."""
    old = Counter(
        (d.code, damage.moved(d.start), damage.moved(d.end), d.message) for d in sound.diagnostics
    )
    new: list[Diagnostic] = []
    for d in found.diagnostics:
        key = d.code, d.start, d.end, d.message
        if old[key]:
            old[key] -= 1
        else:
            new.append(d)
    return new


def _changes(
    damage: Damage, before: Sequence[Row], after: Sequence[Row], new: Sequence[Diagnostic]
) -> Iterator[Change]:
    there = {row.start: row for row in after}
    for row in before:
        if not damage.far(row.start, row.end):
            continue
        other = there.get(damage.moved(row.start))
        label = getattr(row, "entry_id", f"{row.witness}/{row.section}/{row.seq}")
        label = f"{label} {getattr(row, 'name_raw', getattr(row, 'lemma', ''))}"
        if _named(damage, row, other, new):
            continue
        if other is None:
            yield Change(label, row.start, "row", "there", "gone")
            continue
        for field in fields(row):
            then, now = getattr(row, field.name), getattr(other, field.name)
            if field.name not in PLACE and then != now:
                yield Change(label, row.start, field.name, str(then), str(now))


def _named(damage: Damage, row: Row, other: Row | None, new: Sequence[Diagnostic]) -> bool:
    """Whether a new diagnostic names a row or its section."""
    start, end = damage.moved(row.start), damage.moved(row.end)
    ids = {getattr(other, "entry_id", ""), getattr(other, "duplicate_of", None)} - {None}
    parts = {row.section, other.section if other else None} - {None}
    return any(
        d.entry_id in ids
        or (d.entry_id is None and d.section in parts)
        or (d.start < end and start < d.end)
        for d in new
    )


def trial(source: Witness, number: int, area: slice = slice(None)) -> tuple[str, Damage]:
    """The damage of a number, always the same; ``area``: the part of the source where it falls."""
    chance = random.Random(f"damage/{source.spec.siglum}/{number}")
    name = list(OPERATORS)[number % len(OPERATORS)]
    begin = area.indices(len(source.text))[0]
    found = OPERATORS[name](chance, source.text[area])
    return name, replace(found, start=found.start + begin, end=found.end + begin)
