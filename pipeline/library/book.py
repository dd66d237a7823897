"""One book: read, extracted as ``extract`` does, its tables kept, its outcome told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import disk
from pipeline.judging.reach import located
from pipeline.knowledge.tables import MisuseError
from pipeline.library.books import Book
from pipeline.library.shards import Cited, Marker, keep, mark, marked, place
from pipeline.model import Outcome, Spec
from pipeline.publish.rows import rows
from pipeline.run import alone
from pipeline.sources.decisions import beside
from pipeline.sources.foreign import foreign_file
from pipeline.sources.normalize import layer
from pipeline.sources.read import TooLongError, decode, line_of, line_starts, listed, read
from pipeline.sources.recognise import Choice, guess, sources


@dataclass(frozen=True, slots=True)
class Task:
    """A book to be read, where its tables are kept, and what it may take."""

    book: Book
    folder: Path
    rules: str
    """Hash of all that decides what tables say, but for the book itself."""
    timeout: float
    """Seconds of work."""
    memory: int
    """Bytes."""
    only_changed: bool = False
    """Whether what other rules made of the same bytes counts."""


def work(task: Task, stage: Callable[[str], None]) -> Outcome:
    """The outcome of a book; what was done before, of the same bytes by the same rules, counts."""
    book, shard = task.book, place(task.folder, task.book.siglum)
    stage("read")
    if reason := book.skip or foreign_file(book.path):
        return done(task, nothing(book, "skipped", reason=reason))
    source = fingerprint(book)
    if known := finished(task, source):
        return known.outcome
    spec = replace(spec_of(book), siglum=book.siglum, name=book.name)
    stage("extract")
    witness = read(spec)
    decode.cache_clear()  # what was read is not read again
    result = alone(witness)
    result = replace(result, diagnostics=tuple(located(result.diagnostics, result.entries)))
    (outcome,) = result.outcomes
    stage("write")
    starts = line_starts(witness.text)
    cited = [Cited(r, line_of(starts, r.start)) for r in result.references]
    shard_hash = keep(shard, rows(result), cited)
    layer.cache_clear()  # of a book that is done nobody asks any more
    return done(task, outcome, source, shard_hash)


def finished(task: Task, source: str) -> Marker | None:
    """The marker of a book of these bytes, if it was read before and need not be read again."""
    marker = marked(place(task.folder, task.book.siglum))
    if marker is None or marker.source != source or not marker.shard:
        return None
    same = marker.rules == task.rules or task.only_changed
    return marker if same and marker.outcome.path == task.book.name else None


def done(task: Task, outcome: Outcome, source: str = "", shard: str = "") -> Outcome:
    """Keep an outcome."""
    mark(place(task.folder, task.book.siglum), Marker(source, task.rules, shard, outcome))
    return outcome


def spec_of(book: Book) -> Spec:
    """What is known of a book, or seen."""
    if book.listed:
        return book.listed
    choice = Choice(siglum=book.siglum)
    if book.parts:
        return guess(book.path, choice, book.parts)
    return sources([book.path], choice)[0]


def fingerprint(book: Book) -> str:
    """The hash of the bytes of a book, and of what people decided of it."""
    decided = beside(book.path, book.name, book.siglum)
    if not book.path.is_dir() and not decided:
        return disk.sha256(book.path)
    digest = hashlib.sha256(repr(decided).encode() if decided else b"")
    parts = [book.path / name for name in book.parts]
    parts = parts or (listed(book.path, ".txt") if book.path.is_dir() else [book.path])
    for part in parts:
        digest.update(disk.read(part))
    return digest.hexdigest()


def nothing(
    book: Book, outcome: str, stage: str = "", message: str = "", reason: str = ""
) -> Outcome:
    """The row of a file of which there are no tables."""
    return Outcome(
        witness=book.siglum,
        path=book.name,
        sha256="",
        chars=0,
        outcome=outcome,
        layout="",
        grammar="",
        profile="",
        reason=reason,
        entries=0,
        indications=0,
        cues=0,
        cues_read=0,
        stage=stage,
        message=message.replace(str(book.path), book.name),
    )


def failure(task: Task, error: Exception) -> Outcome:
    """The row of a book that ended in an exception."""
    if isinstance(error, MemoryError):
        return too_large(task, "")
    said = str(error)
    if isinstance(error, TooLongError):
        return nothing(task.book, "too_large", message=said)
    if not isinstance(error, (MisuseError, OSError)):
        said = f"{type(error).__name__}: {error}"
    return nothing(task.book, "failed", message=said)


def too_large(task: Task, stage: str) -> Outcome:
    """The row of a book that takes more memory than it may, whoever sees it first."""
    message = f"more than {task.memory / 1e6:.0f} MB of memory"
    return nothing(task.book, "too_large", stage, message)
