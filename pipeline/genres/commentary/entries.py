"""Wang Bing's commentary on the 素問 (氣府論): main text, circled notes, remarks of 新校正.

A circled note is tied to words of the main text and speaks of one or more points: each of them is
an entry. What it says of several points at once, or by reference, is handed on by ``refer``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

import regex

from pipeline.genres.stages import Stage
from pipeline.judging.check import values
from pipeline.judging.counts import Part, counted, declarations, sections, stated, totals
from pipeline.judging.cover import cover
from pipeline.judging.cuts import cut_lines
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import points
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.patterns import pattern
from pipeline.model import (
    Claim,
    Diagnostic,
    DoseRow,
    Entry,
    Identification,
    Kind,
    Result,
    Text,
    Witness,
    join,
)
from pipeline.reading import references as refer
from pipeline.reading.editors import GRAMMAR, find_remarks, read_remarks
from pipeline.reading.names import basis_of, is_misprint, named, reports
from pipeline.reading.pages import CIRCLED, NUM, Block, Page, Paragraph, circled, lifted
from pipeline.reading.rows import entry_of
from pipeline.reading.spoken import Book, Draft, numbered, read_notes
from pipeline.reading.statements import Place, Statement
from pipeline.sources.normalize import damage, layer_of
from pipeline.text.slice import Slice, at

TOTAL = "{declared} points in all, the notes name {found}"


Laid = tuple[Page, list[Diagnostic]]
"""A page, and what is damaged in it."""


def page(witness: Witness, layer: Text) -> Laid:
    """Main text, notes and remarks; the remarks lifted out of the notes."""
    page = circled(layer)
    remarks, damaged = find_remarks(witness.spec.siglum, page)
    page = lifted(page, remarks)
    said = [*_torn(witness.spec.siglum, page), *_displaced(witness.spec.siglum, page)]
    return page, [*damage(witness), *damaged, *said]


def book(witness: Witness, page: Laid) -> Book:
    """What the notes say, of which points."""
    return read_notes(witness.spec.siglum, GRAMMAR, page[0])


def written(witness: Witness, page: Laid, book: Book) -> Result:
    """An entry for each point, references followed: 刺灸分壯如陽綱法 → like 陽綱."""
    found, claims, doses, resolution = write_entries(witness.spec.siglum, page[0], book)
    return Result(
        entries=tuple(found),
        claims=tuple(claims),
        doses=tuple(doses),
        diagnostics=tuple(located(resolution.diagnostics, found)),
        references=tuple(resolution.references),
    )


def cut(witness: Witness, page: Laid, book: Book, written: Result) -> Result:
    """Entries, and what is cut off of them."""
    text, owner = page[0].text, partial(_owner, page[0], book)
    found, said = cut_lines(witness.spec.siglum, text, _whole(page[0]), written.entries, owner)
    return replace(written, entries=tuple(found), diagnostics=(*written.diagnostics, *said))


def remarks(witness: Witness, page: Laid, book: Book, entries: Result) -> Result:
    """What the editors say."""
    notes, readings, doses = read_remarks(witness.spec.siglum, page[0], book, entries.entries)
    return Result(notes=tuple(notes), readings=tuple(readings), doses=tuple(doses))


def counts(witness: Witness, page: Laid, book: Book, entries: Result) -> Result:
    """Sections, and where their counts differ."""
    siglum = witness.spec.siglum
    parts = list(_parts(siglum, page[0], book, entries.entries))
    said = tuple(_counts(siglum, page[0], parts, entries.entries))
    return Result(sections=sections(siglum, parts), diagnostics=said)


def result(
    witness: Witness, page: Laid, book: Book, entries: Result, remarks: Result, counts: Result
) -> Result:
    """All of it, and what each part of the text became."""
    laid, damaged = page
    found, rows = join([entries, remarks, counts]), entries.entries
    return replace(
        found,
        witnesses=(witness,),
        identifications=tuple(identifications_of(witness.spec.siglum, laid, book, rows)),
        coverage=cover(witness, laid.text, kinds_of_text(laid, book), unparsed(book)),
        diagnostics=(
            *damaged,
            *book.diagnostics,
            *reports(rows, [draft.key for draft in book.drafts]),
            *found.diagnostics,
            *(d for entry in rows for d in values(entry)),
        ),
    )


CIRCLED_NOTES = (
    Stage("layer", layer_of),
    Stage("page", page),
    Stage("book", book),
    Stage("written", written),
    Stage("entries", cut),
    Stage("remarks", remarks),
    Stage("counts", counts),
    Stage("result", result),
)


def located(said: Iterable[Diagnostic], entries: Iterable[Entry]) -> Iterator[Diagnostic]:
    """Diagnostics of the reference stage with the section of their entry (紫宮 → section 17)."""
    by_id = {entry.entry_id: entry for entry in entries}
    for diagnostic in said:
        entry = by_id.get(diagnostic.entry_id or "")
        yield diagnostic if entry is None else replace(diagnostic, section=entry.section)


# --- entries -------------------------------------------------------------------------------------


def write_entries(
    siglum: str, page: Page, book: Book
) -> tuple[list[Entry], list[Claim], list[DoseRow], refer.Resolution]:
    """Entries with claims and doses, a row for each draft (附分) with what is said of it, in words
    of its own or by reference.
    """
    copies = _copies(page)
    rows = [
        (home, replace(subject, copy=copies[subject.block]))
        for home, subject in numbered(siglum, page, book.drafts)
    ]
    resolution = refer.resolve([subject for _, subject in rows], book.statements, siglum)
    claims: list[Claim] = []
    doses: list[DoseRow] = []
    entries: list[Entry] = []
    leads_out: dict[str, list[Claim]] = {}
    for reference in resolution.references:
        claimed = leads_out.setdefault(reference.entry_id, [])
        claimed += refer.open_claims(reference, page.text.source)
    for draft, (home, _) in zip(book.drafts, rows, strict=True):
        held = resolution.held[draft.point].values()
        entry, found, given = entry_of(home, [s for column in held for s in _led(column)])
        doses += given
        claims += [*found, *leads_out.get(home.entry_id, ())]
        entries.append(_named(entry, draft))
    return entries, claims, doses, resolution


def _copies(page: Page) -> list[int]:
    """For each note the copy of the chapter it stands in: how often its title, or the paragraph
    that a text without titles opens with, stood before.
    """
    opening = page.paragraphs[0].where.words if page.paragraphs else ""
    heads = [*page.headings, *(p.where for p in page.paragraphs if p.title)]
    heads = heads or [p.where for p in page.paragraphs if p.where.words == opening]
    times: Counter[str] = Counter()
    begins: list[tuple[int, int]] = []
    for head in sorted(heads, key=lambda one: one.start):
        begins.append((head.start, times[head.words]))
        times[head.words] += 1
    starts = [start for start, _ in begins]
    before = [0, *(copy for _, copy in begins)]
    return [before[bisect_right(starts, block.where.start)] for block in page.blocks]


def _led(held: Sequence[Statement]) -> list[Statement]:
    """What places a whole list stands before the words of each point."""
    return sorted(held, key=lambda s: not (isinstance(s.says, Place) and s.says.lead))


def _named(entry: Entry, draft: Draft) -> Entry:
    """An entry with the point it is about and what is damaged in it."""
    code = draft.sense.code if draft.sense else None
    misprint = ["misprint_suspected"] * is_misprint(draft.key, code)
    damaged = ["location_damaged"] * bool(regex.search(r"\p{Co}|□", entry.location))
    flags = [*draft.flags, *misprint, *damaged]
    return named(entry, code, basis_of(draft.key, code), draft.candidates, flags)


def _torn(siglum: str, page: Page) -> Iterator[Diagnostic]:
    """The notes of which the main text is lost."""
    for note in page.torn:
        message = "the main text of this note and those after it is lost"
        yield at("text-lost", note, message, siglum)


# --- what is cut off -----------------------------------------------------------------------------


def _whole(page: Page) -> set[tuple[int, int]]:
    """Lines that need no stop."""
    titles = (paragraph.where for paragraph in page.paragraphs if paragraph.title)
    signed = () if page.signature is None else (page.signature,)
    return {(one.start, one.end) for one in (*page.headings, *titles, *signed)}


def _owner(page: Page, book: Book, at: int) -> tuple[int | None, bool]:
    """The point in whose words a line breaks off: the last one named before, if they are not about
    all of them; and whether it is no remark that breaks off.
    """
    here = page.moves.end(at)
    own = not any(r.outer.start < at <= r.outer.end for r in page.remarks)
    notes = (i for i, b in enumerate(page.blocks) if b.where.start <= at <= b.where.end)
    block = next(notes, None)
    before = [t.scope for t in book.turns if t.scope.block == block and t.start < here]
    if before and before[-1].kind in ("all", "rest"):
        return None, own
    found = [
        (max(d.head.start, min(d.end, here)), i)
        for i, d in enumerate(book.drafts)
        if d.block == block and d.head.start < here
    ]
    return max(found, default=(0, None))[1], own


# --- sections, counts, lemmata -------------------------------------------------------------------


def _parts(siglum: str, page: Page, book: Book, entries: Sequence[Entry]) -> Iterator[Part]:
    """A part for each paragraph that carries notes. A declared number (七十八穴) is that of all
    paragraphs up to the next one that declares.
    """
    carrying = [p for p in page.paragraphs if p.number is not None]
    for index, paragraph in enumerate(carrying):
        reached = None
        if paragraph.declared is not None:
            later = (i for i in range(index + 1, len(carrying)) if carrying[i].declared is not None)
            reach = {p.number for p in carrying[index : next(later, len(carrying))]}
            reached = points(
                entry.code
                for entry, draft in zip(entries, book.drafts, strict=True)
                if entry.section in reach and not _elsewhere(page.blocks[draft.block], paragraph)
            )
        where = paragraph.where
        ends = [note.where.end for note in _notes_on(page, paragraph.number)]
        title = regex.split(f"[。{CIRCLED}]", where.words)[0]
        yield Part(
            f"{siglum}/{paragraph.number:02d}",
            replace(where, end=where.start + len(title)).verbatim,
            *replace(where, end=max([where.end, *ends])).source,
            [e for e in entries if e.section == paragraph.number],
            paragraph.number,
            page.chapter,
            paragraph.declared,
            reached=reached,
        )


def _notes_on(page: Page, number: int | None) -> list[Block]:
    """The notes on a numbered paragraph."""
    return [b for b in page.blocks if b.paragraph and b.paragraph.number == number]


def _elsewhere(block: Block, paragraph: Paragraph) -> bool:
    """Whether a note is tied to words that name another channel (足少陰舌下 under 衝脈): its points
    are not among those that the paragraph counts.
    """
    named = pattern("any-channel").match(block.lemma.words)
    return bool(paragraph.declared and named and ch.canonical(named.group()) != paragraph.channel)


def _displaced(siglum: str, page: Page) -> Iterator[Diagnostic]:
    """Where a circled sign of a note is lost or stands in the place of another."""
    for where, words in page.displaced:
        yield at("mark-displaced", where, words, siglum)


def _counts(
    siglum: str, page: Page, parts: Sequence[Part], entries: Sequence[Entry]
) -> Iterator[Diagnostic]:
    """Where main text and notes differ in their counts; 今少一穴 is what the commentator found."""

    def says(part: Part) -> str:
        notes = (note.where for note in _notes_on(page, part.number))
        rest = (one.where.verbatim for note in notes for one in stated("rest", note))
        words = next((f"; the commentary says {found}" for found in rest), "")
        return f"the notes name {counted(part)} points{words}"

    yield from declarations(siglum, parts, says)
    found = points(entry.code for entry in entries)
    for paragraph in page.paragraphs:
        declared = stated("chapter", paragraph.where)
        yield from totals(declared, found, TOTAL, siglum, paragraph.number)


def identifications_of(
    siglum: str, page: Page, book: Book, entries: Sequence[Entry]
) -> Iterator[Identification]:
    """The words of the main text that each note is tied to, and the points it finds in them."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for n, draft in enumerate(book.drafts):
        found[draft.block].append(n)
    for gloss, parts in groupby(enumerate(page.blocks), key=lambda part: part[1].whole):
        blocks = dict(parts)
        block = next(iter(blocks.values()))
        if block.paragraph is None or block.paragraph.number is None:
            continue
        inside = [entries[n] for n in sorted(n for number in blocks for n in found[number])]
        counted = regex.search(rf"(?<!各|[{NUMERAL}])({NUM})穴?$", block.lemma.words)
        start, end = block.lemma.source
        yield Identification(
            witness=siglum,
            section=block.paragraph.number,
            seq=block.number,
            lemma=block.lemma.verbatim,
            count=integer(counted[1]) if counted else None,
            kind="prose" if not inside else "group" if len(inside) > 1 else "point",
            gloss=gloss.verbatim,
            points_raw=tuple(e.name_raw for e in inside),
            points=tuple(e.name for e in inside if e.name),
            codes=tuple(e.code for e in inside if e.code),
            location=inside[0].location if len(inside) == 1 else "",
            start=start,
            end=end,
        )


# --- coverage ------------------------------------------------------------------------------------


def kinds_of_text(page: Page, book: Book) -> Iterator[tuple[int, int, Kind]]:
    """Source spans and what they are: 兩眉頭各一 lemma, 謂攢竹穴也… entry, 新校正云… note."""
    named = {draft.block for draft in book.drafts}
    kinds: list[tuple[Slice, Kind]] = [(heading, "heading") for heading in page.headings]
    kinds += [(p.where, "heading" if p.title else "lemma") for p in page.paragraphs]
    for index, block in enumerate(page.blocks):
        where = replace(block.where, start=block.where.start - 1)
        kinds.append((where, "entry" if index in named else "prose"))
    for remark in page.remarks:
        kinds += [(remark.outer, "note"), *((own, "entry") for own in remark.own)]
    if page.signature:
        kinds.append((page.signature, "noise"))
    end = len(page.text.chars)
    yield 0, Slice(page.text, end, end).source[1], "prose"
    for where, kind in kinds:
        yield *where.source, kind


def unparsed(book: Book) -> list[tuple[int, int]]:
    """What no rule understood."""
    return [(d.start, d.end) for d in book.diagnostics if d.code == "clause-unparsed"]
