"""The process that reads books: a task on each line that comes in, what became of it on lines out.

It is a process of its own, so that it can be ended whatever it is doing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pipeline.library.book import Task, done, failure, work
from pipeline.library.books import Book
from pipeline.model import Outcome, Spec

GRACE = 5
"""Seconds of work after its time that the system ends a process whose parent is gone."""


def serve(work: Callable[[Task, Callable[[str], None]], Outcome] = work) -> None:
    """Do what is asked for until nothing comes any more."""
    # What a library prints must not stand among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**words: Any) -> None:
        answers.write(json.dumps(words) + "\n")
        answers.flush()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    for line in sys.stdin:
        task = task_of(json.loads(line))
        say(begun=task.book.siglum)
        limit(task)
        say(outcome=asdict(attempt(task, work, say)))


def attempt(
    task: Task, work: Callable[[Task, Callable[[str], None]], Outcome], say: Callable[..., None]
) -> Outcome:
    """The outcome of a task, whatever happens in it."""
    at = ["start"]

    def stage(name: str) -> None:
        at[0] = name
        say(stage=name)

    try:
        return work(task, stage)
    except Exception as error:  # of one book of ten thousand: told, and the next is read
        return done(task, replace(failure(task, error), stage=at[0]))


def limit(task: Task) -> None:
    """Have the system keep the limits of a task, where it can."""
    if os.name != "posix":
        return
    import resource  # not on every system

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (task.memory, hard))
    signal.setitimer(signal.ITIMER_PROF, task.timeout + GRACE)


def line_of(task: Task) -> str:
    """A task as a line."""
    return json.dumps(asdict(task), default=os.fspath) + "\n"


def task_of(said: dict[str, Any]) -> Task:
    """The task of a line."""
    book, folder = said.pop("book"), Path(said.pop("folder"))
    if book["listed"]:
        book["listed"] = Spec(**_restored(book["listed"]))
    return Task(Book(**_restored(book)), folder, **said)


def _restored(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"path": Path(said["path"]), "parts": tuple(said["parts"])}


if __name__ == "__main__":
    serve()
