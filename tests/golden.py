"""What the corpus gives, on record: ``python -m tests.golden`` writes it, a test compares.

All witnesses are run together, as ``mingtang extract corpus`` does. One file for each witness,
one line for each group of facts: the witness as a whole, each section, each entry with its notes
and readings, the claims of each entry, notes outside entries, identifications, emendations and
diagnostics. Values that are empty or missing are left out, and so is what can be read in the
source itself.

``golden/editions`` is the same for a run with two editions that are not part of the project, and
so without their words: a hash for each line, and only those that the corpus alone does not give.

``golden/compared.jsonl`` has how three witnesses of the corpus differ, a hash for each difference.
``golden/passages.jsonl`` has the same of the passages of ``cases/passages.txt``, each read by
itself, with layout, genre and script as they are recognised; ``golden/slips.jsonl`` of those that
slips of a copyist were made up in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from pipeline.api import extract
from pipeline.compare.apparatus import agreement, apparatus
from pipeline.compare.collate import collate
from pipeline.compare.collatex import collatex
from pipeline.compare.difference import Collation
from pipeline.compare.display import as_json, markdown
from pipeline.compare.edition import edition
from pipeline.compare.page import page
from pipeline.compare.tei import tei
from pipeline.model import Claim, Diagnostic, Result
from pipeline.publish.rows import rows
from pipeline.run import alone
from tests.corpus import EDITIONS, invented, whole, with_editions
from tests.difference import Records, numbered

FOLDER = Path(__file__).parent / "golden"
LEFT_OUT = {
    "witness", "text", "line",
    "entry_id", "note_id", "reading_id", "section_id", "dose_id", "indication_id", "statement_id",
    "symptom_id",
}  # fmt: skip
COUNTED = {
    "sections": "status",
    "entries": "name_basis",
    "doses": "act",
    "indications": "act",
    "symptoms": "basis",
    "readings": "verdict",
    "claims": "basis",
    "identifications": "kind",
    "emendations": "field",
    "issues": "rule",
}
"""The column by which the rows of a table are counted."""

FOLLOWS = {"anchor", "state"}
"""Columns that follow from others of their row."""

Line: TypeAlias = "tuple[str, dict[str, Any]]"
"""A name, of which the first word says the kind and the second, mostly, the entry; facts."""


def lean(row: Any) -> dict[str, Any]:
    """The columns of a row that say something."""
    usual = {f.name: f.default for f in fields(row)}
    return {
        column: value
        for column, value in asdict(row).items()
        if column not in LEFT_OUT | FOLLOWS and value not in (None, "", ()) and value is not False
        if value != usual[column]
    }


def digest(value: Any) -> str:
    """A short hash of what can be written as JSON."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:8]


def of(siglum: str, found: Result) -> Result:
    """What a result says of one of its witnesses."""
    inside = f"{siglum}/"
    return Result(
        witnesses=tuple(w for w in found.witnesses if w.spec.siglum == siglum),
        claims=tuple(c for c in found.claims if c.entry_id.startswith(inside)),
        readings=tuple(r for r in found.readings if r.reading_id.startswith(inside)),
        **{
            table: tuple(row for row in getattr(found, table) if row.witness == siglum)
            for table in (
                "sections",
                "entries",
                "doses",
                "indications",
                "symptoms",
                "notes",
                "identifications",
                "coverage",
                "emendations",
                "diagnostics",
            )
        },
    )


# --- the lines -----------------------------------------------------------------------------------


def tables(found: Result) -> Iterator[Line]:
    """Of each table the rows, a hash of them all, and counts; but not of those that only count
    others, or are the same for every text.
    """
    for table, content in rows(found).items():
        if table in ("points", "outcomes", "citations"):
            continue
        kinds = Counter(getattr(row, COUNTED[table]) for row in content if table in COUNTED)
        hashed = digest(
            [{k: v for k, v in asdict(row).items() if k not in FOLLOWS} for row in content]
        )
        yield (
            f"table {table}",
            {"rows": len(content), "sha256": hashed, **dict(sorted(kinds.items()))},
        )


def source(found: Result) -> Line:
    """The witness itself, and how many of its characters are what."""
    row = rows(found)["witnesses"][0]
    characters: Counter[str] = Counter()
    for span in found.coverage:
        characters[span.kind] += span.end - span.start
    return f"witness {row.witness}", {**lean(row), "characters": dict(sorted(characters.items()))}


def claims(found: Result) -> dict[str, dict[str, list[str]]]:
    """Of each entry, column by column, the places and values, and whence those not its own are."""

    def said(claim: Claim) -> str:
        basis = "" if claim.basis == "direct" else f" {claim.basis} {claim.ref or claim.source}"
        return f"{claim.start}:{claim.end} {claim.value}{basis}"

    columns: dict[str, dict[str, list[str]]] = {}
    for claim in found.claims:
        columns.setdefault(claim.entry_id, {}).setdefault(claim.field, []).append(said(claim))
    return columns


def notes(found: Result) -> dict[str | None, list[Line]]:
    """The notes of each entry, and under None those outside entries, with their readings."""
    readings: dict[str, list[dict[str, Any]]] = {}
    for reading in found.readings:
        if reading.note_id:
            readings.setdefault(reading.note_id, []).append(lean(reading))
    lines: dict[str | None, list[Line]] = {}
    for note in found.notes:
        said = {"text": note.text, **lean(note), "readings": readings.get(note.note_id, [])}
        lines.setdefault(note.entry_id, []).append((note.note_id, said))
    return lines


def spoken(found: Result) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Of each entry its doses, and what authorities say in running text."""
    said: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for dose in found.doses:
        said[dose.entry_id]["doses"].append(lean(dose))
    for reading in found.readings:
        if not reading.note_id and reading.entry_id:
            said[reading.entry_id]["readings"].append(lean(reading))
    return said


def statements(found: Result) -> Iterator[Line]:
    """The statements of illness: each with its points and the clauses of its words."""
    clauses: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for clause in found.symptoms:
        clauses[clause.statement_id].append(lean(clause))
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found.indications:
        held[row.statement_id].append(lean(row))
    for statement_id, points in held.items():
        symptoms = clauses[statement_id]
        yield (
            f"statement {statement_id}",
            {"points": points} | ({"symptoms": symptoms} if symptoms else {}),
        )


def issue(found: Diagnostic) -> Line:
    facts = lean(found)
    place = f"issue {facts.pop('code')} {facts.pop('start', 0)}:{facts.pop('end', 0)}"
    return place, facts | ({"entry_id": found.entry_id} if found.entry_id else {})


def lines(found: Result) -> Iterator[Line]:
    """All that was found of one witness."""
    yield source(found)
    yield from tables(found)
    for section in found.sections:
        yield f"section {section.section_id}", lean(section)
    of_entries, claimed, said = notes(found), claims(found), spoken(found)
    for entry in found.entries:
        written = [facts for _, facts in of_entries.get(entry.entry_id, [])]
        inside = ({"notes": written} if written else {}) | said.get(entry.entry_id, {})
        yield f"entry {entry.entry_id}", lean(entry) | inside
        yield f"claims {entry.entry_id}", claimed.get(entry.entry_id, {})
    for note_id, facts in of_entries.get(None, []):
        yield f"note {note_id}", facts
    yield from statements(found)
    for row in found.identifications:
        yield f"identification {row.section}/{row.seq}", lean(row)
    for gap in found.emendations:
        yield f"emendation {gap.entry_id} {gap.field} {gap.start}:{gap.end}", lean(gap)
    yield from map(issue, sorted(found.diagnostics, key=lambda d: (d.start, d.end, d.code)))


# --- the files -----------------------------------------------------------------------------------


def records(found: Iterable[Line]) -> Records:
    """The lines by their names, as they are read back from a file."""
    keys, facts = zip(*found, strict=True)
    plain: list[dict[str, Any]] = json.loads(json.dumps(facts))
    return dict(zip(numbered(keys), plain, strict=True))


def written(found: Records) -> str:
    """The file of one witness."""
    return "".join(
        json.dumps({key: facts}, ensure_ascii=False, separators=(",", ":")) + "\n"
        for key, facts in found.items()
    )


def on_record(path: Path) -> Records:
    """A file read back; without a file, nothing."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {key: facts for line in text.splitlines() for key, facts in json.loads(line).items()}


def of_corpus() -> dict[Path, Records]:
    """What is to be on record of the corpus, by its files."""
    return {
        FOLDER / f"{w.spec.siglum}.jsonl": records(lines(of(w.spec.siglum, whole())))
        for w in whole().witnesses
    }


def of_editions() -> dict[Path, Records]:
    """What is to be on record of a run with the editions: of witnesses of the corpus, what the
    editions change in them.
    """
    known = defaultdict(dict, {path.name: found for path, found in of_corpus().items()})
    files = {}
    for witness in with_editions().witnesses:
        siglum = witness.spec.siglum
        path = FOLDER / "editions" / f"{siglum}.jsonl"
        files[path] = {
            key: facts if key.startswith("table ") else {"sha256": digest(facts)}
            for key, facts in records(lines(of(siglum, with_editions()))).items()
            if key.startswith("table ") or facts != known[path.name].get(key)
        }
    return files


PASSAGES = ("passages", "slips")


def passages(name: str) -> Iterator[tuple[str, Result]]:
    """What each passage of a file gives by itself, with its title: read by the layout, script and
    genre that the title says in square brackets, else by what is recognised.
    """
    given = (FOLDER.parent / "cases" / f"{name}.txt").read_text(encoding="utf-8")
    for one in given.split("\n=== ")[1:]:
        title, _, text = one.partition("\n")
        if told := re.search(r"\[(.*)\]", title):
            yield title, alone(invented(f"{text}\n", *told[1].split()))
        else:
            yield title, extract(f"{text}\n")


def of_passages(name: str) -> dict[Path, Records]:
    """What is to be on record of the passages of a file."""
    found = (
        (f"{title}: {key}", facts)
        for title, result in passages(name)
        for key, facts in lines(result)
    )
    return {FOLDER / f"{name}.jsonl": records(found)}


COMPARED = ("jiayi-j3", "suwen-wang", "suwen-zhijie")
"""Witnesses of three works that have many points in common and say much of them differently."""


def compared(found: Collation) -> Iterator[Line]:
    """What a comparison says: its tables, each difference that is not of signs alone, and the forms
    in which it is shown.
    """
    tables: dict[str, Sequence[Any]] = {
        "collation": found.differences,
        "apparatus": tuple(apparatus(found)),
        "agreement": tuple(agreement(found)),
    }
    for table, content in tables.items():
        kinds = Counter(row.kind for row in found.differences if table == "collation")
        hashed = digest([asdict(row) for row in content])
        yield (
            f"table {table}",
            {"rows": len(content), "sha256": hashed, **dict(sorted(kinds.items()))},
        )
    for row in found.differences:
        if row.kind != "punctuation":
            place = row.entry_a or row.entry_b or row.section
            yield f"{row.kind} {place} {row.field}", {"sha256": digest(lean(row))}
    forms: tuple[Callable[[Collation], str], ...] = (as_json, markdown, tei, collatex, page)
    for form in forms:
        yield f"form {form.__name__}", {"sha256": digest(form(found))}


def of_comparison() -> dict[Path, Records]:
    """What is to be on record of a comparison of witnesses of the corpus."""
    found = collate([edition(of(siglum, whole())) for siglum in COMPARED])
    return {FOLDER / "compared.jsonl": records(compared(found))}


if __name__ == "__main__":
    parts = [of_corpus(), *map(of_passages, PASSAGES), of_comparison()]
    parts += [of_editions()] if EDITIONS else []
    for path, found in chain.from_iterable(part.items() for part in parts):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(found), encoding="utf-8", newline="\n")
        print(path)
    if not EDITIONS:
        print("MINGTANG_EDITIONS is not set: golden/editions stays as it was")
