"""``python -m bench``: characters a second, and the ratios to what one would use instead.

``--against TREE``: this checkout beside another one, cold and warm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.against import against
from bench.core import measure, report

if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m bench")
    options.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    tree = options.parse_args().against
    for line in against(tree) if tree else [report([measure("jiayi-j3"), measure("jiayi")])]:
        print(line, flush=True)
