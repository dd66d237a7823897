"""A process that reads one book after another, and is ended and replaced where one takes too much.

Whoever reads books, a thread of this program or one of a cluster, has such a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

from pipeline.library.book import Task, done, nothing, too_large
from pipeline.library.child import line_of
from pipeline.library.watch import Watch, resident
from pipeline.model import Outcome

CHILD = ("-m", "pipeline.library.child")
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "262144"}
"""Of the C library of Linux: each copy of a long text is given back to the system when it goes, and
leaves no hole that the next one, a little longer, does not fit into.
"""
READY = 60
"""Seconds that a process may take to begin: it loads the program, perhaps over a network."""
LOOK = 0.1
"""Seconds between looks at a process; what it asks for meanwhile the system itself refuses."""


class Reader:
    """The process, made when it is first needed."""

    def __init__(self, program: tuple[str, ...]):
        self.program = program
        self.wanted = True
        self.process: subprocess.Popen[str] | None = None
        self.said: Queue[dict[str, Any] | None] = Queue()
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115

    def read(self, task: Task) -> Outcome:
        """The outcome of a book; one that took too much has cost the process its life."""
        process = self._started()
        assert process.stdin is not None
        with suppress(OSError):  # it has ended: what follows sees that
            process.stdin.write(line_of(task))
            process.stdin.flush()
        stage, watch = "start", Watch(process.pid, READY)
        while True:
            words = self._next()
            if words and "outcome" in words:
                outcome = Outcome(**words["outcome"])
                if outcome.outcome == "too_large":
                    self.end()
                return outcome
            if words:
                stage = words.get("stage", stage)
                watch = Watch(process.pid, task.timeout) if "begun" in words else watch
            if not self.wanted:
                raise InterruptedError("the reading was stopped")
            if gone := self._given_up(task, words, stage, watch):
                self.end()
                return done(task, gone)

    def _given_up(self, task: Task, words: object, stage: str, watch: Watch) -> Outcome | None:
        """The outcome of a book whose process will give none."""
        if words is None:
            message = f"the process ended with {self._status()}{self._last_words()}"
            return nothing(task.book, "failed", stage, message)
        if watch.over():
            message = f"more than {task.timeout:g} seconds"
            return nothing(task.book, "timed_out", stage, message)
        return too_large(task, stage) if resident(watch.pid) > task.memory else None

    def _next(self) -> dict[str, Any] | None:
        """What the process says next: nothing yet, or None where it has ended."""
        try:
            return self.said.get(timeout=LOOK)
        except Empty:
            return {}

    def _started(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        self.end()
        self.errors.truncate(0)
        self.said = Queue()
        self.process = subprocess.Popen(
            [sys.executable, *self.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            encoding="utf-8",
            env=os.environ | ALLOCATOR,
        )
        threading.Thread(target=_listen, args=(self.process, self.said), daemon=True).start()
        return self.process

    def _status(self) -> int:
        return self.process.wait() if self.process else 0

    def _last_words(self) -> str:
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        return f": {lines[-1]}" if lines else ""

    def end(self) -> None:
        """End the process, if there is one; the next book gets another."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            self.process = None


def _listen(process: subprocess.Popen[str], said: Queue[dict[str, Any] | None]) -> None:
    assert process.stdout is not None
    with suppress(OSError, ValueError):  # cut short: it was ended
        for line in process.stdout:
            said.put(json.loads(line))
    said.put(None)


# --- the readers of this program -----------------------------------------------------------------

_own = threading.local()
_all: list[Reader] = []


def read_book(task: Task, program: tuple[str, ...] = CHILD) -> Outcome:
    """The outcome of a book, read by the process of this thread."""
    reader: Reader | None = getattr(_own, "reader", None)
    if reader is None or reader.program != program:
        reader = _own.reader = Reader(program)
        _all.append(reader)
    return reader.read(task)


def end_readers() -> None:
    """End the processes of all threads."""
    while _all:
        reader = _all.pop()
        reader.wanted = False
        reader.end()
