"""The tables of an extract, read back from its folder.

What is read is checked against the manifest, so that a folder changed by hand or half copied is
noticed here and not where the tables are used.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pipeline.publish.schema import KEYS, LINKS, NUMBERED, TABLES, Column, columns

Row: TypeAlias = "tuple[Any, ...]"
"""The values of a row in the order of its columns; a list is a tuple."""


class StoredError(Exception):
    """A folder that does not hold the tables of an extract; the message says what is wrong."""


def stored(directory: Path) -> tuple[dict[str, list[Row]], dict[str, Any]]:
    """The rows of every table in a folder, and its manifest.

    Parquet is read where there is any, else CSV. StoredError where the folder holds no extract,
    files differ from the manifest, or rows contradict keys and links of the schema.
    """
    manifest = manifest_of(directory)
    written = {str(name): str(file["sha256"]) for name, file in manifest["output"].items()}
    tables = {name: _table(directory, name, written) for name in TABLES}
    for name, content in tables.items():
        _check(name, content, tables)
    return tables, manifest


def manifest_of(directory: Path) -> dict[str, Any]:
    """What the tables of a folder were made from, and which files they are; StoredError where the
    folder holds no extract.
    """
    path = directory / "manifest.json"
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for file in manifest["output"].values():
            str(file["sha256"])
    except FileNotFoundError:
        raise StoredError(f"{directory}: no manifest.json; write the tables first") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise StoredError(f"{path}: {error!r}: not the manifest of an extract") from error
    return manifest


def _table(directory: Path, table: str, written: dict[str, str]) -> list[Row]:
    for suffix, parse in (("parquet", _parquet), ("csv", _csv)):
        name = f"{table}.{suffix}"
        if name not in written:
            continue
        try:
            content = (directory / name).read_bytes()
        except OSError as error:
            raise StoredError(f"{directory / name}: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != written[name]:
            raise StoredError(f"{directory / name}: differs from the manifest; extract again")
        return parse(content, columns(TABLES[table]), directory / name)
    raise StoredError(f"{directory}: no table {table!r} as Parquet or CSV; extract again")


def _parquet(content: bytes, head: Sequence[Column], path: Path) -> list[Row]:
    from pipeline.publish.arrow import read  # see there

    table = read(content)
    _same(table.column_names, head, path)
    data = [
        [tuple(cell) for cell in found.to_pylist()] if column.type == "list" else found.to_pylist()
        for column, found in zip(head, table.columns, strict=True)
    ]
    return list(zip(*data, strict=True))


def _csv(content: bytes, head: Sequence[Column], path: Path) -> list[Row]:
    lines = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    _same(next(lines, []), head, path)
    csv.field_size_limit(2**31 - 1)
    return [tuple(map(_value, cells, head)) for cells in lines]


def _same(found: Sequence[str], head: Sequence[Column], path: Path) -> None:
    if list(found) != [column.name for column in head]:
        raise StoredError(f"{path}: written by another version of mingtang; extract again")


def _value(cell: str, column: Column) -> Any:
    if column.type == "list":
        return tuple(_items(cell)) if cell else ()
    if cell == "" and (column.nullable or column.type != "string"):
        return None
    if column.type == "bool":
        return cell == "true"
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


def _check(table: str, content: Sequence[Row], tables: dict[str, list[Row]]) -> None:
    at = _positions(table)
    if table not in NUMBERED:
        seen: set[Row] = set()
        for row in content:
            key = tuple(row[at[name]] for name in KEYS[table])
            if key in seen:
                raise StoredError(f"{table}: {', '.join(map(str, key))} stands twice")
            seen.add(key)
    for column, to in LINKS[table].items():
        key_at = _positions(to)[KEYS[to][0]]
        known = {row[key_at] for row in tables[to]} | {None}
        for row in content:
            if row[at[column]] not in known:
                raise StoredError(f"{table}: {column} {row[at[column]]!r} is not among the {to}")


def _positions(table: str) -> dict[str, int]:
    return {column.name: i for i, column in enumerate(columns(TABLES[table]))}
