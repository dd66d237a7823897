"""The pipeline beside a bare parse and beside OpenCC, on one text and in one run.

What a user would do instead: run the same Lark grammar over the same entries and notes without
taking anything from the trees, or convert the script with ``opencc s2t`` and read on by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import opencc
from lark.exceptions import UnexpectedInput
from lark.utils import TextSlice

from pipeline.knowledge.tables import home, manifest
from pipeline.reading.parse import parser
from pipeline.reading.segment import segment_jiayi
from pipeline.run import alone
from pipeline.sources.normalize import normalize
from pipeline.sources.read import read


@dataclass(frozen=True, slots=True)
class Measure:
    """Best times in seconds over one text."""

    name: str
    chars: int
    pipeline: float
    bare: float
    script: float


ROUNDS = 9


def best(*works: Callable[[], object]) -> list[float]:
    """The shortest time of each work; they take turns, to share good and bad moments."""
    found = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for i, work in enumerate(works):
            begin = time.perf_counter()
            work()
            found[i] = min(found[i], time.perf_counter() - begin)
    return found


def measure(siglum: str) -> Measure:
    """All three on one witness of the 甲乙經 genre; tables and grammars are loaded beforehand."""
    specs = {spec.siglum: spec for spec in manifest(home() / "corpus" / "witnesses.toml")}
    witness = read(specs[siglum])
    text, _ = normalize(witness)
    segments, _ = segment_jiayi(text, siglum, witness.spec.juan)
    lark = {start: parser("jiayi", start) for start in ("entry", "note")}
    slices = [
        ("entry", TextSlice(segments.main.chars, entry.head[1], entry.end))
        for entry in segments.entries
    ]
    slices += [
        ("note", TextSlice(text.chars, segments.notes[n].start, segments.notes[n].end))
        for entry in segments.entries
        for n in entry.notes
    ]

    def bare() -> None:
        for start, words in slices:
            try:
                lark[start].parse(words)
            except UnexpectedInput:
                continue

    convert = opencc.OpenCC("s2t").convert
    alone(witness)
    times = best(lambda: alone(witness), bare, lambda: convert(witness.text))
    return Measure(siglum, len(witness.text), *times)


def report(measures: list[Measure]) -> str:
    """A table of what was measured: speed, and how many times as long the pipeline takes."""
    head = ("witness", "characters", "characters/s", "x bare parse", "x opencc s2t")
    lines = [
        (
            m.name,
            f"{m.chars}",
            f"{m.chars / m.pipeline:.0f}",
            f"{m.pipeline / m.bare:.2f}",
            f"{m.pipeline / m.script:.1f}",
        )
        for m in measures
    ]
    rows = [head, *lines]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    aligned = ([c.rjust(w) for c, w in zip(row, widths, strict=True)] for row in rows)
    return "\n".join("  ".join(cells) for cells in aligned)
