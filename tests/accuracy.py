"""How far the tables can be trusted: each field against what readers wrote down of an entry.

``python -m tests.accuracy`` writes the page of the documents, a test compares. The annotations are
in ``tests/annotations``; 卷三 is measured in other layouts too, which have the same words.
"""

from __future__ import annotations

import html
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.script import to_traditional
from pipeline.model import Entry, Identification, Reading, Result
from tests.corpus import extract, whole
from tests.test_layouts import ENDLESS, LAYOUTS, laid_out

FOLDER = Path(__file__).parent / "annotations"
PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
UNSCORED = ("other", "sound", "text")
FORMS: dict[str, Callable[[], str]] = {
    "as HTML": LAYOUTS["HTML"],
    "as TEI": LAYOUTS["TEI"],
    "lines of 38 with indents": LAYOUTS["indents and lines of 38"],
    "in one line": ENDLESS["one line, titles alone"],
}
"""Layouts of 卷三 that are measured beside the file as received."""

Value = Any
Key = tuple[Any, ...]


@dataclass(slots=True)
class Score:
    """Of one field: how many values readers saw, and of ours how many are theirs or are not."""

    seen: int = 0
    right: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Measured:
    """Of one text: entries annotated and found, and the score of each field."""

    entries: int = 0
    found: int = 0
    fields: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))


def folded(words: object) -> str:
    """Words without signs and blanks, in one script.

    >>> folded("在发际，直鼻。"), folded(None)
    ('在髮際直鼻', '')
    """
    text = "" if words is None else str(words)
    return standard(
        to_traditional(regex.sub(r"&KR\d+;|<[^>]*>|[^\p{L}\p{N}□]", "", html.unescape(text)))
    )


def items(values: Sequence[object]) -> Counter[str]:
    return Counter(filter(None, map(folded, values)))


# --- what readers saw ----------------------------------------------------------------------------


def lines_of(siglum: str) -> list[dict[str, Any]]:
    """The lines of a witness."""
    lines = (FOLDER / f"{siglum}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def seen_in_entry(line: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """The values of an annotated entry, field by field."""
    notes = line.get("notes", ())
    readings = [r for note in notes for r in note.get("readings", ())]
    return {
        **{name: items([line.get(name)]) for name in ("name", "code", "location", "shu", "phase")},
        "aliases": items(line.get("aliases", ())),
        "posture": items(line.get("posture", ())),
        "warnings": items(["".join(line.get("warnings", ()))]),
        "channels": items([f"{c['channel']}{c['rel']}" for c in line.get("channels", ())]),
        "depth": numbers(line.get("depth_fen")),
        "retention": numbers(line.get("retention")),
        "moxa": numbers(line.get("moxa")),
        "needling_forbidden": flag(line.get("needling_forbidden")),
        "moxa_forbidden": flag(line.get("moxa_forbidden")),
        "notes": items([note["raw"] for note in notes]),
        "readings": Counter(said(r["field"], r["value"]) for r in readings if scored(r["field"])),
    }


def numbers(value: float | Sequence[float | None] | None) -> Counter[str]:
    """A number or a range as one value.

    >>> numbers([3, 3]), numbers(None)
    (Counter({'3-3': 1}), Counter())
    """
    if value is None or (isinstance(value, Sequence) and set(value) == {None}):
        return Counter()
    parts = value if isinstance(value, Sequence) else [value]
    return Counter(["-".join("" if n is None else f"{n:g}" for n in parts)])


def flag(value: object) -> Counter[str]:
    return Counter(["true"] if value else [])


def scored(name: str) -> bool:
    return name not in UNSCORED


def said(name: str, value: object) -> str:
    """A reading as it is compared; listed channels in any order."""
    parts = value if isinstance(value, list) else str(value).split("、")
    return f"{name} {'、'.join(sorted(map(folded, parts)))}"


def seen_in_gloss(line: Mapping[str, Any]) -> dict[str, Counter[str]]:
    """The values of an annotated statement with its gloss."""
    return {
        "kind": items([line["kind"]]),
        "count": numbers(line.get("count")),
        "codes": items(line["codes"]),
        "gloss": items([line["gloss"]]),
        "location": items([line["location"]]),
    }


# --- what the program found ----------------------------------------------------------------------


def found_in_entry(
    entry: Entry, notes: Sequence[str], readings: Sequence[Reading]
) -> dict[str, Counter[str]]:
    """The values of an entry, by the same names."""
    return {
        **{n: items([getattr(entry, n)]) for n in ("name", "code", "location", "shu", "phase")},
        "aliases": items(entry.aliases),
        "posture": items(entry.posture),
        "warnings": items(["".join(entry.warnings)]),
        "channels": items([c.replace(":", "") for c in entry.channels]),
        "depth": numbers([entry.depth_min_fen, entry.depth_max_fen]),
        "retention": numbers(entry.retention_breaths),
        "moxa": numbers([entry.moxa_min, entry.moxa_max]),
        "needling_forbidden": flag(entry.needling_forbidden),
        "moxa_forbidden": flag(entry.moxa_forbidden),
        "notes": items(notes),
        "readings": Counter(said(r.field, r.value) for r in readings if scored(r.field)),
    }


def found_in_gloss(row: Identification) -> dict[str, Counter[str]]:
    """The values of an identification, by the same names."""
    return {
        "kind": items([row.kind]),
        "count": numbers(row.count),
        "codes": items(row.codes),
        "gloss": items([row.gloss]),
        "location": items([row.location]),
    }


# --- together ------------------------------------------------------------------------------------


def measure(siglum: str, result: Result, named: str = "") -> Measured:
    """The annotations of a witness against what a run found in it, or in a text of its words that
    goes by another siglum.
    """
    witness = named or siglum
    if siglum == "suwen-zhijie":
        rows: dict[Key, Any] = {
            (row.section, row.seq): found_in_gloss(row)
            for row in result.identifications
            if row.witness == witness
        }
        lines: dict[Key, Any] = {
            (a["section"], a["seq"]): (a, seen_in_gloss(a)) for a in lines_of(siglum)
        }
    else:
        rows = dict(_entries(witness, result))
        lines = {
            (a["section"], a["note"], a["seq"]): (a, seen_in_entry(a)) for a in lines_of(siglum)
        }
    measured = Measured(len(lines), len(lines.keys() & rows.keys()))
    for key, (line, seen) in lines.items():
        for name in (f for f in line.get("_fields", seen) if f not in line.get("undecided", ())):
            _count(measured.fields[name], seen[name], rows.get(key, {}).get(name, Counter()))
    return measured


def _entries(witness: str, result: Result) -> Iterator[tuple[Key, dict[str, Counter[str]]]]:
    notes: dict[str | None, list[str]] = defaultdict(list)
    for note in result.notes:
        notes[note.entry_id].append(note.text)
    readings: dict[str | None, list[Reading]] = defaultdict(list)
    for reading in result.readings:
        readings[reading.entry_id].append(reading)
    for entry in result.entries:
        if entry.witness == witness and entry.duplicate_of is None:
            key = (entry.section, entry.note, entry.seq)
            yield (
                key,
                found_in_entry(entry, notes[entry.entry_id], readings[entry.entry_id]),
            )


def _count(score: Score, seen: Counter[str], found: Counter[str]) -> None:
    right = (seen & found).total()
    score.seen += seen.total()
    score.right += right
    score.wrong += found.total() - right


@cache
def columns() -> dict[str, Measured]:
    """Each text and layout that is measured; the edition that is not shipped has a test."""
    found = {
        path.stem: measure(path.stem, whole())
        for path in sorted(FOLDER.glob("*.jsonl"))
        if path.stem != "jiayi-wyg"
    }
    for name, form in FORMS.items():
        found[f"jiayi-j3 {name}"] = measure("jiayi-j3", extract(laid_out(form())), "other")
    return found


HEAD = """# Which numbers may I use?

What readers saw in the text, and how much of it the tables have. The annotations were made by
reading, entry by entry, and are a sample (`tests/annotations`); the program was written with some
of them at hand, so take the figures as the best that can be hoped for on other texts of the kind.
`make accuracy` measures again and writes this page; a test fails where it is no longer true.

`81` means: all 81 values that readers saw are in the tables, and no other. `79/81` means that two
are missing, `+1` that the tables have one that nobody saw. An empty cell: the text says nothing
of the kind.

"""


def cell(score: Score | None) -> str:
    """A score as the page has it.

    >>> cell(Score(81, 81, 0)), cell(Score(81, 79, 1)), cell(None)
    ('81', '79/81 +1', '')
    """
    if score is None or not (score.seen or score.wrong):
        return ""
    share = f"{score.seen}" if score.right == score.seen else f"{score.right}/{score.seen}"
    return share + (f" +{score.wrong}" if score.wrong else "")


def page(found: Mapping[str, Measured]) -> str:
    """The page of the documents: a table for each text, a row for each field."""
    parts = [HEAD]
    groups: dict[str, list[str]] = defaultdict(list)
    for name in found:
        groups[name.split()[0]].append(name)
    for siglum, names in groups.items():
        heads = [name.removeprefix(siglum).strip() or "as received" for name in names]
        fields = list(dict.fromkeys(f for name in names for f in found[name].fields))
        entries = [Score(found[n].entries, found[n].found) for n in names]
        lines = [
            f"| field | {' | '.join(heads)} |",
            f"| --- {'| ---: ' * len(heads)}|",
            f"| entries | {' | '.join(map(cell, entries))} |",
        ]
        for name in fields:
            cells = [cell(found[n].fields.get(name)) for n in names]
            if any(cells):
                lines.append(f"| {name} | {' | '.join(cells)} |")
        parts.append(f"## {siglum}\n\n" + "\n".join(lines) + "\n\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(columns()), encoding="utf-8", newline="\n")
    print(PAGE.read_text(encoding="utf-8"))
