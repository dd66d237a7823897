"""Spans on a text as nested elements: none lost where they overlap, and no character changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

import regex
from markupsafe import Markup, escape

from pipeline.judging.diagnostics import UNSEEN
from pipeline.knowledge.tables import table

UNWRITABLE = {"\0": "\ufffd"} | {chr(code): "\ufffd" for code in range(0xD800, 0xE000)}
"""What no page can hold: the sign of a character that is not shown stands for it."""
REFERENCE = regex.compile(r"&(?:amp;)?(\w++);")
"""A glyph that a transcription names and has not (&KR2635;), in a text or escaped."""

LAYOUT = regex.compile(r"(?:<pb:[^<>]*+>|\N{PILCROW SIGN}|[^\S\n]*+\n)++")
"""Where a page or a line ends, as transcriptions mark it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text (positions in it) and the element around it: ``name`` is its class,
    ``data`` its further attributes, ``address`` its id.
    """

    start: int
    end: int
    name: str
    data: tuple[tuple[str, str], ...] = ()
    address: str = ""


def woven(
    text: str, start: int, end: int, spans: Iterable[Span], cuts: Collection[int] = ()
) -> list[Markup]:
    """``text[start:end]`` with its spans, in as many pieces as ``cuts`` make of it.

    A span that crosses another, or a cut, goes on in a further element of the same ``data``.

    >>> woven("上星一穴", 0, 4, [Span(0, 3, "a"), Span(2, 4, "b")])[0]
    Markup('<span class="a">上星<span class="b">一</span></span><span class="b">穴</span>')
    """
    opening = sorted(
        (s for s in spans if s.start < end and max(s.end, s.start + 1) > start),
        key=lambda s: (max(s.start, start), -s.end),
    )
    opening.reverse()  # what opens next stands last
    inside = {cut for cut in cuts if start < cut < end}
    ends = {min(s.end, end) for s in opening} | {max(s.start, start) for s in opening}
    pieces: list[list[str]] = [[]]
    stack: list[Span] = []
    position = start
    for stop in sorted(ends | inside | {start, end}):
        pieces[-1].append(plain(text[position:stop]))
        position = stop
        kept = next((n for n, s in enumerate(stack) if s.end <= stop), len(stack))
        if stop in inside:
            kept = 0
        pieces[-1].append("</span>" * (len(stack) - kept))
        if stop in inside:
            pieces.append([])
        again = [s for s in stack[kept:] if s.end > stop]
        pieces[-1] += (_open(s, first=False) for s in again)
        stack[kept:] = again
        while opening and max(opening[-1].start, start) <= stop:
            span = opening.pop()
            pieces[-1].append(_open(span, first=span.start >= start))
            if span.end > stop:
                stack.append(span)
            else:
                pieces[-1].append("</span>")
    pieces[-1].append("</span>" * len(stack))
    return [Markup("".join(piece)) for piece in pieces]


def _open(span: Span, first: bool) -> str:
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in span.data)
    address = f' id="{escape(span.address)}"' if span.address and first else ""
    return f'<span class="{span.name}"{address}{data}>'


def layout(text: str, start: int = 0) -> list[Span]:
    """The marks of pages and lines in a text that begins at a position, to be shown as less."""
    marks = (m.span() for m in LAYOUT.finditer(text) if not m[0].isspace())
    return [Span(start + a, start + b, "k-markup") for a, b in marks]


def words(text: str) -> str:
    r"""Words of a text as they are told: with no ends of lines and pages, glyphs for their names.

    >>> words("刺膝&KR2635;¶\n出液")
    '刺膝髕出液'
    """
    glyphs = REFERENCE.sub(lambda m: references().get(m[1], m[0]), text)
    return LAYOUT.sub("", glyphs)


@cache
def references() -> dict[str, str]:
    """The glyphs that are known of those that transcriptions name, by these names."""
    rows = table("normalization/entities.tsv")
    return {row["entity"].strip("&;"): row["character"] for row in rows if row["character"]}


def plain(text: str) -> str:
    r"""Text as HTML that gives the same characters back: a CR is kept, what has no form of its own
    stands in an element that shows its code and ends its power over what follows, the name of a
    glyph in one that shows the glyph.

    >>> plain("<上\u202e星\r\n")
    '&lt;上<span class="unseen" data-code="U+202E">\u202e</span>星&#13;\n'
    """
    escaped = REFERENCE.sub(_glyph, str(escape(text)))
    return UNSEEN.sub(lambda match: _unseen(match[0]), escaped)


def _glyph(reference: regex.Match[str]) -> str:
    known = references().get(reference[1])
    if known is None:
        return str(reference[0])
    return f'<span class="ref" data-glyph="{escape(known)}">{reference[0]}</span>'


def _unseen(char: str) -> str:
    if char in "\n\t":
        return char
    if char == "\r":
        return "&#13;"
    shown = UNWRITABLE.get(char, char)
    return f'<span class="unseen" data-code="U+{ord(char):04X}">{shown}</span>'
