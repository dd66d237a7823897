"""A collation on a terminal: counts, then the differences side by side, the gravest first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from pipeline.compare.apparatus import Agreement, agreement, warnings
from pipeline.compare.difference import QUIET, SEVERITY, Collation
from pipeline.compare.display import (
    FLAGS,
    LISTED,
    Marked,
    explanations,
    label,
    listed,
    names_of,
    readings,
    summary,
    voiced,
)
from pipeline.judging.diagnostics import shown
from pipeline.language import told
from pipeline.language import translated as _

KIN = "warning"
COLOURS = {"critical": "bold red", "major": "yellow", "minor": "cyan", "none": "dim"}


def render(
    collation: Collation, console: Console, every: bool = False, explained: bool = False
) -> None:
    """Print a collation: counts, then the differences side by side, the most severe first."""
    labels = [edition.label for edition in collation.editions]
    plain = console.no_color or not console.is_terminal
    console.print(_counts(collation))
    if len(labels) > 2:
        _kinship(agreement(collation), labels, console)
    table = Table(show_lines=True, pad_edge=False)
    for head in (_("kind"), _("point"), _("field"), labels[0], " / ".join(labels[1:])):
        table.add_column(Line(shown(head)), overflow="fold")
    for one in readings(collation, every):
        d = one.difference
        of_statement = d.field in ("statement", "point", "act")
        if listed(d) or not (every or d.entry_a or d.entry_b or of_statement):
            continue
        beyond = shown(d.witness_b) if len(labels) > 2 else ""
        table.add_row(
            Line(_(d.kind) if one.first else "", COLOURS[d.severity]),
            Line(shown(label(d))),
            Line(shown(told("field", voiced(one)))),
            _cell(one.a, d.place_a, "", plain),
            _cell(one.b, d.place_b, beyond, plain),
        )
    if table.row_count:
        console.print(table)
    for kind in LISTED:
        if names := names_of(collation, kind):
            console.print(Line(shown(f"{_(kind)}: {names}")))
    _prose(collation, every, console)
    if explained:
        rules = Table(title=_("glyphs taken as one"), title_justify="left")
        rules.add_column(_("fields"), justify="right")
        rules.add_column(_("rule"), overflow="fold")
        for text, count in explanations(collation):
            rules.add_row(str(count), Line(shown(told("rule", text))))
        console.print(rules)


def _counts(collation: Collation) -> RenderableType:
    counts = summary(collation)
    if not counts:
        return Line(_("no difference"))
    table = Table()
    table.add_column(_("differences"))
    table.add_column(_("severity"))
    table.add_column(_("number"), justify="right")
    for kind, count in counts.items():
        table.add_row(Line(_(kind), COLOURS[SEVERITY[kind]]), _(SEVERITY[kind]), str(count))
    return table


def _cell(pieces: Marked, where: str | None, label: str, plain: bool) -> RenderableType:
    line = Line()
    for words, differs in pieces:
        text = _(words) if words in FLAGS.values() else words
        mark = differs and plain
        line.append(f"[{shown(text)}]" if mark else shown(text), "bold reverse" if differs else "")
    if not pieces:
        line.append("—", "dim")
    note = ", ".join(filter(None, (label, where)))
    return Group(line, Line(shown(note), "dim")) if note else line


def _prose(collation: Collation, every: bool, console: Console) -> None:
    """How much differs outside entries; it is listed where all is asked for."""
    found = {
        d.difference
        for d in collation.differences
        if not (d.entry_a or d.entry_b or d.kind in QUIET)
    }
    if found and not every:
        outside = _(
            "{number} differences outside entries, in prose and its notes: --all lists them, "
            "and so do the files (-o, --html)"
        )
        console.print(outside.format(number=len(found)))
    if not all(book.whole for book in collation.books):
        console.print(_("prose is not compared: a folder of tables holds no more than its entries"))


def _kinship(found: Sequence[Agreement], labels: Sequence[str], console: Console) -> None:
    """How often each two editions read alike where not all do, and what that means."""
    shares = {(a.witness_a, a.witness_b): f"{a.agreed}/{a.places}" for a in found}
    table = Table(title=_("read alike, of the places where not all do"), title_justify="left")
    for name in ("", *labels):
        table.add_column(Line(shown(name)), justify="right", overflow="fold")
    for a in labels:
        cells = [shares.get((a, b)) or shares.get((b, a)) or "" for b in labels]
        table.add_row(Line(shown(a)), *cells)
    console.print(table)
    for text in warnings(found):
        said = f"{_(KIN)}: {told('kinship', text)}"
        console.print(Line(shown(said), "yellow"))
