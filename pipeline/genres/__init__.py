"""The genres of text: for each grammar the stages that a witness goes through, in order."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.genres import jiayi, suwen_sbck, suwen_wang, suwen_zhijie, wiki
from pipeline.model import Result, Witness

GENRES: dict[str, Callable[[Witness], Result]] = {
    "jiayi": jiayi.extract,
    "suwen_sbck": suwen_sbck.extract,
    "suwen_wang": suwen_wang.extract,
    "suwen_zhijie": suwen_zhijie.extract,
    "wiki": wiki.extract,
}
"""Grammar name to the function that extracts a witness of that genre."""
