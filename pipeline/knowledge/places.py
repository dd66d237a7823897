"""Where the books place the points: how like the words of a place are to those of a point."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.lexicon import point_name
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.knowledge.vocabulary import words_of

FIRST = 40
"""Characters in which a place is told: what follows is how the point is found."""


@cache
def _words() -> dict[str, str]:
    return {row["code"]: row["words"] for row in table("authority/places.tsv")}


@cache
def _places() -> dict[str, frozenset[str]]:
    return {code: pairs(words) for code, words in _words().items()}


def pairs(words: str) -> frozenset[str]:
    """Each two characters in turn, without signs; half an inch is five tenths (一寸半)."""
    bare = regex.sub(r"\P{Han}", "", standard(words))
    for one, same in words_of("told-alike").items():
        bare = bare.replace(one, same)
    return frozenset(map("".join, pairwise(bare)))


def likeness(words: str, codes: Iterable[str], both: bool = False) -> list[tuple[float, str]]:
    """How much of the words that place each of some points is in the first words of a place, the
    most like point first; ``both``: how much the two have in common.

    >>> [code for _, code in likeness("在膝下三寸，胻骨外廉", ("LI10", "ST36"))]
    ['ST36', 'LI10']
    """
    said = pairs(words[:FIRST])
    if both and (seat := pattern("vertebra").search(standard(words[:FIRST]))):
        # The seats on the back are told by the vertebra alone.
        codes = list(codes)
        codes = [c for c in codes if seat[1] in pattern("vertebra").findall(_words()[c])] or codes
    elif both and (named := set(point_name().findall(standard(words[:FIRST])))):
        # What is told from another point is told so by all books: 在前頂後 is no 在後頂後.
        codes = list(codes)
        codes = [c for c in codes if named & set(point_name().findall(_words()[c]))] or codes
    known = ((code, _places()[code]) for code in codes)
    found = (
        (2 * len(said & own) / (len(said) + len(own)) if both else len(said & own) / len(own), code)
        for code, own in known
    )
    return sorted(found, key=lambda one: (-one[0], one[1]))
