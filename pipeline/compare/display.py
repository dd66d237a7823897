"""A collation as people read it: summary and differences on a terminal, as Markdown, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from pipeline.compare.collate import (
    FORBIDDEN,
    SEVERITY,
    Collation,
    Difference,
    Kind,
    Spans,
    explain,
    regions,
    spans,
)
from pipeline.judging.diagnostics import as_text, shown
from pipeline.sources.glyphs import glyphs_of

DOSES = {
    "depth_min_fen": ("depth", "分", "least "),
    "depth_max_fen": ("depth", "分", "most "),
    "retention_breaths": ("retention", "呼", ""),
    "moxa_min": ("moxa", "壯", "least "),
    "moxa_max": ("moxa", "壯", "most "),
}
"""Columns that hold a dose, how the dose is called, its unit, and which end of a range it is."""
LISTED = ("only_a", "only_b", "duplicate")
"""Kinds of which the names say all."""
QUIET = ("orthographic", "same")
"""Kinds that are counted, and listed only where all is asked for."""
COLOURS = {"critical": "bold red", "major": "yellow", "minor": "cyan", "none": "dim"}

FLAGS = {"true": "forbidden", "false": "not forbidden"}

Marked = tuple[tuple[str, bool], ...]
"""A reading in pieces, each with whether it is what differs."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference to be shown; least and most of one dose are one difference."""

    difference: Difference
    field: str
    a: Marked
    b: Marked


def readings(collation: Collation, every: bool = False) -> Iterator[Shown]:
    """The differences as they are shown; without ``every`` those of orthography are left out.

    A dose is shown in its words and in figures: 刺入八寸 80 分.
    """
    rows = list(zip(collation.differences, collation.marks, strict=True))
    at = 0
    while at < len(rows):
        difference, marks = rows[at]
        at += 1
        if difference.kind in QUIET and not every:
            continue
        name, unit, end = DOSES.get(difference.field, (difference.field, "", ""))
        stated = [[difference.value_a], [difference.value_b]]
        while at < len(rows) and _one_dose(difference, rows[at][0]):
            stated[0].append(rows[at][0].value_a)
            stated[1].append(rows[at][0].value_b)
            at, end = at + 1, ""
        name = end + name
        if unit or difference.field in FORBIDDEN:
            words = _words(difference, [any(found) for found in stated])
            a, b = (_dose(said, found, unit) for said, found in zip(words, stated, strict=True))
        else:
            a = tuple(marked(difference.value_a or "", marks[0]))
            b = tuple(marked(difference.value_b or "", marks[1]))
        yield Shown(difference, name, a, b)


def _one_dose(one: Difference, other: Difference) -> bool:
    return (
        one.field in DOSES
        and DOSES[one.field][:2] == DOSES.get(other.field, ("", "", ""))[:2]
        and (one.entry_a, one.entry_b, one.kind) == (other.entry_a, other.entry_b, other.kind)
    )


def _words(difference: Difference, states: Sequence[bool]) -> tuple[Marked, Marked]:
    """The words of two doses, what differs in them marked: 刺入八[寸], 刺入八[分]; all of them
    where only one side states a dose.
    """
    a, b = ("".join((text or "").split()) for text in (difference.text_a, difference.text_b))
    if not all(states):
        return (((a, states[0]),) if a else ()), (((b, states[1]),) if b else ())
    x, y = glyphs_of([a, b], "hans")
    parts = regions(x.chars, y.chars)
    return (
        tuple(marked(a, spans(x, [(a0, a1) for a0, a1, _, _ in parts]))),
        tuple(marked(b, spans(y, [(b0, b1) for _, _, b0, b1 in parts]))),
    )


def _dose(words: Marked, stated: Sequence[str | None], unit: str) -> Marked:
    """The words of a dose or prohibition and what they come to."""
    found = list(dict.fromkeys(v for v in stated if v is not None))
    if unit and found:
        return (*words, (f" {'–'.join(found)} {unit}", not words))
    return words or tuple((FLAGS[value], True) for value in found)


def marked(value: str, spans: Spans) -> Iterator[tuple[str, bool]]:
    """A text in pieces, those of ``spans`` marked.

    >>> list(marked("在大巨下一寸", ((4, 5),)))
    [('在大巨下', False), ('一', True), ('寸', False)]
    """
    done = 0
    for start, end in spans:
        if done < start:
            yield value[done:start], False
        yield value[start:end], True
        done = end
    if done < len(value):
        yield value[done:], False


def summary(collation: Collation) -> dict[Kind, int]:
    """How many differences there are of each kind, most severe first."""
    counts = Counter(s.difference.kind for s in readings(collation, every=True))
    return {kind: counts[kind] for kind in SEVERITY if counts[kind]}


def differs(collation: Collation) -> bool:
    """Whether there is any difference beyond orthography."""
    return any(d.kind not in QUIET for d in collation.differences)


def point(difference: Difference) -> str:
    """A point by code and name."""
    return " ".join(filter(None, (difference.code, difference.name))) or "?"


def _names(collation: Collation, kind: str) -> str:
    """The points of which the names say all, each once, with how often and for which edition."""
    found = Counter(
        (d.witness_b if d.entry_a is None else d.witness_a, point(d))
        for d in collation.differences
        if d.kind == kind
    )
    labels = {label for label, _ in found}
    parts = [f"{name} ×{n}" if n > 1 else name for (_, name), n in found.items()]
    return f"{', '.join(sorted(labels))}: {', '.join(parts)}"


def explanations(collation: Collation) -> list[tuple[str, int]]:
    """The rules that made unlike glyphs one, in full, and in how many fields each did."""
    counts = Counter(rule for d in collation.differences for rule in d.rules)
    return [(explain(rule), n) for rule, n in sorted(counts.items(), key=lambda r: (-r[1], r[0]))]


# --- terminal ------------------------------------------------------------------------------------


def render(
    collation: Collation, console: Console, every: bool = False, explained: bool = False
) -> None:
    """Print a collation: counts, then the differences side by side, the most severe first."""
    labels = [edition.label for edition in collation.editions]
    plain = console.no_color or not console.is_terminal
    console.print(_counts(collation))
    table = Table(show_lines=True, pad_edge=False)
    for head in ("kind", "point", "field", labels[0], " / ".join(labels[1:])):
        table.add_column(Line(shown(head)), overflow="fold")
    for one in readings(collation, every):
        d = one.difference
        if d.kind in LISTED:
            continue
        beyond = shown(d.witness_b) if len(labels) > 2 else ""
        table.add_row(
            Line(d.kind, COLOURS[d.severity]),
            Line(shown(point(d))),
            one.field,
            _cell(one.a, d.place_a, "", plain),
            _cell(one.b, d.place_b, beyond, plain),
        )
    if table.row_count:
        console.print(table)
    for kind in LISTED:
        if any(d.kind == kind for d in collation.differences):
            console.print(Line(shown(f"{kind}: {_names(collation, kind)}")))
    if explained:
        rules = Table(title="glyphs taken as one", title_justify="left")
        rules.add_column("fields", justify="right")
        rules.add_column("rule", overflow="fold")
        for text, count in explanations(collation):
            rules.add_row(str(count), Line(shown(text)))
        console.print(rules)


def _counts(collation: Collation) -> RenderableType:
    counts = summary(collation)
    if not counts:
        return Line("no difference")
    table = Table()
    table.add_column("differences")
    table.add_column("severity")
    table.add_column("number", justify="right")
    for kind, count in counts.items():
        table.add_row(Line(kind, COLOURS[SEVERITY[kind]]), SEVERITY[kind], str(count))
    return table


def _cell(pieces: Marked, where: str | None, label: str, plain: bool) -> RenderableType:
    line = Line()
    for text, differs in pieces:
        mark = differs and plain
        line.append(f"[{shown(text)}]" if mark else shown(text), "bold reverse" if differs else "")
    if not pieces:
        line.append("—", "dim")
    note = ", ".join(filter(None, (label, where)))
    return Group(line, Line(shown(note), "dim")) if note else line


# --- Markdown and JSON ---------------------------------------------------------------------------


def markdown(collation: Collation, every: bool = False, explained: bool = False) -> str:
    """A collation as Markdown, what differs in bold."""
    labels = [_escaped(edition.label) for edition in collation.editions]
    lines = [f"# Collation of {', '.join(labels)}", "", "| kind | severity | number |", "|-|-|-:|"]
    lines += [f"| {k} | {SEVERITY[k]} | {n} |" for k, n in summary(collation).items()]
    rows = [r for r in readings(collation, every) if r.difference.kind not in LISTED]
    if rows:
        lines += ["", f"| kind | point | field | {labels[0]} | {' / '.join(labels[1:])} |"]
        lines.append("|-|-|-|-|-|")
    for one in rows:
        d = one.difference
        beyond = _escaped(d.witness_b) if len(labels) > 2 else ""
        a = _written(one.a, d.place_a, "")
        b = _written(one.b, d.place_b, beyond)
        lines.append(f"| {d.kind} | {_escaped(point(d))} | {one.field} | {a} | {b} |")
    for kind in LISTED:
        if any(d.kind == kind for d in collation.differences):
            lines += ["", f"{kind}: {_escaped(_names(collation, kind))}"]
    if explained:
        lines += ["", "| glyphs taken as one | fields |", "|-|-:|"]
        lines += [f"| {_escaped(text)} | {count} |" for text, count in explanations(collation)]
    return "\n".join([*lines, ""])


def _written(pieces: Marked, where: str | None, label: str) -> str:
    text = "".join(f"**{_escaped(t)}**" if d else _escaped(t) for t, d in pieces) or "—"
    note = ", ".join(filter(None, (label, where)))
    return f"{text}<br>{_escaped(note)}" if note else text


def _escaped(text: str) -> str:
    text = shown(text).replace("&", "&amp;").replace("<", "&lt;")
    for sign in "\\`*_{}[]|#~":
        text = text.replace(sign, f"\\{sign}")
    return text


def as_json(collation: Collation, every: bool = False, explained: bool = False) -> str:
    """A collation as JSON: editions, counts, and every row of the table with what is marked."""
    document: dict[str, Any] = {
        "editions": [edition.label for edition in collation.editions],
        "summary": summary(collation),
        "differences": [
            {**asdict(difference), "marks_a": marks[0], "marks_b": marks[1]}
            for difference, marks in zip(collation.differences, collation.marks, strict=True)
            if every or difference.kind != "same"
        ],
    }
    if explained:
        rules = sorted({rule for d in collation.differences for rule in d.rules})
        document["rules"] = {rule: explain(rule) for rule in rules}
    return as_text(document)
