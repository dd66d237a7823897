"""Editions compared: entries, then fields, then glyphs, and what each difference means.

Entries are the same if they state the same point; what is left over is matched by its place and
its words. Fields are compared on the normalized layer and shown as written. A difference of
numbers or of a prohibition stands before all others: a needle goes by the numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Literal

from rapidfuzz.distance import Indel

from pipeline.compare.edition import Edition, entry_glyphs, place
from pipeline.knowledge.glyphs import rare
from pipeline.knowledge.numerals import MEASURED, NUMERAL
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import table
from pipeline.model import Entry, column
from pipeline.sources.glyphs import GAPS, Glyphs, glyphs_of, is_sign
from pipeline.sources.signs import cleared
from pipeline.text.layer import plain

Kind = Literal[
    "numeric", "forbidden", "channel", "substantive", "only_a", "only_b",
    "lost", "moved", "duplicate", "orthographic", "same",
]  # fmt: skip
SEVERITY: dict[Kind, str] = {
    "numeric": "critical",
    "forbidden": "critical",
    "channel": "major",
    "substantive": "major",
    "only_a": "major",
    "only_b": "major",
    "lost": "minor",
    "moved": "minor",
    "duplicate": "minor",
    "orthographic": "none",
    "same": "none",
}
"""The kinds of difference, most severe first, and how severe they are."""
RANK = {kind: rank for rank, kind in enumerate(SEVERITY)}

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Row of collation: an entry or a field of it in which two witnesses differ."""

    code: str | None = column("code of the point")
    name: str | None = column("standard name of the point")
    field: str = column("column of entries, or entry for a whole entry")
    kind: str = column(
        "numeric forbidden channel substantive only_a only_b lost moved duplicate orthographic; "
        "same where all is asked for"
    )
    severity: str = column("critical, major, minor or none")
    value_a: str | None = column("value in the first witness; a list is joined with 、")
    value_b: str | None = column("value in the second witness")
    text_a: str | None = column("the words of the first witness, verbatim")
    text_b: str | None = column("the words of the second witness, verbatim")
    entry_a: str | None = column("entry of the first witness")
    entry_b: str | None = column("entry of the second witness")
    start_a: int | None = column("where text_a begins", "code points")
    end_a: int | None = column("where text_a ends, exclusive", "code points")
    start_b: int | None = column("where text_b begins", "code points")
    end_b: int | None = column("where text_b ends, exclusive", "code points")
    witness_a: str = column("first witness")
    witness_b: str = column("second witness")
    place_a: str | None = column("juan, page and line of the first witness")
    place_b: str | None = column("juan, page and line of the second witness")
    rules: tuple[str, ...] = column("what makes unlike glyphs count as one: script 会→會")


Pair = tuple[int | None, int | None]
"""An entry of each side by its index; None where the other side has it alone."""


@dataclass(frozen=True, slots=True)
class Collation:
    """Every difference of the editions against the first of them."""

    editions: tuple[Edition, ...]
    differences: tuple[Difference, ...]
    marks: tuple[tuple[Spans, Spans], ...]
    """For each difference the characters of value_a and of value_b that differ."""
    pairs: tuple[tuple[Pair, ...], ...] = ()
    """For each edition but the first how its entries go with those of the first."""


# --- entries -------------------------------------------------------------------------------------

WINDOW = 8
"""How many entries that could be meant are compared, which bounds the time."""
ALIKE = 0.6
"""Share of glyphs in common from which on two entries without a name are one."""


def align(a: Edition, b: Edition) -> tuple[Pair, ...]:
    """Which entries of two editions are one, in the order of the first; duplicates are left out.

    An entry goes with the entry of the same point, of the same witness first, as text or order say
    where there are several; one without a known point goes by name, then by place and text. The
    result does not depend on which edition is the first.
    """
    if identity(a) > identity(b):
        return _in_order([(i, j) for j, i in _align(b, a)])
    return _in_order(_align(a, b))


def identity(side: Edition) -> tuple[str, list[str]]:
    """What orders editions among themselves, whatever order they come in."""
    return side.label, [e.text for e in side.entries]


def _align(a: Edition, b: Edition) -> list[Pair]:
    chars = [[entry_glyphs(side, e).chars for e in side.entries] for side in (a, b)]
    names = [
        [g.chars for g in _values(side, [e.name_raw for e in side.entries])] for side in (a, b)
    ]
    free = [
        {i: None for i, e in enumerate(side.entries) if e.duplicate_of is None} for side in (a, b)
    ]
    found: list[tuple[int, int]] = []

    def key(side: int, i: int, parts: str) -> Hashable | None:
        entry = (a, b)[side].entries[i]
        have = {"w": entry.witness, "c": entry.code, "n": names[side][i], "t": chars[side][i]}
        return tuple(have[p] for p in parts) if all(have[p] for p in parts) else None

    def settle(parts: str) -> None:
        """Pair what agrees in the parts named: as text says among the next few, else in order."""
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for j in free[1]:
            if (k := key(1, j, parts)) is not None:
                waiting[k].append(j)
        for i in list(free[0]):
            queue = waiting.get(key(0, i, parts))
            if not queue:
                continue
            near = list(islice(queue, WINDOW))
            # max takes the first of equals, which is the next in order.
            j = max(near, key=lambda j: _alike(chars[0][i], chars[1][j])) if near[1:] else near[0]
            queue.remove(j)
            found.append((i, j))
            del free[0][i], free[1][j]

    for parts in ("wct", "wc", "ct", "c", "nt", "n"):
        settle(parts)
    _fill(found, free, chars, a, b)
    return [*found, *((i, None) for i in free[0]), *((None, j) for j in free[1])]


def _alike(a: str, b: str) -> float:
    return Indel.normalized_similarity(a, b)


def _fill(
    found: list[tuple[int, int]],
    free: list[dict[int, None]],
    chars: list[list[str]],
    a: Edition,
    b: Edition,
) -> None:
    """Pair what is left between two entries that are paired, by its words; two known points are
    never one.
    """
    last = len(a.entries), len(b.entries)
    anchors = [(-1, -1), *sorted(_backbone(found)), last]
    left = [list(free[0]), list(free[1])]
    for (i0, j0), (i1, j1) in pairwise(anchors):
        here = left[0][bisect_left(left[0], i0) : bisect_left(left[0], i1)]
        there = left[1][bisect_left(left[1], j0) : bisect_left(left[1], j1)]
        begin = 0
        for i in here:
            near = [
                (_alike(chars[0][i], chars[1][j]), -n)
                for n, j in enumerate(there[begin : begin + WINDOW])
                if not (a.entries[i].code and b.entries[j].code)
            ]
            if near and (best := max(near))[0] >= ALIKE:
                j = there[begin - best[1]]
                begin += 1 - best[1]
                found.append((i, j))
                del free[0][i], free[1][j]


def _backbone(pairs: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The longest run of pairs whose order is the same on both sides."""
    ordered = sorted(pairs)
    tails: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for n, (_, j) in enumerate(ordered):
        k = bisect_left(tails, j)
        back.append(at[k - 1] if k else -1)
        tails[k : k + 1] = [j]
        at[k : k + 1] = [n]
    run = []
    n = at[-1] if at else -1
    while n >= 0:
        run.append(ordered[n])
        n = back[n]
    return frozenset(run)


def _in_order(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Pairs in the order of the first side; what only the second has stands where it has it."""
    partner = {j: i for i, j in pairs if i is not None and j is not None}
    keyed: list[tuple[tuple[int, int], Pair]] = []
    previous = -1
    for j in sorted(j for _, j in pairs if j is not None):
        if j in partner:
            previous = partner[j]
        else:
            keyed.append(((previous, j + 1), (None, j)))
    keyed += [((i, 0), (i, j)) for i, j in pairs if i is not None]
    return tuple(pair for _, pair in sorted(keyed, key=lambda item: item[0]))


def moved(pairs: Iterable[Pair]) -> frozenset[tuple[int, int]]:
    """The pairs that stand in another order; none where most do, as in two different books."""
    both = [(i, j) for i, j in pairs if i is not None and j is not None]
    backbone = _backbone(both)
    return frozenset(both) - backbone if 2 * len(backbone) >= len(both) else frozenset()


# --- fields --------------------------------------------------------------------------------------

WORDS = (
    "name_raw",
    "aliases",
    "location",
    "shu",
    "phase",
    "role",
    "posture",
    "warnings",
    "remarks",
)
FORBIDDEN = {
    "needling_forbidden": ("depth_min_fen", "depth_max_fen", "retention_breaths"),
    "moxa_forbidden": ("moxa_min", "moxa_max"),
}
"""Prohibitions, and the doses that they rule out."""
FIELDS = (
    "name_raw", "aliases", "count", "location", "channels", "shu", "phase", "role", "posture",
    "depth_min_fen", "depth_max_fen", "needling_forbidden", "retention_breaths",
    "moxa_min", "moxa_max", "moxa_forbidden", "warnings", "remarks",
)  # fmt: skip
"""What is compared, in the order of an entry."""
COUNTED = ("location", "posture", "warnings", "remarks")
"""Words in which a number is a measure; 三里 and 五里 are names."""
DAMAGE = {
    "name_raw": {"name_lost", "name_damaged"},
    "aliases": {"alias_damaged"},
    "location": {"location_damaged"},
}
"""Flags that say that glyphs of a field are lost."""
CUT = {"text_truncated", "merged_with_next"}
"""Flags of an entry whose end is lost."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the comparison of one field came to."""

    kind: Kind
    marks_a: Spans = ()
    marks_b: Spans = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """An edition with what is computed from it once."""

    edition: Edition
    words: Mapping[tuple[int, str], Glyphs]
    narrow: frozenset[str]
    """Witnesses written without any character outside GB 2312."""
    glyphs: Counter[str]
    """How often each glyph is written in the entries, as it is matched."""


def _side(edition: Edition) -> _Side:
    keys = [(i, f) for i in range(len(edition.entries)) for f in WORDS]
    shown = [shown_value(edition.entries[i], f) or "" for i, f in keys]
    entries = defaultdict(list)
    for entry in edition.entries:
        entries[entry.witness].append(entry.text)
    return _Side(
        edition,
        dict(
            zip(keys, _values(edition, shown, [edition.entries[i] for i, _ in keys]), strict=True)
        ),
        frozenset(w for w, texts in entries.items() if not any(map(rare, "".join(texts)))),
        Counter("".join(entry_glyphs(edition, e).chars for e in edition.entries)),
    )


def _values(
    side: Edition, texts: Sequence[str], entries: Sequence[Entry] | None = None
) -> list[Glyphs]:
    """The glyphs of values, each in the script of its witness."""
    of = entries if entries is not None else side.entries
    found: list[Glyphs] = [Glyphs((), "", "")] * len(texts)
    scripts: defaultdict[str, list[int]] = defaultdict(list)
    for n, entry in enumerate(of):
        row = side.witnesses.get(entry.witness)
        scripts[row.script if row else "hant"].append(n)
    for script, numbers in scripts.items():
        for n, glyphs in zip(numbers, glyphs_of([texts[n] for n in numbers], script), strict=True):
            found[n] = glyphs
    return found


def shown_value(entry: Entry, field: str) -> str | None:
    """A value as the table collation has it: None where there is none, a list joined with 、."""
    value = getattr(entry, field)
    match value:
        case None | "" | ():
            return None
        case bool():
            return "true" if value else "false"
        case tuple():
            return "、".join(value)
    return str(value)


def collate(editions: Sequence[Edition], every: bool = False) -> Collation:
    """Compare every edition with the first; ``every``: what is the same is listed, too.

    The differences are sorted by kind, most severe first, and then as they stand in the first.
    """
    sides = [_side(edition) for edition in editions]
    pairs = [align(editions[0], edition) for edition in editions[1:]]
    found: list[tuple[tuple[int, bool, int, int, int], Difference, tuple[Spans, Spans]]] = []
    for n, (side, aligned) in enumerate(zip(sides[1:], pairs, strict=True)):
        for at, difference, marks in _differences(sides[0], side, aligned, every):
            rank = RANK[difference.kind]  # type: ignore[index]
            number = (*FIELDS, "entry").index(difference.field)
            # What both state stands before what one leaves out.
            gap = difference.value_a is None or difference.value_b is None
            found.append(((rank, gap, at, n, number), difference, marks))
    found.sort(key=lambda item: item[0])
    return Collation(
        tuple(editions),
        tuple(difference for _, difference, _ in found),
        tuple(marks for _, _, marks in found),
        tuple(pairs),
    )


Found = tuple[int, Difference, tuple[Spans, Spans]]


def _differences(a: _Side, b: _Side, pairs: Sequence[Pair], every: bool) -> Iterator[Found]:
    elsewhere = moved(pairs)
    for at, (i, j) in enumerate(pairs):
        one = None if i is None else a.edition.entries[i]
        other = None if j is None else b.edition.entries[j]
        if one is None or other is None or i is None or j is None:
            kind: Kind = "only_b" if one is None else "only_a"
            yield at, _row(a, b, one, other, "entry", Compared(kind)), ((), ())
            continue
        if (i, j) in elsewhere:
            yield at, _row(a, b, one, other, "entry", Compared("moved")), ((), ())
        for name in FIELDS:
            compared = _compare(a, b, i, j, name)
            if every or compared.kind != "same":
                marks = compared.marks_a, compared.marks_b
                yield at, _row(a, b, one, other, name, compared), marks
    for one, other in _repeated(a.edition, b.edition):
        row = _row(a, b, one, other, "entry", Compared("duplicate"))
        yield len(pairs), row, ((), ())


def _repeated(a: Edition, b: Edition) -> Iterator[tuple[Entry | None, Entry | None]]:
    """The repetitions that one edition has and the other has not."""
    repeats = [_by_point(e for e in side.entries if e.duplicate_of is not None) for side in (a, b)]
    for point in dict.fromkeys((*repeats[0], *repeats[1])):
        ones, others = (r.get(point, []) for r in repeats)
        yield from ((entry, None) for entry in ones[len(others) :])
        yield from ((None, entry) for entry in others[len(ones) :])


def _by_point(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.code or entry.name_raw].append(entry)
    return groups


def _row(
    a: _Side, b: _Side, one: Entry | None, other: Entry | None, name: str, found: Compared
) -> Difference:
    entry = one or other
    assert entry is not None
    value_a, text_a, start_a, end_a, place_a = _place(a.edition, one, name)
    value_b, text_b, start_b, end_b, place_b = _place(b.edition, other, name)
    return Difference(
        code=entry.code or (other.code if other else None),
        name=entry.name or (other.name if other else None),
        field=name,
        kind=found.kind,
        severity=SEVERITY[found.kind],
        value_a=value_a,
        value_b=value_b,
        text_a=text_a,
        text_b=text_b,
        entry_a=one.entry_id if one else None,
        entry_b=other.entry_id if other else None,
        start_a=start_a,
        end_a=end_a,
        start_b=start_b,
        end_b=end_b,
        witness_a=one.witness if one else a.edition.label,
        witness_b=other.witness if other else b.edition.label,
        place_a=place_a,
        place_b=place_b,
        rules=found.rules,
    )


def _place(
    side: Edition, entry: Entry | None, name: str
) -> tuple[str | None, str | None, int | None, int | None, str | None]:
    """Value, words, start, end and place of a field; the value of a whole entry is its number."""
    if entry is None:
        return None, None, None, None, None
    if name == "entry":
        number = "" if entry.section is None else f"{entry.section}."
        here = place(side, entry, entry.start)
        return f"{number}{entry.seq}", entry.text, entry.start, entry.end, here
    value = shown_value(entry, name)
    span = said(side, entry, name)
    if span is None:
        return value, None, None, None, place(side, entry, entry.start)
    text, start, end = span
    return value, text, start, end, place(side, entry, start)


def said(side: Edition, entry: Entry, name: str) -> tuple[str, int, int] | None:
    """The words that a field of an entry was read from: text, start and end in the source."""
    claims = side.claims.get((entry.entry_id, name), ())
    inside = [c for c in claims if entry.start <= c.start and c.end <= entry.end]
    if inside:
        start, end = min(c.start for c in inside), max(c.end for c in inside)
        return entry.text[start - entry.start : end - entry.start], start, end
    if claims:
        return claims[0].text, claims[0].start, claims[0].end
    return _head(side, entry) if name == "name_raw" and entry.name_raw else None


def _head(side: Edition, entry: Entry) -> tuple[str, int, int] | None:
    """Where the name stands: its glyphs open the entry."""
    whole = entry_glyphs(side, entry)
    name = ""
    for start, written in zip(whole.starts, map(_bare, whole.written), strict=True):
        name += written
        if name == entry.name_raw:
            begin, end = whole.starts[0], start + len(written)
            return entry.text[begin - entry.start : end - entry.start], begin, end
    return None


def _compare(a: _Side, b: _Side, i: int, j: int, name: str) -> Compared:
    one, other = a.edition.entries[i], b.edition.entries[j]
    if name in WORDS:
        return _words(a, b, i, j, name)
    x, y = getattr(one, name), getattr(other, name)
    if name == "channels":
        return _channels(a, b, one, other)
    if x == y:
        return Compared("same")
    whole = _whole(shown_value(one, name)), _whole(shown_value(other, name))
    if name in FORBIDDEN:
        return Compared("forbidden", *whole)
    for ban, doses in FORBIDDEN.items():
        if name in doses and getattr(one, ban) != getattr(other, ban):
            return Compared("forbidden", *whole)
    if (x is None and CUT & {*one.flags}) or (y is None and CUT & {*other.flags}):
        return Compared("lost", *whole)
    silent = (x is None and _elsewhere(a.edition, one, name)) or (
        y is None and _elsewhere(b.edition, other, name)
    )
    return Compared("substantive" if silent else "numeric", *whole)


def _elsewhere(side: Edition, entry: Entry, name: str) -> bool:
    """Whether an entry leaves a number to another work (與氣穴同法), or has no need to state it."""
    claims = side.claims.get((entry.entry_id, name), ())
    return name == "count" or any(claim.basis == "external" for claim in claims)


def _whole(value: str | None) -> Spans:
    return ((0, len(value)),) if value else ()


BARE = "其他"
"""The relation of a channel whose relation is not said, or whose word for it is lost."""


def _channels(a: _Side, b: _Side, one: Entry, other: Entry) -> Compared:
    here, there = {*one.channels}, {*other.channels}
    if here == there:
        return Compared("same")
    lost = _unsaid(a, b, one, there - here, here - there) or _unsaid(
        b, a, other, here - there, there - here
    )
    marks = _unlike(one, other), _unlike(other, one)
    return Compared("lost" if lost else "channel", *marks)


def _unsaid(side: _Side, peer: _Side, entry: Entry, missing: set[str], own: set[str]) -> bool:
    """Whether all that an entry does not say of its channels is lost: it breaks off, or the word
    for the relation (郄) cannot be written or left a gap.
    """
    bare = {f"{channel.partition(':')[0]}:{BARE}" for channel in missing}
    if not own <= bare:
        return False
    if CUT & {*entry.flags}:
        return True
    relations = "".join(channel.partition(":")[2] for channel in missing)
    return _unwritable(side, peer, entry, relations) or all(
        _breaks_off(side, entry, channel) for channel in missing
    )


def _breaks_off(side: _Side, entry: Entry, channel: str) -> bool:
    """Whether a glyph is lost right behind the name of a channel: 阴跷之 ，在."""
    name = channel.partition(":")[0].lstrip("手足")
    whole = entry_glyphs(side.edition, entry)
    lost = side.edition.lost.get(entry.witness, ())
    for at in lost[bisect_left(lost, entry.start) : bisect_left(lost, entry.end)]:
        before = whole.chars[: bisect_left(whole.starts, at)]
        if before.removesuffix("之").endswith(name):
            return True
    return False


def _unlike(one: Entry, other: Entry) -> Spans:
    """Where in the joined list the channels stand that the other entry has not."""
    found = []
    at = 0
    for channel in one.channels:
        if channel not in other.channels:
            found.append((at, at + len(channel)))
        at += len(channel) + 1
    return tuple(found)


# --- glyphs --------------------------------------------------------------------------------------

Region = tuple[int, int, int, int]


def regions(a: str, b: str) -> list[Region]:
    """Where two texts differ: start and end in one, start and end in the other.

    >>> regions("去蔽骨三寸五分", "去蔽骨二寸")
    [(3, 4, 3, 4), (5, 7, 5, 5)]
    """
    found: list[Region] = []
    for step in Indel.opcodes(a, b):
        a0, a1, b0, b1 = step.src_start, step.src_end, step.dest_start, step.dest_end
        if step.tag == "equal":
            continue
        if found and found[-1][1] == a0 and found[-1][3] == b0:
            found[-1] = (found[-1][0], a1, found[-1][2], b1)
        else:
            found.append((a0, a1, b0, b1))
    return found


MEASURE = re.compile(rf"第[{NUMERAL}]+|[{NUMERAL}半]{{1,9}}[{MEASURED}]半?")
"""A number that counts something: 一寸五分, 第三椎, 十六椎. The 一 of 一名 is none."""


MEASURES = re.compile(rf"(?:{MEASURE.pattern})+")


def _measures(chars: str, start: int, end: int) -> list[str]:
    """The measures that a part of a text touches; 一寸半 is 一寸五分, 第十椎 is 十椎."""
    return [
        m[0].replace("寸半", "寸五分").replace("半寸", "五分").replace("第", "")
        for m in MEASURES.finditer(chars)
        if m.start() <= end and m.end() >= start
    ]


def _words(a: _Side, b: _Side, i: int, j: int, name: str) -> Compared:
    x, y = a.words[i, name], b.words[j, name]
    rules = () if x.written == y.written else tuple(dict.fromkeys(_rules(x, y)))
    if x.chars == y.chars:
        if not rules:
            return Compared("same")
        return Compared("orthographic", _unlike_glyphs(x, y), _unlike_glyphs(y, x), rules)
    found = regions(x.chars, y.chars)
    kinds = [_kind(a, b, i, j, name, region) for region in found]
    return Compared(
        min(kinds, key=RANK.__getitem__),
        spans(x, [(a0, a1) for a0, a1, _, _ in found]),
        spans(y, [(b0, b1) for _, _, b0, b1 in found]),
        rules,
    )


def _kind(a: _Side, b: _Side, i: int, j: int, name: str, region: Region) -> Kind:
    """What the difference of two texts in one place means."""
    x, y = a.words[i, name], b.words[j, name]
    a0, a1, b0, b1 = region
    here, there = x.chars[a0:a1], y.chars[b0:b1]
    if _missing(here, there) and _is_lost(a, b, i, (a0, a1), there, name):
        return "lost"
    if _missing(there, here) and _is_lost(b, a, j, (b0, b1), here, name):
        return "lost"
    if _cut_short(a, i, name, a1 == len(x.chars)) or _cut_short(b, j, name, b1 == len(y.chars)):
        return "lost"
    if name not in COUNTED or not x.chars or not y.chars:
        return "substantive"
    numbers = _measures(x.chars, a0, a1), _measures(y.chars, b0, b1)
    if numbers[0] == numbers[1]:
        return "substantive"
    # A measure against other words is another way to say the place; against none, a number gone.
    alone = MEASURES.fullmatch(here or there) and not (here and there)
    return "numeric" if all(numbers) or alone else "substantive"


def _missing(short: str, long: str) -> bool:
    """Whether ``short`` is ``long`` with glyphs missing."""
    rest = iter(long)
    return all(char in rest for char in short if char not in GAPS) and short != long


def _is_lost(
    side: _Side, other: _Side, i: int, here: tuple[int, int], missing: str, name: str
) -> bool:
    """Whether glyphs that another edition has were here once: the source shows a gap or a mark,
    it breaks off, or it has no such characters at all.
    """
    entry, x = side.edition.entries[i], side.words[i, name]
    if GAPS & {*x.chars[slice(*here)]} or DAMAGE.get(name, set()) & {*entry.flags}:
        return True
    if CUT & {*entry.flags} and here[1] == len(x.chars):
        return True
    return _unwritable(side, other, entry, missing) or _gap(side, entry, x, here, name)


def _cut_short(side: _Side, i: int, name: str, last: bool) -> bool:
    """Whether a difference lies in the last words of an entry that breaks off: 足 of 足太陽脈."""
    entry = side.edition.entries[i]
    words = said(side.edition, entry, name)
    ends = words is not None and all(map(is_sign, entry.text[words[2] - entry.start :]))
    return last and ends and bool(CUT & {*entry.flags})


OFTEN = 3


def _unwritable(side: _Side, other: _Side, entry: Entry, glyphs: str) -> bool:
    """Whether a witness confined to GB 2312 could not write these glyphs: they are not in it, or
    the witness never writes what the other has often (郄).
    """
    return entry.witness in side.narrow and all(
        rare(simplified) or (char not in side.glyphs and other.glyphs[char] >= OFTEN)
        for char, simplified in zip(glyphs, to_simplified(glyphs), strict=True)
    )


def _gap(side: _Side, entry: Entry, x: Glyphs, here: tuple[int, int], name: str) -> bool:
    """Whether the source has lost a glyph between the glyphs on both sides of ``here``."""
    lost = side.edition.lost.get(entry.witness, ())
    words = said(side.edition, entry, name)
    begin, stop = (words[1], words[2]) if words else (entry.start, entry.end)
    if not _between(lost, entry.start, entry.end):
        return False
    whole = entry_glyphs(side.edition, entry)
    starts: list[int] = []
    n = bisect_left(whole.starts, begin)
    for char in x.chars:
        n = whole.chars.find(char, n)
        if n < 0:
            return False
        starts.append(whole.starts[n])
        n += 1
    left = starts[here[0] - 1] if here[0] else begin - 1
    right = starts[here[1]] if here[1] < len(starts) else stop + 1
    return _between(lost, left + 1, right)


def _between(positions: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(positions, first)
    return at < len(positions) and positions[at] <= last


def spans(x: Glyphs, parts: Iterable[tuple[int, int]]) -> Spans:
    """Parts of a text in glyphs as positions in what is written, signs at their ends left out."""
    ends = [0]
    for written in x.written:
        ends.append(ends[-1] + len(written))
    found = []
    for start, end in parts:
        if start < end:
            signs = len(x.written[end - 1]) - len(_bare(x.written[end - 1]))
            found.append((ends[start], ends[end] - signs))
    return tuple(found)


def _bare(written: str) -> str:
    """A glyph without the signs after it; an entity ends in a sign and is kept whole."""
    end = len(written)
    while end > 1 and is_sign(written[end - 1]) and not ENTITY.search(written[:end]):
        end -= 1
    return written[:end]


ENTITY = re.compile(r"&\w+;$")


def _unlike_glyphs(x: Glyphs, y: Glyphs) -> Spans:
    return spans(
        x, [(n, n + 1) for n, w in enumerate(x.written) if _bare(w) != _bare(y.written[n])]
    )


# --- why unlike glyphs are one -------------------------------------------------------------------


def _rules(x: Glyphs, y: Glyphs) -> Iterator[str]:
    """The rules that make unlike glyphs of two texts one, where they are."""
    n, m = 0, 0
    for a0, a1, _, b1 in [*regions(x.chars, y.chars), (len(x.chars), 0, 0, 0)]:
        while n < a0:
            if x.written[n] != y.written[m]:
                yield from _pair(x, n, y, m)
            n, m = n + 1, m + 1
        n, m = a1, b1


def _pair(x: Glyphs, n: int, y: Glyphs, m: int) -> Iterator[str]:
    one, other = _bare(x.written[n]), _bare(y.written[m])
    if one != other:
        yield from _steps(one, x.scripted[n], x.chars[n])
        yield from _steps(other, y.scripted[m], y.chars[m])
    if x.written[n][len(one) :] != y.written[m][len(other) :]:
        yield "signs"


def _steps(written: str, scripted: str, char: str) -> Iterator[str]:
    """How a glyph came to be matched as it is: entity &KR1038;→髎, script 会→會, variant 㑹→會."""
    if ENTITY.search(written):
        yield f"entity {written}→{scripted}"
    elif written != scripted and cleared(plain(written)).chars == scripted:
        yield f"form {written}→{scripted}"
    elif written != scripted:
        yield f"script {written}→{scripted}"
    if scripted != char:
        yield f"variant {scripted}→{char}"


def explain(rule: str) -> str:
    """A rule in full: where it is written down, and why.

    >>> explain("variant 㑹→會")
    '㑹 = 會: corpus/normalization/variants.tsv, print: glyph variant of the print'
    """
    if rule == "signs":
        return "punctuation differs: signs are not compared"
    kind, _, step = rule.partition(" ")
    before, _, after = step.partition("→")
    head = f"{before} = {after}: "
    if kind == "script":
        return f"{head}simplified to traditional, corpus/normalization/opencc"
    if kind == "form":
        return f"{head}one glyph as Unicode has it, corpus/normalization/README.md"
    if kind == "entity":
        rows = {row["entity"]: row for row in table("normalization/entities.tsv")}
        row = rows.get(before, {"certainty": "", "reason": ""})
        return f"{head}corpus/normalization/entities.tsv, {row['certainty']}: {row['reason']}"
    rows = {row["variant"]: row for row in table("normalization/variants.tsv")}
    if before not in rows:
        return f"{head}in words of corpus/normalization/words.tsv"
    row = rows[before]
    return f"{head}corpus/normalization/variants.tsv, {row['class']}: {row['reason']}"
