"""The commands ``mingtang decide`` and ``mingtang carry``: what a scholar decided of a text."""

from __future__ import annotations

import sys
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.options import Encoding
from pipeline.commands.terminal import folder, say, trouble
from pipeline.compare.carry import Carried, CarriedClaim, carried, carried_claims
from pipeline.compare.edition import edition
from pipeline.judging.decided import Ruling
from pipeline.judging.diagnostics import shown
from pipeline.language import told
from pipeline.language import translated as _
from pipeline.model import Decision, Spec, Witness
from pipeline.publish.export import write_csv
from pipeline.publish.schema import columns
from pipeline.run import rulings, run_witnesses
from pipeline.sources.decisions import VALUES, append, kept, unfit
from pipeline.sources.normalize import layer
from pipeline.sources.quotes import Letters, Range, letters, nearby, places, quote, write
from pipeline.sources.read import line_of, line_starts, read
from pipeline.sources.recognise import Choice, SourceError, meant

DECIDE = """\b
Examples:
  mingtang decide my-edition.txt "灸{八}壯" text 六 --reason "so in the print" --by "W. L."
  mingtang decide my-edition.txt "{臨泣}在足" code GB41 --reason place --by "W. L."
  mingtang decide my-edition.txt "{凡刺之道}" entry no --reason "theory" --by "W. L."
"""
CARRY = """\b
Examples:
  mingtang carry my-edition.txt my-edition-corrected.txt
  mingtang carry old.txt new.txt --claims claims.csv"""
LISTED = 5
"""Places that are listed of a quotation that stands in many."""

Which = Annotated[
    str, typer.Option("--witness", "-w", metavar="SIGLUM", help="Which text, of several.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=DECIDE)(decide)
    app.command(epilog=CARRY)(carry)


def decide(
    source: Annotated[str, typer.Argument(metavar="TEXT", help="File, folder or siglum.")],
    words: Annotated[
        str,
        typer.Argument(
            metavar="QUOTE",
            help="The words in braces, with as much around them as tells the place: 灸{八}壯. "
            "Empty braces: what is lost there.",
        ),
    ],
    field: Annotated[
        str, typer.Argument(metavar="FIELD", help=f"What is decided: {', '.join(VALUES)}.")
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="What it is.")],
    reason: Annotated[str, typer.Option(metavar="WORDS", help="Why; asked for if not given.")] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="Whose; asked for if not given.")] = "",
    witness: Which = "",
    encoding: Encoding = "",
) -> None:
    """Write down what you decide of a place of a text, in decisions.tsv beside it.

    The place must be there once. The text stays as it is; every table made from it says what was
    decided, and beside it what is printed.
    """
    with trouble():
        spec = _one(source, Choice(encoding), witness)
        text = read(spec)
        anchor = _anchor(text, words)
        why, who = _asked("reason", reason), _asked("by", by)
        decision = Decision(spec.siglum, anchor, field, value, why, who, "this one")
        _fits(text, decision)
        path = kept(spec)
        append(path, [decision])
    say(shown(f"{path}: {anchor}\t{field}\t{value}"))


def carry(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The text that was decided of.")],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="The same, corrected or laid out anew.")
    ],
    claims: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", parser=folder, help="Write where every claim of OLD stands in NEW, CSV."
        ),
    ] = None,
    encoding: Encoding = "",
) -> None:
    """Carry decisions over to another text of the same work, and list what could not be carried.

    They are written into decisions.tsv beside NEW. Exit status: 0 all were carried, 1 some were
    not, 2 trouble.
    """
    with trouble():
        was, now = (read(_one(given, Choice(encoding))) for given in (old, new))
        sides = [edition(run_witnesses([replace(w, decisions=())])) for w in (was, now)]
        found = _verified(carried(was, now, sides[0], sides[1]), now)
        path = kept(now.spec)
        append(path, [row.decision for row in found if row.decision])
        if claims is not None:
            write_csv(carried_claims(sides[0], sides[1]), columns(CarriedClaim), claims)
    for row in found:
        if row.said:
            say(shown(f"{row.was.where}: {row.was.anchor}: {told('trouble', row.said)}"))
    done = sum(row.decision is not None or row.there for row in found)
    said = _("{done} of {all} decisions carried to {path}")
    say(shown(said.format(done=done, all=len(found), path=path)))
    raise typer.Exit(0 if done == len(found) else 1)


# --- decide --------------------------------------------------------------------------------------


def _one(given: str, choice: Choice, siglum: str = "") -> Spec:
    specs = meant(folder(given), choice, siglum)
    if len(specs) > 1:
        names = ", ".join(spec.siglum for spec in specs)
        raise SourceError(f"{given} has several texts: name one of {names} with -w")
    return specs[0]


def _anchor(text: Witness, words: str) -> str:
    """The quotation that is written down; SourceError where it is not in one place of the text."""
    given = quote(words)
    if given is None:
        raise SourceError(f"{words!r} is no quotation: words in braces, and around them")
    here = letters(layer(text.text, text.spec.format, text.spec.script))
    parts = run_witnesses([replace(text, decisions=())]).sections
    found = places(here, given, parts)
    if len(found) != 1:
        raise SourceError(f"{words} stands in {len(found)} places{_listed(here, found)}")
    return write(here, found[0], parts)


def _listed(text: Letters, found: Sequence[Range]) -> str:
    starts = line_starts(text.source)
    said = [
        "line {}: {}{{{}}}{}".format(
            line_of(starts, text.starts[min(place[0], len(text.starts) - 1)]), *nearby(text, place)
        )
        for place in found[:LISTED]
    ]
    hint = "say more of what stands around it, or which is meant by ~1, ~2 … behind it"
    return "; ".join((": " if n == 0 else "") + line for n, line in enumerate(said)) + (
        f"; {hint}" if said else " of this text"
    )


def _asked(name: str, given: str) -> str:
    """What must be said, asked for where it was not."""
    words = given or (typer.prompt(name) if sys.stdin.isatty() else "")
    if not words.strip() or words != " ".join(words.split()):
        raise SourceError(f"--{name} must say something, in one line")
    return str(words)


def _fits(text: Witness, decision: Decision) -> None:
    """SourceError where a decision would change nothing, or was made before."""
    row = {name: getattr(decision, name) for name in ("anchor", "field", "value")}
    if why := unfit(row):
        raise SourceError(why)
    found = rulings(replace(text, decisions=(*text.decisions, decision)))
    last = found[-1]
    if last.outcome != "applied":
        raise SourceError(last.why)
    for other in found[:-1]:
        if (other.decision.field, other.span) == (decision.field, last.span):
            raise SourceError(f"decided already: {other.decision.where}")


# --- carry ---------------------------------------------------------------------------------------


def _verified(found: Sequence[Carried], text: Witness) -> list[Carried]:
    """Only what does in the new text what it did in the old one is carried, and once."""
    there = {(row.anchor, row.field) for row in text.decisions}
    fresh = [row.decision for row in found if row.decision]
    outcomes = rulings(replace(text, decisions=tuple(fresh)))
    became = {ruling.decision: ruling for ruling in outcomes}
    return [_checked(r, became.get(r.decision) if r.decision else None, there) for r in found]


def _checked(row: Carried, ruling: Ruling | None, there: Container[tuple[str, str]]) -> Carried:
    if row.decision is None:
        return row
    if (row.decision.anchor, row.decision.field) in there:
        return replace(row, decision=None, there=True, said="stands beside the new text already")
    if ruling is not None and ruling.outcome != "applied":
        return replace(row, decision=None, said=ruling.why)
    return row
