"""Who reads the books: threads of this program, each with a process, or workers of a cluster."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from pipeline.knowledge.tables import MisuseError
from pipeline.library.book import Task
from pipeline.library.reader import CHILD, end_readers, read_book
from pipeline.model import Outcome


class ClusterError(MisuseError):
    """A cluster that cannot be used; the message says why."""


def pool(
    tasks: Sequence[Task], workers: int, program: tuple[str, ...] = CHILD
) -> Iterator[Outcome]:
    """Outcomes as books are done, by ``workers`` processes of this machine."""
    threads = ThreadPoolExecutor(max(1, min(workers, len(tasks))))
    try:
        waiting = [threads.submit(read_book, task, program) for task in tasks]
        for future in as_completed(waiting):
            yield future.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        end_readers()


def cluster(
    tasks: Sequence[Task], address: str, program: tuple[str, ...] = CHILD
) -> Iterator[Outcome]:
    """Outcomes as books are done, by the workers of the Dask cluster at ``address``."""
    try:
        from distributed import Client
        from distributed import as_completed as completed
    except ImportError:
        raise ClusterError(
            "a cluster needs the package distributed: pip install distributed"
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no cluster answers at {address}: {error}") from error
    with client:
        try:
            read = functools.partial(read_book, program=program)
            for future in completed(client.map(read, tasks, pure=False)):
                yield future.result()
        finally:
            client.run(end_readers)
