"""Statements of illness judged by the book itself: prohibitions, its order, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.treatments import FORMULA, arrangement
from pipeline.model import Diagnostic, Entry, Indication, Symptom
from pipeline.text.rising import rising

FEW = 2
"""A book that treats fewer than one in so many of its points says nothing by silence."""


def treated(
    entries: Sequence[Entry], indications: Sequence[Indication], symptoms: Sequence[Symptom]
) -> Iterator[Diagnostic]:
    """What a scholar should look at in the statements of a witness."""
    rows = [row for row in indications if row.direction == "illness_first"]
    rows = [row for row in rows if row.stratum == "mingtang"]
    home: dict[str | None, Entry] = {e.code: e for e in reversed(entries) if e.code}
    yield from _forbidden(home, rows)
    yield from _out_of_order(rows)
    yield from _without(home, rows)
    yield from _repeated(rows, symptoms)


def _at(row: Indication) -> tuple[str, int, int, int | None]:
    """Where a row is reported: at its point, else at the statement."""
    start, end = row.point_start, row.point_end
    place = (row.start, row.end) if start is None or end is None else (start, end)
    return row.witness, *place, row.section


def _forbidden(home: dict[str | None, Entry], rows: Sequence[Indication]) -> Iterator[Diagnostic]:
    """Where the verb of a statement allows what the entry of the point forbids: 神庭主之, but
    神庭…禁不可刺.
    """
    for row in rows:
        entry = home.get(row.code)
        if entry is None or row.code is None:
            continue
        banned = [
            word
            for word, may, bans in (
                ("needling", row.needle, entry.needling_forbidden),
                ("moxa", row.moxa, entry.moxa_forbidden),
            )
            if bans and may == "allowed"
        ]
        if banned:
            message = f"{row.act} allows needle and moxa alike" if row.act == FORMULA else row.act
            message = f"{row.name}: {message}, the entry forbids {' and '.join(banned)}"
            found = Diagnostic("act-against-prohibition", "info", message, *_at(row))
            yield replace(found, see=((entry.witness, entry.start, entry.end),))


def _out_of_order(rows: Sequence[Indication]) -> Iterator[Diagnostic]:
    """The points of a chapter that stand outside the order of 卷三, as few as it takes."""
    place, name = arrangement().place, lexicon().standard
    mains = [row for row in rows if row.role == "main" and row.code in place and row.name_raw]
    for _, group in groupby(mains, key=lambda row: row.statement_id.rsplit("/", 1)[0]):
        chapter = list(group)
        kept = rising([place[row.code or ""] for row in chapter], level=True)
        for at, row in enumerate(chapter):
            if at not in kept:
                before = max((k for k in kept if k < at), default=None)
                where = (
                    f"after {name[chapter[before].code or '']}" if before is not None else "first"
                )
                message = f"{row.name} {row.code} stands {where}, against the order of 卷三"
                yield Diagnostic("order-broken", "info", message, *_at(row))


def _without(home: dict[str | None, Entry], rows: Sequence[Indication]) -> Iterator[Diagnostic]:
    """The points that a book describes and treats nothing with."""
    used = {row.code for row in rows}
    if FEW * len(used & set(home)) < len(home):
        return
    for code, entry in sorted(home.items(), key=lambda item: item[1].start):
        if code not in used:
            message = f"{entry.name} {code} has no indication in this book"
            where = (entry.witness, entry.start, entry.start + max(1, len(entry.name_raw)))
            yield Diagnostic("point-without-indication", "info", message, *where, entry.section)


def _repeated(rows: Sequence[Indication], symptoms: Sequence[Symptom]) -> Iterator[Diagnostic]:
    """Statements of one point and one illness that stand twice."""
    words: dict[str, str] = {}
    for clause in symptoms:
        words[clause.statement_id] = words.get(clause.statement_id, "") + clause.key
    first: dict[tuple[str | None, str], Indication] = {}
    for row in (row for row in rows if row.role == "main"):
        key = row.code, words.get(row.statement_id, row.syndrome)
        if row.code is None or not key[1]:
            continue
        known = first.setdefault(key, row)
        if known.statement_id != row.statement_id:
            message = f"{row.name}: the same illness as in {known.statement_id}"
            found = Diagnostic("statement-repeated", "info", message, *_at(row))
            yield replace(found, see=((known.witness, known.start, known.end),))
