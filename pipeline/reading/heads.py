"""Where the entries of a catalogue begin: names at places where an entry can begin, before what
makes a name a head, in the way of writing that finds most of them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import regex

from pipeline.knowledge.lexicon import (
    along,
    begins,
    displaced,
    ends,
    lacking,
    lexicon,
    longest,
    worn,
)
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.profiles import Profile, sign
from pipeline.model import Change, NoteSegment, Text
from pipeline.sources.layouts import LOST, sized

FRAME = "frame"
"""The rule by which signs around heads are lifted (【神庭】)."""
LONGEST = 6
"""Characters in a head whose name is not known."""
LEAST = 3
"""Points that a part of a book must name in a way of writing to be taken for a catalogue."""
SHORT = 24
"""Characters of a bracket in which an entry has begun, if it is one."""
BODY = 120
"""Characters behind a head in which an entry says where its point is."""
SPREAD = 700
"""Characters of a part for each of its entries: more, and the names are those of a discussion."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text without its notes, and what its layout tells of places in it."""

    main: Text
    places: Mapping[str, Sequence[int]]
    """Where an entry can begin, in order, by what is there (``opens`` of a profile)."""
    named: Mapping[str, Sequence[int]]
    """Those of them where a name may stand."""
    marked: Mapping[int, int]
    """Where words in type of another size begin, and end."""
    notes: frozenset[int]
    counted: frozenset[str]
    """Names that stand at the start of a line before a number of points."""
    bodies: frozenset[int]
    """Where a bracket was that holds an entry."""
    lost: Sequence[int]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an entry: where the entry begins, where the name stands, and whether it is the
    name of a point.
    """

    first: int
    start: int
    end: int
    known: bool
    count: bool = False
    """Whether the number of its points stands behind it."""


def page_of(text: Text, main: Text, notes: Sequence[NoteSegment], bodies: Iterable[int]) -> Page:
    """What the layout of a text tells; ``main`` is the text without its notes, ``bodies`` are
    places of the source.
    """
    chars, here = main.chars, partial(bisect_left, main.starts)
    marked = {here(a): here(b) for a, b in (*sized(text), *_framed(text))}
    lines = set(map(here, _outside(notes, _line_begins(main.source))))
    lines |= {m.end() for m in regex.finditer(r"(?:\A|\n)(?:#[^\n]*\n)?", chars)}
    anchors = frozenset(note.anchor for note in notes if note.closed)
    stops = {m.end() for m in re.finditer("。\n?", chars)} | anchors
    places = {
        "line": lines,
        "mark": set(marked),
        "stop": stops,
        "clause": {m.end() for m in pattern("clause-end").finditer(chars)},
        "ring": {m.end() for m in pattern("ring").finditer(chars)},
        "heading": {m.end() for m in regex.finditer(r"^#[^\n]*\n", chars, regex.M)},
        "remark": {m.end() for m in pattern("remark-sign").finditer(chars)},
    }
    ordered = {kind: sorted(found) for kind, found in places.items()}
    named = {
        kind: [a for a in found if begins(chars[a : a + 2])] for kind, found in ordered.items()
    }
    return Page(
        main,
        ordered,
        named,
        marked,
        anchors,
        frozenset(_counted(chars, named["line"])),
        frozenset(map(here, bodies)),
        sorted(text.lost),
    )


def _outside(notes: Sequence[NoteSegment], places: Iterable[int]) -> Iterator[int]:
    """Those of some places of the source that are in no note: where a line begins in one, what
    follows the note begins nothing (（|靈樞）肘骨中).
    """
    spans = sorted(note.outer for note in notes)
    starts = [start for start, _ in spans]
    for at in places:
        i = bisect_right(starts, at) - 1
        if i < 0 or not spans[i][0] < at < spans[i][1]:
            yield at


def _framed(text: Text) -> Iterator[tuple[int, int]]:
    """Where the signs stood that were lifted from around heads."""
    signs = (step for step in text.log if isinstance(step, Change) and step.rule == FRAME)
    for left, right in zip(signs, signs, strict=True):
        yield left.end, right.start


@lru_cache(maxsize=1)
def _line_begins(source: str) -> array[int]:
    """Where the words of each line of a source begin; a stop that did not fit into the line before
    opens one.
    """
    return array("I", (m.end() for m in re.finditer(r"(?:\A|[\r\n])[ \t\u3000]*。?", source)))


def _counted(chars: str, lines: Iterable[int]) -> Iterator[str]:
    for at in lines:
        for stop in ends(at, len(chars)):
            if chars[at:stop] in lexicon().senses and sign("count").match(chars, stop):
                yield chars[at:stop]


# --- a head --------------------------------------------------------------------------------------


def _signed(page: Page, kind: str, end: int) -> bool:
    """Whether a sign of heads stands where a name ends."""
    if kind == "order":
        return False
    if kind == "note":
        return end in page.notes
    if kind == "body":
        counted = sign("count").match(page.main.chars, end)
        end = counted.end() if counted else end
        return end in page.bodies and _entered(page.main.chars, end)
    if kind == "gap":
        return _gap(page.main, end)
    return sign(kind).match(page.main.chars, end) is not None


def _entered(chars: str, at: int) -> bool:
    """Whether a bracket begins as an entry does: with a place, a note or a channel."""
    begin = pattern("body-of-entry").match(chars, at)
    assert begin is not None
    place = sign("entry").search(chars, begin.end(), begin.end() + SHORT)
    return begin["note"] is not None or place is not None


def _gap(main: Text, at: int) -> bool:
    """Whether the source has a blank inside a line before a place (百會 在頂中), or the end of a
    frame around the head (【百會】在頂中).
    """
    if not 0 < at < len(main.chars):
        return False
    between = main.source[main.ends[at - 1] : main.starts[at]]
    return bool(between) and not between.strip(" \u3000】〕］」』》〉）*")


def _damaged(page: Page, start: int, end: int) -> bool:
    """Whether a glyph is lost before, in or behind a name (肩 在肩端)."""
    main = page.main
    if LOST in main.chars[start:end]:
        return True
    first = main.ends[start - 1] if start else 0
    last = main.starts[end] if end < len(main.starts) else len(main.source)
    at = bisect_left(page.lost, first)
    return at < len(page.lost) and page.lost[at] < last


def known_heads(page: Page, profile: Profile, start: int, end: int) -> dict[int, Head]:
    """Heads that are names of points, by where they begin. Inside a paragraph a name that heads an
    entry already does not head another one.
    """
    if "tail" in profile.head:
        first = (_opening(page, at, end) for at in between(page.places["remark"], start, end))
        heads = [*filter(None, first), *_at_ends(page.main.chars, start, end)]
        return {head.start: head for head in heads}
    found: dict[int, Head] = {}
    for kind in profile.opens:
        for at in between(page.named[kind], start, end):
            if at not in found and (head := _known(page, profile, kind, at, end)):
                found[at] = head
    chars = page.main.chars
    if "order" in profile.head:
        found = _in_turn(page, start, end) | found
    found = {at: head for at, head in found.items() if not listed(page, at)}
    last: dict[str, int] = {}
    for at in sorted(found):
        name = chars[at : found[at].end]
        paragraph = chars.rfind("\n", start, at)
        if last.get(name, -1) > paragraph:
            del found[at]
        else:
            last[name] = at
    return found


def _in_turn(page: Page, start: int, end: int) -> dict[int, Head]:
    """Names at the starts of lines that no sign tells, each beside the one before or behind on the
    channel: 中府雲門下一寸 and 雲門巨骨下.
    """
    chars, names = page.main.chars, list[Head]()
    for at in between(page.named["line"], start, end):
        stop = next((stop for stop in ends(at, end) if chars[at:stop] in lexicon().senses), at)
        begins = at == start or chars[at - 1] in BEFORE
        if begins and stop > at and not pattern("in-sentence").match(chars, stop):
            names.append(Head(at, at, stop, True))
    near = [_near(chars[head.start : head.end]) for head in names]
    codes = [codes_of(chars[head.start : head.end]) for head in names]
    follows = [not set(a).isdisjoint(b) for a, b in zip(near, codes[1:], strict=False)]
    pairs = zip(names, [False, *follows], [*follows, False], strict=False)
    return {head.start: head for head, before, after in pairs if before or after}


def _at_ends(chars: str, start: int, end: int) -> Iterator[Head]:
    """Heads at the end of their sentence (…動脈應手，雲門穴也。); 是其穴也 closes one whose head
    stands before it.
    """
    done = start
    for found in sign("tail").finditer(chars, start, end):
        first = max(chars.rfind(mark, start, found.start()) for mark in "。】\n") + 1
        first, done = max(first, done), found.end() + (chars[found.end() : found.end() + 1] == "，")
        if first <= start:
            continue
        names = range(max(first, found.start() - longest()), found.start() - 1)
        last = [at for at in names if chars[at : found.start()] in lexicon().senses]
        lead = [stop for stop in ends(first, len(chars)) if _leads(chars, first, stop)]
        clause = chars.rfind("，", first, found.start()) + 1
        if last and last[0] > first:
            yield Head(first, last[0], found.start(), True)
        elif clause == found.start() and not found["here"] and clause - first > SHORT / 2:
            yield Head(first, clause, clause, False)
        elif clause and 0 < found.start() - clause < 4 and lacking(chars[clause : found.start()]):
            yield Head(first, clause, found.start(), False)
        elif found["here"] and lead:
            yield Head(first, first, lead[0], True)
        elif found["here"] and pattern("goes-on").search(chars, first, clause):
            yield Head(first, clause, clause, False)


def _leads(chars: str, start: int, end: int) -> bool:
    """Whether a name, or what is left of it, stands at the head of a sentence (瞳子，在目銳)."""
    name = chars[start:end]
    return name in lexicon().senses or (chars[end : end + 1] == "，" and bool(lacking(name)))


def _opening(page: Page, at: int, end: int) -> Head | None:
    """The first head of a remark whose others stand behind their places: 【注】會陰穴，在前陰後."""
    for stop in ends(at, end):
        name = page.main.chars[at:stop]
        if name in lexicon().senses and pattern("first-of-remark").match(page.main.chars, stop):
            return Head(at, at, stop, True)
    return None


def _known(page: Page, profile: Profile, kind: str, at: int, end: int) -> Head | None:
    """The head that a name of a point is, if it is one."""
    chars = page.main.chars
    if kind == "stop" and (
        sign("not").search(chars, max(0, at - LONGEST), at) or pattern("verse").match(chars, at)
    ):
        return None
    if kind == "line" and pattern("verse-begun").match(chars, at):
        return None
    for stop in ends(at, end):
        name = chars[at:stop]
        alone = chars[stop : stop + 1] == "\n"  # the rest of a wrapped sentence: 則 上引 少腹
        if name not in lexicon().senses and (alone or not _is_displaced(name)):
            continue
        signs = [s for s in profile.head if _signed(page, s, stop)]
        # These are the sign of a head only where a sentence is at its end before: a blank, and a
        # note in a book whose heads have other signs.
        weak = {"gap", "note"} if "place" in profile.head else {"gap"}
        if (
            signs
            and weak.issuperset(signs)
            and kind == "line"
            and at
            and chars[at - 1] not in BEFORE
        ):
            continue
        if signs:
            return Head(at, at, stop, True, "count" in signs)
    return None


def listed(page: Page, at: int) -> bool:
    """Whether a list of names begins at a place, which heads nothing: 百會 人中 合谷, 肩井 巨闕."""
    first = _name_at(page, at)
    return first > at and _apart(page, first) and _name_at(page, first, alone=True) > first


def _name_at(page: Page, at: int, alone: bool = False) -> int:
    """Where the name of a point that begins at a place ends; ``alone``: nothing goes on with it."""
    chars = page.main.chars
    for stop in ends(at, len(chars)):
        if chars[at:stop] in lexicon().senses and (not alone or _apart(page, stop)):
            return stop
    return at


def _apart(page: Page, at: int) -> bool:
    """Whether words are set apart from those before them: by a blank, a note, a line end."""
    main = page.main
    if at in page.notes or not 0 < at < len(main.chars):
        return True
    between = main.source[main.ends[at - 1] : main.starts[at]]
    return main.chars[at] == "\n" or (bool(between) and not between.strip())


def _is_displaced(name: str) -> bool:
    """Whether words are a name with another glyph for one of its own, not those of a sentence."""
    if sign("never").search(name) or pattern("channel-alone").fullmatch(name):
        return False
    return bool(HAN.fullmatch(name) and displaced(name))


def between(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    """Those of some places in order that lie in a stretch."""
    return places[bisect_left(places, start) : bisect_left(places, end)]


# --- the heads of a part -------------------------------------------------------------------------


def written(page: Page, start: int, end: int, tried: Sequence[Profile]) -> dict[Profile, int]:
    """The ways in which a part of a book can be written, and how many points each finds in it."""
    found: dict[Profile, int] = {}
    names_in = {kind: len(between(at, start, end)) for kind, at in page.named.items()}
    for profile in tried:
        if sum(names_in[kind] for kind in profile.opens) < LEAST and "tail" not in profile.head:
            continue
        heads = sorted(known_heads(page, profile, start, end).values(), key=lambda h: h.start)
        names = {page.main.chars[head.start : head.end] for head in heads}
        if len(names) >= LEAST and _is_catalogue(page.main.chars, heads, len(names), end):
            found[profile] = len(names)
    return found


def _is_catalogue(chars: str, heads: Sequence[Head], names: int, end: int) -> bool:
    """Whether entries stand behind most heads, each point has one, and they are not far apart."""
    stops = [*(head.start for head in heads[1:]), end]
    bodies = [
        (h.first, h.start) if h.first < h.start else (h.end, min(stop, h.end + BODY))
        for h, stop in zip(heads, stops, strict=True)
    ]
    placed = sum(sign("entry").search(chars, *body) is not None for body in bodies)
    reach = stops[-2] - heads[0].start if len(heads) > 1 else 0
    return 2 * placed > len(heads) and 3 * names > 2 * len(heads) and reach < SPREAD * len(heads)


def entered(page: Page, head: Head, end: int) -> bool:
    """Whether an entry stands behind a head: a place, a dose, an illness."""
    return sign("entry").search(page.main.chars, head.end, min(end, head.end + BODY)) is not None


def find(page: Page, profile: Profile, start: int, end: int, extra: bool = False) -> list[Head]:
    """The heads of a part of a book in a way of writing, damaged and unknown names too; ``extra``:
    it is on points outside the 361, and their names need not be known.
    """
    found = known_heads(page, profile, start, end)
    for at in between(page.places["mark"], start, end) if profile.set_apart else ():
        if page.main.chars[at : page.marked[at]] in lexicon().senses:
            found.setdefault(at, Head(at, at, page.marked[at], True))
    chars = page.main.chars
    if 2 * sum(head.count for head in found.values()) > len(found):
        # Where heads say how many points they are, a name that does so is else one in a sentence.
        found = {
            at: head
            for at, head in found.items()
            if head.count or chars[at : head.end] not in page.counted
        }
    near = sorted(found)
    named = {head.end for head in found.values()}  # 天鼎（一名天頂）二穴: the number is of the head
    for kind in profile.opens:
        for at in between(page.places[kind], start, end):
            if at in found or at in named or not (extra or _beside(near, at)):
                continue
            if kind not in ("mark", "line") and not pattern("named-alone").match(chars, at):
                continue
            head = _marked(page, profile, at) if kind == "mark" else None
            if head := head or _unknown(page, profile, at, end, extra):
                found[at] = head
                named.add(head.end)
    if not (profile.body or extra):
        found = _in_order(page, profile, found, start, end) | found
    return [head for at, head in sorted(found.items()) if not listed(page, at)]


def refers(page: Page, head: Head) -> bool:
    """Whether what follows a head says where its entry stands: 精宮（入門）見志室下."""
    return pattern("seen-elsewhere").match(page.main.chars, head.end) is not None


def _in_order(
    page: Page, profile: Profile, found: Mapping[int, Head], start: int, end: int
) -> dict[int, Head]:
    """Heads without a sign: names whose points lie on the channel between those of the heads around
    them, before a place (天鼎頸筋下 where others have 在; 正營在 where others have 正營：).
    """
    chars, more = page.main.chars, dict[int, Head]()
    known = [head for _, head in sorted(found.items())]
    names = [chars[head.start : head.end] for head in known]
    stops = [start, *(head.end for head in known)]
    for i, stop in enumerate(stops if len(known) >= LEAST else ()):
        limit = known[i].start if i < len(known) else end
        gap = _passed(*names[max(0, i - 1) : i + 1]) if 0 < i < len(known) else frozenset()
        gap = gap or frozenset(c for name in names[max(0, i - 1) : i + 1] for c in _near(name))
        for kind in set(profile.opens) - {"heading", "mark", "remark"}:
            for at in between(page.places[kind], stop, limit):
                head = _named(page, at, limit, gap, kind == "line")
                if head and chars[at : head.end] not in names:
                    more[at] = head
    return more


REACH = 6
"""Points away on a channel that an entry can be from the last or the first that has a sign."""


def _near(name: str) -> Collection[str]:
    """The points not far on the channel from one that a name stands for."""
    return {near for code in codes_of(name) for near in along(code, REACH)}


def _passed(name: str, other: str) -> frozenset[str]:
    """The points between those of two names on a channel."""
    lex = lexicon()
    places = list(lex.order)
    near = [
        sorted((lex.order[a], lex.order[b]))
        for a in codes_of(name)
        for b in codes_of(other)
        if lex.channel[a] == lex.channel[b]
    ]
    low, high = min(near, key=lambda pair: pair[1] - pair[0], default=(0, 0))
    return frozenset(places[low + 1 : high])


def codes_of(name: str) -> tuple[str, ...]:
    """The points that a name or what is left of it can stand for."""
    senses = lexicon().senses.get(name, ())
    return tuple(sense.code for sense in senses) or displaced(name) or worn(name)


def _named(page: Page, at: int, end: int, points: frozenset[str], line: bool) -> Head | None:
    """The head that a name of one of some points is, if its place follows; at the start of a line
    what is left of one, too.
    """
    chars = page.main.chars
    for stop in range(min(at + LONGEST, end), at, -1):
        name = chars[at:stop]
        senses = [s.code for s in lexicon().senses.get(name, ()) if s.kind != "alias"]
        counted = sign("count").match(chars, stop)
        damaged = (line or counted) and (stop == at + 1 or _damaged(page, at, stop))
        ended = chars[stop : stop + 1] == "。" and not counted  # the rest of a wrapped sentence
        if not senses and damaged and not ended and chars[at - 1 : at] in BEFORE:
            senses = list(worn(name))
        placed = sign("entry").search(chars, stop, min(stop + SHORT, end))
        placed = placed if line else counted or sign("place").match(chars, stop)
        placed = None if pattern("in-sentence").match(chars, stop) else placed
        if placed and not points.isdisjoint(senses):
            return Head(at, at, stop, name in lexicon().senses)
    return None


def _beside(known: Sequence[int], at: int) -> bool:
    """Whether a known head stands not far away."""
    i = bisect_left(known, at)
    return any(abs(at - place) < SPREAD for place in known[max(0, i - 1) : i + 1])


def _marked(page: Page, profile: Profile, at: int) -> Head | None:
    """Words in type of their own that are no known name, with the sign of a head."""
    chars, stop = page.main.chars, page.marked[at]
    count = pattern("count-at-end").search(chars[at:stop])
    signed = count or any(_signed(page, s, stop) for s in profile.head)
    stop -= len(count.group()) if count else 0
    short = stop - at <= LONGEST and not regex.search("[，。：\n]", chars[at:stop])
    short = short and not sign("never").search(chars, at, stop)
    return Head(at, at, stop, False) if short and signed else None


STRONG = ("count", "body")
"""Signs that make a head of a name that is not known."""


def _unknown(page: Page, profile: Profile, at: int, end: int, extra: bool) -> Head | None:
    """A head at the start of a line that is no name of the lexicon: one that has lost a glyph, or a
    whole one that is a head beyond doubt. No name runs over a line end.
    """
    chars = page.main.chars
    after = bisect_left(page.places["line"], at + 1)
    wrap = page.places["line"][after] if after < len(page.places["line"]) else end
    begins = not at or chars[at - 1] in BEFORE or profile.body
    if pattern("title-of-channel").match(chars, at):
        return None
    for stop in range(at + 1, min(at + LONGEST, end, wrap) + 1):
        if not regex.match(r"[\p{Han}□]", chars[stop - 1]) or sign("never").match(chars, stop - 1):
            return None
        # 又二穴。在: what has a place behind 穴 and is not known is no name.
        signs = [s for s in profile.head if s != "named" and _signed(page, s, stop)]
        bare = chars[at:stop].replace(LOST, "")
        strong = any(s in STRONG for s in signs)
        sourced = signs == ["note"] and _closed(chars, at)
        single = signs == ["colon"] and len(bare) == 1
        told = strong or sourced or single or _damaged(page, at, stop)
        remains = lacking if signs == ["gap"] else worn
        lost = bool(bare) and bool(remains(bare)) and told
        if signs == ["note"]:
            lost = lost and begins and (sourced or len(bare) > 1)
        lost = lost and (begins or signs != ["gap"])
        least = 0 if profile.body else 1
        whole = stop - at > least and ((begins and extra) or strong)
        if signs and (lost or whole):
            return Head(at, at, stop, False)
    return None


HAN = regex.compile(r"[\p{Han}□]+")


def _closed(chars: str, at: int) -> bool:
    """Whether a paragraph begins at a place, and the one before it was at its end."""
    return chars[at - 1 : at] == "\n" and (chars[at - 2 : at - 1] in ENDED or _headed(chars, at))


def _headed(chars: str, at: int) -> bool:
    """Whether the line before a place is a heading."""
    return chars.startswith("#", chars.rfind("\n", 0, at - 1) + 1)


ENDED = "。）\n"
"""What a paragraph ends in."""
BEFORE = "\n。）：○ｏ"
"""What stands before a name that begins a paragraph or a sentence."""
