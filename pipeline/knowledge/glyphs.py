"""Glyphs as matching needs them: variants folded to one form."""

from __future__ import annotations

from functools import lru_cache

from pipeline.knowledge.tables import table


@lru_cache(maxsize=1)
def variants() -> dict[int, str]:
    """Variant glyphs to the one form used for matching (脉 → 脈)."""
    return {ord(row["variant"]): row["standard"] for row in table("normalization/variants.tsv")}


@lru_cache(maxsize=16384)
def rare(char: str) -> bool:
    """Whether a Han character is outside GB 2312, which old transcriptions are confined to; signs
    are not: whoever lacks a glyph has some sign for a sign.

    >>> rare("髎"), rare("髃"), rare("穴"), rare("『")
    (True, True, False, False)
    """
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return char.isalpha()
    return False
