"""The grammars: that the program reads every rule they have, every word of the tables, in time."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.numerals import written
from pipeline.knowledge.tables import home, table
from pipeline.reading.interpret import CLAUSES, DOSES
from pipeline.reading.parse import expand, parse, parser, starts
from tests.corpus import extract, invented
from tests.work import calls

GRAMMARS = sorted(p.stem for p in (home() / "grammars").glob("*.lark") if p.stem != "common")

# Rules whose words are read, not their name.
READ_AS_WORDS = {
    "depth": "a measure is read by depth_of, whatever its form",
    "depth_stated": "what neither breaths nor cones are is a measure",
}


# --- rules and the program, both ways -------------------------------------------------------------


@cache
def program() -> ast.AST:
    """The module that reads the trees of the 甲乙經."""
    return ast.parse((home() / "pipeline" / "reading" / "interpret.py").read_text(encoding="utf-8"))


def words(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def compared() -> set[str]:
    """The words that the program holds the name of a rule against."""
    found: set[str] = set()
    for node in ast.walk(program()):
        if isinstance(node, ast.Compare):
            left = ast.unparse(node.left)
            if left == "rule" or left.endswith(".data") or left.startswith("_rule("):
                found |= {w for c in node.comparators for w in words(c)}
    return found - {""}


def rules(grammar: str, start: str = "") -> set[str]:
    """The rules that make a tree, of a grammar or below one start; inlined ones do not."""
    inlined = set(re.findall(r"^\?(\w+):", expand(grammar), re.M))
    below: dict[str, set[str]] = {}
    for rule in (rule for begin in starts(grammar) for rule in parser(grammar, begin).rules):
        below.setdefault(str(rule.origin.name), set()).update(
            str(part.name) for part in rule.expansion if not part.is_term
        )
    found = {start} if start else set(below)
    while start and (more := {n for rule in found for n in below[rule]} - found):
        found |= more
    return {n for n in found if not n.startswith("_")} - inlined - {"entry", "note"}


def test_every_rule_of_an_entry_has_a_reader_and_every_reader_a_rule() -> None:
    assert rules("jiayi", "entry") - {"depth"} == set(CLAUSES)


def test_every_rule_of_a_note_is_read() -> None:
    read = compared() | set(DOSES) | {"posture"}  # a posture is what a warning is not
    assert rules("jiayi", "note") - read == set(READ_AS_WORDS)


def test_every_name_the_program_knows_is_in_the_grammar() -> None:
    terminals = {t.name for start in starts("jiayi") for t in parser("jiayi", start).terminals}
    named = {word for word in words(program()) if re.fullmatch("[A-Z]+(_[A-Z]+)*", word)}
    assert named - terminals == set()
    assert compared() - rules("jiayi") == set()


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_imported_terminals_keep_their_names(grammar: str) -> None:
    for start in starts(grammar):
        assert [t.name for t in parser(grammar, start).terminals if "__" in t.name] == []


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_every_terminal_and_every_piece_is_used(grammar: str) -> None:
    text = expand(grammar)
    bodies = re.sub(r"^(?:\w+(?:\.-?\d+)?(?=:)|//.*$|%import.*$)", "", text, flags=re.M)
    defined = re.findall(r"^([A-Z_]+)(?:\.-?\d+)?:", text, re.M)
    imported = re.findall(r"[A-Z_]+", "".join(re.findall(r"^%import(.*)$", text, re.M)))
    for name in [*defined, *imported]:
        assert re.search(rf"\b{name}\b", bodies), name
    sources = "".join((home() / "grammars" / f"{n}.lark").read_text() for n in ("common", grammar))
    for piece in re.findall(r"^//let (\w+)", sources, re.M):
        assert f"<{piece}>" in sources, piece


# --- the words of the tables ----------------------------------------------------------------------


def tokens(start: str, text: str, kind: str) -> list[str]:
    tree, failed = parse("jiayi", start, text, 0, len(text))
    assert failed == []
    found = tree.scan_values(lambda t: isinstance(t, Token) and t.type == kind)
    return [str(token) for token in found]


@pytest.mark.parametrize("after", ["，在頭上", "在頭上", "，足太陽脈氣所發", "刺入三分"])
def test_every_point_name_can_be_an_alias(after: str) -> None:
    wrong = [
        (name, found)
        for name in sorted(lexicon().senses)
        if len(name) > 1 and (found := tokens("entry", f"一名{name}{after}", "ALIAS")) != [name]
    ]
    assert wrong == []


def not_before_a_relation(row: dict[str, str]) -> bool:
    """Forms of later texts (足少陰腎經), titles, and glyphs that mean a vessel in lists only."""
    name = row["name"]
    return name.endswith("經") or len(name) == 1 or name in ("手厥陰心主", "三陰脈", "三陽脈")


@pytest.mark.parametrize("after", ["之會", "脈氣所發", "之郄，", "所生"])
def test_every_channel_is_read_as_the_table_says(after: str) -> None:
    wrong = []
    for row in table("authority/channels.tsv"):
        name = folded(row["name"])
        if not_before_a_relation(row):
            continue
        said = after.removeprefix("脈") if name.endswith("脈") else after
        found = [ch.plain(t) for t in tokens("entry", name + said, "CHANNEL")]
        if [ch.canonical(f) for f in found] != [row["canonical"]]:
            wrong.append((name, found))
    assert wrong == []


@pytest.mark.parametrize("said", ["云：", "作", "曰"])
def test_every_cited_work_is_a_source(said: str) -> None:
    wrong = [
        (cited, found)
        for row in table("authority/works.tsv")
        if (cited := row["cited"].translate(variants()))[0] not in "又疑"  # again; a remark
        and (found := tokens("note", f"{cited}{said}刺入三分", "SOURCE")) != [cited]
    ]
    assert wrong == []


def test_a_title_counts_in_every_number() -> None:
    for number in range(1, 100):
        title = f"## 頭凡{written(number)}穴第{written(number)}\n\n神庭，在髮際，灸三壯。"
        (section,) = extract(invented(title)).sections
        assert (section.number, section.declared_points) == (number, number)


# --- growth ---------------------------------------------------------------------------------------

PIECES = {
    "text": "髮際直鼻",
    "clauses": "在髮際直鼻，督脈、足太陽之會，刺入三分，灸三壯。",
    "channels that meet nowhere": "手足少陽、陽明",
    "channels without a sign": "足太陽",
    "places": "在髮際",
    "aliases": "一名鼻衝",
    "warnings": "令人癲疾",
    "postures": "側臥屈足",
    "numerals": "三",
    "sources": "氣府論注及水穴注",
    "works": "《素問》",
    "sources that say": "氣府論注云：刺入三分。",
    "omens and acts": "刺之不幸灸",
    "signs": "，。",
}


@pytest.mark.parametrize("start", ["entry", "note"])
@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_is_at_most_three_times_the_work(piece: str, start: str) -> None:
    """Entries have some hundred characters; ten times that must still grow in proportion."""
    text = PIECES[piece] * (600 // len(PIECES[piece]))

    def work(text: str) -> int:
        return calls(lambda: parse("jiayi", start, text, 0, len(text)))

    work(text)
    assert work(text * 2) <= 3 * work(text)
