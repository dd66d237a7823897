"""The words of a text without its signs: what is found in them does not hang on punctuation."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO

from pipeline.model import Text
from pipeline.sources.layouts import LOST
from pipeline.text.slice import Slice

SIGNS = frozenset("，。、；：？！（）「」『』《》〈〉“”‘’·…〔〕[]#\n")


@dataclass(frozen=True, slots=True)
class Bare:
    """``words[i]`` stands at ``at[i]`` of the layer, after the signs ``signs[i]``; □ for each lost
    glyph, also where the layer shows none. The last of ``at`` and ``signs`` are those of the end.
    """

    layer: Text
    words: str
    at: array[int]
    signs: tuple[str, ...]


def bare(layer: Text, start: int, end: int) -> Bare:
    """The words of ``layer[start:end]``.

    >>> from pipeline.text.layer import plain
    >>> bare(plain("咳，臥不安。"), 0, 6).words
    '咳臥不安'
    """
    words = StringIO()  # a list would hold an object for each character
    at = array("I")
    signs: list[str] = []
    before = ""
    lost = _lost(layer)
    first = layer.starts[start] if start < len(layer.starts) else 0
    gap = bisect_left(lost, first)
    for i in range(start, end):
        char, place = layer.chars[i], layer.starts[i]
        while gap < len(lost) and lost[gap] <= place:
            if lost[gap] < place:
                words.write(LOST)
                at.append(i)
                signs.append(before)
                before = ""
            gap += 1
        if char in SIGNS:
            before += char
            continue
        words.write(char)
        at.append(i)
        signs.append(before)
        before = ""
    at.append(end)
    signs.append(before)
    return Bare(layer, words.getvalue(), at, tuple(signs))


@lru_cache(maxsize=1)
def _lost(layer: Text) -> list[int]:
    return sorted(set(layer.lost))


def stretch(text: Bare, start: int, end: int) -> Slice:
    """Where ``words[start:end]`` stand, without the signs before and after them."""
    if start >= end:
        return Slice(text.layer, text.at[start], text.at[start])
    last = end - 1
    while last > start and _unseen(text, last):
        last -= 1
    return Slice(text.layer, text.at[start], text.at[last] + (not _unseen(text, last)))


def _unseen(text: Bare, i: int) -> bool:
    """Whether a lost glyph has nothing that stands for it in the layer."""
    return text.words[i] == LOST and text.layer.chars[text.at[i] : text.at[i] + 1] != LOST
