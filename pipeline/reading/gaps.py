"""Words of a note that no rule read, and that could have held a dose or a turn to other points."""

from __future__ import annotations

from functools import cache

import regex

from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.reading.statements import Act

ACTS: tuple[Act, ...] = ("needling", "retention", "moxa")
TITLE = regex.compile("《[^《》]*》")
STRAY = regex.compile(r"[^\p{Han}\p{Co}，。、；：？！「」『』□\n]")
"""A sign that no note holds: of a title, a bracket without its fellow."""


def acts_in(words: str) -> tuple[Act, ...]:
    """The acts that unread words can have given a dose of.

    >>> acts_in("刺*可入同身寸之二分"), acts_in("留*七呼"), acts_in("上直附分")
    (('needling',), ('retention',), ())
    """
    remains: dict[Act, regex.Pattern[str]] = {
        "needling": pattern("needling-remains"),
        "retention": pattern("retention-remains"),
        "moxa": pattern("moxa-remains"),
    }
    return tuple(act for act, left in remains.items() if left.search(words))


def strays(words: str) -> bool:
    """Whether a sign has no place in a note: 腰*俞."""
    return STRAY.search(TITLE.sub("", words)) is not None


def shares(words: str) -> bool:
    """Whether unread words can have turned to several points: 腰俞、長強各刺*可入…."""
    return pattern("several").search(words) is not None


def relates(words: str) -> bool:
    """Whether unread words can have given a channel: 手太陽少陽二之會. They place no point."""
    return _relation().search(words) is not None


@cache
def _relation() -> regex.Pattern[str]:
    cues = (row["cue"] for row in table("authority/cues.tsv") if row["kind"] == "relation")
    return regex.compile("|".join(cues))


def goes_on(words: str) -> bool:
    """Whether words are nothing but the end of a measure: 五分, after 刺入一寸 and a lost sign."""
    return pattern("rest-of-measure").fullmatch(TITLE.sub("", STRAY.sub("", words))) is not None
