"""Where the books place the points: how like the words of a place are to those of a point."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.tables import table

FIRST = 40
"""Characters in which a place is told: what follows is how the point is found."""


@cache
def _places() -> dict[str, frozenset[str]]:
    return {row["code"]: pairs(row["words"]) for row in table("authority/places.tsv")}


def pairs(words: str) -> frozenset[str]:
    """Each two characters in turn, without signs."""
    bare = regex.sub(r"\P{Han}", "", standard(words))
    return frozenset(map("".join, pairwise(bare)))


def likeness(words: str, codes: Iterable[str], both: bool = False) -> list[tuple[float, str]]:
    """How much of the words that place each of some points is in the first words of a place, the
    most like point first; ``both``: how much the two have in common.

    >>> [code for _, code in likeness("在膝下三寸，胻骨外廉", ("LI10", "ST36"))]
    ['ST36', 'LI10']
    """
    said = pairs(words[:FIRST])
    known = ((code, _places()[code]) for code in codes)
    found = (
        (2 * len(said & own) / (len(said) + len(own)) if both else len(said & own) / len(own), code)
        for code, own in known
    )
    return sorted(found, key=lambda one: (-one[0], one[1]))
