"""What differs between two extracts: entry, name, column, before → after, table by table.

    python -m tests.difference OLD [NEW]

OLD and NEW are folders of tables, or revisions, whose own program then extracts their own corpus,
with the editions of ``MINGTANG_EDITIONS`` where it is set. Without NEW the working tree is meant.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import pyarrow.parquet as pq
import typer

from pipeline.knowledge.tables import home
from pipeline.publish.identity import Known, successors
from pipeline.publish.schema import KEYS

Facts: TypeAlias = "Mapping[str, Any]"
Records: TypeAlias = "dict[str, Facts]"
"""What is compared: facts by their name, of which the first word says the kind (a table) and the
second the entry: ``entry jiayi/01/001``.
"""

LIMIT = 20
WIDTH = 60
BY = {
    **KEYS,
    "claims": ("entry_id", "field"),
    "emendations": ("entry_id", "field"),
    "issues": ("witness", "rule", "message"),
}
"""What a row is known by: not its place, which is one of the things that can differ."""


def numbered(keys: Iterable[str]) -> Iterator[str]:
    """The keys, each made the only one of its kind.

    >>> list(numbered(["glyph-lost", "note-unclosed", "glyph-lost"]))
    ['glyph-lost', 'note-unclosed', 'glyph-lost (2)']
    """
    seen: Counter[str] = Counter()
    for key in keys:
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key} ({seen[key]})"


# --- what differs --------------------------------------------------------------------------------


def changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, as deep as both have the same shape.

    >>> list(changes({"depth": 3, "notes": ["a", "b"]}, {"depth": 3, "notes": ["a", "c"]}))
    [('notes 2', 'b', 'c')]
    """
    parts: Iterable[Any] = ()
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        columns = dict.fromkeys((*before, *after))
        parts = [(column, before.get(column), after.get(column)) for column in columns]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        parts = zip(range(1, len(before) + 1), before, after, strict=True)
    elif before != after:
        yield path, before, after
    for name, a, b in parts:
        if a != b:
            yield from changes(a, b, f"{path} {name}".strip())


def shown(before: Any, after: Any) -> str:
    """Two values that differ; of long ones what stands around the first difference."""
    a, b = ("—" if value is None else str(value) for value in (before, after))
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    left = max(0, same - WIDTH // 3) if max(len(a), len(b)) > WIDTH else 0
    return " → ".join(
        "…" * (left > 0) + text[left : left + WIDTH] + "…" * (len(text) > left + WIDTH)
        for text in (a, b)
    )


def differences(before: Records, after: Records) -> Iterator[tuple[str, str, str]]:
    """What differs: the kind, what happened (differs, new or gone), and a line that tells it."""
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key), after.get(key)
        if a == b:
            continue
        kind, _, place = key.partition(" ")
        facts = b or a or {}
        head = f"{place} {_name(facts, place, after) or _name(facts, place, before)}".strip()
        if a is None or b is None:
            said = ", ".join(f"{k} {v}" for k, v in facts.items() if v not in (None, "", [], False))
            yield kind, "gone" if b is None else "new", f"{head}: {said[: 2 * WIDTH]}"
            continue
        for column, old, new in changes(a, b):
            yield kind, "differs", f"{head} {column}: {shown(old, new)}"


def _name(facts: Facts, place: str, found: Records) -> str:
    """The head name of the entry that a row is about."""
    entry = facts.get("entry_id") or place.split(" ")[0]
    known = (facts, found.get(f"entry {entry}", {}), found.get(f"entries {entry}", {}))
    return next((str(row["name_raw"]) for row in known if row.get("name_raw")), "")


def report(before: Records, after: Records, limit: int = LIMIT) -> Iterator[str]:
    """Lines for people: for each kind how much differs and the first ``limit`` differences."""
    found = list(differences(before, after))
    for kind in dict.fromkeys(kind for kind, _, _ in found):
        happened = Counter(what for k, what, _ in found if k == kind)
        yield f"{kind}: {', '.join(f'{n} {what}' for what, n in sorted(happened.items()))}"
        lines = [f"  {what} {line}" for k, what, line in found if k == kind]
        yield from lines[: limit or None]
        if limit and len(lines) > limit:
            yield f"  … and {len(lines) - limit} more"


def renamed(before: Records, after: Records) -> list[str]:
    """Which entry has another id now, as CHANGELOG says it and ``load --ids`` writes it."""
    sides = [
        [
            Known(*(str(row.get(name) or "") for name in Known.__slots__))
            for key, row in found.items()
            if key.startswith("entries ")
        ]
        for found in (before, after)
    ]
    ids = {was: now for was, now in successors(*sides).items() if was != now}
    head = [f"{len(ids)} entries have another id"] if ids else []
    return [*head, *(f"  {was} is now {now}" for was, now in ids.items())]


# --- where the tables come from ------------------------------------------------------------------


def rows(folder: Path) -> Records:
    """The tables of a folder; a table that is not there has no rows."""
    found: Records = {}
    for table, by in BY.items():
        path = folder / f"{table}.parquet"
        content = pq.read_table(path).to_pylist() if path.exists() else []
        keys = (f"{table} {' '.join(str(row.get(column)) for column in by)}" for row in content)
        found |= zip(numbered(keys), content, strict=True)
    return found


def at_hand() -> list[Path]:
    """The folders of the editions that are not part of the project, where they are named."""
    folder = os.environ.get("MINGTANG_EDITIONS", "")
    return sorted(p for p in Path(folder).iterdir() if p.is_dir()) if folder else []


def extracted(tree: Path, sources: Sequence[str | Path], folder: Path) -> Records:
    """The tables that the program of a checkout writes; its output where it does not."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["mingtang"].partition(":")
    program = f"from {module} import {function}; {function}()"
    command = [sys.executable, "-c", program, "extract", *sources, "-o", folder]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if not (folder / "manifest.json").exists():
        raise typer.BadParameter(f"{tree}: nothing was extracted\n{done.stderr}")
    return rows(folder)


def checked_out(revision: str, folder: Path) -> Path:
    """The files of a revision, put beside those of the working tree."""
    command = ["git", "-C", str(home()), "archive", "--format=tar", revision]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise typer.BadParameter(f"{revision}: neither a folder of tables nor a revision")
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=done.stdout, check=True)
    return folder


def main(
    old: Annotated[str, typer.Argument(help="A folder of tables, or a revision.")],
    new: Annotated[str, typer.Argument(help="The same; if not given, the working tree.")] = "",
    limit: Annotated[int, typer.Option(help="Lines for each table; 0 for all.")] = LIMIT,
) -> None:
    """Print what differs between two extracts, table by table; exit status 1 if anything does."""
    sources: list[str | Path] = ["corpus", *(path.resolve() for path in at_hand())]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)

        def tables(place: str, side: str) -> Records:
            if place and (Path(place) / "manifest.json").exists():
                return rows(Path(place))
            tree = checked_out(place, scratch / f"tree-{side}") if place else home()
            return extracted(tree, sources, scratch / side)

        before, after = tables(old, "old"), tables(new, "new")
        lines = [*renamed(before, after), *report(before, after, limit)]
    print("\n".join(lines) or "no difference")
    raise typer.Exit(bool(lines))


if __name__ == "__main__":
    typer.run(main)
