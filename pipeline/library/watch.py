"""What a process has taken of time and memory, as the system says."""

from __future__ import annotations

import os
import time
from pathlib import Path

IDLE = 5
"""Looks in a row at which a process did not ask for a processor: it waits for something else."""


class Watch:
    """The time of a process from now on: that which it works, whatever else the machine does.

    Where the system does not say, or the process waits for what does not come, the time on the
    wall counts.
    """

    def __init__(self, pid: int, limit: float):
        self.pid, self.limit = pid, limit
        self.begun, self.worked, self.idle = time.monotonic(), worked(pid)[0], 0

    def over(self) -> bool:
        """Whether the process has had its time."""
        seconds, waits = worked(self.pid)
        self.idle = self.idle + 1 if waits else 0
        if seconds - self.worked > self.limit:
            return True
        return time.monotonic() - self.begun > self.limit and self.idle >= IDLE


def worked(pid: int) -> tuple[float, bool]:
    """Seconds that a process has worked, and whether it waits for something else than a
    processor; where the system does not say, it always does.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(rest[10]) + int(rest[11])
    except (OSError, ValueError, IndexError):
        return 0, True
    return ticks / os.sysconf("SC_CLK_TCK"), state != "R"


def resident(pid: int) -> int:
    """Bytes of memory that a process has; 0 where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
