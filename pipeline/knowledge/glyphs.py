"""Glyphs as matching needs them: variants folded to one form."""

from __future__ import annotations

from functools import lru_cache

from pipeline.knowledge.tables import table


@lru_cache(maxsize=1)
def variants() -> dict[int, str]:
    """Variant glyphs to the one form used for matching (脉 → 脈)."""
    return {ord(row["variant"]): row["standard"] for row in table("normalization/variants.tsv")}
