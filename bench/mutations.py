"""``python -m bench.mutations [SOURCE…]``: how long damaged texts take, beside the median of their
like.

Like are texts of one source and length that hold points, and those that hold none: prose is not
parsed, and takes a tenth of the time. Tests count the work of a mutation; here the clock runs, as
it does for a reader.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

from pipeline.model import Witness
from tests.corpus import extract
from tests.mutations import mutated, passage
from tests.test_mutations import PLANS, Plan, source, text_of

HEAD = ("source", "characters", "hold", "mutations", "median s", "longest s", "longest : median")


def seconds(plan: Plan) -> Iterator[tuple[str, float]]:
    """What each mutation of a plan holds, and its time; tables and grammars are read before."""
    whole = source(plan.source)
    extract(whole)
    for number in range(plan.count):
        chance = random.Random(f"clock/{plan.source}/{plan.size}/{number}")
        part = passage(chance, text_of(plan.source, plan.points), plan.size)
        damaged = replace(whole, text=mutated(chance, part))
        # The first parse that fails makes once for all what a grammar needs for it.
        taken = min(_clocked(damaged), _clocked(damaged))
        found = extract(damaged)
        yield "points" if found.entries or found.identifications else "prose", taken


def _clocked(damaged: Witness) -> float:
    begin = time.process_time()
    extract(damaged)
    return time.process_time() - begin


def report(names: list[str]) -> str:
    """A table in Markdown, two rows for each source and length."""
    lines = [f"| {' | '.join(HEAD)} |", "| --- | ---: | --- |" + " ---: |" * (len(HEAD) - 3)]
    for plan in PLANS:
        if names and plan.source not in names:
            continue
        found = list(seconds(plan))
        for kind in ("points", "prose"):
            if like := [taken for what, taken in found if what == kind]:
                lines.append(f"| {' | '.join(_row(plan, kind, like))} |")
    return "\n".join(lines)


def _row(plan: Plan, kind: str, like: list[float]) -> tuple[str, ...]:
    median, most = statistics.median(like), max(like)
    times = (f"{median:.4f}", f"{most:.4f}", f"{most / median:.1f}")
    return plan.source, f"{plan.size}", kind, f"{len(like)}", *times


if __name__ == "__main__":
    print(report(sys.argv[1:]))
