"""What is one difference: places divided by column and section, united by the value they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline.compare import kinds
from pipeline.compare.book import NONE, Book
from pipeline.compare.difference import Kind
from pipeline.compare.kinds import FIELDS, READ_NUMBERS, Sides
from pipeline.compare.places import Place, narrowed
from pipeline.compare.sides import WORDS, Side, section
from pipeline.knowledge.acts import ACT_OF
from pipeline.model import Reading

PASSAGE = 20
"""Prose of so many glyphs that one side has alone is a passage, not a word."""


def by_column(sides: Sides, place: Place) -> Iterator[Place]:
    """A place in an entry that runs over several columns is one for each; a lost line is one."""
    if place.stream.inset or kinds.in_words(sides, place, columns_in(sides, place)) == "lost":
        yield place
        return
    parts: dict[str, tuple[list[int], list[int]]] = {}
    for which, (side, own) in enumerate(((sides.a, place.a), (sides.b, place.b))):
        label, waiting = "", []
        for g in own:
            named = next((name for name in FIELDS if name in side.fields.get(g, ())), "")
            label = ACT_OF.get(named, named) or label
            waiting.append(g)
            if label:
                parts.setdefault(label, ([], []))[which].extend(waiting)
                waiting = []
        if waiting:
            parts.setdefault("", ([], []))[which].extend(waiting)
    if len(parts) < 2:
        yield place
        return
    for a, b in parts.values():
        yield narrowed(place, a, b)


def extent(place: Place) -> Place:
    """A place, and whether it lies beyond what the other side has: a book beside one juan of it."""
    steps, (own, other) = place.stream.steps, sorted((len(place.a), len(place.b)))
    edge = place.start == 0 or place.end == len(steps)
    return replace(place, beyond=edge and not own and other >= PASSAGE and not place.stream.inset)


def with_notes(sides: Sides, places: Sequence[Place]) -> Iterator[Place]:
    """The places of prose; a note inside a passage that one side has alone is part of it."""
    owner: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for k, place in enumerate(places):
        if not place.stream.inset and of_prose(sides, place, "substantive") != "substantive":
            owner[0].update(dict.fromkeys(place.a, k))
            owner[1].update(dict.fromkeys(place.b, k))
    more: defaultdict[int, list[Place]] = defaultdict(list)
    rest: list[int] = []
    for k, place in enumerate(places):
        which = 0 if place.a else 1
        side, own = (sides.a, sides.b)[which], (place.a, place.b)[which]
        at = owner[which].get(_before(side.book, own[0])) if place.stream.inset else None
        if at is not None and is_note(place):
            more[at].append(place)
        else:
            rest.append(k)
    for k in rest:
        place = places[k]
        a = tuple(sorted((*place.a, *(g for p in more[k] for g in p.a))))
        b = tuple(sorted((*place.b, *(g for p in more[k] for g in p.b))))
        signs_a = (*place.signs_a, *(s for p in more[k] for s in p.signs_a))
        signs_b = (*place.signs_b, *(s for p in more[k] for s in p.signs_b))
        yield replace(place, a=a, b=b, signs_a=signs_a, signs_b=signs_b)


def _before(glyphs: Book, g: int) -> int:
    """The glyph of the prose before one in a note."""
    while g >= 0 and (glyphs.note[g] != NONE or glyphs.entry[g] != NONE):
        g -= 1
    return g


def by_section(sides: Sides, place: Place) -> Iterator[Place]:
    """A place in prose; what one side has alone goes by its sections, and two texts are two."""
    if place.stream.inset or max(len(place.a), len(place.b)) < PASSAGE:
        yield place
        return
    if min(len(place.a), len(place.b)) >= PASSAGE:
        yield from by_section(sides, _half(place, 0))
        yield from by_section(sides, _half(place, 1))
        return
    which = 0 if len(place.a) >= len(place.b) else 1
    side = (sides.a, sides.b)[which]
    parts: defaultdict[int, list[int]] = defaultdict(list)
    for g in (place.a, place.b)[which]:
        parts[section(side, g)[0]].append(g)
    if len(parts) < 2:
        yield place
        return
    for k, part in enumerate(parts.values()):
        yield _only(place, which, part, k == 0)


def _half(place: Place, which: int) -> Place:
    return _only(place, which, (place.a, place.b)[which], False)


def _only(place: Place, which: int, glyphs: Sequence[int], rest: bool) -> Place:
    """Some glyphs of one side of a place, and what the other side has, or nothing of it."""
    own = {*glyphs}
    a, b = place.a if rest else (), place.b if rest else ()
    signs_a, signs_b = (place.signs_a, place.signs_b) if rest else ((), ())
    if which == 0:
        a, signs_a = tuple(glyphs), tuple(s for s in place.signs_a if s[0] in own)
    else:
        b, signs_b = tuple(glyphs), tuple(s for s in place.signs_b if s[0] in own)
    return replace(place, a=a, b=b, signs_a=signs_a, signs_b=signs_b)


def united(sides: Sides, places: Sequence[Place]) -> list[list[Place]]:
    """Places that change one value are one difference: two numerals of a dose, 禁 and 三壯."""
    owner: dict[object, int] = {}
    groups: list[list[Place]] = []
    for place in places:
        keys = _values_of(sides, place)
        known = sorted({owner[key] for key in keys if key in owner})
        into = known[0] if known else len(groups)
        if not known:
            groups.append([])
        groups[into].append(place)
        for other in known[1:]:
            groups[into] += groups[other]
            groups[other] = []
            owner.update({key: into for key, at in owner.items() if at == other})
        owner.update(dict.fromkeys(keys, into))
    return [group for group in groups if group]


def _values_of(sides: Sides, place: Place) -> set[object]:
    """The values that a place changes, each of which is one whatever words say it."""
    if sides.one and sides.other and not place.stream.inset:
        found: set[object] = set()
        for name in columns_in(sides, place):
            if name not in WORDS and kinds.differ(sides, name):
                ban = sides.one.needling_forbidden != sides.other.needling_forbidden
                found.add(
                    "needling" if ban and name == "retention_breaths" else ACT_OF.get(name, name)
                )
        return found
    return {
        (reading.reading_id, name)
        for pair in readings_in(sides, place).items()
        for name, reading in [(pair[0], pair[1][0] or pair[1][1])]
        if reading and (name in READ_NUMBERS or name == "channels")
    }


def columns_in(sides: Sides, place: Place) -> list[str]:
    """The columns that were read from the glyphs of a place."""
    named = {name for g in place.a for name in sides.a.fields.get(g, ())}
    named |= {name for g in place.b for name in sides.b.fields.get(g, ())}
    return [name for name in FIELDS if name in named]


Heard = tuple[Reading | None, Reading | None]


def readings_in(sides: Sides, place: Place) -> dict[str, Heard]:
    """The readings that a place is in, by their field: that of each side."""
    own: list[dict[str, Reading]] = []
    beside: list[dict[str, Reading]] = []
    for which, side in enumerate((sides.a, sides.b)):
        before, behind = place.around(which, 1)
        noted = bool(place.stream.inset)
        own.append(_labels(side, (place.a, place.b)[which], noted))
        beside.append(_labels(side, (*before, *behind), noted))
    return {
        name: (
            own[0].get(name) or beside[0].get(name),
            own[1].get(name) or beside[1].get(name),
        )
        for name in {**own[0], **own[1]}
    }


def _labels(side: Side, glyphs: Iterable[int], noted: bool) -> dict[str, Reading]:
    """The readings of glyphs by field; in running text without those of notes that stand in it."""
    found: dict[str, Reading] = {}
    for g in glyphs:
        if g in side.readings and (noted or side.book.note[g] == NONE):
            reading, name = side.readings[g]
            found.setdefault(name, reading)
    return found


def of_prose(sides: Sides, place: Place, words: Kind) -> Kind:
    """A passage of prose that one side has alone is more than another word."""
    if sides.one or place.stream.inset or words == "lost" or (place.a and place.b):
        return words
    which = 0 if place.a else 1
    side, own = (sides.a, sides.b)[which], place.a or place.b
    whole: Kind = "only_b" if which else "only_a"
    if len(own) < PASSAGE:
        return whole if kinds.title_alone(side, own) else words
    return "lost" if kinds.torn((sides.b, sides.a)[which], place, 1 - which) else whole


def is_note(place: Place) -> bool:
    """Whether a place is a whole note that the other side has not."""
    steps = place.stream.steps
    return len(steps) == len(place.a) + len(place.b) and not (place.a and place.b)
