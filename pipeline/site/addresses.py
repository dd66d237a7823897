"""Where things stand in the folder: names of files, and the address of each place of a text."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.model import Entry
from pipeline.site.gather import Corpus, of_witness
from pipeline.sources.read import line_of, line_starts


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text that has a page of its own."""

    witness: str
    number: int
    start: int
    end: int
    file: str


@dataclass(frozen=True, slots=True)
class Places:
    """Of each text that is at hand its parts and where its lines begin."""

    parts: Mapping[str, tuple[Part, ...]]
    lines: Mapping[str, array[int]]


def places(corpus: Corpus) -> Places:
    """The parts of all texts: each ends where a section begins, else at a line end."""
    lines = {siglum: line_starts(text) for siglum, text in corpus.texts.items()}
    return Places(
        {
            siglum: tuple(
                Part(siglum, n, start, end, f"read-{slug(siglum)}-{n}.html")
                for n, (start, end) in enumerate(
                    divided(
                        len(text),
                        [
                            lines[siglum][line_of(lines[siglum], s.start) - 1]
                            for s in of_witness(corpus, "sections", siglum)
                        ],
                        lines[siglum],
                    ),
                    1,
                )
            )
            for siglum, text in corpus.texts.items()
        },
        lines,
    )


PART = 24_000
"""Characters of a text on one page: with its spans a page stays below 1 MB."""


def divided(
    length: int, sections: Sequence[int], lines: Sequence[int], size: int = PART
) -> list[tuple[int, int]]:
    """Stretches that make up a text of ``length``, none much longer than ``size``.

    >>> divided(100, [0, 38, 70], [0, 10, 38, 70], size=40)
    [(0, 38), (38, 70), (70, 100)]
    >>> divided(100, [], [0], size=40)
    [(0, 40), (40, 80), (80, 100)]
    """
    found, start = [], 0
    while length - start > size:
        here = range(start + size // 2, start + size + 1)
        end = next(
            (max(good) for cuts in (sections, lines) if (good := [c for c in cuts if c in here])),
            start + size,
        )
        found.append((start, end))
        start = end
    return [*found, (start, length)]


def slug(name: str) -> str:
    """A name as part of the name of a file, on any system; other names give other ones.

    >>> slug("jiayi-j3"), slug("a/b"), slug("神庭")
    ('jiayi-j3', 'a.2f.b', '神庭')
    """
    return re.sub(r"[^\w-]", lambda match: f".{ord(match[0]):x}.", name)


def point_file(point: str) -> str:
    """The page of a point, by its code or, where it has none, by its name."""
    return f"point-{slug(point)}.html"


def at_position(where: Places, siglum: str, position: int) -> str | None:
    """The address of a position of a text: page and line."""
    part = part_of(where, siglum, position)
    if part is None:
        return None
    return f"{quote(part.file)}#L{line_of(where.lines[siglum], position)}"


def at_entry(where: Places, entry: Entry) -> str | None:
    """The address of an entry in the text it stands in."""
    part = part_of(where, entry.witness, entry.start)
    return f"{quote(part.file)}#{quote(entry.entry_id)}" if part else None


def part_of(where: Places, siglum: str, position: int) -> Part | None:
    """The part that a position falls into; None where the text is not at hand."""
    parts = where.parts.get(siglum, ())
    if not parts:
        return None
    return parts[bisect_right(parts, position, key=lambda part: part.start) - 1]
