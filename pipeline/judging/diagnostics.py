"""Diagnostics as people and programs read them: the place, the message, the line with a caret."""

from __future__ import annotations

import json
import unicodedata
from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeAlias, get_args

import regex

from pipeline.language import told
from pipeline.language import translated as _
from pipeline.model import Diagnostic, Severity, Witness
from pipeline.sources.read import column_of, line_of, line_starts

WINDOW = 40
"""Characters of a long line that are shown around the place."""

Source: TypeAlias = "tuple[Witness, array[int]]"
"""A witness and where its lines begin."""


def render(diagnostics: Iterable[Diagnostic], witnesses: Iterable[Witness]) -> Iterator[str]:
    """Each diagnostic as text; lines and columns count from 1, columns in code points.

    A diagnostic about a witness that is not among ``witnesses`` raises KeyError.

    >>> from pathlib import Path
    >>> from pipeline.model import Spec
    >>> spec = Spec("s", "", "", "", Path("s.txt"), "s.txt", "plain", "jiayi", "hans", "", "")
    >>> found = Diagnostic("glyph-lost", "warning", "a glyph is lost", "s", 2, 3)
    >>> print(*render([found], [Witness(spec, "颧 ，一名兑骨", "utf-8", "")]))
    s.txt:1:3: warning[glyph-lost]: a glyph is lost
        颧 ，一名兑骨
           ^^
    """
    sources = _sources(witnesses)
    for d in diagnostics:
        said = shown(told(d.code, d.message))
        lines = [f"{_place(sources[d.witness], d.start)}: {_(d.severity)}[{d.code}]: {said}"]
        lines += _caret(sources[d.witness], d.start, d.end)
        for siglum, start, end in d.see:
            lines.append(f"  {_(SEE)} {_place(sources[siglum], start)}:")
            lines += _caret(sources[siglum], start, end)
        yield "\n".join(lines)


SEE = "see"
GRAVITY: tuple[Severity, ...] = get_args(Severity)
"""The severities, the gravest first."""
EXAMPLES = 3
"""How many diagnostics of one rule are shown where there are more."""


def chosen(
    diagnostics: Iterable[Diagnostic], rules: Collection[str] = (), least: Severity = "info"
) -> list[Diagnostic]:
    """The diagnostics of some rules (without any: of all), and of a severity or a graver one."""
    grave = GRAVITY[: GRAVITY.index(least) + 1]
    return [d for d in diagnostics if d.severity in grave and (not rules or d.code in rules)]


def by_rule(diagnostics: Iterable[Diagnostic], witnesses: Iterable[Witness]) -> Iterator[str]:
    """The diagnostics by their rules, the gravest first: three of each, and how many there are.

    >>> from pathlib import Path
    >>> from pipeline.model import Spec
    >>> spec = Spec("s", "", "", "", Path("s.txt"), "s.txt", "plain", "jiayi", "hans", "", "")
    >>> found = [Diagnostic("glyph-lost", "warning", "lost", "s", at, at + 1) for at in range(5)]
    >>> list(by_rule(found, [Witness(spec, "□□□□□", "utf-8", "")]))[-1]
    'warning[glyph-lost]: 2 more of 5; --rule glyph-lost --all shows each'
    """
    groups: dict[tuple[Severity, str], list[Diagnostic]] = {}
    for d in diagnostics:
        groups.setdefault((d.severity, d.code), []).append(d)
    sources = list(witnesses)
    for severity, code in sorted(groups, key=lambda group: GRAVITY.index(group[0])):
        held = groups[severity, code]
        yield from render(held[:EXAMPLES], sources)
        more = len(held) - EXAMPLES
        if more > 0:
            said = _("{more} more of {all}; --rule {code} --all shows each")
            said = said.format(more=more, all=len(held), code=code)
            yield f"{_(severity)}[{code}]: {said}"


def as_json(
    diagnostics: Iterable[Diagnostic], witnesses: Iterable[Witness]
) -> Iterator[dict[str, Any]]:
    """Each diagnostic as a dictionary of JSON values, places with file, line and column."""
    sources = _sources(witnesses)

    def place(siglum: str, start: int, end: int) -> dict[str, Any]:
        witness, starts = sources[siglum]
        return {
            "witness": siglum,
            "path": witness.spec.name,
            "start": start,
            "end": end,
            "line": line_of(starts, start),
            "column": column_of(starts, start),
        }

    for d in diagnostics:
        yield {
            "code": d.code,
            "severity": d.severity,
            "message": d.message,
            **place(d.witness, d.start, d.end),
            "section": d.section,
            "entry_id": d.entry_id,
            "see": [place(*locus) for locus in d.see],
        }


UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]")
"""What a terminal obeys, or shows nothing of: controls, bidirectional marks, half characters."""


def shown(text: object) -> str:
    r"""A string that is not ours, fit for one line of a terminal; all of them pass here.

    Line ends and tabs become blanks, what has no form of its own is written out.

    >>> shown("上\x1b[31m星\u202e\t穴\x9b\udcff")
    '上␛[31m星<U+202E> 穴<U+009B><U+DCFF>'
    """
    return UNSEEN.sub(lambda match: _visible(match[0]), str(text))


def _visible(char: str) -> str:
    if char in "\t\n\v\f\r\x85" or unicodedata.category(char) in ("Zl", "Zp"):
        return " "
    if char < " ":
        return chr(0x2400 + ord(char))
    return f"<U+{ord(char):04X}>"


def as_text(document: Any, indent: int = 1) -> str:
    r"""A document as JSON; what a terminal would obey is escaped.

    >>> as_text({"name": "上\x9b星"}, 0)
    '{\n"name": "上\\u009b星"\n}\n'
    """
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return UNSEEN.sub(lambda m: m[0] if m[0] == "\n" else json.dumps(m[0])[1:-1], text) + "\n"


def width(text: str) -> int:
    """Terminal columns that ``text`` takes: a Han character two, a combining mark none.

    >>> width("髎a，")
    5
    """
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _sources(witnesses: Iterable[Witness]) -> dict[str, Source]:
    return {w.spec.siglum: (w, line_starts(w.text)) for w in witnesses}


def _place(source: Source, position: int) -> str:
    witness, starts = source
    return f"{shown(witness.spec.name)}:{line_of(starts, position)}:{column_of(starts, position)}"


def _caret(source: Source, start: int, end: int) -> list[str]:
    """The line of ``start``, cut to a window where it is long, and carets under ``start:end``."""
    witness, starts = source
    number = line_of(starts, start)
    begin = starts[number - 1]
    stop = starts[number] if number < len(starts) else len(witness.text)
    line = witness.text[begin:stop].rstrip("\r\n")
    at = start - begin
    left = max(0, min(at - WINDOW // 2, len(line) - WINDOW))
    right = left + WINDOW
    cut = line[left:right]
    head, tail = "…" * (left > 0), "…" * (right < len(line))
    indent = width(head + shown(cut[: at - left]))
    marked = width(shown(cut[at - left : max(end, start) - begin - left]))
    return [f"    {head}{shown(cut)}{tail}", f"    {' ' * indent}{'^' * max(1, marked)}"]
