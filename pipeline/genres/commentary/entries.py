"""Wang Bing's commentary on the 素問 (氣府論): main text, circled notes, remarks of 新校正.

A circled note is tied to words of the main text and speaks of one or more points: each of them is
an entry. What it says of several points at once, or by reference, is handed on by ``refer``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from pipeline.genres.commentary.editors import read_remarks
from pipeline.genres.commentary.notes import Book, Draft, read_notes
from pipeline.genres.commentary.page import (
    CIRCLED,
    NUM,
    Page,
    Paragraph,
    Remark,
    find_remarks,
    layout,
    lift,
    shifted,
)
from pipeline.judging.check import points_of, values
from pipeline.judging.cover import cover
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.model import (
    Claim,
    Diagnostic,
    Entry,
    Identification,
    Kind,
    Result,
    SectionRow,
    Text,
    Witness,
)
from pipeline.reading import references as refer
from pipeline.reading.rows import Home, entry_of
from pipeline.reading.segment import CHANNEL
from pipeline.reading.statements import Place, Statement
from pipeline.sources.normalize import normalize
from pipeline.text.layer import span, verbatim
from pipeline.text.slice import Slice

TOTAL = regex.compile(rf"凡(?P<count>{NUM})穴")


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
    entries, cut = _cuts(witness, text, page, remarks, reading, entries)
    sections, counted = _sections(witness, text, page, reading, entries)
    suspect = [d for entry in entries for d in values(entry)]
    kinds = kinds_of_text(text, page, remarks, reading)
    return Result(
        witnesses=(witness,),
        sections=sections,
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
            *name_diagnostics(reading, entries),
            *(located(d, entries) for d in resolution.diagnostics),
            *cut,
            *counted,
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
    flags = list(draft.flags)
    if draft.sense is not None and draft.sense.kind == "misprint":
        flags.append("misprint_suspected")
    if regex.search(r"\p{Co}|□", entry.location):
        flags.append("location_damaged")
    return replace(
        entry,
        name=lexicon().standard[code] if code else None,
        code=code,
        name_basis=_basis(draft),
        flags=tuple(dict.fromkeys(flags)),
        candidates=draft.candidates,
    )


def _basis(draft: Draft) -> str:
    if draft.sense is None:
        return "unknown"
    standard = folded(lexicon().standard[draft.sense.code])
    return "printed" if draft.key == standard else "variant"


def name_diagnostics(book: Book, entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """Names that stand for no point or for several, and misprints (自窗 for 目窗)."""
    for draft, entry in zip(book.drafts, entries, strict=True):
        end = min(entry.end, entry.start + max(1, len(entry.name_raw)))
        place = (entry.witness, entry.start, end, entry.section, entry.entry_id)
        if entry.code is None:
            lex = lexicon()
            among = ", ".join(f"{lex.standard[c]} {c}" for c in draft.candidates) or "none"
            code = "name-ambiguous" if len(draft.candidates) > 1 else "name-unknown"
            yield Diagnostic(code, "warning", f"{draft.key}: candidates {among}", *place)
        elif draft.sense is not None and draft.sense.kind == "misprint":
            message = f"{entry.name_raw} is taken for a misprint of {entry.name}"
            yield Diagnostic("name-misprint", "info", message, *place)


# --- what is cut off -----------------------------------------------------------------------------


def _cuts(
    witness: Witness,
    text: Text,
    page: Page,
    remarks: Sequence[Remark],
    book: Book,
    entries: list[Entry],
) -> tuple[list[Entry], list[Diagnostic]]:
    """Lines that end without a stop, most of them after a rare glyph: the rest of them is lost."""
    flagged = list(entries)
    diagnostics: list[Diagnostic] = []
    known = {
        page.signature,
        *page.headings,
        *((p.start, p.end) for p in page.paragraphs if p.title),
    }
    for line in regex.finditer(r"[^\n]+", text.chars):
        a, b = line.span()
        if (a, b) in known or not regex.search(r"[\p{Han}\p{Co}]$", line.group()):
            continue
        place = span(text, b - 1, b)
        cut = Diagnostic("text-truncated", "warning", "", witness.spec.siglum, *place)
        block = next((i for i, one in enumerate(page.blocks) if one.start <= b <= one.end), None)
        owner = None if block is None else _owner_of_cut(text, remarks, book, block, b)
        after = verbatim(witness.text, text, max(a, b - 4), b)
        if owner is None:
            message = f"the line ends without a stop after {after}: what follows is lost"
            diagnostics.append(replace(cut, message=message))
            continue
        entry = flagged[owner]
        flags = [*entry.flags, "text_truncated"]
        if regex.search("[。，：]?在[^，。]*$", line.group()) and not _in_remark(remarks, b):
            flags.append("location_damaged")
        entry = flagged[owner] = replace(entry, flags=tuple(dict.fromkeys(flags)))
        message = f"the line ends without a stop after {after}: {_missing(entry)}"
        diagnostics.append(
            replace(cut, message=message, section=entry.section, entry_id=entry.entry_id)
        )
    return flagged, diagnostics


def _in_remark(remarks: Sequence[Remark], at: int) -> bool:
    return any(r.start < at <= r.end for r in remarks)


def _owner_of_cut(
    text: Text, remarks: Sequence[Remark], book: Book, block: int, at: int
) -> int | None:
    """The point in whose words a line breaks off: the last one named before, if they are not about
    all of them.
    """
    here = shifted(at, remarks)
    before = [scope for begin, scope, of in book.scopes if of == block and begin < here]
    if before and before[-1].kind in ("all", "rest"):
        return None
    found = [
        (max(d.head[0], min(d.end, here)), i)
        for i, d in enumerate(book.drafts)
        if d.block == block and d.head[0] < here
    ]
    return max(found)[1] if found else None


def _missing(entry: Entry) -> str:
    """What an entry that breaks off lacks."""
    lacks = [
        what
        for what, held in (
            ("place", entry.location),
            ("channel", entry.channels),
            ("needling", entry.depth_min_fen or entry.needling_forbidden),
            ("moxa", entry.moxa_min or entry.moxa_forbidden),
        )
        if not held
    ]
    return f"{entry.name_raw} has no {', '.join(lacks)}" if lacks else "words are lost"


# --- sections, counts, lemmata -------------------------------------------------------------------


def _sections(
    witness: Witness, text: Text, page: Page, book: Book, entries: Sequence[Entry]
) -> tuple[tuple[SectionRow, ...], list[Diagnostic]]:
    """A row for each paragraph that carries notes. A declared number (七十八穴) is that of all
    paragraphs up to the next one that declares.
    """
    siglum = witness.spec.siglum
    numbered = [p for p in page.paragraphs if p.number is not None]
    rows: list[SectionRow] = []
    diagnostics: list[Diagnostic] = []
    for index, paragraph in enumerate(numbered):
        last = index + 1
        while last < len(numbered) and numbered[last].declared is None:
            last += 1
        reach = {p.number for p in numbered[index : last if paragraph.declared else index + 1]}
        inside = [e for e in entries if e.section == paragraph.number]
        counted = sum(
            points_of(entry)
            for entry, draft in zip(entries, book.drafts, strict=True)
            if entry.section in reach and not _elsewhere(text, page, draft.block, paragraph)
        )
        status = "undeclared"
        if paragraph.declared is not None:
            status = "reconciled" if counted == paragraph.declared else "differs"
        following = [
            b.end
            for b in page.blocks
            if b.paragraph is not None and page.paragraphs[b.paragraph].number == paragraph.number
        ]
        start, end = span(text, paragraph.start, max([paragraph.end, *following]))
        title = regex.split(f"[。{CIRCLED}]", text.chars[paragraph.start : paragraph.end])[0]
        stop = paragraph.start + len(title)
        row = SectionRow(
            section_id=f"{siglum}/{paragraph.number:02d}",
            witness=siglum,
            juan=page.chapter,
            number=paragraph.number,
            title=verbatim(witness.text, text, paragraph.start, stop),
            start=start,
            end=end,
            declared_points=paragraph.declared,
            counted_points=counted if inside or paragraph.declared else None,
            entries=len(inside),
            status=status,
        )
        rows.append(row)
        if status == "differs":
            diagnostics.append(_count_differs(text, page, row, span(text, paragraph.start, stop)))
    diagnostics += _total(text, page, entries, siglum)
    return tuple(rows), diagnostics


def _elsewhere(text: Text, page: Page, block: int, paragraph: Paragraph) -> bool:
    """Whether a note is tied to words that name another channel (足少陰舌下 under 衝脈): its points
    are not among those that the paragraph counts.
    """
    words = text.chars[slice(*page.blocks[block].lemma)]
    named = regex.match(f"{CHANNEL}|{ch.SIX.pattern}", words)
    return bool(paragraph.declared and named and ch.canonical(named.group()) != paragraph.channel)


def _count_differs(text: Text, page: Page, row: SectionRow, place: tuple[int, int]) -> Diagnostic:
    """Where the main text's count and the notes differ; 今少一穴 is what the commentator found."""
    said = ""
    for block in page.blocks:
        paragraph = None if block.paragraph is None else page.paragraphs[block.paragraph]
        if paragraph is not None and paragraph.number == row.number:
            match = regex.compile(f"今[少剩]{NUM}穴").search(text.chars, block.start, block.end)
            said = said or (f"; the commentary says {match.group()}" if match else "")
    message = f"{row.title}: the notes name {row.counted_points} points{said}"
    return Diagnostic(
        "section-count-differs", "warning", message, row.witness, *place, section=row.number
    )


def _total(text: Text, page: Page, entries: Sequence[Entry], siglum: str) -> Iterator[Diagnostic]:
    for paragraph in page.paragraphs:
        for match in TOTAL.finditer(text.chars, paragraph.start, paragraph.end):
            declared = integer(match["count"])
            counted = sum(map(points_of, entries))
            if declared is not None and declared != counted:
                message = f"{declared} points in all, the notes name {counted}"
                place = span(text, *match.span())
                yield Diagnostic(
                    "total-differs", "info", message, siglum, *place, section=paragraph.number
                )


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
