"""Where a printed line breaks off and the next one is lost: no value is read across the gap.

Text that was set anew leaves stubs, short lines after full ones. Behind some the words go on;
behind others a line is lost, and words of illness stand where the place, an authority or a dose was
(直四肋間。銅人。|背相引).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from lark.lexer import Token

from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import any_of
from pipeline.knowledge.works import works
from pipeline.model import Text
from pipeline.reading.parse import Node, bounds
from pipeline.reading.values import trimmed
from pipeline.text.layer import span
from pipeline.text.slice import Slice

OFTEN = 0.15
"""Of the lines of a text, how many must be stubs before they mean a loss: of 聚英 18 in 100; of
others, where the text goes on behind them, up to 12 (外臺 12, 彙解 12, 集成 9, 普濟方 8, 資生經 6).
"""


@lru_cache(maxsize=4)
def _stubs(source: str) -> tuple[int, ...]:
    """Where the stubs of a source end behind which lines are lost."""
    found = tuple(stub.end("stub") for stub in pattern("stub").finditer(source))
    return found if len(found) >= OFTEN * source.count("\n") else ()


def lost_behind(nodes: Sequence[Node], layer: Text, ends: Collection[str]) -> Slice | None:
    """What stands behind the first stub with a loss, before the first clause of the kinds ``ends``:
    up to there an entry says where its point is.
    """
    place = []
    for node in nodes:
        if (node.type if isinstance(node, Token) else node.data) in ends:
            break
        place.append(node)
    if not place:
        return None
    start, end = bounds(place[0])[0], bounds(place[-1])[1]
    stubs = _stubs(layer.source)
    first, last = span(layer, start, start)[0], span(layer, end, end)[0]
    for stub in stubs[bisect_left(stubs, first) : bisect_right(stubs, last)]:
        at = bisect_left(layer.starts, stub)
        if start < at < end and (lost := _lost(Slice(layer, start, end), at)):
            return lost
    return None


def _lost(place: Slice, at: int) -> Slice | None:
    """The words from a stub on if they do not go on with the place: they name an illness, or begin
    with the rest of a word; the name of an authority right before them goes with them.
    """
    rest = trimmed(replace(place, start=at))
    clause = pattern("clause").match(rest.words)
    if clause is None or pattern("place-like").search(clause.group()):
        return None
    before = trimmed(replace(place, end=at))
    named = pattern("clause-at-end").search(before.words)
    if named and named.group() in works():
        return replace(rest, start=before.end - len(named.group()))
    alone = len(clause.group()) == 1 and not pattern("particles").fullmatch(clause.group())
    return rest if alone or any_of("ill").search(rest.words) else None
