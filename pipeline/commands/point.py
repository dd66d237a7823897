"""What is said of a point, on a terminal: witnesses side by side, in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.compare.show import ACTS, FIELDS, Statement, through_time, title
from pipeline.compare.treats import Treated
from pipeline.judging.diagnostics import shown
from pipeline.knowledge.lexicon import lexicon
from pipeline.language import translated as _

COLUMN = 26
"""Columns of a terminal that a witness takes, with the line beside it."""
NAMES = 15
"""Columns that the names of the fields take."""


def render(found: Sequence[Statement], code: str, console: Console) -> None:
    """Print what is said of a point: a column for each witness, as many side by side as fit, and
    the others below, in the order of time.
    """
    console.print(Line(title(code), "bold"))
    if not found:
        console.print(_("no witness has it"))
        return
    many = max(1, (console.width - NAMES) // COLUMN)
    rows = -(-len(found) // many)
    for group in batched(found, -(-len(found) // rows)):
        console.print(_table(group))
    if any(s.doses for s in found):
        console.print(_doses(found))


def batched(found: Sequence[Statement], many: int) -> Iterator[Sequence[Statement]]:
    """So many at a time, and what is left."""
    for first in range(0, len(found), many):
        yield found[first : first + many]


def _table(group: Sequence[Statement]) -> Table:
    """Statements side by side, a row for each field that one of them has."""
    grid = Table(show_lines=True)
    grid.add_column("")
    for one in group:
        head = (shown(one.witness), str(one.year or ""), shown(one.where))
        grid.add_column(Line("\n".join(filter(None, head))), overflow="fold", ratio=1)
    for name in (n for n in FIELDS if any(n in one.fields for one in group)):
        grid.add_row(_(name), *(Line(shown(one.fields.get(name, ""))) for one in group))
    grid.add_row(_("text"), *(Line(shown(one.text)) for one in group))
    return grid


def _doses(found: Sequence[Statement]) -> Table:
    """The doses of a point through time, those of every voice of every witness."""
    grid = Table(title=_("doses through time, by who states them"), title_justify="left")
    for head in (_("year"), _("voice"), _("witness"), *map(_, ACTS)):
        grid.add_column(head, overflow="fold")
    for one in through_time(found):
        said = (one.said.get(act, "") for act in ACTS)
        cells = (str(one.year or ""), _(one.voice), one.witness, *said)
        grid.add_row(*(Line(shown(cell)) for cell in cells))
    return grid


def render_illness(found: Sequence[Treated], word: str, console: Console) -> None:
    """Print what treats an illness: the statements, and how often each point is named."""
    heading = _("{illness}: {number} statements")
    console.print(Line(heading.format(illness=shown(word), number=len(found)), "bold"))
    if not found:
        return
    grid = Table(show_lines=True)
    for head in ("witness", "where", "illness", "points"):
        grid.add_column(_(head), overflow="fold")
    for one in found:
        points = "、".join(one.points) + "".join(f" [{flag}]" for flag in one.flags)
        words = f"{one.illness} ← {one.source}" if one.source else one.illness
        cells = (one.witness, one.where, words, points)
        grid.add_row(*(Line(shown(cell)) for cell in cells))
    console.print(grid)
    often = Counter(code for one in found for code in dict.fromkeys(one.codes))
    standard = lexicon().standard
    named = (f"{standard[code]} {code} {times}" for code, times in often.most_common())
    console.print(Line(", ".join(named)))
