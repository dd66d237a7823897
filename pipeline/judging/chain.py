"""What a place says through the point it is told from: 承滿 lies 不容下一寸, and 不容 去任脈二寸.

So 承滿 too is two inches from the midline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.judging.saying import codes_of, glyphs, written
from pipeline.judging.shelf import Book
from pipeline.judging.wording import MEASURES, measured, phrase
from pipeline.knowledge.lexicon import any_name
from pipeline.knowledge.patterns import pattern
from pipeline.model import Entry


@dataclass(frozen=True, slots=True)
class Aside:
    """How far from the midline a point lies, as one glyph; the words and entries that say so."""

    measure: str
    words: tuple[str, ...]
    entries: tuple[str, ...]


def said_aside(value: str) -> str:
    """The measure of words that say no more than how far a point lies to each side; else nothing.

    >>> said_aside("去齊各二寸") == said_aside("各二寸"), said_aside("下一寸")
    (True, '')
    """
    sign = phrase(value).chars
    whole = sign and ord(sign[-1]) > MEASURES and pattern("to-each-side").fullmatch(sign[:-1])
    return sign[-1] if whole else ""


def aside(entry: Entry, book: Book) -> Aside | None:
    """How far from the midline a point lies: as its entry says, or that of the point above or below
    which it lies, and so on in one section.
    """
    words: list[str] = []
    seen: list[str] = []
    here: Entry | None = entry
    while here is not None and here.entry_id not in seen:
        seen.append(here.entry_id)
        own = next(_told(here), None)
        if own:
            return Aside(own[0], (*words, own[1]), tuple(seen))
        step = next(_steps(here, book), None)
        words += [step[1]] if step else []
        here = step[0] if step else None
    return None


def _told(entry: Entry) -> Iterator[tuple[str, str]]:
    """The measures from the midline in an entry, and their words."""
    for clause in entry.location.split("，"):
        place = phrase(glyphs([clause])[0])
        for match in pattern("from-midline").finditer(place.chars):
            sign = place.chars[match.end() : match.end() + 1]
            if sign and measured(sign):
                start, end = place.places[match.start()][0], place.places[match.end()][1]
                yield sign, "".join(written(clause).written[start:end])


def _steps(entry: Entry, book: Book) -> Iterator[tuple[Entry, str]]:
    """The entries of the section from which a place is told, and the words that tell it."""
    names = any_name()
    for clause in entry.location.split("，"):
        step = pattern("above-or-below", names=names).match(glyphs([clause])[0])
        for code in sorted(codes_of(step["name"])) if step else ():
            for other in book.about(code):
                if other.section == entry.section:
                    yield other, clause
