"""Doses by whoever states them: 銅人 of one book beside 銅人 of the other.

What the columns of two entries say is compared as columns. Here stand the rest: what other
authorities say, and what the book itself says for a condition, or in no column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.compare.align import paired
from pipeline.compare.book import NONE
from pipeline.compare.difference import QUIET, RANK, Kind
from pipeline.compare.found import Found, Row, Said, Stretch
from pipeline.compare.kinds import Sides
from pipeline.compare.sides import Side, plain
from pipeline.knowledge.acts import ACT_OF, amounts
from pipeline.model import DoseRow, Entry

UNDECIDED = "scope-undecided"
"""In place of a source: whose dose it is cannot be told."""

Pair = tuple[DoseRow | None, DoseRow | None]


def voice_of(sides: Sides, column: str) -> str | None:
    """Whose dose the columns of both entries hold, where it is that of one authority."""
    if not (sides.one and sides.other and column in ACT_OF):
        return None
    one, other = (_held(side, entry, ACT_OF[column]) for side, entry in _entries(sides))
    return one.source if one and other and one.source and _one_voice(one, other) else None


def with_doses(sides: Sides, found: Sequence[Found]) -> list[Found]:
    """Differences, and in them or behind them the doses that differ voice by voice.

    Words that are nothing but a dose are that difference; where both have the dose and words of it
    differ, it is in the difference of the words; what one has alone is a difference by itself.
    """
    every = [*found]
    for one, other in _unlike(sides):
        rows, kind = _rows(sides, one, other)
        a, b = (
            _glyphs(*own, dose) for own, dose in zip(_entries(sides), (one, other), strict=True)
        )
        into = next((place for place in found if _shares(place, a, b)), None)
        if into and {*into.own.a} <= a and {*into.own.b} <= b and into.rows[0].field == "text":
            into.rows, into.kind = rows, kind
        elif into and one and other:
            into.rows = [*into.rows, *rows]
            into.kind = min(into.kind, kind, key=RANK.__getitem__)
        else:
            every.append(Found(kind, rows))
    return every


def _shares(one: Found, a: set[int], b: set[int]) -> bool:
    """Whether a difference lies in the words of a dose."""
    words = one.kind not in QUIET and one.rows[0].field != "entry"
    return words and not (a.isdisjoint(one.own.a) and b.isdisjoint(one.own.b))


def _entries(sides: Sides) -> tuple[tuple[Side, Entry], tuple[Side, Entry]]:
    assert sides.one
    assert sides.other
    return (sides.a, sides.one), (sides.b, sides.other)


# --- which doses are one -------------------------------------------------------------------------


def _unlike(sides: Sides) -> Iterator[Pair]:
    """Doses of one act and voice that differ, and those that one side has alone."""
    if not (sides.one and sides.other):
        return
    here, there = (_beyond(side, entry) for side, entry in _entries(sides))
    for alike in (_same, _same_case, _one_voice):
        pairs, here, there = paired(here, there, alike)
        for dose, match in pairs:
            if alike is not _same and not _columns_tell(sides, dose, match):
                yield dose, match
    yield from ((dose, None) for dose in here if dose.source or not _is_held(sides, 0, dose))
    yield from ((None, dose) for dose in there if dose.source or not _is_held(sides, 1, dose))


def _beyond(side: Side, entry: Entry) -> list[DoseRow]:
    """The doses of an entry in the running text; what a note says is compared as its reading."""
    return [
        dose
        for dose in side.edition.doses.get(entry.entry_id, ())
        if dose.source != UNDECIDED and not _noted(side, dose)
    ]


def _noted(side: Side, dose: DoseRow) -> bool:
    return any(side.book.note[g] != NONE for g in side.inside(dose.witness, dose.start, dose.end))


@dataclass(frozen=True, slots=True)
class _Value:
    least: float | None
    most: float | None
    forbidden: bool
    daily: bool
    expr: str
    condition: str


def _value(dose: DoseRow) -> _Value:
    expr, condition = (plain(words) for words in (dose.expr, dose.condition))
    return _Value(dose.min, dose.max, dose.forbidden, dose.daily, expr, condition)


def _same(one: DoseRow, other: DoseRow) -> bool:
    return _one_voice(one, other) and _value(one) == _value(other)


def _same_case(one: DoseRow, other: DoseRow) -> bool:
    """Whether both are for the same condition, or for none."""
    return _one_voice(one, other) and plain(one.condition) == plain(other.condition)


def _one_voice(one: DoseRow, other: DoseRow) -> bool:
    return one.act == other.act and not _voices(one).isdisjoint(_voices(other))


def _voices(dose: DoseRow) -> set[str]:
    """Who states a dose: the works, or the words where no work is known; nothing for the book."""
    return {*dose.work.split("、")} if dose.work else {plain(dose.source)}


# --- what the columns of entries tell ------------------------------------------------------------


def _held(side: Side, entry: Entry, act: str) -> DoseRow | None:
    """The dose that the columns of an entry hold; they hold none of drain."""
    if act == "drain":
        return None
    source = getattr(entry, f"{act}_source")
    rows = side.edition.doses.get(entry.entry_id, ())
    own = (r for r in rows if r.act == act and r.source == source and not r.condition)
    return next(own, None)


def _is_held(sides: Sides, which: int, dose: DoseRow) -> bool:
    side, entry = _entries(sides)[which]
    return _held(side, entry, dose.act) == dose


def _columns_tell(sides: Sides, one: DoseRow, other: DoseRow) -> bool:
    """Whether two doses of one voice are what both entries hold, so that columns compare them."""
    return _is_held(sides, 0, one) and _is_held(sides, 1, other) and not (one.expr or other.expr)


# --- rows ----------------------------------------------------------------------------------------


def _rows(sides: Sides, one: DoseRow | None, other: DoseRow | None) -> tuple[list[Row], Kind]:
    """A row for each column in which two doses of one voice differ, and what that means."""
    values = [_columns(dose) for dose in (one, other)]
    words = [
        (None, None, None) if dose is None else _words(entry, dose)
        for (_, entry), dose in zip(_entries(sides), (one, other), strict=True)
    ]
    source = (one or other).source or None  # type: ignore[union-attr]
    rows = []
    for name in dict.fromkeys((*values[0], *values[1])):
        said = [value.get(name) for value in values]
        if said[0] != said[1]:
            both = [
                Said(value, ((0, len(value)),) if value else (), stretch)
                for value, stretch in zip(said, words, strict=True)
            ]
            rows.append(Row(name, both[0], both[1], source))
    fields = {row.field for row in rows}
    if one is None or other is None:
        return rows, "only_a" if one else "only_b"
    if any(name.endswith("_forbidden") for name in fields):
        return rows, "forbidden"
    return rows, "substantive" if fields == {"condition"} else "numeric"


def _columns(dose: DoseRow | None) -> dict[str, str]:
    """What a dose says, by column of entries, or of doses where entries have none."""
    if dose is None:
        return {}
    found: dict[str, str | None] = {}
    if dose.forbidden:
        found[f"{dose.act}_forbidden"] = "true"
    columns = amounts(dose.act) or (dose.act,)
    for column, amount in zip(columns, (dose.min, dose.max), strict=False):
        found[column] = None if amount is None else f"{amount:g}"
    found |= {"daily": "true" if dose.daily else None}
    found |= {"expr": dose.expr, "condition": dose.condition}
    return {name: value for name, value in found.items() if value}


def _words(entry: Entry, dose: DoseRow) -> Stretch:
    """The words of a dose, from its condition on."""
    start = _behind(entry, dose.condition, dose.start)
    return entry.text[start - entry.start : dose.end - entry.start], start, dose.end


def _behind(entry: Entry, words: str, start: int) -> int:
    """Where words stand last before a position of an entry; that position where they do not."""
    before = entry.text.rfind(words, 0, start - entry.start) if words else -1
    return entry.start + before if before >= 0 else start


def _glyphs(side: Side, entry: Entry, dose: DoseRow | None) -> set[int]:
    """The glyphs of a dose, with those that name its authority."""
    if dose is None:
        return set()
    _, start, end = _words(entry, dose)
    return {*side.inside(dose.witness, _behind(entry, dose.source, start or 0), end or 0)}
