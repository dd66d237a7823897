"""The command ``mingtang sample``: values drawn at random, to be read against their text."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import Encoding, Witnesses
from pipeline.commands.terminal import folder, say, trouble
from pipeline.judging.diagnostics import shown
from pipeline.language import translated as _
from pipeline.model import Result
from pipeline.run import run
from pipeline.sources.read import column_of, line_of, line_starts
from pipeline.sources.recognise import Choice, sources

EXAMPLES = """\b
Examples:
  mingtang sample corpus -n 60 > sheet.md
  mingtang sample my-edition.txt --field moxa_min --seed 2
  mingtang sample corpus --table readings"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value with the place it was read from. ``about``: the entry or statement it is of."""

    witness: str
    about: str
    field: str
    value: str
    start: int
    end: int


def of_claims(result: Result) -> Iterator[Drawn]:
    """The values of entries."""
    of = {entry.entry_id: entry for entry in result.entries}
    for claim in result.claims:
        entry = of[claim.entry_id]
        about = f"{claim.entry_id} {entry.name or entry.name_raw}"
        by = f" [{' '.join(filter(None, (claim.basis, claim.ref, claim.source)))}]"
        value = claim.value + ("" if claim.basis == "direct" else by)
        yield Drawn(entry.witness, about, claim.field, value, claim.start, claim.end)


def of_readings(result: Result) -> Iterator[Drawn]:
    """What notes and authorities say."""
    for row in result.readings:
        said = f"{row.source or '—'}: {row.value} [{row.verdict}]"
        about, witness = row.entry_id or row.reading_id, row.reading_id.partition("/")[0]
        yield Drawn(witness, about, row.field, said, row.start, row.end)


def of_doses(result: Result) -> Iterator[Drawn]:
    """Each act that an authority states."""
    for row in result.doses:
        amount = _("forbidden") if row.forbidden else row.expr or f"{row.min}–{row.max} {row.unit}"
        voice = row.source or _("the book")
        said = f"{voice}: {amount} {row.condition}".rstrip()
        yield Drawn(row.witness, row.entry_id, row.act, said, row.start, row.end)


def of_indications(result: Result) -> Iterator[Drawn]:
    """Which point for which illness."""
    for row in result.indications:
        said = f"{row.syndrome} → {row.act} {row.name_raw} {row.code or '?'} ({row.role})"
        yield Drawn(row.witness, row.statement_id, row.direction, said, row.start, row.end)


TABLES: dict[str, Callable[[Result], Iterator[Drawn]]] = {
    "claims": of_claims,
    "readings": of_readings,
    "doses": of_doses,
    "indications": of_indications,
}


def drawn(values: Sequence[Drawn], number: int, seed: int) -> list[Drawn]:
    """So many of the values, in the order of the text; the same ones for the same seed."""
    ordered = sorted(values, key=lambda d: (d.witness, d.start, d.end, d.about, d.field, d.value))
    picked = random.Random(seed).sample(ordered, min(number, len(ordered)))
    return sorted(picked, key=ordered.index)


CONTEXT = 24
"""Characters of the source on either side of the words: a clause or two."""


def sheet(result: Result, values: Sequence[Drawn]) -> Iterator[str]:
    """The lines of a sheet to be filled in, with a tally at its end."""
    texts = {w.spec.siglum: w for w in result.witnesses}
    right, wrong, every = _("right"), _("wrong"), _("all")
    for number, one in enumerate(values, 1):
        witness = texts[one.witness]
        text, starts = witness.text, line_starts(witness.text)
        place = f"{witness.spec.name}:{line_of(starts, one.start)}:{column_of(starts, one.start)}"
        before = "".join(text[max(0, one.start - CONTEXT) : one.start].split())
        after = "".join(text[one.end : one.end + CONTEXT].split())
        words = "".join(text[one.start : one.end].split())
        yield f"{number}. [ ] {right}  [ ] {wrong}   {one.about}  {one.field} = {one.value}"
        yield f"   {before}【{words}】{after}"
        yield f"   {place}"
        yield ""
    yield f"| {_('field')} | {_('read')} | {right} | {wrong} |"
    yield "| --- | ---: | ---: | ---: |"
    for name, count in sorted(Counter(one.field for one in values).items()):
        yield f"| {name} | {count} | | |"
    yield f"| {every} | {len(values)} | | |"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("sample", epilog=EXAMPLES)(command)


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", parser=folder, help="As for extract.", show_default=False),
    ] = None,
    number: Annotated[int, typer.Option("-n", min=1, help="How many values.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Which draw: the same seed, the same.")] = 1,
    table: Annotated[
        str, typer.Option("--table", metavar="NAME", help=f"One of {', '.join(TABLES)}.")
    ] = "claims",
    field: Annotated[
        str, typer.Option("--field", metavar="NAME", help="Only values of this field.")
    ] = "",
    witness: Witnesses = None,
    encoding: Encoding = "",
) -> None:
    """Draw values at random and print a sheet to read them by: value, words, context, a tally."""
    if table not in TABLES:
        raise typer.BadParameter(f"{table!r} is none of {', '.join(TABLES)}")
    with trouble():
        result = run(sources(paths or [], Choice(encoding), witness or []))
    values = [one for one in TABLES[table](result) if field in ("", one.field)]
    for line in sheet(result, drawn(values, number, seed)):
        say(shown(line))
