"""``python -m bench.twice FOLDER``: the doses of a catalogue that stands in two books.

鍼灸集成 has in its first catalogue the text of 類經圖翼 without any sign: with signs and without
its doses must be the same, but for what the books themselves print otherwise. Those places are the
rows of ``bench/twice.tsv``. The books are not part of the project.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.api import extract
from pipeline.model import Entry, Result, SectionRow

TABLE = Path(__file__).with_suffix(".tsv")
FIRST, SECOND = "类经图翼", "针灸集成"
DOSES = {
    "needle": ("depth_min_fen", "depth_max_fen"),
    "breaths": ("retention_breaths",),
    "cones": ("moxa_min", "moxa_max"),
    "no needle": ("needling_forbidden",),
    "no cones": ("moxa_forbidden",),
}
"""What is compared, by the columns of ``entries`` that have it."""


def listed() -> dict[tuple[str, str], tuple[str, str]]:
    """What the table says that the two print, by point and dose."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t")
    return {(row["point"], row["dose"]): (row["first"], row["second"]) for row in rows}


def _of_catalogue(section: SectionRow) -> bool:
    """Whether a section is one of the catalogue, and not of the others of 集成."""
    other = section.juan == "卷一" or re.search("凡|孔穴", section.title)
    return bool(section.channel) and not other


def catalogue(result: Result) -> Mapping[str, Entry]:
    """The entries of the catalogue, the first of each point."""
    parts = {s.section_id for s in result.sections if _of_catalogue(s)}
    found: dict[str, Entry] = {}
    for entry in result.entries:
        if entry.entry_id.rpartition("/")[0] in parts and entry.code:
            found.setdefault(entry.name or "", entry)
    return found


def told(entry: Entry, dose: str) -> str:
    """What an entry says of a dose: 3, 7-49, yes."""
    values = [getattr(entry, column) for column in DOSES[dose]]
    if isinstance(values[0], bool):
        return "yes" if values[0] else ""
    parts = ["" if value is None else f"{value:g}" for value in values]
    return parts[0] if len(set(parts)) == 1 else "-".join(parts)


def differences(
    first: Mapping[str, Entry], second: Mapping[str, Entry]
) -> Iterator[tuple[str, str, str, str]]:
    """Each dose that one of the two states: the point, the dose, and what each says."""
    for name in first.keys() & second.keys():
        for dose in DOSES:
            pair = told(first[name], dose), told(second[name], dose)
            if any(pair):
                yield name, dose, *pair


def main() -> int:
    """Print what is not in the table, and what of it is no longer so; 1 if there is any."""
    books = [next(Path(sys.argv[1]).glob(f"*{name}*")) for name in (FIRST, SECOND)]
    first, second = (catalogue(extract(book)) for book in books)
    for name in sorted(first.keys() ^ second.keys()):
        print(f"{name}: only in {FIRST if name in first else SECOND}")
    found = {(n, dose): (a, b) for n, dose, a, b in differences(first, second)}
    differ = {key: pair for key, pair in found.items() if pair[0] != pair[1]}
    print(f"{len(found) - len(differ)} agree, {len(differ)} differ")
    wrong = differ.items() ^ listed().items()
    for (name, dose), pair in sorted(wrong):
        state = "not in the table" if (name, dose) in differ else "in the table alone"
        print(f"{name}, {dose}: {pair[0] or '-'} and {pair[1] or '-'}, {state}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
