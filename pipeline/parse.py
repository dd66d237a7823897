"""Lark parses bounded slices: one entry or one note at a time, with whole-document positions."""

from __future__ import annotations

from functools import cache

import regex
from lark import Lark, Tree
from lark.exceptions import UnexpectedInput
from lark.lexer import Token
from lark.utils import TextSlice

from pipeline import tables
from pipeline.lexicon import lexicon
from pipeline.normalize import variants

Node = Tree[Token] | Token


def expand(name: str) -> str:
    """A grammar with its named pieces put in: ``//let NAME = regex`` of itself and of common.

    >>> "<" in expand("common").split("// ---- Everything")[0].split("ISSUE.7:")[1].split()[0]
    False
    """
    pieces = {"CHANNEL_NAME": _channel_names(), "CITED": _cited(), "NAME": _point_names()}
    source = tables.grammar(name)
    lets = tables.grammar("common") + ("" if name == "common" else source)
    for piece, body in regex.findall(r"^//let (\w+) = (.*)$", lets, regex.M):
        pieces[piece] = _substitute(body, pieces)
    return "\n".join(
        line if line.startswith("//") else _substitute(line, pieces) for line in source.split("\n")
    )


def _substitute(text: str, pieces: dict[str, str]) -> str:
    return regex.sub(r"<([A-Z_]+)>", lambda m: pieces[m.group(1)], text)


def _alternatives(words: set[str]) -> str:
    folded = {word.translate(variants()) for word in words}
    return "|".join(map(regex.escape, sorted(folded, key=lambda w: (-len(w), w))))


def _channel_names() -> str:
    names = {row["name"] for row in tables.table("authority/channels.tsv")}
    # The twelve regular channels are spelled out in the grammar, where 應手 is told apart.
    regular = regex.compile("[手足].*[陽陰明主]脈?|.*經")
    return _alternatives({n for n in names if len(n) > 1 and not regular.fullmatch(n)})


def _point_names() -> str:
    return _alternatives({name for name in lexicon().senses if len(name) > 1})


def _cited() -> str:
    names = {row["cited"] for row in tables.table("authority/works.tsv")}
    return _alternatives(names)


@cache
def parser(name: str) -> Lark:
    """The parser of a grammar; its start rules are ``entry`` and ``note``."""
    # Lark reads imported grammars from files: the pieces go into one text instead.
    common = {
        line.split(":", 1)[0].split(".")[0].strip(): line
        for line in expand("common").split("\n")
        if regex.match(r"[A-Z_]+(?:\.-?\d+)?:", line)
    }

    def inline(match: regex.Match[str]) -> str:
        return "\n".join(common[n.strip()] for n in match.group(1).split(","))

    text = regex.sub(r"^%import \.common \(([^)]*)\)$", inline, expand(name), flags=regex.M)
    return Lark(
        text,
        parser="lalr",
        lexer="contextual",
        start=["entry", "note"],
        regex=True,
        maybe_placeholders=False,
    )


def parse(
    grammar: str, start: str, chars: str, begin: int, end: int
) -> tuple[Tree[Token], list[tuple[int, int]]]:
    """The tree of a slice and the spans that no rule understood.

    A clause that cannot be parsed costs itself: the parse takes up again at the character after
    the place where it failed.
    """
    tree: Tree[Token] = Tree(start, [])
    failed: list[tuple[int, int]] = []
    lark = parser(grammar)
    while begin < end:
        try:
            part = lark.parse(TextSlice(chars, begin, end), start=start)
            tree.children += part.children
            break
        except UnexpectedInput as error:
            at = min(max(error.pos_in_stream or begin, begin), end - 1)
            if at > begin:
                head, lost = parse(grammar, start, chars, begin, at)
                tree.children += head.children
                failed += lost
            failed.append((at, at + 1))
            begin = at + 1
    return tree, failed
