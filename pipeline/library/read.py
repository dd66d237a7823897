"""A library from its folders to its tables: what is done counts, and every file is told of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import disk
from pipeline.library.book import Task
from pipeline.library.books import Book, books
from pipeline.library.engines import cluster, pool
from pipeline.library.reader import CHILD
from pipeline.library.shards import FOLDER
from pipeline.library.whole import outcomes, put_together
from pipeline.model import Outcome
from pipeline.publish.export import claimable, origins, rules

BAD = frozenset({"failed", "timed_out", "too_large"})
"""Outcomes of books that should have been read and were not."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a library is read: by whom, within what limits, which share of it."""

    workers: int = 1
    cluster: str = ""
    """Address of a Dask cluster, in place of workers of this machine."""
    timeout: float = 600
    """Seconds for a book."""
    memory: int = 2_000
    """Megabytes for a book."""
    only_changed: bool = False
    rank: int = 0
    world: int = 1
    program: tuple[str, ...] = CHILD


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a library: every file, and how many books others have not yet read."""

    outcomes: tuple[Outcome, ...]
    waiting: int


Progress = Callable[[Sequence[Book]], Callable[[Outcome], None]]
"""Told the books to be read; gives what is to be told each outcome."""


def read_library(
    paths: Sequence[Path], directory: Path, way: Way = Way(), progress: Progress | None = None
) -> Done:
    """Read the books below ``paths``, and put their tables together in ``directory``.

    With several ranks the one that ends last puts them together.
    """
    claimable(directory)
    found = books(paths, directory)
    folder = directory / FOLDER
    disk.mkdir(folder)
    own = [book for i, book in enumerate(found) if i % way.world == way.rank and not book.skip]
    told = progress(own) if progress else lambda outcome: None
    for outcome in _read(_tasks(own, folder, way), way):
        told(outcome)
    done, waiting = outcomes(found, folder)
    if not waiting:
        put_together(found, directory)
    return Done(tuple(done), waiting)


def _tasks(found: Sequence[Book], folder: Path, way: Way) -> list[Task]:
    """What is to be done, the longest first: at the end nobody waits for a long one."""
    how = fixed_rules()
    return [
        Task(book, folder, how, way.timeout, way.memory * 1_000_000, way.only_changed)
        for book in sorted(found, key=lambda book: (-book.size, book.siglum))
    ]


def _read(tasks: Sequence[Task], way: Way) -> Iterator[Outcome]:
    if way.cluster:
        return cluster(tasks, way.cluster, way.program)
    return pool(tasks, way.workers, way.program)


def fixed_rules() -> str:
    """A hash of all that decides what tables say, but for the sources."""
    said = json.dumps([origins(()), rules(())], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
