"""A process that reads books, three of them poisoned: one never ends, one takes all memory, of
one it dies. Where it reads a poisoned one it leaves its number in a file beside the tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from pipeline.library.book import Task, work
from pipeline.library.child import serve
from pipeline.model import Outcome


def poisoned(task: Task, stage: Callable[[str], None]) -> Outcome:
    stage("read")
    name = task.book.siglum
    if name in ("endless", "greedy", "deadly"):
        (task.folder.parent / f"{name}.pid").write_text(str(os.getpid()))
    held = []
    while name in ("endless", "greedy"):
        if name == "greedy":
            held.append(b"\1" * 10_000_000)
    if name == "deadly":
        os.abort()
    return work(task, stage)


if __name__ == "__main__":
    serve(poisoned)
