"""The page of a commentary with circled notes: main text, notes, remarks of the editors in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter

import regex

from pipeline.knowledge import channels as ch
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.model import (
    Diagnostic,
    Text,
)
from pipeline.reading.parse import lexer, parser
from pipeline.reading.segment import CHANNEL
from pipeline.reading.values import trimmed
from pipeline.text.layer import rewrite
from pipeline.text.slice import Slice, at

GRAMMAR = "suwen_wang"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
NUM = f"[{NUMERAL}]+"
TITLE = regex.compile(rf"(?:篇|》)第(?P<number>{NUM})(?P<mark>[{CIRCLED}]?)$")
OPENING = regex.compile(rf"(?P<channel>{CHANNEL})脈?之?氣所發者?(?:，(?P<count>{NUM})穴)?")
EDITORS = regex.compile("《?新校正》?[云雲曰]：?『?")
VERDICT = regex.compile(
    rf"(?:宜從|當從|疑)[^，。]{{0,40}}，(?P<own>留{NUM}呼|刺可入[^，。]*|可灸{NUM}壯)。?$"
)
"""After the editors' verdict no value of theirs follows: what does is the commentary again."""
MARKS = regex.compile("也，|。|」|注[云雲曰]?：?「|「|同身寸之")


# --- layout --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of main text. ``number``: its ordinal among those that carry notes; None for the
    title and for what carries none.
    """

    start: int
    end: int
    number: int | None
    channel: str
    declared: int | None
    title: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A circled note, after its sign, and the words of the main text that it is tied to."""

    number: int
    paragraph: int | None
    start: int
    end: int
    lemma: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """What the lines of a file are; positions in the normalized text."""

    paragraphs: tuple[Paragraph, ...]
    blocks: tuple[Block, ...]
    headings: tuple[tuple[int, int], ...]
    signature: tuple[int, int] | None
    chapter: str


def layout(text: Text) -> Page:
    """Headings, paragraphs of main text, circled notes, the transcriber's signature.

    Main text stands flush left, notes are indented and open with a circled number.
    """
    chars = text.chars
    lines = [m.span() for m in regex.finditer(r"[^\n]+", chars)]
    paragraphs: list[Paragraph] = []
    headings: list[tuple[int, int]] = []
    opened: list[tuple[int, int | None, int, int]] = []
    signature = None
    chapter = ""
    for index, (start, end) in enumerate(lines):
        words = chars[start:end]
        flush = start == 0 or chars[start - 2 : start] == "\n\n"
        if words[0] in CIRCLED:
            at = len(paragraphs) - 1 if paragraphs else None
            opened.append((CIRCLED.index(words[0]) + 1, at, start + 1, end))
        elif words[0] == "#":
            headings.append((start, end))
            chapter = words.lstrip("#")
        elif not flush and opened:
            number, at, begin, _ = opened[-1]
            opened[-1] = (number, at, begin, end)
        elif index == len(lines) - 1 and index and not regex.search(f"[，。{CIRCLED}]", words):
            signature = (start, end)
        else:
            title = TITLE.search(words)
            chapter = chapter or (words.rstrip(CIRCLED) if title else "")
            paragraphs.append(Paragraph(start, end, None, "", None, title is not None))
    paragraphs = _numbered(chars, paragraphs, {at for _, at, _, _ in opened})
    blocks = tuple(
        Block(number, at, begin, end, _lemma(text, paragraphs, number, at))
        for number, at, begin, end in opened
    )
    return Page(tuple(paragraphs), blocks, tuple(headings), signature, chapter)


def _numbered(
    chars: str, paragraphs: Sequence[Paragraph], noted: set[int | None]
) -> list[Paragraph]:
    """Ordinals and channels; a channel holds until the next one is announced (足太陽脈氣所發者)."""
    found: list[Paragraph] = []
    number, channel = 0, ""
    for index, paragraph in enumerate(paragraphs):
        words = chars[paragraph.start : paragraph.end]
        declared = None
        opening = OPENING.match(words)
        if opening:
            channel = ch.canonical(ch.plain(opening["channel"]))
            declared = integer(opening["count"]) if opening["count"] else None
        carries = index in noted or regex.search(f"[{CIRCLED}]", words) is not None
        if carries and not paragraph.title:
            number += 1
        ordinal = number if carries and not paragraph.title else None
        found.append(replace(paragraph, number=ordinal, channel=channel, declared=declared))
    return found


def _lemma(
    text: Text, paragraphs: Sequence[Paragraph], number: int, at: int | None
) -> tuple[int, int]:
    """The words before a circled number of the main text, from the number before it on; where the
    number is lost, an empty span at the end.
    """
    if at is None:
        return 0, 0
    paragraph = paragraphs[at]
    begin = paragraph.start
    for match in regex.compile(f"[{CIRCLED}]").finditer(text.chars, paragraph.start, paragraph.end):
        if match.group() == CIRCLED[number - 1]:
            lemma = trimmed(Slice(text, begin, match.start()))
            return lemma.start, lemma.end
        begin = match.end()
    return paragraph.end, paragraph.end


# --- remarks of the editors, inserted notes ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of 新校正 or a note in brackets; positions in the normalized text.

    ``own``: words of the commentary that stand inside, where it was taken up again too late.
    ``anchor``: where the remark stood in the text without remarks.
    """

    block: int
    outer: tuple[int, int]
    start: int
    end: int
    own: tuple[tuple[int, int], ...]
    editorial: bool
    anchor: int = 0


@lru_cache(maxsize=1)
def _head() -> regex.Pattern[str]:
    return lexer(parser(GRAMMAR, "entry")).patterns["HEAD"]


def find_remarks(text: Text, page: Page, siglum: str) -> tuple[list[Remark], list[Diagnostic]]:
    """The remarks of 新校正 and the notes in brackets, in order."""
    found: list[Remark] = []
    diagnostics: list[Diagnostic] = []
    chars = text.chars
    for index, block in enumerate(page.blocks):
        cues = list(EDITORS.finditer(chars, block.start, block.end))
        for n, cue in enumerate(cues):
            limit = cues[n + 1].start() if n + 1 < len(cues) else block.end
            end, outer, closed = _remark_end(chars, cue.end(), limit)
            own = tuple(_resumed(chars, cue.end(), end))
            found.append(Remark(index, (cue.start(), outer), cue.end(), end, own, True))
            if not closed:
                message = (
                    f"a remark of the editors is not closed; taken to end at {chars[end - 4 : end]}"
                )
                where = Slice(text, cue.start(), end)
                diagnostics.append(at("note-unclosed", where, message, siglum, "info"))
        taken = [r.outer for r in found[len(found) - len(cues) :]]
        for match in regex.compile("（([^（）\n]*)）").finditer(chars, block.start, block.end):
            before = bisect_right(taken, match.start(), key=itemgetter(0)) - 1
            if before < 0 or taken[before][1] <= match.start():
                inside = match.span(1)
                found.append(Remark(index, match.span(), *inside, (), False))
    found.sort(key=lambda r: r.outer)
    anchored: list[Remark] = []
    lifted = 0
    for remark in found:
        a, b = remark.outer
        anchored.append(replace(remark, anchor=a - lifted))
        lifted += b - a - sum(y - x for x, y in remark.own)
    return anchored, diagnostics


def _remark_end(chars: str, start: int, limit: int) -> tuple[int, int, bool]:
    """Where a remark ends: its inside, its outside, and whether a sign closes it.

    The sign is a hint, often missing or misplaced. Before it the remark ends where the commentary
    goes on: at a line that opens with a point and its place, or at a measure of the commentary's
    own kind (同身寸之…) that is no quotation.
    """
    closing = chars.find("』", start, limit)
    resumed = next((m.start() for m in _head().finditer(chars, start, limit)), limit)
    line, quoted = start, 0
    for match in regex.compile("[\n「」]|同身寸之").finditer(chars, start, resumed):
        if match.group() == "\n":
            line, quoted = match.end(), 0
        elif match.group() in "「」":
            quoted += 1 if match.group() == "「" else -1
        elif quoted <= 0:
            resumed = line if line > start else _clause(chars, start, match.start())
            break
    if start <= closing < resumed:
        return closing, closing + 1, True
    end = resumed
    while end > start and chars[end - 1] == "\n":
        end -= 1
    return end, end, False


def _clause(chars: str, start: int, at: int) -> int:
    """Where the sentence or quotation before ``at`` ends."""
    return max(start, *(chars.rfind(sign, start, at) + 1 for sign in "。」』"))


def _resumed(chars: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Words of the commentary inside a remark: a measure of its own kind in a quotation from
    another book, a dose after the editors' verdict. What two measures share is given once.
    """
    done = begin = start
    quoted = False
    for sign in MARKS.finditer(chars, start, end):
        if sign.group().endswith("「"):
            quoted = quoted or sign.group() != "「"
        elif sign.group() == "」":
            quoted = False
        if sign.group() in ("也，", "。") or sign.group().endswith("「"):
            begin = sign.end()
        if sign.group() != "同身寸之" or quoted or sign.start() < done:
            continue
        stop = regex.compile("[。」』\n]|$").search(chars, sign.end(), end)
        done = stop.start() if stop else end
        yield begin, done
        begin = done
    verdict = VERDICT.search(chars[start:end])
    if verdict and start + verdict.start("own") >= done:
        yield start + verdict.start("own"), start + verdict.end()


def lift(text: Text, remarks: Sequence[Remark]) -> Text:
    """The text without remarks."""
    places = (place for remark in remarks for place in _around(remark.own, *remark.outer))
    return rewrite(replace(text, log=()), ((a, b, "", "note") for a, b in places))


def shifted(position: int, remarks: Sequence[Remark]) -> int:
    """A position of the text in the text without remarks."""
    before = bisect_left(remarks, position, key=lambda remark: remark.outer[0]) - 1
    if before < 0:
        return position
    remark = remarks[before]
    end = min(remark.outer[1], position)
    own = sum(max(0, min(y, end) - x) for x, y in remark.own)
    return remark.anchor + own + position - end


def bare(chars: str, remark: Remark) -> str:
    """A remark without the words of the commentary inside it."""
    return "".join(chars[a:b] for a, b in pieces(remark))


def pieces(remark: Remark) -> list[tuple[int, int]]:
    """What is the editors' own of a remark."""
    return _around(remark.own, remark.start, remark.end)


def _around(own: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    edges = [start, *(p for place in own for p in place), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
