"""Lines to paragraphs: what stands at a line end tells whether the paragraph ends there too."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import regex

from pipeline.knowledge.patterns import pattern
from pipeline.model import Change, Text
from pipeline.text.layer import Edit, rewrite

CLOSING = frozenset("。｡．?!)？！）」』”】〕］")
"""What the last line of a paragraph ends in; after anything else the text goes on."""
GOES_ON = frozenset("，、；：。,;:)？！）」』”】〕］")
"""What no paragraph begins with, unless a glyph is lost there."""
MARKED = frozenset("#<-*+•·0123456789○◎●◆【（属—–―_|>")
"""What a line begins with that is one of these."""
OPENS = "主治療"
"""What a paragraph on the illnesses that a point is good for begins with."""
TREATING = 20
"""So many such lines are no chance."""
FEW = 0.1
"""Of them, how many may stand after a full line (大成: 21 of 354, 20 after a line cut off)."""
NEAR = 3
"""By how much full lines differ: a sign that may not begin a line, a lost glyph, an indent."""
SCRAP = 4
"""A line so short after a full one was left over when the text was set anew."""
BLANKS = " \t\u3000\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f"


class Line(NamedTuple):
    """The words of a line of the source, and how it stands."""

    start: int
    end: int
    indent: int
    after_blank: bool
    """A blank line stands before it."""
    closes: bool
    """It ends as a paragraph does."""
    goes_on: bool
    """It begins as no paragraph does."""
    heading: bool
    listed: bool
    alone: bool
    """It begins a paragraph whatever stands before it."""
    marks: int = 0
    """How much of it were marks of layout, which had their room in the line when it was set."""
    opens: bool = False
    """It begins with words of illness or a mark, as what follows a line cut short does."""
    treats: bool = False
    """It begins with the word that says what a point is good for."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a whole text is set, as far as its lines agree."""

    width: int
    """Signs in a full line; 0 where lines that do not end a sentence have no common width."""
    divided: bool
    """Lines end inside sentences, and blank lines stand between paragraphs."""
    indented: bool
    """An indent begins a paragraph, and nothing else does."""
    closed: bool
    """Paragraphs end in closing signs."""
    treating: bool
    """What a point is good for begins a line of its own, also where the one before is cut."""


def _width(line: Line) -> int:
    return line.indent + line.end - line.start


@lru_cache(maxsize=1)
def lines_of(chars: str) -> tuple[Line, ...]:
    """The lines that have words; the last ones are kept, for titles and wraps are told by them."""
    found: list[Line] = []
    begin = ends = 0  # where a line begins, and how many have ended since the last with words
    for line in chars.split("\n"):
        words = line.strip(BLANKS)
        if words:
            start = begin + line.index(words[0])
            found.append(_line(chars, start, start + len(words), start - begin, ends > 1))
            ends = 0
        ends += 1
        begin += len(line) + 1
    return tuple(found)


def _line(chars: str, start: int, end: int, indent: int, after_blank: bool) -> Line:
    first, closes = chars[start], chars[end - 1] in CLOSING
    heading = listed = alone = False
    if first in MARKED or first.isdecimal():
        heading = pattern("heading-line").match(chars, start, end) is not None
        listed = pattern("listed-line").match(chars, start, end) is not None
        alone = heading or listed or pattern("line-alone").match(chars, start, end) is not None
    said = (closes, first in GOES_ON, heading, listed, alone, 0, False, first == OPENS[0])
    # Much faster than by the fields' names, for a book has tens of thousands of lines.
    return tuple.__new__(Line, (start, end, indent, after_blank, *said))


def _setting(lines: Sequence[Line]) -> Setting:
    pairs = [(a, b) for a, b in pairwise(lines) if not a.heading and not b.alone]
    lone = [(a, b) for a, b in pairs if not b.after_blank]
    widths = Counter(_width(a) for a, _ in lone if not a.closes)
    near = {w: sum(widths[w + d] for d in range(-NEAR, NEAR + 1)) for w in widths}
    best = max(near, key=lambda w: (near[w], w), default=0)
    full = max(range(best - NEAR, best + NEAR + 1), key=lambda w: widths[w])
    indents = [a.closes for a, b in lone if b.indent > a.indent]
    flush = sum(not b.indent for _, b in lone)
    width = full if best > SCRAP and 5 * near[best] > 3 * widths.total() else 0
    before = [_width(a) for a, b in lone if b.treats]
    return Setting(
        width=width,
        divided=bool(widths) and len(pairs) - len(lone) > sum(a.closes for a, _ in lone),
        indented=flush > 0 and 20 * len(indents) > len(lone) and 2 * sum(indents) >= len(indents),
        closed=5 * sum(a.closes for a in lines) >= sum(not a.heading for a in lines),
        treating=len(before) >= TREATING
        and sum(w >= width - NEAR for w in before) <= FEW * len(before),
    )


def _marked(text: Text) -> Sequence[Line]:
    """The lines of a text with the marks that stood in them."""
    lines, source = lines_of(text.chars), text.source
    marks = [c for c in text.log if isinstance(c, Change) and c.rule == "mark"]
    if not marks:
        return lines
    places = [mark.start for mark in marks]
    found: list[Line] = []
    begin = done = 0  # where the line of the source begins, and up to where it was looked for
    for line in lines:
        first, last = text.starts[line.start], text.ends[line.end - 1]
        ends = max(source.rfind("\n", done, first), source.rfind("\r", done, first))
        begin, done = ends + 1 if ends >= 0 else begin, first
        own = marks[bisect_left(places, begin) : bisect_right(places, last)]
        if own or text.chars[line.start] in OPENS:
            opens = not own or own[0].start <= first or text.chars[line.start] in OPENS
            line = line._replace(marks=sum(len(m.before) for m in own), opens=opens)
        found.append(line)
    return found


SPACED = 4
"""Of so few lines it is not told how they are set."""


def _close(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines of a text, and if a blank line stands after each, those without: where a third of
    the lines ends in no sign, most of these in one width, it divides nothing.
    """
    pairs = [(a, b) for a, b in pairwise(lines) if not a.heading and not b.alone]
    open_ends = [_width(a) for a, _ in pairs if not a.closes]
    if len(pairs) < SPACED or 3 * len(open_ends) < len(pairs):
        return lines
    width = Counter(open_ends).most_common(1)[0][0]
    near = sum(abs(one - width) <= NEAR for one in open_ends)
    if width <= 2 * SCRAP or 5 * near < 4 * len(open_ends):
        return lines
    if not all(b.after_blank for _, b in pairs):
        return lines
    return [line._replace(after_blank=False) for line in lines]


def _line_ends(text: Text) -> Iterator[tuple[Line, Line, bool]]:
    """Each two lines in turn, and whether the text of the first goes on in the second."""
    lines = _close(_marked(text))
    setting = _setting(lines)
    begin = lines[0] if lines else None
    for line, following, third in zip(lines, lines[1:], [*lines[2:], None], strict=False):
        assert begin is not None
        wrap = _is_wrap(setting, begin, line, following, third)
        yield line, following, wrap
        if not wrap:
            begin = following


def _is_wrap(
    setting: Setting, begin: Line, line: Line, following: Line, third: Line | None
) -> bool:
    """Whether a line goes on in the following one, in a paragraph that begins with ``begin``."""
    if following.alone or line.heading or following.after_blank:
        return False
    if begin.listed and following.indent > begin.indent:
        return True
    if following.goes_on and not line.closes:  # after 。 it is a head whose name is lost: ，在肩後
        return True
    if following.treats and setting.treating:
        return False
    if setting.indented:
        return not following.indent
    full = setting.width > 0 and _width(line) >= setting.width - NEAR
    if line.closes:
        return setting.divided or (full and not _opens(setting, following, third))
    if setting.divided or full:
        return True
    if 0 < setting.width <= _width(line) + line.marks + NEAR and not following.opens:
        return True
    if setting.width:
        return begin is not line and setting.closed and _width(line) <= SCRAP
    return setting.closed and not (line.indent and following.indent)


def _opens(setting: Setting, line: Line, following: Line | None) -> bool:
    """Whether a line goes on in the next but is as short as the first line of a paragraph whose
    indent is gone.
    """
    if line.closes or following is None or following.alone or following.after_blank:
        return False
    return _width(line) == setting.width - INDENT


def join_lines(text: Text) -> Text:
    r"""Join the lines of each paragraph, and leave one line feed between paragraphs.

    A line end is a wrap unless width, closing sign, indent or blank line say otherwise.

    >>> from pipeline.text.layer import plain
    >>> join_lines(plain("神庭，禁不\n可刺，灸三\n壯。\n\n曲差，一名鼻衝。")).chars
    '神庭，禁不可刺，灸三壯。\n曲差，一名鼻衝。'
    """
    edits: list[Edit] = []
    for line, following, wrap in _line_ends(text):
        sign, rule = ("", "hard-wrap") if wrap else ("\n", "paragraph")
        if text.chars[line.end : following.start] != sign:
            edits.append((line.end, following.start, sign, rule))
    return rewrite(text, edits)


WRAP = "\v"
"""A line end that is known to be a wrap, where others are only blanks."""


def blanks_at_wraps(text: Text) -> Text:
    """Line ends inside paragraphs marked, where the layout may have but blanks for them."""
    edits: list[Edit] = []
    for line, following, wrap in _line_ends(text):
        between = text.chars[line.end : following.start]
        if wrap:
            edits.append((line.end, following.start, WRAP, "line-end"))
        elif blanks := len(between) - len(between.lstrip(BLANKS)):
            edits.append((line.end, line.end + blanks, "", "blank"))
    return rewrite(text, edits)


# --- wraps of which a blank is left -----------------------------------------------------------

LONE = regex.compile(r"(?<=\S) (?=\S)")
SET = 5
"""Of so many blanks inside lines one stands a full line after the last where lines end in blanks:
of jiayi 47 in 100, of 13 other books up to 9.
"""


def set_anew(text: Text) -> Text:
    """A text whose lines were joined with a blank for each line end: what was set in lines of one
    width before has its blanks at this distance.
    """
    full = blanks = 0
    for line in regex.finditer(r"(?<![^\n])[^#\n][^\n]*", text.chars):
        places = [line.start() - 1, *(m.start() for m in LONE.finditer(line[0], 1))]
        places[1:] = [line.start() + place for place in places[1:]]
        for number, (before, blank) in enumerate(pairwise(places)):
            width = blank - before - 1 + (0 if number else INDENT)
            full += abs(width - WIDTH) <= 1
            blanks += 1
    return unwrap(text) if full >= ENOUGH and SET * full >= blanks else text


ENOUGH = 10
"""Full lines that are no chance."""

WIDTH = 40
"""Characters in a full line of the hard-wrapped layout."""
INDENT = 2
GLYPH = 1.5
"""What a lost glyph took up in the line beyond the blank that is left of it."""
SLACK = 3.0


BLANK = regex.compile(f"[ {WRAP}]")


def unwrap(text: Text) -> Text:
    """Join hard-wrapped lines: a blank is a line end or a lost glyph.

    Which one is told by the width of the line it would end (a full line has 40 characters, the
    first of a paragraph 38) and by what stands on its two sides: 三 壮 is found unbroken elsewhere,
    颞 中 is not. Of all ways to set a paragraph in lines the likeliest is taken.
    """
    lost: list[int] = []
    return rewrite(text, _joined(text, lost), lost)


def _joined(text: Text, lost: list[int]) -> Iterator[Edit]:
    """What is put in for blanks and line ends, one by one, for of a large book all of them take
    much memory; where a glyph is ``lost`` is put there.
    """
    chars = text.chars
    unbroken = _unbroken(chars)
    begin, fresh = 0, True
    signed = _signed(chars)
    found = (blank.start() for blank in BLANK.finditer(chars))
    free = (b for b in found if chars[b - 1] not in "∶：> " and chars[b + 1 : b + 2] != "<")
    every = array("I", free)
    done = 0
    for match in regex.finditer(r"\n+|\Z", chars):
        end = match.start()
        first, done = done, bisect_left(every, end, done)
        blanks: Sequence[int] = ()
        wraps: Collection[int] = ()
        if first < done and not chars.startswith("#", begin):
            body = max(begin, chars.rfind("属性", begin, end))
            blanks = every[bisect_left(every, body, first, done) : done]
            wraps = _set_lines(chars, body, end, blanks, unbroken, INDENT if fresh else 0)
        for blank in blanks:
            wrap = blank in wraps
            yield blank, blank + 1, "", "hard-wrap" if wrap else "lost-glyph"
            if not wrap:
                lost.append(text.starts[blank])
        # Two may stand where a page broke a sentence, but not where no sentence has a sign.
        alone = match.end() == end + 1 or not signed
        headed = chars.startswith(("<", "#"), match.end()) or chars.startswith("#", begin)
        fresh = alone or headed or chars[end - 1 : end] in CLOSING
        sign, rule = ("\n", "paragraph") if fresh else ("", "hard-wrap")
        if end < match.end() and chars[end : match.end()] != sign:
            yield end, match.end(), sign, rule
        begin = match.end()


def _signed(chars: str) -> bool:
    """Whether sentences end in signs: of paragraphs that blank lines divide, as far as there are
    some, seven in ten of jiayi end so, and one in ten where its stops are lost.
    """
    last: list[str] = []
    for found in regex.finditer(r"\n{2,}", chars):
        line = chars.rfind("\n", 0, found.start()) + 1
        if not any(chars.startswith(("<", "#"), place) for place in (line, found.end())):
            last.append(chars[found.start() - 1 : found.start()])
    return len(last) < ENOUGH or 4 * sum(sign in CLOSING for sign in last) >= len(last)


def _unbroken(chars: str) -> Counter[str]:
    """How often what stands on the two sides of a blank of a text stands together in it."""
    places = (blank.start() for blank in regex.finditer(" ", chars[:-1]))
    pairs = {chars[at - 1] + chars[at + 1] for at in places}
    if not pairs:
        return Counter()
    left, right = ("".join(map(re.escape, set(side))) for side in zip(*pairs, strict=True))
    together = map(itemgetter(1), re.finditer(f"(?=([{left}][{right}]))", chars))
    return Counter(filter(pairs.__contains__, together))


def _set_lines(
    chars: str, start: int, end: int, blanks: Sequence[int], unbroken: Counter[str], indent: int
) -> frozenset[int]:
    """The blanks at which the likeliest setting of ``chars[start:end]`` breaks its lines."""
    if chars.find(" ", start, end) < 0 or all(chars[blank] == WRAP for blank in blanks):
        return frozenset(blanks)
    points = [start - 1, *blanks, end]
    gaps = [0.0, *(_gap(chars, blank, unbroken) for blank in blanks)]
    best = [0.0] + [math.inf] * (len(points) - 1)
    back = [0] * len(points)
    for j in range(1, len(points)):
        last = j == len(points) - 1
        for i in range(j - 1, -1, -1):
            width = points[j] - points[i] - 1 + (j - i - 1) * (GLYPH - 1)
            full = WIDTH - (indent if i == 0 else 0)
            if i < j - 1 and (width > full + 14 or gaps[i + 1] == math.inf):
                break
            cost = best[i] + sum(gaps[i + 1 : j])
            if not last or width > full:
                cost += ((width - full) / SLACK) ** 2
            if cost < best[j]:
                best[j], back[j] = cost, i
    wraps: set[int] = set()
    j = back[-1]
    while j > 0:
        wraps.add(points[j])
        j = back[j]
    return frozenset(wraps)


def _gap(chars: str, blank: int, unbroken: Counter[str]) -> float:
    """What it costs to take a blank for a lost glyph: more where its two sides belong together."""
    if chars[blank] == WRAP:
        return math.inf
    left, right = chars[blank - 1], chars[blank + 1 : blank + 2]
    return 2.0 + min(3.0, math.log1p(unbroken[left + right]) if right not in ",。;、)" else 0.0)
