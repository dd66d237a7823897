"""Words of a text with those around them, by which a place is found again in whatever layout.

What is compared are glyphs: signs, blanks, line ends and marks of the layout count for nothing, and
a glyph is found in either script and in any of its variants.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.script import to_simplified, to_traditional
from pipeline.model import Fold, SectionRow, Text
from pipeline.sources.glyphs import GAPS, is_sign, paths
from pipeline.sources.layouts import lift_marks
from pipeline.sources.mandoku import entities
from pipeline.sources.normalize import matched
from pipeline.sources.signs import cleared
from pipeline.text.layer import plain

Range = tuple[int, int]
"""Letters of a text, or code points of its source: the first, and the one behind the last."""
CONTEXT = 12
"""Glyphs on either side that a quotation is written with: as many tell an entry by its words."""
HALF = 6
"""Glyphs on one side that are enough where those on the other were changed."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words, in the form in which they are looked for, and what stands around them. ``ordinal``:
    which of several such places is meant, from 1; 0 where there must be one only.
    """

    title: str
    before: str
    words: str
    after: str
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Letters:
    """The glyphs of a text in reading order, each in the form in which it is looked for; where it
    stands in the source.
    """

    chars: str
    starts: array[int]
    ends: array[int]
    source: str
    openings: tuple[int, ...]
    """The letters that begin a paragraph."""
    lost: tuple[int, ...]
    """Positions of the source where a glyph is lost."""


def letters(text: Text) -> Letters:
    """The glyphs of a normalized text, in the script in which they are written: what the other has
    for them is a guess.
    """
    folds = (c for c in text.log if isinstance(c, Fold) and c.rule in ("script", "variant"))
    written = next((c.before for c in folds), text.chars)
    headings = paths(text.chars)
    signs = {char for char in set(text.chars) if is_sign(char) or char in GAPS}
    kept = [i for i, char in enumerate(text.chars) if char not in signs and i not in headings]
    ends = [i for i, char in enumerate(text.chars) if char == "\n"]
    gaps = (text.starts[i] for i, char in enumerate(text.chars) if char in GAPS)
    return Letters(
        alike("".join(written[i] for i in kept)),
        array("I", (text.starts[i] for i in kept)),
        array("I", (text.ends[i] for i in kept)),
        text.source,
        tuple(sorted({bisect_right(kept, end) for end in ends})),
        tuple(sorted({*text.lost, *gaps})),
    )


def alike(chars: str) -> str:
    """Glyphs in the form in which they are looked for, as many as came in: each by itself, with
    variants folded, and simplified, for many traditional ones are one there.

    >>> alike("在髮際㑹"), alike("在发际会")
    ('在发际会', '在发际会')
    """
    return chars.translate({ord(char): _alike(char) for char in set(chars)})


@lru_cache(maxsize=16384)
def _alike(char: str) -> str:
    return to_simplified(standard(to_traditional(char)))


# --- quotations as written -----------------------------------------------------------------------

WRITTEN = regex.compile(
    r"(?:(?P<title>(?:[^/{}()（）]|\([^(){}]*\)|（[^（）{}]*）)*+)/)?"
    r"(?P<before>[^{}~]*+)(?:\{(?P<words>[^{}]*+)\}(?P<after>[^{}~]*+))?(?:~(?P<ordinal>[1-9]\d*))?"
)


def quote(written: str) -> Quote | None:
    """A quotation as people write it; None where it is none.

    Before it may stand the title of its section, behind it which of several such places is meant;
    without braces all words are meant.

    >>> quote("頭凡一穴第一/神庭，在髮際直鼻，灸{三}壯~2")
    Quote(title='头凡一穴第一', before='神庭在发际直鼻灸', words='三', after='壮', ordinal=2)
    """
    found = WRITTEN.fullmatch(written)
    if found is None:
        return None
    title, before, words, after = (found[name] or "" for name in ("title", *PARTS))
    if found["words"] is None:
        before, words = "", before
    parts = _folded(before, words, after)
    if not any(parts):
        return None
    (section,) = _folded(title)
    return Quote(section, parts[0], parts[1], parts[2], int(found["ordinal"] or 0))


PARTS = ("before", "words", "after")


def _folded(*parts: str) -> list[str]:
    """Parts of one text in the form in which they are looked for."""
    text = matched(lift_marks(entities(cleared(plain("".join(parts))))), "hant")
    kept = [
        (char, start)
        for char, start in zip(text.chars, text.starts, strict=True)
        if not is_sign(char) and char not in GAPS
    ]
    chars = alike("".join(char for char, _ in kept))
    ends: list[int] = []
    for part in parts:
        ends.append(len(part) + (ends[-1] if ends else 0))
    found = [""] * len(parts)
    for char, (_, start) in zip(chars, kept, strict=True):
        found[bisect_right(ends, start)] += char
    return found


def write(text: Letters, place: Range, sections: Sequence[SectionRow]) -> str:
    """The quotation by which a place is found again, as its text writes it.

    Its context ends with the paragraph, for what stands before a heading is no context of what
    stands behind it.
    """
    first, last = place
    at = bisect_right(text.openings, first)
    opened = text.openings[at - 1] if at else 0
    closed = next((n for n in text.openings[at:] if n >= last), len(text.chars))
    before = _as_written(text, (max(opened, first - CONTEXT), first))
    after = _as_written(text, (last, min(closed, last + CONTEXT)))
    section = _section(sections, _position(text, place))
    title = f"{_title(section)}/" if section else ""
    said = f"{title}{before}{{{_as_written(text, place)}}}{after}"
    meant = quote(said)
    found = places(text, meant, sections) if meant else []
    return said if found == [place] or place not in found else f"{said}~{found.index(place) + 1}"


def _as_written(text: Letters, place: Range) -> str:
    out: list[str] = []
    last = -1
    for i in range(*place):
        if text.starts[i] != last:
            out.append("".join(text.source[text.starts[i] : text.ends[i]].split()))
        last = text.starts[i]
    return "".join(out)


def _title(section: SectionRow) -> str:
    return "".join(regex.sub(r"[/{}~\s]", "", section.title))


# --- where they are ------------------------------------------------------------------------------


def places(text: Letters, meant: Quote, sections: Sequence[SectionRow]) -> list[Range]:
    """The places that a quotation can mean, as letters: those with all its words; of several those
    in its section, and of these the one whose number it names.

    Where there is none, the words with enough of what stands on one side of them. What is lost has
    no words, and must have both sides.
    """
    found = _with(text, meant.before, meant.words, meant.after)
    if not found and meant.words:
        sides = ((meant.before, ""), ("", meant.after))
        enough = [side for side in sides if len("".join(side)) >= HALF]
        found = sorted({at for b, a in enough for at in _with(text, b, meant.words, a)})
    if meant.title and len(found) > 1:
        titles = [(s, "".join(_folded(_title(s)))) for s in sections]
        own = [s for s, title in titles if title == meant.title]
        found = [at for at in found if _section(sections, _position(text, at)) in own] or found
    if meant.ordinal:
        found = found[meant.ordinal - 1 : meant.ordinal]
    return found


def _with(text: Letters, before: str, words: str, after: str) -> list[Range]:
    found: list[Range] = []
    at = text.chars.find(before + words + after)
    while at >= 0:
        first = at + len(before)
        found.append((first, first + len(words)))
        at = text.chars.find(before + words + after, at + 1)
    return found


def _position(text: Letters, place: Range) -> int:
    if place[0] < len(text.starts):
        return text.starts[place[0]]
    return text.ends[-1] if text.ends else 0


def _section(sections: Sequence[SectionRow], position: int) -> SectionRow | None:
    """The section that a position of the source is in."""
    within = [s for s in sections if s.start <= position < s.end]
    return within[-1] if within else None


def spans(text: Letters, place: Range) -> list[Range]:
    """Where the glyphs of a place stand in the source, each once; of a place without glyphs where
    one is lost, or the point between its neighbours.
    """
    first, last = place
    if first < last:
        found = ((text.starts[i], text.ends[i]) for i in range(first, last))
        return list(dict.fromkeys(found))
    low = text.ends[first - 1] if first else 0
    high = text.starts[first] if first < len(text.starts) else len(text.source)
    lost = next((p for p in text.lost if low <= p <= high), None)
    gap = None if lost is None else GAP.match(text.source, lost, high)
    return [gap.span() if gap else (low, low)]


GAP = regex.compile(r"(?:&[A-Za-z0-9]+;|[^\p{P}\n\r])*+")
"""What stands for lost glyphs: a blank, a square, KT, a reference to no character."""


def whole(found: Sequence[Range]) -> Range:
    """All of what several stretches of a source take."""
    return min(a for a, _ in found), max(b for _, b in found)


def nearby(text: Letters, place: Range) -> Iterator[str]:
    """A place with what stands around it, for people."""
    first, last = place
    yield _as_written(text, (max(0, first - CONTEXT), first))
    yield _as_written(text, place)
    yield _as_written(text, (last, min(len(text.chars), last + CONTEXT)))
