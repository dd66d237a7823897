"""The command ``mingtang library``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from pipeline.commands.terminal import console, folder, say, trouble
from pipeline.judging.diagnostics import shown
from pipeline.language import told
from pipeline.language import translated as _
from pipeline.library.books import Book
from pipeline.library.read import BAD, Done, Way, read_library
from pipeline.model import Outcome

DEFAULT = Way()
EXAMPLES = """\b
Examples:
  mingtang library my-texts -o tables
  mingtang library kanripo -o tables --workers 16 --timeout 120
  mingtang library my-texts -o tables --cluster tcp://10.0.0.1:8786
  mingtang library my-texts -o /shared/tables --rank 0 --world 2"""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("library", epilog=EXAMPLES)(command)


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", parser=folder, help="Folders of texts, and those below; or files."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", parser=folder, help="Folder for the tables."),
    ],
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes that read at the same time.")
    ] = os.cpu_count() or 1,
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Have a Dask cluster read, at this address.")
    ] = "",
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="Seconds that a book may take.")
    ] = DEFAULT.timeout,
    memory: Annotated[
        int, typer.Option(min=50, metavar="MB", help="Memory that a book may take.")
    ] = DEFAULT.memory,
    only_changed: Annotated[
        bool,
        typer.Option(
            "--only-changed",
            help="Read only books whose bytes changed, also where the rules are no longer those "
            "that the others were read by.",
        ),
    ] = False,
    rank: Annotated[
        int, typer.Option(min=0, metavar="R", help="Which share of the books is read, from 0.")
    ] = 0,
    world: Annotated[int, typer.Option(min=1, metavar="N", help="How many shares there are.")] = 1,
) -> None:
    """Read a whole library of texts, each book by itself, and put the tables together.

    Each file has a row in the table "outcomes". What was read is kept in the folder, so that a run
    that was stopped goes on where it was. A book that takes too long or too much memory is given
    up. Exit status 1 if a book could not be read.
    """
    if rank >= world:
        raise typer.BadParameter(f"rank {rank} is not below world {world}")
    way = Way(workers, cluster, timeout, memory, only_changed, rank, world)
    with trouble(), _bar() as progress:
        done = read_library(paths, output, way, progress)
    _summary(done, output)
    if any(outcome.outcome in BAD for outcome in done.outcomes):
        raise typer.Exit(1)


@contextmanager
def _bar() -> Iterator[Callable[[Sequence[Book]], Callable[[Outcome], None]]]:
    """A bar on a terminal: books, megabytes, time left, failures so far."""
    layout = (
        TextColumn("{task.fields[books]}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    stderr = console(error=True)
    with Progress(*layout, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:

        def progress(books: Sequence[Book]) -> Callable[[Outcome], None]:
            sizes = {book.siglum: book.size for book in books}
            task = bar.add_task(
                "", total=sum(sizes.values()), books=_("0 of {all} books").format(all=len(books))
            )
            counts = Counter[str]()

            def told(outcome: Outcome) -> None:
                counts["books"] += 1
                counts["chars"] += outcome.chars
                counts["failed"] += outcome.outcome in BAD
                said = _("{done} of {all} books, {characters} characters, {failed} failed").format(
                    done=counts["books"],
                    all=len(books),
                    characters=f"{counts['chars']:,}",
                    failed=counts["failed"],
                )
                bar.update(task, advance=sizes[outcome.witness], books=said)

            return told

        yield progress


def _summary(done: Done, output: Path) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in ("outcome", "files", "characters", "entries", "indications", "cues", "read"):
        table.add_column(_(name), justify="left" if name == "outcome" else "right")
    for outcome in sorted({o.outcome for o in done.outcomes}):
        held = [o for o in done.outcomes if o.outcome == outcome]
        numbers = (
            len(held),
            sum(o.chars for o in held),
            sum(o.entries for o in held),
            sum(o.indications for o in held),
            sum(o.cues for o in held),
            sum(o.cues_read for o in held),
        )
        table.add_row(_(outcome), *map(str, numbers))
    console().print(table)
    for o in done.outcomes:
        if o.outcome in BAD:
            said = told("trouble", o.message)
            say(shown(f"{o.path}: {_(o.outcome)} ({o.stage}): {said}"), error=True)
    if done.waiting:
        waiting = _(
            "{number} books are still being read by others; who ends last writes the tables"
        )
        say(waiting.format(number=done.waiting))
    else:
        say(_("all tables are in {folder}").format(folder=shown(output)))
