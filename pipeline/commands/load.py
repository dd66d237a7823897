"""The command ``mingtang load``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.publish.databases import DatabaseError
from pipeline.publish.load import Count, load
from pipeline.publish.stored import StoredError

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
        Path, typer.Argument(metavar="DIR", help="Folder that extract wrote.")
    ] = Path("output"),
    as_object: Annotated[
        bool, typer.Option("--json", help="Print the counts as one JSON object.")
    ] = False,
) -> None:
    """Load the tables into a database: SQLite, DuckDB or PostgreSQL.

    All in one transaction; loading again changes only what differs. Beside a file of SQLite
    stands <name>.metadata.json for Datasette: "datasette mingtang.db -m mingtang.metadata.json".
    """
    try:
        counts = load(url, directory)
    except (DatabaseError, StoredError, OSError) as error:
        typer.echo(f"mingtang: {error}", err=True)
        raise typer.Exit(2) from None
    if as_object:
        typer.echo(json.dumps({"tables": [asdict(count) for count in counts]}, indent=2))
    else:
        _print(counts)


def _print(counts: tuple[Count, ...]) -> None:
    table = Table()
    for name in ("table", "rows", "added", "changed", "removed"):
        table.add_column(name, justify="left" if name == "table" else "right", no_wrap=True)
    for c in counts:
        table.add_row(c.table, *map(str, (c.rows, c.added, c.changed, c.removed)))
    Console(file=sys.stdout).print(table)
