"""Checks: the numbering and the total of a book, and values that cannot be right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise

from pipeline.judging.counts import stated, totals
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, DoseRow, Entry, SectionRow, Text
from pipeline.text.slice import Slice

MINGTANG = "mingtang"
"""The tradition of the 甲乙經 and of the notes on the 素問."""


def check(
    siglum: str,
    text: Text,
    sections: Sequence[SectionRow],
    entries: Sequence[Entry],
    doses: Sequence[DoseRow] = (),
    tradition: str = MINGTANG,
) -> tuple[list[Entry], list[Diagnostic]]:
    """Entries with flags for what cannot be right, and the diagnostics."""
    bans: defaultdict[str, set[str]] = defaultdict(set)
    for row in doses:
        if row.forbidden and not row.condition:
            bans[row.entry_id].add(row.act)
    there = sum(s.counted_points or 0 for s in sections if s.status != "duplicate" and s.entries)
    declared = stated("book", Slice(text, 0, len(text.chars)))[:1]
    diagnostics = [*numbering(sections), *totals(declared, there, TOTAL, siglum)]
    flagged: list[Entry] = []
    for entry in entries:
        found = list(values(entry, tradition, frozenset(bans[entry.entry_id])))
        diagnostics += found
        if any(d.code in SUSPECT for d in found):
            entry = replace(entry, flags=tuple(dict.fromkeys((*entry.flags, "misprint_suspected"))))
        flagged.append(entry)
    return flagged, diagnostics


TOTAL = "the total declares {declared} points, the entries give {found}"
SUSPECT = frozenset({"value-out-of-range", "office-contradicts", "phase-unexpected"})


def numbering(sections: Sequence[SectionRow]) -> Iterator[Diagnostic]:
    """Numbers that are missing between the sections of points, and sections that stand again: one
    diagnostic for a gap (24–28), one for all copies of a section.
    """
    by_id = {s.section_id: s for s in sections}
    declaring = [s for s in sections if s.declared_points is not None]
    numbered = [(s.number, s) for s in declaring if s.number is not None]
    copies: dict[str, list[SectionRow]] = {}
    for (before, _), (number, section) in pairwise(numbered):
        if section.status == "duplicate":
            copies.setdefault(section.duplicate_of or section.section_id, []).append(section)
        if number > before + 1:
            yield _missing(before, number, section)
    for first, again in copies.items():
        yield _repeated(by_id[first], again)


def _missing(before: int, number: int, section: SectionRow) -> Diagnostic:
    """The gap before a section."""
    lost, last = before + 1, number - 1
    which = f"section {lost} is" if lost == last else f"sections {lost}–{last} are"
    message = f"{which} missing: {before} is followed by {number}"
    where = (section.witness, section.start, section.start + 1, lost)
    return Diagnostic("section-missing", "error", message, *where)


def _repeated(first: SectionRow, copies: Sequence[SectionRow]) -> Diagnostic:
    """A section that stands again, with the places of the first and of all further copies."""
    one, *others = copies
    times = f" {len(copies)} times" if others else ""
    message = f"section {one.number} stands again{times}: {one.title}"
    see = tuple((s.witness, s.start, s.end) for s in (first, *others))
    place = (one.witness, one.start, one.end, one.number, None, see)
    return Diagnostic("section-repeated", "warning", message, *place)


# --- values --------------------------------------------------------------------------------------


@cache
def _ranges(tradition: str) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (r["field"], int(r["least"]), int(r["most"]))
        for r in table("authority/ranges.tsv")
        if r["tradition"] == tradition
    )


@lru_cache(maxsize=1)
def _transport() -> dict[str, dict[str, str]]:
    return {row["office"]: row for row in table("authority/transport.tsv")}


ACTS = frozenset({"needling", "moxa"})


def values(
    entry: Entry, tradition: str = MINGTANG, bans: frozenset[str] = ACTS
) -> Iterator[Diagnostic]:
    """What one entry says that cannot be, or cannot be together; ``bans``: the acts that are
    forbidden without a condition, if they are forbidden.
    """
    where = (entry.witness, entry.start, entry.end, entry.section, entry.entry_id)
    for field, least, most in _ranges(tradition):
        value = getattr(entry, field)
        if value is not None and not least <= value <= most:
            message = f"{entry.name_raw}: {field} is {value}, outside {least}–{most}"
            yield Diagnostic("value-out-of-range", "warning", message, *where)
    conditional = any(pattern("forbids-or-denies").search(w) for w in entry.warnings)
    for act, field, banned in (
        ("needling", "depth_min_fen", entry.needling_forbidden),
        ("moxa", "moxa_min", entry.moxa_forbidden),
    ):
        banned = banned and act in bans and not getattr(entry, f"{act}_source")
        if banned and getattr(entry, field) is not None and not conditional:
            message = f"{entry.name_raw}: {act} is forbidden and a dose is given"
            yield Diagnostic("dose-contradicts", "warning", message, *where)
    row = _transport().get(entry.shu or "")
    if row is None:
        return
    stated = {c.split(":")[1] for c in entry.channels} & {
        r["relation"] for r in _transport().values()
    }
    if stated and row["relation"] not in stated:
        printed = "、".join(sorted(stated))
        message = (
            f"{entry.name_raw}: 所{printed} with 爲{entry.shu}, where 所{row['relation']} belongs"
        )
        yield Diagnostic("office-contradicts", "warning", message, *where)
    channel = lexicon().channel.get(entry.code or "", "")
    expected = row["yin" if channel.endswith("陰") else "yang"]
    if entry.phase and expected and entry.phase != expected:
        message = (
            f"{entry.name_raw}: the {entry.shu} of {channel} is {expected}, printed {entry.phase}"
        )
        yield Diagnostic("phase-unexpected", "warning", message, *where)


def repeated(entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """Points with more than one entry in a witness, repeated passages left out."""
    times = Counter(e.code for e in entries if e.code and not e.duplicate_of)
    for entry in entries:
        heads = times[entry.code or ""]
        if heads > 1 and not entry.duplicate_of:
            message = f"{entry.name} {entry.code} heads {heads} entries"
            where = (entry.witness, entry.start, entry.end, entry.section, entry.entry_id)
            yield Diagnostic("point-repeated", "info", message, *where)
