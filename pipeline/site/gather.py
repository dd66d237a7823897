"""What the pages are made of: the tables of an extract, put in order, and the texts they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Entry, WitnessRow
from pipeline.publish.schema import TABLES
from pipeline.publish.stored import stored
from pipeline.site.editors import editors
from pipeline.sources.read import read
from pipeline.sources.recognise import SourceError, sources

K = TypeVar("K")
V = TypeVar("V")


Groups: TypeAlias = "Mapping[str, Mapping[str, tuple[Any, ...]]]"
"""By table, and there by what its rows are asked for."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The rows of the tables, as the pages ask for them. ``witnesses`` stand in the order of time,
    and so do the entries of a point.
    """

    tables: Mapping[str, tuple[Any, ...]]
    manifest: Mapping[str, Any]
    witnesses: Mapping[str, WitnessRow]
    years: Mapping[str, int | None]
    texts: Mapping[str, str]
    """By siglum the source of record, where it is at hand, with the hash that the tables name."""
    entries: Mapping[str, Entry]
    points: Mapping[str, tuple[Entry, ...]]
    """Entries by code; those of a point without one by its name, see ``point_of``."""
    by_witness: Groups
    by_entry: Groups
    by_code: Groups
    by_statement: Mapping[str, tuple[Any, ...]]
    """The clauses of each statement of illness."""
    editors: Mapping[str, str]
    """Notes in which later editors speak, by id, and who they are."""


def gather(folder: Path, paths: Sequence[Path] = ()) -> Corpus:
    """The tables in ``folder`` and, from ``paths``, the texts they were made from; StoredError and
    SourceError where a folder holds no tables or a path leads nowhere.
    """
    found, manifest = stored(folder)
    tables = {name: tuple(row(*cells) for cells in found[name]) for name, row in TABLES.items()}
    return corpus(tables, manifest, texts(tables["witnesses"], paths))


def texts(witnesses: Iterable[WitnessRow], paths: Sequence[Path]) -> dict[str, str]:
    """The sources that are as they were when the tables were made, by siglum: known by their bytes,
    for a library calls a book otherwise than a manifest does.
    """
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for row in witnesses:
        wanted[row.sha256].append(row.witness)
    found: dict[str, str] = {}
    try:
        specs = sources(paths)
    except SourceError:
        if paths:
            raise
        specs = ()  # an installation carries no texts
    for spec in specs:
        witness = read(spec)
        found |= dict.fromkeys(wanted.get(witness.sha256, ()), witness.text)
    return found


def corpus(
    tables: Mapping[str, tuple[Any, ...]], manifest: Mapping[str, Any], texts: Mapping[str, str]
) -> Corpus:
    """Rows of tables, grouped by what pages ask for."""
    years = {row.witness: row.year for row in tables["witnesses"]}
    witnesses = sorted(tables["witnesses"], key=lambda w: years[w.witness] or 9999)
    order = {row.witness: n for n, row in enumerate(witnesses)}
    entries = sorted(tables["entries"], key=lambda e: (order[e.witness], e.start))
    return Corpus(
        tables=tables,
        manifest=manifest,
        witnesses={row.witness: row for row in witnesses},
        years=years,
        texts=texts,
        entries={entry.entry_id: entry for entry in entries},
        points=grouped((e for e in entries if e.duplicate_of is None), point_of),
        by_witness={name: grouped(rows, siglum_of) for name, rows in tables.items()},
        by_entry={
            name: grouped(rows, lambda row: row.entry_id)
            for name, rows in tables.items()
            if rows and hasattr(rows[0], "entry_id")
        },
        by_code={
            "identifications": grouped_by_each(tables["identifications"], lambda i: i.codes),
            "indications": grouped(tables["indications"], lambda i: i.code),
        },
        by_statement=grouped(tables["symptoms"], lambda s: s.statement_id),
        editors=editors(tables["notes"], texts),
    )


def of_witness(corpus: Corpus, table: str, siglum: str) -> tuple[Any, ...]:
    """The rows of a table that are of one witness."""
    return corpus.by_witness.get(table, {}).get(siglum, ())


def of_entry(corpus: Corpus, table: str, entry_id: str) -> tuple[Any, ...]:
    """The rows of a table that are of one entry."""
    return corpus.by_entry.get(table, {}).get(entry_id, ())


def siglum_of(row: Any) -> str:
    """The witness a row is of: named in it, or what its id begins with."""
    named = getattr(row, "witness", None)
    if named is not None:
        return str(named)
    first = next((str(getattr(row, f)) for f in row.__slots__ if f.endswith("_id")), "")
    return first.partition("/")[0]


def grouped(rows: Iterable[V], key: Callable[[V], K | None]) -> dict[K, tuple[V, ...]]:
    """Rows by what ``key`` says of them, in their order; those of which it says nothing are left
    out.
    """
    groups: defaultdict[K, list[V]] = defaultdict(list)
    for row in rows:
        if (found := key(row)) is not None and found != "":
            groups[found].append(row)
    return {name: tuple(found) for name, found in groups.items()}


def grouped_by_each(rows: Iterable[V], keys: Callable[[V], Iterable[K]]) -> dict[K, tuple[V, ...]]:
    """Rows by each of several things that ``keys`` says of them."""
    pairs = [(key, row) for row in rows for key in keys(row)]
    return {k: tuple(row for _, row in v) for k, v in grouped(pairs, lambda p: p[0]).items()}


def point_of(entry: Entry) -> str | None:
    """The point an entry is of: a code, or its name where it is none of the 361."""
    return entry.code or entry.name


def standing(code: str) -> int:
    """Where a point stands among the 361; those that are none of them come last."""
    order = lexicon().order
    return order.get(code, len(order))
