"""Case files: what a passage must give, written so that no programming is needed to add one.

    title
    .
    input
    .
    expected
    .

A line with a single full stop opens the input, ends it, and ends the expected output. Lines that
begin with ``#`` between cases are remarks. Words in square brackets at the end of a title say how
the input is laid out: ``[markdown hans]``. The word ``known`` among them says that the program
fails here and that this is known: such a case must fail, and is unmarked once it passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    options: tuple[str, ...]
    given: str
    expected: str
    place: str
    """file:line of the title; the name of the test."""
    known: bool = False
    """Whether it is a known failure."""


def cases(name: str) -> list[Case]:
    """The cases of a file of ``tests/cases``, in order."""
    found: list[Case] = []
    title, place = "", ""
    parts: list[list[str]] = []
    for number, line in enumerate((FOLDER / name).read_text(encoding="utf-8").splitlines(), 1):
        if line == ".":
            if not title:
                raise ValueError(f"{name}:{number}: a case without a title")
            parts.append([])
            if len(parts) == 3:
                given, expected = ("\n".join(part) for part in parts[:2])
                words = re.search(r"\[([^\]]*)\]$", title)
                said = words.group(1).split() if words else []
                options = tuple(word for word in said if word != "known")
                found.append(Case(title, options, given, expected, place, "known" in said))
                title, parts = "", []
        elif parts:
            parts[-1].append(line)
        elif line and not line.startswith("#"):
            if title:
                raise ValueError(f"{place}: the case has no input")
            title, place = line, f"{name}:{number}"
    if title:
        raise ValueError(f"{place}: the case does not end")
    return found


def judge(case: Case, found: str) -> None:
    """Assert that a case gives what it must, or, if it is a known failure, that it still fails."""
    if case.known:
        assert found != case.expected, f"{case.place}: passes; take 'known' out of its title"
    else:
        assert found == case.expected, case.title
