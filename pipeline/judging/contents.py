"""A table of contents that lists the names of the points, against the entries found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.model import Diagnostic, Entry, SectionSegment, Text
from pipeline.reading.names import Context, context_of_title, senses_of
from pipeline.text.layer import span


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
    siglum = entries[0].witness
    held: dict[int | None, list[Entry]] = {}
    for entry in (e for e in entries if not e.duplicate_of):
        held.setdefault(entry.section, []).append(entry)
    listed = list(pattern("listed-points").finditer(main.chars, 0, body[0].start))
    lists: dict[Context, _Lists] = {}
    for section in body:
        inside = held.get(section.number, [])
        found = {e.code for e in inside if e.code}
        context = context_of_title(section.title)
        # A title of the contents may be damaged: the list that shares most points is meant.
        if context not in lists:
            lists[context] = _Lists(main, listed, context)
        best = lists[context].sharing(found)
        named = {code for _, codes in best for code in codes}
        if not named & found:
            continue
        for (a, b), codes in best:
            if codes and not codes & found:
                message = f"{main.chars[a:b]} is listed under {section.title}"
                message += " and has no entry there"
                where = (siglum, *span(main, a, b), section.number)
                yield Diagnostic("contents-differ", "warning", message, *where)
        for entry in inside:
            if entry.code and entry.code not in named:
                message = f"{entry.name_raw} has an entry and is not listed in the contents "
                message += f"({lexicon().standard[entry.code]} {entry.code})"
                end = entry.start + len(entry.name_raw)
                place = (siglum, entry.start, end, section.number, entry.entry_id)
                yield Diagnostic("contents-differ", "info", message, *place)


Named = list[tuple[tuple[int, int], set[str]]]


class _Lists:
    """The lists of the contents as names of one part of the body, each once."""

    def __init__(self, main: Text, listed: Sequence[regex.Match[str]], context: Context):
        known: dict[tuple[frozenset[str], ...], Named] = {}
        for match in listed:
            names = _named(main, match, context)
            known.setdefault(tuple(frozenset(codes) for _, codes in names), names)
        self.lists = list(known.values())
        self.places: dict[str, list[tuple[int, int]]] = {}
        for at, names in enumerate(self.lists):
            for n, (_, codes) in enumerate(names):
                for code in codes:
                    self.places.setdefault(code, []).append((at, n))

    def sharing(self, found: set[str]) -> Named:
        """The list with most names for the points found."""
        named = {place for code in found for place in self.places.get(code, ())}
        times = Counter(at for at, _ in named)
        best = max(times, key=lambda at: (times[at], -at), default=None)
        return [] if best is None else self.lists[best]


def _named(main: Text, match: regex.Match[str], context: Context) -> Named:
    """The names of a list, where they stand and the points they can be in a context."""
    names = regex.finditer(
        r"[^、\n]+", main.chars, pos=match.start("names"), endpos=match.end("names")
    )
    return [(n.span(), {sense.code for sense in senses_of(n.group(), context)}) for n in names]
