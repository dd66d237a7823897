"""The corpus gives what is on record; where a change is meant: ``make golden``, read the diff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus import EDITIONS, SPECS
from tests.difference import Records, report
from tests.golden import (
    FOLDER,
    PASSAGES,
    of_comparison,
    of_corpus,
    of_editions,
    of_passages,
    on_record,
    written,
)


def unlike(files: dict[Path, Records]) -> Iterator[str]:
    """What differs from the record, file by file."""
    for path, found in files.items():
        old = on_record(path)
        if not path.exists() or path.read_text(encoding="utf-8") != written(found):
            yield f"--- {path.relative_to(FOLDER)}"
            yield from list(report(old, found)) or ["the order of lines or columns"]


# One run gives all witnesses, so one test looks at them all.


def test_results_are_those_on_record() -> None:
    found = list(unlike(of_corpus()))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_a_comparison_gives_what_is_on_record() -> None:
    found = list(unlike(of_comparison()))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("name", PASSAGES)
def test_passages_give_what_is_on_record(name: str) -> None:
    found = list(unlike(of_passages(name)))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.skipif(not EDITIONS, reason="MINGTANG_EDITIONS does not name the editions")
def test_results_with_the_editions_are_those_on_record() -> None:
    found = list(unlike(of_editions()))
    if found:
        hint = "python -m tests.difference HEAD: shows the values"
        pytest.fail("\n".join([*found, hint]), pytrace=False)


def test_nothing_else_is_on_record() -> None:
    assert {p.stem for p in FOLDER.glob("*.jsonl")} == {*SPECS, "compared", *PASSAGES}
    assert {p.stem for p in FOLDER.glob("editions/*")} == {*SPECS, "suwen-sbck", "jiayi-wyg"}
