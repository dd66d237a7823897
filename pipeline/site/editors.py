"""Whose a note is: remarks of later editors in a commentary (新校正云) are not its own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import regex

from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Note

BEFORE = 12
"""Characters before a note among which the words stand that open it, line ends included."""


@cache
def _editors() -> tuple[str, ...]:
    rows = table("authority/works.tsv")
    return tuple(row["cited"] for row in rows if row["part"] == "editors" and not row["chapter"])


def editors(notes: Iterable[Note], texts: Mapping[str, str]) -> dict[str, str]:
    """The notes in which editors speak, by id, and who they are."""
    found = ((note, _opened(texts.get(note.witness, ""), note)) for note in notes)
    return {note.note_id: who for note, who in found if who}


def _opened(text: str, note: Note) -> str:
    before = regex.sub(r"\P{Han}", "", text[max(0, note.start - BEFORE) : note.start])
    return next((who for who in _editors() if who in to_traditional(before)), "")
