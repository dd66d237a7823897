"""Why an entry says what it says: the trees of its clauses, and where each value was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from lark import Tree
from lark.lexer import Token

from pipeline.genres.stages import Stage, Step, take
from pipeline.model import Entry, Identification, Result
from pipeline.reading.parse import Parsed, bounds, watched
from pipeline.sources.read import column_of, line_of, line_starts
from pipeline.text.slice import Slice

Row = Entry | Identification
Staged = tuple[str, Parsed]
"""A tree, and the stage that made it."""


def watching() -> tuple[Step, list[Staged]]:
    """A way to take stages, and the trees that they make."""
    trees: list[Staged] = []

    def step(stage: Stage, given: Mapping[str, Any]) -> Any:
        with watched() as made:
            found = take(stage, given)
        trees.extend((stage.name, one) for one in made)
        return found

    return step, trees


def listed(result: Result) -> Iterator[str]:
    """A line for each entry and each gloss that is identified: its id, its name, its codes."""
    for row in _rows(result):
        yield f"{id_of(row)}  {_title(row)}"


def asked(result: Result, words: str) -> list[Row]:
    r"""The entries and glosses of an id, a name as printed or standard, or a code (GV24).

    >>> from pipeline.api import extract
    >>> found = asked(extract("# 頭凡一穴第一\n\n上星，在顱上直鼻中央，刺入三分。"), "GV23")
    >>> [row.name_raw for row in found]
    ['上星']
    """

    def is_asked(row: Row) -> bool:
        if isinstance(row, Entry):
            return words in (row.entry_id, row.name_raw, row.name, row.code)
        return words in (id_of(row), *row.points_raw, *row.points, *row.codes)

    return [row for row in _rows(result) if is_asked(row)]


def _rows(result: Result) -> tuple[Row, ...]:
    return (*result.entries, *result.identifications)


def id_of(row: Row) -> str:
    """The id of an entry; of a gloss witness, chapter and number."""
    if isinstance(row, Entry):
        return row.entry_id
    return f"{row.witness}/{row.section}/{row.seq}"


def _title(row: Row) -> str:
    if isinstance(row, Entry):
        return f"{row.name_raw or '□'} → {row.name or '?'} {row.code or ''}".rstrip()
    names = zip(row.points, row.codes, strict=False)
    return f"{row.lemma} → {'、'.join(f'{name} {code}' for name, code in names) or row.kind}"


def explain(result: Result, trees: Sequence[Staged], row: Row) -> Iterator[str]:
    """Lines for a reader: the words, their trees stage by stage, its values with places."""
    witness = next(w for w in result.witnesses if w.spec.siglum == row.witness)
    starts = line_starts(witness.text)
    yield f"{id_of(row)}  {_title(row)}"
    yield "".join(witness.text[row.start : row.end].split())
    yield ""
    for stage, made in groupby(trees, key=itemgetter(0)):
        own = (one for _, one in made if one[0].layer.source == witness.text)
        lines = [line for where, tree in own for line in _clauses(tree, where, row)]
        yield from (f"{stage}:", *lines) if lines else ()
    if isinstance(row, Identification):
        return
    yield ""
    for claim in result.claims:
        if claim.entry_id == row.entry_id:
            place = f"{line_of(starts, claim.start)}:{column_of(starts, claim.start)}"
            basis = " ".join(filter(None, (claim.basis, claim.ref, claim.source)))
            words = "".join(claim.text.split())
            yield f"{place:>9}  {claim.field} = {claim.value}  [{basis}]  {words}"


def _clauses(tree: Tree[Token], where: Slice, row: Row) -> Iterator[str]:
    """One line a clause of those in a stretch of the source; words that no cue claims stand
    together as ``words``.
    """
    words = ""
    for node in tree.children:
        clause = Slice(where.layer, *bounds(node))
        start, end = clause.source
        if start >= row.end or end <= row.start:
            continue
        if isinstance(node, Token) and node.type == "TEXT":
            words += node
            continue
        if words:
            yield f"words  {words}"
            words = ""
        if isinstance(node, Tree):
            yield f"{node.data}  {clause.words}"
            for part in node.scan_values(lambda _: True):
                yield f"    {part.type}  {part}"
        elif node.type != "PUNCTUATION":
            yield f"{node.type}  {node}"
    if words:
        yield f"words  {words}"
