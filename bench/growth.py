"""``python -m bench.growth``: time and memory against the length of the text.

A text twice as long may take twice the time and memory. 卷三 is put together up to eight times; one
line, brackets and comments without end are what a damaged or hostile file looks like.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from pipeline.api import extract
from pipeline.knowledge.tables import home
from pipeline.sources.read import decode

TIMES = (1, 2, 4, 8)
BOOK = home() / "corpus" / "jiayi" / "001_22ee83bfdcec024b.txt"
ENTRY = "神庭，在髮際（一曰額上），刺入三分，灸三壯。"


def texts(book: str) -> dict[str, Callable[[int], str]]:
    """Texts of a length that is a multiple of ``times``."""
    line = "".join(book.split())
    return {
        "卷三": lambda times: book * times,
        "卷三 from GB18030": lambda times: book * times,
        "卷三 in one line": lambda times: line * times,
        "entries in one line": lambda times: "# 頭凡一穴第一\n\n" + ENTRY * (500 * times),
        "brackets opened": lambda times: "# 頭凡一穴第一\n\n神庭，在" + "（" * (10_000 * times),
        "brackets in pairs": lambda times: "# 頭凡一穴第一\n\n神庭，在" + "（）" * (5_000 * times),
        "no dose": lambda times: "# 頭凡一穴第一\n\n神庭" + "，在上星上" * (2_000 * times),
    }


# Other work than the extraction.
WORK: dict[str, Callable[[str], object]] = {
    "卷三 from GB18030": lambda text: decode(text.encode("gb18030"))
}


def cost(text: str, work: Callable[[str], object] = extract) -> tuple[float, float]:
    """Seconds, and the most megabytes that were held."""
    begin = time.process_time()
    work(text)
    seconds = time.process_time() - begin
    tracemalloc.start()
    work(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak / 1e6


def report(book: Path = BOOK) -> str:
    """A table in Markdown: each text at each length, and eight times the length against once."""
    made = texts(book.read_text(encoding="utf-8"))
    extract(made["卷三"](1))
    lines = [
        f"| text | {' | '.join(f'{n}×' for n in TIMES)} | 8× : 1× time | 8× : 1× memory |",
        "| --- |" + " ---: |" * (len(TIMES) + 2),
    ]
    for name, text in made.items():
        found = [cost(text(times), WORK.get(name, extract)) for times in TIMES]
        cells = [f"{seconds:.2f} s, {size:.0f} MB" for seconds, size in found]
        ratios = [f"{found[-1][i] / found[0][i]:.1f}" for i in (0, 1)]
        lines.append(f"| {' | '.join((name, *cells, *ratios))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
