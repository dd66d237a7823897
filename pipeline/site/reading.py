"""Reading pages: the whole text of a witness as printed, with what was read of it marked on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline.model import Claim, DoseRow, Issue, Note, Reading
from pipeline.site.addresses import Part, Places
from pipeline.site.gather import Corpus, of_witness
from pipeline.site.spans import Span, woven
from pipeline.sources.read import line_of

VALUES = {
    "name_raw": "name",
    "aliases": "name",
    "count": "name",
    "location": "place",
    "channels": "channel",
    "shu": "office",
    "phase": "office",
    "role": "office",
    "posture": "posture",
    "depth_min_fen": "dose",
    "depth_max_fen": "dose",
    "retention_breaths": "dose",
    "moxa_min": "dose",
    "moxa_max": "dose",
    "needling_forbidden": "ban",
    "moxa_forbidden": "ban",
    "warnings": "warning",
}
"""What the words of a value are shown as, by the column that holds it; others are ``other``."""

NOTED = {
    "name": "name",
    "aliases": "name",
    "point": "name",
    "location": "place",
    "channels": "channel",
    "posture": "posture",
    "depth": "dose",
    "retention": "dose",
    "moxa": "dose",
    "needling": "ban",
    "warnings": "warning",
}
"""The same of what notes say, by the field that they speak of; words and sounds are none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a part: its number in the file, its words, what is said of it in the margin."""

    number: int
    html: Markup
    issues: tuple[Issue, ...]
    readings: tuple[Reading, ...]


def lines(corpus: Corpus, where: Places, part: Part) -> Iterator[Line]:
    """The lines of a part, marked."""
    siglum = part.witness
    starts = where.lines[siglum]
    first, last = line_of(starts, part.start), line_of(starts, max(part.start, part.end - 1))
    said = _by_line(of_witness(corpus, "issues", siglum), starts, part)
    noted = _by_line(of_witness(corpus, "readings", siglum), starts, part)
    pieces = woven(
        corpus.texts[siglum], part.start, part.end, spans(corpus, part), starts[first:last]
    )
    for number, html in enumerate(pieces, first):
        yield Line(number, html, tuple(said[number]), tuple(noted[number]))


def _by_line(rows: Iterable[Any], starts: Any, part: Part) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        if part.start <= row.start < part.end:
            found[line_of(starts, row.start)].append(row)
    return found


def spans(corpus: Corpus, part: Part) -> Iterator[Span]:
    """All that is marked on a part of a text, what holds others first."""
    on = {
        table: [row for row in of_witness(corpus, table, part.witness) if _on(part, row)]
        for table in (
            "entries",
            "coverage",
            "claims",
            "doses",
            "readings",
            "issues",
            "indications",
            "symptoms",
            "notes",
        )
    }
    for entry in on["entries"]:
        yield Span(entry.start, entry.end, "entry", address=entry.entry_id)
    for row in on["coverage"]:
        yield Span(row.start, row.end, f"k-{row.kind}")
    for note in on["notes"]:
        if whose := by_editors(corpus, note):
            yield Span(note.start, note.end, "k-editors", whose)
    yield from _statements(on["indications"])
    for symptom in on["symptoms"]:
        yield Span(symptom.start, symptom.end, "symptom")
    yield from values(on["claims"])
    yield from voices(on["doses"])
    yield from noted(on["readings"])
    for issue in on["issues"]:
        yield Span(issue.start, issue.end, f"issue {issue.severity}", (("rule", issue.rule),))


def by_editors(corpus: Corpus, note: Note) -> tuple[tuple[str, str], ...]:
    """Who speaks in a note, where it is not the book: the editors of a commentary."""
    who = corpus.editors.get(note.note_id)
    return (("editors", who),) if who else ()


def _on(part: Part, row: Any) -> bool:
    return bool(row.start < part.end and row.end >= part.start)


def _statements(rows: Iterable[Any]) -> Iterator[Span]:
    """Statements of illness, each once, and the points they name."""
    seen = set()
    for row in rows:
        if row.statement_id not in seen:
            seen.add(row.statement_id)
            yield Span(row.start, row.end, "statement", address=row.statement_id)
        if row.direction == "illness_first" and row.point_start is not None:
            data = (("point", row.code or row.name_raw),)
            yield Span(row.point_start, row.point_end, "v v-name", data)


def values(claims: Iterable[Claim]) -> Iterator[Span]:
    """The words of values; those of several columns are marked once."""
    found: defaultdict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for claim in claims:
        found[claim.start, claim.end][claim.field] = None
    for n, ((start, end), fields) in enumerate(sorted(found.items())):
        kinds = dict.fromkeys(f"v-{VALUES.get(name, 'other')}" for name in fields)
        data = (("f", " ".join(fields)), ("n", str(n)))
        yield Span(start, end, " ".join(("v", *kinds)), data)


def voices(doses: Iterable[DoseRow]) -> Iterator[Span]:
    """The words of doses that authorities state; where they are values of the entry, too, they are
    marked twice.
    """
    for dose in doses:
        if dose.source:
            yield Span(dose.start, dose.end, "v v-dose", (("by", dose.source),))


def noted(readings: Iterable[Reading]) -> Iterator[Span]:
    """The words of notes that say something of a field, coloured as its values are."""
    for reading in readings:
        if reading.field in NOTED:
            data = (("by", reading.source), ("verdict", reading.verdict))
            yield Span(reading.start, reading.end, f"v v-{NOTED[reading.field]}", data)


def shares(corpus: Corpus, siglum: str) -> dict[str, int]:
    """How many characters of a text are of each kind, the most first."""
    found: Counter[str] = Counter()
    for row in of_witness(corpus, "coverage", siglum):
        found[row.kind] += row.end - row.start
    return dict(found.most_common())
