"""``python -m bench.mutants``: whether a test notices when a rule of the program is changed.

Each row of ``mutants.tsv`` changes one place. The change is made in a copy of the tree, and the
tests that the row names are run there: what they let pass has survived. A word after the command
chooses the files whose path has it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.knowledge.tables import home, rows

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "output", "build", "dist")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of the program, and what must notice it."""

    file: str
    before: str
    after: str
    tests: str
    rule: str


def mutants() -> Iterator[Mutant]:
    """The rows of the table; a row whose text does not stand once in its file is an error."""
    for mutant in (Mutant(**row) for row in rows(home() / "bench" / "mutants.tsv")):
        found = (home() / mutant.file).read_text(encoding="utf-8").count(mutant.before)
        if found != 1:
            raise ValueError(f"{mutant.file}: {mutant.before!r} stands there {found} times")
        yield mutant


def killed(mutant: Mutant, tree: Path) -> bool:
    """Whether the tests that a mutant names fail with it in a copy of the tree."""
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        return fails(mutant.tests, tree)
    finally:
        path.write_text(text, encoding="utf-8")


def fails(tests: str, tree: Path) -> bool:
    """Whether one of these tests fails; that there are none is an error."""
    command = [sys.executable, *f"-B -m pytest -x -q -n 0 {tests}".split()]
    code = subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode
    if code not in (0, 1):
        raise ValueError(f"pytest {tests} ends with {code}")
    return code == 1


def main() -> int:
    """A line for each mutant; 1 if one survived."""
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(shutil.copytree(home(), Path(folder) / "tree", ignore=LEFT_OUT))
        chosen = [m for m in mutants() if all(word in m.file for word in sys.argv[1:])]
        for tests in sorted({mutant.tests for mutant in chosen}):
            if fails(tests, tree):
                raise ValueError(f"pytest {tests} fails without a mutation")
        for mutant in chosen:
            survived += not (noticed := killed(mutant, tree))
            print("killed  " if noticed else "SURVIVED", mutant.file, mutant.rule, flush=True)
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
