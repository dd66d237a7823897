"""The grammars: that the program reads every rule they have, every word of the tables, in time."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.numerals import written
from pipeline.knowledge.tables import home, table
from pipeline.reading.citations import NOTE
from pipeline.reading.parse import expand, parse, parser, starts
from pipeline.reading.spoken import STEPS
from pipeline.reading.statements import Dose, PointId
from pipeline.reading.values import CLAUSES
from pipeline.reading.voices import STEPS as VOICES
from pipeline.reading.voices import spoken
from pipeline.text.layer import plain
from pipeline.text.slice import Slice
from tests.corpus import extract, invented
from tests.work import calls

GRAMMARS = sorted(p.stem for p in (home() / "grammars").glob("*.lark") if p.stem != "common")

READERS = {
    ("catalogue", "entry"): ("reading/voices.py", "reading/values.py"),
    ("jiayi", "entry"): ("reading/values.py",),
    ("jiayi", "note"): ("reading/citations.py", "reading/values.py"),
    ("suwen_wang", "entry"): ("reading/spoken.py", "reading/values.py"),
    ("suwen_wang", "note"): ("reading/citations.py", "reading/values.py"),
    ("suwen_sbck", "note"): ("reading/pauses.py",),
    ("suwen_zhijie", "entry"): ("reading/glosses.py",),
    ("suwen_zhijie", "note"): ("reading/glosses.py", "reading/citations.py"),
    ("wiki", "entry"): ("genres/article.py",),
}
"""The modules that read the trees of each grammar."""
READ_OTHERWISE = {
    ("catalogue", "entry"): {},
    ("jiayi", "entry"): {},
    ("jiayi", "note"): {},
    ("suwen_wang", "entry"): {},
    ("suwen_wang", "note"): {},
    ("suwen_sbck", "note"): {
        "JOINED": "sources that go on with the words before them",
        "TEXT": "words between two clauses",
    },
    ("suwen_zhijie", "entry"): {},
    ("suwen_zhijie", "note"): {
        "ALIAS": "a further name of a point already named",
        "LEAD": "who or what is spoken of, no place",
        "LINK": "stands between a place and its point",
        "SIDES": "counts no points",
        "YE": "says that the name before it is meant, which that token knows",
    },
    ("wiki", "entry"): {
        "CATEGORY": "what has no column of its own is a remark",
    },
}
"""What stands in a tree and is not called by its name, and why."""


# --- rules and the program, both ways -------------------------------------------------------------


@cache
def called(paths: tuple[str, ...]) -> frozenset[str]:
    """The words of the program, its docstrings left out; ``on_moxa`` is called moxa and MOXA."""
    found: set[str] = set()
    for path in paths:
        for node in ast.walk(ast.parse((home() / "pipeline" / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            name = getattr(node, "name", getattr(node, "id", None))
            if isinstance(name, str) and name.startswith("on_"):
                found |= {name.removeprefix("on_"), name.removeprefix("on_").upper()}
    return frozenset(found)


def inlined(grammar: str) -> set[str]:
    return set(re.findall(r"^\?(\w+):", expand(grammar), re.M))


def below(grammar: str, start: str) -> dict[str, set[str]]:
    """Of each rule what it can hold: rules by the name that they have in a tree, terminals."""
    found: dict[str, set[str]] = {}
    for rule in parser(grammar, start).rules:
        parts = {str(part.name) for part in rule.expansion}
        found.setdefault(str(rule.origin.name), set()).update(parts)
    return found


def kinds(grammar: str, start: str, rule: str = "") -> set[str]:
    """What stands directly in the tree of a rule, as it is of the start rule: names of rules, of
    terminals.
    """
    held = below(grammar, start)
    called_as = {
        str(rule.origin.name): rule.alias or str(rule.origin.name)
        for rule in parser(grammar, start).rules
    }
    found: set[str] = set()
    waiting, seen = [rule or start], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for part in held[name]:
            through = part in inlined(grammar) or part.startswith("_")
            if part in held and through and part not in seen:
                waiting.append(part)
            elif part not in seen:
                found.add(called_as.get(part, part))
    return found


@pytest.mark.parametrize(("grammar", "start"), READERS)
def test_what_stands_in_a_tree_is_read(grammar: str, start: str) -> None:
    known = called(READERS[grammar, start])
    assert kinds(grammar, start) - known == set(READ_OTHERWISE[grammar, start])


UNREAD = "UNREAD"
"""What no rule of a grammar understood is a step of the reader all the same."""


def test_every_start_rule_has_a_reader() -> None:
    assert set(READERS) == {(grammar, start) for grammar in GRAMMARS for start in starts(grammar)}


@pytest.mark.parametrize("path", sorted({path for paths in READERS.values() for path in paths}))
def test_what_the_program_reads_is_in_the_grammar(path: str) -> None:
    """Names of terminals, in capitals, and the methods that are called by the name of a node."""
    grammars = [key for key, paths in READERS.items() if path in paths]
    terminals = {t.name for key in grammars for t in parser(*key).terminals}
    rules = {name for key in grammars for name in (*below(*key), *kinds(*key))}
    words = called((path,))
    capitals = {word for word in words if re.fullmatch("[A-Z]{2,}(_[A-Z]+)*", word)}
    methods = {word for word in words if word.upper() in words and word.islower()}
    assert {w for w in capitals if w.lower() not in methods} - terminals - {UNREAD} == set()
    assert {w for w in methods if w.upper() not in terminals} - rules == set()


def test_every_rule_of_an_entry_has_a_reader_and_every_reader_a_rule() -> None:
    rules = {kind for kind in kinds("jiayi", "entry") if kind.islower()}
    assert rules == set(CLAUSES)


def test_every_rule_of_a_commentary_has_a_step_and_every_step_a_rule() -> None:
    assert kinds("suwen_wang", "entry") == set(STEPS) - {UNREAD}


def test_every_rule_of_a_catalogue_has_a_step_and_every_step_a_rule() -> None:
    rules = kinds("catalogue", "entry")
    assert set(VOICES) <= rules
    assert rules <= {*VOICES, *CLAUSES, "LEAD_CHANNEL"}


def test_every_rule_of_a_note_has_a_reader_and_every_reader_a_rule() -> None:
    remarks = {kind for kind in kinds("suwen_zhijie", "note", "remark") if kind.islower()}
    assert kinds("jiayi", "note") | kinds("suwen_wang", "note") | remarks == set(NOTE)


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
    tree, failed = parse("jiayi", start, Slice(plain(text), 0, len(text)))
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
        if row["part"] != "siglum"
        and (cited := row["cited"].translate(variants()))[0] not in "又疑"  # again; a remark
        and (found := tokens("note", f"{cited}{said}刺入三分", "SOURCE")) != [cited]
    ]
    assert wrong == []


def test_every_named_work_speaks_in_a_catalogue() -> None:
    wrong = [
        (cited, found)
        for row in table("authority/works.tsv")
        if row["part"] != "unnamed"
        and (cited := row["cited"].translate(variants()))
        and (found := said_in_catalogue(f"鍼三分。{cited}云四分。")) != [None, cited]
    ]
    assert wrong == []


def said_in_catalogue(words: str) -> list[str | None]:
    """Who states the doses of an entry."""
    where = Slice(plain(words), 0, len(words))
    tree, _ = parse("catalogue", "entry", where)
    said = [s for s in spoken(tree, where.layer, PointId(0)) if isinstance(s.says, Dose)]
    return [s.by.printed if s.by else None for s in said]


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
        return calls(lambda: parse("jiayi", start, Slice(plain(text), 0, len(text))))

    work(text)
    assert work(text * 2) <= 3 * work(text)
