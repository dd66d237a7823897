"""Authorities whom two books quote with different numbers of a point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from pipeline.knowledge.vocabulary import unit
from pipeline.knowledge.works import work_of
from pipeline.model import Diagnostic, DoseRow, Result

Key = tuple[str, str, str, tuple[int, ...]]
"""A point, an act, a work and the chapters of it that are named."""
Value = tuple[bool, float | None, float | None]


def quoted(result: Result) -> Iterator[Diagnostic]:
    """One word for each point, act and authority on which two works agree in no number: what
    資生經 and 大成 have from 明堂 of 臂臑. Numbers for a certain case are left out; chapters of a
    work are authorities of their own, witnesses of one work one book.
    """
    works = {w.spec.siglum: w.spec.work or w.spec.siglum for w in result.witnesses}
    hans = {w.spec.siglum: w.spec.script == "hans" for w in result.witnesses}
    points = {e.entry_id: e.code for e in result.entries if e.code and not e.duplicate_of}
    said: defaultdict[Key, defaultdict[str, list[DoseRow]]]
    said = defaultdict(lambda: defaultdict(list))
    for row in result.doses:
        code = points.get(row.entry_id)
        if code and row.source and row.work and not (row.condition or row.expr):
            form = work_of(row.source, hans[row.witness])
            chapters = tuple(sorted(form.chapters)) if form else ()
            said[code, row.act, row.work, chapters][works[row.witness]].append(row)
    for (code, act, work, _), books in sorted(said.items()):
        for one, other in combinations(books.values(), 2):
            if not _values(one) & _values(other):
                yield _differ(code, act, work, one, other)


def _values(rows: Sequence[DoseRow]) -> frozenset[Value]:
    return frozenset((row.forbidden, row.min, row.max) for row in rows)


def _differ(
    code: str, act: str, work: str, one: Sequence[DoseRow], other: Sequence[DoseRow]
) -> Diagnostic:
    message = f"{code} {act}, {work}: {_shown(other)} here, {_shown(one)} in {one[0].witness}"
    first, there = other[0], one[0]
    return Diagnostic(
        "quoted-differently",
        "info",
        message,
        first.witness,
        first.start,
        first.end,
        entry_id=first.entry_id,
        see=((there.witness, there.start, there.end),),
    )


def _shown(rows: Sequence[DoseRow]) -> str:
    """The numbers of rows: 3 分, 7–14 壯, forbidden."""

    def number(row: DoseRow) -> str:
        bounds = dict.fromkeys(f"{n:g}" if n is not None else "" for n in (row.min, row.max))
        return "forbidden" if row.forbidden else f"{'–'.join(bounds)} {unit(row.act)}"

    return ", ".join(dict.fromkeys(map(number, rows)))
