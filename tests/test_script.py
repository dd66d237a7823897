"""Simplified to traditional: the words of tests/cases/script.tsv, ours beside plain OpenCC."""

from __future__ import annotations

import re

import opencc

from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import home, rows

WORDS = list(rows(home() / "tests" / "cases" / "script.tsv"))


def plain_score() -> int:
    """How many of the words OpenCC gets without our dictionary."""
    convert = opencc.OpenCC("s2t").convert
    return sum(convert(row["simplified"]) == row["expected"] for row in WORDS)


def test_all_words_come_out_as_expected() -> None:
    assert len(WORDS) >= 150
    assert [
        (row["simplified"], found, row["expected"])
        for row in WORDS
        if (found := to_traditional(row["simplified"])) != row["expected"]
    ] == []


def test_no_word_stands_twice_or_changes_its_length() -> None:
    words = [row["simplified"] for row in WORDS]
    assert len(set(words)) == len(words)
    assert all(len(row["simplified"]) == len(row["expected"]) for row in WORDS)


def test_the_readme_tells_both_scores() -> None:
    readme = (home() / "README.md").read_text(encoding="utf-8")
    found = re.search(r"plain `opencc -c s2t` gets (\d+) of (\d+)", readme)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (plain_score(), len(WORDS))
