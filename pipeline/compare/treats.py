"""What every witness treats an illness with: 喉痹, and the points of each statement that has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from pipeline.compare.edition import Edition
from pipeline.knowledge.glyphs import modern
from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.knowledge.treatments import FORMULA
from pipeline.model import Indication


@dataclass(frozen=True, slots=True)
class Treated:
    """A statement that has an illness: where, its words, its points, what is doubtful in it."""

    witness: str
    where: str
    illness: str
    points: tuple[str, ...]
    codes: tuple[str, ...]
    flags: tuple[str, ...]
    source: str


def illness(word: str) -> regex.Pattern[str]:
    """How an illness is written: as the table of head words has it, else as given.

    >>> bool(illness("喉痹").search("喉痹咽腫")), bool(illness("咽腫").search("喉痹咽腫"))
    (True, True)
    """
    key = matched(word)
    forms = [row["form"] for row in table("authority/symptoms.tsv") if matched(row["head"]) == key]
    return regex.compile("|".join(forms) or regex.escape(key))


def matched(words: str) -> str:
    """Words in the form in which they are compared: without signs, traditional, variants folded,
    older words for those of our time that were put for them.

    >>> matched("香港脚。") == matched("脚氣")
    True
    """
    replaced, meant = modern()
    bare = replaced.sub(lambda m: meant[m[0]], regex.sub(r"[^\p{Han}\p{Co}□]", "", words))
    return folded(to_traditional(bare))


def treatments(editions: Sequence[Edition], word: str) -> Iterator[Treated]:
    """The statements of the editions that have an illness in their words, in their order."""
    sought = illness(word)
    for side in editions:
        statements: dict[str, list[Indication]] = {}
        for row in side.indications:
            statements.setdefault(row.statement_id, []).append(row)
        for rows in statements.values():
            first = rows[0]
            if sought.search(matched(first.syndrome)):
                yield Treated(
                    witness=first.witness,
                    where=", ".join(filter(None, (first.juan, f"line {first.line}"))),
                    illness="".join(first.syndrome.split()),
                    points=tuple(_point(row) for row in rows),
                    codes=tuple(row.code for row in rows if row.code),
                    flags=tuple(dict.fromkeys(flag for row in rows for flag in row.flags)),
                    source=first.source,
                )


def _point(row: Indication) -> str:
    """A point of a statement: its name and code, and the verb where it is not the usual one."""
    name = row.name or row.name_raw or "?"
    act = "" if row.act == FORMULA or row.direction == "point_first" else f" {row.act}"
    return f"{name} {row.code or '?'}{act}"
