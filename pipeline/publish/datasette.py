"""What Datasette shows of a database in SQLite: meaning, units, and where search looks.

No facets are asked for: they would stand before the rows; Datasette offers them in one line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import disk
from pipeline.knowledge.vocabulary import unit
from pipeline.publish.databases.names import META, DatabaseError, meaning
from pipeline.publish.databases.views import QUERIES, VIEWS
from pipeline.publish.schema import TABLES, columns
from pipeline.publish.search import SEARCHED

LABELS = {"witnesses": "title", "sections": "title", "entries": "name_raw", "notes": "note_id"}
"""The column that stands for a row where another table links to it."""

MARK = "mingtang"
"""Key of the hash that tells an untouched description from one that somebody changed."""

MEASURED = ("needling", "retention", "moxa")
"""Acts with units of their own in the tables: no factor leads from one to another."""


def place(path: Path) -> Path:
    """Where the description of a database is: ``<name>.metadata.json`` beside it."""
    return path.with_suffix(".metadata.json")


def claim(path: Path) -> None:
    """DatabaseError where the description beside a database is not as ``describe`` wrote it."""
    target = place(path)
    if not os.path.lexists(target):
        return
    try:
        document = json.loads(disk.read(target))
        mark = document.pop(MARK)
    except (ValueError, LookupError, TypeError, AttributeError):
        mark, document = None, {}
    if mark != _mark(document):
        raise DatabaseError(
            f"{target}: not written by mingtang, or changed since; nothing was loaded: "
            "move it away, or load into another database"
        )


def _mark(document: Mapping[str, Any]) -> str:
    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def describe(path: Path) -> Path:
    """Write the description of a database: ``datasette <name>.db -m`` reads it."""
    document: dict[str, Any] = {
        "title": "Acupuncture points in the Chinese classics",
        "description": "Tables made by mingtang. Search takes runs of up to four characters, "
        "simplified or traditional, several with a blank between.",
        "custom_units": [f"{sign} = [{sign}]" for sign in map(unit, MEASURED)],
        "databases": {path.stem: {"tables": _tables(), "queries": _queries()}},
    }
    document[MARK] = _mark(document)
    target = place(path)
    beside = target.with_name(f".{target.name}.new")
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    disk.write(beside, text.encode("utf-8"))
    disk.replace(beside, target)
    return target


def _tables() -> dict[str, Any]:
    found: dict[str, Any] = {META: {"description": meaning(META), "hidden": True}}
    for table in TABLES:
        found[table] = {
            "description": meaning(table),
            "units": {
                c.name: sign
                for c in columns(TABLES[table])
                for sign in map(unit, MEASURED)
                if c.unit.startswith(sign)
            },
        }
        if table in LABELS:
            found[table]["label_column"] = LABELS[table]
        if table in SEARCHED:
            found[table] |= {"fts_table": f"{table}_fts", "fts_pk": "rowid"}
    return found | {name: {"description": view.about} for name, view in VIEWS.items()}


def _queries() -> dict[str, Any]:
    """The questions that Datasette offers, with an answer to begin with."""
    return {
        name: {
            "title": query.title,
            "description": query.about
            + "".join(f" Try {key} = {value}." for key, value in query.example.items()),
            "sql": query.sql.strip(),
        }
        for name, query in QUERIES.items()
    }
