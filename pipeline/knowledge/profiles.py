"""Ways of writing a catalogue of points: what opens an entry, and what makes a name its head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

from pipeline.knowledge.numerals import NUMERAL
from pipeline.knowledge.patterns import put
from pipeline.knowledge.tables import table


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of writing entries, a row of ``grammars/profiles.tsv``.

    >>> [p.opens for p in profiles() if p.name == "placed"]
    [('mark', 'line')]
    """

    name: str
    opens: tuple[str, ...]
    head: tuple[str, ...]
    body: bool
    """Whether the entry stands in brackets."""
    set_apart: bool = False
    """Whether names stand in type of their own: what fills it is a head, whatever follows."""
    ends: str = ""
    """The signs that end an entry that begins inside a line; else it goes on to the next head."""

    running: bool = False
    """Whether entries run on from clause to clause: asked where others find not half of them."""


ENDS = {"head": "", "paragraph": "\n", "sentence": "\n。○ｏ"}


@cache
def profiles() -> tuple[Profile, ...]:
    """The ways of writing that are known."""
    return tuple(
        Profile(
            row["profile"],
            tuple(row["opens"].split("|")),
            tuple(row["head"].split("|")),
            row["brackets"] == "body",
            row["head"] == "colon",
            ENDS[row["ends"]],
            "clause" in row["opens"],
        )
        for row in table("profiles.tsv")
    )


@cache
def grouped(name: str) -> bool:
    """Whether each entry of a way of writing has a heading, which names the group that it is of.

    >>> grouped("nameless"), grouped("placed"), grouped("")
    (True, False, False)
    """
    return any("heading" in way.opens for way in profiles() if way.name == name)


@cache
def sign(name: str) -> regex.Pattern[str]:
    """The words of a sign of ``authority/heads.tsv``.

    >>> sign("count").match("一穴。在鼻直").group()
    '一穴'
    """
    words = [row["words"] for row in table("authority/heads.tsv") if row["sign"] == name]
    numeral = f"[{NUMERAL}]{{1,5}}"
    return regex.compile("|".join(f"(?:{put(w).replace('N', numeral)})" for w in words), regex.M)
