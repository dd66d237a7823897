"""``python -m bench.declared FOLDER``: points read in the catalogues of a folder of books against
the number that each declares (``bench/declared.tsv``), each point once a catalogue.

Points outside the 361 count where they stand among the others, not in a part of their own; recipes
have no entries. The books are not part of the project.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.api import extract
from pipeline.model import Entry, Result

TABLE = Path(__file__).with_suffix(".tsv")


def declared() -> list[dict[str, str]]:
    """The rows of the table."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t"))


def part_of(entry: Entry) -> str:
    """The part of the book in which an entry stands."""
    return entry.entry_id.rpartition("/")[0]


def of_catalogue(result: Result, row: dict[str, str]) -> Iterator[Entry]:
    """The entries of one catalogue of a book."""
    ways = {s.section_id: s.profile for s in result.sections}
    for entry in result.entries:
        counted = {"yes": entry.count is not None, "no": entry.count is None}
        if ways.get(part_of(entry)) in row["profiles"].split("|") and counted.get(
            row["counted"], True
        ):
            yield entry


def points(entries: Iterable[Entry]) -> tuple[set[str], int]:
    """The points of a catalogue, each once, and how many entries are of one that has had one."""
    entries = [e for e in entries if e.kind != "transport"]
    extra = Counter(part_of(e) for e in entries if e.kind == "extra")
    sizes = Counter(map(part_of, entries))
    keys: list[str] = []
    for e in entries:
        if e.kind != "extra":
            keys.append(e.code or e.entry_id)
        elif 2 * extra[part_of(e)] < sizes[part_of(e)]:
            keys.append(e.name or e.entry_id)
    return set(keys), len(keys) - len(set(keys))


def main() -> int:
    """Print a line for each catalogue; 1 where one is outside 98 to 102 per cent."""
    outside = 0
    print("read declared per cent again book")
    for path in sorted(Path(sys.argv[1]).glob("*.txt")):
        rows = [row for row in declared() if row["book"] in path.name]
        result = extract(path) if rows else None
        for row in rows if result else ():
            assert result is not None
            found, again = points(of_catalogue(result, row))
            share = 100 * len(found) / int(row["declared"])
            outside += not 98 <= share <= 102
            print(f"{len(found):4} {row['declared']:>8} {share:8.1f} {again:5}", end=" ")
            print(row["book"], row["profiles"], row["basis"], sep=" · ")
    return outside > 0


if __name__ == "__main__":
    sys.exit(main())
