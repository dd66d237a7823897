"""Parsers kept on disk: the same trees as without, and no file that cannot be trusted."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lark import Lark, Tree
from lark.lexer import Token

from pipeline.knowledge.tables import home
from pipeline.reading import parse as stage
from pipeline.reading.cache import keep, recall
from pipeline.reading.parse import lexer, parse, parser, starts
from pipeline.text.layer import plain
from pipeline.text.slice import Slice

KEY = b"made from this"
ENTRY = "，在髮際直鼻，督脈、足太陽、陽明之會，禁不可刺，令人癲疾，目失精，灸三壯。"
NOTE = "氣府論注云：刺入三分。熱注、水穴注同。"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, and no parser in memory."""
    monkeypatch.setenv("MINGTANG_CACHE", str(tmp_path / "cache"))
    parser.cache_clear()
    yield tmp_path / "cache"
    parser.cache_clear()


def tree(text: str = ENTRY, start: str = "entry") -> Tree[Token]:
    parser.cache_clear()
    return parse("jiayi", start, Slice(plain(text), 0, len(text)))[0]


def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The start rules of the parsers that are made, not read back, from here on."""
    found: list[str] = []

    class Watched(Lark):
        def __init__(self, grammar: str, **options: object) -> None:
            found.append(str(options["start"]))
            super().__init__(grammar, **options)

    monkeypatch.setattr(stage, "Lark", Watched)
    return found


@pytest.mark.parametrize(("start", "text"), [("entry", ENTRY), ("note", NOTE)])
def test_a_parser_read_back_gives_the_same_trees(
    start: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tree(text, start)
    again = made(monkeypatch)
    assert tree(text, start) == first
    assert again == []
    monkeypatch.setenv("MINGTANG_CACHE", "off")
    assert tree(text, start) == first
    assert again == [start]


def expressions(grammar: str, start: str) -> dict[str, str]:
    return {n: p.pattern for n, p in lexer(parser(grammar, start)).patterns.items()}


def test_every_grammar_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    grammars = [path.stem for path in (home() / "grammars").glob("*.lark")]
    pairs = [(name, start) for name in grammars for start in starts(name)]
    patterns = {pair: expressions(*pair) for pair in pairs}
    parser.cache_clear()
    again = made(monkeypatch)
    assert {pair: expressions(*pair) for pair in pairs} == patterns
    assert (len(pairs), again) == (len(set(pairs)), [])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def older(path: Path) -> None:
    keep(path.name, b"an older grammar", pickle.dumps("an older parser"))


def foreign(path: Path) -> None:
    keep(path.name, stage._key("jiayi", "entry"), b"no pickle")


@pytest.mark.parametrize("spoil", [cut, emptied, damaged, writable_by_others, older, foreign])
def test_what_is_not_whole_ours_and_of_today_is_made_anew(
    spoil: object, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(spoil)
    first = tree()
    spoil(folder / "jiayi-entry")
    again = made(monkeypatch)
    assert tree() == first
    assert again == ["entry"]
    assert tree() == first
    assert again == ["entry"]
    assert not (folder / "jiayi-entry").stat().st_mode & 0o077


def test_a_file_of_another_user_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("name", KEY, b"data")
    assert recall("name", KEY) == b"data"
    monkeypatch.setattr(os, "getuid", lambda: (folder / "name").stat().st_uid + 1)
    assert recall("name", KEY) is None


def test_another_key_is_another_thing() -> None:
    keep("name", KEY, b"data")
    assert recall("name", KEY + b"!") is None
    assert recall("other", KEY) is None


def test_no_place_to_write_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tree()
    folder.rename(folder.with_name("gone"))
    folder.write_text("a file stands here")
    assert tree() == first
    monkeypatch.delenv("MINGTANG_CACHE")
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)

    def nobody() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", nobody)
    keep("name", KEY, b"data")
    assert recall("name", KEY) is None
    assert tree() == first


def test_the_cache_is_that_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINGTANG_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    keep("name", KEY, b"data")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    keep("name", KEY, b"data")
    monkeypatch.setattr(sys, "platform", "darwin")
    keep("name", KEY, b"data")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    keep("name", KEY, b"data")
    assert {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("name")} == {
        "xdg/mingtang/name",
        ".cache/mingtang/name",
        "Library/Caches/mingtang/name",
        "local/mingtang/name",
    }
    assert stat.S_IMODE((tmp_path / "xdg" / "mingtang").stat().st_mode) == 0o700


def test_programs_that_write_at_once_leave_one_whole_file(folder: Path) -> None:
    code = (
        "from pipeline.reading.cache import keep, recall\n"
        "for _ in range(200):\n"
        "    keep('name', b'key', bytes([{i}]) * 100_000)\n"
        "    assert len(set(recall('name', b'key'))) == 1"
    )
    commands = [[sys.executable, "-c", code.format(i=i)] for i in range(2)]
    programs = [subprocess.Popen(command, cwd=home()) for command in commands]
    assert [program.wait() for program in programs] == [0, 0]
    assert [path.name for path in folder.iterdir()] == ["name"]
