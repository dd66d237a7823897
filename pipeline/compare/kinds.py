"""What a difference means: a number, a prohibition, a channel, words, or glyphs that are lost.

A difference of numbers or of a prohibition stands before all others: a needle goes by the numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import regex

from pipeline.compare.difference import Kind
from pipeline.compare.places import Place
from pipeline.compare.sides import WORDS, Side, in_title, shown_value
from pipeline.knowledge.acts import BANS
from pipeline.knowledge.glyphs import rare
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.vocabulary import unsaid, words_of
from pipeline.model import Entry
from pipeline.sources.glyphs import GAPS

FORBIDDEN = {
    ban: tuple(column for column, rules in BANS.items() if rules == ban) for ban in BANS.values()
}
"""Prohibitions, and the doses that they rule out."""
FIELDS = (
    "name_raw", "aliases", "count", "location", "channels", "shu", "phase", "role", "posture",
    "depth_min_fen", "depth_max_fen", "needling_forbidden", "retention_breaths",
    "moxa_min", "moxa_max", "moxa_forbidden", "warnings", "remarks",
)  # fmt: skip
"""What is compared, in the order of an entry."""
NAMES = frozenset(("name_raw", "aliases", "shu", "phase", "role", "name"))
"""Words in which a number is no measure; 三里 and 五里 are names."""
DAMAGE = {
    "name_raw": {"name_lost", "name_damaged"},
    "aliases": {"alias_damaged"},
    "location": {"location_damaged"},
}
"""Flags that say that glyphs of a field are lost."""
CUT = {"text_truncated", "merged_with_next"}
"""Flags of an entry whose end is lost."""
READ_NUMBERS = frozenset(("depth", "retention", "moxa", "needling"))
"""Fields of readings whose values are numbers, or a prohibition."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a comparison, and the entries that are one; None in the prose."""

    a: Side
    b: Side
    one: Entry | None = None
    other: Entry | None = None


# --- words ---------------------------------------------------------------------------------------

REACH = 12
"""So many glyphs on each side of a place can belong to the measure in it (一百八十二寸五分)."""


def in_words(sides: Sides, place: Place, fields: Collection[str]) -> Kind:
    """What another wording in a place means; ``fields`` are the columns that it is in."""
    here, there = _chars(sides.a, place.a), _chars(sides.b, place.b)
    if _missing(here, there) and _is_lost(sides.a, sides.b, place, 0, sides.one, fields):
        return "lost"
    if _missing(there, here) and _is_lost(sides.b, sides.a, place, 1, sides.other, fields):
        return "lost"
    if _cut_short(place, 0, sides.one) or _cut_short(place, 1, sides.other):
        return "lost"
    if not NAMES & {*fields} and _counts(sides, place):
        return "numeric"
    # 螈 and a blank for 瘈瘲: another glyph, and one that is lost.
    damaged = _shorter(here, there, sides.a, place, 0) or _shorter(there, here, sides.b, place, 1)
    return "lost" if damaged else "substantive"


def _shorter(own: str, other: str, side: Side, place: Place, which: int) -> bool:
    """Whether a side has fewer glyphs than the other in a place where one is lost."""
    left = [char for char in own if char not in GAPS]
    return len(left) < len(other) and (len(left) < len(own) or _gap(side, place, which))


def _counts(sides: Sides, place: Place) -> bool:
    """Whether a place changes a number that counts or measures."""
    here, there = _chars(sides.a, place.a), _chars(sides.b, place.b)
    measure = _counting(sides, place)
    numbers = _measures(sides.a, place, 0, measure), _measures(sides.b, place, 1, measure)
    if numbers[0] == numbers[1] or not pattern("glyph-of-measure").search(here + there):
        return False
    # A measure against other words is another way to say the place; against none, a number gone.
    alone = pattern("counting").fullmatch(here or there) and not (here and there)
    return bool(all(numbers) or alone)


HEADING = 6
"""Glyphs of a heading that are more than a word of it: 鍼灸甲乙經卷八, but not 第一, 皇甫."""


def title_alone(side: Side, glyphs: Sequence[int]) -> bool:
    """Whether glyphs begin with a heading, of which most of them are."""
    titled = [in_title(side, g) for g in glyphs]
    return len(titled) >= HEADING and titled[0] and 2 * sum(titled) >= len(titled)


def _of_title(sides: Sides, place: Place) -> bool:
    """Whether a place is in a heading, where 第八 is the number of the chapter."""
    return any(
        in_title(side, g) for side, own in ((sides.a, place.a), (sides.b, place.b)) for g in own
    )


def _chars(side: Side, glyphs: Sequence[int]) -> str:
    return side.book.matched(glyphs)


def _counting(sides: Sides, place: Place) -> regex.Pattern[str]:
    """What counts there: in a heading points, in prose years and days too."""
    if _of_title(sides, place):
        return pattern("counted-points")
    return pattern("counting") if sides.one else pattern("counted-in-prose")


def _measures(side: Side, place: Place, which: int, measure: regex.Pattern[str]) -> list[str]:
    """The measures that a place touches; 一寸半 is 一寸五分, 第十椎 is 十椎."""
    before, behind = place.around(which, REACH)
    own = (place.a, place.b)[which]
    chars = _chars(side, (*before, *own, *behind))
    start, end = len(before), len(before) + len(own)
    return [_alike(m[0]) for m in measure.finditer(chars) if m.start() <= end and m.end() >= start]


def _alike(measure: str) -> str:
    """A measure as it is compared: 一寸半 as 一寸五分."""
    for one, same in words_of("measured-alike").items():
        measure = measure.replace(one, same)
    return measure


# --- what is lost --------------------------------------------------------------------------------


def _missing(short: str, long: str) -> bool:
    """Whether ``short`` is ``long`` with glyphs missing."""
    rest = iter(long)
    return all(char in rest for char in short if char not in GAPS) and short != long


def _is_lost(
    side: Side,
    peer: Side,
    place: Place,
    which: int,
    entry: Entry | None,
    fields: Collection[str],
) -> bool:
    """Whether glyphs that another edition has were here once: the source shows a gap or a mark,
    it breaks off, or it has no such characters at all.
    """
    own, missing = ((place.a, place.b), (place.b, place.a))[which]
    flags = {*entry.flags} if entry else set()
    if GAPS & {*_chars(side, own)} or any(DAMAGE.get(f, set()) & flags for f in fields):
        return True
    if CUT & flags and not place.around(which, 1)[1] and not place.stream.inset:
        return True
    words = _chars(peer, missing)
    return _unwritable(side, peer, words, entry) or _gap(side, place, which)


def _cut_short(place: Place, which: int, entry: Entry | None) -> bool:
    """Whether a place lies in the last words of an entry that breaks off: 足 of 足太陽脈."""
    own = (place.a, place.b)[which]
    cut = entry and CUT & {*entry.flags}
    return bool(cut and own and not place.stream.inset and not place.around(which, 1)[1])


OFTEN = 3
"""A glyph that one edition has so often and the other never is one that it could not write."""


def _unwritable(side: Side, peer: Side, glyphs: str, entry: Entry | None) -> bool:
    """Whether a witness confined to GB 2312 could not write these glyphs: they are not in it, or
    the witness never writes what the other has often (郄).
    """
    narrow = entry.witness in side.narrow if entry else {*side.edition.witnesses} <= side.narrow
    return narrow and all(
        rare(simplified) or (char not in side.counts and peer.counts[char] >= OFTEN)
        for char, simplified in zip(glyphs, to_simplified(glyphs), strict=True)
    )


TORN = re.compile(r"(?!.*[。！？：」』）)\u3000])(?:.*[^\S¶\u3000]|.*\n)(?!.*¶)", re.S)
"""What stands between two glyphs where a line was lost: a blank, or a paragraph that ends without a
stop; but not where lines are broken by ¶, and a full blank is a stop."""


def torn(side: Side, place: Place, which: int) -> bool:
    """Whether a side breaks off where the other goes on: its sentence does, at a blank or the end
    of a paragraph.
    """
    before, behind = place.around(which, 1)
    if not (before and behind):
        return False
    source = side.edition.texts.get(side.witness(before[0]), "")
    between = side.book.spans[before[0]][1], side.book.spans[behind[0]][0]
    return TORN.match(source, *between) is not None


def _gap(side: Side, place: Place, which: int) -> bool:
    """Whether the source has lost a glyph between the glyphs on both sides of a place."""
    before, behind = place.around(which, 1)
    own = (place.a, place.b)[which]
    known = before or behind or own
    if not known:
        return False
    lost = side.edition.lost.get(side.witness(known[0]), ())
    spans = side.book.spans
    first = spans[before[0]][1] if before else spans[(own or behind)[0]][0] - 1
    last = spans[behind[0]][0] if behind else spans[(own or before)[-1]][1] + 1
    at = bisect_left(lost, first)
    return at < len(lost) and lost[at] <= last


# --- values --------------------------------------------------------------------------------------


def in_value(sides: Sides, name: str) -> Kind:
    """What another value of a column means, words and channels left aside."""
    assert sides.one is not None
    assert sides.other is not None
    if name in FORBIDDEN:
        return "forbidden"
    for ban, doses in FORBIDDEN.items():
        if name in doses and getattr(sides.one, ban) != getattr(sides.other, ban):
            return "forbidden"
    x, y = (getattr(entry, name) for entry in (sides.one, sides.other))
    if (x is None and CUT & {*sides.one.flags}) or (y is None and CUT & {*sides.other.flags}):
        return "lost"
    if name == "channels":
        return "lost" if _unsaid(sides) else "channel"
    silent = (x is None and _elsewhere(sides.a, sides.one, name)) or (
        y is None and _elsewhere(sides.b, sides.other, name)
    )
    return "substantive" if silent else "numeric"


def differ(sides: Sides, name: str) -> bool:
    """Whether a column has another value."""
    assert sides.one is not None
    assert sides.other is not None
    if name == "channels":
        return {*sides.one.channels} != {*sides.other.channels}
    if name in WORDS:
        return shown_value(sides.one, name) != shown_value(sides.other, name)
    return bool(getattr(sides.one, name) != getattr(sides.other, name))


def _elsewhere(side: Side, entry: Entry, name: str) -> bool:
    """Whether an entry leaves a number to another work (與氣穴同法), or has no need to state it."""
    claims = side.edition.claims.get((entry.entry_id, name), ())
    return name == "count" or any(claim.basis == "external" for claim in claims)


def _unsaid(sides: Sides) -> bool:
    """Whether all that one side does not say of its channels is lost: the entry breaks off."""
    assert sides.one is not None
    assert sides.other is not None
    here, there = {*sides.one.channels}, {*sides.other.channels}
    for entry, own, missing in (
        (sides.one, here - there, there - here),
        (sides.other, there - here, here - there),
    ):
        bare = {f"{channel.partition(':')[0]}:{unsaid()}" for channel in missing}
        if own <= bare and CUT & {*entry.flags}:
            return True
    return False
