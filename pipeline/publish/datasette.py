"""What Datasette shows of a database in SQLite: meaning, units, facets, and where search looks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.publish.databases import META, described, head, meaning
from pipeline.publish.schema import TABLES, columns
from pipeline.publish.search import SEARCHED
from pipeline.publish.stored import Row

FACETS: dict[str, tuple[str, ...]] = {
    "sections": ("witness", "status"),
    "entries": ("witness", "name_basis", "shu", "phase"),
    "notes": ("witness",),
    "readings": ("field", "verdict"),
    "claims": ("field", "basis"),
    "identifications": ("witness", "kind"),
    "emendations": ("witness", "field"),
    "coverage": ("witness", "kind"),
    "issues": ("severity", "rule", "witness"),
}

LABELS = {"witnesses": "title", "sections": "title", "entries": "name_raw", "notes": "note_id"}
"""The column that stands for a row where another table links to it."""

UNITS = ("分", "呼", "壯")
"""Units of the texts, each of its own kind: no factor leads from one to another."""


def describe(path: Path, tables: Mapping[str, Sequence[Row]]) -> Path:
    """Write ``<name>.metadata.json`` beside a database: ``datasette <name>.db -m`` reads it."""
    document = {
        "title": "Acupuncture points in the Chinese classics",
        "description": "Tables made by mingtang. Search takes runs of up to four characters, "
        "simplified or traditional, several with a blank between.",
        "custom_units": [f"{unit} = [{unit}]" for unit in UNITS],
        "databases": {path.stem: {"tables": _tables(tables)}},
    }
    target = path.with_suffix(".metadata.json")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(target)
    return target


def _tables(tables: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    found: dict[str, Any] = {META: {"description": meaning(META), "hidden": True}}
    for table in TABLES:
        found[table] = {
            "description": meaning(table),
            "columns": {c.name: described(c) for c in head(table)},
            "facets": list(FACETS.get(table, ())) if tables[table] else [],
            "units": {
                c.name: unit
                for c in columns(TABLES[table])
                for unit in UNITS
                if c.unit.startswith(unit)
            },
        }
        if table in LABELS:
            found[table]["label_column"] = LABELS[table]
        if table in SEARCHED:
            found[table] |= {"fts_table": f"{table}_fts", "fts_pk": "rowid"}
    return found
