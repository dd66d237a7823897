"""From statements to rows: the one place where the columns of an entry are filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import regex

from pipeline.knowledge.acts import ACTS, amounts
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import any_of
from pipeline.knowledge.vocabulary import unit
from pipeline.model import Claim, Diagnostic, DoseRow, Entry, Note, Reading
from pipeline.reading.statements import (
    SCOPE_UNDECIDED,
    Act,
    Channel,
    Channels,
    Count,
    Dose,
    Forbidden,
    Head,
    Name,
    Office,
    Phase,
    Place,
    Posture,
    Remark,
    Role,
    Says,
    Sound,
    Statement,
    Warns,
    Wording,
    Words,
)
from pipeline.sources.mandoku import page_of
from pipeline.sources.read import line_of, line_starts
from pipeline.text.slice import Slice, at

Cell = tuple[str, str | float]
"""A column of entries and a value for it; an act that is forbidden is ``True``."""
WORDS: dict[type[Words], str] = {
    Head: "name_raw",
    Place: "location",
    Name: "aliases",
    Posture: "posture",
    Warns: "warnings",
    Role: "role",
    Remark: "remarks",
}
SOURCES: dict[Act, str] = {
    "needling": "needling_source",
    "retention": "retention_source",
    "moxa": "moxa_source",
}


def cells(says: Says) -> tuple[Cell, ...]:
    """The columns that what is said goes into.

    >>> cells(Dose("needling", 8, 9, "分")), cells(Channel("足太陽", "會"))
    ((('depth_min_fen', 8), ('depth_max_fen', 9)), (('channels', '足太陽:會'),))
    """
    match says:
        case Place(words) if pattern("particles").fullmatch(words):
            return ()
        case Words(words) if type(says) in WORDS:
            return ((WORDS[type(says)], words),)
        case Channel(name, relation):
            return (("channels", f"{name}:{relation}"),)
        case Office(name):
            return (("shu", name),)
        case Phase(name):
            return (("phase", name),)
        case Count(int(points)):
            return (("count", points),)
        case Dose(act, least, most):
            bounds = zip(amounts(act), (least, most), strict=False)
            return tuple((column, bound) for column, bound in bounds if bound is not None)
        case Forbidden(act):
            return ((f"{act}_forbidden", True),)
    return ()


def column_of(says: Says) -> str:
    """The column that stands for what is said; of a dose the one of its least measure."""
    return next((column for column, _ in cells(says)), "")


# --- entries -------------------------------------------------------------------------------------


def first(values: Sequence[Any]) -> Any:
    """What is said first; None where nothing is."""
    return values[0] if values else None


def distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """What is said, each once."""
    return tuple(dict.fromkeys(values))


COLUMNS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "aliases": tuple,
    "count": first,
    "location": "，".join,
    "channels": distinct,
    "shu": first,
    "phase": first,
    "posture": tuple,
    "depth_min_fen": first,
    "depth_max_fen": first,
    "needling_forbidden": bool,
    "retention_breaths": first,
    "moxa_min": first,
    "moxa_max": first,
    "moxa_forbidden": bool,
    "warnings": tuple,
    "role": first,
    "remarks": tuple,
}
"""What becomes of all that is said for a column."""


@dataclass(frozen=True, slots=True)
class Home:
    """What is known of an entry before it is read: which it is and where it stands. ``note``: the
    circled note that holds it; ``source``: its source span.
    """

    entry_id: str
    witness: str
    section: int | None
    seq: int
    head: Slice
    source: tuple[int, int]
    note: int | None = None


def entry_of(
    home: Home, statements: Sequence[Statement], flags: Iterable[str] = ()
) -> tuple[Entry, list[Claim], list[DoseRow]]:
    """An entry, its name not yet resolved, where its values were read, and all doses."""
    source = home.head.layer.source
    start, end = home.source
    page, page_line = page_of(source, start)
    said: dict[str, list[Any]] = {column: [] for column in (*COLUMNS, "name_raw")}
    counted = counting(statements)
    for statement in counted:
        for column, value in cells(statement.says):
            said[column].append(value)
    entry = Entry(
        entry_id=home.entry_id,
        witness=home.witness,
        section=home.section,
        seq=home.seq,
        note=home.note,
        name_raw=home.head.verbatim,
        name=None,
        code=None,
        name_basis="unknown",
        start=start,
        end=end,
        line=line_of(line_starts(source), start),
        text=source[start:end],
        duplicate_of=None,
        flags=distinct(flags),
        candidates=(),
        page=page,
        page_line=page_line,
        **{column: combine(said[column]) for column, combine in COLUMNS.items()},
        **_sources(counted),
    )
    claims = [claim for statement in counted for claim in claims_of(entry, statement)]
    return entry, claims, list(doses_of(home.entry_id, home.witness, statements))


def counting(statements: Sequence[Statement]) -> list[Statement]:
    """The statements that give an entry its values: those of the book, and of each act on which it
    says nothing without a condition, the first that an authority says so.

    What has its authority behind it (禁刺（甲乙）) is the book's in all but the acts. A prohibition
    of the book is one whatever the condition (女子禁不可刺), a number only without.
    """
    firsts = _firsts(statements)
    return [s for s in statements if _counts(s, firsts)]


def _firsts(statements: Sequence[Statement]) -> dict[Act, Statement | None]:
    acts = [s for s in statements if isinstance(s.says, Dose | Forbidden)]
    return {act: _first_of(act, acts) for act in get_args(Act)}


def _counts(statement: Statement, firsts: Mapping[Act, Statement | None]) -> bool:
    says, by = statement.says, statement.by
    if not isinstance(says, Dose | Forbidden):
        return by is None or by.behind
    if by is None:
        return isinstance(says, Forbidden) or not says.condition
    return statement is firsts[says.act]


def _first_of(act: Act, statements: Sequence[Statement]) -> Statement | None:
    """The first unconditional statement of an authority on an act that the book is silent about."""
    found = [
        s
        for s in statements
        if isinstance(s.says, Dose | Forbidden) and s.says.act == act and not s.says.condition
    ]
    if any(s.by is None for s in found):
        return None
    named = (s for s in found if s.by and s.by.printed != SCOPE_UNDECIDED)
    return next((s for s in named if cells(s.says)), None)


def _sources(counted: Sequence[Statement]) -> dict[str, Any]:
    """Of each act the authority that the value is from."""
    return {
        SOURCES[s.says.act]: s.by.printed
        for s in counted
        if isinstance(s.says, Dose | Forbidden) and s.by and s.says.act in SOURCES
    }


def claims_of(entry: Entry, statement: Statement) -> Iterator[Claim]:
    """The rows that say where the values of a statement were read."""
    where = statement.where
    for column, value in cells(statement.says):
        if not _contradicts(entry, column, value):
            shown = "true" if value is True else str(value)
            yield Claim(
                entry.entry_id,
                column,
                shown,
                "cited" if statement.by else statement.basis,
                statement.ref,
                where.printed,
                *where.source,
                source=statement.by.printed if statement.by else "",
            )


def complaints(entry: Entry, statements: Sequence[Statement]) -> Iterator[Diagnostic]:
    """Numbers that cannot be read, and those that contradict what was said before."""
    numbers = [s for s in statements if isinstance(s.says, Count | Dose | Forbidden)]
    firsts = _firsts(numbers)
    for statement in numbers:
        where, siglum = statement.where, entry.witness
        if unreadable(statement.says):
            yield at("numeral-unreadable", where, f"no number: {where.words}", siglum, "error")
        for column, value in cells(statement.says) if _counts(statement, firsts) else ():
            if _contradicts(entry, column, value):
                message = f"{column}: {value} against {getattr(entry, column)} before"
                yield at("value-contradicts", where, message, siglum)


def unreadable(says: Says) -> bool:
    """Whether a number could not be read."""
    match says:
        case Count(None) | Dose(_, None, None, expr=""):
            return True
    return False


def _contradicts(entry: Entry, column: str, value: str | float) -> bool:
    """Whether a number is another than the one that stands in the entry."""
    return not isinstance(value, str) and bool(getattr(entry, column) != value)


# --- doses ---------------------------------------------------------------------------------------


def doses_of(entry_id: str, siglum: str, statements: Iterable[Statement]) -> Iterator[DoseRow]:
    """The rows of what is said of acts; they are numbered by ``in_order``."""
    for statement in statements:
        says, by, where = statement.says, statement.by, statement.where
        if isinstance(says, Dose | Forbidden) and not unreadable(says):
            dose = says if isinstance(says, Dose) else Dose(says.act, None, None, unit(says.act))
            yield DoseRow(
                dose_id="",
                entry_id=entry_id,
                witness=siglum,
                ord=0,
                act=says.act,
                source=regex.sub("[《》]", "", by.printed) if by else "",
                work=by.work or None if by else None,
                cited_witness=None,
                min=dose.least,
                max=dose.most,
                unit=dose.unit,
                forbidden=isinstance(says, Forbidden),
                daily=dose.daily,
                expr=dose.expr,
                condition=says.condition,
                text=where.printed,
                start=where.source[0],
                end=where.source[1],
            )


def quoted_doses(note: Note, statements: Iterable[Statement]) -> Iterator[DoseRow]:
    """The rows of what the sources of a note in an entry say of acts."""
    if note.entry_id is not None:
        named = (s for s in statements if s.by is not None)
        yield from doses_of(note.entry_id, note.witness, named)


def in_order(rows: Iterable[DoseRow]) -> list[DoseRow]:
    """Rows of doses in the order of the text, numbered within their entries."""
    found: dict[str, list[DoseRow]] = {}
    for row in rows:
        found.setdefault(row.entry_id, []).append(row)
    return [
        replace(row, dose_id=f"{entry_id}/d{number}", ord=number)
        for entry_id, some in found.items()
        for number, row in enumerate(sorted(some, key=lambda row: row.start), 1)
    ]


def voiced(entry_id: str, statements: Iterable[Statement]) -> Iterator[Reading]:
    """The readings that authorities in the running text give, other than doses; a name is one of
    the aliases there.
    """
    words = (s for s in statements if not isinstance(s.says, Dose | Forbidden))
    said = [(s, s.by, read_as(s.says)) for s in _run_on(words)]
    named = [(s, by, _field(s, read[0]), read[1]) for s, by, read in said if by and read]
    kept = (one for one in named if one[2])
    for number, (statement, by, field, value) in enumerate(kept, 1):
        where = statement.where
        yield Reading(
            f"{entry_id}/r{number}",
            None,
            entry_id,
            by.printed,
            None,
            field,
            value,
            where.printed,
            *where.source,
            "not_checkable",
        )


def _field(statement: Statement, field: str) -> str:
    """A name is one of the aliases in running text. Free words are a reading if most of their
    clauses name an illness, or if they say how to treat (灸不及鍼); arguments and stories are none.
    """
    if isinstance(statement.says, Remark):
        words = statement.where.words
        clauses = [clause for clause in regex.split(r"\W+", words) if clause]
        ill = [clause for clause in clauses if any_of("ill").search(clause)]
        if 2 * len(ill) >= len(clauses) and not any_of("argued").search(words):
            return "indications"
        return field if pattern("manner-told").search(words) else ""
    return "aliases" if isinstance(statement.says, Name) else field


def _run_on(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Statements, those free words of one authority as one between which only signs stand:
    兼中府，能除脹滿噎塞，胸背脅痛，惡寒嘔吐.
    """
    last: Statement | None = None
    for statement in statements:
        where, says = statement.where, statement.says
        if last and isinstance(says, Remark) and last.by == statement.by:
            between = Slice(where.layer, last.where.end, where.start).words
            if not regex.search(r"\p{Han}", between):
                whole = replace(where, start=last.where.start)
                last = replace(last, says=Remark(whole.verbatim), where=whole)
                continue
        if last:
            yield last
        last = statement if statement.by and isinstance(says, Remark) else None
        if last is None:
            yield statement
    if last:
        yield last


# --- notes ---------------------------------------------------------------------------------------


FIELDS: dict[type[Words], str] = {
    Name: "name",
    Place: "location",
    Posture: "posture",
    Warns: "warnings",
    Wording: "text",
    Head: "name",
    Sound: "sound",
    Remark: "other",
}


def read_as(says: Says) -> tuple[str, str] | None:
    """Field and value of readings for what a note says.

    >>> read_as(Dose("needling", 8, 9, "分")), read_as(Forbidden("needling"))
    (('depth', '8'), ('needling', 'forbidden'))
    """
    match says:
        case Words(words) if type(says) in FIELDS:
            return FIELDS[type(says)], words
        case Channels(names):
            return "channels", "、".join(names)
        case Dose(act, int() | float() as least) if act in ACTS:
            return ACTS[act].field, str(least)
        case Forbidden(act):
            return act, "forbidden"
    return None


def note_of(note_id: str, entry_id: str | None, siglum: str, order: int, inside: Slice) -> Note:
    """The row of a note: what stands inside the brackets, two columns in their reading order."""
    words = inside.verbatim if inside.layer.columns else inside.printed
    return Note(note_id, entry_id, siglum, order, words, *inside.source)


def readings_of(note: Note, statements: Sequence[Statement]) -> Iterator[Reading]:
    """The rows of what a note says; the one whose words are lost has none."""
    for number, statement in enumerate(statements, 1):
        where, read = statement.where, read_as(statement.says)
        if read is not None and where.start < where.end:
            yield Reading(
                f"{note.note_id}/r{number}",
                note.note_id,
                note.entry_id,
                statement.by.printed if statement.by else "",
                None,
                *read,
                where.printed,
                *where.source,
                "not_checkable",
            )
