"""From statements to rows: the one place where the columns of an entry are filled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.model import Claim, Diagnostic, Entry, Note, Reading
from pipeline.reading.statements import (
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
DOSES: dict[Act, tuple[str, ...]] = {
    "needling": ("depth_min_fen", "depth_max_fen"),
    "retention": ("retention_breaths",),
    "moxa": ("moxa_min", "moxa_max"),
}
PARTICLES = "也之者、"
"""Words without any others place no point."""


def cells(says: Says) -> tuple[Cell, ...]:
    """The columns that what is said goes into.

    >>> cells(Dose("needling", 8, 9, "分")), cells(Channel("足太陽", "會"))
    ((('depth_min_fen', 8), ('depth_max_fen', 9)), (('channels', '足太陽:會'),))
    """
    match says:
        case Place(words) if not words.strip(PARTICLES):
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
        case Dose(act, int() | float() as least, int() | float() as most):
            return tuple(zip(DOSES[act], (least, most), strict=False))
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


def distinct(values: Sequence[Any]) -> tuple[Any, ...]:
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


def entry_of(home: Home, statements: Sequence[Statement]) -> tuple[Entry, list[Claim]]:
    """An entry, its name not yet resolved, and where its values were read."""
    source = home.head.layer.source
    start, end = home.source
    page, page_line = page_of(source, start)
    said: dict[str, list[Any]] = {column: [] for column in (*COLUMNS, "name_raw")}
    for statement in statements:
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
        flags=(),
        candidates=(),
        page=page,
        page_line=page_line,
        **{column: combine(said[column]) for column, combine in COLUMNS.items()},
    )
    return entry, [claim for statement in statements for claim in claims_of(entry, statement)]


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
                statement.basis,
                statement.ref,
                where.printed,
                *where.source,
            )


def complaints(entry: Entry, statements: Sequence[Statement]) -> Iterator[Diagnostic]:
    """Numbers that cannot be read, and those that contradict what was said before."""
    for statement in statements:
        where, siglum = statement.where, entry.witness
        if isinstance(statement.says, Dose | Count) and not cells(statement.says):
            yield at("numeral-unreadable", where, f"no number: {where.words}", siglum, "error")
        for column, value in cells(statement.says):
            if _contradicts(entry, column, value):
                message = f"{column}: {value} against {getattr(entry, column)} before"
                yield at("value-contradicts", where, message, siglum)


def _contradicts(entry: Entry, column: str, value: str | float) -> bool:
    """Whether a number is another than the one that stands in the entry."""
    return not isinstance(value, str) and bool(getattr(entry, column) != value)


# --- notes ---------------------------------------------------------------------------------------


FIELDS: dict[type[Words], str] = {
    Name: "name",
    Place: "location",
    Posture: "posture",
    Warns: "warnings",
    Wording: "text",
    Sound: "sound",
    Remark: "other",
}
OF_DOSE: dict[Act, str] = {"needling": "depth", "retention": "retention", "moxa": "moxa"}


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
        case Dose(act, int() | float() as least):
            return OF_DOSE[act], str(least)
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
