"""The page of a commentary: main text, the notes tied to its words, remarks inserted in the notes.

Places are in the text of the page; ``main`` is that text with the remarks lifted out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import regex

from pipeline.knowledge import channels as ch
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.model import Text
from pipeline.reading.segment import CHANNEL
from pipeline.reading.values import trimmed
from pipeline.text.layer import Edit, Moves, lift
from pipeline.text.slice import Slice

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
NUM = f"[{NUMERAL}]+"
TITLE = regex.compile(rf"(?:篇|》)第{NUM}[{CIRCLED}]?$")
OPENING = regex.compile(rf"(?P<channel>{CHANNEL})脈?之?氣所發者?(?:，(?P<count>{NUM})穴)?")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of main text. ``number``: its ordinal among those that carry notes; None for the
    title and for what carries none. ``part``: its chapter, in a witness of several.
    """

    where: Slice
    number: int | None = None
    channel: str = ""
    declared: int | None = None
    title: bool = False
    part: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A note, after its sign, and the words of the main text that it is tied to. ``whole``: the
    note, where this is a part of it; ``cut``: it breaks off where a page is missing.
    """

    number: int
    paragraph: Paragraph | None
    where: Slice
    lemma: Slice
    whole: Slice
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of editors or a note in brackets. ``own``: words of the commentary that stand
    inside, where it was taken up again too late.
    """

    block: int
    outer: Slice
    inside: Slice
    own: tuple[Slice, ...] = ()
    editorial: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What the lines of a file are."""

    text: Text
    paragraphs: tuple[Paragraph, ...]
    blocks: tuple[Block, ...]
    main: Text
    moves: Moves
    """From the text to ``main``."""
    remarks: tuple[Remark, ...] = ()
    headings: tuple[Slice, ...] = ()
    signature: Slice | None = None
    chapter: str = ""


def lifted(page: Page, remarks: Sequence[Remark]) -> Page:
    """A page with its remarks, which are lifted out of the main text."""
    places = [(p.start, p.end) for r in remarks for p in around(r.outer, r.own)]
    edits: list[Edit] = [(a, b, "", "note") for a, b in places]
    main = lift(page.text, places)
    return replace(page, remarks=tuple(remarks), main=main, moves=Moves(edits))


def around(outer: Slice, own: Sequence[Slice]) -> list[Slice]:
    """What is left of a stretch without some parts of it."""
    edges = [outer.start, *(p for one in own for p in (one.start, one.end)), outer.end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [replace(outer, start=a, end=b) for a, b in pairs if a < b]


# --- notes with circled numbers ------------------------------------------------------------------


def circled(text: Text) -> Page:
    """Headings, paragraphs of main text, circled notes, the transcriber's signature.

    Main text stands flush left, notes are indented and open with a circled number.
    """
    lines = [Slice(text, *line.span()) for line in regex.finditer(r"[^\n]+", text.chars)]
    printed: list[Slice] = []
    headings: list[Slice] = []
    notes: list[tuple[int, int, Slice]] = []
    signature = None
    chapter = ""
    for index, line in enumerate(lines):
        words = line.words
        flush = line.start == 0 or text.chars[line.start - 2 : line.start] == "\n\n"
        if words[0] in CIRCLED:
            note = replace(line, start=line.start + 1)
            notes.append((CIRCLED.index(words[0]) + 1, len(printed), note))
        elif words[0] == "#":
            headings.append(line)
            chapter = words.lstrip("#")
        elif not flush and notes:
            number, after, note = notes[-1]
            notes[-1] = number, after, replace(note, end=line.end)
        elif 0 < index == len(lines) - 1 and not regex.search(f"[，。{CIRCLED}]", words):
            signature = line
        else:
            chapter = chapter or (words.rstrip(CIRCLED) if TITLE.search(words) else "")
            printed.append(line)
    paragraphs = _numbered(printed, {after - 1 for _, after, _ in notes})
    blocks = []
    for number, after, note in notes:
        paragraph = paragraphs[after - 1] if after else None
        lemma = _lemma(paragraph.where, number) if paragraph else Slice(text, 0, 0)
        blocks.append(Block(number, paragraph, note, lemma, note))
    lines_of = tuple(headings), signature, chapter
    return Page(text, tuple(paragraphs), tuple(blocks), text, Moves([]), (), *lines_of)


def _numbered(printed: Sequence[Slice], noted: Collection[int]) -> list[Paragraph]:
    """Ordinals and channels; a channel holds until the next one is announced (足太陽脈氣所發者)."""
    found: list[Paragraph] = []
    number, channel = 0, ""
    for index, line in enumerate(printed):
        words = line.words
        title = TITLE.search(words) is not None
        opening = OPENING.match(words)
        channel = ch.canonical(ch.plain(opening["channel"])) if opening else channel
        declared = integer(opening["count"]) if opening and opening["count"] else None
        carries = not title and (index in noted or regex.search(f"[{CIRCLED}]", words) is not None)
        number += carries
        found.append(Paragraph(line, number if carries else None, channel, declared, title))
    return found


def _lemma(paragraph: Slice, number: int) -> Slice:
    """The words before a circled number of the main text, from the number before it on; where the
    number is lost, none at the end.
    """
    layer, begin, end = paragraph.layer, paragraph.start, paragraph.end
    for sign in regex.compile(f"[{CIRCLED}]").finditer(layer.chars, begin, end):
        if sign.group() == CIRCLED[number - 1]:
            return trimmed(Slice(layer, begin, sign.start()))
        begin = sign.end()
    return Slice(layer, end, end)
