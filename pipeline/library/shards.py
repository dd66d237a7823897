"""What is kept of each book until all are read: its tables in one file, and a marker beside it.

    output/.shards/3f1c….rows     the tables, written under another name and renamed
    output/.shards/3f1c….done     the marker: from what they were made, and the outcome

A marker is written last. Tables without one, of other bytes or by other rules do not count.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from pipeline import disk
from pipeline.model import Outcome, Reference
from pipeline.publish.schema import TABLES, columns

FOLDER = ".shards"
Rows: TypeAlias = "dict[str, list[Any]]"


@dataclass(frozen=True, slots=True)
class Marker:
    """What is known of a book that was read: from which bytes, by which rules, with what result."""

    source: str
    rules: str
    shard: str
    """Hash of the tables; empty where there are none."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference out of its book, and the line where it stands."""

    reference: Reference
    line: int


def place(folder: Path, siglum: str) -> Path:
    """Where the tables of a book are kept; the marker has another suffix."""
    return folder / f"{hashlib.sha256(siglum.encode()).hexdigest()[:32]}.rows"


def keep(path: Path, tables: Mapping[str, Sequence[Any]], cited: Sequence[Cited]) -> str:
    """Write the tables of a book; returns their hash."""
    packed = zlib.compressobj(1)
    parts = (part.encode("utf-8", "surrogatepass") for part in _written(tables, cited))
    data = b"".join([*map(packed.compress, parts), packed.flush()])
    _put(path, data)
    return hashlib.sha256(data).hexdigest()


BATCH = 500
"""Rows that are written at once: as text all of them take more memory than as rows."""


SHARED = ("points",)
"""Tables that are the same for all books."""


def _written(tables: Mapping[str, Sequence[Any]], cited: Sequence[Cited]) -> Iterator[str]:
    yield "{"
    for name, found in tables.items():
        if found and name not in SHARED:
            cells = attrgetter(*(c.name for c in columns(TABLES[name])))
            yield f"{json.dumps(name)}:["
            for i in range(0, len(found), BATCH):
                yield ("," if i else "") + _json(list(map(cells, found[i : i + BATCH])))[1:-1]
            yield "],"
    at = attrgetter(*(f.name for f in fields(Reference)))
    references = [(*at(one.reference), one.line) for one in cited]
    yield f'"references":{_json(references)}}}'


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def mark(path: Path, marker: Marker) -> None:
    """Say that a book is done."""
    said: dict[str, Any] = {"source": marker.source, "rules": marker.rules, "shard": marker.shard}
    said["outcome"] = {f.name: getattr(marker.outcome, f.name) for f in fields(Outcome)}
    _put(path.with_suffix(".done"), json.dumps(said, ensure_ascii=False).encode())


def marked(path: Path) -> Marker | None:
    """The marker of a book, if it has one and its tables are whole."""
    try:
        said = json.loads(path.with_suffix(".done").read_bytes())
        marker = Marker(said["source"], said["rules"], said["shard"], Outcome(**said["outcome"]))
        whole = not marker.shard or disk.sha256(path) == marker.shard
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return marker if whole else None


def load(path: Path, only: Sequence[str] = ()) -> tuple[Rows, list[Cited]]:
    """The tables of a book (``only`` some of them), and its references."""
    content = json.loads(zlib.decompress(path.read_bytes()).decode("utf-8", "surrogatepass"))
    cited = [Cited(_made(Reference, row[:-1]), row[-1]) for row in content.pop("references")]
    made = {
        name: [_made(TABLES[name], row) for row in found]
        for name, found in content.items()
        if not only or name in only
    }
    return made, cited


def _made(row: type[Any], cells: Sequence[Any]) -> Any:
    return row(*(tuple(cell) if isinstance(cell, list) else cell for cell in cells))


def _put(path: Path, data: bytes) -> None:
    """A file that has its name only when it is whole; a crash of the machine is told by hashes."""
    beside = path.with_suffix(f".{os.getpid()}.part")
    beside.write_bytes(data)
    disk.replace(beside, path)
