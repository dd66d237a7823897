"""What was kept of all books, put together: what they say of one another, one file for each table.

The texts are not read again, but for those few that are witnesses of one work or of a cited one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline import disk
from pipeline.judging.reach import located
from pipeline.knowledge.tables import MisuseError
from pipeline.knowledge.works import works
from pipeline.library.book import nothing
from pipeline.library.books import Book
from pipeline.library.shards import FOLDER, Cited, Rows, load, marked, place
from pipeline.model import Claim, Diagnostic, Outcome, Reading, Result, Spec, Witness, WitnessRow
from pipeline.publish.citing import cited_by
from pipeline.publish.export import PLACES, origins, ours, rules, write_csv
from pipeline.publish.package import package
from pipeline.publish.rows import issue_of, issue_place, points
from pipeline.publish.schema import TABLES, about, columns
from pipeline.publish.stored import MANIFEST
from pipeline.publish.switch import publish, workplace
from pipeline.run import together
from pipeline.sources.read import line_of, line_starts, read

SAID = ("entries", "doses", "indications", "symptoms", "notes", "readings", "claims")
"""Tables whose rows can be changed by what is said across books."""
JUDGED = ("witnesses", "sections", "identifications", *SAID)
"""What of a book is asked when books are judged together."""


class ChangedError(MisuseError):
    """A book that was changed after it was read."""


@dataclass(frozen=True, slots=True)
class Across:
    """What is said across books: the rows that it changes, by table and book, and those it adds."""

    changed: Mapping[tuple[str, str], Sequence[Any]]
    added: Mapping[tuple[str, str], Sequence[Any]]


def outcomes(books: Sequence[Book], folder: Path) -> tuple[list[Outcome], int]:
    """The outcomes of the books that are done, and how many are not."""
    known = [
        nothing(b, "skipped", reason=b.skip) if b.skip else _outcome(place(folder, b.siglum))
        for b in books
    ]
    found = [outcome for outcome in known if outcome]
    return found, len(known) - len(found)


def _outcome(path: Path) -> Outcome | None:
    marker = marked(path)
    return marker.outcome if marker else None


def put_together(books: Sequence[Book], directory: Path) -> dict[str, Any]:
    """Write the tables of all books that are done, in the order of sigla; returns the manifest."""
    with workplace(directory) as beside:
        folder = directory / FOLDER
        done, _ = outcomes(books, folder)
        kept = {o.witness: place(folder, o.witness) for o in done if _has_tables(o)}
        across = judged({book.siglum: book for book in books}, done, kept)
        witnesses = [
            _bare(load(kept[o.witness], ("witnesses",))[0]["witnesses"][0], o)
            for o in done
            if o.witness in kept
        ]
        made = origins(witnesses)
        output: dict[str, dict[str, Any]] = {}

        def add(name: str, count: int | None = None) -> None:
            data = beside / name
            output[name] = {"sha256": disk.sha256(data), "bytes": data.stat().st_size}
            if count is not None:
                output[name]["rows"] = count

        origin = json.dumps({**made, "sources": len(witnesses)}, sort_keys=True)
        for table in TABLES:
            common = {"outcomes": done, "points": points()}.get(table)
            content = _rows(table, kept, across) if common is None else iter(common)
            said = {"description": about(table), "manifest": origin}
            add(f"{table}.parquet", _write(content, table, beside / f"{table}.parquet", said))
        write_csv(done, columns(TABLES["outcomes"]), beside / "outcomes.csv")
        add("outcomes.csv", len(done))
        described = package(witnesses, output, made["versions"])
        disk.write(beside / "datapackage.json", described.encode())
        add("datapackage.json")
        manifest = {**made, "rules": rules(witnesses), "output": output}
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        disk.write(beside / MANIFEST, (text + "\n").encode())
        publish(beside, PLACES, ours(directory))
        _tidy(folder, books)
    return manifest


def _has_tables(outcome: Outcome) -> bool:
    return outcome.outcome in ("read", "nothing_of_ours")


def _write(content: Iterator[Any], table: str, path: Path, said: Mapping[str, str]) -> int:
    from pipeline.publish.arrow import write_parts  # see there

    return write_parts(content, columns(TABLES[table]), path, said)


CITING = ("doses", "readings", "indications")
"""Tables of which citations are made."""


def _rows(table: str, kept: Mapping[str, Path], across: Across) -> Iterator[Any]:
    for siglum, path in kept.items():
        if table == "citations":
            one = {siglum: path}
            doses, readings, told = (_rows(name, one, across) for name in CITING)
            yield from cited_by(siglum, doses, readings, told)
            continue
        changed = across.changed.get((table, siglum))
        own = load(path, (table,))[0].get(table, ()) if changed is None else changed
        added = across.added.get((table, siglum), ())
        if table == "issues" and added:
            yield from sorted(chain(own, added), key=issue_place)
        else:
            yield from chain(own, added)


def _tidy(folder: Path, books: Iterable[Book]) -> None:
    """Remove what was kept of books that are no longer there, and what a killed program left."""
    present = {place(folder, book.siglum).stem for book in books}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stem not in present or path.suffix == ".part":
            disk.unlink(path)


# --- across books --------------------------------------------------------------------------------


def judged(books: Mapping[str, Book], done: Sequence[Outcome], kept: Mapping[str, Path]) -> Across:
    """What books say of one another."""
    of_points = [o for o in done if o.outcome == "read"]
    parts = [(o, *load(kept[o.witness], JUDGED)) for o in of_points]
    held = Counter(rows["witnesses"][0].work for _, rows, _ in parts)
    cited = {work.work for work in works().values()}
    asked = {work for work, times in held.items() if times > 1 or work in cited}
    results = [_result(books[o.witness], o, rows, refs, asked) for o, rows, refs in parts]
    lines = {(c.reference.witness, c.reference.start): c.line for _, _, refs in parts for c in refs}
    result = together(results)
    homes = {entry.entry_id: entry.witness for entry in result.entries}
    changed: dict[tuple[str, str], Sequence[Any]] = {}
    for table in SAID:
        after = _by_book(getattr(result, table), lambda row: _home(row, homes))
        for o, rows, _ in parts:
            if after.get(o.witness, []) != rows.get(table, []):
                changed[table, o.witness] = after.get(o.witness, [])
    texts = {w.spec.siglum: w.text for w in result.witnesses}

    def line(d: Diagnostic) -> int:
        known = lines.get((d.witness, d.start))
        return line_of(line_starts(texts[d.witness]), d.start) if known is None else known

    said = located(result.diagnostics, result.entries)
    issues = [issue_of(d, line(d)) for d in said]
    added = {
        (table, siglum): rows
        for table, found in (("issues", issues), ("emendations", result.emendations))
        for siglum, rows in _by_book(found, lambda row: row.witness).items()
    }
    return Across(changed, added)


def _home(row: Any, homes: Mapping[str, str]) -> str:
    """The siglum of the book that a row is of."""
    if isinstance(row, Claim):
        return homes[row.entry_id]
    return row.reading_id.partition("/")[0] if isinstance(row, Reading) else str(row.witness)


def _by_book(rows: Iterable[Any], home: Callable[[Any], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(home(row), []).append(row)
    return found


def _result(
    book: Book, outcome: Outcome, rows: Rows, cited: Sequence[Cited], asked: Set[str]
) -> Result:
    """What a book gave, without what concerns it alone; its text where that is asked for."""
    (row,) = rows["witnesses"]
    witness = _bare(row, outcome)
    if row.work in asked:
        parts = book.listed.parts if book.listed else book.parts
        witness = read(replace(witness.spec, path=book.path, parts=parts))
        if witness.sha256 != row.sha256:
            raise ChangedError(f"{book.path}: changed after it was read; run this again")
    return Result(
        witnesses=(witness,),
        **{name: tuple(rows.get(name, ())) for name in JUDGED if name != "witnesses"},
        references=tuple(c.reference for c in cited),
    )


def _bare(row: WitnessRow, outcome: Outcome) -> Witness:
    """A witness without its text."""
    spec = Spec(
        siglum=row.witness,
        work=row.work,
        title=row.title,
        edition=row.edition,
        path=Path(),
        name=row.path,
        format=row.format,
        grammar=outcome.grammar,
        script=row.script,
        licence=row.licence,
        origin=row.origin,
        encoding="" if "|" in row.encoding else row.encoding,
        reason=outcome.reason,
        author=row.author,
        year=row.year,
        year_basis=row.year_basis,
    )
    return Witness(spec, "", row.encoding, row.sha256)
