"""The genres of text: for each grammar the stages that a witness goes through, in order."""

from __future__ import annotations

from pipeline.genres.article import ARTICLE
from pipeline.genres.catalogue import ANY, JIAYI
from pipeline.genres.commentary.entries import CIRCLED_NOTES
from pipeline.genres.commentary.pauses import WITHOUT_PAUSES
from pipeline.genres.glosses import GLOSSES
from pipeline.genres.stages import Genre

GENRES: dict[str, Genre] = {
    "catalogue": ANY,
    "jiayi": JIAYI,
    "suwen_sbck": WITHOUT_PAUSES,
    "suwen_wang": CIRCLED_NOTES,
    "suwen_zhijie": GLOSSES,
    "wiki": ARTICLE,
}
"""Grammar name to the stages of that genre."""
