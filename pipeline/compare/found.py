"""A difference while it is looked for: its rows, and the glyphs and signs that are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compare.book import Span
from pipeline.compare.difference import Kind, Spans

Stretch = tuple[str | None, int | None, int | None]
"""Words of a source, where they begin and end."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one side has in a row: the value, what of it differs, and the words it stands for."""

    value: str | None = None
    marks: Spans = ()
    words: Stretch = (None, None, None)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What one column has of a difference."""

    field: str
    a: Said
    b: Said
    source: str | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """Glyphs and signs of both sides."""

    a: Sequence[int] = ()
    b: Sequence[int] = ()
    signs_a: Sequence[tuple[int, Span]] = ()
    """Signs, each with the glyph that it belongs to."""
    signs_b: Sequence[tuple[int, Span]] = ()


@dataclass(slots=True)
class Found:
    """A difference, with all glyphs and signs of both sides that are in it."""

    kind: Kind
    rows: list[Row]
    own: Extent = Extent()
    beyond: bool = False
    stands: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    """Glyphs where it stands, of one that no segment shows."""
