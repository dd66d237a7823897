"""Damaged sources: whatever is done to a text, it ends in diagnostics and is accounted for."""

from __future__ import annotations

import random

import pytest

from pipeline.sources.read import ReadError, decode
from tests.corpus import SPECS, extract, invented, misplaced, untiled, witness

SIZES = ((1840, 500), (120, 6000), (30, 17000), (10, 10**6))
"""How many mutations of parts of a source of how many characters."""
BATCHES = 40
FORMS = sorted({spec.format for spec in SPECS.values()})
NOISE = 200


def damaged(chance: random.Random, size: int) -> tuple[str, str]:
    """The siglum of a source and a part of it, cut, swapped, thinned out or repeated."""
    siglum = chance.choice(("jiayi-j3", "jiayi"))
    text = witness(siglum).text
    # Of the whole book only a third holds points: two parts of three are taken from there.
    book = siglum == "jiayi" and chance.random() < 2 / 3 and size < 20000
    low, high = (31000, 50000) if book else (0, len(text))
    at = chance.randrange(low, max(low + 1, high - size))
    text = text[at : at + size]
    for _ in range(chance.randint(1, 5)):
        a, b, c = sorted(chance.randrange(len(text) + 1) for _ in range(3))
        match chance.randrange(5):
            case 0:  # cut short
                text = text[a:]
            case 1:  # two passages swapped
                text = text[:a] + text[b:c] + text[a:b] + text[c:]
            case 2:  # a passage lost
                length = chance.choice((1, 2, 5, 50))
                text = text[:a] + text[a + length :]
            case 3:  # a passage repeated
                text = text[:b] + text[a:b][:300] + text[b:]
            case _:  # characters lost and doubled all over
                for _ in range(20):
                    i = chance.randrange(len(text) + 1)
                    text = text[:i] + text[i:][: chance.randrange(3)] + text[i + 1 :]
        text = text or "。"
    return siglum, text


def holds(text: str, form: str, script: str = "hans") -> None:
    source = invented(text, form, script)
    found = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutations_end_in_diagnostics(batch: int) -> None:
    assert sum(count for count, _ in SIZES) >= 2000
    for count, size in SIZES:
        for number in range(batch, count, BATCHES):
            chance = random.Random(f"{size}/{number}")
            siglum, text = damaged(chance, size)
            holds(text, SPECS[siglum].format)


@pytest.mark.parametrize("batch", range(4))
def test_random_bytes_are_refused_or_accounted_for(batch: int) -> None:
    """As they come they are refused with the place; in a given encoding they go all the way."""
    for number in range(batch, NOISE, 4):
        chance = random.Random(number)
        data = chance.randbytes(chance.choice((0, 1, 7, 100, 2000)))
        form = chance.choice(FORMS)
        try:
            text, _ = decode(data)
        except ReadError as refusal:
            assert "byte" in str(refusal)
        else:
            holds(text, form)
        holds(decode(data, "latin-1")[0], form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    ["", "\n", "。", "（", "）", "#", "##", "<篇名>", "<目录>", "属性：", "□", " ", "凡七穴第一",
     "## 凡七穴第一", "<篇名>凡七穴第一属性:", "---\n---\n", "&KR0001;", "\\x", "HT", "①",
     "## 頭凡一穴第一\n神庭，在", "\ufeff", "\x00", "神庭，在髮際\r刺入三分\x85灸三壯"],
)  # fmt: skip
def test_scraps_end_in_diagnostics(form: str, text: str) -> None:
    holds(text, form)
