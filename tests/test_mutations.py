"""Damaged sources: whatever is done to a text, it ends in diagnostics and is accounted for."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass, replace
from functools import cache, partial

import pytest

from pipeline.model import Witness
from pipeline.sources.read import ReadError, decode
from tests.corpus import SPECS, extract, invented, misplaced, untiled, witness
from tests.mutations import OPERATORS, mutated, passage
from tests.test_suwen_sbck import QI_FU, QI_XUE, SHUI_RE, made
from tests.work import WorkLimitError, calls


@dataclass(frozen=True, slots=True)
class Plan:
    """How many mutations of passages of a source."""

    source: str
    size: int
    count: int
    points: bool = False
    """Whether the passages are taken from where the points are, or from anywhere."""


POINTS = {"jiayi": slice(31_000, 50_000)}
"""What in a book holds the points, where most of it does not."""
PLANS = (
    Plan("jiayi-j3", 500, 600),
    Plan("jiayi-j3", 6_000, 30),
    Plan("jiayi-j3", 17_000, 8),
    Plan("jiayi", 500, 500, True),
    Plan("jiayi", 500, 200),
    Plan("jiayi", 6_000, 30, True),
    Plan("jiayi", 17_000, 8, True),
    Plan("jiayi", 150_000, 4),
    Plan("suwen-wang", 400, 300),
    Plan("suwen-wang", 6_000, 20),
    Plan("suwen-zhijie", 1_000, 200),
    Plan("suwen-zhijie", 4_000, 10),
    Plan("wiki-ki", 3_000, 200),
    Plan("suwen-sbck", 3_000, 200),
)
BATCH = 40_000
"""Passages of how many characters are one test."""
TIMES = 10
"""How many times the work of an undamaged passage a damaged one may be."""
FORMS = sorted({spec.format for spec in SPECS.values()})
NOISE = 200


@cache
def source(name: str) -> Witness:
    # The edition is not shipped; three pieces of it are.
    return made(QI_XUE + QI_FU + SHUI_RE) if name == "suwen-sbck" else witness(name)


def text_of(name: str, points: bool) -> str:
    return source(name).text[POINTS.get(name, slice(None)) if points else slice(None)]


def holds(damaged: Witness) -> None:
    found = extract(damaged)
    assert untiled(damaged, found) == ""
    assert misplaced(damaged, found) == []


def ends_soon(damaged: Witness, limit: float) -> None:
    """What is made once for all, as what a grammar needs where a parse fails, does not count."""
    try:
        calls(lambda: extract(damaged), limit)
    except WorkLimitError:
        calls(lambda: extract(damaged), 20 * limit)
        calls(lambda: extract(damaged), limit)


@cache
def most(name: str, size: int) -> float:
    """The most work that a passage may be: of undamaged ones that hold points the median, times
    ten.
    """
    whole, chance = source(name), random.Random(name)
    passages = [passage(chance, text_of(name, points=True), size) for _ in range(9)]
    holds(whole)  # tables and grammars are read
    works = [calls(partial(extract, replace(whole, text=text))) for text in passages]
    return TIMES * statistics.median(works)


def batches() -> list[tuple[Plan, range]]:
    return [
        (plan, range(begin, min(plan.count, begin + max(1, BATCH // plan.size))))
        for plan in PLANS
        for begin in range(0, plan.count, max(1, BATCH // plan.size))
    ]


@pytest.mark.parametrize(
    ("plan", "numbers"),
    [pytest.param(p, n, id=f"{p.source}-{p.size}-{n.start}") for p, n in batches()],
)
def test_mutations_end_in_diagnostics_and_soon(plan: Plan, numbers: range) -> None:
    whole = source(plan.source)
    for number in numbers:
        chance = random.Random(f"{plan.source}/{plan.size}/{number}")
        text = mutated(chance, passage(chance, text_of(plan.source, plan.points), plan.size))
        damaged = replace(whole, text=text)
        ends_soon(damaged, most(plan.source, plan.size))
        holds(damaged)


def test_a_note_that_says_clauses_twice_has_an_end() -> None:
    said = "督脈之會、足太陽之會。" * 2
    text = f"# 頭直鼻中凡一穴第一\n\n神庭，在髮際直鼻（{said}）禁不可刺，灸三壯。"
    ends_soon(invented(text), most("jiayi-j3", 500))


def test_there_are_mutations_enough() -> None:
    assert sum(plan.count for plan in PLANS) >= 2_000


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_changes_a_text(name: str) -> None:
    text = source("jiayi-j3").text[2_000:4_000]
    changed = [OPERATORS[name](random.Random(number), text) for number in range(10)]
    assert sum(one != text for one in changed) >= 7


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
            holds(invented(text, form, "hans"))
        holds(invented(decode(data, "latin-1")[0], form, "hans"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    ["", "\n", "。", "（", "）", "#", "##", "<篇名>", "<目录>", "属性：", "□", " ", "凡七穴第一",
     "## 凡七穴第一", "<篇名>凡七穴第一属性:", "---\n---\n", "&KR0001;", "\\x", "HT", "①",
     "## 頭凡一穴第一\n神庭，在", "\ufeff", "\x00", "神庭，在髮際\r刺入三分\x85灸三壯"],
)  # fmt: skip
def test_scraps_end_in_diagnostics(form: str, text: str) -> None:
    holds(invented(text, form, "hans"))
