"""How far a text was read: doses that became no value, what was taken for prose, whole files."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

import regex

from pipeline.judging.cover import unread
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.model import Coverage, Diagnostic, Entry, Outcome, Result, SectionRow, Text, Witness
from pipeline.sources.normalize import damage_once, layer_of
from pipeline.text.slice import Slice, at

VALUES = regex.compile("(?:depth|retention|moxa|needling)_.*|channels")
"""Columns of entries that cues lead to."""
SAID = frozenset(
    {
        "clause-unparsed",
        "dose-aside",
        "dose-unread",
        "numeral-unreadable",
        "subject-unread",
        "value-contradicts",
    }
)
"""What says already that words of an entry became no value."""


def reached(witness: Witness, found: Result) -> Result:
    """A result with what was not read: every dose of its entries has a value or is reported."""
    text = layer_of(witness)
    if not (found.entries or found.identifications or found.indications):
        none = Result(witnesses=(witness,), coverage=_all_prose(witness))
        return nothing(witness, text, list(find_cues(text, none)), found.sections)
    cues = list(find_cues(text, found))
    prose = _in_prose(witness, cues, found.sections)
    missed = [c for c in cues if not c.read and (c.kind == "entry" or _of_a_point(c))]
    missed += [c for c in cues if not c.read and c.kind == "note" and c.group in STATED]
    unsaid = [
        at(
            "dose-unread",
            c.where,
            f"became no value: {c.where.words}",
            witness.spec.siglum,
            "warning" if c.kind == "note" else "error",
        )
        for c in missed
    ]
    return replace(
        found,
        coverage=unread(found.coverage, (c.where.source for c in missed))
        if missed
        else found.coverage,
        diagnostics=(*found.diagnostics, *unsaid, *prose, *_half_read(witness, cues)),
        outcomes=(outcome_of(witness, found, len(cues), sum(cue.read for cue in cues)),),
    )


def outcome_of(witness: Witness, found: Result, cues: int, cues_read: int) -> Outcome:
    """The row of a file that was read."""
    spec, count = witness.spec, len(found.entries) + len(found.identifications)
    return Outcome(
        witness=spec.siglum,
        path=spec.name,
        sha256=witness.sha256,
        chars=len(witness.text),
        outcome="read" if count or found.indications else "nothing_of_ours",
        layout=spec.format,
        grammar=spec.grammar,
        profile="、".join(dict.fromkeys(s.profile for s in found.sections if s.profile)),
        reason=spec.reason,
        entries=count,
        indications=len(found.indications),
        cues=cues,
        cues_read=cues_read,
        stage="",
        message="",
    )


def nothing(
    witness: Witness,
    text: Text,
    cues: Sequence[Cue] = (),
    sections: Sequence[SectionRow] = (),
) -> Result:
    """A file in which no point was recognised: one error, the doses that stand in its prose, and of
    what is damaged the first of each kind.
    """
    found = Result(witnesses=(witness,), coverage=_all_prose(witness))
    prose = _in_prose(witness, cues, sections)
    said = (_nothing(witness), *damage_once(witness, text), *prose)
    outcome = outcome_of(witness, found, len(cues), 0)
    return replace(found, diagnostics=said, outcomes=(outcome,))


BEFORE = 16
"""How many glyphs before a dose his measure can stand (同身寸之三分，留七呼，若灸者，可灸三壯)."""
BODY = "同身寸"
"""Wang Bing measures so, in the patient's own inches, and only where he speaks of a point."""


def _of_a_point(cue: Cue) -> bool:
    """Whether a dose in prose can only be that of a point, after a page that is lost."""
    layer, start, end = cue.where.layer, cue.where.start, cue.where.end
    measured = BODY in layer.chars[max(0, start - BEFORE) : end]
    return cue.kind == "prose" and cue.group == DOSE and measured


# --- cues ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that treat a point or give it a channel: of which group of ``cues.tsv``, what the
    coverage has there, and whether they became a value.
    """

    where: Slice
    group: str
    kind: str
    read: bool


STATED = ("relation", "ban")
"""Groups of which a note of a commentary states a value: 風池足少陽陽維之會."""
DOSE = "dose"
"""The group of what states a measure."""


@cache
def _cues() -> tuple[tuple[str, regex.Pattern[str]], ...]:
    number = rf"[{NUMERAL}\d叁]{{1,9}}"
    return tuple(
        (row["kind"], regex.compile(row["cue"].replace("N", number)))
        for row in table("authority/cues.tsv")
    )


def find_cues(text: Text, found: Result) -> Iterator[Cue]:
    """The cues of a text in their order, none inside another: 刺入三分, 灸五壯, 禁不可刺."""
    spans = sorted(
        (m.start(), -m.end(), group != DOSE, group)
        for group, cue in _cues()
        for m in cue.finditer(text.chars)
    )
    values = bytearray(len(text.source))
    places = [(c.start, c.end) for c in found.claims if VALUES.fullmatch(c.field)]
    places += [(r.start, r.end) for r in found.readings]
    places += [(d.start, d.end) for d in found.doses]
    places += [(i.start, i.end) for i in found.indications if i.entry_id]
    told = [d for d in found.diagnostics if d.code in SAID]
    places += [(d.start, d.end) for d in told]
    places += [(start, end) for d in told for _, start, end in d.see]
    for start, end in places:
        values[start:end] = b"\1" * (end - start)
    begins = [row.start for row in found.coverage]
    done = 0
    for start, minus_end, _, group in spans:
        if start < done:
            continue
        done = -minus_end
        where = Slice(text, start, done)
        kind = found.coverage[bisect_right(begins, text.starts[start]) - 1].kind
        read = any(values[i] for i in text.starts[start:done])
        yield Cue(where, group, kind, read)


def _in_prose(
    witness: Witness, cues: Sequence[Cue], sections: Sequence[SectionRow]
) -> Iterator[Diagnostic]:
    """One info for each part of the file in which doses stand outside entries."""
    begins = [section.start for section in sections]
    parts: dict[int, list[Cue]] = {}
    for cue in cues:
        if cue.group == DOSE or _bans_a_point(cue):
            parts.setdefault(bisect_right(begins, cue.where.source[0]), []).append(cue)
    for part, held in parts.items():
        title = (sections[part - 1].title if part else "") or "this part"
        doses = [cue for cue in held if cue.group == DOSE]
        outside = [cue for cue in doses if cue.kind == "prose" and not cue.read]
        if outside:
            message = (
                f"{title}: {len(doses)} doses, {sum(c.read for c in doses)} became "
                f"values; {len(outside)} stand in prose, the first is {outside[0].where.words}"
            )
            yield at("dose-in-prose", outside[0].where, message, witness.spec.siglum, "info")
        banned = [cue for cue in held if cue.group != DOSE]
        if len(banned) >= LIST:
            first = banned[0].where
            first = replace(first, start=first.start - _named_before(first))
            message = (
                f"{title}: {len(banned)} prohibitions of points stand in prose, "
                f"the first is {first.words}"
            )
            yield at("dose-in-prose", first, message, witness.spec.siglum, "info")


LIST = 3
"""So many prohibitions of points are a list of them (針灸禁忌), fewer are words of an argument."""


def _bans_a_point(cue: Cue) -> bool:
    """Whether a sentence of prose forbids an act at a point: 神庭禁不可刺."""
    where, unread = cue.where, cue.kind == "prose" and not cue.read
    if cue.group != "ban" or not unread or _named_before(where) == 0:
        return False
    return not pattern("forbids-excess").match(where.layer.chars, where.end)


def _named_before(where: Slice) -> int:
    """How long the name of a point is that a sentence opens with, before some of its words."""
    chars, senses = where.layer.chars, lexicon().senses
    for length in (4, 3, 2):
        begin = where.start - length
        opens = begin == 0 or (begin > 0 and not regex.match(r"\p{Han}", chars, pos=begin - 1))
        if opens and chars[begin : where.start] in senses:
            return length
    return 0


# --- a file that is half read --------------------------------------------------------------------

GROUPS = {"dose": "doses", "act": "broken doses", "ban": "prohibitions", "relation": "channels"}
LEAST = 0.75
"""How much of its doses at least became values: of seven texts that are read well 0.83 and more,
of one whose other layout is not known 0.43.
"""
ENOUGH = 10
"""Doses that tell how much of a file was read."""


def _half_read(witness: Witness, cues: Sequence[Cue]) -> Iterator[Diagnostic]:
    """One warning for a file of whose doses many became no value, with all its groups of cues."""
    found = Counter(cue.group for cue in cues)
    read = Counter(cue.group for cue in cues if cue.read)
    if found[DOSE] >= ENOUGH and read[DOSE] < LEAST * found[DOSE]:
        told = (
            f"{name} {read[group]} of {found[group]}"
            for group, name in GROUPS.items()
            if found[group]
        )
        message = f"much of this file is not read: became values {', '.join(told)}"
        siglum = witness.spec.siglum
        yield Diagnostic("half-read", "warning", message, siglum, 0, len(witness.text))


# --- a file in which nothing is recognised -------------------------------------------------------


def _nothing(witness: Witness) -> Diagnostic:
    spec = witness.spec
    message = f"no point is recognised; read as {spec.format}, {spec.grammar}"
    return Diagnostic("nothing-recognised", "error", message, spec.siglum, 0, len(witness.text))


def _all_prose(witness: Witness) -> tuple[Coverage, ...]:
    n = len(witness.text)
    return (Coverage(witness.spec.siglum, 0, n, "prose"),) if n else ()


# --- the entry of a diagnostic -------------------------------------------------------------------


def located(diagnostics: Iterable[Diagnostic], entries: Sequence[Entry]) -> Iterator[Diagnostic]:
    """Diagnostics with the entry they stand in: of several, the one that begins last."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda e: (e.start, -e.end)):
        found.setdefault(entry.witness, []).append(entry)
    owners = {siglum: _Owners(own) for siglum, own in found.items()}
    for d in diagnostics:
        own = owners.get(d.witness)
        home = own.at(d.start) if own and d.entry_id is None else None
        inside = home is not None and d.start < d.end <= home.end
        yield replace(d, entry_id=home.entry_id, section=home.section) if home and inside else d


class _Owners:
    """The entries of a witness by the places in them."""

    def __init__(self, entries: Sequence[Entry]):
        self.entries = entries
        self.starts = [entry.start for entry in entries]
        self.reach = list(accumulate((entry.end for entry in entries), max))

    def at(self, place: int) -> Entry | None:
        """The last entry that begins at a place or before it and ends behind it."""
        i = bisect_right(self.starts, place) - 1
        while i >= 0 and self.reach[i] > place:
            if self.entries[i].end > place:
                return self.entries[i]
            i -= 1
        return None
