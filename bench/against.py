"""``python -m bench --against TREE``: this program beside that of another checkout, in one run.

Seconds of processor time, the least of several rounds in which the two take turns: what else the
machine does meanwhile then counts for both or for neither. Each checkout runs in its own ``.venv``.
"""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.knowledge.tables import home

ROUNDS = 3
WARM = """
import sys, time
from pathlib import Path
import pipeline
times = []
for _ in range(6):
    begin = time.process_time()
    pipeline.extract(Path("corpus"), witnesses=sys.argv[1:])
    times.append(time.process_time() - begin)
print(min(times))
"""


def _spent(tree: Path, folder: Path, *words: str, cache: str = "") -> float:
    """What a command of a checkout takes in a folder, from a new process to its end."""
    variables = {**os.environ, **({"MINGTANG_CACHE": cache} if cache else {})}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [tree / ".venv/bin/mingtang", *words],
        cwd=folder,
        env=variables,
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _warm(tree: Path, siglum: str) -> float:
    """What an extract takes in a process that has made one already."""
    done = subprocess.run(
        [tree / ".venv/bin/python", "-c", WARM, siglum], cwd=tree, capture_output=True, check=True
    )
    return float(done.stdout)


def _extract(tree: Path, siglum: str, cached: bool) -> float:
    words = ("extract", "corpus", "-w", siglum, "-o")
    with tempfile.TemporaryDirectory() as folder:
        cache = "" if cached else f"{folder}/cache"
        return _spent(tree, tree, *words, f"{folder}/out", cache=cache)


def _show(tree: Path) -> float:
    """With the tables of the corpus at hand, as they are after ``make extract``."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "corpus").symlink_to(tree / "corpus")
        _spent(tree, Path(folder), "extract", "corpus")
        return _spent(tree, Path(folder), "show", "足三里")


WORKS: Mapping[str, Callable[[Path], float]] = {
    "--version": lambda tree: _spent(tree, tree, "--version"),
    "show 足三里": _show,
    "extract 卷三": lambda tree: _extract(tree, "jiayi-j3", cached=True),
    "extract 卷三, nothing kept": lambda tree: _extract(tree, "jiayi-j3", cached=False),
    "extract the whole book": lambda tree: _extract(tree, "jiayi", cached=True),
    "卷三, warm": lambda tree: _warm(tree, "jiayi-j3"),
    "whole book, warm": lambda tree: _warm(tree, "jiayi"),
}


def against(tree: Path) -> Iterator[str]:
    """A table: each work here, there, and how many times as long it takes there."""
    yield f"{'':<28}{'here':>8}{'there':>8}{'ratio':>7}"
    for name, work in WORKS.items():
        pairs = [(work(home()), work(tree.resolve())) for _ in range(ROUNDS)]
        here, there = (min(times) for times in zip(*pairs, strict=True))
        wide = sum(ord(char) > 0x2E80 for char in name)
        yield f"{name:<{28 - wide}}{here:8.3f}{there:8.3f}{there / here:7.2f}"
