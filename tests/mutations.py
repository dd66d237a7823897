"""Ways to damage a text: cut, swapped, thinned out, and clauses that stand twice."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

CLAUSE = re.compile(r"[^，。、；：？！()（）「」『』《》\[\]\n]+[，。、；：？！」』》]?")
"""What stands between signs, with the sign that ends it."""
NOTE = re.compile(r"[(（][^()（）]*[)）]|(?m:^[^\n()（）]*[①-⑳][^\n()（）]*$)")
"""A note: what stands in brackets, or a line with its sign."""
LINE = re.compile(r"[^\n]+")
"""An entry, a paragraph, a gloss."""


def _run(chance: random.Random, text: str, inside: re.Pattern[str]) -> tuple[str, int]:
    """One to three clauses that follow each other in one note or line, and where they end."""
    units = [m for m in inside.finditer(text) if CLAUSE.search(m[0])]
    if not units:
        return "", 0
    unit = chance.choice(units)
    clauses = list(CLAUSE.finditer(text, *unit.span()))
    first = chance.randrange(len(clauses))
    last = clauses[min(first + chance.randrange(3), len(clauses) - 1)]
    return text[clauses[first].start() : last.end()], last.end()


def _repeated(inside: re.Pattern[str]) -> Callable[[random.Random, str], str]:
    def operator(chance: random.Random, text: str) -> str:
        said, end = _run(chance, text, inside)
        return text[:end] + said * chance.choice((1, 1, 2, 20)) + text[end:]

    return operator


def said_elsewhere(chance: random.Random, text: str) -> str:
    """Clauses of one note said again in another."""
    said, _ = _run(chance, text, NOTE)
    _, end = _run(chance, text, NOTE)
    return text[:end] + said + text[end:]


def cut(chance: random.Random, text: str) -> str:
    """The beginning lost."""
    return text[chance.randrange(len(text) + 1) :]


def swapped(chance: random.Random, text: str) -> str:
    """Two passages in the wrong order."""
    a, b, c = sorted(chance.randrange(len(text) + 1) for _ in range(3))
    return text[:a] + text[b:c] + text[a:b] + text[c:]


def lost(chance: random.Random, text: str) -> str:
    """A passage left out."""
    a = chance.randrange(len(text) + 1)
    return text[:a] + text[a + chance.choice((1, 2, 5, 50)) :]


def repeated(chance: random.Random, text: str) -> str:
    """A passage copied twice."""
    a, b = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:b] + text[a:b][:300] + text[b:]


def thinned(chance: random.Random, text: str) -> str:
    """Characters lost and doubled all over."""
    for _ in range(20):
        i = chance.randrange(len(text) + 1)
        text = text[:i] + text[i:][: chance.randrange(3)] + text[i + 1 :]
    return text


def strewn(chance: random.Random, text: str) -> str:
    """A sign, or a glyph that opens something, where none belongs."""
    a = chance.randrange(len(text) + 1)
    sign = chance.choice("①②③。，、；「」『』《》（）\n□　氣穴各并餘下至同法第篇[](){}*KT")
    return text[:a] + sign * chance.choice((1, 2)) + text[a:]


OPERATORS: dict[str, Callable[[random.Random, str], str]] = {
    "cut": cut,
    "swapped": swapped,
    "lost": lost,
    "repeated": repeated,
    "thinned": thinned,
    "strewn": strewn,
    "clauses repeated in a note": _repeated(NOTE),
    "clauses repeated in an entry": _repeated(LINE),
    "clauses said in another note": said_elsewhere,
}


def mutated(chance: random.Random, text: str) -> str:
    """A text damaged one to five times."""
    for _ in range(chance.randint(1, 5)):
        text = chance.choice(list(OPERATORS.values()))(chance, text) or "。"
    return text


def passage(chance: random.Random, text: str, size: int) -> str:
    """A stretch of a text that is at most ``size`` long."""
    begin = chance.randrange(max(1, len(text) - size + 1))
    return text[begin : begin + size]
