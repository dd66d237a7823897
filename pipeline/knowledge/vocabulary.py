"""Words of the texts by what they are to the program: ``grammars/words.tsv``."""

from __future__ import annotations

from functools import cache

from pipeline.knowledge.tables import table


@cache
def words_of(kind: str) -> dict[str, str]:
    """The words of a kind, each with what it means, in the order of the table.

    >>> words_of("opposite")["上"], words_of("office")["榮"]
    ('下', '滎')
    """
    return {row["word"]: row["value"] for row in table("words.tsv") if row["kind"] == kind}


def relation_of(terminal: str) -> str:
    """What a point is to a channel, by the terminal of the grammars that finds it.

    >>> relation_of("CLEFT")
    '郄'
    """
    return words_of("relation")[terminal]


def office_of(sign: str) -> str:
    """A transport point as the standard writes it.

    >>> office_of("榮"), office_of("井")
    ('滎', '井')
    """
    return words_of("office").get(sign, sign)


def unsaid() -> str:
    """The relation of a channel whose relation is not said, or whose word for it is lost."""
    return words_of("relation")["UNSAID"]


def unit(act: str) -> str:
    """In which an act is measured.

    >>> unit("moxa")
    '壯'
    """
    return words_of("unit")[act]
