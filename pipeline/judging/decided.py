"""What people decided of a source, applied to what was read in it.

Nothing of the source is rewritten. Words that are read for others make a further layer, which is
read as the source is; what that finds returns to its places there. A point, no entry, a value of a
column are put into the rows. Claims say what was decided, and beside them what is printed; each
decision ends in a diagnostic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from pipeline.judging.counts import Part, declarations, reasons, sections
from pipeline.judging.returned import returned
from pipeline.knowledge.lexicon import folded, lexicon, points
from pipeline.knowledge.script import to_traditional
from pipeline.model import (
    Claim,
    Coverage,
    Decision,
    Diagnostic,
    Entry,
    Indication,
    Note,
    Reading,
    Result,
    SectionRow,
    Severity,
    Witness,
)
from pipeline.reading.names import basis_of, named
from pipeline.sources.decisions import worth
from pipeline.sources.normalize import layer
from pipeline.sources.quotes import Letters, Range, letters, nearby, places, quote, spans, whole
from pipeline.text.layer import Edit, plain, rewrite

Read = Callable[[Witness], Result]
Outcome = Literal["applied", "stale", "ambiguous", "void"]
SEVERITY: dict[Outcome, Severity] = {
    "applied": "info",
    "stale": "error",
    "ambiguous": "error",
    "void": "warning",
}
"""How grave it is: what was decided and does not hold is an error, for the tables lack it."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a decision, and why. ``words``: the places of its glyphs in the source."""

    decision: Decision
    words: tuple[Range, ...] = ()
    outcome: Outcome = "applied"
    why: str = ""

    @property
    def span(self) -> Range:
        """All that it is about."""
        return whole(self.words) if self.words else (0, 0)


def decided(witness: Witness, read: Read) -> Result:
    """What is read in a witness, and what was decided of it."""
    return ruled(witness, read)[0] if witness.decisions else read(witness)


def ruled(witness: Witness, read: Read) -> tuple[Result, list[Ruling]]:
    """The same, and what became of each decision, in their order."""
    bare = replace(witness, decisions=())
    printed = read(bare)
    text = letters(layer(witness.text, witness.spec.format, witness.spec.script))
    found = [_located(decision, bare, text, printed.sections) for decision in witness.decisions]
    found = list(_apart(found, witness.text))
    result = _in_words(bare, printed, [r for r in found if _stands(r, "text")], read)
    for n, ruling in enumerate(found):
        if _stands(ruling) and ruling.decision.field != "text":
            rule = RULES.get(ruling.decision.field, _column)
            result, found[n] = rule(result, ruling)
    said = (_diagnostic(ruling, witness) for ruling in found)
    order = {entry.entry_id: n for n, entry in enumerate(result.entries)}
    claims = sorted(result.claims, key=lambda claim: order[claim.entry_id])
    diagnostics = (*result.diagnostics, *said)
    done = replace(result, claims=tuple(claims), diagnostics=diagnostics, witnesses=(witness,))
    return done, found


def _stands(ruling: Ruling, field: str = "") -> bool:
    return ruling.outcome == "applied" and field in ("", ruling.decision.field)


# --- where ---------------------------------------------------------------------------------------


def _located(
    decision: Decision, witness: Witness, text: Letters, parts: Sequence[SectionRow]
) -> Ruling:
    if decision.witness != witness.spec.siglum:
        return Ruling(decision, (), "stale", f"no text here is called {decision.witness!r}")
    meant = quote(decision.anchor)
    found = places(text, meant, parts) if meant else []
    if not found:
        return Ruling(decision, (), "stale", f"{decision.anchor} stands nowhere in this text")
    words = tuple(tuple(spans(text, place)) for place in found)
    if len(found) > 1:
        why = f"{decision.anchor} stands in {len(found)} places: {_shown(text, found)}"
        return Ruling(decision, words[0], "ambiguous", why)
    return Ruling(decision, words[0])


SHOWN = 3


def _shown(text: Letters, found: Sequence[Range]) -> str:
    """The first of several places."""
    said = ("{}⟨{}⟩{}".format(*nearby(text, place)) for place in found[:SHOWN])
    return ", ".join(said) + ", …" * (len(found) > SHOWN)


def _apart(rulings: Iterable[Ruling], source: str) -> Iterator[Ruling]:
    """Rulings of which no two read other words in one place, and none those that are printed."""
    taken: dict[Range, Ruling] = {}
    for ruling in rulings:
        if not _stands(ruling, "text"):
            yield ruling
            continue
        before = next((taken[at] for at in taken if _touch(at, ruling.span)), None)
        if _printed(ruling, source) == ruling.decision.value:
            yield replace(ruling, outcome="void", why="the text itself reads so")
        elif before:
            why = f"other words are read here by {before.decision.where}"
            yield replace(ruling, outcome="void", why=why)
        else:
            taken[ruling.span] = ruling
            yield ruling


def _touch(one: Range, other: Range) -> bool:
    """Whether two places have something in common; an empty one touches what it stands beside."""
    if one[0] == one[1] or other[0] == other[1]:
        return one[0] <= other[1] and other[0] <= one[1]
    return one[0] < other[1] and other[0] < one[1]


def _printed(ruling: Ruling, source: str) -> str:
    return "".join("".join(source[a:b].split()) for a, b in ruling.words)


def _diagnostic(ruling: Ruling, witness: Witness) -> Diagnostic:
    decision = ruling.decision
    code = {
        "applied": "decision-applied",
        "stale": "decision-stale",
        "ambiguous": "decision-ambiguous",
        "void": "decision-void",
    }[ruling.outcome]
    what = ruling.why
    if not what:
        printed = _printed(ruling, witness.text) or "a gap"
        what = f"{decision.field} is {decision.value or 'nothing'} by decision, for {printed}"
    message = f"{what} ({decision.where}, {decision.by}: {decision.reason})"
    return Diagnostic(code, SEVERITY[ruling.outcome], message, witness.spec.siglum, *ruling.span)


# --- other words ---------------------------------------------------------------------------------


def _in_words(bare: Witness, printed: Result, rulings: Sequence[Ruling], read: Read) -> Result:
    """What is read where other words are read, and beside it what is printed."""
    if not rulings:
        return printed
    layered = rewrite(plain(bare.text), sorted(edit for r in rulings for edit in _edits(r)))
    found = returned(read(replace(bare, text=layered.chars)), layered, bare)
    before = {_value(claim) for claim in printed.claims}
    claims = [_by_decision(claim, rulings, before) for claim in found.claims]
    now = {_value(claim) for claim in found.claims}
    claims += _overruled(printed, found, rulings, now)
    heads = {entry.start: entry.name_raw for entry in printed.entries}
    named = {row.point_start: row.name_raw for row in printed.indications}
    return replace(
        found,
        layers=printed.layers,
        claims=tuple(claims),
        entries=tuple(replace(e, name_raw=heads.get(e.start, e.name_raw)) for e in found.entries),
        indications=tuple(
            replace(row, name_raw=named.get(row.point_start, row.name_raw))
            for row in found.indications
        ),
    )


def _edits(ruling: Ruling) -> Iterator[Edit]:
    """Other words in the place of those printed, glyph for glyph where there are as many; what
    stands between glyphs, line ends and marks of the layout, stays.
    """
    value, words = ruling.decision.value, ruling.words
    each = list(value) if len(value) == len(words) else [value, *[""] * (len(words) - 1)]
    for (start, end), after in zip(words, each, strict=True):
        yield start, end, after, "decided"


def _value(claim: Claim) -> tuple[str, str, int, int]:
    return claim.field, claim.value, claim.start, claim.end


def _by_decision(claim: Claim, rulings: Sequence[Ruling], before: set[Any]) -> Claim:
    """A claim of which the words were decided, as such."""
    if _value(claim) in before:
        return claim
    by = next((r for r in rulings if _touch(r.span, (claim.start, claim.end))), None)
    return replace(claim, basis="decided", source=by.decision.by) if by else claim


def _overruled(
    printed: Result, found: Result, rulings: Sequence[Ruling], now: set[Any]
) -> Iterator[Claim]:
    """The claims of what is printed where something else was decided."""
    for claim in printed.claims:
        place = (claim.start, claim.end)
        if _value(claim) in now or not any(_touch(r.span, place) for r in rulings):
            continue
        owners = [e.entry_id for e in found.entries if e.start <= claim.start < e.end]
        if owners:
            yield replace(claim, entry_id=owners[-1])


# --- rows ----------------------------------------------------------------------------------------


Ruled = tuple[Result, Ruling]


def _point(result: Result, ruling: Ruling) -> Ruled:
    """The point that a name stands for, at the head of an entry or in a statement of illness."""
    code, span = ruling.decision.value, ruling.span
    heads = {c.entry_id: (c.start, c.end) for c in result.claims if c.field == "name_raw"}
    own = [e for e in result.entries if _touch(heads.get(e.entry_id, (e.start, e.start)), span)]
    treated = [row for row in result.indications if _names(row, span)]
    if not own and not treated:
        return result, replace(ruling, outcome="void", why="no name of a point is read here")
    entries = {e.entry_id: _named(e, code) for e in own}
    name = lexicon().standard[code]
    rows = {
        row.indication_id: replace(
            row, code=code, name=name, name_basis=_basis(row.name_raw, code), candidates=()
        )
        for row in treated
    }
    settled = {
        d for d in result.diagnostics if d.code.startswith("name-") and d.entry_id in entries
    }
    done = replace(
        result,
        entries=tuple(entries.get(e.entry_id, e) for e in result.entries),
        indications=tuple(rows.get(row.indication_id, row) for row in result.indications),
        claims=(*result.claims, *(_claim(e, ruling, result, code) for e in own)),
        diagnostics=tuple(d for d in result.diagnostics if d not in settled),
    )
    return _recounted(result, done, [(e, entries[e.entry_id]) for e in own]), ruling


def _names(row: Indication, span: Range) -> bool:
    if row.point_start is None or row.point_end is None:
        return False
    return _touch((row.point_start, row.point_end), span)


def _named(entry: Entry, code: str) -> Entry:
    return named(entry, code, _basis(entry.name_raw, code), (), ())


def _basis(printed: str, code: str) -> str:
    return basis_of(folded(to_traditional(printed)), code)


def _no_entry(result: Result, ruling: Ruling) -> Ruled:
    """Words that are no entry are prose; their notes stay."""
    own = _around(result, ruling)
    if own is None:
        return result, replace(ruling, outcome="void", why="no entry stands here")
    gone = own.entry_id
    treated = {row.statement_id for row in result.indications if row.entry_id == gone}
    done = replace(
        result,
        entries=tuple(
            replace(e, duplicate_of=None) if e.duplicate_of == gone else e
            for e in result.entries
            if e.entry_id != gone
        ),
        claims=tuple(c for c in result.claims if c.entry_id != gone),
        doses=tuple(d for d in result.doses if d.entry_id != gone),
        references=tuple(r for r in result.references if r.entry_id != gone),
        indications=tuple(i for i in result.indications if i.entry_id != gone),
        symptoms=tuple(s for s in result.symptoms if s.statement_id not in treated),
        notes=tuple(_without_entry(n, gone) for n in result.notes),
        readings=tuple(_without_entry(r, gone) for r in result.readings),
        diagnostics=tuple(_without_entry(d, gone) for d in result.diagnostics),
        coverage=tuple(_prose(result.coverage, own)),
    )
    return _recounted(result, done, [(own, None)]), ruling


R = TypeVar("R", Note, Reading, Diagnostic)


def _without_entry(row: R, gone: str) -> R:
    return replace(row, entry_id=None) if row.entry_id == gone else row


def _prose(coverage: Iterable[Coverage], gone: Entry) -> Iterator[Coverage]:
    """Coverage in which the words of an entry are prose."""
    for row in coverage:
        first, last = max(row.start, gone.start), min(row.end, gone.end)
        if first >= last or row.kind not in ("entry", "unparsed"):
            yield row
            continue
        parts = ((row.start, first, row.kind), (first, last, "prose"), (last, row.end, row.kind))
        yield from (Coverage(row.witness, a, b, kind) for a, b, kind in parts if a < b)


def _column(result: Result, ruling: Ruling) -> Ruled:
    """The value of a column of an entry."""
    own, field = _around(result, ruling), ruling.decision.field
    if own is None:
        return result, replace(ruling, outcome="void", why="no entry stands here")
    value = worth(field, ruling.decision.value)
    entry = replace(own, **{field: value})
    said = value if isinstance(value, tuple) else (value,)
    claims = (_claim(own, ruling, result, _cell(one)) for one in said or ("",))
    done = replace(
        result,
        entries=tuple(entry if e is own else e for e in result.entries),
        claims=(*result.claims, *claims),
    )
    return done, ruling


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _around(result: Result, ruling: Ruling) -> Entry | None:
    """The entry that a place is in: of several, the one that begins last."""
    start, end = ruling.span
    own = [e for e in result.entries if e.start <= start and end <= e.end]
    return max(own, key=lambda e: e.start, default=None)


def _claim(entry: Entry, ruling: Ruling, result: Result, value: str) -> Claim:
    start, end = ruling.span
    words = result.witnesses[0].text[start:end]
    field, by = ruling.decision.field, ruling.decision.by
    return Claim(entry.entry_id, field, value, "decided", None, words, start, end, source=by)


RULES: Mapping[str, Callable[[Result, Ruling], Ruled]] = {"code": _point, "entry": _no_entry}
"""What a decision does that is about no column of its own."""


# --- sections ------------------------------------------------------------------------------------


def _recounted(
    before: Result, after: Result, changed: Iterable[tuple[Entry, Entry | None]]
) -> Result:
    """What sections hold is counted anew where entries became others or none."""
    for was, _ in changed:
        held = [s for s in after.sections if s.start <= was.start < s.end]
        if held and held[-1].counted_points == points(e.code for e in _within(before, held[-1])):
            after = _anew(after, held[-1])
    return after


def _within(result: Result, section: SectionRow) -> list[Entry]:
    return [e for e in result.entries if section.start <= e.start < section.end]


def _anew(result: Result, row: SectionRow) -> Result:
    part = Part(
        row.section_id,
        row.title,
        row.start,
        row.end,
        _within(result, row),
        row.number,
        row.juan,
        row.declared_points,
        duplicate_of=0 if row.duplicate_of else None,
        unit=row.declared_unit,
    )
    (counted,) = sections(row.witness, [replace(part, duplicate_of=None)])
    status = row.status if row.duplicate_of else counted.status
    fresh = replace(
        row, counted_points=counted.counted_points, entries=counted.entries, status=status
    )
    said = [d for d in result.diagnostics if not _of_count(d, row)]
    return replace(
        result,
        sections=tuple(fresh if s is row else s for s in result.sections),
        diagnostics=(*said, *declarations(row.witness, [part], reasons)),
    )


def _of_count(d: Diagnostic, row: SectionRow) -> bool:
    return d.code == "section-count-differs" and d.start == row.start
