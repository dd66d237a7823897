"""``python -m bench.library FOLDER…``: a library that is stopped again and again, and its costs.

The folders have texts (books with points and others without); from them and the corpus a library of
200 files is made: in other scripts, encodings and layouts, damaged, and three of them poisoned.
``--against TREE``: characters a CPU second beside another checkout.
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
SPEED = (
    "import sys, time; from pathlib import Path; from pipeline import extract; "
    "paths = [Path(p) for p in sys.argv[1:]]; extract(paths[0]); begin = time.process_time(); "
    "n = sum(len(extract(p).witnesses[0].text) for p in paths); "
    "print(n, time.process_time() - begin)"
)


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


def speed(tree: Path, paths: Sequence[Path]) -> float:
    """Characters a CPU second of one process of a checkout, when all is loaded."""
    run = subprocess.run(
        [sys.executable, "-c", SPEED, *paths], cwd=tree, capture_output=True, text=True, check=True
    )
    chars, seconds = run.stdout.split()[-2:]
    return int(chars) / float(seconds)


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
    """Seconds that a library of one short text takes, by the pool and by Dask."""
    text = work / "one.txt"
    text.write_text("神庭，在髮際直鼻，刺入三分，灸三壯。", encoding="utf-8")
    begin = time.monotonic()
    read_library([text], work / "pool")
    pool = time.monotonic() - begin
    begin = time.monotonic()
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as local:
        read_library([text], work / "dask", Way(cluster=local.scheduler_address))
        dask = time.monotonic() - begin
    return f"one short text: pool {pool:.1f} s, Dask {dask:.1f} s, all included"


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
    given = options.parse_args()
    found = books([home() / "corpus", *given.folders], Path("none"))
    paths = [book.path for book in found if book.path.is_file() and not book.skip]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        texts = work / "texts"
        texts.mkdir()
        make((path.read_text(encoding="utf-8", errors="replace") for path in paths), texts)
        print(stopped(texts, work), flush=True)
        for tree in filter(None, (given.against, home())):
            for name in given.folders:
                inside = sorted(name.glob("*.txt"))
                print(
                    f"{tree.name} {name.name}: {speed(tree, inside):,.0f} characters/s", flush=True
                )
        print(memory(paths, work), flush=True)
        print(overhead(work), flush=True)
        print(workers(texts, work), flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
