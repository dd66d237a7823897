"""The genres of text: for each grammar the stages that a witness goes through, in order."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.genres import jiayi
from pipeline.model import Result, Witness

GENRES: dict[str, Callable[[Witness], Result]] = {
    "jiayi": jiayi.extract,
}
"""Grammar name to the function that extracts a witness of that genre."""
