"""Names to points: homonyms by their context, damaged names by what section and order leave.

A name is resolved only if exactly one point remains; else it is kept, with its candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from pipeline.knowledge.lexicon import Sense, folded, lexicon
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, Entry
from pipeline.reading.segment import CHANNEL

NAMED = regex.compile(CHANNEL)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a name: region of the body, channels, empty where unknown."""

    region: str
    section_channel: str
    channels: frozenset[str]


def context_of(title: str, entry: Entry) -> Context:
    """The context of an entry: that of its section's title and the channels of its clauses."""
    channels = frozenset(channel.split(":")[0] for channel in entry.channels)
    return replace(context_of_title(title), channels=channels)


@lru_cache
def context_of_title(title: str) -> Context:
    """Region and channel that a title names (手太陽凡一十六穴 → hand, 手太陽)."""
    region = next((region for word, region in _regions() if title.startswith(word)), "")
    named = NAMED.match(title)
    return Context(region, named.group() if named else "", frozenset())


@lru_cache(maxsize=1)
def _regions() -> tuple[tuple[str, str], ...]:
    return tuple((row["word"], row["region"]) for row in table("authority/regions.tsv"))


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
    """The senses of a name that stand: those of a head before those of an alias."""
    found = [sense for sense in lexicon().senses.get(key, ()) if stands(sense, context)]
    heads = [sense for sense in found if sense.kind != "alias"]
    return heads or found


def resolve(
    entries: Sequence[Entry], keys: Sequence[str], titles: Sequence[str]
) -> tuple[list[Entry], list[Diagnostic]]:
    """Standard names and codes for the entries of one witness.

    ``keys`` are the heads in normalized form (顴□, 上, …), ``titles`` the normalized titles of
    their sections. First what is printed whole, then what is damaged, over and over, each name
    restored taking a point away from the rest.
    """
    lex = lexicon()
    contexts = [context_of(title, entry) for entry, title in zip(entries, titles, strict=True)]
    codes: list[str | None] = [None] * len(entries)
    basis = ["unknown"] * len(entries)
    candidates: list[tuple[str, ...]] = [()] * len(entries)
    flags: list[list[str]] = [[] for _ in entries]
    bare = [key if key in lex.senses else regex.sub("□|穴$", "", key) for key in keys]
    for i, key in enumerate(bare):
        found = senses_of(key, contexts[i])
        if len({sense.code for sense in found}) == 1:
            codes[i] = found[0].code
            whole = key == folded(lex.standard[found[0].code])
            basis[i] = "printed" if whole and "□" not in keys[i] else "variant"
            if found[0].kind == "misprint":
                flags[i].append("misprint_suspected")
        else:
            candidates[i] = tuple(sorted({s.code for s in found}, key=lex.order.__getitem__))
    progress = True
    while progress:
        progress = False
        for i in range(len(entries)):
            if codes[i] is not None or candidates[i]:
                continue
            left = restorable(i, bare, codes, contexts, entries)
            if len(left) == 1:
                codes[i], basis[i] = left[0], "restored"
                flags[i].append("name_damaged" if bare[i] else "name_lost")
                progress = True
    resolved: list[Entry] = []
    diagnostics: list[Diagnostic] = []
    for i, entry in enumerate(entries):
        code = codes[i]
        if code is None and not candidates[i]:
            candidates[i] = tuple(restorable(i, bare, codes, contexts, entries))[:8]
        resolved.append(
            replace(
                entry,
                code=code,
                name=lex.standard[code] if code else None,
                name_basis=basis[i],
                candidates=candidates[i] if code is None else (),
                flags=tuple(dict.fromkeys((*entry.flags, *flags[i]))),
            )
        )
        diagnostics += _report(resolved[-1], keys[i])
    return resolved, diagnostics


def restorable(
    i: int,
    bare: Sequence[str],
    codes: Sequence[str | None],
    contexts: Sequence[Context],
    entries: Sequence[Entry],
) -> list[str]:
    """The points a damaged name can stand for: of the section's region and channel, not named
    elsewhere in the witness, with a name of which what is printed is a part.
    """
    lex = lexicon()
    taken = {code for code in codes if code}
    context = contexts[i]
    remains = bare[i]
    found = [
        code
        for code in _named_in_part(remains)
        if code not in taken
        and (not context.region or context.region in lex.region[code].split("|"))
        and (not context.section_channel or lex.channel[code] == context.section_channel)
    ]
    if not context.region and not context.section_channel and len(remains) < 2:
        return found
    for narrower in (
        _by_alias(found, entries[i]),
        _by_channel(found, context),
        _by_order(found, i, codes),
    ):
        if len(found) > 1 and narrower:
            found = narrower
    return found


@lru_cache(maxsize=4096)
def _named_in_part(remains: str) -> tuple[str, ...]:
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


def _by_alias(found: Iterable[str], entry: Entry) -> list[str]:
    aliases = {folded(alias) for alias in entry.aliases}
    return [
        code
        for code in found
        if any(s.code == code for alias in aliases for s in lexicon().senses.get(alias, ()))
    ]


def _by_channel(found: Iterable[str], context: Context) -> list[str]:
    return [code for code in found if lexicon().channel[code] in context.channels]


def _by_order(found: Iterable[str], i: int, codes: Sequence[str | None]) -> list[str]:
    """Candidates that lie between the neighbours, where both belong to one channel."""
    order = lexicon().order
    before = codes[i - 1] if i > 0 else None
    after = codes[i + 1] if i + 1 < len(codes) else None
    if not before or not after:
        near = [c for c in (before, after) if c]
        return [c for c in found if any(abs(order[c] - order[n]) == 1 for n in near)]
    low, high = sorted((order[before], order[after]))
    return [code for code in found if low < order[code] < high]


def _report(entry: Entry, key: str) -> list[Diagnostic]:
    where = (entry.witness, entry.start, min(entry.end, entry.start + max(1, len(entry.name_raw))))
    if entry.name_basis == "restored":
        shown = entry.name_raw or "(no name)"
        message = f"{shown} restored as {entry.name} {entry.code}: the one point left here"
        return [Diagnostic("name-restored", "info", message, *where, entry.section, entry.entry_id)]
    if entry.code is None:
        lex = lexicon()
        among = ", ".join(f"{lex.standard[c]} {c}" for c in entry.candidates) or "none"
        code = "name-ambiguous" if len(entry.candidates) > 1 else "name-unknown"
        message = f"{key or '(no name)'}: candidates {among}"
        return [Diagnostic(code, "warning", message, *where, entry.section, entry.entry_id)]
    if "misprint_suspected" in entry.flags:
        message = f"{entry.name_raw} is taken for a misprint of {entry.name}"
        return [Diagnostic("name-misprint", "info", message, *where, entry.section, entry.entry_id)]
    return []
