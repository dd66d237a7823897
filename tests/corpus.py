"""The witnesses of the corpus, each extracted once, and witnesses made up for a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.compare.edition import Edition, edition
from pipeline.knowledge.tables import home, manifest
from pipeline.model import Note, Result, Spec, Witness
from pipeline.publish.rows import rows
from pipeline.publish.schema import TABLES
from pipeline.run import alone, run
from pipeline.sources.read import read
from pipeline.sources.recognise import sources
from tests.difference import at_hand

SPECS = {spec.siglum: spec for spec in manifest(home() / "corpus" / "witnesses.toml")}
EDITIONS = at_hand()
"""Folders of two editions that are not part of the project; empty where they are not at hand."""


@cache
def witness(siglum: str) -> Witness:
    return read(SPECS[siglum])


@cache
def result(siglum: str) -> Result:
    return extract(witness(siglum))


@cache
def whole() -> Result:
    """All witnesses of the corpus in one run, as ``mingtang extract corpus`` has them."""
    return run(tuple(SPECS.values()))


@cache
def with_editions() -> Result:
    """All witnesses of the corpus and the editions in one run."""
    return run(tuple(sources([home() / "corpus", *EDITIONS])))


def extract(source: Witness) -> Result:
    """What a source that is read already gives by itself, without other witnesses."""
    return alone(source)


def invented(
    text: str,
    form: str = "markdown",
    script: str = "hant",
    grammar: str = "jiayi",
    siglum: str = "w",
) -> Witness:
    """A witness that exists in memory only."""
    path = Path(f"{siglum}.txt")
    spec = Spec(siglum, "", "", "", path, path.name, form, grammar, script, "", "")
    return Witness(spec, text, "utf-8", "")


HEADING = "## 頭凡一穴第一\n\n"


def side(text: str, siglum: str = "a", script: str = "hant") -> Edition:
    """Made-up entries as an edition to be compared."""
    return edition(extract(invented(HEADING + text, "markdown", script, siglum=siglum)))


def with_offsets(found: Result) -> Iterator[tuple[str, Any]]:
    """Every row that has a start and an end, with its table."""
    for table, content in rows(found).items():
        if {"start", "end"} <= {f.name for f in fields(TABLES[table])}:
            yield from ((table, row) for row in content)


def untiled(source: Witness, found: Result) -> str:
    """What is wrong with the coverage of a source; empty where it tiles it exactly."""
    at = 0
    for row in found.coverage:
        if row.start != at or row.end <= row.start:
            return f"{at} is followed by {row.start}:{row.end}"
        at = row.end
    return "" if at == len(source.text) else f"ends at {at} of {len(source.text)}"


def misplaced(source: Witness, found: Result) -> list[str]:
    """Rows whose text is not what stands at their offsets, or whose offsets lie outside."""
    n = len(source.text)

    # A note set in two columns is joined over its columns: its text is in the edition in pieces.
    def split(row: Any) -> tuple[str, ...]:
        return (row.text,) if isinstance(row, Note) and source.spec.format == "mandoku" else ()

    return [
        f"{table}: {row}"
        for table, row in with_offsets(found)
        if not 0 <= row.start <= row.end <= n
        or getattr(row, "text", None) not in (None, source.text[row.start : row.end], *split(row))
    ]
