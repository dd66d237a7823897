"""How much work a call is: counted, not timed, and so the same on any machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def calls(action: Callable[[], object]) -> int:
    """How many functions ``action`` calls, Python's own among them where bytecode calls them.

    >>> two, four = (calls(lambda: [len(c) for c in chars]) for chars in ("上星", "上星囟會"))
    >>> four - two
    2
    """
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count
