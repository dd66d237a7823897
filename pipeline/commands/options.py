"""What several commands ask for in the same words."""

from __future__ import annotations

from typing import Annotated

import typer

Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", "-w", metavar="SIGLUM", help="Only this witness; may be repeated."),
]
Encoding = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Read the sources in this encoding, whatever they look like."
    ),
]
