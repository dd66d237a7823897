"""Which entry of an earlier extract became which of a later one, whatever their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.fuzz import ratio


@dataclass(frozen=True, slots=True)
class Known:
    """An entry as it is told from others."""

    entry_id: str
    witness: str
    anchor: str
    name_raw: str
    text: str


def successors(old: Sequence[Known], new: Sequence[Known]) -> dict[str, str]:
    """The id that each entry of an earlier extract has in a later one.

    Entries are paired in their order where they have one anchor, then where they have one name
    between others that are paired, or nearly the same words; at last those that moved.
    """
    found: dict[str, str] = {}
    for witness in dict.fromkeys(one.witness for one in old):
        before = [one for one in old if one.witness == witness]
        after = [one for one in new if one.witness == witness]
        found |= {a.entry_id: b.entry_id for a, b in _paired(before, after)}
    return found


def _paired(old: Sequence[Known], new: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    left: list[Known] = []
    free: list[Known] = []
    anchors = SequenceMatcher(
        None, [one.anchor for one in old], [one.anchor for one in new], autojunk=False
    )
    for kind, a0, a1, b0, b1 in anchors.get_opcodes():
        if kind == "equal":
            yield from zip(old[a0:a1], new[b0:b1], strict=True)
            continue
        pairs = list(_between(old[a0:a1], new[b0:b1]))
        yield from pairs
        left += [one for one in old[a0:a1] if all(one is not a for a, _ in pairs)]
        free += [one for one in new[b0:b1] if all(one is not b for _, b in pairs)]
    yield from _moved(left, free)


def _between(old: Sequence[Known], new: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    """Entries of one name, or nearly the same words, in their order."""
    begin = 0
    for one in old:
        for at in range(begin, len(new)):
            if (one.name_raw and one.name_raw == new[at].name_raw) or _alike(one, new[at]):
                yield one, new[at]
                begin = at + 1
                break


ALIKE = 75
"""Per cent of the words that two forms of one entry share; other entries share half of them."""


def _alike(one: Known, other: Known) -> bool:
    return ratio(one.text, other.text) >= ALIKE


def _moved(old: Sequence[Known], new: Sequence[Known]) -> Iterator[tuple[Known, Known]]:
    """Entries of the same words, which no others of these have."""
    before, after = (Counter(one.text for one in some) for some in (old, new))
    places = {one.text: one for one in new}
    for one in old:
        if before[one.text] == after[one.text] == 1:
            yield one, places[one.text]
