"""``python -m bench.mutations``: how long damaged texts take, beside the median of their like.

Tests count the work of a mutation; here the clock runs, as it does for a reader.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

from pipeline.model import Witness
from tests.corpus import extract
from tests.mutations import mutated, passage
from tests.test_mutations import PLANS, Plan, source, text_of

HEAD = ("source", "characters", "mutations", "median s", "longest s", "longest : median")


def seconds(plan: Plan) -> Iterator[float]:
    """The time of each mutation of a plan; tables and grammars are read beforehand."""
    whole = source(plan.source)
    extract(whole)
    for number in range(plan.count):
        chance = random.Random(f"clock/{plan.source}/{plan.size}/{number}")
        part = passage(chance, text_of(plan.source, plan.points), plan.size)
        damaged = replace(whole, text=mutated(chance, part))
        # The first parse that fails makes once for all what a grammar needs for it.
        yield min(_clocked(damaged), _clocked(damaged))


def _clocked(damaged: Witness) -> float:
    begin = time.process_time()
    extract(damaged)
    return time.process_time() - begin


def report() -> str:
    """A table in Markdown, one row for each source and length."""
    lines = [f"| {' | '.join(HEAD)} |", "| --- |" + " ---: |" * (len(HEAD) - 1)]
    for plan in PLANS:
        found = list(seconds(plan))
        median, most = statistics.median(found), max(found)
        cells = (
            plan.source,
            f"{plan.size}",
            f"{plan.count}",
            f"{median:.3f}",
            f"{most:.3f}",
            f"{most / median:.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
