"""Which database a URL means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.publish.databases.base import Database
from pipeline.publish.databases.duck import DuckDB
from pipeline.publish.databases.names import DatabaseError
from pipeline.publish.databases.postgres import PostgreSQL
from pipeline.publish.databases.sqlite import SQLite

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
