"""Whether a text has the words that somebody says it has, or has them but for a word.

Words are compared glyph by glyph, without signs; a measure or a number is one glyph, so that
一寸五分 is 一寸半, and 一寸 is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import regex
from rapidfuzz import fuzz

from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.knowledge.vocabulary import words_of
from pipeline.sources.layouts import LOST

MEASURES, NUMBERS = 0x100000, 0xF0000
"""Where the glyphs of measures begin, in half 分, and those of other numbers."""
Kind = Literal["same", "near", "measure", "turned", ""]
"""The same words; the same but for a word; but for one measure, that is another; but for words that
are their opposite (上 for 下); others.
"""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words as they are compared; ``places``: which glyphs of the text each stands for."""

    chars: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like words are to those of a text, and which glyphs of the text these are."""

    kind: Kind
    start: int = 0
    end: int = 0


@lru_cache(maxsize=1)
def _quoted() -> tuple[regex.Pattern[str], dict[str, str]]:
    rows = {row["written"]: row["standard"] for row in table("normalization/quoted.tsv")}
    return regex.compile("|".join(sorted(rows, key=len, reverse=True))), rows


def one_for_one(words: str) -> str:
    """Words with the glyphs that are written otherwise where one stands for one (澹澹, 淡淡)."""
    single = {ord(one): other for one, other in _quoted()[1].items() if len(one) == len(other) == 1}
    return words.translate(single)


@lru_cache(maxsize=4096)
def phrase(chars: str) -> Phrase:
    """The glyphs of a text, in the normalized form and without signs, as they are compared.

    >>> phrase("臍下同身寸之一寸五分").chars == phrase("齊下一寸半").chars
    True
    """
    quoted, rows = _quoted()
    chars = quoted.sub(lambda match: rows[match.group()], chars)
    found: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    for amount in pattern("measure-or-number").finditer(chars):
        sign = _amount(amount)
        if sign:
            found += chars[at : amount.start()], sign
            places += [(i, i + 1) for i in range(at, amount.start())]
            places.append(amount.span())
            at = amount.end()
    found.append(chars[at:])
    return Phrase("".join(found), (*places, *((i, i + 1) for i in range(at, len(chars)))))


def _amount(match: regex.Match[str]) -> str:
    """The glyph of a measure or number; none where it is no number (八九分)."""
    if match["half"]:
        return chr(MEASURES + 10)
    if match["number"]:
        number = integer(match["number"])
        return "" if number is None or number > 0xFFFF else chr(NUMBERS + number)
    whole = match["inches"] if match["fen"] is None else match["fen"]
    number = integer(whole) if whole else 1 if match["and"] else None
    more = integer(match["tenths"]) if match["tenths"] else 0
    if number is None or more is None:
        return ""
    fen = number if match["fen"] else 10 * number + more + 5 * bool(match["and"])
    halves = 2 * fen + bool(match["bit"] or match["hair"])
    return chr(MEASURES + halves) if halves <= 0xFFFF else ""


def measured(sign: str) -> bool:
    """Whether a glyph of a phrase is a measure or a number."""
    return ord(sign) >= NUMBERS


def alike(words: str, text: str) -> Likeness:
    """How like some words are to the likest ones of a text, both as glyphs without signs.

    >>> alike("刺深令人耳無聞", "灸三壯刺深令人耳無所聞")
    Likeness(kind='near', start=3, end=11)
    >>> alike("期門下五分", "在期門下一寸五分").kind, alike("期門下", "乳上").kind
    ('measure', '')
    """
    like, said = _laid(words, text), _bare(words)
    if like.kind or len(said) <= LEAST or said[-1] not in words_of("opposite"):
        return like
    # 曲角顳之上 ends in 曲角上 sooner than in 顳顬之下.
    other = _laid(said[:-1] + words_of("opposite")[said[-1]], text)
    return replace(other, kind="turned") if other.kind in ("same", "near") else like


def _laid(words: str, text: str) -> Likeness:
    """How like some words are to the likest ones of a text, as they run."""
    said, there = phrase(_bare(words)), phrase(text)
    known = said.chars.replace(LOST, "")
    if len(known) < 2 and not (known and measured(known)):
        return Likeness("")
    at = there.chars.find(said.chars)
    if at >= 0:
        return _found("same", there, at, at + len(said.chars))
    if len(said.chars) < LEAST or not there.chars:
        return Likeness("")
    rough = fuzz.partial_ratio_alignment(said.chars, there.chars, score_cutoff=50)
    if rough is None:
        return Likeness("")
    begin = max(0, rough.dest_start - len(said.chars))
    steps, start = _aligned(said.chars, there.chars[begin : rough.dest_end + len(said.chars)])
    start += begin
    end = start + sum(other != "" for _, other in steps)
    beside = there.chars[start - 1 : start] + there.chars[end : end + 1]
    kind = _kind(steps, len(known), beside)
    return _found(kind, there, start, end) if kind else Likeness("")


def beside(before: str, words: str, after: str, text: str) -> Likeness:
    """How like words are to those of a text, of which those beside them are like too; so even one
    glyph is known.

    >>> text = "目瞤動與項口參相引喎僻口不能言"
    >>> beside("與頭口參相引", "僻", "", text).kind, beside("", "目□動", "與頭口參相引", text).kind
    ('same', 'same')
    >>> beside("伸足", "仰足取陷中", "伸足乃得之", "陷者中仰足而取之伸足乃得之足厥陰").kind
    'near'
    """
    best = Likeness("")
    there = phrase(text)
    for left, right in ((before[-BESIDE:], ""), ("", after[:BESIDE])):
        said = phrase(left + words + right)
        if len(said.chars) < LEAST + 2 or not left + right:
            continue
        own = [len(left) <= a and b <= len(left + words) for a, b in said.places]
        for begin, end in _anchored(said.chars, there.chars):
            like = _own(said.chars, own, there, begin, end)
            if like.kind == "same":
                return like
            best = best if best.kind else like
    return best


def abridged(words: str, text: str) -> Likeness | None:
    """Where a text has words in two parts with others between: 在肩臑後…舉臂取之.

    >>> abridged("在肩臑後舉臂取之", "在肩臑後大骨下胛上廉陷者中舉臂取之").end
    17
    """
    said, there = phrase(_bare(words)).chars, phrase(text)
    for at in range(ANCHOR, len(said) - ANCHOR + 1):
        parts = (regex.escape(part).replace(LOST, ".?") for part in (said[:at], said[at:]))
        found = regex.search(".*?".join(parts), there.chars)
        if found:
            return _found("near", there, *found.span())
    # 腕後六寸 of 腕後少士五寸大士六寸.
    measure = len(said) >= LEAST and LOST not in said and ord(said[-1]) > MEASURES
    words = rf"{regex.escape(said[:-1])}.{{1,{BESIDE}}}?{said[-1]}" if measure else "(?!)"
    found = regex.search(words, there.chars)
    return _found("near", there, *found.span()) if found else None


BESIDE = 6
"""Glyphs before or after words that tell where they stand."""
ANCHOR = 3
"""Glyphs that two texts have in common where one can be the other's."""


def _anchored(said: str, there: str) -> Iterator[tuple[int, int]]:
    """The parts of a text in which words may stand: about glyphs that both have side by side, if
    they are like the words as a whole.
    """
    starts: set[int] = set()
    for i in range(len(said) - ANCHOR + 1):
        at = there.find(said[i : i + ANCHOR])
        while at >= 0:
            starts.add(max(0, at - i - ANCHOR))
            at = there.find(said[i : i + ANCHOR], at + 1)
    done = -ANCHOR
    for begin in sorted(starts):
        end = begin + len(said) + 2 * ANCHOR
        if begin >= done + ANCHOR and fuzz.partial_ratio(said, there[begin:end], score_cutoff=LIKE):
            yield begin, end
            done = begin


LIKE = 50
"""How like (per cent) words must be to a part of a text at all."""


def _own(said: str, own: Sequence[bool], there: Phrase, begin: int, end: int) -> Likeness:
    """How like words are within a longer phrase, that is laid along a part of a text."""
    steps, start = _aligned(said, there.chars[begin:end])
    stop = start + sum(other != "" for _, other in steps)
    kind = _kind(steps, len(said), "")
    which = iter(own)
    mine = [next(which) if one else None for one, _ in steps]
    first, last = mine.index(True), len(mine) - mine[::-1].index(True)
    words = [step for step in steps[first:last] if step[0] != LOST]
    around = [a == b for (a, b), one in zip(steps, mine, strict=True) if a and not one]
    agreed = sum(a == b for a, b in words)
    known = 3 * sum(around) >= max(2 * len(around), 3 * LEAST)
    if kind not in ("same", "near") or not known or not agreed:
        return Likeness("")
    if agreed == len(words):
        return _found("same", there, begin + start, begin + stop)
    enough = 2 * agreed >= sum(a != "" for a, _ in words) > 1
    return _found("near", there, begin + start, begin + stop) if enough else Likeness("")


def _bare(words: str) -> str:
    """Words without what only begins or ends a sentence."""
    return pattern("around-sentence").sub("", words) if len(words) > LEAST else words


def _found(kind: Kind, there: Phrase, start: int, end: int) -> Likeness:
    return Likeness(kind, there.places[start][0], there.places[end - 1][1])


Steps = list[tuple[str, str]]
"""A glyph of the words and the one it is in the text; empty where one of them has none."""


def _cost(one: str, other: str) -> int:
    """What it costs that a glyph of the words (none: a word less) is this one in the text."""
    if one == other or (one == LOST and not (other and measured(other))):
        return 0
    if words_of("slip").get(one) == other:
        return 5
    if not one or not other:
        return 4 if not one else 15 if measured(one) else 6
    return {0: 7, 1: 19, 2: 3}[measured(one) + measured(other)]


def _aligned(said: str, there: str) -> tuple[Steps, int]:
    """The words laid along the part of a text they fit best, and where that begins."""
    costs = [[0] * (len(there) + 1)]
    for one in said:
        above = costs[-1]
        less = _cost(one, "")
        row = [above[0] + less]
        for j, other in enumerate(there):
            row.append(min(above[j] + _cost(one, other), above[j + 1] + less, row[j] + 4))
        costs.append(row)
    i, j = len(said), min(range(len(there) + 1), key=costs[-1].__getitem__)
    steps: Steps = []
    while i:
        cost = costs[i][j]
        if j and cost == costs[i - 1][j - 1] + _cost(said[i - 1], there[j - 1]):
            i, j = i - 1, j - 1
            steps.append((said[i], there[j]))
        elif cost == costs[i - 1][j] + _cost(said[i - 1], ""):
            i -= 1
            steps.append((said[i], ""))
        else:
            j -= 1
            steps.append(("", there[j]))
    return steps[::-1], j


def _kind(steps: Steps, length: int, beside: str) -> Kind:
    """Whether what differs is no more than a word here and there, and turns nothing round, nor do
    the glyphs beside.
    """
    unlike = [(a, b) for a, b in steps if a not in (b, LOST)]
    if not unlike:
        return "same"
    gone = [a for a, _ in unlike if a]
    more = [b for _, b in unlike if b]
    if len(unlike) == 1 and gone and more and measured(gone[0]) and measured(more[0]):
        return "measure"
    if len(unlike) == 1 and gone and words_of("slip").get(gone[0]) == unlike[0][1]:
        return "near"
    if any(map(measured, gone)) or words_of("denial").keys() & {*gone, *more}:
        return ""
    if length <= LEAST:
        return "near" if not gone and len(more) == 1 else ""
    if 4 * len(gone) > length + 1 or 2 * len(more) > length + 2:
        return ""
    opposite = words_of("opposite") | words_of("counterpart")
    turned = any(opposite.get(a) == b for a in gone for b in (*more, *beside))
    return "turned" if turned else "near"


LEAST = 3
"""Glyphs of words that can be like others; of so few none may be missing."""
