"""Each book in turn unknown: what is read of it by the ways in which other books are written.

``python -m bench.unknown BOOKS GOLD [BOOK…]``: ``BOOKS`` is a folder of texts, ``GOLD`` one of
annotated runs (``runs.json`` and a file for each book). A row of ``grammars/profiles.tsv`` whose
reason names no book but the one that is read is left out; how many entries of its runs still get
their code is F1, and beside it stands F1 with all rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.knowledge.books import named
from pipeline.knowledge.profiles import Profile, profiles
from pipeline.knowledge.tables import table
from pipeline.model import Entry
from pipeline.reading import listing
from pipeline.run import alone
from pipeline.sources.read import read
from pipeline.sources.recognise import Choice, guess

ENOUGH = 0.95


def without(work: str) -> tuple[Profile, ...]:
    """The ways of writing of which another book is known too: one that the reason names before a
    colon (資生經, 普濟方 卷六: …).
    """
    kept = set()
    for row in table("profiles.tsv"):
        books = map(named, row["reason"].partition(":")[0].split(","))
        if any(book and book.work != work for book in books):
            kept.add(row["profile"])
    return tuple(way for way in profiles() if way.name in kept)


def f1(entries: Collection[Entry], gold: list[dict[str, Any]], runs: list[dict[str, int]]) -> float:
    """How well the codes of annotated stretches are read. What is tolerated there (the lists of
    井滎俞經合, cross-references) counts for nothing.
    """
    wanted = [g for g in gold if g["code"] and g["kind"] in ("entry", "extra")]
    tolerated = [g for g in gold if g["kind"] not in ("entry", "extra")]
    inside = [e for e in entries if any(r["start"] <= e.start < r["end"] for r in runs)]
    found = [e for e in inside if e.code and not any(overlap(e, g) for g in tolerated)]
    right = sum(any(overlap(e, g) and e.code == g["code"] for e in found) for g in wanted)
    return 2 * right / (len(wanted) + len(found)) if found else 0.0


def overlap(entry: Entry, gold: dict[str, Any]) -> bool:
    """Whether two entries have half of the shorter one in common."""
    common = min(entry.end, gold["end"]) - max(entry.start, gold["start"])
    return bool(2 * common > min(entry.end - entry.start, gold["end"] - gold["start"]))


def measure(file: Path, gold: list[dict[str, Any]], runs: list[dict[str, int]]) -> Iterator[str]:
    """F1 of a book with all ways of writing, and with those that others share."""
    witness = read(guess(file, Choice(grammar="catalogue")))
    kept = without(witness.spec.work)
    lost = [way.name for way in profiles() if way not in kept]
    for ways in (profiles(), kept):
        vars(listing)["profiles"] = partial(tuple, ways)
        entries = alone(witness).entries
        yield f"{f1(entries, gold, runs):.3f}"
    vars(listing)["profiles"] = profiles
    yield f"without {', '.join(lost) or 'any row less'}"


def main() -> None:
    """Print a line for each book, and how many are read well enough."""
    books, golds = map(Path, sys.argv[1:3])
    well = 0
    found = json.loads((golds / "runs.json").read_text(encoding="utf-8"))
    asked = sys.argv[3:] or list(found)
    for name in asked:
        lines = (golds / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        runs = found[name]["runs"]
        said = list(measure(books / found[name]["file"], [json.loads(x) for x in lines], runs))
        well += float(said[1]) >= ENOUGH
        print(name, *said, flush=True)
    print(f"{well} of {len(asked)} at {ENOUGH} or more")


if __name__ == "__main__":
    main()
