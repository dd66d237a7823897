"""Work on several things at once, where the machine has cores for it: by copies of this process.

What a copy cannot do is done by the process itself, so that what is wrong is told as ever.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from logging.handlers import BufferingHandler
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from pipeline.sources.recognise import NOTES

T = TypeVar("T")


def abreast(work: Callable[[str], T], names: Sequence[str]) -> Iterator[T]:
    """``work`` of every name, in their order: that of the first is done here, that of the next
    meanwhile by copies.
    """
    copies = [_begin(work, name) for name in names[1 : _cores()]]
    yield from map(work, names[:1])
    for copy, name in zip(copies, names[1:], strict=False):
        yield _end(*copy, work, name)
    yield from map(work, names[1 + len(copies) :])


def _cores() -> int:
    """How many processes can work at once; one where a process cannot be copied as it is."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return len(os.sched_getaffinity(0)) if alone else 1


Copy = tuple[Any, Connection]


def _begin(work: Callable[[str], T], name: str) -> Copy:
    system = multiprocessing.get_context("fork")
    here, there = system.Pipe(duplex=False)
    process = system.Process(target=_answer, args=(work, name, there), daemon=True)
    process.start()
    there.close()
    return process, here


def _answer(work: Callable[[str], T], name: str, there: Connection) -> None:
    """Send what a work gives, and what was noted at it."""
    notes = BufferingHandler(sys.maxsize)
    NOTES.handlers, NOTES.propagate = [notes], False
    try:
        there.send((work(name), notes.buffer))
    except Exception:  # it is done again by the other process, which says what is wrong
        logging.getLogger(__name__).debug("%s: not by a copy", name, exc_info=True)


def _end(process: Any, here: Connection, work: Callable[[str], T], name: str) -> T:
    done: tuple[T, Sequence[logging.LogRecord]] | None = None
    with suppress(EOFError, OSError):
        done = here.recv()
    if done is None:
        process.join()
        return work(name)
    for note in done[1]:
        NOTES.callHandlers(note)
    return done[0]
