"""SQLite: one file, full-text tables for search, and no comments but in the statement."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pipeline.publish.databases.base import File
from pipeline.publish.databases.names import described, head, meaning, named
from pipeline.publish.schema import Column
from pipeline.publish.stored import Row


class SQLite(File):
    """A file of SQLite 3; a list is JSON, true and false are 1 and 0."""

    types: ClassVar = {
        "string": "TEXT",
        "int": "INTEGER",
        "number": "REAL",
        "bool": "INTEGER",
        "list": "TEXT",
    }

    pieces: ClassVar = {
        "before": "substr(i.item, 1, instr(i.item, ':') - 1)",
        "after": "substr(i.item, instr(i.item, ':') + 1)",
        "items": "SELECT e.entry_id, c.key + 1 AS ord, c.value AS item "
        "FROM entries e, json_each(e.channels) c",
    }

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        try:
            self.execute("PRAGMA foreign_keys = ON")
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            self.connection.close()
            raise

    def found(self) -> dict[str, list[str]]:
        names = self.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        listed = "SELECT name FROM pragma_table_info(?)"
        return {name: [c for (c,) in self.execute(listed, [name])] for (name,) in names}

    def bound(self, column: Column, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if column.type == "list" else value

    def read(self, column: Column, cell: Any) -> Any:
        match column.type:
            case "list":
                return tuple(json.loads(cell))
            case "bool":
                return bool(cell)
            case _:
                return cell

    def typed(self, column: Column) -> str:
        check = f" CHECK ({named(column.name)} IN (0, 1))" if column.type == "bool" else ""
        return super().typed(column) + check

    def statement(self, table: str, parts: Sequence[str]) -> str:
        # SQLite has no comments but keeps the words of the statement: ``.schema`` shows them.
        notes = [f" -- {described(c)}" for c in head(table)]
        lines = [
            f"  {part}{',' * (i + 1 < len(parts))}{notes[i] if i < len(notes) else ''}"
            for i, part in enumerate(parts)
        ]
        body = "\n".join(lines)
        return f"CREATE TABLE {named(table)} ( -- {meaning(table)}\n{body}\n) STRICT"

    def comment(self, table: str) -> None:
        """Nothing more to say: see ``statement``."""

    # Datasette searches full-text tables, by the row numbers of the table they belong to.

    def index(self, table: str, words: Iterable[tuple[Row, list[str]]]) -> None:
        self.clear(table)
        name = f"{table}_fts"
        # A run of Han characters between blanks is one word to this tokenizer. Marks are kept:
        # folding them would be for alphabets.
        self.execute(
            f"CREATE VIRTUAL TABLE {named(name)} USING fts5 "
            "(grams, tokenize = 'unicode61 remove_diacritics 0 categories ''L* N* Co So''')"
        )
        sql = (
            f"INSERT INTO {named(name)} (rowid, grams) "
            f"SELECT rowid, ? FROM {named(table)} WHERE {self._where(table)}"
        )
        self.many(sql, [(" ".join(grams), *k) for k, grams in words])

    def clear(self, table: str) -> None:
        self.execute(f"DROP TABLE IF EXISTS {named(f'{table}_fts')}")
