"""The tables of an extract, read back from its folder.

What is read is checked against the manifest, so that a folder changed by hand or half copied is
noticed here and not where the tables are used.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from itertools import repeat
from pathlib import Path
from typing import Any, TypeAlias

from pipeline import disk
from pipeline.knowledge.tables import MisuseError, TableError
from pipeline.publish.schema import KEYS, LINKS, NUMBERED, TABLES, Column, columns
from pipeline.publish.switch import still

MANIFEST = "manifest.json"
FORMATS = ("parquet", "csv")
"""Formats that are read back: the first that is there."""

Row: TypeAlias = "tuple[Any, ...]"
"""The values of a row in the order of its columns; a list is a tuple."""


class StoredError(MisuseError):
    """A folder that does not hold the tables of an extract; the message says what is wrong."""


def holds(directory: Path) -> bool:
    """Whether a folder has tables of an extract, be they sound or not."""
    with still(directory):
        names = (MANIFEST, *(f"entries.{suffix}" for suffix in FORMATS))
        return any((directory / name).exists() for name in names)


def stored(directory: Path, older: bool = False) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """The rows of every table in a folder, and its manifest.

    Parquet is read where there is any, else CSV; a change of the folder that was interrupted is
    completed first. With ``older``, what an earlier version did not write has its default, and
    a table that it did not write no rows.
    StoredError where the folder holds no extract, files differ from the manifest, or rows
    contradict keys and links of the schema.
    """
    with still(directory):
        manifest = written(directory)
        content = _content(directory, manifest["output"])
    tables = {name: _table(directory, name, content, older) for name in TABLES}
    for name, rows in tables.items():
        _check(f"{directory}: {name}", name, rows, tables)
    return tables, manifest


def manifest_of(directory: Path) -> dict[str, Any]:
    """What the tables of a folder were made from, and which files they are; StoredError where the
    folder holds no extract.
    """
    with still(directory):
        return written(directory)


def written(directory: Path) -> dict[str, Any]:
    """The manifest in a folder that nobody changes meanwhile."""
    path = directory / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(disk.read(path))
        str(manifest["versions"]["mingtang"])
        for file in manifest["output"].values():
            bytes.fromhex(file["sha256"])
        {siglum: str(source["path"]) for siglum, source in manifest["sources"].items()}
    except (FileNotFoundError, NotADirectoryError):
        raise StoredError(f"{directory}: no {MANIFEST}; write the tables first") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise StoredError(f"{path}: {error!r}: not the manifest of an extract") from error
    return manifest


def _content(directory: Path, listed: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    """The tables that are there, every one as the manifest has it, also those not read."""
    found = {}
    for name in (f"{table}.{suffix}" for table in TABLES for suffix in FORMATS):
        path = directory / name
        if name not in listed or not path.exists():
            continue
        try:
            found[name] = disk.read(path)
        except OSError as error:
            raise StoredError(f"{path}: {error.strerror or error}") from error
        if hashlib.sha256(found[name]).hexdigest() != listed[name]["sha256"]:
            raise StoredError(f"{path}: differs from the manifest; extract again")
    return found


def _table(directory: Path, table: str, content: Mapping[str, bytes], older: bool) -> list[Row]:
    row = TABLES[table]
    missing = {f.name: f.default for f in fields(row) if older and f.default is not MISSING}
    for suffix, parse in (("parquet", _parquet), ("csv", _csv)):
        path = directory / f"{table}.{suffix}"
        if path.name not in content:
            continue
        try:
            found = parse(content[path.name], columns(row), missing)
        except StoredError as error:
            raise StoredError(f"{path}: {error}") from error
        except (ValueError, TypeError, csv.Error, TableError) as error:
            raise StoredError(f"{path}: {error!r}: not a table of mingtang") from error
        return list(
            zip(
                *(found[n] if n in found else repeat(missing[n]) for n in _positions(table)),
                strict=False,
            )
        )
    if older:
        return []
    raise StoredError(
        f"{directory}: no table {table!r} as Parquet or CSV ({table}.csv); extract again"
    )


Columns: TypeAlias = "dict[str, list[Any]]"
"""The values of a table, column by column."""


def _parquet(content: bytes, head: Sequence[Column], missing: Mapping[str, Any]) -> Columns:
    from pipeline.publish.arrow import TYPES, read  # see there

    table = read(content)
    _same(table.column_names, head, missing)
    found: Columns = {}
    for column in head:
        if column.name in table.column_names:
            values = table.column(column.name)
            if values.type != TYPES[column.type] or (values.null_count and not column.nullable):
                raise StoredError(f"column {column.name!r} is not of type {column.type}")
            found[column.name] = [_plain(cell) for cell in values.to_pylist()]
    return found


def _plain(cell: Any) -> Any:
    """A cell as the rows have it: a list that does not change, a whole number without a point."""
    if isinstance(cell, list):
        return tuple(cell)
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _csv(content: bytes, head: Sequence[Column], missing: Mapping[str, Any]) -> Columns:
    csv.field_size_limit(2**31 - 1)
    names, *lines = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    _same(names, head, missing)
    cells = list(zip(*lines, strict=True)) or [()] * len(names)
    at = {name: list(found) for name, found in zip(names, cells, strict=True)}
    return {c.name: [_value(cell, c) for cell in at[c.name]] for c in head if c.name in at}


def _same(found: Sequence[str], head: Sequence[Column], missing: Mapping[str, Any]) -> None:
    if list(found) != [c.name for c in head if c.name in found or c.name not in missing]:
        raise StoredError("written by another version of mingtang; extract again")


def _value(cell: str, column: Column) -> Any:
    if column.type == "list":
        return tuple(_items(cell)) if cell else ()
    if cell == "" and (column.nullable or column.type != "string"):
        return None
    if column.type == "bool":
        return cell == "true"
    if column.type == "number":
        return _plain(float(cell))
    return int(cell) if column.type == "int" else cell


def _items(cell: str) -> Iterator[str]:
    r"""The items of a list as it is written in CSV.

    >>> list(_items(r"督脈:會|a\|b"))
    ['督脈:會', 'a|b']
    """
    item, chars = "", iter(cell)
    for char in chars:
        if char == "|":
            yield item
            item = ""
        else:
            item += next(chars, "") if char == "\\" else char
    yield item


def _check(
    where: str, table: str, content: Sequence[Row], tables: Mapping[str, Sequence[Row]]
) -> None:
    at = _positions(table)
    if table not in NUMBERED:
        seen: set[Row] = set()
        for row in content:
            key = tuple(row[at[name]] for name in KEYS[table])
            if key in seen:
                raise StoredError(f"{where}: {', '.join(map(str, key))} stands twice")
            seen.add(key)
    for column, to in LINKS[table].items():
        key_at = _positions(to)[KEYS[to][0]]
        known = {row[key_at] for row in tables[to]} | {None}
        for row in content:
            if row[at[column]] not in known:
                raise StoredError(f"{where}: {column} {row[at[column]]!r} is not among the {to}")


def _positions(table: str) -> dict[str, int]:
    return {column.name: i for i, column in enumerate(columns(TABLES[table]))}
