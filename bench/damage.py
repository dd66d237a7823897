"""``python -m bench.damage [COUNT [SOURCE…]]``: slips in sources, and what they changed far away.

Tests try three hundred; here it is COUNT for each source (1,250 if not said, of four sources), with
the time each takes beside the median of its like. A slip is the same in every run; the row of a
source stands in ``build/damage.tsv`` when it is measured and is not measured again there, for the
same COUNT: a run that was stopped goes on, and sources can be measured by turns.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from tests.corpus import extract, result, untiled, witness
from tests.damage import damaged, trial, unsaid
from tests.test_damage import TRIALS

DONE = Path("build/damage.tsv")
"""The rows that are measured; removed by hand when the program changed."""
HEAD = ("source", "slips", "exceptions", "not accounted for", "silent", "longest : median")


def measured(siglum: str, count: int) -> tuple[str | int, ...]:
    """A row of the table; what was silent is printed as it is found."""
    source = witness(siglum)
    result(siglum)  # the grammar is read before the clock runs
    failed = untold = silent = 0
    seconds: list[float] = []
    for number in range(count):
        name, damage = trial(source, number)
        spoilt = damaged(source, damage)
        begin = time.process_time()
        try:
            found = extract(spoilt)
        except Exception as error:
            print(f"{siglum} {number} {name} at {damage.start}: {error!r}")
            failed += 1
            continue
        seconds.append(time.process_time() - begin)
        untold += untiled(spoilt, found) != ""
        changes = unsaid(source, damage, found)
        silent += bool(changes)
        for change in changes[:1]:
            print(f"{siglum} {number} {name} at {damage.start}: {change}", flush=True)
    slowest = max(seconds) / statistics.median(seconds)
    return siglum, count, failed, untold, silent, f"{slowest:.1f}"


def kept(siglum: str, count: int) -> tuple[str | int, ...]:
    """A row of the table, measured now or by a run before."""
    DONE.parent.mkdir(exist_ok=True)
    before = DONE.read_text(encoding="utf-8").splitlines() if DONE.exists() else []
    for line in before:
        if line.startswith(f"{siglum}\t{count}\t"):
            return tuple(line.split("\t"))
    row = measured(siglum, count)
    with DONE.open("a", encoding="utf-8") as file:
        file.write("\t".join(map(str, row)) + "\n")
    return row


if __name__ == "__main__":
    each = int(sys.argv[1]) if sys.argv[1:] else 1_250
    rows = [HEAD, ("---", *["---:"] * 5), *(kept(s, each) for s in sys.argv[2:] or TRIALS)]
    print("\n".join(f"| {' | '.join(map(str, row))} |" for row in rows))
