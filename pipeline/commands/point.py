"""What is said of a point, on a terminal: in columns where they fit, else one after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.compare.show import ACTS, Statement, by_voice, title
from pipeline.compare.treats import Treated
from pipeline.judging.diagnostics import shown
from pipeline.knowledge.lexicon import lexicon
from pipeline.language import translated as _

COLUMN = 30
"""Narrower columns than this are not set side by side."""


def render(found: Sequence[Statement], code: str, console: Console) -> None:
    """Print what is said of a point: in columns where they fit, else one after another."""
    console.print(Line(title(code), "bold"))
    if not found:
        console.print(_("no witness has it"))
        return
    names = list(dict.fromkeys(name for s in found for name in s.fields))
    wide = len(found) * COLUMN + 12 <= console.width
    for group in [found] if wide else [[s] for s in found]:
        grid = Table(show_lines=True)
        grid.add_column("")
        for statement in group:
            head = f"{shown(statement.witness)} {shown(statement.where)}"
            grid.add_column(Line(head), overflow="fold")
        for name in names:
            if any(name in s.fields for s in group):
                grid.add_row(_(name), *(Line(shown(s.fields.get(name, ""))) for s in group))
        grid.add_row(_("text"), *(Line(shown(s.text)) for s in group))
        console.print(grid)
    if any(row.source for s in found for row in s.doses):
        console.print(_voices(found))


def _voices(found: Sequence[Statement]) -> Table:
    """The doses of a point, of every voice of every witness."""
    grid = Table(title=_("doses, by who states them"), title_justify="left")
    for head in ("witness", "voice", *ACTS):
        grid.add_column(_(head), overflow="fold")
    for statement in found:
        for voice, said in by_voice(statement.doses):
            cells = (statement.witness, _(voice), *(said.get(act, "") for act in ACTS))
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
