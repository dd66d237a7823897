"""The alignment as CollateX writes it in JSON: a table of tokens for those who go on from there."""

from __future__ import annotations

from typing import Any

from pipeline.compare.difference import Collation
from pipeline.compare.passages import Passage
from pipeline.compare.segments import segments
from pipeline.compare.tei import sigla
from pipeline.judging.diagnostics import as_text


def collatex(collation: Collation) -> str:
    """One object as ``collatex --format json`` prints it: ``witnesses`` and a ``table`` with a
    column for each segment, in it the token of each witness, ``t`` as written, ``n`` as matched.
    """
    table: list[list[list[dict[str, Any]] | None]] = []
    for passage in collation.passages:
        table += _columns(collation, passage)
    return as_text({"witnesses": list(sigla(collation.editions)), "table": table})


def _columns(collation: Collation, passage: Passage) -> list[list[list[dict[str, Any]] | None]]:
    return [
        [
            [{"t": reading, "n": form or reading}] if reading else None
            for reading, form in zip(segment.readings, segment.forms, strict=True)
        ]
        for segment in segments(collation, passage)
    ]
