"""The words of a text without its signs: what is found in them does not hang on punctuation."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, repeat

from pipeline.model import Text
from pipeline.sources.layouts import LOST
from pipeline.text.slice import Slice

SIGNS = "，。、；：？！（）「」『』《》〈〉“”‘’·…〔〕[]#\n"
RUN = re.compile(f"(?P<signs>[{re.escape(SIGNS)}]*)(?P<words>[^{re.escape(SIGNS)}]*)")
"""Words with the signs before them."""


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
    words: list[str] = []
    at = array("I")
    signs: list[str] = []
    before = ""
    for number, (a, b) in enumerate(pairwise([start, *_unshown(layer, start, end), end])):
        if number:
            words.append(LOST)
            at.append(a)
            signs.append(before)
            before = ""
        for run in RUN.finditer(layer.chars, a, b):
            place, stop = run.span("words")
            before += run["signs"]
            if place < stop:
                words.append(run["words"])
                at.extend(range(place, stop))
                signs.append(before)
                signs.extend(repeat("", stop - place - 1))
                before = ""
    at.append(end)
    signs.append(before)
    return Bare(layer, "".join(words), at, tuple(signs))


def _unshown(layer: Text, start: int, end: int) -> list[int]:
    """Before which places a glyph is lost for which the layer has no sign."""
    lost, starts = _lost(layer), layer.starts
    found: list[int] = []
    place = start
    first = bisect_left(lost, starts[start]) if start < end else len(lost)
    for position in islice(lost, first, None):
        if layer.moved:
            place = next((i for i in range(place, end) if starts[i] >= position), end)
        else:
            place = bisect_left(starts, position, place, end)
        if place == end:
            break
        if starts[place] > position:
            found.append(place)
    return found


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
