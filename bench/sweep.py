"""``python -m bench.sweep [WORDS]``: how time grows with the length of a text, worst first.

Every expression of the program over texts made of its own alternatives (``tests.backtrack``), and
the whole extraction of each genre over units repeated in each place where a text can have them.
The last doubling twice over counts: seconds at 32,000 characters against those at 8,000, as the
exponent of the length; 1 is in proportion, 2 the square. Only rows with WORDS in their name.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import regex

from tests.backtrack import adversaries, grammars, modules, terminals, written
from tests.corpus import extract, invented

LENGTHS = (2_000, 8_000, 32_000)
PATIENCE = 60
"""Seconds of the processor for one text; what takes longer is given as endless."""
NOTICED = 0.05
"""Seconds below which a clock says nothing about growth."""
PACE = 1.2

UNITS = """
督脈、 督脈 任脈 手足太陽、 手足太陽 太陽 凡一穴 凡 刺 灸 留 百會， 百會、 百會 神庭，在 神庭在
即百會 謂百會、 百會穴也， 所在刺灸 刺灸分壯 相去 各刺 餘 并 與 如 同身寸之 五寸 下一穴 《素問》
氣府論注 新校正云 注 經 論 云 作 一名 在 俠 坐 也 百 一 令人 令人。 灸一壯， 若灸者
刺可入同身寸之一分 。 ， 、 ）（ （ 穴
"""
LINES = {
    "entries": "神庭，在髮際（一曰額上），刺入三分，灸三壯。\n",
    "names": "神庭在\n",
    "doses": "刺入三分。\n",
    "sections": "# 頭凡一穴第一\n\n神庭，在髮際，刺入三分。\n\n",
    "contents": "頭凡一穴第一\n神庭、上星\n",
    "circled": "足太陽脈氣所發者①\n\n　　①謂百會穴也，在頂。新校正云：「某」\n\n",
    "referring": "　　①謂百會穴也，刺灸分壯與上星同法。\n",
    "paragraphs": "下關二穴。\n聽宮下，頰車上，即下關穴。\n",
    "items": "1. 湧泉，井穴\n",
}
MANDOKU = "#+PROPERTY: ID X\n<pb:X_Y_001-1a>¶\n"
PLACES: dict[str, tuple[str, str, str]] = {
    "catalogue, entry": ("jiayi", "markdown", "# 頭凡一穴第一\n\n神庭，在{}\n"),
    "catalogue, note": ("jiayi", "markdown", "# 頭凡一穴第一\n\n神庭，在（{}）髮際，刺入三分。\n"),
    "catalogue, before": ("jiayi", "markdown", "{}\n# 頭凡一穴第一\n\n神庭，在髮際，刺入三分。\n"),
    "catalogue, tagged": ("jiayi", "tagged", "<篇名>頭凡一穴第一\n属性：神庭，在{}\n"),
    "catalogue, plain": ("jiayi", "plain", "神庭，在{}\n"),
    "catalogue, mandoku": ("jiayi", "mandoku", MANDOKU + "　　頭凡一穴第一¶\n神庭在{}¶\n"),
    "commentary, note": ("suwen_wang", "circled", "氣府論篇第五十九\n\n足太陽①\n　　①{}\n"),
    "commentary, text": ("suwen_wang", "circled", "氣府論篇第五十九\n\n{}①\n　　①謂百會也。\n"),
    "commentary, remark": ("suwen_wang", "circled", "足太陽①\n　　①謂百會也。新校正云：{}\n"),
    "commentary, mandoku": ("suwen_sbck", "mandoku", MANDOKU + "氣府論篇第五十九¶\n足({})¶\n"),
    "glosses, gloss": ("suwen_zhijie", "plain", "氣府論篇第五十九\n下關二穴。\n{}\n"),
    "glosses, statement": ("suwen_zhijie", "plain", "氣府論篇第五十九\n{}\n即下關穴。\n"),
    "article, item": ("wiki", "markdown", "足少陰腎經\n\n1. 湧泉，{}\n2. 然谷\n"),
}

Work = Callable[[int], Callable[[], object]]
"""What is to be timed, for a text of so many characters."""


def seconds(work: Callable[[], object]) -> float:
    """The processor time of a work, in a process of its own, for some cannot be stopped."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        begin = time.process_time()
        work()
        os.write(writing, str(time.process_time() - begin).encode())
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 100)
    os.close(reading)
    os.waitpid(child, 0)
    return float(said or "inf")


def expressions() -> Iterator[tuple[str, Work]]:
    """A search with each expression through each of its texts."""
    for home, found in ((g, terminals(g)) for g in grammars()):
        for expression, name in found.items():
            yield from _searches(f"{home} {name}", expression.words, adversaries(expression, 40))
    for home, found in ((m, written(m)) for m in modules()):
        for expression, name in found.items():
            if not expression.once:
                texts = adversaries(expression, 40)
                yield from _searches(f"{home} {name}", expression.words, texts)


def _searches(
    name: str, words: str, texts: list[Callable[[int], str]]
) -> Iterator[tuple[str, Work]]:
    pattern = regex.compile(words)
    for text in texts:
        yield f"{name}: {text(12)}", partial(_searching, pattern, text)


def _searching(
    pattern: regex.Pattern[str], text: Callable[[int], str], n: int
) -> Callable[[], object]:
    return partial(_search, pattern, text(n))


def _search(pattern: regex.Pattern[str], text: str) -> None:
    for _ in pattern.finditer(text):
        pass


def extractions() -> Iterator[tuple[str, Work]]:
    """The extraction of each unit in each place, and of lines repeated as a whole."""
    for place, (grammar, form, frame) in PLACES.items():
        for unit in UNITS.split():
            yield f"{place}: {unit}", partial(_extraction, frame, unit, form, grammar)
        head = frame.partition("{}")[0]
        for kind, lines in LINES.items():
            frame = head.rpartition("\n")[0] + "\n{}"
            yield f"{place}: {kind}", partial(_extraction, frame, lines, form, grammar)


def _extraction(frame: str, unit: str, form: str, grammar: str, n: int) -> Callable[[], object]:
    text = frame.replace("{}", (unit * (n // len(unit) + 1))[:n])
    return partial(extract, invented(text, form, grammar=grammar))


def measured(work: Work) -> tuple[float, list[float]]:
    """The exponent of the growth at the end, and the seconds."""
    taken: list[float] = []
    for length in LENGTHS:
        taken.append(seconds(work(length)))
        if math.isinf(taken[-1]):
            return math.inf, taken
    if taken[-1] < NOTICED:
        return 0.0, taken
    before, last = max(taken[-2], NOTICED / 4), taken[-1]
    return math.log(last / before) / math.log(LENGTHS[-1] / LENGTHS[-2]), taken


def report(only: str = "") -> str:
    """The rows that grow faster than n^1.2, worst first, and how many were measured."""
    found = []
    for place, (grammar, form, frame) in PLACES.items():
        if only in place:
            extract(invented(frame.replace("{}", "百會"), form, grammar=grammar))
    rows = [row for source in (expressions, extractions) for row in source() if only in row[0]]
    for name, work in rows:
        growth, taken = measured(work)
        if growth > PACE:  # once more: what else runs on the machine is in the clock too
            growth, taken = min((growth, taken), measured(work))
        found.append((growth, name, taken))
    found.sort(reverse=True)
    lines = [
        f"n^{growth:.2f}  {' '.join(f'{one:.3f}' for one in taken)} s  {name!r}"
        for growth, name, taken in found[:20]
    ]
    fast = sum(growth > PACE for growth, _, _ in found)
    return "\n".join([*lines, f"{fast} of {len(found)} grow faster than n^{PACE}"])


if __name__ == "__main__":
    print(report(*sys.argv[1:2]))
