"""Which books lie in folders: every file is one, belongs to one, or is named with why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from pipeline.knowledge.tables import MANIFEST, siglum_of
from pipeline.model import Spec
from pipeline.sources.mandoku import header
from pipeline.sources.read import printable
from pipeline.sources.recognise import ABOUT, TEXTS, SourceError, witnesses_of


@dataclass(frozen=True, slots=True)
class Book:
    """A text of the library: a file, or a folder of an edition in several files."""

    siglum: str
    path: Path
    name: str
    """Path as shown to people: relative to the folder that was given, with forward slashes."""
    size: int
    listed: Spec | None = None
    """What a manifest says of it, where one names it."""
    parts: tuple[str, ...] = ()
    """The names of the files of an edition in several, whose folder is ``path``."""
    skip: str = ""
    """Why it is not read, where it is none."""


def books(paths: Sequence[Path], apart: Path) -> tuple[Book, ...]:
    """The books below ``paths`` by their sigla, and the files that are none; ``apart`` is left out.

    A book is called as its file is; where several are called alike, all but the first by the order
    of paths get a number. Nothing is read but the beginnings of files that belong together.
    SourceError where a path is not there.
    """
    for path in paths:
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder")
    found: dict[tuple[object, ...], Book] = {}
    for given in paths:
        for book in _below(given, given if given.is_dir() else given.parent, apart.resolve()):
            own = book.siglum if book.listed else ""
            found.setdefault((book.path.absolute(), book.parts, own), book)
    return tuple(sorted(_apart(found.values()), key=lambda book: (book.siglum, book.name)))


def _below(path: Path, base: Path, apart: Path) -> Iterator[Book]:
    if path.resolve() == apart:
        return
    if not path.is_dir():
        yield _file(path, base)
    elif (path / MANIFEST).is_file():
        yield from _listed(path / MANIFEST, base)
    else:
        inside = sorted(path.iterdir())
        yield from _files(path, [child for child in inside if not child.is_dir()], base)
        for child in inside:
            if child.is_dir() and not child.name.startswith("."):
                yield from _below(child, base, apart)


def _files(folder: Path, files: Sequence[Path], base: Path) -> Iterator[Book]:
    """The books of a folder: an edition in several files is one, any other file is one."""
    editions: dict[str, list[Path]] = {}
    for file in files:
        if _is_text(file) and (siglum := _edition(file)):
            editions.setdefault(siglum, []).append(file)
    editions = {siglum: parts for siglum, parts in editions.items() if len(parts) > 1}
    for siglum, parts in editions.items():
        size = sum(part.stat().st_size for part in parts)
        names = tuple(part.name for part in parts)
        yield Book(siglum, folder, _name(folder, base), size, parts=names)
    inside = {part for parts in editions.values() for part in parts}
    texts = [file for file in files if _is_text(file)]
    told = [file for file in texts if ABOUT.fullmatch(file.name)]
    for file in files:
        if file in told and len(told) < len(texts):
            yield replace(_file(file, base), skip="it tells about the texts beside it")
        elif file not in inside:
            yield _file(file, base)


def _listed(path: Path, base: Path) -> Iterator[Book]:
    for spec in witnesses_of(path):
        yield replace(_book(spec.path, base), siglum=spec.siglum, listed=spec)


HEAD = 2048
"""Bytes of a file in which the header of an edition stands."""


def _edition(path: Path) -> str:
    """The siglum of the edition that a file is a part of, if its header says so."""
    if path.suffix.lower() != ".txt":
        return ""
    try:
        with path.open("rb") as file:
            found = header(file.read(HEAD).decode("utf-8", "replace"))
    except OSError:
        return ""
    return (
        siglum_of(f"{found['ID']}-{found.get('BASEEDITION', '')}").lower() if "ID" in found else ""
    )


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in TEXTS and not path.name.startswith(".")


def _file(path: Path, base: Path) -> Book:
    book = _book(path, base)
    if path.name.startswith("."):
        return replace(book, skip="a hidden file")
    if not _is_text(path):
        said = f"a file in {path.suffix}" if path.suffix else "a file without a suffix"
        return replace(book, skip=f"{said}, none of {', '.join(TEXTS)}")
    return book


def _book(path: Path, base: Path) -> Book:
    size = path.stat().st_size if path.is_file() else 0
    return Book(siglum_of(printable(path.stem)) or "text", path, _name(path, base), size)


def _name(path: Path, base: Path) -> str:
    return printable(path.relative_to(base).as_posix())


def _apart(found: Iterable[Book]) -> Iterator[Book]:
    """Books no two of which have one siglum; one that a manifest names keeps its own."""

    def rank(book: Book) -> tuple[str, bool, bool, str]:
        return book.siglum, bool(book.skip), not book.listed, book.name

    ordered = sorted(found, key=rank)
    taken = {book.siglum for book in ordered}
    for siglum, alike in groupby(ordered, key=lambda book: book.siglum):
        number = 1
        for i, book in enumerate(alike):
            name = siglum
            while i and name in taken:
                number += 1
                name = f"{siglum}-{number}"
            taken.add(name)
            yield replace(book, siglum=name)
