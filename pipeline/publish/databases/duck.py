"""DuckDB: one file, tables made anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pipeline.publish.databases.base import File
from pipeline.publish.databases.names import DatabaseError, head, key, links, named
from pipeline.publish.stored import Row


class DuckDB(File):
    """A file of DuckDB. It checks links at once, row by row: tables are made anew, not patched."""

    types: ClassVar = {
        "string": "VARCHAR",
        "int": "BIGINT",
        "number": "DOUBLE",
        "bool": "BOOLEAN",
        "list": "VARCHAR[]",
    }
    deferred = ""
    patches = False

    def __init__(self, path: Path) -> None:
        import duckdb

        self.connection = duckdb.connect(str(path))
        self.execute("BEGIN")

    def found(self) -> dict[str, list[str]]:
        listed = self.execute(
            "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
            "WHERE schema_name = current_schema() AND database_name = current_database() "
            "AND NOT internal GROUP BY table_name"
        )
        return {name: list(names) for name, names in listed}

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        own = [i for i, c in enumerate(head(table)) if links(table).get(c.name) == table]
        at = [c.name for c in head(table)].index(key(table)[0])
        left, there = list(rows), {None}
        while left:
            ready = [row for row in left if all(row[i] in there for i in own)] if own else left
            if not ready:
                raise DatabaseError(f"{table}: rows that name each other in a circle")
            there.update(row[at] for row in ready)
            self._append(table, ready)
            left = [row for row in left if row[at] not in there] if own else []

    def _append(self, table: str, rows: Sequence[Row]) -> None:
        import pyarrow as pa  # DuckDB alone takes rows this way

        from pipeline.publish.arrow import TYPES

        data = zip(*rows, strict=True)
        incoming = pa.table(
            [pa.array(cells, TYPES[c.type]) for c, cells in zip(head(table), data, strict=True)],
            names=[c.name for c in head(table)],
        )
        self.connection.register("incoming", incoming)
        self.execute(f"INSERT INTO {named(table)} SELECT * FROM incoming")
        self.connection.unregister("incoming")
