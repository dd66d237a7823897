"""Files: old or new whatever happens, and nothing that is not ours is touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipeline import disk
from pipeline.commands.cli import app
from pipeline.publish.databases.base import Database
from pipeline.publish.export import BOOKS, FORMATS, PLACES, export
from pipeline.publish.load import load
from pipeline.publish.stored import StoredError, stored
from pipeline.publish.switch import still
from tests.corpus import extract, invented

ENTRY = "神庭，在髮際直鼻，刺入三分，灸三壯。"
BOOK = f"# 頭凡一穴第一\n\n{ENTRY}\n"
OLD, NEW = (extract(invented(BOOK + f"\n{ENTRY}\n" * n)) for n in (1, 2))


def mingtang(*arguments: str | Path) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(a) for a in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


def files(place: Path) -> dict[str, str]:
    """What an outsider sees of a folder, hidden files and all, links followed."""
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text(BOOK, encoding="utf-8")
    return path


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    export(OLD, tmp_path / "tables")
    return tmp_path / "tables"


# --- stopped after each operation ----------------------------------------------------------------


class StoppedError(BaseException):
    """The program is no more: nothing it would still do is done."""


@contextmanager
def stopping(after: int, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let a program do so many operations; yields those it did."""
    done: list[str] = []

    def step(operation: str, path: Path | str = "") -> None:
        if len(done) == after:
            raise StoppedError
        done.append(f"{operation} {path}")

    with patch.context() as patched:
        patched.setattr(disk, "step", step)
        patched.setattr(os, "fsync", lambda handle: None)
        for name in ("execute", "many", "commit"):
            for kind in Database.__subclasses__() + [
                k for base in Database.__subclasses__() for k in base.__subclasses__()
            ]:
                if name in vars(kind):
                    patched.setattr(kind, name, counted(name, vars(kind)[name], step))
        yield done


def counted(name: str, method: Any, step: Callable[[str], None]) -> Any:
    def call(self: Any, *arguments: Any) -> Any:
        step(name)
        return method(self, *arguments)

    return call


def plain(place: Path) -> None:
    export(OLD, place)


def other_formats(place: Path) -> None:
    export(OLD, place, ["csv-excel", "parquet", "csv-excel-zh"])


def linked(place: Path) -> None:
    """As earlier versions wrote it: every table a link into a hidden folder."""
    made = place.parent / "made"
    export(OLD, made)
    former = place / ".tables-0123456789ab"
    shutil.copytree(made, former)
    (place / ".tables").symlink_to(former.name)
    for path in made.iterdir():
        (place / path.name).symlink_to(f".tables/{path.name}")


def nothing(place: Path) -> None:
    """A folder without tables."""


@pytest.mark.parametrize("before", [nothing, plain, other_formats, linked])
def test_stopped_after_any_operation_there_is_the_old_output_or_the_new(
    before: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(NEW, tmp_path / "new", ["csv"])
    new = files(tmp_path / "new")
    (tmp_path / "before").mkdir()
    before(tmp_path / "before")
    (tmp_path / "before/README.md").write_text("mine")
    seen, after, done = set(), 0, False
    while not done:
        place = tmp_path / str(after)
        shutil.copytree(tmp_path / "before", place, symlinks=True)
        old = {name: digest for name, digest in files(place).items() if name[0] != "."}
        with stopping(after, monkeypatch), suppress(StoppedError):
            export(NEW, place, ["csv"])
            done = True
        with stopping(10**6, monkeypatch), still(place):
            found = files(place)
        shown = {name: digest for name, digest in found.items() if name[0] != "."}
        assert shown in (old, new | {"README.md": old["README.md"]}), after
        seen.add(shown == old)
        after += 1
        if shown != old:
            assert not any(path.is_symlink() for path in place.iterdir())
            assert found == shown
        if after % 7:
            continue
        with stopping(10**6, monkeypatch):
            export(NEW, place, ["csv"])
        assert files(place) == new | {"README.md": old["README.md"]}
    assert seen == {True, False}
    assert after > 60


def test_completing_a_change_can_itself_be_stopped_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(NEW, tmp_path / "new", ["csv"])
    with stopping(10**6, monkeypatch) as every:
        export(NEW, tmp_path / "count", ["csv"])
    decided = next(n for n, what in enumerate(every) if what.endswith(".switching")) + 1
    export(OLD, tmp_path / "before")
    for after in range(40):
        place = tmp_path / f"{after}"
        shutil.copytree(tmp_path / "before", place)
        with stopping(decided, monkeypatch), suppress(StoppedError):
            export(NEW, place, ["csv"])
        with stopping(after, monkeypatch), suppress(StoppedError), still(place):
            pass
        rows, _ = stored(place)
        assert len(rows["entries"]) == len(NEW.entries)
        assert files(place) == files(tmp_path / "new")


COMMANDS = {
    "show": ["show", "神庭", "--in", "{}", "--json"],
    "diff": ["diff", "{}", "book.txt", "--format", "json"],
    "load": ["load", "t.db", "{}"],
    "extract": ["extract", "book.txt", "-o", "{}"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_next_command_completes_a_change_before_it_reads(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the first one: where no table has its place yet."""
    monkeypatch.chdir(tmp_path)
    Path("book.txt").write_text(BOOK, encoding="utf-8")
    with stopping(10**6, monkeypatch) as every:
        export(NEW, tmp_path / "count")
    decided = next(n for n, what in enumerate(every) if what.endswith(".switching")) + 1
    for number, after in enumerate((decided, decided + 2, len(every) - 2)):
        place = tmp_path / f"{number}"
        with stopping(after, monkeypatch), suppress(StoppedError):
            export(NEW, place)
        status, said = mingtang(*(part.format(place) for part in COMMANDS[command]))
        assert status < 2, said
        assert not [path for path in place.iterdir() if path.name[0] == "."]
        if command != "extract":
            assert len(stored(place)[0]["entries"]) == len(NEW.entries)


def contents(path: Path) -> str:
    """All rows of a database of either kind, as one hash."""
    if not path.exists():
        return ""
    if path.suffix == ".db":
        with sqlite3.connect(path) as lite:
            rows = list(lite.iterdump())[1:-1]  # BEGIN and COMMIT
    else:
        with duckdb.connect(str(path), read_only=True) as duck:
            named = duck.execute("SELECT table_name FROM duckdb_tables ORDER BY 1").fetchall()
            rows = [f"{n} {sorted(map(repr, duck.table(n).fetchall()))}" for (n,) in named]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest() if rows else ""


@pytest.mark.parametrize("suffix", ["db", "duckdb"])
@pytest.mark.parametrize("first", [True, False])
def test_a_load_stopped_after_any_operation_leaves_old_or_new(
    suffix: str, first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(OLD, tmp_path / "old")
    export(NEW, tmp_path / "new")

    before = tmp_path / f"before.{suffix}"
    if not first:
        load(str(before), tmp_path / "old")

    def fresh(name: str) -> Path:
        path = tmp_path / name / before.name
        path.parent.mkdir()
        for made in tmp_path.glob("before.*"):
            shutil.copy(made, path.parent)
        return path

    def described(path: Path) -> str | None:
        said = path.with_suffix(".metadata.json")
        text = said.read_text(encoding="utf-8") if said.exists() else None
        return text and str(sorted(json.loads(text)["databases"][path.stem]["tables"].items()))

    whole = fresh("whole")
    old, told = contents(whole), described(whole)
    with stopping(10**6, monkeypatch) as every:
        load(str(whole), tmp_path / "new")
    new, tells = contents(whole), described(whole)
    # Statements inside the transaction are many and alike: some of them, and all that is after.
    committed = every.index("commit ")
    seen = set()
    some = range(0, committed, max(1, committed // 6))
    for after in (*some, *range(committed, len(every) + 1)):
        path = fresh(f"{after}")
        with stopping(after, monkeypatch), suppress(StoppedError):
            load(str(path), tmp_path / "new")
        found = contents(path)
        seen.add(found)
        assert found in (old, new)
        assert described(path) in (told, tells)
        load(str(path), tmp_path / "new")
        assert (contents(path), described(path)) == (new, tells)
        assert not list(path.parent.glob(".*"))
    assert seen == {old, new}


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Each writes three times; whoever reads sees one of the two sets."""
    place = tmp_path / "tables"
    export(OLD, place)
    known = {digest["entries.csv"] for digest in (files(place),)}
    export(NEW, tmp_path / "new")
    known.add(files(tmp_path / "new")["entries.csv"])
    program = (
        "import sys, pathlib; from tests.test_files import OLD, NEW; "
        "from pipeline.publish.export import export; "
        "[export((OLD, NEW)[int(sys.argv[2])], pathlib.Path(sys.argv[1])) for _ in range(3)]"
    )
    root = Path(__file__).parent.parent
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(place), which], cwd=root)
        for which in "01"
    ]
    while any(run.poll() is None for run in runs):
        stored(place)
    assert [run.wait() for run in runs] == [0, 0]
    assert files(place)["entries.csv"] in known


# --- real files ----------------------------------------------------------------------------------


SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python before 3.11.4 knows no filter."""


def test_a_tar_and_a_copy_hold_complete_tables(tables: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "t.tgz", "w:gz") as archive:
        for path in tables.glob("*"):
            archive.add(path, f"t/{path.name}")
    with tarfile.open(tmp_path / "t.tgz") as archive:
        archive.extractall(tmp_path / "x", **SAFELY)
    assert files(tmp_path / "x/t") == files(tables)
    stored(tmp_path / "x/t")
    (tmp_path / "y").mkdir()
    for path in tables.glob("*"):
        shutil.copy(path, tmp_path / "y", follow_symlinks=False)
    assert stored(tmp_path / "y") == stored(tables)
    assert not any(path.is_symlink() for path in tables.rglob("*"))


def test_an_output_of_links_is_read_and_replaced(tmp_path: Path) -> None:
    place = tmp_path / "output"
    place.mkdir()
    linked(place)
    assert len(stored(place)[0]["entries"]) == len(OLD.entries)
    export(NEW, place)
    assert len(stored(place)[0]["entries"]) == len(NEW.entries)
    assert not [path for path in place.iterdir() if path.is_symlink() or path.name[0] == "."]


def test_dangling_links_of_an_earlier_version_are_replaced(tmp_path: Path) -> None:
    place = tmp_path / "output"
    place.mkdir()
    linked(place)
    (place / "issues.csv").resolve().unlink()
    export(NEW, place)
    stored(place)


# --- a folder that is not as it was written ------------------------------------------------------


def edited(place: Path) -> None:
    path = place / "entries.csv"
    path.write_bytes(path.read_bytes().replace("三壯".encode(), "九壯".encode()))


def half(place: Path) -> None:
    for suffix in ("csv", "parquet"):
        (place / f"witnesses.{suffix}").unlink()


def cut(place: Path) -> None:
    path = place / "entries.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def no_manifest(place: Path) -> None:
    (place / "manifest.json").unlink()


def other_manifest(place: Path) -> None:
    (place / "manifest.json").write_text('{"name": "my web page"}')


def nulls(place: Path) -> None:
    """A column of lists without lists, and a manifest that fits."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = place / "entries.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("aliases")
    nothing = pa.array([None] * len(table), pa.list_(pa.string()))
    pq.write_table(table.set_column(at, pa.field("aliases", nothing.type), nothing), path)
    fit(place, path)


def words_for_numbers(place: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = place / "entries.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("moxa_min")
    said = pa.array(["3"] * len(table))
    pq.write_table(table.set_column(at, "moxa_min", said), path)
    fit(place, path)


def words_in_csv(place: Path) -> None:
    for path in place.glob("*.parquet"):
        path.unlink()
    path = place / "entries.csv"
    path.write_bytes(path.read_bytes().replace(b",false,", b",false,x,", 1))
    fit(place, path)


def fit(place: Path, path: Path) -> None:
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    manifest["output"][path.name]["sha256"] = disk.sha256(path)
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    "spoil",
    [edited, half, cut, no_manifest, other_manifest, nulls, words_for_numbers, words_in_csv],
)
@pytest.mark.parametrize("command", ["show", "diff", "load"])
def test_what_does_not_fit_is_refused(
    spoil: Callable[[Path], None], command: str, tables: Path, book: Path, tmp_path: Path
) -> None:
    spoil(tables)
    arguments: dict[str, list[str | Path]] = {
        "show": ["show", "神庭", "--in", tables],
        "diff": ["diff", tables, book],
        "load": ["load", tmp_path / "t.db", tables],
    }
    status, said = mingtang(*arguments[command])
    assert (status, said.count("\n")) == (2, 1), said
    assert str(tables) in said
    assert not (tmp_path / "t.db").exists()


def test_tables_in_csv_alone_can_be_compared(tmp_path: Path, book: Path) -> None:
    mingtang("extract", book, "-o", tmp_path / "t", "--format", "csv")
    assert mingtang("diff", tmp_path / "t", book)[0] == 0
    assert mingtang("show", "神庭", "--in", tmp_path / "t")[0] == 0


def test_a_journal_leads_nowhere_else(tables: Path, tmp_path: Path) -> None:
    """A folder received from somebody else removes and replaces nothing outside it."""
    (tmp_path / "mine.txt").write_text("mine")
    switch = tables / ".switching"
    for number, journal in enumerate(
        (
            {"files": {}, "gone": ["../mine.txt"]},
            {"files": {"../mine.txt": "00"}, "gone": []},
            {"files": {}, "gone": [str(tmp_path / "mine.txt")]},
            {"files": []},
            [],
        )
    ):
        switch.mkdir()
        (switch / ".journal").write_text(json.dumps(journal))
        status, said = mingtang("load", tmp_path / f"{number}.db", tables)
        assert (status, said.count("\n")) == (2, 1), said
        assert (tmp_path / "mine.txt").read_text() == "mine"
        shutil.rmtree(switch)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/.journal").write_text('{"files": {}, "gone": ["entries.csv"]}')
    switch.symlink_to(tmp_path / "elsewhere")
    stored(tables)
    assert (tmp_path / "elsewhere/.journal").exists()


# --- what is not ours ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notes.csv", "manifest.json", "issues.excel.csv"])
def test_files_of_others_stay(name: str, book: Path, tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / name).write_text("mine")
    status, said = mingtang("extract", book, "-o", place)
    assert (status, said.count("\n")) == (2, 1), said
    assert f"{place / name}: not written by mingtang" in said
    assert {path.name for path in place.iterdir()} == {name}
    assert (place / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["entries.csv", "notes.parquet", "datapackage.json"])
def test_corrections_by_hand_stay(name: str, tables: Path, book: Path) -> None:
    with (tables / name).open("ab") as file:
        file.write(b"mine")
    before = files(tables)
    status, said = mingtang("extract", book, "-o", tables)
    assert (status, f"{tables / name}: " in said) == (2, True)
    assert files(tables) == before


def test_files_beside_a_sound_output_stay(tables: Path, book: Path, tmp_path: Path) -> None:
    """Of a name that is ours but not of this output; and links and pipes of these names."""
    (tables / "notes.excel.csv").write_text("mine")
    assert mingtang("extract", book, "-o", tables)[0] == 2
    (tables / "notes.excel.csv").unlink()
    (tmp_path / "mine").write_text("mine")
    (tables / "notes.excel.csv").symlink_to(tmp_path / "mine")
    assert mingtang("extract", book, "-o", tables)[0] == 2
    (tables / "notes.excel.csv").unlink()
    os.mkfifo(tables / "notes.excel.csv")
    assert mingtang("extract", book, "-o", tables)[0] == 2
    (tables / "notes.excel.csv").unlink()
    assert mingtang("extract", book, "-o", tables)[0] == 0
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract", "book.txt", "-o", ""],
        ["extract", "book.txt", "-o", " "],
        ["extract", ""],
        ["check", ""],
        ["load", "t.db", ""],
        ["diff", "book.txt", "book.txt", "-o", ""],
        ["diff", "book.txt", "book.txt", "--html", ""],
        ["show", "神庭", "--in", ""],
        ["parse", "", "--entry", "x"],
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    arguments: list[str], book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book.parent)
    assert mingtang(*arguments)[0] == 2
    assert [path.name for path in book.parent.iterdir()] == ["book.txt"]


def test_tables_of_other_witnesses_are_replaced_only_where_asked(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.txt").write_text(BOOK + ENTRY, encoding="utf-8")
    assert mingtang("extract", "book.txt")[0] == 0
    before = files(tmp_path / "output")
    status, said = mingtang("extract", "other.txt")
    assert (status, said.count("\n")) == (2, 1)
    assert "output has the tables of book: name another folder with -o" in said
    assert files(tmp_path / "output") == before
    for paths in (["book.txt", "other.txt"], ["."]):
        assert mingtang("extract", *paths)[0] == 2
    book.write_text(BOOK + ENTRY * 2, encoding="utf-8")
    assert mingtang("extract", "book.txt")[0] == 0
    assert mingtang("extract", "other.txt", "-o", "output")[0] == 0
    assert mingtang("extract", "other.txt")[0] == 0


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("collation.csv", "csv"),
        ("collation.parquet", "parquet"),
        ("collation.json", "json"),
        ("collation.md", "markdown"),
        ("apparatus.xml", "tei"),
    ],
)
def test_a_collation_replaces_collations_only(
    name: str, form: str, book: Path, tmp_path: Path
) -> None:
    place = tmp_path / "c"
    place.mkdir()
    (place / name).write_text("mine")
    run = partial(mingtang, "diff", book, book, "-o", place, "--format", form)
    assert run()[0] == 2
    assert (place / name).read_text() == "mine"
    (place / name).unlink()
    assert run()[0] == 0
    assert run()[0] == 0
    assert [path.name for path in place.iterdir()] == [name]


def test_a_page_replaces_pages_only(book: Path, tmp_path: Path) -> None:
    for path in (book, tmp_path / "page.html"):
        before = path.exists()
        run = partial(mingtang, "diff", book, book, "--html", path)
        assert (run()[0] == 2) == before
        assert (run()[0] == 2) == before
    assert book.read_text(encoding="utf-8") == BOOK


def test_a_description_of_others_beside_a_database_stays(tables: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.metadata.json"
    for text in ("mine", '{"title": "mine"}', "[]"):
        path.write_text(text)
        status, said = mingtang("load", tmp_path / "t.db", tables)
        assert (status, str(path) in said) == (2, True)
        assert path.read_text() == text
    path.unlink()
    assert mingtang("load", tmp_path / "t.db", tables)[0] == 0
    assert mingtang("load", tmp_path / "t.db", tables)[0] == 0
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | {"title": "mine"}))
    assert mingtang("load", tmp_path / "t.db", tables)[0] == 2


def test_hidden_folders_of_others_stay(book: Path, tmp_path: Path) -> None:
    place = tmp_path / "t"
    for name in (".writing-paper", ".tables-mine", ".tablets"):
        (place / name).mkdir(parents=True)
        (place / name / "a.txt").write_text("mine")
    (place / ".writing-4711").mkdir()
    (place / ".writing-4711/entries.csv").write_text("left by a killed program")
    assert mingtang("extract", book, "-o", place)[0] == 0
    hidden = {path.name for path in place.iterdir() if path.name[0] == "."}
    assert hidden == {".writing-paper", ".tables-mine", ".tablets"}
    (place / ".switching").mkdir()
    (place / ".switching/mine.txt").write_text("mine")
    assert mingtang("check", book)[0] == mingtang("load", tmp_path / "t.db", place)[0] == 0
    status, said = mingtang("extract", book, "-o", place)
    assert (status, ".switching" in said) == (2, True)
    assert (place / ".switching/mine.txt").exists()


def test_places_are_all_files_that_are_written(tmp_path: Path) -> None:
    export(OLD, tmp_path, [*FORMATS, *BOOKS])
    assert {path.name for path in tmp_path.iterdir()} == set(PLACES)


def test_a_witness_that_was_not_found_wipes_nothing(tables: Path, book: Path) -> None:
    before = files(tables)
    assert mingtang("extract", book, "-w", "typo", "-o", tables)[0] == 2
    assert files(tables) == before
    with pytest.raises(StoredError):
        stored(tables / "nowhere")
