"""A collation as people read it: counts, differences with what differs marked; Markdown, JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.compare.columns import regions
from pipeline.compare.difference import (
    QUIET,
    SEVERITY,
    Collation,
    Difference,
    Kind,
    Spans,
)
from pipeline.compare.kinds import FORBIDDEN
from pipeline.compare.reasons import explain
from pipeline.judging.diagnostics import as_text, shown
from pipeline.knowledge.vocabulary import unit
from pipeline.sources.glyphs import Glyphs, glyphs_of

DOSES = {
    "depth_min_fen": ("depth", "needling", "least "),
    "depth_max_fen": ("depth", "needling", "most "),
    "retention_breaths": ("retention", "retention", ""),
    "moxa_min": ("moxa", "moxa", "least "),
    "moxa_max": ("moxa", "moxa", "most "),
}
"""Columns that hold a dose, how the dose is called, its act, and which end of a range it is."""
LISTED = ("only_a", "only_b", "duplicate")
"""Kinds of which the names say all."""
FLAGS = {"true": "forbidden", "false": "not forbidden"}

Marked = tuple[tuple[str, bool], ...]
"""A reading in pieces, each with whether it is what differs."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference to be shown, or what one column says of it; least and most of one dose are
    one. ``first``: whether it is the first that is shown of its difference.
    """

    difference: Difference
    field: str
    a: Marked
    b: Marked
    first: bool


def readings(collation: Collation, every: bool = False) -> Iterator[Shown]:
    """The differences as they are shown; without ``every`` those of writing are left out.

    A dose is shown in its words and in figures: 刺入八寸 80 分.
    """
    for first, rows in _shown_together(collation):
        difference, marks = rows[0]
        if difference.kind in QUIET and not every:
            continue
        name, act, end = DOSES.get(difference.field, (difference.field, "", ""))
        if len(rows) > 1:
            end = ""
        stated = [d.value_a for d, _ in rows], [d.value_b for d, _ in rows]
        if act or difference.field in FORBIDDEN:
            words = _words(difference, [any(found) for found in stated])
            sign = unit(act) if act else ""
            a, b = (_dose(said, found, sign) for said, found in zip(words, stated, strict=True))
        else:
            a = tuple(marked(difference.value_a or "", marks[0]))
            b = tuple(marked(difference.value_b or "", marks[1]))
        yield Shown(difference, _field(difference, end + name), a, b, first)


def _shown_together(
    collation: Collation,
) -> Iterator[tuple[bool, list[tuple[Difference, tuple[Spans, Spans]]]]]:
    """The rows, least and most of a dose together; whether they are the first of a difference."""
    found: list[list[tuple[Difference, tuple[Spans, Spans]]]] = []
    for row in zip(collation.differences, collation.marks, strict=True):
        if found and _one_dose(found[-1][0][0], row[0]):
            found[-1].append(row)
        else:
            found.append([row])
    before: int | None = None
    for rows in found:
        number = rows[0][0].difference
        yield number is None or number != before, rows
        before = number


def _one_dose(one: Difference, other: Difference) -> bool:
    return (
        one.field in DOSES
        and one.difference == other.difference
        and (one.entry_a, one.entry_b, one.kind) == (other.entry_a, other.entry_b, other.kind)
        and (one.source, one.start_a, one.start_b) == (other.source, other.start_a, other.start_b)
        and DOSES[one.field][:2] == DOSES.get(other.field, ("", "", ""))[:2]
    )


def _field(difference: Difference, name: str) -> str:
    """A field, and inside a note whose reading it is."""
    if not (difference.note_a or difference.note_b) or name == "note":
        return name
    return f"note, {name}"


def voiced(one: Shown) -> str:
    """The field of a difference, and whose statement it is: 銅人, depth."""
    return ", ".join(filter(None, (one.difference.source, one.field)))


def _words(difference: Difference, states: Sequence[bool]) -> tuple[Marked, Marked]:
    """The words of two doses, what differs in them marked: 刺入八[寸], 刺入八[分]; all of them
    where only one side states a dose.
    """
    d = difference
    texts = ["".join((text or "").split()) for text in (d.text_a, d.text_b)]
    if not all(states):
        return tuple(((t, s),) if t else () for t, s in zip(texts, states, strict=True))  # type: ignore[return-value]
    found = []
    for text, start, changed in (
        (d.text_a or "", d.start_a or 0, d.changed_a),
        (d.text_b or "", d.start_b or 0, d.changed_b),
    ):
        found.append(_bare(marked(text, _inside(changed, start, start + len(text)))))
    if all(any(differs for _, differs in pieces) for pieces in found):
        return found[0], found[1]
    # What is said outside the entry (餘並刺入二分) is not set beside it: only the two words are.
    return _beside(texts[0], texts[1])


def _beside(a: str, b: str) -> tuple[Marked, Marked]:
    """Two texts by themselves, what differs in them marked."""
    x, y = glyphs_of([a, b], "hans")
    parts = regions(x.chars, y.chars)
    return (
        tuple(marked(a, _spans(x, [(a0, a1) for a0, a1, _, _ in parts]))),
        tuple(marked(b, _spans(y, [(b0, b1) for _, _, b0, b1 in parts]))),
    )


def _spans(x: Glyphs, parts: Iterable[tuple[int, int]]) -> Spans:
    ends = [0]
    for written in x.written:
        ends.append(ends[-1] + len(written))
    return tuple((ends[start], ends[end]) for start, end in parts if start < end)


def _inside(changed: Sequence[str], start: int, end: int) -> Spans:
    """What of the changed characters lies in a stretch of the source, counted from its start."""
    spans = [tuple(map(int, span.split(":"))) for span in changed]
    return tuple(
        (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
    )


def _bare(pieces: Iterable[tuple[str, bool]]) -> Marked:
    """Pieces without white space, those that touch joined."""
    found: list[tuple[str, bool]] = []
    for text, differs in pieces:
        bare = "".join(text.split())
        if found and found[-1][1] == differs:
            found[-1] = found[-1][0] + bare, differs
        elif bare:
            found.append((bare, differs))
    return tuple(found)


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
    counts = Counter(collation.kinds.values())
    counts["same"] = sum(rows[0][0].kind == "same" for _, rows in _shown_together(collation))
    return {kind: counts[kind] for kind in SEVERITY if counts[kind]}


def label(difference: Difference) -> str:
    """A point by code and name; words outside entries by their section."""
    point = " ".join(filter(None, (difference.code, difference.name)))
    entry = difference.entry_a or difference.entry_b
    return point or (difference.section or "" if not entry else "") or "?"


def listed(difference: Difference) -> bool:
    """Whether the name of an entry says all."""
    return difference.kind in LISTED and difference.field == "entry"


def names_of(collation: Collation, kind: str) -> str:
    """The points of which the names say all, each once, with how often and for which edition."""
    found = Counter(
        (d.witness_b if d.entry_a is None else d.witness_a, label(d))
        for d in collation.differences
        if d.kind == kind and listed(d)
    )
    labels = {label for label, _ in found}
    parts = [f"{name} ×{n}" if n > 1 else name for (_, name), n in found.items()]
    return f"{', '.join(sorted(labels))}: {', '.join(parts)}" if found else ""


def explanations(collation: Collation) -> list[tuple[str, int]]:
    """The rules that made unlike glyphs one, in full, and in how many fields each did."""
    counts = Counter(rule for d in collation.differences for rule in d.rules)
    return [(explain(rule), n) for rule, n in sorted(counts.items(), key=lambda r: (-r[1], r[0]))]


# --- Markdown and JSON ---------------------------------------------------------------------------


def markdown(collation: Collation, every: bool = False, explained: bool = False) -> str:
    """A collation as Markdown, what differs in bold."""
    labels = [_escaped(edition.label) for edition in collation.editions]
    lines = [f"# Collation of {', '.join(labels)}", "", "| kind | severity | number |", "|-|-|-:|"]
    lines += [f"| {k} | {SEVERITY[k]} | {n} |" for k, n in summary(collation).items()]
    rows = [r for r in readings(collation, every) if not listed(r.difference)]
    if rows:
        lines += ["", f"| kind | point | field | {labels[0]} | {' / '.join(labels[1:])} |"]
        lines.append("|-|-|-|-|-|")
    for one in rows:
        d = one.difference
        beyond = _escaped(d.witness_b) if len(labels) > 2 else ""
        a = _written(one.a, d.place_a, "")
        b = _written(one.b, d.place_b, beyond)
        kind = d.kind if one.first else ""
        head = f"{kind} | {_escaped(label(d))} | {_escaped(voiced(one))}"
        lines.append(f"| {head} | {a} | {b} |")
    for kind in LISTED:
        if names := names_of(collation, kind):
            lines += ["", f"{kind}: {_escaped(names)}"]
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
