"""A table of contents that lists the names of the points, against the entries found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Diagnostic, Entry, SectionSegment, Text
from pipeline.reading.names import Context, context_of_title, senses_of
from pipeline.text.layer import span

LISTED = regex.compile(
    r"(?P<title>[^\n、]*凡\p{Han}+穴第\p{Han}*)\n+"
    r"(?P<names>[^\n]*、[^\n]*(?:\n[^\n]*、[^\n]*|\n\p{Han}{2,4}(?=\n))*)"
)
"""頭直鼻中髮際傍行至頭維凡七穴第一 / 神庭、曲差、本神、頭維"""


def compare(
    main: Text, sections: Sequence[SectionSegment], entries: Sequence[Entry]
) -> Iterator[Diagnostic]:
    """Names listed without an entry, and entries that are not listed, section by section.

    A listed name that fits no one point of its part of the body is passed over here: the names
    are resolved as those of entries are, and 天衡 for 天衝 is a known misprint.
    """
    body = [s for s in sections if s.declared is not None and s.duplicate_of is None]
    if not entries or not body:
        return
    held: dict[int | None, list[Entry]] = {}
    for entry in entries:
        if not entry.duplicate_of:
            held.setdefault(entry.section, []).append(entry)
    listed = list(LISTED.finditer(main.chars, 0, body[0].start))
    for section in body:
        inside = held.get(section.number, [])
        found = {e.code for e in inside if e.code}
        context = context_of_title(section.title)
        # A title of the contents may be damaged: the list that shares most points is meant.
        lists = [_named(main, match, context) for match in listed]
        best = max(lists, key=partial(_shared, found), default=[])
        named = {code for _, codes in best for code in codes}
        if not named & found:
            continue
        for (a, b), codes in best:
            if codes and not codes & found:
                yield Diagnostic(
                    "contents-differ",
                    "warning",
                    f"{main.chars[a:b]} is listed under {section.title} and has no entry there",
                    entries[0].witness,
                    *span(main, a, b),
                    section.number,
                )
        for entry in inside:
            if entry.code and entry.code not in named:
                yield Diagnostic(
                    "contents-differ",
                    "info",
                    f"{entry.name_raw} has an entry and is not listed in the contents "
                    f"({lexicon().standard[entry.code]} {entry.code})",
                    entry.witness,
                    entry.start,
                    entry.start + len(entry.name_raw),
                    entry.section,
                    entry.entry_id,
                )


Named = list[tuple[tuple[int, int], set[str]]]


def _shared(found: set[str], names: Named) -> int:
    return sum(bool(codes & found) for _, codes in names)


def _named(main: Text, match: regex.Match[str], context: Context) -> Named:
    """The names of a list, where they stand and the points they can be in a context."""
    names = regex.finditer(
        r"[^、\n]+", main.chars, pos=match.start("names"), endpos=match.end("names")
    )
    return [(n.span(), {sense.code for sense in senses_of(n.group(), context)}) for n in names]
