"""Names of the points of a catalogue: what the name alone leaves open is settled by the points
beside it, for a catalogue goes along a channel or a region.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from pipeline.knowledge.channels import canonical
from pipeline.knowledge.lexicon import along, displaced, folded, lexicon, worn
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.places import likeness
from pipeline.knowledge.profiles import grouped
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.vocabulary import relation_of, words_of
from pipeline.model import Claim, Diagnostic, Entry, Segments
from pipeline.reading.listing import is_extra
from pipeline.reading.names import (
    Context,
    bare,
    basis_of,
    called,
    context_of_title,
    is_misprint,
    named,
    named_in_part,
    reports,
)
from pipeline.sources.layouts import LOST

LIKE = 0.2
"""How like the words of a place must be to those of the books; no other point half as near."""
APART = 0.45
"""How like they must be to those of a point that is not of the region or channel of the part."""
SURE = 0.6
"""How like they must be where the name alone tells nothing."""
FAR = 9
"""Points further away on a channel are not beside each other."""
NEAR = 3
"""How many points away on a channel the next entry may be: catalogues leave points out."""


@dataclass(slots=True)
class _Name:
    """The name of an entry, and the points it can stand for as far as that is known."""

    key: Final[str]
    section: Final[int]
    entry: Final[Entry]
    codes: tuple[str, ...] = ()
    restored: bool = False
    misprint: bool = False
    """Another point is meant than the one whose name is printed."""
    sure: bool = False
    """Nothing but the words of its place could be meant by them, or an other name says so."""

    @property
    def code(self) -> str | None:
        return self.codes[0] if len(self.codes) == 1 else None


def resolve_points(
    raw: Sequence[Entry], segments: Segments
) -> tuple[list[Entry], list[Diagnostic]]:
    """Standard names and codes for the entries of a catalogue, and which of them are points outside
    the 361.
    """
    chars = segments.main.chars
    names = []
    groups = _groups(segments)
    titles = {
        group: section.title for group, section in zip(groups, segments.sections, strict=True)
    }
    for entry, one in zip(raw, segments.entries, strict=True):
        key = regex.sub(r"[\s，。、：]", "", chars[slice(*one.head)])
        names.append(_Name(key, groups[one.section], entry))
    for name in names:
        _by_name(name, context_of(titles[name.section]))
    _by_places(names)
    _out_of_order(names)
    for settle in (_left, _between, _by_place, _left, _between, _by_neighbours, _by_neighbours):
        _settle(names, settle)
    _misprinted(names)
    parts = zip(groups, segments.sections, strict=True)
    _outside(names, {group for group, section in parts if is_extra(section)})
    entries = [_named(name) for name in names]
    keys = [name.key for name in names]
    told = [i for i, entry in enumerate(entries) if entry.kind != "extra"]
    return entries, reports([entries[i] for i in told], [keys[i] for i in told])


def _groups(segments: Segments) -> list[int]:
    """The group that each part belongs to: parts under one title, one after the other, are one."""
    groups: list[int] = []
    for i, section in enumerate(segments.sections):
        same = i and section.title and section.title == segments.sections[i - 1].title
        groups.append(groups[-1] if same and grouped(section.profile) else i)
    return groups


def _by_places(names: Sequence[_Name]) -> None:
    """Entries without a name: the point that the books place there, of those in the region or on
    the channel that no other entry has taken; the most like first.
    """
    lost = [name for name in names if not name.key and name.code is None]
    found = [(alike, i, code) for i, name in enumerate(lost) for alike, code in _placed_like(name)]
    taken: dict[int, str] = {}
    for alike, i, code in sorted(found, reverse=True):
        open_ = [c for a, j, c in found if j == i and a > alike - LIKE / 2 and c != code]
        if i not in taken and code not in taken.values() and set(open_) <= set(taken.values()):
            taken[i] = code
            lost[i].codes = (code,)
            lost[i].sure = alike >= SURE


def _placed_like(name: _Name) -> list[tuple[float, str]]:
    """The points that can be where an entry without a name places its own, how like the words are,
    and more where one of its other names says so too. A point outside the region or the channel of
    the part is one only where none inside it is like, for a row of a plate goes over several.
    """
    place = to_traditional(name.entry.location)
    told = _called_else(name)
    inside = [one for one in likeness(place, name.codes, both=True)[:5] if one[0] >= LIKE]
    every = likeness(place, lexicon().order, both=True)
    found = [*inside]
    if not any(code in told for _, code in inside):
        apart = every[:2] if not inside or inside[0][0] < APART else []
        more = [*(one for one in apart if one[0] >= APART), *(o for o in every if o[1] in told)]
        found += [one for one in dict.fromkeys(more) if one[0] >= LIKE and one not in inside]
    return [(alike + (code in told), code) for alike, code in found]


def _out_of_order(names: Sequence[_Name]) -> None:
    """Entries without a name whose point is not between its neighbours, where these are of one
    channel: the place misled, and they are open again.
    """
    order, channel = lexicon().order, lexicon().channel
    lost = [name for name in names if not name.key]
    wrong = []
    for a, b, c in zip(lost, lost[1:], lost[2:], strict=False):
        if not (a.code and b.code and c.code and a.section == b.section == c.section):
            continue
        low, high = sorted((order[a.code], order[c.code]))
        alike = channel[a.code] == channel[c.code] and high <= low + NEAR
        if alike and not b.sure and not low < order[b.code] < high:
            wrong.append((b, low, high))
    for name, low, high in wrong:
        name.codes = tuple(code for code, at in order.items() if low < at < high)


def context_of(title: str) -> Context:
    """Region and channel that a title names, wherever in it (寅手太陰肺經), or by its organ
    (大腸經分寸歌).
    """
    found = context_of_title(title)
    channel = pattern("channel").search(title)
    organ = pattern("channel-of-organ").match(title)
    named = channel.group() if channel else organ and canonical(organ[1])
    return replace(found, section_channel=found.section_channel or named or "")


def _by_name(name: _Name, context: Context) -> None:
    """The points that a printed name can stand for: those of the channel of the part, if any. One
    that is no name is one that has lost glyphs.
    """
    key, channel = bare(name.key), lexicon().channel
    senses = lexicon().senses.get(key, ())
    codes = [s.code for s in senses if s.kind != "alias"] or [s.code for s in senses]
    here = [code for code in codes if channel[code] == context.section_channel]
    region = [code for code in codes if _in(context.region, code)]
    name.codes = tuple(dict.fromkeys(here or region or codes))
    if not key:
        name.restored = True
        here = [code for code, own in channel.items() if own == context.section_channel]
        name.codes = tuple(here or (c for c in channel if _in(context.region, c)))
    if not name.codes:
        name.restored = True
        name.codes = (
            _told(name, context)
            or _of_channel(displaced(key), context)
            or _of_channel(worn(key), context)
            or (named_in_part(key) if _damaged(name) else ())
        )


def _damaged(name: _Name) -> bool:
    """Whether a name has lost glyphs, or all of them."""
    return not name.key or LOST in name.key or "name_damaged" in name.entry.flags


def _of_channel(codes: Sequence[str], context: Context) -> tuple[str, ...]:
    """Those of some points that are on the channel of the part, if any are."""
    channel = lexicon().channel
    return tuple(c for c in codes if channel[c] == context.section_channel) or tuple(codes)


def _in(region: str, code: str) -> bool:
    """Whether a point is in a region; where none is named, every point is."""
    return not region or region in lexicon().region[code].split("|")


def _called_else(name: _Name) -> set[str]:
    """The points that the other names of an entry can mean."""
    return called(folded(to_traditional(alias)) for alias in name.entry.aliases)


def _told(name: _Name, context: Context) -> tuple[str, ...]:
    """The points with a name of which this is a part, of those that the aliases of the entry tell
    (中, 一名中都), else the one that the books place where this one is.
    """
    part = _of_channel(named_in_part(bare(name.key)), context) if bare(name.key) else ()
    meant = _called_else(name)
    if those := [code for code in part if code in meant]:
        return tuple(those)
    places = likeness(to_traditional(name.entry.location), part)
    sure = [code for alike, code in places if alike >= SURE]
    return tuple(sure) if len(sure) == 1 else ()


Rule = Callable[[_Name, Sequence["_Name"], Sequence["_Name"]], Sequence[str]]


def _settle(names: Sequence[_Name], rule: Rule) -> None:
    """Apply a rule to what is open: it takes a name and those before and after it in its part."""
    for i, name in enumerate(names):
        if name.code is None:
            before = [n for n in names[max(0, i - 2) : i] if n.section == name.section and n.code]
            after = [n for n in names[i + 1 : i + 3] if n.section == name.section and n.code]
            found = tuple(rule(name, before, after))
            if len(found) == 1:
                name.codes = found


def _by_neighbours(name: _Name, before: Sequence[_Name], after: Sequence[_Name]) -> Sequence[str]:
    """Of several points the one next to its neighbours on the channel (臨泣 beside 目窗)."""
    order = lexicon().order
    near = [order[n.code] for n in (*before[-1:], *after[:1]) if n.code]
    steps = {c: [min(abs(order[c] - n), FAR) for n in near] for c in name.codes}
    if not near or all(min(s) > NEAR for s in steps.values()):
        return ()
    least = min(map(sum, steps.values()))
    return [c for c in steps if sum(steps[c]) == least]


def _between(name: _Name, before: Sequence[_Name], after: Sequence[_Name]) -> Sequence[str]:
    """The same where neighbours on both sides are on its channel."""
    found = _by_neighbours(name, before, after)
    if len(found) != 1 or not before or not after:
        return ()
    order = lexicon().order
    far = [abs(order[found[0]] - order[n.code]) for n in (before[-1], after[0]) if n.code]
    return found if max(far) <= NEAR else ()


def _left(name: _Name, before: Sequence[_Name], after: Sequence[_Name]) -> Sequence[str]:
    """The one point between its neighbours on a channel of whose name this can be left (中 between
    建里 and 上脘).
    """
    if not (_damaged(name) and before and after):
        return ()
    order, channel = lexicon().order, lexicon().channel
    first, last = before[-1].code, after[0].code
    if not (first and last and channel[first] == channel[last]):
        return ()
    low, high = sorted((order[first], order[last]))
    return [c for c in named_in_part(bare(name.key)) if low < order[c] < high]


def _misprinted(names: Sequence[_Name]) -> None:
    """Names of one point printed for another: the place is not where any book has that point, but
    where they have the next one on the channel, whose name has a glyph of it (至陽 for 至陰 at the
    small toe).
    """
    for before, name, after in zip([None, *names], names, [*names[1:], None], strict=False):
        if not (name.code and name.key):
            continue
        place = to_traditional(name.entry.location)
        own = likeness(place, name.codes, both=True)
        if not own or own[0][0] >= LIKE:
            continue
        here = [n.code for n in (before, after) if n and n.section == name.section and n.code]
        near = {code for one in here for code in (one, *along(one, NEAR))} - {name.code}
        alike = likeness(place, near, both=True)
        if not alike or alike[0][0] < APART:
            continue
        shared = set(name.key) & set(lexicon().standard[alike[0][1]])
        if shared or any(_again(name, other) for other in names):
            name.codes, name.restored, name.misprint = (alike[0][1],), True, True


def _again(name: _Name, other: _Name) -> bool:
    """Whether another entry of a part is of the same point."""
    same = other.section == name.section and other.code == name.code
    return same and other is not name


def _by_place(name: _Name, before: Sequence[_Name], after: Sequence[_Name]) -> Sequence[str]:
    """Of several points the one that the books place where this one is."""
    found = likeness(to_traditional(name.entry.location), name.codes)
    if len(found) < 2 or found[0][0] < LIKE or found[0][0] - found[1][0] < LIKE / 2:
        return ()
    return (found[0][1],)


def limbed(
    entries: Sequence[Entry], claims: Sequence[Claim]
) -> tuple[list[Entry], tuple[Claim, ...]]:
    """Channels printed without 手 or 足 where the point tells which: its own (太陰之絡 of LU7), and
    the one to which its branch goes, which is of the same limb (別走少陽 of LR5).
    """
    told = {
        (entry.entry_id, channel): limb + channel
        for entry in entries
        if (limb := _limb(entry))
        for channel in entry.channels
        if _is_bare(channel, entry)
    }
    return (
        [
            replace(e, channels=tuple(told.get((e.entry_id, c), c) for c in e.channels))
            for e in entries
        ],
        tuple(
            replace(c, value=told[c.entry_id, c.value])
            if c.field == "channels" and (c.entry_id, c.value) in told
            else c
            for c in claims
        ),
    )


def _limb(entry: Entry) -> str:
    """手 or 足, where the point of an entry is on a channel of the hand or the foot."""
    own = lexicon().channel.get(entry.code or "", "")
    return own[0] if own[:1] in ("手", "足") else ""


def _is_bare(channel: str, entry: Entry) -> bool:
    """Whether a channel is printed without its limb, and is of the limb of the point."""
    name, _, relation = channel.partition(":")
    six = pattern("one-of-six").fullmatch(name)
    if six is None or six[1] or name == "心主":
        return False
    own = lexicon().channel[entry.code or ""]
    return relation == relation_of("BRANCH") or (
        relation in words_of("own-relation") and own[1:] == name
    )


def _outside(names: Sequence[_Name], extra: Collection[int]) -> None:
    """Names of points outside the 361: aliases and damaged names in a part on such points, and an
    alias of a point that has an entry of its own in the same part (明堂 beside 上星).
    """
    times = Counter(
        (section, code) for section, code, _ in {(n.section, n.code, n.key) for n in names}
    )
    for name in names:
        senses = lexicon().senses.get(bare(name.key), ())
        if any(sense.kind != "alias" and sense.code in name.codes for sense in senses):
            if name.section in extra and _elsewhere(name):
                name.codes, name.restored = (), False
            continue
        if name.section in extra or (not name.restored and times[name.section, name.code] > 1):
            name.codes, name.restored = (), True


def _elsewhere(name: _Name) -> bool:
    """Whether an entry places its point where no book has the point of this name: another point,
    of the same name (中都 between the fingers).
    """
    place = to_traditional(name.entry.location)
    return bool(place) and all(alike < LIKE for alike, _ in likeness(place, name.codes))


def _named(name: _Name) -> Entry:
    """An entry with its point; a whole name that no point has is that of an extra point."""
    entry, code = name.entry, name.code
    if not name.codes and name.key:
        counted = pattern("points-at-end").search(name.key)
        standard = to_traditional(name.key[: counted.start()] if counted else name.key)
        count = integer(counted["count"]) if counted and entry.count is None else entry.count
        return replace(entry, kind="extra", name=standard, name_basis="unknown", count=count)
    restored = name.restored and code is not None
    flags = ["name_damaged" if name.key else "name_lost"] if restored else []
    if name.misprint or is_misprint(name.key, code):
        flags = ["misprint_suspected"]
    basis = "restored" if restored else basis_of(bare(name.key), code)
    return named(entry, code, basis, () if code else name.codes[:8], flags)
