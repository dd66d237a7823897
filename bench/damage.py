"""``python -m bench.damage [COUNT]``: slips in four sources, and what they changed far away.

Tests try three hundred; here it is COUNT for each source (1,250 if not said), with the time each
takes beside the median of its like.
"""

from __future__ import annotations

import statistics
import sys
import time

from tests.corpus import extract, untiled, witness
from tests.damage import damaged, trial, unsaid
from tests.test_damage import TRIALS

HEAD = ("source", "slips", "exceptions", "not accounted for", "silent", "longest : median")


def measured(siglum: str, count: int) -> tuple[str | int, ...]:
    """A row of the table; what was silent is printed as it is found."""
    source = witness(siglum)
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
            print(f"{siglum} {number} {name} at {damage.start}: {change}")
    slowest = max(seconds) / statistics.median(seconds)
    return siglum, count, failed, untold, silent, f"{slowest:.1f}"


if __name__ == "__main__":
    each = int(sys.argv[1]) if sys.argv[1:] else 1_250
    rows = [HEAD, ("---", *["---:"] * 5), *(measured(siglum, each) for siglum in TRIALS)]
    print("\n".join(f"| {' | '.join(map(str, row))} |" for row in rows))
