"""Coverage: what every character of a source was taken for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import cast, get_args

import regex

from pipeline.model import Change, Coverage, Kind, Text, Witness

KINDS: tuple[Kind, ...] = get_args(Kind)
LIFTED: dict[str, Kind] = {"markup": "markup", "mark": "noise", "frame": "markup"}
"""Rules of normalization whose text is layout, and what it is called."""


def cover(
    witness: Witness,
    text: Text,
    blocks: Iterable[tuple[int, int, Kind]],
    unparsed: Iterable[tuple[int, int]] = (),
) -> tuple[Coverage, ...]:
    """Rows that tile the source exactly: blocks painted in order, later ones on top of earlier.

    What no block names is ``unparsed``. White space goes with what stands before it.
    """
    source = witness.text
    paint = bytearray([KINDS.index("unparsed")]) * len(source)
    lifted = [
        (c.start, c.end, LIFTED[c.rule])
        for c in text.log
        if isinstance(c, Change) and c.rule in LIFTED
    ]
    missed: list[tuple[int, int, Kind]] = [(a, b, "unparsed") for a, b in unparsed]
    for start, end, kind in [*blocks, *lifted, *missed]:
        paint[start:end] = bytes([KINDS.index(kind)]) * (end - start)
    for match in regex.finditer(r"\s+", source):
        start, end = match.span()
        paint[start:end] = bytes([paint[start - 1] if start else paint[end % len(source)]]) * (
            end - start
        )
    return _tiles(witness.spec.siglum, paint)


def unread(rows: Sequence[Coverage], places: Iterable[tuple[int, int]]) -> tuple[Coverage, ...]:
    """The coverage of a source in which places turned out to be understood by nobody."""
    paint = bytearray()
    for row in rows:
        paint += bytes([KINDS.index(cast(Kind, row.kind))]) * (row.end - row.start)
    for start, end in places:
        paint[start:end] = bytes([KINDS.index("unparsed")]) * (end - start)
    return _tiles(rows[0].witness, paint) if rows else ()


def _tiles(siglum: str, paint: bytearray) -> tuple[Coverage, ...]:
    edges = [0, *(m.end() for m in regex.finditer(rb"(?s)(.)\1*", bytes(paint)))] if paint else [0]
    return tuple(
        Coverage(siglum, start, end, KINDS[paint[start]]) for start, end in pairwise(edges)
    )
