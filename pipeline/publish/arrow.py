"""Tables in Arrow: Parquet files, and columns in memory.

Alone in importing pyarrow, which takes longer to load than a point to show: whoever needs this
module imports it in the function that does.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import disk
from pipeline.knowledge.tables import TableError
from pipeline.publish.schema import Column

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int": pa.int64(),
    "number": pa.float64(),
    "bool": pa.bool_(),
    "list": pa.list_(pa.string()),
}


def table(
    content: Sequence[Any], head: Sequence[Column], about: Mapping[str, str] | None = None
) -> pa.Table:
    """Rows as columns of their types, each with its ``description`` and ``unit`` as metadata.

    ArrowInvalid where a row holds a value of another type than its class says, or none where it
    may not.
    """
    schema = pa.schema(
        (
            pa.field(c.name, TYPES[c.type], c.nullable, {"description": c.doc, "unit": c.unit})
            for c in head
        ),
        metadata=dict(about or {}),
    )
    return pa.Table.from_arrays(
        [_array([getattr(row, c.name) for row in content], c) for c in head], schema=schema
    )


PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "number": (int, float),
    "bool": (bool,),
    "list": (tuple,),
}
NUMBERS = {"int": "q", "number": "d"}


def _array(values: Sequence[Any], column: Column) -> pa.Array:
    """A column from the buffers that Arrow lays it out in: what makes one out of any objects
    loads pandas, to ask whether they are its own.
    """
    python, nullable = PYTHON[column.type], column.nullable
    if not all(isinstance(v, python) or (v is None and nullable) for v in values):
        raise pa.ArrowInvalid(f"{column.name}: a value is no {python[-1].__name__}")
    present = _bits(v is not None for v in values) if None in values else None
    kind, size = TYPES[column.type], len(values)
    if column.type == "list":
        items = _strings([item for value in values for item in value])
        return pa.Array.from_buffers(kind, size, [present, _offsets(values)], children=[items])
    if column.type == "string":
        return _strings([value or "" for value in values], present)
    if column.type == "bool":
        return pa.Array.from_buffers(kind, size, [present, _bits(values)])
    cells = array(NUMBERS[column.type], [value or 0 for value in values])
    return pa.Array.from_buffers(kind, size, [present, pa.py_buffer(cells)])


def _strings(values: Sequence[str], present: pa.Buffer | None = None) -> pa.Array:
    cells = [value.encode() for value in values]
    buffers = [present, _offsets(cells), pa.py_buffer(b"".join(cells))]
    return pa.Array.from_buffers(pa.string(), len(cells), buffers)


def _offsets(parts: Sequence[Sized]) -> pa.Buffer:
    return pa.py_buffer(array("i", accumulate(map(len, parts), initial=0)))


def _bits(values: Iterable[bool | None]) -> pa.Buffer:
    """One bit a value, from the lowest of each byte."""
    digits = "".join("1" if value else "0" for value in values)[::-1]
    return pa.py_buffer(int(digits or "0", 2).to_bytes(-(-len(digits) // 8), "little"))


def write(
    content: Sequence[Any], head: Sequence[Column], path: Path, about: Mapping[str, str] | None
) -> None:
    """Rows as Parquet; a column that repeats its values is stored as a dictionary of them."""
    made = table(content, head, about)
    repeating = [
        c.name
        for c in head
        if c.type == "string" and 2 * len({getattr(row, c.name) for row in content}) <= len(content)
    ]
    file = pa.BufferOutputStream()
    pq.write_table(made, file, compression="zstd", use_dictionary=repeating)
    disk.write(path, file.getvalue().to_pybytes())


PART = 50_000
"""Rows that are written together, and so held in memory; which, does not depend on the books."""


def write_parts(
    content: Iterator[Any], head: Sequence[Column], path: Path, about: Mapping[str, str] | None
) -> int:
    """Rows that are too many to hold as Parquet, part by part; returns how many they were."""
    count = 0
    disk.step("open", path)
    with pq.ParquetWriter(path, table((), head, about).schema, compression="zstd") as file:
        while part := list(islice(content, PART)):
            file.write_table(table(part, head, about))
            count += len(part)
    return count


def read(content: bytes) -> pa.Table:
    """The table in the bytes of a Parquet file; TableError where it is none."""
    try:
        # Not read_table, which loads pandas and looks for more files than one.
        return pq.ParquetFile(pa.BufferReader(content)).read()
    except pa.ArrowException as error:
        raise TableError(f"not Parquet: {error}") from error
