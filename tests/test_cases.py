"""The case files of ``tests/cases``: what single passages must give, stage by stage."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pipeline.judging.counts import stated
from pipeline.knowledge.tables import home, rows, table
from pipeline.model import Decision, Diagnostic, DoseRow, Entry, Indication, Result, Witness
from pipeline.reading.parse import parse
from pipeline.reading.rows import cells, counting, doses_of, voiced
from pipeline.reading.segment import segment_jiayi
from pipeline.reading.statements import PointId
from pipeline.reading.voices import spoken
from pipeline.sources.normalize import FORMATS, normalize
from pipeline.sources.read import column_of, line_of, line_starts
from pipeline.text.slice import Slice
from tests.cases import Case, cases, judge
from tests.corpus import extract, invented, misplaced, untiled
from tests.test_refer import commentary

LOST = "⟨⟩"
"""Shown where a glyph is lost."""


def source(case: Case, given: str) -> Witness:
    """The witness of a case, laid out as its title says: [format script grammar=…]; lines below one
    of ``--- decisions`` were decided of it: anchor, field, value, reason, by, with blanks between.
    """
    form, script, grammar = "markdown", "hant", "jiayi"
    for option in case.options:
        if option in FORMATS:
            form = option
        elif option in ("hans", "hant"):
            script = option
        elif option.startswith("grammar="):
            grammar = option.removeprefix("grammar=")
        else:
            raise ValueError(f"{case.place}: {option!r} is no format, script or grammar")
    text, *decided = given.split("\n--- decisions\n")
    found = invented(text, form, script, grammar)
    rows = [line.split() for line in "".join(decided).splitlines()]
    return replace(found, decisions=tuple(_decision(row, n) for n, row in enumerate(rows, 2)))


def _decision(row: list[str], line: int) -> Decision:
    anchor, field, value, reason, by = row
    return Decision("w", anchor, field, value, reason, by, f"decisions.tsv:{line}")


def one_entry(case: Case) -> Result:
    """What a single entry gives, under a heading of its own."""
    return extract(source(case, f"## 頭凡一穴第一\n\n{case.given}"))


def normalized(case: Case) -> str:
    text, _ = normalize(source(case, case.given))
    out = []
    lost = sorted(text.lost)
    for char, start in zip(text.chars, text.starts, strict=True):
        while lost and lost[0] < start:
            out.append(LOST)
            lost.pop(0)
        if lost and lost[0] == start:
            lost.pop(0)  # the square itself shows it
        out.append(char)
    return "".join(out + [LOST] * len(lost)).strip("\n")


def outline(case: Case) -> str:
    """Sections, entries with what is theirs, notes, and what is wrong with them."""
    text, _ = normalize(source(case, case.given))
    found, diagnostics = segment_jiayi(text, "w", "")
    lines = []
    chars = found.main.chars

    def notes(numbers: tuple[int, ...], indent: str) -> None:
        for n in numbers:
            note = found.notes[n]
            lines.append(f"{indent}（{text.chars[note.start : note.end]}{'）' * note.closed}")

    for index, section in enumerate(found.sections):
        numbers = [f"{section.number}", f"{section.declared} points"]
        said = ", ".join(n for n in numbers if "None" not in n)
        again = "" if section.duplicate_of is None else f" = section {section.duplicate_of + 1}"
        lines.append(f"# {section.title} ({said}){again}")
        notes(section.notes, "  ")
        for entry in found.entries:
            if entry.section == index:
                head = chars[slice(*entry.head)]
                body = chars[entry.head[1] : entry.end].replace("\n", "↵")
                lines.append(" ".join((f"- {head or LOST} | {body}", *entry.flags)))
                notes(entry.notes, "    ")
    lines += [f"! {d.code}" for d in diagnostics]
    return "\n".join(lines)


def clauses(case: Case) -> str:
    return "\n".join(
        f"{claim.field}: {claim.value}" + f" ← {claim.text}" * (claim.text not in ("", claim.value))
        for claim in one_entry(case).claims
        if claim.field != "name_raw"
    )


def readings(case: Case) -> str:
    return "\n".join(
        f"{r.source or '-'} | {r.field}: {r.value}" + f" ← {r.text}" * (r.text not in ("", r.value))
        for r in one_entry(case).readings
    )


def voices(case: Case) -> str:
    """Who says what in an entry of a catalogue, after its head."""
    text, _ = normalize(source(case, case.given))
    tree, _ = parse("catalogue", "entry", Slice(text, 0, len(text.chars)))
    said = list(spoken(tree, text, PointId(0)))
    heard = [
        (dose.start, f"{dose.source or '-'} | {dose.act}: {amount(dose)}")
        for dose in doses_of("", "", said)
    ]
    heard += [(r.start, f"{r.source} | {r.field}: {r.value}") for r in voiced("", said)]
    return "\n".join(line for _, line in sorted(heard, key=lambda one: one[0]))


def columns(case: Case) -> str:
    """What an entry of a catalogue says: its name in the first line, then what follows the head."""
    name, _, body = case.given.partition("\n")
    text, _ = normalize(source(case, body))
    tree, _ = parse("catalogue", "entry", Slice(text, 0, len(text.chars)))
    said: list[tuple[str, str | float]] = []
    for statement in counting(list(spoken(tree, text, PointId(0), name))):
        for column, value in cells(statement.says):
            if column == "location" and said and said[-1][0] == "location":
                value = f"{said.pop()[1]}，{value}"
            said.append((column, value))
    return "\n".join(f"{column}: {value}" for column, value in said)


def amount(dose: DoseRow) -> str:
    bounds = [f"{n:g}" if n is not None else "" for n in (dose.min, dose.max)]
    number = bounds[0] if bounds[0] == bounds[1] else "–".join(bounds)
    words = ("forbidden" * dose.forbidden, number, dose.expr, "daily" * dose.daily)
    return " ".join(filter(None, (*words, f"({dose.condition})" * bool(dose.condition))))


def editors(case: Case) -> str:
    found = extract(commentary(case.given))
    points = {e.entry_id: e.name_raw for e in found.entries}
    return "\n".join(
        f"{points.get(r.entry_id or '', '-')} {r.source or '-'} | {r.field}: {r.value}"
        + f" ← {r.text}" * (r.text not in ("", r.value))
        for r in found.readings
    )


def names(case: Case) -> str:
    def line(e: Entry) -> str:
        found = f"{e.name} {e.code}" if e.code else " ".join(("?", *e.candidates))
        return f"{e.name_raw or LOST}: {found} ({', '.join((e.name_basis, *e.flags))})"

    return "\n".join(map(line, extract(source(case, case.given)).entries))


def indications(case: Case) -> str:
    """The statements of illness: their words, each point, what is said of the manner; or the point,
    the cue and the words of an illness in its entry.
    """

    def point(row: Indication) -> str:
        found = row.code or " ".join(("?", *row.candidates))
        said = (row.name_raw or LOST, found, row.act, f"{row.role}{row.step or ''}", *row.flags)
        return " ".join(said)

    lines: list[str] = []
    headed = case.given if case.given.startswith("#") else f"## 受病發熱第一\n\n{case.given}"
    for row in extract(source(case, headed)).indications:
        if row.direction == "point_first":
            by = f" ← {row.source}" if row.source else ""
            lines.append(f"{row.name_raw} {row.code or '?'} {row.act}: {row.syndrome}{by}")
            continue
        first = not row.indication_id.removeprefix(row.statement_id).strip("/p1")
        if first:
            theory = "(neijing) " if row.stratum == "neijing" else ""
            manner = f" ← {'; '.join(row.modifiers)}" if row.modifiers else ""
            lines.append(f"{theory}{row.syndrome}{manner}")
        lines.append(f"  {point(row)}")
    return "\n".join(lines)


def remarks(case: Case) -> str:
    """The diagnostics of a whole witness, in their order, with line and column."""
    given = source(case, case.given)
    starts = line_starts(given.text)

    def line(d: Diagnostic) -> str:
        place = f"{line_of(starts, d.start)}:{column_of(starts, d.start)}"
        return f"{place} {d.severity}[{d.code}] {d.message}"

    return "\n".join(map(line, extract(given).diagnostics))


def numbers(case: Case) -> str:
    """The numbers of points that a text states, of every kind, each with its parts."""
    text, _ = normalize(source(case, case.given))
    kinds = sorted({row["kind"] for row in table("authority/counts.tsv")})
    whole = Slice(text, 0, len(text.chars))
    found = [(one.where.start, kind, one) for kind in kinds for one in stated(kind, whole)]
    return "\n".join(
        f"{kind}: {' '.join(map(str, (one.number, *one.parts)))} ← {one.where.verbatim}"
        for _, kind, one in sorted(found, key=lambda f: f[:2])
    )


STAGES: dict[str, Callable[[Case], str]] = {
    "normalize.txt": normalized,
    "segment.txt": outline,
    "parse.txt": clauses,
    "readings.txt": readings,
    "indications.txt": indications,
    "editors.txt": editors,
    "voices.txt": voices,
    "entries.txt": columns,
    "resolve.txt": names,
    "counts.txt": numbers,
    "check.txt": remarks,
}
ALL = [(stage, case) for stage in STAGES for case in cases(stage)]


@pytest.mark.parametrize(("stage", "case"), [pytest.param(s, c, id=c.place) for s, c in ALL])
def test_case(stage: str, case: Case) -> None:
    judge(case, STAGES[stage](case))


@pytest.mark.parametrize(("stage", "case"), [pytest.param(s, c, id=c.place) for s, c in ALL])
def test_every_case_is_traced_and_accounted_for(stage: str, case: Case) -> None:
    given = source(case, case.given)
    found = extract(given)
    assert untiled(given, found) == ""
    assert misplaced(given, found) == []


def test_no_case_stands_twice() -> None:
    places: dict[tuple[str, str, tuple[str, ...]], str] = {}
    for stage, case in ALL:
        key = (stage, case.given, case.options)
        assert places.setdefault(key, case.place) == case.place


def test_a_known_failure_that_passes_is_unmarked() -> None:
    case = replace(ALL[0][1], known=True)
    judge(case, case.expected + "！")
    with pytest.raises(AssertionError, match="take 'known' out"):
        judge(case, case.expected)


# --- every diagnostic has a case -----------------------------------------------------------------


def codes() -> Iterator[tuple[str, str]]:
    """The codes that the program can give, with their modules: first arguments of ``Diagnostic``,
    of ``at`` and of functions that take a ``code`` first, and what is assigned to a name ``code``.
    """
    for path in sorted((home() / "pipeline").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        makers = {
            n.name
            for n in nodes
            if isinstance(n, ast.FunctionDef) and n.args.args and n.args.args[0].arg == "code"
        } | {"Diagnostic", "at"}
        for node in nodes:
            spoken: ast.AST | None = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                spoken = node.args[0] if node.func.id in makers else None
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                spoken = node.value
            for part in ast.walk(spoken) if spoken else ():
                said = part.value if isinstance(part, ast.Constant) else None
                if isinstance(said, str) and re.fullmatch(r"[a-z]+(?:-[a-z]+)+", said):
                    yield str(path.relative_to(home() / "pipeline").with_suffix("")), said


CORE = {
    "sources/normalize",
    "sources/mandoku",
    "reading/segment",
    "reading/rows",
    "reading/entries",
    "reading/names",
    "judging/check",
    "judging/contents",
    "genres/catalogue",
}


def elsewhere() -> str:
    """Where the codes of a genre or of a later stage are shown: case files and tests."""
    tests = home() / "tests"
    files = [*(tests / "cases").glob("*.txt"), *tests.glob("test_*.py")]
    return "\n".join(f.read_text(encoding="utf-8") for f in files)


def test_every_code_has_a_case() -> None:
    shown = {
        code
        for case in cases("check.txt")
        if not case.known
        for code in re.findall(r"^\S+ \w+\[([a-z-]+)\]", case.expected, re.M)
    }
    known = set(codes())
    others = elsewhere()
    lacking = {
        (module, code)
        for module, code in known
        if code not in shown and (module in CORE or code not in others)
    }
    assert lacking == set()
    assert shown <= {code for _, code in known}


def test_every_code_is_explained() -> None:
    explained = [row["code"] for row in rows(home() / "docs" / "diagnostics.tsv")]
    assert explained == sorted(set(explained))
    assert {code for _, code in codes()} <= set(explained)
