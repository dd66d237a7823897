"""No expression takes more than its share: twice the text, about twice the looks at a character.

The texts repeat what an expression itself consists of (``tests.backtrack``). Work is counted at n,
2n, 4n …, as long as it grows faster than n^1.2: the bounds of an expression (ten channels of nine
characters) must be passed before its work is seen to grow in proportion.
"""

from __future__ import annotations

import sys

import pytest

from tests.backtrack import (
    EndlessError,
    Expression,
    adversaries,
    grammars,
    modules,
    named,
    steps,
    terminals,
    written,
)
from tests.corpus import extract, invented, misplaced, untiled

LENGTH = 80
DOUBLED = 5
"""How often a text is doubled before its growth counts as endless."""
PACE = 2**1.2
MOST = 3000
"""Steps for each character, beyond which nobody counts: lists that split in several ways take
30,000 in a list of fifteen."""


@pytest.fixture(autouse=True)
def depth() -> None:
    """A repetition is a call within a call."""
    sys.setrecursionlimit(100_000)


def runs_away(expression: Expression) -> tuple[str, list[int]] | None:
    """A text over which the work of an expression keeps growing too fast, with the steps."""
    for text in adversaries(expression):
        counted: list[int] = []
        for length in (LENGTH << k for k in range(DOUBLED)):
            try:
                counted.append(steps(expression, text(length), MOST * length))
            except EndlessError:
                counted.append(MOST * length + 1)
                break
            if counted[1:] and counted[-1] <= PACE * counted[-2]:
                break
        else:
            return text(20), counted
        if counted[-1] > MOST * length:
            return text(20), counted
    return None


@pytest.mark.parametrize("grammar", grammars())
def test_terminals(grammar: str) -> None:
    assert {n: bad for e, n in terminals(grammar).items() if (bad := runs_away(e))} == {}


@pytest.mark.parametrize("name", named())
def test_patterns(name: str) -> None:
    assert runs_away(named()[name]) is None


@pytest.mark.parametrize("module", modules())
def test_expressions(module: str) -> None:
    assert {n: bad for e, n in written(module).items() if (bad := runs_away(e))} == {}


@pytest.mark.parametrize(
    "words",
    [
        "(?:督脈|督(?=脈)|脈)*之會",
        "凡.*穴",
        "(?:頭|首)+在",
        "(?=(?:百會)*在)百會",
        "令人.*?(?=。*$)",
    ],
)
def test_what_grows_is_found(words: str) -> None:
    assert runs_away(Expression(words))


@pytest.mark.parametrize("words", ["(?>督脈|脈){0,9}之會", "凡.{0,9}穴", "刺入[一二三]++[寸分]"])
def test_what_does_not_grow_is_left_alone(words: str) -> None:
    assert not runs_away(Expression(words))


# --- slices ---------------------------------------------------------------------------------------

SCRAPS = (
    "新校正云：「",
    "」",
    "『",
    "』",
    "同身寸之",
    "三分，",
    "也，",
    "。",
    "\n　　",
    "注云：「",
    "當從一，留一呼。",
)


@pytest.mark.parametrize("first", SCRAPS)
def test_remarks_of_scraps_stay_inside_their_note(first: str) -> None:
    """Two measures of the commentary in one quotation were counted twice, beyond the end."""
    for second in SCRAPS:
        for third in SCRAPS:
            text = f"①新校正云：「{first}{second}{third}同身寸之同身寸之"
            source = invented(text, "circled", grammar="suwen_wang")
            found = extract(source)
            assert untiled(source, found) == ""
            assert misplaced(source, found) == []
