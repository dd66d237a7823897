"""What is counted over all witnesses, as pictures, each with the rows that it was made of."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from markupsafe import Markup

from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Entry
from pipeline.site import draw
from pipeline.site.gather import Corpus, of_witness
from pipeline.site.reading import shares
from pipeline.site.synopsis import channels, columns, out_of_range, regions, spoken


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture, what it counts (a text of the interface), and the rows behind it."""

    name: str
    title: str
    caption: str
    picture: Markup
    rows: tuple[tuple[object, ...], ...]


def plots(corpus: Corpus) -> Iterator[Plot]:
    """All pictures, those that nothing is counted in left out."""
    for act, group in product(("depth", "moxa"), ("channel", "region")):
        yield doses(corpus, act, group)
    yield agreement(corpus)
    yield authorities(corpus)
    yield coverage(corpus)
    yield counts(corpus)


def own(corpus: Corpus) -> list[Entry]:
    """Entries of known points that state a dose, repetitions left out."""
    return [e for found in corpus.points.values() for e in found if e.code and spoken(e)]


def doses(corpus: Corpus, act: str, group: str) -> Plot:
    """How often each depth, or number of cones, stands at the points of a channel or a region."""
    of = lexicon().channel if group == "channel" else lexicon().region
    order = channels() if group == "channel" else regions()
    column = "depth_max_fen" if act == "depth" else "moxa_max"
    rows = [
        (
            of[e.code],
            value,
            e.code,
            e.witness,
            e.entry_id,
            any(column in said for said in out_of_range(corpus, e)),
        )
        for e in own(corpus)
        if e.code and (value := getattr(e, column)) is not None
    ]
    counted = Counter((row[0], float(row[1])) for row in rows if not row[-1])
    found = [name for name in order if any(name == row for row, _ in counted)]
    title = {
        ("depth", "channel"): "Depth of needling (分) by channel",
        ("depth", "region"): "Depth of needling (分) by region",
        ("moxa", "channel"): "Cones of moxa (壯) by channel",
        ("moxa", "region"): "Cones of moxa (壯) by region",
    }[act, group]
    return Plot(
        f"{act}-{group}",
        title,
        "In each circle: how many entries of all witnesses state this value as their most; numbers "
        "that no book gives, which stand among the issues, are left out.",
        draw.bubbles(title, found, sorted({value for _, value in counted}), counted),
        ((group, column, "code", "witness", "entry_id", "out_of_range"), *rows),
    )


def agreement(corpus: Corpus) -> Plot:
    """In how many of the points that two witnesses both state they state the same."""
    witnesses = columns(corpus)
    stated: dict[str, dict[str, tuple[object, ...]]] = {w: {} for w in witnesses}
    for e in own(corpus):
        values = (e.depth_max_fen, e.moxa_max, e.needling_forbidden, e.moxa_forbidden)
        stated[e.witness].setdefault(str(e.code), values)
    cells, rows = {}, []
    for a, b in product(witnesses, witnesses):
        common = stated[a].keys() & stated[b].keys()
        same = sum(_agree(stated[a][code], stated[b][code]) for code in common)
        if common and a != b:
            cells[a, b] = (same / len(common), f"{same}/{len(common)}")
            rows.append((a, b, same, len(common)))
    with_cells = [w for w in witnesses if any(w in pair for pair in cells)]
    return Plot(
        "agreement",
        "Agreement of the witnesses",
        "Points of which two witnesses both state a dose, and of how many they say the same "
        "(depth, cones, prohibitions, as far as both speak).",
        draw.matrix("Agreement of the witnesses", with_cells, with_cells, cells, left=120),
        (("witness", "other", "same", "common"), *rows),
    )


def _agree(one: Sequence[object], other: Sequence[object]) -> bool:
    return all(a == b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


MOST = 24
"""Authorities in a picture: those that are cited most."""


def authorities(corpus: Corpus) -> Plot:
    """Which authorities each witness cites, by the statements it gives on their word."""
    counted: Counter[tuple[str, str]] = Counter()
    for table in ("readings", "doses"):
        for siglum in corpus.witnesses:
            for row in of_witness(corpus, table, siglum):
                if row.source:
                    counted[row.source.strip("《》"), siglum] += 1
    totals: Counter[str] = Counter()
    for (source, _), count in counted.items():
        totals[source] += count
    order = [source for source, _ in totals.most_common(MOST)]
    witnesses = [w for w in corpus.witnesses if any((s, w) in counted for s in order)]
    most = max(counted.values(), default=1)
    cells = {key: (count / (most + 1), str(count)) for key, count in counted.items()}
    return Plot(
        "authorities",
        "Who cites whom",
        "Statements in notes and in the running text that a witness gives on the word of an "
        "authority, as it names it; the authorities cited most.",
        draw.matrix("Who cites whom", order, witnesses, cells),
        (("source", "witness", "statements"), *((*key, n) for key, n in sorted(counted.items()))),
    )


def coverage(corpus: Corpus) -> Plot:
    """What the characters of each file were read as."""
    kinds = ("entry", "statement", "lemma", "gloss", "note", "heading", "verse", "prose")
    order = (*kinds, "markup", "noise", "unparsed")
    found = {siglum: shares(corpus, siglum) for siglum in corpus.witnesses}
    given = [
        (siglum, [(kind, held[kind]) for kind in order if kind in held])
        for siglum, held in found.items()
    ]
    return Plot(
        "coverage",
        "What was read of each file",
        "Shares of the characters. Prose was accounted for and not looked into.",
        draw.bars("What was read of each file", given),
        (
            ("witness", "kind", "chars"),
            *((siglum, kind, n) for siglum, held in given for kind, n in held),
        ),
    )


def counts(corpus: Corpus) -> Plot:
    """The points a section says it has, and those its entries add up to."""
    rows = [
        (f"{s.witness} {s.title[:18]}", s.declared_points, s.counted_points)
        for siglum in corpus.witnesses
        for s in of_witness(corpus, "sections", siglum)
        if s.declared_points is not None and s.counted_points and s.duplicate_of is None
    ]
    return Plot(
        "counts",
        "Points declared and found",
        "For each section: a ring at the number the source declares, a dot at the number its "
        "entries add up to; both numbers where they differ.",
        draw.pairs("Points declared and found", rows),
        (("section", "declared_points", "counted_points"), *rows),
    )


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows for a spreadsheet or a program."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()
