"""Tables as a database has them: names, columns, keys, links, and what each of them means.

Names in statements are those of the schema and nothing else; what was read in a source is only
ever passed as a value.
"""

from __future__ import annotations

from functools import cache

from pipeline.knowledge.tables import MisuseError
from pipeline.publish.schema import KEYS, LINKS, NUMBERED, TABLES, Column, about, columns

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
