"""Collation beside CollateX, and how its time grows: ``python -m bench.collate``.

CollateX is measured where it is installed (``pip install collatex python-Levenshtein``), on two
texts of one length in which three characters of a hundred differ, each character a token.
"""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pipeline.compare.collate import collate
from pipeline.compare.columns import columns
from pipeline.compare.edition import Edition, edition
from pipeline.knowledge.tables import home, manifest
from pipeline.run import run, run_witnesses
from pipeline.sources.glyphs import glyphs_of
from pipeline.sources.read import read

LENGTHS = (300, 1000)
COPIES = (1, 10, 100)
ENTRIES = 50
MOST = 6
"""Witnesses compared at once."""


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest time of a work, nothing kept from the round before."""
    found = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - begin)
    return found


def witnesses() -> list[Edition]:
    """The two transcriptions of 卷三 in the corpus."""
    specs = {spec.siglum: spec for spec in manifest(home() / "corpus" / "witnesses.toml")}
    return [edition(run([specs[siglum]])) for siglum in ("jiayi-j3", "jiayi")]


def copies(side: Edition, number: int) -> Edition:
    """An edition with its first entries ``number`` times over, one behind another."""
    first = [e for e in side.entries if e.duplicate_of is None][:ENTRIES]
    length = max(e.end for e in first)
    entries = [
        replace(e, entry_id=f"{e.entry_id}-{n}", start=e.start + n * length, end=e.end + n * length)
        for n in range(number)
        for e in first
    ]
    return replace(side, entries=tuple(entries), texts={})


def altered(text: str, rng: random.Random) -> str:
    """A text with three characters of a hundred exchanged, left out or doubled."""
    out = []
    for char in text:
        match rng.randrange(100):
            case 0:
                out.append("異")
            case 1:
                pass
            case 2:
                out.append(char * 2)
            case _:
                out.append(char)
    return "".join(out)


def aligned(a: str, b: str) -> object:
    """Two texts normalized and set side by side."""
    found = [g.chars for g in glyphs_of([a, b], "hans")]
    return columns(found, found)


def collatex(a: str, b: str) -> object:
    """CollateX on two texts, as its documentation has it."""
    module = importlib.import_module("collatex")
    tokens = [
        {"id": name, "tokens": [{"t": char} for char in text]}
        for name, text in (("A", a), ("B", b))
    ]
    return module.collate({"witnesses": tokens}, segmentation=False)


def several(number: int) -> list[Edition]:
    """卷三 and texts of it in which three characters of a hundred differ, each in its own way."""
    specs = {spec.siglum: spec for spec in manifest(home() / "corpus" / "witnesses.toml")}
    source = read(specs["jiayi-j3"])
    found = [source]
    for n in range(1, number):
        spec = replace(source.spec, siglum=f"{source.spec.siglum}-{n}")
        found.append(replace(source, spec=spec, text=altered(source.text, random.Random(n))))
    return [edition(run_witnesses([one])) for one in found]


def main() -> None:
    """Measure and print."""
    sides = witnesses()
    chars = [sum(len(e.text) for e in side.entries) for side in sides]
    print(f"two witnesses of 卷三 ({chars[0]} and {chars[1]} characters of entries)")
    print(f"  collation               {seconds(partial(collate, sides)):8.3f} s")
    for number in COPIES:
        many = [copies(side, number) for side in sides]
        taken = seconds(partial(collate, many), 1)
        size = number * ENTRIES
        print(f"  {size:6} entries {taken:8.3f} s {1e6 * taken / size:8.0f} µs an entry")
    editions = several(MOST)
    for number in range(2, MOST + 1):
        taken = seconds(partial(collate, editions[:number]), 1)
        print(f"  {number:6} witnesses {taken:6.3f} s {1000 * taken / (number - 1):8.0f} ms each")
    text = "".join(e.text for e in sides[0].entries)
    rng = random.Random(1)
    for length in LENGTHS:
        one = text[:length]
        other = altered(one, rng)
        ours = seconds(partial(aligned, one, other), 9)
        line = f"{length} characters: {1000 * ours:.2f} ms"
        try:
            theirs = seconds(partial(collatex, one, other), 1)
        except ImportError:
            print(f"{line}; CollateX is not installed")
            continue
        print(f"{line}, CollateX {theirs:.2f} s, {theirs / ours:.0f} times as long")


if __name__ == "__main__":
    main()
