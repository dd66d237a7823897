"""Which book a text is: how books name themselves, and when each was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import regex

from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Spec


@dataclass(frozen=True, slots=True)
class Book:
    """A row of ``authority/books.tsv``, with what the book calls itself."""

    siglum: str
    work: str
    title: str
    author: str
    year: int
    basis: str
    named: regex.Pattern[str]


@cache
def _books() -> tuple[Book, ...]:
    return tuple(
        Book(
            row["siglum"],
            row["work"],
            row["title"],
            row["author"],
            int(row["year"]),
            row["basis"],
            regex.compile(_plain(row["named"])),
        )
        for row in table("authority/books.tsv")
    )


@cache
def _any_book() -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{book.named.pattern})" for book in _books()))


def _plain(words: str) -> str:
    return to_traditional(words).translate(variants())


@lru_cache(maxsize=256)
def named(words: str) -> Book | None:
    """The book that the title of a witness names, by the longest name in it.

    >>> [named(t).year for t in ("針灸甲乙經 卷三", "素問 氣府論篇, 王冰注", "素問直解")]
    [282, 762, 1695]
    """
    plain = _plain(words)
    found = [(len(m[0]), b) for b in _books() if (m := b.named.search(plain))]
    return max(found, key=lambda f: f[0])[1] if found else None


def dated(spec: Spec) -> Spec:
    """A witness of a manifest, with what is known of the book that its title names."""
    return _known(spec, named(spec.title + spec.edition))


def told(spec: Spec, text: str, siglum: str) -> Spec:
    """A witness that no manifest names, with what its text tells of it; ``siglum`` as asked for."""
    book = titled(text, spec.title)
    if book is None:
        return spec
    called = siglum or book.siglum or spec.siglum
    return _known(replace(spec, siglum=called, work=book.work, title=book.title), book)


def _known(spec: Spec, book: Book | None) -> Spec:
    if book is None:
        return spec
    return replace(spec, author=book.author, year=book.year, year_basis=book.basis)


FIRST = 30
"""Lines in which a text says what it is."""
LONGEST = 30
"""Characters of a line that can be a title, with its markup."""


def titled(text: str, file: str) -> Book | None:
    r"""The book that a text says it is: in its first lines, in the name of its ``file``, or in the
    heads of two 卷 at least. None where it says nothing, or that it is several.

    >>> titled("<篇名>针灸资生经\n书名：针灸资生经\n作者：王执中", "333").siglum
    'zisheng'
    >>> titled("《针灸资生经》曰：神庭一穴。\n资生经考", "校释") is None
    True
    """
    lines = [line for line in text.splitlines() if line.strip()]
    for said in (lines[:FIRST], [file]):
        if found := [book for _, book in _said(said, pattern("part-behind-title"))]:
            return _one(found)
    heads = dict(_said((line for line in lines if "卷" in line), pattern("juan-behind-title")))
    return _one(list(heads.values())) if len(heads) > 1 else None


def _one(found: Sequence[Book]) -> Book | None:
    """The one book of which all are, or that is written on the others."""
    works = {book.work for book in found}
    return max(found, key=lambda book: book.year) if len(works) == 1 else None


def _said(lines: Iterable[str], behind: regex.Pattern[str]) -> Iterator[tuple[str, Book]]:
    """Lines that are the name of a book, with what may stand ``behind`` it and nothing else."""
    short = [line for line in lines if len(line) <= LONGEST]
    for line in _plain("\n".join(short)).split("\n"):
        words = pattern("around-book-title").sub("", line)
        for book in _books() if _any_book().match(words) else ():
            whole = book.named.match(words)
            if whole and behind.fullmatch(words, whole.end()):
                yield words, book
