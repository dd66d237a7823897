"""Rows read in a text with decided words, at their places in the text of record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from pipeline.model import Coverage, Result, Text, Witness

PLACES = (("start", "end"), ("point_start", "point_end"))


def returned(found: Result, read: Text, witness: Witness) -> Result:
    """What was found in ``read.chars``, with the places and the words of its source; values are as
    they were read.
    """
    rows = {
        f.name: tuple(_row(row, read) for row in getattr(found, f.name))
        for f in fields(Result)
        if f.name not in ("witnesses", "outcomes", "coverage", "layers")
    }
    outcomes = tuple(
        replace(row, sha256=witness.sha256, chars=len(witness.text)) for row in found.outcomes
    )
    coverage = tuple(_tiles(found.coverage, read))
    return Result(witnesses=(witness,), outcomes=outcomes, coverage=coverage, **rows)


def _row(row: Any, read: Text) -> Any:
    now: dict[str, Any] = {}
    for first, last in PLACES:
        start = getattr(row, first, None)
        if start is not None:
            now[first], now[last] = _place(read, start, getattr(row, last))
    if see := getattr(row, "see", ()):
        now["see"] = tuple((siglum, *_place(read, start, end)) for siglum, start, end in see)
    if getattr(row, "text", None) == read.chars[row.start : row.end]:
        now["text"] = read.source[now["start"] : now["end"]]
    return replace(row, **now)


def _place(read: Text, start: int, end: int) -> tuple[int, int]:
    first = _begin(read, start)
    return first, max(first, read.ends[end - 1] if end > start else first)


def _begin(read: Text, position: int) -> int:
    return read.starts[position] if position < len(read.starts) else len(read.source)


def _tiles(rows: Iterable[Coverage], read: Text) -> Iterator[Coverage]:
    """Coverage that tiles the source: each row ends where the next begins."""
    done = 0
    for row in rows:
        end = _begin(read, row.end)
        if end > done:
            yield replace(row, start=done, end=end)
            done = end
