"""Results to files: every table as CSV and Parquet, with a manifest of what they were made from.

Beside them, a Data Package that describes the tables and the claims as Web Annotations. The types
of the columns are those of ``publish.schema``. The same result gives the same bytes: no time
stamps, no order that chance decides, and a compression (zstd) that does not look at the processor.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline import disk
from pipeline.knowledge.tables import home
from pipeline.model import Result, Witness
from pipeline.publish.cells import as_text, fitting
from pipeline.publish.package import annotation_page, package
from pipeline.publish.rows import rows
from pipeline.publish.schema import TABLES as TABLES
from pipeline.publish.schema import TITLES, VERSION, about
from pipeline.publish.schema import Column as Column
from pipeline.publish.schema import columns as columns
from pipeline.publish.stored import MANIFEST, StoredError, manifest_of, written
from pipeline.publish.switch import claim, publish, still, workplace

DEFAULT = ("csv", "parquet")
FORMATS = {
    "csv": "csv",
    "parquet": "parquet",
    "csv-excel": "excel.csv",
    "csv-excel-zh": "excel-zh.csv",
}
"""Formats of the tables, and how the names of their files end."""
BOOKS = {"xlsx": "tables.xlsx", "xlsx-zh": "tables.zh.xlsx"}
"""Formats of all tables in one file, and its name."""
LIBRARIES = ("charset-normalizer", "lark", "opencc", "pandas", "pyarrow", "regex")


# --- files ---------------------------------------------------------------------------------------


def export(result: Result, directory: Path, formats: Sequence[str] = DEFAULT) -> dict[str, Any]:
    """Write every table and what describes them into ``directory``; returns the manifest.

    Beside the tables stand ``datapackage.json``, ``claims.jsonld`` and ``manifest.json``. All
    files are written whole beside their places, and only then take them, all at once: whatever
    fails, there is the old output or the new one. A table left from an earlier run in a format
    not in ``formats`` is removed; what an earlier run did not write is not touched. OSError where
    the folder cannot be written or holds other files of these names, KeyError for an unknown
    format.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     manifest = export(Result(), Path(folder), ["csv"])
    >>> manifest["output"]["entries.csv"]["rows"]
    0
    """
    ends = [(FORMATS[name], WRITERS[name]) for name in formats if name not in BOOKS]
    made = origins(result.witnesses)
    origin = json.dumps(made, ensure_ascii=False, sort_keys=True)
    with workplace(directory) as beside:
        output: dict[str, dict[str, Any]] = {}

        def add(name: str, count: int | None = None) -> None:
            file = (beside / name).read_bytes()
            output[name] = {"sha256": hashlib.sha256(file).hexdigest(), "bytes": len(file)}
            if count is not None:
                output[name]["rows"] = count

        tables = rows(result)
        for name, content in tables.items():
            for end, write in ends:
                if write is write_parquet:
                    write = partial(write, about={"description": about(name), "manifest": origin})
                write(content, columns(TABLES[name]), beside / f"{name}.{end}")
                add(f"{name}.{end}", len(content))
        for name in (name for name in formats if name in BOOKS):
            from pipeline.publish.workbook import write_workbook  # loaded where one is wanted

            write_workbook(tables, beside / BOOKS[name], name.endswith("-zh"))
            add(BOOKS[name])
        _write(beside / "claims.jsonld", annotation_page(result))
        _write(beside / "datapackage.json", package(result.witnesses, output, made["versions"]))
        add("claims.jsonld", len(result.claims))
        add("datapackage.json")
        manifest = {**made, "rules": rules(result.witnesses), "output": output}
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        _write(beside / MANIFEST, text + "\n")
        publish(beside, PLACES, ours(directory))
    return manifest


PLACES = (
    *(f"{name}.{suffix}" for name in TABLES for suffix in FORMATS.values()),
    *BOOKS.values(),
    "claims.jsonld",
    "datapackage.json",
    MANIFEST,
)
"""All files that an extract may write."""


def claimable(directory: Path) -> None:
    """OSError where a folder holds files of the names of ours that no extract wrote there."""
    if directory.is_dir():
        with still(directory):
            claim(directory, PLACES, ours(directory))


def holder(directory: Path) -> dict[str, str]:
    """The sources of the tables that a folder has, path by siglum; none where it has no tables."""
    try:
        found = manifest_of(directory)["sources"]
    except StoredError:
        return {}
    return {siglum: source["path"] for siglum, source in found.items()}


def ours(directory: Path) -> Callable[[Path], bool]:
    """Whether a file of a folder is as the manifest there says that an extract wrote it."""
    try:
        known = {name: file["sha256"] for name, file in written(directory)["output"].items()}
    except StoredError:
        return lambda path: False

    def made(path: Path) -> bool:
        if path.name == MANIFEST:
            return True
        if not path.exists():  # the tables of earlier versions were links
            return path.readlink() == Path(".tables", path.name)
        return known.get(path.name) == disk.sha256(path)

    return made


def write_csv(content: Sequence[Any], head: Sequence[Column], path: Path) -> None:
    r"""Rows as CSV (RFC 4180, UTF-8, lines end in CR LF, which makes a CR inside a cell safe).

    A list is joined with ``|``, with ``\`` before a ``|`` or ``\`` inside an item; true and false
    are ``true`` and ``false``; a whole number has no point; what is missing is empty.
    """
    cells = ([as_text(getattr(row, c.name)) for c in head] for row in content)
    _write_rows(path, "utf-8", [[c.name for c in head], *cells])


def write_excel(
    content: Sequence[Any],
    head: Sequence[Column],
    path: Path,
    titles: Mapping[str, str] | None = None,
) -> None:
    """Rows as CSV for spreadsheets: with a byte order mark, and nothing that would be run.

    A cell that a spreadsheet would take for a formula has a ``'`` before it; one longer than a
    cell may be is cut and ends in ``…`` (the other formats have it whole). ``titles`` are column
    titles in place of the names.
    """
    names = [titles[c.name] if titles else c.name for c in head]
    cells = ([_inert(as_text(getattr(row, c.name))) for c in head] for row in content)
    _write_rows(path, "utf-8-sig", [names, *cells])


def _write_rows(path: Path, encoding: str, lines: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    disk.write(path, text.getvalue().encode(encoding))


def _inert(cell: str) -> str:
    # Spreadsheets in Chinese take the full-width signs for formulas too; some skip blanks first,
    # which are more than str.strip knows (controls), so look at the first sign that shows.
    first = next((c for c in cell if c.isprintable() and not c.isspace()), "")
    if cell[:1] in ("\t", "\r", "\n") or first in tuple("=+-@＝＋－＠"):
        cell = "'" + cell
    return fitting(cell)


def write_parquet(
    content: Sequence[Any],
    head: Sequence[Column],
    path: Path,
    about: Mapping[str, str] | None = None,
) -> None:
    """Rows as Parquet; a column that repeats its values is stored as a dictionary of them.

    Each column carries its ``description`` and ``unit`` as metadata, the file what is given as
    ``about``. ArrowInvalid where a row holds a value of another type than its class says, or
    none where it may not.
    """
    from pipeline.publish.arrow import write  # see there

    write(content, head, path, about)


WRITERS: dict[str, Callable[[Sequence[Any], Sequence[Column], Path], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "csv-excel": write_excel,
    "csv-excel-zh": partial(write_excel, titles=TITLES),
}


def origins(witnesses: Iterable[Witness]) -> dict[str, dict[str, Any]]:
    """What the tables of witnesses are made from, without the when and where."""
    corpus = home() / "corpus"
    decided = [p for part in ("authority", "normalization") for p in (corpus / part).rglob("*.*")]
    return {
        "schema": {"version": VERSION},
        "versions": {name: version(name) for name in ("mingtang", *LIBRARIES)},
        "sources": {w.spec.siglum: _source(w) for w in witnesses},
        "tables": _hashes((p for p in decided if p.suffix != ".md"), corpus),
        "grammars": _hashes((home() / "grammars").glob("*.lark"), home() / "grammars"),
    }


def _source(witness: Witness) -> dict[str, str]:
    """What a witness was read from; what people decided of it, too."""
    known = {"path": witness.spec.name, "sha256": witness.sha256}
    if witness.decisions:
        decided = repr(witness.decisions).encode()
        known["decisions"] = hashlib.sha256(decided).hexdigest()
    return known


def rules(witnesses: Iterable[Witness]) -> str:
    """A hash of all else that decides what the tables say: the program, and how each source is to
    be read.
    """
    here = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for name, code in sorted(_hashes(here.rglob("*.py"), here).items()):
        digest.update(f"{name} {code}\n".encode())
    for witness in witnesses:
        digest.update(repr(replace(witness.spec, path=Path())).encode())
    return digest.hexdigest()


def _hashes(paths: Iterable[Path], base: Path) -> dict[str, str]:
    return {
        p.relative_to(base).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths
    }


def _write(path: Path, text: str) -> None:
    disk.write(path, text.encode("utf-8"))


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

For spreadsheets, `--format xlsx` writes one workbook, `tables.xlsx`, with a sheet for each table,
and `--format xlsx-zh` `tables.zh.xlsx`, with Chinese titles. `--format csv-excel` writes
`<table>.excel.csv` and `--format csv-excel-zh` `<table>.excel-zh.csv`: UTF-8 with a byte order
mark, a `'` before what a spreadsheet would run as a formula. What is too long for a cell ends in
`…`. All these are for reading; programs read the others.

`datapackage.json` describes the tables to other programs (Data Package 2: types, keys, links,
sources and their terms). `claims.jsonld` holds the claims as Web Annotations, each pointing at the
characters it was read from, in code points as below. `mingtang load` puts the tables into SQLite,
DuckDB or PostgreSQL.

Positions (`start`, `end`) count Unicode code points of the source file as decoded, from 0, end
exclusive, a byte order mark not counted: `text == source[start:end]` in every row that has all
three.

Every file is complete in itself, none is a link; copy or pack them as you like. An interrupted run
is completed, or undone, by the next `mingtang` that reads or writes the folder. Files of these
names that `mingtang` did not write, or that were changed since, are never replaced: it says so and
stops.

`manifest.json` names what the tables were made from (SHA-256 of sources, tables and grammars,
versions of the program and of the libraries that matter) and what they are (rows and SHA-256 of
each file). The same sources and the same versions give the same bytes.
"""


def describe() -> str:
    """``output/README.md``: every table and column with type, unit and meaning, as Markdown."""
    parts = [INTRODUCTION]
    for name, row in TABLES.items():
        parts.append(f"## {name}\n\n{about(name)}\n")
        parts.append("| column | type | unit | meaning |\n| --- | --- | --- | --- |")
        for c in columns(row):
            meaning = c.doc.replace("|", "&#124;")
            parts.append(f"| `{c.name}` | {c.type}{'?' * c.nullable} | {c.unit} | {meaning} |")
        parts.append("")
    return "\n".join(parts)
