"""What people decided of a source: ``decisions.tsv`` beside it, read and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, get_args, get_type_hints

import regex

from pipeline import disk
from pipeline.knowledge.shapes import CODE, DECISIONS
from pipeline.knowledge.tables import MANIFEST, TableError, manifest, numbered, siglum_of, table
from pipeline.model import Decision, Entry, Spec
from pipeline.sources.quotes import quote

NAME = "decisions.tsv"
COLUMNS = tuple(DECISIONS.cells)
WHOLE = r"\d*"
LINE = r"(?:\S(?:[^\t\r\n]*\S)?)?"
"""Words that fit into a cell."""
VALUES = {
    "text": LINE,
    "code": CODE,
    "entry": "no",
    "aliases": LINE,
    "channels": LINE,
    "count": WHOLE,
    "depth_max_fen": r"(?:\d+(?:\.\d+)?)?",
    "depth_min_fen": r"(?:\d+(?:\.\d+)?)?",
    "location": LINE,
    "moxa_forbidden": "true|false",
    "moxa_max": WHOLE,
    "moxa_min": WHOLE,
    "needling_forbidden": "true|false",
    "phase": "[金水木火土]?",
    "posture": LINE,
    "remarks": LINE,
    "retention_breaths": WHOLE,
    "shu": "[井滎俞原經合募]?",
    "warnings": LINE,
}
"""What can be decided, and what its value must be: words that are read for others, the point of a
name, that words are no entry, columns of entries."""


def beside(path: Path, name: str, siglum: str) -> tuple[Decision, ...]:
    """What was decided of a source, and rows whose witness is no text that is there."""
    found: list[Decision] = []
    for there in tables(path, name):
        known = {siglum, *_sigla(there.parent)}
        rows = decisions(there)
        found += (row for row in rows if row.witness == siglum or row.witness not in known)
    return tuple(found)


def tables(path: Path, name: str) -> list[Path]:
    """The tables that can speak of a source: in its folder, and in those above it up to the one of
    the manifest that names it.
    """
    depth = len(PurePosixPath(name).parts)
    above = depth if path.parts[-depth:] == PurePosixPath(name).parts else 1
    folders = [*([path] if path.is_dir() else []), *list(path.parents)[:above]]
    return [there for folder in folders if (there := folder / NAME).is_file()]


def _sigla(folder: Path) -> Iterator[str]:
    """What the texts of a folder can be called."""
    if (folder / MANIFEST).is_file():
        yield from (spec.siglum for spec in manifest(folder / MANIFEST))
    yield from (siglum_of(file.stem) for file in folder.iterdir())


def decisions(path: Path) -> tuple[Decision, ...]:
    """The rows of a table; TableError where it is not what it must be."""
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, size: int) -> tuple[Decision, ...]:
    return tuple(
        _decision(f"{path}:{line}", f"{path.name}:{line}", row)
        for line, row in numbered(path, DECISIONS)
    )


def _decision(place: str, where: str, row: dict[str, str]) -> Decision:
    if reason := unfit(row):
        raise TableError(f"{place}: {reason}")
    return Decision(**row, where=where)


def unfit(row: dict[str, str]) -> str:
    """Why a row decides nothing; empty where it does."""
    field, value = row["field"], row["value"]
    if field not in VALUES:
        return f"field {field!r} is none of {', '.join(VALUES)}"
    if not regex.fullmatch(VALUES[field], value):
        return f"value {value!r} of {field} must match {VALUES[field]}"
    if field == "code" and value not in {point["code"] for point in table("authority/points.tsv")}:
        return f"value {value!r} is no code of authority/points.tsv"
    if quote(row["anchor"]) is None:
        return f"anchor {row['anchor']!r} is no quotation: words in braces, and around them"
    return ""


def worth(field: str, value: str) -> Any:
    """A value as entries have it.

    >>> worth("moxa_min", "6"), worth("aliases", "鼻衝|顱上"), worth("retention_breaths", "")
    (6, ('鼻衝', '顱上'), None)
    """
    hint = get_type_hints(Entry)[field]
    if hint is bool:
        return value == "true"
    if hint == tuple[str, ...]:
        parts = regex.split(r"(?<!\\)\|", value) if value else []
        return tuple(regex.sub(r"\\(.)", r"\1", part) for part in parts)
    if not value:
        return None if type(None) in get_args(hint) else ""
    if str in (hint, *get_args(hint)):
        return value
    return float(value) if "." in value else int(value)


def kept(spec: Spec) -> Path:
    """The table in which a decision of a source is written down."""
    there = tables(spec.path, spec.name)
    return there[0] if there else _folder(spec.path) / NAME


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def append(path: Path, rows: Iterable[Decision]) -> None:
    """Put rows behind those of a table, all or none; TableError where one stands there already."""
    old = disk.read(path) if path.exists() else b""
    known = (
        {(row.witness, row.anchor, row.field): row.where for row in decisions(path)} if old else {}
    )
    header = _header(old) or list(COLUMNS)
    lines = [] if old else ["\t".join(header)]
    for row in rows:
        key = (row.witness, row.anchor, row.field)
        if key in known:
            raise TableError(f"{path}: {row.field} of {row.anchor} is decided in {known[key]}")
        known[key] = path.name
        lines.append("\t".join(getattr(row, column) for column in header))
    end = b"\r\n" if b"\r\n" in old else b"\n"
    start = old + end if old and not old.endswith(b"\n") else old
    new = path.with_name(f".{path.name}.new")
    disk.write(new, start + b"".join(line.encode() + end for line in lines))
    if (disk.read(path) if path.exists() else b"") != old:
        disk.unlink(new)
        raise TableError(f"{path}: was changed by another program meanwhile")
    disk.replace(new, path)
    disk.settle(path.parent)


def _header(table: bytes) -> list[str]:
    lines = (line for line in table.decode().splitlines() if line and not line.startswith("#"))
    return next(lines, "").split("\t") if table else []
