"""``python -m bench.site``: the pages of a library of 300 books, in a browser.

The books are copies of witnesses of the corpus under other sigla: 20 of 卷三 (328 entries each),
140 each of the article and of 素問直解. Printed are the time to write the pages, their number and
size, the largest of them, the first view of each kind, and how long a search takes: from the key
to the rows in the page, the first time and when all texts are there; and from opening the page.

``python -m bench.site FOLDER`` looks at a folder of pages that is there.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from pipeline.model import Result
from pipeline.publish.rows import rows
from pipeline.site.build import write
from pipeline.site.gather import Corpus, corpus
from tests.browser import browser, window
from tests.corpus import result

COPIES = {"jiayi-j3": 20, "wiki-ki": 140, "suwen-zhijie": 140}
LARGEST = 2_000_000
"""Bytes of a file that a page loads without being felt."""
LONGEST = 100
"""Milliseconds in which a search answers."""
AGAIN = 3
"""Times that each word is typed once more."""
WORDS = ("足少陰", "灸三壯", "神庭", "shenting", "之", "KI1")
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def copied(row: Any, old: str, new: str) -> Any:
    """A row of another witness: its siglum, and all ids that begin with it."""
    changed = {}
    for one in fields(row):
        value = getattr(row, one.name)
        if isinstance(value, str) and (value == old or value.startswith(f"{old}/")):
            changed[one.name] = new + value[len(old) :]
    return replace(row, **changed) if changed else row


def books() -> Iterator[tuple[str, str, Result]]:
    """The sigla of the copies, and of what they are copies."""
    for siglum, number in COPIES.items():
        for n in range(number):
            yield f"{siglum}-{n:03d}", siglum, result(siglum)


def library() -> Corpus:
    """300 books as the pages are made from them."""
    tables: dict[str, list[Any]] = {}
    texts = {}
    for new, old, found in books():
        texts[new] = found.witnesses[0].text
        for name, content in rows(found).items():
            held = tables.setdefault(name, [])
            if name == "points":
                held[:] = content
            else:
                held += (copied(row, old, new) for row in content)
    return corpus({name: tuple(held) for name, held in tables.items()}, {}, texts)


def main() -> None:
    """Print the figures; exit status 1 where a file is too large or a search too slow."""
    if len(sys.argv) > 1:
        sys.exit(looked_at(Path(sys.argv[1]).absolute()) > LONGEST)
    whole = library()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin, process = time.perf_counter(), time.process_time()
        sizes = write(whole, folder)
        took = time.perf_counter() - begin
        largest = max(sizes, key=lambda file: sizes[file])
        print(f"{len(whole.witnesses)} books, {len(whole.entries)} entries")
        print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB", end="; ")
        print(f"{took:.0f} s, {time.process_time() - process:.0f} s of processor")
        print(f"largest: {largest}, {sizes[largest] / 1e6:.2f} MB")
        slowest = looked_at(folder)
    sys.exit(sizes[largest] > LARGEST or slowest > LONGEST)


def looked_at(folder: Path) -> float:
    """Look at a page of each kind, and search; the slowest answer in milliseconds."""
    largest = max(folder.glob("read-*.html"), key=lambda path: path.stat().st_size)
    pages = ("index.html", "point-GV24.html", "point-KI1.html", largest.name)
    slowest = 0.0
    with browser() as opened, window(opened, folder, bypass_csp=True) as here:
        for address in (*pages, "texts.html", "plots.html", "compare.html"):
            page = here.open(address)
            page.wait_for_function(PAINTED)
            print(f"{address}: first view after {page.evaluate(PAINTED):.0f} ms")
        for word in WORDS:
            page = here.open(f"search.html#q={word}")
            begin = time.perf_counter()
            page.reload()
            page.wait_for_selector(".hit", timeout=120_000)
            opened_after = 1000 * (time.perf_counter() - begin)
            took = [float(page.get_attribute("#search", "data-took") or "nan")]
            for typed in ("", word) * AGAIN:
                page.fill("#search [name=q]", typed)
                page.wait_for_timeout(50)
                took.append(float(page.get_attribute("#search", "data-took") or "nan"))
            print(f"search {word}: {page.inner_text('#count')} places", end=", ")
            print(f"{min(took[2::2]):.0f} to {max(took):.0f} ms", end="; ")
            print(f"page opened and answered after {opened_after:.0f} ms")
            slowest = max(slowest, *took)
    return slowest


if __name__ == "__main__":
    main()
