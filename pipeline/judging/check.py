"""Checks: the book's own counts, numbering and totals, and values that cannot be right."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, integer, written
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, Entry, SectionRow, Text
from pipeline.text.layer import span


def check(
    text: Text, sections: Sequence[SectionRow], entries: Sequence[Entry]
) -> tuple[list[Entry], list[Diagnostic]]:
    """Entries with flags for what cannot be right, and the diagnostics."""
    diagnostics = [*counts(sections, entries), *numbering(sections), *total(text, sections)]
    flagged: list[Entry] = []
    for entry in entries:
        found = list(values(entry))
        diagnostics += found
        if any(d.code in SUSPECT for d in found):
            entry = replace(entry, flags=tuple(dict.fromkeys((*entry.flags, "misprint_suspected"))))
        flagged.append(entry)
    return flagged, diagnostics


SUSPECT = frozenset({"value-out-of-range", "office-contradicts", "phase-unexpected"})


def points_of(entry: Entry) -> int:
    """How many points an entry counts for: one on the midline, else two."""
    return 1 if entry.code in lexicon().midline else 2


# --- sections ------------------------------------------------------------------------------------


begin = attrgetter("start")


def counts(sections: Sequence[SectionRow], entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """Where the source's own count and its entries differ, and what the difference can be."""
    entries = sorted(entries, key=begin)
    for section in sections:
        if (
            section.status != "differs"
            or section.declared_points is None
            or section.counted_points is None
        ):
            continue
        first, stop = (bisect_left(entries, p, key=begin) for p in (section.start, section.end))
        inside = entries[first:stop]
        midline = sum(points_of(e) == 1 for e in inside)
        declared, counted = section.declared_points, section.counted_points
        reasons = [f"{midline or 'none'} of them on the midline"]
        if (declared - midline) % 2:
            reasons.append(f"so the number must be {'odd' if midline % 2 else 'even'}")
        if sum(a != b for a, b in zip(written(declared), written(counted), strict=False)) == 1:
            reasons.append(
                f"{written(declared)} is one glyph from {written(counted)}: likely a misprint"
            )
        elif counted < declared:
            reasons.append("entries are missing, or the number is misprinted")
        else:
            reasons.append("the number is misprinted, or entries came in from elsewhere")
        yield Diagnostic(
            "section-count-differs",
            "warning",
            f"{section.title}: declares {declared} points, its {section.entries} entries "
            f"give {counted}, {', '.join(reasons)}",
            section.witness,
            section.start,
            section.start + len(section.title),
            section.number,
        )


def numbering(sections: Sequence[SectionRow]) -> Iterator[Diagnostic]:
    """Numbers that are missing between the sections of points, and sections that stand again."""
    counted = [s for s in sections if s.number is not None and s.declared_points is not None]
    by_id = {s.section_id: s for s in sections}
    for previous, section in pairwise(counted):
        assert previous.number is not None and section.number is not None
        if section.status == "duplicate":
            message = f"section {section.number} stands again: {section.title}"
            first = by_id[section.duplicate_of or section.section_id]
            see = ((first.witness, first.start, first.end),)
            yield Diagnostic(
                "section-repeated",
                "warning",
                message,
                section.witness,
                section.start,
                section.end,
                section.number,
                None,
                see,
            )
        for number in range(previous.number + 1, section.number):
            message = (
                f"section {number} is missing: {previous.number} is followed by {section.number}"
            )
            yield Diagnostic(
                "section-missing",
                "error",
                message,
                section.witness,
                section.start,
                section.start + 1,
                number,
            )


TOTAL = regex.compile(
    rf"[總緫]計(?P<all>[{NUMERAL}]+)穴[。，]?單(?P<single>[{NUMERAL}]+)穴[。，]?\n?雙(?P<double>[{NUMERAL}]+)穴"
)


def total(text: Text, sections: Sequence[SectionRow]) -> Iterator[Diagnostic]:
    """The total of the front matter against its own parts and against what was found
    (總計六百五十四穴。單四十八穴，雙三百零八穴: 48 + 2 × 308 = 664).
    """
    match = TOTAL.search(text.chars)
    if match is None or not sections:
        return
    declared, single, double = (integer(match[key]) for key in ("all", "single", "double"))
    if declared is None or single is None or double is None:
        return
    where = (sections[0].witness, *span(text, *match.span()))
    if single + 2 * double != declared:
        message = (
            f"the total of {declared} points is not that of its parts: "
            f"{single} single and {double} double make {single + 2 * double}"
        )
        yield Diagnostic("total-differs", "warning", message, *where)
    found = sum(s.counted_points or 0 for s in sections if s.status != "duplicate" and s.entries)
    if found != declared:
        yield Diagnostic(
            "total-differs",
            "info",
            f"the total declares {declared} points, the entries give {found}",
            *where,
        )


# --- values --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _ranges() -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (r["field"], int(r["least"]), int(r["most"])) for r in table("authority/ranges.tsv")
    )


@lru_cache(maxsize=1)
def _transport() -> dict[str, dict[str, str]]:
    return {row["office"]: row for row in table("authority/transport.tsv")}


def values(entry: Entry) -> Iterator[Diagnostic]:
    """What one entry says that cannot be, or cannot be together."""
    where = (entry.witness, entry.start, entry.end, entry.section, entry.entry_id)
    for field, least, most in _ranges():
        value = getattr(entry, field)
        if value is not None and not least <= value <= most:
            message = f"{entry.name_raw}: {field} is {value}, outside {least}–{most}"
            yield Diagnostic("value-out-of-range", "warning", message, *where)
    conditional = any(regex.search("[不禁]", w) for w in entry.warnings)
    for act, field, banned in (
        ("needling", "depth_min_fen", entry.needling_forbidden),
        ("moxa", "moxa_min", entry.moxa_forbidden),
    ):
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
        if entry.code and times[entry.code] > 1 and not entry.duplicate_of:
            message = f"{entry.name} {entry.code} heads {times[entry.code]} entries"
            yield Diagnostic(
                "point-repeated",
                "info",
                message,
                entry.witness,
                entry.start,
                entry.end,
                entry.section,
                entry.entry_id,
            )
