"""The page of a commentary: main text, the notes tied to its words, remarks inserted in the notes.

Places are in the text of the page; ``main`` is that text with the remarks lifted out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import regex

from pipeline.knowledge import channels as ch
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.patterns import pattern
from pipeline.model import Text
from pipeline.reading.values import trimmed
from pipeline.text.layer import Edit, Moves, lift
from pipeline.text.slice import Slice

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
NUM = f"[{NUMERAL}]+"


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
    displaced: tuple[tuple[Slice, str], ...] = ()
    """Where a sign of a note is not in its place, and what of it."""
    torn: tuple[Slice, ...] = ()
    """First notes of paragraphs that are lost: their numbers begin anew on no words of their own.
    """


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
            chapter = chapter or (
                words.rstrip(CIRCLED) if pattern("title-of-chapter").search(words) else ""
            )
            printed.append(line)
    parts = _parts(notes)
    torn = [part for part in parts if part.torn]
    noted = {part.after - 1 for part in parts}
    paragraphs = _numbered(printed, noted, {part.after for part in torn})
    blocks: list[Block] = []
    displaced: list[tuple[Slice, str]] = []
    for part in parts:
        found, said = _tied_to(paragraphs[part.after - 1] if part.after else None, part)
        blocks += found
        displaced += said
    lines_of = (
        tuple(headings),
        signature,
        chapter,
        tuple(displaced),
        tuple(part.notes[0][1] for part in torn),
    )
    return Page(text, tuple(paragraphs), tuple(blocks), text, Moves([]), (), *lines_of)


@dataclass(frozen=True, slots=True)
class Part:
    """The notes on a paragraph. ``after``: how many lines of main text stand before them; ``torn``:
    their numbers begin anew after those of the paragraph, so their own is lost.
    """

    after: int
    notes: Notes
    torn: bool = False


def _parts(notes: Sequence[tuple[int, int, Slice]]) -> list[Part]:
    """Notes, each with its number and the lines before it, by the paragraph they are on."""
    found: list[Part] = []
    for number, after, note in notes:
        last = found[-1] if found and found[-1].after == after else None
        if last is None or number == 1:
            found.append(Part(after, [(number, note)], last is not None))
        else:
            found[-1] = replace(last, notes=[*last.notes, (number, note)])
    return found


def _tied_to(paragraph: Paragraph | None, part: Part) -> tuple[list[Block], Displaced]:
    """The notes of a part as blocks, and the signs of the paragraph that are not in their place."""
    first = part.notes[0][1]
    lemmata, said = [replace(first, start=0, end=0)] * len(part.notes), Displaced()
    if paragraph and part.torn:
        end = paragraph.where.end
        lemmata = [Slice(first.layer, end, end)] * len(part.notes)
        paragraph = replace(paragraph, channel="")
    elif paragraph:
        lemmata, said = _tied(paragraph.where, part.notes)
    blocks = [
        Block(number, paragraph, note, lemma, note)
        for (number, note), lemma in zip(part.notes, lemmata, strict=True)
    ]
    return blocks, said


def _numbered(
    printed: Sequence[Slice], noted: Collection[int], torn: Collection[int]
) -> list[Paragraph]:
    """Ordinals and channels; a channel holds until the next one is announced (足太陽脈氣所發者), or
    until a paragraph is lost, which can have announced one.
    """
    found: list[Paragraph] = []
    number, channel = 0, ""
    for index, line in enumerate(printed):
        words = line.words
        title = pattern("title-of-chapter").search(words) is not None
        opening = pattern("page-of-channel").match(words)
        channel = "" if index in torn else channel
        channel = ch.canonical(ch.plain(opening["channel"])) if opening else channel
        declared = integer(opening["count"]) if opening and opening["count"] else None
        carries = not title and (index in noted or regex.search(f"[{CIRCLED}]", words) is not None)
        number += carries
        found.append(Paragraph(line, number if carries else None, channel, declared, title))
    return found


# --- the words that a note is tied to ------------------------------------------------------------

Notes = Sequence[tuple[int, Slice]]
"""Number and words of the notes on a paragraph."""
Signs = Sequence[regex.Match[str]]
Displaced = list[tuple[Slice, str]]
"""The signs that are not in their place, and what of them."""
Tied = tuple[list[Slice], Displaced]
"""The words that each note is tied to, and such signs."""


def _tied(where: Slice, notes: Notes) -> Tied:
    """The words of the main text for each note: those before its sign, from the sign before it on.
    Where the signs are out of order and the notes are not, as many as they, the order decides;
    where a sign is lost, the sentences before the next one, if there is one for each note.
    """
    signs = list(regex.compile(f"[{CIRCLED}]").finditer(where.layer.chars, where.start, where.end))
    order = [CIRCLED.index(sign.group()) + 1 for sign in signs]
    numbers = [number for number, _ in notes]
    sorted_notes = numbers == list(range(1, len(numbers) + 1))
    if not sorted_notes:
        return [_before_sign(where, signs, order, number) for number in numbers], []
    if len(order) == len(numbers):
        said = [
            (_span(where, sign), f"{sign.group()} stands where {CIRCLED[i]} belongs")
            for i, sign in enumerate(signs)
            if order[i] != i + 1
        ]
        return [_before_sign(where, signs, numbers, number) for number in numbers], said
    return _with_lost_signs(where, signs, order, notes)


def _with_lost_signs(where: Slice, signs: Signs, order: Sequence[int], notes: Notes) -> Tied:
    """The same where there are fewer signs than notes."""
    found = {n: _before_sign(where, signs, order, n) for n, _ in notes if n in order}
    rest = trimmed(Slice(where.layer, signs[-1].end() if signs else where.start, where.end))
    found[len(notes) + 1] = rest
    lost: list[int] = []
    for number in range(1, len(notes) + 2):
        if number not in found:
            lost.append(number)
            continue
        sentences = _sentences(found[number]) if lost else []
        if lost and len(sentences) == len(lost) + (number <= len(notes)):
            found |= dict(zip([*lost, number], sentences, strict=False))
        lost = []
    said = [
        (replace(one, start=one.start - 1, end=one.start), f"{CIRCLED[n - 1]} has no words above")
        for n, one in notes
        if n not in order
    ]
    for number, one in notes:
        explains = one.words[:1] == "謂" and rest.words and one.words[1:3] in rest.words
        if number in order and explains:
            found[number] = rest
            sign = signs[order.index(number)]
            said.append((_span(where, sign), f"{sign.group()} belongs to {rest.words}"))
    none = Slice(where.layer, where.end, where.end)
    return [found.get(number, none) for number, _ in notes], said


def _before_sign(where: Slice, signs: Signs, order: Sequence[int], number: int) -> Slice:
    """The words before a sign, from the sign before it on; none at the end where it is lost."""
    if number not in order:
        return Slice(where.layer, where.end, where.end)
    at = order.index(number)
    begin = signs[at - 1].end() if at else where.start
    return trimmed(Slice(where.layer, begin, signs[at].start()))


def _span(where: Slice, sign: regex.Match[str]) -> Slice:
    return Slice(where.layer, sign.start(), sign.end())


def _sentences(where: Slice) -> list[Slice]:
    """The sentences of some words: 兩眉頭各一。入髮至項三寸半."""
    found = regex.compile("[^。]+").finditer(where.layer.chars, where.start, where.end)
    return [one for one in (trimmed(_span(where, match)) for match in found) if one.words]
