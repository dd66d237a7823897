"""The remarks of 新校正: whose they are, what they read, in which source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import regex

from pipeline.genres.commentary.notes import Book, Draft
from pipeline.genres.commentary.page import GRAMMAR, Page, Remark, bare, pieces
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.tables import table
from pipeline.model import Entry, Note, Reading, Text, Witness
from pipeline.reading.citations import HERE, OF_EDITORS, Near, concerning, field_of, read_note
from pipeline.reading.rows import note_of, readings_of
from pipeline.reading.statements import Remark as InWords
from pipeline.reading.statements import Statement, scope_of
from pipeline.reading.values import trimmed
from pipeline.text.slice import Slice

NO_VALUES = frozenset({"name", "warnings", "text", "other"})
"""What a source says of a list of points as a whole, not of each of them."""


def read_remarks(
    witness: Witness,
    text: Text,
    page: Page,
    remarks: Sequence[Remark],
    book: Book,
    entries: Sequence[Entry],
) -> tuple[list[Note], list[Reading]]:
    """Notes and readings: a remark on several points belongs to each of them."""
    siglum = witness.spec.siglum
    notes: list[Note] = []
    readings: list[Reading] = []
    times: Counter[str] = Counter()
    for remark in remarks:
        said = _said(text, remark, book)
        inside = Slice(text, remark.start, remark.end)
        for owner in _owners(text, page, remark, book, said) or (None,):
            entry = None if owner is None else entries[owner]
            home = entry.entry_id if entry else siglum
            order = times[home] = times[home] + 1
            note_id = f"{home}/n{order}" if entry else f"{home}/n{order:04d}"
            notes.append(note_of(note_id, entry.entry_id if entry else None, siglum, order, inside))
            key = "" if owner is None else book.drafts[owner].key
            readings += readings_of(notes[-1], concerning(said, key, entry))
    return notes, readings


def _said(text: Text, remark: Remark, book: Book) -> list[Statement]:
    """What a remark says, in order; a note in brackets is words."""
    if not remark.editorial:
        where = trimmed(Slice(text, remark.start, remark.end))
        return [Statement(HERE, InWords(where.verbatim), where)]
    near = Near(
        [s for s in book.statements if scope_of(s).block == remark.block],
        remark.anchor,
        frozenset(d.key for d in book.drafts if d.block == remark.block),
    )
    found: list[Statement] = []
    speaking = OF_EDITORS
    for a, b in pieces(remark):
        speaking, said, _ = read_note(Slice(text, a, b), GRAMMAR, near, speaking)
        found += said
    return found


def _owners(
    text: Text, page: Page, remark: Remark, book: Book, said: Sequence[Statement]
) -> list[int]:
    """The points a remark belongs to: those it names, else those the words before it are about.

    On a list it belongs to each of its points if it reads a value of theirs; remarks on the main
    text or the count of the points belong to none.
    """
    mine = [i for i, draft in enumerate(book.drafts) if draft.block == remark.block]
    before = [s for at, s, b in book.scopes if b == remark.block and at < remark.anchor]
    about = book.members(before[-1], remark.block) if before else []
    if not remark.editorial:
        return about[:1]
    topics = [i for i in mine if _speaks_of(text, page, remark, book.drafts[i], book.drafts)]
    if topics or len(about) < 2 or any(field_of(s) not in NO_VALUES for s in said):
        return topics or about
    return []


def _speaks_of(
    text: Text, page: Page, remark: Remark, draft: Draft, drafts: Sequence[Draft]
) -> bool:
    """Whether a remark names a point: by its name, by the words of the main text for it, or by what
    is left of its name where the line is cut off. A name before a source (腰俞穴《繆刺論》注) says
    only where that source is to be read, one after 如 is a model.
    """
    words = bare(text.chars, remark)
    relation = "" if draft.key not in _channel_names() else "(?=[在穴])"
    name = rf"(?<![如同與]){regex.escape(draft.key)}(?!穴?《|穴?[^，。「」]{{2,6}}注作){relation}"
    if regex.search(name, words):
        return True
    lemma = text.chars[slice(*page.blocks[draft.block].lemma)]
    for clause in regex.split("[，。]", lemma):
        rest = ch.SIX.sub("", clause, count=1) if ch.SIX.match(clause) else clause
        others = [rest.replace(draft.key, "")] if draft.key in clause else []
        if draft.key.endswith(rest):
            others.append(rest)
        if any(len(other) > 1 and other in words for other in others):
            return True
    tail = regex.search(r"、(\p{Han}+)$", words)
    if tail is None:
        return False
    likely = [d for d in drafts if d.block == draft.block and d.key.startswith(tail[1])]
    return likely == [draft]


@lru_cache(maxsize=1)
def _channel_names() -> frozenset[str]:
    return frozenset(folded(row["name"]) for row in table("authority/channels.tsv"))
