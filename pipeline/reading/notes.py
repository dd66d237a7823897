"""What an inserted note says of the entry it stands in: which source reads what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, interval
from pipeline.reading.parse import Node, bounds, parse, tokens
from pipeline.reading.statements import (
    Authority,
    Channels,
    Dose,
    Name,
    Place,
    Posture,
    Remark,
    Said,
    Says,
    Sound,
    Statement,
    Warns,
    Wording,
    Words,
)
from pipeline.reading.values import INCH, SIGNS, channel_values, depth_of, doses, trimmed
from pipeline.text.slice import Slice

Named = Authority | None


@dataclass(frozen=True, slots=True)
class Near:
    """What stands around a note: the statements of its entry, and where the note stood in them."""

    said: Sequence[Statement]
    anchor: int


def read_note(
    inside: Slice, grammar: str, near: Near | None
) -> tuple[list[Statement], list[tuple[int, int]]]:
    """What a note says: for each source it names and each field one statement; and the spans of
    the normalized text that nobody understood.

    同 repeats what was said last for one more source; a bare measure (作二寸) belongs to what was
    spoken of last in the note, else to the clause the note stands after, else to the nearest value.
    """
    layer = inside.layer
    tree, failed = parse(grammar, "note", layer.chars, inside.start, inside.end)
    found: list[tuple[Named, Said]] = []
    sources: list[Named] = [None]
    after_reads = lacks = False
    nodes = list(tree.children)
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Token):
            if node.type != "TEXT":
                if "。" in node:
                    after_reads = lacks = False
                continue
            start, end = bounds(node)[0], bounds(node)[1]
            while i < len(nodes) and _goes_on(nodes[i], after_reads, sources == [None]):
                if not _is(nodes[i], "PUNCTUATION"):
                    end = bounds(nodes[i])[1]
                i += 1
            nearby = nodes[i] if i < len(nodes) else None
            if nearby is not None and (_scope(nearby) or (_replacing(nearby) and not after_reads)):
                continue
            where = Slice(layer, start, end)
            if len(where.words.strip(SIGNS)) < 2 and not after_reads:
                continue
            kind = Wording if lacks else _kind_of_words(where.words, sources, after_reads, near)
            found += [(s, (kind(where.verbatim), where)) for s in sources]
            continue
        rule, where = str(node.data), Slice(layer, *bounds(node))
        if rule == "citation":
            if not tokens(node, "AGAIN"):
                named = tokens(node, "SOURCE") + tokens(node, "UNNAMED") + tokens(node, "SILENT")
                sources = [_authority(Slice(layer, *bounds(token))) for token in named]
            reads = tokens(node, "READS")
            after_reads = bool(reads) or str(node.children[0]).endswith("作")
            lacks = bool(reads) and not reads[0].endswith("作")
            if tokens(node, "AGREES") and found:
                last = _again(found[-1][1][0], where)
                found += [(s, (last, where)) for s in sources]
            stated = next((c for c in node.children if isinstance(c, Tree)), None)
            listed = tokens(node, "BARE_CHANNELS")
            if stated is not None:
                found += [(s, _stated(stated, where, found, near)) for s in sources]
            elif listed:
                names = [
                    ch.plain(m) for m in regex.findall(r"[^「」、及與]+[、及與]?", str(listed[0]))
                ]
                channels = Channels(tuple(name for name, _ in ch.expand(names)))
                found += [(s, (channels, Slice(layer, *bounds(listed[0])))) for s in sources]
        elif rule == "channels":
            names = [channel.name for channel in channel_values(node)]
            # 督脈別絡、手足太陽三脈之會: two clauses, one list.
            while i < len(nodes):
                position = i + (str(nodes[i]) == "、" and i + 1 < len(nodes))
                following = nodes[position]
                if isinstance(following, Token) or following.data != "channels":
                    break
                names += [channel.name for channel in channel_values(following)]
                where = replace(where, end=bounds(following)[1])
                i = position + 1
            found += [(s, (Channels(tuple(dict.fromkeys(names))), where)) for s in sources]
        elif rule == "broken":
            name = ch.canonical(ch.plain(str(node.children[0])[1:]))
            found += [(s, (Channels((name,)), where)) for s in sources]
        elif rule == "sound":
            found.append((None, (Sound(where.verbatim), where)))
        elif rule == "replaced":
            instead = str(node.children[0]).partition("作")[2]
            where = replace(where, start=where.end - len(instead))
            found += [(s, (Wording(where.verbatim), where)) for s in sources]
        elif rule == "remark":
            where = trimmed(where)
            found.append((None, (Remark(where.verbatim), where)))
        elif rule in ("warning", "posture"):
            where = trimmed(where)
            kind = Warns if rule == "warning" else Posture
            found += [(s, (kind(where.verbatim), where)) for s in sources]
        else:
            for one in doses(node, layer):
                if not isinstance(one[0], Dose) or one[0].least is not None:
                    found += [(s, one) for s in sources]
    return [Statement(0, says, where, by) for by, (says, where) in found], failed


def _again(says: Says, where: Slice) -> Says:
    """What is said once more; words are those of the place itself."""
    return replace(says, said=where.verbatim) if isinstance(says, Words) else says


def _authority(where: Slice) -> Authority:
    return Authority(where.verbatim.removeprefix("又"), None, None, where)


def _is(node: Node, kind: str) -> bool:
    return isinstance(node, Token) and node.type == kind


def _goes_on(node: Node, after_reads: bool, unsourced: bool) -> bool:
    """Whether a run of words goes on: to the end of the sentence after 作, else while words last
    (over sentences where nobody is cited).
    """
    if isinstance(node, Token):
        return node.type == "TEXT" or (
            node.type == "PUNCTUATION" and (unsourced or "。" not in node)
        )
    return after_reads and node.data != "citation"


def _scope(node: Node) -> bool:
    """Whether the words before a clause only say which points it is about (五藏并足太陽…)."""
    return isinstance(node, Tree) and (
        node.data == "broken" or bool(tokens(node, "CHANNEL_PREFIX"))
    )


def _replacing(node: Node) -> bool:
    """Whether the words before a citation are the lemma it replaces (□抵一作適之)."""
    return (
        isinstance(node, Tree) and node.data == "citation" and str(node.children[0]).endswith("作")
    )


def _kind_of_words(
    words: str, sources: Sequence[Named], after_reads: bool, near: Near | None
) -> type[Words]:
    bare = words.strip(SIGNS)
    if sources == [None] or near is None:
        return Wording if after_reads else Remark
    if after_reads and bare in lexicon().senses:
        return Name
    if regex.search("立死|殺人|者死", words):
        return Warns
    placed = any(
        isinstance(s.says, Place) and s.where.start <= near.anchor <= s.where.end for s in near.said
    )
    if after_reads and not placed and not regex.search(r"[寸分]|^[在去]", words):
        return Wording
    return Place


def _stated(
    tree: Tree[Token], clause: Slice, found: Sequence[tuple[Named, Said]], near: Near | None
) -> Said:
    where = trimmed(Slice(clause.layer, *bounds(tree)))
    number = interval(regex.sub(rf"[^{NUMERAL}]", "", where.words))
    if tree.data == "breaths_stated" and number:
        return Dose("retention", *number, "呼", expr=where.verbatim), where
    if tree.data == "cones_stated" and number:
        return Dose("moxa", *number, "壯", expr=where.verbatim), where
    measure = depth_of(where.words)
    if measure is None:
        return Wording(where.verbatim), where
    if _speaks_of_depth(measure[0], found, near):
        return Dose("needling", *measure, "分", expr=where.verbatim), where
    return Place(where.verbatim), where


def _speaks_of_depth(fen: int, found: Sequence[tuple[Named, Said]], near: Near | None) -> bool:
    for _, (says, _) in reversed(found):
        if isinstance(says, Place) or (isinstance(says, Dose) and says.act == "needling"):
            return isinstance(says, Dose)
    said = near.said if near else ()
    before = [
        s.says
        for s in said
        if near
        and s.where.end <= near.anchor + 1
        and (isinstance(s.says, Place) or (isinstance(s.says, Dose) and s.says.least is not None))
    ]
    if not before or isinstance(before[-1], Place):
        return False
    depths = [
        s.says.least
        for s in said
        if isinstance(s.says, Dose) and s.says.act == "needling" and s.says.least is not None
    ]
    # After the doses: places are measured in 寸, the needle in 分 unless it goes deep.
    return bool(depths) and (fen < INCH or depths[0] >= INCH)
