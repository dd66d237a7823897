"""Wang Bing's commentary on the 素問 (氣府論): main text, circled notes, remarks of 新校正.

A circled note is tied to words of the main text and speaks of one or more points: each of them is
an entry. What it says of several points at once, or by reference, is handed on by ``refer``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import regex

from pipeline.genres.commentary.editors import read_remarks
from pipeline.genres.commentary.notes import Book, Draft, read_notes
from pipeline.genres.commentary.page import (
    CIRCLED,
    NUM,
    Block,
    Page,
    Paragraph,
    Remark,
    find_remarks,
    layout,
    lift,
    shifted,
)
from pipeline.judging.check import values
from pipeline.judging.counts import Part, counted, declarations, points, sections, stated, totals
from pipeline.judging.cover import cover
from pipeline.judging.cuts import cut_lines
from pipeline.knowledge import channels as ch
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.model import (
    Claim,
    Diagnostic,
    Entry,
    Identification,
    Kind,
    Result,
    Text,
    Witness,
)
from pipeline.reading import references as refer
from pipeline.reading.names import basis_of, is_misprint, named, reports
from pipeline.reading.rows import Home, entry_of
from pipeline.reading.segment import CHANNEL
from pipeline.reading.statements import Place, Statement
from pipeline.sources.normalize import normalize
from pipeline.text.layer import span
from pipeline.text.slice import Slice

TOTAL = "{declared} points in all, the notes name {found}"


def extract(witness: Witness) -> Result:
    """Everything a witness holds: 意舍 … 刺灸分壯如陽綱法 → depth 5, three cones, like 陽綱."""
    siglum = witness.spec.siglum
    text, lost = normalize(witness)
    page = layout(text)
    remarks, damaged = find_remarks(text, page, siglum)
    main = lift(text, remarks)
    reading = read_notes(witness, main, page, remarks)
    resolution = refer.resolve(reading.subjects(witness), reading.statements, siglum)
    entries, claims = write_entries(siglum, main, reading, resolution)
    notes, readings = read_remarks(witness, text, page, remarks, reading, entries)
    titles = [(p.start, p.end) for p in page.paragraphs if p.title]
    whole = {page.signature or (0, 0), *page.headings, *titles}
    owner = partial(_owner, page, remarks, reading)
    entries, cut = cut_lines(siglum, text, whole, entries, owner)
    parts = list(_parts(siglum, text, page, reading, entries))
    suspect = [d for entry in entries for d in values(entry)]
    kinds = kinds_of_text(text, page, remarks, reading)
    return Result(
        witnesses=(witness,),
        sections=sections(siglum, parts),
        entries=tuple(entries),
        notes=tuple(notes),
        readings=tuple(readings),
        claims=tuple(claims),
        identifications=tuple(identifications_of(siglum, text, page, reading, entries)),
        coverage=cover(witness, text, kinds, reading.unparsed),
        diagnostics=(
            *lost,
            *damaged,
            *reading.diagnostics,
            *reports(entries, [draft.key for draft in reading.drafts]),
            *(located(d, entries) for d in resolution.diagnostics),
            *cut,
            *_counts(siglum, text, page, parts, entries),
            *suspect,
        ),
        references=tuple(resolution.references),
    )


def located(diagnostic: Diagnostic, entries: Sequence[Entry]) -> Diagnostic:
    """A diagnostic of the reference stage with the section of its entry (紫宮 → section 17)."""
    entry = next((e for e in entries if e.entry_id == diagnostic.entry_id), None)
    return diagnostic if entry is None else replace(diagnostic, section=entry.section)


# --- entries -------------------------------------------------------------------------------------


def write_entries(
    siglum: str, main: Text, book: Book, resolution: refer.Resolution
) -> tuple[list[Entry], list[Claim]]:
    """Entries and claims, a row for each draft (附分) with what the reference stage gave it."""
    claims: list[Claim] = []
    entries: list[Entry] = []
    seq: Counter[tuple[int | None, int]] = Counter()
    leads_out: dict[str, list[Claim]] = {}
    for reference in resolution.references:
        rows = leads_out.setdefault(reference.entry_id, [])
        rows += refer.open_claims(reference, main.source)
    for draft, entry_id, held in zip(book.drafts, book.ids, resolution.held, strict=True):
        paragraph, number = book.where(draft.block)
        section = paragraph.number if paragraph else None
        seq[section, number] += 1
        home = Home(
            entry_id=entry_id,
            witness=siglum,
            section=section,
            seq=seq[section, number],
            head=Slice(main, *draft.head),
            source=span(main, draft.start, draft.end),
            note=number,
        )
        entry, found = entry_of(home, [s for column in held.values() for s in _led(column)])
        claims += [*found, *leads_out.get(entry_id, ())]
        entries.append(_named(entry, draft))
    return entries, claims


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


# --- what is cut off -----------------------------------------------------------------------------


def _owner(page: Page, remarks: Sequence[Remark], book: Book, at: int) -> tuple[int | None, bool]:
    """The point in whose words a line breaks off: the last one named before, if they are not about
    all of them; and whether it is no remark that breaks off.
    """
    here = shifted(at, remarks)
    own = not any(r.start < at <= r.end for r in remarks)
    block = next((i for i, one in enumerate(page.blocks) if one.start <= at <= one.end), None)
    before = [scope for begin, scope, of in book.scopes if of == block and begin < here]
    if before and before[-1].kind in ("all", "rest"):
        return None, own
    found = [
        (max(d.head[0], min(d.end, here)), i)
        for i, d in enumerate(book.drafts)
        if d.block == block and d.head[0] < here
    ]
    return max(found, default=(0, None))[1], own


# --- sections, counts, lemmata -------------------------------------------------------------------


def _parts(
    siglum: str, text: Text, page: Page, book: Book, entries: Sequence[Entry]
) -> Iterator[Part]:
    """A part for each paragraph that carries notes. A declared number (七十八穴) is that of all
    paragraphs up to the next one that declares.
    """
    numbered = [p for p in page.paragraphs if p.number is not None]
    for index, paragraph in enumerate(numbered):
        later = (i for i in range(index + 1, len(numbered)) if numbered[i].declared is not None)
        reach = {p.number for p in numbered[index : next(later, len(numbered))]}
        counted = points(
            entry.code
            for entry, draft in zip(entries, book.drafts, strict=True)
            if entry.section in reach and not _elsewhere(text, page, draft.block, paragraph)
        )
        following = [note.end for note in _notes_on(page, paragraph.number)]
        title = regex.split(f"[。{CIRCLED}]", text.chars[paragraph.start : paragraph.end])[0]
        yield Part(
            f"{siglum}/{paragraph.number:02d}",
            Slice(text, paragraph.start, paragraph.start + len(title)).verbatim,
            *span(text, paragraph.start, max([paragraph.end, *following])),
            [e for e in entries if e.section == paragraph.number],
            paragraph.number,
            page.chapter,
            paragraph.declared,
            reached=None if paragraph.declared is None else counted,
        )


def _notes_on(page: Page, number: int | None) -> list[Block]:
    """The notes on a numbered paragraph."""
    of = {i for i, paragraph in enumerate(page.paragraphs) if paragraph.number == number}
    return [block for block in page.blocks if block.paragraph in of]


def _elsewhere(text: Text, page: Page, block: int, paragraph: Paragraph) -> bool:
    """Whether a note is tied to words that name another channel (足少陰舌下 under 衝脈): its points
    are not among those that the paragraph counts.
    """
    words = text.chars[slice(*page.blocks[block].lemma)]
    named = regex.match(f"{CHANNEL}|{ch.SIX.pattern}", words)
    return bool(paragraph.declared and named and ch.canonical(named.group()) != paragraph.channel)


def _counts(
    siglum: str, text: Text, page: Page, parts: Sequence[Part], entries: Sequence[Entry]
) -> Iterator[Diagnostic]:
    """Where main text and notes differ in their counts; 今少一穴 is what the commentator found."""

    def says(part: Part) -> str:
        notes = (Slice(text, note.start, note.end) for note in _notes_on(page, part.number))
        rest = (one.where.verbatim for note in notes for one in stated("rest", note))
        words = next((f"; the commentary says {found}" for found in rest), "")
        return f"the notes name {counted(part)} points{words}"

    yield from declarations(siglum, parts, says)
    found = points(entry.code for entry in entries)
    for paragraph in page.paragraphs:
        declared = stated("chapter", Slice(text, paragraph.start, paragraph.end))
        yield from totals(declared, found, TOTAL, siglum, paragraph.number)


def identifications_of(
    siglum: str, text: Text, page: Page, book: Book, entries: Sequence[Entry]
) -> Iterator[Identification]:
    """The words of the main text that each note is tied to, and the points it finds in them."""
    for index, block in enumerate(page.blocks):
        paragraph, number = book.where(index)
        if paragraph is None or paragraph.number is None:
            continue
        inside = [e for e, d in zip(entries, book.drafts, strict=True) if d.block == index]
        lemma, gloss = Slice(text, *block.lemma), Slice(text, block.start, block.end)
        counted = regex.search(rf"(?<!各|[{NUMERAL}])({NUM})穴?$", lemma.words)
        start, end = lemma.source
        yield Identification(
            witness=siglum,
            section=paragraph.number,
            seq=number,
            lemma=lemma.verbatim,
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


def kinds_of_text(
    text: Text, page: Page, remarks: Sequence[Remark], book: Book
) -> Iterator[tuple[int, int, Kind]]:
    """Source spans and what they are: 兩眉頭各一 lemma, 謂攢竹穴也… entry, 新校正云… note."""
    yield 0, span(text, len(text.chars), len(text.chars))[1], "prose"
    for heading in page.headings:
        yield *span(text, *heading), "heading"
    for paragraph in page.paragraphs:
        kind: Kind = "heading" if paragraph.title else "lemma"
        yield *span(text, paragraph.start, paragraph.end), kind
    for index, block in enumerate(page.blocks):
        named = any(d.block == index for d in book.drafts)
        yield *span(text, block.start - 1, block.end), "entry" if named else "prose"
    for remark in remarks:
        yield *span(text, *remark.outer), "note"
        for own in remark.own:
            yield *span(text, *own), "entry"
    if page.signature:
        yield *span(text, *page.signature), "noise"
