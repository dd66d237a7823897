"""The names of the points as matching needs them: standard and historical names, folded.

Built once from ``corpus/authority``; every key is in the normalized form of the texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import regex

from pipeline.knowledge.glyphs import rare, standard
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import table


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a name: the point and what must hold for it."""

    code: str
    kind: str
    """standard, or the kind of the row of names.tsv."""
    context: tuple[tuple[str, frozenset[str]], ...]
    """Conditions (region or channel) with the values that meet them."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names, folded, with their senses; and of each code its standard name, channel, laterality."""

    senses: dict[str, tuple[Sense, ...]]
    standard: dict[str, str]
    channel: dict[str, str]
    region: dict[str, str]
    midline: frozenset[str]
    order: dict[str, int]


def folded(name: str) -> str:
    """A name in the one form used for matching (顖會 → 囟會)."""
    return standard(name)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of the corpus."""
    standard = table("authority/points.tsv")
    senses: dict[str, list[Sense]] = {}
    for row in standard:
        senses.setdefault(folded(row["traditional"]), []).append(Sense(row["code"], "standard", ()))
    for row in table("authority/names.tsv"):
        sense = Sense(row["code"], row["kind"], _context(row["context"]))
        known = senses.setdefault(folded(row["name"]), [])
        if all(old.code != sense.code for old in known):
            known.append(sense)
    return Lexicon(
        senses={name: tuple(found) for name, found in senses.items()},
        standard={row["code"]: row["traditional"] for row in standard},
        channel={row["code"]: row["channel"] for row in standard},
        region={row["code"]: row["region"] for row in standard},
        midline=frozenset(row["code"] for row in standard if row["laterality"] == "midline"),
        order={row["code"]: i for i, row in enumerate(standard)},
    )


@cache
def along(code: str, reach: int) -> frozenset[str]:
    """The other points of a channel that are up to so many places away from one.

    >>> sorted(along("KI1", 2))
    ['KI2', 'KI3']
    """
    order, channel = lexicon().order, lexicon().channel
    near = (c for c, at in order.items() if 0 < abs(at - order[code]) <= reach)
    return frozenset(c for c in near if channel[c] == channel[code])


def ranked(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes in the order of the standard."""
    return tuple(sorted(codes, key=lexicon().order.__getitem__))


@cache
def point_name() -> regex.Pattern[str]:
    """Any name of a point of two characters or more, the longest first (頭臨泣 before 臨泣).

    >>> point_name().findall("頭臨泣下瞳子髎")
    ['頭臨泣', '瞳子髎']
    """
    return regex.compile(any_name())


@cache
def longest() -> int:
    """Characters in the longest name."""
    return max(map(len, lexicon().senses))


def ends(at: int, end: int) -> range:
    """Where a name of two characters and more can end that begins at a place, the longest first.

    >>> list(ends(3, 7))
    [7, 6, 5]
    """
    return range(min(at + longest(), end), at + 1, -1)


@cache
def any_name(least: int = 2) -> str:
    """The same as words of a regular expression."""
    return alternatives(name for name in lexicon().senses if len(name) >= least)


@lru_cache(maxsize=4096)
def lacking(remains: str) -> tuple[str, ...]:
    """The points with a name that is this but for glyphs outside GB 2312; every point where
    nothing is left of a name.

    >>> lacking("臂"), lacking("肩")
    (('LI14',), ('LI15', 'TE14'))
    """
    lex = lexicon()
    if not remains:
        return tuple(lex.order)
    return ranked(_remains().get(remains, ()))


@lru_cache(maxsize=4096)
def worn(remains: str) -> tuple[str, ...]:
    """The same, and the points of which a glyph that has a form outside GB 2312 is lost.

    >>> lacking("肺"), worn("肺")
    ((), ('BL13',))
    """
    return ranked({*lacking(remains), *(_remains(True).get(remains, ()) if remains else ())})


@lru_cache(maxsize=1)
def _uncommon() -> frozenset[str]:
    """Glyphs of names that have a form outside GB 2312."""
    rows = table("normalization/lost.tsv")
    return frozenset(row["sign"] for row in rows if row["where"] == "name")


@lru_cache(maxsize=2)
def _remains(forms: bool = False) -> dict[str, set[str]]:
    """What is left of each name without its glyphs outside GB 2312, and whose name it is.

    ``forms``: without those that have a form outside it, too.
    """
    found: dict[str, set[str]] = {}
    uncommon = _uncommon() if forms else frozenset()
    for full, senses in lexicon().senses.items():
        left = "".join(c for c in full if c not in uncommon and not rare(to_simplified(c)))
        if left != full:
            codes = {sense.code for sense in senses if sense.kind != "alias"}
            found.setdefault(left, set()).update(codes)
    return found


def _printed() -> Iterator[tuple[str, str, str]]:
    """Each name as it is printed and as it is folded (瘖門, 喑門), its point, and its kind."""
    for row in table("authority/points.tsv"):
        yield row["traditional"], row["code"], "standard"
    for row in table("authority/names.tsv"):
        yield row["name"], row["code"], row["kind"]
    for name, senses in lexicon().senses.items():
        for sense in senses:
            yield name, sense.code, sense.kind


@lru_cache(maxsize=4096)
def displaced(name: str) -> tuple[str, ...]:
    """The points that a name can be of which has another glyph, one that no name has, for a glyph
    outside GB 2312: a conversion has put it there (巨侫 for 巨髎).

    >>> displaced("巨侫"), displaced("巨骨")
    (('ST3',), ())
    """
    glyphs, holes = _holes()
    odd = [i for i, char in enumerate(name) if char not in glyphs]
    if len(odd) != 1 or len(name) < 2:
        return ()
    return tuple(sorted(holes.get((name[: odd[0]], name[odd[0] + 1 :]), ())))


@lru_cache(maxsize=65536)
def begins(glyphs: str) -> bool:
    """Whether a name can begin with two glyphs, one of which may be displaced: hardly any do.

    >>> begins("神庭"), begins("巨侫"), begins("神色")
    (True, True, False)
    """
    known, pairs, seconds, firsts = _beginnings()
    odd = [char not in known for char in glyphs]
    if odd == [True, False]:
        return glyphs[1] in seconds
    if odd == [False, True]:
        return glyphs[0] in firsts
    return glyphs in pairs


@lru_cache(maxsize=1)
def _beginnings() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """The glyphs of names, how names begin, and what stands behind and before their first holes."""
    glyphs, holes = _holes()
    return (
        glyphs,
        frozenset(name[:2] for name in lexicon().senses),
        frozenset(after[:1] for before, after in holes if not before),
        frozenset(before for before, _ in holes if len(before) == 1),
    )


@lru_cache(maxsize=1)
def _holes() -> tuple[frozenset[str], dict[tuple[str, str], set[str]]]:
    """The glyphs of all names, and names with a hole for a glyph outside GB 2312."""
    holes: dict[tuple[str, str], set[str]] = {}
    for full, code, kind in _printed():
        for i, char in enumerate(full) if kind != "alias" else ():
            if rare(to_simplified(char)):
                hole = folded(full[:i]), folded(full[i + 1 :])
                holes.setdefault(hole, set()).add(code)
    return frozenset("".join(lexicon().senses)), holes


def alternatives(words: Iterable[str]) -> str:
    """Words as a regular expression that finds the longest of them.

    What words begin with stands once: a text is searched for 1,200 names in half the time.

    >>> alternatives(["陽谷", "陽白", "陽", "神庭"])
    '(?:神庭|陽[白谷]?)'
    """
    tree: dict[str, Any] = {}
    for word in words:
        branch = tree
        for glyph in word:
            branch = branch.setdefault(glyph, {})
        branch[""] = {}
    return _branches(tree)


def _branches(tree: Mapping[str, Any]) -> str:
    """What may follow; nothing, where a word ends (an empty glyph), comes last."""
    after = {regex.escape(glyph): _branches(tree[glyph]) for glyph in sorted(tree) if glyph}
    single = [glyph for glyph, rest in after.items() if not rest]
    longer = [glyph + rest for glyph, rest in after.items() if rest]
    found = longer + ([f"[{''.join(single)}]"] if single[1:] else single)
    ends = "" in tree
    whole = found[1:] or (ends and longer)
    return (f"(?:{'|'.join(found)})" if whole else "".join(found)) + "?" * (ends and bool(found))


def _context(cell: str) -> tuple[tuple[str, frozenset[str]], ...]:
    pairs = (part.split("=", 1) for part in cell.split(";") if part)
    return tuple((key, frozenset(value.split("|"))) for key, value in pairs)


def points(codes: Iterable[str | None]) -> int:
    """How many points names count for: one on the midline, else two.

    >>> points(["GV24", "BL1"])
    3
    """
    return sum(1 if code in lexicon().midline else 2 for code in codes)
