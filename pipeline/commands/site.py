"""The command ``mingtang site``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.terminal import folder, say, trouble
from pipeline.judging.diagnostics import shown
from pipeline.language import translated as _

EXAMPLES = """\b
Examples:
  mingtang site
  mingtang site --in tables -o pages my-edition.txt"""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("site", epilog=EXAMPLES)(command)


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH",
            parser=folder,
            help="The files or folders that the tables were made from, as given to extract; the "
            "corpus of the checkout if not given.",
            show_default=False,
        ),
    ] = None,
    tables: Annotated[
        Path, typer.Option("--in", metavar="DIR", parser=folder, help="Folder that extract wrote.")
    ] = Path("output"),
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", parser=folder, help="Folder for the pages."),
    ] = Path("site"),
) -> None:
    """Make pages to look at out of the tables: open index.html in any browser.

    A synopsis, a page for each point, the texts with what was read of them marked, search, plots
    and comparisons. The folder needs no server and no network.
    """
    from pipeline.site.build import write  # loads what no other command needs
    from pipeline.site.gather import gather

    with trouble():
        corpus = gather(tables, paths or [])
        sizes = write(corpus, output)
    for siglum in corpus.witnesses:
        if siglum not in corpus.texts:
            absent = _("{witness}: its text is not at hand, so it has no reading page")
            say(absent.format(witness=shown(siglum)))
    total = sum(sizes.values()) / 1e6
    say(
        _("{number} files, {size} MB; open {page}").format(
            number=len(sizes), size=f"{total:.1f}", page=shown(output / "index.html")
        )
    )
