"""How much work a call is: counted, not timed, and so the same on any machine."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from types import FrameType


class WorkLimitError(AssertionError):
    """An action was stopped that called more functions than it may."""


def calls(action: Callable[[], object], limit: float = math.inf) -> int:
    """How many functions ``action`` calls, Python's own among them where bytecode calls them. At
    the limit it is stopped, so that what would never end fails.

    >>> two, four = (calls(lambda: [len(c) for c in chars]) for chars in ("上星", "上星囟會"))
    >>> four - two
    2
    """
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}
        if count > limit:
            raise WorkLimitError(f"more than {limit:.0f} calls")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count
