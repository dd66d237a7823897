"""Sources that speak of no point, told by their words alone, before their layout is read.

All that can be a cue in any layout is looked for in bare words. Where there is none, a text has
nothing of ours, and how its lines, paragraphs and titles stand need not be known.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.numerals import LOST, NUMERAL
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.sources.normalize import readable
from pipeline.sources.signs import one_form, other_numerals
from pipeline.text.layer import line_ends

HIDING = {
    "tagged": re.compile(r"[&{]|\\r"),
    "plain": re.compile(r"[&{<\[]"),
    "markdown": re.compile(r"[&{<\[]"),
    "circled": re.compile(r"[&{<]|\\r"),
}
"""Of layouts in which words stand as they are read, what can hide words or stand among them."""
NEAR = 24
"""Characters before a sign in which a name of a head stands."""


@lru_cache(maxsize=1)
def signed(source: str, script: str) -> str:
    """The words of a source with their signs in one form; what a layout says of itself is out."""
    chars = one_form()(line_ends(readable(source)).chars)
    if script == "hans":
        chars = to_traditional(chars)
    return pattern("behind-title").sub("\n", chars)


@lru_cache(maxsize=1)
def words(source: str, script: str) -> str:
    """The words alone, in the form in which they are matched."""
    return standard(_signs().sub("", signed(source, script)))


@lru_cache(maxsize=1)
def silent(source: str, form: str, script: str) -> bool:
    r"""Whether a source has no cue of any kind of book.

    >>> silent("太陽病，桂枝湯主之。", "plain", "hant"), silent("灸\n三壯", "plain", "hant")
    (True, False)
    """
    found = _silent(source, form, script)
    if not found:  # then it is read by its layout, and these are as long as the text
        signed.cache_clear()
        words.cache_clear()
    return found


def _silent(source: str, form: str, script: str) -> bool:
    if form not in HIDING or HIDING[form].search(source):
        return False
    if pattern("cue-as-printed").search(source):
        return False
    numerals = _numerals()
    if pattern("cue-in-words", number=numerals).search(words(source, script)):
        return False
    chars = signed(source, script)
    return not any(_headed(chars, sign) for sign in pattern("behind-name").finditer(chars))


def _headed(chars: str, sign: regex.Match[str]) -> bool:
    """Whether the head of an entry can stand before a sign: 中府穴：在, 神庭（甲乙）."""
    before = chars[max(0, sign.start() - NEAR) : sign.start()]
    return pattern("name-at-end").search(before) is not None


@cache
def _numerals() -> str:
    return NUMERAL + "".join(map(chr, other_numerals()))


@cache
def _signs() -> re.Pattern[str]:
    """What is no word: neither Han nor a number nor a lost glyph."""
    return re.compile(rf"[^\u3400-\u9fff\U00020000-\U0003ffff\d{_numerals()}{LOST}]+")
