"""Channels as printed, in lists and short forms, to their canonical names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.knowledge.vocabulary import words_of


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    return {folded(row["name"]): row["canonical"] for row in table("authority/channels.tsv")}


def canonical(name: str) -> str:
    """The canonical form of one printed channel; what the table does not know stays as printed.

    >>> canonical("手心主"), canonical("陽蹻脈"), canonical("三陽")
    ('手厥陰', '陽蹺', '三陽')
    """
    known = _canonical()
    return known.get(name) or known.get(name.removesuffix("脈")) or known.get(name + "脈") or name


def expand(printed: Sequence[str]) -> list[tuple[str, int]]:
    """The channels of a list, 手 and 足 carried forward, each with the index of its printed form.

    >>> [c for c, _ in expand(["手足少陽", "陽明"])]
    ['手少陽', '足少陽', '手陽明', '足陽明']
    >>> [c for c, _ in expand(["足太陰", "陰維", "厥陰"])]
    ['足太陰', '陰維', '足厥陰']
    """
    found: list[tuple[str, int]] = []
    carried: tuple[str, ...] = ()
    for index, name in enumerate(printed):
        match = pattern("one-of-six").fullmatch(name)
        if both := words_of("two-in-one").get(name):
            found += [(canonical(one), index) for one in both.split("、")]
            continue
        if match is None:
            found.append((canonical(name), index))
            continue
        limbs, six = match.groups()
        if limbs:
            carried = tuple(limbs.replace("、", ""))
        names = [canonical(limb + six) for limb in carried] or [canonical(six)]
        found += [(name, index) for name in names]
    return found


def plain(token: str) -> str:
    """A channel as a token prints it, without list signs and, for the regular ones, without 脈."""
    name = pattern("list-sign").sub("", token)
    match = pattern("regular-channel").fullmatch(name)
    return match.group(1) if match else name
