"""Texts with offsets: every rewrite composes the spans of the source and is logged."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from html import unescape
from itertools import accumulate, chain, compress
from operator import ne

import regex

from pipeline.model import Change, Fold, Text

Edit = tuple[int, int, str, str]
"""start, end, replacement, rule; positions in the text that is rewritten."""


SHORT = 1 << 16
"""Most texts are shorter: their places are counted once for all."""


@cache
def _places() -> array[int]:
    return array("I", range(SHORT))


def plain(source: str) -> Text:
    """A source as a Text: each code point stands for itself."""
    size = len(source)
    places = _places() if size < SHORT else array("I", range(size + 1))
    return Text(source, source, places[:size], places[1 : size + 1])


def rewrite(text: Text, edits: Iterable[Edit], lost: Iterable[int] = ()) -> Text:
    """Replace spans of a text, in order and without overlap, composing offsets and log.

    A replacement of the same length maps code point by code point, any other as one block.
    """
    edits = iter(edits)
    first = next(edits, None)
    if first is None:
        lost = tuple(lost)
        return replace(text, lost=text.lost + lost) if lost else text
    words, begins, stops, moved = text.chars, text.starts, text.ends, text.moved
    chars: list[str] = []
    starts, ends = array("I"), array("I")
    log: list[Change | Fold] = list(text.log)
    kept = done = 0  # up to where the words, and up to where their offsets are taken over
    put, note, new = chars.append, log.append, tuple.__new__
    for a, b, after, rule in chain([first], edits):
        start, end = (begins[a], stops[b - 1]) if a < b and not moved else span(text, a, b)
        put(words[done:a])
        put(after)
        note(new(Change, (start, end, words[a:b], after, rule)))
        done = b
        if len(after) == b - a:
            continue
        starts += begins[kept:a]
        ends += stops[kept:a]
        kept = b
        for _ in after:
            starts.append(start)
            ends.append(end)
    chars.append(words[done:])
    starts += begins[kept:]
    ends += stops[kept:]
    return replace(
        text,
        chars="".join(chars),
        starts=starts,
        ends=ends,
        log=tuple(log),
        lost=(*text.lost, *lost),
    )


def lift(text: Text, places: Iterable[tuple[int, int]]) -> Text:
    """A text without some of its parts, in order, and without its log, which is of the whole."""
    found = rewrite(replace(text, log=()), ((a, b, "", "note") for a, b in places))
    return replace(found, log=())


class Moves:
    """Where the places of a text stand after a rewrite by these edits, in order.

    >>> moves = Moves([(1, 4, "", "note"), (6, 6, "，", "pause")])  # 在（音）髮際|直鼻
    >>> moves.start(1), moves.start(4), moves.end(6), moves.start(6), moves.end(2)
    (1, 1, 3, 4, 1)
    """

    def __init__(self, edits: Sequence[Edit]):
        self.edits = edits
        self.starts = [a for a, *_ in edits]
        self.shifts = [0, *accumulate(len(after) - (b - a) for a, b, after, _ in edits)]

    def start(self, position: int) -> int:
        """Where words begin: after the signs put in before them, and what is taken out there."""
        return self._moved(position, bisect_right(self.starts, position))

    def end(self, position: int) -> int:
        """Where words end: before the signs put in after them."""
        return self._moved(position, bisect_left(self.starts, position))

    def _moved(self, position: int, before: int) -> int:
        if before and self.starts[before - 1] <= position < self.edits[before - 1][1]:
            return self.starts[before - 1] + self.shifts[before - 1]
        return position + self.shifts[before]


def reorder(
    text: Text, pieces: Iterable[tuple[int, int, Sequence[tuple[int, int]]]], rule: str
) -> Text:
    """Put parts of a text into another order: of each span, its parts as they are to be read."""
    chars: list[str] = []
    starts, ends = array("I"), array("I")
    log: list[Change | Fold] = list(text.log)
    done = 0
    for a, b, parts in pieces:
        for x, y in ((done, a), *parts):
            chars.append(text.chars[x:y])
            starts += text.starts[x:y]
            ends += text.ends[x:y]
        after = "".join(text.chars[x:y] for x, y in parts)
        log.append(Change(*span(text, a, b), text.chars[a:b], after, rule))
        done = b
    chars.append(text.chars[done:])
    starts += text.starts[done:]
    ends += text.ends[done:]
    moved = done > 0 or text.moved
    return replace(
        text, chars="".join(chars), starts=starts, ends=ends, log=tuple(log), moved=moved
    )


def fold(text: Text, rule: str, convert: Callable[[str], str], sparse: bool = False) -> Text:
    """Replace characters one to one; ``convert`` must keep the length. ``sparse``: few of them, so
    that these alone are logged.
    """
    after = convert(text.chars)
    if len(after) != len(text.chars):
        raise ValueError(f"{rule} changed the length of a text")
    if after == text.chars:
        return text
    if sparse:
        places = list(_differing(text.chars, after))
        before, then = ("".join(chars[i] for i in places) for chars in (text.chars, after))
        starts, ends = (array("I", (a[i] for i in places)) for a in (text.starts, text.ends))
        step = Fold(rule, before, then, starts, ends)
    else:
        step = Fold(rule, text.chars, after, text.starts, text.ends)
    return replace(text, chars=after, log=(*text.log, step))


BLOCK = 64
"""Characters that are compared as a whole before one by one."""


def _differing(before: str, after: str) -> Iterator[int]:
    """Where two strings differ, which they hardly do."""
    for begin in range(0, len(before), BLOCK):
        one, other = before[begin : begin + BLOCK], after[begin : begin + BLOCK]
        if one != other:
            yield from compress(range(begin, begin + len(one)), map(ne, one, other))


def show(text: Text, positions: Iterable[int], sign: str) -> Text:
    """The text with a sign for what stands at positions of the source and is not shown in it."""
    shown = {start for start, char in zip(text.starts, text.chars, strict=True) if char == sign}
    for position in sorted(set(positions) - shown, reverse=True):
        at = bisect_left(text.starts, position)
        text = replace(
            text,
            chars=text.chars[:at] + sign + text.chars[at:],
            starts=text.starts[:at] + array("I", [position]) + text.starts[at:],
            ends=text.ends[:at] + array("I", [position + 1]) + text.ends[at:],
        )
    return text


def cut(text: Text, start: int, end: int) -> Text:
    """A part of a text, without its log."""
    starts, ends = text.starts[start:end], text.ends[start:end]
    return replace(text, chars=text.chars[start:end], starts=starts, ends=ends, log=(), lost=())


def span(text: Text, start: int, end: int) -> tuple[int, int]:
    """The source span of ``text[start:end]``; an empty one lies where its neighbour starts."""
    if start < end and text.moved:
        return min(text.starts[start:end]), max(text.ends[start:end])
    if start < end:
        return text.starts[start], text.ends[end - 1]
    if start < len(text.starts):
        return text.starts[start], text.starts[start]
    here = text.ends[-1] if text.ends else 0
    return here, here


def changes(text: Text) -> Iterator[Change]:
    """The log of a text, fold steps spelled out code point by code point."""
    for step in text.log:
        if isinstance(step, Change):
            yield step
            continue
        pairs = zip(step.before, step.after, step.starts, step.ends, strict=True)
        for before, after, start, end in pairs:
            if before != after:
                yield Change(start, end, before, after, step.rule)


PAUSES = regex.compile("[，。、；：？！,;:?!]{1,2}")


def _counting(first: int, places: array[int]) -> array[int]:
    """As many places as there are, each one behind the one before: no glyph of many characters."""
    return array(places.typecode, range(first, first + len(places)))


def verbatim(source: str, text: Text, start: int, end: int) -> str:
    """``text[start:end]`` as the source writes it: what was lifted out is out, white space too.

    Entities and marks stand as printed (瞳子&KR1038;, 干HT抵), but a reference of HTML to a
    character is that character. A pause that was taken out between two characters stands.
    """
    starts, ends = text.starts[start:end], text.ends[start:end]
    first = starts[0] if starts else 0
    if starts == _counting(first, starts) and ends == _counting(first + 1, ends):
        return "".join(source[first : first + len(starts)].split())
    out: list[str] = []
    last = done = -1
    for a, b in zip(starts, ends, strict=True):
        if a == b:  # a sign put in, which the source does not have
            continue
        if 0 <= done < a and PAUSES.fullmatch(source, done, a):
            out.append(source[done:a])
        if a != last:
            out.append(referred(source[a:b]))
        last, done = a, b
    return "".join("".join(out).split())


def referred(words: str) -> str:
    r"""What a reference to a character stands for; other words as they are.

    >>> referred("&#x5206;"), referred(r"\u5206"), referred("&KR1038;")
    ('分', '分', '&KR1038;')
    """
    if words.startswith(r"\u"):
        return bytes.fromhex(words.replace(r"\u", "")).decode("utf-16-be")
    return unescape(words) if words.startswith("&") else words


def substitute(
    text: Text, pattern: str, replacement: str | Callable[[regex.Match[str]], str], rule: str
) -> Text:
    """Rewrite every match of a pattern; groups of the pattern are kept, the rest is the edit."""
    edits: list[Edit] = []
    for match in regex.finditer(pattern, text.chars, regex.M):
        after = replacement if isinstance(replacement, str) else replacement(match)
        edits.append((match.start(), match.end(), after, rule))
    return rewrite(text, edits)


def line_ends(text: Text) -> Text:
    """Line ends of any kind as line feeds; Unicode's sign for the end of a paragraph as two."""
    if not any(map(text.chars.__contains__, "\r\v\f\x85\u2028\u2029")):
        return text
    text = substitute(text, "\u2029", "\n\n", "line-end")
    return substitute(text, "\r\n?|[\v\f\x85\u2028]", "\n", "line-end")
