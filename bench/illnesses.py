"""What statements of illness cost: ``python -m bench.illnesses``.

The whole 甲乙經 is read with and without them, in turns and in one process: seconds of the
processor, the least of several rounds, so that what else the machine does counts for both or for
neither. Each round normalizes the text anew, as a run does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pipeline.genres.stages import Stage, Step, take
from pipeline.knowledge.tables import home, manifest
from pipeline.model import Result
from pipeline.run import run
from pipeline.sources.normalize import layer

ROUNDS = 7
SIGLUM = "jiayi"
LEFT_OUT = ("indications", "cures")
"""The stages that find what a point is good for."""


def without(stage: Stage, given: Mapping[str, Any]) -> Any:
    """A stage as a run takes it, but for those of illness, which find nothing."""
    return Result() if stage.name in LEFT_OUT else take(stage, given)


def seconds(step: Step) -> tuple[float, int]:
    """What a run takes, and how many rows on illnesses it finds."""
    specs = [s for s in manifest(home() / "corpus" / "witnesses.toml") if s.siglum == SIGLUM]
    layer.cache_clear()
    begin = time.process_time()
    result = run(specs, step=step)
    return time.process_time() - begin, len(result.indications)


def main() -> None:
    """Measure in turns, and print."""
    seconds(take)
    rounds = [(seconds(take), seconds(without)) for _ in range(ROUNDS)]
    told, untold = (min(times) for times in zip(*rounds, strict=True))
    print(f"{told[0]:.3f} s with {told[1]} rows on illnesses, {untold[0]:.3f} s with {untold[1]}")
    print(f"{told[0] / untold[0]:.2f} times as long")


if __name__ == "__main__":
    main()
