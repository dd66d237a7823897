"""Tables into databases: in one transaction, so that a reader sees the old tables or the new ones.

Loading is idempotent. Rows are told apart by their keys: those that are new are added, those that
differ are changed, those that are no longer there are removed, and each is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline.publish import schema
from pipeline.publish.databases.base import Database
from pipeline.publish.databases.names import META, DatabaseError, head, key
from pipeline.publish.databases.sqlite import SQLite
from pipeline.publish.databases.urls import connect
from pipeline.publish.databases.views import VIEWS
from pipeline.publish.datasette import claim, describe
from pipeline.publish.identity import Known, successors
from pipeline.publish.schema import KEYS, NUMBERED, TABLES, columns
from pipeline.publish.search import SEARCHED, grams
from pipeline.publish.stored import Row, stored


@dataclass(frozen=True, slots=True)
class Count:
    """What loading did to a table."""

    table: str
    rows: int
    added: int
    changed: int
    removed: int
    renamed: int = 0
    """Rows that are there under another id, changed or not."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did to each table, and the ids of entries that had others before."""

    counts: tuple[Count, ...]
    ids: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Difference:
    """The rows of a table that are to be added, changed and (by key) removed; of those that have
    another key now, the former keys and the rows.
    """

    added: list[Row]
    changed: list[Row]
    removed: list[Row]
    former: list[Row]
    renamed: list[Row]


def load(url: str, directory: Path) -> Loaded:
    """Load the tables of an extract into a database; beside SQLite, describe it for Datasette.

    An entry is known by its words and their place, whatever its id: one that has another id now is
    renamed, with its notes, readings and doses, and not removed and added.

    StoredError where ``directory`` holds no sound extract; DatabaseError where the database
    cannot be used: it holds other tables of these names, or those of a newer version, or has a
    description beside it that is not ours.
    """
    tables, manifest = stored(directory)
    content = {name: _numbered(name, rows) for name, rows in tables.items()}
    database = connect(url)
    try:
        if isinstance(database, SQLite):
            claim(database.path)
        done = _load(database, content, manifest)
        database.commit()
    except DatabaseError:
        raise
    except Exception as error:  # drivers share no class of errors
        raise DatabaseError(database.said(error)) from None
    finally:
        database.close()
    if isinstance(database, SQLite):
        describe(database.path)
    return done


def _load(
    database: Database, content: Mapping[str, list[Row]], manifest: Mapping[str, Any]
) -> Loaded:
    found = database.found()
    known = _known(database, found)
    old = {table: database.rows(table, found[table]) if table in found else [] for table in TABLES}
    became = successors(_entries(old["entries"]), _entries(content["entries"]))
    ids = {was: now for was, now in became.items() if was != now}
    differences = {table: _difference(table, old[table], content[table], ids) for table in TABLES}
    changed = any(d.added or d.changed or d.removed or d.renamed for d in differences.values())
    shaped = known and all(
        found.get(table) == [c.name for c in head(table)] for table in (*TABLES, META)
    )
    words = {table: _words(table, content[table]) for table in SEARCHED}
    said = {
        "manifest": json.dumps(manifest, ensure_ascii=False, sort_keys=True),
        "program": str(manifest["versions"]["mingtang"]),
        "schema": str(schema.VERSION),
        "search": sha256(repr(words).encode()).hexdigest(),
        "views": sha256(repr((VIEWS, database.pieces)).encode()).hexdigest(),
    }
    if not shaped or (changed and not database.patches):
        database.hide()
        _anew(database, found, content)
        known.clear()
    elif changed:
        _patch(database, differences)
    if known.get("search") != said["search"]:
        for table in SEARCHED:
            database.index(table, words[table])
    if known.get("views") != said["views"]:
        database.hide()
        database.show()
    if known != said:
        database.execute(f'DELETE FROM "{META}"')
        database.insert(META, sorted(said.items()))
    counts = (
        Count(table, len(content[table]), *map(len, (d.added, d.changed, d.removed, d.renamed)))
        for table, d in differences.items()
    )
    return Loaded(tuple(counts), tuple(ids.items()))


def _entries(rows: Iterable[Row]) -> list[Known]:
    """Rows of entries as they are told from others, in the order of the text."""
    names = [c.name for c in head("entries")]
    at = {name: names.index(name) for name in ("witness", "start", *Known.__annotations__)}
    return [
        # What a table of an earlier version lacks tells nothing.
        Known(*("" if row[at[n]] is NotImplemented else row[at[n]] for n in Known.__annotations__))
        for row in sorted(rows, key=lambda row: (row[at["witness"]], row[at["start"]]))
    ]


def _known(database: Database, found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What the database says of itself; DatabaseError where its tables are not ours to change."""
    present = [table for table in (*TABLES, META) if table in found]
    if not present:
        return {}
    if list(found.get(META, ())) != ["key", "value"]:
        raise DatabaseError(
            f"the database holds a table {present[0]!r} that mingtang did not make; "
            "load into a database (or PostgreSQL schema) of its own"
        )
    known: dict[str, str] = dict(database.rows(META, found[META]))
    version = known.get("schema", "")
    strange = [
        f"{table}.{name}"
        for table in present
        for name in found[table]
        if name not in {c.name for c in head(table)}
    ]
    if (int(version) if version.isdecimal() else 0) > schema.VERSION or strange:
        beyond = f" ({', '.join(strange)})" if strange else ""
        raise DatabaseError(
            f"the database has tables of schema {version}{beyond}, made by mingtang "
            f"{known.get('program', '?')}; this version knows schema {schema.VERSION}: "
            "update mingtang, or load into a new database"
        )
    return known


def _anew(
    database: Database, found: Mapping[str, Sequence[str]], content: Mapping[str, list[Row]]
) -> None:
    for table in SEARCHED:
        database.clear(table)
    for table in reversed((*TABLES, META)):
        if table in found:
            database.drop(table)
    for table in (*TABLES, META):
        database.create(table)
        database.insert(table, content.get(table, []))


def _patch(database: Database, differences: Mapping[str, _Difference]) -> None:
    for table in reversed(TABLES):
        database.delete(table, [*differences[table].removed, *differences[table].former])
    for table, difference in differences.items():
        database.insert(table, [*difference.added, *difference.renamed])
        database.update(table, difference.changed)


def _difference(
    table: str, old: Iterable[Row], new: Iterable[Row], ids: Mapping[str, str]
) -> _Difference:
    names = [c.name for c in head(table)]
    at = [names.index(name) for name in key(table)]
    before = {tuple(row[i] for i in at): row for row in old}
    after = {tuple(row[i] for i in at): row for row in new}
    became = {k: tuple(_became(cell, ids) for cell in k) for k in before if ids}
    former = {k: now for k, now in became.items() if now != k and now in after}
    taken = set(former.values())
    stay = {k for k in before if k in after and k not in taken and became.get(k, k) == k}
    return _Difference(
        added=[row for k, row in after.items() if k not in stay and k not in taken],
        changed=[after[k] for k in after if k in stay and before[k] != after[k]],
        removed=[k for k in before if k not in stay and k not in former],
        former=list(former),
        renamed=[row for k, row in after.items() if k in taken],
    )


def _became(cell: Any, ids: Mapping[str, str]) -> Any:
    """A part of a key with the id that its entry has now: that of the note jiayi/01/002/n1 begins
    with it.
    """
    if isinstance(cell, str):
        parts = cell.split("/")
        for n in range(len(parts), 1, -1):
            if now := ids.get("/".join(parts[:n])):
                return "/".join((now, *parts[n:]))
    return cell


def _numbered(table: str, rows: Sequence[Row]) -> list[Row]:
    """Rows with their number among those of the same key, in a table where keys repeat."""
    if table not in NUMBERED:
        return list(rows)
    names = [c.name for c in columns(TABLES[table])]
    at = [names.index(name) for name in KEYS[table]]
    seen: Counter[Row] = Counter()
    numbered = []
    for row in rows:
        k = tuple(row[i] for i in at)
        seen[k] += 1
        numbered.append((*row, seen[k]))
    return numbered


def _words(table: str, rows: Iterable[Row]) -> list[tuple[Row, list[str]]]:
    """The runs of characters that find each row of a table, by its key."""
    names = [c.name for c in head(table)]
    at = [names.index(name) for name in SEARCHED[table]]
    keys = [names.index(name) for name in key(table)]

    def texts(row: Row) -> Iterable[str]:
        for i in at:
            cell = row[i]
            yield from cell if isinstance(cell, tuple) else [cell or ""]

    return [(tuple(row[i] for i in keys), grams(texts(row))) for row in rows]
