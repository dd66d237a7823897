"""Many books: what becomes of each file, the same bytes whoever reads them and however often
stopped, and the tables that one run over all would give."""

from __future__ import annotations

import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.knowledge.tables import home
from pipeline.library.books import books
from pipeline.library.read import Done, Way, read_library
from pipeline.library.shards import FOLDER
from pipeline.publish.export import export
from pipeline.publish.schema import TABLES
from pipeline.publish.stored import stored
from pipeline.run import run
from pipeline.sources.recognise import sources
from tests.corpus import witness

POISONED = Way(timeout=3, memory=400, program=("-m", "tests.poisoned"))
POISONS = {"endless": "timed_out", "greedy": "too_large", "deadly": "failed"}
MINGTANG = (sys.executable, "-c", "from pipeline.commands.start import main; main()", "library")
PROSE = "岐伯曰：善。帝曰：願聞其道。\n" * 20


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-eight files: parts of 卷三 in other encodings and layouts, prose, what is no text."""
    folder = tmp_path_factory.mktemp("texts")
    parts = witness("jiayi-j3").text.split("\n## ")[2:]
    for i, part in enumerate(parts[:8]):
        (folder / f"part-{i}.txt").write_text(f"## {part}", encoding="utf-8")
        (folder / f"guobiao-{i}.md").write_text(f"## {part}", encoding="gb18030")
    for i in range(4):
        (folder / f"prose-{i}.txt").write_text(PROSE, encoding="utf-8")
    below = folder / "below"
    below.mkdir()
    (below / "part-0.txt").write_text(f"## {parts[0]}", encoding="utf-8")
    (below / "broken.txt").write_bytes("上星一穴，在顱上。".encode() * 9 + b"\xff\xfe\x80")
    (below / "pdf.txt").write_bytes(b"%PDF-1.7 ...")
    (below / "picture.png").write_bytes(b"\x89PNG\r\n")
    (below / ".hidden.txt").write_text(PROSE, encoding="utf-8")
    for name in POISONS:
        (folder / f"{name}.txt").write_text(PROSE, encoding="utf-8")
    return folder


def state(directory: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(directory.iterdir()) if p.is_file()}


def tables(directory: Path) -> dict[str, bytes]:
    return {name: data for name, data in state(directory).items() if not name.endswith(".pid")}


@pytest.fixture(scope="module")
def undisturbed(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The library read by one process, which three poisons end."""
    directory = tmp_path_factory.mktemp("undisturbed")
    return directory, read_library([texts], directory, POISONED)


def ended(directory: Path) -> Iterator[bool]:
    """Of each poison whether the process that read it is gone."""
    for name in POISONS:
        number = int((directory / f"{name}.pid").read_text())
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            yield True
        else:
            yield Path(f"/proc/{number}/stat").read_text().split()[2] == "Z"


def test_every_file_has_an_outcome(texts: Path, undisturbed: tuple[Path, Done]) -> None:
    directory, done = undisturbed
    outcomes = {o.path: o for o in done.outcomes}
    files = {p.relative_to(texts).as_posix() for p in texts.rglob("*") if p.is_file()}
    assert outcomes.keys() == files
    assert {n: outcomes[f"{n}.txt"].outcome for n in POISONS} == POISONS
    assert outcomes["endless.txt"].message == "more than 3 seconds"
    assert outcomes["endless.txt"].stage == "read"
    assert outcomes["below/broken.txt"].outcome == "failed"
    assert outcomes["below/broken.txt"].message.startswith("below/broken.txt: ")
    for name in ("below/pdf.txt", "below/picture.png", "below/.hidden.txt"):
        assert outcomes[name].outcome == "skipped"
        assert outcomes[name].reason
    for i in range(4):
        assert outcomes[f"prose-{i}.txt"].outcome == "nothing_of_ours"
    for i in range(8):
        one, other = outcomes[f"part-{i}.txt"], outcomes[f"guobiao-{i}.md"]
        assert one.outcome == "read"
        assert one.entries > 0
        assert (one.entries, one.cues, one.cues_read) == (
            other.entries,
            other.cues,
            other.cues_read,
        )
    assert outcomes["part-0.txt"].witness != outcomes["below/part-0.txt"].witness
    with (directory / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        assert {row["path"] for row in csv.DictReader(file)} == files


def test_a_process_that_takes_too_much_is_ended(undisturbed: tuple[Path, Done]) -> None:
    assert list(ended(undisturbed[0])) == [True, True, True]


def test_the_tables_are_sound(undisturbed: tuple[Path, Done]) -> None:
    directory, done = undisturbed
    content, manifest = stored(directory)
    read = [o.witness for o in done.outcomes if o.outcome in ("read", "nothing_of_ours")]
    assert [row[0] for row in content["witnesses"]] == sorted(read)
    assert list(manifest["sources"]) == sorted(read)
    assert len(content["entries"]) == sum(o.entries for o in done.outcomes)


@pytest.mark.parametrize("workers", [2, 8])
def test_workers_do_not_change_the_bytes(
    texts: Path, undisturbed: tuple[Path, Done], workers: int, tmp_path: Path
) -> None:
    read_library([texts], tmp_path, replace(POISONED, workers=workers))
    assert tables(tmp_path) == tables(undisturbed[0])


def test_a_cluster_gives_the_same_bytes(
    texts: Path, undisturbed: tuple[Path, Done], tmp_path: Path
) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        read_library([texts], tmp_path, replace(POISONED, cluster=cluster.scheduler_address))
    assert tables(tmp_path) == tables(undisturbed[0])
    assert list(ended(tmp_path)) == [True, True, True]


def healthy(texts: Path, into: Path) -> Path:
    """The same folder without the files that cannot be read."""
    shutil.copytree(texts, into, ignore=lambda _, names: {f"{n}.txt" for n in (*POISONS, "broken")})
    return into


def test_two_ranks_share_a_folder(texts: Path, tmp_path: Path) -> None:
    source = healthy(texts, tmp_path / "texts")
    shared, alone = tmp_path / "shared", tmp_path / "alone"
    ranks = [
        subprocess.Popen([*MINGTANG, source, "-o", shared, "--rank", str(r), "--world", "2"])
        for r in (0, 1)
    ]
    assert [rank.wait() for rank in ranks] == [0, 0]
    assert not read_library([source], alone).waiting
    assert state(shared) == state(alone)


def test_a_killed_run_goes_on_where_it_was(texts: Path, tmp_path: Path) -> None:
    source = healthy(texts, tmp_path / "texts")
    shared, alone = tmp_path / "killed", tmp_path / "alone"
    chance = random.Random(5)
    for _ in range(4):
        killed = subprocess.Popen([*MINGTANG, source, "-o", shared, "--workers", "2"])
        time.sleep(chance.uniform(0.8, 2))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert subprocess.run([*MINGTANG, source, "-o", shared], check=False).returncode == 0
    read_library([source], alone)
    assert state(shared) == state(alone)


def test_what_is_done_is_not_done_again(texts: Path, tmp_path: Path) -> None:
    source = healthy(texts, tmp_path / "texts")
    output = tmp_path / "output"
    read_library([source], output)
    kept = {p.name: p.stat().st_mtime_ns for p in (output / FOLDER).glob("*.rows")}
    changed = source / "prose-1.txt"
    changed.write_text(PROSE + "岐伯曰：然。\n", encoding="utf-8")
    done = read_library([source], output)
    after = {p.name: p.stat().st_mtime_ns for p in (output / FOLDER).glob("*.rows")}
    assert sum(after[name] != kept[name] for name in kept) == 1
    assert {o.path: o.chars for o in done.outcomes}["prose-1.txt"] == len(PROSE) + 7
    (source / "prose-1.txt").unlink()
    gone = read_library([source], output)
    assert "prose-1.txt" not in {o.path for o in gone.outcomes}
    assert len(list((output / FOLDER).glob("*.rows"))) == len(kept) - 1


def test_other_rules_read_anew_unless_only_what_changed_is_asked_for(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "texts"
    source.mkdir()
    shutil.copy(texts / "part-0.txt", source)
    output = tmp_path / "output"

    def written() -> int:
        read_library([source], output, way)
        return next((output / FOLDER).glob("*.rows")).stat().st_mtime_ns

    way = Way()
    first = written()
    monkeypatch.setattr("pipeline.library.read.fixed_rules", lambda: "others")
    way = Way(only_changed=True)
    assert written() == first
    way = Way()
    assert written() > first


def test_books_are_judged_together_as_in_one_run(tmp_path: Path) -> None:
    """The library of the corpus has the rows that ``extract corpus`` has, sorted by sigla."""
    library, single = tmp_path / "library", tmp_path / "single"
    read_library([home() / "corpus"], library)
    specs = sorted(sources([home() / "corpus"]), key=lambda spec: spec.siglum)
    export(run(specs), single, ["parquet"])
    for name in TABLES:
        found = pq.read_table(library / f"{name}.parquet").to_pylist()
        expected = pq.read_table(single / f"{name}.parquet").to_pylist()
        assert sorted(map(repr, found)) == sorted(map(repr, expected)), name
        if "witness" in TABLES[name].__dataclass_fields__:
            sigla = [row["witness"] for row in found]
            assert sigla == sorted(sigla)


def test_the_parts_of_an_edition_are_one_book(tmp_path: Path) -> None:
    folder = tmp_path / "KR3e0005"
    folder.mkdir()
    for n in (1, 2):
        (folder / f"KR3e0005_00{n}.txt").write_text(
            f"#+TITLE: 鍼灸甲乙經\n#+PROPERTY: ID KR3e0005\n#+PROPERTY: BASEEDITION WYG\n"
            f"<pb:KR3e0005_WYG_00{n}-1a>¶\n",
            encoding="utf-8",
        )
    (folder / "Readme.org").write_text("", encoding="utf-8")
    (tmp_path / "a b.txt").write_text(PROSE, encoding="utf-8")
    (tmp_path / "a-b.txt").write_text(PROSE, encoding="utf-8")
    found = books([tmp_path], tmp_path / "output")
    assert [(b.siglum, b.name, bool(b.skip)) for b in found] == [
        ("Readme", "KR3e0005/Readme.org", True),
        ("a-b", "a b.txt", False),
        ("a-b-2", "a-b.txt", False),
        ("kr3e0005-wyg", "KR3e0005", False),
    ]


def test_the_command_ends_with_what_became_of_the_books(texts: Path, tmp_path: Path) -> None:
    below = texts / "below"
    found = subprocess.run(
        [*MINGTANG, below, "-o", tmp_path / "o"], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "broken.txt: failed (read): broken.txt: " in found.stderr
    assert "skipped" in found.stdout
    none = subprocess.run([*MINGTANG, tmp_path / "none", "-o", tmp_path / "o"], check=False)
    assert none.returncode == 2
