"""The corpus gives what is on record; where a change is meant: ``make golden``, read the diff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.corpus import SPECS, result
from tests.golden import FOLDER, written

SHOWN = 40


def keyed(text: str) -> dict[str, dict[str, Any]]:
    lines = (json.loads(line) for line in text.splitlines())
    return {line.get("entry_id", "the witness"): line for line in lines}


def differences(old: str, new: str) -> Iterator[str]:
    """One line for each value that differs: entry, name, column, on record → now."""
    before, after = keyed(old), keyed(new)
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key, {}), after.get(key, {})
        name = (a or b).get("name_raw", "")
        if not a or not b:
            yield f"{key} {name}: {'gone' if a else 'new'}"
            continue
        for column in dict.fromkeys((*a, *b)):
            if a.get(column) != b.get(column):
                yield f"{key} {name} {column}: {a.get(column)} → {b.get(column)}"


@pytest.mark.parametrize("siglum", SPECS)
def test_results_are_those_on_record(siglum: str) -> None:
    old = (FOLDER / f"{siglum}.jsonl").read_text(encoding="utf-8")
    new = written(result(siglum))
    if old != new:
        found = list(differences(old, new)) or ["the order of lines or columns"]
        more = f"\n… and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        pytest.fail("\n".join(found[:SHOWN]) + more, pytrace=False)


def test_nothing_else_is_on_record() -> None:
    assert {p.stem for p in FOLDER.glob("*.jsonl")} == set(SPECS)
