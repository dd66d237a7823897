"""Whether the work that a note names says what the note says it says.

A note of the 甲乙經 that has 气府论注云灸三壮 names Wang Bing's commentary on 素問 59; a note of
新校正 there that has 《甲乙經》作五壯 names the 甲乙經. Where the work is in the corpus, the point
is looked up in it and the field compared.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from rich.console import Console
from rich.table import Table

from pipeline.judging.diagnostics import shown
from pipeline.knowledge.numerals import MEASURED, NUMERAL
from pipeline.knowledge.works import Work, chapter_of, work_of
from pipeline.model import Entry, Reading, Result, SectionRow, Witness
from pipeline.sources.glyphs import glyphs_of

Verdict = Literal["confirmed", "contradicted", "not_found", "not_in_corpus", "not_checkable"]

DOSES = {
    "depth": ("depth_min_fen", "depth_max_fen", "needling_forbidden"),
    "needling": ("depth_min_fen", "depth_max_fen", "needling_forbidden"),
    "retention": ("retention_breaths", "retention_breaths", "needling_forbidden"),
    "moxa": ("moxa_min", "moxa_max", "moxa_forbidden"),
}
"""For a field of readings the columns of entries: least, most, forbidden."""
WORDS = ("location", "posture", "warnings", "name")
"""Fields whose words can be looked for in the cited entry."""


# --- the entries that could be meant -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Book:
    """A witness as something that can be cited."""

    witness: Witness
    chapters: tuple[tuple[int, int], ...]
    """Where chapters begin, and their numbers."""
    entries: Mapping[str, tuple[Entry, ...]]
    """By code."""

    def holds(self, chapters: frozenset[int]) -> bool:
        return not chapters or any(number in chapters for _, number in self.chapters)

    def about(self, code: str, chapters: frozenset[int]) -> tuple[Entry, ...]:
        found = self.entries.get(code, ())
        return tuple(e for e in found if not chapters or self._chapter(e) in chapters)

    def _chapter(self, entry: Entry) -> int:
        return next((n for start, n in reversed(self.chapters) if start <= entry.start), 0)


def _book(witness: Witness, sections: Iterable[SectionRow], entries: Iterable[Entry]) -> _Book:
    titles = [(0, witness.spec.title), *((s.start, s.title) for s in sections)]
    chapters = [(a, number) for a, title in titles if (number := chapter_of(title)) is not None]
    by_code: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.code and entry.duplicate_of is None:
            by_code[entry.code].append(entry)
    return _Book(witness, tuple(sorted(chapters)), {c: tuple(e) for c, e in by_code.items()})


# --- verdicts ------------------------------------------------------------------------------------


def verdicts(result: Result) -> Result:
    """The result with every reading judged, and the entry it was compared with.

    ``confirmed`` and ``contradicted`` need the point and the field in the cited place; where a
    note names a work without the chapter, another chapter could say what one does not, and
    silence or another value is ``not_found``. Words are confirmed or not found.
    """
    sections = _grouped((s.witness, s) for s in result.sections)
    entries = _grouped((e.witness, e) for e in result.entries)
    books = [
        _book(w, sections.get(w.spec.siglum, ()), entries.get(w.spec.siglum, ()))
        for w in result.witnesses
    ]
    simplified = {w.spec.siglum: w.spec.script == "hans" for w in result.witnesses}
    by_id = {entry.entry_id: entry for entry in result.entries}
    judged = []
    for reading in result.readings:
        entry = by_id.get(reading.entry_id or "")
        siglum = reading.reading_id.partition("/")[0] if entry is None else entry.witness
        work = work_of(reading.source, simplified.get(siglum, False)) if reading.source else None
        judged.append(_judged(reading, entry, work, books))
    return replace(result, readings=tuple(judged))


V = TypeVar("V")


def _grouped(pairs: Iterable[tuple[str, V]]) -> dict[str, list[V]]:
    groups: defaultdict[str, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _judged(
    reading: Reading, entry: Entry | None, work: Work | None, books: Sequence[_Book]
) -> Reading:
    if work is None or not work.named:
        return replace(reading, verdict="not_checkable", cited_witness=None, cited_entry=None)
    holders = [
        book
        for book in books
        if work.work
        and book.witness.spec.work == work.work
        and book.holds(work.chapters)
        # A commentary is cited for its points: a witness without any is another commentary.
        and book.entries
    ]
    if not holders:
        return replace(reading, verdict="not_in_corpus", cited_witness=None, cited_entry=None)
    first = holders[0].witness.spec.siglum
    if entry is None or not entry.code or reading.field not in (*DOSES, *WORDS, "channels"):
        return replace(reading, verdict="not_checkable", cited_witness=first, cited_entry=None)
    own = [book for book in holders if book.witness.spec.siglum == entry.witness]
    if own and not work.chapters:
        # The commentary in hand (此注) is the entry itself.
        found = [(own[0], entry)]
    else:
        found = [(book, e) for book in holders for e in book.about(entry.code, work.chapters)]
    certain = bool(work.chapters) or bool(own) or work.catalogue
    best: tuple[Verdict, str, str | None] = ("not_found", first, None)
    for book, other in found:
        verdict = _compare(reading, other)
        if verdict == "contradicted" and not certain:
            verdict = "not_found"
        if RANK[verdict] < RANK[best[0]] or best[2] is None:
            best = verdict, book.witness.spec.siglum, other.entry_id
    return replace(reading, verdict=best[0], cited_witness=best[1], cited_entry=best[2])


RANK: dict[Verdict, int] = {
    "confirmed": 0,
    "contradicted": 1,
    "not_found": 2,
    "not_in_corpus": 3,
    "not_checkable": 4,
}


def _compare(reading: Reading, entry: Entry) -> Verdict:
    """Whether an entry has the value that a reading says it has."""
    if reading.field in DOSES:
        return _dose(reading.value, *(getattr(entry, c) for c in DOSES[reading.field]))
    if reading.field == "channels":
        stated = set(reading.value.split("、"))
        have = {channel.partition(":")[0] for channel in entry.channels}
        return "confirmed" if stated <= have else "contradicted" if have else "not_found"
    words, *texts = glyphs_of([reading.value, *_texts(reading.field, entry)], "hans")
    return "confirmed" if any(_says(text.chars, words.chars) for text in texts) else "not_found"


OWN_INCH = "同身寸之"
"""Wang Bing's words before a measure (an inch of the patient's own body); others leave them out."""


FIGURES = NUMERAL + "半"


def _says(text: str, words: str) -> bool:
    """Whether a text has these words; 一寸 is not said by 一寸五分."""
    text, words = text.replace(OWN_INCH, ""), words.replace(OWN_INCH, "")
    before = rf"(?<![{FIGURES}])" if words[:1] in FIGURES else ""
    after = rf"(?![{FIGURES}])" if words[-1:] in FIGURES + MEASURED else ""
    return len(words) > 1 and re.search(before + re.escape(words) + after, text) is not None


def _dose(value: str, least: int | None, most: int | None, forbidden: bool) -> Verdict:
    if value == "forbidden":
        if forbidden:
            return "confirmed"
        return "not_found" if least is None else "contradicted"
    if not value.isdecimal():
        return "not_checkable"
    if least is None:
        return "contradicted" if forbidden else "not_found"
    return "confirmed" if least == most == int(value) else "contradicted"


def _texts(field: str, entry: Entry) -> tuple[str, ...]:
    if field == "name":
        return entry.name_raw, *entry.aliases
    return entry.location, *entry.posture, *entry.warnings, *entry.remarks


# --- summary -------------------------------------------------------------------------------------


def citations(result: Result) -> Iterator[tuple[str, dict[Verdict, int]]]:
    """How many citations of each work there are, by verdict; the most cited work first."""
    simplified = {w.spec.siglum: w.spec.script == "hans" for w in result.witnesses}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for reading in result.readings:
        siglum = reading.reading_id.partition("/")[0]
        work = work_of(reading.source, simplified.get(siglum, False)) if reading.source else None
        if work and work.named:
            counts[work.title][reading.verdict] += 1
    for title, found in sorted(counts.items(), key=lambda c: (-c[1].total(), c[0])):
        yield title, {verdict: found[verdict] for verdict in RANK}


def render(result: Result, console: Console) -> None:
    """Print how many citations there are, by work and verdict, and those that are contradicted."""
    summary = Table()
    for head in ("work", *RANK):
        summary.add_column(head, justify="left" if head == "work" else "right")
    for title, counts in citations(result):
        summary.add_row(shown(title), *(str(n or "") for n in counts.values()))
    console.print(summary)
    entries = {entry.entry_id: entry for entry in result.entries}
    wrong = Table(title="contradicted", title_justify="left")
    for head in ("point", "note", "says of", "words", "there", "entry"):
        wrong.add_column(head, overflow="fold")
    for reading in result.readings:
        if reading.verdict != "contradicted":
            continue
        entry, other = entries[reading.entry_id or ""], entries[reading.cited_entry or ""]
        wrong.add_row(
            shown(f"{entry.code} {entry.name}"),
            shown(reading.note_id),
            shown(reading.source),
            shown("".join(reading.text.split())),
            shown(_stated(reading.field, other)),
            shown(other.entry_id),
        )
    if wrong.row_count:
        console.print(wrong)


def _stated(field: str, entry: Entry) -> str:
    """What an entry has in a field of readings."""
    if field == "channels":
        return "、".join(entry.channels)
    least, most, forbidden = (getattr(entry, column) for column in DOSES[field])
    if least is None:
        return "forbidden" if forbidden else ""
    return str(least) if least == most else f"{least}–{most}"
