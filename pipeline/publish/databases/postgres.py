"""PostgreSQL: a server, whose messages must not show a password."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from pipeline.publish.databases.base import Database
from pipeline.publish.databases.names import DatabaseError, head, named
from pipeline.publish.schema import Column
from pipeline.publish.stored import Row


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
