"""Why an entry says what it says: the tree of its clauses, and where each value was read."""

from __future__ import annotations

from collections.abc import Iterator

from lark import Tree
from lark.lexer import Token

from pipeline.model import Result, Witness
from pipeline.reading.parse import bounds, parse
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import normalize
from pipeline.sources.read import column_of, line_of, line_starts


def explain(result: Result, entry_id: str) -> Iterator[str]:
    """Lines for a reader: the entry, its tree where its genre has one, its values with places."""
    entry = next((e for e in result.entries if e.entry_id == entry_id), None)
    if entry is None:
        return
    witness = next(w for w in result.witnesses if w.spec.siglum == entry.witness)
    starts = line_starts(witness.text)
    yield f"{entry.entry_id}  {entry.name_raw} → {entry.name or '?'} {entry.code or ''}".rstrip()
    yield "".join(entry.text.split())
    if witness.spec.grammar == "jiayi":
        yield ""
        yield from _tree(witness, entry_id)
    yield ""
    for claim in result.claims:
        if claim.entry_id == entry_id:
            place = f"{line_of(starts, claim.start)}:{column_of(starts, claim.start)}"
            basis = claim.basis if claim.ref is None else f"{claim.basis} {claim.ref}"
            words = "".join(claim.text.split())
            yield f"{place:>9}  {claim.field} = {claim.value}  [{basis}]  {words}"


def _tree(witness: Witness, entry_id: str) -> Iterator[str]:
    segments, _ = segment_jiayi(normalize(witness)[0], witness.spec.siglum, witness.spec.juan)
    for segment in segments.entries:
        if segment.entry_id == entry_id:
            chars = segments.main.chars
            yield f"head  {chars[slice(*segment.head)]}"
            tree, _ = parse("jiayi", "entry", chars, segment.head[1], segment.end)
            yield from _clauses(tree, chars)


def _clauses(tree: Tree[Token], chars: str) -> Iterator[str]:
    """One line a clause; words that no cue claims stand together as ``words``."""
    words = ""
    for node in tree.children:
        if isinstance(node, Token) and node.type == "TEXT":
            words += node
            continue
        if words:
            yield f"words  {words}"
            words = ""
        if isinstance(node, Tree):
            yield f"{node.data}  {chars[slice(*bounds(node))]}"
            for part in node.scan_values(lambda _: True):
                yield f"    {part.type}  {part}"
        elif node.type != "PUNCTUATION":
            yield f"{node.type}  {node}"
    if words:
        yield f"words  {words}"
