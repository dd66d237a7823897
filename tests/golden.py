"""What the corpus gives, on record: ``python -m tests.golden`` writes it, a test compares.

One file for each witness, one line for each entry with its notes and readings, the last line for
the witness as a whole. Values that are empty or missing are left out, and so is what can be read
in the source itself.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.model import Result
from tests.corpus import SPECS, result

FOLDER = Path(__file__).parent / "golden"
LEFT_OUT = {"witness", "text", "line", "entry_id", "note_id", "reading_id"}


def lean(row: Any) -> dict[str, Any]:
    """The columns of a row that say something."""
    values = asdict(row).items()
    return {k: v for k, v in values if k not in LEFT_OUT and v not in (None, "", (), False)}


def records(found: Result) -> list[dict[str, Any]]:
    """The lines of the file of one witness."""
    notes: dict[str | None, list[dict[str, Any]]] = {}
    said: dict[str, list[dict[str, Any]]] = {}
    for reading in found.readings:
        said.setdefault(reading.note_id, []).append(lean(reading))
    for note in found.notes:
        readings = said.get(note.note_id, [])
        notes.setdefault(note.entry_id, []).append(
            {"text": note.text, **lean(note), "readings": readings}
        )
    lines = [
        {"entry_id": e.entry_id, **lean(e), "notes": notes.get(e.entry_id, [])}
        for e in found.entries
    ]
    kinds: Counter[str] = Counter()
    for row in found.coverage:
        kinds[row.kind] += row.end - row.start
    whole = {
        "witness": found.witnesses[0].spec.siglum,
        "sections": {s.section_id: f"{s.entries} {s.status}" for s in found.sections if s.entries},
        "identifications": len(found.identifications),
        "notes": len(found.notes),
        "readings": len(found.readings),
        "claims": len(found.claims),
        "characters": dict(sorted(kinds.items())),
        "diagnostics": dict(sorted(Counter(d.code for d in found.diagnostics).items())),
    }
    return [*lines, whole]


def written(found: Result) -> str:
    """The file of one witness."""
    return "".join(
        json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
        for record in records(found)
    )


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for siglum in SPECS:
        path = FOLDER / f"{siglum}.jsonl"
        path.write_text(written(result(siglum)), encoding="utf-8", newline="\n")
        print(path)
