"""What a comparison comes to: differences, of what kind they are, and the rows that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline.compare.book import Book
from pipeline.compare.edition import Edition
from pipeline.compare.passages import Passage
from pipeline.model import column

Kind = Literal[
    "numeric", "forbidden", "channel", "substantive", "only_a", "only_b",
    "lost", "moved", "duplicate", "orthographic", "punctuation", "same",
]  # fmt: skip
SEVERITY: dict[Kind, str] = {
    "numeric": "critical",
    "forbidden": "critical",
    "channel": "major",
    "substantive": "major",
    "only_a": "major",
    "only_b": "major",
    "lost": "minor",
    "moved": "minor",
    "duplicate": "minor",
    "orthographic": "none",
    "punctuation": "none",
    "same": "none",
}
"""The kinds of difference, most severe first, and how severe they are."""
RANK: dict[str, int] = {kind: rank for rank, kind in enumerate(SEVERITY)}
QUIET = ("orthographic", "punctuation", "same")
"""Kinds that are counted, and listed only where all is asked for."""

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Row of collation: a place in which two witnesses differ, as one column has it.

    One difference can be several rows, where it changes several columns: least and most of a dose,
    a prohibition and the dose that it rules out, all that stood in a line that is lost.
    """

    code: str | None = column("code of the point")
    name: str | None = column("standard name of the point")
    field: str = column(
        "column of entries; entry for a whole entry, text for words that no column holds, note for "
        "a whole note; in a note the field of the reading, or source"
    )
    kind: str = column(
        "numeric forbidden channel substantive only_a only_b lost moved duplicate orthographic "
        "punctuation; same where all is asked for"
    )
    severity: str = column("critical, major, minor or none")
    value_a: str | None = column("value in the first witness; a list is joined with 、")
    value_b: str | None = column("value in the second witness")
    text_a: str | None = column("the words of the first witness, verbatim")
    text_b: str | None = column("the words of the second witness, verbatim")
    entry_a: str | None = column("entry of the first witness")
    entry_b: str | None = column("entry of the second witness")
    start_a: int | None = column("where text_a begins", "code points")
    end_a: int | None = column("where text_a ends, exclusive", "code points")
    start_b: int | None = column("where text_b begins", "code points")
    end_b: int | None = column("where text_b ends, exclusive", "code points")
    witness_a: str = column("first witness")
    witness_b: str = column("second witness")
    place_a: str | None = column("juan, page and line of the first witness")
    place_b: str | None = column("juan, page and line of the second witness")
    rules: tuple[str, ...] = column("what makes unlike glyphs count as one: script 会→會")
    difference: int | None = column("number of the difference; rows of one have one number")
    source: str | None = column("whose reading it is, inside a note; as the first that has it")
    section: str | None = column("section of the base: its number, or its title where it has none")
    note_a: str | None = column("note of the first witness")
    note_b: str | None = column("note of the second witness")
    changed_a: tuple[str, ...] = column(
        "the characters of the first witness that differ, first:end; of all its rows"
    )
    changed_b: tuple[str, ...] = column("the characters of the second witness that differ")


@dataclass(frozen=True, slots=True)
class Changed:
    """By glyph the number of the difference that it is changed in, of the base and of an edition;
    and by glyph that of the signs beside it.
    """

    base: dict[int, int] = field(default_factory=dict)
    own: dict[int, int] = field(default_factory=dict)
    base_signs: dict[int, int] = field(default_factory=dict)
    own_signs: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collation:
    """Every difference of the editions against the first of them, which is the base."""

    editions: tuple[Edition, ...]
    differences: tuple[Difference, ...]
    marks: tuple[tuple[Spans, Spans], ...]
    """For each row the characters of value_a and of value_b that differ."""
    books: tuple[Book, ...]
    passages: tuple[Passage, ...]
    """How the editions stand side by side: what all outputs are made from."""
    changed: tuple[Changed, ...]
    """For each edition what differs from the base; nothing for the base itself."""
    kinds: dict[int, str]
    """By number of a difference its kind."""
    editions_of: dict[int, int]
    """By number of a difference the edition that it sets against the base."""
    whole: dict[int, tuple[int, ...]]
    """By number of a passage the differences that no glyph shows: an entry that is in one edition
    only or stands elsewhere, prose that is on another side of entries, a value that is said
    elsewhere."""
    beyond: frozenset[int]
    """Numbers of the differences that are what one edition goes on with before or behind all that
    the other has: a book beside one juan of it."""
