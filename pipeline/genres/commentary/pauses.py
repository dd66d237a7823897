"""The 素問 with Wang Bing's commentary in an edition without punctuation: notes in the main text.

The commentary is that of the punctuated witness and is read by the same grammar; here its pauses
are restored first. A chapter is a section, its notes are numbered in their order, because the
paragraphs of the main text cannot be told from printed lines.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

import regex
from lark.lexer import Token

from pipeline.genres.commentary import entries as suwen_wang
from pipeline.genres.commentary.editors import read_remarks
from pipeline.genres.commentary.notes import Book, Draft, read_notes
from pipeline.genres.commentary.page import Block, Page, Paragraph, Remark, lift
from pipeline.judging.check import values
from pipeline.judging.counts import Part, sections
from pipeline.judging.cover import cover
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.model import Diagnostic, Entry, Result, Text, Witness
from pipeline.reading import references as refer
from pipeline.reading.names import divided, reports, sense_by_channels
from pipeline.reading.parse import bounds, parse
from pipeline.reading.references import Subject
from pipeline.reading.segment import CHANNEL
from pipeline.reading.statements import Channel, Dose, Forbidden, Says, Scope, scope_of
from pipeline.sources.normalize import normalize
from pipeline.text.layer import Edit, rewrite, span
from pipeline.text.slice import Slice

GRAMMAR = "suwen_sbck"
NUM = f"[{NUMERAL}]+"
TITLE = regex.compile(rf"^\S{{1,12}}?篇第(?P<number>{NUM})(?=（|\n|\Z)", regex.M)
BETWEEN = regex.compile(rf"^(?:#.*|\S*卷第{NUM}\S?)$", regex.M)
"""What stands between two chapters: the end of a juan, the title of the next."""
NOTE = regex.compile(r"（(?P<inside>[^（）]*)(?:）|(?=（)|\Z)")
OPENING = regex.compile(rf"(?P<channel>{CHANNEL})脈?之?氣所發者")
OF_LEMMA = regex.compile("在|鍼經所謂|[^也在]{2,6}輔俞也，?在")
"""How a note opens on a point that the main text names."""
LEMMA_HEAD = regex.compile(
    rf"(?P<name>(?:\p{{Han}}\n{{0,4}}){{1,4}}?)[{NUMERAL}]{{1,9}}\n{{0,4}}穴\n{{0,4}}$"
)
COUNTED = regex.compile(f"也|[等各]{{0,3}}[{NUMERAL}]{{1,9}}[穴俞]")
"""How a list goes on that ends without a pause."""
BEFORE = {
    "head": "\n",
    "stranger": "\n",
    "subjects": "\n",
    "rest": "\n",
    "part": "\n",
    "statement": "。",
    "own": "，",
    "own_issued": "，",
    "clause": "，",
    "issued": "，",
}
"""The sign before each kind of clause."""
AFTER = {"stranger": "，", "own_issued": "，", "issued": "，", "closing": "，", "names": "，"}
"""The sign after it."""
STRENGTH = "、，。\n"
RESUMES = frozenset({"head", "stranger", "subjects", "rest", "own", "own_issued", "part"})
"""Clauses of the commentary, with which a remark of the editors ends."""


def extract(witness: Witness) -> Result:
    """Everything a witness holds: 魄戶在第三椎下… → the entry of 魄戶, in chapter 59."""
    siglum = witness.spec.siglum
    normal, lost = normalize(witness)
    laid = layout(normal, missing_pages(witness, normal))
    text, page, remarks = laid.text, laid.page, laid.remarks
    main = lift(text, remarks)
    book = read_notes(witness, main, page, remarks)
    settle(book)
    gather(book)
    cut = list(_cut_short(laid, book, witness))
    resolution = refer.resolve(_subjects(book, witness), book.statements, siglum)
    entries, claims = suwen_wang.write_entries(siglum, main, book, resolution)
    notes, readings = read_remarks(witness, text, page, remarks, book, entries)
    whole = _whole(laid, book)
    kinds = suwen_wang.kinds_of_text(text, page, remarks, book)
    return Result(
        witnesses=(witness,),
        sections=sections(siglum, list(_parts(siglum, text, page, entries))),
        entries=tuple(entries),
        notes=tuple(notes),
        readings=tuple(readings),
        claims=tuple(claims),
        identifications=tuple(
            suwen_wang.identifications_of(siglum, text, whole.page, whole, entries)
        ),
        coverage=cover(witness, text, kinds, book.unparsed),
        diagnostics=(
            *lost,
            *book.diagnostics,
            *cut,
            *reports(entries, [draft.key for draft in book.drafts]),
            *(suwen_wang.located(d, entries) for d in resolution.diagnostics),
            *(d for entry in entries for d in values(entry)),
        ),
        references=tuple(resolution.references),
    )


# --- layout --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layout:
    """The text with its pauses, its chapters and the parts of its notes, the editors' remarks.

    ``notes``: of each part the place of its note, brackets not counted; ``cut``: the parts that
    end where a page is missing.
    """

    text: Text
    page: Page
    remarks: list[Remark]
    notes: tuple[tuple[int, int], ...]
    cut: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a note, in the normalized text: all that it says of one group of points."""

    number: int
    paragraph: int
    start: int
    end: int
    lemma: tuple[int, int]
    note: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Aside:
    """A remark of the editors, or a quotation; ``part``: the part of a note it stands in."""

    part: int
    start: int
    inside: int
    end: int
    editorial: bool


@dataclass(slots=True)
class _Found:
    """What is found in the normalized text, and the signs to be put in."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    asides: list[_Aside] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


def missing_pages(witness: Witness, text: Text) -> list[int]:
    """Where pages are missing (# page missing): what was announced or begun before ends there."""
    found: list[int] = []
    at = 0
    for mark in regex.finditer(r"^# *page missing", witness.text, regex.M | regex.I):
        while at < len(text.starts) and text.starts[at] < mark.start():
            at += 1
        found.append(at)
    return found


def layout(text: Text, gaps: Sequence[int] = ()) -> Layout:
    """Chapters and notes of a text, with the pauses of the commentary put in.

    A note stands in the main text, in brackets; it becomes a paragraph, and so does the name of
    the point in the main text that the note describes without naming it (犢鼻二穴（在膝髕下…）).
    ``gaps``: where pages are missing.
    """
    found = _Found()
    chars = text.chars
    titles = list(TITLE.finditer(chars))
    for index, title in enumerate(titles):
        limit = titles[index + 1].start() if index + 1 < len(titles) else len(chars)
        between = BETWEEN.search(chars, title.end(), limit)
        _chapter(chars, title, between.start() if between else limit, gaps, found)
    edits = sorted(found.edits, key=lambda edit: edit[:2])
    moved = _Moved(edits)
    paragraphs = tuple(
        replace(p, start=moved.start(p.start), end=moved.end(p.end)) for p in found.paragraphs
    )
    blocks = tuple(
        Block(p.number, p.paragraph, moved.start(p.start), moved.end(p.end), moved.span(p.lemma))
        for p in found.parts
    )
    remarks: list[Remark] = []
    lifted = 0
    for aside in found.asides:
        a, b = moved.span((aside.start, aside.end))
        inside = moved.start(aside.inside)
        remarks.append(Remark(aside.part, (a, b), inside, b, (), aside.editorial, a - lifted))
        lifted += b - a
    return Layout(
        text=rewrite(text, edits),
        page=Page(paragraphs, blocks, (), None, ""),
        remarks=remarks,
        notes=tuple(moved.span(part.note) for part in found.parts),
        cut=frozenset(i for i, p in enumerate(found.parts) if p.end in gaps),
    )


class _Moved:
    """Positions of a text in the one with its signs."""

    def __init__(self, edits: Sequence[Edit]):
        self.at = [a for a, *_ in edits]
        self.done = [0, *accumulate(len(after) - (b - a) for a, b, after, _ in edits)]

    def start(self, position: int) -> int:
        """Where words begin: after the signs before them."""
        return position + self.done[bisect_right(self.at, position)]

    def end(self, position: int) -> int:
        """Where words end: before the signs after them."""
        return position + self.done[bisect_left(self.at, position)]

    def span(self, words: tuple[int, int]) -> tuple[int, int]:
        """Where words stand."""
        start = self.start(words[0])
        return start, max(start, self.end(words[1]))


def _chapter(
    chars: str, title: regex.Match[str], end: int, gaps: Sequence[int], found: _Found
) -> None:
    number = integer(title["number"])
    home = len(found.paragraphs)
    found.paragraphs.append(Paragraph(*title.span(), None, "", None, True))
    start = title.end()
    notes = list(NOTE.finditer(chars, start, end))
    if notes and notes[0].start() == start:
        # The note on the title has no number of its own.
        inside = notes[0].span("inside")
        _note(chars, notes[0], inside[0], (), found)
        found.parts.append(_Part(1, home, *inside, title.span(), inside))
        start = notes.pop(0).end()
    stops = sorted({(start, ""), *_announced(chars, start, end, notes)})
    stops = sorted({*stops, *((at, "") for at in gaps if start < at < end)})
    for (a, channel), (b, _) in pairwise([*stops, (end, "")]):
        if a < b:
            found.paragraphs.append(Paragraph(a, b, number, channel, None, False))
    ends = [paragraph.end for paragraph in found.paragraphs]
    begin = start
    found.edits += _unwrapped(chars, start, end, notes)
    for ordinal, note in enumerate(notes, 1):
        head = _lemma_head(chars, begin, note)
        first = note.start("inside") if head is None else head
        lemma = (begin, note.start())
        for a, b in _note(chars, note, first, gaps, found):
            at = min(bisect_right(ends, a), len(ends) - 1)
            found.parts.append(_Part(ordinal, at, a, b, lemma, note.span("inside")))
        begin = note.end()


def _announced(
    chars: str, start: int, end: int, notes: Sequence[regex.Match[str]]
) -> Iterator[tuple[int, str]]:
    """Where the main text announces a channel (足少陽脈氣所發者六十二穴), over line ends."""
    inside = {at for note in notes for at in range(*note.span())}
    places = [at for at in range(start, end) if at not in inside and chars[at] != "\n"]
    for opening in OPENING.finditer("".join(chars[at] for at in places)):
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
    head = LEMMA_HEAD.search(chars, begin, note.start())
    if head is None or not OF_LEMMA.match(note["inside"]):
        return None
    for at in range(head.start(), head.end("name")):
        name = chars[at : head.end("name")]
        if name[0] != "\n" and name.replace("\n", "") in lexicon().senses:
            return at
    return None


def _note(
    chars: str, note: regex.Match[str], first: int, gaps: Sequence[int], found: _Found
) -> list[tuple[int, int]]:
    """The signs of a note; its parts: one for each group of points, one after a missing page."""
    a, b = note.span("inside")
    signs: dict[int, str] = {}
    starts = [first]
    asides: list[tuple[int, int, int, bool]] = []
    remark: tuple[int, int] | None = None
    described = False
    spoken = a
    for node in parse(GRAMMAR, "note", chars, a, b)[0].children:
        if isinstance(node, Token):
            continue
        kind, token = str(node.data), node.children[0]
        at, stop = bounds(token)
        if remark and (kind in RESUMES or kind == "remark"):
            asides.append((*remark, at, True))
            remark = None
        if kind == "remark":
            remark = (at, stop)
        if kind == "quotation":
            asides.append((at, at, stop, False))
        if kind == "part" and described:
            starts.append(at)
        described = described or kind in ("head", "stranger")
        if kind in BEFORE and at != spoken:
            _mark(signs, at, BEFORE[kind])
        spoken = stop if kind == "subjects" else -1
        listing = kind == "names" and (remark or COUNTED.match(chars, stop, b))
        if kind in ("names", "subjects") and not remark:
            for cut in divided(str(token)):
                _mark(signs, at + cut, "、")
        if kind in AFTER and not listing:
            _mark(signs, stop, AFTER[kind])
    if remark:
        asides.append((*remark, b, True))
    for gap in gaps:
        if a < gap < b:
            starts.append(gap)
            _mark(signs, gap, "\n")
    starts = sorted(set(starts))
    for start, inside, end, editorial in asides:
        part = bisect_right(starts, start) - 1
        found.asides.append(_Aside(len(found.parts) + part, start, inside, end, editorial))
    found.edits.append((a - 1, a, "\n", "note"))
    if note.end() > b:
        found.edits.append((b, b + 1, "\n", "note"))
    if first < a:
        found.edits.append((first, first, "\n", "pause"))
    found.edits += ((at, at, sign, "pause") for at, sign in signs.items() if a < at < b)
    return list(pairwise([*starts, b]))


def _mark(signs: dict[int, str], at: int, sign: str) -> None:
    """Of two signs in one place the stronger stays."""
    if STRENGTH.index(sign) >= STRENGTH.index(signs.get(at, "、")):
        signs[at] = sign


# --- names ---------------------------------------------------------------------------------------


def settle(book: Book) -> None:
    """Homonyms by the channel that their own clause names (少海 … 手太陽脈之所入也 is SI8)."""
    for index, draft in enumerate(book.drafts):
        named = frozenset(
            statement.says.name
            for statement in book.statements
            if scope_of(statement).members == (index,) and isinstance(statement.says, Channel)
        )
        draft.sense = sense_by_channels(draft.key, named, draft.sense)
        draft.candidates = () if draft.sense else draft.candidates


def _gives_a_dose(says: Says) -> bool:
    return isinstance(says, Forbidden) or (isinstance(says, Dose) and says.act != "retention")


def gather(book: Book) -> None:
    """One entry for a point that a note lists first and describes in a later part.

    A point that is only listed belongs to the part that speaks of it; words that look like a name
    and have no dose are none.
    """
    place: dict[int, int] = {}
    home = {i: book.where(draft.block) for i, draft in enumerate(book.drafts)}
    dosed = {
        member
        for statement in book.statements
        for member in scope_of(statement).members
        if _gives_a_dose(statement.says)
    }
    for index, draft in enumerate(book.drafts):
        if draft.sense is None and not draft.candidates and index not in dosed:
            if draft.key not in lexicon().senses:
                place[index] = -1
            continue
        called = [
            other
            for other, twin in enumerate(book.drafts)
            if twin.block == draft.block and twin.sense and twin.sense.code in draft.candidates
        ]
        if len(called) == 1:
            place[index] = called[0]
            continue
        if draft.described:
            continue
        for other, twin in enumerate(book.drafts):
            same = twin.described and home[other] == home[index] and twin.block != draft.block
            if same and _alike(draft, twin):
                place[index] = other
        if index not in place:
            for about in map(scope_of, book.statements):
                if draft.key in about.names and book.where(about.block) == home[index]:
                    draft.block = about.block
    kept = [i for i in range(len(book.drafts)) if i not in place]
    order = {old: new for new, old in enumerate(kept)}
    order |= {old: order.get(new, -1) for old, new in place.items()}
    book.drafts = [book.drafts[i] for i in kept]
    book.statements = [
        replace(one, about=scope)
        for one in book.statements
        if (scope := _renumbered(scope_of(one), order)) is not None
    ]
    book.scopes = [
        (at, scope, block)
        for at, old, block in book.scopes
        if (scope := _renumbered(old, order)) is not None
    ]


def _subjects(book: Book, witness: Witness) -> list[Subject]:
    """The points for the reference stage, each with its chapter."""
    found: list[Subject] = []
    for subject in book.subjects(witness):
        paragraph, _ = book.where(subject.block)
        chapter = (paragraph.number if paragraph else None) or 0
        found.append(replace(subject, part=chapter))
    return found


def _alike(one: Draft, other: Draft) -> bool:
    if one.sense and other.sense:
        return one.sense.code == other.sense.code
    return one.key == other.key


def _renumbered(scope: Scope, order: Mapping[int, int]) -> Scope | None:
    """A scope after entries were taken out; None if it spoke of those alone."""
    members = tuple(dict.fromkeys(order[m] for m in scope.members if order[m] >= 0))
    if scope.members and not members and not scope.names:
        return None
    at = None if scope.at is None or order[scope.at] < 0 else order[scope.at]
    return replace(scope, members=members, at=at)


# --- what is cut off, notes as wholes ------------------------------------------------------------


def _cut_short(laid: Layout, book: Book, witness: Witness) -> Iterator[Diagnostic]:
    """The points whose words break off where a page is missing, and those not described before."""
    for part in sorted(laid.cut):
        mine = [draft for draft in book.drafts if draft.block == part]
        last = max((d for d in mine if d.described), key=lambda d: d.head, default=None)
        short = [d for d in mine if d is last or not d.described]
        for draft in short:
            draft.flags.append("text_truncated")
        names = "、".join(draft.key for draft in short) or "its note"
        end = laid.page.blocks[part].end
        message = f"a page is missing here: {names} is not whole"
        place = span(laid.text, max(0, end - 1), end)
        yield Diagnostic("text-truncated", "warning", message, witness.spec.siglum, *place)


def _whole(laid: Layout, book: Book) -> Book:
    """The drafts by notes, whatever their parts."""
    page = laid.page
    order: dict[tuple[int, int], int] = {}
    blocks: list[Block] = []
    home: list[int] = []
    for block, note in zip(page.blocks, laid.notes, strict=True):
        if note not in order:
            order[note] = len(blocks)
            blocks.append(replace(block, start=note[0], end=note[1]))
        home.append(order[note])
    drafts = [replace(draft, block=home[draft.block]) for draft in book.drafts]
    return Book(replace(page, blocks=tuple(blocks)), drafts)


# --- sections ------------------------------------------------------------------------------------


def _parts(siglum: str, text: Text, page: Page, entries: Sequence[Entry]) -> Iterator[Part]:
    """A part for each chapter."""
    titles = [i for i, p in enumerate(page.paragraphs) if p.title]
    for place, (index, last) in enumerate(pairwise([*titles, len(page.paragraphs)])):
        title, parts = page.paragraphs[index], page.paragraphs[index:last]
        number = next((p.number for p in parts if p.number is not None), None)
        start, end = span(text, title.start, parts[-1].end)
        held = [e for e in entries if e.section == number and start <= e.start < end]
        words = Slice(text, title.start, title.end).verbatim
        yield Part(f"{siglum}/{number or f's{place:03d}'}", words, start, end, held, number)
