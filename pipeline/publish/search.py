"""Search over Han text: short runs of characters, in every script they may be looked for in.

A database splits text into words at blanks, and these texts have none; SQLite's trigram index
finds no name of two characters (合谷, 三里). So the index holds every run of one to four
characters as a word of its own. Each run stands there as written, in traditional and in
simplified characters: 颧髎 finds 顴髎, and 顴髎 finds 颧髎.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import regex

from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.script import DICTIONARY, to_simplified, to_traditional
from pipeline.knowledge.tables import words

LONGEST = 4
"""Characters of the longest run: names have two or three, the usual phrases four."""

SEARCHED: dict[str, tuple[str, ...]] = {
    "entries": (
        "name_raw",
        "name",
        "aliases",
        "location",
        "posture",
        "warnings",
        "remarks",
        "text",
    ),
    "notes": ("text",),
}
"""Tables that can be searched, and the columns in which."""

BLANK = regex.compile(r"\s+")
# A lost glyph has its place in a name: 上□ is found as it is printed.
RUN = regex.compile(r"[\p{Han}\p{Co}□〇]+")


def grams(texts: Iterable[str]) -> list[str]:
    """Runs of one to four characters of some texts, in all forms of each, sorted.

    >>> grams(["颧 髎，"])
    ['顴', '顴髎', '颧', '颧髎', '髎']
    """
    found: set[str] = set()
    for text in texts:
        for form in forms(text):
            for run in RUN.findall(form):
                for length in range(1, LONGEST + 1):
                    found.update(run[i : i + length] for i in range(len(run) - length + 1))
    return sorted(found)


def forms(text: str) -> set[str]:
    """A text without blanks as written, with usual glyphs, traditional and simplified.

    >>> sorted(forms("后溪"))
    ['后溪', '后谿', '後谿']
    """
    written = BLANK.sub("", text)
    found = {written, written.translate(variants())}
    found |= {to_traditional(form).translate(variants()) for form in found}
    found |= {to_simplified(form) for form in found}
    found |= {_reversed().sub(lambda m: _words()[m[0]], form) for form in found}
    return found


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Words that the tables decide, traditional or half simplified, to simplified (後谿 → 后溪)."""
    found: dict[str, str] = {}
    for simplified, traditional in words(DICTIONARY).items():
        if len(simplified) == 1:
            continue
        for form in (traditional, to_simplified(traditional)):
            if form != simplified:
                found.setdefault(form, simplified)
    return found


@lru_cache(maxsize=1)
def _reversed() -> regex.Pattern[str]:
    return regex.compile("|".join(sorted(map(regex.escape, _words()), key=len, reverse=True)))
