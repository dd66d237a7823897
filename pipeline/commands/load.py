"""The command ``mingtang load``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline import disk
from pipeline.commands.terminal import console, folder, put_json, say, trouble
from pipeline.judging.diagnostics import as_text
from pipeline.language import translated as _
from pipeline.publish.load import Count, load

EXAMPLES = """\b
Examples:
  mingtang load sqlite:///mingtang.db
  mingtang load tables.duckdb my-output
  mingtang load postgresql://reader@localhost/points output"""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("load", epilog=EXAMPLES)(command)


def command(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="sqlite:///FILE, duckdb:///FILE, postgresql://USER@HOST/NAME, or a file whose "
            "name ends in .db, .sqlite or .duckdb.",
        ),
    ],
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", parser=folder, help="Folder that extract wrote.")
    ] = Path("output"),
    ids: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=folder,
            help="Write as TSV which id each renamed entry had and which it has.",
        ),
    ] = None,
    as_object: Annotated[
        bool, typer.Option("--json", help="Print counts and renamed entries as one JSON object.")
    ] = False,
) -> None:
    """Load the tables into a database: SQLite, DuckDB or PostgreSQL.

    All in one transaction; loading again changes only what differs. Beside a file of SQLite
    stands <name>.metadata.json for Datasette: "datasette mingtang.db -m mingtang.metadata.json".
    """
    with trouble():
        done = load(url, directory)
        if ids is not None:
            lines = ("\t".join(pair) for pair in (("old", "new"), *done.ids))
            disk.write(ids, "".join(f"{line}\n" for line in lines).encode())
    if as_object:
        put_json(as_text({"tables": [asdict(count) for count in done.counts], "ids": done.ids}, 2))
    else:
        _print(done.counts)
        if done.ids:
            renamed = _("{number} entries have another id now; --ids FILE writes which")
            say(renamed.format(number=len(done.ids)))


def _print(counts: tuple[Count, ...]) -> None:
    table = Table()
    for name in ("table", "rows", "added", "changed", "removed", "renamed"):
        table.add_column(_(name), justify="left" if name == "table" else "right", no_wrap=True)
    for c in counts:
        table.add_row(c.table, *map(str, (c.rows, c.added, c.changed, c.removed, c.renamed)))
    console().print(table)
