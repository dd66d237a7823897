"""The genres of text: for each grammar the stages that a witness goes through, in order."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.genres import article as wiki
from pipeline.genres import catalogue
from pipeline.genres import glosses as suwen_zhijie
from pipeline.genres.commentary import entries as suwen_wang
from pipeline.genres.commentary import pauses as suwen_sbck
from pipeline.model import Result, Witness

GENRES: dict[str, Callable[[Witness], Result]] = {
    "catalogue": catalogue.extract_any,
    "jiayi": catalogue.extract,
    "suwen_sbck": suwen_sbck.extract,
    "suwen_wang": suwen_wang.extract,
    "suwen_zhijie": suwen_zhijie.extract,
    "wiki": wiki.extract,
}
"""Grammar name to the function that extracts a witness of that genre."""
