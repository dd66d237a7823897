"""What a statement and its gloss say: counts, names, words of place; and which points are meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge.numerals import NUMERAL, integer, multiplied
from pipeline.knowledge.patterns import pattern
from pipeline.model import Text
from pipeline.reading.names import Context, called, context_of_names, senses_of
from pipeline.reading.pairs import Pair, Place
from pipeline.reading.parse import Node, bounds, parse, rule_of
from pipeline.text.slice import Slice

GRAMMAR = "suwen_zhijie"


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a gloss means: as the point itself, or in a list (此八者)."""

    key: str
    start: int
    end: int
    listed: bool
    other: Named | None = None
    """Of two names of one point (曲牙即颊车) the one that was not taken."""


@dataclass(slots=True)
class Sentence:
    """One sentence of a gloss: the words of place in it and the names it means."""

    pieces: list[Place] = field(default_factory=list)
    topic: Place | None = None
    """A piece that a copula explains after a comma (在天府下五寸，乃…)."""
    named: list[Named] = field(default_factory=list)
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement and its gloss say, names not yet resolved."""

    pair: Pair
    words: str
    count: int | None
    total: bool
    spoken: bool
    each: bool
    """Counted by sides (客主人各一)."""
    heads: tuple[str, ...]
    """Names of points in the statement."""
    sentences: tuple[Sentence, ...]
    lists: Mapping[Named, frozenset[str]]
    """Of each name those of its sentence."""
    landmarks: Mapping[str, int]
    """Names that only place another point, and where they stand last."""
    tally: int | None
    """The gloss's own count (共五十俞)."""
    remarks: tuple[Tree[Token], ...]


def read_gloss(text: Text, pair: Pair) -> Said:
    """A statement and its gloss, parsed."""
    chars = text.chars
    stated = [] if pair.statement is None or pair.title else _tokens(text, "entry", pair.statement)
    nodes = [] if pair.gloss is None else _nodes(text, "note", pair.gloss)
    words = "" if pair.statement is None else chars[slice(*pair.statement)]
    total = any(t.type == "TOTAL" for t in stated)
    numbers = [n for t in stated if (n := _number(t)) is not None]
    tallies = [n for t in nodes if isinstance(t, Token) and t.type == "TALLY" and (n := _number(t))]
    sentences = tuple(_sentences(nodes, words))
    return Said(
        pair=pair,
        words=words,
        count=numbers[0 if total else -1] if numbers else None,
        total=total,
        spoken=any(t.type == "SPEAKER" for t in stated),
        each=any(t.type == "EACH" for t in stated),
        heads=tuple(str(t) for t in stated if t.type == "NAMED_IN_STATEMENT"),
        sentences=sentences,
        lists={
            named: keys
            for sentence in sentences
            for keys in [frozenset(one.key for one in sentence.named)]
            for named in sentence.named
        },
        landmarks={
            str(t).rstrip("穴"): bounds(t)[0]
            for t in nodes
            if isinstance(t, Token) and t.type == "LANDMARK"
        },
        tally=tallies[-1] if tallies else None,
        remarks=tuple(n for n in nodes if isinstance(n, Tree)),
    )


def _nodes(text: Text, rule: str, place: Place) -> list[Node]:
    return parse(GRAMMAR, rule, Slice(text, *place))[0].children


def _tokens(text: Text, rule: str, place: Place) -> list[Token]:
    return [node for node in _nodes(text, rule, place) if isinstance(node, Token)]


def _number(token: Token) -> int | None:
    """The number of a count; of 五五二十五 the product."""
    numeral = regex.search(rf"[{NUMERAL}]+", str(token))
    if numeral is None or token.type not in ("TOTAL", "COUNT", "PRODUCT", "TALLY"):
        return None
    value = multiplied if token.type == "PRODUCT" else integer
    ends = (value(numeral.group()[start:]) for start in range(len(numeral.group())))
    return next((number for number in ends if number is not None), None)


PLACE = frozenset({"TEXT", "LANDMARK", "MENTION"})


def _sentences(nodes: Sequence[Node], words: str) -> Iterator[Sentence]:
    """The sentences of a gloss on the statement ``words``."""
    sentence = Sentence()
    equal: Named | None = None
    above = False
    apposed, closed = _apposed(nodes), _listed(nodes)
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Tree) or (node.type == "STOP" and regex.search("[。！？；\n]", node)):
            yield sentence
            sentence, equal, above = Sentence(), None, False
        elif above or node.type == "ABOVE":
            above = True
        elif node.type in PLACE:
            start, end = bounds(node)
            while i < len(nodes) and rule_of(nodes[i]) in PLACE:
                end = bounds(nodes[i])[1]
                i += 1
            sentence.pieces.append((start, end))
            equal = None
        elif i - 1 in apposed:
            start, end = bounds(node)
            sentence.pieces.append((start, end - node.endswith("，")))
        elif node.type == "POINT":
            named = Named(str(node), *bounds(node), i - 1 in closed)
            if equal is not None:
                # Of two names of one point the one that the statement has not is the answer.
                sentence.named.pop()
                pair = (named, equal) if equal.key in words else (equal, named)
                named = replace(pair[0], other=pair[1])
            sentence.named.append(named)
            equal = named if _explained(nodes, i) else None
        elif node.type == "COPULA" and i > 1 and rule_of(nodes[i - 2]) == "STOP" and not equal:
            if len(sentence.pieces) == 1 and not sentence.named:
                sentence.topic = sentence.pieces[0]
        elif node.type == "COUNTED":
            sentence.counted = True
    yield sentence


def _apposed(nodes: Sequence[Node]) -> frozenset[int]:
    """The names that are places in apposition to the point named after them, by their numbers
    (髀厌分中，环跳穴也).
    """
    found: set[int] = set()
    later: set[frozenset[str]] = set()
    for i in range(len(nodes) - 1, -1, -1):
        node = nodes[i]
        if isinstance(node, Tree) or (node.type == "STOP" and "。" in node):
            later = set()
        elif node.type in ("TOPIC", "POINT"):
            name = node.rstrip("，")
            at_end = node[-1:] != "穴" and pattern("end-of-place").match(name[-1])
            if at_end and frozenset(called([name])) in later:
                found.add(i)
            if node.type == "POINT":
                later.add(frozenset(called([str(node)])))
    return frozenset(found)


def _listed(nodes: Sequence[Node]) -> frozenset[int]:
    """The names that stand in a list that 此八者 closes, by their numbers."""
    found: set[int] = set()
    closed = False
    for i in range(len(nodes) - 1, -1, -1):
        rule = rule_of(nodes[i])
        closed = rule == "THESE" or (
            closed and (rule == "POINT" or (rule == "STOP" and str(nodes[i]) in "、，"))
        )
        if closed and rule == "POINT":
            found.add(i)
    return frozenset(found)


def _explained(nodes: Sequence[Node], i: int) -> bool:
    """Whether a copula and another name follow a name (玉枕穴，即枕骨也)."""
    while i < len(nodes) and rule_of(nodes[i]) in ("HOLE", "STOP"):
        if str(nodes[i]) not in "穴，":
            return False
        i += 1
    return [rule_of(node) for node in nodes[i : i + 2]] == ["COPULA", "POINT"]


# --- from names to points ------------------------------------------------------------------------


Names = dict[str, frozenset[str]]
"""What the names that head statements of the witness stand for by its own glosses."""


def own_names(glosses: Iterable[Said]) -> Names:
    """The heads of statements with their points (膺俞 → the six of 膺俞十二穴)."""
    found = (
        (head_of(said), frozenset(code for one in meant(said) for code in codes_of(one, said, {})))
        for said in glosses
    )
    return {head: codes for head, codes in found if head and codes}


def head_of(said: Said) -> str:
    """What a counted statement is about: 犢鼻 in 犢鼻二穴; empty where it says more. A stray sign
    before it or after it (膺俞；十二穴) is none of it.
    """
    head = pattern("place-said-with-count").match(said.words)
    return head["head"] if head else ""


def meant(said: Said) -> list[Named]:
    """The names a gloss means, in order, each once: what it only steps on is left out.

    In 天牖下名天容。天容下即天窗 the statement is about 天窗; 天容 leads there.
    """
    if said.total or said.spoken or said.pair.title:
        return []
    names = [named for sentence in said.sentences for named in sentence.named]
    steps = {n.key for n in names if n.end <= said.landmarks.get(n.key, -1)}
    kept = [n for n in names if n.key not in steps or n.key in said.words]
    first: dict[str, Named] = {}
    for named in kept or names:
        first.setdefault(named.key, named)
    return list(first.values())


def codes_of(named: Named, said: Said, book: Names) -> tuple[str, ...]:
    """The point a name stands for; those of a name of several points (五脏之俞); none if unsure."""
    for one in (named, named.other):
        senses = senses_of(one.key, _context(one, said)) if one else []
        codes = tuple(dict.fromkeys(sense.code for sense in senses))
        if named.listed and one and book.get(one.key, frozenset(codes)) != frozenset(codes):
            return ()
        if len(codes) == 1 or (codes and all(sense.kind == "part" for sense in senses)):
            return codes
    return ()


def _context(named: Named, said: Said) -> Context:
    near = said.lists.get(named, frozenset()) - {named.key}
    return context_of_names([*said.landmarks, *said.heads], near)
