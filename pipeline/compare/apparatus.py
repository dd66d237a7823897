"""The apparatus of several editions, place by place, and how far they agree.

The apparatus is positive: every edition stands at every place, also where it reads with the base,
and where it has not the passage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.compare.difference import RANK, Collation, Difference
from pipeline.compare.passages import Passage
from pipeline.compare.segments import Segment, segments
from pipeline.compare.sides import stretch
from pipeline.model import column


@dataclass(frozen=True, slots=True)
class Variant:
    """Row of apparatus: what one edition has in one place."""

    locus_id: str = column("the place: passage and segment")
    witness: str = column("the edition")
    base: str = column("the edition that the others are compared with")
    section: str | None = column("section of the base: its number, or its title")
    code: str | None = column("code of the point; none in prose")
    field: str | None = column("column of entries or field of a reading, as in collation")
    source: str | None = column("whose reading it is, inside a note")
    kind: str = column(
        "base; same where it reads with the base; absent where it has not the passage; else the "
        "kind of the difference, as in collation"
    )
    reading: str = column("what it has, without signs of the layout; empty where it has nothing")
    text: str | None = column("the words in its source, verbatim")
    start: int | None = column("where text begins", "code points")
    end: int | None = column("where text ends, exclusive", "code points")
    differences: tuple[str, ...] = column("numbers of the differences in collation")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Row of agreement: how often two editions read alike where not all do."""

    witness_a: str = column("first edition")
    witness_b: str = column("second edition")
    places: int = column("places in which not all agree, and both have the passage", "places")
    agreed: int = column("of these, places in which the two read alike", "places")
    share: float = column("agreed of places", "")


def apparatus(collation: Collation) -> Iterator[Variant]:
    """Every place in which the words of the editions differ, each edition in it; behind those of a
    passage the values that differ although their words do not.
    """
    rows = {d.difference: d for d in reversed(collation.differences)}
    for number, passage in enumerate(collation.passages, 1):
        for k, segment in enumerate(segments(collation, passage)):
            if segment.state == "other":
                yield from _locus(collation, passage, segment, f"{number}.{k}", rows)
        for k in collation.whole.get(number - 1, ()):
            if k in rows and rows[k].field != "entry":
                yield from _elsewhere(collation, rows[k], f"{number}.d{k}")


def _elsewhere(collation: Collation, row: Difference, locus: str) -> Iterator[Variant]:
    """A value that differs although its own words do not: what stands before them names another
    authority (《甲乙》針四分，留三呼). It stands with the base and the edition that differs.
    """
    n = collation.editions_of[row.difference or 0]
    base, other = collation.editions[0].label, collation.editions[n].label
    sides = (
        (base, "base", row.text_a, row.start_a, row.end_a),
        (other, row.kind, row.text_b, row.start_b, row.end_b),
    )
    for label, kind, text, start, end in sides:
        yield Variant(
            locus_id=locus,
            witness=label,
            base=base,
            section=row.section,
            code=row.code,
            field=row.field,
            source=row.source,
            kind=kind,
            reading="".join((text or "").split()),
            text=text,
            start=start,
            end=end,
            differences=(str(row.difference),) if label == other else (),
        )


def _locus(
    collation: Collation,
    passage: Passage,
    segment: Segment,
    locus: str,
    rows: dict[int | None, Difference],
) -> Iterator[Variant]:
    first = [rows[n] for n in segment.differences if n in rows]
    entries = [collation.editions[n].entries[i] for n, i in passage.entries.items()]
    section = str(entries[0].section) if entries and entries[0].section is not None else None
    for n, edition in enumerate(collation.editions):
        own = [m for m in segment.differences if collation.editions_of[m] == n]
        text, start, end = _words(collation, segment, n)
        yield Variant(
            locus_id=locus,
            witness=edition.label,
            base=collation.editions[0].label,
            section=first[0].section if first else section,
            code=next((e.code for e in entries if e.code), None),
            field=first[0].field if first else None,
            source=first[0].source if first else None,
            kind=_kind(collation, passage, own, n),
            reading=segment.readings[n],
            text=text,
            start=start,
            end=end,
            differences=tuple(map(str, own)),
        )


def _words(
    collation: Collation, segment: Segment, n: int
) -> tuple[str | None, int | None, int | None]:
    return stretch(collation.editions[n], collation.books[n], segment.glyphs[n])


def _kind(collation: Collation, passage: Passage, own: Sequence[int], n: int) -> str:
    if n not in passage.members:
        return "absent"
    if n == 0:
        return "base"
    return min((collation.kinds[m] for m in own), key=RANK.__getitem__, default="same")


# --- agreement -----------------------------------------------------------------------------------


def agreement(collation: Collation) -> list[Agreement]:
    """How often each two of the editions read alike in the places where not all do."""
    places: Counter[tuple[int, int]] = Counter()
    agreed: Counter[tuple[int, int]] = Counter()
    for passage in collation.passages:
        members = sorted(passage.members)
        if len(members) < 2:
            continue
        for segment in segments(collation, passage):
            if segment.state == "other":
                for pair in combinations(members, 2):
                    places[pair] += 1
                    agreed[pair] += segment.forms[pair[0]] == segment.forms[pair[1]]
    return [
        Agreement(
            collation.editions[a].label,
            collation.editions[b].label,
            places[a, b],
            agreed[a, b],
            round(agreed[a, b] / places[a, b], 3) if places[a, b] else 1.0,
        )
        for a, b in combinations(range(len(collation.editions)), 2)
    ]


KIN = 0.9
"""Two editions that read alike in nine of ten places where not all do are of one descent. Two
transcriptions of one text (jiayi-j3 and jiayi, beside suwen-wang) do in 0.998; where each place has
one of three depart from the others by chance, it is a third."""


def warnings(found: Sequence[Agreement]) -> list[str]:
    """Where editions hang together, so that their number says nothing."""
    return [
        f"{a.witness_a} and {a.witness_b} read alike in {a.agreed} of {a.places} places in which "
        "not all agree: they count as one witness, and majorities with both mean nothing"
        for a in found
        if len(found) > 1 and a.places and a.share >= KIN
    ]
