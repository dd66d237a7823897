"""The databases that tables are loaded into: SQLite, DuckDB and PostgreSQL.

Each speaks its own SQL; what the loader asks of them is the same. Names in statements are those
of the schema and nothing else; what was read in a source is only ever passed as a value.
"""

from __future__ import annotations

import json
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from pipeline.knowledge.tables import MisuseError
from pipeline.publish.schema import INDEXES, KEYS, LINKS, NUMBERED, TABLES, Column, about, columns
from pipeline.publish.stored import Row

META = "mingtang"
"""Table of what the database knows of itself: schema, program, manifest, search."""

NUMBER = Column("n", "int", False, "", "number among the rows with the same key")
GRAM = Column("gram", "string", False, "", "run of one to four characters")
META_COLUMNS = (
    Column("key", "string", False, "", "what is known"),
    Column("value", "string", False, "", "its value"),
)


class DatabaseError(MisuseError):
    """A database that cannot be opened or used; the message says why, and no password."""


@cache
def head(table: str) -> tuple[Column, ...]:
    """The columns of a table in a database."""
    if table == META:
        return META_COLUMNS
    if table.endswith("_grams"):
        return (GRAM, *(c for c in head(table[:-6]) if c.name in KEYS[table[:-6]]))
    return (*columns(TABLES[table]), *((NUMBER,) if table in NUMBERED else ()))


def key(table: str) -> tuple[str, ...]:
    """The primary key of a table in a database.

    >>> key("claims")
    ('entry_id', 'field', 'start', 'end', 'n')
    """
    if table == META:
        return ("key",)
    if table.endswith("_grams"):
        return ("gram", *KEYS[table[:-6]])
    return (*KEYS[table], *(("n",) if table in NUMBERED else ()))


def named(*names: str) -> str:
    """Names of the schema as SQL: some of them (end, text) are words of the language."""
    return ", ".join(f'"{name}"' for name in names)


def literal(text: str) -> str:
    """A comment of ours as SQL, where a statement takes no values."""
    return "'" + text.replace("'", "''") + "'"


class Database(ABC):
    """An open database in its one transaction."""

    types: ClassVar[dict[str, str]]
    mark: ClassVar[str] = "?"
    deferred: ClassVar[str] = " DEFERRABLE INITIALLY DEFERRED"
    own: ClassVar[tuple[str, ...]] = ("main",)
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


def links(table: str) -> dict[str, str]:
    """Columns of a table that name a row of another, in a database."""
    if table.endswith("_grams"):
        return {KEYS[table[:-6]][0]: table[:-6]}
    return LINKS.get(table, {})


def meaning(table: str) -> str:
    """What a table of a database holds."""
    if table == META:
        return "What this database knows of itself."
    if table.endswith("_grams"):
        return f"Search index of {table[:-6]}: runs of characters in every script."
    return about(table)


def described(column: Column) -> str:
    """What a column means, with its unit."""
    return f"{column.doc}; {column.unit}" if column.unit else column.doc


# --- files ---------------------------------------------------------------------------------------


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


# --- SQLite --------------------------------------------------------------------------------------


class SQLite(File):
    """A file of SQLite 3; a list is JSON, true and false are 1 and 0."""

    types: ClassVar = {
        "string": "TEXT",
        "int": "INTEGER",
        "number": "REAL",
        "bool": "INTEGER",
        "list": "TEXT",
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


# --- DuckDB --------------------------------------------------------------------------------------


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


# --- PostgreSQL ----------------------------------------------------------------------------------


class PostgreSQL(Database):
    """A database of a PostgreSQL server; the tables go into the first schema of its path."""

    types: ClassVar = {
        "string": "text",
        "int": "bigint",
        "number": "double precision",
        "bool": "boolean",
        "list": "text[]",
    }
    mark = "%s"
    lock = 0x6D696E67
    """Number of the lock that makes a second loader wait for the first."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.secrets = _secrets(url)
        try:
            self.connection = psycopg.connect(url)
        except psycopg.ProgrammingError:
            # What libpq says of a URL it cannot read quotes it, password and all.
            raise DatabaseError("not a URL that PostgreSQL understands") from None
        except psycopg.Error as error:
            raise DatabaseError(self.said(error)) from None
        self.execute("SELECT pg_advisory_xact_lock(%s)", [self.lock])
        if self.execute("SELECT current_schema()") == [(None,)]:
            self.connection.close()
            raise DatabaseError("the database has no schema to put tables in (search_path)")

    def said(self, error: Exception) -> str:
        words = super().said(error)
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return words

    def execute(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        cursor = self.connection.execute(sql.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(sql.encode(), rows)

    def commit(self) -> None:
        self.connection.commit()

    def close(self) -> None:
        self.connection.close()

    def found(self) -> dict[str, list[str]]:
        listed = self.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) "
            "FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE s.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
            "GROUP BY c.relname"
        )
        return {name: list(names) for name, names in listed}

    def bound(self, column: Column, value: Any) -> Any:
        texts = value if column.type == "list" else (value,) if column.type == "string" else ()
        if any("\0" in text for text in texts):
            raise DatabaseError(
                f"{column.name}: PostgreSQL holds no text with the character U+0000, which this "
                "source has; SQLite and DuckDB do"
            )
        return list(value) if column.type == "list" else value

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        names = named(*(c.name for c in head(table)))
        types = [self.types[c.type] for c in head(table)]
        copy = f"COPY {named(table)} ({names}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(copy.encode()) as target:
            target.set_types(types)
            for row in self._bound(table, rows):
                target.write_row(row)
        # Links are checked at the end by plans made for what is known of the tables: for empty
        # ones they would read a whole table for each row.
        self.execute(f"ANALYZE {named(table)}")


def _secrets(url: str) -> list[str]:
    """What no message may show: the passwords of a URL, as written and decoded.

    DatabaseError where a password has signs that part a URL: the server's library would take its
    pieces for a host or a port and quote them.

    >>> _secrets("postgresql://reader:a%40b@host/points")
    ['a%40b', 'a@b']
    """
    authority, slash, rest = re.split("([/?#]|$)", url.partition("://")[2], maxsplit=1)
    path, _, query = (slash + rest).partition("?")
    user, at, host = authority.rpartition("@")
    password = user.partition(":")[2]
    port = host.partition("]")[2] or host.rpartition(":")[2] if ":" in host else ""
    cut = not at and port and ("@" in path or not port.strip(":").isdecimal())
    if cut or set(password).intersection("@:#"):
        raise DatabaseError("a password with / ? # @ : has to be written with %-codes in a URL")
    given = [password]
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        given.append(value if "password" in name else "")
    found = {form for text in given for form in (text, unquote(text)) if form}
    return sorted(found, key=len, reverse=True)


# --- URLs ----------------------------------------------------------------------------------------

FILES: dict[str, type[SQLite | DuckDB]] = {
    ".db": SQLite,
    ".sqlite": SQLite,
    ".sqlite3": SQLite,
    ".duckdb": DuckDB,
    ".ddb": DuckDB,
}


def connect(url: str) -> Database:
    """Open the database of a URL: ``sqlite:///tables.db``, ``duckdb:///tables.duckdb``,
    ``postgresql://user@host/name``, or a file by its suffix; begin its transaction.

    DatabaseError where there is none, it cannot be opened, or its driver is not installed.
    """
    scheme, _, rest = url.partition("://")
    if rest and scheme in ("postgresql", "postgres"):
        return _opened(PostgreSQL, url, "'psycopg[binary]'")
    if rest and scheme in ("sqlite", "duckdb"):
        kind: type[SQLite | DuckDB] | None = SQLite if scheme == "sqlite" else DuckDB
        if not rest.startswith("/") or rest == "/":
            raise DatabaseError(f"{scheme}:// is followed by /file, or by //folder/file from root")
        path = Path(rest[1:])
    else:
        path = Path(url)
        kind = FILES.get(path.suffix.lower()) if "://" not in url else None
    if kind is None:
        raise DatabaseError(
            "the URL begins with none of sqlite:///, duckdb:///, postgresql://, and is no file "
            f"whose name ends in {', '.join(FILES)}"
        )
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder")
    if not path.parent.is_dir():
        raise DatabaseError(f"{path.parent}: no such folder")
    return _opened(kind, path, "duckdb")


def _opened(kind: Any, place: str | Path, driver: str) -> Database:
    try:
        database: Database = kind(place)
    except ImportError as error:
        raise DatabaseError(
            f"needs a driver that is not installed: pip install {driver}"
        ) from error
    except DatabaseError:
        raise
    except Exception as error:  # drivers share no class of errors
        words = " ".join(str(error).split())
        raise DatabaseError(f"{place}: {words}" if isinstance(place, Path) else words) from None
    return database
