"""The 素問 with Wang Bing's commentary in an edition without punctuation: notes in the main text.

The commentary is that of the punctuated witness and is read by the same grammar; here its pauses
are restored first. A chapter is a section, its notes are numbered in their order, because the
paragraphs of the main text cannot be told from printed lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.genres.commentary.entries import Laid, remarks, result, written
from pipeline.genres.stages import Stage
from pipeline.judging.counts import Part, sections
from pipeline.model import Diagnostic, Entry, Result, Text, Witness
from pipeline.reading.editors import GRAMMAR
from pipeline.reading.pages import Page
from pipeline.reading.pauses import bare, gather, layout, missing_pages, settle
from pipeline.reading.spoken import Book, read_notes
from pipeline.reading.statements import PointId
from pipeline.sources.normalize import damage, layer_of
from pipeline.text.slice import at


def page(witness: Witness, layer: Text) -> Laid:
    """Chapters and notes, with the pauses that the grammar needs."""
    text = bare(layer)
    return layout(text, missing_pages(text)), [*damage(witness)]


def book(witness: Witness, page: Laid) -> Book:
    """What the notes say, of which points; those of which the words break off are flagged."""
    laid = page[0]
    found = gather(laid, settle(read_notes(witness.spec.siglum, GRAMMAR, laid)))
    found, said = _cut_short(witness.spec.siglum, laid, found)
    return replace(found, diagnostics=(*found.diagnostics, *said))


def counts(witness: Witness, page: Laid, entries: Result) -> Result:
    """A section for each chapter."""
    siglum = witness.spec.siglum
    return Result(sections=sections(siglum, list(_parts(siglum, page[0], entries.entries))))


WITHOUT_PAUSES = (
    Stage("layer", layer_of),
    Stage("page", page),
    Stage("book", book),
    Stage("entries", written),
    Stage("remarks", remarks),
    Stage("counts", counts),
    Stage("result", result),
)


# --- what is cut off -----------------------------------------------------------------------------


def _cut_short(siglum: str, page: Page, book: Book) -> tuple[Book, list[Diagnostic]]:
    """The points whose words break off where a page is missing, and those not described before."""
    flagged: set[PointId] = set()
    diagnostics: list[Diagnostic] = []
    for index, block in enumerate(page.blocks):
        if not block.cut:
            continue
        mine = [draft for draft in book.drafts if draft.block == index]
        described = (draft for draft in mine if draft.described)
        last = max(described, key=lambda draft: draft.head.start, default=None)
        short = [draft for draft in mine if draft is last or not draft.described]
        flagged |= {draft.point for draft in short}
        names = "、".join(draft.key for draft in short) or "its note"
        message = f"a page is missing here: {names} is not whole"
        end = block.where.end
        where = replace(block.where, start=max(0, end - 1))
        diagnostics.append(at("text-truncated", where, message, siglum))
    drafts = (
        replace(draft, flags=(*draft.flags, "text_truncated")) if draft.point in flagged else draft
        for draft in book.drafts
    )
    return replace(book, drafts=tuple(drafts)), diagnostics


# --- sections ------------------------------------------------------------------------------------


def _parts(siglum: str, page: Page, entries: Sequence[Entry]) -> Iterator[Part]:
    """A part for each chapter."""
    titles = [i for i, p in enumerate(page.paragraphs) if p.title]
    for place, (index, last) in enumerate(pairwise([*titles, len(page.paragraphs)])):
        title, parts = page.paragraphs[index], page.paragraphs[index:last]
        number = next((p.number for p in parts if p.number is not None), None)
        start, end = replace(title.where, end=parts[-1].where.end).source
        held = [e for e in entries if e.section == number and start <= e.start < end]
        section = f"{siglum}/{number or f's{place:03d}'}"
        yield Part(section, title.where.verbatim, start, end, held, number)
