"""The words by which statements of illness name their treatment, and the order of the points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import regex

from pipeline.knowledge.glyphs import rare
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import table

LOST = "□"
FORMULA = "主之"
"""Points that are good for an illness, without an act: 神庭主之."""


@cache
def forms(kind: str) -> dict[str, str]:
    """The forms of a kind with their values.

    >>> forms("order")["先"]
    '1'
    """
    rows = table("authority/treatments.tsv")
    return {row["form"]: row["value"] for row in rows if row["kind"] == kind}


@cache
def one_of(kind: str) -> str:
    """Any form of a kind, as words of a regular expression; the longest first."""
    return "|".join(sorted(forms(kind), key=lambda form: (-len(form), form)))


@cache
def any_of(kind: str) -> regex.Pattern[str]:
    """The same, compiled."""
    return regex.compile(one_of(kind))


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The points of 卷三 in their order, the 篇 of each, and those that have a name for their head
    there.
    """

    place: dict[str, int]
    section: dict[str, int]
    heads: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def arrangement() -> Arrangement:
    """The order in which the book treats the points."""
    heads: dict[str, list[str]] = {}
    for row in table("authority/arrangement.tsv"):
        heads.setdefault(folded(row["name"]), []).append(row["code"])
    return Arrangement(
        {row["code"]: int(row["place"]) for row in table("authority/arrangement.tsv")},
        {row["code"]: int(row["section"]) for row in table("authority/arrangement.tsv")},
        {name: tuple(codes) for name, codes in heads.items()},
    )


@lru_cache(maxsize=1)
def named() -> dict[str, tuple[str, ...]]:
    """Each name of two characters and more with the points it can mean in a treatment; what heads
    an entry is meant before an alias.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, senses in lexicon().senses.items():
        proper = [s for s in senses if s.kind in ("standard", "standard_homonym", "variant")]
        if len(name) > 1 and name not in forms("unmeant"):
            found[name] = tuple(dict.fromkeys(s.code for s in proper or senses))
    given = {**forms("name"), **forms("meant")}
    return found | {folded(name): (code,) for name, code in given.items()}


@lru_cache(maxsize=1)
def damaged() -> dict[str, tuple[str, ...]]:
    """Names with □ for the one glyph that the character set of a transcription lacks, and what
    they can mean.

    >>> damaged()["浮□"], damaged()["肩□"]
    (('BL38',), ('LI15', 'TE14'))
    """
    found: dict[str, dict[str, None]] = {}
    senses = lexicon().senses
    for name, meant in named().items():
        codes = [sense.code for sense in senses.get(name, ())] or meant
        for i, glyph in enumerate(name):
            if rare(to_simplified(glyph)):
                places = found.setdefault(name[:i] + LOST + name[i + 1 :], {})
                places.update((code, None) for code in codes)
    return {name: tuple(codes) for name, codes in found.items()}


@lru_cache(maxsize=1)
def remains() -> dict[str, tuple[str, ...]]:
    """What is left of those names where no sign stands for the glyph (次 of 次髎)."""
    found: dict[str, dict[str, None]] = {}
    for name, codes in damaged().items():
        found.setdefault(name.replace(LOST, ""), {}).update((code, None) for code in codes)
    return {name: tuple(codes) for name, codes in found.items() if name not in named()}
