"""The table of patterns: what it has is asked for, what is asked for it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.knowledge import patterns
from pipeline.knowledge.tables import TableError, grammar, home, path_of, rows
from tests.backtrack import asked

ROOMS = [
    *("piece", "knowledge", "sources", "reading", "judging", "genres"),
    *("publish", "compare", "site", "commands"),
]
TABLE = path_of(patterns.TABLE)
ROOM = {row["name"]: row["room"] for row in rows(TABLE)}


def test_every_pattern_is_asked_for_and_is_there() -> None:
    assert set(filter(str.islower, patterns.rows())) == set(asked())


def test_every_piece_is_part_of_something() -> None:
    words = "\n".join(row.words for row in patterns.rows().values())
    used = set(patterns.PIECE.findall(words))
    for path in (home() / "pipeline").rglob("*.py"):
        used.update(re.findall(r'\bpiece\("([A-Z_]+)"\)', path.read_text(encoding="utf-8")))
    pieces = set(filter(str.isupper, patterns.rows()))
    assert pieces - used == set()
    assert {name for name in pieces if ROOM[name] != "piece"} == set()


def test_a_pattern_stands_under_the_first_room_that_asks_for_it() -> None:
    first = {
        name: min((room for room, _ in uses), key=ROOMS.index) for name, uses in asked().items()
    }
    assert {name: ROOM[name] for name in first} == first


SHARED = {"any-channel", "end-of-place", "last-dose", "one-of-six", "text-tag"}
"""Patterns that several rooms ask for. In each the name has one meaning; one that comes here has
been looked at in all rooms that ask for it, for a room that changes a row changes it for all."""


def test_a_name_of_several_rooms_has_one_meaning() -> None:
    rooms = {name: {room for room, _ in uses} for name, uses in asked().items()}
    assert {name for name, asking in rooms.items() if len(asking) > 1} == SHARED


def test_rows_are_sorted_by_room_and_name() -> None:
    keys = [(ROOMS.index(room), name) for name, room in ROOM.items()]
    assert keys == sorted(keys)


def test_no_piece_hides_one_of_the_grammars() -> None:
    assert not [name for name in patterns.rows() if f"//let {name} " in grammar("common")]


def test_no_two_patterns_are_the_same() -> None:
    """What two rooms look for is one row."""
    words = {patterns.written(name): name for name in patterns.rows() if name.islower()}
    assert len(words) == sum(map(str.islower, patterns.rows()))


@pytest.mark.parametrize("name", patterns.rows())
def test_each_compiles_by_itself(name: str) -> None:
    given = dict.fromkeys(patterns.GIVEN.findall(patterns.written(name)), "在")
    assert patterns.pattern(name, **given).pattern


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("reading\tact\t灸<CONE>\tx", "there is no piece <CONE>"),
        ("reading\tact\t灸(三\tx", "act is no regular expression"),
        ("reader\tact\t灸\tx", "room is 'reader'"),
    ],
)
def test_a_slip_is_told_with_its_line(
    line: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "patterns.tsv"
    file.write_text(f"room\tname\tpattern\treason\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(patterns, "path_of", lambda _: file)
    for kept in (patterns.rows, patterns.piece, patterns.pattern):
        kept.cache_clear()
    try:
        with pytest.raises(TableError, match=re.escape(reason)) as error:
            patterns.pattern("act")
        assert f"{file}:2: " in str(error.value)
    finally:
        for kept in (patterns.rows, patterns.piece, patterns.pattern):
            kept.cache_clear()
