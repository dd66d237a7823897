"""A commentary without punctuation, its notes in the main text: chapters, notes, pauses put in.

It is read by the grammar of the punctuated witness; the pauses that this needs are restored first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any, TypeVar

import regex
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.works import place_of
from pipeline.model import Text
from pipeline.reading.names import divided, sense_by_channels
from pipeline.reading.pages import Block, Page, Paragraph, Remark, lifted
from pipeline.reading.parse import bounds, parse
from pipeline.reading.spoken import Book, Draft
from pipeline.reading.statements import Channel, Dose, Forbidden, PointId, Scope, scope_of
from pipeline.text.layer import Edit, Moves, rewrite
from pipeline.text.slice import Slice

GRAMMAR = "suwen_sbck"
P = TypeVar("P", Paragraph, Block, Remark)
NUM = f"[{NUMERAL}]+"
NOTE = regex.compile(r"（(?P<inside>[^（）]*)(?:）|(?=（)|\Z)")
BEFORE = {
    **dict.fromkeys(("head", "stranger", "subjects", "rest", "part"), "\n"),
    **dict.fromkeys(("own", "own_issued", "clause", "issued", "editors"), "，"),
    "statement": "。",
}
"""The sign before each kind of clause."""
AFTER = frozenset({"stranger", "own_issued", "issued", "closing", "names"})
"""Clauses with a pause after them."""
STRENGTH = "、，。\n"
PAUSED = regex.compile("[，。、；：？！]")
RESUMES = frozenset({"head", "stranger", "subjects", "rest", "own", "own_issued", "part"})
"""Clauses of the commentary, with which a remark of the editors ends."""

# --- layout --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """What is found in the normalized text, and the signs to be put in."""

    text: Text
    paragraphs: list[Paragraph] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


def bare(text: Text) -> Text:
    """A text without the pauses of a modern edition: each has its own, and here they are set by
    what is said. Of a commentary with both read so, fewer values are lost and none is another's.
    """
    return rewrite(text, ((m.start(), m.end(), "", "pause") for m in PAUSED.finditer(text.chars)))


def missing_pages(text: Text) -> list[int]:
    """Where pages are missing (# page missing): what was announced or begun before ends there."""
    found: list[int] = []
    at = 0
    for mark in regex.finditer(r"^#[ \t]*page[ \t]+missing", text.source, regex.M | regex.I):
        while at < len(text.starts) and text.starts[at] < mark.start():
            at += 1
        found.append(at)
    return found


def layout(text: Text, gaps: Sequence[int] = ()) -> Page:
    """Chapters and notes of a text, with the pauses of the commentary put in.

    A note stands in the main text, in brackets; it becomes a paragraph, and so does the name of
    the point in the main text that the note describes without naming it (犢鼻二穴（在膝髕下…）).
    ``gaps``: where pages are missing.
    """
    found = _Found(text)
    titles = [title for title in pattern("title-or-heading").finditer(text.chars) if _number(title)]
    limits = [*(title.start() for title in titles[1:]), len(text.chars)]
    for title, limit in zip(titles, limits, strict=False):
        between = pattern("between-chapters").search(text.chars, title.end(), limit)
        _chapter(found, title, between.start() if between else limit, gaps)
    edits = sorted(found.edits, key=lambda edit: edit[:2])
    after, moves = rewrite(text, edits), Moves(edits)

    paragraphs = tuple(_moved(one, after, moves) for one in found.paragraphs)
    blocks = tuple(_moved(one, after, moves) for one in found.blocks)
    page = Page(after, paragraphs, blocks, after, Moves([]))
    return lifted(page, [_moved(one, after, moves) for one in found.remarks])


def _moved(part: P, after: Text, moves: Moves) -> P:
    """A part of a page where it stands with the signs put in."""
    moved: dict[str, Any] = {}
    for one in fields(part):
        value = getattr(part, one.name)
        if isinstance(value, Slice):
            start = moves.start(value.start)
            moved[one.name] = Slice(after, start, max(start, moves.end(value.end)))
        elif isinstance(value, Paragraph):
            moved[one.name] = _moved(value, after, moves)
    return replace(part, **moved)


def _number(title: regex.Match[str]) -> int | None:
    """The number of a chapter of the 素問 by its title, 0 where it is none."""
    if title["number"]:
        return integer(title["number"])
    place = place_of(title["words"])
    return place[1] if place else None


def _chapter(found: _Found, title: regex.Match[str], end: int, gaps: Sequence[int]) -> None:
    text, chars = found.text, found.text.chars
    number = _number(title)
    home = Paragraph(Slice(text, *title.span("title")), title=True)
    found.paragraphs.append(home)
    start = title.end()
    notes = list(NOTE.finditer(chars, start, end))
    if notes and notes[0].start() == start:
        # The note on the title has no number of its own.
        inside = Slice(text, *notes[0].span("inside"))
        _note(found, notes[0], inside.start, ())
        found.blocks.append(Block(1, home, inside, home.where, inside, inside.end in gaps))
        start = notes.pop(0).end()
    stops = sorted({(start, ""), *_announced(chars, start, end, notes)})
    stops = sorted({*stops, *((at, "") for at in gaps if start < at < end)})
    paragraphs = [
        Paragraph(Slice(text, a, b), number, channel, part=number or 0)
        for (a, channel), (b, _) in pairwise([*stops, (end, "")])
        if a < b
    ]
    found.paragraphs += paragraphs
    found.edits += _unwrapped(chars, start, end, notes)
    begin = start
    for ordinal, note in enumerate(notes, 1):
        head = _lemma_head(chars, begin, note)
        first = note.start("inside") if head is None else head
        lemma, whole = Slice(text, begin, note.start()), Slice(text, *note.span("inside"))
        for part in _note(found, note, first, gaps):
            at = bisect_right(paragraphs, part.start, key=lambda one: one.where.end)
            of = paragraphs[min(at, len(paragraphs) - 1)]
            cut = part.end in gaps
            found.blocks.append(Block(ordinal, of, part, lemma, whole, cut))
        begin = note.end()


def _announced(
    chars: str, start: int, end: int, notes: Sequence[regex.Match[str]]
) -> Iterator[tuple[int, str]]:
    """Where the main text announces a channel (足少陽脈氣所發者六十二穴), over line ends."""
    inside = {i for note in notes for i in range(*note.span())}
    places = [i for i in range(start, end) if i not in inside and chars[i] != "\n"]
    for opening in pattern("channel-of-page").finditer("".join(chars[i] for i in places)):
        yield places[opening.start()], ch.canonical(ch.plain(opening["channel"]))


def _unwrapped(
    chars: str, start: int, end: int, notes: Sequence[regex.Match[str]]
) -> Iterator[Edit]:
    """Line ends taken out: they tell nothing where large and small type share a line."""
    for match in regex.compile(r"\n+").finditer(chars, start, end):
        if not any(n.start() <= match.start() < n.end() for n in notes):
            yield (*match.span(), "", "line-end")


def _lemma_head(chars: str, begin: int, note: regex.Match[str]) -> int | None:
    """Where the point stands that a note describes and leaves to the main text to name."""
    head = pattern("point-of-lemma").search(chars, begin, note.start())
    if head is None or not pattern("note-on-lemma").match(note["inside"]):
        return None
    for start in range(head.start(), head.end("name")):
        name = chars[start : head.end("name")]
        if name[0] != "\n" and name.replace("\n", "") in lexicon().senses:
            return start
    return None


def _note(found: _Found, note: regex.Match[str], first: int, gaps: Iterable[int]) -> list[Slice]:
    """The parts of a note: one for each group of points, one after a missing page; its signs and
    remarks.
    """
    text = found.text
    a, b = note.span("inside")
    signs, starts, remarks = _pauses(Slice(text, a, b))
    for gap in gaps:
        if a < gap < b:
            starts.append(gap)
            _mark(signs, gap, "\n")
    starts = sorted({first, *starts})
    for start, inside, end, editorial in remarks:
        part = len(found.blocks) + bisect_right(starts, start) - 1
        outer = Slice(text, start, end)
        found.remarks.append(Remark(part, outer, replace(outer, start=inside), (), editorial))
    found.edits.append((a - 1, a, "\n", "note"))
    if note.end() > b:
        found.edits.append((b, b + 1, "\n", "note"))
    if first < a:
        found.edits.append((first, first, "\n", "pause"))
    found.edits += ((at, at, sign, "pause") for at, sign in signs.items() if a < at < b)
    return [Slice(text, *part) for part in pairwise([*starts, b])]


_Remark = tuple[int, int, int, bool]
"""Start of a remark and of what it says, its end, whether it is the editors' own."""


def _pauses(note: Slice) -> tuple[dict[int, str], list[int], list[_Remark]]:
    """The signs of a note, where its parts but the first begin, its remarks."""
    signs: dict[int, str] = {}
    starts: list[int] = []
    remarks: list[_Remark] = []
    remark: tuple[int, int] | None = None
    described = False
    spoken = note.start
    for node in parse(GRAMMAR, "note", note)[0].children:
        if isinstance(node, Token):
            continue
        kind, token = str(node.data), node.children[0]
        at, stop = bounds(token)
        if remark and (kind in RESUMES or kind == "remark"):
            remarks.append((*remark, at, True))
            remark = None
        if kind == "remark":
            remark = (at, stop)
        if kind == "quotation":
            remarks.append((at, at, stop, False))
        if kind == "part" and described:
            starts.append(at)
        described = described or kind in ("head", "stranger")
        if kind in BEFORE and at != spoken and (remark or kind != "editors"):
            _mark(signs, at, BEFORE[kind])
        spoken = stop if kind == "subjects" else -1
        listing = kind == "names" and (
            remark or pattern("list-goes-on").match(note.layer.chars, stop, note.end)
        )
        if kind in ("names", "subjects") and not remark:
            for cut in divided(str(token)):
                _mark(signs, at + cut, "、")
        if kind in AFTER and not listing:
            _mark(signs, stop, "，")
    if remark:
        remarks.append((*remark, note.end, True))
    return signs, starts, remarks


def _mark(signs: dict[int, str], at: int, sign: str) -> None:
    """Of two signs in one place the stronger stays."""
    if STRENGTH.index(sign) >= STRENGTH.index(signs.get(at, "、")):
        signs[at] = sign


# --- names ---------------------------------------------------------------------------------------


def settle(book: Book) -> Book:
    """Homonyms by the channel that their own clause names (少海 … 手太陽脈之所入也 is SI8)."""
    channels: dict[tuple[PointId, ...], set[str]] = {}
    for one in book.statements:
        if isinstance(one.says, Channel):
            channels.setdefault(scope_of(one).members, set()).add(one.says.name)
    drafts: list[Draft] = []
    for draft in book.drafts:
        named = frozenset(channels.get((draft.point,), ()))
        sense = sense_by_channels(draft.key, named, draft.sense)
        drafts.append(replace(draft, sense=sense, candidates=() if sense else draft.candidates))
    return replace(book, drafts=tuple(drafts))


def gather(page: Page, book: Book) -> Book:
    """One entry for a point that a note lists first and describes in a later part.

    A point that is only listed belongs to the part that speaks of it; words that look like a name
    and have no dose are none.
    """
    home = [(block.paragraph, block.number) for block in page.blocks]
    scopes = [scope_of(one) for one in book.statements]
    doses = (scope_of(one) for one in book.statements if isinstance(one.says, Dose | Forbidden))
    dosed = {point for scope in doses for point in scope.members}
    drafts: list[Draft] = []
    stands: dict[PointId, PointId | None] = {}
    for draft in book.drafts:
        strange = draft.sense is None and not draft.candidates and draft.point not in dosed
        twin = None if strange else _twin(draft, book.drafts, home)
        if twin is not None or (strange and draft.key not in lexicon().senses):
            stands[draft.point] = twin
            continue
        if not draft.described and not strange:
            here = home[draft.block]
            of = [s.block for s in scopes if draft.key in s.names and home[s.block] == here]
            draft = replace(draft, block=[draft.block, *of][-1])
        drafts.append(draft)
    kept = {draft.point: draft.point for draft in drafts}
    meant = kept | {point: kept.get(twin) for point, twin in stands.items() if twin is not None}
    told = ((one, _told(scope_of(one), meant)) for one in book.statements)
    turned = ((turn, _told(turn.scope, meant)) for turn in book.turns)
    return replace(
        book,
        drafts=tuple(drafts),
        statements=tuple(replace(one, about=scope) for one, scope in told if scope),
        turns=tuple(replace(turn, scope=scope) for turn, scope in turned if scope),
    )


Home = tuple[Paragraph | None, int]
"""The note of a part: its paragraph and number."""


def _twin(draft: Draft, drafts: Sequence[Draft], home: Sequence[Home]) -> PointId | None:
    """The point that a name stands for as well: the one of its candidates in the same part, else
    the one that another part of the note describes.
    """
    here = draft.block
    beside = (twin for twin in drafts if twin.block == here)
    found = [t.point for t in beside if t.sense and t.sense.code in draft.candidates]
    if not (found or draft.described):
        elsewhere = (t for t in drafts if t.block != here and home[t.block] == home[here])
        found = [twin.point for twin in elsewhere if twin.described and _alike(draft, twin)]
    return found[0] if len(found) == 1 else None


def _alike(one: Draft, other: Draft) -> bool:
    if one.sense and other.sense:
        return one.sense.code == other.sense.code
    return one.key == other.key


def _told(scope: Scope, meant: Mapping[PointId, PointId | None]) -> Scope | None:
    """A scope with the points that its names stand for; None if these are all it speaks of, and
    are none.
    """
    found = (meant.get(point) for point in scope.members)
    members = tuple(dict.fromkeys(point for point in found if point is not None))
    if scope.members and not members and not scope.names:
        return None
    return replace(scope, members=members, at=None if scope.at is None else meant.get(scope.at))
