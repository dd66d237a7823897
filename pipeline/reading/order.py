"""Names of the points of a catalogue: what the name alone leaves open is settled by the points
beside it, for a catalogue goes along a channel or a region.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import regex

from pipeline.knowledge.lexicon import lacking, lexicon
from pipeline.knowledge.places import likeness
from pipeline.knowledge.profiles import sign
from pipeline.knowledge.script import to_traditional
from pipeline.model import Diagnostic, Entry, Segments
from pipeline.reading.names import (
    NAMED,
    Context,
    bare,
    basis_of,
    context_of_title,
    is_misprint,
    named,
    named_in_part,
    reports,
    senses_of,
)
from pipeline.sources.layouts import LOST

LIKE = 0.2
"""How like the words of a place must be to those of the books; no other point half as near."""
NEAR = 3
"""How many points away on a channel the next entry may be: catalogues leave points out."""


@dataclass(slots=True)
class _Name:
    """The name of an entry, and the points it can stand for as far as that is known."""

    key: str
    section: int
    entry: Entry
    damaged: bool
    codes: tuple[str, ...] = ()
    basis: str = "unknown"

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
    for entry, one in zip(raw, segments.entries, strict=True):
        key = regex.sub(r"[\s，。、：]", "", chars[slice(*one.head)])
        damaged = not key or LOST in key or "name_damaged" in entry.flags
        names.append(_Name(key, one.section, entry, damaged))
    titles = [section.title for section in segments.sections]
    for name in names:
        _by_name(name, context_of(titles[name.section]))
    for settle in (_by_place, _by_neighbours, _by_neighbours):
        _settle(names, settle)
    _outside(names, titles)
    entries = [_named(name) for name in names]
    keys = [name.key for name in names]
    told = [i for i, entry in enumerate(entries) if entry.kind != "extra"]
    return entries, reports([entries[i] for i in told], [keys[i] for i in told])


def context_of(title: str) -> Context:
    """Region and channel that a title names, wherever in it (寅手太陰肺經)."""
    found = context_of_title(title)
    channel = NAMED.search(title)
    return (
        found
        if found.section_channel or not channel
        else replace(found, section_channel=channel.group())
    )


def _by_name(name: _Name, context: Context) -> None:
    """The points that a printed name can stand for: those of the channel of the part, if any. One
    that is no name is one that has lost glyphs.
    """
    key = bare(name.key)
    known = senses_of(key, context) or senses_of(key, Context()) or lexicon().senses.get(key, ())
    name.codes = tuple(dict.fromkeys(sense.code for sense in known))
    if not name.codes:
        name.basis = "restored"
        name.codes = lacking(key) or (named_in_part(key) if name.damaged else ())


Rule = Callable[[_Name, Sequence["_Name"]], Sequence[str]]


def _settle(names: Sequence[_Name], rule: Rule) -> None:
    """Apply a rule to what is open: it takes a name and those beside it in its part."""
    for i, name in enumerate(names):
        if name.code is None:
            beside = [
                n
                for n in (*names[max(0, i - 2) : i], *names[i + 1 : i + 3])
                if n.section == name.section
            ]
            found = tuple(rule(name, beside))
            if len(found) == 1:
                name.codes = found


def _by_neighbours(name: _Name, beside: Sequence[_Name]) -> Sequence[str]:
    """Of several points the one next to a neighbour on its channel (臨泣 beside 目窗)."""
    order = lexicon().order
    near = [n.code for n in beside if n.code]
    far = {c: min((abs(order[c] - order[n]) for n in near), default=99) for c in name.codes}
    least = min(far.values(), default=99)
    return [c for c in far if far[c] == least] if least <= NEAR else ()


def _by_place(name: _Name, beside: Sequence[_Name]) -> Sequence[str]:
    """Of several points the one that the books place where this one is."""
    found = likeness(to_traditional(name.entry.location), name.codes)
    if len(found) < 2 or found[0][0] < LIKE or found[0][0] - found[1][0] < LIKE / 2:
        return ()
    return (found[0][1],)


def _outside(names: Sequence[_Name], titles: Sequence[str]) -> None:
    """Names of points outside the 361: aliases and damaged names in a part on such points, and an
    alias of a point that has an entry of its own in the same part (明堂 beside 上星).
    """
    times = Counter((name.section, name.code) for name in names)
    for name in names:
        senses = lexicon().senses.get(bare(name.key), ())
        if any(sense.kind != "alias" and sense.code in name.codes for sense in senses):
            continue
        if sign("extra").search(titles[name.section]) or (
            name.basis != "restored" and times[name.section, name.code] > 1
        ):
            name.codes, name.basis, name.damaged = (), "restored", False


def _named(name: _Name) -> Entry:
    """An entry with its point; a whole name that no point has is that of an extra point."""
    entry, code = name.entry, name.code
    if not name.codes and name.key:
        standard = to_traditional(name.key)
        return replace(entry, kind="extra", name=standard, name_basis="unknown")
    restored = name.basis == "restored" and code is not None
    flags = ["name_damaged" if name.key else "name_lost"] if restored else []
    flags += ["misprint_suspected"] if is_misprint(name.key, code) else []
    basis = "restored" if restored else basis_of(bare(name.key), code)
    return named(entry, code, basis, () if code else name.codes[:8], flags)
