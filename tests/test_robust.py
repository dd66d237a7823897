"""Whatever happens to a run and whatever a source is: a clear message, a result, never a mix."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.publish import export as stage
from pipeline.publish.export import export
from pipeline.publish.switch import publish, still, workplace
from tests.corpus import extract, invented, misplaced, untiled
from tests.work import calls

ENTRY = "神庭，在髮際直鼻，刺入三分，灸三壯。"
BOOK = f"# 頭凡一穴第一\n\n{ENTRY}\n"


def mingtang(*arguments: str | Path) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(a) for a in arguments])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text(BOOK, encoding="utf-8")
    return path


def state(directory: Path) -> str:
    """Which output a folder holds, after each of its files was found to be of that output."""
    said = json.loads((directory / "manifest.json").read_bytes())["output"]
    for name, file in said.items():
        found = hashlib.sha256((directory / name).read_bytes()).hexdigest()
        assert found == file["sha256"], name
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# --- killed --------------------------------------------------------------------------------------

KILLS = 50


def killed(after: float, work: Callable[[], object]) -> None:
    """Do some work in a process of its own, and kill that after so many seconds."""
    sys.stdout.flush()
    child = os.fork()
    if not child:  # pragma: no cover - does not live to tell
        work()
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_killed_at_any_moment_there_is_the_old_output_or_the_new(tmp_path: Path) -> None:
    """Half of the kills at any moment, half while the new files take their places."""
    place = tmp_path / "output"
    place.mkdir()
    (place / "README.md").write_text("mine", encoding="utf-8")
    books = [extract(invented(BOOK + f"\n{ENTRY}\n" * n)) for n in (5, 6)]
    known = {}
    for number, book in enumerate(books):
        export(book, tmp_path / f"{number}", ["csv"])
        known[state(tmp_path / f"{number}")] = number
    begin = time.monotonic()
    export(books[0], place, ["csv"])
    lasts = time.monotonic() - begin
    taken(tmp_path / "1", place)
    takes = time.monotonic() - begin - lasts
    chance = random.Random(3)
    seen = []
    for number in range(KILLS):
        which = number % 2
        if number % 4 < 2:
            killed(chance.uniform(0, 2 * lasts), partial(export, books[which], place, ["csv"]))
        else:
            killed(chance.uniform(0, 2 * takes), partial(taken, tmp_path / f"{which}", place))
        with still(place):
            seen.append(known[state(place)])
    assert set(seen) == {0, 1}
    assert (place / "README.md").read_text(encoding="utf-8") == "mine"
    export(books[0], place, ["csv"])
    assert not [path for path in place.iterdir() if path.name[0] == "."]


def taken(made: Path, place: Path) -> None:
    """Files that are made already take their places."""
    with workplace(place) as beside:
        for path in made.iterdir():
            shutil.copyfile(path, beside / path.name)
        publish(beside, (), lambda path: True)


# --- the folder of the tables --------------------------------------------------------------------


def test_full_disk(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "output"
    assert mingtang("extract", book, "-o", place)[0] == 0
    before = state(place)
    book.write_text(BOOK + ENTRY, encoding="utf-8")
    write = stage.WRITERS["parquet"]

    def full(*args: object) -> None:
        write(*args)  # type: ignore[arg-type]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place / "entries.parquet"))

    monkeypatch.setitem(stage.WRITERS, "parquet", full)
    status, said = mingtang("extract", book, "-o", place)
    assert (status, "No space left on device" in said) == (2, True)
    assert state(place) == before
    assert not list(place.glob(".writing-*"))


def test_no_more_bytes_may_be_written(book: Path, tmp_path: Path) -> None:
    """The system itself refuses: a limit on the size of files stands for a full disk."""
    place = tmp_path / "output"
    assert mingtang("extract", book, "-o", place)[0] == 0
    before = state(place)

    def limit() -> None:  # pragma: no cover - in the other process
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipeline.commands.cli import app; app()",
            "extract",
            book,
            "-o",
            place,
        ],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert (found.returncode, "Traceback" in found.stderr) == (2, False), found.stderr
    assert "File too large" in found.stderr
    assert state(place) == before


@pytest.fixture
def readonly(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nobody may write; permissions do not stop the superuser, sysfs does."""
    place = tmp_path / "readonly"
    place.mkdir()
    place.chmod(0o555)
    yield place if os.geteuid() else Path("/sys")
    place.chmod(0o755)


def test_folder_that_cannot_be_written(book: Path, readonly: Path) -> None:
    for place in (readonly, readonly / "new"):
        status, said = mingtang("extract", book, "-o", place)
        assert status == 2
        assert said.count("\n") == 1
        assert str(readonly) in said


def test_file_in_place_of_the_folder(book: Path) -> None:
    status, said = mingtang("extract", book, "-o", book)
    assert (status, said) == (2, f"mingtang: {book}: is a file; the tables need a folder\n")
    assert book.read_text(encoding="utf-8") == BOOK


def test_folder_in_place_of_a_table(book: Path, tmp_path: Path) -> None:
    place = tmp_path / "output"
    (place / "entries.csv").mkdir(parents=True)
    status, said = mingtang("extract", book, "-o", place)
    assert status == 2
    assert said == f"mingtang: {place / 'entries.csv'}: is a folder; a table has its place there\n"
    assert [p.name for p in place.iterdir()] == ["entries.csv"]


# --- sources -------------------------------------------------------------------------------------


def test_path_with_blanks_and_han(tmp_path: Path) -> None:
    path = tmp_path / "針灸 甲乙經" / "卷 三（明）.txt"
    path.parent.mkdir()
    path.write_text(BOOK, encoding="utf-8")
    status, said = mingtang("extract", path, "-o", path.parent / "表 格")
    assert status == 0, said
    assert "神庭" in (path.parent / "表 格" / "entries.csv").read_text(encoding="utf-8")


def test_folder_in_place_of_a_source(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    for path in (tmp_path, tmp_path / "a.txt"):
        status, said = mingtang("check", path)
        assert (status, said.count("\n")) == (2, 1), said


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "noise.txt"
    path.write_bytes(random.Random(1).randbytes(5000))
    status, said = mingtang("check", path)
    assert status == 2
    assert said.startswith(f"mingtang: {path}: ")


def test_file_that_no_memory_holds(tmp_path: Path) -> None:
    """A thousand gigabytes, of which the disk keeps none."""
    path = tmp_path / "endless.txt"
    with path.open("wb") as file:
        file.truncate(10**12)
    status, said = mingtang("check", path)
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith(f"mingtang: {path}: 1000.0 GB are too long for one text")


def test_half_a_character(tmp_path: Path) -> None:
    path = tmp_path / "half.txt"
    path.write_bytes(BOOK.encode("utf-16-le") + b"\x00\xd8")
    status, said = mingtang("check", path, "--encoding", "utf-16-le")
    assert (status, said.count("\n")) == (2, 1), said


N = 5000
HEAD = "# 頭凡一穴第一\n\n神庭，在髮際"
SOURCES = {
    "empty": "",
    "one line": BOOK.replace("\n", "") * 500,
    "one endless word": HEAD + "穴" * N,
    "a line of NUL": HEAD + "\0" * N,
    "NUL inside": BOOK.replace("三", "\0"),
    "opened": "（" * N,
    "opened in lines": "（\n" * N,
    "closed": HEAD + "）" * 2000,
    "nested": "（" * N + "）" * N,
    "nested over a line end": HEAD + "（" * N + "\n" + "）" * 2000,
    "pairs": HEAD + "（）" * 5000,
    "notes never closed": "# 頭凡一穴第一\n\n" + "神庭，在髮際（一曰\n" * 1000,
    "links": "[" * N + "](" * N,
    "comments": "<!--" * N,
    "blanks": "<篇名>頭凡一穴第一 属性：" + "神庭 在發際 " * 1000,
    "marks of pages": "<pb:" * N,
    "split notes": "#+PROPERTY: ID X\n<pb:X_Y_001-1a>¶\n(" + "一/" * N + ")¶\n",
    "headings": "# \n" * 5000,
    "no dose": HEAD + "，在上星上" * 2000,
    "doses": HEAD + "刺入三分" * 1000,
    "no number": HEAD + "，刺入" + "一二三" * 1000 + "分",
}


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("name", SOURCES)
def test_any_source_is_accounted_for(name: str, script: str) -> None:
    text = SOURCES[name]
    form = "mandoku" if "<pb:" in text else "tagged" if "<篇名>" in text else "markdown"
    source = invented(text, form, script)
    found = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []


def test_lone_surrogates_reach_no_table_unseen(tmp_path: Path) -> None:
    source = invented(BOOK.replace("鼻", "\ud800鼻"))
    found = extract(source)
    assert untiled(source, found) == ""
    with pytest.raises(UnicodeEncodeError):
        export(found, tmp_path / "output")
    assert list((tmp_path / "output").iterdir()) == []


# --- growth --------------------------------------------------------------------------------------

LINE = "神庭，在髮際（一曰額上），刺入三分，灸三壯。"
GROWING = {
    "entries": lambda n: "# 頭凡一穴第一\n\n" + f"{LINE}\n\n" * n,
    "one line": lambda n: "# 頭凡一穴第一\n\n" + LINE * n,
    "brackets": lambda n: HEAD + "（" * (20 * n),
    "pairs": lambda n: HEAD + "（）" * (10 * n),
    "no end": lambda n: HEAD + "，在上星上" * (4 * n),
    "comments": lambda n: "<!--" * (20 * n),
}


def measured(text: str) -> tuple[int, int]:
    """Calls and bytes that the extraction of a text takes."""
    source = invented(text)
    work = calls(lambda: extract(source))
    tracemalloc.start()
    extract(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return work, peak


@pytest.mark.parametrize("name", GROWING)
def test_work_and_memory_grow_with_the_text_and_no_faster(name: str) -> None:
    """Four times the text: four times the work and memory; sixteen times would be the square."""
    extract(invented(BOOK))
    small, large = (measured(GROWING[name](n)) for n in (50, 200))
    assert large[0] < 6 * small[0]
    assert large[1] < 6 * small[1] + 1_000_000
