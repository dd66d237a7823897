"""The witnesses of a run as works that can be cited: their chapters, entries and words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TypeVar

import regex

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import any_name
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.works import Work, chapter_of, halves
from pipeline.model import Claim, Entry, Identification, Layer, Note, Result, Text, Witness
from pipeline.sources.glyphs import glyphs_of, is_sign
from pipeline.sources.normalize import kept_of


@cache
def head() -> regex.Pattern[str]:
    """Where a text turns to the next point: 魄戶在…."""
    return regex.compile(rf"(?:{any_name()})(?=[一二兩]?穴{{0,2}}也?在)")


EDITORS = "新校正云"
ABOUT = 80
"""How many characters about a note may hold the word that it is on."""
CONTEXT = 24
"""How many glyphs before and after a note tell a parallel passage."""


@dataclass(frozen=True)
class Book:
    """A witness as something that can be cited.

    ``chapters``: where each begins, and its number; ``entries``: by code; ``claims``: by entry;
    ``remarks``: by entry, what its notes say on nobody's authority.
    """

    witness: Witness
    chapters: tuple[tuple[int, int], ...]
    entries: Mapping[str, tuple[Entry, ...]]
    claims: Mapping[str, tuple[Claim, ...]]
    lemmata: tuple[Identification, ...]
    notes: tuple[Note, ...]
    remarks: Mapping[str, tuple[str, ...]]
    layers: tuple[Layer, ...]

    @cached_property
    def text(self) -> Text:
        """The normalized text, of a book read back from tables only where it is asked for."""
        return kept_of(self.layers, self.witness)

    def holds(self, chapters: frozenset[int]) -> bool:
        """Whether it has one of some chapters, or any where none is named."""
        return not chapters or any(number in chapters for _, number in self.chapters)

    def about(self, code: str, work: Work | None = None) -> tuple[Entry, ...]:
        """What it says of a point, in the chapters or the half of one that a citation names."""
        found = self.entries.get(code, ())
        if work and work.chapters:
            found = tuple(e for e in found if self.chapter(e.start) in work.chapters)
        if work and work.begins:
            found = tuple(e for e in found if self._half(e.start) in ("", work.begins))
        return found

    def _half(self, position: int) -> str:
        """What the half of a chapter begins with that a place stands in."""
        index = bisect_right(self._halves, position, key=itemgetter(0)) - 1
        return self._halves[index][1] if index >= 0 else ""

    @cached_property
    def _halves(self) -> list[tuple[int, str]]:
        text = self.text
        places = [i for i, char in enumerate(text.chars) if not is_sign(char)]
        words = "".join(text.chars[i] for i in places)
        found = ((words.find(begins), begins) for begins in halves().values())
        return sorted((text.starts[places[at]], begins) for at, begins in found if at >= 0)

    def chapter(self, position: int) -> int:
        """The number of the chapter of a place; 0 outside chapters."""
        index = bisect_right(self.chapters, position, key=itemgetter(0)) - 1
        return self.chapters[index][1] if index >= 0 else 0

    def page(self, position: int) -> tuple[str, str]:
        """The channel under which a chapter lists the points of a place, and the words that say so
        (足太陽脈氣所發者七十八穴); empty where none is announced.
        """
        index = bisect_right(self._pages, position, key=itemgetter(0)) - 1
        start, channel, words = self._pages[index] if index >= 0 else (0, "", "")
        here = index >= 0 and self.chapter(start) == self.chapter(position)
        return (channel, words) if here else ("", "")

    @cached_property
    def _pages(self) -> list[tuple[int, str, str]]:
        main, places = self.text, self._outside
        words = "".join(main.chars[at] for at in places)
        return [
            (main.starts[places[m.start()]], ch.canonical(ch.plain(m["channel"])), m.group())
            for m in pattern("list-of-channel").finditer(words)
        ]

    def words(self, chapters: frozenset[int]) -> tuple[str, ...]:
        """What stands in some chapters, in parts; of another commentary the main text alone."""
        of = self._parts if self.entries else self._lemmata
        held = (parts for n, parts in of.items() if not chapters or n in chapters)
        return tuple(chain.from_iterable(held))

    def beside(self, position: int) -> str:
        """The text about a place, notes and all, without signs."""
        text = self.text
        at = bisect_right(text.starts, position)
        part = text.chars[max(0, at - ABOUT) : at + ABOUT]
        return "".join(char for char in part if not is_sign(char))

    def noted(self, position: int) -> bool:
        """Whether a place stands in a note."""
        starts = self._starts
        index = bisect_right(starts, position) - 1
        return index >= 0 and position < self.notes[index].end

    @cached_property
    def _starts(self) -> list[int]:
        return [note.start for note in self.notes]

    def theory(self, chapters: frozenset[int]) -> str:
        """What stands in some chapters outside entries, without signs and notes of editors."""
        held = (text for n, text in self._theory.items() if not chapters or n in chapters)
        return "".join(held)

    @cached_property
    def _theory(self) -> Mapping[int, str]:
        text = self.text
        taken = [(note.start, note.end) for note in self.notes]
        taken += ((e.start, e.end) for e in chain.from_iterable(self.entries.values()))
        taken.sort()
        found: defaultdict[int, list[str]] = defaultdict(list)
        until, at = 0, 0
        for char, start in zip(text.chars, text.starts, strict=True):
            while at < len(taken) and taken[at][0] <= start:
                until, at = max(until, taken[at][1]), at + 1
            if start >= until and not is_sign(char):
                found[self.chapter(start)].append(char)
        return {n: "".join(chars) for n, chars in found.items()}

    def around(self, position: int) -> tuple[str, str]:
        """The main text before and after the note in brackets at a place, without signs."""
        main, opens, places = self._main
        index = bisect_right(opens, position) - 1
        at = places[index] if index >= 0 else 0
        return main[max(0, at - CONTEXT) : at], main[at : at + CONTEXT]

    @cached_property
    def main(self) -> tuple[str, ...]:
        """The main text without any commentary: what is outside brackets in a print that has the
        commentary in them, else what entries are on.
        """
        if self.text.columns:
            return (self._main[0],)
        return tuple(chain.from_iterable(self._lemmata.values()))

    @cached_property
    def _main(self) -> tuple[str, list[int], list[int]]:
        """The main text, the source positions of its notes in brackets, their places in it."""
        text, outside = self.text, self._outside
        brackets = [match.start() for match in regex.finditer("（", text.chars)]
        opens = [0, *(text.starts[at] for at in brackets)]
        places = [0, *(bisect_left(outside, at) for at in brackets)]
        return "".join(text.chars[at] for at in outside), opens, places

    @cached_property
    def _outside(self) -> list[int]:
        """Where in the text the glyphs of the main text stand: no signs, nothing in brackets."""
        inside, places = False, list[int]()
        for at, char in enumerate(self.text.chars):
            inside = char == "（" or (inside and char != "）")
            if not inside and not is_sign(char):
                places.append(at)
        return places

    @cached_property
    def _lemmata(self) -> Mapping[int, tuple[str, ...]]:
        written = glyphs_of([row.lemma for row in self.lemmata], self.witness.spec.script)
        found: defaultdict[int, list[str]] = defaultdict(list)
        for row, glyphs in zip(self.lemmata, written, strict=True):
            found[self.chapter(row.start)].append(glyphs.chars)
        return {n: tuple(lemmata) for n, lemmata in found.items()}

    @cached_property
    def _parts(self) -> Mapping[int, tuple[str, ...]]:
        """What each chapter says, without signs and without the notes of editors: paragraphs, or
        notes with the main text before them, divided where they turn to another point.
        """
        text = self.text
        found: defaultdict[int, list[str]] = defaultdict(list)
        begin = 0
        for match in regex.finditer("）|$" if text.columns else "\n|$", text.chars):
            words = "".join(c for c in text.chars[begin : match.start()] if not is_sign(c))
            if words:
                found[self.chapter(text.starts[begin])].append(words)
            begin = match.end()
        remarks: defaultdict[int, list[str]] = defaultdict(list)
        written = glyphs_of([note.text for note in self.notes], self.witness.spec.script)
        for note, glyphs in zip(self.notes, written, strict=True):
            remarks[self.chapter(note.start)].append(glyphs.chars)
        return {n: tuple(_divided(parts, remarks[n])) for n, parts in found.items()}


def _divided(parts: Iterable[str], remarks: Iterable[str]) -> Iterable[str]:
    """Parts without remarks, a part for each point they turn to but the first."""
    words = "\n".join(parts)
    for remark in remarks:
        cited = EDITORS + remark
        words = words.replace(cited if cited in words else remark, "", 1) if remark else words
    for part in words.split("\n"):
        heads = [match.start() for match in head().finditer(part)][1:]
        for a, b in zip([0, *heads], [*heads, len(part)], strict=True):
            if a < b:
                yield part[a:b]


@dataclass(frozen=True)
class Shelf:
    """All books of a run."""

    books: tuple[Book, ...]

    def of(self, siglum: str) -> Book:
        """The book of a witness."""
        return self._books[siglum]

    @cached_property
    def _books(self) -> Mapping[str, Book]:
        return {book.witness.spec.siglum: book for book in self.books}

    def holding(self, work: Work) -> list[Book]:
        """The books that hold what a citation names; a commentary is cited for its points, and a
        witness without any is another commentary, of which only the main text counts.
        """
        return [
            book
            for book in self.books
            if work.work
            and book.witness.spec.work == work.work
            and book.holds(work.chapters)
            and (book.entries or (work.part == "text" and book.lemmata))
        ]


R = TypeVar("R")


def shelf(result: Result) -> Shelf:
    """The witnesses of a result as books."""
    entries = _grouped(result.entries, lambda e: e.witness)
    claims = _grouped(result.claims, lambda c: c.entry_id)
    lemmata = _grouped(result.identifications, lambda i: i.witness)
    notes = _grouped(result.notes, lambda n: n.witness)
    own_words = (r for r in result.readings if r.note_id and not r.source and r.field == "other")
    remarks = {
        entry: tuple(one.value for one in readings)
        for entry, readings in _grouped(own_words, lambda r: r.entry_id or "").items()
    }
    titles = {w.spec.siglum: [(0, w.spec.title)] for w in result.witnesses}
    for section in result.sections:
        titles[section.witness].append((section.start, section.title))
    books = []
    for witness in result.witnesses:
        name = witness.spec.siglum
        own = [e for e in entries.get(name, ()) if e.code]
        numbers = ((a, chapter_of(title)) for a, title in titles[name])
        chapters = sorted((a, number) for a, number in numbers if number is not None)
        books.append(
            Book(
                witness,
                tuple(chapters),
                _grouped(own, lambda e: e.code or ""),
                {e.entry_id: claims.get(e.entry_id, ()) for e in own},
                lemmata.get(name, ()),
                tuple(sorted(notes.get(name, ()), key=attrgetter("start"))),
                remarks,
                result.layers,
            )
        )
    return Shelf(tuple(books))


def _grouped(rows: Iterable[R], key: Callable[[R], str]) -> dict[str, tuple[R, ...]]:
    groups: defaultdict[str, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: tuple(found) for name, found in groups.items()}
