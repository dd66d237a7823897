"""From trees to what they say: each clause as typed values with the place it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import cast

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.numerals import NUMERAL, integer, interval
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import office_of, relation_of, unit, unsaid, words_of
from pipeline.model import Text
from pipeline.reading.parse import Node, bounds, rule_of, tokens
from pipeline.reading.statements import (
    Act,
    Channel,
    Count,
    Dose,
    Forbidden,
    Name,
    Office,
    Phase,
    Place,
    Posture,
    Remark,
    Role,
    Said,
    Warns,
    Words,
)
from pipeline.text.slice import Slice

FORBIDDEN: tuple[Act, ...] = ("needling", "moxa")
"""The acts that are forbidden."""
SIGNS = "，。、；：？！「」『』"


# --- clauses, shared by entries and notes --------------------------------------------------------


INCH = 10
"""A 寸 in 分."""


def depth_of(words: str) -> tuple[float, float] | None:
    """A measure in 分, least and most.

    >>> [depth_of(w) for w in ("一寸五分", "八九分", "半寸", "二寸半", "同身寸之三分")]
    [(15, 15), (8, 9), (5, 5), (25, 25), (3, 3)]
    >>> [depth_of(w) for w in ("寸半", "三分半", "分半", "寸二分", "三分至五分", "分")]
    [(15, 15), (3.5, 3.5), (1.5, 1.5), (12, 12), (3, 5), None]
    """
    measures = [_fen(part) for part in pattern("unto").split(pattern("body-inch").sub("", words))]
    known = [measure for measure in measures if measure is not None]
    return (known[0][0], known[-1][1]) if len(known) == len(measures) else None


def _fen(words: str) -> tuple[float, float] | None:
    """One measure in 分; 寸 and 分 stand for one of them only before 半, 寸 also before 分."""
    if pattern("half-inch").fullmatch(words):
        return 5, 5
    match = pattern("measure").fullmatch(words)
    if match is None or not (match[2] or match[4]):
        return None
    inch, tenth, half = match[1], match[3], match[5]
    if (match[2] and not inch and not (half or tenth)) or (match[4] and not tenth and not half):
        return None
    inches = _counted(inch, match[2])
    tenths = _counted(tenth, match[4])
    if inches is None or tenths is None:
        return None
    more: float = 0 if not half else 0.5 if match[4] else INCH // 2
    return inches[0] * INCH + tenths[0] + more, inches[1] * INCH + tenths[1] + more


def _counted(number: str, unit: str) -> tuple[int, int] | None:
    """How many of a unit; where it has no number, one."""
    if not unit:
        return 0, 0
    return interval(number) if number else (1, 1)


def channel_values(tree: Tree[Token]) -> list[Channel]:
    """Channels and relations of a clause ``channels``: 足太陽 會, ….

    A list does not name one channel twice: in 足少陽（郄）少陽所生 the first has lost its relation.
    """
    names = [ch.plain(t) for t in tokens(tree, "CHANNEL")]
    relation = next(t for t in reversed(tree.children) if isinstance(t, Token))
    if relation.type == "TRANSPORT":
        flow = words_of("flow")
        said = flow[next(c for c in relation if c in flow)]
    else:
        said = relation_of(relation.type)
    found, bare = ch.expand(names), unsaid()
    kept: list[Channel] = []
    for position, (name, index) in enumerate(found):
        if any(name == later and index < at for later, at in found[position + 1 :]):
            kept.append(Channel(name, bare))
        elif Channel(name, bare) in kept and said != bare:
            kept.append(Channel(ch.canonical(names[index]), said))
        else:
            kept.append(Channel(name, said))
    if relation.type == "UNION":
        organ = pattern("union-with-organ").search(str(relation))
        assert organ is not None
        kept.append(Channel(organ.group(1), said))
    return kept


def acts_named(words: str) -> tuple[Act, ...]:
    """The acts that words name by their signs: needling and moxa in 禁不可刺灸."""
    named = {act for sign, act in words_of("act").items() if sign in words}
    return tuple(act for act in FORBIDDEN if act in named)


def doses(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    """What clauses of needling, retention, moxa and prohibition say: 刺入三分 → 3 to 3 分."""
    where = Slice(layer, *bounds(tree))
    if tree.data == "forbidden":
        whom = pattern("for-whom").search(layer.chars, max(0, where.start - 2), where.start)
        condition = Slice(layer, *whom.span()).verbatim if whom else ""
        for banned in acts_named(where.words):
            yield Forbidden(banned, condition), where
        return
    act = cast(Act, str(tree.data))
    if tree.data == "needling":
        measure = depth_of(pattern("needling-cue").sub("", where.words))
    else:
        numbers = [interval(number) for number in pattern("amount").findall(where.words)]
        least, most = numbers[0], numbers[-1]
        measure = (least[0], most[1]) if least and most else None
    fewest, greatest = measure or (None, None)
    yield Dose(act, fewest, greatest, unit(act)), where


def trimmed(where: Slice) -> Slice:
    """A place without the signs at its ends."""
    chars, start, end = where.layer.chars, where.start, where.end
    while start < end and chars[start] in SIGNS + "\n":
        start += 1
    while start < end and chars[end - 1] in SIGNS + "\n":
        end -= 1
    return Slice(where.layer, start, end)


def whole(said: Said, failed: Sequence[tuple[int, int]]) -> Said:
    """A dose that runs on into what nobody understood is no dose (刺入一寸五 without 分)."""
    says, where = said
    after = next((b for a, b in failed if a == where.end), None)
    if after is None or not isinstance(says, Dose | Count):
        return said
    where = replace(where, end=after)
    if isinstance(says, Count):
        return Count(None), where
    return replace(says, least=None, most=None), where


# --- entries -------------------------------------------------------------------------------------


def head_values(head: Slice) -> Iterator[Said]:
    """The channel that a head names: 手少陰郄 is the cleft of 手少陰."""
    match = pattern("cleft-of-channel").fullmatch(head.words)
    if match:
        yield Channel(ch.canonical(match.group(1)), relation_of("CLEFT")), head


def values_of(tree: Tree[Token], layer: Text, stump: int = -1) -> Iterator[Said]:
    """What an entry says, in its order.

    Free words before the doses place the point. After them, words that lead to a prohibition are
    its condition (女子禁不可刺, 耳中有乾□抵，不可灸) and belong with what it warns of; other words
    are remarks. So is the stump of a clause that ends where the next entry was run in (``stump``).
    """
    nodes = list(tree.children)
    dosed = False
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Tree):
            yield from CLAUSES[str(node.data)](node, layer)
            dosed = dosed or node.data in DOSES
        elif node.type == "LEAD_CHANNEL":
            yield lone(node, layer)
        elif node.type == "TEXT":
            j = _past(nodes, i, "TEXT")
            words = Slice(layer, bounds(node)[0], bounds(nodes[j - 1])[1])
            i, j = j, _past(nodes, j, "PUNCTUATION")
            if words.end == stump:
                yield Remark(words.verbatim), words
            elif not dosed:
                yield Place(words.verbatim), words
            elif j < len(nodes) and rule_of(nodes[j]) == "forbidden":
                i = _condition(nodes, j)
                for other in nodes[j:i]:
                    if isinstance(other, Tree) and other.data == "forbidden":
                        yield from doses(other, layer)
                words = replace(words, end=bounds(nodes[i - 1])[1])
                yield Warns(words.verbatim), words
            else:
                yield Remark(words.verbatim), words


def _past(nodes: Sequence[Node], i: int, kind: str) -> int:
    """The first node from ``i`` on that is no token of a kind."""
    while i < len(nodes) and rule_of(nodes[i]) == kind:
        i += 1
    return i


def _condition(nodes: Sequence[Node], i: int) -> int:
    """The end of a conditional prohibition: past its warnings, up to the next dose."""
    last = i + 1
    for j in range(i + 1, len(nodes)):
        if rule_of(nodes[j]) in ("warning", "forbidden"):
            last = j + 1
        elif not isinstance(nodes[j], Token):
            break
    return last


def _count(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    numeral = regex.sub(rf"[^{NUMERAL}]", "", str(tree.children[0]))
    yield Count(integer(numeral)), Slice(layer, *bounds(tree))


def _phase(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    phase = "".join(pattern("phase").findall(str(tree.children[0])))
    yield Phase(phase), Slice(layer, *bounds(tree))


def _alias(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    cue = bounds(tokens(tree, "ALIAS_CUE")[0])[1]
    named = [Slice(layer, *bounds(token)) for token in tokens(tree, "ALIAS")]
    yield (Name(named[0].verbatim), named[0]) if named else (Name("□"), Slice(layer, cue, cue))
    for token in tokens(tree, "ALSO"):
        start, end = bounds(token)
        where = Slice(layer, start + 1, end)
        yield Name(where.verbatim), where
    for token in tokens(tree, "LEAD_CHANNEL"):
        yield lone(token, layer)


def _office(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    (sign,) = pattern("office").findall(str(tree.children[0]))
    yield Office(office_of(sign)), Slice(layer, *bounds(tree))


def _seat(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    where = Slice(layer, *bounds(tree))
    name = pattern("around-seat").sub("", where.words)
    cleft = relation_of("CLEFT")
    yield Place(where.verbatim), where
    said = cleft if cleft in where.words else unsaid()
    yield Channel(ch.canonical(name), said), where


def _channels(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    for channel in channel_values(tree):
        yield channel, Slice(layer, *bounds(tree))


def _branch(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    name = ch.plain(pattern("organ-behind-channel").sub("", str(tree.children[1])))
    yield Channel(ch.canonical(name), relation_of("BRANCH")), Slice(layer, *bounds(tree))


def _lone_clause(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    for token in tokens(tree, "LONE_CHANNEL"):
        yield lone(token, layer)


def lone(token: Token, layer: Text) -> Said:
    """A channel without a relation: 手太陽，在…."""
    name = ch.plain(pattern("channel-ending").sub("", str(token)))
    return Channel(ch.canonical(name), unsaid()), Slice(layer, *bounds(token))


def in_words(kind: type[Words]) -> Clause:
    """A clause that is kept in its words, without the signs around it."""

    def clause(tree: Tree[Token], layer: Text) -> Iterator[Said]:
        where = trimmed(Slice(layer, *bounds(tree)))
        yield kind(where.verbatim), where

    return clause


Clause = Callable[[Tree[Token], Text], Iterator[Said]]
DOSES = ("needling", "retention", "moxa", "forbidden")
CLAUSES: dict[str, Clause] = {
    "count": _count,
    "phase": _phase,
    "alias": _alias,
    "office": _office,
    "role": in_words(Role),
    "seat": _seat,
    "channels": _channels,
    "branch": _branch,
    "lone": _lone_clause,
    "warning": in_words(Warns),
    "posture": in_words(Posture),
    **dict.fromkeys(DOSES, doses),
}
"""What each rule of an entry means."""
