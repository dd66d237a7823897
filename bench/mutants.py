"""``python -m bench.mutants``: whether a test notices when a rule of the program is changed.

Each row of ``mutants.tsv`` and of ``mutants-chosen.tsv`` changes one place. The change is made in a
copy of the tree and tests are run there: those that the row names, else those that ask for its file
by name, the cases and the results on record, in this order, up to the first that fails. What all of
them let pass has survived. ``--list NAME`` takes the rows of one table; a word after the command
chooses the files whose path has it.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.knowledge.tables import home, rows

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "output", "build", "dist")
LISTS = ("mutants", "mutants-chosen")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of the program, and what must notice it."""

    file: str
    before: str
    after: str
    tests: str
    rule: str


def mutants(name: str) -> Iterator[Mutant]:
    """The rows of a table; a row whose text does not stand once in its file is an error."""
    for row in rows(home() / "bench" / f"{name}.tsv"):
        mutant = Mutant(**{key: cell.replace("\\n", "\n") for key, cell in row.items()})
        found = (home() / mutant.file).read_text(encoding="utf-8").count(mutant.before)
        if found != 1:
            raise ValueError(f"{mutant.file}: {mutant.before!r} stands there {found} times")
        yield mutant


@cache
def asking() -> dict[str, list[str]]:
    """By file of the program the files of tests that import it."""
    found: dict[str, list[str]] = {}
    for path in sorted((home() / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
                for name in names:
                    tests = found.setdefault(name.replace(".", "/") + ".py", [])
                    tests += [f"tests/{path.name}"] * (f"tests/{path.name}" not in tests)
    return found


LAST = ("tests/test_cases.py", "tests/test_golden.py")
"""What every reading passes through."""


def noticing(mutant: Mutant) -> str:
    """The tests that can notice a change, the narrow ones first."""
    return mutant.tests or " ".join(dict.fromkeys((*asking().get(mutant.file, ()), *LAST)))


def killed(mutant: Mutant, tree: Path) -> bool:
    """Whether tests fail with a mutant in a copy of the tree."""
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        return fails(noticing(mutant), tree)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(text, encoding="utf-8")


LONGEST = 600
"""Seconds after which a change that makes the program run on is noticed."""


def fails(tests: str, tree: Path, longest: int | None = LONGEST) -> bool:
    """Whether one of these tests fails, or cannot even begin; that there are none is an error."""
    command = [sys.executable, *f"-B -m pytest -x -q -n 0 {tests}".split()]
    done = subprocess.run(command, cwd=tree, capture_output=True, timeout=longest, check=False)
    code = done.returncode
    if code not in (0, 1, 2):
        raise ValueError(f"pytest {tests} ends with {code}")
    return code > 0


def main() -> int:
    """A line for each mutant, and the share that was noticed; 1 if one survived."""
    ask = ArgumentParser(prog="python -m bench.mutants")
    ask.add_argument("--list", choices=LISTS, action="append")
    ask.add_argument("word", nargs="*")
    asked = ask.parse_args()
    every = [mutant for name in asked.list or LISTS for mutant in mutants(name)]
    chosen = [m for m in every if all(word in m.file for word in asked.word)]
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(shutil.copytree(home(), Path(folder) / "tree", ignore=LEFT_OUT))
        files = dict.fromkeys(w for m in chosen for w in noticing(m).split() if "/" in w)
        if chosen and fails(" ".join(files), tree, None):
            raise ValueError("the tests fail without a mutation")
        for mutant in chosen:
            survived += not (noticed := killed(mutant, tree))
            print("killed  " if noticed else "SURVIVED", mutant.file, mutant.rule, flush=True)
    print(f"{len(chosen) - survived} of {len(chosen)} noticed")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
