"""Results to files: every table as CSV and Parquet, with a manifest of what they were made from.

The types of the columns are those of the row classes of ``pipeline.model``; nothing is named
twice. The same result gives the same bytes: no time stamps, no order that chance decides, and a
compression (zstd) that does not look at the processor.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.model import (
    Claim,
    Coverage,
    Emendation,
    Entry,
    Identification,
    Issue,
    Note,
    Reading,
    Result,
    SectionRow,
    WitnessRow,
)
from pipeline.read import line_of, line_starts
from pipeline.tables import home

TABLES: dict[str, type[Any]] = {
    "witnesses": WitnessRow,
    "sections": SectionRow,
    "entries": Entry,
    "notes": Note,
    "readings": Reading,
    "claims": Claim,
    "identifications": Identification,
    "emendations": Emendation,
    "coverage": Coverage,
    "issues": Issue,
}
FORMATS = ("csv", "parquet")
LIBRARIES = ("charset-normalizer", "lark", "opencc", "pandas", "pyarrow", "regex")

ARROW: dict[Any, tuple[str, pa.DataType]] = {
    str: ("string", pa.string()),
    int: ("int", pa.int64()),
    bool: ("bool", pa.bool_()),
    tuple[str, ...]: ("list", pa.list_(pa.string())),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, type (string, int, bool, list), unit and meaning."""

    name: str
    type: str
    arrow: pa.DataType
    nullable: bool
    unit: str
    doc: str


def columns(row: type[Any]) -> tuple[Column, ...]:
    """The columns of a row class, in order.

    >>> [(c.name, c.type, c.nullable) for c in columns(Coverage)][:2]
    [('witness', 'string', False), ('start', 'int', False)]
    """
    hints = get_type_hints(row)

    def column(name: str, unit: str, doc: str) -> Column:
        hint = hints[name]
        nullable = type(None) in get_args(hint)
        plain = get_args(hint)[0] if nullable else hint
        return Column(name, *ARROW[plain], nullable, unit, doc)

    return tuple(column(f.name, f.metadata["unit"], f.metadata["doc"]) for f in fields(row))


def rows(result: Result) -> dict[str, Sequence[Any]]:
    """The rows of every table, by the names and in the order of ``TABLES``."""
    return {
        "witnesses": [
            WitnessRow(
                witness=w.spec.siglum,
                work=w.spec.work,
                title=w.spec.title,
                script=w.spec.script,
                format=w.spec.format,
                path=w.spec.name,
                encoding=w.encoding,
                sha256=w.sha256,
                chars=len(w.text),
                licence=w.spec.licence,
                origin=w.spec.origin,
                edition=w.spec.edition,
                files=tuple(f"{name}:{start}" for name, start in w.files),
            )
            for w in result.witnesses
        ],
        "sections": result.sections,
        "entries": result.entries,
        "notes": result.notes,
        "readings": result.readings,
        "claims": result.claims,
        "identifications": result.identifications,
        "emendations": result.emendations,
        "coverage": result.coverage,
        "issues": _issues(result),
    }


def _issues(result: Result) -> list[Issue]:
    """Diagnostics as rows, by witness and position, whatever order the stages reported them in."""
    order = {w.spec.siglum: i for i, w in enumerate(result.witnesses)}
    starts = {w.spec.siglum: line_starts(w.text) for w in result.witnesses}
    issues = [
        Issue(
            witness=d.witness,
            section=d.section,
            entry_id=d.entry_id,
            start=d.start,
            end=d.end,
            line=line_of(starts[d.witness], d.start),
            severity=d.severity,
            rule=d.code,
            message=d.message,
        )
        for d in result.diagnostics
    ]
    return sorted(issues, key=lambda i: (order[i.witness], i.start, i.end, i.rule, i.message))


# --- files ---------------------------------------------------------------------------------------


def export(
    result: Result, directory: Path, formats: Sequence[str] = FORMATS
) -> dict[str, dict[str, Any]]:
    """Write every table and ``manifest.json`` into ``directory``; returns the manifest.

    All files are written whole beside their places, and only then take them, one by one, the
    manifest last: no reader sees half a file, and where writing fails the old output stays as it
    was. A table left from an earlier run in a format not in ``formats`` is removed; other files
    are not touched. OSError where the folder cannot be written, KeyError for an unknown format.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = export(Result(), Path(folder), ["csv"])
    >>> manifest["output"]["entries.csv"]["rows"]
    0
    """
    writers = [(suffix, WRITERS[suffix]) for suffix in formats]
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".writing-") as folder:
        beside = Path(folder)
        written: dict[str, Any] = {}
        for name, content in rows(result).items():
            for suffix, write in writers:
                path = beside / f"{name}.{suffix}"
                write(content, columns(TABLES[name]), path)
                written[path.name] = {"rows": len(content), "sha256": _sha256(path)}
        manifest = _manifest(result, written)
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        (beside / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        for name in (*written, "manifest.json"):
            _sync(beside / name)
        for name in (*written, "manifest.json"):
            (beside / name).replace(directory / name)
    for suffix in set(FORMATS).difference(formats):
        for name in TABLES:
            (directory / f"{name}.{suffix}").unlink(missing_ok=True)
    return manifest


def write_csv(content: Sequence[Any], head: Sequence[Column], path: Path) -> None:
    r"""Rows as CSV (RFC 4180, UTF-8, lines end in CR LF, which makes a CR inside a cell safe).

    A list is joined with ``|``, with ``\`` before a ``|`` or ``\`` inside an item; true and false
    are ``true`` and ``false``; what is missing is empty.
    """
    cells = [[_cell(getattr(row, c.name)) for c in head] for row in content]
    frame = pd.DataFrame(cells, columns=[c.name for c in head], dtype=object)
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\r\n")


def _cell(value: str | int | bool | tuple[str, ...] | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return "|".join(item.replace("\\", r"\\").replace("|", r"\|") for item in value)
        case _:
            return str(value)


def write_parquet(content: Sequence[Any], head: Sequence[Column], path: Path) -> None:
    """Rows as Parquet; a column that repeats its values is stored as a dictionary of them.

    Each column carries its ``description`` and ``unit`` as metadata. ArrowInvalid where a row
    holds a value of another type than its class says, or none where it may not.
    """
    data = {c.name: [getattr(row, c.name) for row in content] for c in head}
    schema = pa.schema(
        pa.field(c.name, c.arrow, c.nullable, {"description": c.doc, "unit": c.unit}) for c in head
    )
    repeating = [
        c.name
        for c in head
        if c.type == "string" and 2 * len(set(data[c.name])) <= len(data[c.name])
    ]
    pq.write_table(
        pa.Table.from_pydict(data, schema), path, compression="zstd", use_dictionary=repeating
    )


WRITERS = {"csv": write_csv, "parquet": write_parquet}


def _manifest(result: Result, written: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the tables were made from and what they are, without the when and where."""
    corpus = home() / "corpus"
    decided = [p for part in ("authority", "normalization") for p in (corpus / part).rglob("*.*")]
    return {
        "versions": {name: version(name) for name in ("mingtang", *LIBRARIES)},
        "sources": {
            w.spec.siglum: {"path": w.spec.name, "sha256": w.sha256} for w in result.witnesses
        },
        "tables": _hashes((p for p in decided if p.suffix != ".md"), corpus),
        "grammars": _hashes((home() / "grammars").glob("*.lark"), home() / "grammars"),
        "output": written,
    }


def _hashes(paths: Iterable[Path], base: Path) -> dict[str, str]:
    return {p.relative_to(base).as_posix(): _sha256(p) for p in paths}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    """Have the bytes on disk before the name is, lest a crash leave an empty file under it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# --- documentation -------------------------------------------------------------------------------

INTRODUCTION = """\
# The tables

Made by `make extract` (`mingtang extract corpus -o output`); this page is made from the types of
the program, and nothing here but this page is kept under version control.

Every table is written twice, with the same columns in the same order: `<table>.csv` (UTF-8,
RFC 4180, a header row, lines end in CR LF) and `<table>.parquet` (typed; each column carries its
description and unit). `?` after a type: the value may be missing, which is null in Parquet and
empty in CSV. A list is a list in Parquet; in CSV its items are joined with `|`, and a `|` or `\\`
inside an item has a `\\` before it. Booleans are `true` and `false` in CSV.

Positions (`start`, `end`) count Unicode code points of the source file as decoded, from 0, end
exclusive, a byte order mark not counted: `text == source[start:end]` in every row that has all
three.

`manifest.json` names what the tables were made from (SHA-256 of sources, tables and grammars,
versions of the program and of the libraries that matter) and what they are (rows and SHA-256 of
each file). The same sources and the same versions give the same bytes.
"""


def describe() -> str:
    """``output/README.md``: every table and column with type, unit and meaning, as Markdown."""
    parts = [INTRODUCTION]
    for name, row in TABLES.items():
        about = (row.__doc__ or "").removeprefix(f"Row of {name}: ")
        parts.append(f"## {name}\n\n{about[0].upper()}{about[1:]}\n")
        parts.append("| column | type | unit | meaning |\n| --- | --- | --- | --- |")
        for c in columns(row):
            meaning = c.doc.replace("|", "&#124;")
            parts.append(f"| `{c.name}` | {c.type}{'?' * c.nullable} | {c.unit} | {meaning} |")
        parts.append("")
    return "\n".join(parts)
