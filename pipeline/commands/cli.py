"""The command ``mingtang``: what the pipeline does, from a terminal.

Exit status: 0 clean, 1 errors among the diagnostics with ``--strict``, 2 misuse (a path, siglum,
manifest or source that cannot be used).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.measure import Measurement
from rich.table import Table

from pipeline.commands.citations import render as render_citations
from pipeline.commands.explain import asked, explain, listed, watching
from pipeline.commands.options import Encoding, Witnesses
from pipeline.commands.terminal import (
    Commands,
    console,
    examples,
    folder,
    put,
    put_json,
    say,
    trouble,
    uncollected,
)
from pipeline.judging.diagnostics import (
    GRAVITY,
    as_json,
    as_text,
    by_rule,
    chosen,
    render,
    shown,
)
from pipeline.knowledge.tables import genres
from pipeline.language import LANGUAGES, made, told
from pipeline.language import translated as _
from pipeline.model import Result, Severity, Spec
from pipeline.publish.export import BOOKS, DEFAULT, FORMATS, claimable, export, holder
from pipeline.run import run
from pipeline.sources.normalize import FORMATS as LAYOUTS
from pipeline.sources.normalize import normalize as normalized
from pipeline.sources.read import read
from pipeline.sources.recognise import Choice, SourceError, meant, sources
from pipeline.text.layer import changes

SUMMARY = (
    "witness",
    "sections",
    "entries",
    "identified",
    "readings",
    "unparsed",
    "errors",
    "warnings",
)
WIDEST = 1_000
"""Columns that no table of a summary fills."""
READ_AS = {
    "entries": ("entry",),
    "notes": ("note",),
    "commentary": ("lemma", "gloss"),
    "headings": ("heading",),
    "statements": ("statement", "verse"),
    "prose": ("prose",),
    "markup": ("markup", "noise"),
    "unparsed": ("unparsed",),
}
"""What the characters of a file were read as, by the kinds of coverage."""


def _formats(given: str) -> str:
    """The formats of a list, each once; those that are usual where it names none."""
    names = list(dict.fromkeys(name for name in given.split(",") if name))
    if unknown := [name for name in names if name not in (*FORMATS, *BOOKS)]:
        hint = "; --layout names the layout of a source" if set(unknown) & set(LAYOUTS) else ""
        known = ", ".join((*FORMATS, *BOOKS))
        raise typer.BadParameter(f"{', '.join(unknown)}: not of {known}{hint}")
    return ",".join(names or DEFAULT)


def _layout(given: str) -> str:
    if given and given not in LAYOUTS:
        raise typer.BadParameter(f"{given!r} is none of {', '.join(LAYOUTS)}")
    return given


def _grammar(given: str) -> str:
    if given and given not in genres():
        raise typer.BadParameter(f"{given!r} is none of {', '.join(genres())}")
    return given


def _language(given: str) -> str:
    if given and given not in LANGUAGES:
        raise typer.BadParameter(f"{given!r} is none of {', '.join(LANGUAGES)}")
    if not made(given):
        raise typer.BadParameter(f"{given}: its catalogue was not made; pip install -e . makes it")
    return given


def _severity(given: str) -> str:
    if given not in GRAVITY:
        raise typer.BadParameter(f"{given!r} is none of {', '.join(GRAVITY)}")
    return given


app = typer.Typer(
    name="mingtang",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        parser=folder,
        help="Folders (with a witnesses.toml, or of texts) and files; without any, the corpus "
        "of the checkout.",
        show_default=False,
    ),
]
Siglum = Annotated[
    str, typer.Option(metavar="NAME", help="Siglum of a source that no manifest names.")
]
Grammar = Annotated[
    str,
    typer.Option(
        metavar="NAME", parser=_grammar, help="Grammar of a source that no manifest names."
    ),
]
Manifest = Annotated[
    Path | None,
    typer.Option(
        "--witnesses", metavar="FILE", parser=folder, help="A manifest of your own, asked first."
    ),
]
Formats = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="LIST",
        parser=_formats,
        help=f"Formats of the tables: {', '.join((*FORMATS, *BOOKS))}.",
    ),
]
Layout = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        parser=_layout,
        help=f"Layout of a source that no manifest names: {', '.join(LAYOUTS)}.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if a diagnostic is an error.")]
Every = Annotated[
    bool, typer.Option("--all", help="Show every diagnostic, not three of each rule.")
]
Citations = Annotated[
    bool,
    typer.Option(
        "--citations",
        help="Show instead whether the works that notes cite say what the notes say.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print summary and diagnostics as one JSON object.")
]


@app.callback(invoke_without_command=True, epilog=examples("extract corpus -o output"))
def main(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
    language: Annotated[
        str,
        typer.Option(
            "--lang",
            metavar="NAME",
            parser=_language,
            expose_value=False,
            help=f"Language of help and messages: {', '.join(LANGUAGES)}; that of the locale if "
            "not given.",
        ),
    ] = "",
) -> None:
    """From the texts of the acupuncture classics to tables that name their source."""
    if show_version:
        typer.echo(f"mingtang {version('mingtang')}")
        raise typer.Exit


@app.command(
    epilog=examples(
        "extract corpus -o output",
        "extract corpus -w jiayi -o tables --format csv,xlsx",
        "extract my-edition.txt -o tables --encoding big5hkscs",
    )
)
def extract(
    paths: Paths = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            parser=folder,
            help="Folder for the tables. If not given: output, unless that has tables of other "
            "witnesses.",
        ),
    ] = None,
    witness: Witnesses = None,
    formats: Formats = "csv,parquet",
    strict: Strict = False,
    as_object: Json = False,
    encoding: Encoding = "",
    siglum: Siglum = "",
    layout: Layout = "",
    grammar: Grammar = "",
    manifest: Manifest = None,
) -> None:
    """Write the tables of all witnesses: sections, entries, notes, readings and more.

    What no earlier run wrote is neither replaced nor removed. Errors found in the texts are
    shown; all diagnostics are in the table "issues", and "mingtang check" shows each with its
    line.
    """
    choice = Choice(encoding, siglum, layout, grammar, manifest)
    with trouble(), uncollected():
        specs = sources(paths or [], choice, witness or [])
        place = output or _unasked(specs)
        claimable(place)
        result = _run(specs)
        export(result, place, formats.split(","))
    if as_object:
        _print_json(result)
    else:
        errors = (d for d in result.diagnostics if d.severity == "error")
        for text in render(errors, result.witnesses):
            say(text, error=True)
        _print_summary(result)
        done = _("{number} entries; all tables are in {folder}")
        say(done.format(number=len(result.entries), folder=shown(place)))
    _leave(result, strict)


@app.command(
    epilog=examples(
        "check corpus",
        "check corpus --rule section-missing --all",
        "check my-edition.txt --strict",
        "check --citations",
    )
)
def check(
    paths: Paths = None,
    witness: Witnesses = None,
    encoding: Encoding = "",
    siglum: Siglum = "",
    layout: Layout = "",
    grammar: Grammar = "",
    manifest: Manifest = None,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="CODE", help="Show only diagnostics of this rule."),
    ] = None,
    severity: Annotated[
        str,
        typer.Option(
            "--severity",
            metavar="NAME",
            parser=_severity,
            help="Show only diagnostics of this severity or a graver one.",
        ),
    ] = "info",
    every: Every = False,
    citations: Citations = False,
    strict: Strict = False,
    as_object: Json = False,
) -> None:
    """Show how a text was read and what a scholar should look at; write nothing.

    Of each rule three diagnostics are shown, and how many there are.
    """
    with trouble():
        choice = Choice(encoding, siglum, layout, grammar, manifest)
        specs = sources(paths or [], choice, witness or [])
        result = _run(specs)
    found = chosen(result.diagnostics, rule or (), cast(Severity, severity))
    if citations:
        render_citations(result, console())
    elif as_object:
        _print_json(replace(result, diagnostics=tuple(found)))
    else:
        for spec in specs:
            if spec.reason:
                say(shown(f"{spec.name}: {told('recognised', spec.reason)}"))
        for text in (render if every else by_rule)(found, result.witnesses):
            say(text)
        _print_summary(result)
    _leave(result, strict)


@app.command(
    epilog=examples("normalize jiayi-j3", "normalize my-edition.txt --log --layout markdown")
)
def normalize(
    witness: Annotated[str, typer.Argument(metavar="WITNESS", help="Siglum, file or folder.")],
    log: Annotated[
        bool, typer.Option("--log", help="Print the change log as TSV instead of the text.")
    ] = False,
    encoding: Encoding = "",
    layout: Layout = "",
) -> None:
    """Print the text as it is matched, or what was changed to get there.

    The log has one line for each change: start and end in the source, before, after, rule.
    """
    with trouble():
        specs = meant(folder(witness), Choice(encoding, format=layout))
        witnesses = [read(spec) for spec in specs]
    for source in witnesses:
        text, _ = normalized(source)
        if not log:
            put(text.chars + "\n")
            continue
        put("start\tend\tbefore\tafter\trule\n")
        for c in changes(text):
            cells = (c.start, c.end, _escaped(c.before), _escaped(c.after), c.rule)
            put("\t".join(map(str, cells)) + "\n")


@app.command(epilog=examples("parse jiayi --entry jiayi/10/011"))
def parse(
    witness: Annotated[str, typer.Argument(metavar="WITNESS", help="Siglum or file.")],
    entry: Annotated[
        str,
        typer.Option("--entry", metavar="ID", help="Id, name or code; without it all are listed."),
    ] = "",
    encoding: Encoding = "",
) -> None:
    """List the entries of a text, or the trees of one stage by stage and where values were read."""
    with trouble():
        specs = meant(folder(witness), Choice(encoding))
        step, trees = watching()
        result = run(specs, step=step)
        if not entry:
            lines = list(listed(result))
        else:
            rows = asked(result, entry)
            lines = [line for row in rows for line in (*explain(result, trees, row), "")]
            if not lines:
                raise SourceError(f"{witness} has no entry {entry!r}")
    for line in lines:
        say(shown(line))


# --- helpers -------------------------------------------------------------------------------------


def _unasked(specs: Sequence[Spec]) -> Path:
    """The folder for the tables where none was named: not one that has those of others."""
    place = Path("output")
    holds = holder(place)
    if holds and holds != {spec.siglum: spec.name for spec in specs}:
        raise SourceError(
            f"{place} has the tables of {', '.join(holds)}: name another folder with -o, "
            f"or replace them with -o {place}"
        )
    return place


def _run(specs: Sequence[Spec]) -> Result:
    """Run the pipeline, with a bar on a terminal."""
    stderr = console(error=True)
    if not stderr.is_terminal:
        return run(specs)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    layout = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*layout, console=stderr, transient=True) as bar:
        bar.add_task(shown(", ".join(spec.siglum for spec in specs)), total=None)
        return run(specs)


def _summary(result: Result) -> list[tuple[str | int, ...]]:
    """One row for each witness, the columns of ``SUMMARY``; unparsed in characters."""
    counts = {
        "sections": Counter(row.witness for row in result.sections),
        "entries": Counter(row.witness for row in result.entries),
        "identified": Counter(row.witness for row in result.identifications),
        "readings": Counter(row.reading_id.partition("/")[0] for row in result.readings),
        "unparsed": Counter[str](),
        "errors": Counter(d.witness for d in result.diagnostics if d.severity == "error"),
        "warnings": Counter(d.witness for d in result.diagnostics if d.severity == "warning"),
    }
    for row in result.coverage:
        if row.kind == "unparsed":
            counts["unparsed"][row.witness] += row.end - row.start
    sigla = [w.spec.siglum for w in result.witnesses]
    return [(siglum, *(counts[name][siglum] for name in SUMMARY[1:])) for siglum in sigla]


def _read_as(result: Result) -> list[tuple[str, ...]]:
    """Of each witness the shares of its characters, in per cent, by the columns of ``READ_AS``."""
    chars: dict[str, Counter[str]] = {w.spec.siglum: Counter() for w in result.witnesses}
    for row in result.coverage:
        chars[row.witness][row.kind] += row.end - row.start
    return [
        (siglum, *(_share(sum(held[k] for k in kinds), held.total()) for kinds in READ_AS.values()))
        for siglum, held in chars.items()
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if part else "0"


def _print_summary(result: Result) -> None:
    _print_table("", SUMMARY, _summary(result))
    _print_table(_("of the characters, in per cent"), ("witness", *READ_AS), _read_as(result))


def _print_table(title: str, names: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    # Without a frame the numbers of all columns fit into a terminal of 80.
    table = Table(title=title or None, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for name in names:
        own = name == "witness"
        table.add_column(_(name), justify="left" if own else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(shown, row))
    # A siglum is never broken or cut: a table that is wider than the terminal stays so.
    out = console()
    out.width = max(
        out.width, Measurement.get(out, out.options.update(max_width=WIDEST), table).maximum
    )
    out.print(table)


def _print_json(result: Result) -> None:
    document: dict[str, Any] = {
        "summary": [dict(zip(SUMMARY, row, strict=True)) for row in _summary(result)],
        "recognised": {w.spec.siglum: w.spec.reason for w in result.witnesses if w.spec.reason},
        "diagnostics": list(as_json(result.diagnostics, result.witnesses)),
    }
    put_json(as_text(document, 2))


def _leave(result: Result, strict: bool) -> None:
    if strict and any(d.severity == "error" for d in result.diagnostics):
        raise typer.Exit(1)


def _escaped(text: str) -> str:
    r"""``text`` as a TSV cell: ``\``, tab and line ends escaped."""
    for char, escape in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(char, escape)
    return text
