"""An open database: what the loader asks of all of them is the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from pipeline.publish.databases.names import described, head, key, links, literal, meaning, named
from pipeline.publish.databases.views import VIEWS, statement
from pipeline.publish.schema import INDEXES, KEYS, Column
from pipeline.publish.stored import Row


class Database(ABC):
    """An open database in its one transaction."""

    types: ClassVar[dict[str, str]]
    mark: ClassVar[str] = "?"
    deferred: ClassVar[str] = " DEFERRABLE INITIALLY DEFERRED"
    own: ClassVar[tuple[str, ...]] = ("main",)
    pieces: ClassVar[dict[str, str]] = {
        "before": "split_part(i.item, ':', 1)",
        "after": "split_part(i.item, ':', 2)",
        "items": "SELECT entry_id, generate_subscripts(channels, 1) AS ord, "
        "unnest(channels) AS item FROM entries",
    }
    """How views take lists and words apart."""
    patches: ClassVar[bool] = True
    """Whether single rows can be changed; else all tables are made anew in the transaction."""

    @abstractmethod
    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement; its rows."""

    @abstractmethod
    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of values."""

    @abstractmethod
    def commit(self) -> None:
        """Keep what was done."""

    @abstractmethod
    def close(self) -> None:
        """Close; what was not kept is undone."""

    @abstractmethod
    def found(self) -> dict[str, list[str]]:
        """The tables that are there, with their columns."""

    def said(self, error: Exception) -> str:
        """What an error says, fit for a terminal."""
        return " ".join(str(error).split())

    def bound(self, column: Column, value: Any) -> Any:
        """A value as the driver takes it."""
        return value

    def read(self, column: Column, cell: Any) -> Any:
        """A value as the driver gives it."""
        return tuple(cell) if column.type == "list" else cell

    # -- what follows from these --

    def create(self, table: str) -> None:
        """Make a table with its keys, links, indexes and comments."""
        parts = [f"{self.typed(column)}" for column in head(table)]
        parts.append(f"PRIMARY KEY ({named(*key(table))})")
        for column, to in links(table).items():
            parts.append(
                f"FOREIGN KEY ({named(column)}) REFERENCES {named(to)} ({named(*KEYS[to])})"
                + self.deferred
            )
        self.execute(self.statement(table, parts))
        indexed = [*links(table), *INDEXES.get(table, ())]
        for column in indexed:
            if column != key(table)[0]:
                name = named(f"{table}_{column}")
                self.execute(f"CREATE INDEX {name} ON {named(table)} ({named(column)})")
        self.comment(table)

    def typed(self, column: Column) -> str:
        """A column as part of a CREATE TABLE."""
        must = "" if column.nullable else " NOT NULL"
        return f"{named(column.name)} {self.types[column.type]}{must}"

    def statement(self, table: str, parts: Sequence[str]) -> str:
        """The CREATE TABLE of a table."""
        return f"CREATE TABLE {named(table)} ({', '.join(parts)})"

    def comment(self, table: str) -> None:
        """Say what a table and its columns mean."""
        self.execute(f"COMMENT ON TABLE {named(table)} IS {literal(meaning(table))}")
        for c in head(table):
            place = f"{named(table)}.{named(c.name)}"
            self.execute(f"COMMENT ON COLUMN {place} IS {literal(described(c))}")

    def show(self) -> None:
        """Make the views."""
        for name in VIEWS:
            self.execute(f"CREATE VIEW {name} AS {statement(name, self.pieces)}")

    def hide(self) -> None:
        """Remove the views, where there are any."""
        for name in VIEWS:
            self.execute(f"DROP VIEW IF EXISTS {name}")

    def drop(self, table: str) -> None:
        """Remove a table."""
        self.execute(f"DROP TABLE {named(table)}")

    def rows(self, table: str, present: Sequence[str]) -> list[Row]:
        """All rows of a table; a column that is not ``present`` reads as the type of nothing."""
        chosen = [c for c in head(table) if c.name in present]
        cells = self.execute(f"SELECT {named(*(c.name for c in chosen))} FROM {named(table)}")
        at = {c.name: i for i, c in enumerate(chosen)}
        return [
            tuple(
                self._read(c, row[at[c.name]]) if c.name in at else NotImplemented
                for c in head(table)
            )
            for row in cells
        ]

    def _read(self, column: Column, cell: Any) -> Any:
        return None if cell is None else self.read(column, cell)

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Add rows."""
        names = [c.name for c in head(table)]
        marks = ", ".join([self.mark] * len(names))
        sql = f"INSERT INTO {named(table)} ({named(*names)}) VALUES ({marks})"
        self.many(sql, self._bound(table, rows))

    def update(self, table: str, rows: Sequence[Row]) -> None:
        """Change the rows that have the keys of these to these."""
        at, names = self._places(table)
        rest = [name for name in names if name not in key(table)]
        chosen = ", ".join(f"{named(name)} = {self.mark}" for name in rest)
        sql = f"UPDATE {named(table)} SET {chosen} WHERE {self._where(table)}"
        order = [at[name] for name in (*rest, *key(table))]
        self.many(sql, [[row[i] for i in order] for row in self._bound(table, rows)])

    def delete(self, table: str, keys: Sequence[Row]) -> None:
        """Remove the rows that have these keys."""
        self.many(f"DELETE FROM {named(table)} WHERE {self._where(table)}", keys)

    def _where(self, table: str) -> str:
        return " AND ".join(f"{named(name)} = {self.mark}" for name in key(table))

    def _places(self, table: str) -> tuple[dict[str, int], list[str]]:
        names = [c.name for c in head(table)]
        return {name: i for i, name in enumerate(names)}, names

    def _bound(self, table: str, rows: Sequence[Row]) -> list[list[Any]]:
        return [
            [
                None if value is None else self.bound(column, value)
                for column, value in zip(head(table), row, strict=True)
            ]
            for row in rows
        ]

    # -- search --

    def index(self, table: str, words: Iterable[tuple[Row, list[str]]]) -> None:
        """Make the search index of a table anew: the runs of each row, by its key."""
        self.clear(table)
        self.create(f"{table}_grams")
        self.insert(f"{table}_grams", [(gram, *k) for k, grams in words for gram in grams])

    def clear(self, table: str) -> None:
        """Remove the search index of a table, where there is one."""
        self.execute(f"DROP TABLE IF EXISTS {named(f'{table}_grams')}")


class File(Database):
    """A database in a file; the drivers of both kinds take statements alike."""

    connection: Any

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        found: list[Row] = self.connection.execute(sql, list(values)).fetchall()
        return found

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:  # DuckDB takes no empty list
            self.connection.executemany(sql, rows)

    def commit(self) -> None:
        self.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()
