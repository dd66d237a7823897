"""The entries of a catalogue of points, in whatever way it is written."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.profiles import Profile, profiles, sign
from pipeline.model import Diagnostic, EntrySegment, Kind, SectionSegment, Segments, Text
from pipeline.reading.heads import (
    FRAME,
    LEAST,
    Head,
    Page,
    between,
    entered,
    find,
    known_heads,
    listed,
    page_of,
    refers,
    written,
)
from pipeline.reading.segment import (
    entry_source,
    find_notes,
    find_sections,
    numbered,
    own_notes,
    without_notes,
)
from pipeline.text.layer import rewrite, span


def segment_points(
    text: Text, siglum: str, juan: str, profile: str = ""
) -> tuple[Segments, list[Diagnostic]]:
    """Segments of a catalogue: each part by the way of writing that finds most points in it, of
    all ways or of the one that ``profile`` names.
    """
    tried = [way for way in profiles() if profile in ("", way.name)]
    page, bodies = unbracketed(unframed(text), tried)
    text = page.main
    notes, diagnostics = find_notes(text, siglum, begun(page))
    main = without_notes(text, notes)
    page = page_of(text, main, notes, bodies)
    sections = find_sections(main, juan)
    ways = _ways(page, sections, tried)
    if not (profile or any(ways)):  # prose, whose parts nobody asks for
        return Segments(text, main, (), (), (), ()), diagnostics
    sections = numbered(list(_counted(sections, ways)), siglum)
    n = len(text.source)
    blocks: list[tuple[int, int, Kind]] = [(0, n, "prose")]
    songs = pattern("verse").finditer(main.chars)
    blocks += [(*span(main, *song.span()), "verse") for song in songs]
    entries: list[EntrySegment] = []
    for index, (section, way) in enumerate(zip(sections, ways, strict=True)):
        blocks.append((section.source[0], span(main, section.start, section.start)[0], "heading"))
        if way is not None:
            entries += _entries(page, index, section, way)
    entries, sections = own_notes(main, entries, sections, notes)
    blocks += [(*entry_source(main, entry, notes), "entry") for entry in entries]
    blocks += [(*note.outer, "note") for note in notes]
    found = Segments(text, main, tuple(sections), tuple(entries), tuple(notes), tuple(blocks))
    return found, diagnostics


# --- ways of writing -----------------------------------------------------------------------------


def _ways(
    page: Page, sections: Sequence[SectionSegment], tried: Sequence[Profile]
) -> list[Profile | None]:
    """How the entries of each part are written: as most of the book, where that finds as good as
    all. In a book with a way of writing, a part of a few entries is read too if it begins with
    one, and so is a part on points outside the 361.
    """
    running = [w for w in tried if w.running]
    bodies, others = [w for w in tried if w.body], [w for w in tried if not (w.body or w.running)]
    found = [
        written(page, s.start, s.end, bodies) or written(page, s.start, s.end, others)
        for s in sections
    ]
    run_on = [written(page, s.start, s.end, running) for s in sections]
    if _most(run_on) > OUTNUMBERS * _most(found):
        found = run_on
    times = Counter(dict.fromkeys(tried, 0))
    for ways in found:
        times.update(ways)
    usual = _preferred(times)
    parts = Counter(way for ways in found for way in ways)
    if nameless := _nameless(page, sections, tried):
        return nameless
    often = [way for way in usual if parts[way] >= LEAST]
    return [
        _usual(ways, usual) if ways else _few(page, s, often, tried)
        for ways, s in zip(found, sections, strict=True)
    ]


def _nameless(
    page: Page, sections: Sequence[SectionSegment], tried: Sequence[Profile]
) -> list[Profile | None]:
    """The way of writing of a book in which each entry has a heading, that of its group, and the
    names are lost; nothing where most headings head something else.
    """
    chars, way = page.main.chars, next((w for w in tried if w.opens == ("heading",)), None)
    ways = [
        way
        if way and sign("group").search(s.title) and sign("place").match(chars, s.start)
        else None
        for s in sections
    ]
    held = [s for s, way in zip(sections, ways, strict=True) if way]
    again = sum(a.title == b.title for a, b in pairwise(held))
    return ways if 2 * again > len(sections) and len(held) >= LEAST else []


def _most(found: Sequence[Mapping[Profile, int]]) -> int:
    """How many points the best way of each part finds in a book."""
    return sum(max(ways.values(), default=0) for ways in found)


OUTNUMBERS = 2
"""How many times the points of all other ways running text must have to be read as such."""
MOST = 0.9
"""Of the points of a part, what the way of writing of the book must find to be that of the part."""


NEARLY = 0.97
"""Of the points of a book, what a way of writing with fewer signs must find to be that of it."""


def _preferred(times: Mapping[Profile, int]) -> list[Profile]:
    """The ways that find points in a book, those that find most first; of those that find nearly
    as many, those with the fewest signs.
    """
    most = max(times.values(), default=0)
    found = [way for way in times if times[way]]

    def rank(way: Profile) -> tuple[bool, int]:
        near = times[way] >= NEARLY * most
        return not near, len(way.opens) * len(way.head) if near else -times[way]

    return sorted(found, key=rank)


def _usual(ways: Mapping[Profile, int], usual: Sequence[Profile]) -> Profile:
    most = max(ways.values())
    return next(way for way in usual if ways.get(way, 0) >= MOST * most)


def _few(
    page: Page, section: SectionSegment, usual: Sequence[Profile], tried: Sequence[Profile]
) -> Profile | None:
    """The way in which the few entries of a part, or points outside the 361, are written."""
    if usual and is_extra(section):
        ways = [way for way in tried if not way.running]
        times = {way: find(page, way, section.start, section.end, True) for way in ways}
        best = _usual({way: len(heads) for way, heads in times.items()}, [*usual, *ways])
        placed = sum(entered(page, head, section.end) for head in times[best])
        return best if len(times[best]) >= LEAST and 3 * placed > len(times[best]) else None
    return next((way for way in usual if _begins(page, way, section)), None)


def is_extra(section: SectionSegment) -> bool:
    """Whether the titles of a part say that its points are outside the 361."""
    return sign("extra").search(section.path + section.title) is not None


def _begins(page: Page, way: Profile, section: SectionSegment) -> bool:
    """Whether a part begins with an entry, in a way of writing of the book, or has one whose name
    stands in type of its own.
    """
    found = known_heads(page, way, section.start, section.end)
    heads = [h for at, h in found.items() if at < section.start + 2 or at in page.marked]
    whole = (h for h in heads if page.main.chars[h.start : h.end] in lexicon().senses)
    return any(entered(page, head, section.end) for head in whole)


def _counted(
    sections: Sequence[SectionSegment], ways: Sequence[Profile | None]
) -> Iterator[SectionSegment]:
    """The parts with entries numbered in their order, where the book does not number them."""
    number = 0
    for section, way in zip(sections, ways, strict=True):
        number += way is not None
        own = section.number if section.declared is not None else None
        yield replace(
            section,
            number=(number if own is None else own) if way else None,
            profile=way.name if way else "",
        )


# --- brackets ------------------------------------------------------------------------------------


def unframed(text: Text) -> Text:
    """A text without the signs around its heads (【神庭】一穴): what they hold is set apart."""
    frames = list(pattern("framed-name").finditer(text.chars))
    known = {frame["name"] for frame in frames if frame["name"] in lexicon().senses}
    if len(known) < LEAST or 2 * len(known) < len({frame["name"] for frame in frames}):
        return text
    places = (frame.span(side) for frame in frames for side in ("left", "right"))
    return rewrite(text, ((*place, "", FRAME) for place in places))


def begun(page: Page) -> list[int]:
    """Where entries begin beyond doubt: names at the start of a line, whatever brackets say."""
    return [head.start for head in find(page, BEGUN, 0, len(page.main.chars))]


BEGUN = Profile("", ("line", "mark"), ("count", "colon", "place", "alias"), False)


def unbracketed(text: Text, tried: Sequence[Profile]) -> tuple[Page, list[int]]:
    """A text without the brackets in which entries stand, and where they opened in the source.

    The bracket is often not closed.
    """
    bodied = [way for way in tried if way.body]
    opened = [m.start() for m in regex.finditer("（", text.chars)] if bodied else []
    bodies = {a - (text.chars[a - 1 : a] == "\n") for a in opened}
    page = page_of(text, text, (), (text.starts[a] for a in bodies))
    edits: list[tuple[int, int, str, str]] = []
    places: list[int] = []
    for section in find_sections(text, "") if opened else ():
        way = next(iter(written(page, section.start, section.end, bodied)), None)
        if way is None:
            continue
        heads = find(page, way, section.start, section.end)
        if 2 * sum(b - a for a, b in _bracketed(text.chars, heads, section.end)) < (
            section.end - section.start
        ):
            continue
        for head, stop in zip(heads, [*(h.start for h in heads[1:]), section.end], strict=True):
            counted = sign("count").match(text.chars, head.end)
            behind = counted.end() if counted else head.end
            a = text.chars.find("（", behind, behind + 2)
            places.append(text.starts[behind])
            edits.append((a, a + 1, "", "markup"))
            if (b := _closing(text.chars, a, stop)) is not None:
                edits.append((b, b + 1, "", "markup"))
    if edits:
        text = rewrite(text, edits)
        page = page_of(text, text, (), ())
    return page, places


def _closing(chars: str, start: int, end: int) -> int | None:
    """Where a bracket is closed, those inside it passed over."""
    depth = 0
    for found in regex.finditer("[（）]", chars, pos=start, endpos=end):
        depth += 1 if found.group() == "（" else -1
        if depth == 0:
            return found.start()
    return None


def _bracketed(chars: str, heads: Sequence[Head], end: int) -> Iterator[tuple[int, int]]:
    for head, stop in zip(heads, [*(h.start for h in heads[1:]), end], strict=True):
        close = chars.find("）", head.end, stop)
        yield head.end, stop if close < 0 else close


# --- entries -------------------------------------------------------------------------------------


def _entries(
    page: Page, index: int, section: SectionSegment, way: Profile
) -> Iterator[EntrySegment]:
    """The entries of a part: each up to the next head, or to what ends it."""
    chars = page.main.chars
    heads = find(page, way, section.start, section.end, is_extra(section))
    if way.opens == ("heading",):
        heads = [Head(section.start, section.start, section.start, False)]
    elif "line" in way.opens and heads:
        heads = list(_with_nameless(chars, heads, section.end))
    stops = [*(head.first for head in heads[1:]), section.end]
    spans = ((h, _end(page, section, way, h, a)) for h, a in zip(heads, stops, strict=False))
    told = ((head, end) for head, end in spans if _says(page, head, end))
    for seq, (head, end) in enumerate(told, 1):
        lead = sign("lead").match(chars, head.end, end)
        body = (lead.end(), end) if lead else None
        if head.first < head.start:
            body = (head.first, head.start)
        entry_id = f"{section.section_id}/{seq:03d}"
        place = (head.start, head.end)
        yield EntrySegment(entry_id, index, seq, place, head.first, end, body=body)


def _end(page: Page, section: SectionSegment, way: Profile, head: Head, stop: int) -> int:
    """Where an entry ends, the next head or the end of its part at the latest."""
    chars, lone = page.main.chars, _lone_names(page.main)
    last = sign("end").search(chars, head.end, stop)
    signs = way.ends if _inside(page, section, head, "line" in way.opens) else ""
    ends = [at for at in (chars.find(s, head.end, stop) for s in signs) if at > 0]
    after = bisect_left(lone, head.end)
    ends += lone[after : after + 1]
    ends += [at for at in between(page.named["line"], head.end, stop) if listed(page, at)][:1]
    end = min([last.start() if last else stop, stop, *ends])
    return head.end + len(chars[head.end : end].rstrip("\n"))


def _says(page: Page, head: Head, end: int) -> bool:
    """Whether an entry says more than where it stands; a name alone is one of a list."""
    bare = head.first == head.start < head.end == end and end not in page.notes
    return not (bare and head.known) and not refers(page, head)


def _with_nameless(chars: str, heads: Sequence[Head], end: int) -> Iterator[Head]:
    """The heads, and where an entry whose name is lost begins with its place, after the line on the
    illness of the one before: 主治…時噎。 在肩膊內廉，六椎下，…正坐取之.
    """
    for head, stop in zip(heads, [*(after.first for after in heads[1:]), end], strict=True):
        yield head
        for found in pattern("nameless-entry").finditer(chars, head.end, stop):
            at = found.start()
            before = chars[chars.rfind("\n", 0, at - 1) + 1 : at]
            if pattern("illness-line").search(before):
                yield Head(at, at, at, False)


@lru_cache(maxsize=1)
def _lone_names(text: Text) -> list[int]:
    """Where a line of the source is the name of a point and nothing else (夾脊穴): what follows is
    not of the point before.
    """
    found = pattern("name-alone").finditer(text.source)
    return [bisect_left(text.starts, match.start(1)) for match in found]


STOPS = "。○ｏ】"


def _inside(page: Page, section: SectionSegment, head: Head, by_line: bool) -> bool:
    """Whether an entry begins inside a paragraph, with no type of its own and behind a stop;
    ``by_line``: and not with a line, where entries can.
    """
    before = page.main.chars[head.first - 1 : head.first]
    lines = page.places["line"]
    if by_line and between(lines, head.first, head.first + 1):
        return False
    if head.first < head.start or before in STOPS:
        return head.start not in page.marked and head.first > section.start
    return before != "\n"
