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

ENOUGH = 20
"""Line ends of a kind that must be judged: fewer tell nothing of a text."""
OFTEN = 0.15
"""Of the lines of a stretch too short to be judged, how many are then stubs (聚英: 18 in 100; where
the text goes on, up to 12).
"""
GOES_ON = 0.5
"""How many pairs of glyphs over the line ends behind stubs a text must know from within its lines,
against those over the line ends before: a sixth to a quarter of them where lines are lost (聚英 .12
of .77, 大成 .19 of .70), two thirds or more where the text goes on (資生經 .60 of .83, 集成 .64 of
.76, 外臺 .58 of .90).
"""


@lru_cache(maxsize=4)
def _stubs(source: str) -> tuple[int, ...]:
    """Where the stubs of a source end behind which lines are lost: words run over the line end
    before a stub, and none do over the one behind it.
    """
    found = list(pattern("stub").finditer(source))
    first = [source[max(0, s.start() - 9) : s.start()].rstrip()[-1:] + s["stub"][0] for s in found]
    second = [s["stub"].rstrip()[-1] + source[s.end()] for s in found]
    pairs = (line[i : i + 2] for line in source.split("\n") for i in range(len(line) - 1))
    known = {*first, *second}.intersection(pairs)
    usual, behind = _known(first, known), _known(second, known)
    if usual is None or behind is None:
        lossy = len(found) >= OFTEN * source.count("\n")
    else:
        lossy = behind < GOES_ON * usual
    return tuple(stub.end("stub") for stub in found) if lossy else ()


def _known(pairs: Sequence[str], known: Collection[str]) -> float | None:
    """How many pairs of Chinese glyphs are known, if they are enough to tell."""
    words = [pair for pair in pairs if pattern("two-glyphs").fullmatch(pair)]
    return sum(pair in known for pair in words) / len(words) if len(words) >= ENOUGH else None


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
