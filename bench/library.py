"""``python -m bench.library FOLDER…``: a library that is stopped again and again, and its costs.

The folders have texts (first books with points, last others without); from them and the corpus a
library of 200 files is made: in other scripts, encodings and layouts, damaged, and three of them
poisoned.
``--against TREE``: characters a CPU second beside another checkout. ``--costs``: nothing is stopped
and only costs are measured; a clock on the wall means something on a quiet machine alone.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from opencc import OpenCC

from pipeline.knowledge.tables import home
from pipeline.library.books import books
from pipeline.library.read import Way, read_library

FILES = 200
STOPS = 20
ROUNDS = 3
MIXED = 4
"""Of a hundred characters of a library those in books on points: of a library of 700 medical books
with 83 million characters twelve have 2.3 million; a few others are not at hand.
"""
PIECE = 5_000
"""Characters of a file: enough for a section with its points."""
JOINED = 6_000_000
"""Bytes of the book whose memory is taken."""
POISONED = ("-m", "tests.poisoned")
POISONS = ("endless", "greedy")

RUN = (
    "import sys; from pathlib import Path; from pipeline.library.read import Way, read_library; "
    "read_library([Path(sys.argv[1])], Path(sys.argv[2]), "
    "Way(workers=2, timeout=5, memory=400, program=('-m', 'tests.poisoned')))"
)
SPEED = """
import sys, time
from pathlib import Path
from pipeline import extract
paths = [Path(p) for p in sys.argv[1:]]
extract(paths[-1])
for path in paths:
    begin = time.process_time()
    chars = len(extract(path).witnesses[0].text)
    print(chars, time.process_time() - begin)
"""
"""Of each book its characters and CPU seconds, when all is loaded."""


# --- a library made by program -------------------------------------------------------------------


def make(sources: Iterable[str], folder: Path, count: int = FILES) -> None:
    """Files of pieces of texts, each changed in another way; three that cannot be read."""
    chance = random.Random(20)
    pieces = [piece for text in sources for piece in _pieces(text)]
    chance.shuffle(pieces)
    ways = cycle(_ways(chance))
    for i, piece in enumerate(islice(cycle(pieces), count - 3)):
        change, encoding = next(ways)
        data = change(piece).encode(encoding, "replace")
        (folder / f"text-{i:03d}.txt").write_bytes(data)
    for name in POISONS:
        (folder / f"{name}.txt").write_text(pieces[0], encoding="utf-8")
    (folder / "unreadable.txt").write_bytes("上星一穴，在顱上。".encode() * 9 + b"\xff\xfe\x80")


def _pieces(text: str) -> Iterator[str]:
    """A text in parts that begin and end with a line."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin + PIECE) + 1 or len(text)
        yield text[begin:end]
        begin = end


def _ways(chance: random.Random) -> list[tuple[Callable[[str], str], str]]:
    def wrapped(text: str) -> str:
        lines = (line[i : i + 40] for line in text.split("\n") for i in range(0, len(line), 40))
        return "\n".join(lines)

    def damaged(text: str) -> str:
        return "".join("□" if c > "\u4e00" and chance.random() < 0.01 else c for c in text)

    return [
        (str, "utf-8"),
        (OpenCC("t2s").convert, "gb18030"),
        (OpenCC("s2t").convert, "utf-8"),
        (wrapped, "utf-8"),
        (damaged, "utf-8"),
        (str, "utf-16"),
        (lambda text: text.replace("\n", "\r\n"), "utf-8-sig"),
    ]


# --- stopped -------------------------------------------------------------------------------------


def state(directory: Path) -> dict[str, bytes]:
    """The files of the tables."""
    return {
        path.name: path.read_bytes()
        for path in directory.iterdir()
        if path.is_file() and path.suffix != ".pid"
    }


def stopped(texts: Path, work: Path) -> str:
    """Whether a library that is killed again and again is the same in the end."""
    whole, cut = work / "whole", work / "cut"
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", RUN, texts, whole], check=True)
    lasts = time.monotonic() - begin
    chance = random.Random(1)
    for _ in range(STOPS):
        run = subprocess.Popen([sys.executable, "-c", RUN, texts, cut])
        time.sleep(chance.uniform(0.05, 0.3) * lasts)
        run.send_signal(signal.SIGKILL)
        run.wait()
    subprocess.run([sys.executable, "-c", RUN, texts, cut], check=True)
    same = state(whole) == state(cut)
    outcomes = (whole / "outcomes.csv").read_text(encoding="utf-8").splitlines()[1:]
    return (
        f"{len(outcomes)} files, undisturbed in {lasts:.0f} s; stopped {STOPS} times: "
        f"{'the same bytes' if same else 'OTHER BYTES'}"
    )


# --- what it costs -------------------------------------------------------------------------------


def speed(tree: Path, paths: Sequence[Path]) -> list[tuple[int, float]]:
    """Characters and CPU seconds of each book in one process of a checkout."""
    run = subprocess.run(
        [tree / ".venv/bin/python", "-c", SPEED, *paths],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    return [(int(n), float(t)) for n, t in (line.split() for line in run.stdout.splitlines())]


def library(folders: Sequence[Path]) -> list[Path]:
    """Sixty books as a library has them: all of the last folder twice, and of the first as many as
    have MIXED of a hundred characters, drawn at random.
    """
    chance = random.Random(60)
    points, others = (sorted(folder.glob("*.txt")) for folder in (folders[0], folders[-1]))
    drawn = others * 2
    room = MIXED / (100 - MIXED) * sum(path.stat().st_size for path in drawn)
    for path in chance.sample(points, len(points)):
        if path.stat().st_size <= room:
            drawn.insert(chance.randrange(len(drawn)), path)
            room -= path.stat().st_size
    return drawn


def compared(folders: Sequence[Path], trees: Sequence[Path]) -> Iterator[str]:
    """Characters a CPU second of each checkout in books without points and in a library; each book
    as it is read fastest, checkouts take turns.
    """
    for name, paths in (
        ("books without points", sorted(folders[-1].glob("*.txt"))),
        ("library", library(folders)),
    ):
        taken: dict[Path, list[list[tuple[int, float]]]] = {tree: [] for tree in trees}
        for _ in range(ROUNDS):
            for tree in trees:
                taken[tree].append(speed(tree, paths))
        speeds = []
        for tree in trees:
            books = list(zip(*taken[tree], strict=True))
            seconds = sum(min(seconds for _, seconds in book) for book in books)
            speeds.append(sum(book[0][0] for book in books) / seconds)
        told = ", ".join(f"{t.name} {v:,.0f}" for t, v in zip(trees, speeds, strict=True))
        times = speeds[-1] / speeds[0]
        yield f"{name} ({len(paths)}): characters/s {told}: {times:.2f} times"


def memory(paths: Sequence[Path], work: Path) -> str:
    """The most memory that the process has which reads a book made by joining."""
    joined = b""
    for path in cycle(paths):
        joined += path.read_bytes()
        if len(joined) >= JOINED:
            break
    book = work / "joined.txt"
    book.write_bytes(joined[: joined.rfind(b"\n", 0, JOINED)])
    run = (
        "import resource, sys; from pathlib import Path; "
        "from pipeline.library.read import read_library; "
        "done = read_library([Path(sys.argv[1])], Path(sys.argv[2])); "
        "print(done.outcomes[0].outcome, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    said = subprocess.run(
        [sys.executable, "-c", run, book, work / "memory"],
        capture_output=True,
        text=True,
        check=True,
    )
    outcome, kilobytes = said.stdout.split()[-2:]
    return (
        f"{book.stat().st_size / 1e6:.1f} MB in one book: {outcome}, {int(kilobytes) / 1e3:.0f} MB"
    )


def overhead(work: Path) -> str:
    """Seconds that a library of one short text takes, by the pool and by Dask: on the wall, and of
    the processor in this process and those that it started, which other work on the machine
    disturbs less. The least of three.
    """
    text = work / "one.txt"
    text.write_text("神庭，在髮際直鼻，刺入三分，灸三壯。", encoding="utf-8")

    def pool(out: Path) -> None:
        read_library([text], out)

    def dask(out: Path) -> None:
        from distributed import LocalCluster

        nowhere = "127.0.0.1:0"
        with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=nowhere) as local:
            read_library([text], out, Way(cluster=local.scheduler_address))

    said = []
    for name, way in (("pool", pool), ("Dask", dask)):
        taken = [_taken(way, work / f"{name}-{n}") for n in range(3)]
        wall, worked = (min(times) for times in zip(*taken, strict=True))
        said.append(f"{name} {wall:.2f} s, {worked:.2f} s of the processor")
    return f"one short text, all included: {'; '.join(said)}"


def _taken(way: Callable[[Path], None], out: Path) -> tuple[float, float]:
    begin, worked = time.monotonic(), _worked()
    way(out)
    return time.monotonic() - begin, _worked() - worked


def _worked() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def workers(texts: Path, work: Path) -> str:
    """How much sooner two workers end than one, the best of five each."""
    best = {1: 1e9, 2: 1e9}
    for i in range(5):
        for n in best:
            begin = time.monotonic()
            read_library([texts], work / f"w{n}-{i}", Way(workers=n))
            best[n] = min(best[n], time.monotonic() - begin)
    return f"one worker {best[1]:.1f} s, two {best[2]:.1f} s: {best[1] / best[2]:.2f} times as fast"


def main() -> None:
    """Make the library, and measure."""
    options = argparse.ArgumentParser(prog="python -m bench.library")
    options.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    options.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    options.add_argument("--costs", action="store_true", help="stop nothing")
    given = options.parse_args()
    found = books([home() / "corpus", *given.folders], Path("none"))
    paths = [book.path for book in found if book.path.is_file() and not book.skip]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        texts = work / "texts"
        texts.mkdir()
        make((path.read_text(encoding="utf-8", errors="replace") for path in paths), texts)
        if not given.costs:
            print(stopped(texts, work), flush=True)
        trees = [tree.resolve() for tree in (given.against, home()) if tree]
        for line in compared(given.folders, trees):
            print(line, flush=True)
        print(memory(paths, work), flush=True)
        print(overhead(work), flush=True)
        print(workers(texts, work), flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
