"""``python -m bench``: characters a second, and the ratios to what one would use instead."""

from __future__ import annotations

from bench.core import measure, report

if __name__ == "__main__":
    print(report([measure("jiayi-j3"), measure("jiayi")]))
