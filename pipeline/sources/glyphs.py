"""The glyphs of a text: each as written and as it is matched.

For comparison a text is a sequence of glyphs; signs belong to the glyph before them, so that
putting the written forms together gives the text again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.model import Fold, Text
from pipeline.sources.layouts import LOST, lift_marks
from pipeline.sources.mandoku import UNKNOWN, entities
from pipeline.sources.normalize import matched
from pipeline.sources.signs import cleared
from pipeline.text.layer import plain

GAPS = frozenset((LOST, UNKNOWN))
"""Glyphs that stand for one that is lost or not known."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A text glyph by glyph: ``written[i]`` is matched as ``chars[i]``; ``scripted[i]`` is what
    stands between the two, before variants are folded.

    ``chars`` holds no signs; those are in ``written``, behind the glyph they follow.
    """

    written: tuple[str, ...]
    scripted: str
    chars: str
    starts: tuple[int, ...] = ()
    """Where each glyph begins in the source, where that is known."""


def is_sign(char: str) -> bool:
    r"""Whether a character is punctuation or white space, no glyph of the text as 〇 and □ are.

    >>> [is_sign(c) for c in "，（\n髎一〇□"]
    [True, True, True, False, False, False, False]
    """
    category = unicodedata.category(char)
    return category[0] in "PZSCM" and category != "Co" and char not in GAPS


PATH = re.compile(r"^#[^#\n]*#", re.M)


def paths(chars: str) -> set[int]:
    """Where a heading says in which part of the book it stands, which the source need not say."""
    return {i for m in PATH.finditer(chars) for i in range(*m.span())}


def glyphs(text: Text, source: str) -> Glyphs:
    """The glyphs of a normalized text whose source is at hand."""
    return _glyphs(text, source, (0, len(text.chars)), scripted(text))


def scripted(text: Text) -> str:
    """A normalized text before variants are folded."""
    before = (c.before for c in text.log if isinstance(c, Fold) and c.rule == "variant")
    found = next(before, text.chars)
    return found if len(found) == len(text.chars) else text.chars


def _glyphs(text: Text, source: str, part: tuple[int, int], before_folds: str) -> Glyphs:
    written: list[str] = []
    kept: list[int] = []
    before, last = "", -1
    chars, starts, ends = text.chars, text.starts, text.ends
    for i in range(*part):
        char, a, b = chars[i], starts[i], ends[i]
        printed = "" if a == last or char == "\n" else source[a:b]
        if b > a + 1 or printed.isspace():
            printed = "".join(printed.split())
        last = a
        if not is_sign(char):
            written.append(before + printed)
            kept.append(i)
            before = ""
        elif written:
            written[-1] += printed
        else:
            before += printed
    if before:
        # Nothing but signs: they are all the text there is.
        return Glyphs((before,), LOST, LOST, (0,))
    return Glyphs(
        tuple(written),
        "".join(map(before_folds.__getitem__, kept)),
        "".join(map(chars.__getitem__, kept)),
        tuple(map(starts.__getitem__, kept)),
    )


def glyphs_of(texts: Sequence[str], script: str) -> list[Glyphs]:
    """The glyphs of values of the tables, in the script they are written in.

    >>> [g.chars for g in glyphs_of(["在发际，直鼻", "太阳脉"], "hans")]
    ['在髮際直鼻', '太陽脈']
    """
    text = _joined(texts, script)
    ends = [-1, *(i for i, c in enumerate(text.chars) if c == "\n"), len(text.chars)]
    before = scripted(text)
    found = [_glyphs(text, text.source, (a + 1, b), before) for a, b in pairwise(ends)]
    return found if texts else []


def chars_of(texts: Sequence[str], script: str) -> list[str]:
    """The glyphs of values as they are matched, and nothing else of them.

    >>> chars_of(["在发际，直鼻", "，", ""], "hans")
    ['在髮際直鼻', '□', '']
    """
    text = _joined(texts, script)
    signs = {ord(char): None for char in {*text.chars} - {"\n"} if is_sign(char)}
    values = text.chars.translate(signs).split("\n")
    every = text.chars.split("\n")
    found = [own or LOST * bool(piece) for own, piece in zip(values, every, strict=True)]
    return found if texts else []


def _joined(texts: Sequence[str], script: str) -> Text:
    source = "\n".join(t.replace("\n", " ") for t in texts)
    return matched(lift_marks(entities(cleared(plain(source)))), script)
