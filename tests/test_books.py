"""Which book a text is, and what a witness is called where no manifest says so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pipeline.knowledge.books import titled
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import home, table
from pipeline.run import run
from pipeline.sources.recognise import Choice, sources

ENTRY = "神庭一穴。在鼻直入发际五分。灸二七壮。\n上星一穴。在鼻直上入发际一寸陷中。灸三壮。\n"


@pytest.mark.parametrize(
    ("text", "file", "siglum"),
    [
        ("<篇名>针灸大成\n书名：针灸大成\n", "299", "dacheng"),
        ("中医瑰宝苑\n 十四经发挥\n元·滑寿撰\n", "688", "fahui"),
        ("# 新刊銅人鍼灸資生經卷第一\n", "x", "zisheng"),
        ("<篇名>普济方·针灸\n", "316", "puji"),
        ("《經穴彙解》\n", "x", "huijie"),
        ("类经图翼 卷六\n", "x", "tuyi"),
        ("神庭，在发际。", "428-类经图翼", "tuyi"),
        ("神庭。\n" * 40 + "资生经卷一\n神庭。\n资生经卷二\n", "x", "zisheng"),
    ],
)
def test_a_book_is_known_by_what_it_calls_itself(text: str, file: str, siglum: str) -> None:
    found = titled(text, file)
    assert found and found.siglum == siglum


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("<篇名>针灸大成校释\n", "x"),
        ("针灸大成\n针灸资生经\n", "x"),
        ("《针灸大成》云神庭在发际。\n", "x"),
        ("重刻《外台秘要方》序\n", "x"),
        ("神庭。\n" * 40 + "资生经卷一\n神庭。\n", "x"),
        ("针灸大成，针灸资生经，甲乙经\n", "x"),
        ("神庭一穴", "my針灸大成notes"),
    ],
)
def test_a_text_that_only_speaks_of_a_book_is_none(text: str, file: str) -> None:
    assert titled(text, file) is None


def test_a_commentary_names_the_book_that_it_is_on() -> None:
    found = titled("重廣補注黃帝內經素問\n黃帝內經素問卷一\n", "x")
    assert found and (found.work, found.author) == ("suwen", "王冰")


def test_a_text_without_manifest_is_called_as_its_book_is(tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    first.write_text("<篇名>针灸资生经\n" + ENTRY, encoding="utf-8")
    second.write_text("<篇名>针灸资生经\n" + ENTRY * 2, encoding="utf-8")
    other.write_text(ENTRY, encoding="utf-8")
    found = sources([first, second, other])
    assert [(s.siglum, s.work, s.title, s.year) for s in found] == [
        ("zisheng", "zisheng", "針灸資生經", 1220),
        ("b", "zisheng", "針灸資生經", 1220),
        ("c", "c", "c", None),
    ]
    [told] = sources([first], Choice(siglum="mine"))
    assert (told.siglum, told.work) == ("mine", "zisheng")


def test_a_manifest_is_believed_and_its_title_dates_the_witness() -> None:
    years = {spec.siglum: (spec.author, spec.year) for spec in sources([Path("corpus")])}
    assert years["jiayi"] == ("皇甫謐", 282)
    assert years["suwen-wang"] == ("王冰", 762)
    assert years["suwen-zhijie"] == ("高世栻", 1695)
    assert years["wiki-ki"] == ("", None)


MANIFEST = """[[witness]]
siglum = "a"
work = "a"
title = "a"
edition = ""
file = "a.txt"
format = "plain"
grammar = "catalogue"
script = "hans"
licence = ""
origin = ""
profile = "{}"
"""
TWO_WAYS = """百会一穴。在顶中央。灸七壮。
前顶一穴。在百会前一寸五分。灸三壮。
囟会一穴。在上星后一寸。灸三壮。
上星一穴。在鼻直上入发际一寸。灸三壮。
神庭一穴。在鼻直入发际五分。灸二七壮。
"""


@pytest.mark.parametrize(("profile", "read"), [("tallied", 5), ("colon", 0)])
def test_a_manifest_says_in_which_way_a_catalogue_is_written(
    tmp_path: Path, profile: str, read: int
) -> None:
    (tmp_path / "a.txt").write_text(TWO_WAYS, encoding="utf-8")
    (tmp_path / "witnesses.toml").write_text(MANIFEST.format(profile), encoding="utf-8")
    result = run(sources([tmp_path]))
    assert len(result.entries) == read
    assert {s.profile for s in result.sections if s.entries} == ({profile} if read else set())


def _words(path: Path) -> list[str]:
    """The strings of a program but for its docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    told = {id(n.value) for n in nodes if isinstance(n, ast.Expr)}
    strings = (n for n in nodes if isinstance(n, ast.Constant) and id(n) not in told)
    return [n.value for n in strings if isinstance(n.value, str)]


GRAMMARS = {path.stem for path in (home() / "grammars").glob("*.lark")}


def test_no_book_is_named_in_the_program() -> None:
    books = table("authority/books.tsv")
    named = [row["title"] for row in books if row["title"]]
    titles = {*named, *map(to_simplified, named)}
    sigla = {row["siglum"] for row in books} - GRAMMARS - {""}
    found = [
        (path.name, words)
        for path in sorted((home() / "pipeline").rglob("*.py"))
        for words in _words(path)
        if words in sigla or any(title in words for title in titles)
    ]
    assert found == []
