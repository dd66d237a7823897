"""What notes inside statements of illness speak of: the illness, a point, or the act."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.treatments import named
from pipeline.model import Indication, Note, Reading

BEHIND = regex.compile(r"[\s。,，;；、(（]*")
"""What may stand between a statement and its note."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A statement: its id, where it stands, where its first point and its last word stand."""

    statement_id: str
    start: int
    point: int
    end: int


def noted(
    readings: Sequence[Reading],
    notes: Sequence[Note],
    indications: Sequence[Indication],
    source: str,
) -> Iterator[Reading]:
    """The readings of notes, those in statements of illness with the statement and its part."""
    places = list(_places(indications))
    starts = [place.start for place in places]
    home = {note.note_id: note for note in notes}
    for reading in readings:
        note = home.get(reading.note_id or "")
        at = bisect_right(starts, note.start) - 1 if note else -1
        if note is None or at < 0 or not _of(places[at], note, source):
            yield reading
            continue
        field = _field(places[at], note, reading)
        yield replace(reading, statement_id=places[at].statement_id, field=field)


def _places(indications: Sequence[Indication]) -> Iterator[_Place]:
    """The statements in their order."""
    first: dict[str, Indication] = {}
    for row in indications:
        first.setdefault(row.statement_id, row)
    for row in sorted(first.values(), key=lambda row: row.start):
        point = row.end if row.point_start is None else row.point_start
        yield _Place(row.statement_id, row.start, point, row.end)


def _of(place: _Place, note: Note, source: str) -> bool:
    """Whether a note stands in a statement or right behind it."""
    return note.start <= place.end or BEHIND.fullmatch(source, place.end, note.start) is not None


def _field(place: _Place, note: Note, reading: Reading) -> str:
    """The part of a statement that a note has other words for, by where it stands."""
    if reading.field not in ("text", "other") or not reading.source:
        return reading.field
    if note.start <= place.point:
        return "syndrome"
    if pattern("act-sign").match(reading.value):
        return "act"
    if note.start <= place.end or folded(to_traditional(reading.value)) in named():
        return "point"
    return "syndrome" if reading.field == "text" else reading.field
