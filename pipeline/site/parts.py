"""Two witnesses compared part by part of the body: all points that both have, where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.site.addresses import slug
from pipeline.site.synopsis import Cell, Row, regions

HEAD = ("head", "face", "ear")
"""Regions of the head: whoever asks for it means its face, too."""


@dataclass(frozen=True, slots=True)
class Both:
    """A point that both witnesses have, and in what they differ."""

    point: str
    name: str
    region: str
    cells: tuple[Cell, Cell]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the body, with the regions it is made of: those that differ, and the others."""

    name: str
    regions: tuple[str, ...]
    differing: tuple[Both, ...]
    same: tuple[Both, ...]
    depth: int
    moxa: int
    """How many differ in each."""


def file(first: str, second: str) -> str:
    """The page of two witnesses."""
    return f"parts-{slug(first)}-{slug(second)}.html"


def groups() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Parts of the body, as one asks for them."""
    yield "head with face and ears", HEAD
    yield from ((region, (region,)) for region in regions() if region not in HEAD)


def parts(rows: Sequence[Row], columns: Sequence[str], pair: tuple[str, str]) -> Iterator[Part]:
    """The points of two witnesses, part by part."""
    a, b = (columns.index(siglum) for siglum in pair)
    found = [both for row in rows if (both := _both(row, row.cells[a], row.cells[b]))]
    for name, of in groups():
        here = [both for both in found if both.region in of]
        if here:
            yield Part(
                name,
                of,
                tuple(both for both in here if both.differs),
                tuple(both for both in here if not both.differs),
                sum("depth" in both.differs for both in here),
                sum("moxa" in both.differs for both in here),
            )


def _both(row: Row, one: Cell | None, other: Cell | None) -> Both | None:
    if one is None or other is None or not row.region:
        return None
    said = {name: (getattr(one, name), getattr(other, name)) for name in ("depth", "moxa")}
    differs = (name for name, values in said.items() if _differ(*values))
    return Both(row.point, row.name, row.region, (one, other), tuple(differs))


def _differ(one: str, other: str) -> bool:
    """Whether both state something, and not the same."""
    return bool(one.strip("·") and other.strip("·") and one != other)
