"""The stages in order: witnesses read, each extracted by its genre, then judged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from pipeline.genres import GENRES
from pipeline.genres.stages import Step, take, walk
from pipeline.judging.across import external
from pipeline.judging.anchors import anchored
from pipeline.judging.beside import beside
from pipeline.judging.cite import verdicts
from pipeline.judging.cover import cover
from pipeline.judging.decided import Ruling, decided, ruled
from pipeline.judging.emend import emend
from pipeline.judging.quoted import quoted
from pipeline.judging.reach import located, nothing, outcome_of, reached
from pipeline.judging.state import stated
from pipeline.model import Diagnostic, Result, Spec, Witness, join
from pipeline.reading.early import says_nothing
from pipeline.reading.rows import in_order
from pipeline.sources.normalize import unread
from pipeline.sources.read import read
from pipeline.text.layer import plain


def run(
    specs: Sequence[Spec],
    progress: Callable[[Spec], None] = lambda spec: None,
    step: Step = take,
) -> Result:
    """Read the witnesses and extract them, in their order; ``step`` takes each stage of each."""

    def witnesses() -> Iterator[Witness]:
        for spec in specs:
            progress(spec)
            yield read(spec)

    return run_witnesses(witnesses(), step)


def run_witnesses(witnesses: Iterable[Witness], step: Step = take) -> Result:
    """Extract witnesses that are read already, in their order."""
    result = together([alone(w, step) for w in witnesses])
    return replace(result, diagnostics=tuple(located(result.diagnostics, result.entries)))


def unjudged(specs: Sequence[Spec]) -> Result:
    """Witnesses extracted, and what one says of the others; whether their quotations stand where
    they say, and what could be emended, is not asked: a comparison of editions shows none of it.
    """
    return beside(join(external([alone(read(spec)) for spec in specs])))


def together(results: Sequence[Result]) -> Result:
    """Results of witnesses by themselves, and what one says of the others."""
    result = verdicts(join(external(results)))
    said = (*result.diagnostics, *quoted(result))
    return beside(replace(result, diagnostics=said, emendations=tuple(emend(result))))


def alone(witness: Witness, step: Step = take) -> Result:
    """What a witness gives by itself, and how far it was read."""
    if witness.spec.grammar not in GENRES:
        return unknown(witness)
    found = decided(witness, partial(_read, step=step))
    return anchored(stated(replace(found, doses=tuple(in_order(found.doses)))))


def _read(witness: Witness, step: Step = take) -> Result:
    if step is take and says_nothing(witness):
        return nothing(witness, unread(witness))
    return reached(witness, walk(GENRES[witness.spec.grammar], witness, step))


def rulings(witness: Witness) -> list[Ruling]:
    """What becomes of each decision of a witness."""
    return ruled(witness, _read)[1] if witness.spec.grammar in GENRES else []


def unknown(witness: Witness) -> Result:
    """A witness whose grammar does not exist yet: read, accounted for as prose, reported."""
    n = len(witness.text)
    message = f"no grammar {witness.spec.grammar!r}: read and accounted for, nothing extracted"
    found = Result(
        witnesses=(witness,),
        coverage=cover(witness, plain(witness.text), [(0, n, "prose")]),
        diagnostics=(Diagnostic("grammar-missing", "warning", message, witness.spec.siglum, 0, n),),
    )
    return replace(found, outcomes=(outcome_of(witness, found, 0, 0),))
