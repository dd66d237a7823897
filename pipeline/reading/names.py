"""Names to points: homonyms by their context, damaged names by what section and order leave.

A name is resolved only if exactly one point remains; else it is kept, with its candidates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from pipeline.knowledge.glyphs import rare
from pipeline.knowledge.lexicon import (
    Sense,
    alternatives,
    folded,
    lexicon,
    point_name,
    points,
    ranked,
)
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_simplified, to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, Entry, Segments, Severity, Text
from pipeline.sources.layouts import LOST
from pipeline.text.layer import Edit, rewrite, show
from pipeline.text.slice import Slice, at


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a name: region of the body, channels, empty where unknown."""

    region: str = ""
    section_channel: str = ""
    channels: frozenset[str] = frozenset()
    guessed: bool = False
    """The region is told by the names around: where it leaves no sense, the rest decides alone."""


def context_of(title: str, entry: Entry) -> Context:
    """The context of an entry: that of its section's title and the channels of its clauses."""
    channels = frozenset(channel.split(":")[0] for channel in entry.channels)
    return replace(context_of_title(title), channels=channels)


@lru_cache
def context_of_title(title: str) -> Context:
    """Region and channel that a title names (手太陽凡一十六穴 → hand, 手太陽)."""
    title = pattern("number-of-section").sub("", title)
    region = next((region for word, region in _regions() if title.startswith(word)), "")
    named = pattern("channel").match(title)
    return Context(region, named.group() if named else "")


@lru_cache(maxsize=1)
def _regions() -> tuple[tuple[str, str], ...]:
    return tuple((row["word"], row["region"]) for row in table("authority/regions.tsv"))


def context_of_words(words: str, channel: str) -> Context:
    """The region of most points that words name, of those whose name is one point's alone: it tells
    homonyms apart (臨泣 beside 目窗 is that of the head).
    """
    region = lexicon().region
    found: Counter[str] = Counter()
    for code in _alone(point_name().findall(words)):
        found.update(region[code].split("|"))
    best = found.most_common(2)
    tied = len(best) == 2 and best[0][1] == best[1][1]
    return Context("" if tied or not best else best[0][0], channel, guessed=True)


def context_of_names(around: Iterable[str], listed: Iterable[str]) -> Context:
    """The region in which all names around a name are, the channels of those in one list with it
    (氣街、三里、巨虛上下廉 are on one channel).
    """
    lex = lexicon()
    regions = {lex.region[code] for code in _alone(around)}
    sure = {region for region in regions if "|" not in region}
    alike = {s.code for name in listed for s in lex.senses[name] if not s.context}
    channels = frozenset(lex.channel[code] for code in alike)
    return Context(sure.pop() if len(sure) == 1 else "", channels=channels)


def _alone(names: Iterable[str]) -> Iterator[str]:
    """The points of those names that are one point's alone."""
    for name in names:
        senses = lexicon().senses.get(name, ())
        if len(senses) == 1:
            yield senses[0].code


# --- a name --------------------------------------------------------------------------------------


def stands(sense: Sense, context: Context) -> bool:
    """Whether a sense agrees with the context: a condition known and not met excludes it."""
    met = not sense.context
    for key, values in sense.context:
        if key == "region" and context.region:
            if context.region not in values:
                return False
            met = True
        elif key == "channel":
            known = {context.section_channel} if context.section_channel else context.channels
            if known and values & known:
                met = True
            elif context.section_channel:
                return False
    return met


def senses_of(key: str, context: Context) -> list[Sense]:
    """The senses of a name that stand: those of a head before those of an alias, one whose
    conditions are met before one that has none (上廉 under 足陽明).
    """
    known = lexicon().senses.get(key, ())
    found = [sense for sense in known if stands(sense, context)]
    if any(sense.kind == "standard_homonym" for sense in known):
        # Of a shared name the standard's own point must lie here, too (no 上廉 LI9 on the foot).
        found = [sense for sense in found if sense.context or _lies(sense.code, context)]
    if not found and context.guessed and context.region:
        return senses_of(key, replace(context, region=""))
    found = [sense for sense in found if sense.kind != "alias"] or found
    return [sense for sense in found if sense.context] or found


def sense_of(key: str, context: Context) -> tuple[Sense | None, tuple[str, ...]]:
    """The one point that a name stands for, or its candidates: where nothing is known around it,
    those too whose conditions nobody can tell (上廉 in a list whose channel is spoilt).
    """
    found = senses_of(bare(key), context)
    codes = {sense.code for sense in found}
    if found and not situated(context):
        shared = lexicon().senses[bare(key)]
        codes |= {sense.code for sense in shared if sense.kind == "standard_homonym"}
    if found and len(codes) == 1:
        return found[0], ()
    return None, ranked(codes)


def situated(context: Context) -> bool:
    """Whether anything is known of where a name stands."""
    return bool(context.region or context.section_channel or context.channels)


def all_of(key: str) -> tuple[str, ...]:
    """All the points of a name, whatever their conditions, in the order of the standard."""
    return ranked({sense.code for sense in lexicon().senses.get(bare(key), ())})


def bare(key: str) -> str:
    """A name as the lexicon may have it: without the sign of a lost glyph, without 穴."""
    return key if key in lexicon().senses else pattern("around-name").sub("", key)


def sense_by_channels(key: str, channels: frozenset[str], told: Sense | None) -> Sense | None:
    """The sense of a name that the channels of its own clause decide (少海 … 手太陽脈之所入也 is
    SI8), else the one it was ``told`` to have.
    """
    found = [sense for sense in senses_of(key, Context(channels=channels)) if sense.context]
    if len(found) != 1 and told is None:
        known = lexicon().senses.get(key, ())
        found = [sense for sense in known if lexicon().channel[sense.code] in channels]
    return found[0] if len(found) == 1 else told


def basis_of(key: str, code: str | None) -> str:
    """Whether a name is printed as the standard has it (``name_basis`` of entries)."""
    if code is None:
        return "unknown"
    return "printed" if key == folded(lexicon().standard[code]) else "variant"


def is_misprint(key: str, code: str | None) -> bool:
    """Whether a name is known to be a misprint of a point's name (自窗 for 目窗)."""
    senses = lexicon().senses.get(bare(key), ())
    return any(sense.kind == "misprint" and sense.code == code for sense in senses)


def reports(entries: Sequence[Entry], keys: Sequence[str]) -> list[Diagnostic]:
    """What is to be said of the names of entries, read as ``keys``: restored, of no point or of
    several, a misprint.
    """
    return [d for entry, key in zip(entries, keys, strict=True) for d in _report(entry, key)]


def _report(entry: Entry, key: str) -> list[Diagnostic]:
    lex = lexicon()
    severity: Severity = "info"
    if entry.name_basis == "restored":
        shown = entry.name_raw or "(no name)"
        code = "name-restored"
        message = f"{shown} restored as {entry.name} {entry.code}: the one point left here"
    elif entry.code is None:
        among = ", ".join(f"{lex.standard[c]} {c}" for c in entry.candidates) or "none"
        code = "name-ambiguous" if len(entry.candidates) > 1 else "name-unknown"
        severity, message = "warning", f"{key or '(no name)'}: candidates {among}"
    elif is_misprint(key, entry.code):
        code = "name-misprint"
        message = f"{entry.name_raw} is taken for a misprint of {entry.name}"
    else:
        return []
    end = min(entry.end, entry.start + max(1, len(entry.name_raw)))
    where = (entry.witness, entry.start, end, entry.section, entry.entry_id)
    return [Diagnostic(code, severity, message, *where)]


def divided(words: str) -> Iterator[int]:
    """Where a run of names is divided; what is no name of a point is as long as most are.

    >>> list(divided("瞳子髎絲竹空頰車"))
    [3, 6]
    """
    at = 0
    while at < len(words):
        known = point_name().match(words, at)
        at = known.end() if known else at + 2
        if at < len(words):
            yield at


# --- the heads of a witness ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of an entry, and the point it stands for as far as that is known."""

    key: str
    context: Context
    aliases: tuple[str, ...]
    code: str | None
    candidates: tuple[str, ...]
    basis: str
    section: int
    flags: tuple[str, ...] = ()
    measured_from: frozenset[str] = frozenset()
    """The points that the name can mean from which its place is measured (在上星後一寸)."""


def resolve(
    entries: Sequence[Entry],
    keys: Sequence[str],
    contexts: Sequence[Context],
    sections: Sequence[int],
    declared: Mapping[int, int | None],
) -> tuple[list[Entry], list[Diagnostic]]:
    """Standard names and codes for the entries of one witness.

    ``keys`` are the heads in normalized form (顴□, 上, …), ``declared`` the number of points that a
    section says it has. What the other entries leave decides only in a section that has as many:
    where a heading is lost, 天 among the points of the neck would be what they leave of them.
    """
    printed = [_read(*one) for one in zip(entries, keys, contexts, sections, strict=True)]
    agreeing = {section for section, number in declared.items() if number is not None}
    while True:
        heads = _restored(printed, agreeing)
        differing = {
            section
            for section in agreeing
            if points(head.code for head in heads if head.section == section) != declared[section]
        }
        if not differing:
            break
        agreeing -= differing
    resolved = [
        named(entry, head.code, head.basis, head.candidates, head.flags)
        for entry, head in zip(entries, heads, strict=True)
    ]
    return resolved, reports(resolved, keys)


def _restored(printed: Sequence[_Head], agreeing: Collection[int]) -> list[_Head]:
    """Heads with the damaged ones restored, again and again: each takes a point from the rest."""
    heads = list(printed)
    open_ones = [i for i, head in enumerate(heads) if not head.code and not head.candidates]

    def left(i: int) -> list[str]:
        return (left_over if heads[i].section in agreeing else told)(i, heads)

    progress = True
    while progress:
        progress = False
        for i in [i for i in open_ones if heads[i].code is None]:
            found = left(i)
            if len(found) == 1 and all(head.code != found[0] for head in heads):
                flag = "name_damaged" if bare(heads[i].key) else "name_lost"
                heads[i] = replace(heads[i], code=found[0], basis="restored", flags=(flag,))
                progress = True
    for i in [i for i in open_ones if heads[i].code is None]:
        heads[i] = replace(heads[i], candidates=tuple(left(i))[:8])
    return heads


def named(
    entry: Entry, code: str | None, basis: str, candidates: tuple[str, ...], flags: Iterable[str]
) -> Entry:
    """An entry with the point that it is about."""
    return replace(
        entry,
        code=code,
        name=lexicon().standard[code] if code else None,
        name_basis=basis,
        candidates=candidates,
        flags=tuple(dict.fromkeys((*entry.flags, *flags))),
    )


def _read(entry: Entry, key: str, context: Context, section: int) -> _Head:
    sense, candidates = sense_of(key, context)
    code = sense.code if sense else None
    basis = basis_of(key if LOST in key else bare(key), code)
    misprint = ("misprint_suspected",) if is_misprint(key, code) else ()
    aliases = tuple(folded(alias) for alias in entry.aliases)
    place = "" if code else folded(to_traditional(entry.location))
    return _Head(key, context, aliases, code, candidates, basis, section, misprint, _origin(place))


@lru_cache(maxsize=1)
def _measured() -> regex.Pattern[str]:
    return pattern("measured-from-point", name=point_name().pattern)


def _origin(place: str) -> frozenset[str]:
    """The points that the name can mean from which a place is measured, if it begins so.

    >>> sorted(_origin("在上星後一寸，骨間陷者中"))
    ['GV23']
    """
    found = _measured().match(place)
    return frozenset(called([found[1]])) if found else frozenset()


def resolve_segments(
    raw: Sequence[Entry], segments: Segments
) -> tuple[list[Entry], list[Diagnostic]]:
    """The same for the entries of a book in sections: their titles are the context, a passage that
    stands again has the names of its first occurrence.
    """
    sections, chars = segments.sections, segments.main.chars
    first = [
        (i, entry, one)
        for i, (entry, one) in enumerate(zip(raw, segments.entries, strict=True))
        if sections[one.section].duplicate_of is None
    ]
    resolved, diagnostics = resolve(
        [entry for _, entry, _ in first],
        [chars[slice(*one.head)] for _, _, one in first],
        [context_of(sections[one.section].title, entry) for _, entry, one in first],
        [one.section for _, _, one in first],
        {one.section: sections[one.section].declared for _, _, one in first},
    )
    entries = list(raw)
    place: dict[tuple[int, int], Entry] = {}
    for (i, _, one), entry in zip(first, resolved, strict=True):
        entries[i] = place[one.section, one.seq] = entry
    for i, one in enumerate(segments.entries):
        original = sections[one.section].duplicate_of
        if original is not None:
            entries[i] = _again(raw[i], place[original, one.seq])
    return entries, diagnostics


def _again(entry: Entry, first: Entry) -> Entry:
    return replace(
        entry,
        name=first.name,
        code=first.code,
        name_basis=first.name_basis,
        duplicate_of=first.entry_id,
        flags=tuple(dict.fromkeys((*entry.flags, "duplicate"))),
    )


def left_over(i: int, heads: Sequence[_Head]) -> list[str]:
    """The points a damaged name can stand for: of the section's region and channel, not named
    elsewhere in the witness, with a name of which what is printed is a part.
    """
    taken = {head.code for head in heads}
    context = heads[i].context
    remains = bare(heads[i].key)
    found = [c for c in named_in_part(remains) if c not in taken and _lies(c, context)]
    if not context.region and not context.section_channel and len(remains) < 2:
        return found
    beside = heads[i - 1].code if i else None, *(h.code for h in heads[i + 1 : i + 2])
    found = _narrowed(found, heads[i])
    return found if len(found) < 2 else _by_order(found, *beside) or found


def told(i: int, heads: Sequence[_Head]) -> list[str]:
    """The same by its own words alone, whatever else is named. Region and channel are those of the
    title where the entries beside it in the section are there too, else they are not known.
    """
    head = heads[i]
    context = head.context
    beside = (*heads[max(0, i - 1) : i], *heads[i + 1 : i + 2])
    if not all(_lies(h.code, context) for h in beside if h.code and h.section == head.section):
        context = Context(channels=context.channels)
    return _narrowed([c for c in named_in_part(bare(head.key)) if _lies(c, context)], head)


def _lies(code: str, context: Context) -> bool:
    """Whether a point is in the region and on the channel of a title."""
    lex = lexicon()
    in_region = not context.region or context.region in lex.region[code].split("|")
    return in_region and context.section_channel in ("", lex.channel[code])


def _narrowed(found: list[str], head: _Head) -> list[str]:
    """Those of several points that the aliases of an entry tell, then its channels, and then the
    point from which its place is measured: the next one on its channel, as 130 of 136 are in 卷三
    and an edition.
    """
    channel = lexicon().channel
    on_them = {code for code in found if channel[code] in head.context.channels}
    next_to = {code for code in found if any(_adjoin(code, one) for one in head.measured_from)}
    for meant in (called(head.aliases), on_them, next_to):
        if len(found) > 1:
            found = [code for code in found if code in meant] or found
    return found


def _adjoin(code: str, other: str) -> bool:
    """Whether two points follow each other on one channel."""
    lex = lexicon()
    alike = lex.channel[code] == lex.channel[other]
    return alike and abs(lex.order[code] - lex.order[other]) == 1


@lru_cache(maxsize=4096)
def named_in_part(remains: str) -> tuple[str, ...]:
    """The points with a name of which this is a part, in their order."""
    names = _full_names().items()
    return tuple(code for code, full in names if any(_part(remains, name) for name in full))


def _part(remains: str, name: str) -> bool:
    """Whether a name without some of its glyphs is what remains (顴 of 顴髎)."""
    rest = iter(name)
    return len(remains) < len(name) and all(char in rest for char in remains)


@lru_cache(maxsize=1)
def _full_names() -> dict[str, tuple[str, ...]]:
    """Of each point the names that can head an entry."""
    names: dict[str, list[str]] = {code: [] for code in lexicon().order}
    for name, senses in lexicon().senses.items():
        for sense in senses:
            if sense.kind not in ("alias", "misprint"):
                names[sense.code].append(name)
    return {code: tuple(found) for code, found in names.items()}


def called(names: Iterable[str]) -> set[str]:
    """The points that any of the names can mean."""
    return {sense.code for name in names for sense in lexicon().senses.get(name, ())}


def _by_order(found: Iterable[str], before: str | None, after: str | None = None) -> list[str]:
    """Candidates that lie between the neighbours, where both belong to one channel."""
    order = lexicon().order
    if not before or not after:
        near = [c for c in (before, after) if c]
        return [c for c in found if any(abs(order[c] - order[n]) == 1 for n in near)]
    low, high = sorted((order[before], order[after]))
    return [code for code in found if low < order[code] < high]


# --- names in a running text ---------------------------------------------------------------------


def restore(text: Text, siglum: str) -> tuple[Text, list[Diagnostic]]:
    """The text with a sign for every lost glyph, and names of points made whole again.

    A glyph is lost because the character set of the transcription lacks it; where just one point
    has a name with such a glyph in the place, the name is known (KT 骨 → 髃骨, 瞳子 穴 → 瞳子髎).
    A comma inside a known name goes (巨虚、上下廉).
    """
    text = show(text, text.lost, LOST)
    edits: list[Edit] = []
    diagnostics: list[Diagnostic] = []
    whole, damaged = _damaged_names()
    for match in damaged.finditer(text.chars):
        name = whole[match.group()]
        i = match.group().index(LOST)
        a = match.start() + i
        edits.append((a, a + 1, name[i], "glyph-restored"))
        where = Slice(text, *match.span())
        message = f"{where.verbatim} restored as {name}: "
        message += "no other name has a glyph outside GB 2312 here"
        diagnostics.append(at("name-restored", where, message, siglum, "info"))
    text = rewrite(text, edits)
    signs = (m.span("sign") for m in _parted_names().finditer(text.chars))
    return rewrite(text, ((a - 1, b, text.chars[a - 1], "sign") for a, b in signs)), diagnostics


@lru_cache(maxsize=1)
def _damaged_names() -> tuple[dict[str, str], regex.Pattern[str]]:
    """Names with □ for a glyph outside GB 2312, those that leave one point only."""
    senses = lexicon().senses
    names: dict[str, list[str]] = {}
    for name in senses:
        for i, char in enumerate(name):
            if len(name) > 1 and rare(to_simplified(char)):
                names.setdefault(name[:i] + LOST + name[i + 1 :], []).append(name)
    known = {
        damaged: max(found, key=lambda name: any(s.kind == "standard" for s in senses[name]))
        for damaged, found in names.items()
        if len(called(found)) == 1
    }
    return known, regex.compile(alternatives(known))


@lru_cache(maxsize=1)
def _parted_names() -> regex.Pattern[str]:
    """Names of four characters and more with a comma in them."""
    known = lexicon().senses
    parted = (
        f"{regex.escape(name[:i])}(?P<sign>、){regex.escape(name[i:])}"
        for name in sorted(known)
        for i in range(2, len(name) - 1)
        if not (name[:i] in known and name[i:] in known)
    )
    return regex.compile("|".join(parted))
